/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dirty logging goes on and off while a domU has Xen write to its memory
 * without a pause.  What is done here to the pages is what live migration
 * does: send them all, then again and again those that are marked as dirty,
 * at last those marked when the domU has been paused.  If a write of Xen's is
 * not marked then what was sent differs from what is there.
 */

#include <pvh.h>
#include <servant.h>

TEST_TITLE("migration of pages that Xen writes to through entries");

/* A superpage, which dirty logging splits, and pages of 4 KiB. */
#define SUPER_GFN       512
#define SUPER_ORDER     9
#define SMALL_GFN       256
#define NR_PAGES        16

#define SUPER_GVA       0x40000000u
#define SMALL_GVA       0x48000000u
#define PINNED_GVA      0x50000000u

#define MIGRATIONS      4
#define ITERATIONS      6
/* A bit for each gfn below the end of the superpage. */
#define NR_BITS         1024

static unsigned int domid;
static uint8_t bitmap[NR_BITS / 8];
static uint8_t *sent;

/* What is in the bitmap then has been dirty until now. */
static void dirty_op(uint32_t what)
{
    struct xen_domctl op = {};

    op.u.shadow_op.op = what;
    if ( what == XEN_DOMCTL_SHADOW_OP_CLEAN )
    {
        op.u.shadow_op.pages = NR_BITS;
        set_xen_guest_handle(op.u.shadow_op.dirty_bitmap, bitmap);
    }
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_shadow_op, domid, &op), 0);
}

static void domctl(uint32_t cmd)
{
    struct xen_domctl op = {};

    REQUIRE_RC(hypercall_domctl(cmd, domid, &op), 0);
}

static bool is_dirty(unsigned long gfn)
{
    return bitmap[gfn / 8] & (1 << gfn % 8);
}

/* Returns how many were sent. */
static unsigned int send(unsigned long gfn, bool all)
{
    unsigned int i, nr = 0;

    for ( i = 0; i < NR_PAGES; i++ )
    {
        void *page;

        if ( !all && !is_dirty(gfn + i) )
            continue;
        page = domu_map(domid, gfn + i);
        memcpy(sent + i * PAGE_SIZE, page, PAGE_SIZE);
        domu_unmap(page);
        nr++;
    }

    return nr;
}

static bool check_sent(unsigned long gfn)
{
    bool ok = true;
    unsigned int i;

    for ( i = 0; i < NR_PAGES; i++ )
    {
        void *page = domu_map(domid, gfn + i);

        ok &= CHECK_MEM(sent + i * PAGE_SIZE, page, PAGE_SIZE);
        domu_unmap(page);
    }

    return ok;
}

/* Of pages that are written to.  Returns how many were sent. */
static unsigned int migrate(unsigned long gfn)
{
    unsigned int i, nr;

    dirty_op(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
    nr = send(gfn, true);
    for ( i = 0; i < ITERATIONS; i++ )
    {
        servant_sync();
        dirty_op(XEN_DOMCTL_SHADOW_OP_CLEAN);
        nr += send(gfn, false);
    }

    domctl(XEN_DOMCTL_pausedomain);
    dirty_op(XEN_DOMCTL_SHADOW_OP_CLEAN);
    nr += send(gfn, false);
    if ( !check_sent(gfn) )
        test_failure("... of the pages from gfn %lu on", gfn);
    dirty_op(XEN_DOMCTL_SHADOW_OP_OFF);
    domctl(XEN_DOMCTL_unpausedomain);

    return nr;
}

static void test_migrations(const char *what, unsigned long gfn, uint32_t gva)
{
    struct xen_swtlb_stats before = servant_stats(), after;
    unsigned int i, nr = 0;
    uint32_t hits, written;

    servant_repeat(gva, NR_PAGES);
    for ( i = 0; i < MIGRATIONS; i++ )
    {
        /* Xen remembers the pages as they are without dirty logging. */
        unsigned int turn;

        for ( turn = 0; turn < 2 * NR_PAGES; turn++ )
            servant_sync();
        nr += migrate(gfn);
    }
    servant_stop();
    CHECK_EQ(servant_failed(), 0);
    written = servant_succeeded();

    after = servant_stats();
    hits = after.hits - before.hits;
    printk("%s: %u writes, %u hits, %u pages sent\n", what, written,
           hits, nr);
    if ( gva != gfn << PAGE_SHIFT )
        CHECK(hits >= written);
    /* Or what was sent at first was all, and the bitmap did not matter. */
    if ( nr < MIGRATIONS * (NR_PAGES + 4) )
        test_error("only %u pages sent", nr);
}

static void populate_superpage(void)
{
    xen_pfn_t frame = SUPER_GFN;
    struct xen_memory_reservation arg = {
        .nr_extents = 1,
        .extent_order = SUPER_ORDER,
        .domid = domid,
    };

    set_xen_guest_handle(arg.extent_start, &frame);
    REQUIRE_RC(hypercall_memory_op(XENMEM_populate_physmap, &arg), 1);
}

void test_main(void)
{
    swtlb_require();
    sent = alloc_pages(NR_PAGES);
    domid = servant_start();
    domu_populate(domid, SMALL_GFN, NR_PAGES);
    populate_superpage();
    CHECK_RC(servant_insert(SUPER_GVA, SUPER_GFN, NR_PAGES, 0), 0);
    CHECK_RC(servant_insert(SMALL_GVA, SMALL_GFN, NR_PAGES, 0), 0);
    CHECK_RC(servant_insert(PINNED_GVA, SMALL_GFN, NR_PAGES,
                            XEN_SWTLB_FLAG_pinned), 0);

    test_migrations("superpage", SUPER_GFN, SUPER_GVA);
    test_migrations("walked", SMALL_GFN, SMALL_GFN << PAGE_SHIFT);
    test_migrations("small pages", SMALL_GFN, SMALL_GVA);
    test_migrations("pinned", SMALL_GFN, PINNED_GVA);

    servant_end();
}
