/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations that succeed: what they do to which tables, as seen in the
 * tables themselves and by queries.  Sharing, growth, and what must be left
 * over after reset.  The pictures are those of world_tables().
 */

#include "harness/unit.h"

#define ALL  XEN_SWTLB_ALL_VCPUS

/* What is inserted is what is queried; for each kind of caller. */
static const struct {
    uint64_t gva, gpa, size;
    bool only_64;
} ranges[] = {
    { 0x40000, 0x5000, 0x1000 },
    { 0, 0, 1 },
    { 0xfff, 0xfff, 1 },
    { 0x40123, 0x5123, 0x12345 },
    { 0xfffff000, 0x5000, 0x1000 },
    { 0, 0, 0xffffffff },
    { 0x1000, (1UL << 46) - 0x1000, 0x1000 },
    { 0x1fff, (1UL << 46) - 1, 1 },
    { 0x1000, 0x123456789000, 0x1000 },
    { 0x100000000, 0x5000, 0x1000, true },
    { 0xfffff000, 0x5000, 0x2000, true },
    { 0x7ffffffff000, 0x5000, 0x1000, true },
    { 0xffff800000000000, 0, 1UL << 46, true },
    { ~0xfffUL, 0x5000, 0x1000, true },
    { ~0UL, 0xfff, 1, true },
    { 0, 0, 1UL << 46, true },
};

START_TEST(insert_query)
{
    uint64_t gva = ranges[_i].gva, gpa = ranges[_i].gpa;

    /* The domain can address all those that are of interest. */
    dom->maxphysaddr = 47;

    for ( world_caller = 0;
          world_caller < (ranges[_i].only_64 ? CALLER_32 : CALLERS);
          world_caller++ )
    {
        struct xen_swtlb_entry e;

        CHECK_EQ(op_insert(2, gva, gpa, ranges[_i].size), 0);
        CHECK_EQ(get_entry(2, 0, &e), 0);
        CHECK_EQ(e.gva, gva);
        CHECK_EQ(e.gpa, gpa);
        CHECK_EQ(e.size, ranges[_i].size);
        CHECK_EQ(e.flags, 0);
        CHECK_EQ(e.reserved, 0);
        CHECK_EQ(get_entry(2, 1, &e), -ENODATA);
        CHECK_EQ(get_state(2).nr_entries, 1);
        CHECK_EQ(get_state(2).nr_sharers, 1);
        CHECK_EQ(op_purge(2, gva, ranges[_i].size), 0);
        CHECK_EQ(get_state(2).nr_sharers, 0);
        /* A table, two maps and a cache are kept, for what is next. */
        CHECK_EQ(xen_alloc_live(), 4);
        CHECK_EQ(op_purge_all(2), 0);
        CHECK_EQ(xen_alloc_live(), 0);
    }
}
END_TEST

/* Each of the bits of a 32-bit caller's gpa arrives where it belongs. */
START_TEST(gpa_high_bits)
{
    unsigned int bit;

    dom->maxphysaddr = 52;

    for ( world_caller = CALLER_32; world_caller < CALLERS; world_caller++ )
        for ( bit = PAGE_SHIFT; bit < 47; bit++ )
        {
            struct xen_swtlb_entry e;

            CHECK_EQ(op_insert(0, 0x5000, 1UL << bit, 1), 0);
            CHECK_EQ(get_entry(0, 0, &e), 0);
            CHECK_EQ(e.gpa, 1UL << bit);
            CHECK_EQ(op_purge_all(0), 0);
        }
}
END_TEST

START_TEST(entries_in_order)
{
    static const unsigned int order[] = { 5, 1, 9, 0, 7, 3, 2, 8, 6, 4 };
    struct xen_swtlb_entry e;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(order); i++ )
        CHECK_EQ(op_insert(1, order[i] * 0x1000, order[i] * 0x1000, 0x1000),
                 0);

    for ( i = 0; i < ARRAY_SIZE(order); i++ )
    {
        CHECK_EQ(get_entry(1, i, &e), 0);
        CHECK_EQ(e.gva, i * 0x1000);
        CHECK_EQ(e.gpa, i * 0x1000);
    }
}
END_TEST

