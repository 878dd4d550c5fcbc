/* SPDX-License-Identifier: GPL-2.0-only */
/* Says everything; the worst of it counts, be it first or last. */

#include <pvh.h>

TEST_TITLE("a dummy of mixed feelings");

void test_main(void)
{
    test_skip("a skip");
    test_failure("the failure");
    test_error("an error");
    test_failure("another failure");
}
