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
#include <linux/hardirq.h>
#include <linux/mm_types.h>
#include <linux/percpu.h>
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
static struct cpumask failed;		/* ... do not, and it is to be told */
static struct cpumask complained;	/* of which that was told */
static DEFINE_PER_CPU(int, failure);	/* what Xen said */
static unsigned int generation;		/* grows when programs' entries go */
static unsigned int max_entries;	/* that Xen allows a table */
bool swtlb_strict __read_mostly;	/* Xen does not walk for this domain */
static bool cut_short;			/* the last of @ranges are not there */
static bool stopped;			/* the kernel hands over: no more */
static bool asleep;			/* from suspend to resume: none */

/* The CPU that has the lock: its hypercalls meanwhile must not wait for it. */
#define NOBODY	UINT_MAX
static unsigned int owner = NOBODY;

/*
 * Nothing is printed with it held.  The console may be one that makes a
 * hypercall for it, and a CPU without entries then tries to get some.
 */
static unsigned long lock_table(void)
	__acquires(&table_lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&table_lock, flags);
	WRITE_ONCE(owner, smp_processor_id());

	return flags;
}

static void unlock_table(unsigned long flags)
	__releases(&table_lock)
{
	WRITE_ONCE(owner, NOBODY);
	raw_spin_unlock_irqrestore(&table_lock, flags);
}

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
		swtlb_buf_put(buf);
	}

	return err;
}

/*
 * What Xen walks for a CPU, and in a strict domain refuses, from when it starts
 * to go offline to when it is back and has entries: what Xen writes by itself,
 * such as the runstate of a vCPU that has been reset.  (Xen before 4.18 does,
 * as it has no areas by physical address: see areas.c.)
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

static void count_away(unsigned int cpu)
{
	struct swtlb_away *sum = &per_cpu(while_away, cpu);
	struct swtlb_away before = per_cpu(when_leaving, cpu), now;

	if (!cpumask_test_and_clear_cpu(cpu, &away))
		return;

	/* Xen's counters only grow; but it may not have answered. */
	now = get_away(cpu);
	sum->misses += max(now.misses, before.misses) - before.misses;
	sum->refused += max(now.refused, before.refused) - before.refused;
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

/*
 * Of more than Xen takes, as after a move to one with smaller tables, what
 * comes first is registered, the CPUs' buffers above all.  It takes another
 * list then.
 */
static int insert_ranges(u32 vcpu)
{
	unsigned int i;
	int err;

	cut_short = false;
	for (i = 0; i < ranges->nr; i++) {
		err = insert_range(vcpu, &ranges->range[i]);
		if (err == -ENOSPC && i && i >= ranges->keep) {
			cut_short = true;
			break;
		}
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
		count_away(cpu);
	}

	return err;
}

static int give_table(unsigned int cpu)
{
	int err = try_give_table(cpu);

	if (err && !cpumask_test_and_set_cpu(cpu, &complained)) {
		per_cpu(failure, cpu) = err;
		cpumask_set_cpu(cpu, &failed);
	}

	return err;
}

/* Without the lock, by whom give_table() was called. */
static void tell_failures(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &failed) {
		if (cpumask_test_and_clear_cpu(cpu, &failed))
			pr_warn("CPU %u: error %d from Xen; its hypercalls go on without entries\n",
				cpu, per_cpu(failure, cpu));
	}
}

static bool may_register(void)
{
	return !stopped && !asleep && ranges && ranges->nr;
}

/*
 * All goes, and what is wanted is registered anew.  For when no hypercall can
 * be under way, or Xen has lost it all anyway.
 */
static void renew_all(void)
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

/* ---- changes under running CPUs ------------------------------------------ */

static int insert_for_all(const struct swtlb_range *r)
{
	return insert_range(swtlb_vcpu(cpumask_first(&registered)), r);
}

