/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the library's files share.
 *
 * The pool has three levels.  A thread takes a buffer from a cache of its own
 * (pool.c: no lock); that is filled from and emptied to a list of its size
 * class (pool.c: a lock for each class); which gets spans of pages from the
 * heap (heap.c: one lock, and now and then a system call).
 *
 * Lock order: registry_lock (core.c), each class's lock in the order of the
 * classes, the heap's lock.  More than one is held only around fork().
 *
 * All that the library knows about a buffer is kept outside of it: a program
 * that writes beyond its buffer's ends does not break the pool, and a buffer
 * of a page takes one page.
 */

#ifndef XENSWTLB_PRIVATE_H
#define XENSWTLB_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <xencall.h>
#include <xentoollog.h>

#include <xenswtlb.h>

/* xsw_ is before what is known in several files, for static linking. */

/* That of Xen's ABI, and of the processor; there is no other on x86. */
#define PAGE_SHIFT      12
#define PAGE_SIZE       ((size_t)1 << PAGE_SHIFT)

/* Size classes: 64 bytes, each the double of the one before, to 4 MiB. */
#define MIN_SHIFT       6
#define NR_CLASSES      17
#define MAX_CLASS_SIZE  ((size_t)1 << (MIN_SHIFT + NR_CLASSES - 1))
#define CLASS_HUGE      NR_CLASSES
#define CLASS_NONE      0xff

/* Orders of spans: from a page to the largest class. */
#define NR_ORDERS       (NR_CLASSES - (PAGE_SHIFT - MIN_SHIFT))

/* Threads with a cache; further ones go to the lists of the classes. */
#define NR_SLOTS        64
#define CACHE_MAX       32

#define likely(x)       __builtin_expect(!!(x), 1)
#define unlikely(x)     __builtin_expect(!!(x), 0)

struct chunk;

/*
 * A run of pages.  Of a class up to a page, one page with several buffers; of
 * a larger class or huge, one buffer; or free.
 */
struct span {
    char *base;
    size_t nr_pages;
    struct chunk *chunk;
    struct span *next, *prev;     /* in one of the heap's lists */
    unsigned char order;
    unsigned char class;          /* CLASS_NONE: free */
    unsigned char shift;          /* log2 of a buffer's size, a page if huge */
    unsigned int nr_buffers;
    unsigned int nr_idle;         /* only while trimming */
    bool plain;                   /* huge: as in its chunk's */
    char *object;                 /* the first buffer; huge: aligned */
    uintptr_t not_first;          /* bits that no buffer's offset has */
    size_t size;                  /* bytes that a buffer has */
    _Atomic unsigned char *used;  /* for each buffer */
};

/* What was asked of the kernel at once. */
struct chunk {
    char *base;
    size_t nr_pages;
    bool plain;                   /* not registered, though others are */
    bool lost;                    /* it was, see xsw_heap_renew() */
    struct chunk *next;
    struct span **at;             /* by page: the span that begins there */
};

/* An idle buffer, and its byte of its span's. */
struct entry {
    char *p;
    _Atomic unsigned char *used;
};

enum counter {
    CNT_failed,
    CNT_uncached,
    CNT_bad_frees,
    CNT_bounces,
    CNT_bytes_in,
    CNT_bytes_out,
    CNT_calls,
    CNT_retries,
    CNT_huge_allocated,           /* bytes of huge ones, and... */
    CNT_huge_freed,
    /* How many buffers of each class, and huge ones, were allocated... */
    CNT_allocs,
    /* ...and freed.  All else that is told of buffers follows from these. */
    CNT_frees = CNT_allocs + NR_CLASSES + 1,
    NR_COUNTERS = CNT_frees + NR_CLASSES + 1
};

typedef _Atomic uint64_t counters[NR_COUNTERS];

/* One thread's cache.  Another thread takes it over when that one ended. */
struct slot {
    atomic_bool owned;
    counters count;               /* written by the owner alone */
    struct cache {
        unsigned int nr, limit;
        struct entry entries[CACHE_MAX];
    } cache[NR_CLASSES];
};

