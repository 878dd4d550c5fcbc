/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random operations and copies against a model (fuzz/fuzz.c), for as many
 * seconds as the other tests of this kind.  One that fails prints its seed.
 */

#include "fuzz/fuzz.h"
#include "harness/unit.h"

#include <stdio.h>
#include <time.h>

START_TEST(random_sequences)
{
    uint64_t rnd = unit_seed();
    time_t end = time(NULL) + unit_seconds();

    do {
        static uint8_t data[8192];
        unsigned int i;

        for ( i = 0; i < sizeof(data); i++ )
            data[i] = unit_random(&rnd);
        fuzz_run(data, 1 + unit_random(&rnd) % sizeof(data));
    } while ( time(NULL) < end || fuzz_copies <= 100 ||
              fuzz_operations <= 100 || fuzz_pins <= 2 );

    printf("%lu copies, %lu operations, %lu entries pinned\n", fuzz_copies,
           fuzz_operations, fuzz_pins);
    __atomic_add_fetch(unit_checks, fuzz_copies + fuzz_operations,
                       __ATOMIC_RELAXED);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("fuzz");
    TCase *tc = tcase_create("fuzz");

    tcase_set_timeout(tc, UNIT_LIMIT + 2 * unit_seconds());
    suite_add_tcase(s, tc);
    tcase_add_test(tc, random_sequences);

    return s;
}
