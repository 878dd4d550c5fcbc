/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot option "swtlb=", and the debug key 'B'. */

#include "harness/unit.h"

#include <stdio.h>

#define DEFAULT  64

static const struct {
    const char *value;
    int rc;
    unsigned int max_entries;    /* 0: off */
} options[] = {
    { "on", 0, DEFAULT },
    { "off", 0, 0 },
    { "yes", 0, DEFAULT },
    /* What "no-swtlb" is turned into. */
    { "no", 0, 0 },
    { "1", 0, DEFAULT },
    { "0", 0, 0 },
    { "enable", 0, DEFAULT },
    { "false", 0, 0 },

    { "max-entries=1", 0, 1 },
    { "max-entries=2", 0, 2 },
    { "max-entries=64", 0, 64 },
    { "max-entries=1024", 0, 1024 },
    { "max-entries=0x10", 0, 16 },

    { "off,max-entries=8", 0, 0 },
    { "max-entries=8,off", 0, 0 },
    { "on,max-entries=8", 0, 8 },
    { "max-entries=8,on", 0, 8 },
    { "off,on", 0, DEFAULT },
    { "max-entries=8,max-entries=9", 0, 9 },

    { "hwdom-only", 0, DEFAULT },
    { "hwdom-only=no,max-entries=3", 0, 3 },
    { "hwdom", -EINVAL, DEFAULT },
    { "hwdom-only=some", -EINVAL, DEFAULT },

    { "strict-dom0", 0, DEFAULT },
    { "strict-dom0=yes", 0, DEFAULT },
    { "no-strict-dom0,max-entries=3", 0, 3 },
    { "off,strict-dom0", 0, 0 },
    { "strict-dom0=maybe", -EINVAL, DEFAULT },
    { "strict-dom", -EINVAL, DEFAULT },
    { "strict-dom00", -EINVAL, DEFAULT },

    /* Out of range: the default. */
    { "max-entries=0", -EINVAL, DEFAULT },
    { "max-entries=1025", -EINVAL, DEFAULT },
    { "max-entries=4294967296", -EINVAL, DEFAULT },
    { "max-entries=4294967297", -EINVAL, DEFAULT },
    { "max-entries=18446744073709551615", -EINVAL, DEFAULT },
    { "max-entries=-1", -EINVAL, DEFAULT },

    /* No number, or something behind it. */
    { "max-entries=", -EINVAL, DEFAULT },
    { "max-entries", -EINVAL, DEFAULT },
    { "max-entries=many", -EINVAL, DEFAULT },
    { "max-entries=12x", -EINVAL, DEFAULT },
    { "max-entries=1 ", -EINVAL, DEFAULT },
    { "max-entries= 1", -EINVAL, DEFAULT },
    { "max-entries=1;off", -EINVAL, DEFAULT },

    /* The good parts of a bad value count. */
    { "", -EINVAL, DEFAULT },
    { ",", -EINVAL, DEFAULT },
    { "maybe", -EINVAL, DEFAULT },
    { "off,maybe", -EINVAL, 0 },
    { "maybe,off", -EINVAL, 0 },
    { "off,", -EINVAL, 0 },
    { ",off", -EINVAL, 0 },
    { "max-entries=8,maybe", -EINVAL, 8 },
    { "max-entries=0,max-entries=8", -EINVAL, 8 },
    { "max-entries=8,max-entries=0", -EINVAL, 8 },
    { "offf", -EINVAL, DEFAULT },
    { "o", -EINVAL, DEFAULT },
};

START_TEST(option)
{
    /* Of its exact size, so that the sanitizer sees a byte read too far. */
    char *value = strdup(options[_i].value);

    CHECK_EQ(xen_set_param("swtlb", value), options[_i].rc);
    CHECK_EQ(swtlb_max_entries, options[_i].max_entries);
    free(value);

    /* These domains were made before; they are not to end as strict ones. */
    xen_set_param("swtlb", "no-strict-dom0,no-hwdom-only");
}
END_TEST

START_TEST(option_absent)
{
    CHECK_EQ(swtlb_max_entries, DEFAULT);
}
END_TEST

/* Who may use it, and whether that is said when Xen starts. */
static const struct {
    const char *value, *told;
    bool dom, other;
} who[] = {
    { "on", "all HVM domains, 64 entries a vCPU\n", true, true },
    { "hwdom-only", "hardware domain only, 64 entries a vCPU\n", true, false },
    { "hwdom-only,strict-dom0,max-entries=8",
      "hardware domain only, 8 entries a vCPU, hardware domain strict\n",
      true, false },
    { "off,hwdom-only", "off\n", false, false },
};

START_TEST(enabled)
{
    char told[160] = "Software TLB for hypercall buffers: ";

    world_fini();
    CHECK_EQ(xen_set_param("swtlb", who[_i].value), 0);
    world_init();
    xen_console_clear();
    xen_run_initcalls();
    CHECK_STR(xen_console(), strcat(told, who[_i].told));

    CHECK_EQ(swtlb_enabled(dom), who[_i].dom);
    CHECK_EQ(swtlb_enabled(dom_other), who[_i].other);
    CHECK(!swtlb_enabled(dom_pv));
    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 1), who[_i].dom ? 0 : -EOPNOTSUPP);
    as(dom_other->vcpus[0]);
    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 1),
             who[_i].other ? 0 : -EOPNOTSUPP);

    as(cpu(0));
    CHECK_EQ(xen_set_param("swtlb", "on,no-hwdom-only,no-strict-dom0"), 0);
}
END_TEST

