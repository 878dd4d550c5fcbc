/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Xen remembers of a page is by gva and by table: pages that compete for
 * the same place, entries that cover parts of pages, and tables that change
 * after Xen has remembered something, by whichever vCPU.
 */

#include <pvh.h>

TEST_TITLE("changes of the table behind pages that Xen remembers");

#define SIZE        200
/* Pages that Xen can remember, each in a place that its gva decides on. */
#define NR_SLOTS    64
#define STRIDE      (NR_SLOTS * PAGE_SIZE)

static uint8_t buf[SIZE];
static unsigned int seed;

static bool found(unsigned long gva, uint8_t *mem)
{
    fill(mem, SIZE, ++seed);
    if ( !CHECK_RC(xen_take(gva, SIZE), 0) ||
         !CHECK_RC(xen_give((unsigned long)buf, SIZE), 0) ||
         !CHECK_MEM(buf, mem, SIZE) )
        return false;

    fill(buf, SIZE, ++seed);
    CHECK_RC(xen_take((unsigned long)buf, SIZE), 0);

    return CHECK_RC(xen_give(gva, SIZE), 0) && CHECK_MEM(mem, buf, SIZE);
}

static void warm(unsigned long gva, uint8_t *mem)
{
    unsigned int i;

    for ( i = 0; i < 3; i++ )
        found(gva, mem);
}

static void check_faults(unsigned long gva)
{
    CHECK_RC(xen_take(gva, SIZE), -XEN_EFAULT);
    fill(buf, SIZE, ++seed);
    CHECK_RC(xen_take((unsigned long)buf, SIZE), 0);
    CHECK_RC(xen_give(gva, SIZE), -XEN_EFAULT);
}

/* The same place for all of them, in many orders, some of them pinned. */
static void test_collisions(uint8_t *pages)
{
    static const uint8_t order[] = {
        0, 1, 0, 2, 0, 0, 3, 1, 2, 3, 3, 2, 1, 0, 1, 1, 2, 0, 3, 0,
    };
    unsigned int i;

    for ( i = 0; i < 4; i++ )
        CHECK_RC(swtlb_insert_flags(0, WINDOW + i * STRIDE,
                                    gpa_of(pages) + i * PAGE_SIZE, PAGE_SIZE,
                                    i == 2 ? XEN_SWTLB_FLAG_pinned : 0), 0);
    for ( i = 0; i < ARRAY_SIZE(order); i++ )
        found(WINDOW + order[i] * STRIDE + i * 8,
              pages + order[i] * PAGE_SIZE + i * 8);

    /* An unregistered page in between, walked to: by its gap it is known. */
    for ( i = 0; i < 4; i++ )
    {
        check_faults(WINDOW + 4 * STRIDE);
        found(WINDOW + i * STRIDE, pages + i * PAGE_SIZE);
    }
    CHECK_RC(swtlb_purge_all(0), 0);
}

/* One entry of more pages than can be remembered. */
static void test_many(unsigned int nr)
{
    uint8_t *pages = alloc_pages(nr);
    unsigned int i, round;

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(pages), nr * PAGE_SIZE), 0);
    for ( round = 0; round < 2; round++ )
    {
        for ( i = 0; i < nr; i++ )
            found(WINDOW + i * PAGE_SIZE + 40, pages + i * PAGE_SIZE + 40);
        for ( i = 0; i < nr; i++ )
            found(WINDOW + (i * 61 % nr) * PAGE_SIZE + 80,
                  pages + (i * 61 % nr) * PAGE_SIZE + 80);
    }
    CHECK_RC(swtlb_purge_all(0), 0);
}

