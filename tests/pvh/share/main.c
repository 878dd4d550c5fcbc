/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPUs that share a table: what is done for one is done for all, and a table
 * lasts as long as anybody uses it.
 */

#include <pvh.h>

TEST_TITLE("share: one table for several vCPUs");

#define SIZE 200

static uint8_t *page;

static void check_sharers(unsigned int a, unsigned int b, unsigned int c)
{
    CHECK_EQ(swtlb_state(0).nr_sharers, a);
    CHECK_EQ(swtlb_state(1).nr_sharers, b);
    CHECK_EQ(swtlb_state(2).nr_sharers, c);
}

static void check_entries(unsigned int a, unsigned int b, unsigned int c)
{
    CHECK_ENTRIES(0, a);
    CHECK_ENTRIES(1, b);
    CHECK_ENTRIES(2, c);
}

static void take(void *rc)
{
    *(long *)rc = xen_take(WINDOW, SIZE);
}

static long take_on(unsigned int vcpuid)
{
    long rc = 1;

    vcpu_run(vcpuid, take, &rc);

    return rc;
}

/* Entries come and go for all, whoever of them is named. */
static void test_together(void)
{
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    check_sharers(1, 0, 0);

    CHECK_RC(swtlb_share(1, 0), 0);
    check_entries(1, 1, 0);
    check_sharers(2, 2, 0);
    CHECK_RC(take_on(1), 0);
    CHECK_RC(take_on(2), -XEN_EFAULT);

    /* By way of one that shares. */
    CHECK_RC(swtlb_share(2, 1), 0);
    check_entries(1, 1, 1);
    check_sharers(3, 3, 3);
    CHECK_RC(take_on(2), 0);

    CHECK_RC(swtlb_insert(2, WINDOW + MB(1), gpa_of(page), PAGE_SIZE), 0);
    check_entries(2, 2, 2);
    CHECK_ENTRY(0, 1, WINDOW + MB(1), gpa_of(page), PAGE_SIZE);
    CHECK_REFUSED(swtlb_insert(0, WINDOW + MB(1), gpa_of(page), PAGE_SIZE),
                  -XEN_EEXIST, 1);

    CHECK_RC(swtlb_purge(1, WINDOW, PAGE_SIZE), 0);
    check_entries(1, 1, 1);
    CHECK_RC(xen_take(WINDOW, SIZE), -XEN_EFAULT);
    CHECK_RC(take_on(2), -XEN_EFAULT);
}

/* Sharing outlasts the last entry. */
static void test_empty(void)
{
    CHECK_RC(swtlb_purge(0, WINDOW + MB(1), PAGE_SIZE), 0);
    check_entries(0, 0, 0);
    check_sharers(3, 3, 3);

    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    check_entries(1, 1, 1);
    CHECK_RC(xen_take(WINDOW, SIZE), 0);
}

/* Who leaves has nothing; who stays keeps all. */
static void test_leave(void)
{
    CHECK_RC(swtlb_purge_all(0), 0);
    check_entries(0, 1, 1);
    check_sharers(0, 2, 2);
    CHECK_RC(xen_take(WINDOW, SIZE), -XEN_EFAULT);
    CHECK_RC(take_on(1), 0);

    CHECK_RC(swtlb_purge_all(1), 0);
    check_entries(0, 0, 1);
    check_sharers(0, 0, 1);
    CHECK_RC(take_on(1), -XEN_EFAULT);
    CHECK_RC(take_on(2), 0);

    CHECK_RC(swtlb_purge_all(2), 0);
    check_sharers(0, 0, 0);
}

/* With a table that does not exist yet. */
static void test_share_nothing(void)
{
    CHECK_RC(swtlb_share(2, 1), 0);
    check_entries(0, 0, 0);
    check_sharers(0, 2, 2);
    CHECK_RC(take_on(2), -XEN_EFAULT);

    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    check_entries(0, 1, 1);
    CHECK_RC(take_on(2), 0);

    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    check_entries(0, 0, 0);
    check_sharers(0, 0, 0);

    /* Leaving needs no entries, and nobody else who shares. */
    CHECK_RC(swtlb_share(2, 1), 0);
    CHECK_RC(swtlb_purge_all(2), 0);
    /* A table of one vCPU that has no entries is none to the guest. */
    check_sharers(0, 0, 0);
    CHECK_RC(swtlb_purge_all(2), 0);
    CHECK_RC(swtlb_purge_all(1), 0);
    check_sharers(0, 0, 0);
    CHECK_RC(swtlb_purge_all(1), 0);
    CHECK_RC(swtlb_share(2, 1), 0);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    check_sharers(0, 0, 0);
}

/* A purge for all vCPUs meets the shared table once, and the others too. */
static void test_purge_of_all(void)
{
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    CHECK_RC(swtlb_share(1, 0), 0);
    CHECK_RC(swtlb_insert(2, WINDOW, gpa_of(page), PAGE_SIZE), 0);

    CHECK_RC(swtlb_purge(XEN_SWTLB_ALL_VCPUS, WINDOW + 100, 100), 0);
    check_entries(2, 2, 2);
    CHECK_RC(swtlb_purge(XEN_SWTLB_ALL_VCPUS, WINDOW, PAGE_SIZE), 0);
    check_entries(0, 0, 0);

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    check_entries(1, 1, 0);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(3);
    vcpu_start(1);
    vcpu_start(2);
    page = alloc_pages(1);
    fill(page, PAGE_SIZE, 1);

    test_together();
    test_empty();
    test_leave();
    test_share_nothing();
    test_purge_of_all();
}
