/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command bench: this library and libxencall, side by side.
 *
 * Each figure is the best of several short rounds, in which the two take
 * turns: whatever slows the machine down for a while slows both.  In a round
 * the threads work for a given time; it is their time by the operations that
 * all of them did.  (For a given number of operations it would be the time of
 * the last to end, which says more about the scheduler.)
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* sysctl is for toolstacks, and may change with each Xen. */
#define __XEN_TOOLS__
#include <xen/xen.h>
#include <xen/sysctl.h>
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

/* A toolstack's call, as libxenctrl makes it and as it can be made here. */
static const struct xen_sysctl sched_id = {
    .cmd = XEN_SYSCTL_sched_id,
    .interface_version = XEN_SYSCTL_INTERFACE_VERSION,
};

static bool sysctl_theirs(struct work *w)
{
    struct xen_sysctl op = sched_id;
    void *p = xencall_alloc_buffer(theirs, sizeof(op));
    int rc;

    (void)w;
    if ( !p )
        return false;
    memcpy(p, &op, sizeof(op));
    rc = xencall1(theirs, __HYPERVISOR_sysctl, (uintptr_t)p);
    memcpy(&op, p, sizeof(op));
    xencall_free_buffer(theirs, p);
    return rc >= 0;
}

static bool sysctl_ours(struct work *w)
{
    struct xen_sysctl op = sched_id, *sysctl = &op;
    DECLARE_XENSWTLB_BOUNCE(sysctl, sizeof(op), XENSWTLB_BOUNCE_BOTH);
    int rc;

    (void)w;
    if ( xenswtlb_bounce_pre(ours, sysctl) )
        return false;
    rc = xenswtlb_call1(ours, __HYPERVISOR_sysctl, XENSWTLB_ARG(sysctl));
    xenswtlb_bounce_post(ours, sysctl);
    return rc >= 0;
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
    { "call", call_theirs, call_ours, true, { sizeof(xen_extraversion_t) } },
    { "sysctl", sysctl_theirs, sysctl_ours, false,
      { sizeof(struct xen_sysctl) } },
};
#define NR_BENCHES (sizeof(benches) / sizeof(benches[0]))

/* ---- measuring --------------------------------------------------------- */

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

struct round {
    operation *run;
    atomic_bool stop;
    pthread_barrier_t start;
    struct work work[MAX_THREADS];
};

struct member {
    struct round *round;
    struct work *work;
    uint64_t begin, end;          /* ns */
    uint64_t done, wrong;         /* operations */
};

static void *thread_main(void *arg)
{
    struct member *m = arg;
    struct round *round = m->round;
    uint64_t done = 0, wrong = 0;

    /* What only the first one has to do is not measured. */
    wrong += !round->run(m->work);
    pthread_barrier_wait(&round->start);
    m->begin = now();
    do {
        wrong += !round->run(m->work);
        done++;
    } while ( !atomic_load_explicit(&round->stop, memory_order_relaxed) );
    m->end = now();
    m->done = done;
    m->wrong = wrong;
    return NULL;
}

/* Nanoseconds an operation; 0 if one failed. */
static double measure(struct round *round, operation *run,
                      unsigned int threads)
{
    /* Threads start and end one after the other: in a small part of it. */
    unsigned int i, ms = opt.ms * (threads > 1 ? 4 : 1);
    const struct timespec window = { ms / 1000, ms % 1000 * 1000000L };
    struct member member[MAX_THREADS];
    pthread_t thread[MAX_THREADS];
    uint64_t begin = UINT64_MAX, end = 0, done = 0, wrong = 0;

    round->run = run;
    atomic_store(&round->stop, false);
    pthread_barrier_init(&round->start, NULL, threads + 1);
    for ( i = 0; i < threads; i++ )
    {
        member[i] = (struct member){ .round = round,
                                     .work = &round->work[i] };
        if ( pthread_create(&thread[i], NULL, thread_main, &member[i]) )
        {
            perror("xen-swtlb: cannot create a thread");
            exit(EXIT_FAILED);
        }
    }
    pthread_barrier_wait(&round->start);
    nanosleep(&window, NULL);
    atomic_store(&round->stop, true);
    for ( i = 0; i < threads; i++ )
    {
        pthread_join(thread[i], NULL);
        /* Some begin late, and others have their time until then. */
        if ( member[i].begin < begin )
            begin = member[i].begin;
        if ( member[i].end > end )
            end = member[i].end;
        done += member[i].done;
        wrong += member[i].wrong;
    }
    pthread_barrier_destroy(&round->start);
    return wrong ? 0 : (double)(end - begin) / done;
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
                   unsigned int threads, double best)
{
    double ns;

    if ( b->has_buffer )
        own_buffers(round, threads, mine);
    ns = measure(round, mine ? b->ours : b->theirs, threads);
    if ( b->has_buffer )
        free_buffers(round, threads, mine);
    return best && best < ns ? best : ns;
}

static struct result run(const struct bench *b, size_t size,
                         unsigned int threads)
{
    unsigned int i, rounds = opt.quick ? 3 : 5;
    struct result r = { 0, 0 };
    struct round round;

    memset(&round, 0, sizeof(round));
    for ( i = 0; i < threads; i++ )
    {
        round.work[i].size = size;
        round.work[i].data = calloc(1, size);
        if ( !round.work[i].data )
            exit(EXIT_FAILED);
    }
    for ( i = 0; i < rounds && !(i && (!r.theirs || !r.ours)); i++ )
    {
        r.theirs = turn(&round, b, false, threads, r.theirs);
        r.ours = turn(&round, b, true, threads, r.ours);
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

/* How many of its measurements failed. */
static unsigned int bench_one(const struct bench *b)
{
    unsigned int i, threads, failed = 0, step = opt.quick ? 2 : 1;

    /* Quickly: every other size, and with one thread and all of them. */
    for ( i = 0; i < 8 && b->sizes[i]; i += step )
        for ( threads = 1; threads <= opt.threads;
              threads *= opt.quick && opt.threads > 1 ? opt.threads : 2 )
        {
            struct result r = run(b, b->sizes[i], threads);

            if ( r.ours && r.theirs )
            {
                show(b, b->sizes[i], threads, r);
                continue;
            }
            fprintf(stderr, "xen-swtlb: %s fails, with %s\n", b->name,
                    r.theirs ? "libxenswtlb" : "libxencall");
            failed++;
        }
    return failed;
}

static const struct bench *find_bench(const char *name)
{
    unsigned int i;

    for ( i = 0; i < NR_BENCHES; i++ )
        if ( !strcmp(benches[i].name, name) )
            return &benches[i];
    return NULL;
}

static int bench_all(void)
{
    unsigned int i, failed = 0;

    for ( i = 0; opt.names[i]; i++ )
        failed += bench_one(find_bench(opt.names[i]));
    for ( i = 0; !opt.names[0] && i < NR_BENCHES; i++ )
        failed += bench_one(&benches[i]);
    return failed ? EXIT_FAILED : EXIT_OK;
}

int cmd_bench(void)
{
    unsigned int i;
    int rc;

    for ( i = 0; opt.names[i]; i++ )
        if ( !find_bench(opt.names[i]) )
            wrong("bench: there is no operation '%s'", opt.names[i]);
    rc = check_system();
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
