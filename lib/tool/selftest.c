/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command self-test: buffers of all sizes, and hypercalls that use them.
 * They only ask Xen for its version, and change nothing.
 */

#define _GNU_SOURCE /* for the CPUs of a thread */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/version.h>
#include <xenswtlb.h>

#include "tool.h"

#define CALLS 1000

static xenswtlb_handle *handle;
static unsigned int failed;
static xen_extraversion_t expected;

/* ---- reports ----------------------------------------------------------- */

static void report(const char *name, const char *result, const char *format,
                   ...)
{
    char detail[200];
    va_list args;

    va_start(args, format);
    vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    if ( !strcmp(result, "failed") )
        failed++;
    if ( opt.json )
    {
        json_open(NULL, '{');
        json_string("test", name);
        json_string("result", result);
        json_string("detail", detail);
        json_close('}');
    }
    else
        printf("%-10s %-8s %s\n", name, result, detail);
}

static const char *ok_if(bool ok)
{
    return ok ? "ok" : "failed";
}

/* ---- the tests --------------------------------------------------------- */

static void test_memory(void)
{
    size_t size, align, bytes = 0;
    unsigned int n = 0;

    for ( size = 1; size <= (size_t)8 << 20; size = size * 3 + 1 )
        for ( align = 1; align <= 65536; align *= 16 )
        {
            unsigned char *p = xenswtlb_alloc(handle, size, align);

            if ( !p || (uintptr_t)p & (align - 1) )
            {
                report("memory", "failed", "%zu bytes aligned to %zu: %s",
                       size, align, p ? "not aligned" : strerror(errno));
                xenswtlb_free(handle, p);
                return;
            }
            memset(p, 0x5a, size);
            bytes += size;
            n++;
            xenswtlb_free(handle, p);
        }
    report("memory", "ok", "%u buffers, %zu MiB", n, bytes >> 20);
}

static void test_call(void)
{
    int version = xenswtlb_call2(handle, __HYPERVISOR_xen_version,
                                 XENVER_version, 0);

    if ( version < 0 )
        report("call", "failed", "asking for Xen's version: %s",
               strerror(errno));
    else
        report("call", "ok", "Xen %d.%d", version >> 16, version & 0xffff);
}

/* Let Xen write to p; 0 if it wrote what is expected. */
static int ask(void *p)
{
    memset(p, 0xff, sizeof(expected));
    if ( xenswtlb_call2(handle, __HYPERVISOR_xen_version,
                        XENVER_extraversion, (uintptr_t)p) < 0 )
        return -1;
    return memcmp(p, expected, sizeof(expected));
}

static void test_buffers(void)
{
    unsigned int n = 0, wrong = 0;
    size_t size;
    char *p;

    /* What all others are compared with. */
    p = xenswtlb_zalloc(handle, sizeof(expected), 0);
    if ( !p || xenswtlb_call2(handle, __HYPERVISOR_xen_version,
                              XENVER_extraversion, (uintptr_t)p) < 0 )
    {
        report("buffers", "failed", "%s", strerror(errno));
        xenswtlb_free(handle, p);
        return;
    }
    memcpy(expected, p, sizeof(expected));
    xenswtlb_free(handle, p);

    for ( size = sizeof(expected); size <= (size_t)8 << 20; size *= 2, n++ )
    {
        p = xenswtlb_alloc(handle, size, 0);
        /* At both ends, and across the end of the first page. */
        if ( !p || ask(p) || ask(p + size - sizeof(expected)) ||
             (size >= 8192 && ask(p + 4096 - sizeof(expected) / 2)) )
            wrong++;
        xenswtlb_free(handle, p);
    }
    report("buffers", ok_if(!wrong), "%u of %u sizes right: \"%.15s\"",
           n - wrong, n, expected);
}

static void test_bounce(void)
{
    xen_feature_info_t info = { .submap_idx = 0, .submap = 0xdeadbeef };
    DECLARE_NAMED_XENSWTLB_BOUNCE(bounced, &info, sizeof(info),
                                  XENSWTLB_BOUNCE_BOTH);
    int rc;

    if ( xenswtlb_bounce_pre(handle, bounced) )
    {
        report("bounce", "failed", "%s", strerror(errno));
        return;
    }
    rc = xenswtlb_call2(handle, __HYPERVISOR_xen_version,
                        XENVER_get_features, XENSWTLB_ARG(bounced));
    xenswtlb_bounce_post(handle, bounced);
    report("bounce", ok_if(!rc && info.submap != 0xdeadbeef),
           "Xen's features %#x", info.submap);
}

