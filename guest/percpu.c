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

DEFINE_PER_CPU(struct swtlb_buf, swtlb_buf);

bool swtlb_encrypted(void)
{
	return cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT);
}

static void *area;
static size_t cpu_size;		/* of a CPU's part */
static size_t area_size;

/*
 * Preemption is off.  There is no room; unless the CPU has got to a hypercall
 * before its hotplug state, and can have its entries now.
 */
static bool join(void)
{
	struct swtlb_buf *b = this_cpu_ptr(&swtlb_buf);

	if (b->end || !b->own || b->tried)
		return false;

	b->tried = true;

	return swtlb_table_join(smp_processor_id());
}

void *swtlb_buf_get(size_t size)
{
	void *buf;

	if (!size || size > INT_MAX)
		return NULL;

	preempt_disable_notrace();
	buf = __swtlb_buf_get(size);
	if (unlikely(!buf) && join())
		buf = __swtlb_buf_get(size);
	preempt_enable_notrace();

	return buf;
}
EXPORT_SYMBOL_GPL(swtlb_buf_get);

void swtlb_buf_put(void *p, size_t size)
{
	__swtlb_buf_put(p);
}
EXPORT_SYMBOL_GPL(swtlb_buf_put);

size_t swtlb_buf_room(void)
{
	struct swtlb_buf *b;
	size_t room = 0;

	preempt_disable_notrace();
	b = this_cpu_ptr(&swtlb_buf);
	if ((b->end || join()) && b->end > b->top)
		room = b->end - b->top;
	preempt_enable_notrace();

	return room;
}
EXPORT_SYMBOL_GPL(swtlb_buf_room);

static void set_base(struct swtlb_buf *b, void *base)
{
	b->base = base;
	b->top = base;
}

/* The CPU has got its entries, or is about to lose them. */
void swtlb_buf_enable(unsigned int cpu, bool enable)
{
	struct swtlb_buf *b = per_cpu_ptr(&swtlb_buf, cpu);

	/* Nobody uses what was lent then: one CPU, interrupts off. */
	if (enable && b->own && b->base != b->own)
		set_base(b, b->own);
	WRITE_ONCE(b->end, enable && b->own ? b->own + cpu_size : NULL);
	b->tried = false;
}

/* Early, for this CPU and until it has its own: registered memory. */
void swtlb_buf_lend(void *base, u32 size)
{
	struct swtlb_buf *b = this_cpu_ptr(&swtlb_buf);

	set_base(b, base);
	b->end = b->base + size;
}

/* It was zeroes once, so the last byte that is none tells the most ever used. */
void swtlb_buf_usage(unsigned int cpu, u32 *size, u32 *used, u32 *peak)
{
	struct swtlb_buf *b = per_cpu_ptr(&swtlb_buf, cpu);
	u32 end = b->own ? cpu_size : 0;

	while (end && !b->own[end - 1])
		end--;

	*size = READ_ONCE(b->end) ? cpu_size : 0;
	*used = READ_ONCE(b->top) - b->base;
	*peak = ALIGN(end, SWTLB_BUF_ROUND);
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
		per_cpu_ptr(&swtlb_buf, cpu)->own = area + i++ * cpu_size;

	return 0;
}

/* When no hypercall can get here any more, and Xen has no entry of it. */
void swtlb_buf_exit(void)
{
	unsigned int cpu;

	if (!area)
		return;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(&swtlb_buf, cpu), 0, sizeof(struct swtlb_buf));
	release();
}
