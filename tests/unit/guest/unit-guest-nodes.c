/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPUs' buffers where there are more nodes than pieces of memory. */

#include "guest.h"

static unsigned int count_areas(void)
{
    u64 start, size;
    unsigned int n;

    for ( n = 0; swtlb_buf_area(n, &start, &size); n++ )
        ;

    return n;
}

/* Each CPU has one, and nobody else has it. */
static void check_all(size_t each)
{
    unsigned int cpu, other;
    u8 *p[GUEST_CPUS];

    for ( cpu = 0; cpu < GUEST_CPUS; cpu++ )
    {
        swtlb_buf_enable(cpu, true);
        guest_switch(cpu);
        CHECK_EQ(swtlb_buf_room(), each);
        p[cpu] = swtlb_buf_get(each);
        CHECK(p[cpu]);
        for ( other = 0; other < cpu; other++ )
            CHECK(p[other] + each <= p[cpu] || p[cpu] + each <= p[other]);
        swtlb_buf_put(p[cpu]);
    }
    guest_switch(0);
}

START_TEST(nodes)
{
    static const struct {
        unsigned int nodes, largest, areas;
    } cases[] = { { 32, 1024, 32 }, { 33, 1024, 1 }, { 40, 32, 5 } };

    swtlb_buf_exit();
    guest_nodes = cases[_i].nodes;
    guest_largest = cases[_i].largest;
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK_EQ(count_areas(), cases[_i].areas);
    check_all(SWTLB_BUF_PAGES * PAGE_SIZE);
}
END_TEST

/* Of pieces that small there are too many whatever is done: less for each. */
START_TEST(small_pieces)
{
    swtlb_buf_exit();
    guest_nodes = 40;
    guest_largest = 4;
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK_EQ(count_areas(), 20);
    check_all(SWTLB_BUF_PAGES * PAGE_SIZE / 2);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("nodes");

    tcase_add_checked_fixture(tc, guest_init, guest_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_loop_test(tc, nodes, 0, 3);
    tcase_add_test(tc, small_pieces);
    suite_add_tcase(s, tc);

    return s;
}
