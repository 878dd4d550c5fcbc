/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An entry speaks of a gpa, not of the memory that is there at the time: when
 * its page is given back to Xen a copy faults, and what comes in its place is
 * what the next copy finds.
 */

#include <pvh.h>

TEST_TITLE("pages ballooned out, in and moved under their entry");

#define SIZE 400

static uint8_t buf[SIZE];

static void check_found(uint8_t *mem, unsigned int seed)
{
    fill(mem, SIZE, seed);
    CHECK_RC(xen_take(WINDOW + 1000, SIZE), 0);
    CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
    CHECK_MEM(buf, mem + 1000, SIZE);

    fill(buf, SIZE, seed + 1);
    CHECK_RC(xen_take((unsigned long)buf, SIZE), 0);
    CHECK_RC(xen_give(WINDOW, SIZE), 0);
    CHECK_MEM(mem, buf, SIZE);
}

static void check_faults(void)
{
    CHECK_RC(xen_take(WINDOW, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(WINDOW, SIZE), -XEN_EFAULT);
}

/* Out and in again, which gives another page of the machine's. */
static void test_balloon(uint8_t *page)
{
    unsigned long gfn = gpa_of(page) >> PAGE_SHIFT;

    check_found(page, 10);
    REQUIRE_RC(hypercall_decrease_reservation(gfn), 1);
    check_faults();
    /* The same fault as by the page tables, which map it to this day. */
    CHECK_RC(xen_take((unsigned long)page, SIZE), -XEN_EFAULT);
    CHECK_ENTRIES(0, 1);

    REQUIRE_RC(hypercall_populate(gfn), 1);
    check_found(page, 20);
}

/* Another page is moved there, with what it holds. */
static void test_move(uint8_t *page, uint8_t *other)
{
    unsigned long gfn = gpa_of(page) >> PAGE_SHIFT;

    fill(other, PAGE_SIZE, 30);
    fill(page, PAGE_SIZE, 31);
    fill(buf, SIZE, 30);
    REQUIRE_RC(hypercall_move_page(gpa_of(other) >> PAGE_SHIFT, gfn), 0);
    CHECK_MEM(page, buf, SIZE);

    memset(buf, 0, SIZE);
    CHECK_RC(xen_take(WINDOW, SIZE), 0);
    CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
    CHECK_MEM(buf, page, SIZE);
    check_found(page, 40);

    REQUIRE_RC(hypercall_populate(gpa_of(other) >> PAGE_SHIFT), 1);
}

/* A hole in the middle of an entry of three pages. */
static void test_middle(void)
{
    uint8_t *pages = alloc_pages(3);
    unsigned long gfn = gpa_of(pages) >> PAGE_SHIFT;
    unsigned long gva = WINDOW + MB(1);

    CHECK_RC(swtlb_insert(0, gva, gpa_of(pages), 3 * PAGE_SIZE), 0);
    REQUIRE_RC(hypercall_decrease_reservation(gfn + 1), 1);
    CHECK_RC(xen_take(gva + PAGE_SIZE - SIZE, SIZE), 0);
    CHECK_RC(xen_take(gva + PAGE_SIZE - SIZE + 1, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_take(gva + PAGE_SIZE, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(gva + 2 * PAGE_SIZE - 1, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(gva + 2 * PAGE_SIZE, SIZE), 0);
    REQUIRE_RC(hypercall_populate(gfn + 1), 1);
    CHECK_RC(xen_take(gva + PAGE_SIZE - 1, SIZE), 0);
    CHECK_RC(xen_give(gva + 2 * PAGE_SIZE - 1, SIZE), 0);
}

void test_main(void)
{
    uint8_t *page = alloc_pages(1), *other = alloc_pages(1);
    unsigned int i;

    swtlb_require();
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);

    for ( i = 0; i < 3; i++ )
        test_balloon(page);
    test_move(page, other);
    test_middle();

    /* Registered while there is nothing. */
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    REQUIRE_RC(hypercall_decrease_reservation(gpa_of(page) >> PAGE_SHIFT), 1);
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    check_faults();
    REQUIRE_RC(hypercall_populate(gpa_of(page) >> PAGE_SHIFT), 1);
    check_found(page, 50);
}
