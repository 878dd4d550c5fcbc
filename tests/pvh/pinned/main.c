/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinned entries: copies through them, what queries say of them, every way in
 * which they end and give their pages back, and that copies find what comes to
 * their gpas.
 */

#include <pvh.h>

TEST_TITLE("pinned entries, and the pages they hold");

#define SIZE    400
#define GAP     MB(1)

static uint8_t buf[SIZE];

static unsigned long gfn_of(const void *page)
{
    return gpa_of(page) >> PAGE_SHIFT;
}

static unsigned int nr_pinned(void)
{
    return swtlb_state(0).nr_pinned;
}

/* Pages that the domain has, in its P2M or not. */
static long domain_pages(void)
{
    domid_t self = DOMID_SELF;

    return hypercall_memory_op(XENMEM_current_reservation, &self);
}

/* Other pages of the machine's, in another order: not contiguous any more. */
static void shuffle(uint8_t *pages)
{
    static const uint8_t order[] = { 2, 0, 3, 1 };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(order); i++ )
        REQUIRE_RC(hypercall_decrease_reservation(gfn_of(pages) + i), 1);
    for ( i = 0; i < ARRAY_SIZE(order); i++ )
        REQUIRE_RC(hypercall_populate(gfn_of(pages) + order[i]), 1);
    memset(pages, 0, ARRAY_SIZE(order) * PAGE_SIZE);
}

static void check_faults(unsigned long gva)
{
    /* Xen gives no more than it took last. */
    REQUIRE_RC(xen_take((unsigned long)buf, SIZE), 0);
    CHECK_RC(xen_take(gva, SIZE), -XEN_EFAULT);
    CHECK_RC(xen_give(gva, SIZE), -XEN_EFAULT);
}

/* Less than a page, with an end and a beginning inside of it. */
static void test_single(uint8_t *page)
{
    struct piece piece = { WINDOW + 100, 3000, page + 100 };
    struct xen_swtlb_stats before, after;
    unsigned int copies;

    CHECK_RC(swtlb_insert_pinned(0, WINDOW + 100, gpa_of(page) + 100, 3000),
             0);
    CHECK_PINNED(0, 0, WINDOW + 100, gpa_of(page) + 100, 3000);
    CHECK_EQ(nr_pinned(), 1);
    CHECK_EQ(swtlb_state(1).nr_pinned, 1);

    before = swtlb_stats(0);
    copies = check_pieces(&piece, 1);
    after = swtlb_stats(0);
    /* A copy in and one out; the others are of the test's own buffers. */
    CHECK(after.hits - before.hits >= 2 * copies);
    CHECK(after.hit_bytes > before.hit_bytes);
    CHECK_EQ(after.faults, before.faults);

    /* One byte before, one behind. */
    check_faults(WINDOW + 99);
    check_faults(WINDOW + 3100 - SIZE + 1);
    CHECK_RC(xen_take(WINDOW + 3100 - SIZE, SIZE), 0);

    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    CHECK_EQ(nr_pinned(), 0);
    check_faults(WINDOW + 100);
}

/* Several pages that are contiguous as gpas, and nowhere in the machine. */
static void test_pages(uint8_t *pages)
{
    static const struct {
        unsigned int start, size, pages;
    } cases[] = {
        { 0, 4 * PAGE_SIZE, 4 }, { 4095, PAGE_SIZE + 2, 3 },
        { 123, 3 * PAGE_SIZE, 4 }, { 8, 2 * PAGE_SIZE - 8, 2 },
        { 4000, 4 * PAGE_SIZE - 4000 - 1, 4 },
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(cases); i++ )
    {
        unsigned long gva = WINDOW + cases[i].start;
        struct piece piece = { gva, cases[i].size, pages + cases[i].start };

        CHECK_RC(swtlb_insert_pinned(0, gva, gpa_of(pages) + cases[i].start,
                                     cases[i].size), 0);
        CHECK_PINNED(0, 0, gva, gpa_of(pages) + cases[i].start,
                     cases[i].size);
        CHECK_EQ(nr_pinned(), cases[i].pages);
        check_pieces(&piece, 1);
        check_faults(gva + cases[i].size - SIZE + 1);
        CHECK_RC(swtlb_purge_all(0), 0);
        CHECK_EQ(nr_pinned(), 0);
    }
}

/*
 * Contiguous gvas over gpas that are not, which takes an entry for each run of
 * them: pages 2, 0, 1 and 3.  The run of two is plain where mixed.
 */
