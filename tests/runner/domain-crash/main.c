/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes Xen crash it, by a triple fault. */

#include <pvh.h>

TEST_TITLE("a dummy that Xen kills");

void test_main(void)
{
    struct {
        uint16_t limit;
        unsigned long base;
    } __attribute__((__packed__)) none = {};

    asm volatile ( "lidt %0; ud2" :: "m" (none) );
}
