/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation: sizes, alignments, the cache, exhaustion, wrong frees, numbers.
 */
#include "fake.h"

START_TEST(sizes)
{
    /* Around all powers of two up to 16 MiB. */
    static const int around[] = { -1, 0, 1 };
    size_t size = ((size_t)1 << (_i / 3)) + around[_i % 3];
    char *p, *q;

    p = xenswtlb_alloc(h, size, 0);
    q = xenswtlb_alloc(h, size, 0);
    ck_assert_ptr_nonnull(p);
    ck_assert_ptr_nonnull(q);
    ck_assert_uint_ge(xenswtlb_size(h, p), size);
    ck_assert(p + xenswtlb_size(h, p) <= q || q + xenswtlb_size(h, q) <= p);
    ck_assert_uint_eq((uintptr_t)p % 64, 0);
    if ( size <= PAGE_SIZE && size )
        ck_assert_uint_eq((uintptr_t)p / PAGE_SIZE,
                          ((uintptr_t)p + size - 1) / PAGE_SIZE);
    else if ( size )
        ck_assert_uint_eq((uintptr_t)p % PAGE_SIZE, 0);
    mark(p, size, 1);
    mark(q, size, 2);
    check_mark(p, size, 1);
    check_mark(q, size, 2);
    xenswtlb_free(h, p);
    check_mark(q, size, 2);
    xenswtlb_free(h, q);
    ck_assert_uint_eq(stats_of(h).bytes_in_use, 0);
}
END_TEST

START_TEST(alignments)
{
    size_t align = (size_t)1 << _i, size;
    void *p;

    for ( size = 0; size <= ((size_t)1 << 20); size = size * 5 + 1 )
    {
        p = xenswtlb_alloc(h, size, align);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p & (align - 1), 0);
        ck_assert_uint_ge(xenswtlb_size(h, p), size);
        mark(p, size, _i);
        check_mark(p, size, _i);
        xenswtlb_free(h, p);
    }
}
END_TEST

START_TEST(wrong_arguments)
{
    static const struct {
        size_t size, align;
        int err;
    } wrong[] = {
        { 1, 3, EINVAL },
        { 1, SIZE_MAX, EINVAL },
        { 1, ((size_t)1 << 63) + 1, EINVAL },
        { 1, (size_t)1 << 63, ENOMEM },
        { SIZE_MAX, 0, ENOMEM },
        { SIZE_MAX - 4096, 0, ENOMEM },
        { SIZE_MAX / 2, 0, ENOMEM },
        { SIZE_MAX / 4, SIZE_MAX / 8 + 1, ENOMEM },
        { (size_t)1 << 46, 0, ENOMEM },
    };

    fake.limit = 1 << 20;
    errno = 0;
    ck_assert_ptr_null(xenswtlb_alloc(h, wrong[_i].size, wrong[_i].align));
    ck_assert_int_eq(errno, wrong[_i].err);
    errno = 0;
    ck_assert_ptr_null(xenswtlb_zalloc(h, wrong[_i].size, wrong[_i].align));
    ck_assert_int_eq(errno, wrong[_i].err);
}
END_TEST

/* Once it has been there, it is there without a system call. */
START_TEST(cached)
{
    size_t size = (size_t)1 << _i;
    struct xenswtlb_stats before, after;
    unsigned int i;

    xenswtlb_free(h, xenswtlb_alloc(h, size, 0));
    before = stats_of(h);
    for ( i = 0; i < 1000; i++ )
        xenswtlb_free(h, xenswtlb_alloc(h, size, 0));
    after = stats_of(h);
    ck_assert_uint_eq(after.maps, before.maps);
    ck_assert_uint_eq(after.unmaps, before.unmaps);
    ck_assert_uint_eq(after.allocs, before.allocs + 1000);
    ck_assert_uint_eq(after.frees, before.frees + 1000);
    if ( size <= MAX_CLASS_SIZE )
        ck_assert_uint_eq(after.cached, before.cached + 1000);
}
END_TEST

