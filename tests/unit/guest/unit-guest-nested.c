/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Structures with pointers in them.  As in ops.c, the figures are Xen's.
 */

#include "guest.h"

#include <xen/interface/memory.h>
#include <xen/interface/platform.h>
#include <xen/interface/sched.h>

#define DIR_IN   1
#define DIR_OUT  2
#define DIR_BOTH 3

struct list {
    unsigned int at, count_at, count_size, elem, dir;
};

struct nested_op {
    unsigned int nr, cmd;
    unsigned int which;
    size_t size, from, to;      /* of the structure */
    unsigned int nr_lists;
    struct list lists[3];
    const char *name;
    /* In platform operations: what selects the operation, at 8 and 12. */
    u32 selector[2];
};

#define LISTS(...) \
    sizeof((struct list[]){ __VA_ARGS__ }) / sizeof(struct list), \
    { __VA_ARGS__ }
#define OP(nr, cmd, which, size, from, to, ...) \
    { __HYPERVISOR_##nr, cmd, which, size, from, to, LISTS(__VA_ARGS__), \
      #nr " " #cmd }
#define PLATFORM(cmd, one, two, to, ...) \
    { __HYPERVISOR_platform_op, cmd, 0, 136, 8, to, LISTS(__VA_ARGS__), \
      "platform_op " #cmd " " #one " " #two, { one, two } }
#define L(...) { __VA_ARGS__ }

static const struct nested_op nested_ops[] = {
    OP(sched_op, 3, 1, 24, 0, 0, L(0, 8, 4, 4, DIR_IN)),
    OP(grant_table_op, 2, 1, 24, 8, 10, L(16, 4, 4, 8, DIR_OUT)),
    OP(grant_table_op, 9, 1, 16, 6, 8, L(8, 0, 4, 8, DIR_OUT)),
    OP(memory_op, 0, 1, 32, 0, 0, L(0, 8, 8, 8, DIR_OUT)),
    OP(memory_op, 1, 1, 32, 0, 0, L(0, 8, 8, 8, DIR_IN)),
    OP(memory_op, 5, 1, 24, 16, 20, L(8, 0, 4, 8, DIR_OUT)),
    OP(memory_op, 6, 1, 32, 0, 0, L(0, 8, 8, 8, DIR_BOTH)),
    OP(memory_op, 9, 1, 16, 0, 4, L(8, 0, 4, 20, DIR_OUT)),
    OP(memory_op, 10, 1, 16, 0, 4, L(8, 0, 4, 20, DIR_OUT)),
    OP(memory_op, 11, 1, 72, 64, 72, L(0, 8, 8, 8, DIR_IN),
       L(32, 40, 8, 8, DIR_BOTH)),
    OP(memory_op, 13, 1, 24, 0, 0, L(16, 8, 4, 20, DIR_IN)),
    OP(memory_op, 23, 1, 32, 0, 0, L(8, 4, 2, 8, DIR_IN),
       L(16, 4, 2, 8, DIR_IN), L(24, 4, 2, 4, DIR_OUT)),
    OP(memory_op, 28, 1, 32, 8, 12, L(24, 8, 4, 8, DIR_BOTH)),
    PLATFORM(35, 0, 0, 0, L(8, 16, 4, 1, DIR_IN)),
    PLATFORM(66, 5, 0, 0, L(16, 12, 4, 1, DIR_IN)),
    PLATFORM(63, 0, 0, 136, L(16, 8, 4, 1, DIR_OUT)),
    /* EFI: get_variable's and set_variable's data; the next name. */
    PLATFORM(49, 6, 0, 136, L(40, 32, 8, 1, DIR_OUT)),
    PLATFORM(49, 7, 0, 136, L(40, 32, 8, 1, DIR_IN)),
    PLATFORM(49, 8, 0, 136, L(32, 24, 8, 1, DIR_BOTH)),
    /* Firmware: EDID; the vendor of EFI. */
    PLATFORM(50, 3, 0, 136, L(24, 0, 0, 128, DIR_OUT)),
    PLATFORM(50, 4, 2, 136, L(24, 20, 4, 1, DIR_OUT)),
    /* Power management: C states, P states, _PDC. */
    PLATFORM(54, 0, 0, 0, L(24, 16, 4, 48, DIR_IN)),
    PLATFORM(54, 0, 1, 0, L(64, 56, 4, 48, DIR_IN)),
    PLATFORM(54, 0, 3, 0, L(16, 0, 0, 12, DIR_BOTH)),
};

static const struct nested_op *op;
static u8 passed[136];          /* the structure, by the caller */
static u8 *lists[3], list_passed[3][65536];
static unsigned int count;
static long result;

static u64 get(const void *p, unsigned int size)
{
    u64 value = 0;

    memcpy(&value, p, size);

    return value;
}

static size_t bytes_of(unsigned int i)
{
    return op->lists[i].elem * (op->lists[i].count_size ? count : 1);
}

/* EFI's variables have a name besides, which is tested by itself. */
static bool has_name(void)
{
    return op->nr == __HYPERVISOR_platform_op && op->cmd == 49 &&
           op->selector[0] < 8;
}

/* Whether byte @at of the structure belongs to a pointer. */
static bool is_pointer(unsigned int at)
{
    bool pointer = has_name() && at >= 24 && at < 32;
    unsigned int i;

    for ( i = 0; i < op->nr_lists; i++ )
        pointer |= at >= op->lists[i].at && at < op->lists[i].at + 8;

    return pointer;
}

/* Xen changes what it may change, but for the pointers. */
static void change(u8 *p)
{
    unsigned int i;

    for ( i = op->from; i < op->to; i++ )
        if ( !is_pointer(i) )
            p[i] ^= 0xff;
}

static long xen_nested(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[op->which], op->size), *list;
    u8 expected[136];
    unsigned int i;

    CHECK_EQ(nr, op->nr);

    /* The structure is the caller's but for its pointers. */
    memcpy(expected, passed, op->size);
    for ( i = 0; i < op->nr_lists; i++ )
    {
        size_t size = bytes_of(i);

        memcpy(expected + op->lists[i].at, p + op->lists[i].at, 8);
        list = guest_reach(get(p + op->lists[i].at, 8), size);
        CHECK_MSG(!memcmp(list, list_passed[i], size), "%s: list %u",
                  op->name, i);
        if ( op->lists[i].dir & DIR_OUT )
            guest_fill(list, size / 2, 200 + i);
    }
    CHECK_MSG(!memcmp(p, expected, op->size), "%s: not what was passed",
              op->name);

    change(p);

    return result;
}

/* The caller's structure with its lists; what it is to be afterwards. */
static void set_up(u8 *p, enum place place, u8 *expected)
{
    unsigned int i;

    guest_fill(p, op->size, 5);
    if ( op->nr == __HYPERVISOR_platform_op )
    {
        memcpy(p, &op->cmd, 4);
        memcpy(p + 8, op->selector, 8);
    }
    for ( i = 0; i < op->nr_lists; i++ )
    {
        const struct list *l = &op->lists[i];
        u64 n = count;

        lists[i] = guest_slot(place, i + 1, bytes_of(i));
        guest_fill(lists[i], bytes_of(i), 20 * i);
        memcpy(list_passed[i], lists[i], bytes_of(i));
        memcpy(p + l->at, &lists[i], 8);
        if ( l->count_size )
            memcpy(p + l->count_at, &n, l->count_size);
    }
    if ( has_name() )
        memset(p + 24, 0, 8);
    memcpy(passed, p, op->size);
    memcpy(expected, p, op->size);
}

static void run(enum place where, enum place place, long res)
{
    u8 *p = guest_slot(where, 0, op->size), expected[136], list[65536];
    unsigned long arg[5] = { op->cmd, 0, 0, 0 };
    unsigned int i;

    set_up(p, place, expected);
    change(expected);

    result = res;
    guest_hypercall = xen_nested;
    arg[op->which] = (unsigned long)p;
    CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], arg[2], arg[3]), res);
    CHECK_MSG(!memcmp(p, expected, op->size),
              "%s: the caller's structure is not right", op->name);
    for ( i = 0; i < op->nr_lists; i++ )
    {
        memcpy(list, list_passed[i], bytes_of(i));
        if ( op->lists[i].dir & DIR_OUT )
            guest_fill(list, bytes_of(i) / 2, 200 + i);
        CHECK_MSG(!memcmp(lists[i], list, bytes_of(i)), "%s: list %u",
                  op->name, i);
    }
    CHECK_EQ(guest_uncovered, 0);
}

