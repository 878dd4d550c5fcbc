/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints what Xen prints when an assertion of its own fails. */

#include <pvh.h>

TEST_TITLE("a dummy with Xen's crash text");

void test_main(void)
{
    printk("(XEN) Assertion 'pigs_can_fly' failed at dummy.c:1\n");
}
