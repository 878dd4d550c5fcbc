// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has all hypercalls of the kernel come by the thunk: they are one static
 * call, xen_hypercall.  What the static call led to before is where the thunk
 * leads to in turn.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/static_call.h>
#include <linux/stop_machine.h>
#include <linux/string.h>

#include "internal.h"

static_assert(SWTLB_OPS_FIRST == VCPUOP_SWTLB_FIRST);
static_assert(SWTLB_OPS_LAST == VCPUOP_SWTLB_LAST);
static_assert(SWTLB_OPS_QUERY == VCPUOP_swtlb_query);

/* Where hypercalls lead until swtlb_takeover_start() knows what it replaces. */
DEFINE_STATIC_CALL(swtlb_original, STATIC_CALL_TRAMP(xen_hypercall));

/* ---- what is registered ------------------------------------------------- */

/*
 * What is registered, the largest first: what to subtract from an address from
 * which the one before has been subtracted already; and how large it is.  The
 * thunk looks at the first two only.
 *
 * All of the direct map is one of them, and all of the image's data.  The
 * holes in between, which are not registered, are no memory, or nothing that
 * the kernel could have for a buffer: its text, constants, and the IDT.
 *
 * What is in none of them is carried through a buffer, as if it were not
 * registered: not wrong, just not needed.
 */
struct swtlb_filter swtlb_filter[SWTLB_FILTERS];

static bool taken_over;
static bool carries;		/* not only what programs could register with */
static bool about_to_be_strict;	/* see swtlb_takeover_settle() */

/*
 * Nobody is in the thunk any more that was when it is called.  Where Xen may
 * walk, one that takes something for registered does no harm; and early there
 * is but one task, and nothing to wait with.
 *
 * RCU tasks waits for all tasks, the preempted ones, too, but not for the idle
 * ones, nor for what has interrupted these.  synchronize_rcu() does: both run
 * with preemption off, and RCU watches but where the CPU rests.
 */
static void sync_filter(void)
{
	if (!taken_over || !rcu_scheduler_active)
		return;
	if (swtlb_may_walk() && !READ_ONCE(about_to_be_strict))
		return;

	synchronize_rcu_tasks();
	synchronize_rcu();
}

static int by_address(const void *a, const void *b)
{
	u64 left = ((const struct swtlb_range *)a)->gva;
	u64 right = ((const struct swtlb_range *)b)->gva;

	return left < right ? -1 : left > right ? 1 : 0;
}

static int by_size(const void *a, const void *b)
{
	u64 left = ((const struct swtlb_range *)a)->size;
	u64 right = ((const struct swtlb_range *)b)->size;

	return left < right ? 1 : left > right ? -1 : 0;
}

static void join_ranges(struct swtlb_ranges *list)
{
	struct swtlb_range *last = list->range;
	unsigned int i;

	sort(list->range, list->nr, sizeof(list->range[0]), by_address, NULL);
	for (i = 1; i < list->nr; i++) {
		const struct swtlb_range *r = &list->range[i];

		if (r->gva - r->gpa == last->gva - last->gpa)
			last->size = r->gva + r->size - last->gva;
		else
			*++last = *r;
	}
	list->nr = last - list->range + 1;
}

/* What the filter is to be for @list: NULL, or no memory, and it has nothing. */
static void plan_filter(struct swtlb_filter to[SWTLB_FILTERS],
			const struct swtlb_ranges *list)
{
	struct swtlb_ranges *sorted = NULL;
	unsigned int i;
	u64 base = 0;

	memset(to, 0, SWTLB_FILTERS * sizeof(*to));
	if (list && list->nr)
		sorted = kmemdup(list, struct_size(list, range, list->nr),
				 GFP_KERNEL);
	if (!sorted)
		return;

	/* Some that are missing may be between others. */
	if (!sorted->partial)
		join_ranges(sorted);
	sort(sorted->range, sorted->nr, sizeof(sorted->range[0]), by_size,
	     NULL);
	for (i = 0; i < min_t(u32, sorted->nr, SWTLB_FILTERS); i++) {
		to[i].step = sorted->range[i].gva - base;
		to[i].size = sorted->range[i].size;
		base = sorted->range[i].gva;
	}
	kfree(sorted);
}

