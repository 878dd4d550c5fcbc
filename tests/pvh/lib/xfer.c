/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes through Xen. */

#include <pvh.h>

#include "pieces.h"

long xen_take(unsigned long gva, unsigned int size)
{
    struct xen_foreign_memory_map arg = {
        .domid = DOMID_SELF,
        .map = { .nr_entries = size / XFER_UNIT },
    };

    set_xen_guest_handle(arg.map.buffer, (void *)gva);

    return hypercall_memory_op(XENMEM_set_memory_map, &arg);
}

long xen_give(unsigned long gva, unsigned int size)
{
    struct xen_memory_map arg = { .nr_entries = size / XFER_UNIT };
    long rc;

    set_xen_guest_handle(arg.buffer, (void *)gva);
    rc = hypercall_memory_op(XENMEM_memory_map, &arg);
    if ( !rc && arg.nr_entries != size / XFER_UNIT )
        test_abort(VERDICT_error, "Xen gave %u records, not %u",
                   arg.nr_entries, size / XFER_UNIT);

    return rc;
}

static void check_one(const struct piece *pieces, unsigned int nr,
                      unsigned long offset, unsigned int size,
                      unsigned int seed)
{
    check_take(pieces, nr, offset, size, seed);
    send(size, ~seed);
    check_give(pieces, nr, offset, size);
}

unsigned int check_pieces(const struct piece *pieces, unsigned int nr)
{
    static const unsigned int offsets[] = {
        0, 1, 2, 3, 7, 8, 19, 20, 21, 255, 2047, 4075, 4076, 4077, 4095, 4096,
        4097, 8190, 8192,
    };
    static const unsigned int sizes[] = {
        20, 40, 60, 260, 2040, 4080, 4100, 6000, 8180, 8200, 12280,
    };
    unsigned long total = pieces_size(pieces, nr);
    unsigned int i, j, done = 0;

    for ( i = 0; i < ARRAY_SIZE(offsets); i++ )
        for ( j = 0; j < ARRAY_SIZE(sizes); j++ )
            if ( offsets[i] + sizes[j] <= total )
                check_one(pieces, nr, offsets[i], sizes[j], done++ * 2);

    if ( !done )
        test_error("pieces of %lu bytes are too small to check", total);

    return done;
}
