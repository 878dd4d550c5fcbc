/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory above 4 GiB, of which a 32-bit guest can speak only by the high bits
 * of cmd, and which without paging it cannot reach in any other way.
 */

#include <pvh.h>

TEST_TITLE("entries with gpas above 4 GiB");

#define SIZE    400
#define GPA     0x2345678000ull

static uint8_t buf[SIZE], seen[SIZE];

/* One page less where page is, one more at GPA. */
static void move_up(uint8_t *page)
{
    REQUIRE_RC(hypercall_decrease_reservation(gpa_of(page) >> PAGE_SHIFT), 1);
    REQUIRE_RC(hypercall_populate(GPA >> PAGE_SHIFT), 1);
}

static void check_encoding(void)
{
    static const uint64_t gpas[] = {
        0x100000000ull, 0xfffff000ull, 0x7fffffe000ull, GPA,
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(gpas); i++ )
    {
        CHECK_RC(swtlb_insert(0, WINDOW, gpas[i], 2 * PAGE_SIZE), 0);
        CHECK_ENTRY(0, 0, WINDOW, gpas[i], 2 * PAGE_SIZE);
        CHECK_RC(swtlb_purge_all(0), 0);
    }
}

/* The high bits are not for other operations; flags stay flags. */
static void check_refusals(void)
{
#ifndef __x86_64__
    int hi = XEN_SWTLB_GPA_HI(GPA), cmd;

    CHECK_EQ(hi, 0x23 << 16);
    for ( cmd = VCPUOP_swtlb_purge; cmd <= VCPUOP_swtlb_strict; cmd++ )
        CHECK_REFUSED(hypercall_vcpu_op5(cmd | hi, 0, 0, 0, 0), -XEN_EINVAL,
                      0);
    CHECK_REFUSED(hypercall_vcpu_op5(VCPUOP_swtlb_insert | hi | 0x400, 0,
                                     WINDOW, (unsigned long)GPA, PAGE_SIZE),
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
            VCPUOP_swtlb_insert, 0, WINDOW, (unsigned long)GPA, PAGE_SIZE,
        },
    };

#ifndef __x86_64__
    call.args[0] |= XEN_SWTLB_GPA_HI(GPA);
#endif
    CHECK_RC(hypercall_multicall(&call, 1), 0);
    CHECK_RC((long)call.result, 0);
    CHECK_ENTRY(0, 0, WINDOW, GPA, PAGE_SIZE);
    CHECK_RC(swtlb_purge_all(0), 0);
}

void test_main(void)
{
    swtlb_require();
    check_encoding();
    check_refusals();
    check_multicall();

    CHECK_RC(swtlb_insert(0, WINDOW, GPA, PAGE_SIZE), 0);
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