static bool same_steps(const struct swtlb_filter to[SWTLB_FILTERS])
{
	unsigned int i;

	for (i = 0; i < SWTLB_FILTERS; i++)
		if (swtlb_filter[i].step != to[i].step)
			return false;

	return true;
}

/*
 * When it returns nobody relies on what @list has not; NULL: on anything.  A
 * step is never used with the size of another time: where steps change, sizes
 * are zero until everybody has seen that, and has seen the steps.  If they do
 * not, which is the rule when memory comes or goes, less has to be waited for.
 */
void swtlb_filter_narrow(const struct swtlb_ranges *list)
{
	struct swtlb_filter to[SWTLB_FILTERS];
	bool less = false, same;
	unsigned int i;

	plan_filter(to, list);
	same = same_steps(to);
	for (i = 0; i < SWTLB_FILTERS; i++) {
		u64 size = same ? to[i].size : 0;

		if (size >= swtlb_filter[i].size)
			continue;
		WRITE_ONCE(swtlb_filter[i].size, size);
		less = true;
	}
	if (less)
		sync_filter();
	if (same || !list)
		return;

	for (i = 0; i < SWTLB_FILTERS; i++)
		WRITE_ONCE(swtlb_filter[i].step, to[i].step);
	sync_filter();
}

/* What @list has is registered; and so far the filter was narrowed to it. */
void swtlb_filter_widen(const struct swtlb_ranges *list)
{
	struct swtlb_filter to[SWTLB_FILTERS];
	unsigned int i;

	plan_filter(to, list);
	if (!same_steps(to)) {
		/* Some of it could not be registered after all. */
		swtlb_filter_narrow(list);
		if (!same_steps(to))
			return;
	}
	for (i = 0; i < SWTLB_FILTERS; i++)
		WRITE_ONCE(swtlb_filter[i].size, to[i].size);
}

bool swtlb_registered(const void *p, size_t len)
{
	u64 offset = (unsigned long)p;
	unsigned int i;

	for (i = 0; i < SWTLB_FILTERS; i++) {
		u64 size = READ_ONCE(swtlb_filter[i].size);

		offset -= READ_ONCE(swtlb_filter[i].step);
		if (offset < size)
			return len <= size - offset;
	}

	return false;
}

/* ---- counters ----------------------------------------------------------- */

/* Of hypercalls, by CPU; the thunk has the first two. */
DEFINE_PER_CPU(unsigned long, swtlb_passed);
DEFINE_PER_CPU(u32 [SWTLB_CALLS], swtlb_user);
DEFINE_PER_CPU(u32 [SWTLB_CALLS], swtlb_marshalled);
static DEFINE_PER_CPU(u32 [SWTLB_CALLS], uncovered);
static DEFINE_PER_CPU(u32 [SWTLB_CALLS], refused);

void swtlb_count_passed(void)
{
	this_cpu_inc(swtlb_passed);
}

void swtlb_count_uncovered(unsigned long nr)
{
	this_cpu_inc(uncovered[nr % SWTLB_CALLS]);
}

void swtlb_count_refused(unsigned long nr)
{
	this_cpu_inc(refused[nr % SWTLB_CALLS]);
}

void swtlb_get_counts(unsigned int cpu, unsigned int nr,
		      struct swtlb_counts *counts)
{
	counts->marshalled = per_cpu(swtlb_marshalled, cpu)[nr];
	counts->user = per_cpu(swtlb_user, cpu)[nr];
	counts->uncovered = per_cpu(uncovered, cpu)[nr];
	counts->refused = per_cpu(refused, cpu)[nr];
}

unsigned long swtlb_get_passed(unsigned int cpu)
{
	return per_cpu(swtlb_passed, cpu);
}

/* ---- the static call ---------------------------------------------------- */

