/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test says of its subject.  The worst that was said is the verdict,
 * with its first text.  A test that says nothing ends as a success.
 */

#ifndef PVH_REPORT_H
#define PVH_REPORT_H

#include "types.h"

/* One line to the console, in one piece as long as it is below 127 bytes. */
void printk(const char *fmt, ...) __printf(1, 2);

/* In the order of severity. */
enum verdict {
    VERDICT_success,
    VERDICT_skip,           /* something that the test needs is not there */
    VERDICT_error,          /* the test or its environment is at fault */
    VERDICT_failure,        /* the subject is at fault */
};

void report(enum verdict verdict, const char *fmt, ...) __printf(2, 3);
enum verdict report_worst(void);

#define test_skip(...)      report(VERDICT_skip, __VA_ARGS__)
#define test_error(...)     report(VERDICT_error, __VA_ARGS__)
#define test_failure(...)   report(VERDICT_failure, __VA_ARGS__)

/* Print the verdict and shut the machine down. */
void __attribute__((__noreturn__)) test_end(void);

/* Report, and end at once: for when going on makes no sense. */
#define test_abort(verdict, ...)    \
    do {                            \
        report(verdict, __VA_ARGS__); \
        test_end();                 \
    } while ( 0 )

/* A figure for the host: "@measure NAME VALUE UNIT". */
void measure(const char *name, uint64_t value, const char *unit);

/*
 * Ends the test unless the TSC advances by so many ticks for each instruction:
 * 2 under "xen-run --icount", 1 in Bochs.  Returns the ticks that two readings
 * of it are apart.
 */
uint64_t icount_check(unsigned int ticks_per_insn);

/* "EEXIST" for 17 or -17. */
const char *errno_name(long rc);

bool check_eq(const char *file, unsigned int line, const char *what,
              uint64_t actual, uint64_t expected);
bool check_rc(const char *file, unsigned int line, const char *what,
              long actual, long expected);
bool check_true(const char *file, unsigned int line, const char *what,
                bool actual);
bool check_mem(const char *file, unsigned int line, const char *what,
               const void *actual, const void *expected, size_t size);

/*
 * A check that fails is a failure of the subject, says what was found and
 * what was expected, and lets the test go on.  All are true if they hold.
 */
#define CHECK(cond)                 check_true(__FILE__, __LINE__, #cond, cond)
#define CHECK_EQ(actual, expected)  \
    check_eq(__FILE__, __LINE__, #actual, actual, expected)
/* For results of hypercalls: errnos are printed by name. */
#define CHECK_RC(actual, expected)  \
    check_rc(__FILE__, __LINE__, #actual, actual, expected)
#define CHECK_MEM(actual, expected, size)   \
    check_mem(__FILE__, __LINE__, #actual, actual, expected, size)

/* The same for what a test relies on but does not test: an error, at once. */
#define REQUIRE_RC(actual, expected)                                        \
    do {                                                                    \
        long require_rc_ = (actual);                                        \
                                                                            \
        if ( require_rc_ != (expected) )                                    \
            test_abort(VERDICT_error, "%s:%u: %s is %ld (%s)", __FILE__,    \
                       __LINE__, #actual, require_rc_,                      \
                       errno_name(require_rc_));                            \
    } while ( 0 )

#endif /* PVH_REPORT_H */