/* The hardware domain need not be the one with id 0. */
START_TEST(hardware_domain)
{
    world_fini();
    world_hwdom = 1;
    CHECK_EQ(xen_set_param("swtlb", "hwdom-only,strict-dom0"), 0);
    world_init();
    CHECK(!swtlb_enabled(dom) && !dom->swtlb.strict);
    CHECK(swtlb_enabled(dom_other) && dom_other->swtlb.strict);
    world_hwdom = 0;
    CHECK_EQ(xen_set_param("swtlb", "no-hwdom-only,no-strict-dom0"), 0);
}
END_TEST

START_TEST(key_only_if_on)
{
    CHECK(!xen_press_key('B'));
    CHECK_EQ(xen_set_param("swtlb", "off"), 0);
    xen_run_initcalls();
    CHECK(!xen_press_key('B'));

    CHECK_EQ(xen_set_param("swtlb", "on"), 0);
    xen_run_initcalls();
    xen_console_clear();
    CHECK_STR(xen_press_key('B'), "dump software TLBs (hypercall buffers)");
    CHECK_STR(xen_console(),
"'B' pressed -> dumping software TLBs\n"
"d0: 0 bytes, 0 pages pinned\n"
"d0v0: entries 0 of 64, sharers 0\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"d0v1: entries 0 of 64, sharers 0\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"d0v2: entries 0 of 64, sharers 0\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"d0v3: entries 0 of 64, sharers 0\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"d1: 0 bytes, 0 pages pinned\n"
"d1v0: entries 0 of 64, sharers 0\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"d1v1: entries 0 of 64, sharers 0\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n");
}
END_TEST

/* A table that is shared is printed once, with its first user. */
START_TEST(key_prints_tables)
{
    static char expected[4096];

    CHECK_EQ(xen_set_param("swtlb", "max-entries=9"), 0);
    xen_run_initcalls();

    CHECK_EQ(op_insert(1, 0xffff888000000000, 0x80000000, 0x40000000), 0);
    CHECK_EQ(op_insert(1, 0x1000, 0x3fffffffe000, 0x1000), 0);
    CHECK_EQ(op_share(3, 1), 0);
    CHECK_EQ(op_insert(2, 0xfff, 0xfff, 1), 0);
    as(dom_other->vcpus[0]);
    CHECK_EQ(op_share(1, 0), 0);
    cpu(3)->swtlb.stats = (struct xen_swtlb_stats){
        .hits = 1, .misses = 20, .faults = 300, .hit_bytes = ~0UL,
        .miss_bytes = 5, .refused = 7,
    };

    CHECK(dom->swtlb.bytes > dom_other->swtlb.bytes);
    CHECK(dom_other->swtlb.bytes > 0);
    xen_console_clear();
    CHECK(xen_press_key('B'));
    snprintf(expected, sizeof(expected),
"'B' pressed -> dumping software TLBs\n"
"d0: %u bytes, 0 pages pinned\n"
"d0v0: entries 0 of 9, sharers 0\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"d0v1: entries 2 of 9, sharers 2\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"  gva 0x1000-0x1fff gpa 0x003fffffffe000\n"
"  gva 0xffff888000000000-0xffff88803fffffff gpa 0x00000080000000\n"
"d0v2: entries 1 of 9, sharers 1\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"  gva 0xfff-0xfff gpa 0x00000000000fff\n"
"d0v3: entries 2 of 9, sharers 2\n"
"  hits 1 misses 20 faults 300 hit-bytes 18446744073709551615 miss-bytes 5"
" refused 7\n"
"d1: %u bytes, 0 pages pinned\n"
"d1v0: entries 0 of 9, sharers 2\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n"
"d1v1: entries 0 of 9, sharers 2\n"
"  hits 0 misses 0 faults 0 hit-bytes 0 miss-bytes 0 refused 0\n",
             dom->swtlb.bytes, dom_other->swtlb.bytes);
    CHECK_STR(xen_console(), expected);
}
END_TEST

/* Others get their turn between entries, of which there may be many. */
START_TEST(key_lets_others_work)
{
    unsigned int i, before;

    xen_run_initcalls();
    for ( i = 0; i < DEFAULT; i++ )
        CHECK_EQ(op_insert(0, i * 0x1000, i * 0x1000, 0x1000), 0);
    before = xen_softirqs;
    CHECK(xen_press_key('B'));
    CHECK(xen_softirqs - before >= DEFAULT + 6);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("boot");
    TCase *tc = unit_case(s, "boot");

    tcase_add_loop_test(tc, option, 0, ARRAY_SIZE(options));
    tcase_add_test(tc, option_absent);
    tcase_add_loop_test(tc, enabled, 0, ARRAY_SIZE(who));
    tcase_add_test(tc, hardware_domain);
    tcase_add_test(tc, key_only_if_on);
    tcase_add_test(tc, key_prints_tables);
    tcase_add_test(tc, key_lets_others_work);

    return s;
}
