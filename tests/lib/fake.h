/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the library's tests share: a backing for machines without Xen, checks,
 * and random numbers.  Each program defines lib_suite().
 */

#ifndef LIB_FAKE_H
#define LIB_FAKE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "private.h"

/* Hypercalls of the fake. */
#define FAKE_FILL   0   /* write arg2 bytes of value arg3 to arg1 */
#define FAKE_SUM    1   /* the sum of arg2 bytes at arg1 */
#define FAKE_FAULT  2   /* EFAULT, arg1 times; then 7 */
#define FAKE_ARGS   3   /* the sum of all arguments */
#define FAKE_LONG   4   /* arg1 + arg2, in a multicall alone */

struct fake {
    struct backing_ops ops;
    size_t limit;                 /* pages that it gives; the rest is ENOMEM */
    size_t registered;            /* pages before those it gives are plain */
    size_t largest;               /* pages that it gives at once */
    char *next;                   /* where, and the next elsewhere; or NULL */
    size_t mapped;                /* pages now */
    unsigned long maps, unmaps, calls, refused;
    unsigned long faults;         /* FAKE_FAULT so far */
    bool no_multicall;            /* it is not allowed */
    unsigned int closed;
    xentoollog_logger logger;
    unsigned int logged;          /* messages */
    char last[200];               /* the last of them */
};

/* A handle on a fake that gives as much as the machine has. */
xenswtlb_handle *fake_open(struct fake *fake, enum xenswtlb_backing kind);
/* Close it, and check that everything was given back. */
void fake_close(struct fake *fake, xenswtlb_handle *handle);

/* Those of the test, by lib_case(). */
extern struct fake fake;
extern xenswtlb_handle *h;

struct xenswtlb_stats stats_of(xenswtlb_handle *handle);

/* For loops: libcheck's own write to a file each time. */
#define CHECK(cond) \
    do { \
        if ( !(cond) ) \
            ck_abort_msg("'%s' is not so", #cond); \
    } while ( 0 )

/* Fill a buffer with what only it has, and check that. */
void mark(void *p, size_t size, unsigned int with);
void check_mark(const void *p, size_t size, unsigned int with);

uint64_t random_seed(void);
uint64_t random_next(uint64_t *state);

/*
 * Run fn in a child process.  Returns its exit code, or 128 and the number of
 * the signal that ended it.
 */
int in_child(int (*fn)(void *), void *data);

/* Run fn in that many threads at once, with a number from 0. */
void run_threads(unsigned int nr, void *(*fn)(void *));

/* A case whose tests each have a fake of this kind, and a handle on it. */
TCase *lib_case(Suite *s, const char *name, enum xenswtlb_backing kind);
Suite *lib_suite(void);

#endif /* LIB_FAKE_H */
