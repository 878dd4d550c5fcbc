/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Save and restore: what a strict domain had it has again, a usual one takes
 * nothing along, and whatever is wrong with a record is refused.
 *
 * Most tests start from this, at most 8 entries a table:
 *
 *     vCPU 0   200000+3000>20000 pinned, 300000+1000>11000, the last page of
 *              all for its address space
 *     vCPU 1   shares it
 *     vCPU 2   200000+800>13000
 *     vCPU 3   none
 */

#include "harness/unit.h"
#include "harness/save.h"

#include <public/arch-x86/hvm/save-swtlb.h>

#define ALL    XEN_SWTLB_ALL_VCPUS
#define GVA    0x200000UL
#define GFN    0x10UL
#define GPA    (GFN << PAGE_SHIFT)
#define PAGES  20
#define END    0xfffffffffffff000UL
#define CR3    0x12345000UL

#define MAX    8
#define RECORD(nr) \
    (sizeof(struct hvm_save_descriptor) + offsetof(struct hvm_swtlb, \
                                                   entries[nr]))

static const char tables[] =
    "200000+3000>20000!,300000+1000>11000,fffffffffffff000+1000>12000 =0 "
    "200000+800>13000 -";

/* The records, and where each vCPU's begins. */
static uint8_t saved[WORLD_VCPUS * RECORD(MAX)];
static size_t at[WORLD_VCPUS], length;

static void set_up_world(void)
{
    unsigned int i;

    world_init();
    CHECK_EQ(xen_set_param("swtlb", "max-entries=8"), 0);
    xen_run_initcalls();
    for ( i = 0; i < PAGES; i++ )
        guest_add_page(dom, GFN + i, p2m_ram_rw);
    cpu(0)->arch.hvm.guest_cr[3] = CR3;
}

/* From here on a toolstack acts, on a vCPU with 32-bit registers. */
static void as_toolstack(void)
{
    as(dom_other->vcpus[1]);
    current->hcall_compat = true;
}

static void save(void)
{
    unsigned int i;

    as_toolstack();
    length = save_domain(dom, saved);
    CHECK_EQ(length, RECORD(3) + RECORD(0) + RECORD(1) + RECORD(0));
    for ( i = 1; i < WORLD_VCPUS; i++ )
    {
        struct hvm_save_descriptor desc;

        memcpy(&desc, saved + at[i - 1], sizeof(desc));
        CHECK_EQ(desc.typecode, SWTLB_CODE);
        CHECK_EQ(desc.instance, i - 1);
        at[i] = at[i - 1] + sizeof(desc) + desc.length;
    }
}

static void strict(void)
{
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_strict, ALL, 0, 0, 0), 0);
}

/* The domain as above is saved, and is one without entries. */
static void set_up(void)
{
    set_up_world();
    CHECK_EQ(op_pin(0, GVA, GPA + 16 * PAGE_SIZE, 3 * PAGE_SIZE), 0);
    CHECK_EQ(op_insert(0, 0x300000, GPA + PAGE_SIZE, PAGE_SIZE), 0);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_space, 0, END,
                     GPA + 2 * PAGE_SIZE, PAGE_SIZE), 0);
    CHECK_EQ(op_share(1, 0), 0);
    CHECK_EQ(op_insert(2, GVA, GPA + 3 * PAGE_SIZE, 0x800), 0);
    strict();
    CHECK_STR(world_tables(), tables);
    cpu(0)->swtlb.stats.hits = 4711;
    cpu(3)->swtlb.stats.refused = 815;
    save();
    swtlb_domain_reset(dom);
    CHECK_STR(world_tables(), "- - - -");
    CHECK_EQ(dom->swtlb.nr_pinned, 0);
    CHECK(!dom->swtlb.strict);
}

static long load(bool check_first)
{
    return load_domain(dom, saved, length, check_first);
}

/* Expect rc, and that nothing changed. */
static void refused(const char *what, long rc, bool check_first)
{
    static struct snapshot before;
    uint64_t generation = dom->swtlb.generation;
    bool strict = dom->swtlb.strict;
    const char *differs;
    long actual;

    snapshot_take(&before);
    actual = load(check_first);
    CHECK_MSG(actual == rc, "%s: %ld, not %ld", what, actual, rc);
    differs = snapshot_differs(&before);
    CHECK_MSG(!differs, "%s changes: %s", what, differs);
    CHECK_EQ(dom->swtlb.generation, generation);
    CHECK_EQ(dom->swtlb.strict, strict);
}

