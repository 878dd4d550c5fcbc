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
 *	areas.c     where Xen writes a CPU's times
 *	user.c      lists of hypercalls that programs make
 *	device.c    memory for the hypercall buffers of programs
 *	status.c    the debugfs file
 *	early.c     what comes before all that, in a kernel this is built into
 */
#ifndef XEN_SWTLB_INTERNAL_H
#define XEN_SWTLB_INTERNAL_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/static_call.h>
#include <linux/stringify.h>
#include <linux/types.h>

#include <xen/interface/xen.h>
#include <asm/xen/cpuid.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>

#include <public/swtlb.h>

#include "thunk.h"
#include "xen-swtlb.h"

struct mm_struct;
struct seq_file;

/* percpu.c: of the platform, from early on. */
bool swtlb_encrypted(void);

/* A range to be registered; in bytes, and whole pages. */
struct swtlb_range {
	u64 gva;
	u64 gpa;
	u64 size;
	u32 flags;	/* XEN_SWTLB_FLAG_*, as far as Xen grants them */
};

struct swtlb_ranges {
	unsigned int nr;
	unsigned int keep;	/* the first, which have the CPUs' buffers */
	bool partial;		/* there were more, and too few entries */
	struct swtlb_range range[];
};

/* What the kernel's hypercalls were before they were taken over. */
DECLARE_STATIC_CALL(swtlb_original, xen_hypercall_func);

/*
 * Make the hypercall itself.  The array is read before the first register is
 * bound: KASAN and its like call a function for each access to memory.
 */
static __always_inline long swtlb_hypercall(unsigned long nr,
					    const unsigned long arg[5])
{
	unsigned long v1 = arg[0], v2 = arg[1], v3 = arg[2];
	unsigned long v4 = arg[3], v5 = arg[4];

	register unsigned long a1 asm("rdi") = v1;
	register unsigned long a2 asm("rsi") = v2;
	register unsigned long a3 asm("rdx") = v3;
	register unsigned long a4 asm("r10") = v4;
	register unsigned long a5 asm("r8") = v5;
	long res;

	/* objtool looks for the key, too. */
	asm volatile(".global " __stringify(STATIC_CALL_KEY(swtlb_original)) "\n\t"
		     "call " STATIC_CALL_TRAMP_STR(swtlb_original)
		     : "=a" (res), ASM_CALL_CONSTRAINT, "+r" (a1), "+r" (a2),
		       "+r" (a3), "+r" (a4), "+r" (a5)
		     : "0" (nr)
		     : "memory");

	return res;
}

/*
 * The operations have two arguments more than HYPERVISOR_vcpu_op() passes.
 * All of them travel in registers.
 */
static inline int swtlb_op(unsigned int op, u32 vcpu, u64 gva, u64 gpa,
			   u64 size)
{
	const unsigned long arg[5] = { op, vcpu, gva, gpa, size };

	return swtlb_hypercall(__HYPERVISOR_vcpu_op, arg);
}

/* What a query writes. */
union swtlb_answer {
	struct xen_swtlb_limits limits;
	struct xen_swtlb_state state;
	struct xen_swtlb_stats stats;
	struct xen_swtlb_entry entry;
	struct xen_swtlb_generation generation;
};

/* KVM pretending to be Xen, and an old Xen, have a smaller leaf or no bit. */
static inline bool swtlb_offered(void)
{
	u32 base = xen_cpuid_base();

	return base && cpuid_eax(base) >= base + 4 &&
	       (cpuid_eax(base + 4) & XEN_HVM_CPUID_SWTLB);
}

/*
 * table.c: the domain is strict: made so from here, or as Xen said when it was
 * asked.
 */
extern bool swtlb_strict;

/*
 * Whether Xen may walk page tables for this domain.  If not, a hypercall
 * without entries fails: what cannot be covered is refused, and entries have to
 * last until the reset.  An encrypted guest's page tables Xen cannot read.
 */
static inline bool swtlb_may_walk(void)
{
	return !READ_ONCE(swtlb_strict) && !swtlb_encrypted();
}

/* main.c */
const char *swtlb_idle_reason(void);
u32 swtlb_vcpu(unsigned int cpu);
int swtlb_begin_early(void);
int swtlb_watch_starts(void);
void swtlb_refresh(void);

/* ranges.c */
int swtlb_ranges_init(bool directmap, bool image);
void swtlb_ranges_exit(void);
int swtlb_ranges_memory(u64 start, u64 end, bool present);
struct swtlb_ranges *swtlb_ranges_get(unsigned int max, unsigned int max_pinned);

/* table.c */
int swtlb_query(u32 vcpu, unsigned int what, unsigned int index,
		union swtlb_answer *answer);
void swtlb_table_adopt(struct swtlb_ranges *old);
void swtlb_table_set(struct swtlb_ranges *new);
void swtlb_table_limit(unsigned int max);
unsigned int swtlb_table_room(void);
void swtlb_table_suspend(void);
void swtlb_table_resume(void);
int swtlb_table_join(unsigned int cpu);
void swtlb_table_mend(u32 vcpu);
int swtlb_table_prepare_cpu(unsigned int cpu);
int swtlb_table_add_cpu(unsigned int cpu);
void swtlb_table_cpu_leaves(unsigned int cpu);
void swtlb_table_remove_cpu(unsigned int cpu);
void swtlb_table_stop(void);
void swtlb_table_forget(void);
int swtlb_table_insert_user(const struct mm_struct *mm, u64 gva, u64 gpa,
			    u64 size);
int swtlb_table_purge_user(u64 gva, u64 size);
unsigned int swtlb_table_generation(void);
int swtlb_table_strict(void);

/* Copies that Xen made for a CPU that was away. */
struct swtlb_away {
	u64 misses;
	u64 refused;
};

