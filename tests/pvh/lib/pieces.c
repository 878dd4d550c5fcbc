/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes in pieces of memory, compared with what Xen has of them. */

#include <pvh.h>

#include "pieces.h"

/* On Arm they go over the console, and are letters there. */
#ifdef __aarch64__
#define BYTE(x)  ('a' + (x) % 26)
#else
#define BYTE(x)  ((x) | 1)
#endif

void fill(void *buf, size_t size, unsigned int seed)
{
    uint8_t *p = buf;
    uint32_t x = seed * 2654435761u + 1;

    for ( ; size; size--, p++ )
    {
        x = x * 1664525u + 1013904223u;
        *p = BYTE(x >> 24);
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

unsigned long pieces_size(const struct piece *pieces, unsigned int nr)
{
    unsigned long total = 0;

    for ( ; nr; nr--, pieces++ )
        total += pieces->len;

    return total;
}

void check_take(const struct piece *pieces, unsigned int nr,
                unsigned long offset, unsigned int size, unsigned int seed)
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        fill(pieces[i].mem, pieces[i].len, seed + i);
    gather(pieces, nr, want);
    CHECK_RC(xen_take(pieces[0].gva + offset, size), 0);
    CHECK_RC(xen_give((unsigned long)seen, size), 0);
    if ( !CHECK_MEM(seen, want + offset, size) )
        test_failure("... when reading %u bytes at offset %lu", size, offset);
}

void send(unsigned int size, unsigned int seed)
{
    fill(sent, size, seed);
    CHECK_RC(xen_take((unsigned long)sent, size), 0);
}

void check_give(const struct piece *pieces, unsigned int nr,
                unsigned long offset, unsigned int size)
{
    unsigned long total = gather(pieces, nr, want);

    memcpy(want + offset, sent, size);
    CHECK_RC(xen_give(pieces[0].gva + offset, size), 0);
    gather(pieces, nr, seen);
    if ( !CHECK_MEM(seen, want, total) )
        test_failure("... when writing %u bytes at offset %lu", size, offset);
}
