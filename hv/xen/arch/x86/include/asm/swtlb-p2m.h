/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which writes of host P2M entries make void what copies through the software
 * TLB remember; for the two functions that write these, and for nobody else.
 */
#ifndef ASM_X86_SWTLB_P2M_H
#define ASM_X86_SWTLB_P2M_H

#include <xen/sched.h>

#include <asm/p2m.h>

#ifdef CONFIG_SWTLB

#include <asm/hvm/vmx/vmx.h>

/* What there is to know of an entry, be it an EPT one or not. */
struct swtlb_p2m_entry {
    enum { SWTLB_P2M_NONE, SWTLB_P2M_TABLE, SWTLB_P2M_LEAF } kind;
    p2m_type_t type;              /* these two of leaves only */
    unsigned int access;
    unsigned long mfn;
};

/* Ordinary RAM, for as long as no type is to be calculated anew. */
static inline bool swtlb_p2m_is_ram(const struct swtlb_p2m_entry *e)
{
    return e->type == p2m_ram_rw || e->type == p2m_ram_logdirty;
}

/*
 * Whether a page may be remembered that was found by way of the entry was, and
 * that now is not found there any more, or not under the same conditions.
 *
 * RAM that turns into dirty-logged RAM, and back, is the same: slots are not
 * used for writing while the domain is in that mode.  A page of an ioreq
 * server may be found as RAM while its type is to be calculated anew, as long
 * as nobody has done so.
 */
static inline bool swtlb_p2m_voids(const struct swtlb_p2m_entry *was,
                                   const struct swtlb_p2m_entry *is)
{
    switch ( was->kind )
    {
    case SWTLB_P2M_NONE:
        return false;

    case SWTLB_P2M_TABLE:
        return is->kind != SWTLB_P2M_TABLE || is->mfn != was->mfn;

    default:
        break;
    }

    if ( !swtlb_p2m_is_ram(was) && was->type != p2m_ioreq_server )
        return false;

    /* A superpage is split: its parts have the same translations. */
    if ( is->kind == SWTLB_P2M_TABLE )
        return false;

    return is->kind == SWTLB_P2M_NONE || is->mfn != was->mfn ||
           is->access != was->access || !swtlb_p2m_is_ram(was) ||
           !swtlb_p2m_is_ram(is);
}

/* Of p2m-pt.c, where level 1 is that of 4 KiB pages. */
static inline struct swtlb_p2m_entry swtlb_pt_entry(l1_pgentry_t e,
                                                    unsigned int level)
{
    unsigned int flags = l1e_get_flags(e);

    return (struct swtlb_p2m_entry){
        .kind = !(flags & _PAGE_PRESENT) ? SWTLB_P2M_NONE
                : level == 1 || (flags & _PAGE_PSE) ? SWTLB_P2M_LEAF
                : SWTLB_P2M_TABLE,
        .type = p2m_flags_to_type(flags),
        .mfn = l1e_get_pfn(e),
    };
}

/*
 * Of p2m-ept.c, where level 0 is that of 4 KiB pages.  A leaf without any
 * permission is one all the same; bit 63 alone makes none (is_epte_valid()).
 */
static inline struct swtlb_p2m_entry swtlb_ept_entry(ept_entry_t e,
                                                     unsigned int level)
{
    return (struct swtlb_p2m_entry){
        .kind = !(e.epte & ~(1UL << 63)) ? SWTLB_P2M_NONE
                : !level || e.sp ? SWTLB_P2M_LEAF
                : e.epte & 7 ? SWTLB_P2M_TABLE : SWTLB_P2M_NONE,
        .type = e.sa_p2mt,
        .access = e.access,
        .mfn = e.mfn,
    };
}

/*
 * To be called with the P2M's lock held, after an entry was written, with what
 * it was before.  See swtlb_p2m_changed().
 */
static inline void swtlb_pt_written(const struct p2m_domain *p2m,
                                    l1_pgentry_t was, l1_pgentry_t is,
                                    unsigned int level)
{
    struct swtlb_domain *sd = &p2m->domain->swtlb;
    struct swtlb_p2m_entry from, to;

    /* The second is all that most writes get to, as those of a new table. */
    if ( likely(!swtlb_p2m_matters(sd)) || !l1e_get_intpte(was) ||
         !p2m_is_hostp2m(p2m) )
        return;

    from = swtlb_pt_entry(was, level);
    to = swtlb_pt_entry(is, level);
    if ( swtlb_p2m_voids(&from, &to) )
        swtlb_p2m_changed(sd);
}

static inline void swtlb_ept_written(const struct p2m_domain *p2m,
                                     ept_entry_t was, ept_entry_t is,
                                     unsigned int level)
{
    struct swtlb_domain *sd = &p2m->domain->swtlb;
    struct swtlb_p2m_entry from, to;

    /* As in swtlb_pt_written(). */
    if ( likely(!swtlb_p2m_matters(sd)) || !was.epte ||
         !p2m_is_hostp2m(p2m) )
        return;

    from = swtlb_ept_entry(was, level);
    to = swtlb_ept_entry(is, level);
    if ( swtlb_p2m_voids(&from, &to) )
        swtlb_p2m_changed(sd);
}

#else /* !CONFIG_SWTLB */

#define swtlb_pt_written(p2m, was, is, level)   ((void)(was))
#define swtlb_ept_written(p2m, was, is, level)  ((void)(was))

#endif /* CONFIG_SWTLB */

#endif /* ASM_X86_SWTLB_P2M_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
