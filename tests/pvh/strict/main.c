/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain makes itself strict: whatever no entry covers fails from then on
 * and is counted, a hypercall's buffer as well as what Xen writes by itself.
 */

#include <pvh.h>

TEST_TITLE("a strict domain's buffers are never walked");

#define MAPPED      WINDOW
#define REGISTERED  (WINDOW + PAGE_SIZE)
#define SIZE        (10 * XFER_UNIT)

static struct xen_swtlb_stats last;

/* Since the last time.  The query, and what the test prints, is a hit. */
static void check_delta(unsigned int misses, unsigned int faults,
                        unsigned int refused)
{
    struct xen_swtlb_stats now = swtlb_stats(0);

    CHECK_EQ(now.misses - last.misses, misses);
    CHECK_EQ(now.faults - last.faults, faults);
    CHECK_EQ(now.refused - last.refused, refused);
    last = now;
}

static void test_errors(void)
{
    CHECK_RC(swtlb_strict(0), -XEN_EINVAL);
    CHECK_RC(swtlb_strict(vcpu_count()), -XEN_ENOENT);
    CHECK_RC(hypercall_vcpu_op5(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 1,
                                0, 0), -XEN_EINVAL);
    CHECK_RC(hypercall_vcpu_op5(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 0,
                                1, 0), -XEN_EINVAL);
    CHECK_RC(hypercall_vcpu_op5(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 0,
                                0, 1), -XEN_EINVAL);
    CHECK_RC(hypercall_vcpu_op5(VCPUOP_swtlb_strict | XEN_SWTLB_FLAG_pinned,
                                XEN_SWTLB_ALL_VCPUS, 0, 0, 0), -XEN_EINVAL);
    CHECK_EQ(swtlb_state(0).flags, 0);
}

static void test_copies(void)
{
    check_delta(0, 0, 0);
    CHECK_RC(xen_take(MAPPED, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_take(MAPPED, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(MAPPED, SIZE), -XEN_EFAULT);
    check_delta(0, 3, 3);

    CHECK_RC(xen_take(REGISTERED, SIZE), 0);
    CHECK_RC(xen_give(REGISTERED, SIZE), 0);
    check_delta(0, 0, 0);

    /* All but the last, or the first, bytes. */
    CHECK_RC(xen_take(REGISTERED - 1, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(REGISTERED + PAGE_SIZE - SIZE + 1, SIZE), -XEN_EFAULT);
    check_delta(0, 2, 2);
}

/* page is mapped at MAPPED, where no entry is. */
static void test_deferred(uint8_t *page)
{
    struct vcpu_runstate_info *area = (void *)page;
    uint64_t arg = MAPPED, before = area->state_entry_time;
    struct xen_swtlb_stats stats;

    /* Registering takes no copy to the area that could be reported. */
    CHECK_RC(hypercall_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &arg),
             0);
    stats = swtlb_stats(0);
    vcpu_give_way(1);
    CHECK_EQ(area->state_entry_time, before);
    CHECK(swtlb_stats(0).refused > stats.refused);
    CHECK_EQ(swtlb_stats(0).misses, stats.misses);

    CHECK_RC(swtlb_insert(0, MAPPED, gpa_of(page), PAGE_SIZE), 0);
    vcpu_give_way(1);
    CHECK(ACCESS_ONCE(area->state_entry_time) != before);
}

/* A vCPU without a table: neither walked nor, by an entry of ours, covered. */
static void on_vcpu1(void *rc)
{
    static struct vcpu_runstate_info info;

    *(long *)rc = hypercall_vcpu_op(VCPUOP_get_runstate_info, 1, &info);
}

void test_main(void)
{
    uint8_t *page = alloc_pages(2);
    long rc = 0;

    swtlb_require();
    vcpu_require(2);
    vcpu_start(1);
    map_range(MAPPED, gpa_of(page), PAGE_SIZE, PTE_RW);
    map_range(REGISTERED, gpa_of(page) + PAGE_SIZE, PAGE_SIZE, PTE_RW);

    test_errors();

    /* All that the test itself uses. */
    CHECK_RC(swtlb_insert(0, 0, 0, memory_end()), 0);
    CHECK_RC(swtlb_insert(0, REGISTERED, gpa_of(page) + PAGE_SIZE, PAGE_SIZE),
             0);
    CHECK_RC(xen_take(MAPPED, SIZE), 0);
    last = swtlb_stats(0);

    CHECK_RC(swtlb_strict(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_RC(swtlb_strict(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(swtlb_state(0).flags, XEN_SWTLB_STATE_strict);
    last = swtlb_stats(0);

    test_copies();
    vcpu_run(1, on_vcpu1, &rc);
    CHECK_RC(rc, -XEN_EFAULT);
    CHECK_EQ(swtlb_stats(1).refused, 1);
    test_deferred(page);

    /* It does not end with the entries. */
    CHECK_RC(swtlb_purge(0, REGISTERED, PAGE_SIZE), 0);
    CHECK_RC(xen_take(REGISTERED, SIZE), -XEN_EFAULT);
}
