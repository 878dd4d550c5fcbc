/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a toolstack does to save a domain and to restore it, or to migrate it:
 * a strict one is strict again, with its entries, those that were pinned among
 * them; of a usual one nothing is saved.  What is not as Xen would have saved
 * it is refused, and changes nothing.
 */

#include <pvh.h>
#include <servant.h>

#include <public/hvm/save.h>
#include <public/arch-x86/hvm/save-swtlb.h>

TEST_TITLE("save, restore and migration");

#define HIT_GVA         0x40000000u
#define PINNED_GVA      0x50000000u
#define GVA_OF(gfn)     ((uint32_t)(gfn) << PAGE_SHIFT)
#define NR_PAGES        2

#define VCPUS           2
#define MEMORY          MB(8)

#define CONTEXT_PAGES   32

static uint8_t *context;
static uint32_t size;

/* A vCPU's record as Xen saved it, with its descriptor. */
static uint8_t record[VCPUS][1024];
static uint32_t length[VCPUS];

/* How many records there are in context; they are kept. */
static unsigned int find_records(void)
{
    struct hvm_save_descriptor desc;
    unsigned int nr = 0, at;

    for ( at = 0; at < size; at += sizeof(desc) + desc.length )
    {
        memcpy(&desc, context + at, sizeof(desc));
        if ( desc.typecode != SWTLB_CODE )
            continue;

        length[nr] = sizeof(desc) + desc.length;
        if ( nr == VCPUS || !CHECK_EQ(desc.instance, nr) ||
             !CHECK(length[nr] <= sizeof(record[0])) )
            test_abort(VERDICT_failure, "the records are not as they should");
        memcpy(record[nr++], context + at, sizeof(desc) + desc.length);
    }

    return nr;
}

static unsigned int save(unsigned int domid)
{
    size = domu_get_context(domid, context, CONTEXT_PAGES * PAGE_SIZE);

    return find_records();
}

static long one_record(unsigned int domid, unsigned int vcpu)
{
    struct xen_domctl op = {};

    op.u.hvmcontext_partial.type = SWTLB_CODE;
    op.u.hvmcontext_partial.instance = vcpu;
    op.u.hvmcontext_partial.bufsz = sizeof(record[0]);
    set_xen_guest_handle(op.u.hvmcontext_partial.buffer,
                         context + size);

    return hypercall_domctl(XEN_DOMCTL_gethvmcontext_partial, domid, &op);
}

static void pause(unsigned int domid)
{
    struct xen_domctl op = {};

    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_pausedomain, domid, &op), 0);
}

static uint64_t generation(void)
{
    return ((const struct xen_swtlb_generation *)servant_query(
        XEN_SWTLB_QUERY_generation, 0))->generation;
}

static struct xen_swtlb_state state(void)
{
    return *(const struct xen_swtlb_state *)servant_query(
        XEN_SWTLB_QUERY_state, 0);
}

/* Entries for the servant's answers, and two of the test's; vCPU 1 shares. */
static unsigned int start(void)
{
    unsigned int domid = servant_start_with(VCPUS, MEMORY);

    domu_populate(domid, SERVANT_GFN, NR_PAGES);
    CHECK_RC(servant_insert(GVA_OF(SERVANT_ANSWERS_GFN), SERVANT_ANSWERS_GFN,
                            1, 0), 0);
    CHECK_RC(servant_insert(HIT_GVA, SERVANT_GFN, 1, XEN_SWTLB_FLAG_space),
             0);
    CHECK_RC(servant_insert(PINNED_GVA, SERVANT_GFN + 1, 1,
                            XEN_SWTLB_FLAG_pinned), 0);
    CHECK_RC(servant_call(__HYPERVISOR_vcpu_op, VCPUOP_swtlb_share, 1, 0, 0,
                          0), 0);

    return domid;
}

