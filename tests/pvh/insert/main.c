/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What insert accepts: any size and any offset into a page, ranges next to
 * each other, up to the very ends of the address space; kept in the order of
 * gva.  And that it reads no guest memory, hence works before any buffer can.
 */

#include <pvh.h>

TEST_TITLE("insert: sizes, neighbours, order, the ends of address space");

#define GPA 0x1000000ul

static void test_sizes(void)
{
    static const unsigned long sizes[] = {
        1, 2, 3, 4095, 4096, 4097, 0x12345, 0x8000000,
    };
    unsigned int i, offset;

    for ( i = 0; i < ARRAY_SIZE(sizes); i++ )
        for ( offset = 0; offset < PAGE_SIZE; offset += 1365 )
        {
            CHECK_RC(swtlb_insert(0, WINDOW + offset, GPA + offset, sizes[i]),
                     0);
            CHECK_ENTRIES(0, 1);
            CHECK_ENTRY(0, 0, WINDOW + offset, GPA + offset, sizes[i]);
            CHECK_RC(swtlb_purge_all(0), 0);
        }
}

/* Next to each other, without gap or overlap, given from the last one. */
static void test_order(void)
{
    static const unsigned int order[] = { 3, 0, 4, 1, 2 };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(order); i++ )
        CHECK_RC(swtlb_insert(0, WINDOW + order[i] * 100, GPA + order[i] * 100,
                              100), 0);

    CHECK_ENTRIES(0, ARRAY_SIZE(order));
    for ( i = 0; i < ARRAY_SIZE(order); i++ )
        CHECK_ENTRY(0, i, WINDOW + i * 100, GPA + i * 100, 100);

    CHECK_RC(swtlb_purge_all(0), 0);
}

/* One gpa may stand behind several gvas. */
static void test_same_gpa(void)
{
    CHECK_RC(swtlb_insert(0, WINDOW, GPA, PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(0, WINDOW + PAGE_SIZE, GPA, PAGE_SIZE), 0);
    CHECK_ENTRIES(0, 2);
    CHECK_RC(swtlb_purge_all(0), 0);
}

static void check_range(unsigned long gva, uint64_t gpa, unsigned long size)
{
    CHECK_RC(swtlb_insert(0, gva, gpa, size), 0);
    CHECK_ENTRY(0, 0, gva, gpa, size);
    CHECK_RC(swtlb_purge(0, gva, size), 0);
    CHECK_ENTRIES(0, 0);
}

static void test_ends(void)
{
    uint64_t end = gpa_end();

    /* The last page, and the last byte, of gva and of gpa. */
    check_range(-PAGE_SIZE, GPA, PAGE_SIZE);
    check_range(-1ul, GPA + PAGE_SIZE - 1, 1);
    check_range(WINDOW, end - PAGE_SIZE, PAGE_SIZE);
    check_range(WINDOW + PAGE_SIZE - 1, end - 1, 1);
    /* From gva 0, and to gpa 0. */
    check_range(0, 0, PAGE_SIZE);
#ifdef __x86_64__
    check_range(0x00007ffffffff000ul, GPA, PAGE_SIZE);
    check_range(0xffff800000000000ul, 0, end);
#elif defined(__aarch64__)
    check_range(0x000ffffffffff000ul, GPA, PAGE_SIZE);
    check_range(0xfff0000000000000ul, 0, end);
    check_range(0xabfffffffffffffful, GPA + PAGE_SIZE - 1, 1);
#else
    check_range(0, 0, -1ul);
#endif
}

void test_main(void)
{
    swtlb_require();

    CHECK_ENTRIES(0, 0);
    CHECK_EQ(swtlb_state(0).nr_sharers, 0);

    test_sizes();
    test_order();
    test_same_gpa();
    test_ends();
}
