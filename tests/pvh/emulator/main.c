/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Xen's instruction emulator stands in for the CPU, which knows no entries:
 * an emulated access to a gva that has one goes where the page tables say.
 */

#include <pvh.h>

TEST_TITLE("emulated instructions use the page tables");

/* I/O APIC: a register that selects another, and reads as written. */
#define IOAPIC_SELECT   0xfec00000ul
/* PCI configuration address: likewise, by ports. */
#define PCI_ADDRESS     0xcf8

static volatile uint32_t *mapped, *registered;

static void movsl(unsigned long to, unsigned long from)
{
    asm volatile ( "cld; movsl" : "+D" (to), "+S" (from) :: "memory" );
}

static void test_mmio(void)
{
    volatile uint32_t *select = (void *)IOAPIC_SELECT;

    *select = 0;
    if ( *select )
        test_abort(VERDICT_error, "no I/O APIC");

    *mapped = 0x10;
    *registered = 0x20;
    movsl(IOAPIC_SELECT, WINDOW);
    CHECK_EQ(*select, 0x10);

    *select = 0x11;
    movsl(WINDOW, IOAPIC_SELECT);
    CHECK_EQ(*mapped, 0x11);
    CHECK_EQ(*registered, 0x20);
}

static void test_string_io(void)
{
    unsigned long p = WINDOW;
    uint32_t value;

    *mapped = 0x80001000;
    *registered = 0x80002000;
    asm volatile ( "outsl" : "+S" (p) : "d" (PCI_ADDRESS) : "memory" );
    asm volatile ( "inl %w1, %0" : "=a" (value) : "d" (PCI_ADDRESS) );
    CHECK_EQ(value, 0x80001000);

    *mapped = 0;
    p = WINDOW;
    asm volatile ( "insl" : "+D" (p) : "d" (PCI_ADDRESS) : "memory" );
    CHECK_EQ(*mapped, 0x80001000);
    CHECK_EQ(*registered, 0x80002000);
}

void test_main(void)
{
    static uint32_t seen[XFER_UNIT / 4];
    struct xen_swtlb_stats before, after;

    swtlb_require();
    mapped = alloc_pages(1);
    registered = alloc_pages(1);
    map_4k(WINDOW, gpa_of(mapped), PTE_RW);
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(registered), PAGE_SIZE), 0);

    before = swtlb_stats(0);
    test_mmio();
    test_string_io();
    after = swtlb_stats(0);
    CHECK_EQ(after.hits, before.hits);
    CHECK_EQ(after.hit_bytes, before.hit_bytes);

    /* All the while the entry was in force. */
    *mapped = 1;
    *registered = 2;
    CHECK_RC(xen_take(WINDOW, XFER_UNIT), 0);
    CHECK_RC(xen_give((unsigned long)seen, XFER_UNIT), 0);
    CHECK_EQ(seen[0], 2);
}
