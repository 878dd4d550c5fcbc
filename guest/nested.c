// SPDX-License-Identifier: GPL-2.0-only
/*
 * Structures with pointers in them, and lists of hypercalls.
 *
 * The structure is read once, into memory of our own.  Pointers and lengths
 * come from there and never from what the hypervisor can write to.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <asm/cpufeature.h>

#include <xen/interface/xen.h>
#include <xen/interface/hvm/dm_op.h>

#include "calls.h"
#include "internal.h"

#define MAX_NESTS	3
/* The largest structure. */
#define MAX_STRUCT	SWTLB_PLATFORM_SIZE
/* EFI allows 1024 bytes and more of a variable's name. */
#define MAX_NAME	2048
/* As many elements as are done at a time when not all fit. */
#define PART_MAX	256ul

struct nested {
	const struct swtlb_row *row;
	void *caller;			/* the structure, where it is */
	u64 own[MAX_STRUCT / 8];	/* as it was read */
	u64 work[MAX_STRUCT / 8];	/* as it is passed, or came back */
	unsigned long count[MAX_NESTS];
	bool carried[MAX_NESTS];	/* that list needs to be */
	unsigned int nr_carried;
};

static unsigned long get_field(const void *data, unsigned int at,
			       unsigned int size)
{
	const void *p = data + at;

	switch (size) {
	case 0:
		return 1;
	case 2:
		return *(const u16 *)p;
	case 4:
		return *(const u32 *)p;
	default:
		return *(const u64 *)p;
	}
}

static void set_field(void *data, unsigned int at, unsigned int size, u64 value)
{
	void *p = data + at;

	switch (size) {
	case 2:
		*(u16 *)p = value;
		break;
	case 4:
		*(u32 *)p = value;
		break;
	default:
		*(u64 *)p = value;
	}
}

static unsigned long list_pointer(const struct nested *n, unsigned int i)
{
	return get_field(n->own, n->row->nest[i].at, sizeof(u64));
}

/* A string's characters with the zero at its end; or 0. */
static unsigned long name_length(unsigned long p)
{
	unsigned long i;
	u16 c;

	for (i = 0; i < MAX_NAME / sizeof(c); i++) {
		if (!swtlb_load(&c, (void *)p + i * sizeof(c), sizeof(c)))
			return 0;
		if (!c)
			return i + 1;
	}

	return 0;
}

/* Which of the lists have to be carried.  False: it is not for us to tell. */
static bool find_lists(struct nested *n)
{
	unsigned int i;

	for (i = 0; i < n->row->nests; i++) {
		const struct swtlb_nest *nest = &n->row->nest[i];
		unsigned long p = list_pointer(n, i);
		unsigned long count;

		if (p < TASK_SIZE_MAX)
			continue;
		if (nest->dir & SWTLB_NAME)
			count = name_length(p);
		else
			count = get_field(n->own, nest->count_at, nest->count_size);
		/* Wrong in a way that Xen finds before it follows it. */
		if (!count || (nest->max && count > nest->max))
			continue;
		if (count > LONG_MAX / nest->elem)
			return false;
		if (!swtlb_uncovered(p, count * nest->elem))
			continue;

		n->count[i] = count;
		n->carried[i] = true;
		n->nr_carried++;
	}

	return true;
}

/* As much memory as @part elements of each list take; all of them if 0. */
static size_t room_for(const struct nested *n, unsigned long part)
{
	size_t size = ALIGN(n->row->size, 16);
	unsigned int i;

	for (i = 0; i < n->row->nests; i++) {
		size_t elems = part ?: n->count[i];

		if (n->carried[i] &&
		    check_add_overflow(size,
				       ALIGN(elems * n->row->nest[i].elem, 16),
				       &size))
			return SIZE_MAX;
	}

	return size;
}

/*
 * Fill @buf: the structure first, then the lists.  What only comes out goes in
 * as it was found, so that what Xen leaves alone comes back the same; but in
 * an encrypted guest it is not shown.
 */
