/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domU for the toolstack to look after: says on its console, which dom0's
 * xenconsoled reads, whether its own hypercall buffer hits, and then sleeps
 * until it is destroyed, or with "poweroff" on its command line goes down.
 */

#include <pvh.h>

#include <public/event_channel.h>
#include <public/hvm/params.h>
#include <public/io/console.h>

TEST_TITLE("a domU with a console");

static struct xencons_interface *ring;
static evtchn_port_t port;

static uint64_t hvm_param(unsigned int index)
{
    struct xen_hvm_param arg = { .domid = DOMID_SELF, .index = index };

    REQUIRE_RC(hypercall_hvm_op(HVMOP_get_param, &arg), 0);

    return arg.value;
}

static void notify(void)
{
    struct evtchn_send arg = { .port = port };

    hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send,
               (unsigned long)&arg);
}

static void say(const char *fmt, ...) __printf(1, 2);

static void say(const char *fmt, ...)
{
    char text[128];
    unsigned int i, n;
    va_list args;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    for ( i = 0; i < n; i++ )
    {
        /* The daemon in dom0 makes room. */
        while ( ring->out_prod -
                __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) ==
                sizeof(ring->out) )
        {
            notify();
            hypercall_yield();
        }
        ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = text[i];
        /* Pairs with the daemon's: it reads out_prod, then the text. */
        __atomic_store_n(&ring->out_prod, ring->out_prod + 1,
                         __ATOMIC_RELEASE);
    }
    notify();
}

static uint8_t page[PAGE_SIZE] __page_aligned;

static void use_swtlb(void)
{
    struct xen_feature_info *buf = (void *)page;
    struct xen_swtlb_stats before, after;
    long rc;

    rc = swtlb_insert(0, (unsigned long)page, (unsigned long)page, PAGE_SIZE);
    if ( rc )
    {
        say("domu: insert: %s\n", errno_name(rc));
        return;
    }

    before = swtlb_stats(0);
    rc = hypercall_xen_version(XENVER_get_features, buf);
    after = swtlb_stats(0);
    if ( rc )
        say("domu: XENVER_get_features: %s\n", errno_name(rc));
    else
        say("domu: hits %u\n", (unsigned int)(after.hits - before.hits));
}

void test_main(void)
{
    ring = (void *)(unsigned long)(hvm_param(HVM_PARAM_CONSOLE_PFN) *
                                   PAGE_SIZE);
    port = hvm_param(HVM_PARAM_CONSOLE_EVTCHN);

    say("domu: bare metal, software TLB: %s\n",
        swtlb_present() ? "yes" : "no");
    if ( swtlb_present() )
        use_swtlb();
    say("domu: ready\n");

    if ( cmdline_has("poweroff") )
        hypercall_shutdown(SHUTDOWN_poweroff);
    /* Interrupts are off: nothing ends this. */
    for ( ; ; )
        hypercall_sched_op(SCHEDOP_block, NULL);
}
