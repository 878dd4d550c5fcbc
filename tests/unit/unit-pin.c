/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinned entries: what can be pinned, and how much; when the pages are let go;
 * that nothing stays behind whatever fails; and copies by way of them, which
 * follow the P2M as those by any other entry do.
 */

#include "harness/unit.h"

#define ALL    XEN_SWTLB_ALL_VCPUS
#define GVA    0x200000UL
#define GFN    0x100UL
#define GPA    (GFN << PAGE_SHIFT)
#define LIMIT  (16 * WORLD_VCPUS)

/* One page more than can be pinned. */
#define PAGES  (LIMIT + 1)

static void set_up(void)
{
    unsigned int i;

    world_init();
    for ( i = 0; i < PAGES; i++ )
        guest_add_page(dom, GFN + i, p2m_ram_rw);
}

/* Expect rc, and if that is an error that nothing changed. */
static void pin(long rc, unsigned long gva, paddr_t gpa, unsigned long size)
{
    static struct snapshot before;
    const char *differs;

    snapshot_take(&before);
    CHECK_EQ(op_pin(0, gva, gpa, size), rc);
    differs = rc ? snapshot_differs(&before) : NULL;
    CHECK_MSG(!differs, "%ld, but it changes: %s", rc, differs);
}

/* What is held of the pages is what nr entries of one page each need. */
static void check_held(unsigned int nr)
{
    unsigned int i, refs = 0, types = 0;

    for ( i = 0; i < PAGES; i++ )
    {
        const struct page_info *page = guest_page(dom, GFN + i);

        refs += page_refs(page);
        types += page->types;
        CHECK_EQ(page->maps, 0);
    }

    CHECK_EQ(refs, nr);
    CHECK_EQ(types, nr);
    CHECK_EQ(get_state(3).nr_pinned, nr);
}

static const struct {
    p2m_type_t type;
    long rc;
} types[] = {
    { p2m_ram_rw, 0 }, { p2m_ram_logdirty, 0 }, { p2m_invalid, -EACCES },
    { p2m_ram_ro, -EACCES }, { p2m_mmio_dm, -EACCES },
    { p2m_mmio_direct, -EACCES }, { p2m_grant_map_rw, -EACCES },
    { p2m_grant_map_ro, -EACCES }, { p2m_ram_paging_out, -EAGAIN },
    { p2m_ram_paged, -EAGAIN }, { p2m_ram_shared, -EAGAIN },
    { p2m_map_foreign, -EACCES }, { p2m_ioreq_server, -EACCES },
};

/* The first, second or third of three pages is of the type. */
START_TEST(type)
{
    unsigned int nth;

    dom->paging = true;
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
        for ( nth = 0; nth < 3; nth++ )
        {
            guest_set_type(dom, GFN + nth, types[_i].type);
            pin(types[_i].rc, GVA + 0x800, GPA + 0x800, 2 * PAGE_SIZE);
            check_held(types[_i].rc ? 0 : 3);
            swtlb_domain_reset(dom);
            guest_set_type(dom, GFN + nth, p2m_ram_rw);
        }
}
END_TEST

/* It is not there, is another's, or in use as something else. */
START_TEST(page)
{
    struct page_info *page = guest_page(dom, GFN + _i);

    guest_set_entry(dom, GFN + _i, p2m_invalid, NULL);
    CHECK_EQ(op_pin(0, GVA, GPA, 3 * PAGE_SIZE), -EACCES);
    guest_set_entry(dom, GFN + _i, p2m_ram_rw, page_new(dom_other));
    CHECK_EQ(op_pin(0, GVA, GPA, 3 * PAGE_SIZE), -EACCES);
    CHECK_EQ(page_refs(guest_page(dom, GFN + _i)), 0);
    guest_set_entry(dom, GFN + _i, p2m_ram_rw, page);
    page->untypable = true;
    pin(-EACCES, GVA, GPA, 3 * PAGE_SIZE);
    page->untypable = false;
    CHECK_EQ(op_pin(0, GVA, 0xfff000, 1), -EACCES);
    check_held(0);
    pin(0, GVA, GPA, 3 * PAGE_SIZE);
}
END_TEST

