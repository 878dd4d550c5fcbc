/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel that another one starts in a strict domain, by kexec or after a
 * crash, without a soft reset: what it finds, and what it takes to get along.
 * One that knows of entries needs a purge of all and its own inserts, none of
 * which takes a buffer.  One that does not gets along with nothing: what it
 * takes for its buffers are the first one's, or nobody's.
 *
 * Where nothing is registered this test cannot print either, so it keeps
 * results until it can.
 */

#include <pvh.h>

TEST_TITLE("a second kernel in a strict domain");

/* Of the first kernel, and of the second one. */
#define FIRST   WINDOW
#define SECOND  (WINDOW + MB(2))
#define SIZE    (10 * XFER_UNIT)

static uint8_t *first_page, *second_page, bytes[SIZE];

static void first_kernel(void)
{
    map_range(FIRST, gpa_of(first_page), PAGE_SIZE, PTE_RW);
    CHECK_RC(swtlb_insert(0, 0, 0, memory_end()), 0);
    CHECK_RC(swtlb_insert_pinned(0, FIRST, gpa_of(first_page), PAGE_SIZE), 0);
    CHECK_RC(swtlb_share(1, 0), 0);
    CHECK_RC(swtlb_strict(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_RC(xen_take((unsigned long)bytes, SIZE), 0);
    CHECK_RC(xen_give(FIRST, SIZE), 0);
    CHECK_MEM(first_page, bytes, SIZE);
}

/*
 * Nobody has purged.  What the first kernel registered counts, whatever the
 * second one has in its page tables: Xen says that all is well, but reads and
 * writes where the first kernel had its buffer.  That is the domain's memory,
 * too.
 */
static void unaware_and_not_purged(void)
{
    memset(first_page, 0, PAGE_SIZE);
    map_range(FIRST, gpa_of(second_page), PAGE_SIZE, PTE_RW);
    CHECK_RC(xen_give(FIRST, SIZE), 0);
    CHECK_EQ(((uint8_t *)FIRST)[0], 0);
    CHECK_MEM(first_page, bytes, SIZE);

    /* Where the first kernel had nothing. */
    map_range(SECOND, gpa_of(second_page), PAGE_SIZE, PTE_RW);
    CHECK_RC(xen_give(SECOND, SIZE), -XEN_EFAULT);
    CHECK_EQ(second_page[0], 0);
}

/*
 * The first kernel, or what loads the second one, has purged.  Hypercalls with
 * a buffer fail, those without one do not.
 */
static void unaware(void)
{
    struct vcpu_runstate_info info = {};
    struct xen_swtlb_stats before = swtlb_stats(0), after;
    long purge, version, take, give, runstate;

    memset(first_page, 0, PAGE_SIZE);
    purge = swtlb_purge_all(XEN_SWTLB_ALL_VCPUS);
    version = hypercall2(__HYPERVISOR_xen_version, XENVER_version, 0);
    take = xen_take((unsigned long)bytes, SIZE);
    give = xen_give(SECOND, SIZE);
    runstate = hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &info);
    /* For this test to be able to tell. */
    swtlb_insert(0, 0, 0, memory_end());

    CHECK_RC(purge, 0);
    CHECK(version >= 0x40000);
    CHECK_RC(take, -XEN_EFAULT);
    CHECK_RC(give, -XEN_EFAULT);
    CHECK_RC(runstate, -XEN_EFAULT);
    CHECK_EQ(info.state_entry_time, 0);
    CHECK_EQ(second_page[0], 0);
    CHECK_EQ(first_page[0], 0);
    after = swtlb_stats(0);
    CHECK_EQ(after.refused - before.refused, 3);
    CHECK_EQ(after.misses, before.misses);
}

static void give_on_vcpu1(void *rc)
{
    *(long *)rc = xen_give(SECOND, SIZE);
}

/* On the first kernel's entries, as after a crash. */
static void aware(void)
{
    struct xen_swtlb_stats before = swtlb_stats(0);
    long purge, insert, pin, rc = 0;

    purge = swtlb_purge_all(XEN_SWTLB_ALL_VCPUS);
    insert = swtlb_insert(0, 0, 0, memory_end());
    pin = swtlb_insert_pinned(0, SECOND, gpa_of(second_page), PAGE_SIZE);

    CHECK_RC(purge, 0);
    CHECK_RC(insert, 0);
    CHECK_RC(pin, 0);
    CHECK_EQ(swtlb_state(0).nr_entries, 2);
    CHECK_EQ(swtlb_state(0).nr_sharers, 1);
    CHECK_EQ(swtlb_state(0).nr_pinned, 1);
    CHECK_EQ(swtlb_state(0).flags, XEN_SWTLB_STATE_strict);
    CHECK_EQ(swtlb_state(1).nr_sharers, 0);

    CHECK_RC(xen_give(SECOND, SIZE), 0);
    CHECK_MEM(second_page, bytes, SIZE);
    CHECK_EQ(swtlb_stats(0).refused, before.refused);
    CHECK_EQ(swtlb_stats(0).misses, before.misses);

    /* Nothing is left of what the first one had, and Xen does not walk. */
    memset(first_page, 0, PAGE_SIZE);
    CHECK_RC(xen_give(FIRST, SIZE), -XEN_EFAULT);
    CHECK_EQ(first_page[0], 0);

    /* The other CPU gets what the first kernel had shared with it. */
    memset(second_page, 0, PAGE_SIZE);
    vcpu_run(1, give_on_vcpu1, &rc);
    CHECK_RC(rc, -XEN_EFAULT);
    CHECK_RC(swtlb_share(1, 0), 0);
    vcpu_run(1, give_on_vcpu1, &rc);
    CHECK_RC(rc, 0);
    CHECK_MEM(second_page, bytes, SIZE);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(2);
    vcpu_start(1);
    first_page = alloc_pages(1);
    second_page = alloc_pages(1);
    fill(bytes, SIZE, 1);

    first_kernel();
    unaware_and_not_purged();
    unaware();

    /* The first kernel once more. */
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    first_kernel();
    aware();
}
