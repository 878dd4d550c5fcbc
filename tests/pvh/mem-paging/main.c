/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page of a domU is paged out, and in again when Xen needs it for a copy:
 * the test is the pager.  Copies through entries ask for the page as those by
 * a walk do, fail until it is there, and do not touch what became of the
 * memory that it was in.
 *
 * Needs a Xen with CONFIG_MEM_PAGING that lets a PVH dom0 page: see test.cfg.
 */

#include <pvh.h>
#include <servant.h>

#include <public/hvm/params.h>

/* For the rings' macros. */
#define xen_mb()        __sync_synchronize()
#define xen_rmb()       barrier()
#define xen_wmb()       barrier()
#include <public/vm_event.h>

TEST_TITLE("pages of a domU paged out and in, by copies through entries");

#define TARGET          SERVANT_GFN
/* Comes to be where the page was. */
#define OTHER           (SERVANT_GFN + 1)
#define RING            (SERVANT_GFN + 2)
#define HIT_GVA         0x40000000u
#define PINNED_GVA      0x50000000u
#define WALK_GVA        ((uint32_t)TARGET << PAGE_SHIFT)
#define ROUNDS          6

static unsigned int domid;
static vm_event_back_ring_t ring;

static void vm_event_op(uint32_t op, long expected)
{
    struct xen_domctl ctl = {
        .u.vm_event_op.op = op,
        .u.vm_event_op.mode = XEN_DOMCTL_VM_EVENT_OP_PAGING,
    };

    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_vm_event_op, domid, &ctl),
               expected);
}

static void enable_paging(void)
{
    struct xen_hvm_param param = {
        .domid = domid,
        .index = HVM_PARAM_PAGING_RING_PFN,
        .value = RING,
    };
    vm_event_sring_t *sring;

    domu_populate(domid, RING, 1);
    REQUIRE_RC(hypercall_hvm_op(HVMOP_set_param, &param), 0);
    vm_event_op(XEN_VM_EVENT_ENABLE, 0);
    sring = domu_map(domid, RING);
    SHARED_RING_INIT(sring);
    BACK_RING_INIT(&ring, sring, PAGE_SIZE);
}

static long paging_op(unsigned int op, unsigned long gfn, const void *buffer)
{
    xen_mem_paging_op_t arg = { .op = op, .domain = domid, .gfn = gfn };

    set_xen_guest_handle(arg.buffer, buffer);

    return hypercall_memory_op(XENMEM_paging_op, &arg);
}

/* What the pager is asked for next, if anything, is this page. */
static bool take_request(vm_event_request_t *req)
{
    if ( !RING_HAS_UNCONSUMED_REQUESTS(&ring) )
        return false;

    *req = *RING_GET_REQUEST(&ring, ring.req_cons);
    ring.req_cons++;
    CHECK_EQ(req->version, VM_EVENT_INTERFACE_VERSION);
    CHECK_EQ(req->reason, VM_EVENT_REASON_MEM_PAGING);
    CHECK_EQ(req->u.mem_paging.gfn, TARGET);
    CHECK_EQ(req->flags, VM_EVENT_FLAG_VCPU_PAUSED);

    return true;
}

/* The page is there: the vCPU that asked for it runs on. */
static void respond(const vm_event_request_t *req)
{
    vm_event_response_t *rsp = RING_GET_RESPONSE(&ring, ring.rsp_prod_pvt);

    *rsp = *req;
    ring.rsp_prod_pvt++;
    RING_PUSH_RESPONSES(&ring);
    vm_event_op(XEN_VM_EVENT_RESUME, 0);
}

/* The copy of a write or a read, from its beginning on. */
static void begin(bool write, uint32_t gva)
{
    if ( write )
        servant_post(__HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 0, gva,
                     0, 0);
    else
        servant_post(__HYPERVISOR_hvm_op, HVMOP_set_param,
                     gva + SERVANT_READS_AT, 0, 0, 0);
}

static bool copy_asks(bool write, uint32_t gva, vm_event_request_t *req)
{
    begin(write, gva);
    wait_until(servant_done() || RING_HAS_UNCONSUMED_REQUESTS(&ring));

    return CHECK(take_request(req));
}

static void end_copy(void)
{
    wait_until(servant_done());
    CHECK_RC(servant_result(), -XEN_EFAULT);
    CHECK(!RING_HAS_UNCONSUMED_REQUESTS(&ring));
}

