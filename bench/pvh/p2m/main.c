/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the instructions of changes of a domain's P2M, by the number of its
 * vCPUs, and by whether each of these has an entry in its table: then a change
 * looks at each for a copy under way.  The domain is a domU, and paused but
 * for what its CPU does itself; what is done to it does this one, as dom0.  To
 * be run under "scripts/xen-run --icount".
 *
 * Every line
 *
 *     @measure p2m.VCPUS.ENTRIES.CHANGE VALUE instructions/CHANGES
 *
 * is one sample of so many CHANGES, with ENTRIES entries in each table:
 *
 *   populate     a page given to it, and
 *   decrease     taken from it, 512 to a hypercall
 *   split        a page taken out of a superpage, which is split for it
 *   log-dirty    a page that it writes to after dirty logging has been turned
 *                on: of P2M entries that are to be calculated anew
 *   clean        a page that was dirty, and is asked for and clean again
 *   dirty-again  a page that it writes to after that
 *
 * Words of the command line: "quick" for two numbers of vCPUs only.
 */

#include <pvh.h>
#include <servant.h>

TEST_TITLE("instructions of changes of a P2M");

#define BATCH           512
#define SUPER_ORDER     9

/* Of pages of 4 KiB: populated, logged, decreased. */
#define SMALL_GFN       (MB(4) >> PAGE_SHIFT)
#define NR_SMALL        512
/* Of superpages. */
#define SUPER_GFN       (MB(8) >> PAGE_SHIFT)
#define NR_SUPER        2

#define DOMU_SIZE       (MB(8) + NR_SUPER * MB(2))
#define NR_GFNS         (DOMU_SIZE >> PAGE_SHIFT)

/* The first one warms up, and is dropped. */
#define SAMPLES         3

/* What nothing else is at; the page behind it is the servant's first one. */
#define ENTRY_GVA       0xc0000000u

static unsigned int domid, nr_vcpus, nr_entries;
static bool warming_up;
static uint8_t bitmap[NR_GFNS / 8];
static uint64_t timer_overhead;

static void domctl(uint32_t cmd)
{
    struct xen_domctl op = {};

    REQUIRE_RC(hypercall_domctl(cmd, domid, &op), 0);
}

static void dirty_op(uint32_t what)
{
    struct xen_domctl op = {};

    op.u.shadow_op.op = what;
    if ( what == XEN_DOMCTL_SHADOW_OP_CLEAN )
    {
        op.u.shadow_op.pages = NR_GFNS;
        set_xen_guest_handle(op.u.shadow_op.dirty_bitmap, bitmap);
    }
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_shadow_op, domid, &op), 0);
}

/* nr extents, distance apart. */
static void reservation(unsigned int cmd, unsigned long gfn,
                        unsigned int nr, unsigned int order,
                        unsigned long distance)
{
    static xen_pfn_t frames[BATCH];
    unsigned int i, batch;

    for ( ; nr; nr -= batch )
    {
        struct xen_memory_reservation arg = {
            .extent_order = order,
            .domid = domid,
        };

        batch = MIN(nr, (unsigned int)BATCH);
        for ( i = 0; i < batch; i++, gfn += distance )
            frames[i] = gfn;
        arg.nr_extents = batch;
        set_xen_guest_handle(arg.extent_start, frames);
        REQUIRE_RC(hypercall_memory_op(cmd, &arg), batch);
    }
}

static void print_figure(const char *change, uint64_t ticks, unsigned int nr)
{
    char name[64], unit[32];

    if ( warming_up )
        return;

    snprintf(name, sizeof(name), "p2m.%u.%u.%s", nr_vcpus, nr_entries, change);
    snprintf(unit, sizeof(unit), "instructions/%u", nr);
    measure(name, (ticks - MIN(ticks, timer_overhead)) / 2, unit);
}

static void time_reservation(const char *change, unsigned int cmd,
                             unsigned long gfn, unsigned int nr,
                             unsigned long distance)
{
    uint64_t start = rdtsc();

    reservation(cmd, gfn, nr, 0, distance);
    print_figure(change, rdtsc() - start, nr);
}

