/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The map (common/swtlb-map.c): find, lookup, overlaps, insert, splits and
 * purge, by tables of cases at the boundaries, and at random against a model
 * that has one element for each byte.
 *
 * In the pictures, one character is one byte from gva 0x1000 on:
 *
 *     0x1000  0x1008  0x1010
 *     |       |       |
 *     .aaaa...bb......          two entries: 4 bytes at 0x1001, 2 at 0x1008
 */

#include "harness/unit.h"

#define MAX   100

/* Where the picture's first byte is. */
#define BASE  0x1000UL

static struct swtlb_map *map_new(void)
{
    return xen_alloc(offsetof(struct swtlb_map, entry[MAX]), true);
}

/* An entry with the letter c begins at gpa c << 16, plus its offset. */
static paddr_t letter_gpa(char c, unsigned int offset)
{
    return ((paddr_t)c << 16) + offset;
}

static struct swtlb_map *from_picture(const char *picture)
{
    struct swtlb_map *map = map_new();
    unsigned int i, n;

    for ( i = 0; picture[i]; i += n )
    {
        struct swtlb_entry *e = &map->entry[map->nr];

        for ( n = 1; picture[i + n] == picture[i]; n++ )
            ;

        if ( picture[i] == '.' )
            continue;

        e->gva = BASE + i;
        e->last = BASE + i + n - 1;
        e->gpa = letter_gpa(picture[i], i);
        map->nr++;
    }

    return map;
}

/* The other way round.  Anything wrong with the map fails the test. */
static const char *to_picture(const struct swtlb_map *map, unsigned int len)
{
    static char picture[256];
    unsigned long end = BASE;
    unsigned int i;

    memset(picture, '.', len);
    picture[len] = '\0';

    for ( i = 0; i < map->nr; i++ )
    {
        const struct swtlb_entry *e = &map->entry[i];
        char c = e->gpa >> 16;

        CHECK(e->gva >= end && e->last >= e->gva && e->last < BASE + len);
        CHECK_EQ(e->gpa, letter_gpa(c, e->gva - BASE));
        memset(picture + (e->gva - BASE), c, e->last - e->gva + 1);
        end = e->last + 1;
    }

    return picture;
}

/*
 * Take [first, last] away.  Whether that splits an entry, and whether there
 * is anything to take away, is seen from before and after.
 */
static const struct {
    const char *before;
    unsigned int first, last;
    const char *after;
} purges[] = {
    { "................", 0, 15,
      "................" },
    /* All of one: exactly, beyond either end, beyond both. */
    { "....aaaa........", 4, 7,
      "................" },
    { "....aaaa........", 3, 7,
      "................" },
    { "....aaaa........", 4, 8,
      "................" },
    { "....aaaa........", 0, 15,
      "................" },
    /* One byte: before, first, second, in the middle, last, behind. */
    { "....aaaa........", 3, 3,
      "....aaaa........" },
    { "....aaaa........", 4, 4,
      ".....aaa........" },
    { "....aaaa........", 5, 5,
      "....a.aa........" },
    { "....aaaa........", 6, 6,
      "....aa.a........" },
    { "....aaaa........", 7, 7,
      "....aaa........." },
    { "....aaaa........", 8, 8,
      "....aaaa........" },
    /* An end of one. */
    { "....aaaa........", 2, 5,
      "......aa........" },
    { "....aaaa........", 6, 9,
      "....aa.........." },
    /* Entries of one byte. */
    { "....a...........", 4, 4,
      "................" },
    { "...aba..........", 4, 4,
      "...a.a.........." },
    /* Neighbours without a gap: only what is named goes. */
    { "aaaabbbbcccc....", 4, 7,
      "aaaa....cccc...." },
    { "aaaabbbbcccc....", 3, 8,
      "aaa......ccc...." },
    { "aaaabbbbcccc....", 5, 6,
      "aaaab..bcccc...." },
    /* Several with gaps. */
    { "aa..bb..cc..dd..", 2, 3,
      "aa..bb..cc..dd.." },
    { "aa..bb..cc..dd..", 1, 12,
      "a............d.." },
    { "aa..bb..cc..dd..", 2, 11,
      "aa..........dd.." },
    { "aa..bb..cc..dd..", 0, 15,
      "................" },
};

