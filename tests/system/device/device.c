/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tries to have a hypercall of one process reach the buffer of another, and
 * to register something from user space; and what the mappings of the device
 * do otherwise.  Prints what holds, a line each.
 */
#include "device.h"

#include <signal.h>
#include <sys/prctl.h>

int device, privcmd;

static const char self[] = "/proc/self/exe";

/* A child does not inherit it. */
static struct xen_swtlb_stats *stats;

/* Misses of this CPU's vCPU, by way of a buffer that is no miss itself. */
static uint64_t misses(unsigned int cpu)
{
    if ( !stats )
        stats = map(1);
    CHECK(!hypercall(HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, cpu,
                     (uintptr_t)stats, XEN_SWTLB_QUERY_stats, 0));

    return stats->misses;
}

/*
 * Whether Xen finds it without a walk.  The kernel may have had a miss of its
 * own in between, but not time and again.
 */
static bool hits(void *p)
{
    unsigned int i;

    on_cpu(0);
    misses(0);
    for ( i = 0; i < 20; i++ )
    {
        uint64_t before = misses(0);

        CHECK(!xen_writes(p));
        if ( misses(0) == before )
            return true;
    }

    return false;
}

/* Run in a child.  Its failure is ours. */
#define IN_CHILD(...)                                       \
    do {                                                    \
        pid_t pid_ = fork();                                \
                                                            \
        CHECK(pid_ >= 0);                                   \
        if ( !pid_ )                                        \
        {                                                   \
            prctl(PR_SET_PDEATHSIG, SIGKILL);               \
            stats = NULL;                                   \
            __VA_ARGS__;                                    \
            exit(0);                                        \
        }                                                   \
        if ( reap(pid_) )                                   \
            die("the child failed");                        \
    } while ( 0 )

static void basics(void)
{
    uint8_t *p = map(1), *q = map(3);

    CHECK(all(p, PAGE, 0) && all(q, 3 * PAGE, 0));
    CHECK(hits(p) && hits(q) && hits(q + 2 * PAGE) && hits(q + PAGE - 8));
    CHECK(!all(p, EXTRAVERSION_LEN, 0));
    CHECK(status("entries ") >= 3);
    CHECK(!munmap(p, PAGE) && !munmap(q, 3 * PAGE));
    CHECK(xen_writes(p) == -EFAULT && xen_writes(q) == -EFAULT);
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, device, 0) == MAP_FAILED &&
          errno == EINVAL);
    puts("mappings hit, and do not when they are gone");
}

/* ---- another process ---------------------------------------------- */

/* The child has nothing there, then memory of its own; in turns. */
static void cross(unsigned int cpu, unsigned int turns)
{
    uint8_t *p = map(1);
    int to[2], from[2];
    unsigned int i;
    pid_t pid;

    CHECK(!pipe(to) && !pipe(from));
    on_cpu(0);
    memset(p, 0x11, PAGE);
    pid = fork();
    CHECK(pid >= 0);
    if ( !pid )
    {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        on_cpu(cpu);
        for ( i = 0; i < turns; i++ )
        {
            sync_read(to[0]);
            CHECK(xen_writes(p) == -EFAULT);
            sync_write(from[1]);
        }
        map_plain_at(p, 1);
        for ( i = 0; i < turns; i++ )
        {
            sync_read(to[0]);
            memset(p, 0x22, PAGE);
            CHECK(!xen_writes(p));
            CHECK(!all(p, EXTRAVERSION_LEN, 0x22));
            memset(p, 0x22, PAGE);
            sync_write(from[1]);
            sync_read(to[0]);
            CHECK(all(p, PAGE, 0x22));
            sync_write(from[1]);
        }
        exit(0);
    }
    for ( i = 0; i < turns; i++ )
    {
        CHECK(!xen_writes(p));
        memset(p, 0x11, PAGE);
        sync_write(to[1]);
        sync_read(from[0]);
        CHECK(all(p, PAGE, 0x11));
    }
    for ( i = 0; i < turns; i++ )
    {
        sync_write(to[1]);
        sync_read(from[0]);
        CHECK(all(p, PAGE, 0x11));
        CHECK(!xen_writes(p));
        CHECK(!all(p, EXTRAVERSION_LEN, 0x11));
        memset(p, 0x11, PAGE);
        sync_write(to[1]);
        sync_read(from[0]);
    }
    CHECK(!reap(pid));
    CHECK(!munmap(p, PAGE));
    close(to[0]), close(to[1]), close(from[0]), close(from[1]);
}

