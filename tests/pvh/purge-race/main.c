/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a purge returns, no copy through what it removed is under way on any
 * CPU.  vCPU 1 makes Xen write through an entry, again and again, while vCPU
 * 0 takes the entry away, and from then on finds the page untouched.
 */

#include <pvh.h>

TEST_TITLE("after a purge nothing is written through the old entry");

/* For purge-race-single, which includes this file, see there. */
#ifndef ROUNDS
#define ROUNDS      3000
#define PAUSE_MAX   1500
#endif
#define SIZE    (4080 / XFER_UNIT * XFER_UNIT)

static struct {
    bool stop;
    unsigned long written, refused, other;
} writer;

static void write_on(void *unused)
{
    (void)unused;

    while ( !ACCESS_ONCE(writer.stop) )
    {
        long rc = xen_give(WINDOW + 8, SIZE);

        if ( !rc )
            ACCESS_ONCE(writer.written) = writer.written + 1;
        else if ( rc == -XEN_EFAULT )
            ACCESS_ONCE(writer.refused) = writer.refused + 1;
        else
            ACCESS_ONCE(writer.other) = writer.other + 1;
    }
}

/* For a time that differs from round to round, or until there was a write. */
static void pause(unsigned int round)
{
    unsigned long seen = ACCESS_ONCE(writer.written);
    unsigned int i;

    if ( round % 8 == 0 )
        wait_until(ACCESS_ONCE(writer.written) != seen);
    else
        for ( i = (round * 37) % PAUSE_MAX + 1; i; i-- )
            cpu_relax();
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

static bool untouched(const uint8_t *page)
{
    const uint64_t *p = (const void *)page;
    unsigned int i;

    for ( i = 0; i < PAGE_SIZE / sizeof(*p); i++ )
        if ( ACCESS_ONCE(p[i]) )
            return false;

    return true;
}

void test_main(void)
{
    uint8_t *page = alloc_pages(2);
    static uint8_t bytes[SIZE];
    unsigned int round;

    swtlb_require();
    vcpu_require(2);
    vcpu_start(1);
    fill(bytes, SIZE, 1);
    CHECK_RC(xen_take((unsigned long)bytes, SIZE), 0);

    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    vcpu_call(1, write_on, NULL);

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
        if ( !CHECK(untouched(old)) )
            break;
    }

    ACCESS_ONCE(writer.stop) = true;
    vcpu_wait(1);
    printk("%u rounds, %lu writes, %lu refused\n", round, writer.written,
           writer.refused);
    CHECK_EQ(writer.other, 0);
    /* Or this has tested nothing. */
    if ( writer.written < ROUNDS / 8 )
        test_error("only %lu writes", writer.written);
}
