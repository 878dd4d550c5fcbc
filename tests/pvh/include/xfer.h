/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Moving bytes between a gva and Xen, so as to see what memory Xen finds
 * there.  XENMEM_set_memory_map makes Xen copy a buffer of the caller's in
 * one go and keep it, XENMEM_memory_map makes it copy that out again.  What
 * the buffer holds does not matter to Xen.
 */

#ifndef PVH_XFER_H
#define PVH_XFER_H

#include "types.h"

/* Sizes are multiples of this, the size of a memory map's record. */
#define XFER_UNIT           20
#define XFER_MAX            (1024 * XFER_UNIT)

/* Xen reads size bytes at gva.  0, or -EFAULT if it cannot. */
long xen_take(unsigned long gva, unsigned int size);
/* Xen writes, at gva, the first size bytes of what it read last. */
long xen_give(unsigned long gva, unsigned int size);

/* Bytes that depend on seed, none of them zero. */
void fill(void *buf, size_t size, unsigned int seed);

/* len bytes from gva on ought to be found at mem. */
struct piece {
    unsigned long gva;
    unsigned long len;
    void *mem;
};

/*
 * The pieces, in the order of gva and without gaps, are what Xen is to see.
 * Copies both ways, at many offsets and of many sizes up to all of it, and
 * compares each byte within and around.  Returns the number of copies.
 */
unsigned int check_pieces(const struct piece *pieces, unsigned int nr);

#endif /* PVH_XFER_H */
