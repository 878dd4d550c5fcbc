/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The main() of each test program.  Its exit code is that of the project's
 * other test runners: 0 success, 3 no test was run, 4 a test failed.
 */

#include "suite.h"

#include "../../random.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

unsigned long *unit_checks;

uint64_t unit_seed(void)
{
    return random_seed_from("UNIT_SEED");
}

uint64_t unit_random(uint64_t *state)
{
    return random_after(state);
}

unsigned int unit_seconds(void)
{
    const char *env = getenv("UNIT_SECONDS");

    return env ? strtoul(env, NULL, 0) : 2;
}

int main(void)
{
    SRunner *sr;
    int run, failed;
    const char *verdict = "success";

    unit_checks = mmap(NULL, sizeof(*unit_checks), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ( unit_checks == MAP_FAILED )
    {
        perror("mmap");
        return 3;
    }

    sr = srunner_create(unit_suite());
    srunner_run_all(sr, CK_ENV);
    run = srunner_ntests_run(sr);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);

    if ( !run )
        verdict = "error: no test was run";
    else if ( failed )
        verdict = "failure";

    printf("%d tests, %d failed, %lu checks\n@verdict %s %s\n", run, failed,
           *unit_checks, UNIT_NAME, verdict);

    return !run ? 3 : failed ? 4 : 0;
}
