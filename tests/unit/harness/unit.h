/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the unit tests share: libcheck, with checks that are counted and that
 * say both values.  Each test program defines unit_suite().
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include "guest.h"

#include <check.h>
#include <signal.h>

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

/* The statistics of a vCPU, in the order of struct xen_swtlb_stats. */
#define CHECK_STATS(v, ...) \
    do { \
        const struct xen_swtlb_stats *have_ = &(v)->swtlb.stats; \
        const struct xen_swtlb_stats want_ = { __VA_ARGS__ }; \
        CHECK_EQ(have_->hits, want_.hits); \
        CHECK_EQ(have_->misses, want_.misses); \
        CHECK_EQ(have_->faults, want_.faults); \
        CHECK_EQ(have_->hit_bytes, want_.hit_bytes); \
        CHECK_EQ(have_->miss_bytes, want_.miss_bytes); \
        CHECK_EQ(have_->refused, want_.refused); \
    } while ( 0 )

/* A case of tests which each take place in a world of their own. */
TCase *unit_case(Suite *s, const char *name);

/*
 * Random numbers, the same for the same seed.  The seed is the environment's
 * UNIT_SEED, or else arbitrary; it is printed.
 */
uint64_t unit_seed(void);
uint64_t unit_random(uint64_t *state);

/* Seconds that tests of threads, and with random input, are to take. */
unsigned int unit_seconds(void);

Suite *unit_suite(void);

#endif /* UNIT_UNIT_H */
