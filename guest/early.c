// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration in a kernel that this is built into: from the first hypercall
 * on, so that Xen never has to walk a page table.  There is no allocator by
 * then, no per-CPU memory, not even a cleared .bss; but the operations that
 * register take no buffer.
 *
 *	PVH entry	the image where it is mapped, and where it is loaded:
 *			the stack is used by its physical address still
 *	Xen detected	no longer the latter, now an address of user space;
 *			in an encrypted guest no longer the former, but a
 *			decrypted buffer, which everything is carried through
 *	memory mapped	the direct map of all RAM, unless encrypted
 *	interrupts	the CPUs' buffers and the take-over of hypercalls, before
 *			anything runs on a stack in vmalloc space
 *	CPU comes up	shares the table, before all else
 *	boot is over	no longer what has become read-only
 *
 * From the buffers on it is main.c that does the work, as it does in a module.
 */
#define pr_fmt(fmt) "xen_swtlb: " fmt

#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include <xen/swtlb.h>
#include <xen/xen.h>
#include <asm/mem_encrypt.h>
#include <asm/sections.h>
#include <asm/x86_init.h>

#include "internal.h"

/* Used before .bss is cleared, hence nowhere in there. */
static struct {
	unsigned int nr;
	struct swtlb_range range[32];
} early __ro_after_init;

static enum {
	UNUSED,		/* not on Xen, no software TLB, or not wanted */
	STARTED,	/* by the PVH entry */
	IN_USE,
} stage __ro_after_init;

static bool unwanted __ro_after_init;
static bool buffers_only __ro_after_init;

/*
 * The boot CPU's buffer before there is an allocator.  The kernel decrypts
 * where it lies when it starts.
 */
static u8 early_buf[2 * PAGE_SIZE] __bss_decrypted __aligned(PAGE_SIZE);

static void (*next_init_mem_mapping)(void) __initdata;
static void (*next_intr_init)(void) __initdata;
static void (*next_early_cpu)(void) __ro_after_init;

static int __init parse(char *arg)
{
	if (!arg)
		return -EINVAL;
	if (!strcmp(arg, "off"))
		unwanted = true;
	else if (!strcmp(arg, "buffers"))
		buffers_only = true;
	else
		return -EINVAL;

	return 0;
}
early_param("xen_swtlb", parse);

static int __init add(u64 gva, u64 gpa, u64 size)
{
	struct swtlb_range *r = &early.range[early.nr];
	int err;

	if (early.nr == ARRAY_SIZE(early.range))
		return -ENOSPC;

	/* The boot CPU is vCPU 0, to the PVH entry as well. */
	err = swtlb_op(VCPUOP_swtlb_insert, 0, gva, gpa, size);
	if (err)
		return err;

	r->gva = gva;
	r->gpa = gpa;
	r->size = size;
	early.nr++;

	return 0;
}

static u64 __init image_gpa(void)
{
	return __pa_symbol(_text);
}

static u64 __init image_size(void)
{
	return PAGE_ALIGN(_end - _text);
}

static int __init add_image(void)
{
	/* Firmware, or a kernel before this one, may have left entries. */
	swtlb_op(VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);

	return add((unsigned long)_text, image_gpa(), image_size());
}

/*
 * The first thing that the PVH entry does.  Whatever fails here, nothing can
 * be said of it yet; in a domain that is not strict nothing needs to be.
 */
void __init xen_swtlb_pvh_init(void)
{
	if (!swtlb_offered() || add_image())
		return;

	stage = STARTED;
	/* Not for long, hence not in the list. */
	swtlb_op(VCPUOP_swtlb_insert, 0, image_gpa(), image_gpa(),
		 image_size());
}

static void __init map_memory(void)
{
	phys_addr_t start, end;
	u64 i;

	next_init_mem_mapping();
	if (buffers_only)
		return;

	for_each_mem_range(i, &start, &end) {
		int err;

		start = PAGE_ALIGN(start);
		end = PAGE_ALIGN_DOWN(end);
		if (start >= end)
			continue;
		err = add((unsigned long)__va(start), start, end - start);
		if (err)
			pr_warn("error %d for memory at %pap\n", err, &start);
	}
}

