/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The debug key, typed at Xen's serial console as an administrator would: the
 * runner types it when it sees the marker.  The test waits until Xen's own
 * log tells of it.
 */

#include <pvh.h>

TEST_TITLE("the debug key works at the serial console");

static char log[16384];

static unsigned int read_log(void)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };

    op.u.readconsole.count = sizeof(log) - 1;
    set_xen_guest_handle(op.u.readconsole.buffer, log);
    /* A ring of which we want what is new. */
    op.u.readconsole.clear = 1;
    REQUIRE_RC(hypercall_sysctl(&op), 0);
    log[op.u.readconsole.count] = '\0';

    return op.u.readconsole.count;
}

void test_main(void)
{
    swtlb_require();
    while ( read_log() )
        ;

    CHECK_RC(swtlb_insert(0, WINDOW, 0x1000000, PAGE_SIZE), 0);
    printk("ready for the debug key\n");
    do {
        hypercall_yield();
        read_log();
    } while ( !strstr(log, "dumping software TLBs") );
}
