/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies, where they go: spans across pages and entries, partial hits, copies
 * for another vCPU, nested guest mode.  Every byte is compared, and every
 * statistic.
 *
 * Memory: from gva AREA on, the page tables map eight pages to the gfns from
 * WALK_GFN on.  Entries lead to those from HIT_GFN on.  So each byte that is
 * copied tells which way it came.
 */

#include "harness/unit.h"

#define AREA      0x200000UL
#define PAGES     8
#define HIT_GFN   0x10UL
#define WALK_GFN  0x18UL
#define HIT       (HIT_GFN << PAGE_SHIFT)
#define MAX_LEN   (PAGES * PAGE_SIZE)

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

/* Where the byte at gva is, by the entries of map, or by the page tables. */
static paddr_t gpa_of(const struct swtlb_map *map, unsigned long gva)
{
    unsigned int i;

    for ( i = 0; map && i < map->nr; i++ )
        if ( gva >= map->entry[i].gva && gva <= map->entry[i].last )
            return map->entry[i].gpa + (gva - map->entry[i].gva);

    for ( i = 0; i < current->tables->nr; i++ )
        if ( current->tables->leaf[i].page == gva >> PAGE_SHIFT )
            return (current->tables->leaf[i].gfn << PAGE_SHIFT) +
                   (gva & ~PAGE_MASK);

    return ~0UL;
}

static unsigned int total_refs(void)
{
    unsigned int i, n = 0;

    for ( i = 0; i < dom->nr_gfns; i++ )
        n += page_refs(dom->p2m[i].page) + dom->p2m[i].page->maps;

    return n;
}

/* All of memory is as it was at first, but for len bytes at gva. */
static void check_memory(const struct swtlb_map *map, enum way way,
                         const uint8_t *buf, unsigned long gva,
                         unsigned int len)
{
    static uint8_t expected[WORLD_GFNS][PAGE_SIZE];
    unsigned int i, j;

    for ( i = 0; i < dom->nr_gfns; i++ )
        for ( j = 0; j < PAGE_SIZE; j++ )
            expected[i][j] = guest_pattern(dom,
                                           (dom->p2m[i].gfn << PAGE_SHIFT) +
                                           j);

    for ( j = 0; way != FROM && j < len; j++ )
    {
        paddr_t gpa = gpa_of(map, gva + j);

        for ( i = 0; dom->p2m[i].gfn != gpa >> PAGE_SHIFT; i++ )
            ;
        expected[i][gpa & ~PAGE_MASK] = way == TO ? buf[j] : 0;
    }

    for ( i = 0; i < dom->nr_gfns; i++ )
        CHECK_MSG(!memcmp(dom->p2m[i].page->data, expected[i], PAGE_SIZE),
                  "memory at gfn %#lx", dom->p2m[i].gfn);

    for ( j = 0; way == FROM && j < len; j++ )
        CHECK_MSG(buf[j] == guest_pattern(dom, gpa_of(map, gva + j)),
                  "byte %u of the buffer", j);
}

/* Copy and compare.  map is the one that should apply. */
static void copy_and_check(const struct swtlb_map *map, enum way way,
                           unsigned long gva, unsigned int len)
{
    uint8_t *buf = malloc(len ?: 1), *copy = malloc(len ?: 1);
    unsigned int j;

    for ( j = 0; j < len; j++ )
        buf[j] = copy[j] = 0xa0 ^ j ^ (j >> 8);

    CHECK_EQ(vcpu_copy(way, buf, gva, len), 0);
    check_memory(map, way, buf, gva, len);
    if ( way != FROM )
        CHECK(!memcmp(buf, copy, len));
    CHECK_EQ(total_refs(), 0);

    free(buf);
    free(copy);
}

struct range {
    unsigned long off;           /* from AREA */
    paddr_t gpa;
    unsigned long size;
};

/*
 * One character in the pictures is half a page: letters are entries, dots
 * what the page tables map, and the brackets what is copied.
 */
