/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Xen remembers of a gpa ends with the page's being there.  vCPU 1 makes
 * Xen write through an entry, again and again, while vCPU 0 gives the page
 * behind it back to Xen and gets it again for another gpa.  From then on that
 * must stay untouched.
 */

#include <pvh.h>
#include <writer.h>

TEST_TITLE("no copy reaches a page that left its entry's gpa");

/* For p2m-race-single, which includes this file, see there. */
#ifndef ROUNDS
#define ROUNDS      300
#define PAUSE_MAX   1500
#endif

void test_main(void)
{
    uint8_t *target = alloc_pages(1), *other = alloc_pages(1);
    unsigned long target_gfn = gpa_of(target) >> PAGE_SHIFT;
    unsigned long other_gfn = gpa_of(other) >> PAGE_SHIFT;
    unsigned int round;

    swtlb_require();
    writer_setup();
    REQUIRE_RC(hypercall_decrease_reservation(other_gfn), 1);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(target), PAGE_SIZE), 0);
    writer_start(WINDOW);

    for ( round = 0; round < ROUNDS; round++ )
    {
        if ( round % 4 == 0 )
            writer_wait();
        writer_pause(round, PAUSE_MAX);
        /* Xen gives away first what it got last. */
        REQUIRE_RC(hypercall_decrease_reservation(target_gfn), 1);
        REQUIRE_RC(hypercall_populate(other_gfn), 1);
        memset(other, 0, PAGE_SIZE);
        writer_pause(round * 3 + 1, PAUSE_MAX);
        if ( !CHECK(writer_untouched(other)) )
            break;

        REQUIRE_RC(hypercall_decrease_reservation(other_gfn), 1);
        REQUIRE_RC(hypercall_populate(target_gfn), 1);
    }

    writer_end(round, ROUNDS / 8, true);
}
