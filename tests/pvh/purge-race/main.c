/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a purge returns, no copy through what it removed is under way on any
 * CPU.  vCPU 1 makes Xen write through an entry, again and again, while vCPU
 * 0 takes the entry away, and from then on finds the page untouched.
 */

#include <pvh.h>
#include <writer.h>

TEST_TITLE("after a purge nothing is written through the old entry");

/* For purge-race-single, which includes this file, see there. */
#ifndef ROUNDS
#define ROUNDS      3000
#define PAUSE_MAX   1500
#endif

/* For a time that differs from round to round, or until there was a write. */
static void pause(unsigned int round)
{
    if ( round % 8 == 0 )
        writer_wait();
    else
        writer_pause(round, PAUSE_MAX);
}

static long purge(unsigned int round)
{
    switch ( round % 4 )
    {
    case 0:  return swtlb_purge(1, WINDOW, PAGE_SIZE);
    case 1:  return swtlb_purge_all(1);
    case 2:  return swtlb_purge(XEN_SWTLB_ALL_VCPUS, WINDOW, PAGE_SIZE);
    default: return swtlb_purge_all(XEN_SWTLB_ALL_VCPUS);
    }
}

/* Pinned every third time: then the copy is made without the P2M. */
static long insert(unsigned int round, const uint8_t *page)
{
    return swtlb_insert_flags(1, WINDOW, gpa_of(page), PAGE_SIZE,
                              round % 3 ? 0 : XEN_SWTLB_FLAG_pinned);
}

void test_main(void)
{
    uint8_t *page = alloc_pages(2);
    unsigned int round;

    swtlb_require();
    writer_setup();
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    writer_start(WINDOW);

    for ( round = 0; round < ROUNDS; round++ )
    {
        uint8_t *old = page + (round % 2) * PAGE_SIZE;
        uint8_t *new = page + ((round + 1) % 2) * PAGE_SIZE;

        pause(round);
        if ( !CHECK_RC(purge(round), 0) )
            break;
        memset(old, 0, PAGE_SIZE);
        CHECK_RC(insert(round, new), 0);
        pause(round + 5);
        if ( !CHECK(writer_untouched(old)) )
            break;
    }

    writer_end(round, ROUNDS / 8, false);
}
