// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carries the arguments of a hypercall through the CPU's buffer, as the table
 * in calls.c says: copied in, the hypercall made, copied out.
 *
 * It runs in any context, NMIs included, and often inside of what locking and
 * tracing use: hence no locks, no tracing of the functions that most
 * hypercalls come by, and copies that cannot oops.  A pointer that the kernel
 * itself cannot follow is Xen's to refuse, with the error it would give
 * anyway: the hypercall is then made as it is.
 *
 * What comes back in the buffer is the hypervisor's word.  Nothing is taken
 * from there for a length or an address.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/hardirq.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xen/interface/xen.h>
#include <xen/interface/physdev.h>

#include "calls.h"
#include "internal.h"

/* ---- copies that fail instead of faulting -------------------------------- */

/*
 * Below the direct map the kernel has no memory.  Programs can name addresses
 * there, by way of privcmd, which no page table can have: to use one is no
 * page fault, and the kernel would warn of it.
 */
static __always_inline bool is_kernel(const void *p)
{
	return (unsigned long)p >= PAGE_OFFSET;
}

/* Of a load it is @from that may not be there, else @to. */
#define COPY_ONE(to, from, type, load, label)				\
	do {								\
		if (load)						\
			__get_kernel_nofault(to, from, type, label);	\
		else							\
			__put_kernel_nofault(to, from, type, label);	\
	} while (0)

/* The order is such that it takes the least instructions. */
static __always_inline bool copy_kernel(void *to, const void *from,
					size_t size, bool load)
{
	size_t at = size & -16, i = at;

	if (i) {
		do {
			COPY_ONE(to + i - 8, from + i - 8, u64, load, fault);
			COPY_ONE(to + i - 16, from + i - 16, u64, load, fault);
			i -= 16;
		} while (i);
	}
	if (size & 8)
		COPY_ONE(to + at, from + at, u64, load, fault);
	if (likely(!(size & 7)))
		return true;

	at = size & -8;
	if (size & sizeof(u32)) {
		COPY_ONE(to + at, from + at, u32, load, fault);
		at += sizeof(u32);
	}
	if (size & sizeof(u16)) {
		COPY_ONE(to + at, from + at, u16, load, fault);
		at += sizeof(u16);
	}
	if (size & sizeof(u8))
		COPY_ONE(to + at, from + at, u8, load, fault);

	return true;
fault:
	return false;
}

bool notrace swtlb_load(void *to, const void *from, size_t size)
{
	return is_kernel(from) && copy_kernel(to, from, size, true);
}

bool notrace swtlb_store(void *to, const void *from, size_t size)
{
	return is_kernel(to) && copy_kernel(to, from, size, false);
}

/* ---- what cannot be carried ---------------------------------------------- */

/*
 * Operations of which a line is logged: the number of the hypercall and the
 * operation, plus one, so that none is zero; and why, until it is logged.
 */
static struct {
	atomic64_t key;
	const char *why;
} complaints[64];

static void tell_refused(struct irq_work *work)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(complaints); i++) {
		const char *why = xchg(&complaints[i].why, NULL);
		u64 key;

		if (!why)
			continue;
		key = atomic64_read(&complaints[i].key) - 1;
		pr_warn("refused hypercall %u, operation %u: %s\n",
			(u32)(key >> 32), (u32)key, why);
	}
}

/* By the next tick: to raise an interrupt may be a hypercall. */
static struct irq_work tell_work = IRQ_WORK_INIT_LAZY(tell_refused);

/*
 * The hypercall may be made under locks that printing takes, too: that of a run
 * queue, a timer, the console.  So it is noted here and told later.
 */
static long refuse_call(unsigned long nr, const unsigned long arg[5], long err,
			const char *why)
{
	s64 key = ((u64)nr << 32 | (u32)arg[0]) + 1;
	unsigned int i;

	swtlb_count_refused(nr);
	for (i = 0; i < ARRAY_SIZE(complaints); i++) {
		s64 old = atomic64_cmpxchg(&complaints[i].key, 0, key);

		if (old == key)
			break;
		if (!old) {
			WRITE_ONCE(complaints[i].why, why);
			irq_work_queue(&tell_work);
			break;
		}
	}

	return err;
}

