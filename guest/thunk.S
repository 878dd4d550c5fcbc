/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All hypercalls of the kernel come by here.  Number in rax, arguments in
 * rdi rsi rdx r10 r8, result in rax.  A caller expects these to change, and
 * the flags, and nothing else; the stack is the caller's, in any context.
 *
 * What needs no work, which is most, is let pass with as few instructions as
 * possible, and jumped to, so that nothing here is returned to.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <linux/stringify.h>
#include <asm/alternative.h>
#include <asm/cpufeatures.h>
#include <asm/errno.h>
#include <asm/frame.h>
#include <asm/percpu.h>
#include <asm/processor-flags.h>

#include <xen/interface/xen.h>

#include "thunk.h"

/* A static call, as objtool sees when it finds the key by its name, too. */
#define ORIGINAL	__SCT__swtlb_original
	.global	__SCK__swtlb_original

/*
 * objtool takes it for too much, as it does not know that privcmd calls here.
 * Older ones are told so where the instruction goes, newer ones where it is.
 */
.macro CLOSE_USER
#ifndef ANNOTYPE_IGNORE_ALTS
	ANNOTATE_IGNORE_ALTERNATIVE
#endif
	ALTERNATIVE "", __stringify(ANNOTATE_IGNORE_ALTERNATIVE; clac), \
		    X86_FEATURE_SMAP
.endm

	.text

/*
 * ANNOTATE_NOENDBR: takeover.c has the addresses of these functions, as
 * targets of a static call or to compare them.  A static call is a direct one,
 * inline and in its trampoline, and no other way leads here.  So none needs the
 * ENDBR of a target of indirect calls, and it is better that there is none.
 */
SYM_FUNC_START(swtlb_thunk)
	ANNOTATE_NOENDBR
	/* All of rax: the upper half may be anything, and then is not for us. */
	cmp	$SWTLB_CALLS, %rax
	jae	.Lpass
	cmpb	$SWTLB_CALL_ARG2, swtlb_call_class(%rax)
	jb	.Lpass

	cmp	$__HYPERVISOR_vcpu_op, %rax
	je	.Lvcpu_op
.Lallowed:

	/* Not plain: pointers may be elsewhere, too. */
	push	%rcx
	mov	swtlb_call_plain(,%rax,8), %rcx
	bt	%rdi, %rcx
	jnc	.Lcomplex

	mov	%rsi, %rcx
	cmpb	$SWTLB_CALL_ARG2, swtlb_call_class(%rax)
	cmovne	%rdx, %rcx
	test	%rcx, %rcx
	jns	.Lnot_kernel

	sub	swtlb_filter + 0(%rip), %rcx
	cmp	swtlb_filter + 8(%rip), %rcx
	jb	.Lcovered
	sub	swtlb_filter + 16(%rip), %rcx
	cmp	swtlb_filter + 24(%rip), %rcx
	jae	.Lmarshal

.Lcovered:
	pop	%rcx
.Lpass:
	incq	PER_CPU_VAR(swtlb_passed)
	jmp	ORIGINAL

.Lnot_kernel:
	jz	.Lcovered
.Luser:
	cmp	$__HYPERVISOR_multicall, %rax
	je	.Luser_multicall
	/* privcmd's list, with a program's buffers: see swtlb_dm(). */
	cmp	$__HYPERVISOR_dm_op, %rax
	jne	.Lpass_user
	test	%rdx, %rdx
	js	.Lmarshal
.Lpass_user:
	pop	%rcx
	incl	%__percpu_seg:swtlb_user(,%rax,4)
	jmp	ORIGINAL

