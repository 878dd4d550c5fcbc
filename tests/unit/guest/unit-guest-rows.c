/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every row of the table of hypercalls that is a structure, a value, or a
 * platform operation without pointers; and that no row is without a test.
 */

#include "ops.h"

#include <xen/interface/platform.h>

/* ---- structures -------------------------------------------------------- */

static const struct op *op;
static u8 before[2048];
static long result;

static long xen_op(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[op->which], op->size);
    unsigned int i;

    CHECK_EQ(nr, op->nr);
    CHECK_EQ(arg[0], op->cmd);
    for ( i = 1; i < 5; i++ )
        if ( i != op->which )
            CHECK_EQ(arg[i], i == 4 ? 0xa5a5 : 0x100 + i);
    CHECK_MSG(!memcmp(p, before, op->in), "%s: not what was passed", op->name);

    /* Where it writes upon failure, too, it may write to a part only. */
    if ( op->to && (result >= 0 || op->always) )
        guest_fill(p + op->from, (op->to - op->from) / (result < 0 ? 2 : 1),
                   77);

    return result;
}

static void issue_op(enum place place, long res)
{
    u8 *p = guest_place(place, op->size), expected[2048];
    unsigned long arg[5] = { op->cmd, 0x101, 0x102, 0x103 };
    size_t size = op->size;

    guest_fill(p, size, 11);
    memcpy(before, p, size);
    memcpy(expected, p, size);
    if ( op->to && (res >= 0 || op->always) )
        guest_fill(expected + op->from,
                   (op->to - op->from) / (res < 0 ? 2 : 1), 77);

    result = res;
    arg[op->which] = (unsigned long)p;
    guest_hypercalls = 0;
    guest_forget_marshalled();
    CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], arg[2], arg[3]), res);
    CHECK_EQ(guest_hypercalls, 1);
    CHECK_EQ(guest_marshalled(), place == REGISTERED ? 0 : 1);
    CHECK_MSG(!memcmp(p, expected, size),
              "%s: the caller's structure is not right", op->name);
}

START_TEST(structures)
{
    enum place place;

    op = &ops[_i];
    guest_hypercall = xen_op;
    for ( place = UNKNOWN; place < PLACES; place++ )
    {
        issue_op(place, 0);
        issue_op(place, 0x7fffffffffffL);
        issue_op(place, -EINVAL);
        issue_op(place, -ENOSYS);
    }
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* Memory that the kernel itself cannot access: Xen decides. */
static long xen_fault(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK_EQ(arg[op->which], (unsigned long)guest_place(UNKNOWN, op->size));

    return -EFAULT;
}

START_TEST(bad_pointers)
{
    unsigned long arg[5] = { 0 };
    u8 *p;

    op = &ops[_i];
    p = guest_place(UNKNOWN, op->size);
    arg[op->which] = (unsigned long)p;
    guest_bad_start = (unsigned long)p;
    guest_bad_end = guest_bad_start + op->size;

    if ( op->in )
    {
        guest_hypercall = xen_fault;
        CHECK_EQ(guest_issue(op->nr, op->cmd, arg[1], arg[2], arg[3]),
                 -EFAULT);
        CHECK_EQ(guest_uncovered, 1);
    }
    else
    {
        /* It is done, only its result does not arrive, as with Xen. */
        guest_hypercall = xen_op;
        result = 0;
        arg[1] = op->which == 1 ? arg[1] : 0x101;
        arg[2] = op->which == 2 ? arg[2] : 0x102;
        CHECK_EQ(guest_issue(op->nr, op->cmd, arg[1], arg[2], 0x103), -EFAULT);
    }
}
END_TEST

/* No buffer: walked, or in a strict guest refused. */
START_TEST(no_room)
{
    unsigned long arg[5] = { 0 };

    op = &ops[_i];
    guest_hypercall = xen_fault;
    swtlb_buf_enable(guest_cpu, false);
    arg[op->which] = (unsigned long)guest_place(UNKNOWN, op->size);

    CHECK_EQ(guest_issue(op->nr, op->cmd, arg[1], arg[2], 0), -EFAULT);
    CHECK_EQ(guest_uncovered, 1);
    CHECK_EQ(guest_logged, 0);

    swtlb_strict = true;
    guest_hypercalls = 0;
    CHECK_EQ(guest_issue(op->nr, op->cmd, arg[1], arg[2], 0), -ENOMEM);
    CHECK_EQ(guest_issue(op->nr, op->cmd, arg[1], arg[2], 0), -ENOMEM);
    CHECK_EQ(guest_hypercalls, 0);
    CHECK_EQ(guest_refused, 2);
    /* Nothing is printed where the hypercall was made. */
    CHECK_EQ(guest_logged, 0);
    guest_tick();
    CHECK_EQ(guest_logged, 1);
    CHECK(!guest_irq_work);
}
END_TEST

/* An NMI in the middle of the hypercall makes one, and that one again. */
static unsigned int depth;

static long xen_nested(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[1], 8);
    u64 local = 0x1111111111111111ull * (depth + 1), kept;
    void *inner = guest_place(CROSSING, 8);

    (void)nr;
    memcpy(&kept, p, 8);
    if ( depth++ < 5 )
    {
        u64 saved;

        memcpy(&saved, inner, 8);
        memcpy(inner, &local, 8);
        guest_in_nmi = depth & 1;
        CHECK_EQ(guest_issue(__HYPERVISOR_event_channel_op, 8,
                             (unsigned long)inner, 0, 0), 0);
        memcpy(inner, &saved, 8);
    }
    CHECK(!memcmp(&kept, p, 8));
    depth--;

    return 0;
}