/* When no hypercall can get here any more. */
void swtlb_marshal_exit(void)
{
	irq_work_sync(&tell_work);
}

/* Xen will have to walk, or to refuse. */
long swtlb_pass(unsigned long nr, const unsigned long arg[5])
{
	swtlb_count_uncovered(nr);

	return swtlb_hypercall(nr, arg);
}

/* Xen needs nothing done. */
long swtlb_let_pass(unsigned long nr, const unsigned long arg[5])
{
	swtlb_count_passed();

	return swtlb_hypercall(nr, arg);
}

/* The arguments fit nowhere. */
long swtlb_no_room(unsigned long nr, const unsigned long arg[5])
{
	if (!swtlb_may_walk())
		return refuse_call(nr, arg, -ENOMEM, "no room for its arguments");

	return swtlb_pass(nr, arg);
}

/* A pointer that Xen can only walk: the kernel's, and not registered. */
bool swtlb_uncovered(unsigned long p, size_t size)
{
	return p >= TASK_SIZE_MAX && !swtlb_registered((const void *)p, size);
}

/* Of what nothing is known, only what looks like a pointer can be told. */
static bool looks_uncovered(unsigned long value)
{
	return (long)value < 0 && !IS_ERR_VALUE(value) &&
	       swtlb_uncovered(value, 1);
}

static long make_unknown(unsigned long nr, const unsigned long arg[5])
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		if (!looks_uncovered(arg[i]))
			continue;
		if (!swtlb_may_walk())
			return refuse_call(nr, arg, -EFAULT, "it is not known");
		return swtlb_pass(nr, arg);
	}

	return swtlb_let_pass(nr, arg);
}

/* ---- memory to carry in -------------------------------------------------- */

/* How much of the CPU's buffer may be taken now. */
size_t swtlb_carry_max(void)
{
	size_t half = swtlb_buf_room() / 2;

	return min_t(size_t, half & -SWTLB_BUF_ROUND, SWTLB_MAX_CARRY);
}

/*
 * The heap is as good as the CPU's buffer where the direct map is registered:
 * it may not be, all of it or a part.  Interrupts off may mean to be inside of
 * the allocator.  With PREEMPT_RT its locks sleep, so there it cannot be asked
 * under a raw lock either, which does not turn interrupts off.
 */
static void *get_heap(size_t size)
{
	void *p;

	if (swtlb_encrypted() || in_nmi() || irqs_disabled())
		return NULL;
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !preemptible())
		return NULL;

	p = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);
	if (p && !swtlb_registered(p, size)) {
		kfree(p);
		p = NULL;
	}

	return p;
}

bool swtlb_carry_get(struct swtlb_carry *carry, size_t size)
{
	carry->size = size;
	carry->heap = size > SWTLB_SMALL && size > swtlb_carry_max();
	if (carry->heap)
		carry->buf = get_heap(size);
	else
		carry->buf = swtlb_buf_get(size);

	return carry->buf;
}

void swtlb_carry_put(struct swtlb_carry *carry)
{
	if (carry->heap)
		kfree(carry->buf);
	else
		swtlb_buf_put(carry->buf);
}

/* ---- one structure ------------------------------------------------------- */

static __always_inline long carry_plain(unsigned long nr, unsigned long arg[5],
					const struct swtlb_row *row,
					unsigned int which, void *buf)
{
	void *caller = (void *)arg[which];
	unsigned long out, size;
	long res;

	if (unlikely(!is_kernel(caller)) ||
	    (row->in && unlikely(!copy_kernel(buf, caller, row->in, true)))) {
		__swtlb_buf_put(buf);
		return swtlb_pass(nr, arg);
	}

	swtlb_count_marshalled(nr);
	arg[which] = (unsigned long)buf;
	res = swtlb_hypercall(nr, arg);

	out = row->out;
	size = row->end - out;
	if (size && (res >= 0 || row->flags & SWTLB_ALWAYS) &&
	    unlikely(!copy_kernel(caller + out, buf + out, size, false)))
		res = -EFAULT;
	__swtlb_buf_put(buf);

	return res;
}

