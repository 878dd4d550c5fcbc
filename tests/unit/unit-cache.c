/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is remembered between copies: where the pages of plain entries are
 * (slots), and which pages no entry has a part in (gaps).  Lookups of the P2M
 * are counted, to see what was used; and whatever changes, the next copy does
 * exactly what the first one would do.
 *
 * From gva AREA on, the page tables map PAGES pages to the gfns from WALK_GFN
 * on; entries lead to those from HIT_GFN on.
 */

#include "harness/unit.h"

#define AREA      0x200000UL
#define PAGES     4
#define HIT_GFN   0x10UL
#define HIT       (HIT_GFN << PAGE_SHIFT)
#define WALK_GFN  0x70UL
#define WALK      (WALK_GFN << PAGE_SHIFT)

#define SLOTS     64             /* what the cache has */

static void set_up(void)
{
    unsigned int i;

    world_init();
    for ( i = 0; i < PAGES; i++ )
    {
        guest_add_page(dom, HIT_GFN + i, p2m_ram_rw);
        guest_add_page(dom, WALK_GFN + i, p2m_ram_rw);
        guest_map(&dom->tables, AREA + i * PAGE_SIZE, WALK_GFN + i, true);
    }
}

/* Read len bytes, which should be those at gpa, with n lookups of the P2M. */
#define ANY  ~0U

static void check_read(unsigned long gva, unsigned int len, paddr_t gpa,
                       unsigned int n)
{
    uint8_t *buf = malloc(len);
    unsigned int before = dom->lookups, i;

    memset(buf, 0xd5, len);
    CHECK_EQ(vcpu_copy(FROM, buf, gva, len), 0);
    if ( n != ANY )
        CHECK_EQ(dom->lookups - before, n);
    for ( i = 0; i < len; i++ )
        CHECK_EQ(buf[i], *guest_mem(dom, gpa + i));
    free(buf);
}