/* At the same time, more processes than CPUs, so that they are switched. */
static void cross_at_once(unsigned int turns)
{
    uint8_t *p = map(1);
    unsigned int i, k;
    pid_t pid[4];

    memset(p, 0x11, PAGE);
    for ( k = 0; k < 4; k++ )
    {
        pid[k] = fork();
        CHECK(pid[k] >= 0);
        if ( pid[k] )
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        on_cpu(k % 2);
        map_plain_at(p, 1);
        for ( i = 0; i < turns; i++ )
        {
            memset(p, 0x30 + k, PAGE);
            CHECK(!xen_writes(p));
            CHECK(!all(p, EXTRAVERSION_LEN, 0x30 + k));
            CHECK(all(p + EXTRAVERSION_LEN, PAGE - EXTRAVERSION_LEN,
                      0x30 + k));
        }
        exit(0);
    }
    for ( i = 0; i < turns; i++ )
    {
        on_cpu(i & 1);
        memset(p, 0x11, PAGE);
        sched_yield();
        CHECK(all(p, PAGE, 0x11));
        CHECK(!xen_writes(p));
        CHECK(!all(p, EXTRAVERSION_LEN, 0x11));
    }
    for ( k = 0; k < 4; k++ )
        CHECK(!reap(pid[k]));
    CHECK(!munmap(p, PAGE));
}

static void other_processes(void)
{
    cross(0, 100);
    puts("not from another process on the same CPU");
    cross(1, 100);
    puts("not from another process on another CPU");
    cross_at_once(300);
    puts("not from others that run at the same time");
}

/* ---- process life ------------------------------------------------- */

#define BASES "/sys/kernel/debug/swtlb-pgd"
#define SAME_BASE 50

/* Where the page tables of this process are.  The file is a module's. */
static uint64_t base_of_tables(int fd)
{
    char text[32] = "";

    CHECK(pread(fd, text, sizeof(text) - 1, 0) > 0);

    return strtoull(text, NULL, 16);
}

/* There is nothing at p, and then memory of one's own, that Xen writes to. */
static void nothing_but_own(uint8_t *p)
{
    CHECK(xen_writes(p) == -EFAULT);
    map_plain_at(p, 1);
    memset(p, 0x22, PAGE);
    CHECK(!xen_writes(p));
    CHECK(!all(p, EXTRAVERSION_LEN, 0x22));
    CHECK(all(p + EXTRAVERSION_LEN, PAGE - EXTRAVERSION_LEN, 0x22));
}

/* A life with a registered buffer at p, until go says so. */
static void __attribute__((noreturn))
live(uint8_t *p, volatile uint64_t *base, int bases, int ready, int go,
     unsigned int end)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    stats = NULL;
    *base = base_of_tables(bases);
    CHECK(map_at(p, 1, MAP_FIXED) == p);
    memset(p, 0x11, PAGE);
    CHECK(!xen_writes(p));
    CHECK(!all(p, EXTRAVERSION_LEN, 0x11));
    memset(p, 0x11, PAGE);
    sync_write(ready);
    sync_read(go);
    CHECK(all(p, PAGE, 0x11));
    /* Some end in other ways. */
    if ( end == 1 )
    {
        execl(self, self, "nothing-at", NULL);
        die("exec");
    }
    _exit(end == 2 ? munmap(p, PAGE) : 0);
}

/*
 * Many short lives at one address, each of a process with a buffer.  Another
 * one has other memory there while it lives; and right after it, one more does
 * whose page tables are, often enough, where those of the dead one were.
 */
static void reuse(void)
{
    unsigned int lives, same = 0, registered = status("registered ");
    int bases = open(BASES, O_RDONLY | O_CLOEXEC), ready[2], go[2];
    uint8_t *p = map(1);
    /* Of the first, of whom lives at the same time, of whom comes after. */
    volatile uint64_t *base = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;

    CHECK(bases >= 0 && base != MAP_FAILED && !pipe(ready) && !pipe(go));
    CHECK(!munmap(p, PAGE));
    on_cpu(0);
    for ( lives = 0; same < SAME_BASE && lives < 1000; lives++ )
    {
        pid = fork();
        CHECK(pid >= 0);
        if ( !pid )
            live(p, &base[0], bases, ready[1], go[0], lives % 3);
        sync_read(ready[0]);
        IN_CHILD(base[1] = base_of_tables(bases); nothing_but_own(p));
        sync_write(go[1]);
        CHECK(!reap(pid));
        IN_CHILD(base[2] = base_of_tables(bases); nothing_but_own(p));
        CHECK(base[0] && base[1] && base[2] && base[0] != base[1]);
        same += base[0] == base[2];
    }
    /* It was its own address each time, so there was an entry. */
    CHECK(status("registered ") == registered + 1 + lives);
    if ( same < SAME_BASE )
        die("in %u lives %u had the page tables of the one before", lives,
            same);
    close(bases);
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
    CHECK(!munmap((void *)base, PAGE));
    printf("not from whoever got the page tables of a process that is gone: "
           "%u of %u\n", same, lives);
}

