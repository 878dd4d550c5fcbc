/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every errno of every operation, in the order of the public header, for each
 * kind of caller that can cause it.  A refused call changes nothing.
 *
 * All tests start from this, with at most 4 entries a table:
 *
 *     vCPU 0   10000+2000>10000  20000+1000>13000
 *     vCPU 1   10000+1000>12000, and so has vCPU 2, which shares it
 *     vCPU 3   no table; it is the caller
 */

#include "harness/unit.h"

#define C64   ((1u << CALLER_64) | (1u << CALLER_64_MULTI))
#define C32   ((1u << CALLER_32) | (1u << CALLER_32_MULTI))
#define ANY   (C64 | C32)

#define ALL   XEN_SWTLB_ALL_VCPUS

#define INSERT     VCPUOP_swtlb_insert
#define PURGE      VCPUOP_swtlb_purge
#define PURGE_ALL  VCPUOP_swtlb_purge_all
#define SHARE      VCPUOP_swtlb_share
#define QUERY      VCPUOP_swtlb_query

static void set_up(void)
{
    world_init();
    CHECK_EQ(xen_set_param("swtlb", "max-entries=4"), 0);

    CHECK_EQ(op_insert(0, 0x10000, 0x10000, 0x2000), 0);
    CHECK_EQ(op_insert(0, 0x20000, 0x13000, 0x1000), 0);
    CHECK_EQ(op_insert(1, 0x10000, 0x12000, 0x1000), 0);
    CHECK_EQ(op_share(2, 1), 0);
    CHECK_STR(world_tables(), "10000+2000>10000,20000+1000>13000 "
                              "10000+1000>12000 =1 -");
    as(cpu(3));
}

/* Do it, expect rc, and that nothing changed. */
static void refused(const char *what, long rc, int cmd, unsigned int vcpuid,
                    uint64_t gva, uint64_t gpa, uint64_t size)
{
    static struct snapshot before;
    const char *differs;
    long actual;

    snapshot_take(&before);
    actual = vcpu_op(cmd, vcpuid, gva, gpa, size);
    CHECK_MSG(actual == rc, "%s: cmd %#x as caller %u returns %ld, not %ld",
              what, cmd, world_caller, actual, rc);
    differs = snapshot_differs(&before);
    CHECK_MSG(!differs, "%s: cmd %#x changes: %s", what, cmd, differs);
}

/* A call of each operation which succeeds, for vCPU 0. */
static const struct {
    int cmd;
    uint64_t gva, gpa, size;
    bool all, takes_gva, takes_gpa, takes_size;
} valid[] = {
    { INSERT, 0x40000, 0x5000, 0x1000, false, true, true, true },
    { PURGE, 0x10000, 0, 0x1000, true, true, false, true },
    { PURGE_ALL, 0, 0, 0, true, false, false, false },
    { SHARE, 1, 0, 0, false, true, false, false },
    { QUERY, QUERY_GVA, XEN_SWTLB_QUERY_limits, 0, false, true, true, true },
};

#define REFUSED_VALID(what, rc, cmd, vcpuid) \
    refused(what, rc, cmd, vcpuid, valid[_i].gva, valid[_i].gpa, \
            valid[_i].size)

/* The operations are valid indeed: what the other tests do is at fault. */
START_TEST(common_none)
{
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        /* For share. */
        if ( valid[_i].cmd == SHARE )
            op_purge_all(0);
        CHECK_EQ(vcpu_op(valid[_i].cmd, 0, valid[_i].gva, valid[_i].gpa,
                         valid[_i].size), 0);
        swtlb_domain_reset(dom);
        CHECK_EQ(op_insert(0, 0x10000, 0x10000, 0x2000), 0);
    }
}
END_TEST

START_TEST(common_enosys)
{
    int cmd;

    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
        for ( cmd = VCPUOP_swtlb_strict + 1; cmd <= VCPUOP_SWTLB_LAST; cmd++ )
            refused("reserved", -ENOSYS, cmd, 0, 0, 0, 0);

    /* Before all other errors. */
    refused("flag", -ENOSYS, (VCPUOP_swtlb_strict + 1) | 0x400, 99, 1, 1, 1);
    as(dom_pv->vcpus[0]);
    refused("PV", -ENOSYS, VCPUOP_swtlb_strict + 1, 0, 0, 0, 0);
    CHECK_EQ(xen_set_param("swtlb", "off"), 0);
    refused("off", -ENOSYS, VCPUOP_swtlb_strict + 1, 0, 0, 0, 0);
}
END_TEST