static bool pack_buffer(struct nested *n, void *buf, unsigned long done,
			unsigned long part)
{
	size_t at = ALIGN(n->row->size, 16);
	unsigned int i;

	memcpy(n->work, n->own, n->row->size);
	for (i = 0; i < n->row->nests; i++) {
		const struct swtlb_nest *nest = &n->row->nest[i];
		unsigned long from = list_pointer(n, i);
		size_t size = (part ?: n->count[i]) * nest->elem;

		/* NULL has a meaning. */
		if (from)
			from += done * nest->elem;
		if (part)
			set_field(n->work, nest->count_at, nest->count_size,
				  part);
		if (!n->carried[i]) {
			set_field(n->work, nest->at, sizeof(u64), from);
			continue;
		}

		set_field(n->work, nest->at, sizeof(u64),
			  (unsigned long)buf + at);
		if (!(nest->dir & SWTLB_IN) && swtlb_encrypted())
			memset(buf + at, 0, size);
		else if (!swtlb_load(buf + at, (void *)from, size))
			return false;
		at += ALIGN(size, 16);
	}
	memcpy(buf, n->work, n->row->size);

	return true;
}

/* The lists: what Xen wrote.  In the order of pack_buffer(). */
static bool unpack_lists(struct nested *n, const void *buf, unsigned long done,
			 unsigned long part)
{
	size_t at = ALIGN(n->row->size, 16);
	unsigned int i;

	for (i = 0; i < n->row->nests; i++) {
		const struct swtlb_nest *nest = &n->row->nest[i];
		size_t size = (part ?: n->count[i]) * nest->elem;
		void *to = (void *)list_pointer(n, i) + done * nest->elem;

		if (!n->carried[i])
			continue;
		if (nest->dir & SWTLB_OUT && !swtlb_store(to, buf + at, size))
			return false;
		at += ALIGN(size, 16);
	}

	return true;
}

/* The structure: what Xen wrote, with the caller's own pointers. */
static bool unpack_struct(struct nested *n, const void *buf)
{
	const struct swtlb_row *row = n->row;
	unsigned int i;

	if (!row->end)
		return true;

	memcpy(n->work, buf, row->size);
	for (i = 0; i < row->nests; i++)
		set_field(n->work, row->nest[i].at, sizeof(u64), list_pointer(n, i));

	return swtlb_store(n->caller + row->out, (void *)n->work + row->out,
			   row->end - row->out);
}

static bool unpack_buffer(struct nested *n, const void *buf, unsigned long done,
			  unsigned long part, long res)
{
	/* Where lists went in as zeros, see pack_buffer(), only success counts. */
	if (!(swtlb_encrypted() && (res < 0 || swtlb_failed(n->row, buf))) &&
	    !unpack_lists(n, buf, done, part))
		return false;
	if (res >= 0 || n->row->flags & SWTLB_ALWAYS)
		return unpack_struct(n, buf);

	return true;
}

/* Make the hypercall for @part elements, from the one after @done on. */
static long make_part(struct nested *n, struct swtlb_carry *carry, unsigned long nr,
		      unsigned long arg[5], unsigned int which, unsigned long done,
		      unsigned long part)
{
	long res;

	arg[which] = (unsigned long)carry->buf;
	res = swtlb_hypercall(nr, arg);
	arg[which] = (unsigned long)n->caller;
	if (!unpack_buffer(n, carry->buf, done, part, res))
		res = -EFAULT;
	swtlb_count_marshalled(nr);

	return res;
}

static long carry_at_once(struct nested *n, unsigned long nr, unsigned long arg[5],
			  unsigned int which)
{
	struct swtlb_carry carry;
	long res;

	if (!swtlb_carry_get(&carry, room_for(n, 0)))
		return swtlb_no_room(nr, arg);
	if (pack_buffer(n, carry.buf, 0, 0)) {
		res = make_part(n, &carry, nr, arg, which, 0, 0);
		swtlb_carry_put(&carry);
	} else {
		swtlb_carry_put(&carry);
		res = swtlb_pass(nr, arg);
	}

	return res;
}

/* The memory for as many elements as there is any for, up to @part. */
static bool get_part(struct nested *n, struct swtlb_carry *carry,
		     unsigned long *part)
{
	for (; *part; *part /= 2)
		if (swtlb_carry_get(carry, room_for(n, *part)))
			return true;

	return false;
}

/*
 * What is left of a list, as it is, for Xen to walk: or not even that.  Its
 * result is that of all of it.
 */
