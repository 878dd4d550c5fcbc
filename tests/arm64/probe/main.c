/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a guest finds out, where there is no CPUID: purge_all of all vCPUs, with
 * which a kernel begins anyway.  It reads no memory, so it works before the
 * kernel has page tables.
 */

#include <pvh.h>

TEST_TITLE("purge_all of all vCPUs tells whether there is a software TLB");

static long early;

void test_early(void)
{
    early = swtlb_purge_all(XEN_SWTLB_ALL_VCPUS);
}

void test_main(void)
{
    /* The command line says which Xen it is. */
    if ( cmdline_has("stock") )
    {
        /* As there is no such vCPU. */
        CHECK_RC(early, -XEN_ENOENT);
        CHECK_RC(swtlb_insert(0, WINDOW, 0, PAGE_SIZE), -XEN_EINVAL);
    }
    else
    {
        CHECK_RC(early, 0);
        CHECK_EQ(swtlb_limits().abi, XEN_SWTLB_ABI);
        CHECK_RC(swtlb_insert(0, WINDOW, 0, PAGE_SIZE), 0);
        CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
        CHECK_ENTRIES(0, 0);
    }
}