/* What is for others must not end here; if it does, it is unknown. */
START_TEST(common_is_op)
{
    int cmd;

    for ( cmd = 0; cmd < 256; cmd++ )
    {
        CHECK_EQ(swtlb_is_op(cmd), cmd >= 0x80 && cmd <= 0x8f);
        CHECK_EQ(swtlb_is_op(cmd | (int)0xffffff00), swtlb_is_op(cmd));
        if ( !swtlb_is_op(cmd) )
            CHECK_EQ(do_swtlb_op(cmd, 0, 0), -ENOSYS);
    }
}
END_TEST

START_TEST(common_eopnotsupp)
{
    /* Before an unknown vCPU, and an unknown flag. */
    as(dom_pv->vcpus[0]);
    REFUSED_VALID("PV", -EOPNOTSUPP, valid[_i].cmd, 0);
    REFUSED_VALID("PV", -EOPNOTSUPP, valid[_i].cmd | 0x400, 99);

    as(cpu(3));
    CHECK_EQ(xen_set_param("swtlb", "off"), 0);
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        REFUSED_VALID("off", -EOPNOTSUPP, valid[_i].cmd, 0);
        REFUSED_VALID("off", -EOPNOTSUPP, valid[_i].cmd | 0x400, 99);
    }
}
END_TEST

START_TEST(common_enoent)
{
    static const unsigned int unknown[] = {
        WORLD_VCPUS, 99, INT_MAX, 0x80000000u, ALL - 1,
    };
    unsigned int i;

    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        for ( i = 0; i < ARRAY_SIZE(unknown); i++ )
        {
            REFUSED_VALID("unknown", -ENOENT, valid[_i].cmd, unknown[i]);
            /* Before an unknown flag. */
            REFUSED_VALID("unknown", -ENOENT, valid[_i].cmd | 0x400,
                          unknown[i]);
        }

        if ( !valid[_i].all )
            REFUSED_VALID("all", -ENOENT, valid[_i].cmd, ALL);
    }

    /* One which only another domain has. */
    as(dom_other->vcpus[0]);
    REFUSED_VALID("another's", -ENOENT, valid[_i].cmd, 2);
}
END_TEST

/* Each bit of cmd that is not of the operation's number. */
START_TEST(common_einval_cmd)
{
    unsigned int bit;

    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
        for ( bit = 8; bit < 32; bit++ )
        {
            /* Those are bits 46:32 of the gpa. */
            if ( valid[_i].cmd == INSERT && world_caller >= CALLER_32 &&
                 bit >= XEN_SWTLB_GPA_HI_SHIFT && bit != 31 )
                continue;

            /* And these are flags that there are. */
            if ( valid[_i].cmd == INSERT &&
                 ((1u << bit) &
                  (XEN_SWTLB_FLAG_pinned | XEN_SWTLB_FLAG_space)) )
                continue;

            REFUSED_VALID("bit", -EINVAL, valid[_i].cmd | (int)(1u << bit), 0);
        }
}
END_TEST

START_TEST(common_einval_args)
{
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        unsigned int vcpuid = valid[_i].all ? ALL : 0;
        unsigned int bit;

        for ( bit = 0; bit < (world_caller < CALLER_32 ? 64 : 32); bit++ )
        {
            unsigned long n = 1UL << bit;
            int cmd = valid[_i].cmd;

            if ( !valid[_i].takes_gva )
                refused("gva", -EINVAL, cmd, vcpuid, n, valid[_i].gpa,
                        valid[_i].size);
            if ( !valid[_i].takes_gpa )
                refused("gpa", -EINVAL, cmd, vcpuid, valid[_i].gva, n,
                        valid[_i].size);
            if ( !valid[_i].takes_size )
                refused("size", -EINVAL, cmd, vcpuid, valid[_i].gva,
                        valid[_i].gpa, n);
        }
    }
}
END_TEST

#define G4    0x100000000UL
#define HOLE  0x0000800000000000UL
#define HIGH  0xffff800000000000UL
#define ADDR  (1UL << 46)        /* the first that a domain cannot address */