START_TEST(zeroed)
{
    size_t size = (size_t)3 << _i, i;
    unsigned char *p = xenswtlb_alloc(h, size, 0);

    memset(p, 0xff, size);
    xenswtlb_free(h, p);
    p = xenswtlb_zalloc(h, size, 0);
    for ( i = 0; i < size; i++ )
        CHECK(!p[i]);
    xenswtlb_free(h, p);

    /* At least one byte. */
    p = xenswtlb_alloc(h, 1, size & -size);
    p[0] = 0xff;
    xenswtlb_free(h, p);
    p = xenswtlb_zalloc(h, 0, size & -size);
    CHECK(!p[0]);
    xenswtlb_free(h, p);
}
END_TEST

/* All is given out that there is, and after an error all is as before. */
START_TEST(exhaustion)
{
    size_t size = (size_t)1 << _i;
    size_t expected, n = 0, i;
    void **p;

    fake.limit = 1024;
    expected = fake.limit * PAGE_SIZE / (size < 64 ? 64 : size);
    p = calloc(expected + 1, sizeof(*p));
    while ( (p[n] = xenswtlb_alloc(h, size, 0)) )
    {
        mark(p[n], size < 64 ? size : 64, n);
        n++;
    }
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_uint_eq(n, expected);
    ck_assert_uint_eq(stats_of(h).failed, 1);

    /* One back, one more. */
    xenswtlb_free(h, p[n / 2]);
    p[n / 2] = xenswtlb_alloc(h, size, 0);
    ck_assert_ptr_nonnull(p[n / 2]);
    mark(p[n / 2], size < 64 ? size : 64, n / 2);
    ck_assert_ptr_null(xenswtlb_alloc(h, size, 0));

    for ( i = 0; i < n; i++ )
    {
        check_mark(p[i], size < 64 ? size : 64, i);
        xenswtlb_free(h, p[i]);
    }
    free(p);

    /* What was of this size is trimmed and becomes of another. */
    p = xenswtlb_alloc(h, 1024 * PAGE_SIZE, 0);
    ck_assert_ptr_nonnull(p);
    xenswtlb_free(h, p);
}
END_TEST

START_TEST(small_pieces)
{
    void *p[32];
    unsigned int i;

    /* The backing gives no large pieces. */
    fake.largest = 4;
    for ( i = 0; i < 32; i++ )
    {
        p[i] = xenswtlb_alloc(h, 100 * (i + 1), 0);
        ck_assert_ptr_nonnull(p[i]);
    }
    ck_assert_ptr_null(xenswtlb_alloc(h, 5 * PAGE_SIZE, 0));
    ck_assert_int_eq(errno, ENOMEM);
    for ( i = 0; i < 32; i++ )
        xenswtlb_free(h, p[i]);
}
END_TEST

START_TEST(trim)
{
    void *p[600], *q;
    unsigned int i;

    for ( i = 0; i < 600; i++ )
        p[i] = xenswtlb_alloc(h, 1 + (i * 37) % 20000, 0);
    q = xenswtlb_alloc(h, 10 << 20, 0);
    xenswtlb_free(h, q);
    for ( i = 0; i < 600; i++ )
        xenswtlb_free(h, p[i]);
    ck_assert_uint_gt(fake.mapped, 0);
    ck_assert_int_eq(xenswtlb_trim(h), 0);
    ck_assert_uint_eq(fake.mapped, 0);
    ck_assert_uint_eq(stats_of(h).bytes_mapped, 0);

    /* What is in use stays, and is what it was. */
    q = xenswtlb_alloc(h, 100, 0);
    mark(q, 100, 9);
    for ( i = 0; i < 600; i++ )
        p[i] = xenswtlb_alloc(h, 4096, 0);
    for ( i = 0; i < 600; i++ )
        xenswtlb_free(h, p[i]);
    xenswtlb_trim(h);
    check_mark(q, 100, 9);
    ck_assert_uint_gt(fake.mapped, 0);
    xenswtlb_free(h, q);
    xenswtlb_trim(h);
    ck_assert_uint_eq(fake.mapped, 0);
}
END_TEST

