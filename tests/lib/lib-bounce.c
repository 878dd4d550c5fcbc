/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Typed buffers, bouncing in each direction, guest handles, hypercalls.
 */
#include "fake.h"

#define __XEN_TOOLS__ 1
#include <xen/xen.h>

static const size_t bytes[] = {
    1, 63, 64, 65, 4095, 4096, 4097, 65536, 1 << 20, (4 << 20) + 1
};

START_TEST(in)
{
    size_t size = bytes[_i];
    unsigned char *data = malloc(size);
    DECLARE_XENSWTLB_BOUNCE(data, size, XENSWTLB_BOUNCE_IN);

    mark(data, size, 3);
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), 0);
    ck_assert_uint_ne(XENSWTLB_ARG(data), (uintptr_t)data);
    check_mark((void *)(uintptr_t)XENSWTLB_ARG(data), size, 3);
    xenswtlb_call3(h, FAKE_FILL, XENSWTLB_ARG(data), size, 0);
    xenswtlb_bounce_post(h, data);
    /* Nothing comes back. */
    check_mark(data, size, 3);
    ck_assert_uint_eq(XENSWTLB_ARG(data), 0);
    ck_assert_uint_eq(stats_of(h).bytes_in, size);
    ck_assert_uint_eq(stats_of(h).bytes_out, 0);
    free(data);
}
END_TEST

START_TEST(out)
{
    size_t size = bytes[_i], i;
    unsigned char *data = malloc(size), *p;
    DECLARE_XENSWTLB_BOUNCE(data, size, XENSWTLB_BOUNCE_OUT);

    /* Something else was there before, and must not be seen. */
    p = xenswtlb_alloc(h, size, 0);
    memset(p, 0xee, size);
    xenswtlb_free(h, p);
    memset(data, 0xdd, size);
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), 0);
    p = (void *)(uintptr_t)XENSWTLB_ARG(data);
    for ( i = 0; i < size; i++ )
        CHECK(!p[i]);
    ck_assert_int_eq(xenswtlb_call3(h, FAKE_FILL, XENSWTLB_ARG(data), size,
                                    0x5a), 0);
    errno = 4711;
    xenswtlb_bounce_post(h, data);
    ck_assert_int_eq(errno, 4711);
    for ( i = 0; i < size; i++ )
        CHECK(data[i] == 0x5a);
    ck_assert_uint_eq(stats_of(h).bytes_in, 0);
    ck_assert_uint_eq(stats_of(h).bytes_out, size);
    free(data);
}
END_TEST

START_TEST(both)
{
    uint32_t words[100], i;
    DECLARE_NAMED_XENSWTLB_BOUNCE(bounced, &words[50], sizeof(words) / 2,
                                  XENSWTLB_BOUNCE_BOTH);

    for ( i = 0; i < 100; i++ )
        words[i] = i;
    ck_assert_int_eq(xenswtlb_bounce_pre(h, bounced), 0);
    ck_assert_uint_eq(((uint32_t *)(uintptr_t)XENSWTLB_ARG(bounced))[1], 51);
    xenswtlb_call3(h, FAKE_FILL, XENSWTLB_ARG(bounced), 4, 0xff);
    xenswtlb_bounce_post(h, bounced);
    ck_assert_uint_eq(words[49], 49);
    ck_assert_uint_eq(words[50], 0xffffffff);
    ck_assert_uint_eq(words[51], 51);
    ck_assert_uint_eq(stats_of(h).bounces, 1);
}
END_TEST