/* Entries that have a page in common, each over memory of its own. */
static void test_parts(uint8_t *pages)
{
    static const unsigned int edges[] = { 100, 1000, 2000, 2600, 4000 };
    unsigned int i, round;

    /* Nothing is registered from 1000 to 2000. */
    for ( i = 0; i < 4; i++ )
        if ( i != 1 )
            CHECK_RC(swtlb_insert(0, WINDOW + edges[i],
                                  gpa_of(pages) + i * PAGE_SIZE + edges[i],
                                  edges[i + 1] - edges[i]), 0);
    for ( round = 0; round < 3; round++ )
        for ( i = 0; i < 4; i++ )
        {
            uint8_t *mem = pages + i * PAGE_SIZE;

            if ( i == 1 )
            {
                check_faults(WINDOW + edges[1]);
                check_faults(WINDOW + edges[2] - SIZE);
                continue;
            }
            warm(WINDOW + edges[i], mem + edges[i]);
            warm(WINDOW + edges[i + 1] - SIZE, mem + edges[i + 1] - SIZE);
        }

    /* Just out of what is remembered, on either side. */
    warm(WINDOW + 300, pages + 300);
    check_faults(WINDOW + 1000 - SIZE + 1);
    warm(WINDOW + 300, pages + 300);
    check_faults(WINDOW + 99);
    warm(WINDOW + 2700, pages + 3 * PAGE_SIZE + 2700);
    check_faults(WINDOW + 4000 - SIZE + 1);
    CHECK_RC(swtlb_purge_all(0), 0);
}

/* Purged, in whole or in part, and registered anew over something else. */
static void test_updates(uint8_t *pages, unsigned int flags)
{
    uint8_t *other = pages + 2 * PAGE_SIZE;
    unsigned int i;

    for ( i = 0; i < 4; i++ )
    {
        uint8_t *now = i % 2 ? other : pages;

        CHECK_RC(swtlb_insert_flags(0, WINDOW, gpa_of(now), PAGE_SIZE,
                                    flags), 0);
        warm(WINDOW + 500, now + 500);
        CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
        check_faults(WINDOW + 500);
    }

    /* A part of what is remembered is something else from now on. */
    CHECK_RC(swtlb_insert_flags(0, WINDOW, gpa_of(pages), 2 * PAGE_SIZE,
                                flags), 0);
    warm(WINDOW + 500, pages + 500);
    warm(WINDOW + 1500, pages + 1500);
    warm(WINDOW + PAGE_SIZE, pages + PAGE_SIZE);
    CHECK_RC(swtlb_purge(0, WINDOW + 400, 1000), 0);
    check_faults(WINDOW + 500);
    check_faults(WINDOW + 400 - SIZE + 1);
    warm(WINDOW + 1500, pages + 1500);
    warm(WINDOW + 100, pages + 100);
    CHECK_RC(swtlb_insert(0, WINDOW + 400, gpa_of(other) + 400, 1000), 0);
    warm(WINDOW + 500, other + 500);
    warm(WINDOW + 1500, pages + 1500);

    /* Entries elsewhere come and go. */
    CHECK_RC(swtlb_insert(0, WINDOW + MB(1), gpa_of(other), PAGE_SIZE), 0);
    warm(WINDOW + 500, other + 500);
    CHECK_RC(swtlb_purge(0, WINDOW + MB(1), PAGE_SIZE), 0);
    warm(WINDOW + PAGE_SIZE, pages + PAGE_SIZE);

    CHECK_RC(swtlb_purge_all(0), 0);
    check_faults(WINDOW + 500);
    check_faults(WINDOW + PAGE_SIZE);
}

/* A gva that was walked to, and is not any more. */
static void test_gap(uint8_t *pages)
{
    uint8_t *mapped = pages, *registered = pages + PAGE_SIZE;

    CHECK_RC(swtlb_insert(0, WINDOW + MB(1), gpa_of(registered), PAGE_SIZE),
             0);
    warm((unsigned long)mapped, mapped);
    CHECK_RC(swtlb_insert(0, (unsigned long)mapped, gpa_of(registered),
                          PAGE_SIZE), 0);
    warm((unsigned long)mapped, registered);
    CHECK_RC(swtlb_purge(0, (unsigned long)mapped, PAGE_SIZE), 0);
    warm((unsigned long)mapped, mapped);
    /* In a part of the page only. */
    CHECK_RC(swtlb_insert(0, (unsigned long)mapped + 2000,
                          gpa_of(registered) + 2000, 1000), 0);
    warm((unsigned long)mapped, mapped);
    warm((unsigned long)mapped + 2000, registered + 2000);
    CHECK_RC(swtlb_purge_all(0), 0);
    warm((unsigned long)mapped, mapped);
}

