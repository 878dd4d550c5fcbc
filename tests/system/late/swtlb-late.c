// SPDX-License-Identifier: GPL-2.0-only
/*
 * Says the verdict of a test when the kernel goes down, after all others that
 * want to know of it: whether any vCPU still has an entry in Xen's software
 * TLB.
 */
#define pr_fmt(fmt) fmt

#include <linux/cpumask.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/slab.h>

#include <xen/xen-ops.h>
#include <asm/xen/hypercall.h>

#include <public/swtlb.h>

static char *name = "system-late";
module_param(name, charp, 0444);
MODULE_PARM_DESC(name, "The test's name");

static struct xen_swtlb_state *state;

static int late(struct notifier_block *nb, unsigned long action, void *data)
{
	unsigned int cpu;
	long err;

	for_each_possible_cpu(cpu) {
		err = xen_single_call(__HYPERVISOR_vcpu_op,
				      VCPUOP_swtlb_query, xen_vcpu_nr(cpu),
				      (unsigned long)state,
				      XEN_SWTLB_QUERY_state, 0);
		if (err || state->nr_entries) {
			pr_emerg("@verdict %s failure: CPU %u: error %ld, %u entries\n",
				 name, cpu, err, state->nr_entries);
			return NOTIFY_DONE;
		}
	}
	pr_emerg("@verdict %s success\n", name);

	return NOTIFY_DONE;
}

static struct notifier_block late_nb = {
	.notifier_call = late,
	.priority = INT_MIN,
};

static int __init late_init(void)
{
	int err;

	state = kzalloc(sizeof(*state), GFP_KERNEL);
	if (!state)
		return -ENOMEM;

	err = register_reboot_notifier(&late_nb);
	if (err)
		kfree(state);

	return err;
}
module_init(late_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of xen-swtlb: looks for entries at reboot");
