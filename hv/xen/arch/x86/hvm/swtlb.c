/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: copies through registered hypercall buffers, and what the
 * common code needs to know about x86.
 */

#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/multicall.h>
#include <xen/nospec.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-map.h>
#include <xen/vm_event.h>
#include <xen/xmalloc.h>

#include <asm/guest_access.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/monitor.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/support.h>
#include <asm/mem_paging.h>
#include <asm/p2m.h>
#include <asm/paging.h>
#include <asm/vm_event.h>

/*
 * What a vCPU's copies found, by page of gvas.  A slot says that size bytes at
 * gva, all in one page, can be accessed at va, on the page tables of space.
 *
 * It does so as of map_seq and p2m_seq.  Where one of these is no longer the
 * current one the slot means nothing.
 */
struct slot {
    unsigned long gva;
    unsigned long size;
    void *va;
    unsigned long map_seq;
    unsigned long p2m_seq;
    unsigned long space;          /* as in struct swtlb_entry */
    unsigned long mask;           /* only in a cache's first one */
} __aligned(64);

/* At least a page of them; a power of two. */
#define SLOTS_MIN 64U

/* How much to copy, about, before those who wait get a chance. */
#define BYTES_AT_ONCE (16U << PAGE_SHIFT)

/* An array of mask + 1 slots and nothing else, which makes whole pages. */
struct swtlb_cache {
    struct slot first;
};

/*
 * A copy, or what is left of it.  buf is never written to if to_guest, and
 * may then be NULL to write zeroes.
 */
struct copy {
    void *buf;
    unsigned long gva;
    unsigned int len;
    bool to_guest;
    bool walked;                  /* some part of it was */
    bool refused;                 /* some part would have had to be */
};

const struct swtlb_cache arch_swtlb_no_cache = {};

struct swtlb_cache *arch_swtlb_cache_alloc(void)
{
    unsigned int nr = max(SLOTS_MIN, 1U << fls(swtlb_max_entries - 1));
    struct slot *slots = xzalloc_array(struct slot, nr);

    BUILD_BUG_ON(sizeof(struct slot) != 64);

    if ( !slots )
        return NULL;

    slots->mask = nr - 1;

    return container_of(slots, struct swtlb_cache, first);
}

/* Whether a toolstack introspects v's domain. */
static always_inline bool introspected(const struct vcpu *v)
{
    return SWTLB_HAS_VM_EVENT && v->arch.vm_event;
}

static always_inline struct slot *slot_of(const struct swtlb_vcpu *sv,
                                          unsigned long gva)
{
    struct swtlb_cache *cache = ACCESS_ONCE(sv->cache);

    return &cache->first + ((gva >> PAGE_SHIFT) & cache->first.mask);
}

static always_inline void move_bytes(void *guest, void *buf, unsigned int len,
                                     bool to_guest)
{
    if ( !to_guest )
        memcpy(buf, guest, len);
    else if ( buf )
        memcpy(guest, buf, len);
    else
        memset(guest, 0, len);
}

static always_inline enum hvm_translation_result walk(
    void *buf, unsigned long gva, unsigned int len, bool to_guest)
{
    return to_guest ? hvm_copy_to_guest_linear(gva, buf, len, 0, NULL)
                    : hvm_copy_from_guest_linear(buf, gva, len, 0, NULL);
}

/* What tells page tables with PAE apart, of which many fit into a page. */
#define CR3_PAE_MASK  0xffffffe0UL

/* Bits 0 and 1, which the base never has, say that it is one, and of which. */
unsigned long arch_swtlb_space(const struct vcpu *v)
{
    unsigned long cr3 = v->arch.hvm.guest_cr[3];

    if ( hvm_pae_enabled(v) && !hvm_long_mode_active(v) )
        return (cr3 & CR3_PAE_MASK) | 3;

    return (cr3 & X86_CR3_ADDR_MASK) | 1;
}

/* Whether what is for space, not 0, counts for v, the current vCPU. */
static noinline bool in_space(const struct vcpu *v, unsigned long space)
{
    return space == arch_swtlb_space(v);
}

/*
 * Whether the current vCPU may use its slots at all, for a copy of its own.
 * (It may have none: a strict domain gets here without entries, and so does
 * one that loses its last entry after swtlb_engaged().  Its cache is empty.)
 *
 * What introspection restricts are P2M entries, and to write these makes slots
 * void; but it also wants to be told of accesses that it does not restrict.
 */
static always_inline bool slots_usable(const struct vcpu *curr)
{
    return likely(!curr->swtlb.subject) &&
           likely(!vcpu_nestedhvm(curr).nv_guestmode) &&
           likely(!introspected(curr));
}

