/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xenswtlb.h
 *
 * Memory that is safe to pass to hypercalls, and calls that use it.
 *
 * A hypercall's buffer has to be memory which the kernel leaves alone.  This
 * library keeps a pool of it, hands out buffers of any size and alignment
 * without a system call (in the common case), and copies the caller's own
 * data to and from such buffers ("bouncing").  Where the xen-swtlb module
 * offers its device, the pool is registered with Xen's software TLB as well:
 * Xen then copies without walking page tables.  Elsewhere it is what
 * libxencall offers.  xenswtlb_backing() tells which.
 *
 * For C89 and later and C++98 and later, of GCC and clang.
 *
 * Errors: functions return -1, or NULL, and set errno.
 *
 * Threads: all functions on one handle may be called by several threads at
 * once, except xenswtlb_close(), which has to be the last.  A buffer may be
 * freed by another thread than the one which allocated it.  None of the
 * functions may be called by a signal handler.
 *
 * Fork: a handle and its buffers belong to the process that opened it.  The
 * buffers do not exist in a child: touching one is a segmentation fault.  On
 * an inherited handle, all calls fail with EBADF, save xenswtlb_close(), which
 * frees what the child has of it.  A child opens a handle of its own.
 *
 * Exec: ends the handle, its buffers and its file descriptors.  vfork() and
 * posix_spawn() followed by exec are safe at any time.
 */

#ifndef XENSWTLB_H
#define XENSWTLB_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XENSWTLB_VERSION_MAJOR 0
#define XENSWTLB_VERSION_MINOR 2

/* Callers who don't care need not include <xentoollog.h> or <xencall.h>. */
struct xentoollog_logger;
struct xencall_handle;

typedef struct xenswtlb_handle xenswtlb_handle;

/* ---- handles ----------------------------------------------------------- */

/* Do not use the software TLB, even where it is offered. */
#define XENSWTLB_OPENFLAG_PLAIN        (1U << 0)
/* Fail with EOPNOTSUPP unless buffers can be registered. */
#define XENSWTLB_OPENFLAG_REGISTERED   (1U << 1)

/*
 * Open a handle.  Errors are logged to logger, or to stderr if it is NULL.
 *
 *   EINVAL      an unknown flag, or both flags
 *   ENOENT      no interface for hypercalls: not on Xen, or no privcmd driver
 *   EACCES      not allowed to make hypercalls: not root
 *   EOPNOTSUPP  XENSWTLB_OPENFLAG_REGISTERED, and there is no device for it
 *   ENOMEM
 */
xenswtlb_handle *xenswtlb_open(struct xentoollog_logger *logger,
                               unsigned int open_flags);

/*
 * Close a handle, and free all its buffers.  NULL is fine.  If buffers are
 * still allocated that is logged.
 */
int xenswtlb_close(xenswtlb_handle *handle);

/* libxencall's handle, for what this library does not offer; never NULL. */
struct xencall_handle *xenswtlb_xencall(xenswtlb_handle *handle);

/*
 * The descriptors behind the handle, for programs that confine themselves and
 * have to know which to keep: that of privcmd, by which hypercalls are made,
 * and that of the module's device.  They stay the library's.  libxencall may
 * have another, which it does not tell, for memory.
 *
 *   EBADF   the handle is another process's
 *   ENODEV  device_fd: memory does not come from the device
 *
 * xentoolcore_restrict_all() makes all of them useless, for all time:
 * hypercalls fail, and the pool does not grow.  Buffers stay what they are.
 */
int xenswtlb_fd(xenswtlb_handle *handle);
int xenswtlb_device_fd(xenswtlb_handle *handle);

enum xenswtlb_backing {
    /* Kernel memory, registered with Xen's software TLB: never walked. */
    XENSWTLB_BACKING_REGISTERED = 1,
    /* Kernel memory (/dev/xen/hypercall): Xen walks to it, and finds it. */
    XENSWTLB_BACKING_HYPERCALL = 2,
    /*
     * Locked memory of the process, on kernels without that device.  Xen may
     * fail to find it for a moment; xenswtlb_call*() then try again.
     */
    XENSWTLB_BACKING_LOCKED = 3
};