static void check_restored(void)
{
    uint8_t buf[8];
    unsigned int i;

    CHECK_STR(world_tables(), tables);
    CHECK_EQ(dom->swtlb.nr_pinned, 3);
    for ( i = 16; i < 19; i++ )
    {
        CHECK_EQ(page_refs(guest_page(dom, GFN + i)), 1);
        CHECK_EQ(guest_page(dom, GFN + i)->types, 1);
    }
    CHECK(dom->swtlb.strict);
    CHECK_EQ(cpu(0)->swtlb.stats.hits, 4711);
    CHECK_EQ(cpu(3)->swtlb.stats.refused, 815);

    /* They work, and nothing else does. */
    as(cpu(1));
    cpu(1)->arch.hvm.guest_cr[3] = CR3;
    CHECK_EQ(vcpu_copy(FROM, buf, GVA + 0x2ff8, 8), 0);
    CHECK_EQ(buf[7], guest_pattern(dom, GPA + 0x12fff));
    CHECK_EQ(vcpu_copy(FROM, buf, END, 8), 0);
    CHECK_EQ(buf[0], guest_pattern(dom, GPA + 0x2000));
    cpu(1)->arch.hvm.guest_cr[3] = CR3 + PAGE_SIZE;
    CHECK_EQ(vcpu_copy(FROM, buf, END, 8), 8);
    as(cpu(3));
    CHECK_EQ(vcpu_copy(FROM, buf, GVA, 8), 8);
    for ( i = 0; i < WORLD_VCPUS; i++ )
        CHECK_EQ(cpu(i)->walks, 0);
}

START_TEST(usual)
{
    CHECK_EQ(op_pin(0, GVA, GPA, PAGE_SIZE), 0);
    CHECK_EQ(op_share(1, 0), 0);
    as_toolstack();
    CHECK_EQ(save_domain(dom, saved), 0);
    CHECK_EQ(save_vcpu(cpu(0), saved), 0);
    CHECK_EQ(load_domain(dom, saved, 0, true), 0);
    CHECK_STR(world_tables(), "200000+1000>10000! =0 - -");
    CHECK(!dom->swtlb.strict);
}
END_TEST

START_TEST(round_trip)
{
    uint64_t generation = dom->swtlb.generation;
    struct hvm_swtlb head;

    memcpy(&head, saved + sizeof(struct hvm_save_descriptor), sizeof(head));
    CHECK(head.generation != generation);
    CHECK_EQ(load(_i), 0);
    CHECK_EQ(dom->swtlb.generation, head.generation);
    check_restored();

    /* Saved once more it is the same, but for what was counted since. */
    cpu(1)->swtlb.stats = (struct xen_swtlb_stats){};
    cpu(3)->swtlb.stats = (struct xen_swtlb_stats){ .refused = 815 };
    as_toolstack();
    {
        uint8_t again[sizeof(saved)];

        CHECK_EQ(save_domain(dom, again), length);
        CHECK(!memcmp(again, saved, length));
    }
}
END_TEST

/* Into a domain that has entries: these go. */
START_TEST(replaces)
{
    as(cpu(0));
    CHECK_EQ(op_pin(3, GVA, GPA, 4 * PAGE_SIZE), 0);
    CHECK_EQ(op_share(0, 3), 0);
    CHECK_EQ(op_share(1, 2), 0);
    as_toolstack();
    CHECK_EQ(load(_i), 0);
    check_restored();
}
END_TEST

/* What a toolstack asks of a vCPU while the others run. */
START_TEST(one_vcpu)
{
    uint8_t one[RECORD(MAX)];
    unsigned int i;

    CHECK_EQ(load(true), 0);
    for ( i = 0; i < WORLD_VCPUS; i++ )
    {
        size_t end = i + 1 < WORLD_VCPUS ? at[i + 1] : length;

        CHECK_EQ(save_vcpu(cpu(i), one), end - at[i]);
        CHECK(!memcmp(one, saved + at[i], end - at[i]));
    }
}
END_TEST

