/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that depends on which kernel this is built for.  Stable kernels take
 * interfaces over from later ones, so Kbuild looks at their headers instead
 * of at their version.
 */
#ifndef XEN_SWTLB_COMPAT_H
#define XEN_SWTLB_COMPAT_H

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/syscore_ops.h>

/* Define NAME, to be passed to the two below, which has these called. */
#ifdef XEN_SWTLB_STRUCT_SYSCORE

#define SWTLB_SYSCORE(name, down, up)			\
	static int name##_suspend(void *unused)		\
	{						\
		return down();				\
	}						\
	static void name##_resume(void *unused)		\
	{						\
		up();					\
	}						\
	static const struct syscore_ops name##_ops = {	\
		.suspend = name##_suspend,		\
		.resume = name##_resume,		\
	};						\
	static struct syscore name = {			\
		.ops = &name##_ops,			\
	}
#define swtlb_register_syscore register_syscore
#define swtlb_unregister_syscore unregister_syscore

#else

#define SWTLB_SYSCORE(name, down, up)			\
	static struct syscore_ops name = {		\
		.suspend = down,			\
		.resume = up,				\
	}
#define swtlb_register_syscore register_syscore_ops
#define swtlb_unregister_syscore unregister_syscore_ops

#endif

/* A vma's flags became read-only. */
#ifdef XEN_SWTLB_VM_FLAGS_SET
#define swtlb_vm_flags_set vm_flags_set
#else
#define swtlb_vm_flags_set(vma, flags) ((vma)->vm_flags |= (flags))
#endif

/* For the current process; a method of its mm, or a function. */
#if defined(XEN_SWTLB_MM_GET_UNMAPPED_AREA)
#define swtlb_get_unmapped_area mm_get_unmapped_area
#elif defined(XEN_SWTLB_MM_GET_UNMAPPED_AREA_OF_MM)
#define swtlb_get_unmapped_area(file, addr, len, pgoff, flags) \
	mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags)
#else
#define swtlb_get_unmapped_area(file, addr, len, pgoff, flags) \
	(current->mm->get_unmapped_area(file, addr, len, pgoff, flags))
#endif

#endif /* XEN_SWTLB_COMPAT_H */
