/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Spans of pages, by the buddy system, from chunks that the backing maps; and
 * huge buffers, which are mapped one by one.
 *
 * Chunks grow with the pool: few large ones take few entries of the software
 * TLB, and a program that needs little holds little.
 */

#include <errno.h>
#include <stdlib.h>

#include "private.h"

/* Pages of the first chunk, and the most that are asked for at once. */
#define FIRST_CHUNK     64
#define MAX_CHUNK       ((size_t)1 << (NR_ORDERS - 1))

/* Huge buffers that are kept for the next: how many, and how many pages. */
#define IDLE_MAX        8
#define IDLE_MAX_PAGES  ((size_t)8192)

void xsw_heap_init(struct heap *heap)
{
    pthread_mutex_init(&heap->lock, NULL);
    heap->grow = FIRST_CHUNK;
}

/* ---- from an address to its span --------------------------------------- */

static struct radix *radix_new(struct heap *heap)
{
    struct radix *r = heap->spare;

    if ( !r )
        return calloc(1, sizeof(*r));
    heap->spare = r->next;
    return r;
}

/* With the heap's lock held. */
static int radix_set(struct heap *heap, const void *p, struct span *span)
{
    struct radix *r = &heap->radix, *below;
    int level;

    for ( level = 2; level > 0; level--, r = below )
    {
        _Atomic(void *) *slot = &r->slot[radix_index(p, level)];

        below = atomic_load_explicit(slot, memory_order_relaxed);
        if ( below )
            continue;
        below = radix_new(heap);
        if ( !below )
            return -1;
        atomic_store_explicit(slot, below, memory_order_release);
    }
    r->nr++;
    atomic_store_explicit(&r->slot[radix_index(p, 0)], span,
                          memory_order_release);
    return 0;
}

/*
 * The same for a span that goes.  The kernel may give out addresses that were
 * never there before, again and again: what no span is in is for others.  It
 * is not freed, since a wrong free may be looking.
 */
static void radix_clear(struct heap *heap, const void *p)
{
    struct radix *middle = heap->radix.slot[radix_index(p, 2)];
    struct radix *leaf = middle->slot[radix_index(p, 1)];

    atomic_store_explicit(&leaf->slot[radix_index(p, 0)], NULL,
                          memory_order_release);
    if ( --leaf->nr )
        return;
    atomic_store_explicit(&middle->slot[radix_index(p, 1)], NULL,
                          memory_order_release);
    leaf->next = heap->spare;
    heap->spare = leaf;
}

static void radix_destroy(struct heap *heap)
{
    struct radix *r = &heap->radix;
    unsigned int i, j;

    while ( heap->spare )
        free(radix_new(heap));
    for ( i = 0; i < RADIX_SIZE; i++ )
    {
        struct radix *middle = r->slot[i];

        for ( j = 0; middle && j < RADIX_SIZE; j++ )
            free(middle->slot[j]);
        free(middle);
    }
}

/* ---- the kernel's memory ----------------------------------------------- */

/* *plain: in, whether it may be; out, whether it is. */
static void *map(xenswtlb_handle *handle, size_t nr_pages, bool *plain)
{
    struct heap *heap = &handle->heap;
    void *p;

    p = handle->ops->map(handle, nr_pages, plain);
    if ( !p )
        return NULL;

    heap->maps++;
    heap->mapped += nr_pages;
    if ( *plain || handle->ops->kind != XENSWTLB_BACKING_REGISTERED )
        heap->plain += nr_pages;
    if ( heap->mapped > heap->peak )
        heap->peak = heap->mapped;
    return p;
}

static void unmap(xenswtlb_handle *handle, void *p, size_t nr_pages,
                  bool plain)
{
    struct heap *heap = &handle->heap;

    handle->ops->unmap(handle, p, nr_pages, plain);
    heap->unmaps++;
    heap->mapped -= nr_pages;
    if ( plain || handle->ops->kind != XENSWTLB_BACKING_REGISTERED )
        heap->plain -= nr_pages;
}