/*
 * synchronize_rcu_tasks() does not wait for tasks that were preempted, if there
 * is nothing but synchronize_rcu() behind it.
 */
#if defined(CONFIG_PREEMPTION) && !defined(CONFIG_TASKS_RCU)
#error "with CONFIG_PREEMPTION it takes CONFIG_TASKS_RCU"
#endif

#ifdef MODULE
/*
 * Modules can use the static call but are not given its key.  The kernel,
 * though, notes in the module which key each of its call sites belongs to;
 * swtlb_site(), in thunk.S, consists of such a site and little more.
 */
static struct static_call_key *find_key(void)
{
	const struct module *me = THIS_MODULE;
	int i;

	for (i = 0; i < me->num_static_call_sites; i++) {
		const struct static_call_site *s = &me->static_call_sites[i];

		unsigned long addr = (unsigned long)&s->addr + s->addr;

		if (addr - (unsigned long)swtlb_site >= 16)
			continue;
		return (void *)(((unsigned long)&s->key + s->key) &
				~STATIC_CALL_SITE_FLAGS);
	}

	return NULL;
}
#else
static struct static_call_key *find_key(void)
{
	return &STATIC_CALL_KEY(xen_hypercall);
}
#endif

static void lead_to(struct static_call_key *key, void *func)
{
	__static_call_update(key, &STATIC_CALL_TRAMP(xen_hypercall), func);
}

/*
 * @carry: what is not registered.  If not, only programs' registrations are
 * held back.
 */
int swtlb_takeover_start(bool carry)
{
	struct static_call_key *key = find_key();
	void *original = key ? READ_ONCE(key->func) : NULL;

	if (taken_over)
		return 0;
	if (!original)
		return -ENOENT;

	/* Where the thunk leads to has to be right before anybody gets there. */
	static_call_update(swtlb_original, original);
	lead_to(key, carry ? swtlb_thunk : swtlb_guard);
	taken_over = true;
	carries = carry;

	return 0;
}

/* For stop_machine(): that each CPU gets here is all. */
static int have_come_out(void *unused)
{
	return 0;
}

/*
 * When it returns no hypercall is under way that was when it was called, but
 * for those of programs that privcmd lets be preempted.
 *
 * A task may have been preempted on the way: synchronize_rcu_tasks() waits
 * until each one has left the CPU by itself, which nobody does in there.  It
 * does not look at the idle tasks; stop_machine() does, for the CPU has to come
 * out of whatever hypercall and interrupt it is in before the stopper runs.
 */
static void wait_for_all(void)
{
	/* Early there is one CPU, and one task: this. */
	if (!rcu_scheduler_active)
		return;

	synchronize_rcu_tasks();
	stop_machine(have_come_out, NULL, cpu_possible_mask);
}

/*
 * When it returns no hypercall is in the thunk or in marshal.c, and none will
 * get there: call sites no longer lead there once the static call is updated.
 * (Hypercalls that pass are jumped to, and leave nothing to return to.)
 */
void swtlb_takeover_stop(void)
{
	if (!taken_over)
		return;

	lead_to(find_key(), static_call_query(swtlb_original));
	wait_for_all();
	taken_over = false;
	carries = false;
	about_to_be_strict = false;
}

/*
 * Before the domain becomes strict, having taken over: when it returns, each
 * hypercall that is under way has come by the thunk, and has gone by what is
 * registered.  One that was called before would fail as soon as Xen does not
 * walk any more, and Linux with it.
 *
 * Meanwhile memory may come and go, and whoever changes the filter has to wait
 * as if the domain was strict already.  The caller has made sure that nobody is
 * in the midst of a change that began before @on was set: see main.c.
 */
void swtlb_filter_wait(bool on)
{
	WRITE_ONCE(about_to_be_strict, on);
}

void swtlb_takeover_settle(void)
{
	if (taken_over)
		wait_for_all();
}

bool swtlb_taken_over(void)
{
	return taken_over;
}

bool swtlb_carries(void)
{
	return carries;
}
