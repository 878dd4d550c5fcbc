/* SPDX-License-Identifier: GPL-2.0-only */
/* Strict domains: what no entry covers is refused, and never walked. */

#include "harness/unit.h"

#define GVA   0x200000UL
#define GFN   0x10UL
#define GPA   (GFN << PAGE_SHIFT)

static uint8_t buf[2 * PAGE_SIZE];

static long op_strict(unsigned int vcpuid)
{
    return vcpu_op(VCPUOP_swtlb_strict, vcpuid, 0, 0, 0);
}

/* Two pages, mapped; the first one is registered for vCPU 0. */
static void prepare(struct domain *d)
{
    unsigned int i;

    for ( i = 0; i < 2; i++ )
    {
        guest_add_page(d, GFN + i, p2m_ram_rw);
        guest_map(&d->tables, GVA + i * PAGE_SIZE, GFN + i, true);
    }

    as(d->vcpus[0]);
    CHECK_EQ(op_insert(0, GVA, GPA, PAGE_SIZE), 0);
}

START_TEST(refuses)
{
    prepare(dom);
    CHECK_EQ(op_strict(XEN_SWTLB_ALL_VCPUS), 0);

    /* Covered, twice: by a lookup, and by what that remembered. */
    CHECK_EQ(raw_copy_to_guest((void *)GVA, buf, 8), 0);
    CHECK_EQ(raw_copy_to_guest((void *)GVA, buf, 8), 0);
    CHECK_STATS(cpu(0), .hits = 2, .hit_bytes = 16);

    /* Not covered; the second time where it is known that nothing is. */
    CHECK_EQ(raw_copy_to_guest((void *)(GVA + PAGE_SIZE), buf, 8), 8);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)(GVA + PAGE_SIZE), 8), 8);
    CHECK_EQ(raw_clear_guest((void *)(GVA + PAGE_SIZE), 8), 8);
    CHECK_STATS(cpu(0), .hits = 2, .hit_bytes = 16, .faults = 3,
                .refused = 3);

    /* In part. */
    CHECK_EQ(raw_copy_from_guest(buf, (void *)(GVA + PAGE_SIZE - 4), 8), 8);
    CHECK_STATS(cpu(0), .hits = 2, .hit_bytes = 20, .faults = 4,
                .refused = 4);
    CHECK_EQ(cpu(0)->walks, 0);

    /* vCPU 1 has no table at all, and is as strict. */
    as(cpu(1));
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 8), 8);
    CHECK_STATS(cpu(1), .faults = 1, .refused = 1);
    CHECK_EQ(cpu(1)->walks, 0);

    /* Others are not. */
    prepare(dom_other);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)(GVA + PAGE_SIZE), 8), 0);
    CHECK_STATS(dom_other->vcpus[0], .misses = 1, .miss_bytes = 8);
}
END_TEST

/* The query is refused its own buffer, too. */
START_TEST(query)
{
    CHECK_EQ(op_strict(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_query, 0, QUERY_GVA, XEN_SWTLB_QUERY_state,
                     0), -EFAULT);

    CHECK_EQ(op_insert(0, QUERY_GVA, QUERY_GFN << PAGE_SHIFT, PAGE_SIZE), 0);
    CHECK_EQ(get_state(0).flags, XEN_SWTLB_STATE_strict);
    CHECK_EQ(get_state(1).flags, XEN_SWTLB_STATE_strict);
}
END_TEST

START_TEST(errors)
{
    CHECK_EQ(op_strict(0), -EINVAL);
    CHECK_EQ(op_strict(WORLD_VCPUS), -ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 1, 0, 0),
             -EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 0, 1, 0),
             -EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_strict, XEN_SWTLB_ALL_VCPUS, 0, 0, 1),
             -EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_strict | XEN_SWTLB_FLAG_pinned,
                     XEN_SWTLB_ALL_VCPUS, 0, 0, 0), -EINVAL);
    CHECK_EQ(get_state(0).flags, 0);

    as(dom_pv->vcpus[0]);
    CHECK_EQ(op_strict(XEN_SWTLB_ALL_VCPUS), -EOPNOTSUPP);
}
END_TEST

