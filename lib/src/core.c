/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles: opening, closing, fork, statistics, hypercalls.
 */

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/xen.h>

#include "private.h"

/* ---- the open handles, and fork ---------------------------------------- */

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static xenswtlb_handle *registry;
static uint64_t last_id;
static pthread_once_t registry_once = PTHREAD_ONCE_INIT;

/*
 * How many times this process was forked off one that had the library open.
 * Written only in a child that has one thread as yet.
 */
unsigned int xsw_fork_generation;

static void for_each_lock(int (*fn)(pthread_mutex_t *))
{
    xenswtlb_handle *handle;
    unsigned int i;

    for ( handle = registry; handle; handle = handle->next )
    {
        for ( i = 0; i < NR_CLASSES; i++ )
            fn(&handle->class[i].lock);
        fn(&handle->heap.lock);
    }
}

/*
 * All locks are held while the process forks.  Thus a child has lists that
 * xenswtlb_close() can go through.
 */
static void before_fork(void)
{
    pthread_mutex_lock(&registry_lock);
    for_each_lock(pthread_mutex_lock);
}

static void after_fork_parent(void)
{
    for_each_lock(pthread_mutex_unlock);
    pthread_mutex_unlock(&registry_lock);
}

static void after_fork_child(void)
{
    after_fork_parent();
    xsw_fork_generation++;
    xsw_slots_forget();
}

