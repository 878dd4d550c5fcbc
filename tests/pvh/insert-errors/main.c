/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way in which insert refuses, and that nothing has changed after it.
 * (-EOPNOTSUPP: feature-off.  -ENOSPC: table-full.  -ENOBUFS and -EACCES:
 * pinned-errors.  -ENOMEM, and the errno for PV callers, need what cannot be
 * had here; the unit tests have them.)
 */

#include <pvh.h>

TEST_TITLE("insert: each errno");

#define GPA     0x1000000ul
#define FREE    (WINDOW + MB(16))

#define REFUSED(expected, cmd, vcpuid, gva, gpa, size)                      \
    CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, gva, gpa, size),          \
                  expected, 0)

static void test_vcpuid(void)
{
    static const unsigned int ids[] = {
        MAX_VCPUS, 127, 128, 0x7fffffff, 0x80000000, 0xfffffffe,
        XEN_SWTLB_ALL_VCPUS,
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(ids); i++ )
        REFUSED(-XEN_ENOENT, VCPUOP_swtlb_insert, ids[i], FREE, GPA,
                PAGE_SIZE);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_insert, vcpu_count(), FREE, GPA,
            PAGE_SIZE);
    /* Before what is wrong with the other arguments. */
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_insert | 0x400, vcpu_count(), FREE, GPA,
            0);
}

static void test_cmd(void)
{
    unsigned int bit;

    for ( bit = 8; bit < 16; bit++ )
        if ( !((1 << bit) &
               (XEN_SWTLB_FLAG_pinned | XEN_SWTLB_FLAG_space)) )
            REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert | (1 << bit), 0, FREE,
                    GPA, PAGE_SIZE);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert | XEN_SWTLB_FLAGS_MASK, 0, FREE,
            GPA, PAGE_SIZE);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert | (int)0x80000000, 0, FREE, GPA,
            PAGE_SIZE);
#ifndef __i386__
    /* All of a gpa fits into a register. */
    for ( bit = 16; bit < 31; bit++ )
        REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert | (1 << bit), 0, FREE, GPA,
                PAGE_SIZE);
#endif
}

static void test_size(void)
{
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert, 0, FREE, GPA, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert, 0, FREE + 1, GPA + 1, 0);
}

static void test_alignment(void)
{
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert, 0, FREE, GPA + 1, PAGE_SIZE);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert, 0, FREE + 1, GPA, PAGE_SIZE);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert, 0, FREE + 4095, GPA + 4094, 1);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_insert, 0, FREE + 2048, GPA, 1);
}

static void test_gva(void)
{
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, -PAGE_SIZE, GPA,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, -1ul, GPA + 4095, 2);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, FREE, GPA, -1ul);
#ifdef __x86_64__
    /* The canonical hole: into it, within it, out of it, across it. */
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x00007ffffffff000ul, GPA,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x0000800000000000ul, GPA,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x8000000000000000ul, GPA,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0xffff7ffffffff000ul, GPA,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0xffff7ffffffff000ul, GPA,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x00007ffffffff000ul, GPA,
            0xffff800000002000ul);
#elif defined(__aarch64__)
    /* Bits 55 to 52 differ; the range crosses into another half, or tag. */
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x0010000000000000ul, GPA,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0xffe0000000000000ul, GPA,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x0080000000000000ul, GPA,
            PAGE_SIZE);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x000ffffffffff000ul, GPA,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x00fffffffffff000ul, GPA,
            PAGE_SIZE + 1);
    REFUSED(-XEN_ERANGE, VCPUOP_swtlb_insert, 0, 0x000ffffffffff000ul, GPA,
            0xffe0000000002000ul);
#endif
}

static void test_gpa(void)
{
    uint64_t end = gpa_end();

    /* By the wrapper, which puts a 32-bit caller's high bits into cmd. */
    CHECK_REFUSED(swtlb_insert(0, FREE, end, PAGE_SIZE), -XEN_ENXIO, 0);
    CHECK_REFUSED(swtlb_insert(0, FREE, end - PAGE_SIZE, PAGE_SIZE + 1),
                  -XEN_ENXIO, 0);
    CHECK_REFUSED(swtlb_insert(0, FREE, 1ull << 46, PAGE_SIZE), -XEN_ENXIO,
                  0);
#ifndef __i386__
    CHECK_REFUSED(swtlb_insert(0, FREE, -PAGE_SIZE, PAGE_SIZE), -XEN_ENXIO,
                  0);
    CHECK_REFUSED(swtlb_insert(0, FREE, -PAGE_SIZE, 2 * PAGE_SIZE),
                  -XEN_ENXIO, 0);
    CHECK_REFUSED(swtlb_insert(0, FREE, 1ul << 63, PAGE_SIZE), -XEN_ENXIO, 0);
#endif
}

/* Against the entry [WINDOW + 1000, WINDOW + 2000). */
static void test_overlap(void)
{
    static const struct {
        unsigned int start, end;
    } ranges[] = {
        { 1000, 2000 }, { 999, 2001 }, { 1001, 1999 }, { 0, 1001 },
        { 1999, 3000 }, { 1000, 1001 }, { 1999, 2000 }, { 0, 8192 },
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(ranges); i++ )
        REFUSED(-XEN_EEXIST, VCPUOP_swtlb_insert, 0,
                WINDOW + ranges[i].start, GPA + ranges[i].start,
                ranges[i].end - ranges[i].start);

    /* Also where it would say the same as the entry that is there. */
    REFUSED(-XEN_EEXIST, VCPUOP_swtlb_insert, 0, WINDOW + 1000, GPA + 1000,
            1000);

    CHECK_RC(swtlb_insert(0, WINDOW + 999, GPA + 999, 1), 0);
    CHECK_RC(swtlb_insert(0, WINDOW + 2000, GPA + 2000, 1), 0);
    CHECK_ENTRIES(0, 3);
}

static void test_all(void)
{
    test_vcpuid();
    test_cmd();
    test_size();
    test_alignment();
    test_gva();
    test_gpa();
}

void test_main(void)
{
    swtlb_require();

    /* With a table that does not exist yet, and with one that does. */
    test_all();
    CHECK_ENTRIES(0, 0);
    CHECK_EQ(swtlb_state(0).nr_sharers, 0);

    CHECK_RC(swtlb_insert(0, WINDOW + 1000, GPA + 1000, 1000), 0);
    test_all();
    CHECK_ENTRY(0, 0, WINDOW + 1000, GPA + 1000, 1000);
    test_overlap();
}
