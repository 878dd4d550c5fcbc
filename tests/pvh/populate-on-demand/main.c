/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domU with more gfns than memory: Xen finds a page for a gfn when it is
 * accessed, and takes pages back that hold nothing but zeroes.  Copies through
 * an entry get pages as those by a walk do, and those which Xen remembers are
 * not written to after it has taken them back.
 */

#include <pvh.h>
#include <servant.h>

TEST_TITLE("populate on demand, by copies through entries");

#define POD_GFN         512
#define POD_ORDER       9
#define HIT_GVA         0x40000000u
#define GVA_OF(gfn)     ((uint32_t)(gfn) << PAGE_SHIFT)

/* Pages for that many gfns, which Xen remembers all. */
#define NR_PAGES        8
#define NR_GFNS         32
#define ROUNDS          8

static unsigned int domid;

static long reservation(unsigned int cmd, unsigned long gfn,
                        unsigned int order, unsigned int flags)
{
    xen_pfn_t frame = gfn;
    struct xen_memory_reservation arg = {
        .nr_extents = 1,
        .extent_order = order,
        .mem_flags = flags,
        .domid = domid,
    };

    set_xen_guest_handle(arg.extent_start, &frame);

    return hypercall_memory_op(cmd, &arg);
}

static struct xen_pod_target pod_target(unsigned int cmd, uint64_t pages)
{
    struct xen_pod_target arg = { .domid = domid, .target_pages = pages };

    REQUIRE_RC(hypercall_memory_op(cmd, &arg), 0);

    return arg;
}

/* The page holds one write of Xen's and otherwise zeroes; it is zero then. */
static bool check_written(unsigned long gfn)
{
    uint8_t *page = domu_map(domid, gfn);
    bool written = false, other = false;
    unsigned int i;

    for ( i = 0; i < PAGE_SIZE; i++ )
        if ( page[i] )
            *(i < SERVANT_WRITES ? &written : &other) = true;
    memset(page, 0, PAGE_SIZE);
    domu_unmap(page);

    return CHECK(written) & CHECK(!other);
}

/* Each gfn in turn.  Most have lost their page since their last turn. */
static void test_reclaimed(void)
{
    struct xen_swtlb_stats before = servant_stats(), after;
    unsigned int i;

    for ( i = 0; i < ROUNDS * NR_GFNS; i++ )
    {
        unsigned int nr = i % NR_GFNS;
        /* The last time, as a walk does it. */
        uint32_t gva = i < (ROUNDS - 1) * NR_GFNS ? HIT_GVA : GVA_OF(POD_GFN);

        /* The second time to where it is remembered by now. */
        if ( !CHECK_RC(servant_write(gva + GVA_OF(nr)), 0) ||
             !CHECK_RC(servant_write(gva + GVA_OF(nr)), 0) ||
             !check_written(POD_GFN + nr) )
            break;
    }

    after = servant_stats();
    printk("%u writes, %u hits\n", 2 * i,
           (unsigned int)(after.hits - before.hits));
    /* So many gfns are without a page. */
    CHECK(pod_target(XENMEM_get_pod_target, 0).pod_entries >=
          (1 << POD_ORDER) - NR_PAGES);
    if ( report_worst() == VERDICT_success )
        CHECK(after.hits - before.hits >= 2 * (ROUNDS - 1) * NR_GFNS);
}

/* The toolstack takes a page back by hand. */
static void test_decrease(void)
{
    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK_RC(servant_write(HIT_GVA), 0);
    REQUIRE_RC(reservation(XENMEM_decrease_reservation, POD_GFN, 0, 0), 1);
    CHECK_RC(servant_write(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(servant_write(GVA_OF(POD_GFN)), -XEN_EFAULT);

    /* Nor is there one for a gfn that never had one. */
    REQUIRE_RC(reservation(XENMEM_decrease_reservation, POD_GFN + 500, 0, 0),
               1);
    CHECK_RC(servant_write(HIT_GVA + GVA_OF(500)), -XEN_EFAULT);
    CHECK_RC(servant_write(GVA_OF(POD_GFN + 500)), -XEN_EFAULT);
}

void test_main(void)
{
    unsigned int own;

    swtlb_require();
    domid = servant_start();
    own = pod_target(XENMEM_get_pod_target, 0).tot_pages;
    REQUIRE_RC(reservation(XENMEM_populate_physmap, POD_GFN, POD_ORDER,
                           XENMEMF_populate_on_demand), 1);
    CHECK_EQ(pod_target(XENMEM_set_pod_target, own + NR_PAGES).tot_pages,
             own + NR_PAGES);
    CHECK_RC(servant_insert(HIT_GVA, POD_GFN, 1 << POD_ORDER, 0), 0);

    test_reclaimed();
    test_decrease();

    servant_end();
}
