/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU that PSCI takes down, and starts again, has lost its entries, and its
 * guest can notice.  Others keep theirs.
 */

#include <pvh.h>

TEST_TITLE("CPU_OFF takes a vCPU's entries away");

#define GPA     0x1000000ul

static uint64_t generation(void)
{
    struct xen_swtlb_generation now = {};

    CHECK_RC(swtlb_query(0, &now, XEN_SWTLB_QUERY_generation, 0), 0);

    return now.generation;
}

static void insert_own(void *unused)
{
    (void)unused;
    CHECK_RC(swtlb_insert(vcpu_id(), WINDOW, GPA, PAGE_SIZE), 0);
}

void test_main(void)
{
    static struct swtlb_snap before;
    uint64_t last;

    swtlb_require();
    vcpu_require(2);

    vcpu_start(1);
    vcpu_run(1, insert_own, NULL);
    CHECK_RC(swtlb_insert(0, WINDOW, GPA, PAGE_SIZE), 0);
    CHECK_ENTRIES(1, 1);
    swtlb_snap(0, &before);
    last = generation();

    /* What is registered as soon as it can be started again stays. */
    vcpu_down(1);
    vcpu_start(1);
    CHECK_ENTRIES(1, 0);
    CHECK(generation() != last);
    CHECK_SAME(&before, 0);
    vcpu_run(1, insert_own, NULL);
    CHECK_ENTRIES(1, 1);

    /* Without entries there is nothing to notice. */
    CHECK_RC(swtlb_purge_all(1), 0);
    last = generation();
    vcpu_down(1);
    vcpu_start(1);
    CHECK_EQ(generation(), last);
    CHECK_SAME(&before, 0);
}