START_TEST(limit)
{
    CHECK_EQ(get_limits().max_pinned, LIMIT);

    pin(-ENOBUFS, GVA, GPA, PAGES * PAGE_SIZE);
    pin(-ENOBUFS, GVA + 1, GPA + 1, LIMIT * PAGE_SIZE);
    pin(-ENOBUFS, 0, 0, 1UL << 46);
    pin(0, GVA, GPA, LIMIT * PAGE_SIZE);
    check_held(LIMIT);
    pin(-ENOBUFS, GVA + LIMIT * PAGE_SIZE, GPA + LIMIT * PAGE_SIZE, 1);
    /* All vCPUs together. */
    CHECK_EQ(op_pin(3, GVA, GPA, 1), -ENOBUFS);
    CHECK_EQ(op_insert(3, GVA, GPA, 1), 0);
    CHECK_EQ(op_purge_all(0), 0);
    check_held(0);

    /* Up to the limit in two steps, over it in the second. */
    pin(0, GVA, GPA, (LIMIT - 1) * PAGE_SIZE);
    pin(-ENOBUFS, GVA + LIMIT * PAGE_SIZE - 1, GPA + LIMIT * PAGE_SIZE - 1, 2);
    pin(0, GVA + LIMIT * PAGE_SIZE - 1, GPA + LIMIT * PAGE_SIZE - 1, 1);
    check_held(LIMIT);

    /* That of another domain is its own. */
    as(dom_other->vcpus[0]);
    guest_add_page(dom_other, GFN, p2m_ram_rw);
    CHECK_EQ(op_pin(0, GVA, GPA, 1), 0);
    CHECK_EQ(op_pin(0, GVA + PAGE_SIZE, GPA, 32 * PAGE_SIZE), -ENOBUFS);
    CHECK_EQ(dom_other->swtlb.nr_pinned, 1);
}
END_TEST

/* However many pages the domain may have pinned, an entry has a limit. */
START_TEST(limit_of_an_entry)
{
    const unsigned int max = XEN_SWTLB_MAX_PINNED_PER_ENTRY;

    dom->max_vcpus = (max + 1 + 15) / 16;
    CHECK(get_limits().max_pinned > max && PAGES > max);

    pin(-ENOBUFS, GVA, GPA, (max + 1) * PAGE_SIZE);
    pin(-ENOBUFS, GVA + 0xfff, GPA + 0xfff, max * PAGE_SIZE);
    check_held(0);
    pin(0, GVA, GPA, max * PAGE_SIZE);
    pin(0, GVA + max * PAGE_SIZE, GPA + max * PAGE_SIZE, PAGE_SIZE);
    check_held(max + 1);
    dom->max_vcpus = WORLD_VCPUS;
}
END_TEST

/* Pages, not bytes, count; and a page pinned twice counts twice. */
START_TEST(pages_count)
{
    pin(0, GVA, GPA, 1);
    check_held(1);
    pin(0, GVA + 0xfff, GPA + 0xfff, 2);
    check_held(3);
    pin(0, GVA + 0x10000, GPA, PAGE_SIZE + 1);
    check_held(5);
    CHECK_EQ(guest_page(dom, GFN)->types, 3);
    CHECK_EQ(op_purge(0, GVA + 0x1000, 1), 0);
    check_held(5);
    CHECK_EQ(op_purge(0, GVA + 0xfff, 1), 0);
    check_held(3);
}
END_TEST

