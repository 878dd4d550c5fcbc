/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASM_ARM_SWTLB_H
#define ASM_ARM_SWTLB_H

/*
 * Between what a copy did and the store that says it is over: an Arm CPU may
 * let that overtake earlier loads and stores.
 */
#define arch_swtlb_mb_leave() smp_mb()

/*
 * Nothing on Arm maintains a mask of the CPUs that vCPUs of d may be running
 * on.  Each of its vCPUs is looked at, whether it runs or not.
 */
#define arch_swtlb_cpus(d) ((const cpumask_t *)NULL)

/* Bits of TTBR0 that are the base of page tables: not ASID, nor CnP. */
#define SWTLB_SPACE_MASK  0x0000fffffffffffeUL
/* Set in each space, as none may be 0: in the place of CnP. */
#define SWTLB_SPACE       1UL

#endif /* ASM_ARM_SWTLB_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
