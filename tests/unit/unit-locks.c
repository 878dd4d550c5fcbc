/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * That the sources assert what they rely on: a function which needs the lock
 * aborts without it.  These are static, hence the sources themselves are
 * included.
 */

#include "../../hv/xen/common/swtlb.c"
#include "../../hv/xen/common/swtlb-pin.c"
#include "../../hv/xen/common/swtlb-table.c"

#include "harness/unit.h"

/* The table of vCPU 0, which has an entry; the others have none. */
static struct swtlb_table *t;

static struct swtlb_gone gone;

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
    publish_same(dom, t);
}

static void call_table_publish(void)
{
    swtlb_table_publish(dom);
}

static void call_attach(void)
{
    swtlb_table_attach(cpu(1), t);
}

static void call_detach(void)
{
    swtlb_table_detach(cpu(0), &gone);
}

static void call_settle(void)
{
    swtlb_table_finish(dom, &gone);
}

static void call_get(void)
{
    swtlb_table_get(cpu(1));
}

/* Growth publishes what it has allocated; here it has something to do. */
static void call_grow(void)
{
    t->live->nr = t->capacity;
    swtlb_table_grow(dom, t);
}

static void (*const calls[])(void) = {
    call_wait_for_lookups, call_publish, call_table_publish, call_attach,
    call_detach, call_settle, call_get, call_grow,
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
    publish_same(dom, t);
    swtlb_table_publish(dom);
    CHECK_EQ(swtlb_table_grow(dom, t), 0);
    swtlb_table_detach(cpu(0), &gone);
    swtlb_table_finish(dom, &gone);
    CHECK(swtlb_table_get(cpu(1)));
    spin_unlock(&dom->swtlb.lock);
}
END_TEST

START_TEST(attach_twice_aborts)
{
    spin_lock(&dom->swtlb.lock);
    swtlb_table_attach(cpu(0), t);
}
END_TEST

/* A table must not be freed while it still holds pages. */
START_TEST(free_with_pins_aborts)
{
    struct swtlb_pin pin = {};

    t->pins = &pin;
    table_free(t);
}
END_TEST

/*
 * To pin may have to wait for a toolstack, to unpin may free the page; both
 * take the lock themselves.
 */
START_TEST(pin_with_lock_aborts)
{
    struct swtlb_pin *pin;

    if ( _i )
        CHECK_EQ(swtlb_pin(dom, QUERY_GFN << PAGE_SHIFT, 1, &pin), 0);
    spin_lock(&dom->swtlb.lock);
    if ( _i )
        swtlb_unpin(dom, pin);
    else
        swtlb_pin(dom, QUERY_GFN << PAGE_SHIFT, 1, &pin);
}
END_TEST

/* A guest must not be able to make an update wait for the caller itself. */
START_TEST(update_inside_lookup_aborts)
{
    swtlb_enter(&current->swtlb, SWTLB_LOOKUP);
    op_insert(0, 0x2000, 0x1000, 1);
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
    CHECK_EQ(cpu(0)->swtlb.busy, SWTLB_LOOKUP);
    cpu(1)->swtlb.map = new_map;
    fences++;
}

START_TEST(enter_fence)
{
    struct swtlb_map map = {};
    unsigned long seq;

    new_map = &map;
    xen_on_fence = fence_of_enter;
    swtlb_enter(&cpu(0)->swtlb, SWTLB_LOOKUP);
    xen_on_fence = NULL;
    CHECK(swtlb_lookup_map(&cpu(1)->swtlb, &seq) == &map);
    CHECK_EQ(seq, cpu(1)->swtlb.map_seq);
    CHECK_EQ(fences, 1);
    cpu(1)->swtlb.map = NULL;
    swtlb_leave(&cpu(0)->swtlb, SWTLB_LOOKUP);
}
END_TEST

/* (B): busy is cleared behind it. */
static void fence_of_leave(void)
{
    CHECK_EQ(cpu(0)->swtlb.busy, SWTLB_LOOKUP);
    fences++;
}

START_TEST(leave_fence)
{
    swtlb_enter(&cpu(0)->swtlb, SWTLB_LOOKUP);
    xen_on_barrier = fence_of_leave;
    swtlb_leave(&cpu(0)->swtlb, SWTLB_LOOKUP);
    xen_on_barrier = NULL;
    CHECK_EQ(fences, 1);
    CHECK_EQ(cpu(0)->swtlb.busy, SWTLB_ONCE);
}
END_TEST

/* A copy that a slot serves is over before the fence, and has been fenced. */
static void fence_of_copy(void)
{
    CHECK_EQ(cpu(0)->swtlb.busy & SWTLB_BUSY, SWTLB_ACCESS);
    CHECK_EQ(*guest_mem(dom, 0x1000), fences ? 0x77 : 0x11);
    fences++;
}

START_TEST(copy_fences)
{
    uint8_t byte = 0x11;

    /* Else no slot serves a write. */
    dom->log_dirty = false;
    guest_add_page(dom, 1, p2m_ram_rw);
    if ( _i )
    {
        CHECK_EQ(op_purge_all(0), 0);
        CHECK_EQ(op_pin(0, 0x1000, 0x1000, 0x1000), 0);
    }
    CHECK_EQ(raw_copy_to_guest((void *)0x1000, &byte, 1), 0);
    byte = 0x77;
    xen_on_fence = xen_on_barrier = fence_of_copy;
    CHECK_EQ(raw_copy_to_guest((void *)0x1000, &byte, 1), 0);
    xen_on_fence = xen_on_barrier = NULL;
    CHECK_EQ(fences, 2);
    CHECK_EQ(dom->lookups, 1);
}
END_TEST

