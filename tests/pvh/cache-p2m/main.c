/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Xen remembers the pages that copies through an entry found.  For each kind
 * of change of its P2M that a dom0 can make to itself: copies through an
 * entry make Xen remember the page, then comes the change, and the next copy
 * through the entry does what one by a walk of the same gpa does, which is by
 * way of the identity mapping that no entry covers.
 *
 * What a dom0 cannot do to itself:
 *  - dirty logging (paging_domctl() refuses a domain's own), types by device
 *    model (dm_op needs another domain), mem_access, paging and sharing (the
 *    same): test_refused() shows that for those that QEMU's Xen has.  In
 *    p2m-types they are done to a domU while it copies.
 *  - XENMEM_exchange is refused (test_exchange()).
 *  - XENMEM_increase_reservation gives memory without a place in the P2M.
 *  - altp2m needs VT-x; and copies use the host P2M, whatever view is active.
 *  - populate on demand, for which dom0 would have to be built so.
 * The unit tests have the rest.
 */

#include <pvh.h>
#include <domu.h>

#include <public/grant_table.h>
#include <public/hvm/dm_op.h>

TEST_TITLE("changes of the P2M behind pages that Xen remembers");

#define SIZE        200
/* Where in a page: shared info has nothing there that Xen reads. */
#define OFFSET      3800
/* The first references are reserved. */
#define GRANT_REF   20

static uint8_t buf[SIZE];
static unsigned int seed;

static unsigned long gfn_of(const void *page)
{
    return gpa_of(page) >> PAGE_SHIFT;
}

/* Make Xen hold new bytes, which are in buf then. */
static void load(void)
{
    fill(buf, SIZE, ++seed);
    REQUIRE_RC(xen_take((unsigned long)buf, SIZE), 0);
}

/* Read and written at gva; true if what Xen saw is what is in mem. */
static bool copies_are_of(unsigned long gva, uint8_t *mem)
{
    fill(mem, SIZE, ++seed);
    if ( !CHECK_RC(xen_take(gva, SIZE), 0) ||
         !CHECK_RC(xen_give((unsigned long)buf, SIZE), 0) ||
         !CHECK_MEM(buf, mem, SIZE) )
        return false;

    load();

    return CHECK_RC(xen_give(gva, SIZE), 0) && CHECK_MEM(mem, buf, SIZE);
}

/* Until Xen remembers it, and then from what it remembers. */
static void warm(const char *what, unsigned long gva, uint8_t *page)
{
    struct xen_swtlb_stats before = swtlb_stats(0), after;
    unsigned int i;

    for ( i = 0; i < 3; i++ )
        if ( !copies_are_of(gva + OFFSET, page + OFFSET) )
            test_failure("... before: %s", what);

    after = swtlb_stats(0);
    CHECK(after.hit_bytes - before.hit_bytes >= 6 * SIZE);
}

/*
 * After the change: the copy through the entry first, as the walk has to make
 * no difference to it.
 */
static void check_as_walk(const char *what, unsigned long gva, uint8_t *page,
                          long expected)
{
    static uint8_t hit[SIZE];
    unsigned long walk = (unsigned long)page + OFFSET;
    bool ok;

    gva += OFFSET;
    ok = CHECK_RC(xen_take(gva, SIZE), expected);
    if ( !expected )
    {
        REQUIRE_RC(xen_give((unsigned long)hit, SIZE), 0);
        ok &= CHECK_RC(xen_take(walk, SIZE), 0);
        REQUIRE_RC(xen_give((unsigned long)buf, SIZE), 0);
        ok &= CHECK_MEM(hit, buf, SIZE);
        ok &= copies_are_of(gva, page + OFFSET);
    }
    else
    {
        ok &= CHECK_RC(xen_take(walk, SIZE), expected);
        load();
        ok &= CHECK_RC(xen_give(gva, SIZE), expected);
        ok &= CHECK_RC(xen_give(walk, SIZE), expected);
    }

    if ( !ok )
        test_failure("... after: %s", what);
}

static void decrease(uint8_t *page)
{
    REQUIRE_RC(hypercall_decrease_reservation(gfn_of(page)), 1);
}

static void populate(uint8_t *page)
{
    REQUIRE_RC(hypercall_populate(gfn_of(page)), 1);
}

static long add_to_physmap(unsigned int space, unsigned long idx,
                           uint8_t *page)
{
    struct xen_add_to_physmap arg = {
        .domid = DOMID_SELF,
        .space = space,
        .idx = idx,
        .gpfn = gfn_of(page),
    };

    return hypercall_memory_op(XENMEM_add_to_physmap, &arg);
}

static void remove(uint8_t *page)
{
    struct xen_remove_from_physmap arg = {
        .domid = DOMID_SELF,
        .gpfn = gfn_of(page),
    };

    REQUIRE_RC(hypercall_memory_op(XENMEM_remove_from_physmap, &arg), 0);
}

/* Out, which faults, and in, which is another page. */
static void test_balloon(uint8_t *page)
{
    unsigned int i;

    for ( i = 0; i < 4; i++ )
    {
        warm("decrease", WINDOW, page);
        decrease(page);
        check_as_walk("decrease", WINDOW, page, -XEN_EFAULT);
        populate(page);
        check_as_walk("populate", WINDOW, page, 0);

        /* Without a copy in between that could notice. */
        warm("both", WINDOW, page);
        decrease(page);
        populate(page);
        check_as_walk("both", WINDOW, page, 0);
    }
}

static void test_remove(uint8_t *page)
{
    warm("remove", WINDOW, page);
    remove(page);
    check_as_walk("remove", WINDOW, page, -XEN_EFAULT);
    populate(page);
    check_as_walk("populate after remove", WINDOW, page, 0);
}

/* For PV guests; refused, but only after Xen has begun. */
static void test_exchange(uint8_t *page)
{
    xen_pfn_t in = gfn_of(page), out = gfn_of(page);
    struct xen_memory_exchange arg = {
        .in = { .nr_extents = 1, .domid = DOMID_SELF },
        .out = { .nr_extents = 1, .domid = DOMID_SELF },
    };

    set_xen_guest_handle(arg.in.extent_start, &in);
    set_xen_guest_handle(arg.out.extent_start, &out);
    warm("exchange", WINDOW, page);
    CHECK_RC(hypercall_memory_op(XENMEM_exchange, &arg), -XEN_EOPNOTSUPP);
    check_as_walk("exchange", WINDOW, page, 0);
}

/* What Xen has for the domain, in place of the page, and that back. */
static void test_space(const char *what, unsigned int space, uint8_t *page)
{
    warm(what, WINDOW, page);
    REQUIRE_RC(add_to_physmap(space, 0, page), 0);
    check_as_walk(what, WINDOW, page, 0);
    warm(what, WINDOW, page);
    remove(page);
    check_as_walk(what, WINDOW, page, -XEN_EFAULT);
    populate(page);
    check_as_walk(what, WINDOW, page, 0);
}

/* Two entries: the page that one had remembered is what the other has now. */
static void test_move(uint8_t *page, uint8_t *other)
{
    unsigned long gva = WINDOW + MB(1);
    static uint8_t moved[SIZE];

    CHECK_RC(swtlb_insert(0, gva, gpa_of(other), PAGE_SIZE), 0);
    warm("move, to", WINDOW, page);
    warm("move, from", gva, other);
    memcpy(moved, other + OFFSET, SIZE);

    REQUIRE_RC(add_to_physmap(XENMAPSPACE_gmfn, gfn_of(other), page), 0);
    CHECK_RC(xen_take(WINDOW + OFFSET, SIZE), 0);
    CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
    CHECK_MEM(buf, moved, SIZE);
    check_as_walk("move, to", WINDOW, page, 0);
    check_as_walk("move, from", gva, other, -XEN_EFAULT);

    populate(other);
    check_as_walk("move, from", gva, other, 0);
    check_as_walk("move, to", WINDOW, page, 0);
    CHECK_RC(swtlb_purge(0, gva, PAGE_SIZE), 0);
}

static long grant_op(unsigned int cmd, void *arg)
{
    return hypercall3(__HYPERVISOR_grant_table_op, cmd, (unsigned long)arg,
                      1);
}

/* A grant of our own, mapped at the gpa of the entry. */
static void test_grant(grant_entry_v1_t *table, uint8_t *page, bool readonly)
{
    struct gnttab_map_grant_ref map = {
        .host_addr = gpa_of(page),
        .flags = GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0),
        .ref = GRANT_REF,
    };
    struct gnttab_unmap_grant_ref unmap = { .host_addr = gpa_of(page) };
    uint8_t *granted = alloc_pages(1);
    static uint8_t bytes[SIZE];

    /* Xen takes it away from where it is. */
    fill(bytes, SIZE, 77);
    memcpy(granted + OFFSET, bytes, SIZE);
    table[GRANT_REF].domid = 0;
    table[GRANT_REF].frame = gfn_of(granted);
    barrier();
    table[GRANT_REF].flags = GTF_permit_access;

    warm("grant", WINDOW, page);
    decrease(page);
    REQUIRE_RC(grant_op(GNTTABOP_map_grant_ref, &map), 0);
    REQUIRE_RC(map.status, GNTST_okay);
    /* Copies do not use what is only granted. */
    check_as_walk("grant", WINDOW, page, -XEN_EFAULT);
    CHECK_MEM(page + OFFSET, bytes, SIZE);

    unmap.handle = map.handle;
    REQUIRE_RC(grant_op(GNTTABOP_unmap_grant_ref, &unmap), 0);
    REQUIRE_RC(unmap.status, GNTST_okay);
    check_as_walk("grant unmapped", WINDOW, page, -XEN_EFAULT);
    table[GRANT_REF].flags = 0;
    populate(page);
    check_as_walk("populate after grant", WINDOW, page, 0);
}

