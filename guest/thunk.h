/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the thunk, in assembler, shares with the rest.
 *
 * swtlb_call_class says of each hypercall where its pointer is: there is none
 * in the arguments (or it is user space's business), it is the second or the
 * third argument, or it takes calls.c to know.
 *
 * For the second and the third of these, bit N of swtlb_call_plain[number]
 * says that nothing that the argument points to has a pointer in it, for
 * operation N (the first argument).  So if the argument itself is
 * registered, or NULL, the hypercall passes.
 */
#ifndef XEN_SWTLB_THUNK_H
#define XEN_SWTLB_THUNK_H

#define SWTLB_CALLS		64	/* __HYPERVISOR_* are below */

#define SWTLB_CALL_NONE		0
#define SWTLB_CALL_ARG2		1
#define SWTLB_CALL_ARG3		2
#define SWTLB_CALL_COMPLEX	3

/* VCPUOP_SWTLB_FIRST and so on, whose header is not for assembler. */
#define SWTLB_OPS_FIRST		0x80
#define SWTLB_OPS_LAST		0x8f
#define SWTLB_OPS_QUERY		0x84

#endif /* XEN_SWTLB_THUNK_H */
