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
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>

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

static bool marshal = true;
module_param(marshal, bool, 0444);
MODULE_PARM_DESC(marshal, "Carry what is not registered through a buffer of the CPU (default Y)");

static bool strict;
module_param(strict, bool, 0444);
MODULE_PARM_DESC(strict, "Have Xen walk no page tables any more, for good (default N)");

static const char *idle_reason;
static u32 max_entries;
static u32 max_pinned;

/*
 * What is to be registered is changed by one at a time: the sets of memory in
 * ranges.c, the table, and the filter follow each other.
 */
static DEFINE_MUTEX(change_lock);
static bool begun;		/* until then nobody follows changes of memory */

static int hotplug_prepare, hotplug_online;	/* from cpuhp_setup_state() */

const char *swtlb_idle_reason(void)
{
	return idle_reason;
}

/* A CPU that joins the table asks, in any context. */
u32 notrace swtlb_vcpu(unsigned int cpu)
{
	return xen_vcpu_nr(cpu);
}

static const char *__init find_reason_to_idle(void)
{
	if (!xen_domain())
		return "not on Xen";
	if (xen_pv_domain())
		return "a PV guest cannot have a software TLB";

	if (!swtlb_offered())
		return "this Xen has no software TLB, or it is off";

	if (swtlb_early_unwanted())
		return "xen_swtlb=off";

	/* Xen could but read what is encrypted. */
	if (swtlb_encrypted() || swtlb_early_buffers_only()) {
		directmap = false;
		image = false;
	} else if (!directmap && !image && !marshal) {
		return "the parameters choose nothing to register";
	}

	return NULL;
}

/* Whether they are others than they were.  Under change_lock. */
static bool set_limits(const struct xen_swtlb_limits *limits)
{
	u32 pinned = limits->flags & XEN_SWTLB_FLAG_pinned ?
		     limits->max_pinned : 0;

	if (limits->max_entries == max_entries && pinned == max_pinned)
		return false;
	max_entries = limits->max_entries;
	max_pinned = pinned;
	swtlb_table_limit(max_entries);

	return true;
}

/*
 * Nothing is registered yet, and Xen may not be willing to walk: register the
 * buffer, for the vCPU that this runs on.  set_table() purges it.  In an
 * encrypted guest it cannot be any memory.
 */
static int __init get_limits(void)
{
	union swtlb_answer *a = kzalloc(sizeof(*a), GFP_KERNEL), *to = a;
	u64 pa, size;
	int err;

	if (!a)
		return -ENOMEM;
	if (swtlb_taken_over())
		to = swtlb_buf_get(sizeof(*a));	/* what early.c lends */
	else if (swtlb_buf_area(0, &pa, &size))
		to = __va(pa);
	else
		pa = __pa(a);
	if (!to) {
		kfree(a);
		return -ENOBUFS;
	}

	preempt_disable();
	if (!swtlb_taken_over())
		swtlb_op(VCPUOP_swtlb_insert, swtlb_vcpu(smp_processor_id()),
			 (unsigned long)to, pa, sizeof(*a));
	err = swtlb_op(VCPUOP_swtlb_query, swtlb_vcpu(0), (unsigned long)to,
		       XEN_SWTLB_QUERY_limits, 0);
	if (!err) {
		set_limits(&to->limits);
		err = swtlb_op(VCPUOP_swtlb_query, swtlb_vcpu(0),
			       (unsigned long)to, XEN_SWTLB_QUERY_state, 0);
	}
	/* Dom0 is, if Xen is told so when it boots. */
	if (!err && to->state.flags & XEN_SWTLB_STATE_strict)
		swtlb_strict = true;
	preempt_enable();
	if (swtlb_taken_over())
		swtlb_buf_put(to);
	kfree(a);

	return err;
}

/*
 * On another CPU.  Where Xen does not walk, a CPU without entries fails in the
 * first hypercall for its timer, and Linux with it; it cannot be stopped on the
 * way up, nor can anybody be told.  So it is not even started.
 */
