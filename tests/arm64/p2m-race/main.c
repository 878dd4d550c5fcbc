/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPU 1 has Xen write through an entry, again and again.  Meanwhile vCPU 0
 * takes the page from the entry's gpa and has it elsewhere.  From then on it
 * must stay untouched.
 */

#include <p2m.h>
#include <pvh.h>

TEST_TITLE("no copy reaches a page that left its entry's gpa");

#define ROUNDS  200

/* What Xen writes: one of the structures that it fills. */
static bool stop;
static unsigned long written, refused;

static void write_on(void *unused)
{
    (void)unused;

    while ( !ACCESS_ONCE(stop) )
    {
        struct xen_feature_info *info = (void *)(WINDOW + 64);
        long rc = hypercall_xen_version(XENVER_get_features, info);

        if ( rc == -XEN_EFAULT )
            ACCESS_ONCE(refused) = refused + 1;
        else if ( rc )
            test_failure("a hypercall returned %ld", rc);
        else
            ACCESS_ONCE(written) = written + 1;
    }
}

static void wait_for_more(unsigned long *count)
{
    unsigned long last = ACCESS_ONCE(*count);

    wait_until(ACCESS_ONCE(*count) > last + 1);
}

static bool untouched(const uint8_t *page)
{
    unsigned int i, j;

    for ( j = 0; j < 20; j++ )
        for ( i = 64; i < 64 + sizeof(struct xen_feature_info); i++ )
            if ( ACCESS_ONCE(page[i]) )
                return false;

    return true;
}

void test_main(void)
{
    uint8_t *target = alloc_pages(1), *other = alloc_pages(1);
    unsigned long target_gfn = gpa_of(target) >> PAGE_SHIFT;
    unsigned long other_gfn = gpa_of(other) >> PAGE_SHIFT;
    unsigned int round;

    swtlb_require();
    vcpu_require(2);
    REQUIRE_RC(hypercall_decrease_reservation(target_gfn), 1);
    REQUIRE_RC(hypercall_decrease_reservation(other_gfn), 1);
    REQUIRE_RC(hypercall_place_grants(target_gfn), 0);
    CHECK_RC(swtlb_insert(1, WINDOW, gpa_of(target), PAGE_SIZE), 0);

    vcpu_start(1);
    vcpu_call(1, write_on, NULL);

    for ( round = 0; round < ROUNDS; round++ )
    {
        volatile unsigned int i;

        wait_for_more(&written);
        for ( i = 0; i < round * 7 % 400; i++ )
            ;
        REQUIRE_RC(hypercall_take_away(target_gfn), 0);
        REQUIRE_RC(hypercall_place_grants(other_gfn), 0);
        memset(other + 64, 0, sizeof(struct xen_feature_info));
        if ( !CHECK(untouched(other)) )
            break;
        if ( round % 4 == 0 )
            wait_for_more(&refused);
        if ( !CHECK(untouched(other)) )
            break;
        REQUIRE_RC(hypercall_take_away(other_gfn), 0);
        REQUIRE_RC(hypercall_place_grants(target_gfn), 0);
    }

    ACCESS_ONCE(stop) = true;
    vcpu_wait(1);
    CHECK(swtlb_stats(1).hits > ROUNDS);
    CHECK_EQ(swtlb_stats(1).misses, 0);
    printk("%u rounds, %lu written, %lu refused\n", round, written, refused);
}