/* The second copy needs no lookup, whatever the first one was. */
START_TEST(second_copy)
{
    enum way first = _i % WAYS, second = _i / WAYS;
    uint8_t buf[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, none[8] = {};
    unsigned int i;

    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    CHECK_EQ(vcpu_copy(first, buf, AREA + 0x10, 8), 0);
    CHECK_EQ(dom->lookups, 1);

    for ( i = 0; i < 2; i++ )
    {
        guest_clear_events(dom);
        dom->log_dirty = !i;
        CHECK_EQ(vcpu_copy(second, buf, AREA + 0x100 + i * 8, 8), 0);
        CHECK(!memcmp(guest_mem(dom, HIT + 0x100 + i * 8),
                      second == CLEAR ? none : buf, 8));
        CHECK_EQ(dom->nr_dirty, second != FROM && !i);
        if ( dom->nr_dirty )
            CHECK_EQ(dom->dirty[0], HIT_GFN);
        CHECK_EQ(page_refs(guest_page(dom, HIT_GFN)), 0);
    }
    /* While dirty logging is on each write looks the page up. */
    CHECK_EQ(dom->lookups, 1 + (second != FROM));
    CHECK_EQ(cpu(0)->walks, 0);
    CHECK_STATS(cpu(0), 3, 0, 0, 24, 0);
}
END_TEST

/* All of the page that the entry covers, and nothing else. */
START_TEST(bounds)
{
    CHECK_EQ(op_insert(0, AREA, HIT, 2 * PAGE_SIZE), 0);
    check_read(AREA + 0x800, 1, HIT + 0x800, 1);
    check_read(AREA, PAGE_SIZE, HIT, 0);
    check_read(AREA, 1, HIT, 0);
    check_read(AREA + 0xfff, 1, HIT + 0xfff, 0);
    check_read(AREA + 0x1000, 1, HIT + 0x1000, 1);
    check_read(AREA + 0x1000, PAGE_SIZE, HIT + 0x1000, 0);
    CHECK_STATS(cpu(0), 6, 0, 0, 2 * PAGE_SIZE + 4, 0);
}
END_TEST

/* Entries of a part of a page, side by side: they share a slot. */
START_TEST(partial_pages)
{
    unsigned int i;

    CHECK_EQ(op_insert(0, AREA + 0x204, HIT + 0x204, 8), 0);
    CHECK_EQ(op_insert(0, AREA + 0x20c, HIT + 0x120c, 4), 0);
    CHECK_EQ(op_insert(0, AREA + 0xff8, HIT + 0xff8, 0x10), 0);

    for ( i = 0; i < 2; i++ )
    {
        check_read(AREA + 0x204, 8, HIT + 0x204, 1);
        check_read(AREA + 0x204, 1, HIT + 0x204, 0);
        check_read(AREA + 0x20b, 1, HIT + 0x20b, 0);
        /* On either side of it. */
        check_read(AREA + 0x203, 1, WALK + 0x203, 0);
        check_read(AREA + 0x1fc, 8, WALK + 0x1fc, 0);
        check_read(AREA + 0x20c, 4, HIT + 0x120c, 1);
        check_read(AREA + 0x20f, 1, HIT + 0x120f, 0);
        check_read(AREA + 0x210, 1, WALK + 0x210, 0);
        /* Its two pages have a slot each, of which only one is disputed. */
        check_read(AREA + 0xffc, 8, HIT + 0xffc, ANY);
        check_read(AREA + 0x1000, 8, HIT + 0x1000, 0);
        check_read(AREA + 0xff8, 8, HIT + 0xff8, 0);
        check_read(AREA + 0x1008, 8, WALK + 0x1008, 0);
    }
    CHECK_EQ(cpu(0)->swtlb.stats.misses, 8);
}
END_TEST

/* Both ends of a copy are in different slots, entries, or in none. */
START_TEST(across)
{
    uint8_t buf[16];

    CHECK_EQ(op_insert(0, AREA, HIT, 2 * PAGE_SIZE), 0);
    check_read(AREA + 0x800, 8, HIT + 0x800, 1);
    check_read(AREA + 0x1800, 8, HIT + 0x1800, 1);
    check_read(AREA + 0xff8, 16, HIT + 0xff8, ANY);
    check_read(AREA + 0x800, 8, HIT + 0x800, 0);

    /* From an entry into none. */
    CHECK_EQ(vcpu_copy(FROM, buf, AREA + 0x1ff8, 16), 0);
    CHECK_EQ(buf[7], guest_pattern(dom, HIT + 0x1fff));
    CHECK_EQ(buf[8], guest_pattern(dom, WALK + 0x2000));
    /* And that now is a gap, but not what comes before it. */
    check_read(AREA + 0x2000, 8, WALK + 0x2000, 0);
    CHECK_EQ(vcpu_copy(FROM, buf, AREA + 0x1ff8, 16), 0);
    CHECK_EQ(buf[7], guest_pattern(dom, HIT + 0x1fff));
    CHECK_STATS(cpu(0), 4, 3, 0, 24 + 16 + 16, 24);
}
END_TEST

/*
 * Whole pages and parts of some, of which all are remembered the second time;
 * more than Xen copies before it lets those in who wait.
 */
START_TEST(long_copies)
{
    enum { OFF = 0x800, LEN = 18 * PAGE_SIZE + 0x123, FIRST = 0x1000 };
    static uint8_t buf[LEN], mem[20 * PAGE_SIZE], before[sizeof(mem)];
    const paddr_t gpa = (paddr_t)FIRST << PAGE_SHIFT;
    unsigned int i, turn;

    dom->log_dirty = false;
    for ( i = 0; i < sizeof(mem); i += PAGE_SIZE )
    {
        guest_add_page(dom, FIRST + i / PAGE_SIZE, p2m_ram_rw);
        memcpy(before + i, guest_mem(dom, gpa + i), PAGE_SIZE);
    }
    CHECK_EQ(op_insert(0, AREA, gpa, sizeof(mem)), 0);

    for ( turn = 0; turn < 2; turn++ )
    {
        unsigned int lookups = dom->lookups;

        for ( i = 0; i < LEN; i++ )
            buf[i] = i * 7 + turn;
        CHECK_EQ(vcpu_copy(_i, buf, AREA + OFF, LEN), 0);
        CHECK_EQ(dom->lookups - lookups, turn ? 0 : 19);

        for ( i = 0; i < sizeof(mem); i += PAGE_SIZE )
            memcpy(mem + i, guest_mem(dom, gpa + i), PAGE_SIZE);
        CHECK(!memcmp(mem, before, OFF));
        CHECK(!memcmp(mem + OFF + LEN, before + OFF + LEN,
                      sizeof(mem) - OFF - LEN));
        if ( _i == CLEAR )
            memset(buf, 0, LEN);
        CHECK(!memcmp(mem + OFF, buf, LEN));
    }
    CHECK_STATS(cpu(0), 2, 0, 0, 2 * LEN, 0);
}
END_TEST

/* The first pages are where the last ones would be. */
START_TEST(collisions)
{
    unsigned int i, round;

    for ( i = 0; i < SLOTS + 2; i++ )
        if ( i >= PAGES )
            guest_add_page(dom, HIT_GFN + i, p2m_ram_rw);
    CHECK_EQ(op_insert(0, AREA, HIT, (SLOTS + 2) * PAGE_SIZE), 0);

    for ( round = 0; round < 3; round++ )
        for ( i = 0; i < SLOTS + 2; i++ )
            check_read(AREA + i * PAGE_SIZE + i, 8, HIT + i * PAGE_SIZE + i,
                       !round || i % SLOTS < 2);

    /* One after the other through the same slot. */
    for ( i = 0; i < 6; i++ )
        check_read(AREA + (i % 2) * SLOTS * PAGE_SIZE, 8,
                   HIT + (i % 2) * SLOTS * PAGE_SIZE, 1);
    check_read(AREA + SLOTS * PAGE_SIZE, 8, HIT + SLOTS * PAGE_SIZE, 0);
}
END_TEST

/*
 * Changes of the P2M, made behind the back of what is remembered: the copy
 * that follows has to be as one that remembers nothing.
 */
enum change {
    REMAP, REMAP_AND_FREE, REMOVE, REMOVE_AND_FREE, GIVEN_AWAY, FOREIGN,
    TO_RO, TO_LOGDIRTY, TO_IOREQ, TO_PAGED, TO_SHARED, TO_GRANT_RW,
    TO_GRANT_RO, TO_MMIO_DM, TO_MMIO_DIRECT, ANOTHER_GFN, LOG_DIRTY_ON,
};
#define CHANGES  (LOG_DIRTY_ON + 1)

static void replace(p2m_type_t type, struct page_info *with, bool free_old)
{
    struct page_info *old = guest_page(dom, HIT_GFN);

    guest_set_entry(dom, HIT_GFN, type, with);
    page_protect(old, false);
    if ( free_old )
        page_free(old);
}

/* Filled as if it had always been there. */
static struct page_info *another_page(struct domain *owner)
{
    struct page_info *page = page_new(owner);

    memset(page->data, 0x42, PAGE_SIZE);

    return page;
}

static void change_p2m(enum change change)
{
    static const p2m_type_t to[CHANGES] = {
        [TO_RO] = p2m_ram_ro, [TO_LOGDIRTY] = p2m_ram_logdirty,
        [TO_IOREQ] = p2m_ioreq_server, [TO_PAGED] = p2m_ram_paged,
        [TO_SHARED] = p2m_ram_shared, [TO_GRANT_RW] = p2m_grant_map_rw,
        [TO_GRANT_RO] = p2m_grant_map_ro, [TO_MMIO_DM] = p2m_mmio_dm,
        [TO_MMIO_DIRECT] = p2m_mmio_direct,
    };

    dom->paging = change == TO_PAGED;
    switch ( change )
    {
    case REMAP:
    case REMAP_AND_FREE:
        replace(p2m_ram_rw, another_page(dom), change == REMAP_AND_FREE);
        break;
    case REMOVE:
    case REMOVE_AND_FREE:
        replace(p2m_invalid, NULL, change == REMOVE_AND_FREE);
        break;
    case GIVEN_AWAY:
    {
        struct page_info *page = guest_page(dom, HIT_GFN);

        replace(p2m_invalid, NULL, true);
        page_reuse(page, dom_other);
        break;
    }
    case FOREIGN:
        replace(p2m_map_foreign, another_page(dom_other), false);
        break;
    case ANOTHER_GFN:
        guest_set_type(dom, HIT_GFN + 3, p2m_ram_ro);
        break;
    case LOG_DIRTY_ON:
        dom->log_dirty = true;
        break;
    default:
        guest_set_type(dom, HIT_GFN, to[change]);
        break;
    }
}

struct outcome {
    unsigned int rc, nr_dirty, nr_populated;
    unsigned long dirty;
    uint8_t buf[16];
    uint8_t memory[PAGE_SIZE];
};

static void experiment(struct outcome *o, bool warm, enum change change,
                       enum way way)
{
    struct page_info *page;
    unsigned int i, before;

    set_up();
    dom->log_dirty = change != LOG_DIRTY_ON;
    memset(o, 0, sizeof(*o));
    for ( i = 0; i < sizeof(o->buf); i++ )
        o->buf[i] = 0xc0 + i;
    CHECK_EQ(op_insert(0, AREA, HIT, 2 * PAGE_SIZE), 0);
    for ( i = 0; warm && i < 2; i++ )
        check_read(AREA + 0x20, 8, HIT + 0x20, !i);

    change_p2m(change);
    before = dom->lookups;
    o->rc = vcpu_copy(way, o->buf, AREA + 0x18, sizeof(o->buf));
    CHECK_EQ(dom->lookups - before,
             !warm || change != LOG_DIRTY_ON || way != FROM);
    /* And the one after that, of which something may be remembered. */
    CHECK_EQ(vcpu_copy(way, o->buf, AREA + 0x18, sizeof(o->buf)), o->rc);
    CHECK_EQ(cpu(0)->swtlb.stats.faults, 2 * !!o->rc);

    o->nr_dirty = dom->nr_dirty;
    o->dirty = dom->dirty[0];
    o->nr_populated = dom->nr_populated;
    page = guest_page(dom, HIT_GFN);
    if ( page )
    {
        CHECK_EQ(page_refs(page), 0);
        memcpy(o->memory, page->data, PAGE_SIZE);
    }
    world_fini();
}

START_TEST(change)
{
    static struct outcome cold, warm;
    enum way way;

    for ( way = 0; way < WAYS; way++ )
    {
        experiment(&cold, false, _i, way);
        experiment(&warm, true, _i, way);
        CHECK_EQ(warm.rc, cold.rc);
        CHECK_EQ(warm.nr_dirty, cold.nr_dirty);
        CHECK_EQ(warm.dirty, cold.dirty);
        CHECK_EQ(warm.nr_populated, cold.nr_populated);
        CHECK(!memcmp(warm.buf, cold.buf, sizeof(cold.buf)));
        CHECK(!memcmp(warm.memory, cold.memory, PAGE_SIZE));
    }
}
END_TEST

/* Those that cannot be checked without the P2M are not remembered. */
static const p2m_type_t forgotten[] = {
    p2m_ram_ro, p2m_ioreq_server, p2m_map_foreign,
};

START_TEST(not_remembered)
{
    guest_set_type(dom, HIT_GFN, forgotten[_i]);
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 1);
    guest_set_type(dom, HIT_GFN, _i ? p2m_ram_rw : p2m_ram_logdirty);
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 0);
}
END_TEST

