// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what hypercalls of the kernel cost, in instructions: for a machine
 * whose TSC counts these (times two).  It does its work when it is loaded.
 */
#define pr_fmt(fmt) fmt

#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <asm/msr.h>

#include <xen/interface/event_channel.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>
#include <xen/interface/xen.h>
#include <xen/xen-ops.h>
#include <asm/xen/hypercall.h>

#include "xen-swtlb.h"

#define ROUNDS 100

static char *way = "unknown";
module_param(way, charp, 0444);
MODULE_PARM_DESC(way, "What to call the figures");

/* The arguments.  Where they are is what it is about. */
struct buffers {
	struct vcpu_runstate_info runstate;
	struct evtchn_status event;
};

static u32 vcpu;

static int no_buffer(struct buffers *b)
{
	return HYPERVISOR_xen_version(XENVER_version, NULL) < 0;
}

static int runstate(struct buffers *b)
{
	return HYPERVISOR_vcpu_op(VCPUOP_get_runstate_info, vcpu,
				  &b->runstate);
}

/* As small as EVTCHNOP_send's, but with nothing that follows from it. */
static int event(struct buffers *b)
{
	b->event.dom = DOMID_SELF;
	b->event.port = 1;

	return HYPERVISOR_event_channel_op(EVTCHNOP_status, &b->event);
}

static u64 run(int (*call)(struct buffers *b), struct buffers *b)
{
	unsigned long flags;
	unsigned int i;
	u64 start, end;

	local_irq_save(flags);
	start = rdtsc_ordered();
	for (i = 0; i < ROUNDS; i++)
		if (call(b))
			break;
	end = rdtsc_ordered();
	local_irq_restore(flags);

	return i == ROUNDS ? end - start : 0;
}

static void measure(const char *name, int (*call)(struct buffers *b),
		    const char *place, struct buffers *b)
{
	u64 least = U64_MAX;
	unsigned int i;

	/*
	 * An interrupt of Xen's own, which takes as long as some calls do, may
	 * be in one, not in all: loops are short, and many.
	 */
	for (i = 0; i < 50; i++)
		least = min(least, run(call, b));
	pr_emerg("@measure cost_%s_%s_%s %llu instructions\n", way, name,
		 place, div_u64(least, 2 * ROUNDS));
}

static void measure_all(const char *place, struct buffers *b)
{
	measure("runstate", runstate, place, b);
	measure("event", event, place, b);
}

static int __init cost_init(void)
{
	struct buffers on_stack, *heap = kzalloc(sizeof(*heap), GFP_KERNEL);
	typeof(&swtlb_buf_get) get = symbol_get(swtlb_buf_get);
	typeof(&swtlb_buf_put) put = symbol_get(swtlb_buf_put);
	struct buffers *buf;

	if (!heap)
		return -ENOMEM;
	vcpu = xen_vcpu_nr(0);

	measure("null", no_buffer, "stack", &on_stack);
	measure_all("stack", &on_stack);
	measure_all("heap", heap);
	kfree(heap);

	buf = get && put ? get(sizeof(*buf)) : NULL;
	if (buf) {
		measure_all("buffer", buf);
		put(buf);
	}
	if (get)
		symbol_put(swtlb_buf_get);
	if (put)
		symbol_put(swtlb_buf_put);

	return 0;
}
module_init(cost_init);

static void __exit cost_exit(void)
{
}
module_exit(cost_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of xen-swtlb: what hypercalls cost");
