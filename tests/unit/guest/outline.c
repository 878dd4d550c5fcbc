/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hypercall as a kernel with KASAN_OUTLINE, KCSAN or KMSAN makes it: each
 * access to memory calls a function first.  For unit-guest-outline.c, and
 * compiled in that way.
 */

#include "guest.h"

long outline_hypercall(unsigned long nr, const unsigned long *arg);
long outline_hypercall(unsigned long nr, const unsigned long *arg)
{
    return swtlb_hypercall(nr, arg);
}

long outline_op(const struct swtlb_range *r);
long outline_op(const struct swtlb_range *r)
{
    return swtlb_op(VCPUOP_swtlb_insert | r->flags, 3, r->gva, r->gpa,
                    r->size);
}
