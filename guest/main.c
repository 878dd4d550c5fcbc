// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers hypercall buffers with Xen's software TLB: of an HVM or PVH guest
 * of x86-64, on a Xen that has it.  Anywhere else the module loads, says once
 * why there is nothing to do, and does nothing: it must not fail a boot.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpuhotplug.h>
#include <linux/memory.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/slab.h>

#include <xen/xen.h>
#include <xen/xen-ops.h>
#include <asm/xen/hypervisor.h>

#include "compat.h"
#include "internal.h"

static bool directmap = true;
module_param(directmap, bool, 0444);
MODULE_PARM_DESC(directmap, "Register the direct map of all memory (default Y)");

static bool image = true;
module_param(image, bool, 0444);
MODULE_PARM_DESC(image, "Register the kernel image's data (default Y)");

static const char *idle_reason;
static u32 max_entries;
static int hotplug_state;	/* from cpuhp_setup_state() */

const char *swtlb_idle_reason(void)
{
	return idle_reason;
}

u32 swtlb_vcpu(unsigned int cpu)
{
	return xen_vcpu_nr(cpu);
}

static const char *__init find_reason_to_idle(void)
{
	u32 base;

	if (!xen_domain())
		return "not on Xen";
	if (xen_pv_domain())
		return "a PV guest cannot have a software TLB";

	/* KVM pretending to be Xen gets here as well, and ends like an old Xen. */
	base = xen_cpuid_base();
	if (!base || cpuid_eax(base) < base + 4 ||
	    !(cpuid_eax(base + 4) & XEN_HVM_CPUID_SWTLB))
		return "this Xen has no software TLB, or it is off";

	if (!directmap && !image)
		return "the parameters choose nothing to register";

	return NULL;
}

static int __init get_limits(void)
{
	struct xen_swtlb_limits *limits = kzalloc(sizeof(*limits), GFP_KERNEL);
	int err;

	if (!limits)
		return -ENOMEM;

	err = swtlb_query(swtlb_vcpu(0), XEN_SWTLB_QUERY_limits, 0, limits);
	max_entries = limits->max_entries;
	kfree(limits);

	return err;
}

/* Both run on the CPU itself, which keeps whatever it can get: no error. */
static int cpu_came(unsigned int cpu)
{
	swtlb_table_add_cpu(cpu);

	return 0;
}

static int cpu_goes(unsigned int cpu)
{
	swtlb_table_remove_cpu(cpu);

	return 0;
}

static int set_table(void)
{
	struct swtlb_ranges *list = swtlb_ranges_get(max_entries);

	if (!list)
		return -ENOMEM;
	pr_info_once("registers %u ranges for each CPU; Xen allows %u\n",
		     list->nr, max_entries);
	swtlb_table_set(list);

	return 0;
}

static int memory_changed(struct notifier_block *nb, unsigned long action,
			  void *data)
{
	const struct memory_notify *memory = data;
	u64 start = PFN_PHYS(memory->start_pfn);
	u64 end = start + PFN_PHYS(memory->nr_pages);
	int err;

	if (!directmap || (action != MEM_ONLINE && action != MEM_OFFLINE))
		return NOTIFY_DONE;

	err = swtlb_ranges_memory(start, end, action == MEM_ONLINE);
	if (!err)
		err = set_table();
	if (err)
		pr_warn("no memory to follow a change of memory at %#llx\n",
			start);

	return NOTIFY_OK;
}

static struct notifier_block memory_nb = {
	.notifier_call = memory_changed,
};

/*
 * Reboot, power-off and kexec: what runs next must not inherit an entry.  A
 * kernel that crashes into another one comes by here no more; but then, and
 * after kexec too, Linux asks Xen for a soft reset, which ends all entries.
 */
static int going_down(struct notifier_block *nb, unsigned long action,
		      void *data)
{
	swtlb_table_stop();

	return NOTIFY_DONE;
}

static struct notifier_block reboot_nb = {
	.notifier_call = going_down,
};

/*
 * Xen resets vCPUs when the machine sleeps, and a saved or migrated domain
 * comes back without entries.  This is called for either, and for resume from
 * hibernation.
 */
SWTLB_SYSCORE_RESUME(wakeup, swtlb_table_renew);

/* When nothing can register any more. */
static void forget(void)
{
	swtlb_table_stop();
	swtlb_table_set(NULL);
	swtlb_ranges_exit();
}

static int __init start(void)
{
	int err;

	err = get_limits();
	if (err)
		return err;

	/* Watch memory first, then look at it: nothing comes in between. */
	err = register_memory_notifier(&memory_nb);
	if (err)
		return err;
	err = swtlb_ranges_init(directmap, image);
	if (err)
		goto err_memory;

	/* No CPU is wanted yet: it removes what somebody may have left. */
	err = set_table();
	if (err)
		goto err_memory;

	err = register_reboot_notifier(&reboot_nb);
	if (err)
		goto err_memory;
	swtlb_register_syscore(&wakeup);

	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "xen/swtlb:online",
				cpu_came, cpu_goes);
	if (err < 0)
		goto err_syscore;
	hotplug_state = err;

	return 0;

err_syscore:
	swtlb_unregister_syscore(&wakeup);
	unregister_reboot_notifier(&reboot_nb);
err_memory:
	unregister_memory_notifier(&memory_nb);
	forget();

	return err;
}

static void stop(void)
{
	cpuhp_remove_state(hotplug_state);
	swtlb_unregister_syscore(&wakeup);
	unregister_reboot_notifier(&reboot_nb);
	unregister_memory_notifier(&memory_nb);
	forget();
}

static int __init swtlb_init(void)
{
	int err;

	idle_reason = find_reason_to_idle();
	if (!idle_reason) {
		err = start();
		if (err) {
			pr_warn("error %d while starting\n", err);
			idle_reason = "an error while starting";
		}
	}

	if (idle_reason)
		pr_info("nothing to do: %s\n", idle_reason);
	swtlb_status_init();

	return 0;
}
module_init(swtlb_init);

static void __exit swtlb_exit(void)
{
	swtlb_status_exit();
	if (!idle_reason)
		stop();
}
module_exit(swtlb_exit);

MODULE_LICENSE("GPL");
MODULE_VERSION(XEN_SWTLB_VERSION);
MODULE_DESCRIPTION("Registers hypercall buffers with Xen's software TLB");