START_TEST(limits)
{
    static const char *const options[] = {
        "max-entries=1", "max-entries=64", "max-entries=1024",
    };
    static const unsigned int nr[] = { 1, 64, 1024 };
    unsigned int i;

    CHECK_EQ(xen_set_param("swtlb", options[_i]), 0);
    CHECK_EQ(get_limits().abi, XEN_SWTLB_ABI);
    CHECK_EQ(get_limits().flags,
             XEN_SWTLB_FLAG_pinned | XEN_SWTLB_FLAG_space);
    CHECK_EQ(get_limits().max_entries, nr[_i]);
    CHECK_EQ(get_limits().max_pinned, 16 * WORLD_VCPUS);

    /* From top to bottom, so each insertion moves all that there is. */
    for ( i = 0; i < nr[_i]; i++ )
    {
        CHECK_EQ(op_insert(0, 0x1000000 - i * 0x10, 0x5000 - i * 0x10, 8), 0);
        CHECK_EQ(get_state(0).nr_entries, i + 1);
        /* A table, two maps and a cache, however large. */
        CHECK_EQ(xen_alloc_live(), 4);
    }

    CHECK_EQ(op_insert(0, 0x2000000, 0x5000, 1), -ENOSPC);
    /* All of it is there, and all of it goes. */
    for ( i = 0; i < nr[_i]; i++ )
    {
        CHECK_EQ(op_purge(0, 0x1000000 - i * 0x10, 8), 0);
        CHECK_EQ(get_state(0).nr_entries, nr[_i] - i - 1);
    }
    CHECK_EQ(xen_alloc_live(), 4);
    CHECK_EQ(op_purge_all(0), 0);
    CHECK_EQ(xen_alloc_live(), 0);
}
END_TEST

START_TEST(state_of_none)
{
    struct xen_swtlb_state s = get_state(3);

    CHECK_EQ(s.nr_entries, 0);
    CHECK_EQ(s.nr_sharers, 0);
    CHECK_EQ(s.nr_pinned, 0);
    CHECK_EQ(s.flags, 0);
    CHECK_EQ(xen_alloc_live(), 0);
}
END_TEST

START_TEST(stats_of_another)
{
    cpu(2)->swtlb.stats = (struct xen_swtlb_stats){
        .hits = 1, .misses = 2, .faults = 3, .hit_bytes = 4, .miss_bytes = 5,
    };

    CHECK_EQ(get_stats(2).hits, 1);
    CHECK_EQ(get_stats(2).misses, 2);
    CHECK_EQ(get_stats(2).faults, 3);
    CHECK_EQ(get_stats(2).hit_bytes, 4);
    CHECK_EQ(get_stats(2).miss_bytes, 5);
    CHECK_EQ(get_stats(0).hits, 0);
}
END_TEST

/* A query's own copy is not in what it returns, but in the next one's. */
START_TEST(stats_of_oneself)
{
    uint64_t *buf = (uint64_t *)guest_mem(dom, QUERY_GFN << PAGE_SHIFT);

    CHECK_EQ(vcpu_op(VCPUOP_swtlb_query, 0, QUERY_GVA,
                     XEN_SWTLB_QUERY_stats, 0), 0);
    CHECK_EQ(buf[1], 0);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_query, 0, QUERY_GVA,
                     XEN_SWTLB_QUERY_stats, 0), 0);
    CHECK_EQ(buf[1], 1);
    CHECK_EQ(buf[4], 0);
    /* And this by way of an entry. */
    CHECK_EQ(op_insert(0, QUERY_GVA, QUERY_GFN << PAGE_SHIFT, 0x1000), 0);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_query, 0, QUERY_GVA,
                     XEN_SWTLB_QUERY_stats, 0), 0);
    CHECK_EQ(buf[0], 0);
    CHECK_EQ(buf[1], 2);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_query, 0, QUERY_GVA,
                     XEN_SWTLB_QUERY_stats, 0), 0);
    CHECK_EQ(buf[0], 1);
    CHECK_EQ(buf[3], sizeof(struct xen_swtlb_stats));
}
END_TEST

/*
 * Scripts: operations, and what the tables are after the last one.  i is
 * insert, p purge, a purge_all, s share, r vcpu_reset, R domain_reset.
 */
struct step {
    char op;
    unsigned int vcpuid;
    uint64_t gva, gpa, size;
    long rc;
};

