/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies, what they may do: a hit is subject to the same rules as a walk that
 * leads to the same page.  Each is done both ways, in two worlds, and all
 * that can be seen of it is compared: the result, the buffer, memory, what is
 * marked dirty, what introspection and paging are told.
 *
 * Also here: when a copy may have to sleep, it must not be in a lookup.
 */

#include "harness/unit.h"

#define GVA   0x200000UL
#define GFN   0x10UL
#define GPA   (GFN << PAGE_SHIFT)
#define LEN   0x1800U

static const p2m_type_t types[] = {
    p2m_invalid, p2m_ram_rw, p2m_ram_logdirty, p2m_ram_ro, p2m_mmio_dm,
    p2m_mmio_direct, p2m_grant_map_rw, p2m_grant_map_ro, p2m_ram_paging_out,
    p2m_ram_paged, p2m_ram_shared, p2m_map_foreign, p2m_ioreq_server,
};

enum monitor { NONE, NOT_SENDING, AGREES, OBJECTS };
#define MONITORS  4

/* What can be seen of a copy. */
struct outcome {
    unsigned int rc;
    uint8_t buf[LEN];
    uint8_t memory[3][PAGE_SIZE];
    unsigned int nr_dirty, nr_monitored, nr_populated;
    unsigned long dirty[4], populated[4];
    struct {
        unsigned long gla, gfn;
        uint32_t pfec;
    } monitored[4];
};

static void prepare(p2m_type_t type, unsigned int nth, enum monitor monitor)
{
    unsigned int i;

    world_init();

    for ( i = 0; i < 3; i++ )
    {
        guest_add_page(dom, GFN + i, i == nth ? type : p2m_ram_rw);
        guest_map(&dom->tables, GVA + i * PAGE_SIZE, GFN + i, true);
    }

    dom->paging = type == p2m_ram_paging_out || type == p2m_ram_paged;
    dom->monitor_objects = monitor == OBJECTS;
    cpu(0)->vm_event.send_event = monitor > NOT_SENDING;
    cpu(0)->arch.vm_event = monitor ? &cpu(0)->vm_event : NULL;
}

static void observe(struct outcome *o)
{
    unsigned int i;

    for ( i = 0; i < 3; i++ )
    {
        const struct page_info *page = guest_page(dom, GFN + i);

        CHECK_EQ(page_refs(page), 0);
        CHECK_EQ(page->maps, 0);
        memcpy(o->memory[i], page->data, PAGE_SIZE);
    }

    CHECK(dom->nr_dirty <= 4 && dom->nr_monitored <= 4 &&
          dom->nr_populated <= 4);
    o->nr_dirty = dom->nr_dirty;
    o->nr_monitored = dom->nr_monitored;
    o->nr_populated = dom->nr_populated;
    memcpy(o->dirty, dom->dirty, sizeof(o->dirty));
    memcpy(o->populated, dom->populated, sizeof(o->populated));
    for ( i = 0; i < dom->nr_monitored; i++ )
    {
        o->monitored[i].gla = dom->monitored[i].gla;
        o->monitored[i].gfn = dom->monitored[i].gfn;
        o->monitored[i].pfec = dom->monitored[i].pfec;
    }
}

/*
 * Copy over three pages, the nth of which is of the type:
 *
 *     0x200800   0x201000   0x202000
 *     |    [0]   |   [1]    |  [2]
 */
static void experiment(struct outcome *o, bool hit, enum way way,
                       p2m_type_t type, unsigned int nth,
                       enum monitor monitor)
{
    unsigned int i;

    memset(o, 0, sizeof(*o));
    for ( i = 0; i < LEN; i++ )
        o->buf[i] = 0xc3 ^ i;

    prepare(type, nth, monitor);
    if ( hit )
        CHECK_EQ(op_insert(0, GVA, GPA, 3 * PAGE_SIZE), 0);

    o->rc = vcpu_copy(way, o->buf, GVA + 0xc00, LEN);

    CHECK_EQ(cpu(0)->walks > 0, !hit);
    CHECK_EQ(cpu(0)->swtlb.stats.hits, hit);
    CHECK_EQ(cpu(0)->swtlb.stats.faults, !!o->rc);
    CHECK(!swtlb_inside(&cpu(0)->swtlb));
    observe(o);
    world_fini();
}

static void compare(enum way way, p2m_type_t type, unsigned int nth,
                    enum monitor monitor)
{
    static struct outcome walk, hit;

    experiment(&walk, false, way, type, nth, monitor);
    experiment(&hit, true, way, type, nth, monitor);

