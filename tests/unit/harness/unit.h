/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests of the hypervisor share: checks, and the harness. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include "guest.h"
#include "suite.h"

#include <signal.h>

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

#endif /* UNIT_UNIT_H */
