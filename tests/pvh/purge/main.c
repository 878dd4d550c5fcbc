/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is left of entries when a range of them is purged, and that the rest
 * still leads to the same gpas.
 */

#include <pvh.h>

TEST_TITLE("purge: whole, trimmed and split entries, one vCPU and all");

#define GPA     0x1000000ul
#define BASE    WINDOW

struct range {
    unsigned int start, end;    /* none if both are zero */
};

/* The entries before, what is purged, and what remains. */
static const struct {
    const char *name;
    struct range before[3], purged, after[4];
} cases[] = {
    { "exactly",         /* [1000    2000)                      */
        { { 1000, 2000 } }, { 1000, 2000 }, {} },
    { "more",
        { { 1000, 2000 } }, { 0, 9000 }, {} },
    { "head",            /* x----x                              */
        { { 1000, 2000 } }, { 500, 1500 }, { { 1500, 2000 } } },
    { "one byte of head",
        { { 1000, 2000 } }, { 1000, 1001 }, { { 1001, 2000 } } },
    { "tail",            /*           x----x                    */
        { { 1000, 2000 } }, { 1500, 2500 }, { { 1000, 1500 } } },
    { "one byte of tail",
        { { 1000, 2000 } }, { 1999, 2000 }, { { 1000, 1999 } } },
    { "middle",          /*      x----x                         */
        { { 1000, 2000 } }, { 1200, 1300 },
        { { 1000, 1200 }, { 1300, 2000 } } },
    { "one byte of the middle",
        { { 1000, 2000 } }, { 1500, 1501 },
        { { 1000, 1500 }, { 1501, 2000 } } },
    { "several pages of the middle",
        { { 100, 20000 } }, { 4096, 12288 },
        { { 100, 4096 }, { 12288, 20000 } } },
    { "across a gap",    /* [....)   [....)   [....)            */
        { { 1000, 2000 }, { 3000, 4000 }, { 5000, 6000 } }, { 1500, 5500 },
        { { 1000, 1500 }, { 5500, 6000 } } },
    { "one of three",
        { { 1000, 2000 }, { 2000, 3000 }, { 3000, 4000 } }, { 2000, 3000 },
        { { 1000, 2000 }, { 3000, 4000 } } },
    { "split between two others",
        { { 1000, 2000 }, { 3000, 4000 }, { 5000, 6000 } }, { 3100, 3200 },
        { { 1000, 2000 }, { 3000, 3100 }, { 3200, 4000 }, { 5000, 6000 } } },
    { "last of three",
        { { 1000, 2000 }, { 3000, 4000 }, { 5000, 6000 } }, { 5000, 5001 },
        { { 1000, 2000 }, { 3000, 4000 }, { 5001, 6000 } } },
};

static unsigned int insert_ranges(unsigned int vcpuid,
                                  const struct range *r, unsigned int max)
{
    unsigned int i;

    for ( i = 0; i < max && r[i].end; i++ )
        CHECK_RC(swtlb_insert(vcpuid, BASE + r[i].start, GPA + r[i].start,
                              r[i].end - r[i].start), 0);

    return i;
}

static bool check_ranges(unsigned int vcpuid, const struct range *r,
                         unsigned int max)
{
    unsigned int i;
    bool ok = true;

    for ( i = 0; i < max && r[i].end; i++ )
        ok &= CHECK_ENTRY(vcpuid, i, BASE + r[i].start, GPA + r[i].start,
                          r[i].end - r[i].start);

    return ok & CHECK_ENTRIES(vcpuid, i);
}

static void test_case(unsigned int nr, unsigned int purge_vcpu)
{
    const struct range *p = &cases[nr].purged;
    bool all = purge_vcpu == XEN_SWTLB_ALL_VCPUS, ok;

    insert_ranges(0, cases[nr].before, 3);
    insert_ranges(1, cases[nr].before, 3);

    ok = CHECK_RC(swtlb_purge(purge_vcpu, BASE + p->start, p->end - p->start),
                  0);
    ok &= check_ranges(0, cases[nr].after, 4);
    ok &= all ? check_ranges(1, cases[nr].after, 4)
              : check_ranges(1, cases[nr].before, 3);
    if ( !ok )
        test_failure("... in case '%s', vCPU %d", cases[nr].name, purge_vcpu);

    swtlb_purge_all(XEN_SWTLB_ALL_VCPUS);
}

/* After a split, both halves are used and the hole is not. */
static void test_use(void)
{
    uint8_t *mem = alloc_pages(3);
    static uint8_t seen[40];

    CHECK_RC(swtlb_insert(0, BASE, gpa_of(mem), 3 * PAGE_SIZE), 0);
    CHECK_RC(swtlb_purge(0, BASE + PAGE_SIZE + 100, 200), 0);

    fill(mem, 3 * PAGE_SIZE, 7);
    CHECK_RC(xen_take(BASE + PAGE_SIZE + 60, 40), 0);
    CHECK_RC(xen_give((unsigned long)seen, 40), 0);
    CHECK_MEM(seen, mem + PAGE_SIZE + 60, 40);

    CHECK_RC(xen_take(BASE + PAGE_SIZE + 300, 40), 0);
    CHECK_RC(xen_give((unsigned long)seen, 40), 0);
    CHECK_MEM(seen, mem + PAGE_SIZE + 300, 40);

    CHECK_RC(xen_take(BASE + PAGE_SIZE + 61, 40), -XEN_EFAULT);
    CHECK_RC(xen_take(BASE + PAGE_SIZE + 100, 20), -XEN_EFAULT);
    CHECK_RC(xen_take(BASE + PAGE_SIZE + 280, 20), -XEN_EFAULT);
    CHECK_RC(xen_take(BASE + PAGE_SIZE + 299, 20), -XEN_EFAULT);

    CHECK_RC(swtlb_purge_all(0), 0);
}

void test_main(void)
{
    unsigned int i;

    swtlb_require();
    vcpu_require(2);

    for ( i = 0; i < ARRAY_SIZE(cases); i++ )
    {
        test_case(i, 0);
        test_case(i, XEN_SWTLB_ALL_VCPUS);
    }
    test_use();
}
