/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a toolstack decides about a domain's memory holds for hits as it does
 * for walks: a write is logged as dirty, one to read-only memory is dropped,
 * and memory of a device model is refused.  The domain is a domU which makes
 * the hypercalls that it is told to.
 */

#include <pvh.h>
#include <servant.h>

#include <public/hvm/dm_op.h>

TEST_TITLE("dirty logging and P2M types apply to hits");

/* Here a walk finds the page, and here an entry. */
#define TARGET_GFN      SERVANT_GFN
#define WALK_GVA        (TARGET_GFN << PAGE_SHIFT)
#define HIT_GVA         0x40000000ul
#define PINNED_GVA      0x50000000ul

static unsigned int domid;

/* The first word of the page that Xen writes, read and set by dom0. */
static uint64_t swap_word(uint64_t value)
{
    uint64_t *page = domu_map(domid, TARGET_GFN), old = page[1];

    page[1] = value;
    domu_unmap(page);

    return old;
}

static void dirty_op(uint32_t what, uint8_t *bitmap)
{
    struct xen_domctl op = {};

    op.u.shadow_op.op = what;
    op.u.shadow_op.pages = bitmap ? 32 : 0;
    set_xen_guest_handle(op.u.shadow_op.dirty_bitmap, bitmap);
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_shadow_op, domid, &op), 0);
}

static bool is_dirty(void)
{
    static uint8_t bitmap[8];

    dirty_op(XEN_DOMCTL_SHADOW_OP_CLEAN, bitmap);

    return bitmap[TARGET_GFN / 8] & (1 << TARGET_GFN % 8);
}

static void test_dirty_log(void)
{
    dirty_op(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, NULL);
    is_dirty();
    CHECK(!is_dirty());

    CHECK_RC(servant_write(WALK_GVA), 0);
    CHECK(is_dirty());
    CHECK(!is_dirty());
    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK(is_dirty());
    CHECK(!is_dirty());
    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK(is_dirty());

    CHECK(!is_dirty());
    CHECK_RC(servant_write(PINNED_GVA), 0);
    CHECK(is_dirty());

    dirty_op(XEN_DOMCTL_SHADOW_OP_OFF, NULL);
}

static long dm_op(struct xen_dm_op *op)
{
    struct xen_dm_op_buf buf = { .size = sizeof(*op) };

    set_xen_guest_handle(buf.h, (void *)op);

    return hypercall3(__HYPERVISOR_dm_op, domid, 1, (unsigned long)&buf);
}

static void set_type(unsigned int type)
{
    struct xen_dm_op op = {
        .op = XEN_DMOP_set_mem_type,
        .u.set_mem_type = {
            .nr = 1,
            .mem_type = type,
            .first_pfn = TARGET_GFN,
        },
    };

    REQUIRE_RC(dm_op(&op), 0);
}

/* What Xen reads there is what dom0 put there, just now. */
static void check_read(uint32_t gva)
{
    static uint64_t expected = 1000;
    uint64_t value, old = swap_word(0);

    servant_prepare(TARGET_GFN, ++expected);
    swap_word(old);
    CHECK_RC(servant_read(gva + SERVANT_READS_AT, &value), 0);
    CHECK_EQ(value, expected);
}

static void test_read_only(void)
{
    swap_word(0x1234);
    set_type(HVMMEM_ram_ro);
    CHECK_RC(servant_write(WALK_GVA), 0);
    CHECK_RC(servant_write(HIT_GVA), 0);
    check_read(WALK_GVA);
    check_read(HIT_GVA);
    set_type(HVMMEM_ram_rw);
    CHECK_EQ(swap_word(0), 0x1234);

    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK(swap_word(0));
}

/* Writes to such memory are for the device model to see. */
static void map_type(unsigned int id, unsigned int flags)
{
    struct xen_dm_op op = {
        .op = XEN_DMOP_map_mem_type_to_ioreq_server,
        .u.map_mem_type_to_ioreq_server = {
            .id = id,
            .type = HVMMEM_ioreq_server,
            .flags = flags,
        },
    };

    REQUIRE_RC(dm_op(&op), 0);
}

static void test_ioreq_server(void)
{
    struct xen_dm_op create = { .op = XEN_DMOP_create_ioreq_server };
    unsigned int id;

    REQUIRE_RC(dm_op(&create), 0);
    id = create.u.create_ioreq_server.id;
    map_type(id, XEN_DMOP_IOREQ_MEM_ACCESS_WRITE);
    CHECK_RC(servant_write(HIT_GVA), 0);

    swap_word(0x5678);
    set_type(HVMMEM_ioreq_server);
    CHECK_RC(servant_write(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(servant_write(WALK_GVA), -XEN_EFAULT);
    check_read(HIT_GVA);
    check_read(WALK_GVA);
    CHECK_EQ(swap_word(0), 0x5678);

    /* All memory of the type turns into RAM. */
    map_type(id, 0);
    CHECK_RC(servant_write(HIT_GVA), 0);
    CHECK(swap_word(0));
    CHECK_RC(servant_write(WALK_GVA), 0);
    CHECK(swap_word(0));
}

/* This has no memory any more, and comes last. */
static void test_device(void)
{
    set_type(HVMMEM_mmio_dm);
    CHECK_RC(servant_write(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(servant_write(WALK_GVA), -XEN_EFAULT);
}

static void warm(void)
{
    struct xen_swtlb_stats before = servant_stats(), after;
    unsigned int i;

    for ( i = 0; i < 4; i++ )
    {
        CHECK_RC(servant_write(HIT_GVA), 0);
        CHECK(swap_word(0));
        CHECK_RC(servant_write(PINNED_GVA), 0);
        CHECK(swap_word(0));
    }
    after = servant_stats();
    CHECK(after.hits - before.hits >= 8);
}

void test_main(void)
{
    swtlb_require();
    domid = servant_start();
    domu_populate(domid, TARGET_GFN, 1);

    CHECK_RC(servant_write(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(servant_insert(HIT_GVA, TARGET_GFN, 1, 0), 0);
    CHECK_RC(servant_insert(PINNED_GVA, TARGET_GFN, 1,
                            XEN_SWTLB_FLAG_pinned), 0);
    swap_word(0);

    warm();
    test_dirty_log();
    warm();
    test_read_only();
    warm();
    test_ioreq_server();
    warm();
    test_device();

    servant_end();
}
