/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The thunk that all hypercalls of the kernel come by: which way each takes,
 * with which registers, and whether C code is reached with EFLAGS.AC clear.
 * On a CPU with SMAP privcmd has AC set, and it opens user memory; on one
 * without it is whatever a program left there.
 *
 * Addresses are numbers here: the thunk follows none.
 */

#include "guest.h"

#include <xen/interface/memory.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>

#define AC 0x40000ul

bool guest_no_smap;
unsigned int guest_cpu;
struct swtlb_filter swtlb_filter[SWTLB_FILTERS];
DEFINE_PER_CPU(unsigned long, swtlb_passed);
DEFINE_PER_CPU(u32 [SWTLB_CALLS], swtlb_user);

/* In the order in which the code below has them. */
struct regs
{
    unsigned long rax, rdi, rsi, rdx, r10, r8;
    unsigned long rcx, r9, r11;
    unsigned long flags;
} before, seen, after;

/* Which way it went: for the assembler below, too. */
unsigned long passed, marshalled, listed;

void through(void (*func)(void));
long swtlb_user_call(unsigned long nr, const unsigned long arg[5]);

/*
 * Call @func with the registers of "before", and have what they are then in
 * "after".  Whoever is called notes what it finds in "seen", and has AC clear.
 */
asm ( ".text\n"
      ".macro store to\n"
      "mov %rax, \\to(%rip); mov %rdi, \\to+8(%rip); mov %rsi, \\to+16(%rip)\n"
      "mov %rdx, \\to+24(%rip); mov %r10, \\to+32(%rip)\n"
      "mov %r8, \\to+40(%rip); mov %rcx, \\to+48(%rip)\n"
      "mov %r9, \\to+56(%rip); mov %r11, \\to+64(%rip)\n"
      "pushf; pop \\to+72(%rip)\n"
      "pushf; andl $~0x40000, (%rsp); popf\n"
      ".endm\n"
      ".globl through\n"
      "through:\n\t"
      "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n\t"
      "push %rdi\n\t"
      "mov before(%rip), %rax; mov before+8(%rip), %rdi\n\t"
      "mov before+16(%rip), %rsi; mov before+24(%rip), %rdx\n\t"
      "mov before+32(%rip), %r10; mov before+40(%rip), %r8\n\t"
      "mov before+48(%rip), %rcx; mov before+56(%rip), %r9\n\t"
      "mov before+64(%rip), %r11\n\t"
      "mov (%rsp), %rbx; mov %rsp, %rbp\n\t"
      "push before+72(%rip); popf\n\t"
      "call *%rbx\n\t"
      "store after\n\t"
      "cmp %rsp, %rbp; je 1f; ud2\n"
      "1: pop %rdi; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp\n\t"
      "pop %rbx; ret\n"

      /* Xen, and the two ways into C. */
      ".globl __SCT__swtlb_original\n"
      "__SCT__swtlb_original:\n\t"
      "store seen\n\t"
      "incq passed(%rip); push seen+72(%rip); popf; mov $42, %eax; ret\n"
      ".globl __SCK__swtlb_original\n"
      ".set __SCK__swtlb_original, 0\n"

      ".globl swtlb_marshal\n"
      "swtlb_marshal:\n\t"
      "store seen\n\t"
      "incq marshalled(%rip)\n\t"
      "mov %rdi, seen(%rip); mov (%rsi), %rax; mov %rax, seen+8(%rip)\n\t"
      "mov 8(%rsi), %rax; mov %rax, seen+16(%rip)\n\t"
      "mov 16(%rsi), %rax; mov %rax, seen+24(%rip)\n\t"
      "mov 24(%rsi), %rax; mov %rax, seen+32(%rip)\n\t"
      "mov 32(%rsi), %rax; mov %rax, seen+40(%rip)\n\t"
      "xor %ecx, %ecx; xor %r9d, %r9d; xor %r11d, %r11d\n\t"
      "mov $43, %eax; ret\n"

      ".globl swtlb_user_multicall\n"
      "swtlb_user_multicall:\n\t"
      "store seen\n\t"
      "incq listed(%rip)\n\t"
      "xor %ecx, %ecx; xor %r9d, %r9d; xor %r11d, %r11d\n\t"
      "mov $44, %eax; ret\n" );

enum way { PASSES, IS_MARSHALLED, IS_LISTED, IS_REFUSED };