static int cpu_starts(unsigned int cpu)
{
	return swtlb_may_walk() ? 0 : swtlb_table_prepare_cpu(cpu);
}

/*
 * On the CPU itself.  If it has made hypercalls on the way up it has joined
 * already.  Where Xen walks it keeps whatever it can get: no error; nor does a
 * CPU that is there when this is set up go.
 */
static int cpu_came(unsigned int cpu)
{
	int err = swtlb_table_add_cpu(cpu);

	return hotplug_online && !swtlb_may_walk() ? err : 0;
}

static int cpu_goes(unsigned int cpu)
{
	swtlb_table_cpu_leaves(cpu);

	return 0;
}

/*
 * On another CPU: until it is dead it makes hypercalls, which in a strict
 * domain have to be covered.
 */
static int cpu_died(unsigned int cpu)
{
	swtlb_table_remove_cpu(cpu);

	return 0;
}

/* For early.c, too: before the second CPU is started. */
int __init swtlb_watch_starts(void)
{
	int err;

	if (hotplug_prepare)
		return 0;

	err = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "xen/swtlb:prepare",
				cpu_starts, cpu_died);
	if (err < 0)
		return err;
	hotplug_prepare = err;

	return 0;
}

static int __init watch_cpus(void)
{
	int err = swtlb_watch_starts();

	if (err)
		return err;

	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "xen/swtlb:online",
				cpu_came, cpu_goes);
	if (err < 0) {
		cpuhp_remove_state(hotplug_prepare);
		hotplug_prepare = 0;
		return err;
	}
	hotplug_online = err;

	return 0;
}

/* Under change_lock. */
static int set_table(void)
{
	struct swtlb_ranges *list = swtlb_ranges_get(max_entries,
						     max_pinned);

	if (!list)
		return -ENOMEM;
	pr_info_once("registers %u ranges for each CPU; Xen allows %u\n",
		     list->nr, max_entries);
	swtlb_table_set(list);

	return 0;
}

static int follow_memory(u64 start, u64 end, bool present)
{
	int err = 0;

	mutex_lock(&change_lock);
	if (begun) {
		err = swtlb_ranges_memory(start, end, present);
		if (!err)
			err = set_table();
	}
	mutex_unlock(&change_lock);

	if (err)
		pr_warn("no memory to follow a change of memory at %#llx\n",
			start);

	return err;
}

/*
 * Memory is registered before anybody can be given any of it, and no longer
 * once nobody has any.  If that fails, what is in use already is walked; where
 * Xen does not walk, the memory does not come.
 */