static int purge_for_all(u64 gva, u64 size)
{
	int err = swtlb_op(VCPUOP_swtlb_purge,
			   swtlb_vcpu(cpumask_first(&registered)), gva, 0,
			   size);

	return err == -ENODATA ? 0 : err;
}

static int purge_range(const struct swtlb_range *r)
{
	return purge_for_all(r->gva, r->size);
}

/*
 * What of @r begins at @at: whether @list has the same there, and in @next
 * where that ends.
 */
static bool list_has(const struct swtlb_ranges *list, const struct swtlb_range *r,
		     u64 at, u64 *next)
{
	unsigned int i;

	*next = r->gva + r->size;
	for (i = 0; i < list->nr; i++) {
		const struct swtlb_range *l = &list->range[i];

		if (l->gva - l->gpa != r->gva - r->gpa || l->flags != r->flags)
			continue;
		if (l->gva <= at && at - l->gva < l->size) {
			*next = min(*next, l->gva + l->size);
			return true;
		}
		if (l->gva > at)
			*next = min(*next, l->gva);
	}

	return false;
}

/* Call @func for what @list has and @other has not. */
static int for_difference(const struct swtlb_ranges *list,
			  const struct swtlb_ranges *other,
			  int (*func)(const struct swtlb_range *r))
{
	struct swtlb_range part;
	unsigned int i;
	u64 at, next;
	int err;

	for (i = 0; i < list->nr; i++) {
		const struct swtlb_range *r = &list->range[i];

		for (at = r->gva; at != r->gva + r->size; at = next) {
			if (list_has(other, r, at, &next))
				continue;
			part = *r;
			part.gva = at;
			part.gpa += at - r->gva;
			part.size = next - at;
			err = func(&part);
			if (err)
				return err;
		}
	}

	return 0;
}

/*
 * What is in both stays registered all the time: the CPUs' buffers, without
 * which no CPU of a strict domain can do; and what Xen writes to by itself,
 * such as runstate areas.  It may take more entries than @new has ranges.
 */
static int change_entries(const struct swtlb_ranges *old,
			  const struct swtlb_ranges *new)
{
	return for_difference(old, new, purge_range) ?:
	       for_difference(new, old, insert_for_all);
}

/* Programs' entries give way: theirs are all below the kernel's addresses. */
static void evict_programs(void)
{
	if (purge_for_all(0, TASK_SIZE_MAX))
		return;
	WRITE_ONCE(generation, generation + 1);
	swtlb_device_lost();
}

/* The canonical addresses of the kernel, but for the last page. */
#define KERNEL_START	0xffff800000000000ul
#define KERNEL_END	0xfffffffffffff000ul

/* All of the kernel's goes but for the buffers, which have entries. */
static void purge_kernel(const struct swtlb_ranges *list)
{
	u64 start = KERNEL_START, end;
	unsigned int i;

	do {
		const struct swtlb_range *next = NULL;

		for (i = 0; i < list->keep; i++) {
			const struct swtlb_range *r = &list->range[i];

			if (r->gva >= start && (!next || r->gva < next->gva))
				next = r;
		}
		end = next ? next->gva : KERNEL_END;
		if (end > start)
			purge_for_all(start, end - start);
		start = next ? next->gva + next->size : KERNEL_END;
	} while (start < KERNEL_END);
}

/*
 * There is no room for the entries of a change.  Have one a range again; if
 * that is not enough, programs' entries give way; what Xen refuses then is left
 * out: returns how many bytes, and why.  Meanwhile everything is carried: no
 * CPU relies on anything but its buffer.
 */
static unsigned long compact_entries(struct swtlb_ranges *list, int *error)
{
	unsigned int i = list->keep;
	bool evicted = false;
	unsigned long left_out = 0;

	cut_short = false;
	purge_kernel(list);
	while (i < list->nr) {
		int err = insert_for_all(&list->range[i]);

		if (err == -ENOSPC && !evicted) {
			evict_programs();
			evicted = true;
			continue;
		}
		if (!err) {
			i++;
			continue;
		}
		left_out += list->range[i].size;
		*error = err;
		list->partial = true;
		list->nr--;
		memmove(&list->range[i], &list->range[i + 1],
			(list->nr - i) * sizeof(list->range[0]));
	}

	return left_out;
}

