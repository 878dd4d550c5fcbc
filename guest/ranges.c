// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which memory to register: the CPUs' buffers, the direct map, as far as RAM
 * goes, and the kernel image's data.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include <asm/pgtable.h>

#include "internal.h"

/* With fewer each entry counts: see swtlb_ranges_get(). */
#define FEW_ENTRIES	16

/* A set of physical memory: spans in order, with holes in between. */
struct span {
	u64 start;
	u64 end;
};

struct spans {
	unsigned int nr, room;
	struct span *span;
};

struct memory {
	struct spans ram;	/* for which to register the direct map */
	struct spans image_rw;	/* the kernel image's data */
	struct spans image_ro;	/* its text, its constants, the IDT */
};

/* Memory comes and goes: one at a time uses this, see main.c. */
static struct memory memory;

static int make_room(struct spans *set)
{
	unsigned int room = set->room + 16;
	struct span *span;

	if (set->nr < set->room)
		return 0;

	span = krealloc_array(set->span, room, sizeof(*span), GFP_KERNEL);
	if (!span)
		return -ENOMEM;

	set->span = span;
	set->room = room;

	return 0;
}

static void insert_at(struct spans *set, unsigned int i, u64 start, u64 end)
{
	memmove(&set->span[i + 1], &set->span[i],
		(set->nr - i) * sizeof(*set->span));
	set->span[i].start = start;
	set->span[i].end = end;
	set->nr++;
}

static void remove_at(struct spans *set, unsigned int i)
{
	set->nr--;
	memmove(&set->span[i], &set->span[i + 1],
		(set->nr - i) * sizeof(*set->span));
}

/* Add [start, end), which may overlap what is there and touch it. */
static int spans_add(struct spans *set, u64 start, u64 end)
{
	unsigned int i = 0;

	if (start >= end)
		return 0;
	if (make_room(set))
		return -ENOMEM;

	while (i < set->nr && set->span[i].end < start)
		i++;
	while (i < set->nr && set->span[i].start <= end) {
		start = min(start, set->span[i].start);
		end = max(end, set->span[i].end);
		remove_at(set, i);
	}
	insert_at(set, i, start, end);

	return 0;
}

/* Take [start, end) away, as far as it is there. */
static int spans_subtract(struct spans *set, u64 start, u64 end)
{
	unsigned int i;

	if (start >= end)
		return 0;
	if (make_room(set))
		return -ENOMEM;

	for (i = 0; i < set->nr; i++) {
		struct span *s = &set->span[i];

		if (s->end <= start || s->start >= end)
			continue;
		if (s->start < start && s->end > end) {
			insert_at(set, i + 1, end, s->end);
			s->end = start;
			return 0;
		}
		if (s->start < start)
			s->end = start;
		else if (s->end > end)
			s->start = end;
		else
			remove_at(set, i--);
	}

	return 0;
}

static void spans_free(struct spans *set)
{
	kfree(set->span);
	memset(set, 0, sizeof(*set));
}

static void memory_free(struct memory *m)
{
	spans_free(&m->ram);
	spans_free(&m->image_rw);
	spans_free(&m->image_ro);
}

static int add_ram(struct resource *res, void *ram)
{
	return spans_add(ram, PAGE_ALIGN(res->start),
			 PAGE_ALIGN_DOWN(res->end + 1));
}

/*
 * Where the page tables map the kernel image, the memory behind being in one
 * piece.  The bounds of its sections are not exported to modules; and what
 * matters here is what can be written, which the page tables know best.  This
 * part of them does not go away, and a page there loses write permission at
 * boot or never.
 */
