/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the module's status file.  Of a format that is not known nothing is
 * said; of one that is known, further names and lines are no trouble.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define DEBUGFS      "/sys/kernel/debug"
#define STATUS_FILE  DEBUGFS "/xen-swtlb/status"
#define XEN_TYPE     "/sys/hypervisor/type"

int check_system(void)
{
    char type[16] = "";
    FILE *f = fopen(XEN_TYPE, "re");

    if ( f )
    {
        if ( !fgets(type, sizeof(type), f) )
            type[0] = '\0';
        fclose(f);
    }
    type[strcspn(type, "\n")] = '\0';
    if ( strcmp(type, "xen") )
        return unavailable("not-on-xen",
                           "This program is for a system that runs on Xen.",
                           f ? XEN_TYPE " says \"%s\"; not on Xen"
                             : "not on Xen: there is no " XEN_TYPE "%s",
                           type);
    if ( geteuid() )
        return unavailable("not-root",
                           "Run it as root: what it shows tells where the "
                           "kernel is in memory.",
                           "only root may do this");
    return EXIT_OK;
}

/* The file cannot be opened: because of what? */
static int cannot_open(int err)
{
    struct stat parent, debugfs;

    if ( err == EACCES || err == EPERM )
        return unavailable("not-root", "Run it as root.",
                           "cannot read %s: %s", STATUS_FILE, strerror(err));
    /* A mount point is on another device than the directory above it. */
    if ( stat(DEBUGFS, &debugfs) || stat(DEBUGFS "/..", &parent) ||
         debugfs.st_dev == parent.st_dev )
        return unavailable("no-debugfs",
                           "mount -t debugfs debugfs " DEBUGFS,
                           "debugfs is not mounted at " DEBUGFS);
    return unavailable("no-module", "modprobe xen-swtlb",
                       "the xen-swtlb module is not loaded (%s: %s)",
                       STATUS_FILE, strerror(err));
}

/* All of a file, with a zero after it; NULL and errno. */
static char *slurp(FILE *f)
{
    size_t room = 4096, used = 0, n;
    char *text = malloc(room), *more;

    while ( text && (n = fread(text + used, 1, room - used - 1, f)) > 0 )
    {
        used += n;
        if ( room - used > 1 )
            continue;
        more = realloc(text, room *= 2);
        if ( !more )
            free(text);
        text = more;
    }
    if ( text && ferror(f) )
    {
        free(text);
        text = NULL;
    }
    if ( text )
        text[used] = '\0';
    return text;
}

static int add_pair(struct line *line, struct pair pair)
{
    struct pair *more;

    /* Room for twice as many whenever there are as many as a power of two. */
    if ( !(line->nr & (line->nr - 1)) )
    {
        more = realloc(line->pair, (line->nr ? 2 * line->nr : 1) *
                                   sizeof(*more));
        if ( !more )
            return -1;
        line->pair = more;
    }
    line->pair[line->nr++] = pair;
    return 0;
}

static int parse_line(struct line *line, char *text)
{
    char *save, *word = strtok_r(text, " ", &save);
    struct pair pair;

    memset(line, 0, sizeof(*line));
    line->kind = word ? word : text;
    /* Of the line "cpu 0 vcpu 0 ..." the first word is a name as well. */
    pair.name = line_is(line, "cpu") ? word : strtok_r(NULL, " ", &save);
    /* "device registers ...": a word without a value. */
    if ( line_is(line, "device") && pair.name )
    {
        pair.value = pair.name;
        pair.name = (char *)"mode";
        if ( add_pair(line, pair) )
            return -1;
        pair.name = strtok_r(NULL, " ", &save);
    }
    for ( ; pair.name; pair.name = strtok_r(NULL, " ", &save) )
    {
        pair.value = strtok_r(NULL, " ", &save);
        if ( !pair.value )
            break;
        if ( add_pair(line, pair) )
            return -1;
    }
    return 0;
}

static int add_line(struct status *status, char *text)
{
    struct line *more = realloc(status->line, (status->nr_lines + 1) *
                                              sizeof(*more));

    if ( !more )
        return -1;
    status->line = more;
    if ( !strncmp(text, "format ", 7) )
        status->format = strtoull(text + 7, NULL, 10);
    else if ( !strncmp(text, "state idle", 10) )
        status->idle = text[10] ? text + 11 : "";
    else if ( *text && strncmp(text, "state ", 6) )
        return parse_line(&status->line[status->nr_lines++], text);
    return 0;
}

int status_read(struct status *status)
{
    const char *name = opt.file ? opt.file : STATUS_FILE;
    char *text, *next;
    int rc, err;
    FILE *f;

    memset(status, 0, sizeof(*status));
    if ( !opt.file && (rc = check_system()) != EXIT_OK )
        return rc;
    f = fopen(name, "re");
    if ( !f && !opt.file )
        return cannot_open(errno);
    if ( f )
        status->text = slurp(f);
    err = errno;
    if ( f )
        fclose(f);
    if ( !status->text )
        return unavailable("no-file", NULL, "cannot read %s: %s", name,
                           strerror(err));

    for ( text = status->text; text; text = next )
    {
        next = strchr(text, '\n');
        if ( next )
            *next++ = '\0';
        if ( add_line(status, text) )
            return unavailable("no-memory", NULL, "out of memory");
    }
    if ( status->format != 1 )
        return unavailable("format",
                           "This program and the module are of different "
                           "versions.",
                           "%s is not of format 1", name);
    return EXIT_OK;
}

void status_free(struct status *status)
{
    size_t i;

    for ( i = 0; i < status->nr_lines; i++ )
        free(status->line[i].pair);
    free(status->line);
    free(status->text);
}

const char *line_get(const struct line *line, const char *name)
{
    size_t i;

    for ( i = 0; i < line->nr; i++ )
        if ( !strcmp(line->pair[i].name, name) )
            return line->pair[i].value;
    return NULL;
}

uint64_t line_uint(const struct line *line, const char *name)
{
    const char *value = line_get(line, name);

    return value ? strtoull(value, NULL, 0) : 0;
}

bool line_is(const struct line *line, const char *kind)
{
    return !strcmp(line->kind, kind);
}

bool line_is_known(const struct line *line)
{
    static const char *const known[] = {
        "limits", "device", "cpu", "buffer", "hypercalls", "away", "missed",
        "entry"
    };
    unsigned int i;

    for ( i = 0; i < sizeof(known) / sizeof(known[0]); i++ )
        if ( line_is(line, known[i]) )
            return true;
    return false;
}
