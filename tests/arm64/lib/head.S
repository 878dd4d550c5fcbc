/* SPDX-License-Identifier: GPL-2.0-only */
/* An arm64 Image, as Xen loads it for dom0, and where vCPUs start. */

#define STACK_SIZE 16384

    .section .head, "ax"
    .globl _start
_start:
    b       1f
    .word   0
    .quad   0                       /* offset into the memory */
    .quad   image_size
    .quad   0xa                     /* little endian, 4 KiB, anywhere */
    .quad   0, 0, 0
    .word   0x644d5241              /* "ARM\x64" */
    .word   0
1:
    mov     x19, x0                 /* the device tree's gpa */
    adrp    x1, relocs_start
    add     x1, x1, :lo12:relocs_start
    adrp    x2, relocs_end
    add     x2, x2, :lo12:relocs_end
    adrp    x3, _start
    /* R_AARCH64_RELATIVE alone: { offset, type, addend } */
2:  cmp     x1, x2
    b.hs    3f
    ldp     x4, x5, [x1]
    ldr     x6, [x1, #16]
    add     x6, x6, x3
    str     x6, [x4, x3]
    add     x1, x1, #24
    b       2b
3:
    adrp    x1, stacks + STACK_SIZE
    add     x1, x1, :lo12:stacks
    add     sp, x1, #0
    mov     x0, x19
    bl      setup
4:  wfi
    b       4b

    /* By CPU_ON, with the vCPU's number in x0. */
    .globl ap_entry
ap_entry:
    adrp    x1, stacks
    add     x1, x1, :lo12:stacks
    add     x2, x0, #1
    mov     x3, #STACK_SIZE
    madd    x1, x2, x3, x1
    mov     sp, x1
    bl      ap_main
5:  wfi
    b       5b

    .text
    .globl psci
psci:
    hvc     #0
    ret

    /*
     * uint64_t exception_of(void (*fn)(void)).  What the caller keeps in
     * registers is on the stack, and where that is in catch_sp.
     */
    .globl exception_of
exception_of:
    stp     x29, x30, [sp, #-96]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    adrp    x1, catch_sp
    add     x1, x1, :lo12:catch_sp
    mov     x2, sp
    str     x2, [x1]
    blr     x0
    mov     x0, xzr
6:  adrp    x1, catch_sp
    add     x1, x1, :lo12:catch_sp
    str     xzr, [x1]
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #96
    ret

exception:
    mrs     x0, esr_el1
    adrp    x1, catch_sp
    add     x1, x1, :lo12:catch_sp
    ldr     x2, [x1]
    cbz     x2, 7f
    mov     sp, x2
    b       6b
7:  mrs     x1, elr_el1
    mrs     x2, far_el1
    b       unexpected_exception

    .balign 2048
    .globl vectors
vectors:
    .rept 16
    .balign 128
    b       exception
    .endr

    .bss
    .balign 16
    .globl stacks
stacks:
    .skip   8 * STACK_SIZE
catch_sp:
    .skip   8
