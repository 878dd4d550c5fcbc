/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking whole tables away, of one vCPU and of all, and how it refuses. */

#include <pvh.h>

TEST_TITLE("purge_all: one vCPU, all vCPUs, each errno");

#define GPA     0x1000000ul

#define REFUSED(expected, cmd, vcpuid, gva, gpa, size)                      \
    CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, gva, gpa, size),          \
                  expected, 0)

static void insert_some(unsigned int vcpuid)
{
    unsigned int i;

    for ( i = 0; i < 5; i++ )
        CHECK_RC(swtlb_insert(vcpuid, WINDOW + i * MB(2), GPA, MB(1)), 0);
}

static void test_errors(void)
{
    unsigned int bit;

    for ( bit = 8; bit < 32; bit++ )
        REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge_all | (int)(1u << bit), 0, 0,
                0, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge_all, 0, WINDOW, 0, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge_all, 0, 0, GPA, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge_all, 0, 0, 0, 1);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0,
            1);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_purge_all, vcpu_count(), 0, 0, 0);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_purge_all, 0xfffffffe, 0, 0, 0);
    /* vCPU 2 has nothing. */
    REFUSED(0, VCPUOP_swtlb_purge_all, 2, 0, 0, 0);
}

static void test_one(void)
{
    static struct swtlb_snap before;

    insert_some(1);
    swtlb_snap(1, &before);

    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK_ENTRIES(0, 0);
    CHECK_EQ(swtlb_state(0).nr_sharers, 0);
    CHECK_SAME(&before, 1);
    CHECK_RC(swtlb_purge_all(0), 0);
}

static void test_all(void)
{
    insert_some(0);
    insert_some(2);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_ENTRIES(0, 0);
    CHECK_ENTRIES(1, 0);
    CHECK_ENTRIES(2, 0);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);

    /* One of them is enough. */
    insert_some(2);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_ENTRIES(2, 0);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(3);

    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);

    insert_some(0);
    test_errors();
    test_one();
    test_all();

    /* A table can be had anew. */
    insert_some(0);
    CHECK_ENTRIES(0, 5);
}
