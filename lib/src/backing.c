/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the memory comes from: the module's device where there is one, and
 * libxencall otherwise.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/xen.h>
/* The project's: the one ABI header. */
#include <swtlb.h>
#include <xen-swtlb-dev.h>

#include "private.h"

/* The module's device: its mmap() is registered memory. */
#define DEVICE "/dev/xen/swtlb"

/*
 * Hypercall buffers are not for children: with a copy of the mapping, a child
 * could write to what Xen gets of its parent.
 */
static void *not_for_children(void *p, size_t nr_pages)
{
    if ( p )
        madvise(p, nr_pages << PAGE_SHIFT, MADV_DONTFORK);
    return p;
}

/* ---- libxencall -------------------------------------------------------- */

/* That there is no memory is told by errno: less may do, see the heap. */
static __thread bool quiet;

static void xencall_message(xentoollog_logger *logger, xentoollog_level level,
                            int err, const char *context, const char *format,
                            va_list args)
{
    xenswtlb_handle *handle = (xenswtlb_handle *)((char *)logger -
                              offsetof(xenswtlb_handle, xencall_logger));

    if ( !quiet )
        xtl_logv(handle->logger, level, err, context, format, args);
}

static void *xencall_map(xenswtlb_handle *handle, size_t nr_pages, bool *plain)
{
    void *p;

    /* It is what the handle's kind says, or its caller says otherwise. */
    *plain = false;
    /* libxencall of Xen 4.17 and later takes a size_t, and uses an int. */
    if ( nr_pages > INT32_MAX >> PAGE_SHIFT )
    {
        errno = ENOMEM;
        return NULL;
    }
    quiet = true;
    p = xencall_alloc_buffer_pages(handle->xcall, nr_pages);
    quiet = false;
    if ( !p )
    {
        /* EAGAIN is what mmap() says where no more can be locked. */
        errno = ENOMEM;
        return NULL;
    }
    return not_for_children(p, nr_pages);
}

static void xencall_unmap(xenswtlb_handle *handle, void *p, size_t nr_pages,
                          bool plain)
{
    (void)plain;
    /* In a child there is nothing; another mapping may be there by now. */
    if ( is_ours(handle) )
        xencall_free_buffer_pages(handle->xcall, p, nr_pages);
}

static int xencall_call(xenswtlb_handle *handle, unsigned int op,
                        uint64_t arg1, uint64_t arg2, uint64_t arg3,
                        uint64_t arg4, uint64_t arg5)
{
    return xencall5(handle->xcall, op, arg1, arg2, arg3, arg4, arg5);
}

static void xencall_end(xenswtlb_handle *handle)
{
    if ( handle->fd >= 0 )
        close(handle->fd);
    xencall_close(handle->xcall);
}

static const struct backing_ops hypercall_ops = {
    .kind = XENSWTLB_BACKING_HYPERCALL,
    .map = xencall_map,
    .unmap = xencall_unmap,
    .call = xencall_call,
    .close = xencall_end,
};

static const struct backing_ops locked_ops = {
    .kind = XENSWTLB_BACKING_LOCKED,
    .map = xencall_map,
    .unmap = xencall_unmap,
    .call = xencall_call,
    .close = xencall_end,
};

/* ---- the device -------------------------------------------------------- */

/*
 * Ask Xen for an entry, by its index; answer is hypercall-safe memory.  The
 * module gives all vCPUs the same table, and there is always a vCPU 0.
 */
static int query(xenswtlb_handle *handle, void *answer, unsigned int what,
                 unsigned int i)
{
    return xencall5(handle->xcall, __HYPERVISOR_vcpu_op,
                    VCPUOP_swtlb_query, 0, (uintptr_t)answer, what, i);
}

/*
 * Whether entries that follow each other have all of a mapping.  If not, errno
 * says why: Xen could not be asked, or ENODATA.
 */
static bool find_entries(xenswtlb_handle *handle, void *p, size_t nr_pages)
{
    volatile union {
        struct xen_swtlb_state state;
        struct xen_swtlb_entry entry;
    } *answer = p;
    uint64_t at = (uintptr_t)p, end = at + (nr_pages << PAGE_SHIFT);
    unsigned int low = 0, high, i;

    if ( query(handle, p, XEN_SWTLB_QUERY_state, 0) )
        return false;

    /* The first entry that does not end before the mapping. */
    high = answer->state.nr_entries;
    while ( low < high )
    {
        i = low + (high - low) / 2;
        if ( query(handle, p, XEN_SWTLB_QUERY_entry, i) )
            return false;
        if ( answer->entry.gva + answer->entry.size <= at )
            low = i + 1;
        else
            high = i;
    }
    for ( i = low; at < end; i++ )
    {
        if ( query(handle, p, XEN_SWTLB_QUERY_entry, i) )
            return false;
        if ( answer->entry.gva > at )
        {
            errno = ENODATA;
            return false;
        }
        at = answer->entry.gva + answer->entry.size;
    }
    memset(p, 0, sizeof(*answer));
    return true;
}

