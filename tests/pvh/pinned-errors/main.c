/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way in which insert refuses to pin; nothing has changed after any of
 * them, least of all the number of pages pinned.  (-ENOMEM: the unit tests.)
 *
 * Memory that is read-only in the P2M is not to be had here: a dom0 cannot
 * change the types of its own memory (see cache-p2m), except by mapping a
 * grant read-only.
 */

#include <pvh.h>
#include <domu.h>

#include <public/grant_table.h>

TEST_TITLE("pinned entries: each errno");

#define FREE        (WINDOW + MB(16))
#define APIC_GPA    0xfee00000ul
#define IOAPIC_GPA  0xfec00000ul
/* The first references are reserved. */
#define GRANT_REF   20

#define PIN         (VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_pinned)

#define REFUSED(expected, cmd, vcpuid, gva, gpa, size)                      \
    CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, gva, gpa, size),          \
                  expected, 0)
#define PIN_REFUSED(expected, gpa, size)                                    \
    CHECK_REFUSED(swtlb_insert_pinned(0, FREE, gpa, size), expected, 0)

static unsigned long gfn_of(const void *page)
{
    return gpa_of(page) >> PAGE_SHIFT;
}

static long domain_pages(void)
{
    domid_t self = DOMID_SELF;

    return hypercall_memory_op(XENMEM_current_reservation, &self);
}

static void test_no_ram(void)
{
    PIN_REFUSED(-XEN_EACCES, HOLE_GPA, PAGE_SIZE);
    PIN_REFUSED(-XEN_EACCES, HOLE_GPA, 1);
    PIN_REFUSED(-XEN_EACCES, APIC_GPA, PAGE_SIZE);
    PIN_REFUSED(-XEN_EACCES, IOAPIC_GPA, PAGE_SIZE);
    /* The memory of a device, which dom0 has mapped. */
    PIN_REFUSED(-XEN_EACCES, 0xb8000, PAGE_SIZE);
}

/* One page of several is missing; those before it are not kept. */
static void test_hole(uint8_t *pages, unsigned int hole)
{
    long before = domain_pages();
    unsigned int i;

    REQUIRE_RC(hypercall_decrease_reservation(gfn_of(pages) + hole), 1);
    PIN_REFUSED(-XEN_EACCES, gpa_of(pages), 4 * PAGE_SIZE);

    /* Were there a reference left, a page would outlast this. */
    for ( i = 0; i < 4; i++ )
        if ( i != hole )
            REQUIRE_RC(hypercall_decrease_reservation(gfn_of(pages) + i), 1);
    CHECK_EQ(domain_pages(), before - 4);
    for ( i = 0; i < 4; i++ )
        REQUIRE_RC(hypercall_populate(gfn_of(pages) + i), 1);

    CHECK_RC(swtlb_insert_pinned(0, FREE, gpa_of(pages), 4 * PAGE_SIZE), 0);
    CHECK_RC(swtlb_purge(0, FREE, 4 * PAGE_SIZE), 0);
}

/* Its first frame, at a page of ours. */
static grant_entry_v1_t *grant_table(void)
{
    grant_entry_v1_t *table = alloc_pages(1);
    struct xen_add_to_physmap arg = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_grant_table,
        .gpfn = gfn_of(table),
    };

    REQUIRE_RC(hypercall_memory_op(XENMEM_add_to_physmap, &arg), 0);

    return table;
}

/* A page of our own, granted to ourselves and mapped somewhere else. */
static void test_grant(grant_entry_v1_t *table, uint8_t *at,
                       unsigned int flags)
{
    struct gnttab_map_grant_ref map = {
        .host_addr = gpa_of(at),
        .flags = GNTMAP_host_map | flags,
        .ref = GRANT_REF,
    };
    struct gnttab_unmap_grant_ref unmap = { .host_addr = gpa_of(at) };

    table[GRANT_REF].domid = 0;
    table[GRANT_REF].frame = gfn_of(alloc_pages(1));
    barrier();
    table[GRANT_REF].flags = GTF_permit_access;
    REQUIRE_RC(hypercall3(__HYPERVISOR_grant_table_op,
                          GNTTABOP_map_grant_ref, (unsigned long)&map, 1), 0);
    REQUIRE_RC(map.status, GNTST_okay);

    PIN_REFUSED(-XEN_EACCES, gpa_of(at), PAGE_SIZE);

    unmap.handle = map.handle;
    REQUIRE_RC(hypercall3(__HYPERVISOR_grant_table_op,
                          GNTTABOP_unmap_grant_ref, (unsigned long)&unmap, 1),
               0);
    REQUIRE_RC(unmap.status, GNTST_okay);
    PIN_REFUSED(-XEN_EACCES, gpa_of(at), PAGE_SIZE);
    table[GRANT_REF].flags = 0;
}