static const struct {
    struct step step[8];
    const char *tables;
    unsigned int nr_tables;      /* for which there is memory */
} scripts[] = {
    /* Entries are of one vCPU; the same gva can have different gpas. */
    { { { 'i', 0, 0x1000, 0x1000, 0x1000 }, { 'i', 1, 0x1000, 0x2000, 0x800 },
        { 'i', 3, 0x1000, 0x1000, 0x1000 } },
      "1000+1000>1000 1000+800>2000 - 1000+1000>1000", 3 },
    /* Neighbours stay apart. */
    { { { 'i', 0, 0x1000, 0x1000, 0x1000 },
        { 'i', 0, 0x2000, 0x2000, 0x1000 } },
      "1000+1000>1000,2000+1000>2000 - - -", 1 },
    /* Purge: trimmed at one end, at the other, split, all. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'p', 0, 0, 0, 0x1001 } },
      "1001+fff>5001 - - -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'p', 0, 0x1fff, 0, 0x1000 } },
      "1000+fff>5000 - - -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'p', 0, 0x1800, 0, 1 } },
      "1000+800>5000,1801+7ff>5801 - - -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'p', 0, 0, 0, 0x80000000 } },
      "- - - -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'i', 0, 0x3000, 0x8000, 0x10 },
        { 'p', 0, 0x1800, 0, 0x1808 } },
      "1000+800>5000,3008+8>8008 - - -", 1 },
    /* What was purged can be inserted again. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'p', 0, 0x1800, 0, 1 },
        { 'i', 0, 0x1800, 0x9800, 1 } },
      "1000+800>5000,1800+1>9800,1801+7ff>5801 - - -", 1 },
    /* Of one vCPU, of all. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'i', 1, 0x1000, 0x6000, 0x10 },
        { 'p', 1, 0x1000, 0, 0x1000 } },
      "1000+1000>5000 - - -", 2 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'i', 1, 0x1000, 0x6000, 0x10 },
        { 'i', 3, 0x2000, 0x6000, 0x10 }, { 'p', ALL, 0x1000, 0, 0x800 } },
      "1800+800>5800 - - 2000+10>6000", 3 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'i', 1, 0x1000, 0x6000, 0x800 },
        { 'p', ALL, 0x1400, 0, 0x100 } },
      "1000+400>5000,1500+b00>5500 1000+400>6000,1500+300>6500 - -", 2 },
    /* purge_all: of one, of all, also if only some have any. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'i', 1, 0x1000, 0x6000, 0x10 },
        { 'a', 0 } },
      "- 1000+10>6000 - -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'i', 3, 0x1000, 0x6000, 0x10 },
        { 'a', ALL }, { 'a', ALL } },
      "- - - -", 0 },

    /* Share with one that has entries, or none yet; chains are one table. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 's', 3, 1 } },
      "1000+1000>5000 =0 - =0", 1 },
    { { { 's', 1, 0 }, { 's', 2, 1 }, { 'i', 2, 0x1000, 0x5000, 0x1000 } },
      "1000+1000>5000 =0 =0 -", 1 },
    { { { 's', 3, 2 }, { 'i', 2, 0x1000, 0x5000, 1 },
        { 'i', 3, 0x2000, 0x6000, 1 } },
      "- - 1000+1>5000,2000+1>6000 =2", 1 },
    /* Two pairs. */
    { { { 's', 1, 0 }, { 's', 3, 2 }, { 'i', 1, 0x1000, 0x5000, 1 },
        { 'i', 2, 0x1000, 0x6000, 1 }, { 'p', ALL, 0x1000, 0, 1 },
        { 'i', 3, 0x3000, 0x6000, 1 } },
      "- =0 3000+1>6000 =2", 2 },
    /* A purged range is gone for all, also when it was the last one. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 },
        { 'p', 1, 0x1800, 0, 0x800 } },
      "1000+800>5000 =0 - -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 },
        { 'p', 0, 0, 0, 0x10000 }, { 'i', 1, 0x2000, 0x6000, 1 } },
      "2000+1>6000 =0 - -", 1 },
    /* A domain-wide purge does it once for each table, not for each vCPU. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 's', 2, 0 },
        { 'i', 3, 0x1000, 0x6000, 0x1000 }, { 'p', ALL, 0x1800, 0, 1 } },
      "1000+800>5000,1801+7ff>5801 =0 =0 1000+800>6000,1801+7ff>6801", 2 },
    /* purge_all by one leaves the others', until the last. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 's', 2, 0 },
        { 'a', 0 } },
      "- 1000+1000>5000 =1 -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 'a', 1 },
        { 'i', 1, 0x1000, 0x6000, 1 } },
      "1000+1000>5000 1000+1>6000 - -", 2 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 'a', 1 },
        { 'a', 0 } },
      "- - - -", 0 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 'a', ALL } },
      "- - - -", 0 },
    /* One may share anew, once it has left; also with whom it left. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 'a', 1 },
        { 's', 1, 0 } },
      "1000+1000>5000 =0 - -", 1 },
    /* One whose only entry was purged has no table, and may share. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'i', 1, 0x1000, 0x6000, 1 },
        { 'p', 1, 0x1000, 0, 1 }, { 's', 1, 0 } },
      "1000+1000>5000 =0 - -", 1 },
    /* Left over from a pair, empty: of no use to keep, may share again. */
    { { { 's', 1, 0 }, { 'r', 1 }, { 'i', 2, 0x1000, 0x5000, 1 },
        { 's', 0, 2 } },
      "1000+1>5000 - =0 -", 1 },

    /* A vCPU goes down or is reset: as purge_all, and never an error. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'r', 0 }, { 'r', 0 },
        { 'r', 3 } },
      "- - - -", 0 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 'r', 0 } },
      "- 1000+1000>5000 - -", 1 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 }, { 'r', 1 },
        { 'r', 0 } },
      "- - - -", 0 },
    { { { 's', 1, 0 }, { 'r', 1 }, { 'r', 0 } },
      "- - - -", 0 },
    /* The domain is soft-reset; then it starts anew. */
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 's', 1, 0 },
        { 'i', 3, 0x1000, 0x5000, 1 }, { 'R' }, { 'R' } },
      "- - - -", 0 },
    { { { 'i', 0, 0x1000, 0x5000, 0x1000 }, { 'R' },
        { 'i', 0, 0x1000, 0x6000, 0x1000 } },
      "1000+1000>6000 - - -", 1 },
};