static const struct {
    const char *what;
    unsigned int callers;
    int rc;
    int cmd;
    unsigned int vcpuid;
    uint64_t gva, gpa, size;
} cases[] = {
    { "size 0", ANY, -EINVAL, INSERT, 0, 0x40000, 0x5000, 0 },
    { "size 0 in an entry", ANY, -EINVAL, INSERT, 0, 0x10000, 0x5000, 0 },
    { "gva by 1", ANY, -EINVAL, INSERT, 0, 0x40001, 0x5000, 0x1000 },
    { "gpa by 1", ANY, -EINVAL, INSERT, 0, 0x40000, 0x5001, 0x1000 },
    { "gpa by 2048", ANY, -EINVAL, INSERT, 0, 0x40000, 0x5800, 1 },
    { "one byte", ANY, -EINVAL, INSERT, 0, 0x40fff, 0x5ffe, 1 },

    { "wraps by 1", C64, -ERANGE, INSERT, 0, ~0xfffUL, 0x5000, 0x1001 },
    { "wraps from 1", C64, -ERANGE, INSERT, 0, 1, 0x5001, ~0UL },
    { "all", C64, -ERANGE, INSERT, 0, 0, 0x5000, ~0UL },
    { "hole", C64, -ERANGE, INSERT, 0, HOLE, 0x5000, 0x1000 },
    { "end of the hole", C64, -ERANGE, INSERT, 0, HIGH - 1, 0x5fff, 1 },
    { "into the hole", C64, -ERANGE, INSERT, 0, HOLE - 0x1000, 0x5000,
      0x1001 },
    { "out of the hole", C64, -ERANGE, INSERT, 0, HIGH - 0x1000, 0x5000,
      0x1001 },
    { "across", C64, -ERANGE, INSERT, 0, HOLE - 1, 0x5fff, HIGH - HOLE + 2 },
    { "across all", C64, -ERANGE, INSERT, 0, 0x10, 0x10, ~0UL - 0x10 },
    { "4 GiB by 1", C32, -ERANGE, INSERT, 0, 0xfffff000, 0x5000, 0x1001 },
    { "4 GiB by much", C32, -ERANGE, INSERT, 0, 0x1000, 0x5000, 0xfffff001 },

    { "gpa wraps", C64, -ENXIO, INSERT, 0, 0x40000, ~0xfffUL, 0x1001 },
    { "gpa beyond", C64, -ENXIO, INSERT, 0, 0x40000, ADDR, 1 },
    { "gpa ends beyond", C64, -ENXIO, INSERT, 0, 0x40000, ADDR - 0x1000,
      0x1001 },
    { "highest gpa", C64, -ENXIO, INSERT, 0, 0x40fff, ~0UL, 1 },
    { "gpa beyond", C32, -ENXIO, INSERT | XEN_SWTLB_GPA_HI(ADDR), 0, 0x40000,
      0, 1 },
    { "gpa ends beyond", C32, -ENXIO,
      INSERT | XEN_SWTLB_GPA_HI(ADDR - 0x1000), 0, 0x40000, 0xfffff000,
      0x1001 },
    { "highest gpa", C32, -ENXIO, INSERT | XEN_SWTLB_GPA_HI_MASK, 0, 0x40fff,
      0xffffffff, 1 },

    /*
     * .aaaaaaaa....bbbb.
     */
    { "the same", ANY, -EEXIST, INSERT, 0, 0x10000, 0x10000, 0x2000 },
    { "first byte", ANY, -EEXIST, INSERT, 0, 0x10000, 0x5000, 1 },
    { "last byte", ANY, -EEXIST, INSERT, 0, 0x11fff, 0x5fff, 1 },
    { "up to first", ANY, -EEXIST, INSERT, 0, 0xf000, 0x5000, 0x1001 },
    { "from last on", ANY, -EEXIST, INSERT, 0, 0x11fff, 0x5fff, 0x1000 },
    { "both", ANY, -EEXIST, INSERT, 0, 0x11fff, 0x5fff, 0xe002 },
    { "around", ANY, -EEXIST, INSERT, 0, 0x1000, 0x1000, 0x80000 },
    { "shared", ANY, -EEXIST, INSERT, 1, 0x10fff, 0x5fff, 1 },
    { "shared", ANY, -EEXIST, INSERT, 2, 0x10fff, 0x5fff, 1 },

    { "size 0", ANY, -EINVAL, PURGE, 0, 0x10000, 0, 0 },
    { "size 0, all", ANY, -EINVAL, PURGE, ALL, 0x10000, 0, 0 },
    { "wraps", C64, -ERANGE, PURGE, 0, 0x10000, 0, ~0UL },
    { "wraps by 1", C64, -ERANGE, PURGE, ALL, ~0xfffUL, 0, 0x1001 },
    { "hole", C64, -ERANGE, PURGE, ALL, HOLE, 0, 1 },
    { "across", C64, -ERANGE, PURGE, 0, 0, 0, ~0UL },
    { "4 GiB by 1", C32, -ERANGE, PURGE, 0, 0x10000, 0, 0xffff0001 },

    /* What is not there: no error, and nothing changes. */
    { "before", ANY, 0, PURGE, 0, 0, 0, 0x10000 },
    { "between", ANY, 0, PURGE, 0, 0x12000, 0, 0xe000 },
    { "behind", ANY, 0, PURGE, 0, 0x21000, 0, 0x1000 },
    { "behind", C64, 0, PURGE, 0, HIGH, 0, -HIGH },
    { "behind", C32, 0, PURGE, 0, 0x21000, 0, G4 - 0x21000 },
    { "only in others", ANY, 0, PURGE, 1, 0x11000, 0, 0x80000 },
    { "no table", ANY, 0, PURGE, 3, 0x10000, 0, 0x1000 },
    { "in none", ANY, 0, PURGE, ALL, 0x12000, 0, 0xe000 },

    { "no table", ANY, 0, PURGE_ALL, 3, 0, 0, 0 },

    { "unknown", ANY, -ENOENT, SHARE, 3, WORLD_VCPUS, 0, 0 },
    { "all", ANY, -ENOENT, SHARE, 3, ALL, 0, 0 },
    { "high bits", C64, -ENOENT, SHARE, 3, G4, 0, 0 },
    { "high bits", C64, -ENOENT, SHARE, 3, G4 + 1, 0, 0 },
    { "itself", ANY, -EINVAL, SHARE, 3, 3, 0, 0 },
    { "itself", ANY, -EINVAL, SHARE, 0, 0, 0, 0 },
    { "has entries", ANY, -EEXIST, SHARE, 0, 3, 0, 0 },
    { "has entries", ANY, -EEXIST, SHARE, 0, 1, 0, 0 },
    { "shares", ANY, -EEXIST, SHARE, 1, 3, 0, 0 },
    { "shares", ANY, -EEXIST, SHARE, 2, 0, 0, 0 },
    { "the same again", ANY, -EEXIST, SHARE, 2, 1, 0, 0 },
    { "the same again", ANY, -EEXIST, SHARE, 1, 2, 0, 0 },

    { "selector", ANY, -EINVAL, QUERY, 0, QUERY_GVA, 5, 0 },
    { "selector", C64, -EINVAL, QUERY, 0, QUERY_GVA, G4, 0 },
    { "selector", C64, -EINVAL, QUERY, 0, QUERY_GVA, ~0UL, 0 },
    { "limits, index", ANY, -EINVAL, QUERY, 0, QUERY_GVA, 0, 1 },
    { "state, index", ANY, -EINVAL, QUERY, 0, QUERY_GVA, 1, 1 },
    { "stats, index", ANY, -EINVAL, QUERY, 0, QUERY_GVA, 2, 0x80000000 },
    { "generation, index", ANY, -EINVAL, QUERY, 0, QUERY_GVA, 4, 1 },
    { "index", ANY, -ENODATA, QUERY, 0, QUERY_GVA, 3, 2 },
    { "index", ANY, -ENODATA, QUERY, 0, QUERY_GVA, 3, 0xffffffff },
    { "index", C64, -ENODATA, QUERY, 0, QUERY_GVA, 3, G4 },
    { "index", C64, -ENODATA, QUERY, 0, QUERY_GVA, 3, ~0UL },
    { "no table", ANY, -ENODATA, QUERY, 3, QUERY_GVA, 3, 0 },
    /* No buffer is needed to be refused. */
    { "no buffer", ANY, -ENODATA, QUERY, 3, 0, 3, 0 },
};

