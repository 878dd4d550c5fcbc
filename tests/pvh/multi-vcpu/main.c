/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each vCPU has a table of its own: one gva leads vCPU 0 and vCPU 1 to
 * different pages.  Entries can be made for a vCPU that is running, and for
 * one that has never run, and are there when it does.
 */

#include <pvh.h>

TEST_TITLE("tables of several vCPUs, running and not yet up");

#define SIZE 400

static uint8_t *page[3];
static uint8_t buf[SIZE];

/* Whether the calling vCPU finds mem at WINDOW, both ways. */
static void check_mine(void *mem)
{
    static uint8_t copy[SIZE];
    unsigned int i;

    CHECK_RC(xen_take(WINDOW, SIZE), 0);
    CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
    CHECK_MEM(buf, mem, SIZE);

    fill(copy, SIZE, 100 + vcpu_id());
    CHECK_RC(xen_take((unsigned long)copy, SIZE), 0);
    CHECK_RC(xen_give(WINDOW, SIZE), 0);
    CHECK_MEM(mem, copy, SIZE);

    for ( i = 0; i < ARRAY_SIZE(page); i++ )
        fill(page[i], PAGE_SIZE, 200 + i);
}

static void check_none(void *unused)
{
    (void)unused;
    CHECK_RC(xen_take(WINDOW, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(WINDOW, SIZE), -XEN_EFAULT);
}

static void insert_for(unsigned int vcpuid, void *mem)
{
    CHECK_RC(swtlb_insert(vcpuid, WINDOW, gpa_of(mem), PAGE_SIZE), 0);
}

static void insert_self(void *mem)
{
    insert_for(vcpu_id(), mem);
}

static void insert_for_0(void *mem)
{
    insert_for(0, mem);
}

/* vCPU 2 is started with entries, in either way to start one. */
static void test_not_up(void)
{
    insert_for(2, page[2]);
    CHECK_ENTRIES(2, 1);
    check_none(NULL);

    vcpu_start(2);
    CHECK_ENTRIES(2, 1);
    vcpu_run(2, check_mine, page[2]);

    vcpu_init(2);
    CHECK_ENTRIES(2, 0);
    insert_for(2, page[1]);
    vcpu_sipi(2);
    CHECK_ENTRIES(2, 1);
    vcpu_run(2, check_mine, page[1]);

    /* And one that is down, which is not reset. */
    vcpu_down(2);
    CHECK_ENTRIES(2, 0);
    insert_for(2, page[2]);
    vcpu_up(2);
    vcpu_run(2, check_mine, page[2]);
    CHECK_RC(swtlb_purge_all(2), 0);
}

static void test_running(void)
{
    vcpu_start(1);

    insert_for(0, page[0]);
    check_mine(page[0]);
    vcpu_run(1, check_none, NULL);

    insert_for(1, page[1]);
    vcpu_run(1, check_mine, page[1]);
    check_mine(page[0]);
    vcpu_run(2, check_none, NULL);

    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    check_none(NULL);
    vcpu_run(1, check_mine, page[1]);

    CHECK_RC(swtlb_purge(1, WINDOW, PAGE_SIZE), 0);
    vcpu_run(1, check_none, NULL);

    /* By the vCPU itself, and by it for vCPU 0. */
    vcpu_run(1, insert_self, page[2]);
    vcpu_run(1, check_mine, page[2]);
    vcpu_run(1, insert_for_0, page[1]);
    check_mine(page[1]);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
}

void test_main(void)
{
    unsigned int i;

    swtlb_require();
    vcpu_require(3);
    for ( i = 0; i < ARRAY_SIZE(page); i++ )
    {
        page[i] = alloc_pages(1);
        fill(page[i], PAGE_SIZE, 200 + i);
    }

    test_not_up();
    test_running();
}
