/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the module know of each other.
 *
 *	main.c      finds out whether to do anything, and the order of it all
 *	ranges.c    which memory to register
 *	table.c     what Xen has been told, by CPU
 *	percpu.c    a registered buffer for each CPU
 *	takeover.c  has all hypercalls of the kernel come by thunk.S
 *	marshal.c   carries arguments through the CPU's buffer
 *	calls.c     where each hypercall has pointers
 *	status.c    the debugfs file
 */
#ifndef XEN_SWTLB_INTERNAL_H
#define XEN_SWTLB_INTERNAL_H

#include <linux/static_call.h>
#include <linux/types.h>

#include <xen/interface/xen.h>
#include <asm/xen/hypercall.h>

#include <public/swtlb.h>

#include "thunk.h"

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

/*
 * percpu.c: buffers of each CPU, for hypercall arguments.  Like a stack: the
 * latest one that was got is the first to be put.  In any context, nested or
 * not; preemption is off from get to put.  NULL if there is no room.
 */
void *swtlb_buf_get(size_t size);
void swtlb_buf_put(void *buf, size_t size);
size_t swtlb_buf_room(void);

/* takeover.c: what the kernel's hypercalls were before they were taken over. */
DECLARE_STATIC_CALL(swtlb_original, xen_hypercall_func);

/* Make the hypercall itself. */
static __always_inline long swtlb_hypercall(unsigned long nr,
					    const unsigned long arg[5])
{
	register unsigned long a1 asm("rdi") = arg[0];
	register unsigned long a2 asm("rsi") = arg[1];
	register unsigned long a3 asm("rdx") = arg[2];
	register unsigned long a4 asm("r10") = arg[3];
	register unsigned long a5 asm("r8") = arg[4];
	long res;

	asm volatile("call " STATIC_CALL_TRAMP_STR(swtlb_original)
		     : "=a" (res), ASM_CALL_CONSTRAINT, "+r" (a1), "+r" (a2),
		       "+r" (a3), "+r" (a4), "+r" (a5)
		     : "0" (nr)
		     : "memory");

	return res;
}

/* Whether entries cover all of it, as far as one can tell without asking. */
bool swtlb_registered(const void *p, size_t len);

/* What marshal.c tells of a call, for the status file: one of the three. */
void swtlb_count_marshalled(unsigned long nr);
void swtlb_count_uncovered(unsigned long nr);	/* passed, yet Xen walks */
void swtlb_count_refused(unsigned long nr);

/* main.c: no copy can be walked, so what cannot be covered is refused. */
extern bool swtlb_strict;

/*
 * marshal.c: a hypercall that the thunk does not let pass at once: make it,
 * with the arguments carried where Xen finds them.  Any context; must not
 * sleep.  Pointers of user space never get here.
 */
long swtlb_marshal(unsigned long nr, unsigned long arg[5]);

/* calls.c, for the thunk: see thunk.h. */
extern const u8 swtlb_call_class[SWTLB_CALLS];
extern const u64 swtlb_call_plain[SWTLB_CALLS];

/* status.c */
void swtlb_status_init(void);
void swtlb_status_exit(void);

#endif /* XEN_SWTLB_INTERNAL_H */