/* ---- lists of spans ---------------------------------------------------- */

static void list_add(struct span **list, struct span *span)
{
    span->prev = NULL;
    span->next = *list;
    if ( span->next )
        span->next->prev = span;
    *list = span;
}

static void list_del(struct span **list, struct span *span)
{
    if ( span->prev )
        span->prev->next = span->next;
    else
        *list = span->next;
    if ( span->next )
        span->next->prev = span->prev;
    span->next = span->prev = NULL;
}

/* Which one a free span is in. */
static struct span **free_list(struct heap *heap, const struct span *span)
{
    return span->chunk->lost ? &heap->lost[span->order]
                             : &heap->free[span->order];
}

static size_t page_of(const struct span *span)
{
    return (size_t)(span->base - span->chunk->base) >> PAGE_SHIFT;
}

/* Make a free span of chunk, of 2^order pages from page. */
static struct span *span_new(struct heap *heap, struct chunk *chunk,
                             size_t page, unsigned int order)
{
    struct span *span = calloc(1, sizeof(*span));

    if ( !span )
        return NULL;
    span->base = chunk->base + (page << PAGE_SHIFT);
    span->nr_pages = (size_t)1 << order;
    span->chunk = chunk;
    span->order = order;
    span->class = CLASS_NONE;
    chunk->at[page] = span;
    list_add(free_list(heap, span), span);
    return span;
}

/* ---- chunks ------------------------------------------------------------ */

static void chunk_free(xenswtlb_handle *handle, struct chunk *chunk)
{
    struct chunk **link = &handle->heap.chunks;

    while ( *link != chunk )
        link = &(*link)->next;
    *link = chunk->next;
    if ( chunk->lost )
        handle->heap.plain -= chunk->nr_pages;
    unmap(handle, chunk->base, chunk->nr_pages, chunk->plain);
    free(chunk->at);
    free(chunk);
}

static unsigned int order_of(size_t nr_pages)
{
    unsigned int order = 0;

    while ( ((size_t)1 << order) < nr_pages )
        order++;
    return order;
}

static int chunk_new(xenswtlb_handle *handle, size_t nr_pages,
                     bool may_be_plain)
{
    struct heap *heap = &handle->heap;
    struct chunk *chunk = calloc(1, sizeof(*chunk));

    if ( !chunk )
        return -1;
    chunk->nr_pages = nr_pages;
    chunk->plain = may_be_plain;
    chunk->at = calloc(nr_pages, sizeof(*chunk->at));
    if ( !chunk->at )
        goto fail;
    chunk->base = map(handle, nr_pages, &chunk->plain);
    if ( !chunk->base )
        goto fail;
    chunk->next = heap->chunks;
    heap->chunks = chunk;
    if ( !span_new(heap, chunk, 0, order_of(nr_pages)) )
    {
        chunk_free(handle, chunk);
        return -1;
    }
    return 0;

 fail:
    free(chunk->at);
    free(chunk);
    return -1;
}

/*
 * Have a free span of at least this order.  It may be the size that is too
 * much, for the limits of registered memory or for the machine: half of it
 * then, until it is no more than what is needed.
 */
static int grow(xenswtlb_handle *handle, unsigned int order)
{
    struct heap *heap = &handle->heap;
    bool registered = handle->ops->kind == XENSWTLB_BACKING_REGISTERED;
    size_t least = (size_t)1 << order, nr_pages;
    int plain;

    for ( plain = 0; plain <= registered; plain++ )
        for ( nr_pages = heap->grow > least ? heap->grow : least;
              nr_pages >= least; nr_pages /= 2 )
            if ( !chunk_new(handle, nr_pages, plain) )
            {
                if ( heap->grow < MAX_CHUNK )
                    heap->grow *= 2;
                return 0;
            }
    return -1;
}