struct job {
    unsigned long gva;
    uint8_t *mem;
};

static void warm_job(void *arg)
{
    const struct job *job = arg;

    warm(job->gva, job->mem);
}

static void faults_job(void *arg)
{
    check_faults(((const struct job *)arg)->gva);
}

/* vCPU 1 remembers; vCPU 0 changes what vCPU 1's table says. */
static void test_other_vcpu(uint8_t *pages, unsigned int with)
{
    struct job job = { WINDOW + 500, pages + 500 };
    uint8_t *other = pages + PAGE_SIZE;
    unsigned int i;

    for ( i = 0; i < 4; i++ )
    {
        uint8_t *now = i % 2 ? other : pages;

        job.mem = now + 500;
        CHECK_RC(swtlb_insert(with, WINDOW, gpa_of(now), PAGE_SIZE), 0);
        vcpu_run(1, warm_job, &job);
        CHECK_RC(swtlb_purge(with, WINDOW, PAGE_SIZE), 0);
        if ( i < 2 )
            vcpu_run(1, faults_job, &job);
    }

    /* All at once, and the trimming of an entry. */
    CHECK_RC(swtlb_insert(with, WINDOW, gpa_of(pages), PAGE_SIZE), 0);
    job.mem = pages + 500;
    vcpu_run(1, warm_job, &job);
    CHECK_RC(swtlb_purge(XEN_SWTLB_ALL_VCPUS, WINDOW + 600, 1), 0);
    vcpu_run(1, faults_job, &job);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    vcpu_run(1, faults_job, &job);
}

/* Each has its own; then both have the same; then each its own again. */
static void test_sharing(uint8_t *pages)
{
    struct job job = { WINDOW + 500, pages + PAGE_SIZE + 500 };

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(pages), PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(pages) + PAGE_SIZE, PAGE_SIZE),
             0);
    warm(WINDOW + 500, pages + 500);
    vcpu_run(1, warm_job, &job);
    warm(WINDOW + 500, pages + 500);

    CHECK_RC(swtlb_purge_all(1), 0);
    CHECK_RC(swtlb_share(1, 0), 0);
    job.mem = pages + 500;
    vcpu_run(1, warm_job, &job);
    warm(WINDOW + 500, pages + 500);

    CHECK_RC(swtlb_purge_all(1), 0);
    vcpu_run(1, faults_job, &job);
    warm(WINDOW + 500, pages + 500);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(pages) + PAGE_SIZE, PAGE_SIZE),
             0);
    job.mem = pages + PAGE_SIZE + 500;
    vcpu_run(1, warm_job, &job);
    warm(WINDOW + 500, pages + 500);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);

    /* As in test_other_vcpu(), with vCPU 0's table for vCPU 1's. */
    CHECK_RC(swtlb_share(1, 0), 0);
    test_other_vcpu(pages, 0);
}

void test_main(void)
{
    uint8_t *pages = alloc_pages(4);

    swtlb_require();
    vcpu_require(2);
    vcpu_start(1);

    test_collisions(pages);
    test_many(NR_SLOTS + 3);
    test_many(3 * NR_SLOTS);
    test_parts(pages);
    test_updates(pages, 0);
    test_updates(pages, XEN_SWTLB_FLAG_pinned);
    test_gap(pages);
    test_other_vcpu(pages, 1);
    test_sharing(pages);
    CHECK_ENTRIES(0, 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, 0);
}