/* How many parts the tree of spans has below its top. */
static unsigned int radix_parts(void)
{
    struct radix *middle, *spare;
    unsigned int i, j, n = 0;

    for ( i = 0; i < RADIX_SIZE; i++ )
        for ( j = 0, middle = h->heap.radix.slot[i];
              middle && j < RADIX_SIZE; j++ )
            n += !!middle->slot[j];
    for ( spare = h->heap.spare; spare; spare = spare->next )
        n++;
    return n;
}

/* The kernel gives out other addresses each time, and nothing grows. */
START_TEST(addresses)
{
    unsigned int i;
    char *p, *q;

    fake.next = (char *)0x610000000000;
    for ( i = 0; i < 200; i++ )
    {
        p = xenswtlb_alloc(h, 100, 0);
        q = xenswtlb_alloc(h, 5 << 20, 1 << 21);
        p[0] = q[0] = 1;
        xenswtlb_free(h, p);
        xenswtlb_free(h, q);
        xenswtlb_free(h, q);
        ck_assert_uint_eq(stats_of(h).bad_frees, i + 1);
        xenswtlb_trim(h);
        ck_assert_uint_eq(fake.mapped, 0);
    }
    ck_assert_uint_eq(fake.maps, 400);
    ck_assert_uint_le(radix_parts(), 4);
}
END_TEST

START_TEST(bad_frees)
{
    char local, *p = xenswtlb_alloc(h, 64, 0), *q, *huge, *pages;

    q = xenswtlb_alloc(h, 64, 0);
    huge = xenswtlb_alloc(h, 5 << 20, 0);
    pages = xenswtlb_alloc(h, 3 * PAGE_SIZE, 0);
    errno = 4711;
    xenswtlb_free(h, NULL);
    ck_assert_uint_eq(fake.logged, 0);
    xenswtlb_free(h, &local);
    ck_assert_uint_eq(fake.logged, 1);
    ck_assert_ptr_nonnull(strstr(fake.last, "no buffer"));
    xenswtlb_free(h, (void *)~(uintptr_t)0);
    xenswtlb_free(h, p + 1);
    xenswtlb_free(h, huge + 1);
    xenswtlb_free(h, huge + PAGE_SIZE);
    xenswtlb_free(h, pages + PAGE_SIZE);
    xenswtlb_free(h, pages + 64);
    ck_assert_uint_eq(fake.logged, 7);
    xenswtlb_free(h, p);
    xenswtlb_free(h, huge);
    xenswtlb_free(h, pages);
    ck_assert_uint_eq(fake.logged, 7);
    xenswtlb_free(h, p);
    xenswtlb_free(h, huge);
    xenswtlb_free(h, pages);
    ck_assert_uint_eq(fake.logged, 10);
    ck_assert_uint_eq(stats_of(h).bad_frees, 10);
    ck_assert_uint_eq(stats_of(h).frees, 3);
    ck_assert_int_eq(errno, 4711);
    ck_assert_uint_eq(xenswtlb_size(h, p), 0);
    ck_assert_uint_eq(xenswtlb_size(h, NULL), 0);
    ck_assert_uint_eq(xenswtlb_size(h, &local), 0);
    ck_assert_uint_eq(xenswtlb_size(h, q), 64);
    xenswtlb_free(h, q);
}
END_TEST

START_TEST(huge_cache)
{
    void *p[20];
    unsigned int i;
    unsigned long maps;

    for ( i = 0; i < 20; i++ )
        p[i] = xenswtlb_alloc(h, 5 << 20, 0);
    for ( i = 0; i < 20; i++ )
        xenswtlb_free(h, p[i]);
    /* Some are kept, not all. */
    ck_assert_uint_gt(fake.mapped, 0);
    ck_assert_uint_le(fake.mapped, 8192);
    maps = fake.maps;
    p[0] = xenswtlb_alloc(h, 5 << 20, 0);
    ck_assert_uint_eq(fake.maps, maps);
    /* Not a much larger one. */
    p[1] = xenswtlb_alloc(h, (4 << 20) - (1 << 19), 1 << 13);
    ck_assert_uint_eq(fake.maps, maps + 1);
    xenswtlb_free(h, p[0]);
    xenswtlb_free(h, p[1]);
}
END_TEST

