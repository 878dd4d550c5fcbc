/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Buffers: the caches of threads, and the lists of the size classes.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- sizes ------------------------------------------------------------- */

static inline unsigned int class_of(size_t size)
{
    if ( size <= (size_t)1 << MIN_SHIFT )
        return 0;
    return 64 - __builtin_clzll((unsigned long long)size - 1) - MIN_SHIFT;
}

/* How many buffers of a class a thread keeps: at most 512 KiB, or one. */
static unsigned int class_limit(unsigned int class)
{
    size_t nr = ((size_t)512 << 10) >> (MIN_SHIFT + class);

    return nr > CACHE_MAX ? CACHE_MAX : nr ? nr : 1;
}

/* ---- slots ------------------------------------------------------------- */

/* After a slot could not be had: operations before it is tried again. */
#define RETRY_AFTER     256

XSW_TLS __thread struct recent xsw_recent[NR_RECENT];

static pthread_key_t thread_key;
static bool have_thread_key;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;

static void slot_release(xenswtlb_handle *handle, void *slot)
{
    /* Release: the next owner sees all that this one did. */
    (void)handle;
    atomic_store_explicit(&((struct slot *)slot)->owned, false,
                          memory_order_release);
}

static void forget(struct recent *r)
{
    if ( r->id && r->slot )
        xsw_with_handle(r->id, slot_release, r->slot);
    r->id = 0;
    r->slot = NULL;
}

static void thread_ends(void *unused)
{
    unsigned int i;

    (void)unused;
    for ( i = 0; i < NR_RECENT; i++ )
        forget(&xsw_recent[i]);
}

void xsw_slots_forget(void)
{
    memset(xsw_recent, 0, sizeof(xsw_recent));
}

static void make_key(void)
{
    have_thread_key = !pthread_key_create(&thread_key, thread_ends);
}

/*
 * That the thread's end is noticed: else nobody would get its slot again.  A
 * process has only so many keys.
 */
static bool watch_thread(void)
{
    pthread_once(&thread_once, make_key);
    /* Any value. */
    return have_thread_key && !pthread_setspecific(thread_key, xsw_recent);
}

static struct slot *slot_new(void)
{
    struct slot *slot = calloc(1, sizeof(*slot));
    unsigned int i;

    if ( !slot )
        return NULL;
    atomic_init(&slot->owned, true);
    for ( i = 0; i < NR_CLASSES; i++ )
        slot->cache[i].limit = class_limit(i);
    return slot;
}

/* Whether it was nobody's, and is the caller's now. */
static bool slot_own(struct slot *slot)
{
    bool owned = false;

    /* Acquire: see slot_release(). */
    return atomic_compare_exchange_strong_explicit(
               &slot->owned, &owned, true,
               memory_order_acquire, memory_order_relaxed);
}

static struct slot *slot_take(xenswtlb_handle *handle)
{
    unsigned int i;

    for ( i = 0; i < NR_SLOTS; i++ )
    {
        struct slot *slot = atomic_load_explicit(&handle->slot[i],
                                                 memory_order_acquire);
        struct slot *none = NULL;

        if ( !slot )
        {
            slot = slot_new();
            if ( !slot )
                return NULL;
            if ( atomic_compare_exchange_strong(&handle->slot[i], &none,
                                                slot) )
                return slot;
            free(slot);
            slot = none;
        }
        if ( slot_own(slot) )
            return slot;
    }
    return NULL;
}

struct slot *xsw_slot_get_slow(xenswtlb_handle *handle)
{
    struct recent found = { .id = handle->id };
    int saved_errno = errno;
    unsigned int i;

    for ( i = 0; i < NR_RECENT; i++ )
        if ( xsw_recent[i].id == handle->id )
        {
            found = xsw_recent[i];
            break;
        }
    if ( i == NR_RECENT )
        forget(&xsw_recent[--i]);
    if ( !found.slot && !found.retry-- )
    {
        found.slot = watch_thread() ? slot_take(handle) : NULL;
        found.retry = RETRY_AFTER;
    }
    memmove(&xsw_recent[1], &xsw_recent[0], i * sizeof(xsw_recent[0]));
    xsw_recent[0] = found;
    errno = saved_errno;
    return found.slot;
}

/* ---- classes ----------------------------------------------------------- */