/*
 * Whether all of a mapping is registered: the device gives memory that is not,
 * too, when it has reached a limit.  It says so itself: asking Xen takes
 * privcmd, from which a kernel may keep even root, and a program itself.
 *
 * The device of an older module cannot be asked, so ask Xen.  Other programs
 * change the table meanwhile, and entries their indexes: what was found is
 * right, what was not is looked for again.
 */
static bool is_registered(xenswtlb_handle *handle, void *p, size_t nr_pages)
{
    unsigned int tries;

    if ( !ioctl(handle->fd, XEN_SWTLB_DEV_REGISTERED, p) )
        return true;
    if ( errno != ENOTTY )
        return false;

    for ( tries = 0; tries < 3; tries++ )
        if ( find_entries(handle, p, nr_pages) )
            return true;
        else if ( errno == EPERM || errno == EACCES )
            break;
    return false;
}

static void *map_registered(xenswtlb_handle *handle, size_t nr_pages)
{
    void *p = mmap(NULL, nr_pages << PAGE_SHIFT, PROT_READ | PROT_WRITE,
                   MAP_SHARED, handle->fd, 0);
    int err;

    if ( p == MAP_FAILED )
        return NULL;
    if ( is_registered(handle, p, nr_pages) )
        return not_for_children(p, nr_pages);
    err = errno;
    munmap(p, nr_pages << PAGE_SHIFT);
    /* It is a plain one: no entry is left for it. */
    errno = err == ENODATA ? ENOSPC : err;
    return NULL;
}

static void *device_map(xenswtlb_handle *handle, size_t nr_pages, bool *plain)
{
    void *p = map_registered(handle, nr_pages);

    if ( p || !*plain )
    {
        *plain = false;
        return p;
    }

    /* A limit: as before there was the device. */
    p = xencall_map(handle, nr_pages, plain);
    *plain = true;
    return p;
}

static void device_unmap(xenswtlb_handle *handle, void *p, size_t nr_pages,
                         bool plain)
{
    if ( plain )
        xencall_unmap(handle, p, nr_pages, plain);
    else if ( is_ours(handle) )
        munmap(p, nr_pages << PAGE_SHIFT);
}

/* The device of an older module can neither be asked nor insert it again. */
static bool device_renew(xenswtlb_handle *handle, void *p)
{
    return !ioctl(handle->fd, XEN_SWTLB_DEV_REGISTERED, p) || errno == ENOTTY;
}

static const struct backing_ops device_ops = {
    .kind = XENSWTLB_BACKING_REGISTERED,
    .map = device_map,
    .unmap = device_unmap,
    .call = xencall_call,
    .close = xencall_end,
    .renew = device_renew,
};

/* ---- which ------------------------------------------------------------- */

/* Whether the device is there, and gives registered memory now. */
static bool device_open(xenswtlb_handle *handle)
{
    void *p;
    int err;

    handle->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
    if ( handle->fd < 0 )
        return false;
    p = map_registered(handle, 1);
    if ( p )
    {
        munmap(p, PAGE_SIZE);
        return true;
    }
    err = errno;
    close(handle->fd);
    handle->fd = -1;
    errno = err;
    return false;
}

int xsw_backing_open(xenswtlb_handle *handle, unsigned int flags)
{
    int err;

    handle->xencall_logger.vmessage = xencall_message;
    handle->xcall = xencall_open(&handle->xencall_logger, 0);
    if ( !handle->xcall )
        /* It has logged why. */
        return -1;

    if ( !(flags & XENSWTLB_OPENFLAG_PLAIN) && device_open(handle) )
        handle->ops = &device_ops;
    else if ( flags & XENSWTLB_OPENFLAG_REGISTERED )
    {
        err = errno;
        xsw_log_error(handle, XTL_ERROR, err, "no registered memory: %s%s",
                      DEVICE, err != EPERM ? "" :
                      " cannot be asked, and this kernel keeps programs from"
                      " hypercalls (privcmd)");
        xencall_close(handle->xcall);
        errno = EOPNOTSUPP;
        return -1;
    }
    else if ( xencall_buffers_never_fault(handle->xcall) )
        handle->ops = &hypercall_ops;
    else
        handle->ops = &locked_ops;
    return 0;
}