/* Idle buffers of a class, of all threads. */
struct class {
    pthread_mutex_t lock;
    struct entry *entries;
    size_t nr, room;              /* there is room for all that exist */
};

#define RADIX_BITS      12
#define RADIX_SIZE      (1U << RADIX_BITS)

/* From a page's number to its span, in three steps; read without a lock. */
struct radix {
    _Atomic(void *) slot[RADIX_SIZE];
    unsigned int nr;              /* of the last step: spans */
    struct radix *next;           /* spare */
};

struct heap {
    pthread_mutex_t lock;
    struct span *free[NR_ORDERS];
    struct span *lost[NR_ORDERS]; /* free ones of chunks that are lost */
    struct chunk *chunks;
    size_t grow;                  /* pages of the next chunk */
    struct span *idle;            /* huge, unused, kept; latest first */
    unsigned int nr_idle;
    size_t idle_pages;
    size_t mapped, plain, peak;   /* pages */
    uint64_t maps, unmaps;
    struct radix *spare;          /* empty, see radix_clear() */
    struct radix radix;
};

/*
 * What libxentoolcore has to know of an open handle.  Its header for that is
 * not installed, but the functions are part of its ABI: a callback, then two
 * pointers that are its own.
 */
struct Xentoolcore__Active_Handle {
    int (*restrict_callback)(struct Xentoolcore__Active_Handle *handle,
                             uint16_t domid);
    void *entry[2];
};

void xentoolcore__register_active_handle(
    struct Xentoolcore__Active_Handle *handle);
void xentoolcore__deregister_active_handle(
    struct Xentoolcore__Active_Handle *handle);
int xentoolcore__restrict_by_dup2_null(int fd);

/*
 * Where memory comes from, and where hypercalls go.  Unit tests have one that
 * needs no Xen.
 */
struct backing_ops {
    enum xenswtlb_backing kind;
    /* NULL on failure.  *plain, not what kind says: may be, and is. */
    void *(*map)(xenswtlb_handle *handle, size_t nr_pages, bool *plain);
    void (*unmap)(xenswtlb_handle *handle, void *p, size_t nr_pages,
                  bool plain);
    int (*call)(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5);
    void (*close)(xenswtlb_handle *handle);
    /* Or NULL.  Whether a mapping has its entries, if need be once more. */
    bool (*renew)(xenswtlb_handle *handle, void *p);
};

struct xenswtlb_handle {
    uint64_t id;                  /* never used again, unlike the address */
    unsigned int generation;      /* of processes, see xsw_fork_generation */
    xentoollog_logger *logger, *logger_to_free;
    xentoollog_logger xencall_logger;
    xencall_handle *xcall;
    int fd;                       /* of the module's device, or -1 */
    void *private;                /* the backing's */
    const struct backing_ops *ops;
    struct xenswtlb_handle *next; /* registry */
    struct Xentoolcore__Active_Handle active;

    _Atomic(struct slot *) slot[NR_SLOTS];
    struct class class[NR_CLASSES];
    counters count;               /* of threads without a slot */
    struct heap heap;
};

/* core.c */
extern unsigned int xsw_fork_generation;
/* For an operation on an inherited handle: sets errno. */
int xsw_not_ours(void);
void xsw_log_error(xenswtlb_handle *handle, xentoollog_level level, int err,
               const char *format, ...)
    __attribute__((__format__(printf, 4, 5)));
xenswtlb_handle *xsw_handle_open(xentoollog_logger *logger,
                             const struct backing_ops *ops, void *private);
/* Call fn for the handle with this id, if it is still open. */
void xsw_with_handle(uint64_t id, void (*fn)(xenswtlb_handle *, void *),
                 void *data);

/* backing.c */
int xsw_backing_open(xenswtlb_handle *handle, unsigned int flags);