START_TEST(places)
{
    enum place where, place;

    op = &nested_ops[_i];
    for ( where = UNKNOWN; where < PLACES; where++ )
        for ( place = UNKNOWN; place < PLACES; place++ )
        {
            count = 5;
            run(where, place, 5);
            count = 1;
            run(where, place, 1);
            /* Fits the CPU's buffer, in one. */
            count = 64;
            run(where, place, 64);
        }
}
END_TEST

/* Large lists of these are done in parts. */
static bool in_parts(void)
{
    return op->nr == __HYPERVISOR_memory_op &&
           (op->cmd < 2 || op->cmd == 6 || op->cmd == 23);
}

/* The hypercall as the caller makes it. */
static long xen_original(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK_EQ(arg[op->which], (unsigned long)guest_slot(UNKNOWN, 0, op->size));

    return -EFAULT;
}

/* Lists that take more than the CPU's buffer are carried in the heap. */
START_TEST(heap)
{
    u8 *p, expected[136];
    unsigned long arg[5] = { 0 };

    op = &nested_ops[_i];
    if ( in_parts() || !op->lists[0].count_size || op->nr == 29 )
        return;
    count = 40000 / op->lists[0].elem;
    run(UNKNOWN, UNKNOWN, 0);
    CHECK_EQ(guest_allocated, 1);       /* the CPUs' buffers */

    /* Nothing to be had, by and by for all reasons: it is Xen's to walk. */
    p = guest_slot(UNKNOWN, 0, op->size);
    arg[0] = op->cmd;
    arg[op->which] = (unsigned long)p;
    set_up(p, UNKNOWN, expected);
    for ( unsigned int reason = 0; reason < 6; reason++ )
    {
        guest_no_heap = reason == 0;
        guest_in_nmi = reason == 1;
        guest_irqs_disabled = reason == 2;
        guest_heap_unknown = reason == 3;
        guest_encrypted = reason == 4;
        /* Under a raw lock of a kernel that has others sleep. */
        guest_rt = reason == 5;
        guest_preempt_count = guest_rt;
        guest_uncovered = guest_refused = 0;
        guest_hypercall = xen_original;
        swtlb_strict = false;
        if ( !guest_encrypted )
        {
            CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), -EFAULT);
            CHECK_EQ(guest_uncovered, 1);
        }

        /* Xen does not walk.  An encrypted guest need not be told. */
        guest_hypercall = NULL;
        guest_uncovered = 0;
        swtlb_strict = !guest_encrypted;
        CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), -ENOMEM);
        CHECK_EQ(guest_refused, 1);
        CHECK_EQ(guest_uncovered, 0);
    }
    guest_preempt_count = 0;
    run(UNKNOWN, UNKNOWN, 0);
    guest_tick();
    CHECK_EQ(guest_logged, 1);
}
END_TEST

