/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Not only hypercalls copy: Xen writes a registered runstate area whenever it
 * schedules the vCPU.  The area is at a gva that only an entry leads to, and
 * is kept up to date as long as that entry is there.
 */

#include <pvh.h>

TEST_TITLE("a runstate area is updated through an entry");

static struct vcpu_runstate_info *area;

static uint64_t entry_time(void)
{
    return ACCESS_ONCE(area->state_entry_time);
}

void test_main(void)
{
    uint64_t arg = WINDOW + 128, before;
    uint8_t *page = alloc_pages(2), *other = page + PAGE_SIZE;

    swtlb_require();
    vcpu_require(2);
    vcpu_start(1);
    area = (void *)(page + 128);

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    CHECK_RC(hypercall_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &arg),
             0);
    CHECK_EQ(area->state, RUNSTATE_running);
    before = entry_time();
    CHECK(before);

    vcpu_give_way(1);
    CHECK(entry_time() != before);
    CHECK_EQ(area->state, RUNSTATE_running);

    /* Without it nothing is written any more, there or elsewhere. */
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    before = entry_time();
    vcpu_give_way(1);
    CHECK_EQ(entry_time(), before);

    /* Moved to another page, under vCPU 1's feet which has no entry. */
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(other), PAGE_SIZE), 0);
    vcpu_give_way(1);
    CHECK_EQ(entry_time(), before);
    area = (void *)(other + 128);
    /* It was all zero, so whatever stands there now Xen has written. */
    CHECK(entry_time());
    CHECK_EQ(area->state, RUNSTATE_running);

    arg = 0;
    CHECK_RC(hypercall_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &arg),
             0);
}
