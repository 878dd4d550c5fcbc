/* SPDX-License-Identifier: GPL-2.0-only */
/* The one that writes, for tests of races. */

#include <pvh.h>
#include <writer.h>

#define SIZE    (4080 / XFER_UNIT * XFER_UNIT)

static struct {
    unsigned long gva;
    bool stop;
    unsigned long written, refused, other;
} writer;

static void write_on(void *unused)
{
    (void)unused;

    while ( !ACCESS_ONCE(writer.stop) )
    {
        long rc = xen_give(writer.gva + WRITER_OFFSET, SIZE);

        if ( !rc )
            ACCESS_ONCE(writer.written) = writer.written + 1;
        else if ( rc == -XEN_EFAULT )
            ACCESS_ONCE(writer.refused) = writer.refused + 1;
        else
            ACCESS_ONCE(writer.other) = writer.other + 1;
    }
}

void writer_setup(void)
{
    static uint8_t bytes[SIZE];

    vcpu_require(2);
    vcpu_start(1);
    fill(bytes, SIZE, 1);
    CHECK_RC(xen_take((unsigned long)bytes, SIZE), 0);
}

void writer_start(unsigned long gva)
{
    writer.gva = gva;
    vcpu_call(1, write_on, NULL);
}

void writer_end(unsigned int rounds, unsigned long min, bool refusals)
{
    ACCESS_ONCE(writer.stop) = true;
    vcpu_wait(1);
    printk("%u rounds, %lu writes, %lu refused\n", rounds, writer.written,
           writer.refused);
    CHECK_EQ(writer.other, 0);
    if ( writer.written < min || (refusals && !writer.refused) )
        test_error("only %lu writes, %lu refused", writer.written,
                   writer.refused);
}

void writer_wait(void)
{
    unsigned long seen = ACCESS_ONCE(writer.written);

    wait_until(ACCESS_ONCE(writer.written) != seen);
}

void writer_pause(unsigned int round, unsigned int max)
{
    unsigned int i;

    for ( i = (round * 37) % max + 1; i; i-- )
        cpu_relax();
}

bool writer_untouched(const uint8_t *page)
{
    const uint64_t *p = (const void *)page;
    unsigned int i;

    for ( i = 0; i < PAGE_SIZE / sizeof(*p); i++ )
        if ( ACCESS_ONCE(p[i]) )
            return false;

    return true;
}
