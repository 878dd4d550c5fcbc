/* SPDX-License-Identifier: GPL-2.0-only */
/* What check_pieces() of each architecture is made of; see xfer.h. */

#ifndef PVH_LIB_PIECES_H
#define PVH_LIB_PIECES_H

#include <xfer.h>

unsigned long pieces_size(const struct piece *pieces, unsigned int nr);

/*
 * From the guest: size bytes at offset into the pieces, which are filled by
 * seed, are what Xen reads.
 */
void check_take(const struct piece *pieces, unsigned int nr,
                unsigned long offset, unsigned int size, unsigned int seed);

/* Have Xen read size bytes, by seed, for check_give(). */
void send(unsigned int size, unsigned int seed);

/* To the guest: what Xen writes is there, and all around is as before. */
void check_give(const struct piece *pieces, unsigned int nr,
                unsigned long offset, unsigned int size);

#endif /* PVH_LIB_PIECES_H */
