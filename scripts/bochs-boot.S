/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot sector of a disk that scripts/bochs.py makes: reads the parts of
 * the disk that a table names to where it says, and starts Xen by the
 * multiboot protocol.  A boot loader proper would take longer than all that
 * follows.
 *
 * bochs.py fills in the table, and the multiboot information but for the
 * memory map, which only the BIOS knows.
 */

#define MAP             0x8000
#define INFO            0x100000
#define INFO_MAP_LENGTH (INFO + 44)
#define ENTRY           (INFO + 0xffc)
#define TABLE           400

#define CODE_SEL        8
#define DATA_SEL        16

#define ATA_DATA        0x1f0
#define ATA_COUNT       0x1f2
#define ATA_CONTROL     0x3f6
#define ATA_READ        0x20
#define ATA_BUSY        0x80
#define ATA_DATA_READY  0x08
#define ATA_LBA         0xe0

        .code16
        .globl _start
_start:
        cli
        cld
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $_start, %sp

        /* The memory map.  %di: where its next record goes. */
        mov     $MAP, %di
        xor     %ebx, %ebx
next_range:
        movl    $20, (%di)
        add     $4, %di
        mov     $0xe820, %eax
        mov     $0x534d4150, %edx       /* "SMAP" */
        mov     $20, %ecx
        int     $0x15
        jc      have_map
        add     $20, %di
        test    %ebx, %ebx
        jnz     next_range
have_map:
        movzwl  %di, %ebp
        sub     $MAP, %ebp

        /* BIOS functions leave as they like it. */
        cli
        in      $0x92, %al              /* gate A20 */
        or      $2, %al
        out     %al, $0x92
        lgdtl   gdt_ptr
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmpl   $CODE_SEL, $flat

        .code32
flat:
        mov     $DATA_SEL, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss

        /* No interrupts from the disk. */
        mov     $ATA_CONTROL, %edx
        mov     $2, %al
        out     %al, %dx

        /* %esi: where, first sector, how many; up to one that begins with 0 */
        mov     $_start + TABLE, %esi
next_part:
        mov     (%esi), %edi
        test    %edi, %edi
        jz      have_parts
        mov     4(%esi), %ebx
next_sector:
        mov     $ATA_COUNT, %edx
        mov     $1, %al
        out     %al, %dx
        mov     %ebx, %eax
        inc     %edx
        out     %al, %dx
        shr     $8, %eax
        inc     %edx
        out     %al, %dx
        shr     $8, %eax
        inc     %edx
        out     %al, %dx
        shr     $8, %eax
        inc     %edx
        or      $ATA_LBA, %al
        out     %al, %dx
        inc     %edx
        mov     $ATA_READ, %al
        out     %al, %dx
wait_for_disk:
        in      %dx, %al
        test    $ATA_BUSY, %al
        jnz     wait_for_disk
        test    $ATA_DATA_READY, %al
        jz      wait_for_disk
        mov     $ATA_DATA, %edx
        mov     $512 / 4, %ecx
        rep insl
        inc     %ebx
        decl    8(%esi)
        jnz     next_sector
        add     $12, %esi
        jmp     next_part

have_parts:
        mov     $0x2badb002, %eax
        mov     $INFO, %ebx
        mov     %ebp, INFO_MAP_LENGTH
        jmp     *ENTRY

        .align 8
gdt:    .quad 0
        .quad 0x00cf9b000000ffff
        .quad 0x00cf93000000ffff
gdt_ptr:
        .word gdt_ptr - gdt - 1
        .long gdt

        .org TABLE
        .org 510
        .word 0xaa55