static void issue(void (*thunk)(void), unsigned long nr, unsigned long a1,
                  unsigned long a2, unsigned long a3)
{
    passed = marshalled = listed = 0;
    before = (struct regs){
        nr, a1, a2, a3, 0x1010, 0x8080, 0xcccc, 0x9999, 0x1111, before.flags
    };
    through(thunk);
}

static void expect(enum way way, unsigned long flags)
{
    static const long result[] = { 42, 43, 44, -EPERM };
    unsigned long made[] = { passed, marshalled, listed };
    enum way i;

    CHECK_EQ(after.rax, result[way]);
    for ( i = PASSES; i < IS_REFUSED; i++ )
        CHECK_EQ(made[i], i == way);
    CHECK_EQ(after.rcx, before.rcx);
    CHECK_EQ(after.r9, before.r9);
    CHECK_EQ(after.r11, before.r11);
    if ( way == IS_REFUSED )
        return;
    CHECK_EQ(seen.flags & AC, flags);
    CHECK_EQ(seen.rdi, before.rdi);
    CHECK_EQ(seen.rsi, before.rsi);
    if ( way == IS_LISTED )
        return;
    CHECK_EQ(seen.rax, before.rax);
    CHECK_EQ(seen.rdx, before.rdx);
    CHECK_EQ(seen.r10, before.r10);
    CHECK_EQ(seen.r8, before.r8);
}

/* Addresses: a program's, registered ones, and one of the kernel's stacks. */
#define USER    0x7f0000001000ul
#define DIRECT  0xffff888000001000ul
#define IMAGE   0xffffffff82000000ul
#define STACK   0xffffc90000001000ul

static void init(void)
{
    memset(swtlb_filter, 0, sizeof(swtlb_filter));
    swtlb_filter[0] = (struct swtlb_filter){ 0xffff888000000000, 1ul << 30 };
    swtlb_filter[1] = (struct swtlb_filter){
        0xffffffff82000000 - 0xffff888000000000, 1ul << 20
    };
    swtlb_passed = 0;
    memset(swtlb_user, 0, sizeof(swtlb_user));
    guest_no_smap = false;
    before.flags = 0;
}

/* What the kernel does by itself, on either CPU. */
START_TEST(kernel)
{
    unsigned long nr = __HYPERVISOR_vcpu_op;

    guest_no_smap = _i;
    issue(swtlb_thunk, nr, VCPUOP_get_runstate_info, 0, STACK);
    expect(IS_MARSHALLED, 0);
    issue(swtlb_thunk, nr, VCPUOP_get_runstate_info, 0, DIRECT);
    expect(PASSES, 0);
    issue(swtlb_thunk, nr, VCPUOP_get_runstate_info, 0, IMAGE);
    expect(PASSES, 0);
    issue(swtlb_thunk, nr, VCPUOP_get_runstate_info, 0, 0);
    expect(PASSES, 0);
    CHECK_EQ(swtlb_passed, 3);

    /* A structure with a pointer in it has to be looked at. */
    issue(swtlb_thunk, __HYPERVISOR_sched_op, SCHEDOP_poll, DIRECT, 0);
    expect(IS_MARSHALLED, 0);
    issue(swtlb_thunk, __HYPERVISOR_multicall, STACK, 3, 0);
    expect(IS_MARSHALLED, 0);
    issue(swtlb_thunk, __HYPERVISOR_set_timer_op, STACK, STACK, STACK);
    expect(PASSES, 0);
    /* Not a number of ours. */
    issue(swtlb_thunk, SWTLB_CALLS, STACK, STACK, STACK);
    expect(PASSES, 0);
}
END_TEST

/* An address in the last two arguments, of one that nothing is known of. */
START_TEST(all_five)
{
    issue(swtlb_thunk, 41 + 1, 1, 0, 0);
    expect(PASSES, 0);
    before.flags = 0;
    passed = marshalled = listed = 0;
    before.r10 = STACK;
    before.rax = 42;
    through(swtlb_thunk);
    expect(IS_MARSHALLED, 0);
    before.r10 = 0;
    before.r8 = STACK;
    passed = marshalled = listed = 0;
    through(swtlb_thunk);
    expect(IS_MARSHALLED, 0);
}
END_TEST