static void *thread_main(void *wrong)
{
    unsigned int i;
    char *p;

    for ( i = 0; i < CALLS; i++ )
    {
        p = xenswtlb_alloc(handle, 64 << i % 10, 0);
        if ( !p || ask(p) )
            __atomic_add_fetch((unsigned int *)wrong, 1, __ATOMIC_RELAXED);
        xenswtlb_free(handle, p);
    }
    return NULL;
}

static void test_threads(void)
{
    unsigned int wrong = 0, i, n;
    pthread_t thread[4];

    for ( n = 0; n < 4; n++ )
        if ( pthread_create(&thread[n], NULL, thread_main, &wrong) )
            break;
    for ( i = 0; i < n; i++ )
        pthread_join(thread[i], NULL);
    report("threads", ok_if(n && !wrong), "%u threads, %u hypercalls wrong",
           n, wrong);
}

/* Copies of this CPU that hit and that were walked: false if not known. */
static bool copies(int cpu, uint64_t *hits, uint64_t *misses)
{
    struct status s;
    bool known = false;
    size_t i;

    if ( status_read(&s) == EXIT_OK )
        for ( i = 0; i < s.nr_lines; i++ )
            if ( line_is(&s.line[i], "cpu") &&
                 line_uint(&s.line[i], "cpu") == (uint64_t)cpu &&
                 line_get(&s.line[i], "hits") )
            {
                *hits = line_uint(&s.line[i], "hits");
                *misses = line_uint(&s.line[i], "misses");
                known = true;
            }
    status_free(&s);
    return known;
}

/* What it is if nobody can say. */
static const char *not_counted(void)
{
    return opt.registered ? "failed" : "skipped";
}

/* By Xen's own count: do the copies to our buffers hit? */
static void test_coverage(void)
{
    uint64_t hits, misses, hits_then, misses_then;
    int cpu = sched_getcpu();
    struct xenswtlb_stats stats;
    bool registered;
    cpu_set_t all, one;
    unsigned int i;
    void *p;

    if ( opt.file || cpu < 0 )
    {
        report("coverage", not_counted(), "not with --file");
        return;
    }
    /* All of it: where a limit was reached, it depends on the buffer. */
    xenswtlb_trim(handle);
    p = xenswtlb_alloc(handle, 64, 0);
    xenswtlb_get_stats(handle, &stats, sizeof(stats));
    registered = xenswtlb_backing(handle) == XENSWTLB_BACKING_REGISTERED &&
                 !stats.bytes_plain;
    sched_getaffinity(0, sizeof(all), &all);
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof(one), &one);
    if ( p && copies(cpu, &hits_then, &misses_then) )
    {
        for ( i = 0; i < CALLS; i++ )
            ask(p);
        copies(cpu, &hits, &misses);
        hits -= hits_then;
        misses -= misses_then;
        /* What else the CPU does in between counts too. */
        report("coverage",
               ok_if(hits >= CALLS || !(registered || opt.registered)),
               "%d copies: %llu hits, %llu walks on CPU %d", CALLS,
               (unsigned long long)hits, (unsigned long long)misses, cpu);
    }
    else
        report("coverage", not_counted(),
               "Xen's counters are not to be had");
    xenswtlb_free(handle, p);
    sched_setaffinity(0, sizeof(all), &all);
}

static void test_cache(void)
{
    struct xenswtlb_stats before, after;
    unsigned int i;

    xenswtlb_free(handle, xenswtlb_alloc(handle, 4096, 0));
    xenswtlb_get_stats(handle, &before, sizeof(before));
    for ( i = 0; i < CALLS; i++ )
        xenswtlb_free(handle, xenswtlb_alloc(handle, 4096, 0));
    xenswtlb_get_stats(handle, &after, sizeof(after));
    report("cache", ok_if(after.maps == before.maps &&
                          after.cached - before.cached == CALLS),
           "%u allocations, %llu asked the kernel", CALLS,
           (unsigned long long)(after.maps - before.maps));
}

int cmd_self_test(void)
{
    enum xenswtlb_backing backing;
    int rc = check_system();

    if ( rc != EXIT_OK )
        return rc;
    handle = xenswtlb_open(NULL, opt.plain ? XENSWTLB_OPENFLAG_PLAIN : 0);
    if ( !handle )
        return unavailable("no-privcmd",
                           "modprobe xen-privcmd: it makes /dev/xen/privcmd.",
                           "cannot open the library: %s", strerror(errno));
    backing = xenswtlb_backing(handle);
    report("backing", ok_if(!opt.registered ||
                            backing == XENSWTLB_BACKING_REGISTERED),
           "%s", xenswtlb_backing_name(backing));
    test_memory();
    test_call();
    test_buffers();
    test_bounce();
    test_threads();
    test_cache();
    test_coverage();
    xenswtlb_close(handle);
    return failed ? EXIT_FAILED : EXIT_OK;
}
