/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command bench: this library and libxencall, side by side.
 *
 * Each figure is the best of several short rounds, in which the two take
 * turns: whatever slows the machine down for a while slows both.  With
 * several threads it is the time that all of them take, by the operations
 * that all of them did.
 */

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xen/xen.h>
#include <xen/version.h>
#include <xencall.h>
#include <xenswtlb.h>

#include "tool.h"

static xenswtlb_handle *ours;
static xencall_handle *theirs;

/* ---- what is measured -------------------------------------------------- */

struct work {
    size_t size;
    unsigned char *data;          /* the thread's own */
    void *buffer;                 /* for the operations that have one */
};

/* One operation; false if it failed. */
typedef bool operation(struct work *w);

static bool alloc_theirs(struct work *w)
{
    void *p = xencall_alloc_buffer(theirs, w->size);

    xencall_free_buffer(theirs, p);
    return p;
}

static bool alloc_ours(struct work *w)
{
    void *p = xenswtlb_alloc(ours, w->size, 0);

    xenswtlb_free(ours, p);
    return p;
}

static bool zalloc_ours(struct work *w)
{
    void *p = xenswtlb_zalloc(ours, w->size, 0);

    xenswtlb_free(ours, p);
    return p;
}

static bool pages_theirs(struct work *w)
{
    void *p = xencall_alloc_buffer_pages(theirs, w->size >> 12);

    xencall_free_buffer_pages(theirs, p, w->size >> 12);
    return p;
}

/* As libxenctrl does it. */
static bool bounce_theirs(struct work *w)
{
    void *p = xencall_alloc_buffer(theirs, w->size);

    if ( !p )
        return false;
    memcpy(p, w->data, w->size);
    memcpy(w->data, p, w->size);
    xencall_free_buffer(theirs, p);
    return true;
}

static bool bounce_ours(struct work *w)
{
    unsigned char *data = w->data;
    DECLARE_XENSWTLB_BOUNCE(data, w->size, XENSWTLB_BOUNCE_BOTH);

    if ( xenswtlb_bounce_pre(ours, data) )
        return false;
    xenswtlb_bounce_post(ours, data);
    return true;
}

static bool call_theirs(struct work *w)
{
    return xencall2(theirs, __HYPERVISOR_xen_version, XENVER_extraversion,
                    (uintptr_t)w->buffer) >= 0;
}

static bool call_ours(struct work *w)
{
    return xenswtlb_call2(ours, __HYPERVISOR_xen_version,
                          XENVER_extraversion, (uintptr_t)w->buffer) >= 0;
}

static const struct bench {
    const char *name;
    operation *theirs, *ours;
    bool has_buffer;              /* of its own library, throughout */
    size_t sizes[8];              /* ended by 0 */
} benches[] = {
    { "alloc", alloc_theirs, alloc_ours, false,
      { 64, 1024, 4096, 16384, 65536, 262144, 1048576 } },
    { "zalloc", alloc_theirs, zalloc_ours, false,
      { 64, 1024, 4096, 16384, 65536, 262144, 1048576 } },
    { "pages", pages_theirs, zalloc_ours, false,
      { 4096, 8192, 65536 } },
    { "bounce", bounce_theirs, bounce_ours, false,
      { 64, 1024, 4096, 16384, 65536, 262144, 1048576 } },
    { "call", call_theirs, call_ours, true, { 16 } },
};

/* ---- measuring --------------------------------------------------------- */

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

struct round {
    operation *run;
    uint64_t count;               /* operations of each thread */
    pthread_barrier_t start;
    unsigned int failed;
    struct work work[64];
};

struct member {
    struct round *round;
    struct work *work;
    uint64_t begin, end;
};

static void *thread_main(void *arg)
{
    struct member *m = arg;
    uint64_t i, wrong = 0;

    pthread_barrier_wait(&m->round->start);
    m->begin = now();
    for ( i = 0; i < m->round->count; i++ )
        wrong += !m->round->run(m->work);
    m->end = now();
    if ( wrong )
        __atomic_store_n(&m->round->failed, 1, __ATOMIC_RELAXED);
    return NULL;
}

/* Nanoseconds an operation; 0 if it failed. */
static double measure(struct round *round, operation *run, uint64_t count,
                      unsigned int threads)
{
    struct member member[64];
    pthread_t thread[64];
    uint64_t begin = UINT64_MAX, end = 0;
    unsigned int i;

    round->run = run;
    round->count = count;
    round->failed = 0;
    pthread_barrier_init(&round->start, NULL, threads);
    for ( i = 0; i < threads; i++ )
    {
        member[i] = (struct member){ round, &round->work[i], 0, 0 };
        if ( i && pthread_create(&thread[i], NULL, thread_main, &member[i]) )
        {
            perror("xen-swtlb: cannot create a thread");
            exit(EXIT_FAILED);
        }
    }
    thread_main(&member[0]);
    for ( i = 0; i < threads; i++ )
    {
        if ( i )
            pthread_join(thread[i], NULL);
        if ( member[i].begin < begin )
            begin = member[i].begin;
        if ( member[i].end > end )
            end = member[i].end;
    }
    pthread_barrier_destroy(&round->start);
    return round->failed ? 0 : (double)(end - begin) / (count * threads);
}

/* The best of three, since a round may be interrupted. */
static double measure_well(struct round *round, operation *run,
                           uint64_t count, unsigned int threads)
{
    double best = 0, ns;
    unsigned int i;

    for ( i = 0; i < 3; i++ )
    {
        ns = measure(round, run, count, threads);
        if ( !ns )
            return 0;
        if ( !best || ns < best )
            best = ns;
    }
    return best;
}