/* What early.c has registered for all CPUs that are online, if not NULL. */
void swtlb_table_adopt(struct swtlb_ranges *old)
{
	unsigned long flags;
	unsigned int cpu;

	if (!old)
		return;

	flags = lock_table();
	ranges = old;
	for_each_online_cpu(cpu) {
		cpumask_set_cpu(cpu, &wanted);
		cpumask_set_cpu(cpu, &registered);
	}
	unlock_table(flags);
}

/* Under table_lock.  -ENOSPC and the like: it takes compact_entries(). */
static int replace_ranges(struct swtlb_ranges *old, struct swtlb_ranges *new)
{
	unsigned int cpu;
	int err = 0;

	ranges = new;
	if (stopped || !old || !new || cpumask_empty(&registered))
		renew_all();
	else
		err = change_entries(old, new);
	/* Of what early.c registered, the buffers were no part. */
	for_each_cpu(cpu, &registered)
		swtlb_buf_enable(cpu, true);

	return err ?: cut_short ? -ENOSPC : 0;
}

/*
 * Have @new registered in place of what was; takes it over.  One at a time: see
 * main.c.  What is in both is registered all the time, the rest is carried.
 */
void swtlb_table_set(struct swtlb_ranges *new)
{
	struct swtlb_ranges *old;
	unsigned long flags;
	unsigned long left_out = 0;
	int err;

	swtlb_filter_narrow(new);

	flags = lock_table();
	old = ranges;
	err = replace_ranges(old, new);
	unlock_table(flags);

	if (err) {
		swtlb_filter_narrow(NULL);
		flags = lock_table();
		if (may_register() && !cpumask_empty(&registered))
			left_out = compact_entries(new, &err);
		unlock_table(flags);
	}
	tell_failures();
	if (left_out)
		pr_warn("error %d from Xen: %lu bytes are not registered\n",
			err, left_out);

	swtlb_filter_widen(new);
	kfree(old);
	swtlb_device_room();
}

void swtlb_table_limit(unsigned int max)
{
	WRITE_ONCE(max_entries, max);
}

/*
 * How many entries programs can have together.  The kernel's may become more,
 * when memory comes and goes, and then have to find room.
 */
unsigned int swtlb_table_room(void)
{
	unsigned int max = READ_ONCE(max_entries), kernel = min(max / 4, 16u);
	unsigned long flags;

	flags = lock_table();
	if (ranges)
		kernel += ranges->nr;
	unlock_table(flags);

	return max - min(max, kernel);
}

/* ---- for good, or for a while -------------------------------------------- */

/* Not before all CPUs have entries, and what covers their buffers is there. */
static int make_strict(void)
{
	int err = -EBUSY;

	if (!cpumask_empty(&registered) && cpumask_equal(&wanted, &registered))
		err = swtlb_op(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 0, 0,
			       0);
	if (!err)
		WRITE_ONCE(swtlb_strict, true);

	return err;
}

/* Without a buffer this CPU would try to join, and so for table_lock. */
static bool can_ask(void)
{
	return cpumask_test_cpu(smp_processor_id(), &registered);
}

/* Xen takes away the whole of a vCPU's table, or nothing. */
static bool has_table(unsigned int cpu)
{
	union swtlb_answer a;

	return !swtlb_query(swtlb_vcpu(cpu), XEN_SWTLB_QUERY_state, 0, &a) &&
	       a.state.nr_sharers;
}

/*
 * Whether @cpu, which is registered, has lost its table; then it is no longer.
 * Under table_lock.
 */
static bool is_bereft(unsigned int cpu)
{
	if (has_table(cpu))
		return false;
	swtlb_buf_enable(cpu, false);
	cpumask_clear_cpu(cpu, &registered);

	return true;
}