/* Pointers of user space, and NULL, are none of our business. */
static long xen_same(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[op->which], op->size);

    (void)nr;
    CHECK(!memcmp(p, passed, op->size));

    return 0;
}

START_TEST(user_lists)
{
    static const u64 users[] = { 0, TASK_SIZE_MAX - 8 };
    u8 *p, expected[136];
    unsigned long arg[5] = { 0 };
    unsigned int i, k;

    op = &nested_ops[_i];
    count = 3;
    p = guest_slot(UNKNOWN, 0, op->size);
    arg[0] = op->cmd;
    arg[op->which] = (unsigned long)p;
    for ( k = 0; k < ARRAY_SIZE(users); k++ )
    {
        set_up(p, UNKNOWN, expected);
        for ( i = 0; i < op->nr_lists; i++ )
            memcpy(p + op->lists[i].at, &users[k], 8);
        memcpy(passed, p, op->size);
        guest_hypercall = xen_same;
        CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), 0);
        CHECK(!memcmp(p, passed, op->size));
    }
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* The kernel cannot read the list: let Xen say so. */
START_TEST(bad_lists)
{
    u8 *p, expected[136];
    unsigned long arg[5] = { 0 };

    op = &nested_ops[_i];
    count = 3;
    p = guest_slot(UNKNOWN, 0, op->size);
    arg[0] = op->cmd;
    arg[op->which] = (unsigned long)p;
    set_up(p, UNKNOWN, expected);
    guest_bad_start = (unsigned long)lists[0];
    guest_bad_end = guest_bad_start + bytes_of(0);
    guest_hypercall = xen_original;
    CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), -EFAULT);
    CHECK_EQ(guest_uncovered, 1);
    CHECK(!memcmp(p, passed, op->size));
}
END_TEST