long notrace swtlb_plain(unsigned long nr, unsigned long arg[5],
			 const struct swtlb_row *row, unsigned int which)
{
	unsigned long caller = arg[which];
	void *buf = swtlb_buf_get(row->size);
	long res;

	if (!buf)
		return swtlb_no_room(nr, arg);
	res = carry_plain(nr, arg, row, which, buf);
	arg[which] = caller;

	return res;
}

/* ---- arrays of them ------------------------------------------------------ */

/*
 * What Xen is to write in each element goes in as it was found, so that what
 * it leaves alone comes back the same.  It may be anything off a stack, which
 * an encrypted guest does not show: there zeros go in, and nothing comes back
 * from a hypercall that failed.  These fail for a buffer that cannot be
 * accessed, or before the first element.
 */
static bool load_array(void *buf, const void *caller,
		       const struct swtlb_row *row, unsigned int count)
{
	unsigned int i;

	if (!swtlb_encrypted())
		return swtlb_load(buf, caller, count * row->size);

	for (i = 0; i < count; i++) {
		size_t at = i * row->size;

		memset(buf + at, 0, row->size);
		if (!swtlb_load(buf + at, caller + at, row->in))
			return false;
	}

	return true;
}

/* Xen says so in the structure, and has written nothing else. */
bool swtlb_failed(const struct swtlb_row *row, const void *buf)
{
	return row->flags & SWTLB_STATUS && *(const s16 *)(buf + row->out);
}

static bool store_array(void *caller, const void *buf,
			const struct swtlb_row *row, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count && row->end; i++) {
		size_t at = i * row->size + row->out;
		size_t size = row->end - row->out;

		if (swtlb_encrypted() && swtlb_failed(row, buf + i * row->size))
			size = sizeof(s16);
		if (!swtlb_store(caller + at, buf + at, size))
			return false;
	}

	return true;
}

static void *get_elements(const struct swtlb_row *row, unsigned int *count)
{
	void *buf;

	*count = min_t(unsigned int, *count,
		       max_t(size_t, swtlb_carry_max() / row->size, 1));
	for (; *count; *count /= 2) {
		buf = swtlb_buf_get(*count * row->size);
		if (buf)
			return buf;
	}

	return NULL;
}

/* grant_table_op.  What Xen does with elements it does one by one. */
static long carry_array(unsigned long nr, unsigned long arg[5],
			const struct swtlb_row *row, unsigned int which)
{
	u32 left = arg[2], count;
	long res;

	/* Nothing to do, or an error: Xen looks at no element. */
	if (!left || left > S32_MAX)
		return swtlb_let_pass(nr, arg);

	do {
		void *caller = (void *)arg[which];
		void *buf;

		count = left;
		buf = get_elements(row, &count);
		if (!buf) {
			arg[2] = left;
			return swtlb_no_room(nr, arg);
		}
		if (!load_array(buf, caller, row, count)) {
			swtlb_buf_put(buf);
			arg[2] = left;
			return swtlb_pass(nr, arg);
		}

		arg[which] = (unsigned long)buf;
		arg[2] = count;
		res = swtlb_hypercall(nr, arg);

		if ((res >= 0 || !swtlb_encrypted()) &&
		    !store_array(caller, buf, row, count))
			res = -EFAULT;
		swtlb_buf_put(buf);
		swtlb_count_marshalled(nr);

		arg[which] = (unsigned long)caller + count * row->size;
		left -= count;
	} while (left && res >= 0);

	return res;
}

/* ---- those with a function each ------------------------------------------ */

