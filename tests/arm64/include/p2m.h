/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dom0 on Arm has its memory where the machine has it, and so gets the same
 * page for a gfn that it gave back.  Another one that it can put there is the
 * first page of its grant table.
 */

#ifndef ARM64_P2M_H
#define ARM64_P2M_H

/* Nothing must be at gfn. */
long hypercall_place_grants(unsigned long gfn);
/* Whatever is there, but give it back to nobody. */
long hypercall_take_away(unsigned long gfn);

#endif /* ARM64_P2M_H */
