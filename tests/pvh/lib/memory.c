/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest physical memory: where RAM is, and pages of it for the asking. */

#include <pvh.h>

#include "lib.h"

struct range {
    uint64_t start, size;
    uint32_t type;
} __attribute__((__packed__));

static struct range map[64];
static unsigned int nr_ranges;
static unsigned long heap_next, heap_end;

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
    unsigned int i;

    set_xen_guest_handle(arg.buffer, (void *)map);
    REQUIRE_RC(hypercall_memory_op(XENMEM_memory_map, &arg), 0);
    nr_ranges = arg.nr_entries;

    heap_next = (unsigned long)image_end + HEAP_GAP;
    for ( i = 0; i < nr_ranges; i++ )
        if ( map[i].type == XEN_HVM_MEMMAP_TYPE_RAM &&
             heap_next - map[i].start < map[i].size )
            heap_end = map[i].start + map[i].size;
}

void *alloc_aligned(unsigned long size, unsigned long align)
{
    unsigned long start = (heap_next + align - 1) & ~(align - 1);

    if ( start + size < start || start + size > heap_end )
        test_abort(VERDICT_error, "out of memory: %lu bytes wanted", size);
    heap_next = (start + size + PAGE_SIZE - 1) & PAGE_MASK;

    return memset((void *)start, 0, size);
}

void *alloc_pages(unsigned int nr)
{
    return alloc_aligned(nr * PAGE_SIZE, PAGE_SIZE);
}

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
