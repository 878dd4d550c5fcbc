/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several vCPUs at once, each a thread: lookups against updates.  Built once
 * with address and once with thread sanitizer.
 *
 * What goes wrong in a thread ends in ASSERT().
 */

#include "harness/unit.h"

#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#define ALL   XEN_SWTLB_ALL_VCPUS
#define GVA   0x200000UL
#define GFN   0x10UL
#define GPA   (GFN << PAGE_SHIFT)

static bool stop;

/* Times that somebody waited; and what threads have to show for. */
static unsigned long relaxed, done[WORLD_VCPUS];

static unsigned long count(unsigned long *counter)
{
    return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

static void add(unsigned long *counter)
{
    __atomic_add_fetch(counter, 1, __ATOMIC_RELEASE);
}

static void relax(void)
{
    add(&relaxed);
    sched_yield();
}

static bool stopped(void)
{
    return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

static void set_up(void)
{
    unsigned int i;

    world_init();
    xen_relax = relax;
    stop = false;
    memset(done, 0, sizeof(done));
    for ( i = 0; i < 4; i++ )
        guest_add_page(dom, GFN + i, p2m_ram_rw);
}

static void tear_down(void)
{
    xen_relax = NULL;
    world_fini();
}

struct thread {
    pthread_t id;
    struct vcpu *v;
    void (*fn)(void);
};

static void *thread_main(void *arg)
{
    struct thread *t = arg;

    as(t->v);
    t->fn();

    return NULL;
}

static void start(struct thread *t, struct vcpu *v, void (*fn)(void))
{
    t->v = v;
    t->fn = fn;
    ASSERT(!pthread_create(&t->id, NULL, thread_main, t));
}

static void join(struct thread *t)
{
    ASSERT(!pthread_join(t->id, NULL));
}

/*
 * Run one function on vCPU 0, one on 1, and one on 2, for the usual time, and
 * until each has something to show for it, on a machine that is busy.
 */
static void run(void (*fn0)(void), void (*fn1)(void), void (*fn2)(void))
{
    void (*const fn[])(void) = { fn0, fn1, fn2 };
    struct thread t[3];
    unsigned int i;

    for ( i = 0; i < 3; i++ )
        if ( fn[i] )
            start(&t[i], cpu(i), fn[i]);

    sleep(unit_seconds());
    for ( i = 0; i < 3; i++ )
        while ( fn[i] && !count(&done[i]) )
            usleep(1000);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);

    for ( i = 0; i < 3; i++ )
        if ( fn[i] )
        {
            join(&t[i]);
            CHECK_MSG(done[i], "vCPU %u has got something done", i);
        }
}

/*
 * A page is read all the time, while it is behind an entry that leads to one
 * page of 0xaa, then to one of 0xbb, then behind none and walked: 0xcc.  What
 * is read must be all of one of them.
 */
static void read_pages(void)
{
    uint64_t rnd = current->vcpu_id;

    while ( !stopped() )
    {
        uint8_t buf[64];
        unsigned int i, offset = unit_random(&rnd) % (PAGE_SIZE - 64);

        ASSERT(!raw_copy_from_guest(buf, (void *)(GVA + offset), 64));
        ASSERT(buf[0] == 0xaa || buf[0] == 0xbb || buf[0] == 0xcc);
        for ( i = 1; i < 64; i++ )
            ASSERT(buf[i] == buf[0]);
        add(&done[current->vcpu_id]);
    }
}

/* The table also grows and shrinks, below and above the entry in question. */
static void change_entries(void)
{
    while ( !stopped() )
    {
        unsigned int i;

        for ( i = 0; i < 20; i++ )
        {
            uint64_t other = i % 2 ? 0x1000 + i * 16 : 0x900000 + i * 16;

            ASSERT(!op_insert(0, GVA, GPA + (i % 2) * PAGE_SIZE, PAGE_SIZE));
            ASSERT(!op_insert(1, other, other, 8));
            ASSERT(!op_purge(i % 3 ? 0 : ALL, GVA, PAGE_SIZE));
        }

        /* Only in half of the rounds the memory goes, too. */
        if ( add(&done[2]), count(&done[2]) % 2 )
            ASSERT(!op_purge(1, 0, 0x7fffffff));
        else
        {
            ASSERT(!op_purge_all(1));
            ASSERT(!op_purge_all(0));
            ASSERT(!op_share(1, 0));
        }
    }
}

START_TEST(old_or_new)
{
    memset(guest_mem(dom, GPA), 0xaa, PAGE_SIZE);
    memset(guest_mem(dom, GPA + PAGE_SIZE), 0xbb, PAGE_SIZE);
    memset(guest_mem(dom, GPA + 2 * PAGE_SIZE), 0xcc, PAGE_SIZE);
    guest_map(&dom->tables, GVA, GFN + 2, true);

    CHECK_EQ(op_share(1, 0), 0);
    run(read_pages, read_pages, change_entries);

    CHECK(cpu(0)->swtlb.stats.hits + cpu(1)->swtlb.stats.hits);
    CHECK_EQ(cpu(0)->swtlb.stats.hits + cpu(0)->swtlb.stats.misses, done[0]);
    CHECK_EQ(cpu(1)->swtlb.stats.hits + cpu(1)->swtlb.stats.misses, done[1]);
    CHECK_EQ(cpu(0)->swtlb.stats.faults + cpu(1)->swtlb.stats.faults, 0);
}
END_TEST

/*
 * A page is written to by way of an entry only.  Whoever took the entry away
 * may do with the page what it likes: nobody else touches it any more.  Each
 * vCPU writes to a part of its own.
 */
static void write_page(void)
{
    unsigned long offset = current->vcpu_id * 0x400;
    uint8_t buf[0x400];

    memset(buf, 0x11 * (current->vcpu_id + 1), sizeof(buf));

    while ( !stopped() )
        if ( !raw_copy_to_guest((void *)(GVA + offset), buf, sizeof(buf)) )
            add(&done[current->vcpu_id]);
}

/* The same by a vCPU that makes the copies for vCPU 2. */
static void write_page_for_another(void)
{
    uint8_t buf[0x400] = {};

    while ( !stopped() )
    {
        unsigned int rc;

        swtlb_copy_for(cpu(2));
        rc = raw_copy_to_guest((void *)(GVA + 0xc00), buf, sizeof(buf));
        swtlb_copy_for(current);
        if ( !rc )
            add(&done[current->vcpu_id]);
    }
}

static void take_away(unsigned int round, unsigned int vcpuid)
{
    switch ( round % 5 )
    {
    case 0:
        ASSERT(!op_purge(vcpuid, GVA, PAGE_SIZE));
        break;
    case 1:
        ASSERT(!op_purge(ALL, GVA - 1, 2 * PAGE_SIZE));
        break;
    case 2:
        ASSERT(!op_purge_all(ALL));
        break;
    case 3:
        swtlb_vcpu_reset(cpu(0));
        swtlb_vcpu_reset(cpu(1));
        swtlb_vcpu_reset(cpu(2));
        break;
    case 4:
        swtlb_domain_reset(dom);
        break;
    }
}

/* Until somebody has made a copy, or has not for long. */
static void wait_for_use(void)
{
    unsigned long before[2] = { count(&done[0]), count(&done[1]) };
    unsigned int i;

    for ( i = 0; i < 1000 && count(&done[0]) == before[0] &&
                 count(&done[1]) == before[1]; i++ )
        sched_yield();
}

/* Of a page filled with 0xff, that it still is. */
static void check_untouched(const struct page_info *page)
{
    unsigned int i;

    for ( i = 0; i < PAGE_SIZE; i++ )
        ASSERT(page->data[i] == 0xff);
}

static void own_page_in_turns(void)
{
    struct page_info *page = guest_page(dom, GFN);

    while ( !stopped() )
    {
        unsigned int round = done[2];

        ASSERT(!op_insert(0, GVA, GPA, PAGE_SIZE));
        if ( round % 2 )
        {
            swtlb_vcpu_reset(cpu(1));
            ASSERT(!op_share(1, 0));
        }
        else
            ASSERT(!op_insert(2, GVA, GPA, PAGE_SIZE));
        wait_for_use();

        take_away(round % 2 ? round : 1 + round % 4, 0);
        __atomic_store_n(&page->forbidden, true, __ATOMIC_RELEASE);
        memset(page->data, 0xff, PAGE_SIZE);
        sched_yield();
        check_untouched(page);
        __atomic_store_n(&page->forbidden, false, __ATOMIC_RELEASE);
        add(&done[2]);
    }
}

START_TEST(no_copy_after_purge)
{
    run(write_page, _i ? write_page_for_another : write_page,
        own_page_in_turns);
}
END_TEST

/*
 * The same when it is the page that goes, and not the entry: taken out of the
 * P2M, it is nobody's as soon as the last reference is gone.  Then it comes
 * back, or another one in its place, each time at either of two gfns.
 */
static void balloon(void)
{
    struct page_info *spare = page_new(dom);
    unsigned int gfn = 0;

    ASSERT(!op_insert(0, GVA, GPA, PAGE_SIZE));
    ASSERT(!op_insert(1, GVA, GPA, 2 * PAGE_SIZE));
    ASSERT(!op_insert(2, GVA, GPA + PAGE_SIZE, PAGE_SIZE));

    while ( !stopped() )
    {
        struct page_info *page = guest_page(dom, GFN + gfn);

        wait_for_use();
        guest_set_entry(dom, GFN + gfn, p2m_invalid, NULL);
        page_free(page);
        while ( __atomic_load_n(&page->count, __ATOMIC_SEQ_CST) )
            sched_yield();

        memset(page->data, 0xff, PAGE_SIZE);
        sched_yield();
        check_untouched(page);

        page_reuse(page, dom);
        guest_set_entry(dom, GFN + gfn, p2m_ram_rw, spare);
        spare = page;
        add(&done[2]);
        gfn = count(&done[2]) % 3 == 2;
    }
}

START_TEST(no_copy_after_balloon)
{
    run(write_page, _i ? write_page_for_another : write_page, balloon);
    CHECK(dom->lookups);
}
END_TEST

/*
 * And for pinned entries: their pages are let go when the entry is, and not
 * before.
 */
static void pin_in_turns(void)
{
    struct page_info *page = guest_page(dom, GFN);

    while ( !stopped() )
    {
        unsigned int round = done[2];

        ASSERT(!op_pin(0, GVA, GPA, PAGE_SIZE));
        ASSERT(!op_pin(2, GVA, GPA, PAGE_SIZE));
        if ( round % 2 )
        {
            swtlb_vcpu_reset(cpu(1));
            ASSERT(!op_share(1, 0));
        }
        wait_for_use();

        take_away(1 + round % 4, 0);
        ASSERT(!page->types && !page_refs(page));
        memset(page->data, 0xff, PAGE_SIZE);
        sched_yield();
        check_untouched(page);
        add(&done[2]);
    }
}

START_TEST(no_copy_after_unpin)
{
    run(write_page, _i ? write_page_for_another : write_page, pin_in_turns);
    CHECK(dom->lookups);
}
END_TEST

/* Everybody does everything, at random.  Only that it ends well is tested. */
static void storm_query(uint64_t *rnd)
{
    unsigned int what = unit_random(rnd) % 4;

#ifdef UNIT_TSAN
    /* Statistics are read while they change, and meant to be. */
    if ( what == XEN_SWTLB_QUERY_stats )
        what = XEN_SWTLB_QUERY_state;
#endif
    vcpu_op(VCPUOP_swtlb_query, unit_random(rnd) % 3, QUERY_GVA, what,
            what == XEN_SWTLB_QUERY_entry ? unit_random(rnd) % 12 : 0);
}

static void storm(void)
{
    uint64_t rnd = current->vcpu_id + 100;

    while ( !stopped() )
    {
        unsigned int vcpuid = unit_random(&rnd) % 4;
        uint64_t gva = GVA + unit_random(&rnd) % 0x3000;
        uint64_t size = unit_random(&rnd) % 0x400 + 1;
        uint8_t buf[0x400];

        switch ( unit_random(&rnd) % 16 )
        {
        case 0:
            op_pin(vcpuid, gva, GPA + (gva - GVA), size);
            break;
        case 1: case 2: case 3:
            op_insert(vcpuid, gva, GPA + (gva - GVA), size);
            break;
        case 4: case 5:
            op_purge(unit_random(&rnd) % 4 ? vcpuid : ALL, gva, size);
            break;
        case 6:
            op_purge_all(unit_random(&rnd) % 8 ? vcpuid : ALL);
            break;
        case 7:
            op_share(vcpuid, unit_random(&rnd) % 4);
            break;
        case 8:
            swtlb_vcpu_reset(cpu(vcpuid));
            break;
        case 9:
            storm_query(&rnd);
            break;
        case 10:
            swtlb_copy_for(cpu(vcpuid));
            break;
        case 11:
            guest_set_type(dom, GFN + vcpuid % 3,
                           unit_random(&rnd) % 4 ? p2m_ram_rw : p2m_ram_ro);
            break;
        default:
            raw_copy_from_guest(buf, (void *)gva, size);
            swtlb_copy_for(current);
            break;
        }
        add(&done[current->vcpu_id]);
    }
    swtlb_copy_for(current);
}

START_TEST(storm_of_operations)
{
    static struct page_tables tables[3];
    unsigned int i;

    /* A buffer of its own for each. */
    for ( i = 0; i < 3; i++ )
    {
        guest_add_page(dom, 0x20 + i, p2m_ram_rw);
        guest_map(&tables[i], QUERY_GVA, 0x20 + i, true);
        guest_map(&tables[i], GVA, GFN + 3, true);
        cpu(i)->tables = &tables[i];
    }

    run(storm, storm, storm);
    swtlb_domain_reset(dom);
    CHECK_EQ(xen_alloc_live(), 0);
}
END_TEST

/*
 * A copy is stopped half way, and an operation begun.  It must not be over
 * before the copy is, if it could have changed or freed what that uses.
 */
static sem_t inside, proceed;

static void stop_here(void)
{
    sem_post(&inside);
    sem_wait(&proceed);
}

static void stopped_copy(void)
{
    uint8_t buf[8];

    ASSERT(!raw_copy_from_guest(buf, (void *)GVA, 8));
    add(&done[0]);
}

/* The operations, in the order of the loop. */
static void by_purge(void)
{
    ASSERT(!op_purge(0, GVA, 1));
}

static void by_purge_for_all(void)
{
    ASSERT(!op_purge(ALL, GVA, PAGE_SIZE));
}

static void by_purge_all(void)
{
    ASSERT(!op_purge_all(0));
}

static void by_purge_all_of_all(void)
{
    ASSERT(!op_purge_all(ALL));
}

static void by_vcpu_reset(void)
{
    swtlb_vcpu_reset(cpu(0));
}

static void by_domain_reset(void)
{
    swtlb_domain_reset(dom);
}

/* Not because anything is taken away: the old map is to become the spare. */
static void by_insert(void)
{
    ASSERT(!op_insert(0, GVA + PAGE_SIZE, GPA, 1));
}

static void by_query(void)
{
    ASSERT(!vcpu_op(VCPUOP_swtlb_query, 0, QUERY_GVA,
                    XEN_SWTLB_QUERY_state, 0));
}

static void by_another_domain(void)
{
    as(dom_other->vcpus[0]);
    ASSERT(!op_insert(0, GVA, GPA, 1));
    ASSERT(!op_purge_all(ALL));
}

static const struct {
    void (*fn)(void);
    bool waits;
} waiters[] = {
    { by_purge, true },
    { by_purge_for_all, true },
    { by_purge_all, true },
    { by_purge_all_of_all, true },
    { by_vcpu_reset, true },
    { by_domain_reset, true },
    { by_insert, true },
    { by_query, false },
    { by_another_domain, false },
};

static void do_operation(void)
{
    waiters[done[3]].fn();
    add(&done[1]);
}

START_TEST(waits_for_copy)
{
    struct thread copier, other;

    sem_init(&inside, 0, 0);
    sem_init(&proceed, 0, 0);
    relaxed = 0;
    done[3] = _i;
    guest_on_page = stop_here;
    CHECK_EQ(op_insert(0, GVA, GPA, PAGE_SIZE), 0);

    start(&copier, cpu(0), stopped_copy);
    sem_wait(&inside);
    start(&other, cpu(1), do_operation);

    if ( waiters[_i].waits )
    {
        while ( count(&relaxed) < 100 )
            sched_yield();
        CHECK_EQ(count(&done[1]), 0);
    }
    else
        join(&other);

    CHECK_EQ(count(&done[0]), 0);
    sem_post(&proceed);
    join(&copier);
    if ( waiters[_i].waits )
        join(&other);
    CHECK_EQ(count(&done[1]), 1);
    if ( !waiters[_i].waits )
        CHECK_EQ(count(&relaxed), 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("threads");
    TCase *tc = tcase_create("threads");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, UNIT_LIMIT + 2 * unit_seconds());
    suite_add_tcase(s, tc);

    tcase_add_test(tc, old_or_new);
    tcase_add_loop_test(tc, no_copy_after_purge, 0, 2);
    tcase_add_loop_test(tc, no_copy_after_balloon, 0, 2);
    tcase_add_loop_test(tc, no_copy_after_unpin, 0, 2);
    tcase_add_test(tc, storm_of_operations);
    tcase_add_loop_test(tc, waits_for_copy, 0, ARRAY_SIZE(waiters));

    return s;
}
