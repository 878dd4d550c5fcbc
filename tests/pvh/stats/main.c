/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Xen's counts are exact: each hypercall here makes one copy of a known size.
 * Every query makes one more, which the next query sees as a miss.
 */

#include <pvh.h>

TEST_TITLE("counts of hits, misses, faults and bytes");

/* With room for a page below. */
#define BASE        (WINDOW + SUPERPAGE_SIZE)
#define SIZE        sizeof(struct vcpu_runstate_info)
#define QUERY_SIZE  sizeof(struct xen_swtlb_stats)

static struct xen_swtlb_stats last;
/* Bytes that are walked count only while there is something to hit. */
static bool has_entries;

/* One copy of SIZE bytes to gva. */
static void copies(unsigned long gva, unsigned int nr, long expected)
{
    while ( nr-- )
        CHECK_RC(hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, (void *)gva),
                 expected);
}

/* Since the last time, there were so many, and the query itself. */
static void check_delta(const char *what, unsigned int hits,
                        unsigned int misses, unsigned int faults,
                        unsigned int hit_bytes, unsigned int miss_bytes)
{
    struct xen_swtlb_stats now = swtlb_stats(0);
    bool ok;

    miss_bytes = has_entries ? miss_bytes + QUERY_SIZE : 0;
    ok = CHECK_EQ(now.hits - last.hits, hits) &
         CHECK_EQ(now.misses - last.misses, misses + 1) &
         CHECK_EQ(now.faults - last.faults, faults) &
         CHECK_EQ(now.hit_bytes - last.hit_bytes, hit_bytes) &
         CHECK_EQ(now.miss_bytes - last.miss_bytes, miss_bytes);

    if ( !ok )
    {
        test_failure("... of %s", what);
        /* What was printed has been copied, too. */
        now = swtlb_stats(0);
    }
    last = now;
}

static void test_hits(uint8_t *page)
{
    copies(BASE, 1, 0);
    check_delta("a hit", 1, 0, 0, SIZE, 0);
    copies(BASE + 1000, 100, 0);
    check_delta("100 hits", 100, 0, 0, 100 * SIZE, 0);
    copies(BASE + PAGE_SIZE - 10, 3, 0);
    check_delta("3 hits over a page's border", 3, 0, 0, 3 * SIZE, 0);
    copies((unsigned long)page, 7, 0);
    check_delta("7 misses", 0, 7, 0, 0, 7 * SIZE);
}

/* The entry ends at BASE + 2 pages, where page tables go on. */
static void test_partial(uint8_t *page)
{
    unsigned long end = BASE + 2 * PAGE_SIZE;

    if ( !paging_on() )
        return;

    map_4k(end, gpa_of(page), PTE_RW);
    copies(end - 10, 1, 0);
    check_delta("a copy that begins in an entry", 0, 1, 0, 10, SIZE - 10);
    unmap(end);

    map_4k(BASE - PAGE_SIZE, gpa_of(page), PTE_RW);
    copies(BASE - SIZE + 3, 5, 0);
    check_delta("5 copies that end in an entry", 0, 5, 0, 5 * 3,
                5 * (SIZE - 3));
    unmap(BASE - PAGE_SIZE);
}

/* Of pinned pages, in one piece over their border. */
static void test_pinned(uint8_t *page)
{
    unsigned long gva = BASE + MB(8);

    CHECK_RC(swtlb_insert_pinned(0, gva, gpa_of(page), 2 * PAGE_SIZE), 0);
    copies(gva + PAGE_SIZE - 10, 4, 0);
    check_delta("4 hits of pinned pages", 4, 0, 0, 4 * SIZE, 0);
    CHECK_RC(swtlb_purge(0, gva, 2 * PAGE_SIZE), 0);
}

static void test_faults(void)
{
    unsigned long gva = BASE + MB(4);

    copies(gva, 2, -XEN_EFAULT);
    check_delta("2 walks that fail", 0, 2, 2, 0, 2 * SIZE);

    CHECK_RC(swtlb_insert(0, gva, HOLE_GPA, PAGE_SIZE), 0);
    copies(gva, 3, -XEN_EFAULT);
    check_delta("3 hits that fail", 3, 0, 3, 3 * SIZE, 0);
    CHECK_RC(swtlb_purge(0, gva, PAGE_SIZE), 0);
}

static void check_idle(unsigned int vcpuid)
{
    struct xen_swtlb_stats stats = swtlb_stats(vcpuid);

    CHECK_EQ(stats.hits, 0);
    CHECK_EQ(stats.hit_bytes, 0);
}

static void use_one(void *rc)
{
    *(long *)rc = hypercall_vcpu_op(VCPUOP_get_runstate_info, 0,
                                    (void *)BASE);
}

/* Counts are the copying vCPU's, whoever it asks about. */
static void test_other_vcpu(uint8_t *page)
{
    long rc = 1;

    check_idle(1);
    CHECK_RC(swtlb_insert(1, BASE, gpa_of(page), PAGE_SIZE), 0);
    vcpu_start(1);
    last = swtlb_stats(0);
    vcpu_run(1, use_one, &rc);
    CHECK_RC(rc, 0);
    CHECK_EQ(swtlb_stats(1).hits, 1);
    CHECK_EQ(swtlb_stats(1).hit_bytes, SIZE);
    CHECK_EQ(swtlb_stats(0).hits, last.hits);
    CHECK_EQ(swtlb_stats(0).hit_bytes, last.hit_bytes);

    /* Taking the table away does not reset them. */
    CHECK_RC(swtlb_purge_all(1), 0);
    CHECK_EQ(swtlb_stats(1).hits, 1);
}

/* Without a table, everything is a miss. */
static void test_no_table(uint8_t *page)
{
    CHECK_RC(swtlb_purge_all(0), 0);
    has_entries = false;
    last = swtlb_stats(0);
    copies((unsigned long)page, 4, 0);
    check_delta("4 misses without a table", 0, 4, 0, 0, 4 * SIZE);
    copies(BASE, 4, -XEN_EFAULT);
    check_delta("4 faults without a table", 0, 4, 4, 0, 4 * SIZE);
}

void test_main(void)
{
    uint8_t *page = alloc_pages(2);

    swtlb_require();
    vcpu_require(2);

    check_idle(0);
    CHECK_RC(swtlb_insert(0, BASE, gpa_of(page), 2 * PAGE_SIZE), 0);
    has_entries = true;
    last = swtlb_stats(0);
    check_delta("nothing", 0, 0, 0, 0, 0);

    test_hits(page);
    test_partial(page);
    test_pinned(page);
    test_faults();
    test_other_vcpu(page);
    test_no_table(page);
}
