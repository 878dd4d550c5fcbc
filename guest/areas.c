// SPDX-License-Identifier: GPL-2.0-only
/*
 * The areas for a CPU's times (runstate, and what programs read the time
 * from), which Xen writes by itself whenever the vCPU comes to run: even while
 * the CPU is being started anew, and has neither page tables nor entries.  So
 * give them to Xen by their physical addresses, which mean the same otherwise.
 * Linux does not know that newer Xens offer that.
 *
 * An encrypted guest gives Xen neither: what Xen would write there is
 * encrypted, and by a virtual address it would walk what it takes for page
 * tables.  Nor does any guest give an older Xen one that it could neither walk
 * to nor find an entry for: it would be refused that for ever.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include <xen/interface/xen.h>
#include <xen/interface/vcpu.h>

#include "calls.h"
#include "internal.h"

#define VCPUOP_register_runstate_phys_area	14
#define VCPUOP_register_vcpu_time_phys_area	15

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

/* Linux does without the one area, and takes an error of the other ill. */
static long not_given(bool time)
{
	return time ? -EOPNOTSUPP : 0;
}

/* The structure has nothing but the address in it, for either. */
long swtlb_areas(unsigned long nr, unsigned long arg[5])
{
	static const struct swtlb_row row = {
		.kind = SWTLB_PLAIN, .size = sizeof(u64), .in = sizeof(u64),
	};
	bool time = (u32)arg[0] == VCPUOP_register_vcpu_time_memory_area;
	size_t size = time ? sizeof(struct pvclock_vcpu_time_info) :
			     sizeof(struct vcpu_runstate_info);
	unsigned long by_gpa[5];
	u64 va = 0, gpa = 0;
	long ret;

	if (swtlb_encrypted())
		return not_given(time);

	/* NULL has Xen forget an area: the one by gpa, too. */
	if (swtlb_load(&va, (void *)arg[2], sizeof(va)))
		gpa = va ? area_gpa(va, size) : ~0ull;
	if (gpa) {
		memcpy(by_gpa, arg, sizeof(by_gpa));
		by_gpa[0] = time ? VCPUOP_register_vcpu_time_phys_area :
				   VCPUOP_register_runstate_phys_area;
		by_gpa[2] = (unsigned long)&gpa;
		ret = swtlb_uncovered(by_gpa[2], sizeof(gpa)) ?
			swtlb_plain(nr, by_gpa, &row, 2) :
			swtlb_let_pass(nr, by_gpa);
		if (ret != -ENOSYS && ~gpa)
			return ret;
	}
	if (!swtlb_may_walk()) {
		if (swtlb_uncovered(va, size))
			return not_given(time);
		/* Linux may have taken it down, as in xen_vcpu_restore(). */
		swtlb_table_mend(arg[1]);
	}

	return swtlb_uncovered(arg[2], sizeof(va)) ?
		swtlb_plain(nr, arg, &row, 2) : swtlb_let_pass(nr, arg);
}