START_TEST(nothing)
{
    char *none = NULL, array[10] = "";
    DECLARE_XENSWTLB_BOUNCE(none, 10, XENSWTLB_BOUNCE_BOTH);
    DECLARE_XENSWTLB_BOUNCE(array, 0, XENSWTLB_BOUNCE_BOTH);
    DECLARE_NAMED_XENSWTLB_BOUNCE(no_dir, array, 10, XENSWTLB_BOUNCE_NONE);

    ck_assert_int_eq(xenswtlb_bounce_pre(h, none), 0);
    ck_assert_uint_eq(XENSWTLB_ARG(none), 0);
    xenswtlb_bounce_post(h, none);
    ck_assert_int_eq(xenswtlb_bounce_pre(h, array), 0);
    ck_assert_uint_eq(XENSWTLB_ARG(array), 0);
    xenswtlb_bounce_post(h, array);

    strcpy(array, "unchanged");
    ck_assert_int_eq(xenswtlb_bounce_pre(h, no_dir), 0);
    ck_assert_uint_ne(XENSWTLB_ARG(no_dir), 0);
    xenswtlb_call3(h, FAKE_FILL, XENSWTLB_ARG(no_dir), 10, 1);
    xenswtlb_bounce_post(h, no_dir);
    ck_assert_str_eq(array, "unchanged");
    ck_assert_uint_eq(fake.maps, 1);
}
END_TEST

START_TEST(set_later)
{
    unsigned char data[64] = { 0 };
    DECLARE_XENSWTLB_BOUNCE(data, 0, XENSWTLB_BOUNCE_NONE);

    XENSWTLB_BOUNCE_SET_SIZE(data, 3);
    XENSWTLB_BOUNCE_SET_DIR(data, XENSWTLB_BOUNCE_OUT);
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), 0);
    xenswtlb_call3(h, FAKE_FILL, XENSWTLB_ARG(data), 64, 9);
    xenswtlb_bounce_post(h, data);
    ck_assert_uint_eq(data[2], 9);
    ck_assert_uint_eq(data[3], 0);
    /* It may be used again. */
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), 0);
    xenswtlb_bounce_post(h, data);
    ck_assert_uint_eq(data[2], 0);
}
END_TEST

START_TEST(errors)
{
    unsigned char data[64] = { 5 };
    DECLARE_XENSWTLB_BOUNCE(data, 64, 4);
    DECLARE_XENSWTLB_BUFFER(int, n);

    errno = 0;
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), -1);
    ck_assert_int_eq(errno, EINVAL);

    /* Twice without the end of the first. */
    XENSWTLB_BOUNCE_SET_DIR(data, XENSWTLB_BOUNCE_BOTH);
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), 0);
    errno = 0;
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), -1);
    ck_assert_int_eq(errno, EINVAL);
    xenswtlb_bounce_post(h, data);
    xenswtlb_bounce_post(h, data);
    ck_assert_uint_eq(data[0], 5);

    xenswtlb_trim(h);
    fake.limit = 0;
    errno = 0;
    ck_assert_int_eq(xenswtlb_bounce_pre(h, data), -1);
    ck_assert_int_eq(errno, ENOMEM);
    xenswtlb_bounce_post(h, data);
    ck_assert_uint_eq(data[0], 5);
    ck_assert_ptr_null(xenswtlb_buffer_alloc(h, n, sizeof(*n)));
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_ptr_null(n);
    xenswtlb_buffer_free(h, n);
}
END_TEST

/* How a function gets another's typed buffer. */
static int sum(xenswtlb_buffer *record, unsigned int nr)
{
    DECLARE_XENSWTLB_BUFFER_ARGUMENT(unsigned char, p, record);

    ck_assert_uint_eq(p[0], 10);
    return xenswtlb_call2(h, FAKE_SUM, XENSWTLB_ARG(p), nr);
}

START_TEST(typed)
{
    DECLARE_XENSWTLB_BUFFER(unsigned char, p);
    DECLARE_XENSWTLB_BUFFER(uint64_t, aligned);

    ck_assert_ptr_null(p);
    ck_assert_uint_eq(XENSWTLB_ARG(p), 0);
    ck_assert_ptr_eq(xenswtlb_buffer_alloc(h, p, 100), p);
    ck_assert_uint_eq(p[99], 0);
    p[0] = 10;
    p[99] = 20;
    ck_assert_int_eq(sum(XENSWTLB_BUFFER(p), 100), 30);
    ck_assert_uint_eq(XENSWTLB_ARG(p), (uintptr_t)p);
    ck_assert_ptr_nonnull(xenswtlb_buffer_alloc_aligned(h, aligned, 8,
                                                        1 << 16));
    ck_assert_uint_eq((uintptr_t)aligned & 0xffff, 0);
    xenswtlb_buffer_free(h, aligned);
    xenswtlb_buffer_free(h, p);
    ck_assert_ptr_null(p);
    ck_assert_uint_eq(XENSWTLB_ARG(p), 0);
}
END_TEST