static void life(void)
{
    unsigned long entries = status("entries "), pages = status("pages ");
    char address[32];
    uint8_t *p;
    pid_t pid;
    int fd[2];

    /* exec: the entries are gone, and the address is free. */
    IN_CHILD(
        p = map(2);
        snprintf(address, sizeof(address), "%#lx", (unsigned long)p);
        execl(self, self, "nothing-at", address, NULL);
        die("exec"));
    CHECK(status("entries ") == entries && status("pages ") == pages);

    /* fork: the child has nothing there, the parent still has. */
    p = map(2);
    IN_CHILD(CHECK(xen_writes(p) == -EFAULT));
    CHECK(hits(p));
    /* vfork: it is the same address space. */
    if ( !vfork() )
        _exit(xen_writes(p) ? 1 : 0);
    CHECK(wait(NULL) > 0);
    CHECK(hits(p));
    CHECK(!munmap(p, 2 * PAGE));

    /* A crash, and a kill in the middle of hypercalls. */
    pid = fork();
    if ( !pid )
    {
        map(2);
        raise(SIGSEGV);
    }
    CHECK(reap(pid) == 128 + SIGSEGV);
    CHECK(!pipe(fd));
    pid = fork();
    if ( !pid )
    {
        p = map(4);
        sync_write(fd[1]);
        for ( ; ; )
            xen_writes(p + PAGE);
    }
    sync_read(fd[0]);
    usleep(50000);
    kill(pid, SIGKILL);
    CHECK(reap(pid) == 128 + SIGKILL);
    close(fd[0]), close(fd[1]);
    CHECK(status("entries ") == entries && status("pages ") == pages);
    puts("gone after exec, exit, a crash and a kill; not the child's after "
         "fork");
}

/* ---- what can be done to a mapping -------------------------------- */

static void changes(void)
{
    unsigned long entries = status("entries ");
    uint8_t *p, *q;

    /* Moved or grown: refused, and all as it was. */
    p = map(2);
    CHECK(mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
    q = map_plain_at(NULL, 2);
    CHECK(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) ==
          MAP_FAILED);
    memset(p, 0x11, 2 * PAGE);
    CHECK(hits(p) && !all(p, EXTRAVERSION_LEN, 0x11) && hits(p + PAGE));
    CHECK(xen_writes(q) == -EFAULT);
    CHECK(madvise(p, 2 * PAGE, MADV_DOFORK) < 0);
    puts("a mapping is not moved, not grown, not inherited");

    /* Taken out of the page tables: it comes back, Xen had it all along. */
    memset(p, 0x11, 2 * PAGE);
    madvise(p, 2 * PAGE, MADV_DONTNEED);
    CHECK(hits(p));
    CHECK(!all(p, EXTRAVERSION_LEN, 0x11));
    CHECK(all(p + PAGE, PAGE, 0x11));
    CHECK(!munmap(p, 2 * PAGE));

    /* Unmapped in part: the rest works, and is plain. */
    p = map(3);
    memset(p, 0x11, 3 * PAGE);
    CHECK(!munmap(p + PAGE, PAGE));
    CHECK(status("entries ") == entries);
    CHECK(xen_writes(p + PAGE) == -EFAULT);
    CHECK(!hits(p) && !hits(p + 2 * PAGE));
    CHECK(!all(p, EXTRAVERSION_LEN, 0x11));
    CHECK(!munmap(p, 3 * PAGE));
    puts("what is left of one that was unmapped in part is plain");

    /* Replaced in part: Xen does not write to what is not there. */
    p = map(2);
    memset(p, 0x11, 2 * PAGE);
    map_plain_at(p, 1);
    memset(p, 0x22, PAGE);
    CHECK(!xen_writes(p));
    CHECK(!all(p, EXTRAVERSION_LEN, 0x22) && all(p + PAGE, PAGE, 0x11));
    CHECK(!munmap(p, 2 * PAGE));

    /* Read-only: Xen asks the page tables again. */
    p = map(2);
    CHECK(!mprotect(p, 2 * PAGE, PROT_READ));
    CHECK(status("entries ") == entries);
    CHECK(xen_writes(p) == -EFAULT && all(p, PAGE, 0));
    CHECK(!mprotect(p, 2 * PAGE, PROT_READ | PROT_WRITE));
    CHECK(!xen_writes(p));
    CHECK(!munmap(p, 2 * PAGE));
    p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, device, 0);
    CHECK(p != MAP_FAILED && xen_writes(p) == -EFAULT);
    CHECK(!munmap(p, PAGE));
    CHECK(status("entries ") == entries);
    puts("what may not be written is not written");
}

