/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What cache-p2m shows for changes that a domain makes to its own P2M, for
 * those that a toolstack makes to that of a domU: copies through an entry
 * make Xen remember the page, then comes the change, and the next copy through
 * the entry does what one by a walk does.  Types of memory are in p2m-types,
 * dirty logging in log-dirty.
 */

#include <pvh.h>
#include <servant.h>

#include <public/hvm/dm_op.h>

TEST_TITLE("changes of a domU's P2M by the toolstack");

#define TARGET_GFN      SERVANT_GFN
#define OTHER_GFN       (SERVANT_GFN + 1)
/* A superpage of 2 MiB. */
#define SUPER_GFN       512
#define SUPER_ORDER     9

#define HIT_GVA         0x40000000u
#define SUPER_GVA       0x60000000u
#define GVA_OF(gfn)     ((uint32_t)(gfn) << PAGE_SHIFT)

#define ROUNDS          200

static unsigned int domid;

/* Xen reads and writes at gva, and finds what is at gfn. */
static bool check_copies(unsigned long gfn, uint32_t gva, long expected)
{
    static uint64_t last;
    uint64_t value, filled = ++last;
    bool ok;

    if ( !expected )
        servant_prepare(gfn, filled);
    ok = CHECK_RC(servant_read(gva + SERVANT_READS_AT, &value), expected);
    ok &= CHECK_RC(servant_write(gva), expected);
    if ( !expected )
        ok &= CHECK_EQ(value, filled) & CHECK(servant_written(gfn));

    return ok;
}

/* Through the entry first, as the walk has to make no difference to it. */
static void check_as_walk(const char *what, unsigned long gfn, uint32_t gva,
                          long expected)
{
    bool ok = check_copies(gfn, gva, expected);

    if ( !(ok & check_copies(gfn, GVA_OF(gfn), expected)) )
        test_failure("... after: %s", what);
}

/* Until Xen remembers it, and then from what it remembers. */
static void warm(const char *what, unsigned long gfn, uint32_t gva)
{
    struct xen_swtlb_stats before = servant_stats(), after;
    unsigned int i;

    for ( i = 0; i < 3; i++ )
        if ( !check_copies(gfn, gva, 0) )
            test_failure("... before: %s", what);

    after = servant_stats();
    CHECK(after.hits - before.hits >= 6);
}

static long reservation(unsigned int cmd, unsigned long gfn,
                        unsigned int order)
{
    xen_pfn_t frame = gfn;
    struct xen_memory_reservation arg = {
        .nr_extents = 1,
        .extent_order = order,
        .domid = domid,
    };

    set_xen_guest_handle(arg.extent_start, &frame);

    return hypercall_memory_op(cmd, &arg);
}

static void decrease(unsigned long gfn)
{
    REQUIRE_RC(reservation(XENMEM_decrease_reservation, gfn, 0), 1);
}

static void populate(unsigned long gfn)
{
    REQUIRE_RC(reservation(XENMEM_populate_physmap, gfn, 0), 1);
}

static void add_to_physmap(unsigned int space, unsigned long idx,
                           unsigned long gfn)
{
    struct xen_add_to_physmap arg = {
        .domid = domid,
        .space = space,
        .idx = idx,
        .gpfn = gfn,
    };

    REQUIRE_RC(hypercall_memory_op(XENMEM_add_to_physmap, &arg), 0);
}

static void remove(unsigned long gfn)
{
    struct xen_remove_from_physmap arg = { .domid = domid, .gpfn = gfn };

    REQUIRE_RC(hypercall_memory_op(XENMEM_remove_from_physmap, &arg), 0);
}

static void test_balloon(void)
{
    warm("decrease", TARGET_GFN, HIT_GVA);
    decrease(TARGET_GFN);
    check_as_walk("decrease", TARGET_GFN, HIT_GVA, -XEN_EFAULT);
    populate(TARGET_GFN);
    check_as_walk("populate", TARGET_GFN, HIT_GVA, 0);

    /* Without a copy in between that could notice. */
    warm("both", TARGET_GFN, HIT_GVA);
    decrease(TARGET_GFN);
    populate(TARGET_GFN);
    check_as_walk("both", TARGET_GFN, HIT_GVA, 0);
}

static void test_remove(void)
{
    warm("remove", TARGET_GFN, HIT_GVA);
    remove(TARGET_GFN);
    check_as_walk("remove", TARGET_GFN, HIT_GVA, -XEN_EFAULT);
    populate(TARGET_GFN);
    check_as_walk("populate after remove", TARGET_GFN, HIT_GVA, 0);
}

static void test_space(const char *what, unsigned int space)
{
    warm(what, TARGET_GFN, HIT_GVA);
    add_to_physmap(space, 0, TARGET_GFN);
    /* Not of the kind that dom0 could map; but the walk says what is right. */
    CHECK_RC(servant_write(HIT_GVA + SERVANT_READS_AT), 0);
    CHECK_RC(servant_write(GVA_OF(TARGET_GFN) + SERVANT_READS_AT), 0);
    remove(TARGET_GFN);
    check_as_walk(what, TARGET_GFN, HIT_GVA, -XEN_EFAULT);
    populate(TARGET_GFN);
    check_as_walk(what, TARGET_GFN, HIT_GVA, 0);
}

/* The page comes to be where another was, with what it holds. */
static void test_move(void)
{
    uint64_t value;

    populate(OTHER_GFN);
    warm("move", TARGET_GFN, HIT_GVA);
    servant_prepare(OTHER_GFN, 4711);
    add_to_physmap(XENMAPSPACE_gmfn, OTHER_GFN, TARGET_GFN);
    CHECK_RC(servant_read(HIT_GVA + SERVANT_READS_AT, &value), 0);
    CHECK_EQ(value, 4711);
    check_as_walk("move", TARGET_GFN, HIT_GVA, 0);
}

