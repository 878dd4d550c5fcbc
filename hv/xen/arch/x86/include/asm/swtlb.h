/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASM_X86_SWTLB_H
#define ASM_X86_SWTLB_H

/*
 * Between what a copy did and the store that says it is over.  No x86 CPU lets
 * a store overtake earlier loads or stores.
 */
#define arch_swtlb_mb_leave() barrier()

/*
 * The CPUs that vCPUs of d may be running on.  A CPU is in it, and in that
 * CPU's curr_vcpu is the vCPU, for as long as this is its current one
 * (__context_switch()).
 */
#define arch_swtlb_cpus(d) ((d)->dirty_cpumask)

/*
 * What arch_swtlb_space() gives: the base of page tables, and in bits 0 and 1,
 * which that never has, that it is one, and of which.  With PAE paging of 32
 * bits many of them fit into a page.
 */
#define SWTLB_SPACE           1UL
#define SWTLB_SPACE_PAE       3UL
#define SWTLB_SPACE_PAE_MASK  0xffffffe0UL

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
