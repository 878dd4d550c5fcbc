/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting other vCPUs, by hypercall or by APIC, and giving them work. */

#include <pvh.h>

#include "lib.h"

#define XEN_CPUID_HVM_LEAF  (xen_cpuid_base + 4)

#define APIC_BASE           0xfee00000ul
#define APIC_ID             0x20
#define APIC_ICR_LOW        0x300
#define APIC_ICR_HIGH       0x310
#define APIC_INIT           0x00004500u     /* level, assert */
#define APIC_STARTUP        0x00004600u

/* Work is there as long as posted is ahead of done. */
static struct work {
    void (*fn)(void *arg);      /* NULL: go down */
    void *arg;
    unsigned int posted, done;
    unsigned int apic_id;
    bool alive;
} work[MAX_VCPUS];

unsigned int vcpu_id(void)
{
    uint32_t r[4];

    cpuid(XEN_CPUID_HVM_LEAF, 0, r);

    return r[1];
}

unsigned int vcpu_count(void)
{
    unsigned int nr = 0;

    while ( hypercall_vcpu_op(VCPUOP_is_up, nr, NULL) >= 0 )
        nr++;

    return nr;
}

void vcpu_require(unsigned int nr)
{
    unsigned int have = vcpu_count();

    if ( have < nr )
        test_abort(VERDICT_skip, "needs %u vCPUs, has %u", nr, have);
}

static volatile uint32_t *apic(unsigned int reg)
{
    return (volatile uint32_t *)(APIC_BASE + reg);
}

static void do_work(struct work *w)
{
    if ( w->fn )
    {
        w->fn(w->arg);
        ACCESS_ONCE(w->done) = w->posted;
    }
    else
    {
        ACCESS_ONCE(w->done) = w->posted;
        hypercall_vcpu_op(VCPUOP_down, vcpu_id(), NULL);
    }
}

void ap_main(unsigned int id)
{
    struct work *w = &work[id];

    trap_load();
    w->apic_id = *apic(APIC_ID) >> 24;
    barrier();
    w->alive = true;

    for ( ; ; )
    {
        if ( ACCESS_ONCE(w->posted) != w->done )
            do_work(w);
        else
            hypercall_yield();
    }
}

static unsigned long stack_top(unsigned int id)
{
    unsigned long top = (unsigned long)stacks[id] + STACK_SIZE;

    /* As after a call, which is what a function expects. */
    return top - 64 - sizeof(long);
}

static void fill_context(struct vcpu_hvm_context *ctx, unsigned int id)
{
#ifdef __x86_64__
    ctx->mode = VCPU_HVM_MODE_64B;
    ctx->cpu_regs.x86_64 = (struct vcpu_hvm_x86_64){
        .rip = (unsigned long)ap_entry,
        .rsp = stack_top(id),
        .rdi = id,
        .rflags = 2,
        .cr0 = CR0_PE | CR0_ET | CR0_WP | CR0_PG,
        .cr3 = paging_root(),
        .cr4 = CR4_PAE,
        .efer = EFER_LME,
    };
#else
    ctx->mode = VCPU_HVM_MODE_32B;
    ctx->cpu_regs.x86_32 = (struct vcpu_hvm_x86_32){
        .eip = (unsigned long)ap_entry,
        .esp = stack_top(id),
        .edi = id,
        .eflags = 2,
        .cr0 = CR0_PE | CR0_ET | (paging_on() ? CR0_WP | CR0_PG : 0),
        .cr3 = paging_root(),
        .cr4 = paging_on() ? paging_cr4() : 0,
        .cs_limit = ~0u,
        .ds_limit = ~0u,
        .es_limit = ~0u,
        .ss_limit = ~0u,
        .tr_limit = 0x67,
        .cs_ar = 0xc9b,
        .ds_ar = 0xc93,
        .es_ar = 0xc93,
        .ss_ar = 0xc93,
        .tr_ar = 0x8b,
    };
#endif
}

static void check_id(unsigned int id)
{
    if ( !id || id >= MAX_VCPUS )
        test_abort(VERDICT_error, "vCPU %u is out of the framework's reach",
                   id);
}

static void reset_work(unsigned int id)
{
    check_id(id);
    work[id].alive = false;
    work[id].done = work[id].posted;
    barrier();
}

void vcpu_start(unsigned int id)
{
    struct vcpu_hvm_context ctx = {};

    reset_work(id);
    fill_context(&ctx, id);
    REQUIRE_RC(hypercall_vcpu_op(VCPUOP_initialise, id, &ctx), 0);
    vcpu_up(id);
    wait_until(ACCESS_ONCE(work[id].alive));
}

void vcpu_call(unsigned int id, void (*fn)(void *arg), void *arg)
{
    struct work *w = &work[id];

    check_id(id);
    if ( !w->alive )
        test_abort(VERDICT_error, "work for vCPU %u, which is not up", id);

    vcpu_wait(id);
    w->fn = fn;
    w->arg = arg;
    barrier();
    ACCESS_ONCE(w->posted) = w->posted + 1;
}

void vcpu_wait(unsigned int id)
{
    wait_until(ACCESS_ONCE(work[id].done) == work[id].posted);
}

void vcpu_run(unsigned int id, void (*fn)(void *arg), void *arg)
{
    vcpu_call(id, fn, arg);
    vcpu_wait(id);
}

static void spin(void *stop)
{
    while ( !ACCESS_ONCE(*(bool *)stop) )
        cpu_relax();
}

void vcpu_give_way(unsigned int id)
{
    bool stop = false;
    unsigned int i;

    vcpu_call(id, spin, &stop);
    for ( i = 0; i < 100; i++ )
        hypercall_yield();
    ACCESS_ONCE(stop) = true;
    vcpu_wait(id);
}

void vcpu_down(unsigned int id)
{
    vcpu_run(id, NULL, NULL);
    wait_until(hypercall_vcpu_op(VCPUOP_is_up, id, NULL) == 0);
}

void vcpu_up(unsigned int id)
{
    REQUIRE_RC(hypercall_vcpu_op(VCPUOP_up, id, NULL), 0);
}

/* The vCPU that sends is paused until what it sent has been carried out. */
static void send_ipi(unsigned int id, uint32_t icr)
{
    /* Xen numbers them so; one that was up has told its own. */
    unsigned int apic_id = work[id].apic_id ?: id * 2;

    *apic(APIC_ICR_HIGH) = apic_id << 24;
    *apic(APIC_ICR_LOW) = icr;
}

void vcpu_init(unsigned int id)
{
    check_id(id);
    send_ipi(id, APIC_INIT);
    wait_until(hypercall_vcpu_op(VCPUOP_is_up, id, NULL) == 0);
    reset_work(id);
}

void vcpu_sipi(unsigned int id)
{
    reset_work(id);
    if ( memory_type(SIPI_ADDR) != XEN_HVM_MEMMAP_TYPE_RAM )
        test_abort(VERDICT_error, "no RAM at 0x%x", SIPI_ADDR);

    memcpy((void *)SIPI_ADDR, sipi_code, sipi_code_end - sipi_code);
    sipi_id = id;
    sipi_stack = stack_top(id);
#ifndef __x86_64__
    sipi_cr3 = paging_root();
    sipi_cr4 = paging_cr4();
#endif
    send_ipi(id, APIC_STARTUP | (SIPI_ADDR >> 12));
    wait_until(ACCESS_ONCE(work[id].alive));
}