static void test_runs(uint8_t *pages, bool mixed)
{
    struct piece pieces[] = {
        { WINDOW, PAGE_SIZE, pages + 2 * PAGE_SIZE },
        { WINDOW + PAGE_SIZE, 2 * PAGE_SIZE, pages },
        { WINDOW + 3 * PAGE_SIZE, PAGE_SIZE, pages + 3 * PAGE_SIZE },
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(pieces); i++ )
        CHECK_RC(swtlb_insert_flags(0, pieces[i].gva, gpa_of(pieces[i].mem),
                                    pieces[i].len, mixed && i == 1
                                    ? 0 : XEN_SWTLB_FLAG_pinned), 0);
    CHECK_EQ(nr_pinned(), mixed ? 2 : 4);
    CHECK_ENTRIES(0, 3);
    check_pieces(pieces, ARRAY_SIZE(pieces));

    CHECK_RC(swtlb_purge(0, WINDOW, 4 * PAGE_SIZE), 0);
    CHECK_EQ(nr_pinned(), 0);
}

/* Pages are given back with the last part of their entry. */
static void test_parts(uint8_t *pages)
{
    struct piece low = { WINDOW, PAGE_SIZE, pages };
    struct piece high = { WINDOW + 2 * PAGE_SIZE + 16, 2 * PAGE_SIZE - 16,
                          pages + 2 * PAGE_SIZE + 16 };

    CHECK_RC(swtlb_insert_pinned(0, WINDOW, gpa_of(pages), 4 * PAGE_SIZE), 0);
    CHECK_RC(swtlb_purge(0, WINDOW + PAGE_SIZE, PAGE_SIZE + 16), 0);
    CHECK_PINNED(0, 0, low.gva, gpa_of(low.mem), low.len);
    CHECK_PINNED(0, 1, high.gva, gpa_of(high.mem), high.len);
    CHECK_EQ(nr_pinned(), 4);
    check_pieces(&low, 1);
    check_pieces(&high, 1);
    check_faults(WINDOW + PAGE_SIZE - SIZE + 1);
    check_faults(high.gva - 1);

    /* What is gone can be had for something else meanwhile. */
    CHECK_RC(swtlb_insert_pinned(0, WINDOW + PAGE_SIZE, gpa_of(pages), 16),
             0);
    CHECK_EQ(nr_pinned(), 5);
    CHECK_RC(swtlb_purge(0, WINDOW + PAGE_SIZE, 16), 0);
    CHECK_EQ(nr_pinned(), 4);

    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    CHECK_EQ(nr_pinned(), 4);
    check_pieces(&high, 1);
    CHECK_RC(swtlb_purge(0, WINDOW, 3 * PAGE_SIZE), 0);
    CHECK_EQ(nr_pinned(), 4);
    CHECK_RC(swtlb_purge(0, WINDOW, 4 * PAGE_SIZE), 0);
    CHECK_EQ(nr_pinned(), 0);
    CHECK_ENTRIES(0, 0);
}

