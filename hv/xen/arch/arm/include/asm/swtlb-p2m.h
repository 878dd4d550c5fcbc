/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which writes of P2M entries make void what copies through the software TLB
 * remember; for __p2m_set_entry() alone.
 */
#ifndef ASM_ARM_SWTLB_P2M_H
#define ASM_ARM_SWTLB_P2M_H

#include <xen/sched.h>

#include <asm/lpae.h>
#include <asm/p2m.h>

#ifdef CONFIG_SWTLB

/*
 * To be called with the P2M's write lock held, after an entry was written,
 * with what it was before; and before anything is released that it led to.
 *
 * Only pages of type p2m_ram_rw are remembered.  Entries that lead to tables
 * have it, too, so a table that a superpage replaces counts.  The type is
 * asked, and not whether the entry is valid: one of which only the guest's
 * accesses are to be seen (p2m_invalidate_root()) translates as ever.
 */
static inline void swtlb_p2m_written(const struct p2m_domain *p2m,
                                     lpae_t was, lpae_t is)
{
    struct swtlb_domain *sd = &p2m->domain->swtlb;

    if ( likely(!swtlb_p2m_matters(sd)) || was.p2m.type != p2m_ram_rw )
        return;

    /* The same page, with other permissions: a copy does not ask for these. */
    if ( is.p2m.type == p2m_ram_rw && is.p2m.table == was.p2m.table &&
         is.p2m.base == was.p2m.base )
        return;

    swtlb_p2m_changed(sd);
}

#else /* !CONFIG_SWTLB */

static inline void swtlb_p2m_written(const struct p2m_domain *p2m,
                                     lpae_t was, lpae_t is)
{
}

#endif /* CONFIG_SWTLB */

#endif /* ASM_ARM_SWTLB_P2M_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