START_TEST(purge)
{
    const char *before = purges[_i].before, *after = purges[_i].after;
    unsigned long first = BASE + purges[_i].first;
    unsigned long last = BASE + purges[_i].last;
    struct swtlb_map *src = from_picture(before), *dst = map_new();
    unsigned int nr = src->nr;

    CHECK_EQ(swtlb_map_overlaps(src, first, last), !!strcmp(before, after));

    swtlb_map_purge(dst, src, first, last);

    CHECK_STR(to_picture(dst, strlen(before)), after);
    CHECK_EQ(swtlb_map_splits(src, first, last), dst->nr > nr);
    /* The source is what lookups see meanwhile. */
    CHECK_EQ(src->nr, nr);
    CHECK_STR(to_picture(src, strlen(before)), before);

    xfree(src);
    xfree(dst);
}
END_TEST

static const struct {
    const char *before;
    unsigned int first, last;
    bool fits;
    const char *after;
} inserts[] = {
    { "........", 0, 7, true,
      "nnnnnnnn" },
    { "........", 3, 3, true,
      "...n...." },
    /* Before, between and behind others; with gaps and without. */
    { "..aa....", 0, 0, true,
      "n.aa...." },
    { "..aa....", 0, 1, true,
      "nnaa...." },
    { "..aa..bb", 4, 5, true,
      "..aannbb" },
    { "aa....bb", 3, 4, true,
      "aa.nn.bb" },
    { "..aa....", 4, 7, true,
      "..aannnn" },
    { "..aa....", 7, 7, true,
      "..aa...n" },
    /* Overlaps: by one byte at either end, the same, inside, around. */
    { "..aaaa..", 1, 2, false, NULL },
    { "..aaaa..", 5, 6, false, NULL },
    { "..aaaa..", 2, 5, false, NULL },
    { "..aaaa..", 3, 3, false, NULL },
    { "..aaaa..", 0, 7, false, NULL },
    { "aa....bb", 2, 6, false, NULL },
    { "aa....bb", 1, 5, false, NULL },
    { "aa.bb.cc", 2, 5, false, NULL },
};

START_TEST(insert)
{
    const char *before = inserts[_i].before;
    struct swtlb_map *src = from_picture(before), *dst = map_new();
    const struct swtlb_entry new = {
        .gva = BASE + inserts[_i].first,
        .last = BASE + inserts[_i].last,
        .gpa = letter_gpa('n', inserts[_i].first),
        .pin = (struct swtlb_pin *)0x100,
    };

    CHECK_EQ(swtlb_map_overlaps(src, new.gva, new.last), !inserts[_i].fits);

    if ( inserts[_i].fits )
    {
        unsigned int idx;

        swtlb_map_insert(dst, src, &new);
        CHECK_STR(to_picture(dst, strlen(before)), inserts[_i].after);
        CHECK_EQ(dst->nr, src->nr + 1);
        CHECK_STR(to_picture(src, strlen(before)), before);

        idx = swtlb_map_find(dst, new.gva);
        CHECK_EQ(dst->entry[idx].pin, 0x100);
    }

    xfree(src);
    xfree(dst);
}
END_TEST

START_TEST(insert_overlapping_aborts)
{
    const struct swtlb_entry e = { .gva = BASE, .last = BASE };
    struct swtlb_map *src = from_picture("a"), *dst = map_new();

    swtlb_map_insert(dst, src, &e);
}
END_TEST

/* Look up len bytes at gva: n of them have the same fate, that of hit. */
static const struct {
    const char *map;
    unsigned int gva, len;
    unsigned int n;
    char hit;
} lookups[] = {
    { "........", 0, 8,          8, '.' },
    { "..aaaa..", 0, 1,          1, '.' },
    { "..aaaa..", 0, 2,          2, '.' },
    { "..aaaa..", 0, 3,          2, '.' },
    { "..aaaa..", 1, 8,          1, '.' },
    { "..aaaa..", 2, 1,          1, 'a' },
    { "..aaaa..", 2, 4,          4, 'a' },
    { "..aaaa..", 2, 5,          4, 'a' },
    { "..aaaa..", 2, UINT_MAX,   4, 'a' },
    { "..aaaa..", 5, 1,          1, 'a' },
    { "..aaaa..", 5, 2,          1, 'a' },
    { "..aaaa..", 6, 1,          1, '.' },
    { "..aaaa..", 6, UINT_MAX,   UINT_MAX, '.' },
    /* Neighbours are told apart. */
    { "aaabbb..", 1, 5,          2, 'a' },
    { "aaabbb..", 3, 5,          3, 'b' },
    { "aa..bb..", 1, 8,          1, 'a' },
    { "aa..bb..", 2, 8,          2, '.' },
    { "aa..bb..", 5, 8,          1, 'b' },
};