START_TEST(one_operation)
{
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
        if ( cases[_i].callers & (1u << world_caller) )
            refused(cases[_i].what, cases[_i].rc, cases[_i].cmd,
                    cases[_i].vcpuid, cases[_i].gva, cases[_i].gpa,
                    cases[_i].size);
}
END_TEST

/* The copy is made, fails, and is counted as any other. */
START_TEST(query_efault)
{
    struct xen_swtlb_stats stats = { .misses = 1, .faults = 1 };

    guest_add_page(dom, 0x30, p2m_ram_rw);
    guest_map(&dom->tables, 0x30000, 0x30, false);

    CHECK_EQ(vcpu_op(QUERY, 0, 0x999000, XEN_SWTLB_QUERY_limits, 0),
             -EFAULT);
    CHECK(!memcmp(&cpu(3)->swtlb.stats, &stats, sizeof(stats)));
    /* Mapped, but not writable. */
    CHECK_EQ(vcpu_op(QUERY, 0, 0x30000, XEN_SWTLB_QUERY_state, 0), -EFAULT);
    CHECK_EQ(vcpu_op(QUERY, 0, 0x30000, XEN_SWTLB_QUERY_stats, 0), -EFAULT);
    CHECK_EQ(vcpu_op(QUERY, 0, 0x30000, XEN_SWTLB_QUERY_entry, 0), -EFAULT);
}
END_TEST

