/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations as parts of a multicall: all five arguments arrive, each has
 * its result, and each sees what the ones before it did.
 */

#include <pvh.h>

TEST_TITLE("the operations through multicall");

#define GPA 0x1000000ul

static struct multicall_entry calls[16];
static unsigned int nr_calls;

static void add(int cmd, unsigned int vcpuid, unsigned long gva,
                unsigned long gpa, unsigned long size)
{
    calls[nr_calls++] = (struct multicall_entry){
        .op = __HYPERVISOR_vcpu_op,
        .result = 0x5555,
        .args = { (unsigned int)cmd, vcpuid, gva, gpa, size },
    };
}

static void run(void)
{
    CHECK_RC(hypercall_multicall(calls, nr_calls), 0);
    nr_calls = 0;
}

static long result(unsigned int i)
{
    return calls[i].result;
}

static void test_success(void)
{
    struct xen_swtlb_limits *limits = alloc_pages(1);
    struct xen_swtlb_state state[2] = {};

    add(VCPUOP_swtlb_insert, 0, WINDOW, gpa_of(limits), PAGE_SIZE);
    add(VCPUOP_swtlb_insert, 1, WINDOW + 4 * PAGE_SIZE + 5, GPA + 5, 12345);
    /* By the entry that was made a moment ago. */
    add(VCPUOP_swtlb_query, 0, WINDOW, XEN_SWTLB_QUERY_limits, 0);
    add(VCPUOP_swtlb_query, 0, (unsigned long)&state[0],
        XEN_SWTLB_QUERY_state, 0);
    add(VCPUOP_swtlb_share, 2, 0, 0, 0);
    add(VCPUOP_swtlb_query, 2, (unsigned long)&state[1],
        XEN_SWTLB_QUERY_state, 0);
    add(VCPUOP_swtlb_purge, 0, WINDOW, 0, 100);
    run();

    CHECK_RC(result(0), 0);
    CHECK_RC(result(1), 0);
    CHECK_RC(result(2), 0);
    CHECK_RC(result(3), 0);
    CHECK_RC(result(4), 0);
    CHECK_RC(result(5), 0);
    CHECK_RC(result(6), 0);
    CHECK_EQ(limits->abi, XEN_SWTLB_ABI);
    CHECK_EQ(state[0].nr_entries, 1);
    CHECK_EQ(state[0].nr_sharers, 1);
    CHECK_EQ(state[1].nr_sharers, 2);
    CHECK_ENTRY(0, 0, WINDOW + 100, gpa_of(limits) + 100, PAGE_SIZE - 100);
    CHECK_ENTRY(1, 0, WINDOW + 4 * PAGE_SIZE + 5, GPA + 5, 12345);

    add(VCPUOP_swtlb_purge, XEN_SWTLB_ALL_VCPUS, WINDOW + 8 * PAGE_SIZE, 0,
        1);
    add(VCPUOP_swtlb_purge_all, 2, 0, 0, 0);
    add(VCPUOP_swtlb_purge_all, XEN_SWTLB_ALL_VCPUS, 0, 0, 0);
    add(VCPUOP_swtlb_query, 0, WINDOW, XEN_SWTLB_QUERY_limits, 0);
    run();
    CHECK_RC(result(0), 0);
    CHECK_RC(result(1), 0);
    CHECK_RC(result(2), 0);
    CHECK_RC(result(3), -XEN_EFAULT);
    CHECK_ENTRIES(0, 0);
    CHECK_ENTRIES(1, 0);
    CHECK_ENTRIES(2, 0);
}

/* One that is refused does not stop the others. */
static void test_errors(void)
{
    static struct swtlb_snap before;

    swtlb_snap(0, &before);
    add(VCPUOP_swtlb_insert, 0, WINDOW, GPA, 0);
    add(VCPUOP_swtlb_insert, 0, WINDOW, GPA + 1, 1);
    add(VCPUOP_swtlb_insert | 0x400, 0, WINDOW, GPA, 1);
    add(VCPUOP_swtlb_insert, 1000, WINDOW, GPA, 1);
    add(VCPUOP_swtlb_purge, 0, WINDOW, 1, PAGE_SIZE);
    add(VCPUOP_swtlb_purge, 0, WINDOW, 0, PAGE_SIZE);
    add(VCPUOP_swtlb_purge_all, 0, 0, 0, 1);
    add(VCPUOP_swtlb_share, 0, 0, 0, 0);
    add(VCPUOP_swtlb_query, 0, WINDOW, XEN_SWTLB_QUERY_generation + 1, 0);
    add(VCPUOP_swtlb_strict + 1, 0, 0, 0, 0);
    add(VCPUOP_is_up, 0, 0, 0, 0);
    run();

    CHECK_RC(result(0), -XEN_EINVAL);
    CHECK_RC(result(1), -XEN_EINVAL);
    CHECK_RC(result(2), -XEN_EINVAL);
    CHECK_RC(result(3), -XEN_ENOENT);
    CHECK_RC(result(4), -XEN_EINVAL);
    CHECK_RC(result(5), 0);
    CHECK_RC(result(6), -XEN_EINVAL);
    CHECK_RC(result(7), -XEN_EINVAL);
    CHECK_RC(result(8), -XEN_EINVAL);
    CHECK_RC(result(9), -XEN_ENOSYS);
    CHECK_RC(result(10), 1);
    CHECK_SAME(&before, 0);
}

/* The array itself, in memory that only an entry leads to. */
static void test_array(void)
{
    struct multicall_entry *array = alloc_pages(1);

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(array), PAGE_SIZE), 0);
    array[0] = (struct multicall_entry){
        .op = __HYPERVISOR_vcpu_op,
        .result = 0x5555,
        .args = { VCPUOP_swtlb_insert, 0, WINDOW + MB(1), GPA, PAGE_SIZE },
    };
    CHECK_RC(hypercall_multicall((void *)WINDOW, 1), 0);
    CHECK_RC((long)array[0].result, 0);
    CHECK_ENTRY(0, 1, WINDOW + MB(1), GPA, PAGE_SIZE);
    CHECK_RC(swtlb_purge_all(0), 0);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(3);

    test_success();
    test_errors();
    test_array();
}
