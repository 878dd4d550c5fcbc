/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all unit tests share, those of the hypervisor and those of guest/:
 * libcheck, with checks that are counted and that say both values.  Each test
 * program defines unit_suite().
 */
#ifndef UNIT_SUITE_H
#define UNIT_SUITE_H

#include <check.h>
#include <stdint.h>
#include <string.h>

/* Counts across the processes in which tests run. */
extern unsigned long *unit_checks;

#define CHECK_MSG(cond, ...) \
    do { \
        __atomic_add_fetch(unit_checks, 1, __ATOMIC_RELAXED); \
        if ( !(cond) ) \
            ck_abort_msg(__VA_ARGS__); \
    } while ( 0 )

#define CHECK(cond)  CHECK_MSG(cond, "'%s' is not so", #cond)

#define CHECK_EQ(actual, expected) \
    do { \
        long a_ = (long)(actual), e_ = (long)(expected); \
        CHECK_MSG(a_ == e_, "'%s' is %ld (%#lx), not %ld (%#lx)", #actual, \
                  a_, a_, e_, e_); \
    } while ( 0 )

#define CHECK_STR(actual, expected) \
    do { \
        const char *a_ = (actual), *e_ = (expected); \
        CHECK_MSG(!strcmp(a_, e_), "'%s' is \"%s\", not \"%s\"", #actual, \
                  a_, e_); \
    } while ( 0 )

/*
 * Random numbers, the same for the same seed.  The seed is the environment's
 * UNIT_SEED, or else arbitrary; it is printed.
 */
uint64_t unit_seed(void);
uint64_t unit_random(uint64_t *state);

/*
 * Of a case, in seconds by the clock: only for one that hangs to be named.  A
 * machine may be many times slower, or stand still meanwhile.
 */
#define UNIT_LIMIT 1800

/* Seconds that tests of threads, and with random input, are to take. */
unsigned int unit_seconds(void);

Suite *unit_suite(void);

#endif /* UNIT_SUITE_H */