/*
 * (A): the map is published before it, and busy is read behind it, of each
 * vCPU.  (B): it comes when none is busy any more with what it was, and before
 * the memory is given to anybody.
 */
static unsigned int relaxed, again;

static void fence_of_wait(void)
{
    unsigned int i;

    CHECK(cpu(0)->swtlb.map == NULL);
    if ( !fences++ )
        for ( i = 0; i < WORLD_VCPUS; i++ )
            cpu(i)->swtlb.busy = i == 1 ? SWTLB_IDLE : 1 + i % 2;
    else
    {
        CHECK_EQ(relaxed, WORLD_VCPUS - 1);
        CHECK_EQ(xen_alloc_live(), 4);
    }
}

/* And, in the same moment, begins something new, which is not waited for. */
static void one_leaves(void)
{
    unsigned int i = relaxed++;

    if ( i >= 1 )
        i++;
    swtlb_leave(&cpu(i)->swtlb, 1 + i % 2);
    if ( again )
        cpu(i)->swtlb.busy += again;
}

static void two_leaves(void)
{
    relaxed++;
    swtlb_leave(&cpu(2)->swtlb, SWTLB_ACCESS);
    swtlb_enter(&cpu(2)->swtlb, SWTLB_ACCESS);
}

static void all_leave(void)
{
    unsigned int i;

    for ( i = 0; i < WORLD_VCPUS; i++ )
        cpu(i)->swtlb.busy = SWTLB_IDLE;
}

START_TEST(wait_fences)
{
    as(cpu(1));
    again = _i;
    xen_on_fence = fence_of_wait;
    xen_relax = one_leaves;
    CHECK_EQ(op_purge_all(0), 0);
    xen_on_fence = NULL;
    xen_relax = NULL;
    CHECK_EQ(fences, 2);
    CHECK_EQ(xen_alloc_live(), 0);
    all_leave();
}
END_TEST

/* A change of the P2M waits for each access under way, and for no other. */
START_TEST(p2m_waits_for_accesses)
{
    unsigned int i;

    for ( i = 0; i < WORLD_VCPUS; i++ )
        cpu(i)->swtlb.busy = i % 3 * SWTLB_LOOKUP;
    again = SWTLB_ACCESS;
    relaxed = 0;
    xen_relax = two_leaves;
    CHECK_EQ(dom->swtlb.cached, true);
    guest_set_type(dom, QUERY_GFN, p2m_ram_ro);
    xen_relax = NULL;
    CHECK_EQ(relaxed, 1);
    all_leave();
}
END_TEST

/*
 * Which vCPUs run is read behind (A), too: one that began just before it is
 * waited for.  One that does not run can have nothing under way, and is not
 * looked at.
 */
static void one_begins(void)
{
    if ( fences++ )
        return;
    vcpu_runs(cpu(2), true);
    vcpu_runs(cpu(3), false);
    cpu(2)->swtlb.busy = cpu(3)->swtlb.busy = SWTLB_ACCESS;
}

START_TEST(wait_for_running)
{
    vcpu_runs(cpu(2), false);
    again = SWTLB_ACCESS;
    relaxed = 0;
    fences = 0;
    xen_on_fence = one_begins;
    xen_relax = two_leaves;
    if ( _i )
        CHECK_EQ(op_purge(0, 0x1000, 0x1000), 0);
    else
        guest_set_type(dom, QUERY_GFN, p2m_ram_ro);
    xen_on_fence = NULL;
    xen_relax = NULL;
    CHECK_EQ(relaxed, 1);
    all_leave();
}
END_TEST

/*
 * Nor does anything change in the map that lookups may still search when its
 * table goes: not even how many entries it has.
 */
static void map_is_whole(void)
{
    CHECK(cpu(0)->swtlb.map == NULL);
    CHECK_EQ(new_map->nr, 1);
    CHECK_EQ(new_map->entry[0].gva, 0x1000);
    fences++;
}

START_TEST(old_map_stays)
{
    new_map = cpu(0)->swtlb.map;
    xen_on_fence = map_is_whole;
    if ( _i == 0 )
        CHECK_EQ(op_purge_all(0), 0);
    else if ( _i == 1 )
        CHECK_EQ(op_purge(0, 0x1000, 0x1000), 0);
    else
        swtlb_domain_reset(dom);
    xen_on_fence = NULL;
    CHECK_EQ(fences, 2);
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
    tcase_add_test_raise_signal(tc, free_with_pins_aborts, SIGABRT);
    tcase_add_loop_test_raise_signal(tc, pin_with_lock_aborts, SIGABRT, 0, 2);
    tcase_add_test(tc, enter_fence);
    tcase_add_test(tc, leave_fence);
    tcase_add_loop_test(tc, copy_fences, 0, 2);
    tcase_add_loop_test(tc, wait_fences, 0, 3);
    tcase_add_test(tc, p2m_waits_for_accesses);
    tcase_add_loop_test(tc, wait_for_running, 0, 2);
    tcase_add_loop_test(tc, old_map_stays, 0, 3);

    return s;
}