static int scan_image(struct spans *rw, struct spans *ro)
{
	unsigned long va = __START_KERNEL_map, step;
	unsigned long end = va + KERNEL_IMAGE_SIZE;

	for (; va < end; va = (va & ~(step - 1)) + step) {
		u64 pa = va - __START_KERNEL_map + phys_base;
		unsigned int level;
		pte_t *pte = lookup_address(va, &level);
		int err;

		step = PMD_SIZE;
		if (!pte)
			continue;

		/* A huge leaf has its flags where a page's are. */
		step = page_level_size(level);
		if (!(pte_flags(*pte) & _PAGE_PRESENT))
			continue;

		err = spans_add((pte_flags(*pte) & _PAGE_RW) ? rw : ro, pa,
				pa + step);
		if (err)
			return err;
	}

	return 0;
}

/*
 * Data and bss come last in the image.  What is writable below is memory
 * between the other sections, which has been freed: of no use here.
 */
static int find_image(struct memory *m)
{
	struct spans rw = {};
	unsigned int i;
	int err;

	err = scan_image(&rw, &m->image_ro);

	for (i = 0; !err && i < rw.nr; i++)
		if (rw.span[i].end > __pa(&init_task))
			err = spans_add(&m->image_rw, rw.span[i].start,
					rw.span[i].end);
	spans_free(&rw);

	return err;
}

/*
 * Look at memory, for the first time or anew.  If there is no memory for that
 * what was known stays, and what is registered with it.
 */
int swtlb_ranges_init(bool directmap, bool image)
{
	struct memory m = {};
	int err;

	err = find_image(&m);
	if (!image)
		spans_free(&m.image_rw);

	if (!err && directmap)
		err = walk_iomem_res_desc(IORES_DESC_NONE,
					  IORESOURCE_SYSTEM_RAM |
					  IORESOURCE_BUSY, 0, -1, &m.ram,
					  add_ram);

	if (err) {
		memory_free(&m);
		return err;
	}
	memory_free(&memory);
	memory = m;

	return 0;
}

void swtlb_ranges_exit(void)
{
	memory_free(&memory);
}

/* RAM came or went. */
int swtlb_ranges_memory(u64 start, u64 end, bool present)
{
	int err;

	if (present)
		err = spans_add(&memory.ram, start, end);
	else
		err = spans_subtract(&memory.ram, start, end);

	return err;
}

static int append_ranges(struct swtlb_ranges **list, const struct spans *set,
			 unsigned long offset, u32 flags)
{
	unsigned int i, nr = (*list)->nr + set->nr;
	struct swtlb_ranges *new;

	new = krealloc(*list, struct_size(new, range, nr), GFP_KERNEL);
	if (!new)
		return -ENOMEM;

	*list = new;
	for (i = 0; i < set->nr; i++) {
		struct swtlb_range *r = &new->range[new->nr++];

		r->gva = set->span[i].start + offset;
		r->gpa = set->span[i].start;
		r->size = set->span[i].end - set->span[i].start;
		r->flags = flags;
	}

	return 0;
}

/*
 * The CPUs' buffers have entries of their own, in holes of the direct map's: so
 * no change of memory ever touches them.  As many of their pages as possible are
 * pinned, those of the first CPUs.
 */
static int append_buffers(struct swtlb_ranges **list, struct spans *direct,
			  u64 max_pinned)
{
	struct spans pinned = {}, plain = {};
	u64 start, size, split;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && swtlb_buf_area(i, &start, &size); i++) {
		split = start + min(size, max_pinned * PAGE_SIZE);
		max_pinned -= (split - start) / PAGE_SIZE;
		err = spans_add(&pinned, start, split);
		err = err ?: spans_add(&plain, split, start + size);
		err = err ?: spans_subtract(direct, start, start + size);
	}
	err = err ?: append_ranges(list, &pinned, PAGE_OFFSET, XEN_SWTLB_FLAG_pinned);
	err = err ?: append_ranges(list, &plain, PAGE_OFFSET, 0);
	spans_free(&pinned);
	spans_free(&plain);
	(*list)->keep = (*list)->nr;

	return err;
}

