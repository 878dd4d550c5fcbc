/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On a Xen without the software TLB, be it configured out or unpatched, there
 * is no trace of it: nothing is announced, and the operations are unknown.  A
 * domain that was strict when it was saved is refused.
 */

#include <pvh.h>
#include <domu.h>

TEST_TITLE("a Xen without the software TLB");

static void test_restore(void)
{
    unsigned int domid = domu_create();

    CHECK_RC(domu_load(domid, NULL, 0), 0);
    CHECK_RC(domu_load_strict(domid), -XEN_EINVAL);
    domu_destroy(domid);
}

void test_main(void)
{
    static uint8_t from[400], to[400];
    unsigned int op;

    CHECK(!swtlb_present());
    for ( op = VCPUOP_SWTLB_FIRST; op <= VCPUOP_SWTLB_LAST; op++ )
    {
        CHECK_RC(hypercall_vcpu_op5(op, 0, 0, 0, 0), -XEN_ENOSYS);
        CHECK_RC(hypercall_vcpu_op5(op, 0, WINDOW, 0x1000000, PAGE_SIZE),
                 -XEN_ENOSYS);
    }

    fill(from, sizeof(from), 1);
    CHECK_RC(xen_take((unsigned long)from, sizeof(from)), 0);
    CHECK_RC(xen_give((unsigned long)to, sizeof(to)), 0);
    CHECK_MEM(to, from, sizeof(to));
    CHECK_RC(xen_take(WINDOW, 200), -XEN_EFAULT);
    test_restore();
}
