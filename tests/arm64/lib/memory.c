/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of the P2M that a dom0 on Arm can ask for. */

#include <pvh.h>
#include <p2m.h>

static long reservation(unsigned int cmd, unsigned long gfn)
{
    xen_pfn_t frame = gfn;
    struct xen_memory_reservation arg = {
        .nr_extents = 1,
        .domid      = DOMID_SELF,
    };

    set_xen_guest_handle(arg.extent_start, &frame);

    return hypercall_memory_op(cmd, &arg);
}

long hypercall_decrease_reservation(unsigned long gfn)
{
    return reservation(XENMEM_decrease_reservation, gfn);
}

long hypercall_populate(unsigned long gfn)
{
    return reservation(XENMEM_populate_physmap, gfn);
}

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
