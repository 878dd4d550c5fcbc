/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several threads on one handle; also run with the sanitizer for threads.
 */
#include "fake.h"

#if defined(LIB_VALGRIND)
#define ROUNDS 200
#elif defined(LIB_SLOW)
#define ROUNDS 2000
#else
#define ROUNDS 20000
#endif

#define NR_THREADS 8
#define NR_SHARED  64

static _Atomic(unsigned char *) shared[NR_SHARED];

static void check_all_back(void)
{
    struct xenswtlb_stats s = stats_of(h);

    ck_assert_uint_eq(s.allocs, s.frees);
    ck_assert_uint_eq(s.bytes_in_use, 0);
    ck_assert_uint_eq(s.bad_frees, 0);
    ck_assert_uint_eq(s.failed, 0);
}

static size_t some_size(uint64_t *state)
{
    uint64_t r = random_next(state);

    return 1 + (r >> 8) % ((size_t)1 << (r % 15));
}

/* Each has its own buffers, and finds in them what it wrote. */
static void *alone(void *arg)
{
    uint64_t state = (uintptr_t)arg;
    unsigned char *p[16] = { NULL };
    size_t size[16] = { 0 };
    unsigned int i, n;

    for ( i = 0; i < ROUNDS; i++ )
    {
        n = random_next(&state) % 16;
        if ( p[n] )
            check_mark(p[n], size[n], n);
        xenswtlb_free(h, p[n]);
        size[n] = some_size(&state);
        p[n] = xenswtlb_alloc(h, size[n], 0);
        CHECK(p[n]);
        mark(p[n], size[n], n);
    }
    for ( n = 0; n < 16; n++ )
        xenswtlb_free(h, p[n]);
    return NULL;
}

START_TEST(own_buffers)
{
    run_threads(NR_THREADS, alone);
    check_all_back();
}
END_TEST

/* One allocates, another checks and frees. */
static void *exchange(void *arg)
{
    uint64_t state = (uintptr_t)arg + 100;
    unsigned char *p;
    size_t size;
    unsigned int i;

    for ( i = 0; i < ROUNDS; i++ )
    {
        size = 2 + some_size(&state);
        p = xenswtlb_alloc(h, size, 0);
        CHECK(p);
        p[0] = (unsigned char)i;
        memset(p + 1, p[0], size - 1);
        p = atomic_exchange(&shared[random_next(&state) % NR_SHARED], p);
        if ( p )
            CHECK(p[0] == p[1]);
        xenswtlb_free(h, p);
    }
    return NULL;
}

START_TEST(handed_over)
{
    unsigned int i;

    run_threads(NR_THREADS, exchange);
    for ( i = 0; i < NR_SHARED; i++ )
        xenswtlb_free(h, shared[i]);
    check_all_back();
}
END_TEST

static void *trimming(void *arg)
{
    unsigned int i;

    if ( (uintptr_t)arg )
        return alone(arg);
    for ( i = 0; i < ROUNDS / 20; i++ )
        xenswtlb_trim(h);
    return NULL;
}

START_TEST(trimmed)
{
    run_threads(NR_THREADS, trimming);
    check_all_back();
    /* What they kept as they ended is nobody's. */
    xenswtlb_trim(h);
    ck_assert_uint_eq(fake.mapped, 0);
    run_threads(NR_THREADS, alone);
    check_all_back();
}
END_TEST

/* More threads than there are caches, at the same time. */
static pthread_barrier_t barrier;

static void *crowd(void *arg)
{
    void *p = xenswtlb_alloc(h, 100, 0);
    unsigned int i;

    (void)arg;
    pthread_barrier_wait(&barrier);
    for ( i = 0; i < 300; i++ )
        xenswtlb_free(h, xenswtlb_alloc(h, 5000, 0));
    pthread_barrier_wait(&barrier);
    xenswtlb_free(h, p);
    return NULL;
}

START_TEST(many)
{
    pthread_barrier_init(&barrier, NULL, 100);
    run_threads(100, crowd);
    pthread_barrier_destroy(&barrier);
    check_all_back();
}
END_TEST

/* One after the other: each takes over what the one before had. */
static void *short_lived(void *arg)
{
    (void)arg;
    xenswtlb_free(h, xenswtlb_alloc(h, 4096, 0));
    return NULL;
}

START_TEST(one_after_the_other)
{
    unsigned long maps;
    unsigned int i;

    run_threads(1, short_lived);
    maps = fake.maps;
    for ( i = 0; i < 300; i++ )
        run_threads(1, short_lived);
    ck_assert_uint_eq(fake.maps, maps);
    ck_assert_uint_eq(stats_of(h).cached, 300);
}
END_TEST

