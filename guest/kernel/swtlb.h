/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's own code calls of the software TLB's early registration.
 * It becomes include/xen/swtlb.h of the kernel that this is built into.
 */
#ifndef _XEN_SWTLB_H
#define _XEN_SWTLB_H

#ifdef CONFIG_XEN_SWTLB
void xen_swtlb_pvh_init(void);
void xen_swtlb_guest_begin(void);
void xen_swtlb_guest_init(void);
#else
static inline void xen_swtlb_pvh_init(void) {}
static inline void xen_swtlb_guest_begin(void) {}
static inline void xen_swtlb_guest_init(void) {}
#endif

#endif /* _XEN_SWTLB_H */
