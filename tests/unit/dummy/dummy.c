/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A suite that ends in the way which DUMMY names, to see how that is reported:
 * see "The testers are tested" in CMakeLists.txt.
 */

#include "harness/unit.h"

#include <unistd.h>

START_TEST(pass)
{
    CHECK(true);
}
END_TEST

START_TEST(fail)
{
    CHECK_EQ(1 + 1, 3);
}
END_TEST

START_TEST(crash)
{
    abort();
}
END_TEST

START_TEST(hang)
{
    for ( ; ; )
        sleep(1);
}
END_TEST

/* Nothing of the harness knows of this block; the sanitizer does. */
START_TEST(leak)
{
    volatile char *p = malloc(16);

    *p = 1;
    p = NULL;
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("dummy");
    TCase *tc = tcase_create("dummy");
    const char *how = DUMMY;

    /* To hang takes 2 seconds; nothing else is cut short by them. */
    tcase_set_timeout(tc, strcmp(how, "hang") ? UNIT_LIMIT : 2);
    suite_add_tcase(s, tc);

    if ( !strcmp(how, "empty") )
        return s;

    tcase_add_test(tc, pass);
    if ( !strcmp(how, "fail") )
        tcase_add_test(tc, fail);
    if ( !strcmp(how, "crash") )
        tcase_add_test(tc, crash);
    if ( !strcmp(how, "hang") )
        tcase_add_test(tc, hang);
    if ( !strcmp(how, "leak") )
        tcase_add_test(tc, leak);

    return s;
}
