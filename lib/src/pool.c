/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Buffers: the caches of threads, and the lists of the size classes.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- slots ------------------------------------------------------------- */

/*
 * Which slot a thread has of the handles that it used last.  By the handle's
 * id: the handle may be closed, and another be at its address.
 */
#define NR_RECENT       4
/* After a slot could not be had: operations before it is tried again. */
#define RETRY_AFTER     256

struct recent {
    uint64_t id;                  /* 0: none */
    struct slot *slot;            /* or NULL: there was none left */
    unsigned int retry;
};

/* Initial-exec: a plain load, not a call.  It is small enough for that. */
static __thread struct recent recent[NR_RECENT]
    __attribute__((__tls_model__("initial-exec")));

static pthread_key_t thread_key;
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
        forget(&recent[i]);
}

static void make_key(void)
{
    pthread_key_create(&thread_key, thread_ends);
}

static struct slot *slot_take(xenswtlb_handle *handle)
{
    unsigned int i;

    for ( i = 0; i < NR_SLOTS; i++ )
    {
        struct slot *slot = atomic_load_explicit(&handle->slot[i],
                                                 memory_order_acquire);
        struct slot *none = NULL;
        bool owned = false;

        if ( !slot )
        {
            slot = calloc(1, sizeof(*slot));
            if ( !slot )
                return NULL;
            atomic_init(&slot->owned, true);
            if ( atomic_compare_exchange_strong(&handle->slot[i], &none,
                                                slot) )
                return slot;
            free(slot);
            slot = none;
        }
        /* Acquire: see slot_release(). */
        if ( atomic_compare_exchange_strong_explicit(
                 &slot->owned, &owned, true,
                 memory_order_acquire, memory_order_relaxed) )
            return slot;
    }
    return NULL;
}

static __attribute__((__noinline__)) struct slot *
slot_get_slow(xenswtlb_handle *handle)
{
    struct recent found = { .id = handle->id };
    unsigned int i;

    for ( i = 0; i < NR_RECENT; i++ )
        if ( recent[i].id == handle->id )
        {
            found = recent[i];
            break;
        }
    if ( i == NR_RECENT )
        forget(&recent[--i]);
    if ( !found.slot && !found.retry-- )
    {
        pthread_once(&thread_once, make_key);
        found.slot = slot_take(handle);
        found.retry = RETRY_AFTER;
        /* Any value, so that the thread's end is noticed. */
        pthread_setspecific(thread_key, recent);
    }
    memmove(&recent[1], &recent[0], i * sizeof(recent[0]));
    recent[0] = found;
    return found.slot;
}