START_TEST(guest_handles)
{
    struct {
        XEN_GUEST_HANDLE(uint8) h8;
        XEN_GUEST_HANDLE_64(uint32) h32;
        XEN_GUEST_HANDLE(void) hv;
    } arg;
    uint32_t words[4] = { 0 };
    DECLARE_XENSWTLB_BUFFER(uint8_t, p);
    DECLARE_XENSWTLB_BOUNCE(words, sizeof(words), XENSWTLB_BOUNCE_IN);

    memset(&arg, 0xff, sizeof(arg));
    xenswtlb_buffer_alloc(h, p, 10);
    xenswtlb_bounce_pre(h, words);
    set_xenswtlb_guest_handle(arg.h8, p);
    set_xenswtlb_guest_handle(arg.h32, words);
    ck_assert_ptr_eq(arg.h8.p, p);
    ck_assert_uint_eq((uintptr_t)arg.h32.p, XENSWTLB_ARG(words));
    set_xenswtlb_guest_handle_offset(arg.h32, words, 3);
    ck_assert_uint_eq((uintptr_t)arg.h32.p, XENSWTLB_ARG(words) + 12);
    set_xenswtlb_guest_handle(arg.hv, words);
    ck_assert_uint_eq((uintptr_t)arg.hv.p, XENSWTLB_ARG(words));
    xenswtlb_bounce_post(h, words);
    xenswtlb_buffer_free(h, p);
    set_xenswtlb_guest_handle(arg.h8, p);
    ck_assert_ptr_null(arg.h8.p);
}
END_TEST

START_TEST(calls)
{
    ck_assert_int_eq(xenswtlb_call0(h, FAKE_ARGS), 0);
    ck_assert_int_eq(xenswtlb_call1(h, FAKE_ARGS, 1), 1);
    ck_assert_int_eq(xenswtlb_call2(h, FAKE_ARGS, 1, 10), 21);
    ck_assert_int_eq(xenswtlb_call3(h, FAKE_ARGS, 1, 10, 100), 321);
    ck_assert_int_eq(xenswtlb_call4(h, FAKE_ARGS, 1, 10, 100, 1000), 4321);
    ck_assert_int_eq(xenswtlb_call5(h, FAKE_ARGS, 1, 10, 100, 1000, 10000),
                     54321);
    errno = 0;
    ck_assert_int_eq(xenswtlb_call0(h, 99), -1);
    ck_assert_int_eq(errno, ENOSYS);
    ck_assert_uint_eq(stats_of(h).calls, 7);
    ck_assert_uint_eq(fake.calls, 7);
}
END_TEST

/* EFAULT is final where memory cannot be away, and a try more elsewhere. */
START_TEST(retries)
{
    static const struct {
        enum xenswtlb_backing kind;
        unsigned int faults, calls;
        int rc;
    } row[] = {
        { XENSWTLB_BACKING_REGISTERED, 0, 1, 7 },
        { XENSWTLB_BACKING_REGISTERED, 1, 1, -1 },
        { XENSWTLB_BACKING_HYPERCALL, 1, 1, -1 },
        { XENSWTLB_BACKING_LOCKED, 0, 1, 7 },
        { XENSWTLB_BACKING_LOCKED, 1, 2, 7 },
        { XENSWTLB_BACKING_LOCKED, 2, 3, 7 },
        { XENSWTLB_BACKING_LOCKED, 3, 3, -1 },
    };

    fake.ops.kind = row[_i].kind;
    errno = 0;
    ck_assert_int_eq(xenswtlb_call1(h, FAKE_FAULT, row[_i].faults),
                     row[_i].rc);
    if ( row[_i].rc < 0 )
        ck_assert_int_eq(errno, EFAULT);
    ck_assert_uint_eq(fake.calls, row[_i].calls);
    ck_assert_uint_eq(stats_of(h).calls, 1);
    ck_assert_uint_eq(stats_of(h).retries, row[_i].calls - 1);
}
END_TEST

