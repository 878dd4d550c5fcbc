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
#include <linux/percpu.h>
#include <linux/mm_types.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

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
static unsigned int generation;	/* grows whenever all entries go */
static bool stopped;			/* the kernel hands over: no more */
static bool strict;			/* Xen does not walk for this domain */

/* The buffer of the CPU, where it has one, is registered for sure. */
int swtlb_query(u32 vcpu, unsigned int what, unsigned int index,
		union swtlb_answer *answer)
{
	union swtlb_answer *buf = swtlb_buf_get(sizeof(*buf));
	void *to = buf ?: answer;
	int err;

	err = swtlb_op(VCPUOP_swtlb_query, vcpu, (unsigned long)to, what,
		       index);
	if (buf) {
		if (!err)
			*answer = *buf;
		swtlb_buf_put(buf, sizeof(*buf));
	}

	return err;
}

/*
 * What Xen walks for a CPU, and in a strict domain refuses, from when it starts
 * to go offline to when it is back and has entries: what Xen writes by itself,
 * such as the runstate of a vCPU that has been reset.  (Xen before 4.18 does,
 * as it has no areas by physical address: see runstate.c.)
 */
static DEFINE_PER_CPU(struct swtlb_away, when_leaving);
static DEFINE_PER_CPU(struct swtlb_away, while_away);
static struct cpumask away;

static struct swtlb_away get_away(unsigned int cpu)
{
	struct swtlb_away count = {};
	union swtlb_answer a;

	if (!swtlb_query(swtlb_vcpu(cpu), XEN_SWTLB_QUERY_stats, 0, &a)) {
		count.misses = a.stats.misses;
		count.refused = a.stats.refused;
	}

	return count;
}

/* On the CPU itself: it goes offline, and needs its entries until it has. */
void swtlb_table_cpu_leaves(unsigned int cpu)
{
	per_cpu(when_leaving, cpu) = get_away(cpu);
	cpumask_set_cpu(cpu, &away);
}

static void is_back(unsigned int cpu)
{
	struct swtlb_away *sum = &per_cpu(while_away, cpu);
	struct swtlb_away before = per_cpu(when_leaving, cpu), now;

	if (!cpumask_test_and_clear_cpu(cpu, &away))
		return;

	now = get_away(cpu);
	sum->misses += now.misses - before.misses;
	sum->refused += now.refused - before.refused;
}

struct swtlb_away swtlb_get_away(unsigned int cpu)
{
	return per_cpu(while_away, cpu);
}

/*
 * Pages that cannot be pinned, because there are too many or the guest has
 * ballooned some away, can be registered all the same.
 */
static int insert_range(u32 vcpu, const struct swtlb_range *r)
{
	int err = swtlb_op(VCPUOP_swtlb_insert | r->flags, vcpu, r->gva,
			   r->gpa, r->size);

	if (r->flags && (err == -ENOBUFS || err == -EACCES))
		err = swtlb_op(VCPUOP_swtlb_insert, vcpu, r->gva, r->gpa,
			       r->size);

	return err;
}

static int insert_ranges(u32 vcpu)
{
	unsigned int i;
	int err;

	for (i = 0; i < ranges->nr; i++) {
		err = insert_range(vcpu, &ranges->range[i]);
		if (err) {
			swtlb_op(VCPUOP_swtlb_purge_all, vcpu, 0, 0, 0);
			return err;
		}
	}

	return 0;
}

static int try_give_table(unsigned int cpu)
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

	if (!err) {
		cpumask_set_cpu(cpu, &registered);
		swtlb_buf_enable(cpu, true);
		is_back(cpu);
	}

	return err;
}

static void give_table(unsigned int cpu)
{
	int err = try_give_table(cpu);

	if (err && !cpumask_test_and_set_cpu(cpu, &complained))
		pr_warn("CPU %u: error %d from Xen; its hypercalls go on without entries\n",
			cpu, err);
}

static bool may_register(void)
{
	return !stopped && ranges && ranges->nr;
}

static void renew(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &registered)
		swtlb_buf_enable(cpu, false);
	cpumask_clear(&registered);
	swtlb_op(VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
	WRITE_ONCE(generation, generation + 1);
	swtlb_device_lost();

	if (!may_register())
		return;

	for_each_cpu(cpu, &wanted)
		give_table(cpu);
}

static bool is_in(const struct swtlb_ranges *list, const struct swtlb_range *r)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		const struct swtlb_range *l = &list->range[i];

		if (l->gva == r->gva && l->gpa == r->gpa &&
		    l->size == r->size && l->flags == r->flags)
			return true;
	}

	return false;
}

/*
 * Leave alone what stays, above all the buffers: in a strict domain no CPU
 * can do without.
 */
static int change(const struct swtlb_ranges *old,
		  const struct swtlb_ranges *new)
{
	u32 vcpu = swtlb_vcpu(cpumask_first(&registered));
	unsigned int i;
	int err = 0;

	for (i = 0; i < old->nr; i++)
		if (!is_in(new, &old->range[i]))
			swtlb_op(VCPUOP_swtlb_purge, vcpu, old->range[i].gva, 0,
				 old->range[i].size);

	for (i = 0; !err && i < new->nr; i++)
		if (!is_in(old, &new->range[i]))
			err = insert_range(vcpu, &new->range[i]);

	return err;
}