START_TEST(lookup)
{
    struct swtlb_map *map = from_picture(lookups[_i].map);
    const struct swtlb_entry *e = (void *)1;
    unsigned long gva = BASE + lookups[_i].gva;

    CHECK_EQ(swtlb_map_lookup(map, gva, lookups[_i].len, &e), lookups[_i].n);

    if ( lookups[_i].hit == '.' )
        CHECK(e == NULL);
    else
    {
        CHECK(e && e->gva <= gva && gva <= e->last);
        CHECK_EQ(e->gpa >> 16, lookups[_i].hit);
    }

    xfree(map);
}
END_TEST

/* Entries at either end of the address space: nothing may wrap around. */
static const struct {
    unsigned long gva, last;
} ends[] = {
    { 0, 0 },
    { 0, 0xfff },
    { ~0UL, ~0UL },
    { ~0xfffUL, ~0UL },
    { 0, ~0UL },
    { 1, ~0UL },
    { 0, ~1UL },
};

START_TEST(address_space_ends)
{
    struct swtlb_map *empty = map_new(), *map = map_new(), *out = map_new();
    const struct swtlb_entry new = {
        .gva = ends[_i].gva, .last = ends[_i].last, .gpa = 0x5000,
    };
    const struct swtlb_entry *e;
    /* The entry's size, if that fits; else 0, for all of them. */
    unsigned long size = new.last - new.gva + 1;

    swtlb_map_insert(map, empty, &new);

    CHECK_EQ(swtlb_map_overlaps(map, 0, ~0UL), true);
    CHECK_EQ(swtlb_map_overlaps(map, 0, 0), new.gva == 0);
    CHECK_EQ(swtlb_map_overlaps(map, ~0UL, ~0UL), new.last == ~0UL);
    CHECK_EQ(swtlb_map_find(map, ~0UL), new.last != ~0UL);

    /* The first byte, and the last one of which UINT_MAX are wanted. */
    CHECK_EQ(swtlb_map_lookup(map, new.gva, 1, &e), 1);
    CHECK(e == map->entry);
    CHECK_EQ(swtlb_map_lookup(map, new.last, UINT_MAX, &e),
             1);
    CHECK(e == map->entry);
    CHECK_EQ(swtlb_map_lookup(map, new.gva, UINT_MAX, &e),
             size && size < UINT_MAX ? size : UINT_MAX);

    /* Take it away from an end, and by the whole address space. */
    swtlb_map_purge(out, map, new.gva, new.gva);
    CHECK_EQ(out->nr, new.gva != new.last);
    if ( out->nr )
    {
        CHECK_EQ(out->entry[0].gva, new.gva + 1);
        CHECK_EQ(out->entry[0].gpa, 0x5001);
        CHECK_EQ(out->entry[0].last, new.last);
    }
    swtlb_map_purge(out, map, new.last, new.last);
    CHECK_EQ(out->nr, new.gva != new.last);
    if ( out->nr )
        CHECK_EQ(out->entry[0].last, new.last - 1);
    swtlb_map_purge(out, map, 0, ~0UL);
    CHECK_EQ(out->nr, 0);

    xfree(empty);
    xfree(map);
    xfree(out);
}
END_TEST

/*
 * For each number of entries, from each position: entry i has the odd byte
 * 2 * i + 1, and there is a gap before each.
 *
 *     .0.1.2.3 ...
 */
START_TEST(find_every_position)
{
    struct swtlb_map *map = map_new();
    unsigned long gva;

    for ( map->nr = 0; map->nr < MAX; map->nr++ )
    {
        for ( gva = 0; gva < 2 * MAX; gva++ )
        {
            unsigned int expected = gva / 2;

            if ( expected > map->nr )
                expected = map->nr;
            CHECK_EQ(swtlb_map_find(map, gva), expected);
        }

        map->entry[map->nr].gva = 2 * map->nr + 1;
        map->entry[map->nr].last = 2 * map->nr + 1;
    }

    xfree(map);
}
END_TEST