START_TEST(insert_enospc)
{
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        CHECK_EQ(op_insert(0, 0x40000, 0x5000, 1), 0);
        CHECK_EQ(op_insert(0, 0x41000, 0x5000, 1), 0);
        refused("fifth", -ENOSPC, INSERT, 0, 0x42000, 0x5000, 1);
        refused("overlaps", -EEXIST, INSERT, 0, 0x41000, 0x5000, 1);
        /* Others have tables of their own. */
        CHECK_EQ(op_insert(3, 0x42000, 0x5000, 1), 0);

        CHECK_EQ(op_purge(0, 0x40000, 0x2000), 0);
        CHECK_EQ(op_purge_all(3), 0);
    }
}
END_TEST

/*
 *     vCPU 0      aaaaaaaa...bbbb.c.d    a hole in a would make five
 *     vCPUs 1, 2  aaaa...............    no problem; but it is all or none
 */
START_TEST(purge_enospc)
{
    for ( world_caller = 0; world_caller < CALLERS; world_caller++ )
    {
        CHECK_EQ(op_insert(0, 0x40000, 0x5000, 1), 0);
        CHECK_EQ(op_insert(0, 0x41000, 0x5000, 1), 0);

        refused("split", -ENOSPC, PURGE, 0, 0x10800, 0, 0x100);
        refused("split one of all", -ENOSPC, PURGE, ALL, 0x10800, 0, 0x100);
        refused("first but one", -ENOSPC, PURGE, 0, 0x10001, 0, 1);
        refused("last but one", -ENOSPC, PURGE, ALL, 0x11ffe, 0, 1);

        /* No split: always possible. */
        CHECK_EQ(op_purge(0, 0x10000, 0x100), 0);
        CHECK_EQ(op_purge(0, 0x11f00, 0x100), 0);
        CHECK_EQ(op_purge(0, 0x11000, 0xf100), 0);
        CHECK_STR(world_tables(),
                  "10100+f00>10100,20100+f00>13100,40000+1>5000,41000+1>5000 "
                  "10000+1000>12000 =1 -");

        CHECK_EQ(op_purge_all(0), 0);
        CHECK_EQ(op_insert(0, 0x10000, 0x10000, 0x2000), 0);
        CHECK_EQ(op_insert(0, 0x20000, 0x13000, 0x1000), 0);
    }
}
END_TEST

/*
 * Fail each allocation of a call in turn, until there is none left to fail.
 * Returns how many there are.
 */
static unsigned int each_enomem(int cmd, unsigned int vcpuid, uint64_t gva,
                                uint64_t gpa, uint64_t size)
{
    unsigned int n;
    long rc;

    for ( n = 1; ; n++ )
    {
        static struct snapshot before;

        snapshot_take(&before);
        xen_alloc_fail(n);
        rc = vcpu_op(cmd, vcpuid, gva, gpa, size);
        if ( xen_alloc_fail_pending() )
            break;

        CHECK_EQ(rc, -ENOMEM);
        CHECK_MSG(!snapshot_differs(&before), "allocation %u: %s changed", n,
                  snapshot_differs(&before));
    }

    xen_alloc_fail(0);
    CHECK_EQ(rc, 0);

    return n - 1;
}

/* Sharing begins before the first entry, and outlasts the last one. */
START_TEST(share_eexist_without_entries)
{
    CHECK_EQ(op_purge(1, 0x10000, 0x1000), 0);
    refused("shares", -EEXIST, SHARE, 1, 3, 0, 0);
    refused("shares", -EEXIST, SHARE, 2, 0, 0, 0);
    refused("the same again", -EEXIST, SHARE, 2, 1, 0, 0);
}
END_TEST

