/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arm demands of who changes a page table's entry that it is invalid in
 * between.  A hypercall on another vCPU whose buffer is there then fails; one
 * whose buffer has an entry does not.
 */

#include <pvh.h>

TEST_TITLE("a hypercall does not fail between break and make");

#define CALLS   20000

static bool stop;
static unsigned long breaks;

/* As a kernel splits and joins a huge page, that of WINDOW. */
static void break_and_make(void *unused)
{
    uint64_t *pte = pte_of(WINDOW), old = *pte;
    volatile unsigned int i;

    (void)unused;

    while ( !ACCESS_ONCE(stop) )
    {
        ACCESS_ONCE(*pte) = 0;
        flush_page(WINDOW);
        ACCESS_ONCE(*pte) = old;
        asm volatile ( "dsb ishst; isb" ::: "memory" );
        ACCESS_ONCE(breaks) = breaks + 1;
        for ( i = 0; i < 50; i++ )
            ;
    }
}

static unsigned long count_faults(unsigned long gva)
{
    unsigned long faults = 0;
    unsigned int i;

    for ( i = 0; i < CALLS; i++ )
    {
        long rc = hypercall_xen_version(XENVER_get_features, (void *)gva);

        if ( rc == -XEN_EFAULT )
            faults++;
        else
            CHECK_RC(rc, 0);
    }

    return faults;
}

static void race(const char *what, bool registered)
{
    unsigned long before = ACCESS_ONCE(breaks), faults;

    faults = count_faults(WINDOW + 8);
    printk("%s: %lu of %u calls failed, in %lu breaks\n", what, faults, CALLS,
           ACCESS_ONCE(breaks) - before);
    CHECK(ACCESS_ONCE(breaks) > before);
    if ( registered )
        CHECK_EQ(faults, 0);
    else
        CHECK(faults);
}

/* One at a time, without a race. */
static void test_broken(uint8_t *page)
{
    uint64_t *pte = pte_of(WINDOW), old = *pte;

    *pte = 0;
    flush_page(WINDOW);
    CHECK_RC(hypercall_xen_version(XENVER_get_features, (void *)WINDOW),
             -XEN_EFAULT);
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    CHECK_RC(hypercall_xen_version(XENVER_get_features, (void *)WINDOW), 0);
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    CHECK_RC(hypercall_xen_version(XENVER_get_features, (void *)WINDOW),
             -XEN_EFAULT);
    *pte = old;
    asm volatile ( "dsb ishst; isb" ::: "memory" );
    CHECK_RC(hypercall_xen_version(XENVER_get_features, (void *)WINDOW), 0);
}

void test_main(void)
{
    uint8_t *page = alloc_pages(1);

    swtlb_require();
    vcpu_require(2);
    map_4k(WINDOW, gpa_of(page), PTE_RW);
    test_broken(page);

    vcpu_start(1);
    vcpu_call(1, break_and_make, NULL);
    wait_until(ACCESS_ONCE(breaks));

    race("walked", false);
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    race("with an entry", true);
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert_pinned(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    race("with a pinned entry", true);

    ACCESS_ONCE(stop) = true;
    vcpu_wait(1);
}