/*
 * Where slot has the *len bytes at gva.  What does not lie within its bytes,
 * as nobody but a processor that guesses wrong gets here with, leads to bytes
 * of it all the same, and to no more than there are.  Behind them may be
 * another domain's page.
 */
static always_inline void *slot_va(const struct slot *slot, unsigned long gva,
                                   unsigned int *len)
{
    unsigned long off = array_index_nospec(gva - slot->gva, slot->size);

    *len = array_index_nospec((unsigned long)*len, slot->size - off + 1);

    return slot->va + off;
}

/* The same for a whole page, whose size the compiler is to know. */
static always_inline void *slot_page(const struct slot *slot)
{
    return __builtin_assume_aligned(
        (void *)((unsigned long)slot->va & PAGE_MASK), PAGE_SIZE);
}

/*
 * The slot that tells where the len bytes at gva, of the current vCPU, are; or
 * NULL.
 *
 * To be called in an access that began before the numbers were read, and valid
 * until that ends: whoever changes one of them waits for it.
 */
static always_inline const struct slot *find_slot(const struct vcpu *curr,
                                                  unsigned long map_seq,
                                                  unsigned long p2m_seq,
                                                  unsigned long gva,
                                                  unsigned int len)
{
    const struct slot *slot = slot_of(&curr->swtlb, gva);
    unsigned long off = gva - slot->gva;

    if ( unlikely(off >= slot->size) || unlikely(len > slot->size - off) ||
         unlikely(slot->map_seq != map_seq) ||
         unlikely(slot->p2m_seq != p2m_seq) )
        return NULL;

    if ( unlikely(slot->space) && !in_space(curr, slot->space) )
        return NULL;

    return slot;
}

static unsigned int copy_slowly(void *buf, unsigned long gva,
                                unsigned int len, bool to_guest);

/* A copy; expanded for either direction. */
static always_inline unsigned int copy(void *buf, unsigned long gva,
                                       unsigned int len, bool to_guest)
{
    struct vcpu *curr = current;
    const struct domain *d = curr->domain;
    const struct slot *slot;
    void *guest;

    swtlb_enter(&curr->swtlb, SWTLB_ACCESS);

    if ( unlikely(!slots_usable(curr)) ||
         (to_guest && unlikely(paging_mode_log_dirty(d))) ||
         unlikely((slot = find_slot(curr, ACCESS_ONCE(curr->swtlb.map_seq),
                                    ACCESS_ONCE(d->swtlb.p2m_seq), gva,
                                    len)) == NULL) )
    {
        swtlb_leave(&curr->swtlb, SWTLB_ACCESS);
        return copy_slowly(buf, gva, len, to_guest);
    }

    curr->swtlb.stats.hits++;
    curr->swtlb.stats.hit_bytes += len;
    guest = slot_va(slot, gva, &len);
    move_bytes(guest, buf, len, to_guest);

    swtlb_leave(&curr->swtlb, SWTLB_ACCESS);

    return 0;
}

unsigned int swtlb_copy_to_guest(unsigned long gva, const void *buf,
                                 unsigned int len)
{
    return copy((void *)buf, gva, len, true);
}

unsigned int swtlb_copy_from_guest(void *buf, unsigned long gva,
                                   unsigned int len)
{
    return copy(buf, gva, len, false);
}

/*
 * Whether introspection, if there is any, objects to the access.  Xen may have
 * to sleep for that (swtlb_sleep()).
 */
static noinline bool monitor_objects(unsigned long gva, gfn_t gfn,
                                     bool to_guest)
{
    uint32_t pfec = PFEC_page_present;

    if ( to_guest )
        pfec |= PFEC_write_access;

    return current->arch.vm_event->send_event &&
           hvm_monitor_check_p2m(gva, gfn, pfec, npfec_kind_with_gla);
}

/*
 * Remember what a copy, of v for itself, of a part that entry covers found:
 * the bytes [first, last] of gvas, the first one accessible at va.
 */
static always_inline void fill_slot(struct vcpu *v,
                                    const struct swtlb_entry *entry,
                                    unsigned long gva, unsigned long first,
                                    unsigned long last, void *va,
                                    unsigned long map_seq,
                                    unsigned long p2m_seq)
{
    struct slot *slot = slot_of(&v->swtlb, gva);

    /* The vCPU may have lost its table since, and its cache with it. */
    if ( unlikely(slot == &arch_swtlb_no_cache.first) )
        return;

    slot->gva = first;
    slot->size = last - first + 1;
    slot->va = va;
    slot->map_seq = map_seq;
    slot->p2m_seq = p2m_seq;
    slot->space = entry->space;
}

