/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a toolstack decides about a domain's memory holds for hits as it does
 * for walks: a write is logged as dirty, one to read-only memory is dropped,
 * and memory of a device model is refused.  The domain is a domU which makes
 * the hypercalls that it is told to.
 */

#include <pvh.h>
#include <domu.h>

#include <public/hvm/dm_op.h>

TEST_TITLE("dirty logging and P2M types apply to hits");

#define CODE_GFN        1
#define DATA_GFN        2
#define TARGET_GFN      5

/* The domU has no paging: here a walk finds the page, and here an entry. */
#define WALK_GVA        (TARGET_GFN << PAGE_SHIFT)
#define HIT_GVA         0x40000000ul
#define PINNED_GVA      0x50000000ul

/* At DATA_GFN.  The domU has done what it was told when done is asked. */
struct mailbox {
    uint32_t asked, done;
    uint32_t rc;
    uint32_t args[5];
};

static volatile struct mailbox *box;
static unsigned int domid;

/* vcpu_op, with the mailbox's arguments, whenever asked. */
extern char domu_code[], domu_call[], domu_code_end[];

asm ( "    .pushsection .rodata                                          \n"
      "    .code32                                                       \n"
      "domu_code:                                                        \n"
      "    mov     $0x3000, %esp                                         \n"
      "1:  pause                                                         \n"
      "    mov     0x2000, %ebp            /* asked */                   \n"
      "    cmp     0x2004, %ebp            /* done */                    \n"
      "    je      1b                                                    \n"
      "    mov     $24, %eax               /* vcpu_op */                 \n"
      "    mov     0x200c, %ebx                                          \n"
      "    mov     0x2010, %ecx                                          \n"
      "    mov     0x2014, %edx                                          \n"
      "    mov     0x2018, %esi                                          \n"
      "    mov     0x201c, %edi                                          \n"
      "    call    domu_call                                             \n"
      "    mov     %eax, 0x2008            /* rc */                      \n"
      "    mov     %ebp, 0x2004                                          \n"
      "    jmp     1b                                                    \n"
      "domu_call:                                                        \n"
      "    vmcall                                                        \n"
      "    ret                                                           \n"
      "domu_code_end:                                                    \n"
      "    .code64                                                       \n"
      "    .popsection                                                   \n" );

static void start_domu(void)
{
    uint8_t *code;

    domid = domu_create();
    domu_populate(domid, CODE_GFN, 5);
    code = domu_map(domid, CODE_GFN);
    memcpy(code, domu_code, domu_code_end - domu_code);
    memcpy(code + (domu_call - domu_code), hypercall_insn, 3);
    domu_unmap();
    box = domu_map(domid, DATA_GFN);
    domu_start(domid, CODE_GFN << PAGE_SHIFT);
}

static long ask(int cmd, uint32_t gva, uint32_t gpa, uint32_t size)
{
    box->args[0] = cmd;
    box->args[1] = 0;
    box->args[2] = gva;
    box->args[3] = gpa;
    box->args[4] = size;
    barrier();
    box->asked++;
    wait_until(box->done == box->asked);

    return (int)box->rc;
}

/* A copy to gva, which leaves its mark in the page. */
static long write_to(uint32_t gva)
{
    return ask(VCPUOP_get_runstate_info, gva, 0, 0);
}

/* The first word of the page, read and set by way of dom0's mapping. */
static uint64_t swap_word(uint64_t value)
{
    uint64_t *page, old;

    domu_unmap();
    page = domu_map(domid, TARGET_GFN);
    old = page[1];
    page[1] = value;
    domu_unmap();
    box = domu_map(domid, DATA_GFN);

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

    CHECK_RC(write_to(WALK_GVA), 0);
    CHECK(is_dirty());
    CHECK(!is_dirty());
    CHECK_RC(write_to(HIT_GVA), 0);
    CHECK(is_dirty());
    CHECK(!is_dirty());
    CHECK_RC(write_to(HIT_GVA), 0);
    CHECK(is_dirty());

    CHECK(!is_dirty());
    CHECK_RC(write_to(PINNED_GVA), 0);
    CHECK(is_dirty());

    dirty_op(XEN_DOMCTL_SHADOW_OP_OFF, NULL);
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
    struct xen_dm_op_buf buf = { .size = sizeof(op) };

    set_xen_guest_handle(buf.h, (void *)&op);
    REQUIRE_RC(hypercall3(__HYPERVISOR_dm_op, domid, 1, (unsigned long)&buf),
               0);
}

static void test_read_only(void)
{
    swap_word(0x1234);
    set_type(HVMMEM_ram_ro);
    CHECK_RC(write_to(WALK_GVA), 0);
    CHECK_RC(write_to(HIT_GVA), 0);
    set_type(HVMMEM_ram_rw);
    CHECK_EQ(swap_word(0), 0x1234);

    CHECK_RC(write_to(HIT_GVA), 0);
    CHECK(swap_word(0));
}

/* This has no memory any more, and comes last. */
static void test_device(void)
{
    set_type(HVMMEM_mmio_dm);
    CHECK_RC(write_to(WALK_GVA), -XEN_EFAULT);
    CHECK_RC(write_to(HIT_GVA), -XEN_EFAULT);
}

void test_main(void)
{
    swtlb_require();
    start_domu();

    CHECK_RC(write_to(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(ask(VCPUOP_swtlb_insert, HIT_GVA, TARGET_GFN << PAGE_SHIFT,
                 PAGE_SIZE), 0);
    CHECK_RC(ask(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_pinned, PINNED_GVA,
                 TARGET_GFN << PAGE_SHIFT, PAGE_SIZE), 0);
    swap_word(0);
    CHECK_RC(write_to(HIT_GVA), 0);
    CHECK(swap_word(0));
    CHECK_RC(write_to(PINNED_GVA), 0);
    CHECK(swap_word(0));

    test_dirty_log();
    test_read_only();
    test_device();

    domu_unmap();
    domu_destroy(domid);
}