START_TEST(nesting)
{
    u64 *p = guest_place(UNKNOWN, 8);

    guest_hypercall = xen_nested;
    *p = 42;
    CHECK_EQ(guest_issue(__HYPERVISOR_event_channel_op, 8, (unsigned long)p, 0,
                         0), 0);
    CHECK_EQ(guest_hypercalls, 6);
    CHECK_EQ(guest_marshalled(), 6);
}
END_TEST

/* ---- values ------------------------------------------------------------ */

static unsigned long expected_arg[5];

static long xen_untouched(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK(!memcmp(arg, expected_arg, 4 * sizeof(long)));

    return 4711;
}

static void untouched(unsigned long nr, unsigned long a1, unsigned long a2,
                      unsigned long a3, unsigned long a4)
{
    expected_arg[0] = a1;
    expected_arg[1] = a2;
    expected_arg[2] = a3;
    expected_arg[3] = a4;
    guest_hypercall = xen_untouched;
    CHECK_EQ(guest_issue(nr, a1, a2, a3, a4), 4711);
}

START_TEST(no_pointers)
{
    const struct value *v = &values[_i];
    unsigned long p = (unsigned long)guest_place(UNKNOWN, 64);

    untouched(v->nr, v->cmd, p, p, p);
    untouched(v->nr, v->cmd, 0, 0, 0);
    /* The swtlb operations have flags and an address in the first one. */
    if ( v->cmd >= VCPUOP_SWTLB_FIRST )
        untouched(v->nr, v->cmd | 0x7fff0100, 3, p, ~0ul);
    CHECK_EQ(guest_marshalled() + guest_uncovered, 0);
}
END_TEST

START_TEST(user_pointers)
{
    unsigned long user = TASK_SIZE_MAX - 64;

    op = &ops[_i];
    untouched(op->nr, op->cmd, op->which == 1 ? user : 0,
              op->which == 2 ? user : 0, 0);
    untouched(op->nr, op->cmd, 0, 0, 0);
}
END_TEST

/* What HVM guests have not, whatever the arguments look like. */
START_TEST(not_for_hvm)
{
    static const u8 nrs[] = { 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 15, 16,
                              19, 21, 22, 23, 25, 28, 30, 31, 35, 36, 37, 38,
                              48, 49 };
    unsigned long p = (unsigned long)guest_place(UNKNOWN, 64);

    swtlb_strict = true;
    untouched(nrs[_i], p, p, p, p);
    CHECK_EQ(guest_refused, 0);
}
END_TEST

/* ---- platform operations ----------------------------------------------- */

static bool platform_writes;

static long xen_platform(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[0], 136);

    CHECK_EQ(nr, __HYPERVISOR_platform_op);
    CHECK(!memcmp(p, before, 136));
    if ( platform_writes )
        guest_fill(p + 8, 128, 3);

    return result;
}

static void issue_platform(unsigned int cmd, enum place place, long res)
{
    u8 *p = guest_place(place, 136), expected[136];

    guest_fill(p, 136, 99);
    memcpy(p, &cmd, 4);
    memcpy(before, p, 136);
    memcpy(expected, p, 136);
    if ( platform_writes )
        guest_fill(expected + 8, 128, 3);
    result = res;
    guest_hypercall = xen_platform;
    CHECK_EQ(guest_issue(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0, 0),
             res);
    CHECK(!memcmp(p, expected, 136));
}