static long finish_raw(struct nested *n, unsigned long nr, unsigned long arg[5],
		       unsigned int which, unsigned long done, unsigned long left,
		       long err)
{
	bool sum = n->row->flags & SWTLB_SUM;
	unsigned int i;
	long res;

	if (!swtlb_may_walk())
		return sum && done ? done : err;

	memcpy(n->work, n->own, n->row->size);
	for (i = 0; i < n->row->nests; i++) {
		const struct swtlb_nest *nest = &n->row->nest[i];
		unsigned long p = list_pointer(n, i);

		set_field(n->work, nest->count_at, nest->count_size, left);
		set_field(n->work, nest->at, sizeof(u64),
			  p ? p + done * nest->elem : 0);
	}
	arg[which] = (unsigned long)n->work;
	res = swtlb_pass(nr, arg);
	arg[which] = (unsigned long)n->caller;

	if (!sum)
		return res;

	return res < 0 ? done : done + res;
}

/*
 * A list that does not fit, in parts.  Xen does such a list one by one, and
 * may make a pause anywhere between two.  It writes nothing to the structure.
 */
static long carry_in_parts(struct nested *n, unsigned long nr, unsigned long arg[5],
			   unsigned int which)
{
	const struct swtlb_nest *first = n->row->nest;
	unsigned long total = get_field(n->own, first->count_at, first->count_size);
	bool sum = n->row->flags & SWTLB_SUM;
	unsigned long done = 0, part;
	struct swtlb_carry carry;
	bool packed;
	long res;

	do {
		part = min(total - done, PART_MAX);
		if (!get_part(n, &carry, &part)) {
			if (!done)
				return swtlb_no_room(nr, arg);
			return finish_raw(n, nr, arg, which, done, total - done,
				    -ENOMEM);
		}
		packed = pack_buffer(n, carry.buf, done, part);
		if (packed)
			res = make_part(n, &carry, nr, arg, which, done, part);
		swtlb_carry_put(&carry);
		if (!packed) {
			if (!done)
				return swtlb_pass(nr, arg);
			return finish_raw(n, nr, arg, which, done, total - done,
				    -EFAULT);
		}

		if (!sum && res)
			return res;
		if (sum && res < 0)
			return done ?: res;
		done += sum ? min_t(unsigned long, res, part) : part;
	} while (done < total && (!sum || res == part));

	return sum ? done : 0;
}

long swtlb_nested(unsigned long nr, unsigned long arg[5],
		  const struct swtlb_row *row, unsigned int which)
{
	struct nested n = {
		.row = row,
		.caller = (void *)arg[which],
	};

	BUILD_BUG_ON(ALIGN(MAX_STRUCT, 16) + 3 * 8 * PART_MAX >
		     SWTLB_MAX_CARRY);

	if (!swtlb_load(n.own, n.caller, row->size))
		return swtlb_pass(nr, arg);
	if (!find_lists(&n))
		return swtlb_pass(nr, arg);
	if (!n.nr_carried && !swtlb_uncovered(arg[which], row->size))
		return swtlb_let_pass(nr, arg);

	/* A memory_op that starts in the middle is somebody's own business. */
	if (row->flags & (SWTLB_SUM | SWTLB_ZERO) && n.nr_carried &&
	    room_for(&n, 0) > max_t(size_t, swtlb_carry_max(), SWTLB_SMALL) &&
	    arg[0] < 64)
		return carry_in_parts(&n, nr, arg, which);

	return carry_at_once(&n, nr, arg, which);
}

/* ---- dm_op --------------------------------------------------------------- */

/* Xen takes three, and privcmd and this more: it is Xen's to refuse. */
#define MAX_BUFS	16

struct dm {
	struct xen_dm_op_buf own[MAX_BUFS];
	void *carried[MAX_BUFS];	/* where it is now, or NULL */
	void *before[MAX_BUFS];		/* ... and what it was then */
};

static unsigned long buf_address(const struct xen_dm_op_buf *b)
{
	return *(const u64 *)&b->h;
}

static bool is_user(unsigned long p)
{
	return p < TASK_SIZE_MAX;
}

/*
 * A device model passes buffers wherever they are, on its stack too; they are
 * locked, which it takes to copy them here, and hardly ever registered.
 */