static long do_step(const struct step *step)
{
    switch ( step->op )
    {
    case 'i':
        return op_insert(step->vcpuid, step->gva, step->gpa, step->size);
    case 'p':
        return op_purge(step->vcpuid, step->gva, step->size);
    case 'a':
        return op_purge_all(step->vcpuid);
    case 's':
        return op_share(step->vcpuid, step->gva);
    case 'r':
        swtlb_vcpu_reset(cpu(step->vcpuid));
        return 0;
    case 'R':
        swtlb_domain_reset(dom);
        return 0;
    }

    xen_bug(__FILE__, __LINE__, "step->op is known");
}

/* vCPUs with a table, its own or shared: each has a cache. */
static unsigned int users(void)
{
    unsigned int i, n = 0;

    for ( i = 0; i < WORLD_VCPUS; i++ )
        n += !!cpu(i)->swtlb.table;

    return n;
}

START_TEST(script)
{
    const struct step *step;
    unsigned int caller;

    for ( caller = 0; caller < CALLERS; caller++ )
    {
        unsigned int n = 0;

        world_caller = caller;
        /* The caller's own table, or another's: it makes no difference. */
        as(cpu(caller % 2 ? 3 : 0));

        for ( step = scripts[_i].step; step->op; step++ )
        {
            long rc = do_step(step);

            CHECK_MSG(rc == step->rc, "step %u: %ld, not %ld", n, rc,
                      step->rc);
            n++;
        }

        CHECK_STR(world_tables(), scripts[_i].tables);
        CHECK_EQ(xen_alloc_live(), 3 * scripts[_i].nr_tables + users());
        swtlb_domain_reset(dom);
        CHECK_EQ(xen_alloc_live(), 0);
    }
}
END_TEST

/* Sharers are counted, whoever leaves first. */
START_TEST(sharers)
{
    unsigned int i;

    CHECK_EQ(op_insert(2, 0x1000, 0x1000, 1), 0);
    for ( i = 0; i < WORLD_VCPUS; i++ )
        if ( i != 2 )
            CHECK_EQ(op_share(i, 2), 0);

    for ( i = 0; i < WORLD_VCPUS; i++ )
    {
        CHECK_EQ(get_state(3).nr_entries, 1);
        CHECK_EQ(get_state(3).nr_sharers, WORLD_VCPUS - i);
        CHECK_EQ(op_purge_all(i), 0);
        CHECK_EQ(get_state(i).nr_sharers, 0);
        CHECK_EQ(get_state(i).nr_entries, 0);
    }
}
END_TEST

