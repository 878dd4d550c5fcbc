/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands in for Linux's headers when thunk.S is assembled for a unit
 * test.  Whether the CPU has SMAP is decided when it runs: guest_no_smap.
 */
#ifndef GUEST_KERNEL_ASM_H
#define GUEST_KERNEL_ASM_H

#define SYM_FUNC_START(name) \
    .globl name; .type name, @function; .balign 16; name:
#define SYM_FUNC_END(name)   .size name, . - name
#define ANNOTATE_NOENDBR
#define ANNOTATE_IGNORE_ALTERNATIVE
#define FRAME_BEGIN          push %rbp; mov %rsp, %rbp
#define FRAME_END            pop %rbp
#define RET                  ret
#define __stringify_(x...)   #x
#define __stringify(x...)    __stringify_(x)
#define EPERM                1
#define X86_EFLAGS_AC        0x40000
#define X86_FEATURE_SMAP     0
#define __percpu_seg         ds
#define PER_CPU_VAR(var)     %__percpu_seg:var

/* Changes the flags, which Linux's does not: use it where they are free. */
.macro ALTERNATIVE old, new, feature
    cmpb $0, guest_no_smap(%rip)
    je .Lnew\@
    \old
    jmp .Ldone\@
.Lnew\@:
    \new
.Ldone\@:
.endm

/* Where programs are not allowed to. */
.macro clac
    pushf
    andl $~X86_EFLAGS_AC, (%rsp)
    popf
.endm

#endif /* GUEST_KERNEL_ASM_H */