static const struct {
    struct range entry[5];
    unsigned long off;
    unsigned int len;
    /* Expected. */
    unsigned int hit_bytes, miss_bytes;
    unsigned int pages_hit, pages_walked;
} spans[] = {
    /* a[a]a.....  small, at the beginning, in the middle, to the end */
    { { { 0, HIT, 0x1000 } }, 0, 8, 8, 0, 1, 0 },
    { { { 0, HIT, 0x1000 } }, 0x123, 1, 1, 0, 1, 0 },
    { { { 0, HIT, 0x1000 } }, 0xff8, 8, 8, 0, 1, 0 },
    { { { 0, HIT, 0x1000 } }, 0, 0x1000, 0x1000, 0, 1, 0 },
    /* a[aa]a....  across a page boundary of an entry */
    { { { 0, HIT, 0x2000 } }, 0xffc, 8, 8, 0, 2, 0 },
    { { { 0, HIT, 0x2000 } }, 0xfff, 2, 2, 0, 2, 0 },
    { { { 0, HIT, 0x8000 } }, 0, 0x8000, 0x8000, 0, 8, 0 },
    { { { 0, HIT, 0x8000 } }, 0x801, 0x7000, 0x7000, 0, 8, 0 },
    /* a[ab]b....  two entries side by side, not so in gpa */
    { { { 0, HIT + 0x4000, 0x1000 }, { 0x1000, HIT, 0x1000 } },
      0xffc, 8, 8, 0, 2, 0 },
    { { { 0, HIT, 0x800 }, { 0x800, HIT + 0x3800, 0x800 } },
      0x7fe, 4, 4, 0, 2, 0 },
    /* a[a.]....   an entry, then none */
    { { { 0, HIT, 0x800 } }, 0x7f0, 32, 16, 16, 1, 1 },
    { { { 0, HIT, 0x1000 } }, 0xff0, 32, 16, 16, 1, 1 },
    { { { 0xff0, HIT + 0xff0, 8 } }, 0xff4, 16, 4, 12, 1, 2 },
    /* .[.a]a...   none, then an entry */
    { { { 0x800, HIT + 0x800, 0x800 } }, 0x7f0, 32, 16, 16, 1, 1 },
    { { { 0x1000, HIT, 0x1000 } }, 0xff0, 32, 16, 16, 1, 1 },
    { { { 0x4000, HIT, 0x1000 } }, 0x800, 0x4000, 0x800, 0x3800, 1, 4 },
    /* .[.a.]....  an entry in the middle */
    { { { 0x800, HIT + 0x800, 1 } }, 0x7ff, 3, 1, 2, 1, 2 },
    { { { 0x1800, HIT + 0x800, 0x1000 } }, 0, 0x4000, 0x1000, 0x3000, 2, 4 },
    /* a[a..b]b..  a gap between two */
    { { { 0, HIT, 0x1000 }, { 0x3000, HIT + 0x1000, 0x1000 } },
      0x800, 0x3000, 0x1000, 0x2000, 2, 2 },
    /* [.a.b.c.d]  many */
    { { { 0x10, HIT + 0x10, 4 }, { 0x20, HIT + 0x20, 4 },
        { 0x30, HIT + 0x30, 4 }, { 0x40, HIT + 0x40, 4 } },
      0, 0x44, 16, 0x34, 4, 4 },
    { { { 1, HIT + 1, 1 }, { 3, HIT + 3, 1 }, { 5, HIT + 5, 1 } },
      0, 7, 3, 4, 3, 4 },
    /* an entry that is hit neither before it nor behind it */
    { { { 0x800, HIT + 0x800, 8 } }, 0x7f8, 8, 0, 8, 0, 1 },
    { { { 0x800, HIT + 0x800, 8 } }, 0x808, 8, 0, 8, 0, 1 },
    { { { 0x800, HIT + 0x800, 8 } }, 0x2000, 0x6000, 0, 0x6000, 0, 6 },
    /* the gpas overlap what the page tables lead to: still the entry's */
    { { { 0, WALK_GFN << PAGE_SHIFT, 0x1000 } }, 0x800, 0x1000, 0x800, 0x800,
      1, 1 },
    /* two entries for the same gpa */
    { { { 0, HIT, 0x1000 }, { 0x2000, HIT, 0x1000 } },
      0x2000, 0x800, 0x800, 0, 1, 0 },
};

