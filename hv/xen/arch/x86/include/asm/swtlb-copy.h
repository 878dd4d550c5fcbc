/* SPDX-License-Identifier: GPL-2.0-only */
/* See xen/swtlb-copy.h. */
#ifndef ASM_X86_SWTLB_COPY_H
#define ASM_X86_SWTLB_COPY_H

#include <xen/sched.h>
#include <xen/swtlb-compat.h>

#include <asm/hvm/nestedhvm.h>
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

static inline bool arch_swtlb_nested(struct vcpu *v)
{
    return nestedhvm_vcpu_in_guestmode(v);
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