/* Of the right type, but another's: no lookup finds it. */
START_TEST(not_owned)
{
    uint8_t buf[8];

    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    guest_set_entry(dom, HIT_GFN, p2m_ram_rw, another_page(dom_other));
    CHECK_EQ(vcpu_copy(FROM, buf, AREA, 8), 8);
    CHECK_EQ(vcpu_copy(TO, buf, AREA, 8), 8);
    page_free(guest_page(dom, HIT_GFN));
    guest_set_entry(dom, HIT_GFN, p2m_invalid, NULL);
}
END_TEST

/* The P2M changes once, in the middle of the next copy. */
static bool once;
static void (**hook)(void);

static void change_meanwhile(void)
{
    if ( once )
        return;
    once = true;
    *hook = NULL;
    replace(p2m_ram_rw, another_page(dom), false);
}

static void change_and_free_meanwhile(void)
{
    struct page_info *page = guest_page(dom, HIT_GFN);

    *hook = NULL;
    guest_set_entry(dom, HIT_GFN, p2m_ram_rw, another_page(dom));
    page_free(page);
}

/*
 * After the number was read, but before the lookup, which finds the new page;
 * after the lookup.  In neither case does what was found count.
 */
START_TEST(change_while_filling)
{
    uint8_t buf[8];

    hook = _i ? &guest_on_got : &guest_on_page;
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    *hook = _i ? change_and_free_meanwhile : change_meanwhile;
    CHECK_EQ(vcpu_copy(FROM, buf, AREA, 8), 0);
    CHECK_EQ(buf[0], _i ? guest_pattern(dom, HIT) : 0x42);
    CHECK_EQ(dom->lookups, 1);
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 0);
}
END_TEST