/* Grant operations succeed and have a status, which may be another. */
static s16 status;

static bool has_status(void)
{
    return op->nr == __HYPERVISOR_grant_table_op;
}

/* An encrypted guest does not show what is only to be written. */
static long xen_nothing_shown(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[op->which], op->size);
    unsigned int i, k;

    (void)nr;
    for ( i = 0; i < op->nr_lists; i++ )
    {
        u8 *list = guest_reach(get(p + op->lists[i].at, 8), bytes_of(i));

        if ( op->lists[i].dir == DIR_OUT )
            for ( k = 0; k < bytes_of(i); k++ )
            {
                CHECK_EQ(list[k], 0);
                if ( !status )
                    list[k] = 0x77;
            }
    }
    if ( has_status() )
        memcpy(p + op->from, &status, sizeof(status));

    return result;
}

START_TEST(encrypted)
{
    u8 *p, expected[136];
    unsigned long arg[5] = { 0 };
    unsigned int i;

    op = &nested_ops[_i];
    count = 6;
    guest_encrypted = true;
    guest_hypercall = xen_nothing_shown;
    p = guest_slot(REGISTERED, 0, op->size);
    arg[0] = op->cmd;
    arg[op->which] = (unsigned long)p;
    for ( result = -EINVAL; result <= 6; result += 6 + EINVAL )
        for ( status = 0; status >= (has_status() ? -1 : 0); status-- )
        {
            set_up(p, REGISTERED, expected);
            CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), result);
            for ( i = 0; i < op->nr_lists; i++ )
                if ( op->lists[i].dir == DIR_OUT )
                    CHECK_EQ(lists[i][1], result < 0 || status
                                          ? list_passed[i][1] : 0x77);
        }
}
END_TEST

/* ---- in parts ---------------------------------------------------------- */

static struct xen_memory_reservation *res;
static unsigned long seen, stop_at;
static u64 *extents;
static bool fails;

/* Does extents one by one, up to stop_at; and complements them. */
static long xen_extents(unsigned long nr, const unsigned long arg[5])
{
    struct xen_memory_reservation *r = guest_reach(arg[1], sizeof(*r));
    u64 *list = guest_reach((unsigned long)r->extent_start,
                            r->nr_extents * 8);
    unsigned long i;

    (void)nr;
    CHECK_EQ(r->domid, 0x7ff0);
    CHECK_EQ(r->extent_order, 9);
    for ( i = 0; i < r->nr_extents; i++, seen++ )
    {
        if ( seen == stop_at )
            return fails && !i ? -EFAULT : (long)i;
        CHECK_EQ(list[i], seen * 3);
        if ( arg[0] == XENMEM_populate_physmap )
            list[i] = ~list[i];
    }

    return i;
}

static long extents_run(unsigned int cmd, unsigned long nr_extents,
                        unsigned long stop)
{
    unsigned long i;
    long done;

    res = guest_slot(UNKNOWN, 0, sizeof(*res));
    extents = guest_slot(CROSSING, 1, nr_extents * 8);
    extents = (void *)((unsigned long)extents & -8ul);
    for ( i = 0; i < nr_extents; i++ )
        extents[i] = i * 3;
    memset(res, 0, sizeof(*res));
    res->extent_start = (void *)extents;
    res->nr_extents = nr_extents;
    res->extent_order = 9;
    res->domid = 0x7ff0;

    seen = 0;
    stop_at = stop;
    guest_hypercall = xen_extents;
    guest_hypercalls = 0;
    done = guest_issue(__HYPERVISOR_memory_op, cmd, (unsigned long)res, 0, 0);
    CHECK_EQ(res->nr_extents, nr_extents);
    CHECK_EQ((unsigned long)res->extent_start, (unsigned long)extents);
    for ( i = 0; i < nr_extents; i++ )
        CHECK_EQ(extents[i], cmd == XENMEM_populate_physmap && i < stop
                             ? ~(i * 3) : i * 3);

    return done;
}

