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

struct options {
    bool json;
    const char *file;             /* status file, or NULL: the kernel's */
    double watch;                 /* seconds between two; 0: once */
    unsigned long count;          /* how often, with watch; 0: for ever */
    long cpu;                     /* ranges of this CPU alone, or -1 */
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

/* ---- status.c: the status file ----------------------------------------- */

/* A line: its first word, and a value after each name. */
struct line {
    char *kind;
    size_t nr;
    struct pair {
        char *name, *value;
    } pair[16];
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

/* Not on Xen, or not root: said, and EXIT_UNAVAILABLE.  Else EXIT_OK. */
int check_system(void);

/* ---- commands ---------------------------------------------------------- */

int cmd_status(void);
int cmd_ranges(void);
int cmd_self_test(void);
int cmd_bench(void);

#endif /* XEN_SWTLB_TOOL_H */
