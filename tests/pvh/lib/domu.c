/* SPDX-License-Identifier: GPL-2.0-only */
/* Creating, running and destroying other domains. */

#include <pvh.h>
#include <domu.h>

#include <public/hvm/save.h>
#include <public/arch-x86/hvm/save-swtlb.h>

#define CR0_INITIAL     0x11        /* protected mode, no paging */
#define CODE_AR         0xc9b
#define DATA_AR         0xc93
#define TSS_AR          0x08b

/* Where domu_map() maps, and which of them are in use. */
static unsigned long window_gfn[DOMU_WINDOWS];
static bool window_used[DOMU_WINDOWS];

/*
 * Before Xen 4.22 createdomain chose an ID itself when given any that no
 * domain could have, and 0; since then only when given this one.
 */
#ifndef DOMID_ANY
#define DOMID_ANY 0x7ff5U
#endif

long hypercall_domctl(uint32_t cmd, unsigned int domid,
                      struct xen_domctl *op)
{
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = domid;

    return hypercall1(__HYPERVISOR_domctl, (unsigned long)op);
}

unsigned int domu_create(void)
{
    return domu_create_with(1, MB(8));
}

unsigned int domu_create_with(unsigned int vcpus, unsigned long size)
{
    struct xen_domctl op = {
        .u.createdomain = {
            .handle = { 0x57, 0x17, 0x1b },
            .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
            .max_vcpus = vcpus,
            .max_evtchn_port = 127,
            .max_grant_frames = 1,
            .max_maptrack_frames = 1,
            .grant_opts = XEN_DOMCTL_GRANT_version(1),
            .arch.emulation_flags = XEN_X86_EMU_LAPIC,
        },
    };
    unsigned int domid;

    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_createdomain, DOMID_ANY, &op), 0);
    domid = op.domain;

    memset(&op, 0, sizeof(op));
    op.u.max_vcpus.max = vcpus;
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_max_vcpus, domid, &op), 0);

    memset(&op, 0, sizeof(op));
    op.u.max_mem.max_memkb = size >> 10;
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_max_mem, domid, &op), 0);

    memset(&op, 0, sizeof(op));
    /* Page tables, and a fixed part for each vCPU. */
    op.u.paging_mempool.size = MB(2) + size / 64 + vcpus * 8 * PAGE_SIZE;
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_set_paging_mempool_size, domid,
                                &op), 0);

    return domid;
}

void domu_populate(unsigned int domid, unsigned long gfn, unsigned int nr)
{
    for ( ; nr; nr--, gfn++ )
    {
        xen_pfn_t frame = gfn;
        struct xen_memory_reservation arg = {
            .nr_extents = 1,
            .domid      = domid,
        };

        set_xen_guest_handle(arg.extent_start, &frame);
        REQUIRE_RC(hypercall_memory_op(XENMEM_populate_physmap, &arg), 1);
        domu_unmap(memset(domu_map(domid, gfn), 0, PAGE_SIZE));
    }
}

/* A gfn without memory, that no other page is mapped at. */
static unsigned long take_window(void)
{
    unsigned int i;

    for ( i = 0; i < DOMU_WINDOWS && window_used[i]; i++ )
        ;
    if ( i == DOMU_WINDOWS )
        test_abort(VERDICT_error, "too many pages of domUs are mapped");

    if ( !window_gfn[i] )
    {
        window_gfn[i] = gpa_of(alloc_pages(1)) >> PAGE_SHIFT;
        REQUIRE_RC(hypercall_decrease_reservation(window_gfn[i]), 1);
    }
    window_used[i] = true;

    return window_gfn[i];
}

void *domu_map(unsigned int domid, unsigned long gfn)
{
    xen_ulong_t idx = gfn;
    xen_pfn_t gpfn = take_window();
    int err = 0;
    struct xen_add_to_physmap_batch arg = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_gmfn_foreign,
        .size = 1,
        .u.foreign_domid = domid,
    };

    set_xen_guest_handle(arg.idxs, &idx);
    set_xen_guest_handle(arg.gpfns, &gpfn);
    set_xen_guest_handle(arg.errs, &err);
    REQUIRE_RC(hypercall_memory_op(XENMEM_add_to_physmap_batch, &arg), 0);
    REQUIRE_RC(err, 0);

    return (void *)(unsigned long)(gpfn << PAGE_SHIFT);
}

void domu_unmap(void *page)
{
    struct xen_remove_from_physmap arg = {
        .domid = DOMID_SELF,
        .gpfn = gpa_of(page) >> PAGE_SHIFT,
    };
    unsigned int i;

    REQUIRE_RC(hypercall_memory_op(XENMEM_remove_from_physmap, &arg), 0);
    for ( i = 0; i < DOMU_WINDOWS; i++ )
        if ( window_gfn[i] == arg.gpfn )
            window_used[i] = false;
}

