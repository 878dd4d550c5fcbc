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
#include <xen/swtlb-map.h>
#include <xen/swtlb-pin.h>
#include <xen/vm_event.h>
#include <xen/xvmalloc.h>

#include <asm/guest_access.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/monitor.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/support.h>
#include <asm/p2m.h>
#include <asm/paging.h>
#include <asm/vm_event.h>

/*
 * What a vCPU's copies found, by page of gvas.  A slot says that the limit - 1
 * bytes before the gva end, which are those before gpa_end, can be accessed
 * before va_end: in page, of a plain entry, or if that is NULL as part of a
 * pinned entry.  (Counting from the end takes the fewest instructions.)
 *
 * It does so as of map_seq, and if page also as of p2m_seq.  Where one of the
 * numbers is no longer the current one the slot means nothing; page may then
 * be stale, and is not accessed without a reference (get_slot_page()).
 */
struct slot {
    unsigned long end;
    unsigned long limit;
    unsigned long map_seq;
    unsigned long p2m_seq;
    void *va_end;
    struct page_info *page;
    paddr_t gpa_end;
    unsigned long space;          /* as in struct swtlb_entry */
} __aligned(64);

/* A power of two.  One page for all of them. */
#define NR_SLOTS 64

struct swtlb_cache {
    struct slot slot[NR_SLOTS];
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

struct swtlb_cache *arch_swtlb_cache_alloc(void)
{
    BUILD_BUG_ON(NR_SLOTS & (NR_SLOTS - 1));
    BUILD_BUG_ON(sizeof(struct swtlb_cache) > PAGE_SIZE);
    BUILD_BUG_ON(sizeof(struct slot) != 64);