/* What is reserved is just enough for a full table. */
START_TEST(full)
{
    unsigned int i;

    CHECK_EQ(save_size(), RECORD(MAX));
    for ( i = 0; i < MAX; i++ )
        CHECK_EQ(op_insert(2, GVA + i * PAGE_SIZE, GPA, PAGE_SIZE), 0);
    strict();
    as_toolstack();
    length = save_domain(dom, saved);
    CHECK_EQ(length, 3 * RECORD(0) + RECORD(MAX));
    swtlb_domain_reset(dom);
    CHECK_EQ(load(_i), 0);
    CHECK_EQ(cpu(2)->swtlb.map->nr, MAX);

    /* A host that allows less. */
    swtlb_domain_reset(dom);
    CHECK_EQ(xen_set_param("swtlb", "max-entries=7"), 0);
    xen_console_clear();
    CHECK_EQ(load(_i), -ENOSPC);
    CHECK(strstr(xen_console(), "d0v2 has 8 entries in its software TLB, not "
                                "7\n"));
    CHECK_STR(world_tables(), "- - - -");
}
END_TEST

/* A host without, for this domain. */
static const char *const off[] = { "off", "hwdom-only" };

START_TEST(turned_off)
{
    CHECK_EQ(xen_set_param("swtlb", off[_i]), 0);
    dom->hardware = false;
    xen_console_clear();
    refused(off[_i], -EOPNOTSUPP, true);
    refused(off[_i], -EOPNOTSUPP, false);
    CHECK(strstr(xen_console(), "d0 was strict: not without a software TLB, "
                                "which is off\n"));
}
END_TEST

/* vCPU 0's record with something else in it. */
#define OF_DESC(field)  offsetof(struct hvm_save_descriptor, field)
#define OF_HEAD(field) \
    (sizeof(struct hvm_save_descriptor) + offsetof(struct hvm_swtlb, field))
#define OF_ENTRY(n, field)  OF_HEAD(entries[n].field)

static const struct {
    const char *what;
    long rc;
    size_t offset;
    unsigned int size;
    uint64_t value;
} malformed[] = {
    { "vCPU", -ENOENT, OF_DESC(instance), 2, WORLD_VCPUS },
    { "vCPU", -ENOENT, OF_DESC(instance), 2, 0xffff },
    { "too short", -EINVAL, OF_DESC(length), 4, RECORD(0) - 8 - 1 },
    { "empty", -EINVAL, OF_DESC(length), 4, 0 },
    { "an entry less", -EINVAL, OF_DESC(length), 4, RECORD(2) - 8 },
    { "a byte less", -EINVAL, OF_DESC(length), 4, RECORD(3) - 8 - 1 },
    { "a byte more", -EINVAL, OF_DESC(length), 4, RECORD(3) - 8 + 1 },
    { "longer than all", -ENODATA, OF_DESC(length), 4, 0xffffffff },
    { "longer than all", -ENODATA, OF_DESC(length), 4, 0xfffffff8 },
    { "another's table", -EINVAL, OF_HEAD(table), 4, 1 },
    { "no table", -EINVAL, OF_HEAD(table), 4, HVM_SWTLB_NO_TABLE },
    { "number", -EINVAL, OF_HEAD(nr_entries), 4, 2 },
    { "number", -EINVAL, OF_HEAD(nr_entries), 4, 4 },
    { "number", -ENOSPC, OF_HEAD(nr_entries), 4, MAX + 1 },
    { "number", -ENOSPC, OF_HEAD(nr_entries), 4, 0xffffffff },
    { "size", -EINVAL, OF_ENTRY(0, entry.size), 8, 0 },
    { "flag", -EINVAL, OF_ENTRY(0, entry.flags), 4, 1 },
    { "flag", -EINVAL, OF_ENTRY(1, entry.flags), 4, 0x400 },
    { "reserved", -EINVAL, OF_ENTRY(1, entry.reserved), 4, 1 },
    { "gva's offset", -EINVAL, OF_ENTRY(0, entry.gva), 8, GVA + 1 },
    { "gpa's offset", -EINVAL, OF_ENTRY(2, entry.gpa), 8, GPA + 0x10 },
    { "gvas wrap", -ERANGE, OF_ENTRY(2, entry.size), 8, PAGE_SIZE + 1 },
    { "gvas wrap", -ERANGE, OF_ENTRY(0, entry.size), 8, ~0UL },
    { "gva", -ERANGE, OF_ENTRY(0, entry.gva), 8, 1UL << 47 },
    { "gvas", -ERANGE, OF_ENTRY(1, entry.size), 8, 1UL << 47 },
    { "all gvas", -ERANGE, OF_ENTRY(0, entry.size), 8, 0UL - GVA },
    { "gpa", -ENXIO, OF_ENTRY(0, entry.gpa), 8, 1UL << 46 },
    { "gpas", -ENXIO, OF_ENTRY(0, entry.gpa), 8, (1UL << 46) - 0x2000 },
    { "gpas wrap", -ENXIO, OF_ENTRY(0, entry.gpa), 8, END },
    { "no space", -EINVAL, OF_ENTRY(2, space), 8, 0 },
    { "space", -EINVAL, OF_ENTRY(2, space), 8, CR3 },
    { "space", -EINVAL, OF_ENTRY(2, space), 8, CR3 | 5 },
    { "space", -EINVAL, OF_ENTRY(2, space), 8, CR3 | (1UL << 52) | 1 },
    { "PAE space", -EINVAL, OF_ENTRY(2, space), 8, CR3 | 0x13 },
    { "PAE space", -EINVAL, OF_ENTRY(2, space), 8, 0x112345003 },
    { "PAE space", -EINVAL, OF_ENTRY(2, space), 8, CR3 | 2 },
    { "space unasked", -EINVAL, OF_ENTRY(1, space), 8, CR3 | 1 },
    { "overlap", -EEXIST, OF_ENTRY(1, entry.gva), 8, GVA },
    { "overlap", -EEXIST, OF_ENTRY(1, entry.gva), 8, GVA + 0x2000 },
    { "overlap", -EEXIST, OF_ENTRY(1, entry.gva), 8, END },
    { "order", -EEXIST, OF_ENTRY(1, entry.gva), 8, GVA - 0x10000 },
    { "behind the end", -EEXIST, OF_ENTRY(0, entry.gva), 8, END - 0x2000 },
};

