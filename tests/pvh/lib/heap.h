/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages for the asking; what asks is in cpu.h. */

#ifndef PVH_LIB_HEAP_H
#define PVH_LIB_HEAP_H

/* To be called once: [start, end) is RAM that nobody uses. */
void heap_setup(unsigned long start, unsigned long end);

#endif /* PVH_LIB_HEAP_H */