/* Characters to write or to read. */
static long carry_console(unsigned long nr, unsigned long arg[5])
{
	bool reads = arg[0] == CONSOLEIO_read;
	const struct swtlb_row chars = {
		.size = 1,
		.in = reads ? 0 : 1,
		.end = reads ? 1 : 0,
	};
	u32 left = arg[1], count;
	long res, done = 0;

	if (!left || (reads && left > S32_MAX))
		return swtlb_let_pass(nr, arg);

	do {
		void *caller = (void *)arg[2];
		void *buf;

		count = left;
		buf = get_elements(&chars, &count);
		arg[1] = left;
		if (!buf) {
			res = swtlb_no_room(nr, arg);
			break;
		}
		if (!reads && !swtlb_load(buf, caller, count)) {
			swtlb_buf_put(buf);
			res = swtlb_pass(nr, arg);
			break;
		}

		arg[1] = count;
		arg[2] = (unsigned long)buf;
		res = swtlb_hypercall(nr, arg);
		if (reads && res > 0) {
			res = min_t(long, res, count);
			if (!swtlb_store(caller, buf, res))
				res = -EFAULT;
			/* As many as there were: no reason to ask for more. */
			if (res < count)
				left = count;
		}
		swtlb_buf_put(buf);
		swtlb_count_marshalled(nr);

		arg[2] = (unsigned long)caller + count;
		left -= count;
		if (res > 0)
			done += res;
	} while (left && res >= (reads ? 1 : 0));

	/* What was read is read, whatever came then. */
	return done ?: res;
}

/* xen_version: a length, and as many bytes behind it. */
static long carry_varbuf(unsigned long nr, unsigned long arg[5])
{
	void *caller = (void *)arg[1];
	struct swtlb_carry carry;
	u32 len;
	long res;

	if (!swtlb_load(&len, caller, sizeof(len)))
		return swtlb_pass(nr, arg);
	/* Xen offers no more than this, so it makes no difference. */
	len = min_t(u32, len, 0x10000);
	if (!swtlb_carry_get(&carry, sizeof(len) + len))
		return swtlb_no_room(nr, arg);

	memcpy(carry.buf, &len, sizeof(len));
	arg[1] = (unsigned long)carry.buf;
	res = swtlb_hypercall(nr, arg);
	if (res > 0 && !swtlb_store(caller + sizeof(len),
				    carry.buf + sizeof(len),
				    min_t(long, res, len)))
		res = -EFAULT;
	swtlb_carry_put(&carry);
	swtlb_count_marshalled(nr);

	return res;
}

/* With a flag, there is one word more behind the structure. */
static long carry_pci_add(unsigned long nr, unsigned long arg[5])
{
	struct physdev_pci_device_add add;
	struct swtlb_row row = {
		.size = sizeof(add),
		.in = sizeof(add),
	};

	if (!swtlb_load(&add, (void *)arg[1], sizeof(add)))
		return swtlb_pass(nr, arg);
	if (add.flags & XEN_PCI_DEV_PXM) {
		row.size += sizeof(u32);
		row.in += sizeof(u32);
	}

	return swtlb_plain(nr, arg, &row, 1);
}

/* Our own: what is asked for says how much is written. */
static long carry_query(unsigned long nr, unsigned long arg[5])
{
	static const u8 size[] = {
		[XEN_SWTLB_QUERY_limits] = sizeof(struct xen_swtlb_limits),
		[XEN_SWTLB_QUERY_state] = sizeof(struct xen_swtlb_state),
		[XEN_SWTLB_QUERY_stats] = sizeof(struct xen_swtlb_stats),
		[XEN_SWTLB_QUERY_entry] = sizeof(struct xen_swtlb_entry),
		[XEN_SWTLB_QUERY_generation] =
			sizeof(struct xen_swtlb_generation),
	};
	struct swtlb_row row = {};

	if (arg[3] >= ARRAY_SIZE(size))
		return make_unknown(nr, arg);
	row.size = size[arg[3]];
	row.end = row.size;

	return swtlb_plain(nr, arg, &row, 2);
}

