/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command status.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

/* Intervals that the live view shows. */
#define HISTORY  15
/* Columns of its bars. */
#define BAR      24

struct numbers {
    uint64_t hits, misses, faults;
};

static double coverage(struct numbers n)
{
    return 100.0 * n.hits / (n.hits + n.misses);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static struct numbers numbers_of(const struct line *l)
{
    return (struct numbers){
        .hits = line_uint(l, "hits"),
        .misses = line_uint(l, "misses"),
        .faults = line_uint(l, "faults"),
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

/* Of a CPU's line; if there was one before, what is new since. */
static struct numbers numbers_since(const struct line *l,
                                    const struct status *before)
{
    const struct line *earlier = line_of_cpu(before, line_uint(l, "cpu"));
    struct numbers n = numbers_of(l), old;

    if ( earlier )
    {
        old = numbers_of(earlier);
        n.hits -= old.hits;
        n.misses -= old.misses;
        n.faults -= old.faults;
    }
    return n;
}

static struct numbers sum_since(const struct status *s,
                                const struct status *before)
{
    struct numbers sum = { 0, 0, 0 }, n;
    size_t i;

    for ( i = 0; i < s->nr_lines; i++ )
        if ( line_is(&s->line[i], "cpu") )
        {
            n = numbers_since(&s->line[i], before);
            sum.hits += n.hits;
            sum.misses += n.misses;
            sum.faults += n.faults;
        }
    return sum;
}

/* ---- as JSON ----------------------------------------------------------- */

void json_coverage(const struct line *l)
{
    struct numbers n = numbers_of(l);

    if ( n.hits + n.misses )
        json_real("coverage", coverage(n));
    else
        json_null("coverage");
}

static void json_sum(const struct status *s)
{
    struct numbers n = sum_since(s, NULL);

    json_open("all", '{');
    json_uint("hits", n.hits);
    json_uint("misses", n.misses);
    json_uint("faults", n.faults);
    if ( n.hits + n.misses )
        json_real("coverage", coverage(n));
    else
        json_null("coverage");
    json_close('}');
}

static void json_status(const struct status *s, const struct status *before,
                        double seconds)
{
    json_head(s);
    json_lines(s, "cpus", "cpu");
    json_sum(s);
    json_lines(s, "buffers", "buffer");
    json_lines(s, "hypercalls", "hypercalls");
    json_lines(s, "away", "away");
    json_lines(s, "missed", "missed");
    json_lines(s, "entries", "entry");
    json_others(s);
    if ( before )
        json_real("seconds", seconds);
    json_end();
}

/* ---- for people -------------------------------------------------------- */

void print_verdict(const struct status *s)
{
    struct verdict v;
    unsigned int i;

    judge(s, &v);
    printf("%s\n", v.summary);
    for ( i = 0; i < v.nr; i++ )
    {
        if ( !s->idle )
            printf("  - %s\n", v.finding[i].text);
        printf("    what to do: %s\n", v.finding[i].advice);
    }
}

static void print_limits(const struct status *s)
{
    const struct line *l = status_first(s, "limits");

    if ( l && !line_get(l, "error") )
        printf("Xen offers: ABI %" PRIu64 ", %" PRIu64
               " entries a table, %" PRIu64 " pinned pages\n",
               line_uint(l, "abi"), line_uint(l, "max_entries"),
               line_uint(l, "max_pinned"));
}

static void print_numbers(struct numbers n, double per)
{
    printf(" %12.0f %12.0f %8.0f", n.hits / per, n.misses / per,
           n.faults / per);
    if ( n.hits + n.misses )
        printf(" %8.1f %%\n", coverage(n));
    else
        printf(" %10s\n", "-");
}

/* before: NULL, or then the numbers are of each second since. */
static void print_cpus(const struct status *s, const struct status *before,
                       double seconds)
{
    double per = before ? seconds : 1;
    const struct line *l;
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
        printf(" %8" PRIu64 " %8" PRIu64, line_uint(l, "entries"),
               line_uint(l, "sharers"));
        print_numbers(numbers_since(l, before), per);
    }
    printf("%6s %5s %8s %8s", "all", "", "", "");
    print_numbers(sum_since(s, before), per);
}

/* The same names, in the same order: rows of one table. */
static bool same_names(const struct line *a, const struct line *b)
{
    size_t i;

    if ( strcmp(a->kind, b->kind) || a->nr != b->nr )
        return false;
    for ( i = 0; i < a->nr; i++ )
        if ( strcmp(a->pair[i].name, b->pair[i].name) )
            return false;
    return true;
}

static int width(const struct line *l, size_t i)
{
    size_t name = strlen(l->pair[i].name), value = strlen(l->pair[i].value);

    return (int)(name > value ? name : value) + 2;
}

/* All lines of a kind, as they are, in tables. */
static void print_kind(const struct status *s, const char *title,
                       const char *kind)
{
    const struct line *head = NULL, *l;
    size_t i, j;

    for ( i = 0; i < s->nr_lines; i++ )
    {
        l = &s->line[i];
        if ( !line_is(l, kind) )
            continue;
        if ( !head || !same_names(head, l) )
        {
            printf("\n%s\n", title);
            for ( j = 0; j < l->nr; j++ )
                printf("%*s", width(l, j) < 8 ? 8 : width(l, j),
                       l->pair[j].name);
            putchar('\n');
            head = l;
        }
        for ( j = 0; j < l->nr; j++ )
            printf("%*s", width(head, j) < 8 ? 8 : width(head, j),
                   l->pair[j].value);
        putchar('\n');
    }
}

static void print_all(const struct status *s)
{
    size_t i, j;

    print_kind(s, "Memory of programs", "device");
    print_kind(s, "The kernel's buffers, in bytes", "buffer");
    print_kind(s, "The kernel's hypercalls", "hypercalls");
    print_kind(s, "Of CPUs while they were offline", "away");
    print_kind(s, "Not all covered, by number of the hypercall", "missed");
    for ( i = 0; i < s->nr_lines; i++ )
    {
        if ( line_is_known(&s->line[i]) )
            continue;
        for ( j = 0; strcmp(s->line[j].kind, s->line[i].kind); j++ )
            ;
        if ( j == i )
            print_kind(s, s->line[i].kind, s->line[i].kind);
    }
}

/* ---- the live view ----------------------------------------------------- */

static struct sample {
    time_t time;
    double hits, misses;          /* a second */
} history[HISTORY];
static unsigned int nr_history;

static void remember(const struct status *s, const struct status *before,
                     double seconds)
{
    struct numbers n = sum_since(s, before);

    if ( nr_history == HISTORY )
        memmove(history, history + 1,
                --nr_history * sizeof(history[0]));
    history[nr_history++] = (struct sample){
        .time = time(NULL),
        .hits = n.hits / seconds,
        .misses = n.misses / seconds,
    };
}

static void print_bar(double hits, double misses, double most)
{
    int i, h = (int)(BAR * hits / most + 0.5);
    int m = (int)(BAR * misses / most + 0.5);

    fputs("  ", stdout);
    for ( i = 0; i < h; i++ )
        putchar('#');
    for ( i = 0; i < m; i++ )
        putchar('-');
}

static void print_history(void)
{
    double most = 1;
    unsigned int i;
    char clock[16];

    for ( i = 0; i < nr_history; i++ )
        if ( history[i].hits + history[i].misses > most )
            most = history[i].hits + history[i].misses;
    printf("\n%10s %12s %12s %10s  # hits, - walks\n", "until", "hits/s",
           "walks/s", "covered");
    for ( i = 0; i < nr_history; i++ )
    {
        const struct sample *h = &history[i];

        strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&h->time));
        printf("%10s %12.0f %12.0f", clock, h->hits, h->misses);
        if ( h->hits + h->misses > 0 )
            printf(" %8.1f %%", 100 * h->hits / (h->hits + h->misses));
        else
            printf(" %10s", "-");
        print_bar(h->hits, h->misses, most);
        putchar('\n');
    }
}

/* ---- the command ------------------------------------------------------- */

static void show_status(const struct status *s, const struct status *before,
                        double seconds)
{
    bool live = opt.watch && isatty(STDOUT_FILENO);

    if ( opt.json )
    {
        json_status(s, before, seconds);
        return;
    }
    /* On a terminal, in place. */
    if ( live )
        fputs("\033[H\033[2J", stdout);
    print_verdict(s);
    if ( !s->idle )
    {
        putchar('\n');
        print_limits(s);
        print_cpus(s, before, seconds);
        if ( opt.all )
            print_all(s);
        if ( before )
            remember(s, before, seconds);
        if ( live && before )
            print_history();
    }
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
    if ( rc == EXIT_OK && first.idle )
        rc = EXIT_IDLE;
    status_free(&first);
    return rc;
}
