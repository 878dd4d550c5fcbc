/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the device's memory is registered, and why it is not: with a device,
 * and a privcmd behind libxencall, that are pretended.
 */

/* memfd_create() */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake.h"

#include <xencall.h>
#include <xenswtlb.h>
#include <xentoollog.h>

#include <xen/xen.h>
#include <swtlb.h>
#include <xen-swtlb-dev.h>

/* ---- what is pretended ------------------------------------------------- */

static int open_error;          /* of the device */
static int ask_error;           /* what the device answers, or ENOTTY */
static int privcmd_error;       /* of each hypercall */
static unsigned int asked, hypercalls;
static void *mapped;
static const size_t mapped_size = 64 << 20;
static int fd_of_device = -1;
static void *lost;              /* a mapping that has lost its entries */
static bool room;               /* for them */

/* A hypercall, not a query, with a buffer in what is lost or not. */
#define SOME_CALL 99

int open(const char *path, int flags, ...)
{
    /* What the sanitizers want. */
    if ( strcmp(path, "/dev/xen/swtlb") )
        return syscall(SYS_openat, AT_FDCWD, path, flags, 0);
    ck_assert(flags & O_CLOEXEC);
    if ( open_error )
    {
        errno = open_error;
        return -1;
    }
    fd_of_device = memfd_create("device", MFD_CLOEXEC);
    ck_assert_int_eq(ftruncate(fd_of_device, mapped_size), 0);
    return fd_of_device;
}

int ioctl(int fd, unsigned long cmd, ...)
{
    va_list args;
    char *p;

    va_start(args, cmd);
    p = va_arg(args, char *);
    va_end(args);
    ck_assert_int_eq(fd, fd_of_device);
    ck_assert_uint_eq(cmd, XEN_SWTLB_DEV_REGISTERED);
    asked++;
    ck_assert_ptr_nonnull(p);
    mapped = p;
    if ( p == lost && !room )
    {
        errno = ENODATA;
        return -1;
    }
    if ( p == lost )
        lost = NULL;
    if ( !ask_error )
        return 0;
    errno = ask_error;
    return -1;
}

/* Any address will do. */
xencall_handle *xencall_open(xentoollog_logger *logger, unsigned int flags)
{
    (void)logger, (void)flags;
    return (xencall_handle *)&hypercalls;
}

int xencall_close(xencall_handle *x)
{
    ck_assert_ptr_eq(x, &hypercalls);
    return 0;
}

int xencall_buffers_never_fault(xencall_handle *x)
{
    ck_assert_ptr_eq(x, &hypercalls);
    return 1;
}

void *xencall_alloc_buffer_pages(xencall_handle *x, size_t pages)
{
    (void)x;
    return aligned_alloc(4096, pages * 4096);
}

void xencall_free_buffer_pages(xencall_handle *x, void *p, size_t pages)
{
    (void)x, (void)pages;
    free(p);
}

int xencall5(xencall_handle *x, unsigned int op, uint64_t arg1, uint64_t arg2,
             uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
    (void)x;
    hypercalls++;
    if ( op == SOME_CALL )
    {
        errno = EFAULT;
        return lost && arg1 - (uintptr_t)lost < arg2 ? -1 : 3;
    }
    ck_assert_uint_eq(op, __HYPERVISOR_vcpu_op);
    ck_assert_uint_eq(arg1, VCPUOP_swtlb_query);
    ck_assert_uint_eq(arg2, 0);
    if ( privcmd_error )
    {
        errno = privcmd_error;
        return -1;
    }
    if ( arg4 == XEN_SWTLB_QUERY_state )
        ((struct xen_swtlb_state *)(uintptr_t)arg3)->nr_entries = 1;
    else
    {
        ck_assert_uint_eq(arg5, 0);
        *(struct xen_swtlb_entry *)(uintptr_t)arg3 = (struct xen_swtlb_entry){
            .gva = (uintptr_t)mapped, .size = mapped_size,
        };
    }
    return 0;
}

/* ---- what is said ------------------------------------------------------ */

static char said[500];
static int said_errno;

static void message(xentoollog_logger *logger, xentoollog_level level, int err,
                    const char *context, const char *format, va_list args)
{
    (void)logger, (void)context;
    if ( level < XTL_ERROR )
        return;
    said_errno = err;
    vsnprintf(said, sizeof(said), format, args);
}

static xentoollog_logger logger = { .vmessage = message };

static void check_open(enum xenswtlb_backing expected)
{
    xenswtlb_handle *handle = xenswtlb_open(&logger, 0);

    ck_assert_ptr_nonnull(handle);
    ck_assert_int_eq(xenswtlb_backing(handle), expected);
    xenswtlb_close(handle);
}

/* Nothing but registered memory: which there is, or is not, for a reason. */
static void check_refused(int err)
{
    *said = 0;
    ck_assert_ptr_null(xenswtlb_open(&logger, XENSWTLB_OPENFLAG_REGISTERED));
    ck_assert_int_eq(errno, EOPNOTSUPP);
    ck_assert_int_eq(said_errno, err);
    ck_assert_ptr_nonnull(strstr(said, "/dev/xen/swtlb"));
}

