/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that depends on which kernel this is built for.  Stable kernels take
 * interfaces over from later ones, so Kbuild looks at their headers instead
 * of at their version.
 */
#ifndef XEN_SWTLB_COMPAT_H
#define XEN_SWTLB_COMPAT_H

#include <linux/syscore_ops.h>

/* Define NAME, to be passed to the two below, which has FUNC called. */
#ifdef XEN_SWTLB_STRUCT_SYSCORE

#define SWTLB_SYSCORE_RESUME(name, func)		\
	static void name##_resume(void *unused)		\
	{						\
		func();					\
	}						\
	static const struct syscore_ops name##_ops = {	\
		.resume = name##_resume,		\
	};						\
	static struct syscore name = {			\
		.ops = &name##_ops,			\
	}
#define swtlb_register_syscore register_syscore
#define swtlb_unregister_syscore unregister_syscore

#else

#define SWTLB_SYSCORE_RESUME(name, func)		\
	static struct syscore_ops name = {		\
		.resume = func,				\
	}
#define swtlb_register_syscore register_syscore_ops
#define swtlb_unregister_syscore unregister_syscore_ops

#endif

#endif /* XEN_SWTLB_COMPAT_H */
