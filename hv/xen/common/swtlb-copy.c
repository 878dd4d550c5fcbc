/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: copies to and from registered hypercall buffers.
 *
 * All of it is done by the current vCPU, without a lock; see the top of
 * common/swtlb.c for what keeps that right.
 */

#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/nospec.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-copy.h>
#include <xen/swtlb-map.h>
#include <xen/xmalloc.h>

/* How much to copy, about, before those who wait get a chance. */
#define BYTES_AT_ONCE (16U << PAGE_SHIFT)

/*
 * A copy, or what is left of it.  buf is never written to if to_guest, and
 * may then be NULL to write zeroes.
 */
struct swtlb_copy {
    void *buf;
    unsigned long gva;
    unsigned int len;
    bool to_guest;
    /* Some part of it was walked, or would have had to be and was refused. */
    enum { SWTLB_COPY_HIT, SWTLB_COPY_WALKED, SWTLB_COPY_REFUSED } fate;
};

/* The numbers as of which slots have to be. */
struct swtlb_seqs {
    unsigned long map;
    unsigned long p2m;
};

struct swtlb_slot *swtlb_slots_alloc(void)
{
    BUILD_BUG_ON(sizeof(struct swtlb_slot) != 64);

    return xzalloc_array(struct swtlb_slot, swtlb_slot_mask + 1);
}

/* Whether what is for space, not 0, counts for v, the current vCPU. */
static noinline bool space_is_current(const struct vcpu *v,
                                      unsigned long space)
{
    return space == arch_swtlb_space(v);
}

/*
 * A processor that guesses wrong gets behind each of the checks in
 * find_slot().  What the following three give it leads to bytes of the slot,
 * or of its page, all the same, and to none of a slot that means nothing any
 * more: behind those bytes, and by now in that page, may be another domain's
 * memory.
 *
 * First, all ones if slot is as of seqs, or else 0; not by a branch.
 */
static always_inline unsigned long slot_mask(const struct swtlb_slot *slot,
                                             struct swtlb_seqs seqs)
{
    unsigned long differ = (slot->map_seq ^ seqs.map) |
                           (slot->p2m_seq ^ seqs.p2m);

    return array_index_mask_nospec(differ, 1);
}

/*
 * Where Xen has gva, and how many bytes there are from there on of a slot of
 * size bytes, which are none if it is void.
 */
static always_inline void *slot_va(const struct swtlb_slot *slot,
                                   unsigned long size, unsigned long gva,
                                   unsigned long *left)
{
    unsigned long off = array_index_nospec(gva - slot->gva, size);

    *left = size - off;

    return slot->va + off;
}

/* The same for a whole page, whose size the compiler is to know. */
static always_inline void *slot_page(const struct swtlb_slot *slot,
                                     unsigned long mask)
{
    return __builtin_assume_aligned(
        (void *)((unsigned long)slot->va & PAGE_MASK & mask), PAGE_SIZE);
}

/* No more than left. */
static always_inline unsigned int clamp_len(unsigned int len,
                                            unsigned long left)
{
    return array_index_nospec((unsigned long)len, left + 1);
}

/*
 * The slot that tells where the len bytes at gva, of the current vCPU, are; or
 * NULL.  Sets va and left as slot_va() does, and mask.  Whether its space is
 * the current one the caller has to see to.
 *
 * To be called in an access that began before the numbers were read, and valid
 * until that ends: whoever changes one of them waits for it.
 */
static always_inline const struct swtlb_slot *find_slot(
    const struct vcpu *curr, struct swtlb_seqs seqs, unsigned long gva,
    unsigned int len, void **va, unsigned long *left, unsigned long *mask)
{
    const struct swtlb_slot *slot = swtlb_slot_of(&curr->swtlb, gva);
    unsigned long size;

    if ( unlikely(!slot) )
        return NULL;

    *mask = slot_mask(slot, seqs);
    size = slot->size & *mask;
    if ( unlikely(gva - slot->gva >= size) )
        return NULL;

    *va = slot_va(slot, size, gva, left);

    return likely(len <= *left) ? slot : NULL;
}

