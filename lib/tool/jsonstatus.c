/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The status file as JSON: all of it, whatever names and lines there are.
 */

#define _GNU_SOURCE /* for the names of errors */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

/* Xen's and Linux's errors have the same numbers. */
static void json_error(const char *value)
{
    int err = abs(atoi(value));
    const char *name = strerrorname_np(err);

    json_open("error", '{');
    json_uint("errno", (uint64_t)err);
    if ( name )
        json_string("name", name);
    else
        json_null("name");
    json_string("message", strerror(err));
    json_close('}');
}

static bool is_error(const char *name, const char *value)
{
    char *end;

    strtol(value, &end, 10);
    return !strcmp(name, "error") && end != value && !*end;
}

/* Decimal numbers as such; what is in hex stays a string, to the last bit. */
static bool is_number(const char *value)
{
    return *value && value[strspn(value, "0123456789")] == '\0' &&
           (*value != '0' || !value[1]);
}

static void json_value(const struct pair *p)
{
    if ( is_error(p->name, p->value) )
        json_error(p->value);
    else if ( is_number(p->value) )
        json_raw(p->name, p->value);
    else
        json_string(p->name, p->value);
}

static void json_line(const struct line *line)
{
    size_t i, j;

    for ( i = 0; i < line->nr; i++ )
    {
        /* A key twice would be no JSON: the first counts, as elsewhere. */
        for ( j = 0; strcmp(line->pair[j].name, line->pair[i].name); j++ )
            ;
        if ( j == i )
            json_value(&line->pair[i]);
    }
    if ( line_is(line, "cpu") && line_get(line, "hits") )
        json_coverage(line);
    if ( line_is(line, "entry") && line_get(line, "gva") )
        json_string("kind", range_kind(line));
}

void json_lines(const struct status *s, const char *key, const char *kind)
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
        json_close('}');
    }
    json_close(']');
}

/* Lines of a kind that this version does not know. */
void json_others(const struct status *s)
{
    size_t i;

    json_open("others", '[');
    for ( i = 0; i < s->nr_lines; i++ )
    {
        if ( line_is_known(&s->line[i]) )
            continue;
        json_open(NULL, '{');
        json_string("kind", s->line[i].kind);
        json_open("values", '{');
        json_line(&s->line[i]);
        json_close('}');
        json_close('}');
    }
    json_close(']');
}

static void json_time(void)
{
    struct timespec t;
    char text[40];
    struct tm tm;
    size_t n;

    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &tm);
    n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + n, sizeof(text) - n, ".%03ldZ", t.tv_nsec / 1000000);
    json_string("time", text);
}

static void json_verdict(const struct status *s)
{
    struct verdict v;
    unsigned int i;

    judge(s, &v);
    json_open("verdict", '{');
    json_string("level", v.level);
    json_string("summary", v.summary);
    json_open("findings", '[');
    for ( i = 0; i < v.nr; i++ )
    {
        json_open(NULL, '{');
        json_string("code", v.finding[i].code);
        json_string("text", v.finding[i].text);
        json_string("advice", v.finding[i].advice);
        json_close('}');
    }
    json_close(']');
    json_close('}');
}

/* The one line of a kind, or null. */
static void json_one(const struct status *s, const char *kind)
{
    const struct line *l = status_first(s, kind);

    if ( !l )
    {
        json_null(kind);
        return;
    }
    json_open(kind, '{');
    json_line(l);
    json_close('}');
}

void json_head(const struct status *s)
{
    json_open(NULL, '{');
    json_uint("format", s->format);
    json_time();
    json_string("version", XEN_SWTLB_VERSION);
    json_string("state", s->idle ? "idle" : "active");
    if ( s->idle )
        json_string("reason", s->idle);
    json_verdict(s);
    json_one(s, "limits");
    json_one(s, "device");
}

void json_end(void)
{
    json_close('}');
    fflush(stdout);
}