struct swtlb_away swtlb_get_away(unsigned int cpu);

/* percpu.c; and what kernel code uses, in xen-swtlb.h */
#define SWTLB_BUF_PAGES 4	/* for each CPU */
#define SWTLB_BUF_ROUND 16	/* to which sizes are rounded up */

/*
 * @top belongs to the CPU itself.  @end is how far it may be used now: not at
 * all before the CPU has its entries, nor when it lost them.
 */
struct swtlb_buf {
	u8 *top;
	u8 *end;
	u8 *base;
	u8 *own;		/* what @base is once the CPU has entries */
	bool tried;		/* to get the entries, without success */
};

DECLARE_PER_CPU(struct swtlb_buf, swtlb_buf);

/*
 * As swtlb_buf_get(), for a size that is not zero, and not near 2^64, on a CPU
 * that has its entries.
 *
 * No lock and no atomic operation: who comes in between, on this CPU, has put
 * all that it got by the time it returns.  @top has to be raised before
 * anything is written, though.
 */
static __always_inline void *__swtlb_buf_get(unsigned long size)
{
	u8 *top, *next;

	preempt_disable_notrace();
	top = this_cpu_read(swtlb_buf.top);
	next = top + ALIGN(size, SWTLB_BUF_ROUND);

	if (unlikely(next > this_cpu_read(swtlb_buf.end))) {
		preempt_enable_notrace();
		return NULL;
	}

	this_cpu_write(swtlb_buf.top, next);
	barrier();
	/* With no memory @end is NULL: callers need not test it again. */
	if (!top)
		__builtin_unreachable();

	return top;
}

static __always_inline void __swtlb_buf_put(void *p)
{
	barrier();
	this_cpu_write(swtlb_buf.top, p);
	preempt_enable_notrace();
}

size_t swtlb_buf_room(void);
int swtlb_buf_init(void);
void swtlb_buf_exit(void);
void swtlb_buf_lend(void *base, u32 size);
bool swtlb_buf_area(unsigned int i, u64 *start, u64 *size);
void swtlb_buf_enable(unsigned int cpu, bool enable);
void swtlb_buf_usage(unsigned int cpu, u32 *size, u32 *used, u32 *peak);

/* takeover.c with thunk.S */
#define SWTLB_FILTERS 16

struct swtlb_filter {
	u64 step;
	u64 size;
};

extern struct swtlb_filter swtlb_filter[SWTLB_FILTERS];
DECLARE_PER_CPU(unsigned long, swtlb_passed);
DECLARE_PER_CPU(u32 [SWTLB_CALLS], swtlb_user);
void swtlb_thunk(void);
void swtlb_guard(void);
void swtlb_site(void);

struct swtlb_counts {
	u32 marshalled;
	u32 user;		/* with an address of user space: walked */
	u32 uncovered;
	u32 refused;
};

int swtlb_takeover_start(bool carry);
void swtlb_takeover_stop(void);
void swtlb_takeover_settle(void);
bool swtlb_taken_over(void);
bool swtlb_carries(void);
unsigned long swtlb_get_passed(unsigned int cpu);
void swtlb_get_counts(unsigned int cpu, unsigned int nr,
		      struct swtlb_counts *counts);
void swtlb_filter_wait(bool on);
void swtlb_filter_narrow(const struct swtlb_ranges *list);
void swtlb_filter_widen(const struct swtlb_ranges *list);

/* Whether entries cover all of it, as far as one can tell without asking. */
bool swtlb_registered(const void *p, size_t len);

/* What marshal.c tells of a call, for the status file: one of the four. */
DECLARE_PER_CPU(u32 [SWTLB_CALLS], swtlb_marshalled);

static __always_inline void swtlb_count_marshalled(unsigned long nr)
{
	this_cpu_inc(swtlb_marshalled[nr % SWTLB_CALLS]);
}

void swtlb_count_passed(void);	/* untouched, and covered */
void swtlb_count_uncovered(unsigned long nr);	/* passed, yet Xen walks */
void swtlb_count_refused(unsigned long nr);

/*
 * marshal.c: a hypercall that the thunk does not let pass at once: make it,
 * with the arguments carried where Xen finds them.  Any context; must not
 * sleep.  Pointers of user space never get here.
 */
long swtlb_marshal(unsigned long nr, unsigned long arg[5]);
void swtlb_marshal_exit(void);

/* calls.c, for the thunk: see thunk.h. */
extern const u8 swtlb_call_class[SWTLB_CALLS];
extern const u64 swtlb_call_plain[SWTLB_CALLS];

/* thunk.S: with user memory open to Xen */
long swtlb_user_call(unsigned long nr, const unsigned long arg[5]);

/* user.c */
bool swtlb_registers(const struct multicall_entry *entry);
long swtlb_user_multicall(struct multicall_entry __user *list,
			  unsigned long count);

/* device.c */
bool swtlb_device_wanted(void);
void swtlb_device_init(bool active);
void swtlb_device_exit(void);
void swtlb_device_lost(void);
void swtlb_device_room(void);
void swtlb_device_show(struct seq_file *m);

/* status.c */
void swtlb_status_init(void);
void swtlb_status_exit(void);

/* early.c; a module comes too late for it */
#ifdef CONFIG_XEN_SWTLB
bool swtlb_early_unwanted(void);
bool swtlb_early_buffers_only(void);
struct swtlb_ranges *swtlb_early_ranges(void);
#else
static inline bool swtlb_early_unwanted(void) { return false; }
static inline bool swtlb_early_buffers_only(void) { return false; }
static inline struct swtlb_ranges *swtlb_early_ranges(void) { return NULL; }
#endif

#endif /* XEN_SWTLB_INTERNAL_H */