START_TEST(span)
{
    enum way way = _i % WAYS;
    unsigned int n = _i / WAYS;
    const struct range *r;

    for ( r = spans[n].entry; r->size; r++ )
        CHECK_EQ(op_insert(0, AREA + r->off, r->gpa, r->size), 0);

    copy_and_check(cpu(0)->swtlb.map, way, AREA + spans[n].off,
                   spans[n].len);

    CHECK_STATS(cpu(0), !spans[n].miss_bytes, !!spans[n].miss_bytes, 0,
                spans[n].hit_bytes, spans[n].miss_bytes);
    CHECK_EQ(cpu(0)->walks, spans[n].pages_walked);
    CHECK_EQ(dom->nr_dirty,
             way == FROM ? 0 : spans[n].pages_hit + spans[n].pages_walked);
}
END_TEST

/* A domain without entries: counted as a miss, and nothing else is done. */
START_TEST(no_entries)
{
    copy_and_check(NULL, _i, AREA + 0x800, 0x1000);
    CHECK_STATS(cpu(0), 0, 1, 0, 0, 0);
    CHECK_EQ(cpu(0)->walks, 2);
    CHECK_EQ(xen_alloc_live(), 0);

    CHECK_EQ(swtlb_applies(&cpu(0)->swtlb, AREA, 5), false);
    CHECK_STATS(cpu(0), 0, 2, 0, 0, 0);

    /* One whose entries are gone again is as good as new. */
    CHECK_EQ(op_insert(0, AREA, HIT, 1), 0);
    CHECK_EQ(swtlb_applies(&cpu(0)->swtlb, AREA, 5), true);
    CHECK_STATS(cpu(0), 0, 2, 0, 0, 0);
    CHECK_EQ(op_purge(0, AREA, 1), 0);
    CHECK_EQ(swtlb_applies(&cpu(0)->swtlb, AREA, 5), false);
}
END_TEST

/* The page tables know nothing of the gva, or forbid to write to it. */
START_TEST(page_tables_not_consulted)
{
    uint8_t buf[64];

    dom->tables.nr = 0;
    CHECK_EQ(vcpu_copy(_i, buf, 0x900000, sizeof(buf)), sizeof(buf));
    CHECK_EQ(op_insert(0, 0x900000, HIT, 0x1000), 0);
    copy_and_check(cpu(0)->swtlb.map, _i, 0x900000, 64);

    guest_map(&dom->tables, 0x901000, WALK_GFN, false);
    CHECK_EQ(op_insert(0, 0x901000, HIT, 0x1000), 0);
    CHECK_EQ(vcpu_copy(_i, buf, 0x901800, sizeof(buf)), 0);
    /* The first one was a walk. */
    CHECK_EQ(cpu(0)->walks, 1);
}
END_TEST

/* The end of the address space, and around it to its beginning. */
START_TEST(address_space_end)
{
    guest_map(&dom->tables, 0, WALK_GFN, true);
    CHECK_EQ(op_insert(0, ~0xfffUL, HIT, 0x1000), 0);
    copy_and_check(cpu(0)->swtlb.map, _i, ~7UL, 8);
    CHECK_STATS(cpu(0), 1, 0, 0, 8, 0);
}
END_TEST

START_TEST(address_space_wraps)
{
    guest_map(&dom->tables, 0, WALK_GFN, true);
    CHECK_EQ(op_insert(0, ~0xfffUL, HIT, 0x1000), 0);
    copy_and_check(cpu(0)->swtlb.map, _i, ~3UL, 8);
    CHECK_STATS(cpu(0), 0, 1, 0, 4, 4);
}
END_TEST

START_TEST(nothing_to_copy)
{
    CHECK_EQ(op_insert(0, AREA, HIT, 0x1000), 0);
    copy_and_check(cpu(0)->swtlb.map, _i, AREA, 0);
    copy_and_check(cpu(0)->swtlb.map, _i, AREA + 0x1000, 0);
    CHECK_EQ(cpu(0)->walks, 0);
    CHECK_EQ(cpu(0)->swtlb.stats.hit_bytes, 0);
    CHECK_EQ(cpu(0)->swtlb.stats.miss_bytes, 0);
}
END_TEST

