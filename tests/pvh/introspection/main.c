/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domU that is introspected.  Who introspects may restrict the access to
 * its pages, or give it other views of its memory, where Xen has that: with
 * VT-x.  With SVM, which is all that QEMU emulates, a monitor can be attached
 * and has to make no difference to copies; the rest is refused, by
 *
 *  - p2m_mem_access_sanity_check(), arch/x86/mm/mem_access.c: mem_access;
 *  - do_altp2m_op(), arch/x86/hvm/hvm.c: altp2m;
 *  - vm_event_domctl() and subarch_memory_op(): paging and sharing, which are
 *    not built unless asked for (see mem-paging and mem-sharing).
 *
 * What is allowed with VT-x, tests/intel/introspection has.
 */

#include <pvh.h>
#include <servant.h>

#include <public/hvm/params.h>

TEST_TITLE("copies of a domU with a monitor attached");

#define TARGET          SERVANT_GFN
#define RING            (SERVANT_GFN + 1)
#define HIT_GVA         0x40000000u
#define PINNED_GVA      0x50000000u
#define WALK_GVA        ((uint32_t)TARGET << PAGE_SHIFT)

static unsigned int domid;

static long vm_event_op(uint32_t mode, uint32_t op)
{
    struct xen_domctl ctl = {
        .u.vm_event_op.op = op,
        .u.vm_event_op.mode = mode,
    };

    return hypercall_domctl(XEN_DOMCTL_vm_event_op, domid, &ctl);
}

static void attach_monitor(void)
{
    struct xen_hvm_param param = {
        .domid = domid,
        .index = HVM_PARAM_MONITOR_RING_PFN,
        .value = RING,
    };

    REQUIRE_RC(hypercall_hvm_op(HVMOP_set_param, &param), 0);
    REQUIRE_RC(vm_event_op(XEN_DOMCTL_VM_EVENT_OP_MONITOR,
                           XEN_VM_EVENT_ENABLE), 0);
}

static void detach_monitor(void)
{
    REQUIRE_RC(vm_event_op(XEN_DOMCTL_VM_EVENT_OP_MONITOR,
                           XEN_VM_EVENT_DISABLE), 0);
}

static long set_access(unsigned int access)
{
    xen_mem_access_op_t op = {
        .op = XENMEM_access_op_set_access,
        .access = access,
        .domid = domid,
        .nr = 1,
        .pfn = TARGET,
    };

    return hypercall_memory_op(XENMEM_access_op, &op);
}

static void check_copies(void)
{
    static const uint32_t gvas[] = { HIT_GVA, PINNED_GVA, WALK_GVA };
    static uint64_t last;
    unsigned int i, round;
    uint64_t value;

    for ( round = 0; round < 3; round++ )
        for ( i = 0; i < ARRAY_SIZE(gvas); i++ )
        {
            servant_prepare(TARGET, ++last);
            CHECK_RC(servant_read(gvas[i] + SERVANT_READS_AT, &value), 0);
            CHECK_EQ(value, last);
            CHECK_RC(servant_write(gvas[i]), 0);
            CHECK(servant_written(TARGET));
        }
}

/* Refused, and without an effect. */
static void test_mem_access(void)
{
    CHECK_RC(set_access(XENMEM_access_r), -XEN_EINVAL);
    CHECK_RC(set_access(XENMEM_access_n), -XEN_EINVAL);
    check_copies();
}

static void test_altp2m(void)
{
    struct xen_hvm_altp2m_op op = {
        .version = HVMOP_ALTP2M_INTERFACE_VERSION,
        .cmd = HVMOP_altp2m_set_domain_state,
        .domain = domid,
        .u.domain_state.state = 1,
    };

    CHECK_RC(hypercall_hvm_op(HVMOP_altp2m, &op), -XEN_EOPNOTSUPP);
    check_copies();
}

static void test_not_built(void)
{
    xen_mem_paging_op_t paging = {
        .op = XENMEM_paging_op_nominate,
        .domain = domid,
        .gfn = TARGET,
    };
    xen_mem_sharing_op_t sharing = {
        .op = XENMEM_sharing_op_nominate_gfn,
        .domain = domid,
        .u.nominate.u.gfn = TARGET,
    };

    CHECK_RC(vm_event_op(XEN_DOMCTL_VM_EVENT_OP_PAGING, XEN_VM_EVENT_ENABLE),
             -XEN_ENOSYS);
    CHECK_RC(hypercall_memory_op(XENMEM_paging_op, &paging), -XEN_ENOSYS);
    CHECK_RC(hypercall_memory_op(XENMEM_sharing_op, &sharing), -XEN_ENOSYS);
    check_copies();
}

void test_main(void)
{
    unsigned int i;

    swtlb_require();
    domid = servant_start();
    domu_populate(domid, TARGET, 1);
    domu_populate(domid, RING, 1);
    CHECK_RC(servant_insert(HIT_GVA, TARGET, 1, 0), 0);
    CHECK_RC(servant_insert(PINNED_GVA, TARGET, 1, XEN_SWTLB_FLAG_pinned), 0);
    check_copies();

    for ( i = 0; i < 3; i++ )
    {
        attach_monitor();
        check_copies();
        test_mem_access();
        detach_monitor();
        check_copies();
    }
    test_mem_access();
    test_altp2m();
    test_not_built();

    servant_end();
}