START_TEST(numbers)
{
    struct xenswtlb_stats s, part;
    void *p, *q;

    s = stats_of(h);
    ck_assert_uint_eq(s.allocs + s.frees + s.bytes_mapped + s.maps, 0);
    p = xenswtlb_alloc(h, 100, 0);
    q = xenswtlb_alloc(h, 5 << 20, 0);
    s = stats_of(h);
    ck_assert_uint_eq(s.allocs, 2);
    ck_assert_uint_eq(s.bytes_in_use, 128 + (5 << 20));
    ck_assert_uint_eq(s.bytes_mapped, fake.mapped * PAGE_SIZE);
    ck_assert_uint_eq(s.bytes_plain, 0);
    ck_assert_uint_eq(s.bytes_peak, s.bytes_mapped);
    ck_assert_uint_eq(s.maps, fake.maps);
    xenswtlb_free(h, q);
    xenswtlb_free(h, p);
    xenswtlb_trim(h);
    s = stats_of(h);
    ck_assert_uint_eq(s.bytes_in_use, 0);
    ck_assert_uint_eq(s.bytes_mapped, 0);
    ck_assert_uint_gt(s.bytes_peak, 5 << 20);
    ck_assert_uint_eq(s.unmaps, fake.unmaps);

    /* A caller that knows less of them, and one that knows more. */
    memset(&part, 0xff, sizeof(part));
    ck_assert_int_eq(xenswtlb_get_stats(h, &part, 16), 0);
    ck_assert_uint_eq(part.frees, 2);
    ck_assert_uint_eq(part.failed, UINT64_MAX);
    {
        struct {
            struct xenswtlb_stats s;
            uint64_t more;
        } longer = { .more = 1 };

        xenswtlb_get_stats(h, (struct xenswtlb_stats *)&longer,
                           sizeof(longer));
        ck_assert_uint_eq(longer.more, 0);
        ck_assert_uint_eq(longer.s.allocs, 2);
    }
}
END_TEST

/* The device gives some, and libxencall the rest. */
START_TEST(plain_rest)
{
    struct xenswtlb_stats s;
    void *p, *q;

    /* The first chunk is smaller than it would be, and is registered. */
    fake.registered = 40;
    p = xenswtlb_alloc(h, 4096, 0);
    s = stats_of(h);
    ck_assert_uint_eq(s.bytes_mapped, 32 * PAGE_SIZE);
    ck_assert_uint_eq(s.bytes_plain, 0);
    q = xenswtlb_alloc(h, 1 << 20, 0);
    s = stats_of(h);
    ck_assert_int_eq(xenswtlb_backing(h), XENSWTLB_BACKING_REGISTERED);
    ck_assert_uint_eq(s.bytes_mapped - s.bytes_plain, 32 * PAGE_SIZE);
    ck_assert_uint_ge(s.bytes_plain, 1 << 20);
    xenswtlb_free(h, p);
    xenswtlb_free(h, q);
    xenswtlb_trim(h);
    ck_assert_uint_eq(stats_of(h).bytes_plain, 0);
}
END_TEST

/* How often in vain: each size down to what is needed, then after a trim. */
START_TEST(refused)
{
    static const struct {
        enum xenswtlb_backing kind;
        unsigned long times;
    } row[] = {
        { XENSWTLB_BACKING_HYPERCALL, 2 * 3 },
        { XENSWTLB_BACKING_REGISTERED, 2 * 2 * 3 },
    };
    struct fake other;
    xenswtlb_handle *o = fake_open(&other, row[_i].kind);

    other.limit = 0;
    ck_assert_ptr_null(xenswtlb_alloc(o, 16 * PAGE_SIZE, 0));
    ck_assert_uint_eq(other.refused, row[_i].times);
    ck_assert_uint_eq(other.logged, 0);
    fake_close(&other, o);
}
END_TEST

