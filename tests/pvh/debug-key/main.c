/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The debug key prints each table and its counts.  What has to be on the
 * console stands in test.cfg.
 */

#include <pvh.h>

TEST_TITLE("the debug key prints tables and counts");

void test_main(void)
{
    struct vcpu_runstate_info *page = alloc_pages(1);

    swtlb_require();
    vcpu_require(4);

    CHECK_RC(swtlb_insert(0, 0x300000000000ul, gpa_of(page), PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(0, 0x200000000123ul, 0x45678123, 0x10), 0);
    CHECK_RC(swtlb_insert(1, 0x400000000000ul, 0x1000000, 0x200000), 0);
    CHECK_RC(swtlb_share(2, 1), 0);
    CHECK_RC(swtlb_insert_pinned(3, 0x500000000008ul, gpa_of(page) + 8, 8),
             0);

    CHECK_RC(hypercall_vcpu_op(VCPUOP_get_runstate_info, 0,
                               (void *)0x300000000000ul), 0);
    CHECK_RC(hypercall_debug_key('B'), 0);
}
