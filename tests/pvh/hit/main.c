/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hit uses the entry and not the page tables: it finds another page than
 * they map, and finds one where they map nothing at all.  Without the entry
 * the same copy does what it did before.
 */

#include <pvh.h>

TEST_TITLE("an entry is used instead of the page tables");

#define SIZE (2000 / XFER_UNIT * XFER_UNIT)

static uint8_t buf[PAGE_SIZE] __page_aligned;

/* Xen finds mem at gva, for reading and for writing. */
static void check_found(unsigned long gva, uint8_t *mem, unsigned int seed)
{
    static uint8_t before[SIZE];

    fill(mem, SIZE, seed);
    CHECK_RC(xen_take(gva, SIZE), 0);
    memset(buf, 0, SIZE);
    CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
    CHECK_MEM(buf, mem, SIZE);

    memcpy(before, mem, SIZE);
    fill(buf, SIZE, seed + 1);
    CHECK_RC(xen_take((unsigned long)buf, SIZE), 0);
    CHECK_RC(xen_give(gva, SIZE), 0);
    CHECK_MEM(mem, buf, SIZE);
    CHECK(memcmp(mem, before, SIZE));
}

/* gva is mapped where it is, and registered somewhere else. */
static void test_mapped(void)
{
    uint8_t *mapped = alloc_pages(1), *registered = alloc_pages(1);
    unsigned long gva = (unsigned long)mapped;
    static uint8_t copy[PAGE_SIZE];

    check_found(gva, mapped, 10);
    memcpy(copy, mapped, PAGE_SIZE);

    CHECK_RC(swtlb_insert(0, gva, gpa_of(registered), PAGE_SIZE), 0);
    check_found(gva, registered, 20);
    CHECK_MEM(mapped, copy, PAGE_SIZE);

    memcpy(copy, registered, PAGE_SIZE);
    CHECK_RC(swtlb_purge(0, gva, PAGE_SIZE), 0);
    check_found(gva, mapped, 30);
    CHECK_MEM(registered, copy, PAGE_SIZE);
}

/* Nothing is mapped at gva; without paging, there is no memory there. */
static void test_unmapped(unsigned long gva)
{
    uint8_t *registered = alloc_pages(1);

    CHECK_RC(xen_take(gva, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(gva, SIZE), -XEN_EFAULT);

    CHECK_RC(swtlb_insert(0, gva, gpa_of(registered), PAGE_SIZE), 0);
    check_found(gva, registered, 40);
    check_found(gva + 1001, registered + 1001, 50);

    CHECK_RC(swtlb_purge(0, gva, PAGE_SIZE), 0);
    CHECK_RC(xen_take(gva, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(gva, SIZE), -XEN_EFAULT);
}

/* An entry of many pages, and the last byte of it. */
static void test_large(unsigned long gva)
{
    uint8_t *registered = alloc_aligned(MB(2), PAGE_SIZE);

    CHECK_RC(swtlb_insert(0, gva, gpa_of(registered), MB(2)), 0);
    check_found(gva, registered, 60);
    check_found(gva + MB(1) + 77, registered + MB(1) + 77, 70);
    check_found(gva + MB(2) - SIZE, registered + MB(2) - SIZE, 80);
    CHECK_RC(xen_give(gva + MB(2) - SIZE + 1, SIZE), -XEN_EFAULT);
    CHECK_RC(swtlb_purge_all(0), 0);
}

void test_main(void)
{
    swtlb_require();

    test_mapped();
    test_unmapped(WINDOW);
    test_large(WINDOW);
#ifdef __x86_64__
    /* In the other half, and next to its end. */
    test_unmapped(0xffffc90000000000ul);
    test_unmapped(-PAGE_SIZE);
    test_large(0xffffffff80000000ul);
#elif defined(__aarch64__)
    /* In the other half, next to its end, and with a tag. */
    test_unmapped(0xfff0000000000000ul);
    test_unmapped(-PAGE_SIZE);
    test_unmapped(WINDOW | 0xabul << 56);
    test_large(0xffff800080000000ul);
#endif
    CHECK_ENTRIES(0, 0);
}
