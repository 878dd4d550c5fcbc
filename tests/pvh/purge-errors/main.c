/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way in which purge refuses, and that nothing has changed after it.
 * (-EOPNOTSUPP: feature-off.  -ENOSPC: table-full.  -ENOMEM and PV callers:
 * unit tests.)
 */

#include <pvh.h>

TEST_TITLE("purge: each errno");

#define GPA     0x1000000ul

#define REFUSED(expected, cmd, vcpuid, gva, gpa, size)                      \
    ({                                                                      \
        CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, gva, gpa, size),      \
                      expected, 0);                                         \
        CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, gva, gpa, size),      \
                      expected, 1);                                         \
    })

static void test_arguments(unsigned int vcpuid)
{
    unsigned int bit;

    for ( bit = 8; bit < 32; bit++ )
        REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge | (int)(1u << bit), vcpuid,
                WINDOW, 0, PAGE_SIZE);

    /* There is no gpa. */
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge, vcpuid, WINDOW, GPA, PAGE_SIZE);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge, vcpuid, WINDOW, 1, PAGE_SIZE);

    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge, vcpuid, WINDOW, 0, 0);

    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, WINDOW, 0, -1ul);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, -PAGE_SIZE, 0,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, -1ul, 0, 2);
#ifdef __x86_64__
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, 0x0000800000000000ul, 0,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, 0x00007ffffffff000ul, 0,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, WINDOW, 0,
            0xffff800000000000ul);
#elif defined(__aarch64__)
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, 0x0010000000000000ul, 0,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, 0x000ffffffffff000ul, 0,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_purge, vcpuid, WINDOW, 0,
            0xfff0000000000000ul);
#endif

    /* Nothing there, and hence nothing to refuse. */
    REFUSED(0, VCPUOP_swtlb_purge, vcpuid, WINDOW, 0, 999);
    REFUSED(0, VCPUOP_swtlb_purge, vcpuid, WINDOW, 0, 1000);
    REFUSED(0, VCPUOP_swtlb_purge, vcpuid, WINDOW + 2000, 0, 1000);
    REFUSED(0, VCPUOP_swtlb_purge, vcpuid, WINDOW + 4000, 0, 1);
}

static void test_vcpuid(void)
{
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_purge, vcpu_count(), WINDOW, 0,
            PAGE_SIZE);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_purge, XEN_SWTLB_ALL_VCPUS - 1, WINDOW,
            0, PAGE_SIZE);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_purge | 0x100, 0x80000000, 0, GPA, 0);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(2);

    REFUSED(0, VCPUOP_swtlb_purge, 0, WINDOW, 0, PAGE_SIZE);
    REFUSED(0, VCPUOP_swtlb_purge, XEN_SWTLB_ALL_VCPUS, WINDOW, 0,
            PAGE_SIZE);

    CHECK_RC(swtlb_insert(0, WINDOW + 1000, GPA + 1000, 1000), 0);
    CHECK_RC(swtlb_insert(1, WINDOW + 1000, GPA + 1000, 1000), 0);
    CHECK_RC(swtlb_insert(1, WINDOW + 3000, GPA + 3000, 1000), 0);

    test_arguments(0);
    test_arguments(XEN_SWTLB_ALL_VCPUS);
    test_vcpuid();

    /* What another vCPU has does not count. */
    REFUSED(0, VCPUOP_swtlb_purge, 0, WINDOW + 3000, 0, 1000);

    CHECK_ENTRIES(0, 1);
    CHECK_ENTRIES(1, 2);
}
