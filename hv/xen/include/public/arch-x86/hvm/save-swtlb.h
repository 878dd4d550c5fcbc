/* SPDX-License-Identifier: MIT */
/*
 * save-swtlb.h
 *
 * Record of a saved HVM domain: a vCPU's software TLB (../../swtlb.h).
 *
 * A strict domain has one for each of its vCPUs, and they make the domain that
 * it is restored into strict.  A domain that is not strict has none, and comes
 * back without entries.  A Xen that does not know the type refuses the whole,
 * and so does one that would not let the domain have entries.
 *
 * To be included behind public/xen.h.
 */

#ifndef XEN_PUBLIC_ARCH_X86_HVM_SAVE_SWTLB_H
#define XEN_PUBLIC_ARCH_X86_HVM_SAVE_SWTLB_H

#include "../../swtlb.h"

/*
 * The type.  Clear of upstream's next one, 21, and of those that upstream has
 * reserved, 22 to 34.  HVM_SAVE_CODE_MAX is not below it.
 */
#define SWTLB_CODE                   64

/* The record's instance is the vCPU's id. */
struct hvm_swtlb {
    uint64_t generation;     /* that of the domain, the same in all records */
    /*
     * The first of the vCPUs that use the same table, whose record has the
     * entries, or HVM_SWTLB_NO_TABLE.
     */
    uint32_t table;
    uint32_t nr_entries;     /* how many follow */
    struct xen_swtlb_stats stats;
    /* In the order of their gvas. */
    struct hvm_swtlb_entry {
        struct xen_swtlb_entry entry;
        /*
         * With XEN_SWTLB_FLAG_space, and else zero: the base of the page
         * tables as in CR3, bit 0 set, and with PAE paging of 32 bits bit 1.
         */
        uint64_t space;
    } entries[XEN_FLEX_ARRAY_DIM];
};

#define HVM_SWTLB_NO_TABLE           0xffffffffu

#endif /* XEN_PUBLIC_ARCH_X86_HVM_SAVE_SWTLB_H */
