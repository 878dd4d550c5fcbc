/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules for fork and exec.
 */
#include "fake.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

static volatile char *buffer;

static void setup(void)
{
    buffer = xenswtlb_alloc(h, 100, 0);
    buffer[0] = 42;
}

static void teardown(void)
{
    ck_assert_int_eq(buffer[0], 42);
    xenswtlb_free(h, (void *)buffer);
}

/* 0 if the operation fails with EBADF. */
#define REFUSED(op)  (errno = 0, (op), errno != EBADF)

static int use_inherited(void *unused)
{
    unsigned long calls = fake.calls;
    struct xenswtlb_stats stats;
    char data[64];
    DECLARE_XENSWTLB_BOUNCE(data, 64, XENSWTLB_BOUNCE_BOTH);

    (void)unused;
    if ( REFUSED(xenswtlb_alloc(h, 1, 0)) )
        return 1;
    if ( REFUSED(xenswtlb_zalloc(h, 1, 0)) )
        return 2;
    if ( REFUSED(xenswtlb_trim(h)) )
        return 3;
    if ( REFUSED(xenswtlb_get_stats(h, &stats, sizeof(stats))) )
        return 4;
    if ( REFUSED(xenswtlb_call0(h, FAKE_ARGS)) || fake.calls != calls )
        return 5;
    if ( REFUSED(xenswtlb_bounce_pre(h, data)) )
        return 6;
    xenswtlb_free(h, (void *)buffer);
    if ( xenswtlb_size(h, (void *)buffer) )
        return 7;
    return 0;
}

START_TEST(inherited_is_refused)
{
    ck_assert_int_eq(in_child(use_inherited, NULL), 0);
    /* The parent goes on. */
    ck_assert_int_eq(xenswtlb_call0(h, FAKE_ARGS), 0);
    xenswtlb_free(h, xenswtlb_alloc(h, 1, 0));
    ck_assert_uint_eq(stats_of(h).bad_frees, 0);
}
END_TEST

static int touch(void *unused)
{
    (void)unused;
    signal(SIGSEGV, SIG_DFL);
    buffer[0] = 1;
    return 0;
}

START_TEST(buffers_are_not_inherited)
{
    ck_assert_int_eq(in_child(touch, NULL), 128 + SIGSEGV);
    ck_assert_int_eq(buffer[0], 42);
}
END_TEST

static int close_and_open(void *unused)
{
    unsigned long unmaps = fake.unmaps;
    struct fake own;
    xenswtlb_handle *o;
    char *p;

    (void)unused;
    if ( xenswtlb_close(h) || fake.closed != 1 || fake.unmaps != unmaps )
        return 1;
    o = fake_open(&own, XENSWTLB_BACKING_LOCKED);
    p = xenswtlb_alloc(o, 100, 0);
    if ( !p )
        return 2;
    p[0] = 1;
    xenswtlb_free(o, p);
    fake_close(&own, o);
    return 0;
}

START_TEST(child_closes_and_opens)
{
    ck_assert_int_eq(in_child(close_and_open, NULL), 0);
    ck_assert_uint_eq(fake.closed, 0);
}
END_TEST

/* Without closing the one that it inherited. */
static int only_open(void *unused)
{
    struct fake own;
    xenswtlb_handle *o = fake_open(&own, XENSWTLB_BACKING_LOCKED);

    (void)unused;
    xenswtlb_free(o, xenswtlb_alloc(o, 100, 0));
    if ( use_inherited(NULL) )
        return 10;
    /* A grandchild has neither. */
    if ( in_child(use_inherited, NULL) )
        return 11;
    fake_close(&own, o);
    return 0;
}

START_TEST(child_opens)
{
    ck_assert_int_eq(in_child(only_open, NULL), 0);
}
END_TEST

/* Other threads are anywhere in the pool when the process forks. */
static atomic_bool stop;

static void *busy(void *arg)
{
    uint64_t state = (uintptr_t)arg;
    void *p[8] = { NULL };
    unsigned int n;

    while ( !stop )
    {
        n = random_next(&state) % 8;
        xenswtlb_free(h, p[n]);
        p[n] = xenswtlb_alloc(h, random_next(&state) % 100000, 0);
        if ( !n )
            xenswtlb_trim(h);
    }
    for ( n = 0; n < 8; n++ )
        xenswtlb_free(h, p[n]);
    return NULL;
}

#ifdef LIB_VALGRIND
#define NR_FORKS 5
#else
#define NR_FORKS 30
#endif

START_TEST(fork_amid_threads)
{
    pthread_t thread[3];
    unsigned int i;

    for ( i = 0; i < 3; i++ )
        pthread_create(&thread[i], NULL, busy, (void *)(uintptr_t)i);
    for ( i = 0; i < NR_FORKS; i++ )
        ck_assert_int_eq(in_child(close_and_open, NULL), 0);
    stop = true;
    for ( i = 0; i < 3; i++ )
        pthread_join(thread[i], NULL);
}
END_TEST

START_TEST(exec)
{
    char *const argv[] = { "true", NULL };
    char *const env[] = { NULL };
    volatile int i;
    int status;
    pid_t pid;

    for ( i = 0; i < 10; i++ )
    {
        ck_assert_int_eq(posix_spawn(&pid, "/bin/true", NULL, NULL, argv,
                                     env), 0);
        waitpid(pid, &status, 0);
        ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
        pid = vfork();
        if ( !pid )
        {
            execve("/bin/true", argv, env);
            _exit(127);
        }
        waitpid(pid, &status, 0);
        ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
    }
    /* vfork's child had our memory, and was not a process of its own. */
    ck_assert_int_eq(xenswtlb_call0(h, FAKE_ARGS), 0);
}
END_TEST

Suite *lib_suite(void)
{
    Suite *s = suite_create("lib-fork");
    TCase *tc = lib_case(s, "fork", XENSWTLB_BACKING_LOCKED);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, inherited_is_refused);
    tcase_add_test(tc, buffers_are_not_inherited);
    tcase_add_test(tc, child_closes_and_opens);
    tcase_add_test(tc, child_opens);
    tcase_add_test(tc, fork_amid_threads);
    tcase_add_test(tc, exec);
    return s;
}
