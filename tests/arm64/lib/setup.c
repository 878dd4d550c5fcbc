/* SPDX-License-Identifier: GPL-2.0-only */
/* From the entry point to the test; memory, page tables and exceptions. */

#include <pvh.h>

#include "lib.h"

const char *cmdline = "";

/*
 * Behind the image, up to where Xen may have put the device tree: 128 MiB from
 * the start of the memory, or at the end of it (place_modules()).
 */
#define HEAP_GAP    MB(2)
#define HEAP_SIZE   MB(40)

#define ACCESSED    (1ul << 10)
#define SHAREABLE   (3ul << 8)
#define NORMAL      (ACCESSED | SHAREABLE | PTE_VALID)
#define ENTRIES     512

static uint64_t l1[ENTRIES] __page_aligned;
static uint64_t l2[ENTRIES] __page_aligned;
static uint64_t l3[WINDOW_TABLES][ENTRIES] __page_aligned;

bool cmdline_has(const char *option)
{
    return strstr(cmdline, option);
}

void __attribute__((__weak__)) test_early(void)
{
}

static uint32_t be32(const void *p)
{
    return __builtin_bswap32(*(const uint32_t *)p);
}

/* The options that Xen was given for dom0: the one property with "name=". */
static void find_cmdline(const char *tree)
{
    uint32_t size, i;

    if ( be32(tree) != 0xd00dfeed )
        return;

    size = be32(tree + 4);
    for ( i = 0; i + 5 < size; i++ )
        if ( !memcmp(tree + i, "name=", 5) )
            cmdline = tree + i;
}

uint64_t *pte_of(unsigned long gva)
{
    unsigned long page = (gva - WINDOW) >> PAGE_SHIFT;

    if ( page >= WINDOW_TABLES * ENTRIES )
        test_abort(VERDICT_error, "0x%lx is not for mapping", gva);

    return &l3[page / ENTRIES][page % ENTRIES];
}

void flush_page(unsigned long gva)
{
    asm volatile ( "dsb ishst; tlbi vaae1is, %0; dsb ish; isb"
                   :: "r" ((gva >> PAGE_SHIFT) & ((1ul << 44) - 1))
                   : "memory" );
}

static void set_pte(unsigned long gva, uint64_t pte)
{
    ACCESS_ONCE(*pte_of(gva)) = 0;
    flush_page(gva);
    ACCESS_ONCE(*pte_of(gva)) = pte;
    asm volatile ( "dsb ishst; isb" ::: "memory" );
}

void map_4k(unsigned long gva, uint64_t gpa, unsigned int flags)
{
    set_pte(gva, (gpa & PAGE_MASK) | NORMAL | PTE_PAGE | flags);
}

void map_range(unsigned long gva, uint64_t gpa, unsigned long size,
               unsigned int flags)
{
    unsigned long off;

    size += gva & ~PAGE_MASK;
    gva &= PAGE_MASK;
    for ( off = 0; off < size; off += PAGE_SIZE )
        map_4k(gva + off, gpa + off, flags);
}

void unmap(unsigned long gva)
{
    set_pte(gva, 0);
}

void unmap_range(unsigned long gva, unsigned long size)
{
    unsigned long off;

    size += gva & ~PAGE_MASK;
    gva &= PAGE_MASK;
    for ( off = 0; off < size; off += PAGE_SIZE )
        unmap(gva + off);
}

uint64_t gpa_end(void)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };
    unsigned int range = read_sysreg(id_aa64mmfr0_el1) & 0xf;

    if ( range >= ARRAY_SIZE(bits) )
        test_abort(VERDICT_error, "physical addresses of kind %u", range);

    return 1ull << bits[range];
}

static void paging_setup(void)
{
    unsigned int i;

    for ( i = 0; i < ENTRIES / 2; i++ )
        l1[i] = ((uint64_t)i << 30) | NORMAL;
    l1[WINDOW >> 30] = gpa_of(l2) | PTE_PAGE | PTE_VALID;
    for ( i = 0; i < WINDOW_TABLES; i++ )
        l2[i] = gpa_of(l3[i]) | PTE_PAGE | PTE_VALID;
}

void cpu_setup(void)
{
    write_sysreg(vbar_el1, vectors);
    write_sysreg(mair_el1, 0xff);
    /* 39 bits, write-back, inner shareable, 4 KiB; TTBR1 off; 40 bits. */
    write_sysreg(tcr_el1, 25 | (1ul << 8) | (1ul << 10) | (3ul << 12) |
                          (1ul << 23) | (2ul << 32));
    write_sysreg(ttbr0_el1, l1);
    asm volatile ( "dsb ishst; tlbi vmalle1; dsb ish; isb" ::: "memory" );
    /* MMU and caches; no check of alignment. */
    write_sysreg(sctlr_el1, (read_sysreg(sctlr_el1) | 1 | 4 | (1ul << 12)) &
                            ~2ul);
}

void unexpected_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
    test_abort(VERDICT_error, "exception: esr 0x%lx pc _start+0x%lx far 0x%lx",
               esr, elr - (unsigned long)_start, far);
}

void setup(const char *tree)
{
    unsigned long heap_start;

    paging_setup();
    cpu_setup();
    test_early();
    find_cmdline(tree);
    heap_start = (unsigned long)image_end + HEAP_GAP;
    heap_setup(heap_start, heap_start + HEAP_SIZE);

    printk("--- %s\n", test_title);
    test_main();
    test_end();
}
