/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two pages of a domU are made one by memory sharing, and a write makes them
 * two again.  Copies through entries do this as copies by a walk do, and no
 * write through one of them is seen through the other.
 *
 * Needs a Xen with CONFIG_MEM_SHARING that lets AMD's CPUs share: see
 * test.cfg.
 */

#include <pvh.h>
#include <servant.h>

TEST_TITLE("shared pages of a domU, read and written through entries");

/* Two gfns, each with an entry. */
#define FIRST           SERVANT_GFN
#define SECOND          (SERVANT_GFN + 1)
#define HIT_GVA         0x40000000u
#define PINNED_GVA      0x50000000u
#define ROUNDS          8

static unsigned int domid;

static uint32_t walk_gva(unsigned long gfn)
{
    return gfn << PAGE_SHIFT;
}

static uint32_t hit_gva(unsigned long gfn)
{
    return HIT_GVA + ((gfn - FIRST) << PAGE_SHIFT);
}

static long nominate(unsigned long gfn, uint64_t *handle)
{
    xen_mem_sharing_op_t op = {
        .op = XENMEM_sharing_op_nominate_gfn,
        .domain = domid,
    };
    long rc;

    op.u.nominate.u.gfn = gfn;
    rc = hypercall_memory_op(XENMEM_sharing_op, &op);
    *handle = op.u.nominate.handle;

    return rc;
}

static void share(void)
{
    xen_mem_sharing_op_t op = {
        .op = XENMEM_sharing_op_share,
        .domain = domid,
    };
    uint64_t first, second;

    /* What Xen remembers of a page does not hinder that. */
    CHECK_RC(nominate(FIRST, &first), 0);
    CHECK_RC(nominate(SECOND, &second), 0);
    op.u.share.source_gfn = FIRST;
    op.u.share.source_handle = first;
    op.u.share.client_gfn = SECOND;
    op.u.share.client_handle = second;
    op.u.share.client_domain = domid;
    REQUIRE_RC(hypercall_memory_op(XENMEM_sharing_op, &op), 0);
    REQUIRE_RC(hypercall_memory_op(XENMEM_get_sharing_freed_pages, NULL), 1);
}

static long nr_saved(void)
{
    return hypercall_memory_op(XENMEM_get_sharing_freed_pages, NULL);
}

/* Both pages hold the same, and Xen remembers them. */
static void warm(uint64_t value)
{
    struct xen_swtlb_stats before = servant_stats(), after;
    unsigned long gfn;
    unsigned int i;
    uint64_t seen;

    for ( gfn = FIRST; gfn <= SECOND; gfn++ )
    {
        for ( i = 0; i < 3; i++ )
        {
            CHECK_RC(servant_write(hit_gva(gfn)), 0);
            CHECK(servant_written(gfn));
            servant_prepare(gfn, value);
            CHECK_RC(servant_read(hit_gva(gfn) + SERVANT_READS_AT, &seen),
                     0);
            CHECK_EQ(seen, value);
        }
    }
    after = servant_stats();
    CHECK(after.hits - before.hits >= 12);
}

/* The write to one of them, at gva, is the first copy after the sharing. */
static void test_write(unsigned int round, unsigned long gfn, uint32_t gva)
{
    unsigned long other = FIRST + SECOND - gfn;
    uint64_t value = 100 + round, seen;

    warm(value);
    share();
    CHECK_RC(servant_write(gva), 0);
    CHECK_EQ(nr_saved(), 0);

    /* What the write left alone has come along. */
    CHECK_RC(servant_read(hit_gva(gfn) + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, value);
    CHECK_RC(servant_read(hit_gva(other) + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, value);
    /* dom0 cannot map what is shared; a walk, if no hit, has ended that. */
    CHECK_RC(servant_read(walk_gva(other) + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, value);
    CHECK(!servant_written(other));
    CHECK(servant_written(gfn));

    servant_prepare(other, value + 1);
    CHECK_RC(servant_write(hit_gva(other)), 0);
    CHECK(servant_written(other));
}

/* Reads find what is shared; whether they share on is up to Xen. */
static void test_read(uint32_t (*gva)(unsigned long gfn))
{
    uint64_t seen;

    warm(4711);
    share();
    CHECK_RC(servant_read(gva(SECOND) + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, 4711);
    CHECK_RC(servant_read(gva(FIRST) + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, 4711);
    servant_prepare(SECOND, 4712);
    CHECK_RC(servant_read(gva(FIRST) + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, 4711);
    CHECK_RC(servant_read(gva(SECOND) + SERVANT_READS_AT, &seen), 0);
    CHECK_EQ(seen, 4712);
}

/* One that an entry pins is not shared, nor is a shared one pinned. */
static void test_pinned(void)
{
    uint64_t handle;

    CHECK_RC(servant_insert(PINNED_GVA, FIRST, 1, XEN_SWTLB_FLAG_pinned), 0);
    CHECK(nominate(FIRST, &handle) < 0);
    CHECK_RC(servant_purge(PINNED_GVA, 1), 0);
    CHECK_RC(nominate(FIRST, &handle), 0);
    CHECK_RC(servant_write(hit_gva(FIRST)), 0);
    CHECK(servant_written(FIRST));
}

void test_main(void)
{
    unsigned int i;

    swtlb_require();
    domid = servant_start();
    domu_populate(domid, FIRST, 2);
    CHECK_RC(servant_insert(hit_gva(FIRST), FIRST, 1, 0), 0);
    CHECK_RC(servant_insert(hit_gva(SECOND), SECOND, 1, 0), 0);

    for ( i = 0; i < ROUNDS; i++ )
    {
        unsigned long gfn = i % 2 ? FIRST : SECOND;

        test_write(i, gfn, i % 4 < 2 ? hit_gva(gfn) : walk_gva(gfn));
    }
    test_read(hit_gva);
    test_read(walk_gva);
    test_pinned();

    servant_end();
    CHECK_EQ(nr_saved(), 0);
}