static void pin_on(unsigned int vcpuid, uint8_t *pages)
{
    CHECK_RC(swtlb_insert_pinned(vcpuid, WINDOW, gpa_of(pages),
                                 2 * PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert_pinned(vcpuid, WINDOW + GAP, gpa_of(pages), SIZE),
             0);
    CHECK_EQ(nr_pinned(), 3);
}

static void take(void *rc)
{
    *(long *)rc = xen_take(WINDOW, SIZE);
}

static void test_ends(uint8_t *pages)
{
    long rc = 1;

    pin_on(0, pages);
    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK_EQ(nr_pinned(), 0);

    pin_on(1, pages);
    vcpu_run(1, take, &rc);
    CHECK_RC(rc, 0);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(nr_pinned(), 0);

    pin_on(1, pages);
    vcpu_down(1);
    CHECK_EQ(nr_pinned(), 0);
    vcpu_up(1);

    pin_on(1, pages);
    vcpu_init(1);
    CHECK_EQ(nr_pinned(), 0);

    /* For a vCPU that is not up, to use once it is. */
    pin_on(1, pages);
    vcpu_start(1);
    vcpu_run(1, take, &rc);
    CHECK_RC(rc, 0);
    vcpu_init(1);
    CHECK_EQ(nr_pinned(), 0);
    vcpu_start(1);
    vcpu_run(1, take, &rc);
    CHECK_RC(rc, -XEN_EFAULT);
}

/* Pages of a shared table are counted once, and stay until the last leaves. */
static void test_shared(uint8_t *pages)
{
    long rc = 1;

    pin_on(0, pages);
    CHECK_RC(swtlb_share(1, 0), 0);
    CHECK_EQ(nr_pinned(), 3);
    vcpu_run(1, take, &rc);
    CHECK_RC(rc, 0);

    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK_EQ(nr_pinned(), 3);
    CHECK_RC(xen_take(WINDOW, SIZE), -XEN_EFAULT);
    vcpu_run(1, take, &rc);
    CHECK_RC(rc, 0);
    vcpu_down(1);
    CHECK_EQ(nr_pinned(), 0);
    vcpu_up(1);
}

/* Copies follow the gpa; what was pinned is the domain's until then. */
static void test_replaced(uint8_t *page)
{
    static uint8_t old[SIZE], new[SIZE];
    long pages = domain_pages();
    unsigned int i;

    fill(page, SIZE, 1);
    CHECK_RC(swtlb_insert_pinned(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    for ( i = 0; i < 2; i++ )
        CHECK_RC(xen_take(WINDOW, SIZE), 0);
    REQUIRE_RC(hypercall_decrease_reservation(gfn_of(page)), 1);
    CHECK_EQ(domain_pages(), pages);
    CHECK_RC(xen_take((unsigned long)page, SIZE), -XEN_EFAULT);
    check_faults(WINDOW);

    REQUIRE_RC(hypercall_populate(gfn_of(page)), 1);
    CHECK_EQ(domain_pages(), pages + 1);
    fill(new, SIZE, 2);
    memcpy(page, new, SIZE);
    fill(old, SIZE, 3);
    CHECK_RC(xen_take(WINDOW, SIZE), 0);
    CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
    CHECK_MEM(buf, new, SIZE);
    CHECK_RC(xen_take((unsigned long)old, SIZE), 0);
    CHECK_RC(xen_give(WINDOW, SIZE), 0);
    CHECK_MEM(page, old, SIZE);

    CHECK_EQ(nr_pinned(), 1);
    CHECK_RC(swtlb_purge(0, WINDOW, 1), 0);
    CHECK_EQ(nr_pinned(), 1);
    CHECK_EQ(domain_pages(), pages + 1);
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    CHECK_EQ(nr_pinned(), 0);
    CHECK_EQ(domain_pages(), pages);
    CHECK_MEM(page, old, SIZE);

    /* Pinned anew, it is the new page that is held. */
    CHECK_RC(swtlb_insert_pinned(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    REQUIRE_RC(hypercall_decrease_reservation(gfn_of(page)), 1);
    CHECK_EQ(domain_pages(), pages);
    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK_EQ(domain_pages(), pages - 1);
    REQUIRE_RC(hypercall_populate(gfn_of(page)), 1);
}

/* It moves to another gfn: through the entry it is not reached any more. */
static void test_moved(uint8_t *page, uint8_t *to)
{
    struct xen_add_to_physmap arg = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_gmfn,
        .idx = gfn_of(page),
        .gpfn = gfn_of(to),
    };
    static uint8_t old[SIZE];

    fill(page, SIZE, 1);
    memcpy(old, page, SIZE);
    CHECK_RC(swtlb_insert_pinned(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    CHECK_RC(xen_take(WINDOW, SIZE), 0);
    REQUIRE_RC(hypercall_memory_op(XENMEM_add_to_physmap, &arg), 0);
    CHECK_MEM(to, old, SIZE);
    check_faults(WINDOW);
    CHECK_MEM(to, old, SIZE);
    CHECK_EQ(nr_pinned(), 1);
    CHECK_RC(swtlb_purge_all(0), 0);
    REQUIRE_RC(hypercall_populate(gfn_of(page)), 1);
}

void test_main(void)
{
    uint8_t *pages = alloc_pages(4);

    swtlb_require();
    vcpu_require(2);
    CHECK_EQ(nr_pinned(), 0);
    CHECK(swtlb_limits().flags & XEN_SWTLB_FLAG_pinned);
    vcpu_start(1);

    test_single(pages);
    test_pages(pages);
    shuffle(pages);
    test_pages(pages);
    test_runs(pages, false);
    test_runs(pages, true);
    test_parts(pages);
    test_ends(pages);
    test_shared(pages);
    test_replaced(pages);
    test_moved(pages, pages + PAGE_SIZE);
    CHECK_EQ(nr_pinned(), 0);
}
