/* SPDX-License-Identifier: GPL-2.0-only */
/* See unit.h. */

#include "unit.h"

/* So that a program behaves the same by hand as by CTest. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=1:detect_stack_use_after_return=1";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1:halt_on_error=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "halt_on_error=1:exitcode=66";
}

TCase *unit_case(Suite *s, const char *name)
{
    TCase *tc = tcase_create(name);

    tcase_add_checked_fixture(tc, world_init, world_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    suite_add_tcase(s, tc);

    return tc;
}