/* Two processes want the same address: the second one's is plain. */
static void collision(void)
{
    unsigned long before = status("collided ");
    uint8_t *p = map(2);

    memset(p, 0x11, 2 * PAGE);
    IN_CHILD(
        CHECK(map_at(p + PAGE, 2, MAP_FIXED) == p + PAGE);
        memset(p + PAGE, 0x22, 2 * PAGE);
        CHECK(!xen_writes(p + PAGE));
        CHECK(!all(p + PAGE, EXTRAVERSION_LEN, 0x22));
        CHECK(!hits(p + PAGE));
        /* Without an address of one's own there is no collision. */
        CHECK(hits(map(2))));
    CHECK(all(p, 2 * PAGE, 0x11));
    CHECK(status("collided ") == before + 1);
    CHECK(hits(p));
    CHECK(!munmap(p, 2 * PAGE));
    puts("one address is registered for one process at a time");
}

/* In pages: of the pages of a guest of 512 GiB, a bit each. */
#define BITMAP 4096

static void limits(void)
{
    unsigned long before = status("limited "), entries = status("entries ");
    unsigned int i, n = 0;
    uint8_t *p[200];

    for ( i = 0; i < 200; i++ )
        p[i] = map(1);
    CHECK(status("limited ") > before);
    n = status("entries ") - entries;
    CHECK(n > 0 && n < 200);
    CHECK(hits(p[0]) && !hits(p[199]));
    CHECK(!all(p[199], EXTRAVERSION_LEN, 0));
    for ( i = 0; i < 200; i++ )
        CHECK(!munmap(p[i], PAGE));
    CHECK(hits(p[0] = map(1)));
    CHECK(!munmap(p[0], PAGE));
    /* A toolstack's bitmap of a guest can be that large, and larger. */
    p[0] = map(BITMAP);
    CHECK(hits(p[0]) && hits(p[0] + (BITMAP - 1) * PAGE));
    CHECK(!munmap(p[0], BITMAP * PAGE));
    CHECK(status("entries ") == entries);
    printf("beyond %u entries a process gets plain mappings\n", n);
}

/* ---- privcmd ------------------------------------------------------ */

struct multicall_entry {
    uint64_t op, result, args[6];
};

static void no_way_round(void)
{
    static struct multicall_entry *list;
    struct xen_swtlb_state before, *state = map(1);
    uint8_t *victim = map_plain_at(NULL, 1);
    unsigned int op, i;

    list = map(1);
    CHECK(!hypercall(HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 0,
                     (uintptr_t)state, XEN_SWTLB_QUERY_state, 0));
    before = *state;
    for ( op = VCPUOP_SWTLB_FIRST; op <= VCPUOP_SWTLB_LAST; op++ )
    {
        const uint64_t gva[] = { (uintptr_t)victim, 0, 0xffff888000000000,
                                 0xffffffff81000000 };

        if ( op == VCPUOP_swtlb_query )
            continue;
        for ( i = 0; i < 16; i++ )
        {
            unsigned int flags = i / 4 << 8;
            uint64_t vcpu = i & 1 ? XEN_SWTLB_ALL_VCPUS : 0;

            CHECK(hypercall(HYPERVISOR_vcpu_op, op | flags, vcpu, gva[i % 4],
                            0x100000, PAGE) == -EPERM);
            /* Xen takes 32 bits of it. */
            CHECK(hypercall(HYPERVISOR_vcpu_op,
                            op | flags | (uint64_t)i << 32, vcpu, gva[i % 4],
                            0x100000, PAGE) == -EPERM);
        }
        /* In a list, before an entry that is as good as any. */
        memset(list, 0, PAGE);
        list[0].op = HYPERVISOR_vcpu_op;
        list[0].args[0] = op;
        list[0].args[2] = (uintptr_t)victim;
        list[0].args[4] = PAGE;
        list[1].op = HYPERVISOR_xen_version;
        list[1].args[0] = XENVER_extraversion;
        list[1].args[1] = (uintptr_t)&list[8];
        list[1].result = 0x55;
        list[2].op = HYPERVISOR_multicall;
        CHECK(!hypercall(HYPERVISOR_multicall, (uintptr_t)list, 3, 0, 0, 0));
        CHECK(list[0].result == (uint64_t)-EPERM);
        CHECK(!list[1].result && list[8].op);
        CHECK(list[2].result == (uint64_t)-EINVAL);
        CHECK(hypercall(HYPERVISOR_multicall, (uintptr_t)list, 100, 0, 0, 0)
              == -EFAULT);
    }
    CHECK(!hypercall(HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 0,
                     (uintptr_t)state, XEN_SWTLB_QUERY_state, 0));
    CHECK(!memcmp(state, &before, sizeof(before)));
    CHECK(!munmap(state, PAGE) && !munmap(list, PAGE));
    puts("privcmd registers nothing, alone or in a list");
}

