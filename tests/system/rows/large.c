// SPDX-License-Identifier: GPL-2.0-only
/* Buffers that are larger than what a CPU has to carry them in; multicalls. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <xen/interface/xen.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/version.h>
#include <asm/xen/hypercall.h>

#include "rows.h"

#define GRANTS	2000
#define EXTENTS	3000

const char *large_grants(void)
{
	struct gnttab_copy *op = vzalloc(GRANTS * sizeof(*op));
	const char *error = NULL;
	unsigned int i;

	if (!op)
		return "no memory";
	for (i = 0; i < GRANTS; i++) {
		op[i].source.domid = i & 1 ? 0x7fe0 : DOMID_SELF;
		op[i].source.u.ref = 0xffffff00;
		op[i].dest.domid = DOMID_SELF;
		op[i].flags = GNTCOPY_source_gref;
		op[i].len = 8;
		op[i].status = 4711;
	}
	if (HYPERVISOR_grant_table_op(GNTTABOP_copy, op, GRANTS))
		error = "the hypercall failed";
	for (i = 0; i < GRANTS && !error; i++)
		if (op[i].status != op[i & 1].status || op[i].status >= 0)
			error = "wrong status";
	vfree(op);

	return error;
}

/* Extents that are not all there: it stops at the first that is not. */
const char *large_balloon(void)
{
	struct xen_memory_reservation res = { .domid = DOMID_SELF };
	u64 *list = vzalloc((EXTENTS + 1) * sizeof(*list));
	struct page **pages = vzalloc(EXTENTS * sizeof(*pages));
	const char *error = "no memory";
	unsigned int nr;

	if (!list || !pages)
		goto out;
	for (nr = 0; nr < EXTENTS; nr++) {
		pages[nr] = alloc_page(GFP_KERNEL);
		if (!pages[nr])
			goto out_pages;
		list[nr] = page_to_pfn(pages[nr]);
	}
	list[EXTENTS] = 0xffffffffffULL;

	error = NULL;
	res.extent_start = (void *)list;
	res.nr_extents = EXTENTS + 1;
	if (HYPERVISOR_memory_op(XENMEM_decrease_reservation, &res) != EXTENTS)
		error = "not as many were taken as there were";
	res.nr_extents = EXTENTS;
	if (HYPERVISOR_memory_op(XENMEM_populate_physmap, &res) != EXTENTS)
		panic("rows: Xen does not give the memory back\n");
	for (nr = 0; nr < EXTENTS; nr++)
		if (list[nr] != page_to_pfn(pages[nr]))
			error = "the list changed";

out_pages:
	while (nr--)
		__free_page(pages[nr]);
out:
	vfree(pages);
	vfree(list);

	return error;
}

const char *large_console(void)
{
	const unsigned int size = 20000, line = 80;
	char *text = vmalloc(size);
	unsigned int i;
	int err;

	if (!text)
		return "no memory";
	for (i = 0; i < size; i++)
		text[i] = i % line == line - 1 ? '\n' : '.';
	err = HYPERVISOR_console_io(CONSOLEIO_write, size, text);
	vfree(text);

	return err ? "the hypercall failed" : NULL;
}

/* On the stack, in memory that is registered, and entries with either. */
const char *multicalls(void)
{
	struct xen_feature_info info = {};
	struct xen_feature_info *heap = kzalloc(sizeof(*heap), GFP_KERNEL);
	struct evtchn_close close = { .port = 0xffffff };
	struct multicall_entry list[6] = {
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
		{ .op = __HYPERVISOR_xen_version,
		  .args = { XENVER_get_features, (unsigned long)&info } },
		{ .op = __HYPERVISOR_xen_version,
		  .args = { XENVER_get_features, (unsigned long)heap } },
		{ .op = __HYPERVISOR_event_channel_op,
		  .args = { EVTCHNOP_close, (unsigned long)&close } },
		{ .op = __HYPERVISOR_multicall,
		  .args = { (unsigned long)list, 1 } },
		{ .op = 63 },
	};
	const char *error = NULL;

	if (!heap)
		return "no memory";
	if (HYPERVISOR_multicall(list, ARRAY_SIZE(list)))
		error = "the hypercall failed";
	else if (list[0].result != HYPERVISOR_xen_version(XENVER_version, NULL))
		error = "wrong version";
	else if (list[1].result || list[2].result ||
		 info.submap != heap->submap || !info.submap)
		error = "wrong features";
	else if (list[3].result != -EINVAL)
		error = "a channel was closed that is not there";
	else if (list[4].result != -EINVAL)
		error = "a multicall in a multicall";
	else if (list[5].result != -ENOSYS)
		error = "a hypercall that is not there";
	kfree(heap);

	return error;
}
