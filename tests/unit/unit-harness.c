/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness itself: whatever it promises to notice, it does.  Each of these
 * is a mistake that the hypervisor's sources could make.
 */

#include "harness/unit.h"
#include "harness/save.h"

static spinlock_t lock;

static void lock_held(void)
{
    spin_lock_init(&lock);
    spin_lock(&lock);
    spin_lock(&lock);
}

static void lock_uninitialised(void)
{
    spin_lock(&lock);
}

static void unlock_free(void)
{
    spin_lock_init(&lock);
    spin_unlock(&lock);
}

static void *take(void *unused)
{
    (void)unused;
    spin_lock(&lock);

    return NULL;
}

static void unlock_anothers(void)
{
    pthread_t thread;

    spin_lock_init(&lock);
    pthread_create(&thread, NULL, take, NULL);
    pthread_join(thread, NULL);
    ASSERT(!spin_is_locked(&lock));
    spin_unlock(&lock);
}

static void lock_in_lookup(void)
{
    spin_lock_init(&lock);
    swtlb_enter(&current->swtlb, SWTLB_LOOKUP);
    spin_lock(&lock);
}

static void free_in_lookup(void)
{
    void *p = xen_alloc(1, false);

    swtlb_enter(&current->swtlb, SWTLB_LOOKUP);
    xfree(p);
}

static void wait_alone(void)
{
    cpu_relax();
}

static void walk_in_lookup(void)
{
    char buf[8];

    swtlb_enter(&current->swtlb, SWTLB_LOOKUP);
    hvm_copy_from_guest_linear(buf, QUERY_GVA, 8, 0, NULL);
}

static void walk_with_lock(void)
{
    char buf[8];

    spin_lock(&dom->swtlb.lock);
    hvm_copy_from_guest_linear(buf, QUERY_GVA, 8, 0, NULL);
}

static void monitor_with_lock(void)
{
    cpu(0)->arch.vm_event = &cpu(0)->vm_event;
    spin_lock(&dom->swtlb.lock);
    hvm_monitor_check_p2m(0, _gfn(0), 0, npfec_kind_with_gla);
}

static struct page_info *get(void)
{
    struct page_info *page;
    p2m_type_t type;
    gfn_t gfn;

    ASSERT(!hvm_translate_get_page(current, QUERY_GFN << PAGE_SHIFT, false, 0,
                                   NULL, &page, &gfn, &type));

    return page;
}

static void leak_page(void)
{
    get();
    world_fini();
}

static void leak_mapping(void)
{
    struct page_info *page = get();

    __map_domain_page(page);
    put_page(page);
    world_fini();
}

static void map_without_reference(void)
{
    struct page_info *page = get();

    put_page(page);
    __map_domain_page(page);
}

static void put_twice(void)
{
    struct page_info *page = get();

    put_page(page);
    put_page(page);
}

static void use_forbidden_page(void)
{
    struct page_info *page = get();
    void *p = __map_domain_page(page);

    page->forbidden = true;
    unmap_domain_page(p);
}

static struct page_info *get_typed(void)
{
    struct page_info *page = get();

    ASSERT(get_page_type(page, PGT_writable_page));

    return page;
}

static void put_type_twice(void)
{
    struct page_info *page = get_typed();

    put_page_and_type(page);
    put_page_and_type(page);
}

static void leak_type(void)
{
    put_page(get_typed());
    world_fini();
}

static void owner_of_free_page(void)
{
    struct page_info *page = page_new(dom);

    page_free(page);
    page_get_owner(page);
}

static void pin_in_lookup(void)
{
    struct page_info *page;
    p2m_type_t type;

    swtlb_enter(&current->swtlb, SWTLB_LOOKUP);
    check_get_page_from_gfn(dom, _gfn(QUERY_GFN), false, &type, &page);
}

static void leak_block(void)
{
    CHECK(xen_alloc(16, false));
    world_fini();
}

static void index_out_of_bounds(void)
{
    unsigned int four = 4;

    four = array_index_nospec(four, 4u);
}

static void softirqs_with_lock(void)
{
    spin_lock(&dom->swtlb.lock);
    process_pending_softirqs();
}

static void domains_without_rcu(void)
{
    struct domain *d;

    for_each_domain ( d )
        ;
}

static void leave_busy(void)
{
    swtlb_enter(&current->swtlb, SWTLB_LOOKUP);
    world_fini();
}

/* Of a record's contents, more than was said that it has. */
static void write_beyond_record(void)
{
    uint8_t data[16];
    hvm_domain_context_t h = { .size = sizeof(data), .data = data };

    if ( !_hvm_init_entry(&h, 1, 0, 8) )
        _hvm_write_entry(&h, data, 9);
}

static int save_with_lock(struct vcpu *v, hvm_domain_context_t *h)
{
    (void)h;
    spin_lock(&v->domain->swtlb.lock);

    return 0;
}

static int check_nothing(const struct domain *d, hvm_domain_context_t *h)
{
    (void)d;
    (void)h;

    return 0;
}

static int load_over(struct domain *d, hvm_domain_context_t *h)
{
    (void)d;
    h->data[h->cur++]++;

    return 0;
}

static void register_handlers(void)
{
    hvm_register_savevm(1, "one", save_with_lock, check_nothing, load_over, 8,
                        HVMSR_PER_VCPU);
}

static void keep_lock(void)
{
    uint8_t data[8];

    register_handlers();
    save_vcpu(current, data);
}

