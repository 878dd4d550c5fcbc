/* SPDX-License-Identifier: GPL-2.0-only */
/* See xen/swtlb-copy.h. */
#ifndef ASM_X86_SWTLB_COPY_H
#define ASM_X86_SWTLB_COPY_H

#include <xen/domain_page.h>
#include <xen/errno.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/swtlb-compat.h>
#include <xen/vm_event.h>

#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/support.h>
#include <asm/mem_paging.h>
#include <asm/p2m.h>
#include <asm/paging.h>

/* Whether a toolstack introspects v's domain. */
static always_inline bool arch_swtlb_introspected(const struct vcpu *v)
{
    return SWTLB_HAS_VM_EVENT && v->arch.vm_event;
}

/*
 * What introspection restricts are P2M entries, and to write these makes slots
 * void; but it also wants to be told of accesses that it does not restrict.
 */
static always_inline bool arch_swtlb_slots_usable(const struct vcpu *v)
{
    return likely(!vcpu_nestedhvm(v).nv_guestmode) &&
           likely(!arch_swtlb_introspected(v));
}

/*
 * Of these types neither kind of access needs more of a check than that the
 * page is the domain's.
 */
static always_inline bool arch_swtlb_is_ram(p2m_type_t p2mt)
{
    return p2mt == p2m_ram_rw || p2mt == p2m_ram_logdirty;
}

static always_inline bool arch_swtlb_logs_dirty(const struct domain *d)
{
    return paging_mode_log_dirty(d);
}

/* copy_to_user_hvm() and the like fail as a whole. */
static always_inline unsigned int arch_swtlb_result(unsigned int len,
                                                    unsigned int left)
{
    return left ? len : 0;
}

static inline bool arch_swtlb_nested(struct vcpu *v)
{
    return nestedhvm_vcpu_in_guestmode(v);
}

/*
 * Whether introspection, which there is, objects to the access.  Xen may have
 * to sleep for that (swtlb_sleep()).
 */
bool arch_swtlb_monitor_objects(unsigned long gva, gfn_t gfn, bool to_guest);

/* What follows the lookup in a walk (__hvm_copy()), with page found at gfn. */
static always_inline int copy_found_page(struct vcpu *v, bool introspected,
                                         struct page_info *page,
                                         p2m_type_t p2mt, gfn_t gfn,
                                         unsigned long gva, void *buf,
                                         unsigned int len, bool to_guest)
{
    /* Of these no more is asked. */
    bool ram = arch_swtlb_is_ram(p2mt);
    void *p;

    if ( unlikely(!ram) && to_guest && p2mt == p2m_ioreq_server )
        return -EFAULT;

    if ( unlikely(introspected) &&
         arch_swtlb_monitor_objects(gva, gfn, to_guest) )
        return -EFAULT;

    if ( unlikely(!ram) && to_guest && p2m_is_discard_write(p2mt) )
        return 0;

    p = __map_domain_page(page);
    swtlb_move(p + PAGE_OFFSET(gva), buf, len, to_guest);
    unmap_domain_page(p);

    if ( to_guest )
        paging_mark_pfn_dirty(v->domain, _pfn(gfn_x(gfn)));

    return 0;
}

static always_inline int arch_swtlb_copy_gpa(struct vcpu *v, paddr_t gpa,
                                             unsigned long gva, void *buf,
                                             unsigned int len, bool to_guest,
                                             struct page_info **page)
{
    bool introspected;
    enum hvm_translation_result res;
    struct page_info *found;
    p2m_type_t p2mt;
    gfn_t gfn;
    int rc;

    *page = NULL;

    res = hvm_translate_get_page(v, gpa, false, 0, NULL, &found, &gfn, &p2mt);
    if ( unlikely(res != HVMTRANS_okay) )
    {
        /* Ask for a page that was paged out, as a walk does. */
        if ( res == HVMTRANS_bad_gfn_to_mfn &&
             mem_paging_enabled(v->domain) )
            p2m_mem_paging_populate(v->domain, gaddr_to_gfn(gpa));

        return -EFAULT;
    }

    /* Once: whether a slot may be used is asked again at each use. */
    introspected = arch_swtlb_introspected(current);

    /* The entry agrees on the offset into the page. */
    rc = copy_found_page(v, introspected, found, p2mt, gfn, gva, buf, len,
                         to_guest);

    /*
     * That the page is the domain's the lookup has seen to.  Its address in
     * the direct map is what map_domain_page() gives an HVM vCPU.
     */
    if ( likely(!introspected) && arch_swtlb_is_ram(p2mt) )
        *page = found;
    else
        put_page(found);

    return rc;
}

#endif /* ASM_X86_SWTLB_COPY_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