/*
 * It waits for walks under way: when the others are paused, none begins any
 * more.  Another vCPU may be about the same; then it is done once more.
 */
static unsigned int pauses;

static int pause_others(void)
{
    unsigned int i;

    for ( i = 0; i < WORLD_VCPUS; i++ )
        CHECK(cpu(i)->swtlb.flags & SWTLB_strict);

    return ++pauses < 3 ? -ERESTART : 0;
}

START_TEST(waits_for_walks)
{
    prepare(dom);
    pauses = 0;
    xen_on_pause = pause_others;
    CHECK_EQ(op_strict(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(pauses, 3);
    CHECK_EQ(world_continued, 2);
}
END_TEST

/* Neither purges nor a vCPU's reset end it; a reset of the domain does. */
START_TEST(lasts)
{
    prepare(dom);
    CHECK_EQ(op_strict(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(op_strict(XEN_SWTLB_ALL_VCPUS), 0);
    CHECK_EQ(op_purge_all(XEN_SWTLB_ALL_VCPUS), 0);
    swtlb_vcpu_reset(cpu(0));
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 8), 8);

    swtlb_domain_reset(dom);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 8), 0);
    CHECK_EQ(get_state(0).flags, 0);
    CHECK_STATS(cpu(0), .misses = 1, .faults = 1, .refused = 1);
}
END_TEST

/*
 * A copy which is made for a vCPU of another domain: strict is strict, whoever
 * of the two it is.
 */
START_TEST(other_domain)
{
    prepare(dom);
    prepare(dom_other);
    CHECK_EQ(op_strict(XEN_SWTLB_ALL_VCPUS), 0);

    as(cpu(0));
    swtlb_copy_for(dom_other->vcpus[0]);
    CHECK_EQ(raw_copy_to_guest((void *)GVA, buf, 8), 8);
    swtlb_copy_for(cpu(0));

    as(dom_other->vcpus[0]);
    swtlb_copy_for(cpu(0));
    CHECK_EQ(raw_copy_to_guest((void *)GVA, buf, 8), 8);
    swtlb_copy_for(dom_other->vcpus[0]);

    CHECK_EQ(cpu(0)->walks + dom_other->vcpus[0]->walks, 0);
}
END_TEST

/* dom is d0, the others are not. */
START_TEST(boot_option)
{
    world_fini();
    CHECK_EQ(xen_set_param("swtlb", "strict-dom0"), 0);
    world_init();

    prepare(dom);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)(GVA + PAGE_SIZE), 8), 8);
    swtlb_domain_reset(dom);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 8), 8);

    prepare(dom_other);
    CHECK_EQ(raw_copy_from_guest(buf, (void *)(GVA + PAGE_SIZE), 8), 0);

    CHECK_EQ(xen_set_param("swtlb", "no-strict-dom0"), 0);
}
END_TEST

START_TEST(boot_option_off)
{
    world_fini();
    CHECK_EQ(xen_set_param("swtlb", "off,strict-dom0"), 0);
    world_init();

    guest_add_page(dom, GFN, p2m_ram_rw);
    guest_map(&dom->tables, GVA, GFN, true);
    as(cpu(0));
    CHECK_EQ(raw_copy_from_guest(buf, (void *)GVA, 8), 0);

    CHECK_EQ(xen_set_param("swtlb", "on,no-strict-dom0"), 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("strict");
    TCase *tc = unit_case(s, "strict");

    tcase_add_test(tc, refuses);
    tcase_add_test(tc, query);
    tcase_add_test(tc, errors);
    tcase_add_test(tc, waits_for_walks);
    tcase_add_test(tc, lasts);
    tcase_add_test(tc, other_domain);
    tcase_add_test(tc, boot_option);
    tcase_add_test(tc, boot_option_off);

    return s;
}