START_TEST(extents_in_parts)
{
    static const unsigned int cmds[] = { XENMEM_decrease_reservation,
                                         XENMEM_populate_physmap };
    unsigned int cmd = cmds[_i];
    unsigned long stop;

    CHECK_EQ(extents_run(cmd, 10000, ~0ul), 10000);
    CHECK(guest_hypercalls > 5);
    for ( stop = 0; stop < 3000; stop += 37 )
        CHECK_EQ(extents_run(cmd, 3000, stop), stop);
    /* Exactly at the end of a part. */
    CHECK_EQ(extents_run(cmd, 3000, 256), 256);
    fails = true;
    CHECK_EQ(extents_run(cmd, 3000, 256), 256);
    CHECK_EQ(extents_run(cmd, 3000, 0), -EFAULT);
    fails = false;
    /* One hypercall when it fits. */
    CHECK_EQ(extents_run(cmd, 512, 512), 512);
    CHECK_EQ(guest_hypercalls, 1);
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* With most of the CPU's buffer in use the parts are smaller. */
START_TEST(little_room)
{
    size_t taken = swtlb_buf_room() - 256;
    void *buf = swtlb_buf_get(taken);

    CHECK(buf);
    guest_no_heap = true;
    CHECK_EQ(extents_run(XENMEM_populate_physmap, 3000, ~0ul), 3000);
    CHECK(guest_hypercalls > 100);
    swtlb_buf_put(buf);

    taken = swtlb_buf_room() - 16;
    buf = swtlb_buf_get(taken);
    swtlb_strict = true;
    CHECK_EQ(extents_run(XENMEM_populate_physmap, 3000, 0), -ENOMEM);
    swtlb_buf_put(buf);
}
END_TEST

/* More than Xen takes: it does not look at the list, nor do we. */
static long xen_too_many(unsigned long nr, const unsigned long arg[5])
{
    struct xen_memory_reservation *r = guest_reach(arg[1], sizeof(*r));

    (void)nr;
    CHECK_EQ(r->nr_extents, res->nr_extents);

    return 0;
}

START_TEST(too_many_extents)
{
    res = guest_slot(UNKNOWN, 0, sizeof(*res));
    memset(res, 0, sizeof(*res));
    res->extent_start = guest_slot(UNKNOWN, 1, 8);
    guest_hypercall = xen_too_many;
    res->nr_extents = 1ul << 26;
    CHECK_EQ(guest_issue(__HYPERVISOR_memory_op, 6, (unsigned long)res, 0, 0),
             0);
    res->nr_extents = ~0ul;
    CHECK_EQ(guest_issue(__HYPERVISOR_memory_op, 6, (unsigned long)res, 0, 0),
             0);
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

static struct xen_add_to_physmap_range *range;

static long xen_physmap(unsigned long nr, const unsigned long arg[5])
{
    struct xen_add_to_physmap_range *r = guest_reach(arg[1], sizeof(*r));
    xen_ulong_t *idxs = guest_reach((unsigned long)r->idxs, r->size * 8);
    xen_pfn_t *gpfns = guest_reach((unsigned long)r->gpfns, r->size * 8);
    int *errs = guest_reach((unsigned long)r->errs, r->size * 4);
    unsigned int i;

    (void)nr;
    for ( i = 0; i < r->size; i++, seen++ )
    {
        if ( seen == stop_at )
            return -EINVAL;
        CHECK_EQ(idxs[i], seen);
        CHECK_EQ(gpfns[i], seen + 7);
        errs[i] = seen & 1 ? -ENOENT : 0;
    }

    return 0;
}

START_TEST(physmap_in_parts)
{
    static const unsigned long stops[] = { ~0ul, 0, 1, 255, 256, 257, 2999 };
    unsigned int i, k;
    int *errs;

    for ( k = 0; k < ARRAY_SIZE(stops); k++ )
    {
        range = guest_slot(UNKNOWN, 0, sizeof(*range));
        memset(range, 0, sizeof(*range));
        range->size = 3000;
        range->idxs = guest_slot(UNKNOWN, 1, 3000 * 8);
        range->gpfns = guest_slot(UNKNOWN, 2, 3000 * 8);
        range->errs = errs = guest_slot(UNKNOWN, 3, 3000 * 4);
        for ( i = 0; i < 3000; i++ )
        {
            range->idxs[i] = i;
            range->gpfns[i] = i + 7;
            errs[i] = 4711;
        }
        seen = 0;
        stop_at = stops[k];
        guest_hypercall = xen_physmap;
        CHECK_EQ(guest_issue(__HYPERVISOR_memory_op,
                             XENMEM_add_to_physmap_range,
                             (unsigned long)range, 0, 0),
                 stops[k] == ~0ul ? 0 : -EINVAL);
        for ( i = 0; i < 3000; i++ )
            CHECK_EQ(errs[i], i >= stops[k] ? 4711 : i & 1 ? -ENOENT : 0);
    }
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* Something goes wrong after the first part. */
static unsigned int trouble;
static bool walks;              /* Xen does the rest */

static long xen_trouble(unsigned long nr, const unsigned long arg[5])
{
    unsigned long list = guest_bad_start;
    struct xen_memory_reservation *r = (void *)arg[1];
    struct xen_add_to_physmap_range *m = (void *)arg[1];
    bool physmap = arg[0] == XENMEM_add_to_physmap_range;

    (void)nr;
    if ( guest_hypercalls > 1 )
    {
        /* The rest, and nothing but that. */
        CHECK(!swtlb_strict);
        if ( physmap )
        {
            CHECK_EQ(m->size, 3000 - 256);
            CHECK_EQ((unsigned long)m->idxs, list - 300 * 8 + 256 * 8);
        }
        else
        {
            CHECK_EQ(r->nr_extents, 3000 - 256);
            CHECK_EQ((unsigned long)r->extent_start,
                     list - 300 * 8 + 256 * 8);
        }
        if ( !walks )
            return -EFAULT;

        return physmap ? 0 : 3000 - 256;
    }

    /* No buffer any more; or the rest of the list is not there. */
    if ( trouble == 0 )
        swtlb_buf_enable(guest_cpu, false);
    else
        guest_bad_end = list + 65536;

    return physmap ? 0 : 256;
}

static long with_trouble(unsigned int cmd, void *p, void *list)
{
    guest_bad_start = (unsigned long)list + 300 * 8;
    guest_bad_end = 0;
    swtlb_buf_enable(guest_cpu, true);
    guest_no_heap = true;
    guest_hypercall = xen_trouble;
    guest_hypercalls = 0;

    return guest_issue(__HYPERVISOR_memory_op, cmd, (unsigned long)p, 0, 0);
}

START_TEST(trouble_in_parts)
{
    struct xen_memory_reservation *r = guest_slot(UNKNOWN, 0, sizeof(*r));
    struct xen_add_to_physmap_range *m = guest_slot(CROSSING, 0, sizeof(*m));
    void *list = guest_slot(UNKNOWN, 1, 3000 * 8);
    long extents, physmap;

    memset(r, 0, sizeof(*r));
    r->extent_start = list;
    r->nr_extents = 3000;
    memset(m, 0, sizeof(*m));
    m->idxs = list;
    m->gpfns = guest_slot(UNKNOWN, 2, 3000 * 8);
    m->errs = guest_slot(UNKNOWN, 3, 3000 * 4);
    m->size = 3000;

    trouble = _i;
    for ( walks = false; ; walks = true )
    {
        extents = with_trouble(XENMEM_decrease_reservation, r, list);
        physmap = with_trouble(XENMEM_add_to_physmap_range, m, list);
        /* So many were done: the caller will find out. */
        CHECK_EQ(extents, walks ? 3000 : 256);
        CHECK_EQ(physmap, walks ? 0 : -EFAULT);
        if ( walks )
            break;
    }

    swtlb_strict = true;
    CHECK_EQ(with_trouble(XENMEM_decrease_reservation, r, list), 256);
    CHECK_EQ(with_trouble(XENMEM_add_to_physmap_range, m, list),
             trouble ? -EFAULT : -ENOMEM);
    CHECK_EQ(guest_hypercalls, 1);
}
END_TEST

/* What Xen wrote cannot be stored; the structure cannot be read. */
static long xen_takes_lists(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    (void)arg;
    guest_bad_end = guest_bad_start + 1;

    return 1;
}

START_TEST(bad_results)
{
    unsigned long arg[5] = { 0 };
    u8 *p, expected[136];
    unsigned int i;

    op = &nested_ops[_i];
    count = 4;
    p = guest_slot(UNKNOWN, 0, op->size);
    arg[0] = op->cmd;
    arg[op->which] = (unsigned long)p;
    for ( i = 0; i < op->nr_lists; i++ )
    {
        if ( !(op->lists[i].dir & DIR_OUT) )
            continue;
        set_up(p, UNKNOWN, expected);
        guest_bad_start = (unsigned long)lists[i];
        guest_bad_end = 0;
        guest_hypercall = xen_takes_lists;
        CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), -EFAULT);
    }

    set_up(p, UNKNOWN, expected);
    guest_bad_start = (unsigned long)p;
    guest_bad_end = guest_bad_start + op->size;
    guest_hypercall = xen_original;
    CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), -EFAULT);
    CHECK_EQ(guest_uncovered, 1);
}
END_TEST