static void test_usual(void)
{
    unsigned int domid = start();
    uint64_t before = generation();

    CHECK_RC(servant_write(HIT_GVA), 0);
    pause(domid);
    CHECK_EQ(save(domid), 0);
    CHECK_RC(one_record(domid, 0), -XEN_ENODATA);

    domid = servant_move(VCPUS, MEMORY, context, size, SERVANT_GFN, NR_PAGES);
    CHECK_RC(servant_write(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(servant_write(GVA_OF(SERVANT_GFN)), 0);
    CHECK_EQ(state().nr_sharers, 0);
    CHECK_EQ(state().flags, 0);
    CHECK(generation() != before);
    servant_end();
}

static void make_strict(void)
{
    CHECK_RC(servant_call(__HYPERVISOR_vcpu_op, VCPUOP_swtlb_strict,
                          XEN_SWTLB_ALL_VCPUS, 0, 0, 0), 0);
}

/* Copies by the entries are made, and others are refused. */
static void check_strict(void)
{
    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK(servant_written(SERVANT_GFN));
    CHECK_RC(servant_write(PINNED_GVA), 0);
    CHECK(servant_written(SERVANT_GFN + 1));
    CHECK_RC(servant_write(GVA_OF(SERVANT_GFN)), -XEN_EFAULT);
    CHECK_EQ(state().flags, XEN_SWTLB_STATE_strict);
    CHECK_EQ(state().nr_entries, 3);
    CHECK_EQ(state().nr_sharers, VCPUS);
    CHECK_EQ(state().nr_pinned, 1);
}

/* Returns the domain, paused, which was restored. */
static unsigned int test_strict(void)
{
    struct xen_swtlb_stats before, after;
    unsigned int domid = start();
    uint64_t was;

    make_strict();
    check_strict();
    was = generation();
    before = servant_stats();

    pause(domid);
    CHECK_EQ(save(domid), VCPUS);
    printk("of %u bytes %u are the records of %u entries\n", size,
           length[0] + length[1], 3);
    CHECK_RC(one_record(domid, 0), 0);
    CHECK_MEM(context + size, record[0] + sizeof(struct hvm_save_descriptor),
              length[0] - sizeof(struct hvm_save_descriptor));

    domid = servant_move(VCPUS, MEMORY, context, size, SERVANT_GFN, NR_PAGES);
    /* The query before is a hit, and so is the one after that. */
    after = servant_stats();
    CHECK_EQ(after.hits, before.hits + 1);
    CHECK_EQ(after.misses, before.misses);
    CHECK_EQ(after.refused, before.refused);
    CHECK_EQ(generation(), was);
    servant_prepare(SERVANT_GFN, 0);
    servant_prepare(SERVANT_GFN + 1, 0);
    check_strict();

    /* And once more. */
    pause(domid);
    CHECK_EQ(save(domid), VCPUS);
    domid = servant_move(VCPUS, MEMORY, context, size, SERVANT_GFN, NR_PAGES);
    check_strict();
    pause(domid);
    CHECK_EQ(save(domid), VCPUS);

    return domid;
}

/* A vCPU 0's record in which a field is something else. */
#define OF_DESC(field)  offsetof(struct hvm_save_descriptor, field)
#define OF_HEAD(field) \
    (sizeof(struct hvm_save_descriptor) + offsetof(struct hvm_swtlb, field))
#define OF_ENTRY(n, field)  OF_HEAD(entries[n].field)

static const struct {
    const char *what;
    long rc;
    uint32_t offset;
    uint32_t bytes;
    uint64_t value;
} malformed[] = {
    { "type", -XEN_EINVAL, OF_DESC(typecode), 2, SWTLB_CODE + 1 },
    { "vCPU", -XEN_ENOENT, OF_DESC(instance), 2, VCPUS },
    { "length", -XEN_EINVAL, OF_DESC(length), 4, 8 },
    { "length", -XEN_ENODATA, OF_DESC(length), 4, 0xfffffff8 },
    { "table", -XEN_EINVAL, OF_HEAD(table), 4, 1 },
    { "number", -XEN_EINVAL, OF_HEAD(nr_entries), 4, 2 },
    { "number", -XEN_ENOSPC, OF_HEAD(nr_entries), 4, 0xffffffff },
    { "size", -XEN_EINVAL, OF_ENTRY(0, entry.size), 8, 0 },
    { "flags", -XEN_EINVAL, OF_ENTRY(0, entry.flags), 4, 1 },
    { "reserved", -XEN_EINVAL, OF_ENTRY(0, entry.reserved), 4, 1 },
    { "offset", -XEN_EINVAL, OF_ENTRY(0, entry.gpa), 8, 1 },
    { "gva", -XEN_ERANGE, OF_ENTRY(2, entry.gva), 8, 1ull << 47 },
    { "gpa", -XEN_ENXIO, OF_ENTRY(0, entry.gpa), 8, 1ull << 52 },
    { "space", -XEN_EINVAL, OF_ENTRY(1, space), 8, 0 },
    { "overlap", -XEN_EEXIST, OF_ENTRY(1, entry.gva), 8,
      SERVANT_ANSWERS_GFN << PAGE_SHIFT },
};

/* Both records at once, in the order of vCPUs. */
static long load(unsigned int domid)
{
    static uint8_t both[sizeof(record)];

    memcpy(both, record[0], length[0]);
    memcpy(both + length[0], record[1], length[1]);

    return domu_load(domid, both, length[0] + length[1]);
}

static unsigned int create(unsigned int nr_pages)
{
    unsigned int domid = domu_create_with(VCPUS, MEMORY);

    domu_populate(domid, SERVANT_GFN, nr_pages);

    return domid;
}

static void test_malformed(void)
{
    static uint8_t saved[1024], good[2][1024];
    unsigned int domid = create(NR_PAGES), i;

    memcpy(saved, record[0], sizeof(saved));
    memcpy(good, record, sizeof(good));

    for ( i = 0; i < ARRAY_SIZE(malformed); i++ )
    {
        memcpy(record[0] + malformed[i].offset, &malformed[i].value,
               malformed[i].bytes);
        if ( !CHECK_RC(load(domid), malformed[i].rc) |
             !CHECK_RC(one_record(domid, 0), -XEN_ENODATA) )
            test_failure("... with another %s", malformed[i].what);
        memcpy(record[0], saved, sizeof(saved));
    }

    /* vCPU 1's alone, who shares a table that is not there. */
    CHECK_RC(domu_load(domid, record[1], length[1]), -XEN_ENOENT);
    CHECK_RC(one_record(domid, 1), -XEN_ENODATA);

    CHECK_RC(load(domid), 0);
    CHECK_EQ(save(domid), VCPUS);
    CHECK_MEM(record[0], good[0], length[0]);
    CHECK_MEM(record[1], good[1], length[1]);

    /* What is malformed does not change what is there by now, either. */
    for ( i = 0; i < ARRAY_SIZE(malformed); i++ )
    {
        memcpy(record[0] + malformed[i].offset, &malformed[i].value,
               malformed[i].bytes);
        CHECK_RC(load(domid), malformed[i].rc);
        CHECK_EQ(save(domid), VCPUS);
        CHECK_MEM(record[0], good[0], length[0]);
        CHECK_MEM(record[1], good[1], length[1]);
    }
    domu_destroy(domid);
}

/* A page that was pinned is not there, as the guest has given it back. */
static void test_not_pinned(void)
{
    unsigned int domid = create(1);
    struct hvm_swtlb_entry e;

    CHECK_RC(load(domid), 0);
    CHECK_EQ(save(domid), VCPUS);
    memcpy(&e, record[0] + OF_HEAD(entries[2]), sizeof(e));
    CHECK_EQ(e.entry.gva, PINNED_GVA);
    CHECK_EQ(e.entry.flags, 0);
    domu_destroy(domid);
}

void test_main(void)
{
    swtlb_require();
    context = alloc_pages(CONTEXT_PAGES + 1);

    test_usual();
    test_strict();
    servant_end();
    test_malformed();
    test_not_pinned();
}