START_TEST(bad)
{
    uint8_t *where = saved + malformed[_i].offset;

    memcpy(where, &malformed[_i].value, malformed[_i].size);
    refused(malformed[_i].what, malformed[_i].rc, true);
    refused(malformed[_i].what, malformed[_i].rc, false);

    /* Nor does what the domain has by now change. */
    as(cpu(0));
    CHECK_EQ(op_pin(0, GVA, GPA, PAGE_SIZE), 0);
    CHECK_EQ(op_share(1, 0), 0);
    as_toolstack();
    refused(malformed[_i].what, malformed[_i].rc, true);
    refused(malformed[_i].what, malformed[_i].rc, false);
}
END_TEST

/* Of vCPUs that come later; what came before is loaded, if not checked. */
static const struct {
    const char *what;
    long rc;
    size_t offset;
    uint32_t value;
} sharing[] = {
    { "entries besides", -EINVAL, OF_HEAD(nr_entries), 1 },
    { "a later one's", -EINVAL, OF_HEAD(table), 2 },
    { "nobody's", -EINVAL, OF_HEAD(table), WORLD_VCPUS },
};

START_TEST(bad_sharing)
{
    memcpy(saved + at[1] + sharing[_i].offset, &sharing[_i].value, 4);
    refused(sharing[_i].what, sharing[_i].rc, true);
    CHECK_EQ(load(false), sharing[_i].rc);
    CHECK(!cpu(1)->swtlb.table);
}
END_TEST

/* Its first user has no record, or no table. */
START_TEST(nobody_to_share_with)
{
    uint32_t none = HVM_SWTLB_NO_TABLE;

    memmove(saved, saved + at[1], length - at[1]);
    length -= at[1];
    refused("no record", -ENOENT, true);
    refused("no record", -ENOENT, false);

    /* vCPU 0 has a record, which says that it has none. */
    memcpy(saved + RECORD(0), saved, RECORD(0));
    memcpy(saved + OF_HEAD(table), &none, 4);
    memset(saved, 0, OF_HEAD(generation));
    memcpy(saved, &(struct hvm_save_descriptor){ SWTLB_CODE, 0,
                                                 RECORD(0) - 8 }, 8);
    length = 2 * RECORD(0);
    CHECK_EQ(load(true), -ENOENT);
    CHECK_STR(world_tables(), "- - - -");
}
END_TEST

