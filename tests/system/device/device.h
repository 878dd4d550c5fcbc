/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs that try the device have in common. */

#ifndef DEVICE_H
#define DEVICE_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <public/swtlb.h>

#define PAGE 4096UL

#define HYPERVISOR_memory_op    12
#define HYPERVISOR_multicall    13
#define HYPERVISOR_xen_version  17
#define HYPERVISOR_vcpu_op      24
#define HYPERVISOR_sched_op     29
#define HYPERVISOR_event_channel_op 32
#define XENVER_extraversion     1
#define XENMEM_add_to_physmap   7
#define SCHEDOP_poll            3
#define EVTCHNOP_status         5
#define EXTRAVERSION_LEN        16
#define VCPUOP_is_up            3

#define STATUS "/sys/kernel/debug/xen-swtlb/status"

/* The kernel's interface, include/uapi/xen/privcmd.h of Linux. */
struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, \
                                     sizeof(struct privcmd_hypercall))

/* Ends the process, and so the test, with a message. */
#define die(...)                                            \
    do {                                                    \
        fprintf(stderr, "%s:%d: ", __func__, __LINE__);     \
        fprintf(stderr, __VA_ARGS__);                       \
        fputc('\n', stderr);                                \
        exit(1);                                            \
    } while ( 0 )

#define CHECK(cond)                                                     \
    do {                                                                \
        if ( !(cond) )                                                  \
            die("not so: %s (errno %d: %s)", #cond, errno,              \
                strerror(errno));                                       \
    } while ( 0 )

extern int device, privcmd;

static inline void open_all(void)
{
    device = open("/dev/xen/swtlb", O_RDWR | O_CLOEXEC);
    CHECK(device >= 0);
    privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    CHECK(privcmd >= 0);
}

static inline long hypercall(uint64_t op, uint64_t a1, uint64_t a2,
                             uint64_t a3, uint64_t a4, uint64_t a5)
{
    struct privcmd_hypercall call = { op, { a1, a2, a3, a4, a5 } };
    int rc = ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &call);

    return rc < 0 ? -errno : rc;
}

/* Has Xen write to addr. */
static inline long xen_writes(volatile void *addr)
{
    return hypercall(HYPERVISOR_xen_version, XENVER_extraversion,
                     (uintptr_t)addr, 0, 0, 0);
}

static inline void *map_at(void *addr, size_t pages, int flags)
{
    return mmap(addr, pages * PAGE, PROT_READ | PROT_WRITE,
                MAP_SHARED | flags, device, 0);
}

static inline void *map(size_t pages)
{
    void *p = map_at(NULL, pages, 0);

    CHECK(p != MAP_FAILED);

    return p;
}

/* Memory of one's own at an address that is another's elsewhere. */
static inline void *map_plain_at(void *addr, size_t pages)
{
    void *p = mmap(addr, pages * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE |
                   (addr ? MAP_FIXED : 0), -1, 0);

    CHECK(p != MAP_FAILED);

    return p;
}

static inline bool all(const volatile uint8_t *p, size_t size, uint8_t value)
{
    size_t i;

    for ( i = 0; i < size; i++ )
        if ( p[i] != value )
            return false;

    return true;
}

/* The number after word in the device's line of the module's status file. */
static inline unsigned long status(const char *word)
{
    char line[512], *p;
    unsigned long value = 0;
    bool found = false;
    FILE *f = fopen(STATUS, "r");

    CHECK(f);
    while ( fgets(line, sizeof(line), f) )
        if ( !strncmp(line, "device ", 7) && (p = strstr(line, word)) )
        {
            value = strtoul(p + strlen(word), NULL, 10);
            found = true;
        }
    fclose(f);
    CHECK(found);

    return value;
}

static inline bool cpu_has(const char *feature)
{
    char line[4096], *p = NULL, *word;
    FILE *f = fopen("/proc/cpuinfo", "r");

    CHECK(f);
    while ( fgets(line, sizeof(line), f) && strncmp(line, "flags", 5) )
        ;
    fclose(f);
    for ( word = strtok_r(line, " \t\n", &p); word;
          word = strtok_r(NULL, " \t\n", &p) )
        if ( !strcmp(word, feature) )
            return true;

    return false;
}

static inline void on_cpu(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    CHECK(!sched_setaffinity(0, sizeof(set), &set));
}

static inline void sync_write(int fd)
{
    CHECK(write(fd, "", 1) == 1);
}

static inline void sync_read(int fd)
{
    char c;

    CHECK(read(fd, &c, 1) == 1);
}

/* Time to give up waiting: see lib.sh. */
static inline bool late(void)
{
    return !access("/tmp/late", F_OK);
}

/* The child's exit code, or 128 and its signal. */
static inline int reap(pid_t pid)
{
    int result;

    CHECK(waitpid(pid, &result, 0) == pid);

    return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

#endif /* DEVICE_H */
