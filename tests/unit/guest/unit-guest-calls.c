/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls whose buffers are as large as an argument or a field says: arrays
 * of grant operations, characters, multicalls, and others.
 */

#include "guest.h"

#include <xen/interface/grant_table.h>
#include <xen/interface/version.h>

/* ---- arrays ------------------------------------------------------------ */

/* Xen uses @in bytes of an element, and writes from @from to @to. */
static const struct array {
    unsigned int cmd;
    size_t size, in, from, to;
} arrays[] = {
    { 0, 32, 18, 18, 32 },
    { 1, 24, 20, 20, 22 },
    { 4, 24, 16, 16, 18 },
    { 5, 40, 36, 36, 38 },
    { 7, 24, 20, 20, 22 },
    { 11, 12, 8, 8, 10 },
    { 12, 16, 16, 0, 0 },
};

#define MOST 2000

static const struct array *a;
static u8 before[MOST * 40];
static unsigned long seen, stop_at;

/*
 * What Xen writes in an element: a status, which comes first, and the rest if
 * that is zero; each third is not.
 */
static void write_element(u8 *p, unsigned long i)
{
    const s16 status = i % 3 == 2 ? -3 : 0;

    if ( a->from == a->to )
        return;
    if ( !status )
        guest_fill(p + a->from, a->to - a->from, i);
    memcpy(p + a->from, &status, sizeof(status));
}

/* Does elements one by one; at stop_at it finds a reason to fail. */
static long xen_array(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[1], arg[2] * a->size);
    unsigned long i;

    CHECK_EQ(nr, __HYPERVISOR_grant_table_op);
    CHECK_EQ(arg[0], a->cmd);
    for ( i = 0; i < arg[2]; i++, seen++, p += a->size )
    {
        if ( seen == stop_at )
            return -EFAULT;
        CHECK(!memcmp(p, before + seen * a->size, a->in));
        if ( guest_encrypted )
            CHECK(a->from == a->to || !p[a->from]);
        write_element(p, seen);
    }

    return 0;
}

static void run_array(enum place place, unsigned long count,
                      unsigned long stop)
{
    u8 *p = guest_place(place, count * a->size), expected[40];
    unsigned long i;

    guest_fill(p, count * a->size, 77);
    memcpy(before, p, count * a->size);
    seen = 0;
    stop_at = stop;
    guest_hypercalls = 0;
    guest_hypercall = xen_array;
    CHECK_EQ(guest_issue(__HYPERVISOR_grant_table_op, a->cmd,
                         (unsigned long)p, count, 0),
             stop < count ? -EFAULT : 0);
    for ( i = 0; i < count; i++ )
    {
        memcpy(expected, before + i * a->size, a->size);
        if ( i < stop )
            write_element(expected, i);
        CHECK_MSG(!memcmp(p + i * a->size, expected, a->size),
                  "operation %u: element %lu of %lu", a->cmd, i, count);
    }
}

START_TEST(array)
{
    enum place place;
    unsigned long stop;

    a = &arrays[_i];
    for ( place = UNKNOWN; place < PLACES; place++ )
    {
        run_array(place, 1, ~0ul);
        CHECK_EQ(guest_hypercalls, 1);
        run_array(place, 1, 0);
        run_array(place, 200, ~0ul);
        CHECK_EQ(guest_hypercalls, 1);
        run_array(place, MOST, ~0ul);
        for ( stop = 0; stop < MOST; stop += 131 )
            run_array(place, MOST, stop);
    }
    CHECK_EQ(guest_uncovered, 0);

    /* With little of the CPU's buffer left: more hypercalls. */
    size_t taken = swtlb_buf_room() - 128;
    void *buf = swtlb_buf_get(taken);

    run_array(CROSSING, 100, ~0ul);
    CHECK(guest_hypercalls > 10);
    swtlb_buf_put(buf);
}
END_TEST

START_TEST(array_encrypted)
{
    a = &arrays[_i];
    guest_encrypted = true;
    run_array(UNKNOWN, 1000, ~0ul);
    run_array(REGISTERED, 3, ~0ul);
    run_array(UNKNOWN, 3, 0);
}
END_TEST

static unsigned long original[4];
static long answer;

static long xen_original(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK(!memcmp(arg, original, sizeof(original)));

    return answer;
}