.Lcomplex:
	/* No address of the kernel's at all? */
	mov	%rdi, %rcx
	or	%rsi, %rcx
	or	%rdx, %rcx
	or	%r10, %rcx
	or	%r8, %rcx
	jns	.Luser
	/*
	 * Here, and nowhere else, a program's hypercall is told from the
	 * kernel's: privcmd makes it with access to user memory open.  Whatever
	 * address it passes is none of the kernel's.  (Of a plain one it does
	 * not matter, and copies in marshal.c do not fault.)
	 *
	 * On a CPU without SMAP nothing tells.  EFLAGS.AC is then the user's,
	 * who can set it, and it stays set in interrupts and after a context
	 * switch: so all are taken for the kernel's, but for lists, which are
	 * all taken for a program's: see swtlb_multicall().
	 */
	ALTERNATIVE "jmp .Lmarshal", "", X86_FEATURE_SMAP
	pushf
	testl	$X86_EFLAGS_AC, (%rsp)
	lea	8(%rsp), %rsp
	jnz	.Luser

	/* C code may be preempted, and must not have user memory open then. */
.Lmarshal:
	CLOSE_USER
	FRAME_BEGIN
	push	%r9
	push	%r11
	/* The array of arguments */
	push	%r8
	push	%r10
	push	%rdx
	push	%rsi
	push	%rdi
	mov	%rax, %rdi
	mov	%rsp, %rsi
	call	swtlb_marshal
	add	$40, %rsp
	pop	%r11
	pop	%r9
	FRAME_END
	pop	%rcx
	RET

	/*
	 * What is in a list of user space's has to be looked at.  privcmd closes
	 * user memory when it gets its result, open or not.
	 */
.Luser_multicall:
	CLOSE_USER
	incl	%__percpu_seg:swtlb_user(,%rax,4)
	FRAME_BEGIN
	push	%r9
	push	%r11
	call	swtlb_user_multicall
	pop	%r11
	pop	%r9
	FRAME_END
	pop	%rcx
	RET

	/*
	 * What to register is the kernel's to say, which does not come by here
	 * for that, and not a program's by way of privcmd.
	 */
.Lvcpu_op:
	/* A single bit tells almost all of the others apart. */
	test	$SWTLB_OPS_FIRST, %dil
	jz	.Lallowed
	push	%rcx
	lea	-SWTLB_OPS_FIRST(%rdi), %ecx
	cmp	$(SWTLB_OPS_LAST - SWTLB_OPS_FIRST), %cl
	ja	1f
	cmp	$(SWTLB_OPS_QUERY - SWTLB_OPS_FIRST), %cl
	je	1f
	pop	%rcx
	mov	$-EPERM, %rax
	RET
1:	pop	%rcx
	jmp	.Lallowed
SYM_FUNC_END(swtlb_thunk)

/*
 * In its place when nothing is to be carried: only for what programs could
 * register with, which is always alone or in a list.
 */
SYM_FUNC_START(swtlb_guard)
	ANNOTATE_NOENDBR
	cmp	$__HYPERVISOR_multicall, %rax
	je	.Lguarded
	cmp	$__HYPERVISOR_vcpu_op, %rax
	jne	.Lunguarded
	test	$SWTLB_OPS_FIRST, %dil
	jz	.Lunguarded
.Lguarded:
	jmp	swtlb_thunk
.Lunguarded:
	jmp	ORIGINAL
SYM_FUNC_END(swtlb_guard)

/*
 * For user.c and swtlb_dm(): hypercall rdi with the array of arguments rsi, and with access
 * to user memory open, which Xen goes by when it walks.  (objtool would not
 * have stac here, as privcmd has it.)
 */
SYM_FUNC_START(swtlb_user_call)
	FRAME_BEGIN
	mov	%rdi, %rax
	mov	(%rsi), %rdi
	mov	16(%rsi), %rdx
	mov	24(%rsi), %r10
	mov	32(%rsi), %r8
	mov	8(%rsi), %rsi
	pushf
	pushf
	orl	$X86_EFLAGS_AC, (%rsp)
	popf
	call	ORIGINAL
	popf
	FRAME_END
	RET
SYM_FUNC_END(swtlb_user_call)

#ifdef MODULE
/* For find_key() in takeover.c: where a call site is.  It is never called. */
SYM_FUNC_START(swtlb_site)
	ANNOTATE_NOENDBR
	FRAME_BEGIN
	call	__SCT__xen_hypercall
	FRAME_END
	RET
SYM_FUNC_END(swtlb_site)
#endif