/* What comes first if several are true; and the common ones. */
START_TEST(order_of_errors)
{
    CHECK_EQ(xen_set_param("swtlb", "max-entries=1"), 0);
    pin(0, GVA, GPA, PAGE_SIZE);

    pin(-EINVAL, GVA, GPA, 0);
    pin(-EINVAL, GVA + 1, GPA, PAGES * PAGE_SIZE);
    pin(-ERANGE, ~0xfffUL, GPA, PAGES * PAGE_SIZE);
    pin(-ENXIO, GVA, 1UL << 46, PAGES * PAGE_SIZE);
    /* Too many, no RAM, and overlaps; without the first; only the last. */
    pin(-ENOBUFS, GVA, GPA + PAGE_SIZE, PAGES * PAGE_SIZE);
    pin(-EACCES, GVA, GPA + LIMIT * PAGE_SIZE, 2 * PAGE_SIZE);
    pin(-EEXIST, GVA, GPA + PAGE_SIZE, PAGE_SIZE);
    pin(-EEXIST, GVA - PAGE_SIZE, GPA, 2 * PAGE_SIZE);
    pin(-ENOSPC, GVA + PAGE_SIZE, GPA, PAGE_SIZE);
    check_held(1);
}
END_TEST

/* Each allocation fails in turn. */
static unsigned int each_enomem(unsigned int nth)
{
    static struct snapshot before;
    unsigned int n;
    long rc;

    for ( n = 1; ; n++ )
    {
        snapshot_take(&before);
        xen_alloc_fail(n);
        rc = op_pin(0, GVA + nth * 0x10000, GPA, 3 * PAGE_SIZE);
        if ( xen_alloc_fail_pending() )
            break;

        CHECK_EQ(rc, -ENOMEM);
        CHECK_MSG(!snapshot_differs(&before), "allocation %u: %s changed", n,
                  snapshot_differs(&before));
    }

    xen_alloc_fail(0);
    CHECK_EQ(rc, 0);
    check_held((nth + 1) * 3);

    return n - 1;
}

START_TEST(enomem)
{
    unsigned int i;

    /* The pin; a table of three and a cache. */
    CHECK_EQ(each_enomem(0), 1 + 4);
    for ( i = 1; i < 8; i++ )
        CHECK_EQ(each_enomem(i), 1);
    /* And larger maps. */
    CHECK_EQ(each_enomem(8), 1 + 2);
}
END_TEST

/* Each page in turn cannot be pinned. */
START_TEST(each_page)
{
    unsigned int i;

    for ( i = 0; i < LIMIT; i++ )
    {
        guest_page(dom, GFN + i)->untypable = true;
        CHECK_EQ(op_pin(0, GVA, GPA, LIMIT * PAGE_SIZE), -EACCES);
        check_held(0);
        CHECK_EQ(xen_alloc_live(), 0);
        guest_page(dom, GFN + i)->untypable = false;
    }
    pin(0, GVA, GPA, LIMIT * PAGE_SIZE);
}
END_TEST

/* All pages of an entry are held until its last part goes. */
START_TEST(released_with_last_part)
{
    static const unsigned int order[][3] = {
        { 0, 1, 2 }, { 1, 0, 2 }, { 2, 1, 0 }, { 1, 2, 0 },
    };
    unsigned int i;

    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    CHECK_EQ(op_insert(0, GVA + 0x10000, GPA, PAGE_SIZE), 0);
    for ( i = 0; i < 3; i++ )
    {
        struct xen_swtlb_entry e;

        check_held(3);
        CHECK_EQ(get_entry(0, 0, &e), 0);
        CHECK_EQ(e.flags, XEN_SWTLB_FLAG_pinned);
        CHECK_EQ(op_purge(_i % 2 ? ALL : 0, GVA + order[_i][i] * PAGE_SIZE,
                          PAGE_SIZE), 0);
    }
    check_held(0);
    CHECK_EQ(get_state(0).nr_entries, 1);
}
END_TEST

/* Ways to lose a table: for the last one who uses it, that lets go. */
static void lose(unsigned int way, unsigned int vcpuid)
{
    switch ( way )
    {
    case 0:
        CHECK_EQ(op_purge_all(vcpuid), 0);
        break;
    case 1:
        swtlb_vcpu_reset(cpu(vcpuid));
        break;
    }
}