/*
 * What the pool is made of.  It does not change, except that memory which the
 * device refuses, because a limit is reached, comes from libxencall instead:
 * xenswtlb_stats says how much (bytes_plain).
 */
enum xenswtlb_backing xenswtlb_backing(xenswtlb_handle *handle);

/* "registered", "hypercall", "locked"; "unknown" for any other value. */
const char *xenswtlb_backing_name(enum xenswtlb_backing backing);

/* ---- buffers ----------------------------------------------------------- */

/*
 * Allocate size bytes (at least one), aligned to align: a power of two, or
 * zero for 64.  The memory is not initialised; of zalloc's these bytes are
 * zero.  A buffer of up to 4 KiB does not cross a page boundary, and a larger
 * one begins on one.
 *
 *   EINVAL  align is not a power of two
 *   ENOMEM
 *   EBADF   the handle is another process's
 */
void *xenswtlb_alloc(xenswtlb_handle *handle, size_t size, size_t align);
void *xenswtlb_zalloc(xenswtlb_handle *handle, size_t size, size_t align);

/*
 * Free a buffer.  NULL is fine.  errno is preserved.  What is no buffer of
 * this handle, or was freed before, is logged, counted and left alone.
 */
void xenswtlb_free(xenswtlb_handle *handle, void *buffer);

/* How many bytes the buffer really has: no less than asked for. */
size_t xenswtlb_size(xenswtlb_handle *handle, const void *buffer);

/*
 * Give memory that is in no buffer back to the kernel, except what other
 * threads that run keep for themselves.  Done by itself before an allocation
 * fails.
 */
int xenswtlb_trim(xenswtlb_handle *handle);

/*
 * Counted since the handle was opened.  The numbers of running threads may be
 * apart by the operation under way.
 */
struct xenswtlb_stats {
    uint64_t allocs;          /* buffers allocated, those for bounces too */
    uint64_t frees;           /* buffers freed */
    uint64_t failed;          /* allocations that failed */
    uint64_t cached;          /* allocations without a lock or system call */
    uint64_t bad_frees;       /* frees of what was no buffer */
    uint64_t bytes_in_use;    /* of buffers, as xenswtlb_size() says */
    uint64_t bytes_mapped;    /* of the pool */
    uint64_t bytes_plain;     /* of these, known not to be registered */
    uint64_t bytes_peak;      /* the most that the pool ever had */
    uint64_t maps;            /* times memory was asked of the kernel */
    uint64_t unmaps;          /* times it was given back */
    uint64_t bounces;         /* xenswtlb_bounce_pre() that succeeded */
    uint64_t bytes_in;        /* copied from the caller to a buffer */
    uint64_t bytes_out;       /* copied from a buffer to the caller */
    uint64_t calls;           /* hypercalls */
    uint64_t retries;         /* hypercalls made again after EFAULT */
};

/*
 * Write the first size bytes of the statistics to stats: give sizeof(*stats).
 * What this version of the library does not know is set to zero.
 */
int xenswtlb_get_stats(xenswtlb_handle *handle, struct xenswtlb_stats *stats,
                       size_t size);

/* ---- hypercalls -------------------------------------------------------- */

/*
 * Make a hypercall, through libxencall, and with its results: -1 with errno,
 * or what Xen returns.  On XENSWTLB_BACKING_LOCKED a hypercall which fails
 * with EFAULT is made up to two times more; on XENSWTLB_BACKING_REGISTERED
 * once more, if all of the pool is registered, or could be again.
 */
int xenswtlb_call0(xenswtlb_handle *handle, unsigned int op);
int xenswtlb_call1(xenswtlb_handle *handle, unsigned int op,
                   uint64_t arg1);
int xenswtlb_call2(xenswtlb_handle *handle, unsigned int op,
                   uint64_t arg1, uint64_t arg2);
int xenswtlb_call3(xenswtlb_handle *handle, unsigned int op,
                   uint64_t arg1, uint64_t arg2, uint64_t arg3);
