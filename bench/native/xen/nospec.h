/* SPDX-License-Identifier: GPL-2.0-only */
/* An index that is in bounds under speculation, too; in Xen also 3 insns. */
#ifndef BENCH_XEN_NOSPEC_H
#define BENCH_XEN_NOSPEC_H

static inline unsigned long index_mask(unsigned long idx, unsigned long size)
{
    unsigned long mask;

#ifdef __x86_64__
    asm volatile ( "cmp %1, %2; sbb %0, %0"
                   : "=r" (mask) : "g" (size), "r" (idx) : "cc" );
#else
    mask = -(unsigned long)(idx < size);
#endif

    return mask;
}

#define array_index_nospec(idx, size)   ((idx) & index_mask(idx, size))

#endif /* BENCH_XEN_NOSPEC_H */
