/* SPDX-License-Identifier: GPL-2.0-only */
/* Shuts down without having said how it went. */

#include <pvh.h>

TEST_TITLE("a dummy without a verdict");

void test_main(void)
{
    hypercall_shutdown(SHUTDOWN_poweroff);
}