/*
 * A change waits for the accesses under way, where pages have no reference;
 * but not for what has one, nor for what begins anew, nor if nothing can be
 * remembered.
 */
static unsigned int waited;

static void leave_access(void)
{
    waited++;
    swtlb_leave(&cpu(1)->swtlb, SWTLB_ACCESS);
    /* And goes on with the next one, before anybody looks. */
    swtlb_enter(&cpu(1)->swtlb, SWTLB_ACCESS);
}

START_TEST(change_waits)
{
    static const unsigned int whats[] = { SWTLB_ACCESS, SWTLB_LOOKUP };
    bool entries = _i / 2;

    waited = 0;
    if ( entries )
        CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    swtlb_enter(&cpu(1)->swtlb, whats[_i % 2]);
    xen_relax = leave_access;
    guest_set_type(dom, HIT_GFN, p2m_ram_ro);
    xen_relax = NULL;
    CHECK_EQ(waited, entries && whats[_i % 2] == SWTLB_ACCESS);
    swtlb_leave(&cpu(1)->swtlb, whats[_i % 2]);
}
END_TEST

/* Freed, and then anything: nobody looks at it, nor keeps it. */
START_TEST(freed_and_reused)
{
    struct page_info *page = guest_page(dom, HIT_GFN);
    uint8_t buf[8];

    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    replace(p2m_invalid, NULL, true);
    if ( _i )
        page_reuse(page, dom_other);
    CHECK_EQ(vcpu_copy(FROM, buf, AREA, 8), 8);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, AREA, 8), 8);
    CHECK_EQ(page->count, _i);

    /* And back again, at the same gfn. */
    page_protect(page, true);
    if ( _i )
        page_free(page);
    page_reuse(page, dom);
    guest_set_entry(dom, HIT_GFN, p2m_ram_rw, page);
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 0);
}
END_TEST