int xsw_pool_init(xenswtlb_handle *handle)
{
    unsigned int i;

    for ( i = 0; i < NR_CLASSES; i++ )
        pthread_mutex_init(&handle->class[i].lock, NULL);
    xsw_heap_init(&handle->heap);
    return 0;
}

void xsw_pool_destroy(xenswtlb_handle *handle)
{
    unsigned int i;

    for ( i = 0; i < NR_SLOTS; i++ )
        free(atomic_load(&handle->slot[i]));
    for ( i = 0; i < NR_CLASSES; i++ )
    {
        pthread_mutex_destroy(&handle->class[i].lock);
        free(handle->class[i].entries);
    }
    xsw_heap_destroy(handle);
}

/* Room in the list for more buffers, so that freeing one never fails. */
static int class_reserve(struct class *class, unsigned int nr)
{
    size_t room = class->room + nr;
    struct entry *entries = realloc(class->entries, room * sizeof(*entries));

    if ( !entries )
        return -1;
    class->entries = entries;
    class->room = room;
    return 0;
}

/* Take up to nr buffers of the class from its list. */
static unsigned int class_take(struct class *class, struct entry *to,
                               unsigned int nr)
{
    pthread_mutex_lock(&class->lock);
    if ( nr > class->nr )
        nr = class->nr;
    class->nr -= nr;
    if ( nr )
        memcpy(to, class->entries + class->nr, nr * sizeof(*to));
    pthread_mutex_unlock(&class->lock);
    return nr;
}

static void class_put(struct class *class, const struct entry *from,
                      unsigned int nr)
{
    pthread_mutex_lock(&class->lock);
    memcpy(class->entries + class->nr, from, nr * sizeof(*from));
    class->nr += nr;
    pthread_mutex_unlock(&class->lock);
}

/* Get new buffers of a class from the heap, and put them into its list. */
static int class_grow(xenswtlb_handle *handle, unsigned int nr_class)
{
    struct class *class = &handle->class[nr_class];
    struct span *span = xsw_heap_alloc(handle, nr_class);
    unsigned int i;

    if ( !span )
        return -1;
    pthread_mutex_lock(&class->lock);
    if ( class_reserve(class, span->nr_buffers) )
    {
        pthread_mutex_unlock(&class->lock);
        xsw_heap_free(handle, span);
        errno = ENOMEM;
        return -1;
    }
    for ( i = span->nr_buffers; i--; )
        class->entries[class->nr++] = (struct entry){
            .p = span->base + ((size_t)i << span->shift),
            .used = &span->used[i],
        };
    pthread_mutex_unlock(&class->lock);
    return 0;
}

/*
 * Some buffers of the class for a thread, one at least, but for an error.
 * Others may take what was put into the list: then once more.
 */
static unsigned int refill(xenswtlb_handle *handle, unsigned int nr_class,
                           struct entry *to, unsigned int nr)
{
    unsigned int got;
    bool trimmed = false;

    while ( !(got = class_take(&handle->class[nr_class], to, nr)) )
        if ( class_grow(handle, nr_class) )
        {
            if ( trimmed || errno != ENOMEM )
                return 0;
            xenswtlb_trim(handle);
            trimmed = true;
        }
    return got;
}

/* ---- allocation -------------------------------------------------------- */

/*
 * What is done in a loop, and nothing else: from the cache of the thread, if
 * it used this handle last.  In a child no thread has used one of its
 * parent's, see xsw_slots_forget().  NULL: not so simple.
 */
static inline __attribute__((__always_inline__)) void *
alloc_cached(xenswtlb_handle *handle, size_t size, size_t align)
{
    struct slot *slot = slot_recent(handle);
    struct cache *cache;
    unsigned int class;
    struct entry *e;

    if ( unlikely(!slot || (align & (align - 1)) || align > PAGE_SIZE ||
                  size > MAX_CLASS_SIZE) )
        return NULL;
    /* Buffers of a class are aligned to its size, up to a page. */
    class = class_of(size > align ? size : align);
    cache = &slot->cache[class];
    if ( unlikely(!cache->nr) )
        return NULL;
    e = &cache->entries[--cache->nr];
    atomic_store_explicit(e->used, 1, memory_order_relaxed);
    count_own(slot, CNT_allocs + class, 1);
    return e->p;
}

