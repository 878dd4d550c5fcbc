// SPDX-License-Identifier: GPL-2.0-only
/*
 * Issues each hypercall of the table that can be issued without harm, three
 * times: with its buffers on the stack (vmalloc'ed, by VMAP_STACK), across the
 * boundary of two pages (vmalloc'ed, too), and kmalloc'ed.  Results and buffers
 * have to be equal.  They are logged, to be compared with those on another Xen.
 */
#define pr_fmt(fmt) fmt

#include <linux/crc32.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/xen/hypercall.h>

#include "rows.h"

struct outcome {
	long res;
	u32 crc;
};

static unsigned int failures;

long issue(const struct row *row, void *data)
{
	unsigned long arg[3] = { row->cmd, row->other, row->other };

	/* platform_op has nothing else. */
	arg[row->which] = (unsigned long)data;

	return xen_single_call(row->nr, arg[0], arg[1], arg[2], 0, 0);
}

static void run_in(const struct row *row, struct buffers *b,
		   struct outcome *out)
{
	unsigned int i;

	memset(b->data, 0xa5, row->size);
	for (i = 0; i < MAX_LISTS; i++)
		memset(b->list[i], 0xa5, MAX_LIST);
	if (row->fill)
		row->fill(b);

	out->res = issue(row, b->data);
	if (row->undo)
		row->undo(b, out->res);

	/* The pointers differ, and have to be the same as before. */
	for (i = 0; i < MAX_LISTS && row->pointers[i]; i++) {
		u8 *p = b->data + row->pointers[i] - 1;

		if (memcmp(p, &b->list[i], sizeof(b->list[i]))) {
			pr_err("row-failed %s: pointer %u changed\n", row->name,
			       i);
			failures++;
		}
		memset(p, 0, sizeof(b->list[i]));
	}

	out->crc = 0;
	if (row->flags & VARIES)
		return;
	out->crc = crc32(0, b->data, row->size);
	for (i = 0; i < MAX_LISTS; i++)
		out->crc = crc32(out->crc, b->list[i], MAX_LIST);
}

static noinline void run_on_stack(const struct row *row, struct outcome *out)
{
	u8 data[MAX_STRUCT] __aligned(8);
	u8 list[MAX_LISTS][MAX_LIST] __aligned(8);
	struct buffers b = { data, { list[0], list[1], list[2] } };

	if (!is_vmalloc_addr(data)) {
		pr_err("row-failed: the stack is not vmalloc'ed\n");
		failures++;
	}
	run_in(row, &b, out);
}

/* Rows' fields are not all aligned, so neither are these. */
static void run_crossing(const struct row *row, struct outcome *out)
{
	struct buffers b;
	u8 *area;
	unsigned int i;

	area = vmalloc(8 * PAGE_SIZE);
	if (!area) {
		failures++;
		return;
	}
	b.data = area + PAGE_SIZE - row->size / 2;
	for (i = 0; i < MAX_LISTS; i++)
		b.list[i] = area + (3 + 2 * i) * PAGE_SIZE - 4;
	run_in(row, &b, out);
	vfree(area);
}

static void run_registered(const struct row *row, struct outcome *out)
{
	u8 *area = kmalloc(MAX_STRUCT + MAX_LISTS * MAX_LIST, GFP_KERNEL);
	struct buffers b = { area };
	unsigned int i;

	if (!area) {
		failures++;
		return;
	}
	for (i = 0; i < MAX_LISTS; i++)
		b.list[i] = area + MAX_STRUCT + i * MAX_LIST;
	run_in(row, &b, out);
	kfree(area);
}

static void run(const struct row *row)
{
	struct outcome stack = {}, crossing = {}, registered = {};

	run_registered(row, &registered);
	run_on_stack(row, &stack);
	run_crossing(row, &crossing);

	if (stack.res != registered.res || crossing.res != registered.res ||
	    stack.crc != registered.crc || crossing.crc != registered.crc) {
		pr_err("row-failed %s: %ld %08x, stack %ld %08x, crossing %ld %08x\n",
		       row->name, registered.res, registered.crc, stack.res,
		       stack.crc, crossing.res, crossing.crc);
		failures++;
	}

	if (row->flags & OURS)
		return;
	if (row->flags & BY_BUILD)
		registered.crc = 0;
	pr_info("row %s %ld %08x\n", row->name, registered.res,
		registered.crc);
}

static void run_large(const char *name, const char *(*test)(void))
{
	const char *error = test();

	if (error) {
		pr_err("row-failed %s: %s\n", name, error);
		failures++;
	}
	pr_info("row %s %s\n", name, error ?: "done");
}

static int __init rows_init(void)
{
	unsigned int i;

	for (i = 0; i < nr_rows; i++)
		run(&rows[i]);
	run_large("large-grants", large_grants);
	run_large("large-balloon", large_balloon);
	run_large("large-console", large_console);
	run_large("multicalls", multicalls);
	pr_info("rows-done %u rows, %u failures\n", nr_rows, failures);

	return failures ? -EIO : 0;
}
module_init(rows_init);

static void __exit rows_exit(void)
{
}
module_exit(rows_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of xen-swtlb: issues each hypercall of its table");
