/* SPDX-License-Identifier: GPL-2.0-only */
/* Is stopped by an exception. */

#include <pvh.h>

TEST_TITLE("a dummy with an exception");

void test_main(void)
{
    asm volatile ( "ud2" );
}