/*
 * One page in the middle of a superpage, which Xen splits for that: the others
 * go on, and the data in them is what it was.
 */
static void test_superpage(void)
{
    static const unsigned int warmed[] = { 0, 99, 100, 101, 102, 511 };
    uint8_t *mem = alloc_aligned(MB(2), MB(2)), *out = mem + 100 * PAGE_SIZE;
    unsigned long gva = WINDOW + MB(32);
    unsigned int i, round;

    CHECK_RC(swtlb_insert(0, gva, gpa_of(mem), MB(2)), 0);
    for ( round = 0; round < 2; round++ )
    {
        for ( i = 0; i < ARRAY_SIZE(warmed); i++ )
            warm("superpage", gva + warmed[i] * PAGE_SIZE,
                 mem + warmed[i] * PAGE_SIZE);
        decrease(out);
        check_as_walk("out of a superpage", gva + 100 * PAGE_SIZE, out,
                      -XEN_EFAULT);
        for ( i = 0; i < ARRAY_SIZE(warmed); i++ )
            if ( warmed[i] != 100 )
                check_as_walk("beside a hole", gva + warmed[i] * PAGE_SIZE,
                              mem + warmed[i] * PAGE_SIZE, 0);
        populate(out);
        check_as_walk("into a superpage", gva + 100 * PAGE_SIZE, out, 0);
    }
    CHECK_RC(swtlb_purge(0, gva, MB(2)), 0);
}

