/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Xen writes a vCPU's runstate when it switches to another one, whatever page
 * tables are in use then.  Where these do not map it, as those of user space
 * do not with KPTI, today it is not written.  With an entry it is.
 */

#include <pvh.h>

TEST_TITLE("a runstate area is written while it is unmapped");

/* Let vCPU 1, which does nothing else, have the CPU often. */
static void switch_vcpus(void)
{
    unsigned int i;

    for ( i = 0; i < 100; i++ )
        hypercall_yield();
}

static bool written(const struct vcpu_runstate_info *info)
{
    uint64_t last = ACCESS_ONCE(info->state_entry_time);

    switch_vcpus();

    return ACCESS_ONCE(info->state_entry_time) != last;
}

void test_main(void)
{
    struct vcpu_runstate_info *info = alloc_pages(1);
    struct vcpu_register_runstate_memory_area area = {
        .addr.p = WINDOW,
    };

    swtlb_require();
    vcpu_require(2);
    vcpu_start(1);

    map_4k(WINDOW, gpa_of(info), PTE_RW);
    CHECK_RC(hypercall_vcpu_op(VCPUOP_register_runstate_memory_area, 0,
                               &area), 0);
    CHECK(written(info));

    unmap(WINDOW);
    CHECK(!written(info));

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(info), PAGE_SIZE), 0);
    CHECK(written(info));
    CHECK_EQ(info->state, RUNSTATE_running);

    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK(!written(info));
}