/* To be called in an access; the numbers that what it uses has to be of. */
static always_inline struct swtlb_seqs read_seqs(const struct vcpu *curr)
{
    return (struct swtlb_seqs){
        .map = ACCESS_ONCE(curr->swtlb.map_seq),
        .p2m = ACCESS_ONCE(curr->domain->swtlb.p2m_seq),
    };
}

/* Whether the current vCPU may use its slots, for a copy in this direction. */
static always_inline bool slots_usable(const struct vcpu *curr, bool to_guest)
{
    return likely(!curr->swtlb.copy_for) &&
           likely(arch_swtlb_slots_usable(curr)) &&
           (!to_guest || likely(!arch_swtlb_logs_dirty(curr->domain)));
}

static unsigned int copy_by_parts(void *buf, unsigned long gva,
                                  unsigned int len, bool to_guest,
                                  bool by_slots);

/*
 * A copy.  Expanded for either direction: the way of nearly all copies, of
 * which a single slot knows where the buffer is.
 */
static always_inline unsigned int copy_by_one_slot(void *buf,
                                                   unsigned long gva,
                                                   unsigned int len,
                                                   bool to_guest)
{
    struct vcpu *curr = current;
    const struct swtlb_slot *slot = NULL;
    unsigned long left, mask;
    void *va;

    swtlb_enter(&curr->swtlb, SWTLB_ACCESS);

    if ( likely(slots_usable(curr, to_guest)) )
        slot = find_slot(curr, read_seqs(curr), gva, len, &va, &left, &mask);

    /* To ask for the space takes a call, and so registers to be saved. */
    if ( unlikely(!slot) || unlikely(slot->space) )
    {
        swtlb_leave(&curr->swtlb, SWTLB_ACCESS);
        return copy_by_parts(buf, gva, len, to_guest,
                             slot || PAGE_OFFSET(gva) + len > PAGE_SIZE);
    }

    curr->swtlb.stats.hits++;
    if ( len == PAGE_SIZE )
    {
        curr->swtlb.stats.hit_bytes += PAGE_SIZE;
        swtlb_move(slot_page(slot, mask), buf, PAGE_SIZE, to_guest);
    }
    else
    {
        len = clamp_len(len, left);
        curr->swtlb.stats.hit_bytes += len;
        swtlb_move(va, buf, len, to_guest);
    }

    swtlb_leave(&curr->swtlb, SWTLB_ACCESS);

    return 0;
}

unsigned int swtlb_copy_to_guest(unsigned long gva, const void *buf,
                                 unsigned int len)
{
    return copy_by_one_slot((void *)buf, gva, len, true);
}

unsigned int swtlb_copy_from_guest(void *buf, unsigned long gva,
                                   unsigned int len)
{
    return copy_by_one_slot(buf, gva, len, false);
}

static always_inline void copy_advance(struct swtlb_copy *c,
                                       unsigned int count)
{
    c->gva += count;
    c->buf += c->buf ? count : 0;
    c->len -= count;
}

/* Whether slot, as find_slot() found it, is of the space that v is on. */
static always_inline bool slot_in_space(const struct vcpu *curr,
                                        const struct swtlb_slot *slot)
{
    return likely(!slot->space) || space_is_current(curr, slot->space);
}

/*
 * Copy what slots lead to, page by page, as far as that goes.  Whole pages are
 * expanded for their size: each takes a single string instruction.
 */
static noinline void copy_by_slots(struct swtlb_copy *copy)
{
    struct vcpu *curr = current;
    struct swtlb_copy c = *copy;
    const struct swtlb_slot *slots;
    unsigned int rest;

    do {
        /* What to leave for the next access. */
        rest = c.len > BYTES_AT_ONCE ? c.len - BYTES_AT_ONCE : 0;

        swtlb_enter(&curr->swtlb, SWTLB_ACCESS);

        slots = ACCESS_ONCE(curr->swtlb.slots);
        if ( likely(slots_usable(curr, c.to_guest)) && likely(slots) )
        {
            struct swtlb_seqs seqs = read_seqs(curr);

            while ( c.len > rest )
            {
                const struct swtlb_slot *slot;
                unsigned long left, mask;
                unsigned int count;
                void *va;

                if ( likely(!PAGE_OFFSET(c.gva)) && c.len >= PAGE_SIZE )
                {
                    slot = slots + swtlb_slot_index(c.gva);
                    mask = slot_mask(slot, seqs);
                    if ( unlikely(slot->gva != c.gva) ||
                         unlikely((slot->size & mask) != PAGE_SIZE) ||
                         !slot_in_space(curr, slot) )
                        break;

                    swtlb_move(slot_page(slot, mask), c.buf, PAGE_SIZE,
                               c.to_guest);
                    copy_advance(&c, PAGE_SIZE);
                    continue;
                }

                count = min_t(unsigned int, c.len,
                              PAGE_SIZE - PAGE_OFFSET(c.gva));
                slot = find_slot(curr, seqs, c.gva, count, &va, &left, &mask);
                if ( unlikely(!slot) || !slot_in_space(curr, slot) )
                    break;

                swtlb_move(va, c.buf, clamp_len(count, left), c.to_guest);
                copy_advance(&c, count);
            }
        }

        swtlb_leave(&curr->swtlb, SWTLB_ACCESS);
    } while ( c.len && c.len <= rest );

    *copy = c;
}