/* A structure that is a program's, or none at all. */
static long xen_user_struct(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    CHECK(arg[op->which] < TASK_SIZE_MAX);

    return -EFAULT;
}

START_TEST(user_structs)
{
    unsigned long arg[5] = { 0 };

    op = &nested_ops[_i];
    arg[0] = op->cmd;
    guest_hypercall = xen_user_struct;
    arg[op->which] = 0;
    CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), -EFAULT);
    arg[op->which] = 0x7000;
    CHECK_EQ(guest_issue(op->nr, arg[0], arg[1], 0, 0), -EFAULT);
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* Lengths that no memory has: nothing is carried, nothing overflows. */
START_TEST(huge_counts)
{
    static const u64 counts[] = { ~0ull, ~0ull / 8, 1ull << 61, 1ull << 60,
                                  (1ull << 63) - 1, 1ull << 40 };
    struct xen_memory_exchange *e = guest_slot(UNKNOWN, 0, sizeof(*e));
    unsigned int i, k;

    op = &nested_ops[9];
    CHECK_EQ(op->cmd, XENMEM_exchange);
    guest_no_heap = true;
    for ( i = 0; i < ARRAY_SIZE(counts); i++ )
        for ( k = 0; k < 3; k++ )
        {
            memset(e, 0, sizeof(*e));
            e->in.extent_start = guest_slot(UNKNOWN, 1, 8);
            e->out.extent_start = guest_slot(UNKNOWN, 2, 8);
            e->in.nr_extents = k != 1 ? counts[i] : 1;
            e->out.nr_extents = k != 0 ? counts[i] : 1;
            guest_hypercall = xen_original;
            guest_uncovered = 0;
            CHECK_EQ(guest_issue(__HYPERVISOR_memory_op, XENMEM_exchange,
                                 (unsigned long)e, 0, 0), -EFAULT);
            CHECK_EQ(guest_uncovered, 1);
        }
}
END_TEST