/* ---- spans ------------------------------------------------------------- */

/* A free span of this order, still in its list. */
static struct span *get_free(xenswtlb_handle *handle, unsigned int order)
{
    struct heap *heap = &handle->heap;
    struct span *span;
    unsigned int from;

    for ( from = order; from < NR_ORDERS && !heap->free[from]; from++ )
        ;
    if ( from == NR_ORDERS )
    {
        if ( grow(handle, order) )
            return NULL;
        return get_free(handle, order);
    }

    /* The lower half stays this span; the upper one becomes another. */
    for ( span = heap->free[from]; from > order; from-- )
    {
        if ( !span_new(heap, span->chunk,
                       page_of(span) + (span->nr_pages / 2), from - 1) )
            return NULL;
        list_del(&heap->free[from], span);
        span->order = from - 1;
        span->nr_pages /= 2;
        list_add(&heap->free[from - 1], span);
    }
    return span;
}

/* Join a free span with the free ones beside it, and free an empty chunk. */
static void coalesce(xenswtlb_handle *handle, struct span *span)
{
    struct heap *heap = &handle->heap;
    struct chunk *chunk = span->chunk;
    struct span *buddy, *upper;

    while ( span->nr_pages < chunk->nr_pages )
    {
        buddy = chunk->at[page_of(span) ^ span->nr_pages];
        if ( !buddy || buddy->class != CLASS_NONE ||
             buddy->order != span->order )
            return;
        list_del(free_list(heap, span), span);
        list_del(free_list(heap, buddy), buddy);
        upper = buddy->base > span->base ? buddy : span;
        span = upper == buddy ? span : buddy;
        chunk->at[page_of(upper)] = NULL;
        free(upper);
        span->order++;
        span->nr_pages *= 2;
        list_add(free_list(heap, span), span);
    }
    list_del(free_list(heap, span), span);
    free(span);
    chunk_free(handle, chunk);
}

struct span *xsw_heap_alloc(xenswtlb_handle *handle, unsigned int class)
{
    struct heap *heap = &handle->heap;
    unsigned int shift = MIN_SHIFT + class, nr;
    _Atomic unsigned char *used;
    struct span *span;

    nr = shift < PAGE_SHIFT ? PAGE_SIZE >> shift : 1;
    used = calloc(nr, sizeof(*used));
    if ( !used )
        return NULL;

    pthread_mutex_lock(&heap->lock);
    span = get_free(handle, shift > PAGE_SHIFT ? shift - PAGE_SHIFT : 0);
    if ( !span )
        goto fail;

    /* All of it before the span can be found. */
    span->object = span->base;
    span->size = (size_t)1 << shift;
    span->shift = shift;
    span->not_first = ~(PAGE_SIZE - 1) | (span->size - 1);
    span->nr_buffers = nr;
    span->used = used;
    span->class = class;
    if ( radix_set(heap, span->base, span) )
    {
        span->used = NULL;
        span->class = CLASS_NONE;
        goto fail;
    }
    list_del(&heap->free[span->order], span);
    pthread_mutex_unlock(&heap->lock);
    return span;

 fail:
    pthread_mutex_unlock(&heap->lock);
    free(used);
    errno = ENOMEM;
    return NULL;
}

void xsw_heap_free(xenswtlb_handle *handle, struct span *span)
{
    struct heap *heap = &handle->heap;

    pthread_mutex_lock(&heap->lock);
    radix_clear(heap, span->base);
    free(span->used);
    span->used = NULL;
    span->class = CLASS_NONE;
    list_add(free_list(heap, span), span);
    coalesce(handle, span);
    pthread_mutex_unlock(&heap->lock);
}

/* ---- huge buffers ------------------------------------------------------ */

static char *align_up(char *p, size_t align)
{
    return p + (-(uintptr_t)p & (align - 1));
}

static void huge_destroy(xenswtlb_handle *handle, struct span *span)
{
    unmap(handle, span->base, span->nr_pages, span->plain);
    free(span->used);
    free(span);
}

