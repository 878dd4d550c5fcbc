/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arguments at random: any number, any operation, pointers to here and there,
 * structures full of such pointers and of lengths.  Whatever it is, nothing
 * may be accessed that is not there, the CPU's buffer has to be balanced, no
 * memory lost.  Xen in turn answers anything, and scribbles over what it was
 * given.
 *
 * UNIT_SEED=N repeats a run; UNIT_SECONDS=N says how long one takes (2).
 */

#include "guest.h"

#include <time.h>

static u64 state;

static unsigned int pick(unsigned int n)
{
    return unit_random(&state) % n;
}

static u64 random_pointer(void)
{
    u64 size = pick(3) ? pick(64) : pick(20000);

    switch ( pick(12) )
    {
    case 0:
        return 0;
    case 1:
        return pick(TASK_SIZE_MAX);
    case 2:
        return unit_random(&state);
    case 3:
        /* Across the end of what is there. */
        return (unsigned long)guest_slot(UNKNOWN, pick(SLOTS), 1) - pick(64);
    default:
        return (unsigned long)guest_slot(pick(PLACES), pick(SLOTS), size + 1);
    }
}

static u64 random_value(void)
{
    switch ( pick(8) )
    {
    case 0:
        return 0;
    case 1:
    case 2:
        return random_pointer();
    case 3:
        return unit_random(&state) >> pick(64);
    case 4:
        return -1ul << pick(64);
    default:
        return pick(pick(4) ? 70 : 5000);
    }
}

static void scribble(unsigned long p)
{
    u64 values[20];
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(values); i++ )
        values[i] = random_value();
    if ( p >= TASK_SIZE_MAX && guest_is_there((void *)p, sizeof(values)) )
        memcpy((void *)p, values, sizeof(values));
}

/* Writes all over the CPU's buffer, as far as it is in use. */
static void scribble_buffer(void)
{
    u32 size, used, peak;
    u64 start, len, i;

    swtlb_buf_usage(guest_cpu, &size, &used, &peak);
    CHECK(swtlb_buf_area(0, &start, &len));
    for ( i = 0; i + 8 <= used; i += 8 )
        if ( !pick(3) )
            *(u64 *)(start + i) = random_value();
}

static unsigned int nesting;

static void issue_random(void);

static long xen_random(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    (void)arg;
    if ( nesting < 3 && !pick(4) )
    {
        nesting++;
        guest_in_nmi = pick(2);
        issue_random();
        guest_in_nmi = false;
        nesting--;
    }
    else if ( nesting == 0 )
        scribble_buffer();

    return pick(3) ? (long)pick(300) - 40 : (long)random_value();
}

static void issue_random(void)
{
    unsigned long p[3] = { random_pointer(), random_pointer(),
                           random_value() };
    unsigned int nr = pick(pick(8) ? 43 : 100);
    unsigned long cmd = pick(pick(8) ? 34 : 150);

    scribble(p[0]);
    scribble(p[1]);
    if ( nr == __HYPERVISOR_platform_op )
    {
        u32 head[4] = { pick(80), 0, pick(12), pick(6) };

        if ( p[0] >= TASK_SIZE_MAX && guest_is_there((void *)p[0], 16) )
            memcpy((void *)p[0], head, 16);
        cmd = p[0];
    }
    if ( nr == __HYPERVISOR_multicall )
    {
        cmd = p[0] & -8ul;
        p[0] = pick(20);
    }
    if ( nr == __HYPERVISOR_console_io )
        p[0] = pick(30000);
    guest_issue(nr, cmd, p[0], p[1], p[2]);
}

START_TEST(fuzz)
{
    unsigned long end, count = 0;
    struct timespec now;

    state = unit_seed();
    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_sec + unit_seconds();

    guest_may_fault = true;
    guest_hypercall = xen_random;
    guest_encrypted = _i == 1;
    swtlb_strict = _i == 2;
    do {
        guest_irqs_disabled = !pick(10);
        guest_no_heap = !pick(10);
        guest_no_smap = !pick(3);
        issue_random();
        CHECK_EQ(guest_allocated, 1);
        if ( !(++count % 1000) )
            clock_gettime(CLOCK_MONOTONIC, &now);
    } while ( (unsigned long)now.tv_sec <= end );
    printf("%lu hypercalls, %u seen by Xen, %lu carried\n", count,
           guest_hypercalls, guest_marshalled());
    CHECK(guest_marshalled() > count / 100);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("fuzz");

    tcase_add_checked_fixture(tc, guest_init, guest_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_loop_test(tc, fuzz, 0, 3);
    suite_add_tcase(s, tc);

    return s;
}
