/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of RAM for the asking; of each architecture. */

#include <pvh.h>

#include "heap.h"

static unsigned long heap_next, heap_end;

void heap_setup(unsigned long start, unsigned long end)
{
    heap_next = start;
    heap_end = end;
}

void *alloc_aligned(unsigned long size, unsigned long align)
{
    unsigned long start = (heap_next + align - 1) & ~(align - 1);

    if ( start + size < start || start + size > heap_end )
        test_abort(VERDICT_error, "out of memory: %lu bytes wanted", size);
    heap_next = (start + size + PAGE_SIZE - 1) & PAGE_MASK;

    return memset((void *)start, 0, size);
}

void *alloc_pages(unsigned int nr)
{
    return alloc_aligned(nr * PAGE_SIZE, PAGE_SIZE);
}
