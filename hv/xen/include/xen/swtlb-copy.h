/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What copies through a software TLB (common/swtlb-copy.c) need to know about
 * an architecture.  It provides these; the hot ones in asm/swtlb-copy.h.
 */
#ifndef XEN_SWTLB_COPY_H
#define XEN_SWTLB_COPY_H

#include <xen/string.h>
#include <xen/types.h>

struct domain;
struct page_info;
struct vcpu;

/*
 * Whether v, the current vCPU, may use its slots now, for whatever copy of its
 * own.  Not while its addresses are those of a nested guest, nor while some
 * toolstack wants to be told of accesses.
 *
 *   bool arch_swtlb_slots_usable(const struct vcpu *v);
 *
 * Whether memory of this type is RAM that its domain can read and write, with
 * nothing else to be done than to mark writes.
 *
 *   bool arch_swtlb_is_ram(p2m_type_t p2mt);
 *
 * Whether writes to d's memory have to be marked.
 *
 *   bool arch_swtlb_logs_dirty(const struct domain *d);
 *
 * Whether addresses of v, the current vCPU, are of another address space than
 * its entries.
 *
 *   bool arch_swtlb_nested(const struct vcpu *v);
 */

/*
 * What the functions that this replaces return of a copy of len bytes, the
 * last left of which were not copied.
 *
 *   unsigned int arch_swtlb_result(unsigned int len, unsigned int left);
 */

/*
 * Copy the len bytes at gva of the current vCPU by a walk, as if there were no
 * software TLB.  With a NULL buf to the guest: zeroes.  Returns 0, or how many
 * bytes, counted from the end, may not have been copied.
 */
unsigned int arch_swtlb_walk(unsigned long gva, void *buf, unsigned int len,
                             bool to_guest);

/*
 * Copy the len bytes at gpa, all in one page, which are those at gva, for v of
 * the current domain, under all rules that are obeyed by a walk which ends
 * there.  Likewise with buf.  Returns 0, or -EFAULT.
 *
 * *page becomes the page if a copy through the same entry may find it, without
 * a look at anything, for as long as the P2M does not change, with a reference
 * that the caller has to drop; or else NULL.
 *
 * To be called between swtlb_enter() and swtlb_leave(), of a lookup.  It may
 * leave, to sleep (swtlb_sleep()).
 *
 *   int arch_swtlb_copy_gpa(struct vcpu *v, paddr_t gpa, unsigned long gva,
 *                           void *buf, unsigned int len, bool to_guest,
 *                           struct page_info **page);
 */

/* Copy between guest, which is where Xen has the memory, and buf; likewise. */
static always_inline void swtlb_move(void *guest, void *buf, unsigned int len,
                                     bool to_guest)
{
    if ( !to_guest )
        memcpy(buf, guest, len);
    else if ( buf )
        memcpy(guest, buf, len);
    else
        memset(guest, 0, len);
}

#include <asm/swtlb-copy.h>

#endif /* XEN_SWTLB_COPY_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
