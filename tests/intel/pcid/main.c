/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * With process-context identifiers the low bits of CR3 and its highest are no
 * part of the address: an entry of one address space serves it under each
 * identifier, and no other one.
 */

#include <pvh.h>

#include "../../pvh/lib/lib.h"

TEST_TITLE("an address space is the same under each PCID");

#define SIZE            (10 * XFER_UNIT)
#define CR4_PCIDE       (1ul << 17)
#define CR3_NO_FLUSH    (1ul << 63)
#define CPUID_PCID      (1u << 17)

static uint8_t buf[PAGE_SIZE] __page_aligned;

static void set_cr3(unsigned long cr3)
{
    asm volatile ( "mov %0, %%cr3" :: "r" (cr3) : "memory" );
}

static unsigned long get_cr3(void)
{
    unsigned long cr3;

    asm volatile ( "mov %%cr3, %0" : "=r" (cr3) );

    return cr3;
}

/* Xen reads, at gva, what is at mem. */
static void check_finds(unsigned long gva, uint8_t *mem)
{
    memset(buf, 0, SIZE);
    CHECK_RC(xen_take(gva, SIZE), 0);
    CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
    CHECK_MEM(buf, mem, SIZE);
}

static void test_kind(unsigned long mine, unsigned long other,
                      unsigned int flags)
{
    static const unsigned int pcids[] = {
        0, 1, 2, 4, 8, 0x10, 0x18, 0x20, 0x123, 0x800, 0xfff,
    };
    uint8_t *mapped = alloc_pages(2), *registered = mapped + PAGE_SIZE;
    unsigned int i, j;

    fill(mapped, PAGE_SIZE, 1 + flags);
    fill(registered, PAGE_SIZE, 2 + flags);
    map_range(WINDOW, gpa_of(mapped), PAGE_SIZE, PTE_RW);

    for ( i = 0; i < ARRAY_SIZE(pcids); i++ )
    {
        set_cr3(mine | pcids[i]);
        CHECK_RC(swtlb_insert_flags(0, WINDOW, gpa_of(registered), PAGE_SIZE,
                                    XEN_SWTLB_FLAG_space | flags), 0);
        for ( j = 0; j < ARRAY_SIZE(pcids); j++ )
        {
            set_cr3(mine | pcids[j]);
            CHECK_EQ(get_cr3(), mine | pcids[j]);
            check_finds(WINDOW, registered);
            set_cr3(other | pcids[j]);
            check_finds(WINDOW, mapped);
            /* These keep what the CPU's TLB has of that identifier. */
            set_cr3(mine | pcids[j] | CR3_NO_FLUSH);
            check_finds(WINDOW, registered);
            set_cr3(other | pcids[j] | CR3_NO_FLUSH);
            CHECK_EQ(get_cr3(), other | pcids[j]);
            check_finds(WINDOW, mapped);
        }
        /* Of the same address space, so it is there already. */
        set_cr3(mine | pcids[(i + 1) % ARRAY_SIZE(pcids)]);
        CHECK_REFUSED(swtlb_insert_flags(0, WINDOW, gpa_of(registered),
                                         PAGE_SIZE,
                                         XEN_SWTLB_FLAG_space | flags),
                      -XEN_EEXIST, 0);
        CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
        check_finds(WINDOW, mapped);
    }

    unmap_range(WINDOW, PAGE_SIZE);
}

void test_main(void)
{
    unsigned long mine = paging_root(), cr4;
    uint8_t *other = alloc_pages(1);
    uint32_t regs[4];

    swtlb_require();
    cpuid(1, 0, regs);
    if ( !(regs[2] & CPUID_PCID) )
        test_abort(VERDICT_error, "this CPU has no PCID");

    /* So that the table below the root exists, and is in both. */
    map_range(WINDOW, 0, PAGE_SIZE, PTE_RW);
    memcpy(other, (void *)mine, PAGE_SIZE);

    asm volatile ( "mov %%cr4, %0" : "=r" (cr4) );
    asm volatile ( "mov %0, %%cr4" :: "r" (cr4 | CR4_PCIDE) );

    test_kind(mine, gpa_of(other), 0);
    test_kind(gpa_of(other), mine, 0);
    test_kind(mine, gpa_of(other), XEN_SWTLB_FLAG_pinned);
    set_cr3(mine);
    CHECK_ENTRIES(0, 0);
}