static void idle_del(struct heap *heap, struct span *span)
{
    list_del(&heap->idle, span);
    heap->nr_idle--;
    heap->idle_pages -= span->nr_pages;
}

/* An idle one that is large enough, and not larger by more than a quarter. */
static struct span *idle_take(struct heap *heap, size_t need, size_t size,
                              size_t align)
{
    struct span *span;

    for ( span = heap->idle; span; span = span->next )
    {
        char *end = span->base + (span->nr_pages << PAGE_SHIFT);
        char *object = align_up(span->base, align);

        if ( span->nr_pages <= need + need / 4 && object < end &&
             (size_t)(end - object) >= size )
        {
            idle_del(heap, span);
            return span;
        }
    }
    return NULL;
}

static struct span *huge_new(xenswtlb_handle *handle, size_t nr_pages)
{
    struct span *span = calloc(1, sizeof(*span));

    if ( !span )
        return NULL;
    span->used = calloc(1, sizeof(*span->used));
    span->nr_pages = nr_pages;
    span->nr_buffers = 1;
    span->class = CLASS_HUGE;
    span->shift = PAGE_SHIFT;
    span->not_first = ~(uintptr_t)0;
    span->plain = true;
    if ( span->used )
        span->base = map(handle, nr_pages, &span->plain);
    if ( span->base )
        return span;
    free(span->used);
    free(span);
    return NULL;
}

struct span *xsw_heap_alloc_huge(xenswtlb_handle *handle, size_t size,
                             size_t align)
{
    struct heap *heap = &handle->heap;
    struct span *span = NULL;
    size_t need;

    if ( align < PAGE_SIZE )
        align = PAGE_SIZE;
    if ( align > SIZE_MAX / 4 || size > SIZE_MAX / 4 )
    {
        errno = ENOMEM;
        return NULL;
    }
    /* A mapping begins on a page, where else is not known. */
    need = (size + (align - PAGE_SIZE) + PAGE_SIZE - 1) >> PAGE_SHIFT;

    pthread_mutex_lock(&heap->lock);
    span = idle_take(heap, need, size, align);
    if ( !span )
        span = huge_new(handle, need);
    if ( span )
    {
        span->object = align_up(span->base, align);
        span->size = span->base + (span->nr_pages << PAGE_SHIFT) -
                     span->object;
        if ( radix_set(heap, span->object, span) )
        {
            huge_destroy(handle, span);
            span = NULL;
        }
    }
    pthread_mutex_unlock(&heap->lock);
    if ( !span )
        errno = ENOMEM;
    return span;
}

void xsw_heap_free_huge(xenswtlb_handle *handle, struct span *span)
{
    struct heap *heap = &handle->heap;
    struct span *last;

    pthread_mutex_lock(&heap->lock);
    radix_clear(heap, span->object);
    list_add(&heap->idle, span);
    heap->nr_idle++;
    heap->idle_pages += span->nr_pages;
    while ( heap->nr_idle > IDLE_MAX || heap->idle_pages > IDLE_MAX_PAGES )
    {
        for ( last = heap->idle; last->next; last = last->next )
            ;
        idle_del(heap, last);
        huge_destroy(handle, last);
    }
    pthread_mutex_unlock(&heap->lock);
}

void xsw_heap_trim(xenswtlb_handle *handle)
{
    struct heap *heap = &handle->heap;
    struct span *span;

    pthread_mutex_lock(&heap->lock);
    while ( (span = heap->idle) != NULL )
    {
        idle_del(heap, span);
        huge_destroy(handle, span);
    }
    pthread_mutex_unlock(&heap->lock);
}

/* ---- entries that are lost --------------------------------------------- */