int xenswtlb_call4(xenswtlb_handle *handle, unsigned int op,
                   uint64_t arg1, uint64_t arg2, uint64_t arg3,
                   uint64_t arg4);
int xenswtlb_call5(xenswtlb_handle *handle, unsigned int op,
                   uint64_t arg1, uint64_t arg2, uint64_t arg3,
                   uint64_t arg4, uint64_t arg5);

/*
 * For hypercalls whose result may not fit an int, as those of memory_op.  It
 * is made as a multicall of one, since an ioctl() has the result of an int.
 * ENOMEM, too: there is no buffer for that.
 */
long xenswtlb_call2L(xenswtlb_handle *handle, unsigned int op,
                     uint64_t arg1, uint64_t arg2);

/* ---- typed buffers ----------------------------------------------------- */

/*
 * A typed buffer is a pointer with a record beside it.  What takes one takes
 * the pointer's name, and finds the record by it.  So a pointer that was not
 * declared here, to memory that Xen cannot be given, does not compile; nor
 * does a guest handle for another type than the buffer's.
 *
 *     DECLARE_XENSWTLB_BUFFER(xen_domctl_t, domctl);
 *
 *     if ( !xenswtlb_buffer_alloc(handle, domctl, sizeof(*domctl)) )
 *         return -1;
 *     domctl->cmd = ...;
 *     rc = xenswtlb_call1(handle, __HYPERVISOR_domctl, XENSWTLB_ARG(domctl));
 *     xenswtlb_buffer_free(handle, domctl);
 *
 * Data that is already somewhere else is bounced:
 *
 *     DECLARE_XENSWTLB_BOUNCE(info, sizeof(*info), XENSWTLB_BOUNCE_OUT);
 *
 *     if ( xenswtlb_bounce_pre(handle, info) )
 *         return -1;
 *     set_xenswtlb_guest_handle(sysctl->u.pcitopoinfo.devs, info);
 *     rc = ...;
 *     xenswtlb_bounce_post(handle, info);
 *
 * The record is public only because the macros need it.
 */
typedef struct xenswtlb_buffer {
    void *hbuf;               /* what Xen gets; NULL if there is none */
    void *ubuf;               /* bounce: the caller's data */
    size_t size;              /* bounce: bytes */
    unsigned int dir;         /* bounce: XENSWTLB_BOUNCE_* */
} xenswtlb_buffer;

/* What is copied: to Xen (before), from Xen (after), or both. */
#define XENSWTLB_BOUNCE_NONE  0U
#define XENSWTLB_BOUNCE_IN    1U
#define XENSWTLB_BOUNCE_OUT   2U
#define XENSWTLB_BOUNCE_BOTH  3U

/* Something at both ends: so that name + 1 is not the next record. */
#define XENSWTLB__CAT(a, b, c) a ## b ## c
#define XENSWTLB__RECORD(name) XENSWTLB__CAT(xenswtlb__record_, name, _)
#define XENSWTLB__STORE(name)  XENSWTLB__CAT(xenswtlb__store_, name, _)
#define XENSWTLB__UNUSED      __attribute__((__unused__))

/* The record of a typed buffer, to be passed to another function. */
#define XENSWTLB_BUFFER(name) (XENSWTLB__RECORD(name))

/* Declare a pointer called name, and its record; no memory yet. */
#define DECLARE_XENSWTLB_BUFFER(type, name)                             \
    type *name = NULL;                                                  \
    xenswtlb_buffer XENSWTLB__STORE(name) =                             \
        { NULL, NULL, 0, XENSWTLB_BOUNCE_NONE };                        \
    XENSWTLB__UNUSED xenswtlb_buffer *const XENSWTLB__RECORD(name) =    \
        &XENSWTLB__STORE(name)

/* The same for a record that came from another function. */
#define DECLARE_XENSWTLB_BUFFER_ARGUMENT(type, name, record)            \
    XENSWTLB__UNUSED type *name = (type *)(record)->hbuf;               \
    XENSWTLB__UNUSED xenswtlb_buffer *const XENSWTLB__RECORD(name) = (record)

