/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The map of a software TLB: entries in the order of their gva, none
 * overlapping another.
 *
 * A map that lookups can reach is never modified.  An update builds a new one
 * from it; publishing that is the caller's business (common/swtlb.c).  Hence
 * nothing here needs a lock.
 */
#ifndef XEN_SWTLB_MAP_H
#define XEN_SWTLB_MAP_H

#include <xen/nospec.h>
#include <xen/types.h>

struct swtlb_pin;

/* [gva, last] is backed by [gpa, gpa + (last - gva)]. */
struct swtlb_entry {
    unsigned long gva;
    unsigned long last;
    paddr_t gpa;
    struct swtlb_pin *pin;        /* what holds its pages, or NULL */
    unsigned long space;          /* arch_swtlb_space() it is for; 0: any */
};

struct swtlb_map {
    unsigned int nr;
    struct swtlb_entry entry[];
};

/*
 * The index of the first entry that does not lie completely below gva, or nr.
 * The loop's length depends on nr alone, and it needs no branch which depends
 * on gva: nothing in it is worth mispredicting.
 */
static inline unsigned int swtlb_map_find(const struct swtlb_map *map,
                                          unsigned long gva)
{
    unsigned int idx = 0, n = map->nr;

    if ( !n )
        return 0;

    while ( n > 1 )
    {
        unsigned int half = n / 2;

        idx = map->entry[idx + half - 1].last < gva ? idx + half : idx;
        n -= half;
    }

    return idx + (map->entry[idx].last < gva);
}

/*
 * Look up the len (> 0) bytes at gva.  Returns how many of them, from the
 * first on, have the same fate, at least 1: with *entry set if it is this
 * entry that covers them, with *entry NULL if there is none.
 */
static inline unsigned int swtlb_map_lookup(const struct swtlb_map *map,
                                            unsigned long gva,
                                            unsigned int len,
                                            const struct swtlb_entry **entry)
{
    unsigned int idx = swtlb_map_find(map, gva);
    const struct swtlb_entry *e;
    unsigned long n;

    *entry = NULL;

    if ( idx >= map->nr )
        return len;

    e = &map->entry[array_index_nospec(idx, map->nr)];

    if ( e->gva > gva )
        n = e->gva - gva;
    else
    {
        *entry = e;
        /* Not the number of bytes, which may not be representable. */
        n = e->last - gva;
        if ( n < len )
            n++;
    }

    return n < len ? n : len;
}

/* Whether an entry of map overlaps [first, last]. */
bool swtlb_map_overlaps(const struct swtlb_map *map, unsigned long first,
                        unsigned long last);

/*
 * Make dst a copy of src plus entry, which must not overlap any in src.  dst
 * needs space for src->nr + 1 entries.
 */
void swtlb_map_insert(struct swtlb_map *dst, const struct swtlb_map *src,
                      const struct swtlb_entry *entry);

/* Whether taking away [first, last] turns one entry of map into two. */
bool swtlb_map_splits(const struct swtlb_map *map, unsigned long first,
                      unsigned long last);

/*
 * Make dst a copy of src without [first, last].  dst needs space for src->nr
 * entries, and for one more if swtlb_map_splits().
 */
void swtlb_map_purge(struct swtlb_map *dst, const struct swtlb_map *src,
                     unsigned long first, unsigned long last);

#endif /* XEN_SWTLB_MAP_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