static void passes(unsigned long nr, unsigned long a1, unsigned long a2,
                   unsigned long a3, unsigned long a4, long res)
{
    original[0] = a1;
    original[1] = a2;
    original[2] = a3;
    original[3] = a4;
    answer = res;
    guest_hypercall = xen_original;
    CHECK_EQ(guest_issue(nr, a1, a2, a3, a4), res);
}

START_TEST(array_odd)
{
    unsigned long p = (unsigned long)guest_place(UNKNOWN, 64);

    passes(__HYPERVISOR_grant_table_op, 0, p, 0, 0, 0);
    passes(__HYPERVISOR_grant_table_op, 0, p, -1u, 0, -EINVAL);
    passes(__HYPERVISOR_grant_table_op, 0, p, 0x80000000, 0, -EINVAL);
    passes(__HYPERVISOR_grant_table_op, 0, 0x5000, 3, 0, -EFAULT);
    CHECK_EQ(guest_uncovered, 0);

    /* Unreadable from the start, and from some element on. */
    guest_bad_start = p;
    guest_bad_end = p + 64;
    passes(__HYPERVISOR_grant_table_op, 0, p, 2, 0, -EFAULT);
    CHECK_EQ(guest_uncovered, 1);
}
END_TEST

/*
 * What can go wrong around a hypercall that is carried: there is no buffer;
 * the kernel cannot read the argument; it cannot write what came back.  First
 * in a usual guest, then in a strict one.
 */
static unsigned long bad_after[2];

static long xen_takes_away(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    (void)arg;
    guest_bad_start = bad_after[0];
    guest_bad_end = bad_after[1];

    return answer;
}

static void troubles(unsigned long nr, unsigned long a1, unsigned long a2,
                     unsigned long a3, unsigned long p, size_t size,
                     bool reads, bool writes)
{
    swtlb_buf_enable(guest_cpu, false);
    guest_no_heap = true;
    guest_uncovered = guest_refused = 0;
    if ( !guest_encrypted )
        passes(nr, a1, a2, a3, 0, -ESRCH);
    CHECK_EQ(guest_uncovered, !guest_encrypted);
    /* An encrypted guest need not be told that Xen does not walk. */
    swtlb_strict = !guest_encrypted;
    guest_hypercalls = 0;
    CHECK_EQ(guest_issue(nr, a1, a2, a3, 0), -ENOMEM);
    CHECK_EQ(guest_hypercalls, 0);
    CHECK_EQ(guest_refused, 1);
    swtlb_strict = guest_no_heap = false;
    swtlb_buf_enable(guest_cpu, true);

    if ( writes )
    {
        bad_after[0] = p;
        bad_after[1] = p + size;
        guest_hypercall = xen_takes_away;
        answer = 1;
        CHECK_EQ(guest_issue(nr, a1, a2, a3, 0), -EFAULT);
        guest_bad_start = guest_bad_end = 0;
    }

    if ( reads )
    {
        guest_bad_start = p;
        guest_bad_end = p + size;
        passes(nr, a1, a2, a3, 0, -EFAULT);
        CHECK_EQ(guest_uncovered, 1 + !guest_encrypted);
        guest_bad_start = guest_bad_end = 0;
    }
}

START_TEST(trouble)
{
    u8 *p = guest_place(UNKNOWN, 200);
    unsigned long at = (unsigned long)p;
    u32 value;

    memset(p, 0, 200);
    guest_encrypted = _i;

    troubles(__HYPERVISOR_grant_table_op, 0, at, 5, at, 160, true, true);
    troubles(__HYPERVISOR_console_io, 0, 200, at, at, 200, true, false);
    troubles(__HYPERVISOR_console_io, 1, 200, at, at, 200, false, true);
    troubles(__HYPERVISOR_physdev_op, 25, at, 0, at, 12, true, false);
    troubles(__HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 0, at, at, 16, false,
             true);

    value = 100;
    memcpy(p, &value, 4);
    troubles(__HYPERVISOR_xen_version, 10, at, 0, at, 104, true, true);

    value = 55;
    memcpy(p, &value, 4);
    troubles(__HYPERVISOR_platform_op, at, 0, 0, at, 136, true, true);
}
END_TEST

/* ---- console ----------------------------------------------------------- */

static char text[30000];
static unsigned long written, available;