/* Operations on the table end what is remembered. */
START_TEST(insert_ends)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    CHECK_EQ(op_insert(0, AREA + 0x1000, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 0);
    /* Refused: nothing changes.  That of another vCPU: likewise. */
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), -EEXIST);
    CHECK_EQ(op_insert(1, AREA, HIT, PAGE_SIZE), 0);
    CHECK_EQ(op_purge_all(1), 0);
    check_read(AREA, 8, HIT, 0);
}
END_TEST

START_TEST(purge_ends)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    CHECK_EQ(op_purge(0, AREA + 4, 8), 0);
    check_read(AREA + 4, 8, WALK + 4, 0);
    check_read(AREA, 4, HIT, 1);
    check_read(AREA, 4, HIT, 0);
    check_read(AREA + 0xc, 4, HIT + 0xc, 1);

    if ( _i == 0 )
        CHECK_EQ(op_purge_all(0), 0);
    else if ( _i == 1 )
        swtlb_vcpu_reset(cpu(0));
    else if ( _i == 2 )
        CHECK_EQ(op_purge(XEN_SWTLB_ALL_VCPUS, 0, 2 * AREA), 0);
    else
        swtlb_domain_reset(dom);
    check_read(AREA, 4, WALK, 0);
    CHECK_EQ(op_insert(0, AREA, HIT + 0x1000, PAGE_SIZE), 0);
    check_read(AREA, 4, HIT + 0x1000, 1);
}
END_TEST