/* The buffer that is there stays, and can be freed. */
START_TEST(twice)
{
    DECLARE_XENSWTLB_BUFFER(unsigned char, p);
    unsigned char *first;

    first = xenswtlb_buffer_alloc(h, p, 100);
    first[0] = 7;
    errno = 0;
    ck_assert_ptr_null(xenswtlb_buffer_alloc(h, p, 200));
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_uint_eq(fake.logged, 1);
    ck_assert_ptr_eq(p, first);
    ck_assert_uint_eq(p[0], 7);
    ck_assert_uint_eq(stats_of(h).allocs, 1);
    xenswtlb_buffer_free(h, p);
    ck_assert_uint_eq(stats_of(h).frees, 1);
    ck_assert_ptr_nonnull(xenswtlb_buffer_alloc(h, p, 200));
    xenswtlb_buffer_free(h, p);
    ck_assert_uint_eq(fake.logged, 1);
}
END_TEST

START_TEST(long_results)
{
    static const struct {
        uint64_t arg1, arg2;
        long rc;
        int err;
    } row[] = {
        { 1, 2, 3, 0 },
        { 1ULL << 40, 5, (1L << 40) + 5, 0 },
        { 0xffffffff, 0, 0xffffffff, 0 },
        { 0x80000000, 0, 0x80000000, 0 },
        { -4095ULL, 0, -1, 4095 },
        { -(uint64_t)EPERM, 0, -1, EPERM },
        { -4096ULL, 0, -4096, 0 },
    };

    errno = 0;
    ck_assert_int_eq(xenswtlb_call2L(h, FAKE_LONG, row[_i].arg1,
                                     row[_i].arg2), row[_i].rc);
    ck_assert_int_eq(errno, row[_i].err);
    ck_assert_uint_eq(stats_of(h).allocs, stats_of(h).frees);
}
END_TEST

START_TEST(long_errors)
{
    fake.no_multicall = true;
    ck_assert_int_eq(xenswtlb_call2L(h, FAKE_LONG, 1, 2), -1);
    ck_assert_int_eq(errno, EPERM);
    fake.no_multicall = false;
    xenswtlb_trim(h);
    fake.limit = 0;
    ck_assert_int_eq(xenswtlb_call2L(h, FAKE_LONG, 1, 2), -1);
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_uint_eq(stats_of(h).allocs, stats_of(h).frees);
}
END_TEST

/* As xenswtlb_call*(): see retries. */
START_TEST(long_retries)
{
    fake.ops.kind = _i ? XENSWTLB_BACKING_LOCKED : XENSWTLB_BACKING_HYPERCALL;
    ck_assert_int_eq(xenswtlb_call2L(h, FAKE_FAULT, 2, 0), _i ? 7 : -1);
    ck_assert_uint_eq(fake.calls, _i ? 3 : 1);
    fake.faults = 0;
    errno = 0;
    ck_assert_int_eq(xenswtlb_call2L(h, FAKE_FAULT, 3, 0), -1);
    ck_assert_int_eq(errno, EFAULT);
}
END_TEST

Suite *lib_suite(void)
{
    Suite *s = suite_create("lib-bounce");
    TCase *tc = lib_case(s, "bounce", XENSWTLB_BACKING_HYPERCALL);

    tcase_add_loop_test(tc, in, 0, 10);
    tcase_add_loop_test(tc, out, 0, 10);
    tcase_add_test(tc, both);
    tcase_add_test(tc, nothing);
    tcase_add_test(tc, set_later);
    tcase_add_test(tc, errors);
    tcase_add_test(tc, typed);
    tcase_add_test(tc, guest_handles);
    tcase_add_test(tc, calls);
    tcase_add_loop_test(tc, retries, 0, 7);
    tcase_add_test(tc, twice);
    tcase_add_loop_test(tc, long_results, 0, 7);
    tcase_add_test(tc, long_errors);
    tcase_add_loop_test(tc, long_retries, 0, 2);
    return s;
}
