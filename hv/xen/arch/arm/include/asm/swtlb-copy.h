/* SPDX-License-Identifier: GPL-2.0-only */
/* See xen/swtlb-copy.h. */
#ifndef ASM_ARM_SWTLB_COPY_H
#define ASM_ARM_SWTLB_COPY_H

#include <xen/domain_page.h>
#include <xen/errno.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/swtlb-compat.h>

#include <asm/p2m.h>

/*
 * mem_access restricts what a guest does, not Xen's copies: a walk that fails
 * by it is let through (p2m_mem_access_check_and_get_page()).  There are
 * neither nested guests nor altp2m.
 */
static always_inline bool arch_swtlb_slots_usable(const struct vcpu *v)
{
    return true;
}

static always_inline bool arch_swtlb_is_ram(p2m_type_t p2mt)
{
    return p2mt == p2m_ram_rw;
}

/* There is no log-dirty mode. */
static always_inline bool arch_swtlb_logs_dirty(const struct domain *d)
{
    return false;
}

static always_inline bool arch_swtlb_nested(const struct vcpu *v)
{
    return false;
}

/* Callers of raw_copy_to_guest() are told how many bytes are left. */
static always_inline unsigned int arch_swtlb_result(unsigned int len,
                                                    unsigned int left)
{
    return left;
}

static always_inline int arch_swtlb_copy_gpa(struct vcpu *v, paddr_t gpa,
                                             unsigned long gva, void *buf,
                                             unsigned int len, bool to_guest,
                                             struct page_info **page)
{
    struct page_info *found;
    p2m_type_t p2mt;
    void *p;

    *page = NULL;

    found = get_page_from_gfn(v->domain, paddr_to_pfn(gpa), &p2mt, P2M_ALLOC);
    if ( unlikely(!found) )
        return -EFAULT;

    /*
     * What a walk can end at (get_page_from_gva()): pages of the domain's
     * own, hence neither grants nor foreign ones; and those that stage 2 lets
     * be written.
     */
    if ( unlikely(to_guest ? p2mt != p2m_ram_rw : !p2m_is_ram(p2mt)) )
    {
        put_page(found);
        return -EFAULT;
    }

    p = __map_domain_page(found);
    swtlb_move(p + PAGE_OFFSET(gva), buf, len, to_guest);
    unmap_domain_page(p);

    if ( likely(arch_swtlb_is_ram(p2mt)) )
        *page = found;
    else
        put_page(found);

    return 0;
}

#endif /* ASM_ARM_SWTLB_COPY_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