START_TEST(share_ends)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    CHECK_EQ(op_insert(1, AREA, HIT + 0x1000, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    CHECK_EQ(op_purge_all(0), 0);
    CHECK_EQ(op_share(0, 1), 0);
    check_read(AREA, 8, HIT + 0x1000, 1);
    check_read(AREA, 8, HIT + 0x1000, 0);
    /* By way of either. */
    CHECK_EQ(op_purge(1, AREA, PAGE_SIZE), 0);
    check_read(AREA, 8, WALK, 0);
    CHECK_EQ(op_insert(1, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
}
END_TEST

/* A table without entries, left for one with some: its cache stays in use. */
START_TEST(share_with_cache)
{
    CHECK_EQ(op_share(0, 2), 0);
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    CHECK_EQ(op_purge(2, AREA, PAGE_SIZE), 0);
    CHECK_EQ(op_purge_all(2), 0);
    CHECK_EQ(op_insert(1, AREA, HIT + 0x1000, PAGE_SIZE), 0);
    CHECK_EQ(op_share(0, 1), 0);
    check_read(AREA, 8, HIT + 0x1000, 1);
    check_read(AREA, 8, HIT + 0x1000, 0);
}
END_TEST

/* Each vCPU remembers what it did itself; and not what it did for others. */
START_TEST(for_another)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    CHECK_EQ(op_insert(1, AREA, HIT + 0x1000, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);

    swtlb_copy_for(cpu(1));
    check_read(AREA, 8, HIT + 0x1000, 1);
    check_read(AREA, 8, HIT + 0x1000, 1);
    swtlb_copy_for(current);
    check_read(AREA, 8, HIT, 0);

    as(cpu(1));
    check_read(AREA, 8, HIT + 0x1000, 1);
    check_read(AREA, 8, HIT + 0x1000, 0);
    /* What one has a gap for may be the other's entry. */
    check_read(AREA + 0x1000, 8, WALK + 0x1000, 0);
    check_read(AREA + 0x1000, 8, WALK + 0x1000, 0);
    CHECK_EQ(op_insert(0, AREA + 0x1000, HIT + 0x2000, PAGE_SIZE), 0);
    swtlb_copy_for(cpu(0));
    check_read(AREA + 0x1000, 8, HIT + 0x2000, 1);
    check_read(AREA + 0x2000, 8, WALK + 0x2000, 0);
    swtlb_copy_for(current);
    check_read(AREA + 0x1000, 8, WALK + 0x1000, 0);
}
END_TEST

/*
 * A pager makes no difference, as to take a page it changes the P2M.  While
 * the vCPU is introspected nothing is remembered.  Who introspects restricts
 * the access to pages, and that is a change of the P2M like any other.
 */
START_TEST(sleepy)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    dom->paging = true;
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 0);
    dom->paging = false;
    check_read(AREA, 8, HIT, 0);

    cpu(0)->vm_event.send_event = true;
    cpu(0)->arch.vm_event = &cpu(0)->vm_event;
    guest_set_type(dom, HIT_GFN, p2m_ram_rw);
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 1);
    CHECK_EQ(dom->nr_monitored, 2);
    cpu(0)->arch.vm_event = NULL;
    check_read(AREA, 8, HIT, 1);
    check_read(AREA, 8, HIT, 0);
}
END_TEST

