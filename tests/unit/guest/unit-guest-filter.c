/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the thunk takes for registered, and how that changes while it looks: a
 * reader may have read any part of the filter since everybody was last waited
 * for.
 */

#include "guest.h"

#define BASE  0xffff888000000000ul
#define IMAGE 0xffffffff82000000ul
#define MB    0x100000ul

bool swtlb_strict;
bool rcu_scheduler_active;
struct static_call_key guest_key_xen_hypercall;
static bool encrypted, no_memory, stopped, tasks_waited;
static unsigned int waits;

bool swtlb_encrypted(void)
{
    return encrypted;
}

void guest_tramp_xen_hypercall(void)
{
}

void swtlb_thunk(void)
{
}

void swtlb_guard(void)
{
}

void *kmemdup(const void *p, size_t size, unsigned int gfp)
{
    void *q = no_memory ? NULL : malloc(size);

    (void)gfp;
    if ( q )
        memcpy(q, p, size);

    return q;
}

void guest_free(void *p, size_t size)
{
    (void)size;
    free(p);
}

int guest_log(const char *format, ...)
{
    (void)format;

    return 0;
}

int guest_stop_machine(int (*func)(void *unused))
{
    CHECK(tasks_waited);
    tasks_waited = false;
    stopped = true;
    waits++;

    return func(NULL);
}

/* The filter when everybody was last waited for. */
static struct swtlb_filter before[SWTLB_FILTERS];

/* No step was to be seen with a size that is not its own. */
static void look(void)
{
    unsigned int i;
    bool same = true;

    for ( i = 0; i < SWTLB_FILTERS; i++ )
        same &= before[i].step == swtlb_filter[i].step;
    for ( i = 0; !same && i < SWTLB_FILTERS; i++ )
    {
        CHECK_EQ(before[i].size, 0);
        CHECK_EQ(swtlb_filter[i].size, 0);
    }
    memcpy(before, swtlb_filter, sizeof(before));
}

/* Nobody has been waited for before something else is done, too. */
void synchronize_rcu_tasks(void)
{
    CHECK(!tasks_waited);
    tasks_waited = true;
}

/* For the idle tasks. */
void synchronize_rcu(void)
{
    CHECK(tasks_waited);
    tasks_waited = false;
    waits++;
    look();
}

static struct swtlb_ranges *list;

static struct swtlb_ranges *list_of(unsigned int nr, const u64 (*part)[3])
{
    unsigned int i;

    free(list);
    list = calloc(1, sizeof(*list) + nr * sizeof(list->range[0]));
    list->nr = nr;
    for ( i = 0; i < nr; i++ )
        list->range[i] = (struct swtlb_range){
            part[i][0] + part[i][1] * MB, part[i][1] * MB,
            (part[i][2] - part[i][1]) * MB, 0
        };

    return list;
}

#define LIST(...) \
    list_of(sizeof((u64[][3]){ __VA_ARGS__ }) / 24, (u64[][3]){ __VA_ARGS__ })
#define IS(base, mb) swtlb_registered((void *)((base) + (mb) * MB), 8)

/* In two steps, the table changes in between.  Returns how often it waited. */
static unsigned int set(struct swtlb_ranges *to)
{
    waits = 0;
    swtlb_filter_narrow(to);
    swtlb_filter_widen(to);
    /* Nobody waits for sizes that became larger. */
    look();

    return waits;
}

static void init(void)
{
    guest_key_xen_hypercall.func = (void *)guest_tramp_xen_hypercall;
    rcu_scheduler_active = true;
    swtlb_strict = true;
    CHECK_EQ(swtlb_takeover_start(true), 0);
    CHECK(swtlb_carries());
    memset(before, 0, sizeof(before));
}

static void fini(void)
{
    swtlb_takeover_stop();
    CHECK(!swtlb_carries());
    CHECK(guest_key_xen_hypercall.func == (void *)guest_tramp_xen_hypercall);
    free(list);
}

/* Blocks of memory at the end of all, one by one: nobody is waited for. */
START_TEST(grows)
{
    unsigned int i;

    set(LIST({ BASE, 1, 100 }, { BASE, 120, 1000 }, { IMAGE, 16, 20 }));
    CHECK(IS(BASE, 1) && IS(BASE, 999) && IS(IMAGE, 17));
    CHECK(!IS(BASE, 1000) && !IS(IMAGE, 20) && !IS(BASE, 0));
    for ( i = 1001; i < 1500; i++ )
        CHECK_EQ(set(LIST({ BASE, 1, 100 }, { BASE, 120, i },
                          { IMAGE, 16, 20 })), 0);
    CHECK(IS(BASE, 1498) && !IS(BASE, 1499));
}
END_TEST

/* When the last block goes it takes one grace period; within, none. */
START_TEST(shrinks)
{
    set(LIST({ BASE, 1, 1000 }, { IMAGE, 16, 20 }));
    CHECK_EQ(set(LIST({ BASE, 1, 900 }, { IMAGE, 16, 20 })), 1);
    CHECK(IS(BASE, 899) && !IS(BASE, 900));
    CHECK_EQ(set(LIST({ BASE, 1, 300 }, { BASE, 400, 900 },
                      { IMAGE, 16, 20 })), 0);
}
END_TEST

