/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * To be preloaded: pretends that there is a Xen, so that libxencall, the
 * library and the tool run as they are.  The environment's FAKE_XEN says what
 * there is:
 *
 *   none        no Xen
 *   no-privcmd  Xen, without a driver
 *   locked      privcmd, but no /dev/xen/hypercall
 *   hypercall   both
 *   registered  and /dev/xen/swtlb
 *   busy        and others change the table all the time
 *   full        and that, but it can register nothing any more
 *
 * FAKE_LINK is what /dev/xen/hypercall is a link to; none if it is empty.
 * FAKE_UID is who runs it, FAKE_STATUS what is the module's status file.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/ioctl.h>

#include <xen/xen.h>
#include <xen/features.h>
#include <xen/version.h>
#include <xen/sys/privcmd.h>
#include <swtlb.h>

/* ---- devices and files ------------------------------------------------- */

static int is(const char *what)
{
    const char *fake = getenv("FAKE_XEN");

    return fake && !strcmp(fake, what);
}

/* Where a path leads, or NULL: nowhere. */
static const char *redirect(const char *path)
{
    int none = is("none") || is("no-privcmd");

    if ( !strcmp(path, "/dev/xen/privcmd") ||
         !strcmp(path, "/proc/xen/privcmd") )
        return none ? NULL : "/dev/null";
    if ( !strcmp(path, "/dev/xen/hypercall") )
        return none || is("locked") ? NULL : "/dev/zero";
    if ( !strcmp(path, "/dev/xen/swtlb") )
        return is("registered") || is("busy") || is("full") ? "/dev/zero"
                                                            : NULL;
    if ( !strcmp(path, "/sys/kernel/debug/xen-swtlb/status") )
        return getenv("FAKE_STATUS");
    return path;
}

static int open_it(const char *path, int flags, mode_t mode)
{
    static int (*real)(const char *, int, ...);
    const char *to = redirect(path);

    if ( !real )
        real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    if ( !to )
    {
        errno = ENOENT;
        return -1;
    }
    return real(to, flags, mode);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list args;

    if ( flags & O_CREAT )
    {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return open_it(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    return open_it(path, flags, 0);
}

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return open_it(path, flags, 0);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
    return open_it(path, flags, 0);
}

FILE *fopen(const char *path, const char *mode)
{
    static FILE *(*real)(const char *, const char *);
    const char *to = redirect(path);

    if ( !real )
        real = (FILE *(*)(const char *, const char *))dlsym(RTLD_NEXT,
                                                            "fopen");
    if ( !strcmp(path, "/sys/hypervisor/type") && getenv("FAKE_XEN") &&
         !is("none") )
        return fmemopen((void *)"xen\n", 4, "r");
    if ( !to )
    {
        errno = ENOENT;
        return NULL;
    }
    return real(to, mode);
}

ssize_t readlink(const char *path, char *to, size_t size)
{
    static ssize_t (*real)(const char *, char *, size_t);
    const char *link = getenv("FAKE_LINK");

    if ( !real )
        real = (ssize_t (*)(const char *, char *, size_t))dlsym(RTLD_NEXT,
                                                                "readlink");
    if ( strcmp(path, "/dev/xen/hypercall") || !link )
        return real(path, to, size);
    if ( !*link )
    {
        errno = EINVAL;
        return -1;
    }
    size = size < strlen(link) ? size : strlen(link);
    memcpy(to, link, size);
    return (ssize_t)size;
}

int access(const char *path, int mode)
{
    static int (*real)(const char *, int);

    if ( !real )
        real = (int (*)(const char *, int))dlsym(RTLD_NEXT, "access");
    return !strcmp(path, "/dev/xen/hypercall") && getenv("FAKE_LINK")
           ? 0 : real(path, mode);
}

uid_t geteuid(void)
{
    const char *uid = getenv("FAKE_UID");

    return uid ? (uid_t)atoi(uid) : 0;
}

/* ---- hypercalls -------------------------------------------------------- */

static long version(const uint64_t *arg)
{
    void *p = (void *)(uintptr_t)arg[1];

    switch ( arg[0] )
    {
    case XENVER_version:
        return 4 << 16 | 20;
    case XENVER_extraversion:
        memset(p, 0, sizeof(xen_extraversion_t));
        strcpy(p, ".3-fake");
        return 0;
    case XENVER_capabilities:
        memset(p, 0, sizeof(xen_capabilities_info_t));
        strcpy(p, "hvm-3.0-x86_64");
        return 0;
    case XENVER_get_features:
        ((xen_feature_info_t *)p)->submap =
            1u << XENFEAT_hvm_safe_pvclock;
        return 0;
    }
    return -ENOSYS;
}

/*
 * One entry, of all that a program can have.  Where others change the table it
 * is not where it was, each second time that it is asked how many there are.
 */
static long query(const uint64_t *arg)
{
    void *p = (void *)(uintptr_t)arg[2];
    static unsigned int times;

    switch ( arg[3] )
    {
    case XEN_SWTLB_QUERY_state:
        memset(p, 0, sizeof(struct xen_swtlb_state));
        ((struct xen_swtlb_state *)p)->nr_entries = is("registered") ||
                                                    is("busy");
        times++;
        return 0;
    case XEN_SWTLB_QUERY_entry:
        if ( !(is("registered") || (is("busy") && !(times % 2))) || arg[4] )
            return -ENODATA;
        *(struct xen_swtlb_entry *)p = (struct xen_swtlb_entry){
            .gva = 0x1000, .gpa = 0x1000, .size = 0x7ffffffff000,
        };
        return 0;
    }
    return -EINVAL;
}

/* Of one, whose result is what no int has. */
static long multicall(multicall_entry_t *entry)
{
    entry->result = (1UL << 40) + entry->op;
    return 0;
}

/* Whether it is what redirect() gives for privcmd. */
static int is_privcmd(int fd)
{
    return (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR;
}

int ioctl(int fd, unsigned long request, ...);
int ioctl(int fd, unsigned long request, ...)
{
    privcmd_hypercall_t *call;
    va_list args;
    long rc;

    va_start(args, request);
    call = va_arg(args, privcmd_hypercall_t *);
    va_end(args);
    if ( request != IOCTL_PRIVCMD_HYPERCALL || !is_privcmd(fd) )
    {
        errno = ENOTTY;
        return -1;
    }
    if ( call->op == __HYPERVISOR_xen_version )
        rc = version((const uint64_t *)call->arg);
    else if ( call->op == __HYPERVISOR_multicall )
        rc = multicall((multicall_entry_t *)(uintptr_t)call->arg[0]);
    else if ( call->op == __HYPERVISOR_vcpu_op &&
              call->arg[0] == VCPUOP_swtlb_query )
        rc = query((const uint64_t *)call->arg);
    /* Success is all that it takes to be measured. */
    else if ( call->op == __HYPERVISOR_sysctl )
        rc = 0;
    else
        rc = -ENOSYS;
    if ( rc < 0 )
    {
        errno = (int)-rc;
        return -1;
    }
    return (int)rc;
}