static long carry_platform(unsigned long nr, unsigned long arg[5])
{
	u64 op[SWTLB_PLATFORM_SIZE / sizeof(u64)];
	const struct swtlb_row *row;

	if (arg[0] < TASK_SIZE_MAX)
		return swtlb_let_pass(nr, arg);
	if (!swtlb_load(op, (void *)arg[0], sizeof(op)))
		return swtlb_pass(nr, arg);

	row = swtlb_platform_row(op);
	if (row->kind == SWTLB_NESTED)
		return swtlb_nested(nr, arg, row, 0);
	if (!swtlb_uncovered(arg[0], sizeof(op)))
		return swtlb_let_pass(nr, arg);
	if (row->kind == SWTLB_PLAIN)
		return swtlb_plain(nr, arg, row, 0);
	if (!swtlb_may_walk()) {
		/* The operation is what to tell. */
		arg[0] = (u32)op[0];
		return refuse_call(nr, arg, -EFAULT, "it is not known");
	}

	return swtlb_pass(nr, arg);
}

/* ---- all of them --------------------------------------------------------- */

static const struct swtlb_row no_row;

static __always_inline const struct swtlb_row *find_row(const struct swtlb_call *call,
							unsigned long cmd)
{
	cmd &= call->mask;

	return likely(cmd < call->nr) ? &call->rows[cmd] : &no_row;
}

/* The row of an operation; of one that is not known, kind SWTLB_UNKNOWN. */
const struct swtlb_row *swtlb_row(unsigned long nr, unsigned long cmd)
{
	/* The operations of our own have flags above the number. */
	if (nr == __HYPERVISOR_vcpu_op &&
	    (cmd & XEN_SWTLB_OP_MASK) >= VCPUOP_SWTLB_FIRST &&
	    (cmd & XEN_SWTLB_OP_MASK) <= VCPUOP_SWTLB_LAST)
		cmd &= XEN_SWTLB_OP_MASK;

	return nr < SWTLB_CALLS ? find_row(&swtlb_calls[nr], cmd) : &no_row;
}

static noinline long marshal_special(unsigned long nr, unsigned long arg[5])
{
	const struct swtlb_row *row = swtlb_row(nr, arg[0]);
	unsigned int which;

	switch (nr) {
	case __HYPERVISOR_multicall:
		return swtlb_multicall(nr, arg);
	case __HYPERVISOR_platform_op:
		return carry_platform(nr, arg);
	case __HYPERVISOR_dm_op:
		return swtlb_dm(nr, arg);
	}

	if (row->kind == SWTLB_VALUE)
		return swtlb_let_pass(nr, arg);
	if (row->kind == SWTLB_UNKNOWN)
		return make_unknown(nr, arg);

	/* NULL is no buffer, and has a meaning in places. */
	which = swtlb_calls[nr].arg;
	if (arg[which] < TASK_SIZE_MAX)
		return swtlb_let_pass(nr, arg);
	if (row->kind == SWTLB_NESTED)
		return swtlb_nested(nr, arg, row, which);
	if (row->kind == SWTLB_AREA)
		return swtlb_areas(nr, arg);
	if (!swtlb_uncovered(arg[which], 1))
		return swtlb_let_pass(nr, arg);

	switch (row->kind) {
	case SWTLB_PLAIN:
		return swtlb_plain(nr, arg, row, which);
	case SWTLB_ARRAY:
		return carry_array(nr, arg, row, which);
	case SWTLB_CONSOLE:
		return carry_console(nr, arg);
	case SWTLB_VARBUF:
		return carry_varbuf(nr, arg);
	case SWTLB_PCI_ADD:
		return carry_pci_add(nr, arg);
	case SWTLB_QUERY:
		return carry_query(nr, arg);
	default:
		return make_unknown(nr, arg);
	}
}

/*
 * The straight line for the many: a small structure.  The thunk has seen that
 * the pointer is neither user space's nor registered.  Where it does not look
 * (SWTLB_CALL_COMPLEX), there is no row to be found here.
 */
long notrace swtlb_marshal(unsigned long nr, unsigned long arg[5])
{
	if (likely(nr < SWTLB_CALLS)) {
		const struct swtlb_call *call = &swtlb_calls[nr];
		const struct swtlb_row *row = find_row(call, arg[0]);

		if (likely(row->kind == SWTLB_PLAIN)) {
			void *buf = __swtlb_buf_get(row->size);

			if (likely(buf))
				return carry_plain(nr, arg, row, call->arg, buf);
		}
	}

	return marshal_special(nr, arg);
}
