/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Xen remembers of a gpa ends with the page's being there.  vCPU 1 makes
 * Xen write through an entry, again and again, while vCPU 0 gives the page
 * behind it back to Xen and gets it again for another gpa.  From then on that
 * must stay untouched.
 */

#include <pvh.h>

TEST_TITLE("no copy reaches a page that left its entry's gpa");

/* For p2m-race-single, which includes this file, see there. */
#ifndef ROUNDS
#define ROUNDS      300
#define PAUSE_MAX   1500
#endif
#define SIZE        (4080 / XFER_UNIT * XFER_UNIT)

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

    if ( round % 4 == 0 )
        wait_until(ACCESS_ONCE(writer.written) != seen);
    for ( i = (round * 37) % PAUSE_MAX + 1; i; i-- )
        cpu_relax();
}

static void wait_a_little(unsigned int round)
{
    unsigned int i;

    for ( i = (round * 53) % PAUSE_MAX + 1; i; i-- )
        cpu_relax();
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
    uint8_t *target = alloc_pages(1), *other = alloc_pages(1);
    unsigned long target_gfn = gpa_of(target) >> PAGE_SHIFT;
    unsigned long other_gfn = gpa_of(other) >> PAGE_SHIFT;
    static uint8_t bytes[SIZE];
    unsigned int round;

    swtlb_require();
    vcpu_require(2);
    vcpu_start(1);
    fill(bytes, SIZE, 1);
    CHECK_RC(xen_take((unsigned long)bytes, SIZE), 0);

    REQUIRE_RC(hypercall_decrease_reservation(other_gfn), 1);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(target), PAGE_SIZE), 0);
    vcpu_call(1, write_on, NULL);

    for ( round = 0; round < ROUNDS; round++ )
    {
        pause(round);
        /* Xen gives away first what it got last. */
        REQUIRE_RC(hypercall_decrease_reservation(target_gfn), 1);
        REQUIRE_RC(hypercall_populate(other_gfn), 1);
        memset(other, 0, PAGE_SIZE);
        wait_a_little(round);
        if ( !CHECK(untouched(other)) )
            break;

        REQUIRE_RC(hypercall_decrease_reservation(other_gfn), 1);
        REQUIRE_RC(hypercall_populate(target_gfn), 1);
    }

    ACCESS_ONCE(writer.stop) = true;
    vcpu_wait(1);
    printk("%u rounds, %lu writes, %lu refused\n", round, writer.written,
           writer.refused);
    CHECK_EQ(writer.other, 0);
    /* Or this has tested nothing. */
    if ( writer.written < ROUNDS / 8 || !writer.refused )
        test_error("only %lu writes, %lu refused", writer.written,
                   writer.refused);
}
