/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where vCPUs begin, each in its way: vCPU 0 in 32-bit protected mode with
 * paging off (PVH), others in the final mode (VCPUOP_initialise) or in real
 * mode (SIPI).  Also exceptions, and the instruction for a hypercall.
 */

#include "defs.h"

#ifdef __x86_64__
#define PTR             .quad
#else
#define PTR             .long
#endif

        .section .note.Xen, "a", @note
        .align 4
        .long 4, 2f - 1f, 18    /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz "Xen"
1:      PTR start
2:      .align 4

        .section .head, "ax", @progbits
        .code32
        .globl start
start:
        cld
        mov     %ebx, start_info_gpa
        mov     $stacks + STACK_SIZE, %esp
        lgdt    gdt_ptr
        ljmp    $CODE32_SEL, $1f
1:      call    load_data_segments
#ifdef __x86_64__
        call    long_mode_on
        ljmp    $CODE64_SEL, $1f
        .code64
1:
#endif
        call    setup
        ud2

        .code32
load_data_segments:
        mov     $DATA_SEL, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        ret

#ifdef __x86_64__
        /* Returns in compatibility mode, as CS is still the 32-bit one. */
long_mode_on:
        mov     $CR4_PAE, %eax
        mov     %eax, %cr4
        mov     $boot_l4, %eax
        mov     %eax, %cr3
        mov     $MSR_EFER, %ecx
        rdmsr
        or      $EFER_LME, %eax
        wrmsr
        mov     %cr0, %eax
        or      $CR0_PG | CR0_WP, %eax
        mov     %eax, %cr0
        ret

        /* From VCPUOP_initialise, in 64-bit mode with its number in %rdi. */
        .code64
        .globl ap_entry
ap_entry:
        lgdt    gdt_ptr
        pushq   $CODE64_SEL
        pushq   $1f
        lretq
1:      mov     $DATA_SEL, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        call    ap_main
        ud2
#else
        /* From VCPUOP_initialise, its number in %edi, paging as vCPU 0's. */
        .globl ap_entry
ap_entry:
        lgdt    gdt_ptr
        ljmp    $CODE32_SEL, $1f
1:      call    load_data_segments
        push    %edi
        call    ap_main
        ud2
#endif

        /* From the SIPI code below, in protected mode with paging off. */
        .code32
sipi_entry:
        mov     $DATA_SEL, %eax
        mov     %eax, %ds
        /* A stack segment from real mode would still push by 16-bit %sp. */
        mov     %eax, %ss
        mov     sipi_stack, %esp
        call    load_data_segments
        mov     sipi_id, %edi
#ifdef __x86_64__
        call    long_mode_on
        ljmp    $CODE64_SEL, $1f
        .code64
1:      call    ap_main
        ud2
        .code32
#else
        mov     sipi_cr3, %eax
        test    %eax, %eax
        jz      1f
        mov     %eax, %cr3
        mov     sipi_cr4, %eax
        mov     %eax, %cr4
        mov     %cr0, %eax
        or      $CR0_PG | CR0_WP, %eax
        mov     %eax, %cr0
1:      push    %edi
        call    ap_main
        ud2
#endif

        /* Copied to SIPI_ADDR. */
        .section .rodata
        .code16
        .globl sipi_code, sipi_code_end
sipi_code:
        cli
        mov     %cs, %ax
        mov     %ax, %ds
        lgdtl   sipi_gdt_ptr - sipi_code
        mov     %cr0, %eax
        or      $CR0_PE, %eax
        mov     %eax, %cr0
        ljmpl   $CODE32_SEL, $sipi_entry
        .align 4
sipi_gdt_ptr:
        .word gdt_end - gdt - 1
        .long gdt
sipi_code_end:

#ifdef __x86_64__
        .code64
#else
        .code32
#endif

        .text
        /* Begins as Intel's instruction; AMD's is written over it. */
        .globl hypercall_insn
hypercall_insn:
        vmcall
        ret

        /*
         * Exceptions.  The stubs differ in the number that they push, and in
         * whether the CPU has pushed an error code.
         */
        .align TRAP_STUB_SIZE
        .globl trap_stubs
trap_stubs:
        .set    vector, 0
        .rept   256
        .align  TRAP_STUB_SIZE
        .set    plain, (vector - 8) * (vector - 17) * (vector - 21)
        .if plain && (vector < 10 || vector > 14)
        push    $0
        .endif
        push    $vector
        jmp     trap_entry
        .set    vector, vector + 1
        .endr

trap_entry:
#ifdef __x86_64__
        push    %rax
        push    %rcx
        push    %rdx
        push    %rbx
        push    %rbp
        push    %rsi
        push    %rdi
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, %rdi
        and     $~15, %rsp
        cld
        call    trap
#else
        push    %eax
        push    %ecx
        push    %edx
        push    %ebx
        push    %ebp
        push    %esi
        push    %edi
        push    %esp
        cld
        call    trap
#endif
        ud2

        .data
        .align 8
gdt:
        .quad 0
        .quad 0x00cf9b000000ffff        /* 32-bit code */
        .quad 0x00cf93000000ffff        /* data */
        .quad 0x00af9b000000ffff        /* 64-bit code */
gdt_end:

        .globl gdt_ptr
gdt_ptr:
        .word gdt_end - gdt - 1
        PTR gdt

        /* Written before .bss is in use. */
        .globl start_info_gpa
start_info_gpa:
        .long 0

        .globl sipi_id, sipi_stack, sipi_cr3
sipi_id:
        .long 0
sipi_stack:
        .long 0
sipi_cr3:
        .long 0
#ifndef __x86_64__
        .globl sipi_cr4
sipi_cr4:
        .long 0
#endif

#ifdef __x86_64__
        /*
         * 4 GiB by pages of 2 MiB, once from 0 and once from HIGH_BASE.
         * 0xe3: present, writeable, accessed, dirty, large.
         */
        .section .data.page_aligned, "aw"
        .align 4096
        .globl boot_l4
boot_l4:
        .quad boot_l3 + 0x27
        .skip 271 * 8
        .quad boot_l3 + 0x27            /* HIGH_BASE */
        .skip 239 * 8
boot_l3:
        .quad boot_l2 + 0x0027
        .quad boot_l2 + 0x1027
        .quad boot_l2 + 0x2027
        .quad boot_l2 + 0x3027
        .skip 508 * 8
boot_l2:
        .set    gpa, 0
        .rept   2048
        .quad   gpa + 0xe3
        .set    gpa, gpa + 0x200000
        .endr
#endif

        .section .note.GNU-stack, "", @progbits
