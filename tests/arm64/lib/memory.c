/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of the P2M that only a dom0 on Arm can ask for, or can not. */

#include <pvh.h>
#include <p2m.h>

long hypercall_move_page(unsigned long from, unsigned long to)
{
    test_abort(VERDICT_error, "0x%lx, 0x%lx: not on Arm", from, to);
}

long hypercall_place_grants(unsigned long gfn)
{
    struct xen_add_to_physmap arg = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_grant_table,
        .gpfn = gfn,
    };

    return hypercall_memory_op(XENMEM_add_to_physmap, &arg);
}

long hypercall_take_away(unsigned long gfn)
{
    struct xen_remove_from_physmap arg = {
        .domid = DOMID_SELF,
        .gpfn = gfn,
    };

    return hypercall_memory_op(XENMEM_remove_from_physmap, &arg);
}