/*
 * Remember what a copy, of v for itself, of a part that entry covers found:
 * the bytes [first, last] of gvas, the first one accessible at va.
 */
static always_inline void remember_page(struct vcpu *v,
                                        const struct swtlb_entry *entry,
                                        unsigned long first,
                                        unsigned long last, void *va,
                                        struct swtlb_seqs seqs)
{
    struct swtlb_slot *slot = swtlb_slot_of(&v->swtlb, first);

    /* The vCPU may have lost its table since, and its slots with it. */
    if ( unlikely(!slot) )
        return;

    slot->gva = first;
    slot->size = last - first + 1;
    slot->va = va;
    slot->map_seq = seqs.map;
    slot->p2m_seq = seqs.p2m;
    slot->space = entry->space;
}

/*
 * Copy the next part, up to the end of the page, which entry covers.  Sets
 * *count to its size.  The caller has entered, this leaves; where Xen sleeps
 * meanwhile, to have the page paged in or the access approved, that is already
 * so, and the entry may be gone.
 */
static always_inline int copy_covered_part(struct vcpu *curr, struct vcpu *v,
                                           const struct swtlb_copy *c,
                                           const struct swtlb_entry *entry,
                                           unsigned long map_seq,
                                           unsigned int *count)
{
    unsigned long off = PAGE_OFFSET(c->gva);
    unsigned long below = min(off, c->gva - entry->gva);
    unsigned long above = min(PAGE_SIZE - 1 - off, entry->last - c->gva);
    struct swtlb_seqs seqs = { .map = map_seq };
    struct page_info *page;
    bool inside;
    int rc;

    if ( *count > above )
        *count = above + 1;

    curr->swtlb.stats.hit_bytes += *count;

    /* Never newer than what is found, which is remembered under it. */
    seqs.p2m = ACCESS_ONCE(v->domain->swtlb.p2m_seq);
    smp_rmb(); /* Pairs with swtlb_p2m_changed(). */

    rc = arch_swtlb_copy_gpa(v, entry->gpa + (c->gva - entry->gva), c->gva,
                             c->buf, *count, c->to_guest, &page);
    /* No longer, if it had to sleep. */
    inside = swtlb_inside(&curr->swtlb);

    if ( likely(page) )
    {
        /* In the direct map: there is nothing to unmap. */
        if ( likely(v == curr) && likely(inside) )
            remember_page(v, entry, c->gva - below, c->gva + above,
                          page_to_virt(page) + (off - below), seqs);
        /* Before it leaves: who waited expects the page to be let go. */
        put_page(page);
    }

    if ( likely(inside) )
        swtlb_leave(&curr->swtlb, SWTLB_LOOKUP);

    return rc;
}

/*
 * Copy the next count bytes, for v, by a walk, as if there were no software
 * TLB; unless that must not be.
 */
static always_inline int walk_part(struct vcpu *curr, const struct vcpu *v,
                                   struct swtlb_copy *c, unsigned int count)
{
    unsigned int left;

    if ( unlikely(ACCESS_ONCE(curr->domain->swtlb.strict)) ||
         unlikely(ACCESS_ONCE(v->domain->swtlb.strict)) )
    {
        c->fate = SWTLB_COPY_REFUSED;
        return -EFAULT;
    }

