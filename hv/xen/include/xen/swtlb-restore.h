/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How an architecture puts back what a saved domain had.  The domain is
 * another one than current's, and paused.  No lock is to be held.
 */
#ifndef XEN_SWTLB_RESTORE_H
#define XEN_SWTLB_RESTORE_H

#include <xen/types.h>

#include <public/swtlb.h>

struct domain;
struct vcpu;

/*
 * Whether d could have inserted the entry; d need not be paused.
 *
 *   -EINVAL  size is zero, unknown flag, reserved is not zero, or gva and gpa
 *            differ in their offset into a page
 *   -ERANGE  the gvas wrap, or are not all canonical
 *   -ENXIO   the gpas wrap, or are beyond what d can address
 */
int swtlb_check_entry(const struct domain *d, const struct xen_swtlb_entry *e);

/*
 * Take v's table away.  If it does not get another, for what follows fails,
 * its guest can notice that.
 */
void swtlb_restore_none(struct vcpu *v);

/*
 * Give v, which has no table, an empty one.
 *
 *   -ENOMEM
 */
int swtlb_restore_table(struct vcpu *v);

/*
 * Add an entry that swtlb_check_entry() found well to v's table; space is what
 * arch_swtlb_space() gave, or 0.  One that was pinned, and which the domain
 * could not pin today, becomes a plain one: the guest has let its gpa denote
 * something else, or split it into parts that are of more pages in all.
 *
 *   -EEXIST  it overlaps one that v has
 *   -ENOSPC  v has as many as it may
 *   -EAGAIN  a page is paged out or shared, and cannot be had right now
 *   -ENOMEM
 */
int swtlb_restore_entry(struct vcpu *v, const struct xen_swtlb_entry *e,
                        unsigned long space);

/*
 * Have v, which has no table, share that of with.
 *
 *   -ENOENT  with has none
 *   -ENOMEM
 */
int swtlb_restore_share(struct vcpu *v, struct vcpu *with);

/* Make d strict, with such a generation. */
void swtlb_restore_strict(struct domain *d, uint64_t generation);

#endif /* XEN_SWTLB_RESTORE_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