/* The end of what there is comes too early, anywhere. */
START_TEST(truncated)
{
    size_t whole = length;

    for ( length = at[3] + 1; length < whole; length++ )
        refused("truncated", -ENODATA, true);
    for ( length = 1; length < at[1]; length++ )
    {
        refused("truncated", -ENODATA, true);
        refused("truncated", -ENODATA, false);
    }
}
END_TEST

/*
 * Anything else at random: it is refused and changes nothing, unless not all
 * is checked first; or what is saved after it was loaded can be loaded, and is
 * saved as the same.
 */
START_TEST(rubbish)
{
    static uint8_t good[sizeof(saved)], again[2][sizeof(saved)];
    uint64_t seed = unit_seed();
    unsigned int round, i, loaded = 0;

    memcpy(good, saved, length);
    for ( round = 0; round < 3000; round++ )
    {
        unsigned int edits = 1 + unit_random(&seed) % 3;
        static struct snapshot before;
        long rc;

        memcpy(saved, good, length);
        for ( i = 0; i < edits; i++ )
        {
            uint64_t word = unit_random(&seed) >> unit_random(&seed) % 64;
            unsigned int bytes = 1u << unit_random(&seed) % 4;

            memcpy(saved + unit_random(&seed) % (length / bytes) * bytes,
                   &word, bytes);
        }

        snapshot_take(&before);
        rc = load(_i);
        if ( rc && _i )
            CHECK(!snapshot_differs(&before));
        if ( !rc )
        {
            long first = save_domain(dom, again[0]);

            loaded++;
            CHECK(dom->swtlb.strict);
            swtlb_domain_reset(dom);
            CHECK_EQ(load_domain(dom, again[0], first, true), 0);
            CHECK_EQ(save_domain(dom, again[1]), first);
            CHECK(!memcmp(again[0], again[1], first));
        }
        swtlb_domain_reset(dom);
        CHECK_EQ(dom->swtlb.nr_pinned, 0);
    }
    CHECK(loaded);
}
END_TEST

/* Of those who share it the first has a table that is empty. */
START_TEST(empty_shared)
{
    CHECK_EQ(op_share(2, 1), 0);
    strict();
    as_toolstack();
    length = save_domain(dom, saved);
    swtlb_domain_reset(dom);
    CHECK_EQ(load(_i), 0);
    CHECK(cpu(1)->swtlb.table && cpu(2)->swtlb.table == cpu(1)->swtlb.table);
    CHECK(!cpu(0)->swtlb.table && !cpu(3)->swtlb.table);
    as(cpu(0));
    CHECK_EQ(op_insert(1, GVA, GPA, 1), 0);
    CHECK_STR(world_tables(), "- 200000+1>10000 =1 -");
}
END_TEST

/* A page of 32-bit PAE page tables counts as such. */
START_TEST(pae_space)
{
    cpu(0)->arch.hvm.guest_cr[0] = X86_CR0_PG;
    cpu(0)->arch.hvm.guest_cr[3] = CR3 | 0x20;
    cpu(0)->arch.hvm.guest_cr[4] = X86_CR4_PAE;
    world_caller = CALLER_32;
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_space, 0, GVA, GPA,
                     PAGE_SIZE), 0);
    strict();
    as_toolstack();
    length = save_domain(dom, saved);
    swtlb_domain_reset(dom);
    CHECK_EQ(load(_i), 0);
    CHECK_EQ(cpu(0)->swtlb.map->entry[0].space, CR3 | 0x23);
}
END_TEST

/*
 * What was pinned, and cannot be today, is a plain entry: the guest has given
 * the page back, or has split the entry in a page until the parts are of more
 * pages than it may pin.
 */
START_TEST(not_pinned_anew)
{
    guest_set_type(dom, GFN + 17, p2m_invalid);
    CHECK_EQ(load(_i), 0);
    CHECK_STR(world_tables(),
              "200000+3000>20000,300000+1000>11000,fffffffffffff000+1000>12000"
              " =0 200000+800>13000 -");
    CHECK_EQ(dom->swtlb.nr_pinned, 0);
    CHECK(dom->swtlb.strict);
}
END_TEST

