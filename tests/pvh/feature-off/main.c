/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Booted with swtlb=off: nothing is announced, every operation says
 * -EOPNOTSUPP whatever its arguments, and copies work.
 */

#include <pvh.h>

TEST_TITLE("the software TLB turned off at boot");

#define GPA 0x1000000ul

void test_main(void)
{
    static uint8_t from[400], to[400];
    long rc = swtlb_purge_all(0);
    int cmd;

    if ( rc == -XEN_ENOSYS )
        test_abort(VERDICT_skip, "this Xen has no software TLB");

    CHECK(!swtlb_present());
    CHECK_RC(rc, -XEN_EOPNOTSUPP);

    CHECK_RC(swtlb_insert(0, WINDOW, GPA, PAGE_SIZE), -XEN_EOPNOTSUPP);
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), -XEN_EOPNOTSUPP);
    CHECK_RC(swtlb_share(0, 0), -XEN_EOPNOTSUPP);
    CHECK_RC(swtlb_query(0, to, XEN_SWTLB_QUERY_limits, 0), -XEN_EOPNOTSUPP);

    for ( cmd = VCPUOP_swtlb_insert; cmd <= VCPUOP_swtlb_query; cmd++ )
    {
        CHECK_RC(hypercall_vcpu_op5(cmd, 0, 0, 0, 0), -XEN_EOPNOTSUPP);
        CHECK_RC(hypercall_vcpu_op5(cmd, 1000, -1ul, -1ul, -1ul),
                 -XEN_EOPNOTSUPP);
        CHECK_RC(hypercall_vcpu_op5(cmd | 0x7fffff00, XEN_SWTLB_ALL_VCPUS,
                                    -1ul, -1ul, -1ul), -XEN_EOPNOTSUPP);
    }
    CHECK_RC(hypercall_vcpu_op5(VCPUOP_SWTLB_LAST + 1, 0, 0, 0, 0),
             -XEN_ENOSYS);

    fill(from, sizeof(from), 1);
    CHECK_RC(xen_take((unsigned long)from, sizeof(from)), 0);
    CHECK_RC(xen_give((unsigned long)to, sizeof(to)), 0);
    CHECK_MEM(to, from, sizeof(to));
    CHECK_RC(xen_take(WINDOW, 200), -XEN_EFAULT);
}