/*
 * Pages of another domain, one after the other at the same gpa, and memory of
 * a device.  (No 32-bit caller has the hypercalls.)
 */
#ifdef __x86_64__
static void test_foreign(void)
{
    unsigned int domid = domu_create(), i;
    uint8_t *page;

    domu_populate(domid, 1, 2);
    page = domu_map(domid, 1);
    CHECK_RC(swtlb_insert(0, WINDOW + MB(2), gpa_of(page), PAGE_SIZE), 0);

    for ( i = 0; i < 3; i++ )
    {
        warm("foreign", WINDOW + MB(2), page);
        domu_unmap(page);
        check_as_walk("foreign", WINDOW + MB(2), page, -XEN_EFAULT);
        if ( i == 1 )
        {
            populate(page);
            warm("own after foreign", WINDOW + MB(2), page);
            decrease(page);
        }
        /* To the same place: it is free again. */
        CHECK(domu_map(domid, 2 - i % 2) == page);
        check_as_walk("next foreign", WINDOW + MB(2), page, 0);
    }

    domu_unmap(page);
    CHECK_RC(swtlb_purge(0, WINDOW + MB(2), PAGE_SIZE), 0);
    domu_destroy(domid);
}

static void map_device(uint8_t *page, bool add)
{
    struct xen_domctl op = {
        .u.memory_mapping = {
            .first_gfn = gfn_of(page),
            .first_mfn = 0xb8,
            .nr_mfns = 1,
            .add_mapping = add,
        },
    };

    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_memory_mapping, 0, &op), 0);
}