START_TEST(split_pins)
{
    unsigned int i, pinned = 0;

    /* 64 pages can be; these are of 16 each, but of 1 and 16 if split. */
    for ( i = 0; i < 4; i++ )
    {
        CHECK_EQ(op_pin(0, GVA + i * 0x100000, GPA, 16 * PAGE_SIZE), 0);
        CHECK_EQ(op_purge(0, GVA + i * 0x100000 + 0x100, 0x100), 0);
    }
    strict();
    as_toolstack();
    length = save_domain(dom, saved);
    swtlb_domain_reset(dom);
    CHECK_EQ(load(_i), 0);
    CHECK_EQ(cpu(0)->swtlb.map->nr, MAX);
    for ( i = 0; i < MAX; i++ )
        pinned += cpu(0)->swtlb.map->entry[i].pin != NULL;
    /* All parts but the very last one. */
    CHECK_EQ(pinned, 7);
    CHECK_EQ(dom->swtlb.nr_pinned, 3 * 17 + 1);
}
END_TEST

/* Not now: the toolstack has paged one out. */
START_TEST(paged_out)
{
    dom->paging = true;
    guest_set_type(dom, GFN + 18, p2m_ram_paged);
    CHECK_EQ(load(_i), -EAGAIN);
    CHECK_STR(world_tables(), "- - - -");
    CHECK_EQ(dom->swtlb.nr_pinned, 0);
    CHECK(!dom->swtlb.strict);
    guest_set_type(dom, GFN + 18, p2m_ram_rw);
    CHECK_EQ(load(_i), 0);
    check_restored();
}
END_TEST

/* Each allocation fails; nothing is left of that vCPU's. */
START_TEST(enomem)
{
    unsigned int nth, live = xen_alloc_live();

    for ( nth = 1; ; nth++ )
    {
        uint64_t generation;
        long rc;

        as(cpu(0));
        CHECK_EQ(op_insert(0, GVA, GPA, PAGE_SIZE), 0);
        as_toolstack();
        generation = dom->swtlb.generation;
        xen_alloc_fail(nth);
        rc = load(_i);
        if ( xen_alloc_fail_pending() )
            break;
        CHECK_EQ(rc, -ENOMEM);
        CHECK(nth > 5 || !cpu(0)->swtlb.table);
        /* What it had is gone as well, and it can notice. */
        CHECK(dom->swtlb.generation != generation);
        CHECK(!cpu(2)->swtlb.table);
        swtlb_domain_reset(dom);
        CHECK_EQ(xen_alloc_live(), live);
    }
    xen_alloc_fail(0);
    /* A table of three and slots, the pin; slots; a table and slots. */
    CHECK_EQ(nth - 1, 5 + 1 + 4);
    check_restored();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("save");
    TCase *tc = tcase_create("save");

    tcase_add_checked_fixture(tc, set_up, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);
    tcase_add_loop_test(tc, round_trip, 0, 2);
    tcase_add_loop_test(tc, replaces, 0, 2);
    tcase_add_test(tc, one_vcpu);
    tcase_add_loop_test(tc, turned_off, 0, ARRAY_SIZE(off));
    tcase_add_loop_test(tc, bad, 0, ARRAY_SIZE(malformed));
    tcase_add_loop_test(tc, bad_sharing, 0, ARRAY_SIZE(sharing));
    tcase_add_test(tc, nobody_to_share_with);
    tcase_add_test(tc, truncated);
    tcase_add_loop_test(tc, rubbish, 0, 2);
    tcase_add_loop_test(tc, not_pinned_anew, 0, 2);
    tcase_add_loop_test(tc, paged_out, 0, 2);
    tcase_add_loop_test(tc, enomem, 0, 2);

    tc = tcase_create("world");
    tcase_add_checked_fixture(tc, set_up_world, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);
    tcase_add_test(tc, usual);
    tcase_add_loop_test(tc, full, 0, 2);
    tcase_add_loop_test(tc, empty_shared, 0, 2);
    tcase_add_loop_test(tc, pae_space, 0, 2);
    tcase_add_loop_test(tc, split_pins, 0, 2);

    return s;
}
