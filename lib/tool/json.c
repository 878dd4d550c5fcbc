/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes JSON, in one line.
 */

#include "tool.h"

/* Whether something stands before, at this depth. */
static bool comma;
static unsigned int depth;

static void quoted(const char *s)
{
    putchar('"');
    for ( ; *s; s++ )
        if ( *s == '"' || *s == '\\' )
            printf("\\%c", *s);
        else if ( (unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f )
            printf("\\u%04x", (unsigned char)*s);
        else
            putchar(*s);
    putchar('"');
}

static void begin(const char *key)
{
    if ( comma )
        putchar(',');
    comma = true;
    if ( key )
    {
        quoted(key);
        putchar(':');
    }
}

void json_open(const char *key, char bracket)
{
    begin(key);
    putchar(bracket);
    comma = false;
    depth++;
}

void json_close(char bracket)
{
    putchar(bracket);
    /* The end of all of it ends the line; another may follow. */
    comma = --depth;
    if ( !depth )
        putchar('\n');
}

void json_string(const char *key, const char *value)
{
    begin(key);
    quoted(value);
}

void json_uint(const char *key, uint64_t value)
{
    begin(key);
    printf("%llu", (unsigned long long)value);
}

void json_real(const char *key, double value)
{
    begin(key);
    printf("%.3f", value);
}

void json_null(const char *key)
{
    begin(key);
    fputs("null", stdout);
}

void json_raw(const char *key, const char *value)
{
    begin(key);
    fputs(value, stdout);
}

void json_bool(const char *key, bool value)
{
    begin(key);
    fputs(value ? "true" : "false", stdout);
}