START_TEST(released_with_table)
{
    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    pin(0, GVA + 0x10000, GPA + PAGE_SIZE, 1);
    CHECK_EQ(op_share(1, 0), 0);
    CHECK_EQ(op_share(2, 1), 0);
    check_held(4);
    lose(_i, 0);
    lose(_i, 2);
    check_held(4);
    lose(_i, 1);
    check_held(0);
    CHECK_EQ(xen_alloc_live(), 0);
}
END_TEST

START_TEST(released_with_all)
{
    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    CHECK_EQ(op_share(1, 0), 0);
    CHECK_EQ(op_pin(2, GVA, GPA + PAGE_SIZE, 1), 0);
    CHECK_EQ(op_insert(3, GVA, GPA + PAGE_SIZE, 1), 0);
    check_held(4);
    if ( _i == 0 )
        CHECK_EQ(op_purge_all(ALL), 0);
    else if ( _i == 1 )
        CHECK_EQ(op_purge(ALL, 0, GVA * 2), 0);
    else
        swtlb_domain_reset(dom);
    check_held(0);
}
END_TEST

/* A table that stays, because it is shared, lets go when it is empty. */
START_TEST(released_while_shared)
{
    CHECK_EQ(op_share(1, 0), 0);
    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    CHECK_EQ(op_purge(1, GVA, 3 * PAGE_SIZE), 0);
    check_held(0);
    CHECK_EQ(get_state(0).nr_sharers, 2);
}
END_TEST

/*
 * Whoever removes entries releases their pages, all of them before it returns,
 * whatever is waiting for the guest: nobody is left with those of others, who
 * may go on removing some.
 */
static bool preempt(void)
{
    return true;
}

START_TEST(released_by_who_removes)
{
    unsigned int i;

    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        for ( i = 0; i < 6; i++ )
            CHECK_EQ(op_pin(i % 3, GVA + i * 0x10000, GPA, 2 * PAGE_SIZE), 0);
        check_held(12);
        world_continued = 0;
        xen_preempt = preempt;
        CHECK_EQ(_i ? op_purge(ALL, 0, 2 * GVA) : op_purge_all(ALL), 0);
        CHECK_EQ(world_continued, 0);
        check_held(0);
        xen_preempt = NULL;
    }
}
END_TEST

START_TEST(printed)
{
    xen_run_initcalls();
    pin(0, GVA, GPA, 1);
    xen_console_clear();
    CHECK(xen_press_key('B'));
    CHECK(strstr(xen_console(), "  gva 0x200000-0x200000 gpa 0x00000000100000"
                                " pinned\n"));
}
END_TEST

/* Copies.  Each is done twice: as found in the map, and as remembered. */

/* The bytes at gpa and at the buffer are what the copy should have made. */
static void check_copied(enum way way, const uint8_t *buf, paddr_t gpa,
                         unsigned int len)
{
    unsigned int i;

    for ( i = 0; i < len; i++ )
        CHECK_EQ(*guest_mem(dom, gpa + i),
                 way == CLEAR ? 0 : way == TO ? (uint8_t)(i * 5)
                                              : guest_pattern(dom, gpa + i));
    for ( i = 0; i < len; i++ )
        CHECK_EQ(buf[i], way == FROM ? guest_pattern(dom, gpa + i)
                                     : (uint8_t)(i * 5));
}

static const struct {
    unsigned long off;
    unsigned int len;
    unsigned int pages;
} spans[] = {
    { 0x800, 8, 1 }, { 0x804, 1, 1 }, { 0xfff, 2, 2 }, { 0x800, 0x800, 1 },
    { 0x800, 0x2000, 3 }, { 0x1000, 0x1000, 1 }, { 0x1801, 0x7ff, 1 },
    { 0x27ff, 1, 1 }, { 0xffe, 0x1004, 3 },
};