/* How many operations of each thread take about this many nanoseconds. */
static uint64_t calibrate(struct round *round, operation *run,
                          unsigned int threads, double want)
{
    uint64_t count = 16;
    double ns;

    for ( ;; )
    {
        ns = measure_well(round, run, count, threads) * count * threads;
        if ( !ns )
            return 0;
        if ( ns >= want / 2 || count > UINT64_C(1) << 30 )
            return (uint64_t)(count * want / ns) + 1;
        count *= 4;
    }
}

struct result {
    double theirs, ours;          /* ns; 0: failed */
};

static void own_buffers(struct round *round, unsigned int threads, bool mine)
{
    unsigned int i;

    for ( i = 0; i < threads; i++ )
        round->work[i].buffer = mine ? xenswtlb_alloc(ours, 64, 0)
                                     : xencall_alloc_buffer(theirs, 64);
}

static void free_buffers(struct round *round, unsigned int threads, bool mine)
{
    unsigned int i;

    for ( i = 0; i < threads; i++ )
        if ( mine )
            xenswtlb_free(ours, round->work[i].buffer);
        else
            xencall_free_buffer(theirs, round->work[i].buffer);
}

/* One side's turn: the best so far, or 0 for a failure. */
static double turn(struct round *round, const struct bench *b, bool mine,
                   uint64_t count, unsigned int threads, double best)
{
    double ns;

    if ( b->has_buffer )
        own_buffers(round, threads, mine);
    ns = measure(round, mine ? b->ours : b->theirs, count, threads);
    if ( b->has_buffer )
        free_buffers(round, threads, mine);
    return best && best < ns ? best : ns;
}

static struct result run(const struct bench *b, size_t size,
                         unsigned int threads)
{
    unsigned int i, rounds = opt.quick ? 3 : 9;
    /* Threads start and end one after the other: in a small part of it. */
    double want = opt.ms * (threads > 1 ? 8e6 : 1e6);
    struct result r = { 0, 0 };
    uint64_t n_theirs, n_ours;
    struct round round;

    memset(&round, 0, sizeof(round));
    for ( i = 0; i < threads; i++ )
    {
        round.work[i].size = size;
        round.work[i].data = calloc(1, size);
        if ( !round.work[i].data )
            exit(EXIT_FAILED);
    }
    if ( b->has_buffer )
        own_buffers(&round, threads, false);
    n_theirs = calibrate(&round, b->theirs, threads, want);
    if ( b->has_buffer )
    {
        free_buffers(&round, threads, false);
        own_buffers(&round, threads, true);
    }
    n_ours = calibrate(&round, b->ours, threads, want);
    if ( b->has_buffer )
        free_buffers(&round, threads, true);
    for ( i = 0; n_theirs && n_ours && i < rounds; i++ )
    {
        r.theirs = turn(&round, b, false, n_theirs, threads, r.theirs);
        r.ours = turn(&round, b, true, n_ours, threads, r.ours);
    }
    for ( i = 0; i < threads; i++ )
        free(round.work[i].data);
    return r;
}

/* ---- the command ------------------------------------------------------- */

static void show(const struct bench *b, size_t size, unsigned int threads,
                 struct result r)
{
    if ( opt.json )
    {
        json_open(NULL, '{');
        json_string("bench", b->name);
        json_uint("size", size);
        json_uint("threads", threads);
        json_real("xencall_ns", r.theirs);
        json_real("xenswtlb_ns", r.ours);
        json_close('}');
    }
    else
        printf("%-8s %9zu %8u %12.1f %12.1f %9.2f\n", b->name, size, threads,
               r.theirs, r.ours, r.theirs / r.ours);
    fflush(stdout);
}

static int bench_all(void)
{
    unsigned int i, j, threads, failed = 0, step = opt.quick ? 2 : 1;

    /* Quickly: every other size, and with one thread and all of them. */
    for ( i = 0; i < sizeof(benches) / sizeof(benches[0]); i++ )
        for ( j = 0; j < 8 && benches[i].sizes[j]; j += step )
            for ( threads = 1; threads <= opt.threads;
                  threads *= opt.quick && opt.threads > 1 ? opt.threads : 2 )
            {
                struct result r = run(&benches[i], benches[i].sizes[j],
                                      threads);

                if ( r.ours && r.theirs )
                    show(&benches[i], benches[i].sizes[j], threads, r);
                else
                    failed++;
            }
    if ( failed )
        fprintf(stderr, "xen-swtlb: %u measurements failed\n", failed);
    return failed ? EXIT_FAILED : EXIT_OK;
}

int cmd_bench(void)
{
    int rc = check_system();

    if ( rc != EXIT_OK )
        return rc;
    ours = xenswtlb_open(NULL, opt.plain ? XENSWTLB_OPENFLAG_PLAIN : 0);
    theirs = ours ? xencall_open(NULL, 0) : NULL;
    if ( !theirs )
        return unavailable("no-privcmd",
                           "modprobe xen-privcmd: it makes /dev/xen/privcmd.",
                           "cannot open the library: %s", strerror(errno));
    if ( !opt.json )
        printf("Memory: %s.  Nanoseconds an operation, best of several "
               "rounds.\n\n%-8s %9s %8s %12s %12s %9s\n",
               xenswtlb_backing_name(xenswtlb_backing(ours)), "", "bytes",
               "threads", "libxencall", "libxenswtlb", "times");
    else
    {
        json_open(NULL, '{');
        json_string("backing",
                    xenswtlb_backing_name(xenswtlb_backing(ours)));
        json_close('}');
    }
    rc = bench_all();
    xencall_close(theirs);
    xenswtlb_close(ours);
    return rc;
}