/* A page of another domain's; a 32-bit dom0 cannot create one. */
static void test_foreign(void)
{
#ifdef __x86_64__
    unsigned int domid = domu_create();
    void *page;

    domu_populate(domid, 1, 1);
    page = domu_map(domid, 1);
    PIN_REFUSED(-XEN_EACCES, gpa_of(page), PAGE_SIZE);
    domu_unmap(page);
    domu_destroy(domid);
#endif
}

/* Arguments that are wrong for a plain entry are wrong for these. */
static void test_arguments(uint8_t *page)
{
    unsigned long gpa = gpa_of(page);
    unsigned int bit;

    REFUSED(-XEN_ENOENT, PIN, vcpu_count(), FREE, gpa, PAGE_SIZE);
    REFUSED(-XEN_ENOENT, PIN, XEN_SWTLB_ALL_VCPUS, FREE, gpa, PAGE_SIZE);
    REFUSED(-XEN_EINVAL, PIN, 0, FREE, gpa, 0);
    REFUSED(-XEN_EINVAL, PIN, 0, FREE + 1, gpa, 100);
    REFUSED(-XEN_ERANGE, PIN, 0, -PAGE_SIZE, gpa, PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, PIN, 0, FREE, gpa, -1ul);
#ifdef __x86_64__
    REFUSED(-XEN_ERANGE, PIN, 0, 0x800000000000ul, gpa, PAGE_SIZE);
    REFUSED(-XEN_ENXIO, PIN, 0, FREE, -PAGE_SIZE, 2 * PAGE_SIZE);
#endif
    CHECK_REFUSED(swtlb_insert_pinned(0, FREE, 1ull << 46, PAGE_SIZE),
                  -XEN_ENXIO, 0);
    for ( bit = 10; bit < 16; bit++ )
        REFUSED(-XEN_EINVAL, PIN | (1 << bit), 0, FREE, gpa, PAGE_SIZE);

    /* The flag is insert's alone. */
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge | XEN_SWTLB_FLAG_pinned, 0, FREE,
            0, PAGE_SIZE);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_purge_all | XEN_SWTLB_FLAG_pinned, 0, 0,
            0, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_share | XEN_SWTLB_FLAG_pinned, 0, 1, 0,
            0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query | XEN_SWTLB_FLAG_pinned, 0,
            (unsigned long)page, XEN_SWTLB_QUERY_state, 0);
}

static void test_overlap(uint8_t *pages)
{
    CHECK_RC(swtlb_insert(0, FREE, gpa_of(pages), PAGE_SIZE), 0);
    PIN_REFUSED(-XEN_EEXIST, gpa_of(pages), PAGE_SIZE);
    CHECK_REFUSED(swtlb_insert_pinned(0, FREE - 1, gpa_of(pages) + 4095, 2),
                  -XEN_EEXIST, 0);
    CHECK_RC(swtlb_purge_all(0), 0);

    CHECK_RC(swtlb_insert_pinned(0, FREE, gpa_of(pages), PAGE_SIZE), 0);
    PIN_REFUSED(-XEN_EEXIST, gpa_of(pages), PAGE_SIZE);
    CHECK_REFUSED(swtlb_insert(0, FREE, gpa_of(pages), PAGE_SIZE),
                  -XEN_EEXIST, 0);
    CHECK_RC(swtlb_purge_all(0), 0);
}