START_TEST(nested)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, HIT, 1);
    cpu(0)->nested = true;
    check_read(AREA, 8, WALK, 0);
    check_read(AREA, 8, WALK, 0);
    cpu(0)->nested = false;
    check_read(AREA, 8, HIT, 0);
    CHECK_STATS(cpu(0), 2, 2, 0, 16, 16);
}
END_TEST

/* Gaps. */

/* Whether a copy of len bytes would be looked up; as if it were not asked. */
static bool engaged(unsigned long gva, unsigned int len)
{
    struct xen_swtlb_stats stats = current->swtlb.stats;
    bool ret = swtlb_applies(&current->swtlb, gva, len);

    current->swtlb.stats = stats;

    return ret;
}

START_TEST(gap)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    CHECK(engaged(AREA + 0x1000, 8));
    check_read(AREA + 0x1800, 8, WALK + 0x1800, 0);
    /* From now on all of the page, but not a byte more. */
    CHECK(!engaged(AREA + 0x1000, PAGE_SIZE));
    CHECK(!engaged(AREA + 0x1fff, 1));
    CHECK(engaged(AREA + 0x1fff, 2));
    CHECK(engaged(AREA + 0xfff, 1));
    CHECK(engaged(AREA + 0x2000, 1));
    check_read(AREA + 0x1800, 16, WALK + 0x1800, 0);
    CHECK_STATS(cpu(0), 0, 2, 0, 0, 24);

    /* Whatever becomes of the page's P2M entry is for the walk to find. */
    guest_set_type(dom, WALK_GFN + 1, p2m_ram_ro);
    CHECK(!engaged(AREA + 0x1000, 1));

    swtlb_copy_for(cpu(1));
    CHECK(engaged(AREA + 0x1000, 1));
    swtlb_copy_for(current);
    CHECK(!engaged(AREA + 0x1000, 1));
}
END_TEST

START_TEST(insert_ends_gap)
{
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    check_read(AREA + 0x1800, 8, WALK + 0x1800, 0);
    CHECK(!engaged(AREA + 0x1800, 8));
    if ( _i == 0 )
        CHECK_EQ(op_insert(0, AREA + 0x1804, HIT + 0x1804, 4), 0);
    else if ( _i == 1 )
        CHECK_EQ(op_pin(0, AREA + 0x1800, HIT + 0x1800, 4), 0);
    else
    {
        CHECK_EQ(op_purge_all(0), 0);
        CHECK_EQ(op_insert(1, AREA + 0x1804, HIT + 0x1804, 4), 0);
        CHECK_EQ(op_share(0, 1), 0);
    }
    CHECK(engaged(AREA + 0x1800, 8));
    check_read(AREA + (_i == 1 ? 0x1800 : 0x1804), 4,
               HIT + (_i == 1 ? 0x1800 : 0x1804), 1);
    CHECK_STATS(cpu(0), 1, 1, 0, 4, 8);
    /* A page with a part of an entry is no gap. */
    check_read(AREA + 0x1f00, 8, WALK + 0x1f00, 0);
    CHECK(engaged(AREA + 0x1f00, 8));
    CHECK_EQ(op_purge(0, AREA + 0x1800, 8), 0);
    CHECK_EQ(op_insert(0, AREA, HIT, 1), _i == 2 ? 0 : -EEXIST);
    check_read(AREA + 0x1f00, 8, WALK + 0x1f00, 0);
    CHECK(!engaged(AREA + 0x1f00, 8));
}
END_TEST

/* Two pages that claim the same gap take turns. */
START_TEST(gap_collisions)
{
    unsigned long other = AREA + SWTLB_NR_GAPS * PAGE_SIZE;

    guest_map(&dom->tables, other, WALK_GFN, true);
    CHECK_EQ(op_insert(0, 0x10000, HIT, PAGE_SIZE), 0);
    check_read(AREA, 8, WALK, 0);
    CHECK(!engaged(AREA, 8) && engaged(other, 8));
    check_read(other, 8, WALK, 0);
    CHECK(engaged(AREA, 8) && !engaged(other, 8));
    CHECK_STATS(cpu(0), 0, 2, 0, 0, 16);
}
END_TEST