START_TEST(platform)
{
    enum place place;

    for ( place = UNKNOWN; place < PLACES; place++ )
    {
        platform_writes = platform_ops[_i].writes;
        issue_platform(platform_ops[_i].cmd, place, 0);
        issue_platform(platform_ops[_i].cmd, place, -EBUSY);
        platform_writes = false;
        issue_platform(platform_ops[_i].cmd, place, -EPERM);
    }
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

START_TEST(platform_user)
{
    untouched(__HYPERVISOR_platform_op, 0x1000, 0, 0, 0);
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* ---- what is not known ------------------------------------------------- */

#define KERNEL_POINTER 0xffffc90000001000ul

START_TEST(unknown)
{
    static const struct { unsigned int nr, cmd; } calls[] = {
        { __HYPERVISOR_mmuext_op, 0 },
        { __HYPERVISOR_xsm_op, 0 },
        { 39, 1 },
        { 42, 1 },
        { 63, 1 },
        { __HYPERVISOR_xen_version, 15 },
        { __HYPERVISOR_event_channel_op, 15 },
        { __HYPERVISOR_sched_op, 8 },
        { __HYPERVISOR_vcpu_op, 16 },
        { __HYPERVISOR_vcpu_op, 0x90 },
        { __HYPERVISOR_hvm_op, 25 },
        { __HYPERVISOR_memory_op, 26 },
        { __HYPERVISOR_physdev_op, 18 },
    };
    unsigned int nr = calls[_i].nr, cmd = calls[_i].cmd;
    unsigned long heap = (unsigned long)guest_place(REGISTERED, 8);

    untouched(nr, cmd, KERNEL_POINTER, KERNEL_POINTER, 0);
    CHECK_EQ(guest_uncovered, 1);
    CHECK_EQ(guest_logged, 0);

    swtlb_strict = true;
    guest_hypercalls = 0;
    CHECK_EQ(guest_issue(nr, cmd, KERNEL_POINTER, KERNEL_POINTER, 0), -EFAULT);
    CHECK_EQ(guest_issue(nr, cmd, KERNEL_POINTER, KERNEL_POINTER, 0), -EFAULT);
    CHECK_EQ(guest_hypercalls, 0);
    CHECK_EQ(guest_refused, 2);
    /* Nothing is printed where the hypercall was made. */
    CHECK_EQ(guest_logged, 0);
    guest_tick();
    CHECK_EQ(guest_logged, 1);
    CHECK(!guest_irq_work);

    /* Nothing there that Xen could not reach. */
    untouched(nr, cmd, heap, heap, heap);
    untouched(nr, cmd, 0, 0x7000, -1ul);
    CHECK_EQ(guest_refused, 2);
}
END_TEST

START_TEST(unknown_platform)
{
    u8 *p = guest_place(UNKNOWN, 136);
    u32 cmd = 61;

    memset(p, 0, 136);
    memcpy(p, &cmd, 4);
    untouched(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0, 0);
    CHECK_EQ(guest_uncovered, 1);
    swtlb_strict = true;
    CHECK_EQ(guest_issue(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0, 0),
             -EFAULT);
    CHECK_EQ(guest_refused, 1);
}
END_TEST

/* ---- completeness ------------------------------------------------------ */

static unsigned int count_tests(unsigned int nr, unsigned int cmd)
{
    unsigned int i, count = 0;

    for ( i = 0; i < nr_ops; i++ )
        count += ops[i].nr == nr && ops[i].cmd == cmd;
    for ( i = 0; i < nr_values; i++ )
        count += values[i].nr == nr && values[i].cmd == cmd;
    for ( i = 0; i < nr_others; i++ )
        count += others[i].nr == nr && others[i].cmd == cmd;

    return count;
}

/* Those of our own that are reserved. */
static bool is_reserved(unsigned int nr, unsigned int cmd)
{
    return nr == __HYPERVISOR_vcpu_op && cmd > 0x85 &&
           cmd <= VCPUOP_SWTLB_LAST;
}

START_TEST(all_rows)
{
    unsigned int nr, cmd, rows = 0;

    for ( nr = 0; nr < SWTLB_CALLS; nr++ )
        for ( cmd = 0; cmd < swtlb_calls[nr].nr; cmd++ )
        {
            unsigned int kind = swtlb_calls[nr].rows[cmd].kind;

            if ( kind != SWTLB_UNKNOWN && !is_reserved(nr, cmd) )
            {
                rows++;
                CHECK_MSG(count_tests(nr, cmd) == 1,
                          "hypercall %u, operation %u: %u tests", nr, cmd,
                          count_tests(nr, cmd));
            }
            else
                CHECK_EQ(count_tests(nr, cmd), 0);
        }
    CHECK_EQ(rows, nr_ops + nr_values + nr_others);
    printf("%u rows\n", rows);
}
END_TEST

/* Platform operations: those above, and those in unit-marshal.c. */
START_TEST(all_platform_rows)
{
    u64 data[136 / 8];
    struct xen_platform_op *o = (void *)data;
    unsigned int cmd, i, plain = 0, nested = 0;

    for ( cmd = 0; cmd < 256; cmd++ )
    {
        bool expected = false;

        memset(o, 0xff, 136);
        o->cmd = cmd;
        for ( i = 0; i < nr_platform_ops; i++ )
            expected |= platform_ops[i].cmd == cmd;
        switch ( swtlb_platform_row(o)->kind )
        {
        case SWTLB_PLAIN:
            plain++;
            CHECK_MSG(expected, "platform operation %u has no test", cmd);
            break;
        case SWTLB_NESTED:
            nested++;
            break;
        default:
            CHECK(!expected);
        }
    }
    CHECK_EQ(plain, nr_platform_ops);
    CHECK_EQ(nested, 3);        /* 35, 63, 66 */
}
END_TEST

/* The thunk may pass what has a bit; it must have one if it is plain. */
START_TEST(thunk_agrees)
{
    unsigned int nr, cmd;

    for ( nr = 0; nr < SWTLB_CALLS; nr++ )
    {
        unsigned int class = swtlb_call_class[nr];

        CHECK(swtlb_calls[nr].nr ? class == SWTLB_CALL_ARG2 ||
                                   class == SWTLB_CALL_ARG3
                                 : class == SWTLB_CALL_NONE ||
                                   class == SWTLB_CALL_COMPLEX);
        if ( swtlb_calls[nr].nr )
            CHECK_EQ(swtlb_calls[nr].arg, class == SWTLB_CALL_ARG2 ? 1 : 2);
        for ( cmd = 0; cmd < 64; cmd++ )
        {
            unsigned int kind = swtlb_row(nr, cmd)->kind;
            bool bit = (swtlb_call_plain[nr] >> cmd) & 1;

            if ( kind == SWTLB_NESTED || kind == SWTLB_AREA )
                CHECK(!bit);
            else if ( kind != SWTLB_UNKNOWN )
                CHECK_MSG(bit, "hypercall %u, operation %u", nr, cmd);
            else
                CHECK_MSG(!bit || nr == __HYPERVISOR_physdev_op,
                          "hypercall %u, operation %u", nr, cmd);
        }
    }
}
END_TEST

/* What is written without having been read must be written in full. */
START_TEST(rows_make_sense)
{
    unsigned int nr, cmd;

    for ( nr = 0; nr < SWTLB_CALLS; nr++ )
        for ( cmd = 0; cmd < swtlb_calls[nr].nr; cmd++ )
        {
            const struct swtlb_row *row = &swtlb_calls[nr].rows[cmd];

            CHECK(row->in <= row->size && row->end <= row->size);
            CHECK(row->out <= row->end);
            if ( row->flags & SWTLB_ALWAYS )
                CHECK(row->in >= row->end);
            if ( row->kind == SWTLB_NESTED )
                CHECK(row->nests && row->in == row->size && row->size <= 136);
        }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("rows");

    tcase_add_checked_fixture(tc, guest_init, guest_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_loop_test(tc, structures, 0, nr_ops);
    tcase_add_loop_test(tc, bad_pointers, 0, nr_ops);
    tcase_add_loop_test(tc, no_room, 0, nr_ops);
    tcase_add_loop_test(tc, user_pointers, 0, nr_ops);
    tcase_add_test(tc, nesting);
    tcase_add_loop_test(tc, no_pointers, 0, nr_values);
    tcase_add_loop_test(tc, not_for_hvm, 0, 28);
    tcase_add_loop_test(tc, platform, 0, nr_platform_ops);
    tcase_add_test(tc, platform_user);
    tcase_add_loop_test(tc, unknown, 0, 13);
    tcase_add_test(tc, unknown_platform);
    tcase_add_test(tc, all_rows);
    tcase_add_test(tc, all_platform_rows);
    tcase_add_test(tc, thunk_agrees);
    tcase_add_test(tc, rows_make_sense);
    suite_add_tcase(s, tc);

    return s;
}