static void run_dirty(void)
{
    uint64_t start;
    unsigned int i, dirty = 0;

    dirty_op(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
    domctl(XEN_DOMCTL_unpausedomain);
    print_figure("log-dirty", servant_touch(SMALL_GFN, NR_SMALL), NR_SMALL);
    domctl(XEN_DOMCTL_pausedomain);

    start = rdtsc();
    dirty_op(XEN_DOMCTL_SHADOW_OP_CLEAN);
    print_figure("clean", rdtsc() - start, NR_SMALL);

    for ( i = 0; i < NR_SMALL; i++ )
        dirty += bitmap[(SMALL_GFN + i) / 8] >> (SMALL_GFN + i) % 8 & 1;
    if ( dirty != NR_SMALL )
        test_abort(VERDICT_error, "%u of %u pages are dirty", dirty,
                   NR_SMALL);

    domctl(XEN_DOMCTL_unpausedomain);
    print_figure("dirty-again", servant_touch(SMALL_GFN, NR_SMALL), NR_SMALL);
    domctl(XEN_DOMCTL_pausedomain);
    dirty_op(XEN_DOMCTL_SHADOW_OP_OFF);
}

/* A hypercall in a list of a 32-bit guest's. */
struct call32 {
    uint32_t op, result, args[6];
};

/*
 * One for each of the domain's vCPUs, in one hypercall: the servant goes on
 * for all of its time slice after each that it is asked for.
 */
static void insert_entries(void)
{
    struct call32 *list;
    unsigned int i;

    domu_populate(domid, SERVANT_GFN, 1);
    list = domu_map(domid, SERVANT_GFN);
    for ( i = 0; i < nr_vcpus; i++ )
        list[i] = (struct call32){
            .op = __HYPERVISOR_vcpu_op,
            .args = { VCPUOP_swtlb_insert, i, ENTRY_GVA, PAGE_SIZE,
                      PAGE_SIZE },
        };
    REQUIRE_RC(servant_call(__HYPERVISOR_multicall,
                            SERVANT_GFN << PAGE_SHIFT, nr_vcpus, 0, 0, 0), 0);
    for ( i = 0; i < nr_vcpus; i++ )
        REQUIRE_RC((int)list[i].result, 0);
    domu_unmap(list);

    /* One copy through it, that is remembered. */
    REQUIRE_RC(servant_write(ENTRY_GVA + PAGE_SIZE / 2), 0);
}

/* All that is given to the domain is taken away again. */
static void run_changes(void)
{
    unsigned int i;

    reservation(XENMEM_populate_physmap, SUPER_GFN, NR_SUPER, SUPER_ORDER,
                1ul << SUPER_ORDER);
    time_reservation("split", XENMEM_decrease_reservation, SUPER_GFN, NR_SUPER,
                     1ul << SUPER_ORDER);
    for ( i = 0; i < NR_SUPER; i++ )
        reservation(XENMEM_decrease_reservation,
                    SUPER_GFN + (i << SUPER_ORDER) + 1,
                    (1u << SUPER_ORDER) - 1, 0, 1);

    time_reservation("populate", XENMEM_populate_physmap, SMALL_GFN, NR_SMALL,
                     1);
    run_dirty();
    time_reservation("decrease", XENMEM_decrease_reservation, SMALL_GFN,
                     NR_SMALL, 1);
}

static void run(unsigned int vcpus, unsigned int entries)
{
    unsigned int i;

    nr_vcpus = vcpus;
    nr_entries = entries;
    domid = servant_start_with(vcpus, DOMU_SIZE + MB(1));
    if ( entries )
        insert_entries();
    domctl(XEN_DOMCTL_pausedomain);

    for ( i = 0; i < SAMPLES; i++ )
    {
        warming_up = !i;
        run_changes();
    }

    domctl(XEN_DOMCTL_unpausedomain);
    servant_end();
}

void test_main(void)
{
    static const unsigned int numbers[] = { 1, 8, 64, 128 };
    unsigned int i;

    timer_overhead = icount_check(2);
    for ( i = 0; i < ARRAY_SIZE(numbers); i++ )
    {
        if ( cmdline_has("quick") && i % 2 )
            continue;
        run(numbers[i], 0);
        if ( swtlb_present() )
            run(numbers[i], 1);
    }
}
