/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Buffers for hypercall arguments, for all kernel code.
 *
 * Each CPU has some memory that Xen knows, by address, as one that hypercalls
 * get their arguments in: it never walks page tables for it, and in an
 * encrypted guest it can read and write it.
 *
 *	struct some_op *op = swtlb_buf_get(sizeof(*op));
 *
 *	if (!op)
 *		return -ENOMEM;		... or use any other memory
 *	op->field = ...;
 *	ret = HYPERVISOR_some_op(cmd, op);
 *	result = op->field;
 *	swtlb_buf_put(op);
 *
 * It is a stack: what was got last is put first.  From get to put preemption
 * is off, so do not sleep; a hypercall may wait inside Xen (SCHEDOP_poll).
 * Any context will do: task, softirq, hardirq, NMI.  One that comes in between
 * nests, and is balanced when it returns.
 *
 * The memory is not cleared, and in an encrypted guest it is not encrypted:
 * nothing may be put there that Xen is not to see.
 */
#ifndef XEN_SWTLB_H
#define XEN_SWTLB_H

#include <linux/types.h>

/*
 * @size bytes, aligned to 16, on this CPU, with preemption off.  Or NULL, and
 * nothing happened: not that much is left, or there is no software TLB.
 */
void *swtlb_buf_get(size_t size);

/* Give back what the latest swtlb_buf_get(@size) returned. */
void swtlb_buf_put(void *buf);

#endif /* XEN_SWTLB_H */