/* Whatever a walk makes of the device's memory. */
static void test_device(uint8_t *page)
{
    long rc;

    warm("device", WINDOW, page);
    decrease(page);
    map_device(page, true);
    rc = xen_take((unsigned long)page, SIZE);
    CHECK_RC(xen_take(WINDOW, SIZE), rc);
    load();
    rc = xen_give((unsigned long)page, SIZE);
    CHECK_RC(xen_give(WINDOW, SIZE), rc);
    map_device(page, false);
    check_as_walk("device unmapped", WINDOW, page, -XEN_EFAULT);
    populate(page);
    check_as_walk("populate after device", WINDOW, page, 0);
}

/* See above.  Were one of them allowed, it would have to be tested here. */
static void test_refused(uint8_t *page)
{
    struct xen_domctl op = {};
    struct xen_dm_op dm = {
        .op = XEN_DMOP_set_mem_type,
        .u.set_mem_type = {
            .nr = 1,
            .mem_type = HVMMEM_ram_ro,
            .first_pfn = gfn_of(page),
        },
    };
    struct xen_dm_op_buf dm_buf = { .size = sizeof(dm) };
    xen_mem_access_op_t access = {
        .op = XENMEM_access_op_set_access,
        .access = XENMEM_access_r,
        .domid = DOMID_SELF,
        .nr = 1,
        .pfn = gfn_of(page),
    };

    warm("refused", WINDOW, page);
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY;
    CHECK_RC(hypercall_domctl(XEN_DOMCTL_shadow_op, 0, &op), -XEN_EINVAL);
    set_xen_guest_handle(dm_buf.h, (void *)&dm);
    CHECK_RC(hypercall3(__HYPERVISOR_dm_op, 0, 1, (unsigned long)&dm_buf),
             -XEN_EPERM);
    CHECK(hypercall_memory_op(XENMEM_access_op, &access) < 0);
    warm("still refused", WINDOW, page);
}
#endif

void test_main(void)
{
    uint8_t *page = alloc_pages(1), *table = alloc_pages(1);

    swtlb_require();
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);

    test_balloon(page);
    test_remove(page);
    test_exchange(page);
    test_space("shared info", XENMAPSPACE_shared_info, page);
    test_space("grant table", XENMAPSPACE_grant_table, page);
    test_move(page, alloc_pages(1));
    REQUIRE_RC(add_to_physmap(XENMAPSPACE_grant_table, 0, table), 0);
    test_grant((void *)table, page, false);
    test_grant((void *)table, page, true);
    test_superpage();
#ifdef __x86_64__
    test_refused(page);
    test_device(page);
    test_foreign();
#endif
    CHECK_ENTRIES(0, 1);
}
