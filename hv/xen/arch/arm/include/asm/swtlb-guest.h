/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How guest memory is copied to and from; for guestcopy.c, and for those whose
 * copies are not of hypercall buffers.
 */
#ifndef ASM_ARM_SWTLB_GUEST_H
#define ASM_ARM_SWTLB_GUEST_H

#include <xen/sched.h>
#include <xen/swtlb.h>

/*
 * Copy len bytes at gva of the current vCPU to or from buf, which is NULL to
 * write zeroes, by having the CPU translate the address.  Returns how many
 * bytes, counted from the end, were not copied.
 */
unsigned long walk_guest(void *buf, vaddr_t gva, unsigned int len,
                         bool to_guest);

/* The same of a hypercall buffer, for which there may be an entry. */
static always_inline unsigned long swtlb_copy_guest(void *buf, vaddr_t gva,
                                                    unsigned int len,
                                                    bool to_guest)
{
    struct swtlb_vcpu *sv = &current->swtlb;
    unsigned long left;

    if ( swtlb_applies(sv, gva, len) )
        return to_guest ? swtlb_copy_to_guest(gva, buf, len)
                        : swtlb_copy_from_guest(buf, gva, len);

    left = walk_guest(buf, gva, len, to_guest);
    swtlb_walked(sv, left);

    return left;
}

#endif /* ASM_ARM_SWTLB_GUEST_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
