/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers for tests, the same for the same seed.  Each kind of tests
 * has an environment variable of its own for the seed.
 */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* That in the environment's variable, or else an arbitrary one; printed. */
static inline uint64_t random_seed_from(const char *variable)
{
    const char *env = getenv(variable);
    struct timespec now;
    uint64_t seed;

    clock_gettime(CLOCK_REALTIME, &now);
    seed = env ? strtoull(env, NULL, 0)
               : (uint64_t)now.tv_sec * 1000000007ULL + now.tv_nsec;
    printf("%s=%#" PRIx64 "\n", variable, seed);
    fflush(stdout);

    return seed;
}

/* splitmix64 */
static inline uint64_t random_after(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15ULL;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;

    return x ^ (x >> 31);
}

#endif /* TESTS_RANDOM_H */