/*
 * Of a domain that is restored Linux takes the other vCPUs down for a moment,
 * which ends their sharing, and then gives Xen their areas.  Xen can only write
 * to these by their entries.
 */
void swtlb_table_mend(u32 vcpu)
{
	unsigned long flags;
	unsigned int cpu;

	flags = lock_table();
	for_each_cpu(cpu, &registered) {
		if (swtlb_vcpu(cpu) == vcpu && cpu != smp_processor_id() &&
		    can_ask() && is_bereft(cpu))
			give_table(cpu);
	}
	unlock_table(flags);
	tell_failures();
}

/*
 * The last thing before the machine sleeps or becomes another one: a hibernated
 * image that is about to be loaded has its memory elsewhere, and its first
 * hypercalls must not find these entries.  Without entries nothing works where
 * Xen does not walk, so they stay then: see main.c.  But Linux may take the
 * other CPUs' from them when it wakes up: see swtlb_table_mend().
 */
void swtlb_table_suspend(void)
{
	unsigned long flags;
	unsigned int cpu;

	flags = lock_table();
	if (swtlb_may_walk()) {
		asleep = true;
		renew_all();
	} else if (can_ask()) {
		for_each_cpu(cpu, &registered)
			swtlb_table_cpu_leaves(cpu);
	}
	unlock_table(flags);
}

/*
 * Xen has kept a strict domain's entries, also if that was saved and restored,
 * or migrated, but for what swtlb_table_mend() tells of.  False: Xen has reset
 * all vCPUs; where this CPU has no table it cannot even answer.
 */
static bool keep_entries(void)
{
	unsigned int cpu;

	if (!can_ask() || !has_table(smp_processor_id()))
		return false;

	for_each_cpu(cpu, &registered) {
		if (!is_bereft(cpu))
			cpumask_clear_cpu(cpu, &away);
	}

	for_each_cpu(cpu, &wanted) {
		if (!cpumask_test_cpu(cpu, &registered))
			give_table(cpu);
	}

	return true;
}

/*
 * What Xen says, whatever became of an attempt to make it strict.  A domain
 * that is not strict cannot be refused an answer.
 */
static bool still_strict(void)
{
	union swtlb_answer a;

	return !can_ask() ||
	       swtlb_query(swtlb_vcpu(0), XEN_SWTLB_QUERY_state, 0, &a) ||
	       a.state.flags & XEN_SWTLB_STATE_strict;
}

/* Xen may have lost, or have kept, any part: after suspend. */
void swtlb_table_resume(void)
{
	unsigned long flags;
	int err = 0;

	flags = lock_table();
	asleep = false;
	if (swtlb_may_walk() || !keep_entries()) {
		renew_all();
		/* A Xen without records for it has restored one that is not. */
		if (swtlb_strict)
			err = make_strict();
		if (err) {
			WRITE_ONCE(swtlb_strict, still_strict());
			err = swtlb_strict ? 0 : err;
		}
	}
	unlock_table(flags);

	tell_failures();
	if (err)
		pr_warn("error %d: the domain is not strict any more\n", err);
}

#ifdef CONFIG_SMP
/*
 * The CPU itself has come to a hypercall, in any context, before it came to
 * its hotplug state: nothing may be printed, and nobody, such as lockdep,
 * relied on to be ready for it.  -EAGAIN: another CPU changes the table and did
 * not get done; or this one does, and asks Xen something, or an NMI came.
 */