/*
 * Let the domU have a page of a device.  Without any, newer Xens do not let
 * its memory's cacheability be changed either.
 */
static void allow_device(void)
{
    struct xen_domctl op = {};

    op.u.iomem_permission.first_mfn = 0xb8;
    op.u.iomem_permission.nr_mfns = 1;
    op.u.iomem_permission.allow_access = true;
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_iomem_permission, domid, &op), 0);
}

/* Memory of a device's, of which only is said what a walk makes of it. */
static void test_device(void)
{
    struct xen_domctl op = {};

    warm("device", TARGET_GFN, HIT_GVA);
    decrease(TARGET_GFN);
    op.u.memory_mapping.first_gfn = TARGET_GFN;
    op.u.memory_mapping.first_mfn = 0xb8;
    op.u.memory_mapping.nr_mfns = 1;
    op.u.memory_mapping.add_mapping = true;
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_memory_mapping, domid, &op), 0);
    CHECK_EQ(servant_write(HIT_GVA), servant_write(GVA_OF(TARGET_GFN)));

    op.u.memory_mapping.add_mapping = false;
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_memory_mapping, domid, &op), 0);
    check_as_walk("device unmapped", TARGET_GFN, HIT_GVA, -XEN_EFAULT);
    populate(TARGET_GFN);
    check_as_walk("populate after device", TARGET_GFN, HIT_GVA, 0);
}

static long dm_op(struct xen_dm_op *op)
{
    struct xen_dm_op_buf buf = { .size = sizeof(*op) };

    set_xen_guest_handle(buf.h, (void *)op);

    return hypercall3(__HYPERVISOR_dm_op, domid, 1, (unsigned long)&buf);
}

/* Marks all entries of the P2M for recalculation. */
static void test_cacheability(void)
{
    struct xen_dm_op op = {
        .op = XEN_DMOP_pin_memory_cacheattr,
        .u.pin_memory_cacheattr = {
            .start = TARGET_GFN,
            .end = TARGET_GFN,
            .type = XEN_DMOP_MEM_CACHEATTR_UC,
        },
    };

    warm("cacheability", TARGET_GFN, HIT_GVA);
    REQUIRE_RC(dm_op(&op), 0);
    check_as_walk("cacheability", TARGET_GFN, HIT_GVA, 0);
    op.u.pin_memory_cacheattr.type = XEN_DMOP_DELETE_MEM_CACHEATTR;
    REQUIRE_RC(dm_op(&op), 0);
    check_as_walk("cacheability restored", TARGET_GFN, HIT_GVA, 0);
}

/* Of the pages of a superpage one changes, and the others go on. */
static void test_superpage(void)
{
    static const unsigned int warmed[] = { 0, 99, 100, 101, 102, 511 };
    unsigned int i;

    REQUIRE_RC(reservation(XENMEM_populate_physmap, SUPER_GFN, SUPER_ORDER),
               1);
    CHECK_RC(servant_insert(SUPER_GVA, SUPER_GFN, 1 << SUPER_ORDER, 0), 0);
    for ( i = 0; i < ARRAY_SIZE(warmed); i++ )
        warm("superpage", SUPER_GFN + warmed[i],
             SUPER_GVA + GVA_OF(warmed[i]));

    decrease(SUPER_GFN + 100);
    for ( i = 0; i < ARRAY_SIZE(warmed); i++ )
        check_as_walk("superpage split", SUPER_GFN + warmed[i],
                      SUPER_GVA + GVA_OF(warmed[i]),
                      warmed[i] == 100 ? -XEN_EFAULT : 0);

    populate(SUPER_GFN + 100);
    for ( i = 0; i < ARRAY_SIZE(warmed); i++ )
        check_as_walk("page of a superpage", SUPER_GFN + warmed[i],
                      SUPER_GVA + GVA_OF(warmed[i]), 0);
}

/*
 * While the domU has Xen write without a pause, its page is moved away and
 * back.  Where it is meanwhile nobody writes, once the copies are over that
 * were under way.
 */
static void test_race(void)
{
    uint32_t succeeded, failed = 0;
    unsigned int round;

    servant_repeat(HIT_GVA, 1);
    for ( round = 0; round < ROUNDS; round++ )
    {
        succeeded = servant_succeeded();
        wait_until(servant_succeeded() != succeeded);
        add_to_physmap(XENMAPSPACE_gmfn, TARGET_GFN, OTHER_GFN);
        servant_sync();
        servant_prepare(OTHER_GFN, 0);
        succeeded = servant_succeeded();
        failed = servant_failed();
        servant_sync();
        if ( !CHECK_EQ(servant_succeeded(), succeeded) ||
             !CHECK(servant_failed() != failed) ||
             !CHECK(!servant_written(OTHER_GFN)) )
            break;
        add_to_physmap(XENMAPSPACE_gmfn, OTHER_GFN, TARGET_GFN);
    }

    servant_stop();
    printk("%u rounds, %u writes, %u refused\n", round, servant_succeeded(),
           servant_failed());
}

void test_main(void)
{
    swtlb_require();
    domid = servant_start();
    domu_populate(domid, TARGET_GFN, 1);
    CHECK_RC(servant_insert(HIT_GVA, TARGET_GFN, 1, 0), 0);
    allow_device();

    test_balloon();
    test_remove();
    test_space("shared info", XENMAPSPACE_shared_info);
    test_space("grant table", XENMAPSPACE_grant_table);
    test_move();
    test_cacheability();
    test_superpage();
    test_race();
    test_device();

    servant_end();
}