/*
 * Look up the page of v's gpa.  *seq is never newer than what was found, so
 * that this can be remembered under that number.
 */
static always_inline enum hvm_translation_result look_up(
    struct vcpu *v, paddr_t gpa, struct page_info **page, p2m_type_t *p2mt,
    unsigned long *seq)
{
    gfn_t gfn;

    *seq = ACCESS_ONCE(v->domain->swtlb.p2m_seq);
    smp_rmb(); /* Pairs with swtlb_p2m_changed(). */

    return hvm_translate_get_page(v, gpa, false, 0, NULL, page, &gfn, p2mt);
}

/*
 * Copy the next count bytes, at gpa of v and within one page, as a walk ends
 * that leads there, under the same rules.
 */
static always_inline enum hvm_translation_result copy_to_page(
    struct vcpu *v, const struct copy *c, paddr_t gpa, unsigned int count,
    struct page_info *page, p2m_type_t p2mt)
{
    gfn_t gfn = gaddr_to_gfn(gpa);
    void *p;

    if ( unlikely(c->to_guest && p2mt == p2m_ioreq_server) )
        return HVMTRANS_bad_gfn_to_mfn;

    if ( unlikely(introspected(current)) &&
         monitor_objects(c->gva, gfn, c->to_guest) )
        return HVMTRANS_need_retry;

    if ( unlikely(c->to_guest && p2m_is_discard_write(p2mt)) )
        return HVMTRANS_okay;

    p = __map_domain_page(page);
    move_bytes(p + PAGE_OFFSET(gpa), c->buf, count, c->to_guest);
    unmap_domain_page(p);

    if ( c->to_guest )
        paging_mark_pfn_dirty(v->domain, _pfn(gfn_x(gfn)));

    return HVMTRANS_okay;
}

/*
 * Copy the next part, up to the end of the page, which entry covers.  Sets
 * *count to its size.  The caller has entered; wherever Xen sleeps meanwhile,
 * to have the page paged in or the access approved, the entry may go, and that
 * it is left is to be seen by swtlb_inside().
 */
static always_inline enum hvm_translation_result copy_covered(
    struct vcpu *curr, struct vcpu *v, const struct copy *c,
    const struct swtlb_entry *entry, unsigned long map_seq,
    unsigned int *count)
{
    struct domain *d = v->domain;
    unsigned long off = PAGE_OFFSET(c->gva);
    unsigned long below = min(off, c->gva - entry->gva);
    unsigned long above = min(PAGE_SIZE - 1 - off, entry->last - c->gva);
    paddr_t gpa = entry->gpa + (c->gva - entry->gva);
    enum hvm_translation_result res;
    struct page_info *page;
    unsigned long p2m_seq;
    p2m_type_t p2mt;

    if ( *count > above )
        *count = above + 1;

    curr->swtlb.stats.hit_bytes += *count;

    res = look_up(v, gpa, &page, &p2mt, &p2m_seq);
    if ( unlikely(res != HVMTRANS_okay) )
    {
        /* Ask for a page that was paged out, as a walk does. */
        if ( res == HVMTRANS_bad_gfn_to_mfn && mem_paging_enabled(d) )
            p2m_mem_paging_populate(d, gaddr_to_gfn(gpa));

        return res;
    }

    res = copy_to_page(v, c, gpa, *count, page, p2mt);

    /*
     * Of these types neither access needs more of a check than that the page
     * is d's, which the lookup has made.  The page's address in the direct map
     * is what map_domain_page() gives an HVM vCPU, but needs no unmapping.
     */
    if ( likely(v == curr) && likely(!introspected(curr)) &&
         likely(swtlb_inside(&curr->swtlb)) &&
         (p2mt == p2m_ram_rw || p2mt == p2m_ram_logdirty) )
        fill_slot(v, entry, c->gva, c->gva - below, c->gva + above,
                  page_to_virt(page) + (off - below), map_seq, p2m_seq);

    put_page(page);

    return res;
}

/*
 * Copy the next count bytes, for v, by a walk, as if there were no software
 * TLB; unless that must not be.
 */
static always_inline enum hvm_translation_result walk_part(
    struct vcpu *curr, const struct vcpu *v, struct copy *c,
    unsigned int count)
{
    if ( unlikely(ACCESS_ONCE(curr->domain->swtlb.strict)) ||
         unlikely(ACCESS_ONCE(v->domain->swtlb.strict)) )
    {
        c->refused = true;
        return HVMTRANS_bad_linear_to_gfn;
    }

    c->walked = true;
    curr->swtlb.stats.miss_bytes += count;

    return walk(c->buf, c->gva, count, c->to_guest);
}

