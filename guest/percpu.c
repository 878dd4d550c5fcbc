// SPDX-License-Identifier: GPL-2.0-only
/*
 * A buffer for each CPU, that hypercall arguments are carried through.
 *
 * They are allocated once, for all CPUs that may ever be there: so a CPU that
 * goes offline and comes again finds its own, and nothing is allocated or
 * encrypted anew when it does.  Those of a node's CPUs are one piece of its
 * memory, for which an entry or two are enough; or several, if they are more
 * than the page allocator has in one piece.  Where there are many nodes a piece
 * is for CPUs of any.
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
#include <linux/topology.h>

#include "internal.h"

DEFINE_PER_CPU(struct swtlb_buf, swtlb_buf);

bool swtlb_encrypted(void)
{
	return cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT);
}

/*
 * Each takes an entry or two.  On more nodes than this CPUs have their buffers
 * anywhere: then it is enough for more CPUs than Linux can be configured for,
 * of four pages each, where the page allocator has 4 MiB in one piece.
 */
#define MAX_AREAS 32

static struct area {
	void *start;
	unsigned int order;
} areas[MAX_AREAS];

static unsigned int nr_areas;
static size_t cpu_size;		/* of a CPU's part */
static bool by_node;		/* an area is for the CPUs of one node */

/*
 * Preemption is off.  There is no room; unless the CPU has got to a hypercall
 * before its hotplug state, and can have its entries now.
 */
static bool join_table(void)
{
	struct swtlb_buf *b = this_cpu_ptr(&swtlb_buf);
	int err;

	if (b->end || !b->own || b->tried)
		return false;

	err = swtlb_table_join(smp_processor_id());
	/* If it was only for another CPU, the next hypercall tries again. */
	b->tried = err && err != -EAGAIN;

	return !err;
}

void *swtlb_buf_get(size_t size)
{
	void *buf;

	if (!size || size > INT_MAX)
		return NULL;

	preempt_disable_notrace();
	buf = __swtlb_buf_get(size);
	if (unlikely(!buf) && join_table())
		buf = __swtlb_buf_get(size);
	preempt_enable_notrace();

	return buf;
}
EXPORT_SYMBOL_GPL(swtlb_buf_get);

void swtlb_buf_put(void *p)
{
	__swtlb_buf_put(p);
}
EXPORT_SYMBOL_GPL(swtlb_buf_put);

/* How much is left on this CPU: may be another CPU's, when it returns. */
size_t swtlb_buf_room(void)
{
	struct swtlb_buf *b;
	size_t room = 0;

	preempt_disable_notrace();
	b = this_cpu_ptr(&swtlb_buf);
	if ((b->end || join_table()) && b->end > b->top)
		room = b->end - b->top;
	preempt_enable_notrace();

	return room;
}

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

static size_t size_of(const struct area *a)
{
	return PAGE_SIZE << a->order;
}

/* The @i-th piece, by physical addresses; false if there are not so many. */
bool swtlb_buf_area(unsigned int i, u64 *start, u64 *size)
{
	if (i >= nr_areas)
		return false;

	*start = __pa(areas[i].start);
	*size = size_of(&areas[i]);

	return true;
}

/* Memory that may be decrypted in part must never be used again: leak it. */
static void release_area(struct area *a)
{
	unsigned long start = (unsigned long)a->start;

	if (swtlb_encrypted() &&
	    set_memory_encrypted(start, PFN_UP(size_of(a))))
		pr_warn("cannot encrypt the buffers again: %zu bytes are lost\n",
			size_of(a));
	else
		free_pages(start, a->order);
}

static void release_all(void)
{
	while (nr_areas)
		release_area(&areas[--nr_areas]);
}

static int add_area(int node, unsigned int cpus)
{
	struct area *a = &areas[nr_areas];
	struct page *page;

	/* Not even one CPU's in one piece, or too many CPUs. */
	if (!cpus || nr_areas == MAX_AREAS)
		return -ENOSPC;
	a->order = get_order(cpus * cpu_size);
	page = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN,
				a->order);
	if (!page)
		return -ENOMEM;
	a->start = page_address(page);

	/* Of an encrypted guest Xen sees nothing but these pages. */
	if (swtlb_encrypted() &&
	    set_memory_decrypted((unsigned long)a->start,
				 PFN_UP(size_of(a)))) {
		pr_warn("cannot decrypt the buffers\n");
		release_area(a);
		return -EIO;
	}
	nr_areas++;

	return 0;
}

static bool same_area(unsigned int cpu, unsigned int first)
{
	return !by_node || cpu_to_node(cpu) == cpu_to_node(first);
}

/* CPUs like @first that have no buffer: as many as one area is for. */
static unsigned int count_cpus(unsigned int first)
{
	unsigned int cpu, n = 0;

	for_each_possible_cpu(cpu)
		if (!per_cpu_ptr(&swtlb_buf, cpu)->own && same_area(cpu, first))
			n++;

	return min_t(unsigned int, n,
		     MAX_ORDER_NR_PAGES * PAGE_SIZE / cpu_size);
}

static void give_area(void *start, unsigned int first, unsigned int cpus)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct swtlb_buf *b = per_cpu_ptr(&swtlb_buf, cpu);

		if (b->own || !same_area(cpu, first))
			continue;
		if (!cpus--)
			return;
		b->own = start;
		start += cpu_size;
	}
}

static void take_back(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		per_cpu_ptr(&swtlb_buf, cpu)->own = NULL;
	release_all();
}

/* @pages for each CPU: all of them, or nothing. */
static int allocate_areas(unsigned int pages)
{
	unsigned int cpu, n;
	int err;

	cpu_size = pages * PAGE_SIZE;
	for_each_possible_cpu(cpu) {
		if (per_cpu_ptr(&swtlb_buf, cpu)->own)
			continue;
		n = count_cpus(cpu);
		err = add_area(cpu_to_node(cpu), n);
		if (err) {
			take_back();
			return err;
		}
		give_area(areas[nr_areas - 1].start, cpu, n);
	}

	return 0;
}

/* As many pages for each CPU as can be had. */
int swtlb_buf_init(void)
{
	unsigned int pages;
	int err = 0;

	if (nr_areas)
		return 0;

	for (pages = SWTLB_BUF_PAGES; pages; pages /= 2) {
		by_node = true;
		err = allocate_areas(pages);
		if (err == -ENOSPC) {
			by_node = false;
			err = allocate_areas(pages);
		}
		/* What cannot be decrypted cannot be if it is less, either. */
		if (!err || err == -EIO)
			break;
	}

	return err;
}

/* When no hypercall can get here any more, and Xen has no entry of it. */
void swtlb_buf_exit(void)
{
	unsigned int cpu;

	if (!nr_areas)
		return;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(&swtlb_buf, cpu), 0, sizeof(struct swtlb_buf));
	release_all();
}
