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

/*
 * Since 4.19 a record of a saved domain can have a handler that only checks
 * it, before anything is loaded.  hvm_get_entry() came together with that.  To
 * be used by who has included asm/hvm/save.h before this.
 */
#ifdef hvm_get_entry
#define swtlb_register_savevm hvm_register_savevm
#else
#define swtlb_register_savevm(code, name, save, check, load, size, kind) \
    ((void)(check), \
     hvm_register_savevm(code, name, save, load, size, kind))
#endif

#endif /* XEN_SWTLB_COMPAT_H */
