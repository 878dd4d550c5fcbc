/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies that span pages, entries, and entry and non-entry memory are right
 * byte for byte, in both directions.
 */

#include <pvh.h>

TEST_TITLE("copies over the borders of pages and entries");

#define PAGES 4

static struct piece pieces[64];
static uint8_t *page[PAGES];

/* The pages in turn, from the last, so that no two are contiguous. */
static void get_pages(void)
{
    uint8_t *mem = alloc_pages(2 * PAGES);
    unsigned int i;

    for ( i = 0; i < PAGES; i++ )
        page[i] = mem + (2 * (PAGES - i) - 1) * PAGE_SIZE;
}

static void register_page(unsigned int i)
{
    CHECK_RC(swtlb_insert(0, WINDOW + i * PAGE_SIZE, gpa_of(page[i]),
                          PAGE_SIZE), 0);
}

static void set_piece(unsigned int nr, unsigned long offset,
                      unsigned long len, void *mem)
{
    pieces[nr].gva = WINDOW + offset;
    pieces[nr].len = len;
    pieces[nr].mem = mem;
}

static void set_pages(void)
{
    unsigned int i;

    for ( i = 0; i < PAGES; i++ )
        set_piece(i, i * PAGE_SIZE, PAGE_SIZE, page[i]);
}

/*
 * Pages that are contiguous for the guest, but not in the machine: the second
 * and the fourth change places.
 */
static uint8_t *get_shuffled_pages(void)
{
    uint8_t *mem = alloc_pages(PAGES + 1);
    unsigned long gfn = gpa_of(mem) >> PAGE_SHIFT, spare = gfn + PAGES;

    REQUIRE_RC(hypercall_move_page(gfn + 1, spare), 0);
    REQUIRE_RC(hypercall_move_page(gfn + 3, gfn + 1), 0);
    REQUIRE_RC(hypercall_move_page(spare, gfn + 3), 0);

    return mem;
}

/* One entry, contiguous in both: [====|====|====|====] */
static void test_one_entry(uint8_t *mem)
{
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(mem), PAGES * PAGE_SIZE), 0);
    set_piece(0, 0, PAGES * PAGE_SIZE, mem);
    check_pieces(pieces, 1);
    CHECK_RC(swtlb_purge_all(0), 0);
}

/* An entry a page, their gpas in reverse: [==3=][==2=][==1=][==0=] */
static void test_entries(void)
{
    unsigned int i;

    for ( i = 0; i < PAGES; i++ )
        register_page(i);
    set_pages();
    check_pieces(pieces, PAGES);
    CHECK_RC(swtlb_purge_all(0), 0);
}

/* Entry, page tables, entry, page tables: [====]----[====]---- */
static void test_mixed(unsigned int first)
{
    unsigned int i;

    for ( i = 0; i < PAGES; i++ )
        if ( i % 2 == first )
            register_page(i);
        else
            map_4k(WINDOW + i * PAGE_SIZE, gpa_of(page[i]), PTE_RW);
    set_pages();
    check_pieces(pieces, PAGES);

    CHECK_RC(swtlb_purge_all(0), 0);
    unmap_range(WINDOW, PAGES * PAGE_SIZE);
}

/*
 * Two pages by page tables, with entries of a few odd bytes each in between
 * that lead to two other pages:
 *
 *     page tables  -----  ---  -  --- ...
 *     entries           ==   == ==   = ...
 */
static void test_comb(void)
{
    unsigned long offset = 0, end = 2 * PAGE_SIZE;
    unsigned int nr = 0;

    map_range(WINDOW, gpa_of(page[0]), PAGE_SIZE, PTE_RW);
    map_range(WINDOW + PAGE_SIZE, gpa_of(page[1]), PAGE_SIZE, PTE_RW);

    while ( offset < end )
    {
        bool entry = nr & 1;
        unsigned int i = offset / PAGE_SIZE;
        unsigned long in_page = offset % PAGE_SIZE;
        unsigned long len = entry ? 1 + nr * 7 : 1 + nr * 11;

        /* A piece has one page behind it. */
        len = MIN(len, PAGE_SIZE - in_page);
        set_piece(nr, offset, len, page[i + (entry ? 2 : 0)] + in_page);
        if ( entry )
            CHECK_RC(swtlb_insert(0, WINDOW + offset,
                                  gpa_of(page[i + 2]) + in_page, len), 0);
        nr++;
        offset += len;
    }
    check_pieces(pieces, nr);

    CHECK_RC(swtlb_purge_all(0), 0);
    unmap_range(WINDOW, 2 * PAGE_SIZE);
}

/* Neither an entry nor a mapping in the middle: [====]    [====] */
static void test_hole(void)
{
    register_page(0);
    register_page(2);

    CHECK_RC(xen_take(WINDOW + 4000, 3 * 2000), -XEN_EFAULT);
    CHECK_RC(xen_take(WINDOW + PAGE_SIZE - 10, 20), -XEN_EFAULT);
    CHECK_RC(xen_take(WINDOW + 2 * PAGE_SIZE - 10, 20), -XEN_EFAULT);

    fill(page[2], PAGE_SIZE, 1);
    CHECK_RC(xen_take(gpa_of(page[2]), 4000), 0);
    memset(page[0], 0, PAGE_SIZE);
    memset(page[2], 0, PAGE_SIZE);
    CHECK_RC(xen_give(WINDOW + PAGE_SIZE - 10, 4000), -XEN_EFAULT);
    CHECK_RC(xen_give(WINDOW + 2 * PAGE_SIZE - 10, 20), -XEN_EFAULT);
    CHECK_EQ(page[2][0], 0);
    CHECK_RC(xen_give(WINDOW + 2 * PAGE_SIZE, 20), 0);
    CHECK(page[2][0]);

    CHECK_RC(swtlb_purge_all(0), 0);
}

void test_main(void)
{
    swtlb_require();
    get_pages();

    test_one_entry(alloc_pages(PAGES));
    if ( can_move_pages() )
        test_one_entry(get_shuffled_pages());
    test_entries();
    test_hole();
    if ( paging_on() )
    {
        test_mixed(0);
        test_mixed(1);
        test_comb();
    }
    CHECK_ENTRIES(0, 0);
}
