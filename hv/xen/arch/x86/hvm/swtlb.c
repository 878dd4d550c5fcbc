/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: copies through registered hypercall buffers, and what the
 * common code needs to know about x86.
 */

#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/multicall.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-map.h>

#include <asm/guest_access.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/monitor.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/support.h>
#include <asm/p2m.h>
#include <asm/paging.h>
#include <asm/vm_event.h>

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
};

/*
 * Whether a copy of d may have to wait inside Xen for a toolstack, to page in
 * or to introspect.  This must not happen between swtlb_enter() and _leave().
 */
static bool may_sleep(const struct domain *d, const struct vcpu *curr)
{
    return unlikely(curr->arch.vm_event) || unlikely(mem_paging_enabled(d));
}

/* Whether introspection objects to the access; it may sleep. */
static bool monitor_objects(const struct vcpu *curr, const struct copy *c,
                            gfn_t gfn)
{
    uint32_t pfec = PFEC_page_present;

    if ( c->to_guest )
        pfec |= PFEC_write_access;

    return unlikely(curr->arch.vm_event) &&
           curr->arch.vm_event->send_event &&
           hvm_monitor_check_p2m(c->gva, gfn, pfec, npfec_kind_with_gla);
}

/*
 * Copy count bytes within one page at gpa of v, under the rules that also a
 * walk ends with.  The caller has entered; this leaves as soon as it has to.
 */
static enum hvm_translation_result copy_within_page(struct vcpu *v,
                                                    paddr_t gpa,
                                                    const struct copy *c,
                                                    unsigned int count)
{
    struct domain *d = v->domain;
    struct page_info *page;
    p2m_type_t p2mt;
    gfn_t gfn;
    enum hvm_translation_result res;
    void *p;

    if ( may_sleep(d, current) )
        swtlb_leave();

    res = hvm_translate_get_page(v, gpa, false, 0, NULL, &page, &gfn, &p2mt);
    if ( res != HVMTRANS_okay )
        return res;

    if ( c->to_guest && p2mt == p2m_ioreq_server )
        res = HVMTRANS_bad_gfn_to_mfn;
    else if ( monitor_objects(current, c, gfn) )
        res = HVMTRANS_need_retry;
    else if ( !c->to_guest || !p2m_is_discard_write(p2mt) )
    {
        p = __map_domain_page(page) + (gpa & ~PAGE_MASK);

        if ( !c->to_guest )
            memcpy(c->buf, p, count);
        else if ( c->buf )
            memcpy(p, c->buf, count);
        else
            memset(p, 0, count);

        unmap_domain_page(p);

        if ( c->to_guest )
            paging_mark_pfn_dirty(d, _pfn(gfn_x(gfn)));
    }

    put_page(page);

    return res;
}

/* Copy the next part by a walk, as if there were no software TLB. */
static enum hvm_translation_result walk_part(struct copy *c,
                                             unsigned int count)
{
    c->walked = true;
    current->swtlb.stats.miss_bytes += count;

    return c->to_guest
           ? hvm_copy_to_guest_linear(c->gva, c->buf, count, 0, NULL)
           : hvm_copy_from_guest_linear(c->buf, c->gva, count, 0, NULL);
}

/*
 * Copy the next part, which is covered by one entry and in one page, or by no
 * entry.  Sets *count to its size.
 */
static enum hvm_translation_result copy_part(struct vcpu *v, struct copy *c,
                                             unsigned int *count)
{
    const struct swtlb_map *map = swtlb_enter(v);
    const struct swtlb_entry *entry = NULL;
    enum hvm_translation_result res;

    *count = map ? swtlb_map_lookup(map, c->gva, c->len, &entry) : c->len;

    if ( !entry )
    {
        swtlb_leave();
        return walk_part(c, *count);
    }

    *count = min_t(unsigned int, *count, PAGE_SIZE - (c->gva & ~PAGE_MASK));
    current->swtlb.stats.hit_bytes += *count;

    res = copy_within_page(v, entry->gpa + (c->gva - entry->gva), c, *count);
    swtlb_leave();

    return res;
}

static unsigned int copy(struct copy *c)
{
    struct vcpu *curr = current;
    struct vcpu *subject = curr->swtlb.subject;
    struct xen_swtlb_stats *stats = &curr->swtlb.stats;
    const unsigned int len = c->len;
    enum hvm_translation_result res = HVMTRANS_okay;

    /*
     * Were the vCPU to be descheduled in the middle of this copy, to wait for
     * a toolstack, then Xen would make other copies meanwhile that are for
     * the vCPU itself (see update_runstate_area()).
     */
    curr->swtlb.subject = NULL;

    while ( c->len && res == HVMTRANS_okay )
    {
        unsigned int count = c->len;

        /*
         * Addresses which a nested guest is to see are of its own address
         * space, of which no entry speaks; those of other vCPUs' areas are
         * not, and those of other domains' vCPUs mean nothing here.
         */
        if ( subject ? subject->domain != curr->domain
                     : nestedhvm_vcpu_in_guestmode(curr) )
            res = walk_part(c, count);
        else
            res = copy_part(subject ?: curr, c, &count);

        c->gva += count;
        c->buf += c->buf ? count : 0;
        c->len -= count;
    }

    curr->swtlb.subject = subject;

    if ( c->walked )
        stats->misses++;
    else
        stats->hits++;

    if ( res == HVMTRANS_okay )
        return 0;

    stats->faults++;

    return len;
}

unsigned int swtlb_copy_to_guest(unsigned long gva, const void *buf,
                                 unsigned int len)
{
    struct copy c = {
        .buf = (void *)buf, .gva = gva, .len = len, .to_guest = true,
    };

    return copy(&c);
}

unsigned int swtlb_copy_from_guest(void *buf, unsigned long gva,
                                   unsigned int len)
{
    struct copy c = { .buf = buf, .gva = gva, .len = len };

    return copy(&c);
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