/* At random.  byte[i] is 0, or says which entry has it. */
#define BYTES  96

struct model {
    unsigned int byte[BYTES];
    unsigned int next_id;
};

static unsigned int model_entries(const struct model *m)
{
    unsigned int i, n = 0;

    for ( i = 0; i < BYTES; i++ )
        n += m->byte[i] && (!i || m->byte[i - 1] != m->byte[i]);

    return n;
}

static bool model_overlaps(const struct model *m, unsigned int first,
                           unsigned int last)
{
    while ( first <= last && !m->byte[first] )
        first++;

    return first <= last;
}

static void model_set(struct model *m, unsigned int first, unsigned int last,
                      unsigned int id)
{
    for ( ; first <= last; first++ )
        m->byte[first] = id;
}

/* Each byte, by lookup, and each length from it on. */
static void model_compare(const struct model *m, const struct swtlb_map *map,
                          unsigned long base)
{
    unsigned int i, n;

    CHECK_EQ(map->nr, model_entries(m));

    for ( i = 0; i < BYTES; i++ )
    {
        const struct swtlb_entry *e;

        for ( n = 1; i + n < BYTES && m->byte[i + n] == m->byte[i]; n++ )
            ;
        CHECK_EQ(swtlb_map_lookup(map, base + i, BYTES - i, &e), n);
        CHECK_EQ(swtlb_map_lookup(map, base + i, 1, &e), 1);
        CHECK_EQ(e != NULL, m->byte[i] != 0);
        if ( e )
            CHECK_EQ(e->gpa + (base + i - e->gva),
                     ((paddr_t)m->byte[i] << 16) + i);
    }
}

/* The window of bytes is at the beginning, in the middle and at the end. */
static const unsigned long windows[] = {
    0, 0x7fffffffffc0UL, -(unsigned long)BYTES,
};

START_TEST(random_operations)
{
    unsigned long base = windows[_i];
    uint64_t rnd = unit_seed();
    struct swtlb_map *map = map_new(), *spare = map_new();
    struct model m = { .next_id = 1 };
    unsigned int round;

    for ( round = 0; round < 4000; round++ )
    {
        unsigned int first = unit_random(&rnd) % BYTES;
        unsigned int len = unit_random(&rnd) %
                           (unit_random(&rnd) % 4 ? 8 : BYTES);
        unsigned int last = min_t(unsigned int, first + len, BYTES - 1);
        unsigned int before = map->nr;
        bool overlaps = model_overlaps(&m, first, last);

        CHECK_EQ(swtlb_map_overlaps(map, base + first, base + last),
                 overlaps);

        if ( unit_random(&rnd) % 3 && !overlaps )
        {
            const struct swtlb_entry e = {
                .gva = base + first, .last = base + last,
                .gpa = ((paddr_t)m.next_id << 16) + first,
            };

            swtlb_map_insert(spare, map, &e);
            model_set(&m, first, last, m.next_id++);
        }
        else
        {
            bool splits = swtlb_map_splits(map, base + first, base + last);

            swtlb_map_purge(spare, map, base + first, base + last);
            model_set(&m, first, last, 0);
            CHECK_EQ(splits, spare->nr > before);
        }

        SWAP(map, spare);
        model_compare(&m, map, base);
    }

    xfree(map);
    xfree(spare);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("map");
    TCase *tc = unit_case(s, "cases");

    tcase_add_loop_test(tc, purge, 0, ARRAY_SIZE(purges));
    tcase_add_loop_test(tc, insert, 0, ARRAY_SIZE(inserts));
    tcase_add_test_raise_signal(tc, insert_overlapping_aborts, SIGABRT);
    tcase_add_loop_test(tc, lookup, 0, ARRAY_SIZE(lookups));
    tcase_add_loop_test(tc, address_space_ends, 0, ARRAY_SIZE(ends));
    tcase_add_test(tc, find_every_position);
    tcase_add_loop_test(tc, random_operations, 0, ARRAY_SIZE(windows));

    return s;
}