/* ---- special cases ----------------------------------------------------- */

/* Too many ports: Xen refuses before it looks. */
START_TEST(poll_too_many)
{
    struct sched_poll *poll = guest_slot(UNKNOWN, 0, sizeof(*poll));

    op = &nested_ops[0];
    poll->ports = guest_slot(UNKNOWN, 1, 4);
    poll->nr_ports = 129;
    memcpy(passed, poll, sizeof(*poll));
    guest_hypercall = xen_same;
    CHECK_EQ(guest_issue(__HYPERVISOR_sched_op, SCHEDOP_poll,
                         (unsigned long)poll, 0, 0), 0);
}
END_TEST

/* A variable's name is as long as it is. */
static const u16 variable[] = { 'B', 'o', 'o', 't', 0 };

static long xen_variable(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[0], 136);

    (void)nr;
    CHECK(!memcmp(guest_reach(get(p + 24, 8), sizeof(variable)), variable,
                  sizeof(variable)));
    memset(guest_reach(get(p + 40, 8), 32), 9, 32);

    return 0;
}

static u16 *the_name;

static long xen_name(unsigned long nr, const unsigned long arg[5])
{
    u8 *p = guest_reach(arg[0], 136);

    (void)nr;
    CHECK_EQ(get(p + 24, 8), (unsigned long)the_name);
    guest_reach(get(p + 40, 8), 32);

    return -E2BIG;
}

