/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which writes of P2M entries make slots void: those after which a page that
 * may be remembered is not there any more, or not under the same conditions.
 * For entries of either kind, at all levels.
 */

#include "harness/unit.h"

#include <asm/swtlb-p2m.h>

#define MFN    0x12345UL
#define OTHER  0x12346UL

/* What an entry is, in a test's words. */
struct what {
    enum { NONE, TABLE, LEAF } kind;
    p2m_type_t type;
    unsigned long mfn;
    unsigned int access;
    bool recalc;                 /* its type, or that of those below it */
};

static l1_pgentry_t pt(const struct what *w, unsigned int level)
{
    uint64_t flags = w->kind == NONE ? 0 : _PAGE_PRESENT;

    if ( w->kind == LEAF && level > 1 )
        flags |= _PAGE_PSE;
    /* The bit that means 'user', which is what Xen takes for this. */
    if ( w->kind != NONE && !w->recalc )
        flags |= 4;

    return (l1_pgentry_t){ flags | (w->mfn << PAGE_SHIFT) |
                           ((uint64_t)w->type << 52) };
}

static ept_entry_t ept(const struct what *w, unsigned int level)
{
    ept_entry_t e = {
        .mfn = w->mfn, .sa_p2mt = w->type, .access = w->access,
        .recalc = w->recalc, .sp = w->kind == LEAF && level > 0,
        .r = w->kind == TABLE || (w->kind == LEAF && !w->access),
        .emt = w->recalc ? 7 : 6,
        .suppress_ve = 1,
    };

    return w->kind == NONE ? (ept_entry_t){ .suppress_ve = 1 } : e;
}

/*
 * Whether the number changes, for a domain that has entries.  Both kinds agree
 * but for access, which is in EPT entries alone.
 */
static bool voids(const struct what *was, const struct what *is,
                  unsigned int level)
{
    struct p2m_domain p2m = { .domain = dom, .host = true };
    unsigned long before = dom->swtlb.p2m_seq;
    bool by_pt, by_ept;

    swtlb_pt_written(&p2m, pt(was, level + 1), pt(is, level + 1), level + 1);
    by_pt = dom->swtlb.p2m_seq != before;
    before = dom->swtlb.p2m_seq;
    swtlb_ept_written(&p2m, ept(was, level), ept(is, level), level);
    by_ept = dom->swtlb.p2m_seq != before;
    if ( was->access == is->access )
        CHECK_EQ(by_pt, by_ept);

    return by_ept;
}

static void set_up(void)
{
    world_init();
    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 0x1000), 0);
}

static const p2m_type_t types[] = {
    p2m_ram_rw, p2m_ram_logdirty, p2m_ioreq_server, p2m_ram_ro, p2m_mmio_dm,
    p2m_mmio_direct, p2m_grant_map_rw, p2m_map_foreign, p2m_ram_shared,
    p2m_ram_paging_out,
};

static bool is_ram(p2m_type_t type)
{
    return type == p2m_ram_rw || type == p2m_ram_logdirty;
}

/* From each type to each, with the page as it was and another one. */
START_TEST(leaves)
{
    unsigned int i, j, level;

    for ( i = 0; i < ARRAY_SIZE(types); i++ )
        for ( j = 0; j < ARRAY_SIZE(types); j++ )
            for ( level = 0; level < 3; level++ )
            {
                const struct what was = { LEAF, types[i], MFN };
                const struct what same = { LEAF, types[j], MFN };
                const struct what other = { LEAF, types[j], OTHER };
                /* A page of an ioreq server may be found as RAM. */
                bool found = is_ram(types[i]) ||
                             types[i] == p2m_ioreq_server;

                CHECK_EQ(voids(&was, &same, level),
                         found && !(is_ram(types[i]) && is_ram(types[j])));
                CHECK_EQ(voids(&was, &other, level), found);
            }
}
END_TEST

/* What leads to RAM goes, or comes; a superpage is split. */
START_TEST(others)
{
    static const struct what none = { NONE }, table = { TABLE, 0, MFN },
                             elsewhere = { TABLE, 0, OTHER };
    unsigned int i, level;

    for ( i = 0; i < ARRAY_SIZE(types); i++ )
        for ( level = 0; level < 4; level++ )
        {
            const struct what leaf = { LEAF, types[i], MFN };
            bool found = is_ram(types[i]) || types[i] == p2m_ioreq_server;

            CHECK_EQ(voids(&leaf, &none, level), found);
            CHECK(!voids(&none, &leaf, level));
            CHECK(!voids(&none, &none, level));
            if ( !level )
                continue;
            CHECK(!voids(&leaf, &table, level));
            CHECK(!voids(&leaf, &elsewhere, level));
            CHECK(voids(&table, &leaf, level));
            CHECK(voids(&table, &none, level));
            CHECK(voids(&table, &elsewhere, level));
            CHECK(!voids(&table, &table, level));
            CHECK(!voids(&none, &table, level));
        }
}
END_TEST

/* Types that are to be calculated anew, and have been. */
START_TEST(marks)
{
    unsigned int i, level;

    for ( level = 0; level < 4; level++ )
        for ( i = 0; i < 2; i++ )
        {
            struct what was = { i ? LEAF : TABLE, p2m_ram_rw, MFN }, is = was;

            is.recalc = true;
            if ( level || i )
            {
                CHECK(!voids(&was, &is, level));
                CHECK(!voids(&is, &was, level));
            }
            is.mfn = OTHER;
            if ( level || i )
                CHECK(voids(&was, &is, level));
        }
}
END_TEST

/* Introspection: other rights, or none at all, to the same page. */
START_TEST(rights)
{
    const struct what rwx = { LEAF, p2m_ram_rw, MFN },
                      none = { LEAF, p2m_ram_rw, MFN, .access = 7 };

    CHECK(voids(&rwx, &none, 0));
    CHECK(voids(&none, &rwx, 0));
    CHECK(voids(&none, &rwx, 1));
    CHECK(!voids(&none, &none, 0));
}
END_TEST

/* Other P2Ms have no number, nor has a domain that remembers nothing. */
START_TEST(elsewhere)
{
    const struct what was = { LEAF, p2m_ram_rw, MFN }, is = { NONE };
    struct p2m_domain p2m = { .domain = dom };
    unsigned long before = dom->swtlb.p2m_seq;

    swtlb_pt_written(&p2m, pt(&was, 1), pt(&is, 1), 1);
    swtlb_ept_written(&p2m, ept(&was, 0), ept(&is, 0), 0);
    CHECK_EQ(dom->swtlb.p2m_seq, before);
    CHECK(voids(&was, &is, 0));
    CHECK_EQ(op_purge_all(0), 0);
    CHECK(!voids(&was, &is, 0));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("p2m");
    TCase *tc = tcase_create("p2m");

    tcase_add_checked_fixture(tc, set_up, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);

    tcase_add_test(tc, leaves);
    tcase_add_test(tc, others);
    tcase_add_test(tc, marks);
    tcase_add_test(tc, rights);
    tcase_add_test(tc, elsewhere);

    return s;
}