/* An entry of another vCPU is of no concern. */
START_TEST(own_table_only)
{
    CHECK_EQ(op_insert(1, AREA, HIT, 0x1000), 0);
    copy_and_check(NULL, _i, AREA, 64);
    CHECK_EQ(cpu(0)->walks, 1);

    /* The same gva, but another gpa. */
    CHECK_EQ(op_insert(0, AREA, HIT + 0x2000, 0x1000), 0);
    CHECK_EQ(vcpu_copy(_i, guest_mem(dom, HIT + 0x7000), AREA, 64), 0);
    CHECK_STATS(cpu(0), 1, 1, 0, 64, 0);
    CHECK_STATS(cpu(1), 0);
}
END_TEST

START_TEST(shared_table)
{
    CHECK_EQ(op_insert(1, AREA, HIT, 0x1000), 0);
    CHECK_EQ(op_share(0, 1), 0);
    copy_and_check(cpu(1)->swtlb.map, _i, AREA + 0x7f8, 16);
    CHECK_STATS(cpu(0), 1, 0, 0, 16, 0);
    CHECK_STATS(cpu(1), 0);
}
END_TEST

/*
 * For another vCPU: its entries apply.  What none covers is walked, with the
 * current vCPU's page tables, as without this feature.
 */
START_TEST(for_another)
{
    struct page_tables elsewhere = {};

    cpu(1)->tables = &elsewhere;
    CHECK_EQ(op_insert(0, AREA, HIT, 0x1000), 0);
    CHECK_EQ(op_insert(1, AREA, HIT + 0x2000, 0x800), 0);

    swtlb_copy_for(cpu(1));
    copy_and_check(cpu(1)->swtlb.map, _i, AREA + 0x7f0, 32);
    CHECK(cpu(0)->swtlb.copy_for == cpu(1));
    swtlb_copy_for(current);

    CHECK_EQ(cpu(0)->walks, 1);
    /* Statistics are those of who made the copy. */
    CHECK_STATS(cpu(0), 0, 1, 0, 16, 16);
    CHECK_STATS(cpu(1), 0);
}
END_TEST

/* It has none; those of the current vCPU must not serve. */
START_TEST(for_another_without)
{
    CHECK_EQ(op_insert(0, AREA, HIT, 0x1000), 0);

    swtlb_copy_for(cpu(1));
    copy_and_check(NULL, _i, AREA, 64);
    swtlb_copy_for(current);

    CHECK_STATS(cpu(0), 0, 1, 0, 0, 64);
}
END_TEST

/* As soon as that is over they serve again. */
START_TEST(for_itself_again)
{
    uint8_t buf[8];

    CHECK_EQ(op_insert(0, AREA, HIT, 0x1000), 0);
    swtlb_copy_for(cpu(1));
    CHECK_EQ(vcpu_copy(FROM, buf, AREA, 8), 0);
    swtlb_copy_for(current);
    copy_and_check(cpu(0)->swtlb.map, _i, AREA, 8);
    CHECK_STATS(cpu(0), 1, 1, 0, 8, 8);
}
END_TEST

/* vCPUs of other domains: neither's entries mean anything here. */
START_TEST(for_another_domain)
{
    struct vcpu *foreign = dom_other->vcpus[0];

    CHECK_EQ(op_insert(0, AREA, HIT, 0x1000), 0);
    as(foreign);
    CHECK_EQ(op_insert(0, AREA, HIT, 0x1000), 0);

    as(cpu(0));
    swtlb_copy_for(foreign);
    copy_and_check(NULL, _i, AREA, 64);
    swtlb_copy_for(current);

    CHECK_STATS(cpu(0), 0, 1, 0, 0, 64);
    CHECK_STATS(foreign, 0);
}
END_TEST

/*
 * While the copy is under way it is nobody's turn but its own: were Xen to
 * make another one meanwhile, that would be for the current vCPU.
 */