/* The entry begins and ends in the middle of a page: [0x800, 0x2800). */
START_TEST(span)
{
    enum way way = _i % WAYS;
    unsigned long off = spans[_i / WAYS].off;
    unsigned int len = spans[_i / WAYS].len, n, i;

    pin(0, GVA + 0x800, GPA + 0x800, 2 * PAGE_SIZE);
    for ( n = 0; n < 3; n++ )
    {
        uint8_t *buf = malloc(len);

        for ( i = 0; i < len; i++ )
            buf[i] = i * 5;
        guest_clear_events(dom);
        dom->log_dirty = n < 2;
        CHECK_EQ(vcpu_copy(way, buf, GVA + off, len), 0);
        check_copied(way, buf, GPA + off, len);
        CHECK_EQ(dom->nr_dirty, way == FROM || n == 2 ? 0
                                : spans[_i / WAYS].pages);
        for ( i = 0; i < dom->nr_dirty; i++ )
            CHECK_EQ(dom->dirty[i], GFN + (off >> PAGE_SHIFT) + i);
        free(buf);
    }
    /* Writes are remembered, but not used for as long as they are logged. */
    CHECK_EQ(dom->lookups, spans[_i / WAYS].pages * (way == FROM ? 1 : 2));
    CHECK_STATS(cpu(0), 3, 0, 0, 3 * len, 0);
    CHECK_EQ(cpu(0)->walks, 0);
    check_held(3);
}
END_TEST

/* Only the part that it covers; what is around it is walked. */
START_TEST(around)
{
    uint8_t buf[0x1000];
    unsigned int n;

    guest_map(&dom->tables, GVA, GFN + 10, true);
    pin(0, GVA + 0x800, GPA + 0x800, 0x100);
    for ( n = 0; n < 2; n++ )
    {
        CHECK_EQ(vcpu_copy(FROM, buf, GVA, 0x1000), 0);
        CHECK_EQ(buf[0x7ff], guest_pattern(dom, GPA + 0xa7ff));
        CHECK_EQ(buf[0x800], guest_pattern(dom, GPA + 0x800));
        CHECK_EQ(buf[0x8ff], guest_pattern(dom, GPA + 0x8ff));
        CHECK_EQ(buf[0x900], guest_pattern(dom, GPA + 0xa900));
        CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0x8fc, 8), 0);
        CHECK_EQ(buf[3], guest_pattern(dom, GPA + 0x8ff));
        CHECK_EQ(buf[4], guest_pattern(dom, GPA + 0xa900));
        CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0x7fc, 8), 0);
        CHECK_EQ(buf[3], guest_pattern(dom, GPA + 0xa7ff));
        CHECK_EQ(buf[4], guest_pattern(dom, GPA + 0x800));
        CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0x800, 0x100), 0);
        CHECK_EQ(buf[0xff], guest_pattern(dom, GPA + 0x8ff));
    }
    CHECK_STATS(cpu(0), 2, 6, 0, 2 * (0x208), 2 * (0xf00 + 8));
}
END_TEST

/* Where the first part was cut off the rest leads to the same bytes. */
START_TEST(after_a_trim)
{
    uint8_t buf[8] = {};

    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0x1800, 8), 0);
    CHECK_EQ(op_purge(0, GVA, 0x1804), 0);
    CHECK_EQ(op_purge(0, GVA + 0x2000, 0x800), 0);
    CHECK_EQ(vcpu_copy(_i, buf, GVA + 0x1800, 8), 8);
    CHECK_EQ(vcpu_copy(_i, buf, GVA + 0x1804, 8), 0);
    CHECK_EQ(buf[0], _i == FROM ? guest_pattern(dom, GPA + 0x1804) : buf[0]);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0x2ff8, 8), 0);
    CHECK_EQ(buf[7], guest_pattern(dom, GPA + 0x2fff));
    CHECK_EQ(vcpu_copy(_i, buf, GVA + 0x27fc, 8), 8);
    CHECK_EQ(cpu(0)->swtlb.stats.faults, 2);
}
END_TEST

/*
 * Copies follow the gpa, whether what it was is remembered or not; and what is
 * marked as dirty is the page that was written.  The page that was pinned
 * stays so, out of reach.
 */
