/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: what has another name or place in one of the Xen versions that
 * the hook patches are for, 4.17 and later.  Nothing else looks at versions,
 * and neither does this: it asks for the header or option in question.
 */
#ifndef XEN_SWTLB_COMPAT_H
#define XEN_SWTLB_COMPAT_H

#include <xen/lib.h>

/* ASSERT() and BUG_ON() moved here from xen/lib.h in 4.19. */
#if __has_include(<xen/bug.h>)
#include <xen/bug.h>
#endif

/*
 * Whether this Xen can be built to let a toolstack introspect domains, and is.
 * Optional since 4.22 as VM_EVENT, before as MEM_ACCESS.
 */
#define SWTLB_HAS_VM_EVENT \
    (IS_ENABLED(CONFIG_VM_EVENT) || IS_ENABLED(CONFIG_MEM_ACCESS))

#endif /* XEN_SWTLB_COMPAT_H */
