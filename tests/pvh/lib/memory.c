/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest physical memory: where RAM is. */

#include <pvh.h>

#include "lib.h"

struct range {
    uint64_t start, size;
    uint32_t type;
} __attribute__((__packed__));

static struct range map[64];
static unsigned int nr_ranges;

unsigned int memory_type(uint64_t gpa)
{
    unsigned int i;

    for ( i = 0; i < nr_ranges; i++ )
        if ( gpa - map[i].start < map[i].size )
            return map[i].type;

    return 0;
}

uint64_t memory_end(void)
{
    uint64_t end = 0;
    unsigned int i;

    for ( i = 0; i < nr_ranges; i++ )
        if ( map[i].type == XEN_HVM_MEMMAP_TYPE_RAM &&
             map[i].start + map[i].size > end )
            end = map[i].start + map[i].size;

    return end;
}

uint64_t gpa_end(void)
{
    uint32_t r[4];

    cpuid(0x80000008, 0, r);

    return 1ull << (r[0] & 0xff);
}

/*
 * Xen puts what it passes to dom0 right behind the image, or below it if it
 * fits there.  All of it is small, so leave some space.
 */
#define HEAP_GAP MB(4)

void memory_setup(void)
{
    struct xen_memory_map arg = { .nr_entries = ARRAY_SIZE(map) };
    unsigned long start = (unsigned long)image_end + HEAP_GAP;
    unsigned int i;

    set_xen_guest_handle(arg.buffer, (void *)map);
    REQUIRE_RC(hypercall_memory_op(XENMEM_memory_map, &arg), 0);
    nr_ranges = arg.nr_entries;

    for ( i = 0; i < nr_ranges; i++ )
        if ( map[i].type == XEN_HVM_MEMMAP_TYPE_RAM &&
             start - map[i].start < map[i].size )
            heap_setup(start, map[i].start + map[i].size);
}

long hypercall_move_page(unsigned long from, unsigned long to)
{
    struct xen_add_to_physmap arg = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_gmfn,
        .idx = from,
        .gpfn = to,
    };

    return hypercall_memory_op(XENMEM_add_to_physmap, &arg);
}

long hypercall_debug_key(char key)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_debug_keys };

    op.u.debug_keys.nr_keys = 1;
    set_xen_guest_handle(op.u.debug_keys.keys, &key);

    return hypercall_sysctl(&op);
}