START_TEST(follows_the_p2m)
{
    struct page_info *page = guest_page(dom, GFN);
    uint8_t buf[8];

    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    memset(page->data, 0x42, PAGE_SIZE);
    if ( _i )
        CHECK_EQ(vcpu_copy(FROM, buf, GVA, 8), 0);
    guest_set_entry(dom, GFN, p2m_ram_rw, page_new(dom));
    page_free(page);
    page_protect(page, false);
    memset(guest_mem(dom, GPA), 0x33, PAGE_SIZE);
    guest_clear_events(dom);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA, 8), 0);
    CHECK_EQ(buf[7], 0x33);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA, 8), 0);
    CHECK_EQ(*guest_mem(dom, GPA), 0);
    CHECK_EQ(dom->nr_dirty, 1);
    CHECK_EQ(dom->dirty[0], GFN);
    CHECK_EQ(page->count, 1);
    CHECK_EQ(op_purge_all(0), 0);
    CHECK_EQ(page->count, 0);
}
END_TEST

/* It moves to another gfn: what is written there is marked there. */
START_TEST(moved)
{
    struct page_info *page = guest_page(dom, GFN);
    struct page_info *other = guest_page(dom, GFN + 8);

    pin(0, GVA, GPA, PAGE_SIZE);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA, 8), 0);
    guest_set_entry(dom, GFN, p2m_invalid, NULL);
    guest_set_entry(dom, GFN + 8, p2m_ram_rw, page);
    guest_clear_events(dom);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA, 8), 8);
    CHECK_EQ(dom->nr_dirty, 0);
    CHECK_EQ(op_insert(0, GVA + 0x10000, GPA + 8 * PAGE_SIZE, PAGE_SIZE), 0);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA + 0x10000, 8), 0);
    CHECK_EQ(dom->nr_dirty, 1);
    CHECK_EQ(dom->dirty[0], GFN + 8);
    page_free(other);
}
END_TEST

/*
 * Whoever takes the page from the guest, for a while or for good, is obeyed:
 * a toolstack, a device model, an ioreq server whose ring the page becomes.
 */
static const struct {
    p2m_type_t type;
    bool readable, writable, written;
} revoked[] = {
    { p2m_invalid, false, false, false }, { p2m_mmio_dm, false, false, false },
    { p2m_ram_ro, true, true, false },
    { p2m_ioreq_server, true, false, false },
    { p2m_ram_logdirty, true, true, true },
};

START_TEST(revocation)
{
    uint8_t buf[8], *mem = guest_mem(dom, GPA);

    dom->log_dirty = false;
    pin(0, GVA, GPA, PAGE_SIZE);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA, 8), 0);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA, 8), 0);
    CHECK_EQ(dom->lookups, 1);
    memset(mem, 0x33, 8);

    guest_set_type(dom, GFN, revoked[_i].type);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA, 8), revoked[_i].writable ? 0 : 8);
    CHECK_EQ(*mem, revoked[_i].written ? 0 : 0x33);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA, 8), revoked[_i].readable ? 0 : 8);
    CHECK_EQ(get_state(0).nr_pinned, 1);

    guest_set_type(dom, GFN, p2m_ram_rw);
    CHECK_EQ(vcpu_copy(CLEAR, NULL, GVA, 8), 0);
    CHECK_EQ(*mem, 0);
}
END_TEST

/* Introspected: as a plain entry. */
START_TEST(introspected)
{
    uint8_t buf[8] = {};

    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA, 8), 0);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA, 8), 0);
    CHECK_EQ(dom->lookups, 1);

    cpu(0)->vm_event.send_event = true;
    cpu(0)->arch.vm_event = &cpu(0)->vm_event;
    CHECK_EQ(vcpu_copy(_i, buf, GVA, 8), 0);
    CHECK_EQ(dom->lookups, 2);
    CHECK_EQ(dom->nr_monitored, 1);
    CHECK_EQ(vcpu_copy(_i, buf, GVA + 0xffc, 8), 0);
    CHECK_EQ(dom->nr_monitored, 3);
    CHECK_EQ(dom->nr_dirty, _i == FROM ? 0 : 3);
    dom->monitor_objects = true;
    CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0x1000, 8), 8);
    CHECK_EQ(cpu(0)->swtlb.stats.faults, 1);
    CHECK_EQ(dom->lookups, 5);

    cpu(0)->arch.vm_event = NULL;
    CHECK_EQ(vcpu_copy(FROM, buf, GVA, 8), 0);
    CHECK_EQ(dom->lookups, 5);
}
END_TEST

