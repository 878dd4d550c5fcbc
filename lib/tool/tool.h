/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xen-swtlb: what its files share.
 */

#ifndef XEN_SWTLB_TOOL_H
#define XEN_SWTLB_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes. */
#define EXIT_OK           0
#define EXIT_FAILED       1   /* what was tried did not work */
#define EXIT_USAGE        2
#define EXIT_UNAVAILABLE  3   /* it is not here, or not allowed */
#define EXIT_IDLE         4   /* the module is loaded, and does nothing */

struct options {
    bool json;
    const char *file;             /* status file, or NULL: the kernel's */
    double watch;                 /* seconds between two; 0: once */
    unsigned long count;          /* how often, with watch; 0: for ever */
    long cpu;                     /* ranges of this CPU alone, or -1 */
    bool all;                     /* status: what else there is */
    const char *output;           /* export: to this file, or NULL */
    bool registered;              /* self-test: or it has failed */
    bool quick;
    bool plain;                   /* without the software TLB */
    char *const *names;           /* bench: of operations, up to NULL */
    unsigned int threads;         /* at most */
    unsigned int ms;              /* that a measurement takes with one */
};

extern struct options opt;

/* Of --threads. */
#define MAX_THREADS       64

/*
 * Say what is wrong, and what to do about it (or NULL); to stderr, and with
 * --json to stdout too, where code names it.  Returns EXIT_UNAVAILABLE.
 */
int unavailable(const char *code, const char *help, const char *format, ...)
    __attribute__((__format__(printf, 3, 4)));

/* The command line is wrong, in what the %s of format is for: the end. */
void wrong(const char *format, const char *what)
    __attribute__((__noreturn__));

/* ---- json.c: one value after the other, to stdout ---------------------- */

/* key is NULL in an array, and at the top. */
void json_open(const char *key, char bracket);
void json_close(char bracket);
void json_string(const char *key, const char *value);
void json_uint(const char *key, uint64_t value);
void json_real(const char *key, double value);
void json_bool(const char *key, bool value);
void json_null(const char *key);
/* What is a JSON value already. */
void json_raw(const char *key, const char *value);

/* ---- status.c: the status file ----------------------------------------- */

/* A line: its first word, and a value after each name. */
struct line {
    char *kind;
    size_t nr;
    struct pair {
        char *name, *value;
    } *pair;
};

struct status {
    char *text;                   /* what all strings are in */
    uint64_t format;
    const char *idle;             /* why, or NULL: it is active */
    struct line *line;            /* limits, cpu, entry */
    size_t nr_lines;
};

/* EXIT_OK, or it has said what is wrong. */
int status_read(struct status *status);
void status_free(struct status *status);
/* The value of a name, or NULL. */
const char *line_get(const struct line *line, const char *name);
/* The same as a number; 0 if there is none. */
uint64_t line_uint(const struct line *line, const char *name);
bool line_is(const struct line *line, const char *kind);
/* Whether this program knows what it is. */
bool line_is_known(const struct line *line);

/* Not on Xen, or not root: said, and EXIT_UNAVAILABLE.  Else EXIT_OK. */
int check_system(void);

/* ---- verdict.c: what it means ------------------------------------------ */

#define MAX_FINDINGS  12

struct verdict {
    const char *level;            /* "well", "partly", "idle" */
    char summary[200];
    struct finding {
        const char *code;         /* for programs */
        char text[200];
        const char *advice;
    } finding[MAX_FINDINGS];
    unsigned int nr;
};

void judge(const struct status *s, struct verdict *v);
/* The first line of a kind, or NULL. */
const struct line *status_first(const struct status *s, const char *kind);
/* The sum of a name's values in all lines of a kind. */
uint64_t status_sum(const struct status *s, const char *kind,
                    const char *name);

/* ---- jsonstatus.c: the status file as JSON ----------------------------- */

/* The beginning of the object, with the verdict; and its end. */
void json_head(const struct status *s);
void json_end(void);
/* All lines of a kind, or those of opt.cpu. */
void json_lines(const struct status *s, const char *key, const char *kind);
void json_others(const struct status *s);

/* show.c */
void print_verdict(const struct status *s);
void json_coverage(const struct line *l);

/* What a registered range is, by its address: ranges.c. */
const char *range_kind(const struct line *l);

/* ---- commands ---------------------------------------------------------- */

int cmd_status(void);
int cmd_ranges(void);
int cmd_export(void);
int cmd_self_test(void);
int cmd_bench(void);

#endif /* XEN_SWTLB_TOOL_H */
