/* SPDX-License-Identifier: GPL-2.0-only */
/* The largest table that the boot option allows works to its last entry. */

#include <pvh.h>

TEST_TITLE("a table of 1024 entries");

#define MAX     1024
#define SIZE    100
#define PAGES   16

/* Entries of 256 bytes, 16 of them a page, every second one used. */
static unsigned long gva_of(unsigned int i)
{
    return WINDOW + i * 512;
}

static uint64_t offset_of(unsigned int i)
{
    return i * 512 % (PAGES * PAGE_SIZE);
}

void test_main(void)
{
    static uint8_t buf[SIZE];
    uint8_t *mem = alloc_pages(PAGES);
    unsigned int i;

    swtlb_require();
    CHECK_EQ(swtlb_limits().max_entries, MAX);

    for ( i = MAX; i-- > 0; )
        CHECK_RC(swtlb_insert(0, gva_of(i), gpa_of(mem) + offset_of(i), 256),
                 0);
    CHECK_ENTRIES(0, MAX);
    CHECK_RC(swtlb_insert(0, gva_of(MAX), gpa_of(mem), 256), -XEN_ENOSPC);

    fill(mem, PAGES * PAGE_SIZE, 1);
    for ( i = 0; i < MAX; i++ )
    {
        CHECK_ENTRY(0, i, gva_of(i), gpa_of(mem) + offset_of(i), 256);
        CHECK_RC(xen_take(gva_of(i) + 100, SIZE), 0);
        CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
        CHECK_MEM(buf, mem + offset_of(i) + 100, SIZE);
        CHECK_RC(xen_take(gva_of(i) + 157, SIZE), -XEN_EFAULT);
    }

    /* All but the ends, in one go. */
    CHECK_RC(swtlb_purge(0, gva_of(1), gva_of(MAX - 1) - gva_of(1)), 0);
    CHECK_ENTRIES(0, 2);
    CHECK_RC(xen_take(gva_of(MAX - 1), SIZE), 0);
}
