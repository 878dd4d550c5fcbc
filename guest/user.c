// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of hypercalls that programs have privcmd make: libxenctrl uses them
 * where a result does not fit into an int.  Left to Xen, an entry could become
 * something else after it was looked at.  So each is read once, and made by
 * itself; to Xen an entry is a hypercall like any other.
 */
#include <linux/kconfig.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include <xen/interface/xen.h>

#include "internal.h"

/* Whether it would change what is registered: see thunk.S. */
bool swtlb_registers(const struct multicall_entry *entry)
{
	u8 op = entry->args[0];

	return entry->op == __HYPERVISOR_vcpu_op &&
	       op >= VCPUOP_SWTLB_FIRST && op <= VCPUOP_SWTLB_LAST &&
	       op != VCPUOP_swtlb_query;
}

static long make_entry(const struct multicall_entry *entry)
{
	/* As Xen has it. */
	if (entry->op == __HYPERVISOR_multicall)
		return -EINVAL;
	if (swtlb_registers(entry))
		return -EPERM;

	return swtlb_user_call(entry->op, entry->args);
}

/*
 * From the thunk, in the place of the hypercall.  It must not sleep: without
 * preemption privcmd has told the kernel that a hypercall is under way on this
 * CPU.
 */
long swtlb_user_multicall(struct multicall_entry __user *list,
			  unsigned long count)
{
	struct multicall_entry entry;
	unsigned long i;

	for (i = 0; i < count; i++) {
		/*
		 * As Xen makes a pause between two.  Of a process that is killed
		 * nobody sees the result.
		 */
		if (IS_ENABLED(CONFIG_PREEMPTION))
			cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		if (copy_from_user_nofault(&entry, &list[i], sizeof(entry)))
			return -EFAULT;
		entry.result = make_entry(&entry);
		if (copy_to_user_nofault(&list[i].result, &entry.result,
					 sizeof(entry.result)))
			return -EFAULT;
	}

	return 0;
}