/* The device says it: Xen is not asked, so privcmd may be blocked. */
START_TEST(registered)
{
    privcmd_error = EPERM;
    check_open(XENSWTLB_BACKING_REGISTERED);
    ck_assert_uint_gt(asked, 0);
    ck_assert_uint_eq(hypercalls, 0);
}
END_TEST

START_TEST(plain)
{
    ask_error = ENODATA;
    check_open(XENSWTLB_BACKING_HYPERCALL);
    check_refused(ENOSPC);
    ck_assert_uint_eq(hypercalls, 0);
}
END_TEST

START_TEST(no_device)
{
    open_error = ENOENT;
    check_open(XENSWTLB_BACKING_HYPERCALL);
    check_refused(ENOENT);
}
END_TEST

/*
 * The kernel needed the entries: a hypercall fails, has them inserted again,
 * and is made once more.  If there is no room nothing of that memory is given
 * out until there is.
 */
START_TEST(renewed)
{
    xenswtlb_handle *handle = xenswtlb_open(&logger, 0);
    struct xenswtlb_stats stats;
    const size_t size = 65536;
    char *p, *q, *huge;
    void *chunk;

    p = xenswtlb_alloc(handle, size, 0);
    ck_assert_ptr_nonnull(p);
    chunk = mapped;
    huge = xenswtlb_alloc(handle, 8 << 20, 0);
    ck_assert_ptr_nonnull(huge);
    ck_assert_int_eq(xenswtlb_call2(handle, SOME_CALL, (uintptr_t)p, 1 << 20),
                     3);

    lost = chunk;
    room = true;
    hypercalls = 0;
    ck_assert_int_eq(xenswtlb_call2(handle, SOME_CALL, (uintptr_t)p, 1 << 20),
                     3);
    ck_assert_uint_eq(hypercalls, 2);
    lost = huge;
    ck_assert_int_eq(xenswtlb_call2(handle, SOME_CALL, (uintptr_t)huge, 1),
                     3);
    xenswtlb_get_stats(handle, &stats, sizeof(stats));
    ck_assert_uint_eq(stats.retries, 2);
    ck_assert_uint_eq(stats.bytes_plain, 0);

    lost = chunk;
    room = false;
    ck_assert_int_eq(xenswtlb_call2(handle, SOME_CALL, (uintptr_t)p, 1 << 20),
                     -1);
    ck_assert_int_eq(errno, EFAULT);
    xenswtlb_get_stats(handle, &stats, sizeof(stats));
    ck_assert_uint_eq(stats.retries, 2);
    ck_assert_uint_eq(stats.bytes_plain, 256 << 10);
    q = xenswtlb_alloc(handle, 2 * size, 0);
    ck_assert_ptr_nonnull(q);
    ck_assert(q < (char *)chunk || q >= (char *)chunk + (256 << 10));
    xenswtlb_free(handle, q);

    room = true;
    ck_assert_int_eq(xenswtlb_call2(handle, SOME_CALL, (uintptr_t)p, 1 << 20),
                     3);
    xenswtlb_get_stats(handle, &stats, sizeof(stats));
    ck_assert_uint_eq(stats.bytes_plain, 0);

    /* It goes while it is lost. */
    lost = chunk;
    room = false;
    ck_assert_int_eq(xenswtlb_call2(handle, SOME_CALL, (uintptr_t)p, 1 << 20),
                     -1);
    xenswtlb_free(handle, p);
    xenswtlb_free(handle, huge);
    xenswtlb_trim(handle);
    xenswtlb_get_stats(handle, &stats, sizeof(stats));
    ck_assert_uint_eq(stats.bytes_plain, 0);
    xenswtlb_close(handle);
}
END_TEST

/* An older module, whose device cannot be asked: Xen says it. */
START_TEST(older)
{
    ask_error = ENOTTY;
    check_open(XENSWTLB_BACKING_REGISTERED);
    ck_assert_uint_gt(hypercalls, 0);
}
END_TEST

/* Neither can be asked, which is no lack of entries. */
START_TEST(blocked)
{
    ask_error = ENOTTY;
    privcmd_error = EPERM;
    check_open(XENSWTLB_BACKING_HYPERCALL);
    check_refused(EPERM);
    ck_assert_ptr_nonnull(strstr(said, "privcmd"));
    /* Once each: it will not be another the next time. */
    ck_assert_uint_eq(hypercalls, 2);

    privcmd_error = ENODATA;
    check_refused(ENOSPC);
    ck_assert_ptr_null(strstr(said, "privcmd"));
}
END_TEST

Suite *lib_suite(void)
{
    Suite *s = suite_create("lib-backing");
    TCase *tc = tcase_create("backing");

    tcase_add_test(tc, registered);
    tcase_add_test(tc, plain);
    tcase_add_test(tc, no_device);
    tcase_add_test(tc, renewed);
    tcase_add_test(tc, older);
    tcase_add_test(tc, blocked);
    suite_add_tcase(s, tc);
    return s;
}