static void no_subject(void)
{
    CHECK(current->swtlb.copy_for == NULL);
}

START_TEST(for_another_meanwhile)
{
    CHECK_EQ(op_insert(1, AREA, HIT, 0x1000), 0);
    guest_on_page = no_subject;
    swtlb_copy_for(cpu(1));
    copy_and_check(cpu(1)->swtlb.map, _i, AREA, 64);
    CHECK(cpu(0)->swtlb.copy_for == cpu(1));
    swtlb_copy_for(current);
}
END_TEST

/* In nested guest mode an address is one of the nested guest. */
START_TEST(nested)
{
    CHECK_EQ(op_insert(0, AREA, HIT, 0x8000), 0);
    cpu(0)->nested = true;
    copy_and_check(NULL, _i, AREA + 0xff0, 64);
    CHECK_STATS(cpu(0), 0, 1, 0, 0, 64);

    cpu(0)->nested = false;
    CHECK_EQ(vcpu_copy(_i, guest_mem(dom, HIT + 0x7000), AREA, 8), 0);
    CHECK_STATS(cpu(0), 1, 1, 0, 8, 64);
}
END_TEST

/* But where the area of another vCPU is, that one has said. */
START_TEST(nested_for_another)
{
    CHECK_EQ(op_insert(1, AREA, HIT, 0x1000), 0);
    cpu(0)->nested = true;
    swtlb_copy_for(cpu(1));
    copy_and_check(cpu(1)->swtlb.map, _i, AREA + 0x10, 64);
    swtlb_copy_for(current);
    CHECK_STATS(cpu(0), 1, 0, 0, 64, 0);
}
END_TEST

/* It does not matter whether the subject is in nested guest mode. */
START_TEST(for_a_nested_one)
{
    CHECK_EQ(op_insert(1, AREA, HIT, 0x1000), 0);
    cpu(1)->nested = true;
    swtlb_copy_for(cpu(1));
    copy_and_check(cpu(1)->swtlb.map, _i, AREA + 0x10, 64);
    swtlb_copy_for(current);
}
END_TEST

/* A range that was split serves on both sides, and not in the middle. */
START_TEST(after_a_split)
{
    CHECK_EQ(op_insert(0, AREA, HIT, 0x3000), 0);
    CHECK_EQ(op_purge(0, AREA + 0x1010, 0x10), 0);
    copy_and_check(cpu(0)->swtlb.map, _i, AREA + 0xff0, 0x100);
    CHECK_STATS(cpu(0), 0, 1, 0, 0xf0, 0x10);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("copy");
    TCase *tc = tcase_create("copy");

    tcase_add_checked_fixture(tc, set_up, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);

    /* Each is done in all the ways there are. */
    tcase_add_loop_test(tc, span, 0, WAYS * ARRAY_SIZE(spans));
    tcase_add_loop_test(tc, no_entries, 0, WAYS);
    tcase_add_loop_test(tc, page_tables_not_consulted, 0, WAYS);
    tcase_add_loop_test(tc, address_space_end, 0, WAYS);
    tcase_add_loop_test(tc, address_space_wraps, 0, WAYS);
    tcase_add_loop_test(tc, nothing_to_copy, 0, WAYS);
    tcase_add_loop_test(tc, own_table_only, 0, WAYS);
    tcase_add_loop_test(tc, shared_table, 0, WAYS);
    tcase_add_loop_test(tc, for_another, 0, WAYS);
    tcase_add_loop_test(tc, for_another_without, 0, WAYS);
    tcase_add_loop_test(tc, for_itself_again, 0, WAYS);
    tcase_add_loop_test(tc, for_another_domain, 0, WAYS);
    tcase_add_loop_test(tc, for_another_meanwhile, 0, WAYS);
    tcase_add_loop_test(tc, nested, 0, WAYS);
    tcase_add_loop_test(tc, nested_for_another, 0, WAYS);
    tcase_add_loop_test(tc, for_a_nested_one, 0, WAYS);
    tcase_add_loop_test(tc, after_a_split, 0, WAYS);

    return s;
}
