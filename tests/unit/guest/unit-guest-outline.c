/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sanitizers that call a function for each access: it may change all registers
 * that functions may, and does here.  The hypercall's have to be right all the
 * same.
 */

#include "guest.h"

long outline_hypercall(unsigned long nr, const unsigned long *arg);
long outline_op(const struct swtlb_range *r);

/* How often it was called, so that one sees that it is. */
unsigned long outline_calls;

#define SPOIL(name) \
    ".globl " name "\n" name ":\n\t" \
    "incq outline_calls(%rip); mov $-1, %rax; mov %rax, %rdi\n\t" \
    "mov %rax, %rsi; mov %rax, %rdx; mov %rax, %rcx; mov %rax, %r8\n\t" \
    "mov %rax, %r9; mov %rax, %r10; mov %rax, %r11; ret\n"

#define SPOIL_SIZES(prefix, suffix) \
    SPOIL(prefix "1" suffix) SPOIL(prefix "2" suffix) \
    SPOIL(prefix "4" suffix) SPOIL(prefix "8" suffix) \
    SPOIL(prefix "16" suffix) SPOIL(prefix "N" suffix)

asm ( ".text\n"
      SPOIL_SIZES("__asan_load", "_noabort")
      SPOIL_SIZES("__asan_store", "_noabort")
      SPOIL("__asan_handle_no_return") );

static unsigned long seen_nr, seen[5];

static long xen(unsigned long nr, const unsigned long arg[5])
{
    seen_nr = nr;
    memcpy(seen, arg, sizeof(seen));

    return 77;
}

START_TEST(arguments)
{
    unsigned long arg[5] = { 11, 12, 13, 14, 15 };
    unsigned int i;

    guest_hypercall = xen;
    CHECK_EQ(outline_hypercall(29, arg), 77);
    CHECK_EQ(seen_nr, 29);
    for ( i = 0; i < ARRAY_SIZE(arg); i++ )
        CHECK_EQ(seen[i], arg[i]);
    CHECK_MSG(outline_calls, "nothing was instrumented");
}
END_TEST

START_TEST(operation)
{
    const struct swtlb_range r = { 0x1000, 0x2000, 0x3000, 0x100 };

    guest_hypercall = xen;
    CHECK_EQ(outline_op(&r), 77);
    CHECK_EQ(seen[0], VCPUOP_swtlb_insert | 0x100);
    CHECK_EQ(seen[1], 3);
    CHECK_EQ(seen[2], 0x1000);
    CHECK_EQ(seen[3], 0x2000);
    CHECK_EQ(seen[4], 0x3000);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("outline");

    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_test(tc, arguments);
    tcase_add_test(tc, operation);
    suite_add_tcase(s, tc);

    return s;
}