/* Page zero is no gap before it was found to be one. */
START_TEST(page_zero)
{
    unsigned int i;

    guest_map(&dom->tables, 0, WALK_GFN, true);
    CHECK_EQ(op_insert(0, 0, HIT, 8), 0);
    check_read(0, 8, HIT, 1);
    CHECK_EQ(op_purge_all(0), 0);
    check_read(0, 8, WALK, 0);
    CHECK_EQ(op_insert(0, 8, HIT + 8, 8), 0);
    for ( i = 0; i < 2; i++ )
    {
        check_read(8, 8, HIT + 8, !i);
        check_read(0, 8, WALK, 0);
        CHECK(engaged(0, 8));
    }
}
END_TEST

/* Each copy that fails counts once, by whatever way. */
START_TEST(faults)
{
    unsigned long nowhere = AREA + PAGES * PAGE_SIZE;
    uint8_t buf[16] = {};
    unsigned int i;

    /* No entries. */
    CHECK_EQ(vcpu_copy(_i, buf, nowhere, 8), 8);
    CHECK_STATS(cpu(0), 0, 1, 1, 0, 0);
    CHECK_EQ(op_insert(0, AREA, HIT, PAGE_SIZE), 0);
    /* Looked up, and from then on a gap. */
    for ( i = 0; i < 3; i++ )
    {
        CHECK_EQ(vcpu_copy(_i, buf, nowhere, 8), 8);
        CHECK_STATS(cpu(0), 0, 2 + i, 2 + i, 0, 8 * (i + 1));
    }
    /* One that succeeds, of each kind. */
    CHECK_EQ(vcpu_copy(_i, buf, AREA + 0x1000, 8), 0);
    CHECK_EQ(vcpu_copy(_i, buf, AREA + 0x1000, 8), 0);
    CHECK_EQ(vcpu_copy(_i, buf, AREA, 8), 0);
    CHECK_EQ(vcpu_copy(_i, buf, AREA, 8), 0);
    CHECK_STATS(cpu(0), 2, 6, 4, 16, 40);
    /* A hit whose page is gone. */
    guest_set_type(dom, HIT_GFN, p2m_invalid);
    CHECK_EQ(vcpu_copy(_i, buf, AREA, 8), 8);
    CHECK_EQ(vcpu_copy(_i, buf, AREA, 8), 8);
    CHECK_STATS(cpu(0), 4, 6, 6, 32, 40);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("cache");
    TCase *tc = tcase_create("cache"), *worlds = tcase_create("change");

    tcase_add_checked_fixture(tc, set_up, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);
    suite_add_tcase(s, worlds);

    tcase_add_loop_test(tc, second_copy, 0, WAYS * WAYS);
    tcase_add_test(tc, bounds);
    tcase_add_test(tc, partial_pages);
    tcase_add_test(tc, across);
    tcase_add_loop_test(tc, long_copies, 0, WAYS);
    tcase_add_test(tc, collisions);
    tcase_add_loop_test(worlds, change, 0, CHANGES);
    tcase_add_loop_test(tc, not_remembered, 0, ARRAY_SIZE(forgotten));
    tcase_add_test(tc, not_owned);
    tcase_add_loop_test(tc, change_while_filling, 0, 2);
    tcase_add_loop_test(tc, change_waits, 0, 4);
    tcase_add_loop_test(tc, freed_and_reused, 0, 2);
    tcase_add_test(tc, insert_ends);
    tcase_add_loop_test(tc, purge_ends, 0, 4);
    tcase_add_test(tc, share_ends);
    tcase_add_test(tc, share_with_cache);
    tcase_add_test(tc, for_another);
    tcase_add_test(tc, sleepy);
    tcase_add_test(tc, nested);
    tcase_add_test(tc, gap);
    tcase_add_loop_test(tc, insert_ends_gap, 0, 3);
    tcase_add_test(tc, gap_collisions);
    tcase_add_test(tc, page_zero);
    tcase_add_loop_test(tc, faults, 0, WAYS);

    return s;
}