static void check_without_end(void)
{
    uint8_t data[8] = {};

    register_handlers();
    as(dom_other->vcpus[0]);
    load_domain(dom, data, sizeof(data), true);
}

static void load_and_write(void)
{
    uint8_t data[8] = {};

    register_handlers();
    as(dom_other->vcpus[0]);
    load_domain(dom, data, sizeof(data), false);
}

static void (*const mistakes[])(void) = {
    write_beyond_record, keep_lock, check_without_end, load_and_write,
    lock_held, lock_uninitialised, unlock_free, unlock_anothers,
    lock_in_lookup, free_in_lookup, wait_alone, walk_in_lookup,
    walk_with_lock, monitor_with_lock, leak_page, leak_mapping,
    map_without_reference, put_twice, use_forbidden_page, leak_block,
    put_type_twice, leak_type, owner_of_free_page, pin_in_lookup,
    index_out_of_bounds, softirqs_with_lock, domains_without_rcu, leave_busy,
};

START_TEST(mistake_aborts)
{
    mistakes[_i]();
}
END_TEST

/* Where addresses end: behind a page, and with its use. */
static void beyond_page(void)
{
    volatile uint8_t *p = guest_mem(dom, QUERY_GFN << PAGE_SHIFT);

    p[PAGE_SIZE] = 1;
}

static void protected_page(void)
{
    page_protect(guest_page(dom, QUERY_GFN), false);
    *(volatile uint8_t *)guest_mem(dom, QUERY_GFN << PAGE_SHIFT) = 1;
}

static void (*const faults[])(void) = {
    beyond_page, protected_page,
};

START_TEST(access_faults)
{
    faults[_i]();
}
END_TEST

START_TEST(allocator_fails_the_nth)
{
    unsigned int n, i;

    for ( n = 1; n < 5; n++ )
    {
        xen_alloc_fail(n);
        for ( i = 1; i < 7; i++ )
        {
            uint8_t *p = xen_alloc(4, i % 2);

            CHECK_EQ(p == NULL, i == n);
            CHECK_EQ(xen_alloc_fail_pending(), i < n);
            if ( p )
                CHECK_EQ(p[3], i % 2 ? 0 : 0xa5);
            xfree(p);
        }
    }

    xfree(NULL);
    CHECK_EQ(xen_alloc_live(), 0);
}
END_TEST

START_TEST(snapshot_sees_changes)
{
    static struct snapshot s;

    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 0x1000), 0);
    snapshot_take(&s);
    CHECK(!snapshot_differs(&s));

    cpu(2)->swtlb.stats.faults++;
    CHECK_STR(snapshot_differs(&s), "statistics");
    snapshot_take(&s);
    guest_mem(dom, QUERY_GFN << PAGE_SHIFT)[77]++;
    CHECK_STR(snapshot_differs(&s), "guest memory");
    snapshot_take(&s);
    CHECK_EQ(op_purge(0, 0x1fff, 1), 0);
    CHECK_STR(snapshot_differs(&s), "entries");
    snapshot_take(&s);
    CHECK_EQ(op_share(2, 1), 0);
    CHECK_STR(snapshot_differs(&s), "entries");
    snapshot_take(&s);
    cpu(3)->swtlb.copy_for = cpu(0);
    CHECK_STR(snapshot_differs(&s), "subject");
    cpu(3)->swtlb.copy_for = NULL;
}
END_TEST

START_TEST(printk_formats)
{
    xen_console_clear();
    printk("plain");
    printk(" %c|%u|%#x|%pv|", 'x', 7, 0xabc, (void *)dom_other->vcpus[1]);
    printk("%#lx|%s|%" PRIu64 "\n", ~0UL, "s", 5UL);
    CHECK_STR(xen_console(),
              "plain x|7|0xabc|d1v1|0xffffffffffffffff|s|5\n");
}
END_TEST

/*
 * What the sanitizers are there for: they are in, and end the test.  Those of
 * the test programs that are expected to fail do it for leaks.
 */
#ifdef UNIT_SANITIZED
START_TEST(sanitizer_ends_overrun)
{
    volatile unsigned int end = 16;
    volatile char *p = xen_alloc(16, false);

    p[end] = 1;
}
END_TEST

START_TEST(sanitizer_ends_overflow)
{
    volatile int n = INT_MAX;

    n = n + 1;
}
END_TEST
#endif

Suite *unit_suite(void)
{
    Suite *s = suite_create("harness");
    TCase *tc = unit_case(s, "harness");

    tcase_add_loop_test_raise_signal(tc, mistake_aborts, SIGABRT, 0,
                                     ARRAY_SIZE(mistakes));
    tcase_add_test(tc, allocator_fails_the_nth);
#ifdef UNIT_SANITIZED
    tcase_add_loop_exit_test(tc, access_faults, 1, 0, ARRAY_SIZE(faults));
#else
    tcase_add_loop_test_raise_signal(tc, access_faults, SIGSEGV, 0,
                                     ARRAY_SIZE(faults));
#endif
    tcase_add_test(tc, snapshot_sees_changes);
    tcase_add_test(tc, printk_formats);
#ifdef UNIT_SANITIZED
    tcase_add_exit_test(tc, sanitizer_ends_overrun, 1);
    tcase_add_exit_test(tc, sanitizer_ends_overflow, 1);
#endif

    return s;
}
