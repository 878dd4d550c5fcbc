/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An area that vCPU 0 registers for vCPU 1 is vCPU 1's: the gva is looked up
 * in its table and never in vCPU 0's, although vCPU 0 makes the copy.  The
 * arguments of the hypercall are still vCPU 0's.
 */

#include <pvh.h>

TEST_TITLE("areas registered for another vCPU use its table");

/* What the page tables, vCPU 0's entry and vCPU 1's lead to. */
static uint8_t *walked, *mine, *theirs;

/* The argument, in memory that only an entry of vCPU 0 leads to. */
#define ARG_GVA (WINDOW + MB(1))
static uint64_t *arg;

static bool used(const uint8_t *page)
{
    unsigned int i;

    for ( i = 0; i < PAGE_SIZE; i++ )
        if ( page[i] != 0xcc )
            return true;

    return false;
}

static void clear(void)
{
    memset(walked, 0xcc, PAGE_SIZE);
    memset(mine, 0xcc, PAGE_SIZE);
    memset(theirs, 0xcc, PAGE_SIZE);
}

static void register_area(int cmd, unsigned int vcpuid, uint64_t gva)
{
    *arg = gva;
    CHECK_RC(hypercall_vcpu_op(cmd, vcpuid, (void *)ARG_GVA), 0);
}

static void check(int cmd, const char *when, bool w, bool m, bool t)
{
    bool ok;

    clear();
    register_area(cmd, 1, WINDOW + 64);
    ok = CHECK_EQ(used(walked), w) & CHECK_EQ(used(mine), m) &
         CHECK_EQ(used(theirs), t);
    if ( !ok )
        test_failure("... with %s, operation %d", when, cmd);
    register_area(cmd, 1, 0);
}

static void test_area(int cmd)
{
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(mine), PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(theirs), PAGE_SIZE), 0);
    check(cmd, "both entries", false, false, true);

    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    check(cmd, "vCPU 1's entry", false, false, true);

    CHECK_RC(swtlb_purge(1, WINDOW, PAGE_SIZE), 0);
    check(cmd, "no entry", true, false, false);

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(mine), PAGE_SIZE), 0);
    check(cmd, "vCPU 0's entry", true, false, false);

    /* The caller's own area, after all that. */
    clear();
    register_area(cmd, 0, WINDOW + 64);
    CHECK(used(mine));
    CHECK(!used(walked));
    CHECK(!used(theirs));
    register_area(cmd, 0, 0);
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
}

/* Partly in vCPU 1's entry, and from there on by the page tables. */
static void test_partial(int cmd)
{
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(mine), PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(theirs), 70), 0);
    check(cmd, "an entry that covers a part", true, false, true);
    CHECK_RC(swtlb_purge(0, WINDOW, PAGE_SIZE), 0);
    CHECK_RC(swtlb_purge(1, WINDOW, PAGE_SIZE), 0);
}

/*
 * vCPU 1's vcpu_info moves, on which Xen brings its time area up to date: one
 * more copy for vCPU 1 that vCPU 0 makes.
 */
static void test_vcpu_info(void)
{
    struct vcpu_register_vcpu_info *info = (void *)arg;
    uint64_t gpa = gpa_of(alloc_pages(1));

    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(mine), PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(theirs), PAGE_SIZE), 0);
    register_area(VCPUOP_register_vcpu_time_memory_area, 1, WINDOW + 64);
    clear();

    memset(info, 0, sizeof(*info));
    info->mfn = gpa >> PAGE_SHIFT;
    CHECK_RC(hypercall_vcpu_op(VCPUOP_register_vcpu_info, 1,
                               (void *)ARG_GVA), 0);
    CHECK(used(theirs));
    CHECK(!used(mine));
    CHECK(!used(walked));

    register_area(VCPUOP_register_vcpu_time_memory_area, 1, 0);
    CHECK_RC(swtlb_purge(XEN_SWTLB_ALL_VCPUS, WINDOW, PAGE_SIZE), 0);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(2);
    walked = alloc_pages(1);
    mine = alloc_pages(1);
    theirs = alloc_pages(1);
    arg = alloc_pages(1);
    map_4k(WINDOW, gpa_of(walked), PTE_RW);
    CHECK_RC(swtlb_insert(0, ARG_GVA, gpa_of(arg), PAGE_SIZE), 0);

    test_area(VCPUOP_register_runstate_memory_area);
    test_area(VCPUOP_register_vcpu_time_memory_area);
    test_partial(VCPUOP_register_runstate_memory_area);
    test_partial(VCPUOP_register_vcpu_time_memory_area);
    test_vcpu_info();
    CHECK_ENTRIES(0, 1);
    CHECK_ENTRIES(1, 0);
}