/* Growth while shared: all see the same, larger map. */
START_TEST(grow_shared)
{
    unsigned int i;

    CHECK_EQ(op_share(1, 0), 0);
    for ( i = 0; i < 40; i++ )
    {
        CHECK_EQ(op_insert(i % 2, 0x10000 + i * 16, 0x5000 + i * 16, 16), 0);
        CHECK(cpu(0)->swtlb.map && cpu(0)->swtlb.map == cpu(1)->swtlb.map);
        CHECK_EQ(cpu(0)->swtlb.map->nr, i + 1);
    }
    CHECK_EQ(xen_alloc_live(), 3 + 2);
}
END_TEST

/* Another domain's tables are another's, of the same vCPU number or not. */
START_TEST(other_domain)
{
    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 0x1000), 0);
    as(dom_other->vcpus[1]);
    CHECK_EQ(op_insert(0, 0x1000, 0x3000, 0x1000), 0);
    CHECK_EQ(op_purge(ALL, 0x1800, 0x10), 0);
    CHECK_STR(world_tables(), "1000+1000>1000 - - -");
    CHECK_EQ(op_purge_all(ALL), 0);
    CHECK_EQ(op_purge_all(ALL), 0);
    CHECK_STR(world_tables(), "1000+1000>1000 - - -");

    CHECK_EQ(op_insert(0, 0x1000, 0x3000, 0x1000), 0);
    swtlb_domain_reset(dom);
    CHECK(dom_other->vcpus[0]->swtlb.map);
}
END_TEST

/* Whatever the domain, the hooks may be called; what they find is nothing. */
START_TEST(hooks_of_pv)
{
    swtlb_vcpu_reset(dom_pv->vcpus[0]);
    swtlb_domain_reset(dom_pv);
    /* A system domain has no vCPUs at all. */
    dom_pv->vcpu = NULL;
    swtlb_domain_reset(dom_pv);
    dom_pv->vcpu = dom_pv->vcpus;
    CHECK_EQ(xen_alloc_live(), 0);
}
END_TEST

START_TEST(copy_for)
{
    swtlb_copy_for(cpu(1));
    CHECK(cpu(0)->swtlb.copy_for == cpu(1));
    swtlb_copy_for(cpu(0));
    CHECK(cpu(0)->swtlb.copy_for == NULL);
    swtlb_copy_for(dom_other->vcpus[0]);
    CHECK(cpu(0)->swtlb.copy_for == dom_other->vcpus[0]);
    swtlb_copy_for(current);
    CHECK(cpu(0)->swtlb.copy_for == NULL);
}
END_TEST

/* A guest can tell whether Xen has taken entries away. */
static uint64_t generation(void)
{
    struct xen_swtlb_generation g = {};

    CHECK_EQ(vcpu_op(VCPUOP_swtlb_query, 3, QUERY_GVA,
                     XEN_SWTLB_QUERY_generation, 0), 0);
    memcpy(&g, guest_mem(dom, QUERY_GFN << PAGE_SHIFT), sizeof(g));

    return g.generation;
}

START_TEST(generations)
{
    uint64_t was = generation(), now;

    /* What it does itself it knows. */
    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 0x1000), 0);
    CHECK_EQ(op_share(1, 0), 0);
    CHECK_EQ(op_purge(ALL, 0x1000, 0x800), 0);
    CHECK_EQ(op_purge_all(ALL), 0);
    CHECK_EQ(generation(), was);

    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 0x1000), 0);
    swtlb_vcpu_reset(cpu(0));
    now = generation();
    CHECK(now != was);
    CHECK_EQ(op_insert(1, 0x1000, 0x1000, 0x1000), 0);
    swtlb_domain_reset(dom);
    CHECK(generation() != now && generation() != was);

    /* Where nothing was nothing is lost. */
    now = generation();
    swtlb_vcpu_reset(cpu(2));
    swtlb_domain_reset(dom);
    CHECK_EQ(generation(), now);

    /* Restored, it is another domain. */
    now = generation();
    world_fini();
    world_init();
    CHECK(generation() >> 32 != now >> 32);
}
END_TEST

/*
 * A vCPU is taken down by another one while it is still at an operation for
 * itself: that is done when it is up again, and until then it has no table.
 */