static struct entry alloc_huge(xenswtlb_handle *handle, struct slot *slot,
                               size_t size, size_t align)
{
    struct span *span = xsw_heap_alloc_huge(handle, size, align);

    if ( !span && errno == ENOMEM )
    {
        xenswtlb_trim(handle);
        span = xsw_heap_alloc_huge(handle, size, align);
    }
    if ( !span )
        return (struct entry){ NULL, NULL };
    count_add(handle, slot, CNT_huge_allocated, span->size);
    return (struct entry){ span->object, span->used };
}

/* Where the thread has none left. */
static struct entry alloc_class(xenswtlb_handle *handle, struct slot *slot,
                                unsigned int class)
{
    struct entry e = { NULL, NULL };
    struct cache *cache;

    if ( !slot )
        refill(handle, class, &e, 1);
    else
    {
        cache = &slot->cache[class];
        cache->nr = refill(handle, class, cache->entries,
                           (cache->limit + 1) / 2);
        if ( cache->nr )
            e = cache->entries[--cache->nr];
    }
    return e;
}

static __attribute__((__noinline__)) void *
alloc_slow(xenswtlb_handle *handle, size_t size, size_t align)
{
    unsigned int class;
    struct slot *slot;
    struct entry e;
    void *p;

    if ( !is_ours(handle) )
    {
        xsw_not_ours();
        return NULL;
    }
    if ( align & (align - 1) )
    {
        errno = EINVAL;
        return NULL;
    }

    slot = slot_get(handle);
    /* Now this handle is the one that was used last. */
    p = alloc_cached(handle, size, align);
    if ( p )
        return p;
    if ( align > PAGE_SIZE || size > MAX_CLASS_SIZE )
    {
        class = CLASS_HUGE;
        e = alloc_huge(handle, slot, size ? size : 1, align);
    }
    else
    {
        class = class_of(size > align ? size : align);
        e = alloc_class(handle, slot, class);
    }
    if ( !e.p )
    {
        count_add(handle, slot, CNT_failed, 1);
        errno = ENOMEM;
        return NULL;
    }
    atomic_store_explicit(e.used, 1, memory_order_relaxed);
    count_add(handle, slot, CNT_allocs + class, 1);
    count_add(handle, slot, CNT_uncached, 1);
    return e.p;
}

void *xenswtlb_alloc(xenswtlb_handle *handle, size_t size, size_t align)
{
    void *p = alloc_cached(handle, size, align);

    return likely(p) ? p : alloc_slow(handle, size, align);
}

void *xenswtlb_zalloc(xenswtlb_handle *handle, size_t size, size_t align)
{
    void *p = alloc_cached(handle, size, align);

    if ( unlikely(!p) && !(p = alloc_slow(handle, size, align)) )
        return NULL;
    /* A buffer of no bytes has one. */
    return memset(p, 0, size ? size : 1);
}

/* ---- freeing ----------------------------------------------------------- */

/*
 * The span that p is a buffer of, and marked so; or NULL.  A wrong free that
 * races with the right one may not be noticed: this is an aid, not a fence.
 */
static inline struct span *find_buffer(xenswtlb_handle *handle, const void *p,
                                       _Atomic unsigned char **used)
{
    struct span *span = heap_find(handle, p);
    uintptr_t offset;

    if ( unlikely(!span) )
        return NULL;
    offset = (uintptr_t)p - (uintptr_t)span->object;
    if ( unlikely(offset & span->not_first) )
        return NULL;
    *used = &span->used[offset >> span->shift];
    return likely(atomic_load_explicit(*used, memory_order_relaxed)) ? span
                                                                     : NULL;
}

/* As alloc_cached(); false: not so simple. */
static inline __attribute__((__always_inline__)) bool
free_cached(xenswtlb_handle *handle, void *p)
{
    struct slot *slot = slot_recent(handle);
    _Atomic unsigned char *used;
    struct cache *cache;
    struct span *span;

    if ( unlikely(!slot) )
        return false;
    span = find_buffer(handle, p, &used);
    if ( unlikely(!span || span->class == CLASS_HUGE) )
        return false;
    cache = &slot->cache[span->class];
    if ( unlikely(cache->nr == cache->limit) )
        return false;
    atomic_store_explicit(used, 0, memory_order_relaxed);
    count_own(slot, CNT_frees + span->class, 1);
    cache->entries[cache->nr++] = (struct entry){ p, used };
    return true;
}

/* The thread has enough of the class: half go, those unused for longest. */
static void free_full(struct class *class, struct cache *cache,
                      struct entry e)
{
    unsigned int nr = cache->limit / 2, excess = cache->nr - nr;