    return xvzalloc(struct swtlb_cache);
}

static always_inline struct slot *slot_of(const struct swtlb_vcpu *sv,
                                          unsigned long gva)
{
    return &sv->cache->slot[(gva >> PAGE_SHIFT) % NR_SLOTS];
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

/* After a write to the len bytes at gpa. */
static void mark_dirty(struct domain *d, paddr_t gpa, unsigned int len)
{
    unsigned long pfn = PFN_DOWN(gpa), last = PFN_DOWN(gpa + len - 1);

    for ( ; pfn <= last; pfn++ )
        paging_mark_pfn_dirty(d, _pfn(pfn));
}

/*
 * Take a reference to the slot's page, if the P2M did not change since the
 * slot was filled.
 *
 * Whoever changes the P2M writes the entry, then the number, and only then
 * lets go of the page (swtlb_p2m_changed()).  If the number is the slot's
 * after the reference was taken, then the page was the one behind the gpa, and
 * d's, while the reference was held; from there on this is no different from a
 * copy which looked the P2M up itself.
 */
static always_inline bool get_slot_page(const struct slot *slot,
                                        const struct domain *d)
{
    struct page_info *page = slot->page;

    /* Not even for a moment a page that may be somebody else's by now. */
    if ( unlikely(slot->p2m_seq != ACCESS_ONCE(d->swtlb.p2m_seq)) ||
         unlikely(!page_get_owner_and_reference(page)) )
        return false;

    /* That was a full barrier: pairs with swtlb_p2m_changed(). */
    if ( likely(slot->p2m_seq == ACCESS_ONCE(d->swtlb.p2m_seq)) )
        return true;

    put_page(page);

    return false;
}

unsigned long arch_swtlb_space(const struct vcpu *v)
{
    return (v->arch.hvm.guest_cr[3] & X86_CR3_ADDR_MASK) | 1;
}

/* Whether what is for space counts for v, the current vCPU. */
static always_inline bool in_space(const struct vcpu *v, unsigned long space)
{
    return likely(!space) || space == arch_swtlb_space(v);
}

/*
 * The slot that covers the len bytes at gva, for a copy which the current vCPU
 * makes for itself, or NULL.  *before is how far before its end gva is.
 *
 * Introspection matters for pinned entries only: what it restricts are P2M
 * entries, and to write these makes the slots of others void.
 */
static always_inline const struct slot *find_slot(const struct vcpu *curr,
                                                  unsigned long gva,
                                                  unsigned int len,
                                                  unsigned long *before)
{
    const struct swtlb_vcpu *sv = &curr->swtlb;
    const struct slot *slot;

    if ( unlikely((ACCESS_ONCE(sv->flags) &
                   (SWTLB_entries | SWTLB_subject)) != SWTLB_entries) ||
         unlikely(vcpu_nestedhvm(curr).nv_guestmode) )
        return NULL;

    slot = slot_of(sv, gva);
    *before = slot->end - gva;

    if ( unlikely(*before >= slot->limit) || unlikely(len > *before) ||
         unlikely(slot->map_seq != ACCESS_ONCE(sv->map_seq)) ||
         unlikely(!in_space(curr, slot->space)) )
        return NULL;

    return slot;
}

static unsigned int copy_slowly(void *buf, unsigned long gva, unsigned int len,
                                bool to_guest);

/* Copy through a slot whose page is held, and leave. */
static always_inline void copy_slot(struct vcpu *curr, const struct slot *slot,
                                    unsigned long before, void *buf,
                                    unsigned int len, bool to_guest)
{
    curr->swtlb.stats.hit_bytes += len;

    before = array_index_nospec(before, slot->limit);
    move_bytes(slot->va_end - before, buf, len, to_guest);

    if ( to_guest && unlikely(paging_mode_log_dirty(curr->domain)) )
        mark_dirty(curr->domain, slot->gpa_end - before, len);

    swtlb_leave(&curr->swtlb);
}

/* All of a copy that is left once its slot, of a plain entry, was found. */
static always_inline unsigned int copy_plain_slot(struct vcpu *curr,
                                                  const struct slot *slot,
                                                  void *buf, unsigned long gva,
                                                  unsigned int len,
                                                  bool to_guest)
{
    struct page_info *page = slot->page;

    if ( unlikely(!get_slot_page(slot, curr->domain)) )
    {
        swtlb_leave(&curr->swtlb);
        return copy_slowly(buf, gva, len, to_guest);
    }

    curr->swtlb.stats.hits++;
    copy_slot(curr, slot, slot->end - gva, buf, len, to_guest);
    put_page(page);

    return 0;
}

/*
 * Not inlined, to keep the registers which these need from being saved where
 * they are not needed.
 */
static unsigned int noinline copy_to_plain_slot(struct vcpu *curr,
                                                const struct slot *slot,
                                                void *buf, unsigned long gva,
                                                unsigned int len)
{
    return copy_plain_slot(curr, slot, buf, gva, len, true);
}

static unsigned int noinline copy_from_plain_slot(struct vcpu *curr,
                                                  const struct slot *slot,
                                                  void *buf, unsigned long gva,
                                                  unsigned int len)
{
    return copy_plain_slot(curr, slot, buf, gva, len, false);
}

/* A copy; expanded for either direction. */
static always_inline unsigned int copy(void *buf, unsigned long gva,
                                       unsigned int len, bool to_guest)
{
    struct vcpu *curr = current;
    const struct slot *slot;
    unsigned long before;

    swtlb_enter(&curr->swtlb);

    slot = find_slot(curr, gva, len, &before);

    if ( likely(slot) && slot->page )
        return to_guest ? copy_to_plain_slot(curr, slot, buf, gva, len)
                        : copy_from_plain_slot(curr, slot, buf, gva, len);

    if ( unlikely(!slot) || unlikely(curr->arch.vm_event) )
    {
        swtlb_leave(&curr->swtlb);
        return copy_slowly(buf, gva, len, to_guest);
    }

    curr->swtlb.stats.hits++;
    copy_slot(curr, slot, before, buf, len, to_guest);

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
 * Whether a copy of d may have to wait inside Xen for a toolstack, to page in
 * or to introspect.  This must not happen between swtlb_enter() and _leave().
 */
static bool may_sleep(const struct domain *d)
{
    return unlikely(current->arch.vm_event) || unlikely(mem_paging_enabled(d));
}

/* Whether introspection objects to the access; only if it may_sleep(). */
static bool monitor_objects(const struct copy *c, gfn_t gfn)
{
    uint32_t pfec = PFEC_page_present;

    if ( c->to_guest )
        pfec |= PFEC_write_access;

    return current->arch.vm_event && current->arch.vm_event->send_event &&
           hvm_monitor_check_p2m(c->gva, gfn, pfec, npfec_kind_with_gla);
}

/*
 * Copy count bytes within one page at gpa of v, under the rules that also a
 * walk ends with.  The caller has entered; this leaves as soon as it has to.
 * If the page can be remembered, set fill's page and va_end.
 */
static enum hvm_translation_result copy_within_page(struct vcpu *v,
                                                    paddr_t gpa,
                                                    const struct copy *c,
                                                    unsigned int count,
                                                    struct slot *fill)
{
    struct domain *d = v->domain;
    /* Once, as a toolstack may begin meanwhile. */
    const bool sleepy = may_sleep(d);
    struct page_info *page;
    p2m_type_t p2mt;
    gfn_t gfn;
    enum hvm_translation_result res;

    if ( sleepy )
        swtlb_leave(&current->swtlb);

    fill->p2m_seq = ACCESS_ONCE(d->swtlb.p2m_seq);
    smp_rmb(); /* The number before the entry: pairs as in page_of(). */

    res = hvm_translate_get_page(v, gpa, false, 0, NULL, &page, &gfn, &p2mt);
    /* Ask for a page that was paged out, as a walk of a gva's tables does. */
    if ( sleepy && res == HVMTRANS_bad_gfn_to_mfn && mem_paging_enabled(d) )
        p2m_mem_paging_populate(d, gaddr_to_gfn(gpa));
    if ( res != HVMTRANS_okay )
        return res;

    if ( c->to_guest && p2mt == p2m_ioreq_server )
        res = HVMTRANS_bad_gfn_to_mfn;
    else if ( sleepy && monitor_objects(c, gfn) )
        res = HVMTRANS_need_retry;
    else if ( !c->to_guest || !p2m_is_discard_write(p2mt) )
    {
        void *p = __map_domain_page(page);

        move_bytes(p + PAGE_OFFSET(gpa), c->buf, count, c->to_guest);
        unmap_domain_page(p);

        if ( c->to_guest )
            paging_mark_pfn_dirty(d, _pfn(gfn_x(gfn)));
    }

    /*
     * Of these types neither access needs more of a check than get_page().
     * The page's address in the direct map is what map_domain_page() gives
     * an HVM vCPU, but needs no unmapping.
     */
    if ( !sleepy && page_get_owner(page) == d &&
         (p2mt == p2m_ram_rw || p2mt == p2m_ram_logdirty) )
    {
        fill->page = page;
        fill->va_end = page_to_virt(page) + PAGE_OFFSET(fill->gpa_end - 1) + 1;
    }

    put_page(page);

    return res;
}

/*
 * Copy the next count bytes, for v, by a walk, as if there were no software
 * TLB; unless that must not be.
 */
static enum hvm_translation_result walk_part(const struct vcpu *v,
                                             struct copy *c,
                                             unsigned int count)
{
    if ( unlikely(ACCESS_ONCE(current->domain->swtlb.strict)) ||
         unlikely(ACCESS_ONCE(v->domain->swtlb.strict)) )
    {
        c->refused = true;
        return HVMTRANS_bad_linear_to_gfn;
    }

    c->walked = true;
    current->swtlb.stats.miss_bytes += count;

    return walk(c->buf, c->gva, count, c->to_guest);
}

/* Copy the next part, which entry covers.  Sets *count to its size. */
static enum hvm_translation_result copy_covered(
    struct vcpu *v, struct copy *c, const struct swtlb_entry *entry,
    unsigned int *count, struct slot *fill)
{
    unsigned long off = PAGE_OFFSET(c->gva);
    unsigned long below = min(off, c->gva - entry->gva);
    unsigned long above = min(PAGE_SIZE - 1 - off, entry->last - c->gva) + 1;
    paddr_t gpa = entry->gpa + (c->gva - entry->gva);
    const struct swtlb_pin *pin = entry->pin;

    if ( pin && !current->arch.vm_event )
    {
        fill->end = entry->last + 1;
        fill->limit = entry->last - entry->gva + 2;
        fill->gpa_end = entry->gpa + (fill->end - entry->gva);
        fill->va_end = pin->va + (fill->gpa_end - pin->gpa);

        move_bytes(pin->va + (gpa - pin->gpa), c->buf, *count, c->to_guest);
        if ( c->to_guest && paging_mode_log_dirty(v->domain) )
            mark_dirty(v->domain, gpa, *count);
        current->swtlb.stats.hit_bytes += *count;

        return HVMTRANS_okay;
    }

    fill->end = c->gva + above;
    fill->limit = below + above + 1;
    fill->gpa_end = gpa + above;

    *count = min_t(unsigned int, *count, above);
    current->swtlb.stats.hit_bytes += *count;

    return copy_within_page(v, gpa, c, *count, fill);
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
 * Copy the next part: either covered by one entry, and within one page unless
 * that is pinned, or covered by none.  Sets *count to its size.
 */
static enum hvm_translation_result copy_part(struct vcpu *v, struct copy *c,
                                             unsigned int *count)
{
    struct swtlb_vcpu *sv = &current->swtlb;
    const struct swtlb_entry *entry = NULL;
    enum hvm_translation_result res = HVMTRANS_okay;
    const struct swtlb_map *map;
    struct slot fill = {};

    swtlb_enter(sv);

    map = swtlb_lookup_map(&v->swtlb, &fill.map_seq);
    *count = map ? swtlb_map_lookup(map, c->gva, c->len, &entry) : c->len;

    if ( entry && entry->space )
    {
        if ( v != current || !in_space(v, entry->space) )
            entry = NULL;
        else
            fill.space = entry->space;
    }

    if ( entry )
        res = copy_covered(v, c, entry, count, &fill);

    /* Not what is another vCPU's, nor after having had to leave early. */
    if ( map && v == current && sv->busy )
    {
        if ( !entry )
            note_gap(sv, map, fill.map_seq, c->gva);
        else if ( fill.va_end )
            *slot_of(sv, c->gva) = fill;
    }

    swtlb_leave(sv);

    return entry ? res : walk_part(v, c, *count);
}

/*
 * Copy the next part through a slot.  Returns whether there was one that
 * sufficed; if not, nothing was done.
 */
static bool copy_remembered_part(struct copy *c, unsigned int count)
{
    struct vcpu *curr = current;
    const struct slot *slot;
    struct page_info *page;
    unsigned long before;

    swtlb_enter(&curr->swtlb);

    slot = find_slot(curr, c->gva, count, &before);
    page = slot ? slot->page : NULL;

    if ( !slot || (page ? !get_slot_page(slot, curr->domain)
                        : curr->arch.vm_event != NULL) )
    {
        swtlb_leave(&curr->swtlb);
        return false;
    }

    copy_slot(curr, slot, before, c->buf, count, c->to_guest);
    if ( page )
        put_page(page);

    return true;
}

/* A copy of whatever kind, part by part. */
static unsigned int copy_slowly(void *buf, unsigned long gva, unsigned int len,
                                bool to_guest)
{
    struct copy c = {
        .buf = buf, .gva = gva, .len = len, .to_guest = to_guest,
    };
    struct vcpu *curr = current;
    struct vcpu *subject = curr->swtlb.subject;
    struct xen_swtlb_stats *stats = &curr->swtlb.stats;
    enum hvm_translation_result res = HVMTRANS_okay;

    /*
     * Were the vCPU to be descheduled in the middle of this copy, to wait for
     * a toolstack, then Xen would make other copies meanwhile that are for
     * the vCPU itself (see update_runstate_area()).
     */
    curr->swtlb.subject = NULL;

    while ( c.len && res == HVMTRANS_okay )
    {
        unsigned int count = min_t(unsigned int, c.len,
                                   PAGE_SIZE - PAGE_OFFSET(c.gva));

        /*
         * Addresses which a nested guest is to see are of its own address
         * space, of which no entry speaks; those of other vCPUs' areas are
         * not, and those of other domains' vCPUs mean nothing here.
         */
        if ( subject ? subject->domain != curr->domain
                     : nestedhvm_vcpu_in_guestmode(curr) )
        {
            count = c.len;
            res = walk_part(subject ?: curr, &c, count);
        }
        else if ( subject || !copy_remembered_part(&c, count) )
            res = copy_part(subject ?: curr, &c, &count);

        c.gva += count;
        c.buf += c.buf ? count : 0;
        c.len -= count;
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
