/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random operations against a model: a list of the buffers that there should
 * be.  LIB_SEED repeats a run; LIB_ROUNDS makes it longer.
 */
#include "fake.h"

#define NR_BUFFERS 300

struct model {
    unsigned char *p;
    size_t size;
    unsigned int mark;
};

static struct model model[NR_BUFFERS];
static uint64_t state, in_use, bytes_in, bytes_out, bounces;

static uint64_t below(uint64_t n)
{
    return random_next(&state) % n;
}

static size_t some_size(void)
{
    /* Mostly small, and often at the edges of the classes. */
    size_t size = (size_t)1 << below(below(4) ? 14 : 24);

    switch ( below(3) )
    {
    case 0:
        return size + below(3) - 1;
    default:
        return below(size) + 1;
    }
}

static bool limited(void)
{
    return fake.limit != SIZE_MAX || fake.largest != SIZE_MAX;
}

static void check_apart(const struct model *m)
{
    unsigned int i;

    for ( i = 0; i < NR_BUFFERS; i++ )
        if ( &model[i] != m && model[i].p )
            CHECK(m->p + m->size <= model[i].p ||
                  model[i].p + model[i].size <= m->p);
}

static void do_alloc(struct model *m)
{
    size_t align = below(2) ? 0 : (size_t)1 << below(18);
    bool zero = !below(4);
    size_t i;

    m->size = some_size();
    m->mark = (unsigned int)below(256);
    errno = 0;
    m->p = (zero ? xenswtlb_zalloc : xenswtlb_alloc)(h, m->size, align);
    if ( !m->p )
    {
        CHECK(errno == ENOMEM && limited());
        return;
    }
    CHECK(!align || !((uintptr_t)m->p & (align - 1)));
    CHECK(xenswtlb_size(h, m->p) >= m->size);
    check_apart(m);
    for ( i = 0; zero && i < m->size; i += 1 + i / 16 )
        CHECK(!m->p[i]);
    mark(m->p, m->size, m->mark);
    in_use += xenswtlb_size(h, m->p);
}

static void do_free(struct model *m)
{
    uint64_t bad = stats_of(h).bad_frees;

    check_mark(m->p, m->size, m->mark);
    if ( !below(20) )
    {
        /* First a wrong one. */
        xenswtlb_free(h, m->p + 1 + below(63));
        CHECK(stats_of(h).bad_frees == bad + 1);
    }
    in_use -= xenswtlb_size(h, m->p);
    xenswtlb_free(h, m->p);
    if ( !below(20) )
    {
        bad = stats_of(h).bad_frees;
        xenswtlb_free(h, m->p);
        CHECK(stats_of(h).bad_frees == bad + 1);
    }
    m->p = NULL;
}

static void do_bounce(void)
{
    size_t size = some_size() % 50000, i;
    unsigned char *data = malloc(size + 1);
    unsigned int dir = (unsigned int)below(4), filled = below(256);
    DECLARE_XENSWTLB_BOUNCE(data, size, dir);

    mark(data, size, 77);
    if ( xenswtlb_bounce_pre(h, data) )
    {
        CHECK(errno == ENOMEM && limited());
        free(data);
        return;
    }
    if ( size )
    {
        if ( dir & XENSWTLB_BOUNCE_IN )
            check_mark((void *)(uintptr_t)XENSWTLB_ARG(data), size, 77);
        xenswtlb_call3(h, FAKE_FILL, XENSWTLB_ARG(data), size, filled);
        bounces++;
        bytes_in += dir & XENSWTLB_BOUNCE_IN ? size : 0;
        bytes_out += dir & XENSWTLB_BOUNCE_OUT ? size : 0;
    }
    xenswtlb_bounce_post(h, data);
    if ( dir & XENSWTLB_BOUNCE_OUT )
        for ( i = 0; i < size; i++ )
            CHECK(data[i] == filled);
    else
        check_mark(data, size, 77);
    free(data);
}

static void check_numbers(void)
{
    struct xenswtlb_stats s = stats_of(h);
    uint64_t nr = 0;
    unsigned int i;

    for ( i = 0; i < NR_BUFFERS; i++ )
        nr += !!model[i].p;
    CHECK(s.allocs - s.frees == nr);
    CHECK(s.bytes_in_use == in_use);
    CHECK(s.bytes_mapped == fake.mapped * PAGE_SIZE);
    CHECK(s.bytes_mapped >= in_use);
    CHECK(s.bytes_peak >= s.bytes_mapped);
    CHECK(s.maps == fake.maps && s.unmaps == fake.unmaps);
    CHECK(s.bounces == bounces);
    CHECK(s.bytes_in == bytes_in && s.bytes_out == bytes_out);
}

static void operation(void)
{
    struct model *m = &model[below(NR_BUFFERS)];

    switch ( below(100) )
    {
    case 0:
        xenswtlb_trim(h);
        break;
    case 1:
        /* Now and then there is not enough. */
        fake.limit = below(2) ? SIZE_MAX : fake.mapped + below(100);
        break;
    case 2:
        fake.largest = below(3) ? SIZE_MAX : 1 + below(64);
        break;
    case 3:
        check_numbers();
        break;
    case 4 ... 15:
        do_bounce();
        break;
    default:
        if ( m->p )
            do_free(m);
        else
            do_alloc(m);
        break;
    }
}

START_TEST(model_agrees)
{
    const char *rounds = getenv("LIB_ROUNDS");
    unsigned long n = rounds ? strtoul(rounds, NULL, 0) : 20000;
    unsigned int i;

    state = random_seed();
    while ( n-- )
        operation();
    check_numbers();
    for ( i = 0; i < NR_BUFFERS; i++ )
        if ( model[i].p )
            do_free(&model[i]);
    check_numbers();
    xenswtlb_trim(h);
    CHECK(!fake.mapped);
}
END_TEST

Suite *lib_suite(void)
{
    Suite *s = suite_create("lib-fuzz");
    TCase *tc = lib_case(s, "fuzz", XENSWTLB_BACKING_REGISTERED);

    tcase_add_test(tc, model_agrees);
    return s;
}
