/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page that Xen remembers is given back, and then another one is put there:
 * the next copy through the entry finds none, and then that one.
 */

#include <p2m.h>
#include <pvh.h>

TEST_TITLE("copies through an entry see changes of the P2M");

#define SIZE    100

static uint8_t data[PAGE_SIZE] __page_aligned;

static void check_there(unsigned long gva, const uint8_t *mem)
{
    unsigned int i;

    /* Twice, for the second one to find it remembered. */
    for ( i = 0; i < 2; i++ )
    {
        fill(data, SIZE, gpa_of(mem) + i);
        CHECK_RC(xen_take((unsigned long)data, SIZE), 0);
        CHECK_RC(xen_give(gva, SIZE), 0);
        CHECK_MEM(mem, data, SIZE);
    }
}

static void check_gone(unsigned long gva)
{
    CHECK_RC(xen_give(gva, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_take(gva, SIZE), -XEN_EFAULT);
}

static void test_entry(unsigned int flags)
{
    uint8_t *page = alloc_pages(1), *other = alloc_pages(1);
    unsigned long gfn = gpa_of(page) >> PAGE_SHIFT;
    unsigned long other_gfn = gpa_of(other) >> PAGE_SHIFT;
    uint64_t misses;

    CHECK_RC(swtlb_insert_flags(0, WINDOW, gpa_of(page), PAGE_SIZE, flags),
             0);
    check_there(WINDOW, page);
    misses = swtlb_stats(0).misses;

    REQUIRE_RC(hypercall_decrease_reservation(gfn), 1);
    check_gone(WINDOW);

    /* Another page, which is then found elsewhere. */
    REQUIRE_RC(hypercall_place_grants(gfn), 0);
    check_there(WINDOW, page);
    REQUIRE_RC(hypercall_decrease_reservation(other_gfn), 1);
    REQUIRE_RC(hypercall_take_away(gfn), 0);
    check_gone(WINDOW);
    REQUIRE_RC(hypercall_place_grants(other_gfn), 0);
    check_gone(WINDOW);
    check_there(gpa_of(other), other);
    REQUIRE_RC(hypercall_take_away(other_gfn), 0);
    REQUIRE_RC(hypercall_populate(other_gfn), 1);

    /* A pinned entry's page is not free before the entry is purged. */
    if ( flags )
        CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    REQUIRE_RC(hypercall_populate(gfn), 1);
    if ( flags )
        CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    check_there(WINDOW, page);
    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK(swtlb_stats(0).misses > misses);
}

void test_main(void)
{
    swtlb_require();

    test_entry(0);
    test_entry(XEN_SWTLB_FLAG_pinned);
}
