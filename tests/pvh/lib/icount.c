/* SPDX-License-Identifier: GPL-2.0-only */
/* For images that measure. */

#include <pvh.h>

/*
 * Reading the TSC may be intercepted by Xen, and then is no small part of what
 * is timed.
 */
uint64_t icount_check(unsigned int ticks_per_insn)
{
    uint64_t ticks = ~0ul, overhead = ~0ul;
    unsigned int i;

    /* The lowest of some, as an interrupt may come in between. */
    for ( i = 0; i < 10; i++ )
    {
        uint64_t start = rdtsc();
        unsigned long n = 50000;

        start = rdtsc() - start;
        overhead = MIN(overhead, start);

        start = rdtsc();
        asm volatile ( "1: dec %0; jnz 1b" : "+r" (n) );
        start = rdtsc() - start;
        ticks = MIN(ticks, start);
    }

    /* Nobody divides 64 bits for a 32-bit image. */
    ticks = (unsigned long)(ticks - overhead) / ticks_per_insn;
    if ( ticks < 99950 || ticks > 100050 )
        test_abort(VERDICT_error, "100000 instructions took %lu times %u "
                   "ticks of the TSC: not under --icount",
                   (unsigned long)ticks, ticks_per_insn);

    return overhead;
}
