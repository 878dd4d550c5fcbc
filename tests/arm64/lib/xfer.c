/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes through Xen.  There is no hypercall on Arm that keeps a buffer in one
 * piece.  Xen's ring of console messages does: CONSOLEIO_write puts bytes into
 * it, 127 in one copy, and readconsole gives them back in one.  So they are
 * letters, and on the screen.
 */

#include <pvh.h>

#include "../../pvh/lib/pieces.h"

static uint32_t ring_at, taken_at;

/* size bytes of the ring, from at on, to gva.  Returns Xen's result. */
static long read_ring(uint32_t at, unsigned long gva, unsigned int size,
                      uint32_t *got)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
    long rc;

    op.u.readconsole.incremental = 1;
    op.u.readconsole.index = at;
    op.u.readconsole.count = size;
    set_xen_guest_handle(op.u.readconsole.buffer, (char *)gva);
    rc = hypercall_sysctl(&op);
    *got = op.u.readconsole.count;
    if ( !rc && op.u.readconsole.index - at != *got )
        test_abort(VERDICT_error, "the console's ring is at %u, not %u",
                   op.u.readconsole.index - *got, at);

    return rc;
}

/* Where in the ring the next byte will be. */
static uint32_t ring_end(void)
{
    static char buf[PAGE_SIZE];
    uint32_t got;

    do {
        REQUIRE_RC(read_ring(ring_at, (unsigned long)buf, sizeof(buf), &got),
                   0);
        ring_at += got;
    } while ( got );

    return ring_at;
}

long xen_take(unsigned long gva, unsigned int size)
{
    uint32_t at = ring_end();
    long rc = hypercall_console_write((void *)gva, size);

    if ( !rc )
        taken_at = at;

    return rc;
}

long xen_give(unsigned long gva, unsigned int size)
{
    uint32_t got;
    long rc = read_ring(taken_at, gva, size, &got);

    if ( !rc && got != size )
        test_abort(VERDICT_error, "Xen gave %u bytes, not %u", got, size);

    return rc;
}

unsigned int check_pieces(const struct piece *pieces, unsigned int nr)
{
    static const unsigned int offsets[] = {
        0, 1, 2, 3, 7, 8, 19, 20, 21, 255, 2047, 4075, 4076, 4077, 4095, 4096,
        4097, 8190, 8192,
    };
    static const unsigned int sizes[] = {
        1, 7, 8, 20, 40, 60, 260, 2040, 4080, 4096, 4100, 6000, 8180, 8200,
        12280,
    };
    unsigned long total = pieces_size(pieces, nr);
    unsigned int i, j, done = 0;

    for ( i = 0; i < ARRAY_SIZE(offsets); i++ )
        for ( j = 0; j < 5; j++, done++ )
            if ( offsets[i] + sizes[j] <= total )
                check_take(pieces, nr, offsets[i], sizes[j], done * 2);

    send(XFER_MAX, nr);
    for ( i = 0; i < ARRAY_SIZE(offsets); i++ )
        for ( j = 0; j < ARRAY_SIZE(sizes); j++, done++ )
            if ( offsets[i] + sizes[j] <= total )
                check_give(pieces, nr, offsets[i], sizes[j]);

    return done;
}
