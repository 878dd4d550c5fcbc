/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot option swtlb=max-entries=8 is obeyed and announced. */

#include <pvh.h>

TEST_TITLE("the boot option max-entries");

#define MAX 8
#define GPA 0x1000000ul

void test_main(void)
{
    unsigned int i;

    swtlb_require();
    CHECK_EQ(swtlb_limits().max_entries, MAX);

    for ( i = 0; i < MAX; i++ )
        CHECK_RC(swtlb_insert(0, WINDOW + i * MB(1), GPA, MB(1)), 0);
    CHECK_REFUSED(swtlb_insert(0, WINDOW + i * MB(1), GPA, MB(1)),
                  -XEN_ENOSPC, 0);
    CHECK_REFUSED(swtlb_purge(0, WINDOW + PAGE_SIZE, 1), -XEN_ENOSPC, 0);

    CHECK_RC(swtlb_purge(0, WINDOW, MB(1)), 0);
    CHECK_RC(swtlb_insert(0, WINDOW + i * MB(1), GPA, MB(1)), 0);
    CHECK_ENTRIES(0, MAX);
}
