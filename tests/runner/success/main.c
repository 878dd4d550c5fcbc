/* SPDX-License-Identifier: GPL-2.0-only */
/* Says nothing, which is a success. */

#include <pvh.h>

TEST_TITLE("a dummy that succeeds");

void test_main(void)
{
    CHECK_EQ(1 + 1, 2);
}