int swtlb_table_join(unsigned int cpu)
{
	unsigned int tries = in_nmi() ? 1 : 1 << 20;
	unsigned long flags;
	int err = -EAGAIN;

	raw_local_irq_save(flags);
	if (READ_ONCE(owner) == cpu)
		goto out;
	while (!arch_spin_trylock(&table_lock.raw_lock)) {
		if (!--tries)
			goto out;
		cpu_relax();
	}
	WRITE_ONCE(owner, cpu);
	if (cpumask_test_cpu(cpu, &registered)) {
		err = 0;
	} else if (!may_register() || cpumask_empty(&registered)) {
		err = -ENODEV;
	} else {
		err = try_give_table(cpu);
		if (!err)
			cpumask_set_cpu(cpu, &wanted);
	}
	WRITE_ONCE(owner, NOBODY);
	arch_spin_unlock(&table_lock.raw_lock);
out:
	raw_local_irq_restore(flags);

	return err;
}
#else
int swtlb_table_join(unsigned int cpu)
{
	return -ENODEV;
}
#endif

/*
 * On another CPU, before this one is started: whether it can share the table.
 * It does from now on, until Xen resets the vCPU when it starts it.  Then it
 * takes no more of Xen's memory than Xen got back that moment.
 */
int swtlb_table_prepare_cpu(unsigned int cpu)
{
	u32 vcpu = swtlb_vcpu(cpu);
	unsigned long flags;
	unsigned int first;
	int err = 0;

	flags = lock_table();
	first = cpumask_first(&registered);
	if (may_register() && first < nr_cpu_ids &&
	    !cpumask_test_cpu(cpu, &registered)) {
		swtlb_op(VCPUOP_swtlb_purge_all, vcpu, 0, 0, 0);
		err = swtlb_op(VCPUOP_swtlb_share, vcpu, swtlb_vcpu(first), 0,
			       0);
	}
	unlock_table(flags);

	return err;
}

/* On the CPU itself, which may have joined already. */
int swtlb_table_add_cpu(unsigned int cpu)
{
	unsigned long flags;
	int err = 0;

	flags = lock_table();
	cpumask_set_cpu(cpu, &wanted);
	if (may_register() && !cpumask_test_cpu(cpu, &registered))
		err = give_table(cpu);
	count_away(cpu);
	unlock_table(flags);
	tell_failures();

	return err;
}

/* On another CPU: this one is dead, or has failed to come up. */
void swtlb_table_remove_cpu(unsigned int cpu)
{
	unsigned long flags;

	flags = lock_table();
	cpumask_clear_cpu(cpu, &wanted);
	swtlb_buf_enable(cpu, false);
	/* It may have a table that it never came to use. */
	cpumask_clear_cpu(cpu, &registered);
	swtlb_op(VCPUOP_swtlb_purge_all, swtlb_vcpu(cpu), 0, 0, 0);
	unlock_table(flags);
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

	flags = lock_table();
	if (!stopped && !cpumask_empty(&registered) &&
	    !WARN_ON_ONCE(read_cr3_pa() != __pa(mm->pgd)))
		err = swtlb_op(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_space,
			       swtlb_vcpu(cpumask_first(&registered)), gva,
			       gpa, size);
	unlock_table(flags);

	return err;
}

/*
 * All of it was one process's.  -ENODATA: Xen has lost it, or nothing was
 * registered since the latest purge of all; that Xen may know no purge, if the
 * domain was moved.
 */
int swtlb_table_purge_user(u64 gva, u64 size)
{
	unsigned long flags;
	int err = -ENODATA;

	flags = lock_table();
	if (!cpumask_empty(&registered))
		err = swtlb_op(VCPUOP_swtlb_purge, XEN_SWTLB_ALL_VCPUS, gva, 0,
			       size);
	unlock_table(flags);

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

	flags = lock_table();
	stopped = true;
	renew_all();
	unlock_table(flags);
}

/* After that: as before there was a table. */
void swtlb_table_forget(void)
{
	unsigned long flags;

	swtlb_table_set(NULL);
	flags = lock_table();
	cpumask_clear(&wanted);
	cpumask_clear(&complained);
	stopped = false;
	unlock_table(flags);
}

/* For good, too: from now on Xen does not walk page tables for this domain. */
int swtlb_table_strict(void)
{
	unsigned long flags;
	int err;

	flags = lock_table();
	err = make_strict();
	unlock_table(flags);

	return err;
}
