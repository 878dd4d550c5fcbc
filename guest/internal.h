/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the module know of each other.
 *
 *	main.c    finds out whether to do anything, and the order of it all
 *	ranges.c  which memory to register
 *	table.c   what Xen has been told, by CPU
 *	status.c  the debugfs file
 */
#ifndef XEN_SWTLB_INTERNAL_H
#define XEN_SWTLB_INTERNAL_H

#include <linux/types.h>

#include <xen/interface/xen.h>
#include <asm/xen/hypercall.h>

#include <public/swtlb.h>

/* A range to be registered; in bytes, and whole pages. */
struct swtlb_range {
	u64 gva;
	u64 gpa;
	u64 size;
};

struct swtlb_ranges {
	unsigned int nr;
	struct swtlb_range range[];
};

/*
 * The operations have two arguments more than HYPERVISOR_vcpu_op() passes.
 * All of them travel in registers.
 */
static inline int swtlb_op(unsigned int op, u32 vcpu, u64 gva, u64 gpa,
			   u64 size)
{
	return xen_single_call(__HYPERVISOR_vcpu_op, op, vcpu, gva, gpa, size);
}

/* @buf has to be in memory that stays mapped: kmalloc()ed. */
static inline int swtlb_query(u32 vcpu, unsigned int what, unsigned int index,
			      void *buf)
{
	return swtlb_op(VCPUOP_swtlb_query, vcpu, (unsigned long)buf, what,
			index);
}

/* main.c */
const char *swtlb_idle_reason(void);
u32 swtlb_vcpu(unsigned int cpu);

/* ranges.c */
int swtlb_ranges_init(bool directmap, bool image);
void swtlb_ranges_exit(void);
int swtlb_ranges_memory(u64 start, u64 end, bool present);
struct swtlb_ranges *swtlb_ranges_get(unsigned int max);

/* table.c */
void swtlb_table_set(struct swtlb_ranges *new);
void swtlb_table_renew(void);
void swtlb_table_add_cpu(unsigned int cpu);
void swtlb_table_remove_cpu(unsigned int cpu);
void swtlb_table_stop(void);

/* status.c */
void swtlb_status_init(void);
void swtlb_status_exit(void);

#endif /* XEN_SWTLB_INTERNAL_H */