START_TEST(left_behind)
{
    struct fake other;
    xenswtlb_handle *o = fake_open(&other, XENSWTLB_BACKING_HYPERCALL);

    /* Closing frees them, and says that they were there. */
    xenswtlb_alloc(o, 1, 0);
    xenswtlb_alloc(o, 100000, 0);
    xenswtlb_alloc(o, 10 << 20, 0);
    ck_assert_uint_eq(stats_of(o).bytes_plain, stats_of(o).bytes_mapped);
    fake_close(&other, o);
    ck_assert_uint_eq(other.logged, 1);
    ck_assert_ptr_nonnull(strstr(other.last, "3 buffers"));
}
END_TEST

/* More handles than a thread remembers, one after the other and mixed. */
START_TEST(handles)
{
    struct fake fakes[12];
    xenswtlb_handle *o[12];
    void *p[12];
    unsigned int i, round;

    for ( i = 0; i < 12; i++ )
    {
        o[i] = fake_open(&fakes[i], XENSWTLB_BACKING_HYPERCALL);
        p[i] = NULL;
    }
    for ( round = 0; round < 50; round++ )
        for ( i = 0; i < 12; i++ )
        {
            if ( p[i] )
                check_mark(p[i], 500, i);
            xenswtlb_free(o[i], p[i]);
            p[i] = xenswtlb_alloc(o[i], 500, 0);
            mark(p[i], 500, i);
            /* It is this handle's, and no other's. */
            CHECK(!xenswtlb_size(o[(i + 1) % 12], p[i]));
        }
    for ( i = 0; i < 12; i++ )
    {
        xenswtlb_free(o[i], p[i]);
        ck_assert_uint_eq(fakes[i].maps, 1);
        fake_close(&fakes[i], o[i]);
    }
    ck_assert_int_eq(xenswtlb_close(NULL), 0);
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(xenswtlb_backing_name(XENSWTLB_BACKING_REGISTERED),
                     "registered");
    ck_assert_str_eq(xenswtlb_backing_name(XENSWTLB_BACKING_HYPERCALL),
                     "hypercall");
    ck_assert_str_eq(xenswtlb_backing_name(XENSWTLB_BACKING_LOCKED),
                     "locked");
    ck_assert_str_eq(xenswtlb_backing_name((enum xenswtlb_backing)0),
                     "unknown");
    errno = 0;
    ck_assert_ptr_null(xenswtlb_open(NULL, 4));
    ck_assert_int_eq(errno, EINVAL);
    errno = 0;
    ck_assert_ptr_null(xenswtlb_open(NULL, XENSWTLB_OPENFLAG_PLAIN |
                                           XENSWTLB_OPENFLAG_REGISTERED));
    ck_assert_int_eq(errno, EINVAL);
}
END_TEST

Suite *lib_suite(void)
{
    Suite *s = suite_create("lib-pool");
    TCase *tc = lib_case(s, "pool", XENSWTLB_BACKING_REGISTERED);

    tcase_add_loop_test(tc, sizes, 0, 75);
    tcase_add_loop_test(tc, alignments, 0, 25);
    tcase_add_loop_test(tc, wrong_arguments, 0, 9);
    tcase_add_loop_test(tc, cached, 0, 25);
    tcase_add_loop_test(tc, zeroed, 0, 21);
    tcase_add_loop_test(tc, exhaustion, 5, 23);
    tcase_add_test(tc, small_pieces);
    tcase_add_test(tc, trim);
    tcase_add_test(tc, addresses);
    tcase_add_test(tc, bad_frees);
    tcase_add_test(tc, huge_cache);
    tcase_add_test(tc, numbers);
    tcase_add_test(tc, plain_rest);
    tcase_add_loop_test(tc, refused, 0, 2);
    tcase_add_test(tc, left_behind);
    tcase_add_test(tc, handles);
    tcase_add_test(tc, names);
    return s;
}
