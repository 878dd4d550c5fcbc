/* SPDX-License-Identifier: GPL-2.0-only */
/* Software TLB: what the common code needs to know about x86. */

#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/multicall.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-copy.h>
#include <xen/vm_event.h>

#include <asm/guest_access.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/monitor.h>
#include <asm/hvm/support.h>
#include <asm/p2m.h>
#include <asm/vm_event.h>

unsigned long arch_swtlb_space(const struct vcpu *v)
{
    unsigned long cr3 = v->arch.hvm.guest_cr[3];

    if ( hvm_pae_enabled(v) && !hvm_long_mode_active(v) )
        return (cr3 & SWTLB_SPACE_PAE_MASK) | SWTLB_SPACE_PAE;

    return (cr3 & X86_CR3_ADDR_MASK) | SWTLB_SPACE;
}

unsigned int arch_swtlb_walk(unsigned long gva, void *buf, unsigned int len,
                             bool to_guest)
{
    enum hvm_translation_result res =
        to_guest ? hvm_copy_to_guest_linear(gva, buf, len, 0, NULL)
                 : hvm_copy_from_guest_linear(buf, gva, len, 0, NULL);

    return res == HVMTRANS_okay ? 0 : len;
}

bool arch_swtlb_monitor_objects(unsigned long gva, gfn_t gfn, bool to_guest)
{
    uint32_t pfec = PFEC_page_present;

    if ( to_guest )
        pfec |= PFEC_write_access;

    return current->arch.vm_event->send_event &&
           hvm_monitor_check_p2m(gva, gfn, pfec, npfec_kind_with_gla);
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
int arch_swtlb_args(unsigned long *gpa, unsigned long *size)
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

    return 0;
}

bool arch_swtlb_gva_valid(unsigned long first, unsigned long last,
                          bool narrow)
{
    if ( narrow )
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
