/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory above 4 GiB, of which a 32-bit guest can speak only by the high bits
 * of cmd, and which without paging it cannot reach in any other way.
 */

#include <pvh.h>

TEST_TITLE("entries with gpas above 4 GiB");

#define SIZE    400

static uint8_t buf[SIZE], seen[SIZE];

/* How wide gpas are here, and one of that width. */
static unsigned int gpa_bits;
static uint64_t high;

/* One page less where page is, one more at high. */
static void move_up(uint8_t *page)
{
    REQUIRE_RC(hypercall_decrease_reservation(gpa_of(page) >> PAGE_SHIFT), 1);
    REQUIRE_RC(hypercall_populate(high >> PAGE_SHIFT), 1);
}

static void check_encoding(void)
{
    const uint64_t end = 1ull << gpa_bits;
    const uint64_t gpas[] = {
        0x100000000ull, 0xfffff000ull, end - 2 * PAGE_SIZE, high,
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(gpas); i++ )
    {
        CHECK_RC(swtlb_insert(0, WINDOW, gpas[i], 2 * PAGE_SIZE), 0);
        CHECK_ENTRY(0, 0, WINDOW, gpas[i], 2 * PAGE_SIZE);
        CHECK_RC(swtlb_purge_all(0), 0);
    }

    CHECK_REFUSED(swtlb_insert(0, WINDOW, end - PAGE_SIZE, 2 * PAGE_SIZE),
                  -XEN_ENXIO, 0);
    CHECK_REFUSED(swtlb_insert(0, WINDOW, end, PAGE_SIZE), -XEN_ENXIO, 0);
}

/* The high bits are not for other operations; flags stay flags. */
static void check_refusals(void)
{
#ifndef __x86_64__
    int hi = XEN_SWTLB_GPA_HI(high), cmd;

    CHECK_EQ(XEN_SWTLB_GPA_HI(0x2345678000ull), 0x23 << 16);
    for ( cmd = VCPUOP_swtlb_purge; cmd <= VCPUOP_swtlb_strict; cmd++ )
        CHECK_REFUSED(hypercall_vcpu_op5(cmd | hi, 0, 0, 0, 0), -XEN_EINVAL,
                      0);
    CHECK_REFUSED(hypercall_vcpu_op5(VCPUOP_swtlb_insert | hi | 0x400, 0,
                                     WINDOW, (unsigned long)high, PAGE_SIZE),
                  -XEN_EINVAL, 0);
    CHECK_REFUSED(hypercall_vcpu_op5(VCPUOP_swtlb_insert | 0x7fff0000, 0,
                                     WINDOW, 0, PAGE_SIZE), -XEN_ENXIO, 0);
#endif
}

static void check_multicall(void)
{
    struct multicall_entry call = {
        .op = __HYPERVISOR_vcpu_op,
        .args = {
            VCPUOP_swtlb_insert, 0, WINDOW, (unsigned long)high, PAGE_SIZE,
        },
    };

#ifndef __x86_64__
    call.args[0] |= XEN_SWTLB_GPA_HI(high);
#endif
    CHECK_RC(hypercall_multicall(&call, 1), 0);
    CHECK_RC((long)call.result, 0);
    CHECK_ENTRY(0, 0, WINDOW, high, PAGE_SIZE);
    CHECK_RC(swtlb_purge_all(0), 0);
}

void test_main(void)
{
    uint32_t regs[4];

    swtlb_require();

    /*
     * 40 bits in QEMU and on Intel in Bochs, 36 on its Ryzen: there five are
     * lost to memory encryption (EBX of leaf 0x8000001f), and Xen gives no
     * domain fewer than 36.
     */
    cpuid(0x80000008, 0, regs);
    gpa_bits = regs[0] & 0xff;
    printk("%u bits of a gpa\n", gpa_bits);
    if ( gpa_bits < 36 || gpa_bits > 52 )
        test_abort(VERDICT_error, "gpas of %u bits", gpa_bits);
    high = (1ull << (gpa_bits - 1)) | 0x345678000ull;

    check_encoding();
    check_refusals();
    check_multicall();

    CHECK_RC(swtlb_insert(0, WINDOW, high, PAGE_SIZE), 0);
    CHECK_RC(xen_take(WINDOW, SIZE), -XEN_EFAULT);
    move_up(alloc_pages(1));

    fill(buf, SIZE, 1);
    CHECK_RC(xen_take((unsigned long)buf, SIZE), 0);
    CHECK_RC(xen_give(WINDOW + 99, SIZE), 0);
    /* Something else in between, and back again. */
    CHECK_RC(xen_take((unsigned long)seen, SIZE), 0);
    CHECK_RC(xen_take(WINDOW + 99, SIZE), 0);
    CHECK_RC(xen_give((unsigned long)seen, SIZE), 0);
    CHECK_MEM(seen, buf, SIZE);
}