/* Declare the record for bouncing what the pointer or array ubuf has. */
#define DECLARE_XENSWTLB_BOUNCE(ubuf, size, dir)                        \
    DECLARE_XENSWTLB_BOUNCE_RECORD_(ubuf, ubuf, size, dir)

/* The same under another name, if ubuf is not just one. */
#define DECLARE_NAMED_XENSWTLB_BOUNCE(name, ubuf, size, dir)            \
    XENSWTLB__UNUSED XENSWTLB__POINTER(ubuf) name = (ubuf);             \
    DECLARE_XENSWTLB_BOUNCE_RECORD_(name, name, size, dir)

#define DECLARE_XENSWTLB_BOUNCE_RECORD_(name, ubuf, size, dir)          \
    xenswtlb_buffer XENSWTLB__STORE(name) =                             \
        xenswtlb__bounce((uintptr_t)XENSWTLB__CHECKED(ubuf), size, dir); \
    XENSWTLB__UNUSED xenswtlb_buffer *const XENSWTLB__RECORD(name) =    \
        &XENSWTLB__STORE(name)

/* Before xenswtlb_bounce_pre(), what could not be known earlier. */
#define XENSWTLB_BOUNCE_SET_SIZE(name, bytes) \
    ((void)(XENSWTLB__RECORD(name)->size = (bytes)))
#define XENSWTLB_BOUNCE_SET_DIR(name, direction) \
    ((void)(XENSWTLB__RECORD(name)->dir = (direction)))

/*
 * Allocate a declared buffer: sets the pointer, and is the pointer; NULL on
 * error.  It is zero at first.  Free it; then it may be allocated again.
 * Before, that is EINVAL, which is logged, and the buffer stays.
 */
#define xenswtlb_buffer_alloc(handle, name, size) \
    xenswtlb_buffer_alloc_aligned(handle, name, size, 0)
#define xenswtlb_buffer_alloc_aligned(handle, name, size, align)        \
    (xenswtlb__buffer_alloc(handle, XENSWTLB__RECORD(name), size, align) \
     ? ((name) = (XENSWTLB__POINTER(name))XENSWTLB__RECORD(name)->hbuf)  \
     : (XENSWTLB__POINTER(name))NULL)
#define xenswtlb_buffer_free(handle, name)                              \
    (xenswtlb__buffer_free(handle, XENSWTLB__RECORD(name)),             \
     (void)((name) = NULL))

/*
 * Get a buffer for a bounce, and copy to it if the direction says so; if it
 * is only out, the buffer is zero.  0, or -1 with errno.  NULL, or no bytes,
 * is bounced as NULL.
 *
 * After the hypercall, whether it succeeded or not: copy from the buffer if
 * the direction says so, and free it.  errno is preserved.
 */
#define xenswtlb_bounce_pre(handle, name) \
    xenswtlb__bounce_pre(handle, XENSWTLB__RECORD(name))
#define xenswtlb_bounce_post(handle, name) \
    xenswtlb__bounce_post(handle, XENSWTLB__RECORD(name))

/* The buffer as an argument of a hypercall. */
#define XENSWTLB_ARG(name) (xenswtlb__arg(XENSWTLB__RECORD(name)))

static __inline__ uint64_t xenswtlb__arg(const xenswtlb_buffer *record)
{
    return (uintptr_t)record->hbuf;
}

/*
 * C89 takes no such values in the braces of an initializer.  A number, since
 * GCC takes the data behind a pointer to const for read.
 */
static __inline__ xenswtlb_buffer xenswtlb__bounce(uintptr_t ubuf, size_t size,
                                                   unsigned int dir)
{
    xenswtlb_buffer record;

    record.hbuf = NULL;
    record.ubuf = (void *)ubuf;
    record.size = size;
    record.dir = dir;
    return record;
}

void *xenswtlb__buffer_alloc(xenswtlb_handle *handle, xenswtlb_buffer *record,
                             size_t size, size_t align);