    CHECK_EQ(hit.rc, walk.rc);
    CHECK(!memcmp(hit.buf, walk.buf, LEN));
    CHECK(!memcmp(hit.memory, walk.memory, sizeof(walk.memory)));
    CHECK_EQ(hit.nr_dirty, walk.nr_dirty);
    CHECK(!memcmp(hit.dirty, walk.dirty, sizeof(walk.dirty)));
    CHECK_EQ(hit.nr_populated, walk.nr_populated);
    CHECK(!memcmp(hit.populated, walk.populated, sizeof(walk.populated)));
    CHECK_EQ(hit.nr_monitored, walk.nr_monitored);
    CHECK(!memcmp(hit.monitored, walk.monitored, sizeof(walk.monitored)));
}

START_TEST(same_as_walk)
{
    enum way way;
    enum monitor monitor;
    unsigned int nth;

    for ( way = 0; way < WAYS; way++ )
        for ( monitor = 0; monitor < MONITORS; monitor++ )
            for ( nth = 0; nth < 3; nth++ )
                compare(way, types[_i], nth, monitor);
}
END_TEST

/* The same, said in so many words, lest both be wrong. */
static const struct {
    p2m_type_t type;
    bool readable, writable, discards;
} rules[] = {
    { p2m_ram_rw,       true,  true,  false },
    { p2m_ram_logdirty, true,  true,  false },
    { p2m_ram_ro,       true,  true,  true },
    { p2m_map_foreign,  true,  true,  false },
    { p2m_ioreq_server, true,  false, false },
    { p2m_invalid,      false, false, false },
    { p2m_mmio_dm,      false, false, false },
    { p2m_mmio_direct,  false, false, false },
    { p2m_grant_map_rw, false, false, false },
    { p2m_grant_map_ro, false, false, false },
    { p2m_ram_paging_out, false, false, false },
    { p2m_ram_paged,    false, false, false },
    { p2m_ram_shared,   false, false, false },
};

START_TEST(rule)
{
    uint8_t buf[4] = { 1, 2, 3, 4 };
    uint8_t *mem;
    bool written = rules[_i].writable && !rules[_i].discards;

    prepare(rules[_i].type, 0, NONE);
    CHECK_EQ(op_insert(0, GVA, GPA, PAGE_SIZE), 0);
    mem = guest_mem(dom, GPA + 8);

    CHECK_EQ(raw_copy_to_guest((void *)GVA + 8, buf, 4),
             rules[_i].writable ? 0 : 4);
    CHECK_EQ(!memcmp(mem, buf, 4), written);
    CHECK_EQ(dom->nr_dirty, written);
    if ( written )
        CHECK_EQ(dom->dirty[0], GFN);

    CHECK_EQ(raw_clear_guest((void *)GVA + 8, 4),
             rules[_i].writable ? 0 : 4);
    CHECK_EQ(!mem[0] && !mem[1] && !mem[2] && !mem[3], written);
    CHECK_EQ(dom->nr_dirty, 2 * written);

    memset(buf, 0x77, 4);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA + 8, 4),
             rules[_i].readable ? 0 : 4);
    CHECK_EQ(!memcmp(buf, mem, 4), rules[_i].readable);
    CHECK_EQ(dom->nr_dirty, 2 * written);
    CHECK_EQ(cpu(0)->walks, 0);
    CHECK_STATS(cpu(0), 3, 0, 2 * !rules[_i].writable + !rules[_i].readable,
                12, 0);
    world_fini();
}
END_TEST

/* A copy that fails has done what comes before: gap, hit, gap alike. */
START_TEST(fault_in_the_middle)
{
    uint8_t buf[LEN];

    prepare(p2m_invalid, _i, NONE);
    /* A page by entry, half of one walked, and then by entry. */
    CHECK_EQ(op_insert(0, GVA, GPA, PAGE_SIZE), 0);
    CHECK_EQ(op_insert(0, GVA + 0x1800, GPA + 0x1800, 0x1800), 0);
    memset(buf, 0x99, LEN);

    CHECK_EQ(raw_copy_to_guest((void *)GVA + 0xc00, buf, LEN), LEN);
    CHECK_EQ(*guest_mem(dom, GPA + 0xc00) == 0x99, _i > 0);
    CHECK_EQ(*guest_mem(dom, GPA + 0x1000) == 0x99, _i > 1);
    CHECK_EQ(*guest_mem(dom, GPA + 0x1fff) == 0x99, _i > 1);
    CHECK_EQ(dom->nr_dirty, _i == 0 ? 0 : _i == 1 ? 1 : 3);

    /* Parts that were not reached are neither hit nor walked. */
    if ( _i == 0 )
        CHECK_STATS(cpu(0), 1, 0, 1, 0x400, 0);
    else if ( _i == 1 )
        CHECK_STATS(cpu(0), 0, 1, 1, 0x400, 0x800);
    else
        CHECK_STATS(cpu(0), 0, 1, 1, 0x400 + 0x800 + 0x400, 0x800);
    world_fini();
}
END_TEST