static void __init init_interrupts(void)
{
	int err = swtlb_begin_early();

	if (err) {
		pr_warn("error %d while starting early\n", err);
		swtlb_op(VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
		stage = UNUSED;
	}
	next_intr_init();
}

/*
 * On the CPU itself, so early that nothing may be locked or printed.  Sooner
 * would be of no use: starting a CPU anew ends its entries.  If another CPU is
 * not done with the table, the first hypercall tries again.  Of another error
 * nothing can be made here: who starts this CPU waits until it is up, for ever.
 * So Xen was asked before: see swtlb_table_prepare_cpu().
 */
static void early_cpu(void)
{
	swtlb_table_join(raw_smp_processor_id());
	next_early_cpu();
}

static int __init watch_starts(void)
{
	return stage == IN_USE ? swtlb_watch_starts() : 0;
}
early_initcall(watch_starts);

/* Whatever Xen is passed from now on, it sees in the buffer. */
static int __init begin_buffers_only(void)
{
	int err;

	swtlb_op(VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
	early.nr = 0;
	err = add((unsigned long)early_buf, __pa_symbol(early_buf),
		  sizeof(early_buf));
	if (err)
		return err;

	swtlb_buf_lend(early_buf, sizeof(early_buf));

	return swtlb_takeover_start(true);
}

/*
 * Xen has been detected, by any way of booting; the command line is known.
 * Next are the first hypercalls of a kernel that did not boot by PVH.
 */
void __init xen_swtlb_guest_begin(void)
{
	int err = 0;

	if (!swtlb_offered())
		return;

	if (stage == STARTED)
		swtlb_op(VCPUOP_swtlb_purge, 0, image_gpa(), 0, image_size());
	else if (!unwanted)
		err = add_image();

	buffers_only |= swtlb_encrypted();
	if (!unwanted && !err && buffers_only)
		err = begin_buffers_only();

	if (!unwanted && !err) {
		stage = IN_USE;
	} else {
		swtlb_op(VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
		stage = UNUSED;
	}
}

/* Xen's own preparations are made: they must not undo this. */
void __init xen_swtlb_guest_init(void)
{
	if (stage != IN_USE)
		return;

	next_init_mem_mapping = x86_init.hyper.init_mem_mapping;
	x86_init.hyper.init_mem_mapping = map_memory;
	next_intr_init = x86_init.irqs.intr_init;
	x86_init.irqs.intr_init = init_interrupts;
	next_early_cpu = x86_cpuinit.early_percpu_clock_init;
	x86_cpuinit.early_percpu_clock_init = early_cpu;
}

bool swtlb_early_unwanted(void)
{
	return unwanted;
}

bool swtlb_early_buffers_only(void)
{
	return buffers_only;
}

/* What is registered, to be kfree()d; or NULL. */
struct swtlb_ranges *swtlb_early_ranges(void)
{
	struct swtlb_ranges *list;

	if (stage != IN_USE)
		return NULL;

	list = kzalloc(struct_size(list, range, early.nr), GFP_KERNEL);
	if (!list)
		return NULL;

	list->nr = early.nr;
	memcpy(list->range, early.range, flex_array_size(list, range, early.nr));

	return list;
}

/* The kernel write-protects itself last of all, and tells nobody. */
static void settle(struct work_struct *work)
{
	if (system_state < SYSTEM_RUNNING)
		schedule_delayed_work(to_delayed_work(work), HZ / 10);
	else
		swtlb_refresh();
}

static DECLARE_DELAYED_WORK(settle_work, settle);

static int __init settle_later(void)
{
	if (stage == IN_USE)
		schedule_delayed_work(&settle_work, HZ / 10);

	return 0;
}
late_initcall(settle_later);
