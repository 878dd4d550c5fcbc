/* SPDX-License-Identifier: GPL-2.0-only */
/* Every way in which share refuses, and that nothing has changed after it. */

#include <pvh.h>

TEST_TITLE("share: each errno");

#define GPA     0x1000000ul

#define REFUSED(expected, cmd, vcpuid, with, gpa, size)                     \
    ({                                                                      \
        CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, with, gpa, size),     \
                      expected, 0);                                         \
        CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, with, gpa, size),     \
                      expected, 1);                                         \
        CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, with, gpa, size),     \
                      expected, 2);                                         \
    })

static void test_arguments(void)
{
    unsigned int bit;

    for ( bit = 8; bit < 32; bit++ )
        REFUSED(-XEN_EINVAL, VCPUOP_swtlb_share | (int)(1u << bit), 1, 0, 0,
                0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_share, 1, 0, GPA, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_share, 1, 0, 0, 1);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_share, 1, 1, 0, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_share, 0, 0, 0, 0);

    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_share, vcpu_count(), 0, 0, 0);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_share, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_share, 1, vcpu_count(), 0, 0);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_share, 1, XEN_SWTLB_ALL_VCPUS, 0, 0);
#ifdef __x86_64__
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_share, 1, 1ul << 32, 0, 0);
#endif
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(3);

    test_arguments();
    CHECK_RC(swtlb_insert(0, WINDOW, GPA, PAGE_SIZE), 0);
    test_arguments();

    /* vCPU 1 has an entry of its own, though not where vCPU 0 has one. */
    CHECK_RC(swtlb_insert(1, WINDOW + MB(1), GPA, PAGE_SIZE), 0);
    REFUSED(-XEN_EEXIST, VCPUOP_swtlb_share, 1, 0, 0, 0);
    REFUSED(-XEN_EEXIST, VCPUOP_swtlb_share, 0, 1, 0, 0);
    CHECK_RC(swtlb_purge_all(1), 0);

    /* It shares already, be it the same table, be it empty. */
    CHECK_RC(swtlb_share(1, 0), 0);
    REFUSED(-XEN_EEXIST, VCPUOP_swtlb_share, 1, 0, 0, 0);
    REFUSED(-XEN_EEXIST, VCPUOP_swtlb_share, 1, 2, 0, 0);
    REFUSED(-XEN_EEXIST, VCPUOP_swtlb_share, 0, 2, 0, 0);
    CHECK_RC(swtlb_purge(1, WINDOW, PAGE_SIZE), 0);
    REFUSED(-XEN_EEXIST, VCPUOP_swtlb_share, 1, 2, 0, 0);
    test_arguments();
}