static void registry_init(void)
{
    pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

static void registry_add(xenswtlb_handle *handle)
{
    pthread_once(&registry_once, registry_init);
    pthread_mutex_lock(&registry_lock);
    handle->id = ++last_id;
    handle->generation = xsw_fork_generation;
    handle->next = registry;
    registry = handle;
    pthread_mutex_unlock(&registry_lock);
}

static void registry_del(xenswtlb_handle *handle)
{
    xenswtlb_handle **link = &registry;

    pthread_mutex_lock(&registry_lock);
    while ( *link != handle )
        link = &(*link)->next;
    *link = handle->next;
    pthread_mutex_unlock(&registry_lock);
}

void xsw_with_handle(uint64_t id, void (*fn)(xenswtlb_handle *, void *),
                 void *data)
{
    xenswtlb_handle *handle;

    pthread_mutex_lock(&registry_lock);
    for ( handle = registry; handle; handle = handle->next )
        if ( handle->id == id )
        {
            fn(handle, data);
            break;
        }
    pthread_mutex_unlock(&registry_lock);
}

int xsw_not_ours(void)
{
    errno = EBADF;
    return -1;
}

/* ---- open and close ---------------------------------------------------- */

void xsw_log_error(xenswtlb_handle *handle, xentoollog_level level, int err,
               const char *format, ...)
{
    int saved_errno = errno;
    va_list args;

    va_start(args, format);
    xtl_logv(handle->logger, level, err, "xenswtlb", format, args);
    va_end(args);
    errno = saved_errno;
}

static int need_logger(xenswtlb_handle *handle, xentoollog_logger *logger)
{
    handle->logger = logger;
    if ( logger )
        return 0;
    handle->logger_to_free = handle->logger = (xentoollog_logger *)
        xtl_createlogger_stdiostream(stderr, XTL_PROGRESS, 0);
    return handle->logger ? 0 : -1;
}

/*
 * xentoolcore_restrict_all(): libxencall sees to its own descriptors, by the
 * same means.  Under libxentoolcore's lock.
 */
static int restrict_device(struct Xentoolcore__Active_Handle *active,
                           uint16_t domid)
{
    xenswtlb_handle *handle = (xenswtlb_handle *)((char *)active -
                              offsetof(xenswtlb_handle, active));

    (void)domid;
    return xentoolcore__restrict_by_dup2_null(handle->fd);
}

static xenswtlb_handle *handle_new(xentoollog_logger *logger)
{
    xenswtlb_handle *handle = calloc(1, sizeof(*handle));

    if ( handle && need_logger(handle, logger) )
    {
        free(handle);
        handle = NULL;
    }
    if ( !handle )
    {
        errno = ENOMEM;
        return NULL;
    }
    handle->fd = -1;
    /* Before there is anything to restrict. */
    handle->active.restrict_callback = restrict_device;
    xentoolcore__register_active_handle(&handle->active);
    xsw_pool_init(handle);
    registry_add(handle);
    return handle;
}

static void handle_free(xenswtlb_handle *handle)
{
    int saved_errno = errno;

    xentoolcore__deregister_active_handle(&handle->active);
    registry_del(handle);
    xsw_pool_destroy(handle);
    if ( handle->ops )
        handle->ops->close(handle);
    xtl_logger_destroy(handle->logger_to_free);
    free(handle);
    errno = saved_errno;
}

xenswtlb_handle *xsw_handle_open(xentoollog_logger *logger,
                             const struct backing_ops *ops, void *private)
{
    xenswtlb_handle *handle = handle_new(logger);

    if ( handle )
    {
        handle->ops = ops;
        handle->private = private;
    }
    return handle;
}

xenswtlb_handle *xenswtlb_open(xentoollog_logger *logger,
                               unsigned int open_flags)
{
    xenswtlb_handle *handle;

    if ( open_flags & ~(XENSWTLB_OPENFLAG_PLAIN |
                        XENSWTLB_OPENFLAG_REGISTERED) ||
         open_flags == (XENSWTLB_OPENFLAG_PLAIN |
                        XENSWTLB_OPENFLAG_REGISTERED) )
    {
        errno = EINVAL;
        return NULL;
    }
    handle = handle_new(logger);
    if ( handle && xsw_backing_open(handle, open_flags) )
    {
        handle_free(handle);
        return NULL;
    }
    return handle;
}

int xenswtlb_close(xenswtlb_handle *handle)
{
    struct xenswtlb_stats stats;

    if ( !handle )
        return 0;
    if ( !xenswtlb_get_stats(handle, &stats, sizeof(stats)) &&
         stats.allocs != stats.frees )
        xsw_log_error(handle, XTL_WARN, -1,
                  "closed with %llu buffers (%llu bytes) still allocated",
                  (unsigned long long)(stats.allocs - stats.frees),
                  (unsigned long long)stats.bytes_in_use);
    handle_free(handle);
    return 0;
}

struct xencall_handle *xenswtlb_xencall(xenswtlb_handle *handle)
{
    return handle->xcall;
}

int xenswtlb_fd(xenswtlb_handle *handle)
{
    return is_ours(handle) ? xencall_fd(handle->xcall) : xsw_not_ours();
}

int xenswtlb_device_fd(xenswtlb_handle *handle)
{
    if ( !is_ours(handle) )
        return xsw_not_ours();
    if ( handle->fd < 0 )
        errno = ENODEV;
    return handle->fd;
}

enum xenswtlb_backing xenswtlb_backing(xenswtlb_handle *handle)
{
    return handle->ops->kind;
}

const char *xenswtlb_backing_name(enum xenswtlb_backing backing)
{
    switch ( backing )
    {
    case XENSWTLB_BACKING_REGISTERED:
        return "registered";
    case XENSWTLB_BACKING_HYPERCALL:
        return "hypercall";
    case XENSWTLB_BACKING_LOCKED:
        return "locked";
    }
    return "unknown";
}

/* ---- statistics -------------------------------------------------------- */

static uint64_t count_sum(xenswtlb_handle *handle, unsigned int which)
{
    uint64_t sum = atomic_load_explicit(&handle->count[which],
                                        memory_order_acquire);
    unsigned int i;

    for ( i = 0; i < NR_SLOTS; i++ )
    {
        struct slot *slot = atomic_load_explicit(&handle->slot[i],
                                                 memory_order_acquire);

        if ( slot )
            sum += atomic_load_explicit(&slot->count[which],
                                        memory_order_acquire);
    }
    return sum;
}

/*
 * Threads go on meanwhile.  What is subtracted is read first, and what it was
 * counted after, later: thus no difference is less than nothing.
 */
static void sum_buffers(xenswtlb_handle *handle, struct xenswtlb_stats *s)
{
    uint64_t uncached = count_sum(handle, CNT_uncached);
    uint64_t frees = count_sum(handle, CNT_huge_freed), allocs;
    unsigned int class;

    s->bytes_in_use = count_sum(handle, CNT_huge_allocated) - frees;
    for ( class = 0; class <= CLASS_HUGE; class++ )
    {
        frees = count_sum(handle, CNT_frees + class);
        allocs = count_sum(handle, CNT_allocs + class);
        s->allocs += allocs;
        s->frees += frees;
        if ( class != CLASS_HUGE )
            s->bytes_in_use += (allocs - frees) << (MIN_SHIFT + class);
    }
    s->cached = s->allocs - uncached;
}

int xenswtlb_get_stats(xenswtlb_handle *handle, struct xenswtlb_stats *stats,
                       size_t size)
{
    struct heap *heap = &handle->heap;
    struct xenswtlb_stats s;

    if ( !is_ours(handle) )
        return xsw_not_ours();

#define SUM(name) s.name = count_sum(handle, CNT_ ## name)
    memset(&s, 0, sizeof(s));
    SUM(failed);
    SUM(bad_frees);
    SUM(bounces);
    SUM(bytes_in);
    SUM(bytes_out);
    SUM(calls);
    SUM(retries);
#undef SUM
    sum_buffers(handle, &s);
    pthread_mutex_lock(&heap->lock);
    s.bytes_mapped = (uint64_t)heap->mapped << PAGE_SHIFT;
    s.bytes_plain = (uint64_t)heap->plain << PAGE_SHIFT;
    s.bytes_peak = (uint64_t)heap->peak << PAGE_SHIFT;
    s.maps = heap->maps;
    s.unmaps = heap->unmaps;
    pthread_mutex_unlock(&heap->lock);

    memset(stats, 0, size);
    memcpy(stats, &s, size < sizeof(s) ? size : sizeof(s));
    return 0;
}

/* ---- hypercalls -------------------------------------------------------- */

/* As libxenctrl does; after that it is not a matter of a moment. */
#define MAX_RETRIES     2

/*
 * A hypercall failed with EFAULT: whether it may succeed now.  A locked page
 * may be away for a moment; a registered one may have lost its entry.
 */
static bool again(xenswtlb_handle *handle, unsigned int *retries)
{
    if ( handle->ops->kind == XENSWTLB_BACKING_LOCKED )
        return (*retries)++ < MAX_RETRIES;
    return handle->ops->renew && !(*retries)++ && xsw_heap_renew(handle);
}

/* Counted before, since errno is the hypercall's in the end. */
static __attribute__((__noinline__)) int
call_slow(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
          uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
    unsigned int retries = 0;
    struct slot *slot;
    int rc;

    if ( !is_ours(handle) )
        return xsw_not_ours();
    slot = slot_get(handle);
    count_add(handle, slot, CNT_calls, 1);
    for ( ;; )
    {
        rc = handle->ops->call(handle, op, arg1, arg2, arg3, arg4, arg5);
        if ( rc >= 0 || errno != EFAULT || !again(handle, &retries) )
            return rc;
        count_add(handle, slot, CNT_retries, 1);
    }
}

static __attribute__((__noinline__)) int
call_again(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
           uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
    unsigned int retries = 0;

    if ( errno != EFAULT || !is_ours(handle) || !again(handle, &retries) )
        return -1;
    count_add(handle, slot_get(handle), CNT_retries, 1);
    return handle->ops->call(handle, op, arg1, arg2, arg3, arg4, arg5);
}

static int call(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
    struct slot *slot = slot_recent(handle);
    int rc;

    if ( unlikely(!slot || handle->ops->kind == XENSWTLB_BACKING_LOCKED) )
        return call_slow(handle, op, arg1, arg2, arg3, arg4, arg5);
    count_own(slot, CNT_calls, 1);
    rc = handle->ops->call(handle, op, arg1, arg2, arg3, arg4, arg5);
    if ( unlikely(rc < 0) && handle->ops->renew )
        return call_again(handle, op, arg1, arg2, arg3, arg4, arg5);
    return rc;
}

int xenswtlb_call0(xenswtlb_handle *handle, unsigned int op)
{
    return call(handle, op, 0, 0, 0, 0, 0);
}

int xenswtlb_call1(xenswtlb_handle *handle, unsigned int op, uint64_t arg1)
{
    return call(handle, op, arg1, 0, 0, 0, 0);
}

int xenswtlb_call2(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                   uint64_t arg2)
{
    return call(handle, op, arg1, arg2, 0, 0, 0);
}

int xenswtlb_call3(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                   uint64_t arg2, uint64_t arg3)
{
    return call(handle, op, arg1, arg2, arg3, 0, 0);
}

int xenswtlb_call4(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                   uint64_t arg2, uint64_t arg3, uint64_t arg4)
{
    return call(handle, op, arg1, arg2, arg3, arg4, 0);
}

int xenswtlb_call5(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                   uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
    return call(handle, op, arg1, arg2, arg3, arg4, arg5);
}

/* One multicall: its own result, or -1 with errno. */
static long call_long(xenswtlb_handle *handle, struct multicall_entry *entry)
{
    long rc = call(handle, __HYPERVISOR_multicall, (uintptr_t)entry, 1, 0, 0,
                   0);

    if ( rc < 0 )
        return -1;
    /* Xen's errors are the last 4095 numbers. */
    if ( entry->result > ~(unsigned long)0xfff )
    {
        errno = (int)-entry->result;
        return -1;
    }
    return (long)entry->result;
}

long xenswtlb_call2L(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                     uint64_t arg2)
{
    struct multicall_entry *entry = xenswtlb_zalloc(handle, sizeof(*entry),
                                                    0);
    unsigned int retries = 0;
    long rc;

    if ( !entry )
        return -1;
    do {
        entry->op = op;
        entry->args[0] = arg1;
        entry->args[1] = arg2;
        rc = call_long(handle, entry);
    } while ( rc < 0 && errno == EFAULT && again(handle, &retries) );
    xenswtlb_free(handle, entry);
    return rc;
}