/* privcmd's, on a CPU with SMAP: user memory is open for Xen, never for C. */
START_TEST(program)
{
    before.flags = AC;
    issue(swtlb_thunk, __HYPERVISOR_sched_op, SCHEDOP_poll, STACK, 0);
    expect(PASSES, AC);
    CHECK_EQ(swtlb_user[__HYPERVISOR_sched_op], 1);
    issue(swtlb_thunk, __HYPERVISOR_xen_version, XENVER_get_features, USER, 0);
    expect(PASSES, AC);
    CHECK_EQ(swtlb_user[__HYPERVISOR_xen_version], 1);

    /* A list is looked at; and an address of the kernel's is carried. */
    issue(swtlb_thunk, __HYPERVISOR_multicall, USER, 3, 0);
    expect(IS_LISTED, 0);
    issue(swtlb_thunk, __HYPERVISOR_multicall, DIRECT, 3, 0);
    expect(IS_LISTED, 0);
    issue(swtlb_thunk, __HYPERVISOR_xen_version, XENVER_get_features, STACK,
          0);
    expect(IS_MARSHALLED, 0);

    /* privcmd's list has a program's buffers, a program's is its own. */
    issue(swtlb_thunk, __HYPERVISOR_dm_op, 1, 2, USER);
    expect(PASSES, AC);
    issue(swtlb_thunk, __HYPERVISOR_dm_op, 1, 2, DIRECT);
    expect(IS_MARSHALLED, 0);
}
END_TEST

/*
 * A CPU without SMAP has AC as the program left it that an interrupt, or the
 * scheduler, took the CPU from: hypercalls are the kernel's all the same.
 */
START_TEST(left_by_a_program)
{
    guest_no_smap = true;
    before.flags = AC;
    issue(swtlb_thunk, __HYPERVISOR_sched_op, SCHEDOP_poll, STACK, 0);
    expect(IS_MARSHALLED, AC);
    issue(swtlb_thunk, __HYPERVISOR_memory_op, XENMEM_populate_physmap, STACK,
          0);
    expect(IS_MARSHALLED, AC);
    issue(swtlb_thunk, __HYPERVISOR_multicall, STACK, 3, 0);
    expect(IS_MARSHALLED, AC);
    issue(swtlb_thunk, __HYPERVISOR_multicall, USER, 3, 0);
    expect(IS_LISTED, AC);
}
END_TEST

/* Nobody registers by way of privcmd, however the flags are. */
START_TEST(registering)
{
    void (*thunk)(void) = _i & 1 ? swtlb_guard : swtlb_thunk;
    unsigned int op;

    before.flags = _i & 2 ? AC : 0;
    for ( op = VCPUOP_SWTLB_FIRST; op <= VCPUOP_SWTLB_LAST; op++ )
    {
        issue(thunk, __HYPERVISOR_vcpu_op, op, 0, USER);
        expect(op == VCPUOP_swtlb_query ? PASSES : IS_REFUSED, before.flags);
        issue(thunk, __HYPERVISOR_vcpu_op, op | XEN_SWTLB_FLAG_space, 0, USER);
        expect(op == VCPUOP_swtlb_query ? PASSES : IS_REFUSED, before.flags);
    }
}
END_TEST

/* Xen is to see user memory, for what user.c makes: and nobody else. */
START_TEST(user_call)
{
    static const unsigned long arg[5] = { 1, 2, 3, 4, 5 };

    passed = marshalled = listed = 0;
    CHECK_EQ(swtlb_user_call(17, arg), 42);
    CHECK_EQ(passed, 1);
    CHECK_EQ(seen.flags & AC, AC);
    CHECK_EQ(seen.rax, 17);
    CHECK_EQ(seen.rdi, 1);
    CHECK_EQ(seen.rsi, 2);
    CHECK_EQ(seen.rdx, 3);
    CHECK_EQ(seen.r10, 4);
    CHECK_EQ(seen.r8, 5);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("thunk");

    tcase_add_checked_fixture(tc, init, NULL);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_loop_test(tc, kernel, 0, 2);
    tcase_add_test(tc, all_five);
    tcase_add_test(tc, program);
    tcase_add_test(tc, left_by_a_program);
    tcase_add_loop_test(tc, registering, 0, 4);
    tcase_add_test(tc, user_call);
    suite_add_tcase(s, tc);

    return s;
}