START_TEST(efi_names)
{
    u8 *p = guest_slot(UNKNOWN, 0, 136);
    u16 *name = guest_slot(UNKNOWN, 1, sizeof(variable));
    u8 *data = guest_slot(UNKNOWN, 2, 32);
    u32 selectors[2] = { 6 + _i };
    u32 cmd = 49;
    u64 size = 32;

    memset(p, 0, 136);
    memcpy(p, &cmd, 4);
    memcpy(p + 8, selectors, 8);
    memcpy(name, variable, sizeof(variable));
    memcpy(p + 24, &name, 8);
    memcpy(p + 32, &size, 8);
    memcpy(p + 40, &data, 8);
    memset(data, 0, 32);
    guest_hypercall = xen_variable;
    CHECK_EQ(guest_issue(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0, 0),
             0);
    CHECK_EQ(data[31], _i ? 0 : 9);
    CHECK_EQ(get(p + 24, 8), (unsigned long)name);
    CHECK_EQ(guest_uncovered, 0);

    /* One without an end, and one that is not there: left to Xen. */
    name = guest_slot(UNKNOWN, 1, 4096);
    memset(name, 1, 4096);
    memcpy(p + 24, &name, 8);
    guest_hypercall = xen_name;
    the_name = name;
    CHECK_EQ(guest_issue(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0, 0),
             -E2BIG);
    guest_bad_start = (unsigned long)name + 10;
    guest_bad_end = guest_bad_start + 100;
    CHECK_EQ(guest_issue(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0, 0),
             -E2BIG);
}
END_TEST

/* What of EFI, firmware and power management has no pointers. */
static long xen_plain(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    guest_reach(arg[0], 136);

    return 0;
}

START_TEST(platform_plain)
{
    static const u32 selectors[][3] = {
        { 49, 1 }, { 49, 2 }, { 49, 3 }, { 49, 4 }, { 49, 5 }, { 49, 9 },
        { 50, 2 }, { 50, 4, 0 }, { 50, 4, 1 }, { 50, 4, 3 }, { 50, 4, 4 },
        { 50, 5 }, { 54, 0, 2 },
    };
    u8 *p = guest_slot(CROSSING, 0, 136);
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(selectors); i++ )
    {
        memset(p, 0, 136);
        memcpy(p, &selectors[i][0], 4);
        memcpy(p + 8, &selectors[i][1], 8);
        guest_hypercall = xen_plain;
        CHECK_EQ(guest_issue(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0,
                             0), 0);
    }
    CHECK_EQ(guest_marshalled(), ARRAY_SIZE(selectors));
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("nested");
    unsigned int nr = ARRAY_SIZE(nested_ops);

    tcase_add_checked_fixture(tc, guest_init, guest_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_loop_test(tc, places, 0, nr);
    tcase_add_loop_test(tc, heap, 0, nr);
    tcase_add_loop_test(tc, user_lists, 0, nr);
    tcase_add_loop_test(tc, bad_lists, 0, nr);
    tcase_add_loop_test(tc, encrypted, 0, nr);
    tcase_add_loop_test(tc, extents_in_parts, 0, 2);
    tcase_add_test(tc, little_room);
    tcase_add_test(tc, too_many_extents);
    tcase_add_test(tc, physmap_in_parts);
    tcase_add_loop_test(tc, trouble_in_parts, 0, 2);
    tcase_add_loop_test(tc, bad_results, 0, nr);
    tcase_add_loop_test(tc, user_structs, 0, nr);
    tcase_add_test(tc, huge_counts);
    tcase_add_test(tc, poll_too_many);
    tcase_add_loop_test(tc, efi_names, 0, 2);
    tcase_add_test(tc, platform_plain);
    suite_add_tcase(s, tc);

    return s;
}
