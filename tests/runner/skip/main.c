/* SPDX-License-Identifier: GPL-2.0-only */
/* Lacks something. */

#include <pvh.h>

TEST_TITLE("a dummy that skips");

void test_main(void)
{
    test_skip("the reason why");
}