static unsigned int downs;

static void up_again(void)
{
    CHECK(!cpu(0)->swtlb.table);
    downs++;
    clear_bit(_VPF_down, &cpu(0)->pause_flags);
}

START_TEST(going_down)
{
    downs = 0;
    guest_add_page(dom, 1, p2m_ram_rw);
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        int flag = _i == 1 ? XEN_SWTLB_FLAG_pinned : 0;

        as(cpu(1));
        set_bit(_VPF_down, &cpu(0)->pause_flags);
        swtlb_vcpu_reset(cpu(0));
        /* Others may insert for it: it counts once it is up. */
        CHECK_EQ(op_insert(0, 0x9000, 0x1000, 1), 0);
        CHECK_EQ(op_purge_all(0), 0);

        as(cpu(0));
        world_on_continue = up_again;
        if ( _i < 2 )
            CHECK_EQ(vcpu_op(VCPUOP_swtlb_insert | flag, 0, 0x1000, 0x1000,
                             0x1000), 0);
        else
            CHECK_EQ(_i == 2 ? op_share(0, 2) : op_share(2, 0), 0);
        CHECK_EQ(downs, world_caller + 1);
        CHECK_EQ(get_state(0).nr_sharers, _i < 2 ? 1 : 2);
        CHECK_EQ(get_state(0).nr_pinned, _i == 1);
        CHECK_EQ(op_purge_all(ALL), 0);
    }
}
END_TEST

/*
 * While others have the lock an operation waits, but goes back to the guest if
 * that is needed elsewhere, and then is done once all the same.
 */
static unsigned int asked;

static bool every_third(void)
{
    return !(++asked % 3);
}

static unsigned int relaxed;

static void relax(void)
{
    relaxed++;
}

START_TEST(waits_for_the_lock)
{
    static const char *const tables[] = {
        "1000+1000>1000,2000+1>1000 - - -",
        "1000+1000>1000,2000+1>1000! - - -",
        "1000+800>1000 - - -", "- - - -", "1000+1000>1000 - =0 -",
    };

    guest_add_page(dom, 1, p2m_ram_rw);
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        CHECK_EQ(op_insert(0, 0x1000, 0x1000, 0x1000), 0);
        world_continued = asked = relaxed = 0;
        xen_relax = relax;
        xen_preempt = every_third;
        xen_lock_busy = 7;
        switch ( _i )
        {
        case 0:
            CHECK_EQ(op_insert(0, 0x2000, 0x1000, 1), 0);
            break;
        case 1:
            CHECK_EQ(vcpu_op(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_pinned, 0,
                             0x2000, 0x1000, 1), 0);
            break;
        case 2:
            CHECK_EQ(op_purge(0, 0x1800, 0x800), 0);
            break;
        case 3:
            CHECK_EQ(op_purge_all(0), 0);
            break;
        case 4:
            CHECK_EQ(op_share(2, 0), 0);
            break;
        }
        CHECK_EQ(xen_lock_busy, 0);
        CHECK_EQ(world_continued, 2);
        CHECK_EQ(relaxed, 5);
        xen_preempt = NULL;
        xen_relax = NULL;
        CHECK_STR(world_tables(), tables[_i]);
        CHECK_EQ(get_state(0).nr_pinned, _i == 1);
        CHECK_EQ(op_purge_all(ALL), 0);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("ops");
    TCase *tc = unit_case(s, "ops");

    tcase_add_loop_test(tc, insert_query, 0, ARRAY_SIZE(ranges));
    tcase_add_test(tc, gpa_high_bits);
    tcase_add_test(tc, entries_in_order);
    tcase_add_loop_test(tc, limits, 0, 3);
    tcase_add_test(tc, state_of_none);
    tcase_add_test(tc, stats_of_another);
    tcase_add_test(tc, stats_of_oneself);
    tcase_add_loop_test(tc, script, 0, ARRAY_SIZE(scripts));
    tcase_add_test(tc, sharers);
    tcase_add_test(tc, grow_shared);
    tcase_add_test(tc, other_domain);
    tcase_add_test(tc, hooks_of_pv);
    tcase_add_test(tc, copy_for);
    tcase_add_test(tc, generations);
    tcase_add_loop_test(tc, going_down, 0, 4);
    tcase_add_loop_test(tc, waits_for_the_lock, 0, 5);

    return s;
}