/* The calling thread's slot, or NULL. */
struct slot *xsw_slot_get(xenswtlb_handle *handle)
{
    if ( likely(recent[0].id == handle->id && recent[0].slot) )
        return recent[0].slot;
    return slot_get_slow(handle);
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

static unsigned int class_of(size_t size)
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
            .span = span,
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

static _Atomic unsigned char *used_of(const struct span *span, const void *p)
{
    size_t i = 0;

    if ( span->class != CLASS_HUGE )
        i = (size_t)((const char *)p - span->object) >> span->shift;
    return &span->used[i];
}

static struct entry alloc_huge(xenswtlb_handle *handle, struct slot *slot,
                               size_t size, size_t align)
{
    struct entry e = { NULL, xsw_heap_alloc_huge(handle, size, align) };

    if ( !e.span && errno == ENOMEM )
    {
        xenswtlb_trim(handle);
        e.span = xsw_heap_alloc_huge(handle, size, align);
    }
    if ( e.span )
    {
        e.p = e.span->object;
        count_add(handle, slot, CNT_uncached, 1);
        count_add(handle, slot, CNT_huge_bytes, e.span->size);
    }
    return e;
}

/* Where the thread has none left. */
static __attribute__((__noinline__)) struct entry
alloc_class_slow(xenswtlb_handle *handle, struct slot *slot,
                 unsigned int class)
{
    struct entry e = { NULL, NULL };
    unsigned int nr;

    if ( !slot )
        nr = refill(handle, class, &e, 1);
    else
    {
        nr = refill(handle, class, slot->class[class].entries,
                    (class_limit(class) + 1) / 2);
        if ( nr )
        {
            e = slot->class[class].entries[nr - 1];
            slot->class[class].nr = nr - 1;
        }
    }
    if ( nr )
        count_add(handle, slot, CNT_uncached, 1);
    return e;
}

void *xenswtlb_alloc(xenswtlb_handle *handle, size_t size, size_t align)
{
    struct slot *slot;
    struct entry e;
    unsigned int class, nr;

    if ( unlikely(!is_ours(handle)) )
    {
        xsw_not_ours();
        return NULL;
    }
    if ( unlikely(align & (align - 1)) )
    {
        errno = EINVAL;
        return NULL;
    }

    slot = xsw_slot_get(handle);
    if ( unlikely(align > PAGE_SIZE || size > MAX_CLASS_SIZE) )
    {
        class = CLASS_HUGE;
        e = alloc_huge(handle, slot, size ? size : 1, align);
    }
    else
    {
        /* Buffers of a class are aligned to its size, up to a page. */
        class = class_of(size > align ? size : align);
        if ( likely(slot && (nr = slot->class[class].nr)) )
        {
            e = slot->class[class].entries[--nr];
            slot->class[class].nr = nr;
        }
        else
            e = alloc_class_slow(handle, slot, class);
    }
    if ( unlikely(!e.p) )
    {
        count_add(handle, slot, CNT_failed, 1);
        errno = ENOMEM;
        return NULL;
    }
    atomic_store_explicit(used_of(e.span, e.p), 1, memory_order_relaxed);
    count_add(handle, slot, CNT_allocs + class, 1);
    return e.p;
}

void *xenswtlb_zalloc(xenswtlb_handle *handle, size_t size, size_t align)
{
    void *p = xenswtlb_alloc(handle, size, align);

    if ( likely(p) )
        memset(p, 0, size);
    return p;
}

/*
 * The span that p is a buffer of, and marked so; or NULL.  A wrong free that
 * races with the right one may not be noticed: this is an aid, not a fence.
 */
static struct span *find_buffer(xenswtlb_handle *handle, const void *p,
                                _Atomic unsigned char **used)
{
    struct span *span = xsw_heap_find(handle, p);

    if ( unlikely(!span) )
        return NULL;
    if ( unlikely(span->class == CLASS_HUGE) )
    {
        if ( p != span->object )
            return NULL;
    }
    else if ( ((uintptr_t)p - (uintptr_t)span->object) & (span->size - 1) )
        return NULL;
    *used = used_of(span, p);
    return atomic_load_explicit(*used, memory_order_relaxed) ? span : NULL;
}

static __attribute__((__noinline__)) void
bad_free(xenswtlb_handle *handle, struct slot *slot, void *p)
{
    count_add(handle, slot, CNT_bad_frees, 1);
    /* It preserves errno. */
    xsw_log_error(handle, XTL_CRITICAL, -1,
                  "free of %p, which is no buffer or was freed before", p);
}

/* A huge one; or the thread has enough of the class, or no cache. */
static __attribute__((__noinline__)) void
free_slow(xenswtlb_handle *handle, struct slot *slot, struct entry e)
{
    unsigned int class = e.span->class, limit, nr;
    int saved_errno = errno;
    struct entry *entries;

    if ( class == CLASS_HUGE )
    {
        count_add(handle, slot, CNT_huge_bytes, -(uint64_t)e.span->size);
        xsw_heap_free_huge(handle, e.span);
    }
    else if ( !slot )
        class_put(&handle->class[class], &e, 1);
    else
    {
        /* Half of them go, those that were not used for longest. */
        limit = class_limit(class);
        nr = limit / 2;
        entries = slot->class[class].entries;
        class_put(&handle->class[class], entries, limit - nr);
        memmove(entries, entries + (limit - nr), nr * sizeof(*entries));
        entries[nr] = e;
        slot->class[class].nr = nr + 1;
    }
    errno = saved_errno;
}

void xenswtlb_free(xenswtlb_handle *handle, void *buffer)
{
    _Atomic unsigned char *used;
    unsigned int class, nr;
    struct slot *slot;
    struct span *span;

    if ( unlikely(!buffer || !is_ours(handle)) )
        return;

    slot = xsw_slot_get(handle);
    span = find_buffer(handle, buffer, &used);
    if ( unlikely(!span) )
    {
        bad_free(handle, slot, buffer);
        return;
    }
    class = span->class;
    atomic_store_explicit(used, 0, memory_order_relaxed);
    count_add(handle, slot, CNT_frees + class, 1);
    if ( likely(class != CLASS_HUGE && slot &&
                (nr = slot->class[class].nr) < class_limit(class)) )
    {
        slot->class[class].entries[nr] = (struct entry){ buffer, span };
        slot->class[class].nr = nr + 1;
    }
    else
        free_slow(handle, slot, (struct entry){ buffer, span });
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
static struct span *class_trim(struct class *class)
{
    struct span *empty = NULL, *span;
    size_t i, kept = 0, freed = 0;

    pthread_mutex_lock(&class->lock);
    for ( i = 0; i < class->nr; i++ )
        class->entries[i].span->nr_idle = 0;
    for ( i = 0; i < class->nr; i++ )
        class->entries[i].span->nr_idle++;
    for ( i = 0; i < class->nr; i++ )
    {
        span = class->entries[i].span;
        if ( span->nr_idle < span->nr_buffers )
        {
            class->entries[kept++] = class->entries[i];
            continue;
        }
        freed++;
        /* Its first buffer, of which there is one. */
        if ( class->entries[i].p == span->object )
        {
            span->next = empty;
            empty = span;
        }
    }
    class->nr = kept;
    class->room -= freed;
    pthread_mutex_unlock(&class->lock);
    return empty;
}

int xenswtlb_trim(xenswtlb_handle *handle)
{
    int saved_errno = errno;
    struct span *empty, *span;
    struct slot *slot;
    unsigned int i;

    if ( !is_ours(handle) )
        return xsw_not_ours();

    slot = xsw_slot_get(handle);
    for ( i = 0; i < NR_CLASSES; i++ )
    {
        if ( slot && slot->class[i].nr )
        {
            class_put(&handle->class[i], slot->class[i].entries,
                      slot->class[i].nr);
            slot->class[i].nr = 0;
        }
        empty = class_trim(&handle->class[i]);
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
