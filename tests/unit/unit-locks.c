/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * That the sources assert what they rely on: a function which needs the lock
 * aborts without it.  These are static, hence the source itself is included.
 */

#include "../../hv/xen/common/swtlb.c"

#include "harness/unit.h"

/* The table of vCPU 0, which has an entry; the others have none. */
static struct swtlb_table *t;

static struct swtlb_table *list;

static void set_up(void)
{
    world_init();
    CHECK_EQ(op_insert(0, 0x1000, 0x1000, 0x1000), 0);
    t = cpu(0)->swtlb.table;
}

static void call_wait_for_lookups(void)
{
    wait_for_lookups(dom);
}

static void call_publish(void)
{
    publish(dom, t);
}

static void call_publish_spare(void)
{
    publish_spare(dom, t);
}

static void call_attach(void)
{
    attach(cpu(1), t);
}

static void call_detach(void)
{
    detach(cpu(0), &list);
}

static void call_detach_finish(void)
{
    detach_finish(dom, NULL);
}

static void call_dump_vcpu(void)
{
    dump_vcpu(cpu(0));
}

/* Growth publishes what it has allocated; here it has something to do. */
static void call_table_grow(void)
{
    t->live->nr = t->capacity;
    table_grow(dom, t);
}

static void (*const calls[])(void) = {
    call_wait_for_lookups, call_publish, call_publish_spare, call_attach,
    call_detach, call_detach_finish, call_dump_vcpu, call_table_grow,
};

START_TEST(unlocked_aborts)
{
    calls[_i]();
}
END_TEST

/* The lock of another domain is not the one. */
START_TEST(wrong_lock_aborts)
{
    spin_lock(&dom_other->swtlb.lock);
    calls[_i]();
}
END_TEST

/* With it they do not abort, or the two above would say nothing. */
START_TEST(locked_passes)
{
    spin_lock(&dom->swtlb.lock);
    wait_for_lookups(dom);
    publish(dom, t);
    detach(cpu(0), &list);
    detach_finish(dom, list);
    attach(cpu(1), table_alloc());
    dump_vcpu(cpu(1));
    spin_unlock(&dom->swtlb.lock);
}
END_TEST

START_TEST(attach_twice_aborts)
{
    spin_lock(&dom->swtlb.lock);
    attach(cpu(0), t);
}
END_TEST

/* A guest must not be able to make an update wait for the caller itself. */
START_TEST(update_inside_lookup_aborts)
{
    swtlb_enter(current);
    op_insert(0, 0x2000, 0x1000, 1);
}
END_TEST

/* Between enter and leave the vCPU is busy, whosever map it looks at. */
START_TEST(enter_and_leave)
{
    CHECK_EQ(op_insert(1, 0x1000, 0x1000, 1), 0);
    CHECK_EQ(op_purge_all(0), 0);

    CHECK(swtlb_enter(cpu(0)) == NULL);
    CHECK_EQ(cpu(0)->swtlb.busy, true);
    swtlb_leave();
    CHECK_EQ(cpu(0)->swtlb.busy, false);

    CHECK(swtlb_enter(cpu(1)) == cpu(1)->swtlb.map);
    CHECK_EQ(cpu(0)->swtlb.busy, true);
    CHECK_EQ(cpu(1)->swtlb.busy, false);
    swtlb_leave();
    swtlb_leave();
    CHECK_EQ(cpu(0)->swtlb.busy, false);
}
END_TEST

/*
 * The fences of the protocol between lookups and updates, by what is done
 * before and what after each.  Whether one is missing cannot be found out by
 * trying: it would show once in a long while, and on some machines never.
 */
static unsigned int fences;
static const struct swtlb_map *new_map;

/* (A): busy is set before it, and the map is read behind it. */
static void fence_of_enter(void)
{
    CHECK_EQ(cpu(0)->swtlb.busy, true);
    cpu(1)->swtlb.map = new_map;
    fences++;
}

START_TEST(enter_fence)
{
    struct swtlb_map map = {};

    new_map = &map;
    xen_on_fence = fence_of_enter;
    CHECK(swtlb_enter(cpu(1)) == &map);
    CHECK_EQ(fences, 1);
    xen_on_fence = NULL;
    cpu(1)->swtlb.map = NULL;
    swtlb_leave();
}
END_TEST

/* (B): busy is cleared behind it. */
static void fence_of_leave(void)
{
    CHECK_EQ(cpu(0)->swtlb.busy, true);
    fences++;
}

START_TEST(leave_fence)
{
    swtlb_enter(cpu(0));
    xen_on_fence = fence_of_leave;
    swtlb_leave();
    xen_on_fence = NULL;
    CHECK_EQ(fences, 1);
    CHECK_EQ(cpu(0)->swtlb.busy, false);
}
END_TEST

/*
 * (A): the map is published before it, and busy is read behind it, of each
 * vCPU.  (B): it comes when none is busy any more, and before the memory is
 * given to anybody.
 */
static unsigned int relaxed;

static void fence_of_wait(void)
{
    unsigned int i;

    CHECK(cpu(0)->swtlb.map == NULL);
    if ( !fences++ )
        for ( i = 0; i < WORLD_VCPUS; i++ )
            cpu(i)->swtlb.busy = i != 1;
    else
    {
        CHECK_EQ(relaxed, WORLD_VCPUS - 1);
        CHECK_EQ(xen_alloc_live(), 3);
    }
}

static void one_leaves(void)
{
    unsigned int i;

    for ( i = 0; !cpu(i)->swtlb.busy; i++ )
        ;
    cpu(i)->swtlb.busy = false;
    relaxed++;
}

START_TEST(wait_fences)
{
    as(cpu(1));
    xen_on_fence = fence_of_wait;
    xen_relax = one_leaves;
    CHECK_EQ(op_purge(0, 0x1000, 0x1000), 0);
    xen_on_fence = NULL;
    xen_relax = NULL;
    CHECK_EQ(fences, 2);
    CHECK_EQ(xen_alloc_live(), 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("locks");
    TCase *tc = tcase_create("locks");

    tcase_add_checked_fixture(tc, set_up, world_fini);
    suite_add_tcase(s, tc);

    tcase_add_loop_test_raise_signal(tc, unlocked_aborts, SIGABRT, 0,
                                     ARRAY_SIZE(calls));
    tcase_add_loop_test_raise_signal(tc, wrong_lock_aborts, SIGABRT, 0,
                                     ARRAY_SIZE(calls));
    tcase_add_test(tc, locked_passes);
    tcase_add_test_raise_signal(tc, attach_twice_aborts, SIGABRT);
    tcase_add_test_raise_signal(tc, update_inside_lookup_aborts, SIGABRT);
    tcase_add_test(tc, enter_and_leave);
    tcase_add_test(tc, enter_fence);
    tcase_add_test(tc, leave_fence);
    tcase_add_test(tc, wait_fences);

    return s;
}