/*
 * No page table can have these addresses.  Besides failing they must not make
 * the kernel complain, which shows in its log.
 */
static void no_addresses(void)
{
    static const uint64_t gva[] = { UINT64_C(1) << 63, UINT64_C(1) << 47,
                                    0xffff7ffffffffff8 };
    unsigned int i;

    for ( i = 0; i < 3; i++ )
    {
        CHECK(hypercall(HYPERVISOR_xen_version, XENVER_extraversion, gva[i],
                        0, 0, 0) == -EFAULT);
        CHECK(hypercall(HYPERVISOR_event_channel_op, EVTCHNOP_status, gva[i],
                        0, 0, 0) == -EFAULT);
        CHECK(hypercall(HYPERVISOR_memory_op, XENMEM_add_to_physmap, gva[i],
                        0, 0, 0) == -EFAULT);
        CHECK(hypercall(HYPERVISOR_sched_op, SCHEDOP_poll, gva[i], 0, 0, 0)
              == -EFAULT);
        CHECK(hypercall(HYPERVISOR_multicall, gva[i], 1, 0, 0, 0) == -EFAULT);
    }
    puts("addresses that cannot be fail");
}

/* Where the kernel has the page of p: its direct map of all memory. */
static uint64_t alias_of(volatile void *p)
{
    uint64_t entry, gva, gpa, base = 0;
    FILE *f = fopen(STATUS, "r");
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    char line[512];

    CHECK(f && pagemap >= 0);
    while ( fgets(line, sizeof(line), f) )
        if ( sscanf(line, "entry cpu 0 index %*u gva %" SCNx64 " gpa %" SCNx64,
                    &gva, &gpa) == 2 &&
             gva >= 0xffff800000000000 && gva < 0xffffffff80000000 )
            base = gva - gpa;
    fclose(f);
    CHECK(base);
    CHECK(pread(pagemap, &entry, sizeof(entry),
                (uintptr_t)p / PAGE * sizeof(entry)) == sizeof(entry));
    close(pagemap);
    CHECK(entry >> 63);

    return base + (entry & ((1ULL << 55) - 1)) * PAGE;
}

/* What the list's entry says before and after it was looked at. */
static void __attribute__((noreturn)) change(struct multicall_entry *entry)
{
    volatile uint64_t *cmd = &entry->args[0];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    on_cpu(1);
    for ( ; ; )
    {
        *cmd = VCPUOP_is_up;
        *cmd = VCPUOP_swtlb_insert;
    }
}

/*
 * A list at a kernel address, which is a page of one's own under its other
 * name, and which another thread changes all the time.
 */
