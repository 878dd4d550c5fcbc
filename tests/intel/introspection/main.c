/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domU that is introspected, where Xen can do that: on EPT
 * (pvh-introspection is for where it refuses).  Who introspects restricts the
 * access to a page, or gives the domU other views of its memory.  Neither is
 * for copies: these go to the page that the host's P2M has, by an entry as by
 * a walk, and follow when that page is replaced meanwhile.
 *
 * While a monitor is attached Xen remembers no page; what it restricted, and
 * views, stay when it has left, and then Xen does remember.  So both are
 * tested both ways.
 *
 * A page that is replaced is not free: dom0 has it mapped, so what would be
 * written to it by mistake can be seen, and the new one is another one.
 */

#include <pvh.h>
#include <servant.h>

#include <public/hvm/params.h>

TEST_TITLE("copies of a domU whose memory is introspected");

#define TARGET          SERVANT_GFN
#define RING            (SERVANT_GFN + 1)
#define OTHER           (SERVANT_GFN + 2)
#define HIT_GVA         0x40000000u
#define PINNED_GVA      0x50000000u
#define WALK_GVA        ((uint32_t)TARGET << PAGE_SHIFT)

static unsigned int domid;

static void monitor(uint32_t op)
{
    struct xen_hvm_param param = {
        .domid = domid,
        .index = HVM_PARAM_MONITOR_RING_PFN,
        .value = RING,
    };
    struct xen_domctl ctl = {
        .u.vm_event_op.op = op,
        .u.vm_event_op.mode = XEN_DOMCTL_VM_EVENT_OP_MONITOR,
    };

    if ( op == XEN_VM_EVENT_ENABLE )
        REQUIRE_RC(hypercall_hvm_op(HVMOP_set_param, &param), 0);
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_vm_event_op, domid, &ctl), 0);
}

static uint64_t next_value(void)
{
    static uint64_t last;

    return ++last;
}

/* All find TARGET's page of today, and none OTHER's. */
static void check_copies(void)
{
    static const uint32_t gvas[] = { HIT_GVA, PINNED_GVA, WALK_GVA };
    unsigned int i, round;
    uint64_t value, seen;

    for ( round = 0; round < 3; round++ )
        for ( i = 0; i < ARRAY_SIZE(gvas); i++ )
        {
            value = next_value();
            servant_prepare(TARGET, value);
            servant_prepare(OTHER, next_value());
            CHECK_RC(servant_read(gvas[i] + SERVANT_READS_AT, &seen), 0);
            CHECK_EQ(seen, value);
            CHECK_RC(servant_write(gvas[i]), 0);
            CHECK(servant_written(TARGET));
            CHECK(!servant_written(OTHER));
        }
}

/* That entries were used, not walked around. */
static void check_hits(void)
{
    struct xen_swtlb_stats before = servant_stats(), after;

    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK_RC(servant_write(PINNED_GVA), 0);
    after = servant_stats();
    CHECK(after.hits >= before.hits + 2);
}