static bool load_buf(void *to, unsigned long p, size_t size)
{
	if (is_user(p))
		return !copy_from_user_nofault(to, (void __user *)p, size);

	return swtlb_load(to, (void *)p, size);
}

static bool store_buf(unsigned long p, const void *from, size_t size)
{
	if (is_user(p))
		return !copy_to_user_nofault((void __user *)p, from, size);

	return swtlb_store((void *)p, from, size);
}

static bool has_to_be_carried(const struct xen_dm_op_buf *b)
{
	unsigned long p = buf_address(b);

	/* Xen makes nothing of so large a buffer. */
	if (!p || !b->size || b->size > INT_MAX)
		return false;

	return is_user(p) || swtlb_uncovered(p, b->size);
}

/* As many as can be read; what cannot is Xen's to refuse. */
static void load_bufs(struct dm *dm, unsigned int count, void *to)
{
	struct xen_dm_op_buf *list = to;
	unsigned int i;

	memcpy(list, dm->own, count * sizeof(*list));
	to += count * sizeof(*list);
	for (i = 0; i < count; i++) {
		const struct xen_dm_op_buf *b = &dm->own[i];

		if (!has_to_be_carried(b) ||
		    !load_buf(to, buf_address(b), b->size))
			continue;
		dm->carried[i] = to;
		*(u64 *)&list[i].h = (unsigned long)to;
		to += ALIGN(b->size, 16);
		dm->before[i] = to;
		memcpy(to, dm->carried[i], b->size);
		to += ALIGN(b->size, 16);
	}
}

/* What Xen has changed, and not a byte more. */
static bool store_changes(unsigned long p, const u8 *now, const u8 *before,
			  size_t size)
{
	size_t at = 0, end;

	while (at < size) {
		if (now[at] == before[at]) {
			at++;
			continue;
		}
		for (end = at + 1; end < size && now[end] != before[end];)
			end++;
		if (!store_buf(p + at, now + at, end - at))
			return false;
		at = end;
	}

	return true;
}

static bool store_bufs(const struct dm *dm, unsigned int count)
{
	bool done = true;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (dm->carried[i] &&
		    !store_changes(buf_address(&dm->own[i]), dm->carried[i],
				   dm->before[i], dm->own[i].size))
			done = false;

	return done;
}

/*
 * The list is the kernel's: privcmd's, whose buffers are user space's, or that
 * of an irqfd, whose buffer is the kernel's, too.  Which buffers Xen writes,
 * and what of them, depends on the operation: a buffer may be read-only memory,
 * and another thread may change what Xen leaves alone.  So what went in is
 * kept, and what differs goes back.  User memory is open to Xen all the same,
 * for a buffer that is not carried.
 */
long swtlb_dm(unsigned long nr, unsigned long arg[5])
{
	unsigned long caller = arg[2], count = arg[1];
	struct swtlb_carry carry;
	struct dm dm = {};
	size_t size, i;
	long res;

	if (!count || count > MAX_BUFS || is_user(caller))
		return swtlb_let_pass(nr, arg);
	size = count * sizeof(dm.own[0]);
	if (!swtlb_load(dm.own, (void *)caller, size))
		return swtlb_pass(nr, arg);

	for (i = 0; i < count; i++)
		if (has_to_be_carried(&dm.own[i]))
			size += 2 * ALIGN(dm.own[i].size, 16);
	if (size == count * sizeof(dm.own[0]) && !swtlb_uncovered(caller, size))
		return swtlb_let_pass(nr, arg);
	if (!swtlb_carry_get(&carry, size)) {
		if (!swtlb_may_walk())
			return swtlb_no_room(nr, arg);
		swtlb_count_uncovered(nr);
		return swtlb_user_call(nr, arg);
	}

	load_bufs(&dm, count, carry.buf);
	arg[2] = (unsigned long)carry.buf;
	res = swtlb_user_call(nr, arg);
	arg[2] = caller;
	if (!store_bufs(&dm, count))
		res = -EFAULT;
	swtlb_carry_put(&carry);
	swtlb_count_marshalled(nr);

	return res;
}

/* ---- multicall ----------------------------------------------------------- */