/* What early.c has registered for all CPUs that are online, if not NULL. */
void swtlb_table_adopt(struct swtlb_ranges *old)
{
	unsigned long flags;
	unsigned int cpu;

	if (!old)
		return;

	raw_spin_lock_irqsave(&table_lock, flags);
	ranges = old;
	for_each_online_cpu(cpu) {
		cpumask_set_cpu(cpu, &wanted);
		cpumask_set_cpu(cpu, &registered);
	}
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

/*
 * Have @new registered in place of what was; takes it over.  Meanwhile other
 * CPUs' hypercalls use their buffers, or are walked, as they would be without
 * the module.
 */
void swtlb_table_set(struct swtlb_ranges *new)
{
	struct swtlb_ranges *old;
	unsigned long flags;
	unsigned int cpu;

	swtlb_filter_set(NULL);

	raw_spin_lock_irqsave(&table_lock, flags);
	old = ranges;
	ranges = new;
	if (stopped || !old || !new || cpumask_empty(&registered) ||
	    change(old, new))
		renew();
	/* Of what early.c registered, the buffers were no part. */
	for_each_cpu(cpu, &registered)
		swtlb_buf_enable(cpu, true);
	raw_spin_unlock_irqrestore(&table_lock, flags);

	swtlb_filter_set(new);
	kfree(old);
}

/* Xen may have lost, or have kept, any part: after suspend. */
void swtlb_table_renew(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	renew();
	/* A domain that was saved and restored is a new one. */
	if (strict)
		swtlb_op(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

#ifdef CONFIG_SMP
/*
 * The CPU itself has come to a hypercall, in any context, before it came to
 * its hotplug state: nothing may be waited for, nothing printed, and nobody,
 * such as lockdep, relied on to be ready for it.
 */
bool swtlb_table_join(unsigned int cpu)
{
	unsigned long flags;
	bool done = false;

	raw_local_irq_save(flags);
	if (arch_spin_trylock(&table_lock.raw_lock)) {
		if (cpumask_test_cpu(cpu, &registered)) {
			done = true;
		} else if (may_register() && !cpumask_empty(&registered)) {
			done = !try_give_table(cpu);
			if (done)
				cpumask_set_cpu(cpu, &wanted);
		}
		arch_spin_unlock(&table_lock.raw_lock);
	}
	raw_local_irq_restore(flags);

	return done;
}
#else
bool swtlb_table_join(unsigned int cpu)
{
	return false;
}
#endif

/* On the CPU itself, which may have joined already. */
void swtlb_table_add_cpu(unsigned int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	cpumask_set_cpu(cpu, &wanted);
	if (may_register() && !cpumask_test_cpu(cpu, &registered))
		give_table(cpu);
	is_back(cpu);
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

/* On another CPU: this one is dead, or has failed to come up. */
void swtlb_table_remove_cpu(unsigned int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	cpumask_clear_cpu(cpu, &wanted);
	swtlb_buf_enable(cpu, false);
	if (cpumask_test_and_clear_cpu(cpu, &registered))
		swtlb_op(VCPUOP_swtlb_purge_all, swtlb_vcpu(cpu), 0, 0, 0);
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

/*
 * An entry that counts while @mm's page tables are in use, which they have to
 * be now.  All CPUs share the table: it takes one vCPU to insert it.
 */
int swtlb_table_insert_user(const struct mm_struct *mm, u64 gva, u64 gpa,
			    u64 size)
{
	unsigned long flags;
	int err = -ENODEV;

	raw_spin_lock_irqsave(&table_lock, flags);
	if (!stopped && !cpumask_empty(&registered) &&
	    !WARN_ON_ONCE(read_cr3_pa() != __pa(mm->pgd)))
		err = swtlb_op(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_space,
			       swtlb_vcpu(cpumask_first(&registered)), gva,
			       gpa, size);
	raw_spin_unlock_irqrestore(&table_lock, flags);

	return err;
}

unsigned int swtlb_table_generation(void)
{
	return READ_ONCE(generation);
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

/*
 * For good, too: from now on Xen does not walk page tables for this domain.
 * Not before all CPUs have entries, and what covers their buffers is there.
 */
int swtlb_table_strict(void)
{
	unsigned long flags;
	u64 start, size;
	int err = -EBUSY;

	if (!swtlb_buf_area(&start, &size) ||
	    !swtlb_registered(__va(start), 1))
		return -ENOBUFS;

	raw_spin_lock_irqsave(&table_lock, flags);
	if (!cpumask_empty(&registered) && cpumask_equal(&wanted, &registered))
		err = swtlb_op(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 0, 0,
			       0);
	strict = !err;
	raw_spin_unlock_irqrestore(&table_lock, flags);

	return err;
}
