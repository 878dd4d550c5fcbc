// SPDX-License-Identifier: GPL-2.0-only
/*
 * A buffer for each CPU, that hypercall arguments are carried through.
 *
 * All of them are one piece of memory, allocated once, for all CPUs that may
 * ever be there: so a CPU that goes offline and comes again finds its own,
 * nothing is allocated or encrypted anew when it does, and one entry or two
 * are enough for all CPUs.
 *
 * In an encrypted guest it is decrypted, once and before Xen is told of it.
 * Whole pages are, and nothing else is in these.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cc_platform.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/set_memory.h>

#include "internal.h"

#define ROUND		16	/* to which sizes are rounded up */

/*
 * @used belongs to the CPU itself.  @limit is how much of the memory may be
 * used now: none before the CPU has its entries, nor when it lost them.
 */
struct buf {
	u8 *base;
	u32 limit;
	u32 used;
	u32 peak;
	bool tried;		/* to get the entries, without success */
};

static DEFINE_PER_CPU(struct buf, buf);

bool swtlb_encrypted(void)
{
	return cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT);
}

static void *area;
static size_t cpu_size;		/* of a CPU's part */
static size_t area_size;

/* Preemption is off.  A CPU may get here before its hotplug state does. */
static bool may_use(struct buf *b)
{
	if (likely(b->limit))
		return true;
	if (!b->base || b->tried)
		return false;

	b->tried = true;

	return swtlb_table_join(smp_processor_id());
}

/*
 * No lock and no atomic operation: who comes in between, on this CPU, has put
 * all that it got by the time it returns.  @used has to be raised before
 * anything is written, though.
 */
void *swtlb_buf_get(size_t size)
{
	struct buf *b;
	u32 used;

	preempt_disable_notrace();
	b = this_cpu_ptr(&buf);
	used = b->used;

	if (unlikely(!may_use(b) || size > b->limit ||
		     used + ALIGN(size, ROUND) > b->limit)) {
		preempt_enable_notrace();
		return NULL;
	}

	WRITE_ONCE(b->used, used + ALIGN(size, ROUND));
	barrier();
	if (b->used > b->peak)
		b->peak = b->used;

	return b->base + used;
}
EXPORT_SYMBOL_GPL(swtlb_buf_get);

void swtlb_buf_put(void *p, size_t size)
{
	struct buf *b = this_cpu_ptr(&buf);

	barrier();
	WRITE_ONCE(b->used, (u8 *)p - b->base);
	preempt_enable_notrace();
}
EXPORT_SYMBOL_GPL(swtlb_buf_put);

size_t swtlb_buf_room(void)
{
	struct buf *b;
	size_t room = 0;

	preempt_disable_notrace();
	b = this_cpu_ptr(&buf);
	if (may_use(b) && b->limit > b->used)
		room = b->limit - b->used;
	preempt_enable_notrace();

	return room;
}
EXPORT_SYMBOL_GPL(swtlb_buf_room);

/* The CPU has got its entries, or is about to lose them. */
void swtlb_buf_enable(unsigned int cpu, bool enable)
{
	struct buf *b = per_cpu_ptr(&buf, cpu);

	WRITE_ONCE(b->limit, enable && b->base ? cpu_size : 0);
	b->tried = false;
}

void swtlb_buf_usage(unsigned int cpu, u32 *size, u32 *used, u32 *peak)
{
	struct buf *b = per_cpu_ptr(&buf, cpu);

	*size = READ_ONCE(b->limit);
	*used = READ_ONCE(b->used);
	*peak = READ_ONCE(b->peak);
}

/* Physical addresses; false if there is nothing. */
bool swtlb_buf_area(u64 *start, u64 *size)
{
	if (!area)
		return false;

	*start = __pa(area);
	*size = area_size;

	return true;
}

/* Memory that may be decrypted in part must never be used again: leak it. */
static void release(void)
{
	unsigned long start = (unsigned long)area;

	if (swtlb_encrypted() &&
	    set_memory_encrypted(start, PFN_UP(area_size)))
		pr_warn("cannot encrypt the buffers again: %zu bytes are lost\n",
			area_size);
	else
		free_pages_exact(area, area_size);
	area = NULL;
}

/*
 * As many pages for each CPU as can be had in one piece.  Of an encrypted
 * guest Xen sees nothing but these pages.
 */
int swtlb_buf_init(void)
{
	unsigned int cpu, i = 0, pages = SWTLB_BUF_PAGES;
	unsigned long start;

	if (area)
		return 0;

	for (; pages && !area; pages /= 2) {
		cpu_size = pages * PAGE_SIZE;
		area_size = num_possible_cpus() * cpu_size;
		if (area_size > MAX_ORDER_NR_PAGES * PAGE_SIZE)
			continue;
		area = alloc_pages_exact(area_size, GFP_KERNEL | __GFP_ZERO |
					 __GFP_NOWARN);
	}
	if (!area)
		return -ENOMEM;

	start = (unsigned long)area;
	if (swtlb_encrypted() &&
	    set_memory_decrypted(start, PFN_UP(area_size))) {
		pr_warn("cannot decrypt the buffers\n");
		release();
		return -EIO;
	}

	for_each_possible_cpu(cpu)
		per_cpu_ptr(&buf, cpu)->base = area + i++ * cpu_size;

	return 0;
}

/* When no hypercall can get here any more, and Xen has no entry of it. */
void swtlb_buf_exit(void)
{
	unsigned int cpu;

	if (!area)
		return;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(&buf, cpu), 0, sizeof(struct buf));
	release();
}
