/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of its own P2M that a dom0 can ask for; of each architecture. */

#include <pvh.h>

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
