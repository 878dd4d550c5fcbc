// SPDX-License-Identifier: GPL-2.0-only
/*
 * The area for a CPU's times, which Xen writes by itself whenever the vCPU
 * comes to run: even while the CPU is being started anew, and has neither page
 * tables nor entries.  So give it to Xen by its physical address, which means
 * the same otherwise.  Linux does not know that newer Xens offer that.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include <xen/interface/xen.h>
#include <xen/interface/vcpu.h>

#include "calls.h"
#include "internal.h"

#define VCPUOP_register_runstate_phys_area	14

/* Zero if it is not known, or not in one piece. */
static phys_addr_t area_gpa(unsigned long va, size_t size)
{
	if (va < TASK_SIZE_MAX || offset_in_page(va) + size > PAGE_SIZE)
		return 0;
	if (is_vmalloc_addr((void *)va))
		return PFN_PHYS(vmalloc_to_pfn((void *)va)) +
		       offset_in_page(va);

	return virt_addr_valid(va) || va >= __START_KERNEL_map ? __pa(va) : 0;
}

long swtlb_runstate(unsigned long nr, unsigned long arg[5])
{
	static const struct swtlb_row row = {
		.kind = SWTLB_PLAIN, .size = sizeof(u64), .in = sizeof(u64),
	};
	unsigned long by_gpa[5];
	u64 va, gpa = 0;
	long ret;

	if (swtlb_load(&va, (void *)arg[2], sizeof(va)))
		gpa = area_gpa(va, sizeof(struct vcpu_runstate_info));
	if (gpa) {
		memcpy(by_gpa, arg, sizeof(by_gpa));
		by_gpa[0] = VCPUOP_register_runstate_phys_area;
		by_gpa[2] = (unsigned long)&gpa;
		ret = swtlb_uncovered(by_gpa[2], sizeof(gpa)) ?
			swtlb_plain(nr, by_gpa, &row, 2) :
			swtlb_let_pass(nr, by_gpa);
		if (ret != -ENOSYS)
			return ret;
	}

	return swtlb_uncovered(arg[2], sizeof(va)) ?
		swtlb_plain(nr, arg, &row, 2) : swtlb_let_pass(nr, arg);
}
