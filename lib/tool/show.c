/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands status and ranges.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

static double coverage(uint64_t hits, uint64_t misses)
{
    return hits + misses ? 100.0 * hits / (hits + misses) : 0;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- as JSON ----------------------------------------------------------- */

/* Numbers as such, whatever names there are. */
static void json_line(const struct line *line)
{
    size_t i;
    char *end;

    for ( i = 0; i < line->nr; i++ )
    {
        const struct pair *p = &line->pair[i];
        uint64_t n = strtoull(p->value, &end, 0);

        if ( *end || *p->value == '-' )
            json_string(p->name, p->value);
        else
            json_uint(p->name, n);
    }
}

static void json_lines(const struct status *s, const char *key,
                       const char *kind)
{
    size_t i;

    json_open(key, '[');
    for ( i = 0; i < s->nr_lines; i++ )
    {
        const struct line *l = &s->line[i];

        if ( !line_is(l, kind) ||
             (opt.cpu >= 0 && line_uint(l, "cpu") != (uint64_t)opt.cpu) )
            continue;
        json_open(NULL, '{');
        json_line(l);
        if ( line_get(l, "hits") )
            json_real("coverage", coverage(line_uint(l, "hits"),
                                           line_uint(l, "misses")));
        json_close('}');
    }
    json_close(']');
}

static void json_status(const struct status *s)
{
    size_t i;

    json_open(NULL, '{');
    json_string("state", s->idle ? "idle" : "active");
    if ( s->idle )
        json_string("reason", s->idle);
    for ( i = 0; i < s->nr_lines; i++ )
        if ( line_is(&s->line[i], "limits") )
        {
            json_open("limits", '{');
            json_line(&s->line[i]);
            json_close('}');
        }
}

static void json_end(void)
{
    json_close('}');
    fflush(stdout);
}

/* ---- status ------------------------------------------------------------ */

struct numbers {
    uint64_t hits, misses, faults, bytes;
};

static struct numbers numbers_of(const struct line *l)
{
    return (struct numbers){
        .hits = line_uint(l, "hits"),
        .misses = line_uint(l, "misses"),
        .faults = line_uint(l, "faults"),
        .bytes = line_uint(l, "hit_bytes") + line_uint(l, "miss_bytes"),
    };
}

/* The same CPU's line, earlier. */
static const struct line *line_of_cpu(const struct status *s, uint64_t cpu)
{
    size_t i;

    for ( i = 0; s && i < s->nr_lines; i++ )
        if ( line_is(&s->line[i], "cpu") &&
             line_uint(&s->line[i], "cpu") == cpu )
            return &s->line[i];
    return NULL;
}

static void print_limits(const struct status *s)
{
    const char *error;
    size_t i;

    for ( i = 0; i < s->nr_lines; i++ )
    {
        const struct line *l = &s->line[i];

        if ( !line_is(l, "limits") )
            continue;
        error = line_get(l, "error");
        if ( error )
            printf("Xen does not say what it offers: error %s\n", error);
        else
            printf("Xen offers: ABI %" PRIu64 ", %" PRIu64
                   " entries a table, %" PRIu64 " pinned pages\n",
                   line_uint(l, "abi"), line_uint(l, "max_entries"),
                   line_uint(l, "max_pinned"));
    }
}

static void print_numbers(struct numbers n, double per)
{
    printf(" %12.0f %12.0f %8.0f", n.hits / per, n.misses / per,
           n.faults / per);
    if ( n.hits + n.misses )
        printf(" %8.1f %%\n", coverage(n.hits, n.misses));
    else
        printf(" %10s\n", "-");
}

/* before: NULL, or then the numbers are of each second since. */
static void print_cpus(const struct status *s, const struct status *before,
                       double seconds)
{
    struct numbers sum = { 0, 0, 0, 0 }, n, old;
    double per = before ? seconds : 1;
    const struct line *l, *earlier;
    size_t i;

    printf("%6s %5s %8s %8s %12s %12s %8s %10s\n", "CPU", "vCPU", "entries",
           "sharers", before ? "hits/s" : "hits",
           before ? "walks/s" : "walks", before ? "faults/s" : "faults",
           "covered");
    for ( i = 0; i < s->nr_lines; i++ )
    {
        l = &s->line[i];
        if ( !line_is(l, "cpu") )
            continue;
        printf("%6" PRIu64 " %5" PRIu64, line_uint(l, "cpu"),
               line_uint(l, "vcpu"));
        if ( line_get(l, "error") )
        {
            printf("  error %s\n", line_get(l, "error"));
            continue;
        }
        n = numbers_of(l);
        earlier = line_of_cpu(before, line_uint(l, "cpu"));
        if ( earlier )
        {
            old = numbers_of(earlier);
            n.hits -= old.hits;
            n.misses -= old.misses;
            n.faults -= old.faults;
        }
        sum.hits += n.hits;
        sum.misses += n.misses;
        sum.faults += n.faults;
        printf(" %8" PRIu64 " %8" PRIu64, line_uint(l, "entries"),
               line_uint(l, "sharers"));
        print_numbers(n, per);
    }
    printf("%6s %5s %8s %8s", "all", "", "", "");
    print_numbers(sum, per);
}

static void print_status(const struct status *s, const struct status *before,
                         double seconds)
{
    if ( s->idle )
    {
        printf("The module is loaded and idle: %s\n", s->idle);
        return;
    }
    print_limits(s);
    print_cpus(s, before, seconds);
}

static void show_status(const struct status *s, const struct status *before,
                        double seconds)
{
    if ( opt.json )
    {
        json_status(s);
        json_lines(s, "cpus", "cpu");
        if ( before )
            json_real("seconds", seconds);
        json_end();
        return;
    }
    /* On a terminal, in place. */
    if ( opt.watch && isatty(STDOUT_FILENO) )
        fputs("\033[H\033[2J", stdout);
    print_status(s, before, seconds);
    fflush(stdout);
}

static void wait_for(double seconds)
{
    struct timespec t = { .tv_sec = (time_t)seconds };

    t.tv_nsec = (long)((seconds - t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
}

int cmd_status(void)
{
    struct status first, second;
    unsigned long i;
    double then = now();
    int rc = status_read(&first);

    if ( rc == EXIT_OK )
        show_status(&first, NULL, 0);
    for ( i = 1; rc == EXIT_OK && opt.watch && (!opt.count || i < opt.count) &&
                 !ferror(stdout); i++ )
    {
        wait_for(opt.watch);
        rc = status_read(&second);
        if ( rc == EXIT_OK )
            show_status(&second, &first, now() - then);
        then = now();
        status_free(&first);
        first = second;
    }
    status_free(&first);
    return rc;
}

/* ---- ranges ------------------------------------------------------------ */

static void print_size(uint64_t size)
{
    static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    unsigned int i = 0;

    while ( size >= 10240 && i < 4 )
    {
        size >>= 10;
        i++;
    }
    printf(" %8" PRIu64 " %-3s", size, unit[i]);
}

static void print_flags(uint64_t flags)
{
    /* Bits of the ABI, see VCPUOP_swtlb_insert. */
    static const struct {
        uint64_t bit;
        const char *name;
    } names[] = { { 0x100, " pinned" }, { 0x200, " space" } };
    unsigned int i;

    for ( i = 0; i < sizeof(names) / sizeof(names[0]); i++ )
        if ( flags & names[i].bit )
        {
            fputs(names[i].name, stdout);
            flags &= ~names[i].bit;
        }
    if ( flags )
        printf(" %#" PRIx64, flags);
    putchar('\n');
}

static bool same(const struct line *a, const struct line *b)
{
    return line_uint(a, "gva") == line_uint(b, "gva") &&
           line_uint(a, "gpa") == line_uint(b, "gpa") &&
           line_uint(a, "size") == line_uint(b, "size") &&
           line_uint(a, "flags") == line_uint(b, "flags");
}

/* How many entries of the CPU begin at line i. */
static size_t run_of(const struct status *s, size_t i)
{
    size_t n = 0;

    while ( i + n < s->nr_lines && line_is(&s->line[i + n], "entry") &&
            line_uint(&s->line[i + n], "cpu") ==
            line_uint(&s->line[i], "cpu") )
        n++;
    return n;
}

static bool same_run(const struct status *s, size_t a, size_t b, size_t n)
{
    size_t i;

    if ( run_of(s, a) != n || run_of(s, b) != n )
        return false;
    for ( i = 0; i < n; i++ )
        if ( !same(&s->line[a + i], &s->line[b + i]) )
            return false;
    return true;
}

static bool begins_run(const struct status *s, size_t i)
{
    return line_is(&s->line[i], "entry") &&
           (opt.cpu < 0 ||
            line_uint(&s->line[i], "cpu") == (uint64_t)opt.cpu) &&
           (!i || !line_is(&s->line[i - 1], "entry") ||
            line_uint(&s->line[i - 1], "cpu") !=
            line_uint(&s->line[i], "cpu"));
}

/* The entries from line i, and which CPUs have the same. */
static void print_run(const struct status *s, size_t i)
{
    size_t n = run_of(s, i), j;

    fputs("CPUs", stdout);
    for ( j = i; j < s->nr_lines; j++ )
        if ( begins_run(s, j) && same_run(s, i, j, n) )
            printf(" %" PRIu64, line_uint(&s->line[j], "cpu"));
    printf(":\n%20s - %-18s %18s %12s  flags\n", "linear address", "last",
           "guest physical", "size");
    for ( j = i; j < i + n; j++ )
    {
        const struct line *l = &s->line[j];
        uint64_t gva = line_uint(l, "gva"), size = line_uint(l, "size");

        printf("  %#18" PRIx64 " - %#18" PRIx64 " %#18" PRIx64, gva,
               gva + size - 1, line_uint(l, "gpa"));
        print_size(size);
        print_flags(line_uint(l, "flags"));
    }
}

static void print_ranges(const struct status *s)
{
    size_t i, j, shown = 0;

    if ( s->idle )
    {
        printf("The module is loaded and idle: %s\n", s->idle);
        return;
    }
    for ( i = 0; i < s->nr_lines; i++ )
    {
        if ( !begins_run(s, i) )
            continue;
        for ( j = 0; j < i; j++ )
            if ( begins_run(s, j) && same_run(s, j, i, run_of(s, j)) )
                break;
        if ( j == i )
            print_run(s, i);
        shown++;
    }
    if ( !shown )
        puts("no range is registered");
}

int cmd_ranges(void)
{
    struct status s;
    int rc = status_read(&s);

    if ( rc == EXIT_OK && opt.json )
    {
        json_status(&s);
        json_lines(&s, "entries", "entry");
        json_end();
    }
    else if ( rc == EXIT_OK )
        print_ranges(&s);
    status_free(&s);
    return rc;
}
