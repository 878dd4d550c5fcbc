/* SPDX-License-Identifier: GPL-2.0-only */
/* Is itself at fault. */

#include <pvh.h>

TEST_TITLE("a dummy with an error");

void test_main(void)
{
    test_error("the %s is broken", "environment");
}