/* Threads that outlive the handle. */
static void *outlive(void *arg)
{
    struct fake own;
    xenswtlb_handle *o = fake_open(&own, XENSWTLB_BACKING_HYPERCALL);

    (void)arg;
    xenswtlb_free(o, xenswtlb_alloc(o, 64, 0));
    fake_close(&own, o);
    xenswtlb_free(h, xenswtlb_alloc(h, 64, 0));
    return NULL;
}

START_TEST(handles_come_and_go)
{
    unsigned int i;

    for ( i = 0; i < 20; i++ )
        run_threads(NR_THREADS, outlive);
    check_all_back();
}
END_TEST

static void *bounces(void *arg)
{
    unsigned char data[3000];
    unsigned int i;

    for ( i = 0; i < ROUNDS / 10; i++ )
    {
        DECLARE_XENSWTLB_BOUNCE(data, 1 + i % 3000, XENSWTLB_BOUNCE_BOTH);

        data[0] = (unsigned char)i;
        CHECK(!xenswtlb_bounce_pre(h, data));
        xenswtlb_call3(h, FAKE_FILL, XENSWTLB_ARG(data), 1,
                       (unsigned char)(i + (uintptr_t)arg));
        xenswtlb_bounce_post(h, data);
        CHECK(data[0] == (unsigned char)(i + (uintptr_t)arg));
    }
    return NULL;
}

START_TEST(bouncing)
{
    run_threads(NR_THREADS, bounces);
    check_all_back();
    ck_assert_uint_eq(stats_of(h).bounces, NR_THREADS * (ROUNDS / 10));
    ck_assert_uint_eq(stats_of(h).calls, NR_THREADS * (ROUNDS / 10));
}
END_TEST

/* Numbers are read meanwhile: none is less than nothing. */
static atomic_uint running;

static void *counted(void *arg)
{
    unsigned int i;

    for ( i = 0; i < ROUNDS; i++ )
    {
        xenswtlb_free(h, xenswtlb_alloc(h, 64, 0));
        if ( i % 16 == (uintptr_t)arg )
            xenswtlb_free(h, xenswtlb_alloc(h, 5 << 20, 0));
    }
    running--;
    return NULL;
}

static void *counting(void *arg)
{
    struct xenswtlb_stats s;

    if ( (uintptr_t)arg )
        return counted(arg);
    while ( running )
    {
        s = stats_of(h);
        CHECK(s.frees <= s.allocs && s.cached <= s.allocs);
        CHECK(s.bytes_in_use <= NR_THREADS * (6 << 20));
    }
    return NULL;
}

START_TEST(numbers)
{
    running = NR_THREADS - 1;
    run_threads(NR_THREADS, counting);
    check_all_back();
}
END_TEST

/* A process has used up its keys: then there is no cache, and no harm. */
static pthread_key_t first_key;

static void *without_key(void *arg)
{
    CHECK(!pthread_setspecific(first_key, h));
    alone(arg);
    CHECK(pthread_getspecific(first_key) == h);
    return NULL;
}

START_TEST(no_key)
{
    pthread_key_t key;

    ck_assert_int_eq(pthread_key_create(&first_key, NULL), 0);
    while ( !pthread_key_create(&key, NULL) )
        continue;
    run_threads(NR_THREADS, without_key);
    check_all_back();
    ck_assert_uint_eq(stats_of(h).cached, 0);
}
END_TEST

/* A limit is reached by all at once, again and again. */
static void *greedy(void *arg)
{
    void *p[32];
    unsigned int i, j;

    for ( i = 0; i < ROUNDS / 100; i++ )
    {
        for ( j = 0; j < 32; j++ )
            p[j] = xenswtlb_alloc(h, (size_t)64 << (i + (uintptr_t)arg) % 10,
                                  0);
        for ( j = 0; j < 32; j++ )
            xenswtlb_free(h, p[j]);
    }
    return NULL;
}

START_TEST(limit)
{
    struct xenswtlb_stats s;

    fake.limit = 100;
    run_threads(NR_THREADS, greedy);
    s = stats_of(h);
    ck_assert_uint_eq(s.allocs, s.frees);
    ck_assert_uint_gt(s.failed, 0);
    ck_assert_uint_le(s.bytes_peak, 100 * PAGE_SIZE);
}
END_TEST

Suite *lib_suite(void)
{
    Suite *s = suite_create("lib-threads");
    TCase *tc = lib_case(s, "threads", XENSWTLB_BACKING_HYPERCALL);

    tcase_add_test(tc, own_buffers);
    tcase_add_test(tc, handed_over);
    tcase_add_test(tc, trimmed);
    tcase_add_test(tc, many);
    tcase_add_test(tc, one_after_the_other);
    tcase_add_test(tc, handles_come_and_go);
    tcase_add_test(tc, bouncing);
    tcase_add_test(tc, numbers);
    tcase_add_test(tc, no_key);
    tcase_add_test(tc, limit);
    return s;
}