static long xen_write(unsigned long nr, const unsigned long arg[5])
{
    char *p = guest_reach(arg[2], arg[1]);

    CHECK_EQ(nr, __HYPERVISOR_console_io);
    CHECK_EQ(arg[0], CONSOLEIO_write);
    if ( written >= stop_at )
        return -EPERM;
    CHECK(!memcmp(p, text + written, arg[1]));
    written += arg[1];

    return 0;
}

static long xen_read(unsigned long nr, const unsigned long arg[5])
{
    char *p = guest_reach(arg[2], arg[1]);
    unsigned long n = arg[1] < available ? arg[1] : available;

    (void)nr;
    if ( written >= stop_at )
        return -EPERM;
    memcpy(p, text + written, n);
    written += n;
    available -= n;

    return n;
}

START_TEST(console_write)
{
    enum place place;
    char *p;

    guest_fill(text, sizeof(text), 1);
    for ( place = UNKNOWN; place < PLACES; place++ )
    {
        static const size_t sizes[] = { 1, 7, 80, 4096, 8192, 8193, 30000 };
        unsigned int i;

        for ( i = 0; i < ARRAY_SIZE(sizes); i++ )
        {
            p = guest_place(place, sizes[i]);
            memcpy(p, text, sizes[i]);
            guest_hypercall = xen_write;
            written = 0;
            stop_at = ~0ul;
            CHECK_EQ(guest_issue(__HYPERVISOR_console_io, 0, sizes[i],
                                 (unsigned long)p, 0), 0);
            CHECK_EQ(written, sizes[i]);
        }
    }

    p = guest_place(UNKNOWN, 30000);
    memcpy(p, text, 30000);
    written = 0;
    stop_at = 8192;
    CHECK_EQ(guest_issue(__HYPERVISOR_console_io, 0, 30000, (unsigned long)p,
                         0), -EPERM);
    passes(__HYPERVISOR_console_io, 0, 0, (unsigned long)p, 0, 0);
    CHECK_EQ(guest_uncovered, 0);
    guest_bad_start = (unsigned long)p;
    guest_bad_end = guest_bad_start + 1;
    passes(__HYPERVISOR_console_io, 0, 100, (unsigned long)p, 0, -EFAULT);
}
END_TEST

START_TEST(console_read)
{
    static const size_t sizes[] = { 1, 100, 8192, 9000, 30000 };
    static const size_t there[] = { 0, 1, 50, 8191, 8192, 8193, 29999 };
    enum place place;
    unsigned int i, k;
    size_t n, j;
    char *p;

    guest_fill(text, sizeof(text), 1);
    for ( place = UNKNOWN; place < PLACES; place++ )
        for ( i = 0; i < ARRAY_SIZE(sizes); i++ )
            for ( k = 0; k < ARRAY_SIZE(there); k++ )
            {
                n = min(sizes[i], there[k]);
                p = guest_place(place, sizes[i]);
                memset(p, 'x', sizes[i]);
                guest_hypercall = xen_read;
                written = 0;
                stop_at = ~0ul;
                available = there[k];
                CHECK_EQ(guest_issue(__HYPERVISOR_console_io, 1, sizes[i],
                                     (unsigned long)p, 0), n);
                CHECK(!memcmp(p, text, n));
                for ( j = n; j < sizes[i]; j++ )
                    CHECK_EQ(p[j], 'x');
            }

    p = guest_place(UNKNOWN, 30000);
    written = 0;
    stop_at = 0;
    CHECK_EQ(guest_issue(__HYPERVISOR_console_io, 1, 100, (unsigned long)p, 0),
             -EPERM);
    passes(__HYPERVISOR_console_io, 1, 0x80000000, (unsigned long)p, 0,
           -E2BIG);
}
END_TEST

/* ---- xen_version's buffers of any length ------------------------------- */

static size_t length;

static long xen_varbuf(unsigned long nr, const unsigned long arg[5])
{
    u32 *len = guest_reach(arg[1], 4);

    (void)nr;
    if ( length > *len )
        return -ENOBUFS;
    guest_fill(guest_reach(arg[1] + 4, *len), length, 8);

    return length;
}