/* The domain is paged: that page cannot be. */
START_TEST(paging)
{
    uint8_t buf[8] = {};

    dom->paging = true;
    pin(0, GVA, GPA, 3 * PAGE_SIZE);
    CHECK_EQ(vcpu_copy(_i, buf, GVA + 0xffc, 8), 0);
    CHECK_EQ(vcpu_copy(_i, buf, GVA + 0xffc, 8), 0);
    CHECK_EQ(dom->lookups, _i == FROM ? 2 : 4);
    CHECK_EQ(dom->nr_populated, 0);
    CHECK_STATS(cpu(0), 2, 0, 0, 16, 0);
}
END_TEST

/* For another vCPU, by its entry; it is not remembered as one's own. */
START_TEST(for_another)
{
    uint8_t buf[0x1800] = {};

    CHECK_EQ(op_pin(1, GVA, GPA, 3 * PAGE_SIZE), 0);
    CHECK_EQ(op_pin(0, GVA, GPA + 8 * PAGE_SIZE, 3 * PAGE_SIZE), 0);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0xc00, 8), 0);
    CHECK_EQ(buf[0], guest_pattern(dom, GPA + 0x8c00));

    swtlb_copy_for(cpu(1));
    CHECK_EQ(vcpu_copy(_i, buf, GVA + 0xc00, sizeof(buf)), 0);
    CHECK_EQ(dom->nr_dirty, _i == FROM ? 0 : 3);
    if ( _i == FROM )
        CHECK_EQ(buf[0], guest_pattern(dom, GPA + 0xc00));
    if ( _i == CLEAR )
        CHECK_EQ(*guest_mem(dom, GPA + 0x23ff), 0);
    swtlb_copy_for(current);

    CHECK_EQ(dom->lookups, 1 + 3);
    CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0xc00, 8), 0);
    CHECK_EQ(buf[0], guest_pattern(dom, GPA + 0x8c00));
    CHECK_EQ(dom->lookups, 1 + 3);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("pin");
    TCase *tc = tcase_create("pin");

    tcase_add_checked_fixture(tc, set_up, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);

    tcase_add_loop_test(tc, type, 0, ARRAY_SIZE(types));
    tcase_add_loop_test(tc, page, 0, 3);
    tcase_add_test(tc, limit);
    tcase_add_test(tc, limit_of_an_entry);
    tcase_add_test(tc, pages_count);
    tcase_add_test(tc, order_of_errors);
    tcase_add_test(tc, enomem);
    tcase_add_test(tc, each_page);
    tcase_add_loop_test(tc, released_with_last_part, 0, 4);
    tcase_add_loop_test(tc, released_with_table, 0, 2);
    tcase_add_loop_test(tc, released_with_all, 0, 3);
    tcase_add_test(tc, released_while_shared);
    tcase_add_loop_test(tc, released_by_who_removes, 0, 2);
    tcase_add_test(tc, printed);
    tcase_add_loop_test(tc, span, 0, WAYS * ARRAY_SIZE(spans));
    tcase_add_test(tc, around);
    tcase_add_loop_test(tc, after_a_trim, 0, WAYS);
    tcase_add_loop_test(tc, follows_the_p2m, 0, 2);
    tcase_add_test(tc, moved);
    tcase_add_loop_test(tc, revocation, 0, ARRAY_SIZE(revoked));
    tcase_add_loop_test(tc, introspected, 0, WAYS);
    tcase_add_loop_test(tc, paging, 0, WAYS);
    tcase_add_loop_test(tc, for_another, 0, WAYS);

    return s;
}