    class_put(class, cache->entries, excess);
    memmove(cache->entries, cache->entries + excess,
            nr * sizeof(cache->entries[0]));
    cache->entries[nr] = e;
    cache->nr = nr + 1;
}

static __attribute__((__noinline__)) void free_slow(xenswtlb_handle *handle,
                                                    void *p)
{
    struct entry e = { p, NULL };
    int saved_errno = errno;
    struct slot *slot;
    struct span *span;

    if ( !p || !is_ours(handle) )
        return;
    slot = slot_get(handle);
    if ( free_cached(handle, p) )
        return;
    span = find_buffer(handle, p, &e.used);
    if ( !span )
    {
        count_add(handle, slot, CNT_bad_frees, 1);
        xsw_log_error(handle, XTL_CRITICAL, -1,
                      "free of %p, which is no buffer or was freed before",
                      p);
        return;
    }
    atomic_store_explicit(e.used, 0, memory_order_relaxed);
    count_add(handle, slot, CNT_frees + span->class, 1);
    if ( span->class == CLASS_HUGE )
    {
        count_add(handle, slot, CNT_huge_freed, span->size);
        xsw_heap_free_huge(handle, span);
    }
    else if ( slot )
        free_full(&handle->class[span->class], &slot->cache[span->class], e);
    else
        class_put(&handle->class[span->class], &e, 1);
    errno = saved_errno;
}

void xenswtlb_free(xenswtlb_handle *handle, void *buffer)
{
    if ( unlikely(!free_cached(handle, buffer)) )
        free_slow(handle, buffer);
}

size_t xenswtlb_size(xenswtlb_handle *handle, const void *buffer)
{
    _Atomic unsigned char *used;
    struct span *span;

    if ( !buffer || !is_ours(handle) )
        return 0;
    span = find_buffer(handle, buffer, &used);
    return span ? span->size : 0;
}

/* ---- trimming ---------------------------------------------------------- */

/* Take from the list all buffers of spans that are there as a whole. */
static struct span *class_trim(xenswtlb_handle *handle, struct class *class)
{
    struct span *empty = NULL, *span;
    size_t i, kept = 0;

    pthread_mutex_lock(&class->lock);
    for ( i = 0; i < class->nr; i++ )
        heap_find(handle, class->entries[i].p)->nr_idle = 0;
    for ( i = 0; i < class->nr; i++ )
        heap_find(handle, class->entries[i].p)->nr_idle++;
    for ( i = 0; i < class->nr; i++ )
    {
        span = heap_find(handle, class->entries[i].p);
        if ( span->nr_idle < span->nr_buffers )
            class->entries[kept++] = class->entries[i];
        /* Its first buffer, of which there is one. */
        else if ( class->entries[i].p == span->object )
        {
            span->next = empty;
            empty = span;
        }
    }
    class->room -= class->nr - kept;
    class->nr = kept;
    pthread_mutex_unlock(&class->lock);
    return empty;
}

static void slot_empty(xenswtlb_handle *handle, struct slot *slot)
{
    struct cache *cache = slot->cache;
    unsigned int i;

    for ( i = 0; i < NR_CLASSES; i++, cache++ )
    {
        if ( cache->nr )
            class_put(&handle->class[i], cache->entries, cache->nr);
        cache->nr = 0;
    }
}

int xenswtlb_trim(xenswtlb_handle *handle)
{
    int saved_errno = errno;
    struct span *empty, *span;
    struct slot *slot;
    unsigned int i;

    if ( !is_ours(handle) )
        return xsw_not_ours();

    slot = slot_get(handle);
    if ( slot )
        slot_empty(handle, slot);
    /* And those of threads that ended. */
    for ( i = 0; i < NR_SLOTS; i++ )
    {
        slot = atomic_load_explicit(&handle->slot[i], memory_order_acquire);
        if ( slot && slot_own(slot) )
        {
            slot_empty(handle, slot);
            slot_release(handle, slot);
        }
    }
    for ( i = 0; i < NR_CLASSES; i++ )
    {
        empty = class_trim(handle, &handle->class[i]);
        while ( (span = empty) != NULL )
        {
            empty = span->next;
            xsw_heap_free(handle, span);
        }
    }
    xsw_heap_trim(handle);
    errno = saved_errno;
    return 0;
}