/* Whether an entry's arguments are as Xen needs them. */
static bool entry_passes(const struct multicall_entry *entry)
{
	const struct swtlb_row *row;
	const struct swtlb_call *call;

	if (entry->op >= SWTLB_CALLS)
		return true;
	/* Not even made by itself: see make_entry(). */
	if (swtlb_registers(entry))
		return false;
	switch (swtlb_call_class[entry->op]) {
	case SWTLB_CALL_NONE:
		return true;
	case SWTLB_CALL_COMPLEX:
		/* Xen allows no multicall in a multicall. */
		return entry->op == __HYPERVISOR_multicall;
	}

	call = &swtlb_calls[entry->op];
	row = swtlb_row(entry->op, entry->args[0]);
	if (row->kind == SWTLB_VALUE || entry->args[call->arg] < TASK_SIZE_MAX)
		return true;

	return row->kind != SWTLB_UNKNOWN && row->kind != SWTLB_NESTED &&
	       !swtlb_uncovered(entry->args[call->arg], 1);
}

/* Entries that pass, as one multicall. */
static long make_list(struct multicall_entry *caller, unsigned long count)
{
	unsigned long arg[5] = { (unsigned long)caller, count };
	const struct swtlb_row row = {
		.flags = SWTLB_ALWAYS,
		.size = count * sizeof(*caller),
		.in = count * sizeof(*caller),
		.end = count * sizeof(*caller),
	};

	if (!swtlb_uncovered(arg[0], row.size))
		return swtlb_let_pass(__HYPERVISOR_multicall, arg);

	return swtlb_plain(__HYPERVISOR_multicall, arg, &row, 0);
}

/* One by itself, whose arguments may have to be carried. */
static long make_entry(struct multicall_entry *caller,
		       const struct multicall_entry *entry, bool pass)
{
	unsigned long arg[5];
	xen_long_t result;

	memcpy(arg, entry->args, sizeof(arg));
	if (swtlb_registers(entry))
		result = -EPERM;
	else if (entry->op == __HYPERVISOR_multicall)
		result = -EINVAL;	/* as Xen has it */
	else if (pass)
		result = swtlb_let_pass(entry->op, arg);
	else
		result = swtlb_marshal(entry->op, arg);

	return swtlb_store(&caller->result, &result, sizeof(result)) ? 0 :
	       -EFAULT;
}

/*
 * Entries whose arguments have to be carried are made by themselves, those in
 * between as the multicalls that they are.  To Xen an entry is a hypercall
 * like any other; and between two it may do other things as well.
 *
 * A CPU without SMAP does not tell whether the list is a program's, who can
 * name its own memory by its address in the direct map, and change an entry
 * after it was looked at: there each one is read once and made by itself.
 */
long swtlb_multicall(unsigned long nr, unsigned long arg[5])
{
	struct multicall_entry *caller = (void *)arg[0];
	struct multicall_entry entry;
	const unsigned long most = max_t(size_t, 1, swtlb_carry_max() /
						    sizeof(entry));
	const bool singly = !boot_cpu_has(X86_FEATURE_SMAP);
	unsigned long i, run = 0, count = arg[1];
	long res = 0;

	/* Where the CPU does not tell the thunk whose it is. */
	if (arg[0] < TASK_SIZE_MAX)
		return swtlb_user_multicall((void __user *)arg[0], count);
	if (!count)
		return swtlb_let_pass(nr, arg);

	for (i = 0; i < count && !res; i++) {
		bool pass;

		if (!swtlb_load(&entry, &caller[i], sizeof(entry))) {
			if (singly)
				return -EFAULT;
			/* Xen finds it too, having done what comes before. */
			arg[0] = (unsigned long)&caller[i - run];
			arg[1] = count - i + run;
			return swtlb_pass(nr, arg);
		}
		pass = entry_passes(&entry);
		if (singly) {
			res = make_entry(&caller[i], &entry, pass);
			continue;
		}
		if (pass && ++run < most)
			continue;
		if (run)
			res = make_list(&caller[i + pass - run], run);
		run = 0;
		if (!res && !pass)
			res = make_entry(&caller[i], &entry, false);
	}
	if (!res && run)
		res = make_list(&caller[count - run], run);

	return res;
}