/* What is free of such a chunk is not given out. */
static void set_lost(struct heap *heap, struct chunk *chunk, bool lost)
{
    struct span **from = chunk->lost ? heap->lost : heap->free;
    struct span **to = lost ? heap->lost : heap->free;
    size_t page;

    if ( chunk->lost == lost )
        return;
    for ( page = 0; page < chunk->nr_pages; page++ )
    {
        struct span *span = chunk->at[page];

        if ( !span || span->class != CLASS_NONE )
            continue;
        list_del(&from[span->order], span);
        list_add(&to[span->order], span);
    }
    chunk->lost = lost;
    if ( lost )
        heap->plain += chunk->nr_pages;
    else
        heap->plain -= chunk->nr_pages;
}

/* Those in use are known to the radix tree alone. */
static bool renew_huge(xenswtlb_handle *handle)
{
    struct heap *heap = &handle->heap;
    struct span *span, *next;
    unsigned int i, j, k;
    bool all = true;

    for ( i = 0; i < RADIX_SIZE; i++ )
    {
        struct radix *middle = heap->radix.slot[i];

        for ( j = 0; middle && j < RADIX_SIZE; j++ )
        {
            struct radix *leaf = middle->slot[j];

            for ( k = 0; leaf && k < RADIX_SIZE; k++ )
            {
                span = leaf->slot[k];
                if ( span && span->class == CLASS_HUGE && !span->plain )
                    all &= handle->ops->renew(handle, span->base);
            }
        }
    }
    for ( span = heap->idle; span; span = next )
    {
        next = span->next;
        if ( span->plain || handle->ops->renew(handle, span->base) )
            continue;
        idle_del(heap, span);
        huge_destroy(handle, span);
    }
    return all;
}

/*
 * A hypercall failed with EFAULT: the kernel may have needed the entries, or
 * lost them for a moment.  Have it insert them again.  True if all are there.
 */
bool xsw_heap_renew(xenswtlb_handle *handle)
{
    struct heap *heap = &handle->heap;
    int saved_errno = errno;
    struct chunk *chunk;
    bool all;

    pthread_mutex_lock(&heap->lock);
    all = renew_huge(handle);
    for ( chunk = heap->chunks; chunk; chunk = chunk->next )
        if ( !chunk->plain )
        {
            set_lost(heap, chunk, !handle->ops->renew(handle, chunk->base));
            all &= !chunk->lost;
        }
    pthread_mutex_unlock(&heap->lock);
    errno = saved_errno;
    return all;
}

/* ---- the end ----------------------------------------------------------- */

/*
 * Huge buffers that are in use are known to the radix tree alone.  Those of
 * chunks are found there too, but go with their chunk.
 */
static void destroy_huge_in_use(xenswtlb_handle *handle)
{
    unsigned int i, j, k;

    for ( i = 0; i < RADIX_SIZE; i++ )
    {
        struct radix *middle = handle->heap.radix.slot[i];

        for ( j = 0; middle && j < RADIX_SIZE; j++ )
        {
            struct radix *leaf = middle->slot[j];

            for ( k = 0; leaf && k < RADIX_SIZE; k++ )
            {
                struct span *span = leaf->slot[k];

                if ( span && span->class == CLASS_HUGE )
                    huge_destroy(handle, span);
            }
        }
    }
}

static void chunk_destroy(xenswtlb_handle *handle, struct chunk *chunk)
{
    size_t page;

    for ( page = 0; page < chunk->nr_pages; page++ )
        if ( chunk->at[page] )
        {
            free(chunk->at[page]->used);
            free(chunk->at[page]);
        }
    chunk_free(handle, chunk);
}

/* In a child the mappings do not exist: ops->unmap knows. */
void xsw_heap_destroy(xenswtlb_handle *handle)
{
    struct heap *heap = &handle->heap;

    xsw_heap_trim(handle);
    destroy_huge_in_use(handle);
    while ( heap->chunks )
        chunk_destroy(handle, heap->chunks);
    radix_destroy(heap);
    pthread_mutex_destroy(&heap->lock);
}