/*
 * Remember that no entry has a part in the page of gva, if that is so, for
 * swtlb_engaged().
 */
static void note_gap(struct swtlb_vcpu *sv, const struct swtlb_map *map,
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
static always_inline enum hvm_translation_result copy_part(
    struct vcpu *curr, struct vcpu *v, struct copy *c, unsigned int *count)
{
    struct swtlb_vcpu *sv = &curr->swtlb;
    const struct swtlb_entry *entry = NULL;
    enum hvm_translation_result res;
    const struct swtlb_map *map;
    unsigned long map_seq;

    swtlb_enter(sv, SWTLB_LOOKUP);

    map = swtlb_lookup_map(&v->swtlb, &map_seq);
    *count = map ? swtlb_map_lookup(map, c->gva, c->len, &entry) : c->len;

    /* On whose page tables another vCPU's copy is made is not known. */
    if ( entry && unlikely(entry->space) &&
         (v != curr || !in_space(v, entry->space)) )
        entry = NULL;
    else if ( !entry && map && v == curr )
        note_gap(sv, map, map_seq, c->gva);

    if ( unlikely(!entry) )
    {
        swtlb_leave(sv, SWTLB_LOOKUP);
        return walk_part(curr, v, c, *count);
    }

    res = copy_covered(curr, v, c, entry, map_seq, count);

    /* Unless it had to sleep. */
    if ( likely(swtlb_inside(sv)) )
        swtlb_leave(sv, SWTLB_LOOKUP);

    return res;
}

static always_inline void advance(struct copy *c, unsigned int count)
{
    c->gva += count;
    c->buf += c->buf ? count : 0;
    c->len -= count;
}

/* Likewise copy count bytes, within one page; returns whether it did. */
static always_inline bool copy_by_slot(const struct vcpu *curr,
                                       unsigned long map_seq,
                                       unsigned long p2m_seq, void *buf,
                                       unsigned long gva, unsigned int count,
                                       bool to_guest)
{
    const struct slot *slot = find_slot(curr, map_seq, p2m_seq, gva, count);
    void *guest;

    if ( unlikely(!slot) )
        return false;

    /* So that a whole page needs no more than a single string instruction. */
    if ( __builtin_constant_p(count) && count == PAGE_SIZE )
        guest = slot_page(slot);
    else
        guest = slot_va(slot, gva, &count);

    move_bytes(guest, buf, count, to_guest);

    return true;
}

/*
 * Copy what slots lead to, page by page, as far as that goes.  Expanded for
 * each kind of copy, and for whole pages, whose size then is a constant.
 * Returns how many bytes these were.
 */
static always_inline unsigned int copy_by_slots(void *buf, unsigned long gva,
                                                unsigned int len,
                                                bool to_guest, bool clear)
{
    struct vcpu *curr = current;
    const struct domain *d = curr->domain;
    unsigned int left = len, rest;
    unsigned long map_seq, p2m_seq;

    /* The callers know; to tell the compiler. */
    if ( !clear && !buf )
        __builtin_unreachable();

    do {
        /* What to leave for the next access. */
        rest = left > BYTES_AT_ONCE ? left - BYTES_AT_ONCE : 0;

        swtlb_enter(&curr->swtlb, SWTLB_ACCESS);

        map_seq = ACCESS_ONCE(curr->swtlb.map_seq);
        p2m_seq = ACCESS_ONCE(d->swtlb.p2m_seq);
        if ( likely(slots_usable(curr)) &&
             likely(!to_guest || !paging_mode_log_dirty(d)) )
            while ( left > rest )
            {
                unsigned int count;

                if ( likely(!PAGE_OFFSET(gva)) && left >= PAGE_SIZE )
                {
                    if ( !copy_by_slot(curr, map_seq, p2m_seq, buf, gva,
                                       PAGE_SIZE, to_guest) )
                        break;

                    gva += PAGE_SIZE;
                    buf += clear ? 0 : PAGE_SIZE;
                    left -= PAGE_SIZE;
                    continue;
                }

                count = min_t(unsigned int, left,
                              PAGE_SIZE - PAGE_OFFSET(gva));
                if ( !copy_by_slot(curr, map_seq, p2m_seq, buf, gva, count,
                                   to_guest) )
                    break;

                gva += count;
                buf += clear ? 0 : count;
                left -= count;
            }

        swtlb_leave(&curr->swtlb, SWTLB_ACCESS);
    } while ( left && left <= rest );

    return len - left;
}

static noinline unsigned int copy_to_slots(void *buf, unsigned long gva,
                                           unsigned int len)
{
    return copy_by_slots(buf, gva, len, true, false);
}

static noinline unsigned int clear_slots(unsigned long gva, unsigned int len)
{
    return copy_by_slots(NULL, gva, len, true, true);
}

static noinline unsigned int copy_from_slots(void *buf, unsigned long gva,
                                             unsigned int len)
{
    return copy_by_slots(buf, gva, len, false, false);
}

/*
 * Whether an address of v means nothing here.  Those which a nested guest is
 * to see are of its own address space, of which no entry speaks; those of
 * other vCPUs' areas are not, and those of other domains' vCPUs are of theirs.
 */
static always_inline bool alien(const struct vcpu *curr, struct vcpu *v)
{
    return v != curr ? v->domain != curr->domain
                     : nestedhvm_vcpu_in_guestmode(v);
}

/* A copy of whatever kind, part by part, that no single slot sufficed for. */
static noinline unsigned int copy_slowly(void *buf, unsigned long gva,
                                         unsigned int len, bool to_guest)
{
    struct copy c = {
        .buf = buf, .gva = gva, .len = len, .to_guest = to_guest,
    };
    struct vcpu *curr = current;
    struct vcpu *subject = curr->swtlb.subject;
    struct vcpu *v = subject ?: curr;
    struct xen_swtlb_stats *stats = &curr->swtlb.stats;
    enum hvm_translation_result res = HVMTRANS_okay;
    bool by_slots = PAGE_OFFSET(gva) + len > PAGE_SIZE;

    /*
     * Were the vCPU to be descheduled in the middle of this copy, to wait for
     * a toolstack, then Xen would make other copies meanwhile that are for
     * the vCPU itself (see update_runstate_area()).
     */
    curr->swtlb.subject = NULL;

    while ( c.len )
    {
        unsigned int count = c.len;

        if ( by_slots && v == curr )
        {
            if ( !to_guest )
                count = copy_from_slots(c.buf, c.gva, c.len);
            else if ( c.buf )
                count = copy_to_slots(c.buf, c.gva, c.len);
            else
                count = clear_slots(c.gva, c.len);

            stats->hit_bytes += count;
            advance(&c, count);
            count = c.len;
            if ( !count )
                break;
        }

        if ( unlikely(alien(curr, v)) )
            res = walk_part(curr, v, &c, count);
        else
            res = copy_part(curr, v, &c, &count);

        if ( res != HVMTRANS_okay || count == c.len )
            break;

        advance(&c, count);
        by_slots = true;
    }

    curr->swtlb.subject = subject;

    if ( c.refused )
        stats->refused++;
    else if ( c.walked )
        stats->misses++;
    else
        stats->hits++;

    if ( res == HVMTRANS_okay )
        return 0;

    stats->faults++;

    return len;
}

bool arch_swtlb_supported(const struct domain *d)
{
    return is_hvm_domain(d);
}

bool arch_swtlb_caller_is_32bit(void)
{
    return current->hcall_compat;
}

/*
 * vcpu_op is a hypercall of three arguments, and stays one: a debug build of
 * Xen overwrites the argument registers of a hypercall on return, and callers
 * of the other operations rely on the remaining ones being preserved.
 */
void arch_swtlb_args(unsigned long *gpa, unsigned long *size)
{
    const struct cpu_user_regs *regs = guest_cpu_user_regs();
    const struct mc_state *mcs = &current->mc_state;
    bool multicall = mcs->flags & MCSF_in_multicall;

    if ( current->hcall_compat )
    {
        *gpa = multicall ? mcs->compat_call.args[3] : regs->esi;
        *size = multicall ? mcs->compat_call.args[4] : regs->edi;
    }
    else
    {
        *gpa = multicall ? mcs->call.args[3] : regs->r10;
        *size = multicall ? mcs->call.args[4] : regs->r8;
    }
}

bool arch_swtlb_gva_valid(unsigned long first, unsigned long last)
{
    if ( current->hcall_compat )
        return last == (uint32_t)last;

    /* Both ends in the same half, or the hole would be in between. */
    return is_canonical_address(first) && is_canonical_address(last) &&
           !((first ^ last) >> (BITS_PER_LONG - 1));
}

bool arch_swtlb_gpa_valid(const struct domain *d, paddr_t gpa)
{
    return gfn_valid(d, gaddr_to_gfn(gpa));
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