/* Other beginnings: nothing is taken for registered meanwhile. */
START_TEST(moves)
{
    set(LIST({ BASE, 100, 1000 }, { IMAGE, 16, 20 }));
    waits = 0;
    swtlb_filter_narrow(LIST({ BASE, 50, 1000 }, { IMAGE, 16, 20 }));
    CHECK(!IS(BASE, 500) && !IS(IMAGE, 17));
    swtlb_filter_widen(list);
    CHECK(IS(BASE, 50) && IS(IMAGE, 17));
    look();
    CHECK_EQ(waits, 2);
}
END_TEST

/* What could not be registered after all is not taken for it. */
START_TEST(less_after_all)
{
    set(LIST({ BASE, 100, 1000 }, { IMAGE, 16, 20 }));
    swtlb_filter_narrow(LIST({ BASE, 100, 1000 }, { BASE, 1100, 1200 },
                             { IMAGE, 16, 20 }));
    swtlb_filter_narrow(NULL);
    CHECK(!IS(BASE, 500));
    LIST({ BASE, 1100, 1200 }, { IMAGE, 16, 20 });
    list->partial = true;
    swtlb_filter_widen(list);
    look();
    CHECK(IS(BASE, 1150) && IS(IMAGE, 17) && !IS(BASE, 500));
}
END_TEST

/* What is between ranges is no memory, unless some were left out. */
START_TEST(partial)
{
    set(LIST({ BASE, 1, 100 }, { BASE, 200, 300 }));
    CHECK(IS(BASE, 150));
    LIST({ BASE, 1, 100 }, { BASE, 200, 300 });
    list->partial = true;
    set(list);
    CHECK(IS(BASE, 50) && IS(BASE, 250) && !IS(BASE, 150));
}
END_TEST

/* Where Xen may walk a mistake does no harm; early there is one task. */
START_TEST(no_waiting)
{
    set(LIST({ BASE, 100, 1000 }));
    if ( _i == 0 )
        swtlb_strict = false;
    else
        rcu_scheduler_active = false;
    waits = 0;
    swtlb_filter_narrow(LIST({ BASE, 50, 400 }));
    swtlb_filter_widen(list);
    CHECK_EQ(waits, 0);
    CHECK(IS(BASE, 50) && !IS(BASE, 400));
    memcpy(before, swtlb_filter, sizeof(before));
    encrypted = true;
    swtlb_filter_narrow(NULL);
    CHECK_EQ(waits, _i ? 0 : 1);
    encrypted = false;
    memcpy(before, swtlb_filter, sizeof(before));
}
END_TEST

START_TEST(without_memory)
{
    set(LIST({ BASE, 100, 1000 }));
    no_memory = true;
    set(LIST({ BASE, 100, 2000 }));
    CHECK(!IS(BASE, 500));
    no_memory = false;
    set(list);
    CHECK(IS(BASE, 1500));
}
END_TEST

/* Something fails before the scheduler runs: there is nothing to wait with. */
START_TEST(stopped_early)
{
    rcu_scheduler_active = !_i;
    waits = 0;
    stopped = false;
    swtlb_takeover_stop();
    CHECK_EQ(waits, !_i);
    CHECK_EQ(stopped, !_i);
    CHECK(!swtlb_taken_over());
}
END_TEST

/*
 * The domain is about to be strict: who was called before the thunk was there
 * has gone; and changes of the filter wait from then on.
 */
START_TEST(settled)
{
    set(LIST({ BASE, 100, 1000 }));
    swtlb_strict = false;
    CHECK_EQ(set(LIST({ BASE, 100, 900 })), 0);
    waits = 0;
    stopped = false;
    swtlb_filter_wait(true);
    CHECK(!stopped);
    swtlb_takeover_settle();
    CHECK(stopped);
    CHECK_EQ(waits, 1);
    memcpy(before, swtlb_filter, sizeof(before));
    CHECK_EQ(set(LIST({ BASE, 100, 800 })), 1);

    /* It has not become so. */
    swtlb_filter_wait(false);
    CHECK_EQ(set(LIST({ BASE, 100, 700 })), 0);

    /* There is nobody to wait for, or nothing was taken over. */
    stopped = false;
    rcu_scheduler_active = false;
    swtlb_takeover_settle();
    CHECK(!stopped);
    rcu_scheduler_active = true;
    swtlb_takeover_stop();
    stopped = false;
    swtlb_takeover_settle();
    CHECK(!stopped);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("filter");

    tcase_add_checked_fixture(tc, init, fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_test(tc, grows);
    tcase_add_test(tc, shrinks);
    tcase_add_test(tc, moves);
    tcase_add_test(tc, less_after_all);
    tcase_add_test(tc, partial);
    tcase_add_loop_test(tc, no_waiting, 0, 2);
    tcase_add_test(tc, without_memory);
    tcase_add_loop_test(tc, stopped_early, 0, 2);
    tcase_add_test(tc, settled);
    suite_add_tcase(s, tc);

    return s;
}
