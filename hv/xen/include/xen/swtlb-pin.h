/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of a guest that Xen holds, for pinned entries. */
#ifndef XEN_SWTLB_PIN_H
#define XEN_SWTLB_PIN_H

#include <xen/types.h>

struct domain;
struct page_info;

struct swtlb_pin {
    struct swtlb_pin *next;       /* in swtlb_table.pins, or on a list to go */
    unsigned int nr;              /* pages */
    bool used;                    /* for swtlb_table_finish() */
    struct page_info *page[];
};

/* The pages that d can have pinned. */
unsigned int swtlb_pin_limit(const struct domain *d);

/*
 * Pin all pages that [gpa, gpa + size) touches.  The domain's swtlb.lock must
 * not be held.
 *
 *   -ENOBUFS  more than XEN_SWTLB_MAX_PINNED_PER_ENTRY, or more than
 *             swtlb_pin_limit() together with what is pinned
 *   -EAGAIN   one is paged out, or shared, and cannot be had right now
 *   -EACCES   one is not writable RAM that belongs to d
 *   -ENOMEM
 */
int swtlb_pin(struct domain *d, paddr_t gpa, unsigned long size,
              struct swtlb_pin **pin);

/*
 * Release what swtlb_pin() gave.  The domain's swtlb.lock must not be held:
 * the last reference to a page that the guest gave back meanwhile frees it.
 */
void swtlb_unpin(struct domain *d, struct swtlb_pin *pin);

#endif /* XEN_SWTLB_PIN_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
