/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table takes as many entries as the limits say, all of them work, and then
 * refuses insert, and a purge that would split.
 */

#include <pvh.h>

TEST_TITLE("-ENOSPC of insert and purge at the limit");

#define SIZE 100

static uint8_t buf[SIZE];

static unsigned long gva_of(unsigned int i)
{
    return WINDOW + i * 2 * PAGE_SIZE;
}

/* In an order that is not the one of the table. */
static void fill_table(unsigned int vcpuid, unsigned int max, uint64_t gpa)
{
    unsigned int i;

    for ( i = 0; i < max; i++ )
    {
        unsigned int nr = i % 2 ? max - 1 - i / 2 : i / 2;

        CHECK_RC(swtlb_insert(vcpuid, gva_of(nr), gpa + nr * PAGE_SIZE,
                              PAGE_SIZE), 0);
    }
    CHECK_ENTRIES(vcpuid, max);
}

static void test_use(unsigned int max, uint8_t *mem)
{
    unsigned int i;

    for ( i = 0; i < max; i++ )
    {
        CHECK_ENTRY(0, i, gva_of(i), gpa_of(mem) + i * PAGE_SIZE, PAGE_SIZE);
        fill(mem + i * PAGE_SIZE, SIZE, i);
        CHECK_RC(xen_take(gva_of(i), SIZE), 0);
        CHECK_RC(xen_give((unsigned long)buf, SIZE), 0);
        CHECK_MEM(buf, mem + i * PAGE_SIZE, SIZE);
    }
    CHECK_RC(xen_take(gva_of(max), SIZE), -XEN_EFAULT);
}

static void test_refusals(unsigned int max, uint64_t gpa)
{
    CHECK_REFUSED(swtlb_insert(0, gva_of(max), gpa, PAGE_SIZE), -XEN_ENOSPC,
                  0);
    /* What is wrong with the call itself comes first. */
    CHECK_REFUSED(swtlb_insert(0, gva_of(0), gpa, PAGE_SIZE), -XEN_EEXIST, 0);
    CHECK_REFUSED(swtlb_insert(0, gva_of(max), gpa + 1, PAGE_SIZE),
                  -XEN_EINVAL, 0);
    CHECK_REFUSED(swtlb_purge(0, gva_of(1) + 100, 100), -XEN_ENOSPC, 0);
    /* For all vCPUs: it would work for vCPU 1, and is not done there. */
    CHECK_REFUSED(swtlb_purge(XEN_SWTLB_ALL_VCPUS, gva_of(1) + 100, 100),
                  -XEN_ENOSPC, 1);
    CHECK_REFUSED(swtlb_purge(XEN_SWTLB_ALL_VCPUS, gva_of(1) + 100, 100),
                  -XEN_ENOSPC, 0);
}

static void test_room_again(unsigned int max, uint64_t gpa)
{
    /* Trimming needs no room. */
    CHECK_RC(swtlb_purge(0, gva_of(1), 100), 0);
    CHECK_RC(swtlb_purge(0, gva_of(1) + PAGE_SIZE - 100, 100), 0);
    CHECK_ENTRIES(0, max);

    CHECK_RC(swtlb_purge(0, gva_of(0), PAGE_SIZE), 0);
    CHECK_RC(swtlb_purge(0, gva_of(1) + 1000, 100), 0);
    CHECK_ENTRIES(0, max);
    CHECK_REFUSED(swtlb_insert(0, gva_of(max), gpa, PAGE_SIZE), -XEN_ENOSPC,
                  0);

    CHECK_RC(swtlb_purge(0, gva_of(1), PAGE_SIZE), 0);
    CHECK_ENTRIES(0, max - 2);
    CHECK_RC(swtlb_insert(0, gva_of(max), gpa, PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(0, gva_of(max + 1), gpa, PAGE_SIZE), 0);
    CHECK_REFUSED(swtlb_insert(0, gva_of(0), gpa, PAGE_SIZE), -XEN_ENOSPC, 0);
}

void test_main(void)
{
    unsigned int max;
    uint8_t *mem;

    swtlb_require();
    vcpu_require(2);

    max = swtlb_limits().max_entries;
    CHECK_EQ(max, 64);
    mem = alloc_pages(max);

    CHECK_RC(swtlb_insert(1, gva_of(1), gpa_of(mem), PAGE_SIZE), 0);
    fill_table(0, max, gpa_of(mem));
    test_use(max, mem);
    test_refusals(max, gpa_of(mem));
    test_room_again(max, gpa_of(mem));

    /* What vCPU 0 has used up is not missing for vCPU 1. */
    CHECK_RC(swtlb_purge_all(1), 0);
    fill_table(1, max, gpa_of(mem));
}
