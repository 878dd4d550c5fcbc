/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Xen fetches the instruction of some accesses to devices that it emulates:
 * of one that changes its address register the CPU does not say what it was.
 * The fetch is from where the page tables say.  An entry for the code's page,
 * which says that there are other bytes, does not count.
 */

#include <pvh.h>

TEST_TITLE("no instruction is fetched through an entry");

/* The interrupt controller's distributor, which Xen emulates; its TYPER. */
#define GICD_TYPER  0x08000004ul

static uint32_t plain, fetched;
static unsigned long after;

static void __attribute__((__noinline__)) read_plain(void)
{
    asm volatile ( "ldr %w0, [%1]" : "=r" (plain) : "r" (GICD_TYPER) );
}

static void __attribute__((__noinline__)) read_and_step(void)
{
    unsigned long at = GICD_TYPER;

    asm volatile ( "ldr %w0, [%1], #4" : "=r" (fetched), "+r" (at) );
    after = at;
}

static void check_fetch(void)
{
    fetched = after = 0;
    CHECK_EQ(exception_of(read_and_step), 0);
    CHECK_EQ(fetched, plain);
    CHECK_EQ(after, GICD_TYPER + 4);
}

void test_main(void)
{
    unsigned long code = (unsigned long)read_and_step & PAGE_MASK;
    void *other = alloc_pages(2);
    uint64_t hits;

    swtlb_require();
    CHECK_EQ(exception_of(read_plain), 0);
    CHECK(plain);
    check_fetch();

    CHECK_RC(swtlb_insert(0, code, gpa_of(other), 2 * PAGE_SIZE), 0);
    hits = swtlb_stats(0).hits;
    check_fetch();
    CHECK_EQ(swtlb_stats(0).hits, hits);

    /* In a strict domain, too: it is no hypercall buffer. */
    CHECK_RC(swtlb_insert(0, 0, 0, code), 0);
    CHECK_RC(swtlb_insert(0, code + 2 * PAGE_SIZE, code + 2 * PAGE_SIZE,
                          WINDOW - code - 2 * PAGE_SIZE), 0);
    CHECK_RC(swtlb_strict(XEN_SWTLB_ALL_VCPUS), 0);
    check_fetch();
    CHECK_EQ(swtlb_stats(0).refused, 0);
}
