/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What CPUID announces and what the operations do agree: with the bit set the
 * simplest query works, without it there is -EOPNOTSUPP or, on a Xen that
 * never heard of the operations, -ENOSYS.
 */

#include <pvh.h>

TEST_TITLE("the software TLB is announced where it works");

void test_main(void)
{
    struct xen_swtlb_limits limits = {};
    long rc = swtlb_query(0, &limits, XEN_SWTLB_QUERY_limits, 0);
    int cmd;

    if ( !swtlb_present() )
    {
        CHECK(rc == -XEN_EOPNOTSUPP || rc == -XEN_ENOSYS);
        test_skip("this Xen has no software TLB");
        return;
    }

    CHECK_RC(rc, 0);
    CHECK_EQ(limits.abi, XEN_SWTLB_ABI);
    CHECK_EQ(limits.flags,
             XEN_SWTLB_FLAG_pinned | XEN_SWTLB_FLAG_space);
    CHECK(limits.max_entries >= 1 && limits.max_entries <= 1024);
    CHECK(limits.max_pinned >= 1);

    /* The numbers around ours are nobody's, some of ours are reserved. */
    CHECK_RC(hypercall_vcpu_op5(VCPUOP_SWTLB_FIRST - 1, 0, 0, 0, 0),
             -XEN_ENOSYS);
    for ( cmd = VCPUOP_swtlb_strict + 1; cmd <= 0xff; cmd++ )
        CHECK_RC(hypercall_vcpu_op5(cmd, 0, 0, 0, 0), -XEN_ENOSYS);
}
