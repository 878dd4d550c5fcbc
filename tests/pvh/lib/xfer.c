/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes through Xen. */

#include <pvh.h>

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

void fill(void *buf, size_t size, unsigned int seed)
{
    uint8_t *p = buf;
    uint32_t x = seed * 2654435761u + 1;

    for ( ; size; size--, p++ )
    {
        x = x * 1664525u + 1013904223u;
        *p = (x >> 24) | 1;
    }
}

/* What check_pieces() compares with; a copy can have XFER_MAX bytes. */
static uint8_t sent[XFER_MAX], want[XFER_MAX], seen[XFER_MAX];

/* Collect all bytes of the pieces. */
static unsigned long gather(const struct piece *p, unsigned int nr,
                            uint8_t *buf)
{
    unsigned long total = 0;

    for ( ; nr; nr--, p++ )
    {
        if ( total + p->len > XFER_MAX )
            test_abort(VERDICT_error, "pieces too large to compare");
        memcpy(buf + total, p->mem, p->len);
        total += p->len;
    }

    return total;
}

static void check_one(const struct piece *pieces, unsigned int nr,
                      unsigned long offset, unsigned int size,
                      unsigned int seed)
{
    unsigned long gva = pieces[0].gva + offset, total, i;

    /* From the guest: what Xen read is what the pieces hold. */
    for ( i = 0; i < nr; i++ )
        fill(pieces[i].mem, pieces[i].len, seed + i);
    total = gather(pieces, nr, want);
    CHECK_RC(xen_take(gva, size), 0);
    CHECK_RC(xen_give((unsigned long)seen, size), 0);
    if ( !CHECK_MEM(seen, want + offset, size) )
        test_failure("... when reading %u bytes at offset %lu", size, offset);

    /* To the guest: what Xen writes is there, and all around is as before. */
    fill(sent, size, ~seed);
    CHECK_RC(xen_take((unsigned long)sent, size), 0);
    CHECK_RC(xen_give(gva, size), 0);
    memcpy(want + offset, sent, size);
    gather(pieces, nr, seen);
    if ( !CHECK_MEM(seen, want, total) )
        test_failure("... when writing %u bytes at offset %lu", size, offset);
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
    unsigned long total = gather(pieces, nr, want);
    unsigned int i, j, done = 0;

    for ( i = 0; i < ARRAY_SIZE(offsets); i++ )
        for ( j = 0; j < ARRAY_SIZE(sizes); j++ )
            if ( offsets[i] + sizes[j] <= total )
                check_one(pieces, nr, offsets[i], sizes[j], done++ * 2);

    if ( !done )
        test_error("pieces of %lu bytes are too small to check", total);

    return done;
}