long domu_set_context(unsigned int domid, const void *context, uint32_t size)
{
    struct xen_domctl op = {};

    op.u.hvmcontext.size = size;
    set_xen_guest_handle(op.u.hvmcontext.buffer, (void *)context);

    return hypercall_domctl(XEN_DOMCTL_sethvmcontext, domid, &op);
}

uint32_t domu_get_context(unsigned int domid, void *context, uint32_t size)
{
    struct xen_domctl op = {};

    op.u.hvmcontext.size = size;
    set_xen_guest_handle(op.u.hvmcontext.buffer, context);
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_gethvmcontext, domid, &op), 0);

    return op.u.hvmcontext.size;
}

static void *add_record(void *to, unsigned int type, const void *record,
                        uint32_t size)
{
    struct hvm_save_descriptor desc = { .typecode = type, .length = size };

    memcpy(to, &desc, sizeof(desc));
    memcpy((uint8_t *)to + sizeof(desc), record, size);

    return (uint8_t *)to + sizeof(desc) + size;
}

long domu_load(unsigned int domid, const void *records, uint32_t size)
{
    static uint8_t context[DOMU_MAX_RECORDS + 64];
    HVM_SAVE_TYPE(HEADER) header = {
        .magic = HVM_FILE_MAGIC,
        .version = HVM_FILE_VERSION,
        .changeset = -1ull,
    };
    uint8_t *to = context;
    uint32_t r[4];

    if ( size > DOMU_MAX_RECORDS )
        test_abort(VERDICT_error, "%u bytes are too many", size);

    cpuid(1, 0, r);
    header.cpuid = r[0];
    to = add_record(to, HVM_SAVE_CODE(HEADER), &header, sizeof(header));
    memcpy(to, records, size);
    to = add_record(to + size, HVM_SAVE_CODE(END), NULL, 0);

    return domu_set_context(domid, context, to - context);
}

long domu_load_strict(unsigned int domid)
{
    struct {
        struct hvm_save_descriptor desc;
        struct hvm_swtlb head;
    } record = {
        .desc.typecode = SWTLB_CODE,
        .desc.length = sizeof(struct hvm_swtlb),
        .head.table = HVM_SWTLB_NO_TABLE,
    };

    return domu_load(domid, &record, sizeof(record));
}

/* The vCPU's registers are all of its state that matters. */
static void set_registers(unsigned int domid, uint32_t eip)
{
    HVM_SAVE_TYPE(CPU) cpu = {
        .cr0 = CR0_INITIAL,
        .rip = eip,
        .rflags = 2,
        .cs_limit = ~0u, .ds_limit = ~0u, .es_limit = ~0u, .ss_limit = ~0u,
        .tr_limit = 0x67,
        .cs_arbytes = CODE_AR,
        .ds_arbytes = DATA_AR, .es_arbytes = DATA_AR, .ss_arbytes = DATA_AR,
        .tr_arbytes = TSS_AR,
    };
    uint8_t record[sizeof(struct hvm_save_descriptor) + sizeof(cpu)];

    add_record(record, HVM_SAVE_CODE(CPU), &cpu, sizeof(cpu));
    REQUIRE_RC(domu_load(domid, record, sizeof(record)), 0);
}

void domu_start(unsigned int domid, uint32_t eip)
{
    struct xen_domctl op = {};

    set_registers(domid, eip);
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_unpausedomain, domid, &op), 0);
}

/* Without the domain there is that of the next higher domid, if any. */
static bool get_info(unsigned int domid, struct xen_domctl_getdomaininfo *out)
{
    struct xen_domctl op = {};
    long rc = hypercall_domctl(XEN_DOMCTL_getdomaininfo, domid, &op);

    *out = op.u.getdomaininfo;

    return !rc && op.u.getdomaininfo.domain == domid;
}

unsigned int domu_wait(unsigned int domid)
{
    struct xen_domctl_getdomaininfo info;

    do {
        hypercall_yield();
        if ( !get_info(domid, &info) )
            test_abort(VERDICT_error, "domain %u has gone", domid);
    } while ( !(info.flags & XEN_DOMINF_shutdown) );

    return (info.flags >> XEN_DOMINF_shutdownshift) &
           XEN_DOMINF_shutdownmask;
}

void domu_destroy(unsigned int domid)
{
    struct xen_domctl_getdomaininfo info;
    struct xen_domctl op = {};

    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_destroydomain, domid, &op), 0);
    wait_until(!get_info(domid, &info));
}

uint64_t xen_free_pages(void)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };

    REQUIRE_RC(hypercall_sysctl(&op), 0);

    return op.u.physinfo.free_pages;
}