static int memory_changed(struct notifier_block *nb, unsigned long action,
			  void *data)
{
	const struct memory_notify *memory = data;
	u64 start = PFN_PHYS(memory->start_pfn);
	u64 end = start + PFN_PHYS(memory->nr_pages);
	int err;

	if (!directmap)
		return NOTIFY_DONE;

	switch (action) {
	case MEM_GOING_ONLINE:
		err = follow_memory(start, end, true);
		return swtlb_may_walk() ? NOTIFY_OK : notifier_from_errno(err);
	case MEM_CANCEL_ONLINE:
	case MEM_OFFLINE:
		follow_memory(start, end, false);
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block memory_nb = {
	.notifier_call = memory_changed,
};

/*
 * Reboot, power-off and kexec: what runs next must not inherit an entry.  A
 * kernel that crashes into another one comes by here no more; but then, and
 * after kexec too, Linux asks Xen for a soft reset, which ends all entries.
 * Where Xen does not walk that is what has to do it: without entries the kernel
 * could not even ask.
 */
static int going_down(struct notifier_block *nb, unsigned long action,
		      void *data)
{
	if (swtlb_may_walk())
		swtlb_table_stop();

	return NOTIFY_DONE;
}

static struct notifier_block reboot_nb = {
	.notifier_call = going_down,
};

/*
 * A kernel that is about to load a hibernated image hands over as it does on
 * reboot: see swtlb_table_suspend().  Where Xen does not walk it cannot, and
 * the image must not run with this kernel's entries.
 */
static int sleeping(struct notifier_block *nb, unsigned long action,
		    void *data)
{
	if (action != PM_RESTORE_PREPARE || swtlb_may_walk())
		return NOTIFY_DONE;

	pr_warn("a hibernated image cannot be loaded: Xen does not walk\n");

	return NOTIFY_BAD;
}

static struct notifier_block sleep_nb = {
	.notifier_call = sleeping,
};

static int suspend_table(void)
{
	swtlb_table_suspend();

	return 0;
}

/* It may be another Xen, with larger or smaller tables, or none. */
static void look_at_limits(struct work_struct *work)
{
	union swtlb_answer *a = kzalloc(sizeof(*a), GFP_KERNEL);
	int err;

	if (!a)
		return;

	mutex_lock(&change_lock);
	err = swtlb_query(swtlb_vcpu(raw_smp_processor_id()),
			  XEN_SWTLB_QUERY_limits, 0, a);
	if (!err && set_limits(&a->limits) && begun)
		err = set_table();
	mutex_unlock(&change_lock);
	kfree(a);

	if (err && err != -ENOSYS && err != -EOPNOTSUPP)
		pr_warn("error %d while looking at what Xen allows\n", err);
}

static DECLARE_WORK(limits_work, look_at_limits);

static void resume_table(void)
{
	swtlb_table_resume();
	schedule_work(&limits_work);
}

/*
 * Xen resets vCPUs when the machine sleeps, and a saved or migrated domain
 * comes back without entries, unless it is strict.  These are called for
 * either, and for hibernation.
 */
SWTLB_SYSCORE(sleep_ops, suspend_table, resume_table);

/* When nothing can register any more. */
static void forget_all(void)
{
	swtlb_takeover_stop();
	swtlb_table_stop();
	swtlb_table_forget();
	begun = false;
	swtlb_ranges_exit();
	swtlb_buf_exit();
}

/* Entries are of use without: no error. */
static void __init take_hypercalls_over(void)
{
	bool carry = marshal;
	u64 start, size;
	int err;

	if (!carry && !swtlb_may_walk()) {
		pr_warn("marshal=0 is ignored: Xen does not walk\n");
		carry = true;
	}
	if (!swtlb_buf_area(0, &start, &size))
		carry = false;
	if (!carry && !swtlb_device_wanted())
		return;

	err = swtlb_takeover_start(carry);
	if (err)
		pr_warn("error %d: cannot take over the hypercalls\n", err);
}

/*
 * Only if hypercalls are carried: Linux has arguments on its stack, and does
 * not survive some of these hypercalls failing.
 */
static void __init make_strict(void)
{
	int err;

	if (!swtlb_carries()) {
		pr_warn("not made strict: hypercalls are not carried\n");
		return;
	}

	/*
	 * Changes of memory that have begun are done then, and those that come
	 * wait for who relies on what they take away.  The lock cannot be held
	 * any longer: to stop the machine takes that of CPU hotplug, and under
	 * that memory comes and goes.
	 */
	mutex_lock(&change_lock);
	swtlb_filter_wait(true);
	mutex_unlock(&change_lock);
	swtlb_takeover_settle();

	err = swtlb_table_strict();
	if (err) {
		swtlb_filter_wait(false);
		pr_warn("error %d: the domain is not strict\n", err);
	} else {
		pr_info("Xen walks no page table of this domain any more\n");
	}
}

static void __init begin_carrying(void)
{
	take_hypercalls_over();
	if (strict && !swtlb_strict)
		make_strict();
	/* No hypercall with a buffer would work without this. */
	if (!swtlb_may_walk())
		__module_get(THIS_MODULE);
}

/* All that hypercalls need.  Under change_lock. */
static int __init begin_locked(void)
{
	int err;

	err = swtlb_buf_init();
	if (err) {
		pr_warn("error %d: no buffers for the CPUs\n", err);
		if (swtlb_encrypted())
			return err;
	}

	err = get_limits();
	if (err)
		goto err_buf;

	swtlb_table_adopt(swtlb_early_ranges());

	err = swtlb_ranges_init(directmap, image);
	if (err)
		goto err_buf;

	/* If no CPU is wanted yet, it removes what somebody may have left. */
	err = set_table();
	if (err)
		goto err_buf;
	begun = true;

	return 0;

err_buf:
	forget_all();

	return err;
}

static int __init begin_registering(void)
{
	int err;

	mutex_lock(&change_lock);
	err = begin_locked();
	mutex_unlock(&change_lock);

	return err;
}

static int __init start_following(void)
{
	int err;

	/*
	 * Watch memory first, then look at it: nothing is missed in between.
	 * What comes before begin_registering() is there when it looks.
	 */
	err = register_memory_notifier(&memory_nb);
	if (err)
		return err;
	if (!begun) {
		err = begin_registering();
		if (err)
			goto err_memory;
	}

	err = register_reboot_notifier(&reboot_nb);
	if (err)
		goto err_memory;
	err = register_pm_notifier(&sleep_nb);
	if (err)
		goto err_reboot;
	swtlb_register_syscore(&sleep_ops);

	err = watch_cpus();
	if (err)
		goto err_syscore;

	if (!swtlb_taken_over())
		begin_carrying();

	return 0;

err_syscore:
	swtlb_unregister_syscore(&sleep_ops);
	cancel_work_sync(&limits_work);
	unregister_pm_notifier(&sleep_nb);
err_reboot:
	unregister_reboot_notifier(&reboot_nb);
err_memory:
	unregister_memory_notifier(&memory_nb);
	if (begun)
		forget_all();

	return err;
}

/* For early.c, long before swtlb_init(): one CPU, interrupts off. */
int __init swtlb_begin_early(void)
{
	int err = find_reason_to_idle() ? -ENODEV : begin_registering();

	if (!err)
		begin_carrying();

	return err;
}

/* For early.c: what the kernel maps how has changed. */
void swtlb_refresh(void)
{
	int err;

	if (idle_reason)
		return;

	mutex_lock(&change_lock);
	err = swtlb_ranges_init(directmap, image);
	if (!err)
		err = set_table();
	mutex_unlock(&change_lock);
	if (err)
		pr_warn("error %d while looking at memory again\n", err);
}

static void stop_following(void)
{
	cpuhp_remove_state(hotplug_online);
	cpuhp_remove_state(hotplug_prepare);
	swtlb_unregister_syscore(&sleep_ops);
	cancel_work_sync(&limits_work);
	unregister_pm_notifier(&sleep_nb);
	unregister_reboot_notifier(&reboot_nb);
	unregister_memory_notifier(&memory_nb);
	forget_all();
	swtlb_marshal_exit();
}

static int __init swtlb_init(void)
{
	int err;

	idle_reason = find_reason_to_idle();
	if (!idle_reason) {
		err = start_following();
		if (err) {
			pr_warn("error %d while starting\n", err);
			idle_reason = "an error while starting";
		}
	}

	if (idle_reason)
		pr_info("nothing to do: %s\n", idle_reason);
	swtlb_device_init(!idle_reason);
	swtlb_status_init();

	return 0;
}
module_init(swtlb_init);

static void __exit swtlb_exit(void)
{
	swtlb_status_exit();
	swtlb_device_exit();
	if (!idle_reason)
		stop_following();
}
module_exit(swtlb_exit);

/* What makes /dev/xen/hypercall comes first, so that it is replaced once. */
MODULE_SOFTDEP("pre: xen-privcmd");
MODULE_LICENSE("GPL");
MODULE_VERSION(XEN_SWTLB_VERSION);
MODULE_DESCRIPTION("Registers hypercall buffers with Xen's software TLB");