static void replace_target(void)
{
    xen_pfn_t frame = TARGET;
    struct xen_memory_reservation arg = {
        .extent_start.p = &frame,
        .nr_extents = 1,
        .domid = domid,
    };
    uint8_t *old;
    unsigned int i;
    bool written = false;

    /*
     * A pinned entry stays with its page.  A table that changes makes Xen
     * forget where pages are, so have it remember TARGET's again.
     */
    CHECK_RC(servant_purge(PINNED_GVA, 1), 0);
    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK_RC(servant_write(HIT_GVA), 0);

    old = domu_map(domid, TARGET);
    REQUIRE_RC(hypercall_memory_op(XENMEM_decrease_reservation, &arg), 1);
    servant_prepare_at(old, next_value());
    CHECK_RC(servant_write(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(servant_write(WALK_GVA), -XEN_EFAULT);
    domu_populate(domid, TARGET, 1);
    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK(servant_written(TARGET));
    CHECK_RC(servant_insert(PINNED_GVA, TARGET, 1, XEN_SWTLB_FLAG_pinned), 0);
    check_copies();

    for ( i = 0; i < SERVANT_WRITES; i++ )
        written |= old[i];
    CHECK(!written);
    domu_unmap(old);
}

/* Of one page, or with ~0 of those that are populated from now on. */
static void set_access(unsigned int access, uint64_t gfn)
{
    xen_mem_access_op_t op = {
        .op = XENMEM_access_op_set_access,
        .access = access,
        .domid = domid,
        .nr = 1,
        .pfn = gfn,
    };

    REQUIRE_RC(hypercall_memory_op(XENMEM_access_op, &op), 0);
}

static unsigned int get_access(uint64_t gfn)
{
    xen_mem_access_op_t op = {
        .op = XENMEM_access_op_get_access,
        .domid = domid,
        .pfn = gfn,
    };

    REQUIRE_RC(hypercall_memory_op(XENMEM_access_op, &op), 0);

    return op.access;
}

static void test_mem_access(void)
{
    static const unsigned int types[] = {
        XENMEM_access_n, XENMEM_access_r, XENMEM_access_w, XENMEM_access_x,
        XENMEM_access_rw, XENMEM_access_rx, XENMEM_access_wx,
        XENMEM_access_rx2rw, XENMEM_access_n2rwx, XENMEM_access_rwx,
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(types); i++ )
    {
        monitor(XEN_VM_EVENT_ENABLE);
        set_access(types[i], TARGET);
        CHECK_EQ(get_access(TARGET), types[i]);
        check_copies();
        check_hits();

        set_access(types[i], ~0ull);
        replace_target();
        CHECK_EQ(get_access(TARGET), types[i]);
        check_hits();

        monitor(XEN_VM_EVENT_DISABLE);
        check_copies();
        check_hits();
        replace_target();
    }
}

static void altp2m(uint32_t cmd, struct xen_hvm_altp2m_op *op)
{
    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->cmd = cmd;
    op->domain = domid;
    REQUIRE_RC(hypercall_hvm_op(HVMOP_altp2m, op), 0);
}

static void set_altp2m(unsigned int state)
{
    struct xen_hvm_altp2m_op op = { .u.domain_state.state = state };

    altp2m(HVMOP_altp2m_set_domain_state, &op);
}

static unsigned int create_view(void)
{
    struct xen_hvm_altp2m_op op = {
        .u.view.hvmmem_default_access = XENMEM_access_rwx,
    };

    altp2m(HVMOP_altp2m_create_p2m, &op);

    return op.u.view.view;
}

static void change_view(uint32_t cmd, unsigned int view)
{
    struct xen_hvm_altp2m_op op = { .u.view.view = view };

    altp2m(cmd, &op);
}

static void test_view(unsigned int view, bool monitored)
{
    struct xen_hvm_altp2m_op op = {
        .u.change_gfn = {
            .view = view,
            .old_gfn = TARGET,
            .new_gfn = OTHER,
        },
    };

    change_view(HVMOP_altp2m_switch_p2m, view);
    check_copies();

    /* For the domU's own instructions TARGET is OTHER's page now. */
    altp2m(HVMOP_altp2m_change_gfn, &op);
    check_copies();
    check_hits();

    memset(&op, 0, sizeof(op));
    op.u.mem_access.view = view;
    op.u.mem_access.access = XENMEM_access_n;
    op.u.mem_access.gfn = TARGET;
    altp2m(HVMOP_altp2m_set_mem_access, &op);
    check_copies();
    if ( monitored )
    {
        set_access(XENMEM_access_r, TARGET);
        check_copies();
    }

    /* All views follow the host's P2M. */
    replace_target();
    check_hits();

    change_view(HVMOP_altp2m_switch_p2m, 0);
    check_copies();
    replace_target();
    change_view(HVMOP_altp2m_destroy_p2m, view);
    check_copies();
}

static void test_altp2m(bool monitored)
{
    unsigned int i;

    set_altp2m(1);
    check_copies();
    for ( i = 0; i < 2; i++ )
        test_view(create_view(), monitored);
    set_altp2m(0);
    check_copies();
    check_hits();
}

void test_main(void)
{
    struct xen_hvm_param param = {
        .index = HVM_PARAM_ALTP2M,
        .value = XEN_ALTP2M_mixed,
    };

    swtlb_require();
    param.domid = domid = servant_start();
    domu_populate(domid, TARGET, 1);
    domu_populate(domid, RING, 1);
    domu_populate(domid, OTHER, 1);
    CHECK_RC(servant_insert(HIT_GVA, TARGET, 1, 0), 0);
    CHECK_RC(servant_insert(PINNED_GVA, TARGET, 1, XEN_SWTLB_FLAG_pinned), 0);
    check_copies();
    replace_target();

    test_mem_access();
    REQUIRE_RC(hypercall_hvm_op(HVMOP_set_param, &param), 0);
    test_altp2m(false);
    monitor(XEN_VM_EVENT_ENABLE);
    test_altp2m(true);
    monitor(XEN_VM_EVENT_DISABLE);
    check_copies();

    servant_end();
}
