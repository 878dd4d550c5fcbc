/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASM_X86_SWTLB_H
#define ASM_X86_SWTLB_H

/*
 * Between what a copy did and the store that says it is over.  No x86 CPU lets
 * a store overtake earlier loads or stores.
 */
#define arch_swtlb_mb_leave() barrier()

#endif /* ASM_X86_SWTLB_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
