/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queries: what they say, that they write no byte more than their structure,
 * where the buffer may be, and every errno.
 */

#include <pvh.h>

TEST_TITLE("query: limits, state, entries, buffers, each errno");

#define GPA     0x1000000ul

static uint8_t buf[128];

/* The query writes the whole structure and nothing behind it. */
static void check_extent(unsigned int selector, unsigned int index,
                         unsigned int size)
{
    uint8_t first[sizeof(buf)];
    unsigned int i;

    memset(buf, 0x55, sizeof(buf));
    CHECK_RC(swtlb_query(0, buf, selector, index), 0);
    memcpy(first, buf, sizeof(buf));
    memset(buf, 0xaa, sizeof(buf));
    CHECK_RC(swtlb_query(0, buf, selector, index), 0);

    for ( i = 0; i < sizeof(buf); i++ )
    {
        bool untouched = first[i] == 0x55 && buf[i] == 0xaa;

        if ( i < size ? untouched : !untouched )
        {
            test_failure("selector %u %s byte %u", selector,
                         i < size ? "leaves" : "overwrites", i);
            break;
        }
    }
}

static void test_extents(void)
{
    check_extent(XEN_SWTLB_QUERY_limits, 0, sizeof(struct xen_swtlb_limits));
    check_extent(XEN_SWTLB_QUERY_state, 0, sizeof(struct xen_swtlb_state));
    check_extent(XEN_SWTLB_QUERY_stats, 0, sizeof(struct xen_swtlb_stats));
    check_extent(XEN_SWTLB_QUERY_entry, 0, sizeof(struct xen_swtlb_entry));
    check_extent(XEN_SWTLB_QUERY_generation, 0,
                 sizeof(struct xen_swtlb_generation));
}

static uint64_t generation(void)
{
    struct xen_swtlb_generation g = {};

    CHECK_RC(swtlb_query(0, &g, XEN_SWTLB_QUERY_generation, 0), 0);

    return g.generation;
}

/* Another one after a vCPU was reset, and not after what the guest does. */
static void test_generation(void)
{
    uint64_t was = generation();

    CHECK(was != 0);
    CHECK_RC(swtlb_insert(1, WINDOW, GPA, PAGE_SIZE), 0);
    CHECK_RC(swtlb_purge_all(1), 0);
    CHECK(generation() == was);
    vcpu_start(1);
    was = generation();
    CHECK_RC(swtlb_insert(1, WINDOW, GPA, PAGE_SIZE), 0);
    vcpu_down(1);
    CHECK(generation() != was);
    CHECK_ENTRIES(1, 0);
}

static void test_values(void)
{
    struct xen_swtlb_limits limits = swtlb_limits();
    struct xen_swtlb_state state = swtlb_state(0);

    CHECK_EQ(limits.abi, 2);
    CHECK_EQ(limits.flags,
             XEN_SWTLB_FLAG_pinned | XEN_SWTLB_FLAG_space);
    CHECK_EQ(limits.max_entries, 64);
    CHECK_EQ(limits.max_pinned, 16 * vcpu_count());

    CHECK_EQ(state.nr_entries, 2);
    CHECK_EQ(state.nr_sharers, 1);
    CHECK_EQ(state.nr_pinned, 0);
    CHECK_EQ(state.flags, 0);

    CHECK_ENTRY(0, 0, WINDOW, GPA, PAGE_SIZE);
    CHECK_ENTRY(0, 1, WINDOW + MB(1) + 1, GPA + 1, 1);

    /* Of a vCPU that has never been up. */
    state = swtlb_state(1);
    CHECK_EQ(state.nr_entries, 0);
    CHECK_EQ(state.nr_sharers, 0);
}

/* The buffer is a hypercall buffer like any other. */
static void test_buffer_in_entry(void)
{
    struct xen_swtlb_limits *limits = alloc_pages(1);
    unsigned long gva = WINDOW + MB(4);

    CHECK_RC(swtlb_query(0, (void *)gva, XEN_SWTLB_QUERY_limits, 0),
             -XEN_EFAULT);
    CHECK_RC(swtlb_insert(0, gva, gpa_of(limits), PAGE_SIZE), 0);
    CHECK_RC(swtlb_query(0, (void *)gva, XEN_SWTLB_QUERY_limits, 0), 0);
    CHECK_EQ(limits->abi, 2);
    CHECK_RC(swtlb_purge(0, gva, PAGE_SIZE), 0);
}

#define REFUSED(expected, cmd, vcpuid, gva, selector, index)                \
    ({                                                                      \
        memset(buf, 0x55, sizeof(buf));                                     \
        CHECK_REFUSED(hypercall_vcpu_op5(cmd, vcpuid, gva, selector, index), \
                      expected, 0);                                         \
        CHECK_EQ(buf[0], 0x55);                                             \
    })

static void test_errors(void)
{
    unsigned long gva = (unsigned long)buf;
    unsigned int i;

    for ( i = 8; i < 32; i++ )
        REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query | (int)(1u << i), 0, gva, 0,
                0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query, 0, gva,
            XEN_SWTLB_QUERY_generation + 1, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query, 0, gva,
            XEN_SWTLB_QUERY_generation, 1);
    for ( i = 8; i; i <<= 1 )
        REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query, 0, gva, i, 0);
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query, 0, gva, -1ul, 0);
#ifdef __x86_64__
    REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query, 0, gva, 1ul << 32, 0);
    REFUSED(-XEN_ENODATA, VCPUOP_swtlb_query, 0, gva, XEN_SWTLB_QUERY_entry,
            1ul << 32);
#endif
    for ( i = XEN_SWTLB_QUERY_limits; i <= XEN_SWTLB_QUERY_stats; i++ )
        REFUSED(-XEN_EINVAL, VCPUOP_swtlb_query, 0, gva, i, 1);

    REFUSED(-XEN_ENODATA, VCPUOP_swtlb_query, 0, gva, XEN_SWTLB_QUERY_entry,
            2);
    REFUSED(-XEN_ENODATA, VCPUOP_swtlb_query, 0, gva, XEN_SWTLB_QUERY_entry,
            -1ul);
    REFUSED(-XEN_ENODATA, VCPUOP_swtlb_query, 1, gva, XEN_SWTLB_QUERY_entry,
            0);

    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_query, vcpu_count(), gva, 0, 0);
    REFUSED(-XEN_ENOENT, VCPUOP_swtlb_query, XEN_SWTLB_ALL_VCPUS, gva, 0, 0);

    for ( i = XEN_SWTLB_QUERY_limits; i <= XEN_SWTLB_QUERY_generation; i++ )
        REFUSED(-XEN_EFAULT, VCPUOP_swtlb_query, 0, WINDOW + MB(4), i, 0);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(2);

    CHECK_RC(swtlb_insert(0, WINDOW, GPA, PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(0, WINDOW + MB(1) + 1, GPA + 1, 1), 0);

    test_values();
    test_extents();
    test_buffer_in_entry();
    test_errors();
    test_values();
    test_generation();
}
