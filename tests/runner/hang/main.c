/* SPDX-License-Identifier: GPL-2.0-only */
/* Never ends. */

#include <pvh.h>

TEST_TITLE("a dummy that hangs");

void test_main(void)
{
    for ( ; ; )
        hypercall_yield();
}