static void race_of(volatile struct multicall_entry *list, unsigned int nr,
                    bool told_apart)
{
    uint64_t alias = alias_of(list);
    unsigned int i, k, refused = 0, made = 0;
    pid_t pid;

    pid = fork();
    CHECK(pid >= 0);
    if ( !pid )
        change((struct multicall_entry *)&list[nr - 1]);
    for ( i = 0; i < 2000 && (i < 300 || !refused || !made); i++ )
    {
        for ( k = 0; k < nr; k++ )
        {
            list[k].op = HYPERVISOR_vcpu_op;
            list[k].result = 0x55;
            /* (A debug build of Xen overwrites it.) */
            list[k].args[0] = VCPUOP_is_up;
            list[k].args[1] = 0;
            list[k].args[2] = 0x10000;
            list[k].args[3] = 0x100000;
            list[k].args[4] = PAGE;
        }
        if ( told_apart )
        {
            CHECK(hypercall(HYPERVISOR_multicall, alias, nr, 0, 0, 0) ==
                  -EFAULT);
            refused = made = 1;
            continue;
        }
        CHECK(!hypercall(HYPERVISOR_multicall, alias, nr, 0, 0, 0));
        refused += list[nr - 1].result == (uint64_t)-EPERM;
        made += list[nr - 1].result == 1;
        if ( list[nr - 1].result != (uint64_t)-EPERM &&
             list[nr - 1].result != 1 )
            die("call %u of a list of %u: result %" PRId64 ", registered", i,
                nr, (int64_t)list[nr - 1].result);
    }
    CHECK(refused && made);
    kill(pid, SIGKILL);
    CHECK(reap(pid) == 128 + SIGKILL);
}

/*
 * With SMAP the CPU tells that it is privcmd's, and then a kernel address is
 * none of a program's.  Without, it is as good as any.
 */
static void kernel_lists(void)
{
    struct xen_swtlb_state before, *state = map(1);
    volatile struct multicall_entry *list;
    bool smap = cpu_has("smap");

    /* Shared with the thread that changes it, which the device's is not. */
    list = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
    CHECK(list != MAP_FAILED);
    memset((void *)list, 0, PAGE);
    on_cpu(0);
    CHECK(!hypercall(HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 0,
                     (uintptr_t)state, XEN_SWTLB_QUERY_state, 0));
    before = *state;
    race_of(list, 1, smap);
    race_of(list, 2, smap);
    race_of(list, PAGE / sizeof(*list), smap);
    CHECK(!hypercall(HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 0,
                     (uintptr_t)state, XEN_SWTLB_QUERY_state, 0));
    CHECK(!memcmp(state, &before, sizeof(before)));
    CHECK(!munmap(state, PAGE) && !munmap((void *)list, PAGE));
    printf("nor in one at a kernel address that is changed meanwhile (%s)\n",
           smap ? "refused" : "no SMAP");
}

/* ---- what else happens, as the case sees to ------------------------- */

/* Has a mapping of several entries while the case has Xen forget all. */
static void hold(void)
{
    uint8_t *p = map(3), *q = map(1);

    CHECK(hits(p) && hits(p + 2 * PAGE) && hits(q));
    memset(p, 0x11, 3 * PAGE);
    puts("holding");
    while ( getchar() == 'c' )
    {
        /* A worker of the kernel's brings them back. */
        while ( (!hits(p) || !hits(q)) && !late() )
            usleep(20000);
        CHECK(hits(p) && hits(p + 2 * PAGE) && hits(q));
        CHECK(all(p + PAGE, PAGE, 0x11));
        IN_CHILD(CHECK(xen_writes(p) == -EFAULT));
        puts("still hits");
    }
    CHECK(!munmap(p, 3 * PAGE));
}

/* Without a software TLB: as /dev/xen/hypercall. */
static void plain(void)
{
    uint8_t *p = map(3);

    CHECK(!xen_writes(p + 2 * PAGE));
    CHECK(!all(p + 2 * PAGE, EXTRAVERSION_LEN, 0));
    IN_CHILD(CHECK(xen_writes(p) == -EFAULT));
    CHECK(!munmap(p, PAGE));
    CHECK(!xen_writes(p + PAGE) && xen_writes(p) == -EFAULT);
    puts("a plain mapping works");
}

int main(int argc, char **argv)
{
    const char *test = argc > 1 ? argv[1] : "";

    setbuf(stdout, NULL);
    open_all();
    /* What has been executed in a process with a mapping. */
    if ( !strcmp(test, "nothing-at") )
        return argc == 3 &&
               xen_writes((void *)strtoul(argv[2], NULL, 0)) != -EFAULT;
    if ( !strcmp(test, "hold") )
    {
        hold();
        return 0;
    }
    if ( !strcmp(test, "plain") )
    {
        plain();
        return 0;
    }
    if ( !strcmp(test, "privcmd") )
    {
        no_way_round();
        kernel_lists();
        return 0;
    }

    basics();
    other_processes();
    reuse();
    life();
    changes();
    collision();
    limits();
    no_way_round();
    no_addresses();
    kernel_lists();

    return 0;
}