void xenswtlb__buffer_free(xenswtlb_handle *handle, xenswtlb_buffer *record);
int xenswtlb__bounce_pre(xenswtlb_handle *handle, xenswtlb_buffer *record);
void xenswtlb__bounce_post(xenswtlb_handle *handle, xenswtlb_buffer *record);

#ifdef __cplusplus
} /* extern "C" */

/* Of a pointer or an array, the type of the pointer; not evaluated. */
template<class T> T *xenswtlb__pointer(T *);
#define XENSWTLB__POINTER(name) __typeof__(xenswtlb__pointer(name))

/* A pointer or an array, and not a number. */
static inline const volatile void *xenswtlb__checked(const volatile void *p)
{
    return p;
}
#define XENSWTLB__CHECKED(ubuf) xenswtlb__checked(ubuf)

/* The assignment fails for a handle of another type. */
template<class H, class T>
static inline void xenswtlb__set_handle(H &hnd, const T *, size_t offset,
                                        const xenswtlb_buffer *record)
{
    memset(&hnd, 0, sizeof(hnd));
    hnd.p = static_cast<T *>(static_cast<void *>(
                static_cast<char *>(record->hbuf) + offset));
}

#define set_xenswtlb_guest_handle(hnd, name) \
    xenswtlb__set_handle(hnd, name, 0, XENSWTLB__RECORD(name))
#define set_xenswtlb_guest_handle_offset(hnd, name, index) \
    xenswtlb__set_handle(hnd, name, sizeof(*(name)) * (size_t)(index), \
                         XENSWTLB__RECORD(name))

#else /* C */

/* In ?: arrays become pointers, and pointers to different types void *. */
#define XENSWTLB__POINTER(name) __typeof__(1 ? (name) : (name))
/* Does not compile unless cond holds, and what is the name in the message. */
#define XENSWTLB__REQUIRE(cond, what) \
    ((void)sizeof(struct { int what : (cond) ? 1 : -1; }))
/* A pointer or an array, and not a number: 5 is GCC's pointer_type_class. */
#define XENSWTLB__CHECKED(ubuf)                                         \
    (XENSWTLB__REQUIRE(__builtin_classify_type(ubuf) == 5,              \
                       what_is_bounced_is_no_pointer), (ubuf))
#define XENSWTLB__IS_VOID(a, b)                                         \
    (__builtin_types_compatible_p(__typeof__(1 ? (a) : (b)), void *) || \
     __builtin_types_compatible_p(__typeof__(1 ? (a) : (b)), const void *))
#define XENSWTLB__CHECK_TYPE(hnd, name)                                 \
    XENSWTLB__REQUIRE(!XENSWTLB__IS_VOID((hnd).p, name) ||              \
                      XENSWTLB__IS_VOID(name, name) ||                  \
                      XENSWTLB__IS_VOID((hnd).p, (hnd).p),              \
                      guest_handle_is_for_another_type_than_the_buffer)

/*
 * Set a XEN_GUEST_HANDLE() or XEN_GUEST_HANDLE_64() to the buffer, or to an
 * element of it.  The type has to be the buffer's, or void.  The handle may be
 * evaluated more than once.
 */
#define set_xenswtlb_guest_handle(hnd, name) \
    XENSWTLB__SET_HANDLE(hnd, name, 0)
#define set_xenswtlb_guest_handle_offset(hnd, name, index) \
    XENSWTLB__SET_HANDLE(hnd, name, sizeof(*(name)) * (size_t)(index))

/* A handle may be wider than a pointer: all of it is written. */
#define XENSWTLB__SET_HANDLE(hnd, name, offset)                         \
    do {                                                                \
        XENSWTLB__CHECK_TYPE(hnd, name);                                \
        memset(&(hnd), 0, sizeof(hnd));                                 \
        (hnd).p = (void *)((char *)XENSWTLB__RECORD(name)->hbuf +       \
                           (offset));                                   \
    } while ( 0 )

#endif /* __cplusplus */

#endif /* XENSWTLB_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