START_TEST(varbuf)
{
    static const u32 sizes[] = { 0, 20, 64, 5000, 20000 };
    static const size_t lengths[] = { 1, 20, 64, 4999, 20000 };
    unsigned int i, k, cmd;
    enum place place;
    u8 expected[20004], *p;

    for ( cmd = 10; cmd < 15; cmd++ )
        for ( place = UNKNOWN; place < PLACES; place++ )
            for ( i = 0; i < ARRAY_SIZE(sizes); i++ )
                for ( k = 0; k < ARRAY_SIZE(lengths); k++ )
                {
                    bool fits = lengths[k] <= sizes[i];

                    p = guest_place(place, 4 + sizes[i]);
                    memset(p, 0x33, 4 + sizes[i]);
                    memcpy(p, &sizes[i], 4);
                    memcpy(expected, p, 4 + sizes[i]);
                    if ( fits )
                        guest_fill(expected + 4, lengths[k], 8);
                    length = lengths[k];
                    guest_hypercall = xen_varbuf;
                    CHECK_EQ(guest_issue(__HYPERVISOR_xen_version, cmd,
                                         (unsigned long)p, 0, 0),
                             fits ? (long)lengths[k] : -ENOBUFS);
                    CHECK(!memcmp(p, expected, 4 + sizes[i]));
                }

    /* No buffer: how long is it? */
    passes(__HYPERVISOR_xen_version, XENVER_build_id, 0, 0, 0, 20);
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* A hypervisor that lies does not make us copy more than there is. */
static long xen_lies(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    (void)arg;

    return 1000000;
}

START_TEST(lies)
{
    u32 *p = guest_place(UNKNOWN, 24);

    *p = 20;
    guest_hypercall = xen_lies;
    CHECK_EQ(guest_issue(__HYPERVISOR_xen_version, XENVER_build_id,
                         (unsigned long)p, 0, 0), 1000000);
    p = guest_place(UNKNOWN, 100);
    CHECK_EQ(guest_issue(__HYPERVISOR_console_io, 1, 100, (unsigned long)p, 0),
             100);
}
END_TEST

/* ---- one word more ----------------------------------------------------- */

static size_t add_size;

static long xen_add(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK(!memcmp(guest_reach(arg[1], add_size), before, add_size));

    return 0;
}

START_TEST(pci_add)
{
    enum place place;
    u32 flags;

    guest_hypercall = xen_add;
    for ( place = UNKNOWN; place < PLACES; place++ )
        for ( flags = 0; flags < 8; flags++ )
        {
            u8 *p;

            add_size = flags & 4 ? 16 : 12;
            p = guest_place(place, add_size);
            guest_fill(p, add_size, 9);
            memcpy(p + 4, &flags, 4);
            memcpy(before, p, add_size);
            CHECK_EQ(guest_issue(__HYPERVISOR_physdev_op, 25,
                                 (unsigned long)p, 0, 0), 0);
        }
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

static const size_t answer_sizes[] = { 16, 16, 48, 32, 8 };

static long xen_query(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK_EQ(arg[1], 7);
    guest_fill(guest_reach(arg[2], answer_sizes[arg[3]]),
               answer_sizes[arg[3]], 6);

    return 0;
}

static long unknown_query(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK_EQ(arg[3], 5);

    return -EINVAL;
}

START_TEST(query)
{
    enum place place;
    u8 expected[48];
    unsigned int what;

    guest_fill(expected, 48, 6);
    for ( place = UNKNOWN; place < PLACES; place++ )
        for ( what = 0; what < ARRAY_SIZE(answer_sizes); what++ )
        {
            u8 *p = guest_place(place, answer_sizes[what]);

            memset(p, 0, answer_sizes[what]);
            guest_hypercall = xen_query;
            CHECK_EQ(guest_issue(__HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 7,
                                 (unsigned long)p, what), 0);
            CHECK(!memcmp(p, expected, answer_sizes[what]));
        }
    passes(__HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 7,
           (unsigned long)guest_place(REGISTERED, 8), 5, -EINVAL);
    CHECK_EQ(guest_uncovered, 0);

    /* What a later Xen may have to tell: nobody knows how much that is. */
    guest_hypercall = unknown_query;
    CHECK_EQ(guest_issue(__HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 7,
                         0xffffc90000001000, 5), -EINVAL);
    CHECK_EQ(guest_uncovered, 1);
    swtlb_strict = true;
    guest_hypercall = NULL;
    CHECK_EQ(guest_issue(__HYPERVISOR_vcpu_op, VCPUOP_swtlb_query, 7,
                         0xffffc90000001000, 5), -EFAULT);
    CHECK_EQ(guest_refused, 1);
}
END_TEST

/* ---- the areas for a CPU's times --------------------------------------- */

/* Which operation it is for an area, and what that is by gpa; and its size. */
static const struct area_op {
    unsigned int by_gva, by_gpa;
    size_t size;
} area_ops[] = {
    { 5, 14, 48 },
    { 13, 15, 32 },
};

static const struct area_op *area_op;
static u64 area, area_gpa;
static bool by_gpa, knows_gpa, by_gva;

static long xen_area(unsigned long nr, const unsigned long arg[5])
{
    u64 *p = guest_reach(arg[2], 8);

    CHECK_EQ(nr, __HYPERVISOR_vcpu_op);
    CHECK_EQ(arg[1], 3);
    /* Before Xen gets to see the area: there are entries for it to use. */
    CHECK_EQ(guest_mended, swtlb_strict && arg[0] == area_op->by_gva ? 3 : 0);
    if ( arg[0] == area_op->by_gpa )
    {
        CHECK_EQ(*p, area_gpa);
        by_gpa = knows_gpa;

        return knows_gpa ? answer : -ENOSYS;
    }
    CHECK_EQ(arg[0], area_op->by_gva);
    CHECK_EQ(*p, area);
    by_gva = true;

    return answer;
}

static void run_area(enum place place, const void *where, u64 gpa)
{
    u64 *p = guest_slot(place, 0, 8);

    area = (unsigned long)where;
    area_gpa = gpa;
    memcpy(p, &area, 8);
    guest_hypercall = xen_area;
    guest_mended = 0;
    by_gpa = by_gva = false;
    CHECK_EQ(guest_issue(__HYPERVISOR_vcpu_op, area_op->by_gva, 3,
                         (unsigned long)p, 0), answer);
    CHECK_EQ(by_gpa, knows_gpa && gpa);
    /* By the one or by the other; to forget it, by both. */
    CHECK_EQ(by_gva, !by_gpa || !area);
    CHECK(!memcmp(p, &area, 8));
}

START_TEST(areas)
{
    u8 *heap = guest_slot(REGISTERED, 1, 48), *page;
    enum place place;

    area_op = &area_ops[_i];
    page = guest_slot(UNKNOWN, 1, 4096);
    for ( place = UNKNOWN; place < PLACES; place++ )
        for ( knows_gpa = false; ; knows_gpa = true )
        {
            for ( answer = -EINVAL; answer <= 0; answer += EINVAL )
            {
                run_area(place, heap, (unsigned long)heap);
                run_area(place, page + 64,
                         vmalloc_to_pfn(page) * PAGE_SIZE + 64);
                run_area(place, heap + 4096 - area_op->size,
                         (unsigned long)heap + 4096 - area_op->size);
                /* Not in one page; a program's; none any more. */
                run_area(place, heap + 4096 - area_op->size + 8, 0);
                run_area(place, (void *)0x5000, 0);
                run_area(place, NULL, ~0ull);
            }
            if ( knows_gpa )
                break;
        }
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* An older Xen could but be refused what no entry has. */
START_TEST(areas_strict)
{
    u8 *page = guest_slot(UNKNOWN, 1, 4096);
    u64 *p = guest_slot(UNKNOWN, 0, 8);
    unsigned int i;

    swtlb_strict = true;
    for ( i = 0; i < ARRAY_SIZE(area_ops); i++ )
    {
        area_op = &area_ops[i];
        knows_gpa = false;
        answer = 0;
        run_area(UNKNOWN, guest_slot(REGISTERED, 1, 48),
                 (unsigned long)guest_slot(REGISTERED, 1, 48));

        area = (unsigned long)page;
        area_gpa = vmalloc_to_pfn(page) * PAGE_SIZE;
        memcpy(p, &area, 8);
        by_gva = false;
        guest_mended = 0;
        CHECK_EQ(guest_issue(__HYPERVISOR_vcpu_op, area_op->by_gva, 3,
                             (unsigned long)p, 0), i ? -EOPNOTSUPP : 0);
        CHECK(!by_gva);

        knows_gpa = true;
        run_area(UNKNOWN, page, area_gpa);
    }
}
END_TEST

/*
 * An encrypted guest tells Xen of neither.  Linux dies of an error of the one,
 * and does without the other.
 */
START_TEST(areas_encrypted)
{
    u64 *p = guest_slot(UNKNOWN, 0, 8);

    guest_encrypted = true;
    *p = (unsigned long)guest_slot(REGISTERED, 1, 48);
    guest_hypercall = NULL;
    CHECK_EQ(guest_issue(__HYPERVISOR_vcpu_op, 5, 3, (unsigned long)p, 0), 0);
    CHECK_EQ(guest_issue(__HYPERVISOR_vcpu_op, 13, 3, (unsigned long)p, 0),
             -EOPNOTSUPP);
    CHECK_EQ(guest_hypercalls, 0);
}
END_TEST

/* ---- multicall --------------------------------------------------------- */

/*
 * The calls of the list: an event channel to be closed, for which it takes a
 * pointer, and others for which it does not.  Xen notes what it was asked.
 */
static unsigned int log_nr[1000], nr_log, nr_lists;
static unsigned long log_arg[1000];

static long xen_call(unsigned long nr, const unsigned long *arg)
{
    log_nr[nr_log] = nr;
    log_arg[nr_log] = arg[0];
    switch ( nr )
    {
    case __HYPERVISOR_event_channel_op:
        log_arg[nr_log] = *(u32 *)guest_reach(arg[1], 4);
        break;
    case __HYPERVISOR_xen_version:
        if ( arg[0] == XENVER_get_features )
            ((u32 *)guest_reach(arg[1], 8))[1] = 0x1234;
        break;
    }
    nr_log++;

    return nr == __HYPERVISOR_multicall ? -EINVAL : (long)(1000 + nr);
}

static long xen_multicall(unsigned long nr, const unsigned long arg[5])
{
    struct multicall_entry *e;
    unsigned long i;

    if ( nr != __HYPERVISOR_multicall )
        return xen_call(nr, arg);

    nr_lists++;
    e = guest_reach(arg[0], arg[1] * sizeof(*e));
    for ( i = 0; i < arg[1]; i++, e++ )
        e->result = xen_call(e->op, e->args);

    return 0;
}

static const struct {
    unsigned int op;
    unsigned long cmd;
    bool pointer;
} kinds[] = {
    { __HYPERVISOR_event_channel_op, 3, true },
    { __HYPERVISOR_set_timer_op, 5, false },
    { __HYPERVISOR_xen_version, XENVER_get_features, true },
    { __HYPERVISOR_xen_version, XENVER_version, false },
    { __HYPERVISOR_multicall, 0x1234, false },
    { 99, 7, false },
};

static void run_multicall(enum place where, enum place place, unsigned int n,
                          unsigned int seed, unsigned int most)
{
    struct multicall_entry *list = guest_slot(where, 0, n * sizeof(*list));
    struct multicall_entry copy[1000];
    u32 *p = guest_slot(place, 1, 8);
    unsigned int i, kind, seen = 0;

    memset(list, 0, n * sizeof(*list));
    p[0] = 4711;
    p[1] = 0;
    for ( i = 0; i < n; i++ )
    {
        kind = (i * 7 + seed) % most;
        list[i].op = kinds[kind].op;
        list[i].args[0] = kinds[kind].cmd;
        list[i].args[1] = kinds[kind].pointer ? (unsigned long)p : 0;
        list[i].args[5] = i;
        list[i].result = 0x5555;
    }
    memcpy(copy, list, n * sizeof(*list));

    nr_log = nr_lists = 0;
    guest_hypercall = xen_multicall;
    CHECK_EQ(guest_issue(__HYPERVISOR_multicall, (unsigned long)list, n, 0, 0),
             0);
    for ( i = 0; i < n; i++ )
    {
        kind = (i * 7 + seed) % most;
        copy[i].result = kinds[kind].op == __HYPERVISOR_multicall
                         ? -EINVAL : (long)(1000 + kinds[kind].op);
        /* By itself it would not be in a list. */
        if ( kinds[kind].op == __HYPERVISOR_multicall && guest_no_smap )
            continue;
        CHECK_EQ(log_nr[seen], kinds[kind].op);
        CHECK_EQ(log_arg[seen],
                 kinds[kind].op == __HYPERVISOR_event_channel_op
                 ? 4711 : kinds[kind].cmd);
        seen++;
    }
    CHECK_EQ(nr_log, seen);
    CHECK(!memcmp(list, copy, n * sizeof(*list)));
}

START_TEST(multicall)
{
    enum place where, place;
    unsigned int seed;

    guest_no_smap = _i;

    for ( where = UNKNOWN; where < PLACES; where++ )
        for ( place = UNKNOWN; place < PLACES; place++ )
            for ( seed = 0; seed < ARRAY_SIZE(kinds); seed++ )
            {
                run_multicall(where, place, 1, seed, ARRAY_SIZE(kinds));
                run_multicall(where, place, 17, seed, ARRAY_SIZE(kinds));
                run_multicall(where, place, 1000, seed, ARRAY_SIZE(kinds));
            }

    /* What needs nothing remains one list, as far as there is room. */
    run_multicall(UNKNOWN, REGISTERED, 128, 0, ARRAY_SIZE(kinds));
    CHECK_EQ(nr_lists, guest_no_smap ? 0 : 1);
    run_multicall(UNKNOWN, REGISTERED, 1000, 0, ARRAY_SIZE(kinds));
    CHECK_EQ(nr_lists, guest_no_smap ? 0 : 8);
    run_multicall(UNKNOWN, UNKNOWN, 100, 0, 1);
    CHECK_EQ(nr_lists, 0);
    CHECK_EQ(guest_uncovered, 0);

    passes(__HYPERVISOR_multicall, (unsigned long)guest_place(UNKNOWN, 8), 0,
           0, 0, 0);

    /* Where the CPU does not tell: a program's, and it is read as such. */
    guest_hypercalls = 0;
    CHECK_EQ(guest_issue(__HYPERVISOR_multicall, 0x5000, 3, 0, 0), -EFAULT);
    CHECK_EQ(guest_hypercalls, 0);
}
END_TEST

/* Nobody registers by way of a list. */
START_TEST(multicall_registers)
{
    struct multicall_entry *list = guest_place(_i % PLACES,
                                               3 * sizeof(*list));
    unsigned int op;

    guest_no_smap = _i >= PLACES;
    for ( op = VCPUOP_SWTLB_FIRST; op <= VCPUOP_SWTLB_LAST; op++ )
    {
        memset(list, 0, 3 * sizeof(*list));
        list[0].op = list[2].op = __HYPERVISOR_set_timer_op;
        list[1].op = __HYPERVISOR_vcpu_op;
        list[1].args[0] = op;
        nr_log = 0;
        guest_hypercall = xen_multicall;
        CHECK_EQ(guest_issue(__HYPERVISOR_multicall, (unsigned long)list, 3,
                             0, 0), 0);
        CHECK_EQ(nr_log, op == VCPUOP_swtlb_query ? 3 : 2);
        if ( op != VCPUOP_swtlb_query )
            CHECK_EQ(list[1].result, -EPERM);
        CHECK_EQ(list[2].result, 1000 + __HYPERVISOR_set_timer_op);
    }
}
END_TEST

/* A program's list: one by one, each read once, and none that registers. */
static struct multicall_entry *user_list;

static long xen_user(unsigned long nr, const unsigned long arg[5])
{
    CHECK(nr != __HYPERVISOR_multicall);
    /* The program changes what it has passed, meanwhile. */
    while ( user_list->op != nr || user_list->args[0] != arg[0] )
        user_list++;
    memset(user_list, 0xff, sizeof(*user_list));

    return xen_call(nr, arg);
}

START_TEST(multicall_user)
{
    struct multicall_entry *list = guest_place(UNKNOWN, 6 * sizeof(*list));
    static const long results[] = {
        1000 + __HYPERVISOR_set_timer_op, -EPERM, -EINVAL, -EPERM,
        1000 + __HYPERVISOR_vcpu_op, 1000 + __HYPERVISOR_memory_op,
    };
    unsigned int i;

    memset(list, 0, 6 * sizeof(*list));
    list[0].op = __HYPERVISOR_set_timer_op;
    list[1].op = __HYPERVISOR_vcpu_op;
    list[1].args[0] = VCPUOP_swtlb_insert | 0x7fff0100;
    list[2].op = __HYPERVISOR_multicall;
    list[3].op = __HYPERVISOR_vcpu_op;
    list[3].args[0] = VCPUOP_SWTLB_LAST;
    list[4].op = __HYPERVISOR_vcpu_op;
    list[4].args[0] = VCPUOP_swtlb_query;
    list[5].op = __HYPERVISOR_memory_op;
    guest_hypercall = xen_user;
    user_list = list;
    nr_log = 0;
    CHECK_EQ(swtlb_user_multicall(list, 6), 0);
    CHECK_EQ(nr_log, 3);
    for ( i = 0; i < 6; i++ )
        CHECK_EQ(list[i].result, results[i]);

    guest_bad_start = (unsigned long)&list[4];
    guest_bad_end = (unsigned long)&list[6];
    memset(list, 0, 4 * sizeof(*list));
    guest_hypercall = xen_call;
    nr_log = 0;
    CHECK_EQ(swtlb_user_multicall(list, 6), -EFAULT);
    CHECK_EQ(nr_log, 4);

    guest_killed = true;
    CHECK_EQ(swtlb_user_multicall(list, 6), -EINTR);
    CHECK_EQ(nr_log, 4);
}
END_TEST

/* An entry that cannot be read: Xen does what comes before, and fails. */
START_TEST(multicall_bad)
{
    struct multicall_entry *list = guest_place(UNKNOWN, 4 * sizeof(*list));

    memset(list, 0, 4 * sizeof(*list));
    list[0].op = list[1].op = __HYPERVISOR_set_timer_op;
    guest_bad_start = (unsigned long)&list[2];
    guest_bad_end = (unsigned long)&list[4];
    passes(__HYPERVISOR_multicall, (unsigned long)list, 4, 0, 0, -EFAULT);
    CHECK_EQ(guest_uncovered, 1);

    /* Xen is not given a list of which it is not known whose it is. */
    guest_no_smap = true;
    guest_hypercall = xen_call;
    nr_log = 0;
    CHECK_EQ(guest_issue(__HYPERVISOR_multicall, (unsigned long)list, 4, 0, 0),
             -EFAULT);
    CHECK_EQ(nr_log, 2);
    CHECK_EQ(list[1].result, 1000 + __HYPERVISOR_set_timer_op);
}
END_TEST

/*
 * Without SMAP it may be a program's, by another name, and be changed: one by
 * one, each read once.
 */
START_TEST(multicall_changed)
{
    struct multicall_entry *list = guest_place(_i, 3 * sizeof(*list));
    unsigned int i;

    guest_no_smap = true;
    memset(list, 0, 3 * sizeof(*list));
    list[0].op = __HYPERVISOR_vcpu_op;
    list[0].args[0] = 3; /* VCPUOP_is_up */
    list[1].op = 99;
    list[2].op = __HYPERVISOR_set_timer_op;
    guest_hypercall = xen_user;
    user_list = list;
    nr_log = 0;
    CHECK_EQ(guest_issue(__HYPERVISOR_multicall, (unsigned long)list, 3, 0, 0),
             0);
    CHECK_EQ(nr_log, 3);
    for ( i = 0; i < 3; i++ )
        CHECK_EQ(list[i].result, 1000 + log_nr[i]);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("calls");

    tcase_add_checked_fixture(tc, guest_init, guest_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_loop_test(tc, array, 0, ARRAY_SIZE(arrays));
    tcase_add_loop_test(tc, array_encrypted, 0, ARRAY_SIZE(arrays));
    tcase_add_test(tc, array_odd);
    tcase_add_loop_test(tc, trouble, 0, 2);
    tcase_add_test(tc, console_write);
    tcase_add_test(tc, console_read);
    tcase_add_test(tc, varbuf);
    tcase_add_test(tc, lies);
    tcase_add_test(tc, pci_add);
    tcase_add_test(tc, query);
    tcase_add_loop_test(tc, areas, 0, ARRAY_SIZE(area_ops));
    tcase_add_test(tc, areas_strict);
    tcase_add_test(tc, areas_encrypted);
    tcase_add_loop_test(tc, multicall, 0, 2);
    tcase_add_loop_test(tc, multicall_registers, 0, 2 * PLACES);
    tcase_add_test(tc, multicall_user);
    tcase_add_test(tc, multicall_bad);
    tcase_add_loop_test(tc, multicall_changed, 0, PLACES);
    suite_add_tcase(s, tc);

    return s;
}
