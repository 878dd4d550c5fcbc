/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clearing a hypercall buffer, as opposed to copying to it.  Of the few
 * hypercalls that do: reading a domain's dirty bitmap where there is none.
 */

#include <pvh.h>
#include <domu.h>

TEST_TITLE("clearing of buffers, through entries and by walk");

#define PAGES   5

static uint8_t *page[PAGES];
static unsigned int domid;

/* Xen clears bytes at gva, in pieces of 4096. */
static long clear(unsigned long gva, unsigned int bytes)
{
    struct xen_domctl op = {};

    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_PEEK;
    op.u.shadow_op.pages = bytes * 8ull;
    set_xen_guest_handle(op.u.shadow_op.dirty_bitmap, (void *)gva);

    return hypercall_domctl(XEN_DOMCTL_shadow_op, domid, &op);
}

/* Of the window, exactly these bytes are zero. */
static void check_cleared(unsigned long offset, unsigned int bytes)
{
    unsigned long i;

    for ( i = 0; i < PAGES * PAGE_SIZE; i++ )
    {
        bool zero = !page[i / PAGE_SIZE][i % PAGE_SIZE];

        if ( zero != (i - offset < bytes) )
        {
            test_failure("%u bytes at offset %lu: byte %lu is %s", bytes,
                         offset, i, zero ? "cleared" : "not cleared");
            break;
        }
    }
}

static void check_all(const char *what)
{
    static const struct {
        unsigned int offset, bytes;
    } cases[] = {
        { 0, 1 }, { 1, 1 }, { 4095, 2 }, { 100, 200 }, { 4000, 200 },
        { 0, 4096 }, { 1, 4096 }, { 17, 12000 }, { 4095, 12290 },
    };
    unsigned int i, j;

    for ( i = 0; i < ARRAY_SIZE(cases); i++ )
    {
        for ( j = 0; j < PAGES; j++ )
            fill(page[j], PAGE_SIZE, j);
        if ( !CHECK_RC(clear(WINDOW + cases[i].offset, cases[i].bytes), 0) )
            test_failure("... by %s", what);
        check_cleared(cases[i].offset, cases[i].bytes);
    }
}

static void insert(unsigned int i)
{
    CHECK_RC(swtlb_insert(0, WINDOW + i * PAGE_SIZE, gpa_of(page[i]),
                          PAGE_SIZE), 0);
}

void test_main(void)
{
    uint8_t *mem = alloc_pages(PAGES);
    unsigned int i;

    swtlb_require();
    domid = domu_create();
    for ( i = 0; i < PAGES; i++ )
        page[i] = mem + (PAGES - 1 - i) * PAGE_SIZE;

    for ( i = 0; i < PAGES; i++ )
        map_4k(WINDOW + i * PAGE_SIZE, gpa_of(page[i]), PTE_RW);
    check_all("walk");

    for ( i = 0; i < PAGES; i++ )
        if ( i & 1 )
        {
            unmap(WINDOW + i * PAGE_SIZE);
            insert(i);
        }
    check_all("walks and entries in turn");

    for ( i = 0; i < PAGES; i++ )
        if ( !(i & 1) )
        {
            unmap(WINDOW + i * PAGE_SIZE);
            insert(i);
        }
    check_all("entries");

    CHECK_RC(swtlb_purge(0, WINDOW + PAGE_SIZE, PAGE_SIZE), 0);
    CHECK_RC(clear(WINDOW + PAGE_SIZE - 1, 2), -XEN_EFAULT);
    CHECK_RC(clear(WINDOW + PAGE_SIZE, 1), -XEN_EFAULT);

    domu_destroy(domid);
}
