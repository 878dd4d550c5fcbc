/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Permissions.  An entry overrules the guest's own page tables, so that a
 * page mapped read-only there is written.  It overrules nothing of what Xen
 * decides: a gpa that is not plain RAM does, by an entry, what it does by a
 * walk.  (RAM that is read-only in the P2M is out of a dom0's reach.)
 */

#include <pvh.h>

#include <public/grant_table.h>

TEST_TITLE("read-only pages, devices, holes, grants");

#define SIZE        200
#define APIC_GPA    0xfee00000ul
#define IOAPIC_GPA  0xfec00000ul
/* The first references are reserved. */
#define GRANT_REF   20

static uint8_t buf[SIZE];

/* Make Xen hold known bytes, which it gives next. */
static void load(unsigned int seed)
{
    fill(buf, SIZE, seed);
    REQUIRE_RC(xen_take((unsigned long)buf, SIZE), 0);
}

/* Read-only in the page tables: a walk refuses to write, a hit does not. */
static void test_page_tables(void)
{
    uint8_t *page = alloc_pages(1);

    map_4k(WINDOW, gpa_of(page), PTE_RO);
    load(1);
    CHECK_RC(xen_give(WINDOW, SIZE), -XEN_EFAULT);
    CHECK_EQ(page[0], 0);
    CHECK_RC(xen_take(WINDOW, SIZE), 0);

    load(2);
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    CHECK_RC(xen_give(WINDOW, SIZE), 0);
    CHECK_MEM(page, buf, SIZE);

    CHECK_RC(swtlb_purge_all(0), 0);
    CHECK_RC(xen_give(WINDOW, SIZE), -XEN_EFAULT);
    unmap(WINDOW);
}

static void check_same_as_walk(const char *what, uint64_t gpa)
{
    long take_rc, give_rc;
    bool ok;

    map_4k(WINDOW, gpa, PTE_RW);
    take_rc = xen_take(WINDOW, SIZE);
    load(3);
    give_rc = xen_give(WINDOW, SIZE);
    unmap(WINDOW);

    CHECK_RC(swtlb_insert(0, WINDOW, gpa, PAGE_SIZE), 0);
    ok = CHECK_RC(xen_take(WINDOW, SIZE), take_rc);
    load(4);
    ok &= CHECK_RC(xen_give(WINDOW, SIZE), give_rc);
    if ( !ok )
        test_failure("... of %s at 0x%llx", what, (unsigned long long)gpa);
    CHECK_RC(swtlb_purge_all(0), 0);
}

static void check_faults(const char *what, uint64_t gpa)
{
    CHECK_RC(swtlb_insert(0, WINDOW, gpa, PAGE_SIZE), 0);
    if ( !(CHECK_RC(xen_take(WINDOW, SIZE), -XEN_EFAULT) &
           CHECK_RC(xen_give(WINDOW, SIZE), -XEN_EFAULT)) )
        test_failure("... of %s at 0x%llx", what, (unsigned long long)gpa);
    CHECK_RC(swtlb_purge_all(0), 0);
}

static void test_no_ram(void)
{
    static const uint64_t low[] = { 0xa0000, 0xb8000, 0xc0000, 0xf0000 };
    unsigned int i;

    check_faults("a hole", HOLE_GPA);
    check_faults("the local APIC", APIC_GPA);
    check_faults("the I/O APIC", IOAPIC_GPA);

    check_same_as_walk("the local APIC", APIC_GPA);
    check_same_as_walk("the I/O APIC", IOAPIC_GPA);
    /* The memory of devices; ROM, which dom0 has where the machine has it. */
    for ( i = 0; i < ARRAY_SIZE(low); i++ )
        check_same_as_walk("low memory", low[i]);
}

static grant_entry_v1_t *grant_table(void)
{
    grant_entry_v1_t *table = alloc_pages(1);
    struct xen_add_to_physmap arg = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_grant_table,
        .gpfn = gpa_of(table) >> PAGE_SHIFT,
    };

    REQUIRE_RC(hypercall_memory_op(XENMEM_add_to_physmap, &arg), 0);

    return table;
}

/*
 * A page of our own, granted to ourselves and mapped at gpa.  Xen takes it
 * away from where it was.
 */
static void test_grant(grant_entry_v1_t *table, uint64_t gpa,
                       unsigned int flags)
{
    uint8_t *page = alloc_pages(1);
    struct gnttab_map_grant_ref map = {
        .host_addr = gpa,
        .flags = GNTMAP_host_map | flags,
        .ref = GRANT_REF,
    };
    struct gnttab_unmap_grant_ref unmap = { .host_addr = gpa };
    static uint8_t before[SIZE];

    fill(page, SIZE, 5);
    memcpy(before, page, SIZE);
    table[GRANT_REF].domid = 0;
    table[GRANT_REF].frame = gpa_of(page) >> PAGE_SHIFT;
    barrier();
    table[GRANT_REF].flags = GTF_permit_access;

    REQUIRE_RC(hypercall3(__HYPERVISOR_grant_table_op,
                          GNTTABOP_map_grant_ref, (unsigned long)&map, 1), 0);
    REQUIRE_RC(map.status, GNTST_okay);
    CHECK_MEM((void *)(unsigned long)gpa, before, SIZE);
    check_same_as_walk("a mapped grant", gpa);
    if ( flags & GNTMAP_readonly )
        CHECK_MEM((void *)(unsigned long)gpa, before, SIZE);

    unmap.handle = map.handle;
    REQUIRE_RC(hypercall3(__HYPERVISOR_grant_table_op,
                          GNTTABOP_unmap_grant_ref, (unsigned long)&unmap, 1),
               0);
    REQUIRE_RC(unmap.status, GNTST_okay);
    check_faults("an unmapped grant", gpa);
    table[GRANT_REF].flags = 0;
}

void test_main(void)
{
    grant_entry_v1_t *table;
    uint8_t *hole = alloc_pages(1);

    swtlb_require();
    test_page_tables();
    test_no_ram();

    table = grant_table();
    REQUIRE_RC(hypercall_decrease_reservation(gpa_of(hole) >> PAGE_SHIFT), 1);
    test_grant(table, gpa_of(hole), 0);
    test_grant(table, gpa_of(hole), GNTMAP_readonly);
}