/* The page behind an entry goes, and another one comes. */
START_TEST(page_is_replaced)
{
    struct page_info *old;
    uint8_t buf[4];

    prepare(p2m_ram_rw, 0, NONE);
    CHECK_EQ(op_insert(0, GVA, GPA, PAGE_SIZE), 0);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 4), 0);

    old = guest_page(dom, GFN);
    guest_set_entry(dom, GFN, p2m_invalid, NULL);
    page_protect(old, false);
    page_free(old);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 4), 4);
    CHECK_EQ(raw_copy_to_guest((void *)GVA, buf, 4), 4);

    /* In its place, one with other contents. */
    guest_set_entry(dom, GFN, p2m_ram_rw, page_new(dom));
    memset(guest_mem(dom, GPA), 0x42, 4);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 4), 0);
    CHECK_EQ(buf[0], 0x42);
    world_fini();
}
END_TEST

/* What is to be called between a hit and its page. */
static unsigned int called;

static void purge_meanwhile(void)
{
    struct vcpu *self = current;

    if ( called++ )
        return;
    as(cpu(1));
    CHECK_EQ(op_purge(XEN_SWTLB_ALL_VCPUS, GVA, 3 * PAGE_SIZE), 0);
    as(self);
}

/*
 * Another vCPU's purge while a copy sleeps does not wait for that.  The copy
 * goes on without the entry: what is left is walked.
 */
START_TEST(purge_does_not_wait_for_a_sleeper)
{
    uint8_t buf[LEN];

    prepare(p2m_ram_rw, 0, AGREES);
    CHECK_EQ(op_insert(0, GVA, GPA, 3 * PAGE_SIZE), 0);
    guest_on_sleep = purge_meanwhile;
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA + 0xc00, LEN), 0);
    CHECK_STATS(cpu(0), 0, 1, 0, 0x400, LEN - 0x400);
    CHECK(!cpu(0)->swtlb.map);
    world_fini();
}
END_TEST

/* Nor if it did not look as if it would when the lookup began. */
static void pager_begins(void)
{
    dom->paging = true;
    guest_set_type(dom, GFN, p2m_ram_paging_out);
}

START_TEST(purge_does_not_wait_for_a_pager)
{
    uint8_t buf[LEN];

    prepare(_i ? p2m_ram_rw : p2m_ram_paging_out, 0, NONE);
    CHECK_EQ(op_insert(0, GVA, GPA, 3 * PAGE_SIZE), 0);
    if ( _i )
        guest_on_page = pager_begins;
    guest_on_sleep = purge_meanwhile;
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA + 0xc00, LEN), LEN);
    CHECK_STATS(cpu(0), 1, 0, 1, 0x400, 0);
    CHECK_EQ(dom->nr_populated, 1);
    CHECK(!cpu(0)->swtlb.map);

    /* And the next one does not believe to be inside of that one still. */
    guest_on_page = guest_on_sleep = NULL;
    guest_set_type(dom, GFN, p2m_ram_rw);
    CHECK_EQ(op_insert(0, GVA, GPA, 3 * PAGE_SIZE), 0);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA + 0xc00, LEN), 0);
    world_fini();
}
END_TEST

/* But for all others it does, here for ever: cpu_relax() aborts. */
START_TEST(purge_waits_for_a_copy)
{
    uint8_t buf[LEN];

    prepare(p2m_ram_rw, 0, NONE);
    CHECK_EQ(op_insert(0, GVA, GPA, 3 * PAGE_SIZE), 0);
    guest_on_page = purge_meanwhile;
    raw_copy_from_guest(buf, (void *)GVA + 0xc00, LEN);
}
END_TEST

/* Introspection begins, which a toolstack can do while the vCPU runs. */
static void introspection_begins(void)
{
    current->vm_event.send_event = true;
    current->arch.vm_event = &current->vm_event;
}

START_TEST(introspection_begins_meanwhile)
{
    uint8_t buf[8];

    prepare(p2m_ram_rw, 0, NONE);
    CHECK_EQ(op_insert(0, GVA, GPA, 3 * PAGE_SIZE), 0);
    guest_on_page = introspection_begins;
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 8), 0);
    CHECK_EQ(dom->nr_monitored, 1);
    guest_on_page = NULL;
    /* Nothing has been remembered. */
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 8), 0);
    CHECK_EQ(dom->nr_monitored, 2);
    CHECK_EQ(dom->lookups, 2);
    world_fini();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("rules");
    TCase *tc = tcase_create("rules");

    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);

    tcase_add_loop_test(tc, same_as_walk, 0, ARRAY_SIZE(types));
    tcase_add_loop_test(tc, rule, 0, ARRAY_SIZE(rules));
    tcase_add_loop_test(tc, fault_in_the_middle, 0, 3);
    tcase_add_test(tc, page_is_replaced);
    tcase_add_test(tc, purge_does_not_wait_for_a_sleeper);
    tcase_add_loop_test(tc, purge_does_not_wait_for_a_pager, 0, 2);
    tcase_add_test(tc, introspection_begins_meanwhile);
    tcase_add_test_raise_signal(tc, purge_waits_for_a_copy, SIGABRT);

    return s;
}
