/* SPDX-License-Identifier: GPL-2.0-only */
/* Software TLB: what the common code needs to know about Arm. */

#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/multicall.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-copy.h>

#include <asm/p2m.h>
#include <asm/regs.h>
#include <asm/swtlb-guest.h>
#include <asm/sysregs.h>

/*
 * Bits of a virtual address that are all the same in any that can be in use:
 * of the 52 bits that there may be the range is the lower or the upper part.
 * Above them may be a tag, which counts as a part of the address.
 */
#define GVA_TOP_SHIFT   52
#define GVA_TOP_MASK    0xfUL

unsigned long arch_swtlb_space(const struct vcpu *v)
{
    unsigned long ttbr0 = v == current ? READ_SYSREG64(TTBR0_EL1)
                                       : v->arch.ttbr0;

    return (ttbr0 & SWTLB_SPACE_MASK) | SWTLB_SPACE;
}

unsigned int arch_swtlb_walk(unsigned long gva, void *buf, unsigned int len,
                             bool to_guest)
{
    return walk_guest(buf, gva, len, to_guest);
}

bool arch_swtlb_supported(const struct domain *d)
{
    return true;
}

bool arch_swtlb_caller_is_32bit(void)
{
    return is_32bit_domain(current->domain);
}

/* See the same function of x86's. */
int arch_swtlb_args(unsigned long *gpa, unsigned long *size)
{
    const struct cpu_user_regs *regs = guest_cpu_user_regs();
    const struct mc_state *mcs = &current->mc_state;

    if ( mcs->flags & MCSF_in_multicall )
    {
        *gpa = mcs->call.args[3];
        *size = mcs->call.args[4];

        /* check_multicall_32bit_clean() looks at the other three alone. */
        if ( arch_swtlb_caller_is_32bit() &&
             ((*gpa | *size) != (uint32_t)(*gpa | *size)) )
            return -EINVAL;
    }
    else if ( arch_swtlb_caller_is_32bit() )
    {
        *gpa = (uint32_t)regs->x3;
        *size = (uint32_t)regs->x4;
    }
    else
    {
        *gpa = regs->x3;
        *size = regs->x4;
    }

    return 0;
}

bool arch_swtlb_gva_valid(unsigned long first, unsigned long last,
                          bool narrow)
{
    unsigned long top = (first >> GVA_TOP_SHIFT) & GVA_TOP_MASK;

    if ( narrow )
        return last == (uint32_t)last;

    /* One half, of one tag. */
    return !((first ^ last) >> GVA_TOP_SHIFT) &&
           (!top || top == GVA_TOP_MASK);
}

bool arch_swtlb_gpa_valid(const struct domain *d, paddr_t gpa)
{
    return !(gpa >> p2m_ipa_bits);
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