/* pool.c */
int xsw_pool_init(xenswtlb_handle *handle);
void xsw_pool_destroy(xenswtlb_handle *handle);
struct slot *xsw_slot_get_slow(xenswtlb_handle *handle);
/* In a child: the calling thread has used none of the handles. */
void xsw_slots_forget(void);

/* heap.c */
void xsw_heap_init(struct heap *heap);
void xsw_heap_destroy(xenswtlb_handle *handle);
struct span *xsw_heap_alloc(xenswtlb_handle *handle, unsigned int class);
void xsw_heap_free(xenswtlb_handle *handle, struct span *span);
struct span *xsw_heap_alloc_huge(xenswtlb_handle *handle, size_t size,
                             size_t align);
void xsw_heap_free_huge(xenswtlb_handle *handle, struct span *span);
void xsw_heap_trim(xenswtlb_handle *handle);
bool xsw_heap_renew(xenswtlb_handle *handle);

static inline bool is_ours(const xenswtlb_handle *handle)
{
    return likely(handle->generation == xsw_fork_generation);
}

/*
 * Which slot a thread has of the handles that it used last.  By the handle's
 * id: the handle may be closed, and another be at its address.
 */
#define NR_RECENT       4

struct recent {
    uint64_t id;                  /* 0: none */
    struct slot *slot;            /* or NULL: there was none left */
    unsigned int retry;
};

/* Initial-exec: a plain load, not a call.  It is small enough for that. */
#define XSW_TLS \
    __attribute__((__tls_model__("initial-exec"), __visibility__("hidden")))
extern XSW_TLS __thread struct recent xsw_recent[NR_RECENT];

/* NULL, too, if there is one, but another handle was used last. */
static inline struct slot *slot_recent(const xenswtlb_handle *handle)
{
    return likely(xsw_recent[0].id == handle->id) ? xsw_recent[0].slot : NULL;
}

/* The calling thread's slot, or NULL.  Not for an inherited handle. */
static inline struct slot *slot_get(xenswtlb_handle *handle)
{
    struct slot *slot = slot_recent(handle);

    return likely(slot) ? slot : xsw_slot_get_slow(handle);
}

static inline unsigned int radix_index(const void *p, unsigned int level)
{
    return ((uintptr_t)p >> (PAGE_SHIFT + level * RADIX_BITS)) &
           (RADIX_SIZE - 1);
}

/*
 * The span whose first buffer begins in p's page, or NULL.  No lock.
 * Acquire: what is found was filled in before; see radix_set().
 */
static inline struct span *heap_find(xenswtlb_handle *handle, const void *p)
{
    struct radix *r = &handle->heap.radix;

    if ( unlikely((uint64_t)(uintptr_t)p >> (PAGE_SHIFT + 3 * RADIX_BITS)) )
        return NULL;
    r = atomic_load_explicit(&r->slot[radix_index(p, 2)],
                             memory_order_acquire);
    if ( unlikely(!r) )
        return NULL;
    r = atomic_load_explicit(&r->slot[radix_index(p, 1)],
                             memory_order_acquire);
    if ( unlikely(!r) )
        return NULL;
    return atomic_load_explicit(&r->slot[radix_index(p, 0)],
                                memory_order_acquire);
}

/*
 * Release: who reads this sees all that was counted before, as what it adds to
 * the allocations that a free belongs to.  See xenswtlb_get_stats().
 */
static inline void count_own(struct slot *slot, unsigned int which,
                             uint64_t value)
{
    _Atomic uint64_t *c = &slot->count[which];

    /* It has one writer. */
    atomic_store_explicit(
        c, atomic_load_explicit(c, memory_order_relaxed) + value,
        memory_order_release);
}

/* Without a slot, there are many. */
static inline void count_add(xenswtlb_handle *handle, struct slot *slot,
                             unsigned int which, uint64_t value)
{
    if ( likely(slot) )
        count_own(slot, which, value);
    else
        atomic_fetch_add_explicit(&handle->count[which], value,
                                  memory_order_release);
}

#endif /* XENSWTLB_PRIVATE_H */
