// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Xen has been told.
 *
 * All CPUs want the same entries, hence they share one table: the first CPU
 * to come inserts the ranges, each later one shares.  That costs Xen the
 * memory of one table, a CPU one hypercall to come and one to go, and a CPU
 * that goes leaves the table to the others, whichever came first.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "internal.h"

/*
 * Guards everything below and puts the hypercalls that change a table in
 * order.  A raw one, with interrupts off, because resume from suspend runs
 * with interrupts off, in stop_machine() even: so nobody can hold the lock
 * then and be stopped.  What it is held for is one hypercall a range, a few
 * dozen at most.
 */
static DEFINE_RAW_SPINLOCK(table_lock);
static struct swtlb_ranges *ranges;
static struct cpumask wanted;		/* CPUs that are to have the table */
static struct cpumask registered;	/* those of them that do */
static struct cpumask complained;	/* those of which a failure was said */
static bool stopped;			/* the kernel hands over: no more */

static int insert_ranges(u32 vcpu)
{
	unsigned int i;
	int err;

	for (i = 0; i < ranges->nr; i++) {
		const struct swtlb_range *r = &ranges->range[i];

		err = swtlb_op(VCPUOP_swtlb_insert, vcpu, r->gva, r->gpa,
			       r->size);
		if (err) {
			swtlb_op(VCPUOP_swtlb_purge_all, vcpu, 0, 0, 0);
			return err;
		}
	}

	return 0;
}

static void give_table(unsigned int cpu)
{
	unsigned int first = cpumask_first(&registered);
	u32 vcpu = swtlb_vcpu(cpu);
	int err;

	/* Whatever this vCPU ran before, firmware maybe, left it this. */
	swtlb_op(VCPUOP_swtlb_purge_all, vcpu, 0, 0, 0);

	if (first < nr_cpu_ids)
		err = swtlb_op(VCPUOP_swtlb_share, vcpu, swtlb_vcpu(first), 0,
			       0);
	else
		err = insert_ranges(vcpu);

	if (!err)
		cpumask_set_cpu(cpu, &registered);
	else if (!cpumask_test_and_set_cpu(cpu, &complained))
		pr_warn("CPU %u: error %d from Xen; its hypercalls go on without entries\n",
			cpu, err);
}

static void renew(void)
{
	unsigned int cpu;

	swtlb_op(VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
	cpumask_clear(&registered);

	if (stopped || !ranges || !ranges->nr)
		return;

	for_each_cpu(cpu, &wanted)
		give_table(cpu);
}

/*
 * Have @new registered in place of what was; takes it over.  Meanwhile the
 * other CPUs' copies are walked, as they would be without the module.
 */
void swtlb_table_set(struct swtlb_ranges *new)
{
	struct swtlb_ranges *old;
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	old = ranges;
	ranges = new;
	renew();
	raw_spin_unlock_irqrestore(&table_lock, flags);

	kfree(old);
}

/* Xen may have lost, or have kept, any part: after suspend. */
void swtlb_table_renew(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	renew();
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

void swtlb_table_add_cpu(unsigned int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	cpumask_set_cpu(cpu, &wanted);
	if (!stopped && ranges && ranges->nr)
		give_table(cpu);
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

void swtlb_table_remove_cpu(unsigned int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	cpumask_clear_cpu(cpu, &wanted);
	if (cpumask_test_and_clear_cpu(cpu, &registered))
		swtlb_op(VCPUOP_swtlb_purge_all, swtlb_vcpu(cpu), 0, 0, 0);
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

/* For good: no vCPU has an entry when it returns, and none gets one. */
void swtlb_table_stop(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	stopped = true;
	renew();
	raw_spin_unlock_irqrestore(&table_lock, flags);
}
