/* SPDX-License-Identifier: GPL-2.0-only */
/* The map of a software TLB; see xen/swtlb-map.h. */

#include <xen/string.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-map.h>

bool swtlb_map_overlaps(const struct swtlb_map *map, unsigned long first,
                        unsigned long last)
{
    unsigned int idx = swtlb_map_find(map, first);

    return idx < map->nr && map->entry[idx].gva <= last;
}

void swtlb_map_insert(struct swtlb_map *dst, const struct swtlb_map *src,
                      const struct swtlb_entry *entry)
{
    unsigned int idx = swtlb_map_find(src, entry->gva);

    ASSERT(!swtlb_map_overlaps(src, entry->gva, entry->last));

    memcpy(dst->entry, src->entry, idx * sizeof(*entry));
    dst->entry[idx] = *entry;
    memcpy(dst->entry + idx + 1, src->entry + idx,
           (src->nr - idx) * sizeof(*entry));

    dst->nr = src->nr + 1;
}

bool swtlb_map_splits(const struct swtlb_map *map, unsigned long first,
                      unsigned long last)
{
    unsigned int idx = swtlb_map_find(map, first);

    return idx < map->nr &&
           map->entry[idx].gva < first && map->entry[idx].last > last;
}

void swtlb_map_purge(struct swtlb_map *dst, const struct swtlb_map *src,
                     unsigned long first, unsigned long last)
{
    unsigned int i = swtlb_map_find(src, first);

    memcpy(dst->entry, src->entry, i * sizeof(src->entry[0]));
    dst->nr = i;

    /* Of those with a part in the range, what lies outside of it. */
    for ( ; i < src->nr && src->entry[i].gva <= last; i++ )
    {
        const struct swtlb_entry *e = &src->entry[i];
        struct swtlb_entry *part;

        if ( e->gva < first )
        {
            part = &dst->entry[dst->nr++];
            *part = *e;
            part->last = first - 1;
        }

        if ( e->last > last )
        {
            part = &dst->entry[dst->nr++];
            *part = *e;
            part->gva = last + 1;
            part->gpa += part->gva - e->gva;
        }
    }

    memcpy(dst->entry + dst->nr, src->entry + i,
           (src->nr - i) * sizeof(src->entry[0]));
    dst->nr += src->nr - i;
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
