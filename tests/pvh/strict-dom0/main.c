/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dom0 that Xen made strict before it ran: the first hypercall that has a
 * buffer needs an entry, and gets along without a single walk.
 */

#include <pvh.h>

TEST_TITLE("dom0 is strict from its creation, by the boot option");

static struct vcpu_runstate_info info;
static long first_rc;

void test_early(void)
{
    first_rc = hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &info);

    /* This takes no buffer.  memory_end() is not known yet. */
    swtlb_insert(0, 0, 0, MB(1024));
}

void test_main(void)
{
    struct xen_swtlb_stats stats;

    swtlb_require();

    CHECK_RC(first_rc, -XEN_EFAULT);
    CHECK_RC(hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &info), 0);
    CHECK_EQ(swtlb_state(0).flags, XEN_SWTLB_STATE_strict);
    CHECK_RC(swtlb_strict(XEN_SWTLB_ALL_VCPUS), 0);

    stats = swtlb_stats(0);
    CHECK_EQ(stats.misses, 0);
    CHECK_EQ(stats.refused, 1);
    CHECK_EQ(stats.faults, 1);
    CHECK(stats.hits > 1);
}
