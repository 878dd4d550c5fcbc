/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds what it did not expect. */

#include <pvh.h>

TEST_TITLE("a dummy that fails");

void test_main(void)
{
    CHECK_EQ(1 + 1, 3);
}