/* A table is of three blocks, and the vCPU has one more. */
START_TEST(insert_enomem)
{
    CHECK_EQ(each_enomem(INSERT, 3, 0x40000, 0x5000, 1), 4);
    CHECK_EQ(each_enomem(INSERT, 3, 0x41000, 0x5000, 1), 0);
}
END_TEST

START_TEST(share_enomem)
{
    /* Neither has a table, then one of them has one that is empty. */
    CHECK_EQ(op_purge_all(0), 0);
    CHECK_EQ(each_enomem(SHARE, 3, 0, 0, 0), 5);
    CHECK_EQ(op_purge(1, 0x10000, 0x1000), 0);
    CHECK_STR(world_tables(), "- - =1 =0");
}
END_TEST

/* Fill vCPU's table up to its capacity, which is below the limit. */
static void fill(unsigned int vcpuid)
{
    unsigned int i;

    CHECK_EQ(xen_set_param("swtlb", "max-entries=64"), 0);
    CHECK_EQ(op_insert(vcpuid, 0x100000, 0x5000, 0x10), 0);

    for ( i = get_state(vcpuid).nr_entries; i < 8; i++ )
        CHECK_EQ(op_insert(vcpuid, 0x100000 + i * 0x100,
                           0x5000 + i * 0x100, 0x10), 0);
}

START_TEST(grow_enomem)
{
    swtlb_domain_reset(dom);
    fill(0);
    CHECK_EQ(each_enomem(INSERT, 0, 0x40000, 0x5000, 1), 2);
}
END_TEST

START_TEST(purge_enomem)
{
    swtlb_domain_reset(dom);
    fill(0);
    CHECK_EQ(each_enomem(PURGE, 0, 0x100008, 0, 1), 2);
}
END_TEST

/* Two tables split; the first one has got its memory when the second fails. */
START_TEST(purge_all_tables_enomem)
{
    swtlb_domain_reset(dom);
    fill(0);
    fill(2);
    CHECK_EQ(op_share(3, 2), 0);
    CHECK_EQ(op_share(1, 0), 0);
    /* The first succeeds at the third try and need not grow again. */
    CHECK_EQ(each_enomem(PURGE, ALL, 0x100008, 0, 1), 3);
    CHECK_EQ(get_state(0).nr_entries, 9);
    CHECK_EQ(get_state(2).nr_entries, 9);
}
END_TEST

/*
 * Sharing a table without entries is a state, too, which purge_all ends.  As
 * it changes something, it must not return an error.
 */
START_TEST(purge_all_of_empty_shared)
{
    CHECK_EQ(op_purge(1, 0x10000, 0x1000), 0);
    CHECK_EQ(get_state(2).nr_sharers, 2);

    /* For all, vCPUs 0 and 3 would have nothing to remove. */
    CHECK_EQ(op_purge_all(0), 0);
    CHECK_EQ(op_purge_all(_i ? 2 : ALL), 0);
    CHECK_EQ(get_state(2).nr_sharers, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("errors");
    TCase *tc = tcase_create("errors");

    tcase_add_checked_fixture(tc, set_up, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);

    tcase_add_loop_test(tc, common_none, 0, ARRAY_SIZE(valid));
    tcase_add_test(tc, common_enosys);
    tcase_add_test(tc, common_is_op);
    tcase_add_loop_test(tc, common_eopnotsupp, 0, ARRAY_SIZE(valid));
    tcase_add_loop_test(tc, common_enoent, 0, ARRAY_SIZE(valid));
    tcase_add_loop_test(tc, common_einval_cmd, 0, ARRAY_SIZE(valid));
    tcase_add_loop_test(tc, common_einval_args, 0, ARRAY_SIZE(valid));
    tcase_add_loop_test(tc, one_operation, 0, ARRAY_SIZE(cases));
    tcase_add_test(tc, query_efault);
    tcase_add_test(tc, insert_enospc);
    tcase_add_test(tc, purge_enospc);
    tcase_add_test(tc, share_eexist_without_entries);
    tcase_add_test(tc, insert_enomem);
    tcase_add_test(tc, share_enomem);
    tcase_add_test(tc, grow_enomem);
    tcase_add_test(tc, purge_enomem);
    tcase_add_test(tc, purge_all_tables_enomem);
    tcase_add_loop_test(tc, purge_all_of_empty_shared, 0, 2);

    return s;
}
