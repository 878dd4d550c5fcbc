/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command ranges: what is registered.
 */

#include <inttypes.h>
#include <string.h>

#include "tool.h"

/* Bits of the ABI, see VCPUOP_swtlb_insert. */
#define FLAG_PINNED  0x100
#define FLAG_SPACE   0x200

/* Where Linux maps its image on x86-64, wherever KASLR puts it there. */
#define IMAGE        0xffffffff80000000
/* The upper half of the addresses is the kernel's. */
#define KERNEL       0x8000000000000000

const char *range_kind(const struct line *l)
{
    uint64_t gva = line_uint(l, "gva"), flags = line_uint(l, "flags");

    if ( gva < KERNEL )
        return flags & FLAG_SPACE ? "program" : "user addresses";
    if ( gva >= IMAGE )
        return "kernel image";
    /* Nothing else is: see "What is registered" in docs/guest.md. */
    return flags & FLAG_PINNED ? "CPUs' buffers" : "direct map";
}

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
    if ( flags & FLAG_PINNED )
        fputs(", pinned", stdout);
    if ( flags & FLAG_SPACE )
        fputs(", one process's", stdout);
    flags &= ~(uint64_t)(FLAG_PINNED | FLAG_SPACE);
    if ( flags )
        printf(", flags %#" PRIx64, flags);
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

/* A run that no earlier one is the same as. */
static bool begins_table(const struct status *s, size_t i)
{
    size_t j;

    if ( !begins_run(s, i) )
        return false;
    for ( j = 0; j < i; j++ )
        if ( begins_run(s, j) && same_run(s, j, i, run_of(s, j)) )
            return false;
    return true;
}

static uint64_t room(const struct status *s)
{
    const struct line *limits = status_first(s, "limits");

    return limits ? line_uint(limits, "max_entries") : 0;
}

/* The entries from line i, and which CPUs have the same. */
static void print_table(const struct status *s, size_t i)
{
    size_t n = run_of(s, i), j;
    uint64_t bytes = 0;

    fputs("CPUs", stdout);
    for ( j = i; j < s->nr_lines; j++ )
        if ( begins_run(s, j) && same_run(s, i, j, n) )
            printf(" %" PRIu64, line_uint(&s->line[j], "cpu"));
    for ( j = i; j < i + n; j++ )
        bytes += line_uint(&s->line[j], "size");
    printf(": %zu", n);
    if ( room(s) )
        printf(" of %" PRIu64, room(s));
    fputs(" entries,", stdout);
    print_size(bytes);
    printf("\n%20s - %-18s %18s %12s  what\n", "linear address", "last",
           "guest physical", "size");
    for ( j = i; j < i + n; j++ )
    {
        const struct line *l = &s->line[j];
        uint64_t gva = line_uint(l, "gva"), size = line_uint(l, "size");

        printf("  %#18" PRIx64 " - %#18" PRIx64 " %#18" PRIx64, gva,
               gva + size - 1, line_uint(l, "gpa"));
        print_size(size);
        printf("  %s", range_kind(l));
        print_flags(line_uint(l, "flags"));
    }
}

static void print_ranges(const struct status *s)
{
    bool shown = false;
    size_t i;

    for ( i = 0; i < s->nr_lines; i++ )
        if ( begins_table(s, i) )
        {
            print_table(s, i);
            shown = true;
        }
    if ( !shown )
        puts("no range is registered");
}

static void json_tables(const struct status *s)
{
    size_t i, j, n;

    json_open("tables", '[');
    for ( i = 0; i < s->nr_lines; i++ )
    {
        if ( !begins_table(s, i) )
            continue;
        n = run_of(s, i);
        json_open(NULL, '{');
        json_open("cpus", '[');
        for ( j = i; j < s->nr_lines; j++ )
            if ( begins_run(s, j) && same_run(s, i, j, n) )
                json_uint(NULL, line_uint(&s->line[j], "cpu"));
        json_close(']');
        json_uint("entries", n);
        if ( room(s) )
            json_uint("max_entries", room(s));
        else
            json_null("max_entries");
        json_close('}');
    }
    json_close(']');
}

int cmd_ranges(void)
{
    struct status s;
    int rc = status_read(&s);

    if ( rc != EXIT_OK )
    {
        status_free(&s);
        return rc;
    }
    if ( opt.json )
    {
        json_head(&s);
        json_tables(&s);
        json_lines(&s, "entries", "entry");
        json_end();
    }
    else if ( s.idle )
        print_verdict(&s);
    else
        print_ranges(&s);
    rc = s.idle ? EXIT_IDLE : EXIT_OK;
    status_free(&s);
    return rc;
}