static void test_table_full(uint8_t *pages)
{
    unsigned int i, max = swtlb_limits().max_entries;

    for ( i = 0; i < max; i++ )
        CHECK_RC(swtlb_insert_flags(0, WINDOW + i * PAGE_SIZE, gpa_of(pages),
                                    PAGE_SIZE, i < 2 ? XEN_SWTLB_FLAG_pinned
                                                     : 0), 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, 2);
    PIN_REFUSED(-XEN_ENOSPC, gpa_of(pages), 2 * PAGE_SIZE);

    /* Nor can a pinned one become two. */
    CHECK_REFUSED(swtlb_purge(0, WINDOW + 1, 1), -XEN_ENOSPC, 0);
    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, 0);
}

/* By one entry, and by as many as there can be pages. */
static void test_limit(uint8_t *pages)
{
    unsigned int i, max = swtlb_limits().max_pinned;

    CHECK_EQ(max % vcpu_count(), 0);
    PIN_REFUSED(-XEN_ENOBUFS, gpa_of(pages), (max + 1) * PAGE_SIZE);
    CHECK_REFUSED(swtlb_insert_pinned(0, FREE + 1, gpa_of(pages) + 1,
                                      max * PAGE_SIZE), -XEN_ENOBUFS, 0);
    /* Found out before looking at the pages. */
    PIN_REFUSED(-XEN_ENOBUFS, 0, MB(512));
    PIN_REFUSED(-XEN_ENOBUFS, HOLE_GPA, MB(512));

    CHECK_RC(swtlb_insert_pinned(0, FREE, gpa_of(pages), max * PAGE_SIZE), 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, max);
    CHECK_REFUSED(swtlb_insert_pinned(0, WINDOW, gpa_of(pages), 1),
                  -XEN_ENOBUFS, 0);
    /* The limit is the domain's. */
    CHECK_REFUSED(swtlb_insert_pinned(1, WINDOW, gpa_of(pages), 1),
                  -XEN_ENOBUFS, 1);
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(pages), 1), 0);
    CHECK_RC(swtlb_purge_all(0), 0);

    for ( i = 0; i < max; i++ )
        CHECK_RC(swtlb_insert_pinned(i % 2, WINDOW + i * PAGE_SIZE,
                                     gpa_of(pages), 1), 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, max);
    PIN_REFUSED(-XEN_ENOBUFS, gpa_of(pages), 1);
    CHECK_RC(swtlb_purge(1, WINDOW + PAGE_SIZE, 1), 0);
    PIN_REFUSED(-XEN_ENOBUFS, gpa_of(pages), PAGE_SIZE + 1);
    CHECK_RC(swtlb_insert_pinned(0, FREE, gpa_of(pages), PAGE_SIZE), 0);
    PIN_REFUSED(-XEN_ENOBUFS, gpa_of(pages), 1);
    CHECK_RC(swtlb_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, 0);
}

static void test_all(uint8_t *pages, grant_entry_v1_t *table, uint8_t *hole)
{
    test_no_ram();
    test_hole(pages, 0);
    test_hole(pages, 2);
    test_hole(pages, 3);
    test_grant(table, hole, 0);
    test_grant(table, hole, GNTMAP_readonly);
    test_arguments(pages);
}

void test_main(void)
{
    unsigned int max = swtlb_present() ? swtlb_limits().max_pinned : 0;
    uint8_t *pages = alloc_pages(max + 1), *hole = alloc_pages(1);
    grant_entry_v1_t *table;

    swtlb_require();
    vcpu_require(2);
    table = grant_table();
    REQUIRE_RC(hypercall_decrease_reservation(gfn_of(hole)), 1);

    /* Without a table, and with one that has pinned entries. */
    test_all(pages, table, hole);
    CHECK_EQ(swtlb_state(0).nr_sharers, 0);
    CHECK_EQ(swtlb_state(0).nr_pinned, 0);

    CHECK_RC(swtlb_insert_pinned(0, WINDOW, gpa_of(alloc_pages(2)),
                                 2 * PAGE_SIZE), 0);
    test_all(pages, table, hole);
    test_foreign();
    CHECK_RC(swtlb_purge_all(0), 0);

    test_overlap(pages);
    test_table_full(pages);
    test_limit(pages);
}