/* Copies find the page, and see what it holds. */
static void check_there(uint32_t gva, uint64_t value)
{
    uint64_t seen;

    CHECK_RC(servant_read(gva + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, value);
    CHECK_RC(servant_write(gva), 0);
    CHECK(servant_written(TARGET));
}

static void warm(uint64_t value)
{
    struct xen_swtlb_stats before = servant_stats(), after;
    unsigned int i;

    for ( i = 0; i < 3; i++ )
    {
        servant_prepare(TARGET, value);
        check_there(HIT_GVA, value);
    }
    after = servant_stats();
    CHECK(after.hits - before.hits >= 6);
}

/* Out with it, and another page to where it was in memory. */
static void page_out(void)
{
    REQUIRE_RC(paging_op(XENMEM_paging_op_nominate, TARGET, NULL), 0);
    REQUIRE_RC(paging_op(XENMEM_paging_op_evict, TARGET, NULL), 0);
    domu_populate(domid, OTHER, 1);
}

static void remove_other(void)
{
    struct xen_remove_from_physmap arg = { .domid = domid, .gpfn = OTHER };
    const uint8_t *page = domu_map(domid, OTHER);
    unsigned int i;

    for ( i = 0; i < PAGE_SIZE && !page[i]; i++ )
        ;
    CHECK_EQ(i, PAGE_SIZE);
    domu_unmap((void *)page);
    REQUIRE_RC(hypercall_memory_op(XENMEM_remove_from_physmap, &arg), 0);
}

static void test_evicted(bool write, uint32_t gva, bool warm_up)
{
    static uint8_t stored[PAGE_SIZE] __page_aligned;
    static uint64_t value = 1000;
    vm_event_request_t req;

    if ( warm_up )
        warm(++value);
    page_out();
    if ( copy_asks(write, gva, &req) )
    {
        CHECK_EQ(req.u.mem_paging.flags, 0);
        /* It is not what it was, to tell it from memory that went stale. */
        servant_prepare_at(stored, ++value);
        REQUIRE_RC(paging_op(XENMEM_paging_op_prep, TARGET, stored), 0);
        respond(&req);
    }
    end_copy();
    remove_other();
    check_there(gva, value);
    servant_prepare(TARGET, value);
    check_there(HIT_GVA, value);
}

/* Nominated only: a copy that needs the page keeps it. */
static void test_nominated(bool write, uint32_t gva)
{
    vm_event_request_t req;

    warm(7);
    servant_prepare(TARGET, 8);
    REQUIRE_RC(paging_op(XENMEM_paging_op_nominate, TARGET, NULL), 0);
    if ( copy_asks(write, gva, &req) )
    {
        CHECK_EQ(req.u.mem_paging.flags, MEM_PAGING_EVICT_FAIL);
        CHECK_RC(paging_op(XENMEM_paging_op_evict, TARGET, NULL),
                 -XEN_EBUSY);
        respond(&req);
    }
    end_copy();
    CHECK(!servant_written(TARGET));
    check_there(gva, 8);
}

/* Pages that entries pin are in use. */
static void test_pinned(void)
{
    CHECK_RC(servant_insert(PINNED_GVA, TARGET, 1, XEN_SWTLB_FLAG_pinned), 0);
    CHECK_RC(paging_op(XENMEM_paging_op_nominate, TARGET, NULL), -XEN_EBUSY);
    CHECK_RC(servant_write(PINNED_GVA), 0);
    CHECK_RC(servant_purge(PINNED_GVA, 1), 0);

    warm(9);
    REQUIRE_RC(paging_op(XENMEM_paging_op_nominate, TARGET, NULL), 0);
    CHECK_RC(paging_op(XENMEM_paging_op_evict, TARGET, NULL), 0);
}

/* One that is not there cannot be pinned yet, but is asked for. */
static void test_pin_evicted(void)
{
    static uint8_t stored[PAGE_SIZE] __page_aligned;
    vm_event_request_t req;

    servant_post(__HYPERVISOR_vcpu_op,
                 VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_pinned, 0, PINNED_GVA,
                 TARGET << PAGE_SHIFT, PAGE_SIZE);
    wait_until(servant_done() || RING_HAS_UNCONSUMED_REQUESTS(&ring));
    if ( CHECK(take_request(&req)) )
    {
        REQUIRE_RC(paging_op(XENMEM_paging_op_prep, TARGET, stored), 0);
        respond(&req);
    }
    wait_until(servant_done());
    CHECK_RC(servant_result(), -XEN_EAGAIN);

    CHECK_RC(servant_insert(PINNED_GVA, TARGET, 1, XEN_SWTLB_FLAG_pinned), 0);
    CHECK_RC(servant_purge(PINNED_GVA, 1), 0);
}

void test_main(void)
{
    unsigned int i;

    swtlb_require();
    domid = servant_start();
    domu_populate(domid, TARGET, 1);
    CHECK_RC(servant_insert(HIT_GVA, TARGET, 1, 0), 0);
    /* While there is a pager Xen may remember nothing: so also before. */
    warm(1);
    enable_paging();
    test_evicted(true, HIT_GVA, false);

    for ( i = 0; i < ROUNDS; i++ )
    {
        test_evicted(true, HIT_GVA, true);
        test_evicted(false, HIT_GVA, true);
        test_nominated(true, HIT_GVA);
        test_nominated(false, HIT_GVA);
    }
    test_evicted(true, WALK_GVA, true);
    test_evicted(false, WALK_GVA, true);
    test_nominated(true, WALK_GVA);
    test_nominated(false, WALK_GVA);
    test_pinned();
    test_pin_evicted();

    vm_event_op(XEN_VM_EVENT_DISABLE, 0);
    domu_unmap(ring.sring);
    servant_end();
}
