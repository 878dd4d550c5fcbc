/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An entry of one address space: two sets of page tables map the same gva to
 * pages of their own.  The entry leads to a third page, and only on the page
 * tables on which it was inserted.
 */

#include <pvh.h>

#include "../lib/lib.h"

TEST_TITLE("an entry of one address space does not serve another one");

#define SIZE (10 * XFER_UNIT)

static uint8_t buf[PAGE_SIZE] __page_aligned;

static void set_cr3(unsigned long cr3)
{
    asm volatile ( "mov %0, %%cr3" :: "r" (cr3) : "memory" );
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
    uint8_t *mapped = alloc_pages(2), *registered = mapped + PAGE_SIZE;

    fill(mapped, PAGE_SIZE, 1 + flags);
    fill(registered, PAGE_SIZE, 2 + flags);
    map_range(WINDOW, gpa_of(mapped), PAGE_SIZE, PTE_RW);

    set_cr3(mine);
    CHECK_RC(swtlb_insert_flags(0, WINDOW, gpa_of(registered), PAGE_SIZE,
                                XEN_SWTLB_FLAG_space | flags), 0);
    check_finds(WINDOW, registered);
    check_finds(WINDOW, registered);

    set_cr3(other);
    check_finds(WINDOW, mapped);
    check_finds(WINDOW, mapped);

    /* Back, with what a CR3 holds besides: PCID, or cacheability. */
    set_cr3(mine | 0x18);
    check_finds(WINDOW, registered);

    /* From elsewhere it can be seen, is in the way, and goes. */
    set_cr3(other);
    swtlb_check_entry(__FILE__, __LINE__, 0, 0, WINDOW, gpa_of(registered),
                      PAGE_SIZE, XEN_SWTLB_FLAG_space | flags);
    CHECK_REFUSED(swtlb_insert(0, WINDOW, gpa_of(mapped), PAGE_SIZE),
                  -XEN_EEXIST, 0);
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    set_cr3(mine);
    check_finds(WINDOW, mapped);
    unmap_range(WINDOW, PAGE_SIZE);
}

void test_main(void)
{
    unsigned long mine = paging_root();
    uint8_t *other = alloc_pages(1);

    swtlb_require();

    /* So that the table below the root exists, and is in both. */
    map_range(WINDOW, 0, PAGE_SIZE, PTE_RW);
    memcpy(other, (void *)mine, PAGE_SIZE);

    test_kind(mine, gpa_of(other), 0);
    test_kind(mine, gpa_of(other), XEN_SWTLB_FLAG_pinned);
    test_kind(gpa_of(other), mine, 0);
#ifndef __x86_64__
    if ( paging_pae() )
    {
        /* A root has four entries: more of them are in the same page. */
        unsigned long next = mine + 4 * sizeof(uint64_t);

        memcpy((void *)next, (void *)mine, 4 * sizeof(uint64_t));
        test_kind(mine, next, 0);
        test_kind(next, mine, XEN_SWTLB_FLAG_pinned);
    }
#endif
    set_cr3(mine);
    CHECK_ENTRIES(0, 0);
}