    c->fate = SWTLB_COPY_WALKED;
    curr->swtlb.stats.miss_bytes += count;

    left = arch_swtlb_walk(c->gva, c->buf, count, c->to_guest);
    if ( likely(!left) )
        return 0;

    copy_advance(c, count - left);

    return -EFAULT;
}

/*
 * Remember that no entry has a part in the page of gva, if that is so, for
 * swtlb_applies().
 */
static void remember_gap(struct swtlb_vcpu *sv, const struct swtlb_map *map,
                         unsigned long map_seq, unsigned long gva)
{
    struct swtlb_gap *gap = swtlb_gap_of(sv, gva);

    if ( swtlb_map_overlaps(map, gva & PAGE_MASK, gva | ~PAGE_MASK) )
        return;

    gap->map_seq = map_seq;
    gap->page = gva >> PAGE_SHIFT;
}

/*
 * Copy the next part: either covered by one entry, and within one page, or
 * covered by none.  Sets *count to its size.
 */
static always_inline int copy_part(struct vcpu *curr, struct vcpu *v,
                                   struct swtlb_copy *c, unsigned int *count)
{
    struct swtlb_vcpu *sv = &curr->swtlb;
    const struct swtlb_entry *entry = NULL;
    const struct swtlb_map *map;
    unsigned long map_seq;

    swtlb_enter(sv, SWTLB_LOOKUP);

    map = swtlb_lookup_map(&v->swtlb, &map_seq);
    *count = map ? swtlb_map_lookup(map, c->gva, c->len, &entry) : c->len;

    /* On whose page tables another vCPU's copy is made is not known. */
    if ( entry && unlikely(entry->space) &&
         (v != curr || !space_is_current(v, entry->space)) )
        entry = NULL;
    else if ( !entry && map && v == curr )
        remember_gap(sv, map, map_seq, c->gva);

    if ( unlikely(!entry) )
    {
        swtlb_leave(sv, SWTLB_LOOKUP);
        return walk_part(curr, v, c, *count);
    }

    return copy_covered_part(curr, v, c, entry, map_seq, count);
}

/*
 * Whether no entry speaks of v's addresses.  Those which a nested guest is to
 * see are of its own address space; those of other vCPUs' areas are not, and
 * those of other domains' vCPUs are of theirs.
 */
static always_inline bool entries_apply(const struct vcpu *curr,
                                        struct vcpu *v)
{
    return v != curr ? v->domain == curr->domain : !arch_swtlb_nested(v);
}

/*
 * A copy of whatever kind, part by part, that no single slot sufficed for.
 * by_slots: it may be that some do.
 */
static noinline unsigned int copy_by_parts(void *buf, unsigned long gva,
                                           unsigned int len, bool to_guest,
                                           bool by_slots)
{
    struct swtlb_copy c = {
        .buf = buf, .gva = gva, .len = len, .to_guest = to_guest,
    };
    struct vcpu *curr = current;
    struct vcpu *copy_for = curr->swtlb.copy_for;
    struct vcpu *v = copy_for ?: curr;
    struct xen_swtlb_stats *stats = &curr->swtlb.stats;
    int rc = 0;

    /*
     * Were the vCPU to be descheduled in the middle of this copy, to wait for
     * a toolstack, then Xen would make other copies meanwhile that are for
     * the vCPU itself (see update_runstate_area()).
     */
    curr->swtlb.copy_for = NULL;

    while ( c.len )
    {
        unsigned int count = c.len;

        if ( by_slots && v == curr )
        {
            copy_by_slots(&c);
            stats->hit_bytes += count - c.len;
            count = c.len;
            if ( !count )
                break;
        }

        if ( likely(entries_apply(curr, v)) )
            rc = copy_part(curr, v, &c, &count);
        else
            rc = walk_part(curr, v, &c, count);

        if ( rc || count == c.len )
            break;

        copy_advance(&c, count);
        by_slots = true;
    }

    curr->swtlb.copy_for = copy_for;

    if ( likely(c.fate == SWTLB_COPY_HIT) )
        stats->hits++;
    else if ( c.fate == SWTLB_COPY_WALKED )
        stats->misses++;
    else
        stats->refused++;

    if ( !rc )
        return 0;

    stats->faults++;

    return arch_swtlb_result(len, c.len);
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