static bool overlaps(const struct spans *set, u64 start, u64 end)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (set->span[i].start < end && set->span[i].end > start)
			return true;

	return false;
}

/*
 * The hole in front of range @i, if one entry may reach across it: it would
 * have to be right on both sides, and not cover what the kernel maps
 * read-only.  A hole without memory does no harm, the P2M knows of it.
 */
static u64 hole_before(const struct swtlb_ranges *list, unsigned int i)
{
	const struct swtlb_range *a = &list->range[i - 1];
	const struct swtlb_range *b = &list->range[i];
	unsigned int n;
	u64 start, size;

	if (a->gva - a->gpa != b->gva - b->gpa)
		return U64_MAX;
	if (overlaps(&memory.image_ro, a->gpa + a->size, b->gpa))
		return U64_MAX;
	/* Entries of their own are there. */
	for (n = 0; swtlb_buf_area(n, &start, &size); n++)
		if (start < b->gpa && start + size > a->gpa + a->size)
			return U64_MAX;

	return b->gpa - (a->gpa + a->size);
}

/*
 * Make do with @max entries: join ranges across the smallest holes; when that
 * is exhausted, leave the smallest ranges out.  The buffers stay as they are.
 */
static void fit_entries(struct swtlb_ranges *list, unsigned int max)
{
	unsigned int joined = 0, dropped = 0, keep = list->keep;

	while (list->nr > max && list->nr > keep) {
		unsigned int i, at = 0, smallest = keep;
		u64 hole, best = U64_MAX;

		for (i = keep; i < list->nr; i++) {
			hole = i > keep ? hole_before(list, i) : U64_MAX;
			if (hole < best) {
				best = hole;
				at = i;
			}
			if (list->range[i].size < list->range[smallest].size)
				smallest = i;
		}

		if (best != U64_MAX) {
			list->range[at - 1].size += best + list->range[at].size;
			joined++;
		} else {
			at = smallest;
			dropped++;
			list->partial = true;
		}

		list->nr--;
		memmove(&list->range[at], &list->range[at + 1],
			(list->nr - at) * sizeof(list->range[0]));
	}

	if (joined || dropped)
		pr_info("%u entries have to do: joined %u ranges, left out %u\n",
			max, joined, dropped);
}

static int build_list(struct swtlb_ranges **list, unsigned int max_pinned)
{
	struct spans direct = {};
	unsigned int i;
	int err = 0;

	*list = kzalloc(sizeof(**list), GFP_KERNEL);
	if (!*list)
		return -ENOMEM;

	/*
	 * What is read-only in the image (text, constants, the IDT) is so in
	 * the direct map, and Xen does not ask the page tables where there is
	 * an entry: so let there be none.
	 */
	for (i = 0; !err && i < memory.ram.nr; i++)
		err = spans_add(&direct, memory.ram.span[i].start,
				memory.ram.span[i].end);
	for (i = 0; !err && i < memory.image_ro.nr; i++)
		err = spans_subtract(&direct, memory.image_ro.span[i].start,
				     memory.image_ro.span[i].end);

	err = err ?: append_buffers(list, &direct, max_pinned);
	err = err ?: append_ranges(list, &direct, PAGE_OFFSET, 0);
	err = err ?: append_ranges(list, &memory.image_rw,
				   __START_KERNEL_map - phys_base, 0);
	spans_free(&direct);

	return err;
}

/*
 * A list of what to register, at most @max ranges, and at most @max_pinned
 * pages of it pinned; to be kfree()d.  Or NULL.
 */
struct swtlb_ranges *swtlb_ranges_get(unsigned int max,
				      unsigned int max_pinned)
{
	struct swtlb_ranges *list;
	int err;

	/* Pinning is worth something, but not a lack of entries. */
	err = build_list(&list, max < FEW_ENTRIES ? 0 : max_pinned);
	if (err) {
		kfree(list);
		return NULL;
	}
	fit_entries(list, max);

	return list;
}
