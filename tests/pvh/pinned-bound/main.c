/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The work of a single operation is bounded: an entry pins no more pages than
 * XEN_SWTLB_MAX_PINNED_PER_ENTRY, however many the domain may have pinned.
 */

#include <pvh.h>

TEST_TITLE("pinned entries: the pages behind one");

#define MAX   XEN_SWTLB_MAX_PINNED_PER_ENTRY

#define PIN_REFUSED(off, size)  \
    CHECK_REFUSED(swtlb_insert_pinned(0, WINDOW + (off), gpa + (off), size), \
                  -XEN_ENOBUFS, 0)

void test_main(void)
{
    uint8_t *pages = alloc_pages(MAX + 1);
    unsigned long gpa = gpa_of(pages);

    swtlb_require();
    vcpu_require(5);
    CHECK(swtlb_limits().max_pinned > MAX + 1);

    PIN_REFUSED(0, (MAX + 1) * PAGE_SIZE);
    /* Pages count, not bytes. */
    PIN_REFUSED(4095, (MAX - 1) * PAGE_SIZE + 2);
    PIN_REFUSED(0, MB(1024));
    CHECK_EQ(swtlb_state(0).nr_pinned, 0);

    CHECK_RC(swtlb_insert_pinned(0, WINDOW, gpa, MAX * PAGE_SIZE), 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, MAX);
    CHECK_RC(swtlb_insert_pinned(4, WINDOW, gpa + MAX * PAGE_SIZE, PAGE_SIZE),
             0);
    CHECK_EQ(swtlb_state(0).nr_pinned, MAX + 1);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, 0);
}
