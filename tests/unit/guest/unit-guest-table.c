/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Xen is told, by CPU, and how that changes under CPUs that run: against
 * a table as Xen has it.  After each hypercall one looks whether all is
 * registered that has to be all the time.
 */

#include "guest.h"

#define MOST  16                        /* entries */
#define BASE  0xffff888000000000ul      /* the direct map */
#define MB    0x100000ul

/* ---- Linux ------------------------------------------------------------- */

unsigned long guest_busy;
bool guest_locked;
u64 guest_cr3;

void guest_take_lock(void)
{
    CHECK(!guest_locked);
    guest_locked = true;
}

void guest_drop_lock(void)
{
    CHECK(guest_locked);
    guest_locked = false;
}

/* ---- the rest of the module -------------------------------------------- */

u32 swtlb_vcpu(unsigned int cpu)
{
    return cpu + 10;
}

static unsigned int lost;

void swtlb_device_lost(void)
{
    lost++;
}

static unsigned int told_of_room;

void swtlb_device_room(void)
{
    CHECK(!guest_locked);
    told_of_room++;
}

/* What the filter may let pass: nothing else has to be registered. */
static struct swtlb_range relied[64];
static unsigned int nr_relied, closed;

static bool within(const struct swtlb_range *r, const struct swtlb_range *of)
{
    return r->gva >= of->gva && r->gva + r->size <= of->gva + of->size;
}

static bool is_in_list(const struct swtlb_range *r,
                       const struct swtlb_ranges *list)
{
    unsigned int i;

    for ( i = 0; list && i < list->nr; i++ )
        if ( within(r, &list->range[i]) )
            return true;

    return false;
}

void swtlb_filter_narrow(const struct swtlb_ranges *list)
{
    unsigned int i, n = 0;

    CHECK(!guest_locked);
    for ( i = 0; i < nr_relied; i++ )
        if ( is_in_list(&relied[i], list) )
            relied[n++] = relied[i];
    nr_relied = n;
    closed += !list;
}

void swtlb_filter_widen(const struct swtlb_ranges *list)
{
    CHECK(!guest_locked);
    nr_relied = list ? list->nr : 0;
    if ( list )
        memcpy(relied, list->range, list->nr * sizeof(relied[0]));
}

/* ---- Xen --------------------------------------------------------------- */

static struct swtlb_range table[MOST + 1];
static unsigned int nr, shares, most;
static bool is_strict, refuses_share, refuses_query;
static u64 stats_refused;
static unsigned int ops_purge;          /* purges of all that were asked for */

static bool is_registered(u64 gva, u64 size)
{
    u64 end = gva + size;
    unsigned int i;

    while ( gva < end )
    {
        for ( i = 0; i < nr; i++ )
            if ( gva - table[i].gva < table[i].size )
                break;
        if ( i == nr )
            return false;
        gva = table[i].gva + table[i].size;
    }

    return true;
}

static struct swtlb_range buffers;      /* once they are */

static void look(void)
{
    unsigned int i;

    /* Before the first CPU comes there is none. */
    if ( !shares )
        return;
    if ( buffers.size )
        CHECK_MSG(is_registered(buffers.gva, buffers.size),
                  "a running CPU has no buffer");
    for ( i = 0; i < nr_relied; i++ )
        CHECK_MSG(is_registered(relied[i].gva, relied[i].size),
                  "%#lx is not registered, and somebody relies on it",
                  (unsigned long)relied[i].gva);
}

static long xen_insert(const unsigned long arg[5])
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        if ( arg[2] < table[i].gva + table[i].size &&
             table[i].gva < arg[2] + arg[4] )
            return -EEXIST;
    if ( nr >= most )
        return -ENOSPC;
    table[nr++] = (struct swtlb_range){ arg[2], arg[3], arg[4],
                                        arg[0] & XEN_SWTLB_FLAGS_MASK };

    return 0;
}

static long xen_purge(u64 start, u64 size)
{
    u64 end = start + size;
    unsigned int i;
    bool found = false;

    CHECK(size && end > start);
    for ( i = 0; i < nr; i++ )
    {
        struct swtlb_range *r = &table[i], tail = *r;
        u64 r_end = r->gva + r->size;

        if ( r->gva >= end || r_end <= start )
            continue;
        found = true;
        if ( r->gva < start && r_end > end )
        {
            if ( nr >= most )
                return -ENOSPC;
            tail.gpa += end - r->gva;
            tail.gva = end;
            tail.size = r_end - end;
            table[nr++] = tail;
            r->size = start - r->gva;
        }
        else if ( r->gva < start )
            r->size = start - r->gva;
        else if ( r_end > end )
        {
            r->gpa += end - r->gva;
            r->size = r_end - end;
            r->gva = end;
        }
        else
            table[i--] = table[--nr];
    }

    return found ? 0 : -ENODATA;
}

/* The caller is on CPU 0: in a strict domain it takes entries to answer. */
static long xen_query(unsigned int vcpu, void *buf, unsigned int what)
{
    struct xen_swtlb_stats *stats = buf;
    struct xen_swtlb_state *state = buf;

    if ( refuses_query || (is_strict && !(shares & 1)) )
        return -EFAULT;

    switch ( what )
    {
    case XEN_SWTLB_QUERY_stats:
        memset(stats, 0, sizeof(*stats));
        stats->refused = stats_refused;
        return 0;

    case XEN_SWTLB_QUERY_state:
        memset(state, 0, sizeof(*state));
        if ( shares & (1u << vcpu) )
            state->nr_sharers = __builtin_popcount(shares);
        state->flags = is_strict;
        return 0;
    }
    ck_abort_msg("query %u", what);
}

static bool is_absent;                  /* no software TLB */

static long xen_table(const unsigned long arg[5])
{
    if ( is_absent )
        return -ENOSYS;

    switch ( arg[0] & XEN_SWTLB_OP_MASK )
    {
    case VCPUOP_swtlb_insert:
        shares |= 1u << arg[1] % 10;
        return xen_insert(arg);

    case VCPUOP_swtlb_purge:
        return xen_purge(arg[2], arg[4]);

    case VCPUOP_swtlb_purge_all:
        ops_purge++;
        if ( arg[1] == XEN_SWTLB_ALL_VCPUS )
            shares = 0;
        else
            shares &= ~(1u << arg[1] % 10);
        if ( !shares )
            nr = 0;
        return 0;

    case VCPUOP_swtlb_share:
        if ( refuses_share )
            return -ENOMEM;
        shares |= 1u << arg[1] % 10;
        return 0;

    case VCPUOP_swtlb_query:
        return xen_query(arg[1] % 10, (void *)arg[2], arg[3]);

    case VCPUOP_swtlb_strict:
        is_strict = true;
        return 0;
    }
    ck_abort_msg("operation %#lx", arg[0]);
}

static long xen(unsigned long number, const unsigned long arg[5])
{
    long res;

    CHECK_EQ(number, __HYPERVISOR_vcpu_op);
    res = xen_table(arg);
    look();

    return res;
}

/* ---- what the tests do with it ----------------------------------------- */

static struct swtlb_ranges *list_of(unsigned int n, const u64 (*part)[2])
{
    struct swtlb_ranges *list = kmalloc(sizeof(*list) +
                                        (n + 1) * sizeof(list->range[0]), 0);
    unsigned int i;

    list->nr = n + 1;
    list->keep = 1;
    list->partial = false;
    list->range[0] = (struct swtlb_range){ BASE + 1000 * MB, 1000 * MB, MB,
                                           XEN_SWTLB_FLAG_pinned };
    for ( i = 0; i < n; i++ )
        list->range[i + 1] = (struct swtlb_range){
            BASE + part[i][0] * MB, part[i][0] * MB,
            (part[i][1] - part[i][0]) * MB, 0
        };

    return list;
}

#define LIST(...) \
    list_of(sizeof((u64[][2]){ __VA_ARGS__ }) / 16, (u64[][2]){ __VA_ARGS__ })

static bool has(u64 from, u64 to)
{
    return is_registered(BASE + from * MB, (to - from) * MB);
}

/* Two CPUs, with a list. */
static void start(struct swtlb_ranges *list)
{
    unsigned int n;

    swtlb_table_limit(most);
    swtlb_table_set(list);
    n = nr_relied;
    nr_relied = 0;
    swtlb_table_add_cpu(0);
    swtlb_table_add_cpu(1);
    CHECK_EQ(shares, 3);
    nr_relied = n;
    buffers = list->range[0];
}

static void init(void)
{
    guest_init();
    guest_hypercall = xen;
    most = MOST;
    nr = shares = lost = closed = nr_relied = 0;
}

static void fini(void)
{
    buffers.size = nr_relied = 0;
    swtlb_table_stop();
    CHECK_EQ(nr, 0);
    swtlb_table_set(NULL);
    CHECK(!guest_locked);
    guest_fini();
}

/* ---- memory comes and goes --------------------------------------------- */

START_TEST(grows)
{
    start(LIST({ 1, 100 }, { 200, 300 }));
    CHECK(has(1, 100) && has(200, 300) && !has(300, 301));
    swtlb_table_set(LIST({ 1, 100 }, { 200, 400 }));
    CHECK(has(1, 100) && has(200, 400) && !has(100, 101));
    swtlb_table_set(LIST({ 1, 400 }));
    CHECK(has(1, 400));
    CHECK_EQ(closed, 0);
}
END_TEST

START_TEST(shrinks)
{
    start(LIST({ 1, 400 }));
    swtlb_table_set(LIST({ 1, 300 }));
    CHECK(has(1, 300) && !has(300, 301) && !has(399, 400));
    swtlb_table_set(LIST({ 20, 100 }, { 150, 300 }));
    CHECK(has(20, 100) && has(150, 300));
    CHECK(!has(1, 2) && !has(19, 20) && !has(100, 101) && !has(149, 150));
    CHECK_EQ(closed, 0);
}
END_TEST

/*
 * What is registered early is in larger ranges than what is at the end of
 * boot, and has other flags: what stays is there all the time.  Xen writes
 * runstate areas there whenever it likes.
 */
START_TEST(boot_is_over)
{
    struct swtlb_ranges *early = LIST({ 1, 900 }, { 980, 1100 });

    /* No buffers yet. */
    early->keep = 0;
    memmove(&early->range[0], &early->range[1],
            2 * sizeof(early->range[0]));
    early->nr = 2;
    most = 8;
    swtlb_table_limit(most);
    nr = 2;
    memcpy(table, early->range, sizeof(early->range[0]) * 2);
    shares = 15;
    swtlb_table_adopt(early);
    swtlb_table_set(LIST({ 1, 900 }, { 980, 1000 }, { 1001, 1100 }));
    buffers = (struct swtlb_range){ BASE + 1000 * MB, 0, MB, 0 };

    relied[0] = (struct swtlb_range){ BASE + 500 * MB, 0, 300 * MB, 0 };
    nr_relied = 1;
    swtlb_table_set(LIST({ 1, 16 }, { 48, 900 }, { 980, 1000 },
                         { 1001, 1100 }));
    CHECK(has(1, 16) && has(48, 900) && has(980, 1100));
    CHECK(!has(16, 17) && !has(47, 48));
    CHECK_EQ(closed, 0);
}
END_TEST

/* Each block is an entry, until there is no room: then one a range again. */
START_TEST(compacted)
{
    unsigned int i;

    start(LIST({ 1, 100 }));
    for ( i = 101; i < 200; i++ )
        swtlb_table_set(LIST({ 1, i }));
    CHECK(has(1, 199));
    CHECK(closed > 0 && closed < 99 / (MOST / 2));
    CHECK_EQ(guest_logged, 0);
    CHECK_EQ(lost, 1);
}
END_TEST

/* ---- programs ---------------------------------------------------------- */

static struct mm_struct mm;

static int insert_user(unsigned int i)
{
    guest_cr3 = (u64)(unsigned long)&mm;
    mm.pgd = &mm;

    return swtlb_table_insert_user(&mm, 0x10000 + i * PAGE_SIZE, i * PAGE_SIZE,
                                   PAGE_SIZE);
}

/* They have filled the table: theirs go, the kernel's never. */
START_TEST(programs_give_way)
{
    unsigned int i, generation;

    start(LIST({ 1, 100 }, { 200, 300 }));
    for ( i = 0; !insert_user(i); i++ )
        ;
    CHECK_EQ(nr, MOST);
    generation = swtlb_table_generation();
    lost = 0;
    swtlb_table_set(LIST({ 1, 100 }, { 200, 300 }, { 400, 500 }));
    CHECK(has(1, 100) && has(200, 300) && has(400, 500));
    CHECK(!is_registered(0x10000, 1));
    CHECK(swtlb_table_generation() != generation);
    CHECK_EQ(lost, 1);
    CHECK_EQ(guest_logged, 0);

    /* A hole takes an entry more, too. */
    for ( i = 0; !insert_user(i); i++ )
        ;
    swtlb_table_set(LIST({ 1, 100 }, { 200, 250 }, { 260, 300 },
                         { 400, 500 }));
    CHECK(has(200, 250) && !has(250, 251) && has(260, 300));
    CHECK_EQ(guest_logged, 0);
}
END_TEST

/* The room that programs have leaves the kernel some. */
START_TEST(room)
{
    most = 64;
    swtlb_table_limit(64);
    CHECK_EQ(swtlb_table_room(), 48);
    swtlb_table_set(LIST({ 1, 100 }, { 200, 300 }));
    CHECK_EQ(swtlb_table_room(), 64 - 16 - 3);
    swtlb_table_limit(1024);
    CHECK_EQ(swtlb_table_room(), 1024 - 16 - 3);
    swtlb_table_limit(4);
    CHECK_EQ(swtlb_table_room(), 0);
    swtlb_table_limit(2);
    CHECK_EQ(swtlb_table_room(), 0);
    swtlb_table_limit(most);
}
END_TEST

/* More than Xen takes: it says so, what fits is there, the buffers too. */
START_TEST(too_many)
{
    most = 4;
    start(LIST({ 1, 100 }));
    swtlb_table_set(LIST({ 1, 100 }, { 200, 300 }, { 400, 500 }, { 600, 700 },
                         { 800, 900 }));
    CHECK(has(1, 100) && has(200, 300) && has(400, 500));
    CHECK_EQ(nr, 4);
    CHECK_EQ(guest_logged, 1);
    CHECK_EQ(nr_relied, 4);
    /* And when there is room again. */
    swtlb_table_set(LIST({ 1, 100 }, { 800, 900 }));
    CHECK(has(1, 100) && has(800, 900));
}
END_TEST

/* ---- CPUs -------------------------------------------------------------- */

/* A CPU that comes to a hypercall before its hotplug state. */
START_TEST(joins)
{
    start(LIST({ 1, 100 }));
    guest_switch(2);
    CHECK_EQ(swtlb_buf_room(), SWTLB_BUF_PAGES * PAGE_SIZE);
    swtlb_buf_enable(2, false);

    /* Another CPU has the lock, and is done after a while. */
    guest_busy = 100000;
    CHECK_EQ(swtlb_table_join(2), 0);
    CHECK_EQ(guest_busy, 0);
    CHECK(shares & 4);
    CHECK_EQ(swtlb_table_join(2), 0);
    swtlb_table_remove_cpu(2);

    /* It takes too long: the next hypercall tries again. */
    guest_busy = ~0ul;
    CHECK(!swtlb_buf_get(16));
    CHECK(!swtlb_buf_get(16));
    CHECK(~0ul - guest_busy >= 2ul << 20);
    guest_busy = 0;
    swtlb_buf_put(swtlb_buf_get(16));
    swtlb_table_remove_cpu(2);

    /* An NMI may have come to the CPU that has it: no waiting. */
    guest_in_nmi = true;
    guest_busy = 1;
    CHECK_EQ(swtlb_table_join(2), -EAGAIN);
    CHECK_EQ(guest_busy, 0);
    guest_in_nmi = false;

    /* What Xen says is for good. */
    refuses_share = true;
    CHECK(!swtlb_buf_get(16));
    refuses_share = false;
    CHECK(!swtlb_buf_get(16));
    swtlb_table_add_cpu(2);
    swtlb_buf_put(swtlb_buf_get(16));
    swtlb_table_remove_cpu(2);
    guest_switch(0);
}
END_TEST

/* Whether a CPU will have entries is known before it is started. */
START_TEST(prepares)
{
    /* Before there are any there is nothing to share. */
    CHECK_EQ(swtlb_table_prepare_cpu(2), 0);
    start(LIST({ 1, 100 }));
    CHECK_EQ(swtlb_table_prepare_cpu(2), 0);
    CHECK_EQ(shares, 7);
    /* It was not started after all. */
    swtlb_table_remove_cpu(2);
    CHECK_EQ(shares, 3);
    refuses_share = true;
    CHECK_EQ(swtlb_table_prepare_cpu(2), -ENOMEM);
    CHECK_EQ(shares, 3);
    CHECK_EQ(guest_logged, 0);
    /* One that has its entries keeps them. */
    CHECK_EQ(swtlb_table_prepare_cpu(1), 0);
    CHECK_EQ(shares, 3);

    guest_switch(2);
    CHECK_EQ(swtlb_table_add_cpu(2), -ENOMEM);
    refuses_share = false;
    CHECK_EQ(swtlb_table_add_cpu(2), 0);
    CHECK_EQ(swtlb_table_add_cpu(2), 0);
    CHECK_EQ(shares, 7);
    swtlb_table_remove_cpu(2);
    guest_switch(0);
}
END_TEST

/*
 * Xen is asked, with the lock held, for a CPU that did not get its entries:
 * the question must not wait for them.
 */
START_TEST(joins_itself)
{
    start(LIST({ 1, 100 }));
    guest_switch(1);
    swtlb_table_cpu_leaves(1);
    swtlb_table_remove_cpu(1);
    refuses_share = true;
    guest_busy = ~0ul;
    swtlb_table_add_cpu(1);
    CHECK_EQ(guest_busy, ~0ul);
    guest_busy = 0;
    refuses_share = false;
    CHECK_EQ(guest_logged, 1);
    CHECK_EQ(swtlb_table_join(1), 0);
    guest_switch(0);
}
END_TEST

/* What Xen refused while a CPU was away; an answer that failed is no count. */
START_TEST(away)
{
    start(LIST({ 1, 100 }));
    guest_switch(1);
    stats_refused = 5;
    swtlb_table_cpu_leaves(1);
    swtlb_table_remove_cpu(1);
    stats_refused = 9;
    swtlb_table_add_cpu(1);
    CHECK_EQ(swtlb_get_away(1).refused, 4);

    swtlb_table_cpu_leaves(1);
    swtlb_table_remove_cpu(1);
    refuses_query = true;
    swtlb_table_add_cpu(1);
    CHECK_EQ(swtlb_get_away(1).refused, 4);
    refuses_query = false;
    guest_switch(0);
}
END_TEST

/* ---- for good, or for a while ------------------------------------------ */

START_TEST(sleep)
{
    start(LIST({ 1, 100 }));
    buffers.size = nr_relied = 0;
    swtlb_table_suspend();
    CHECK_EQ(nr, 0);
    CHECK_EQ(shares, 0);
    /* Nobody gets any meanwhile. */
    CHECK_EQ(swtlb_table_join(0), -ENODEV);
    swtlb_table_resume();
    CHECK(has(1, 100));
    CHECK_EQ(shares, 3);
    CHECK(!is_strict);
}
END_TEST

/*
 * It has failed at the start, early, and is begun once more; meanwhile nobody
 * gets any.
 */
START_TEST(begun_again)
{
    start(LIST({ 1, 100 }));
    buffers.size = nr_relied = 0;
    swtlb_table_stop();
    CHECK_EQ(nr, 0);
    swtlb_table_add_cpu(0);
    CHECK_EQ(nr, 0);
    swtlb_table_forget();
    CHECK_EQ(swtlb_table_join(0), -ENODEV);
    swtlb_table_set(LIST({ 1, 200 }));
    CHECK_EQ(nr, 0);
    nr_relied = 0;
    swtlb_table_add_cpu(1);
    CHECK_EQ(shares, 2);
    CHECK(has(1, 200));
}
END_TEST

/*
 * Moved to a Xen without a software TLB, and back.  There is no purge for what
 * programs had: it has gone with all else.
 */
START_TEST(other_xen)
{
    start(LIST({ 1, 100 }));
    CHECK_EQ(insert_user(1), 0);
    buffers.size = nr_relied = 0;
    swtlb_table_suspend();
    is_absent = true;
    swtlb_table_resume();
    CHECK_EQ(swtlb_table_purge_user(0x10000 + PAGE_SIZE, PAGE_SIZE),
             -ENODATA);
    CHECK_EQ(insert_user(1), -ENODEV);
    CHECK(!swtlb_buf_get(16));
    told_of_room = 0;
    swtlb_table_set(LIST({ 1, 200 }));
    CHECK_EQ(told_of_room, 1);
    nr_relied = 0;
    swtlb_table_suspend();
    is_absent = false;
    swtlb_table_resume();
    CHECK(has(1, 200));
    CHECK_EQ(shares, 3);
    CHECK_EQ(insert_user(1), 0);
    CHECK_EQ(swtlb_table_purge_user(0x10000 + PAGE_SIZE, PAGE_SIZE), 0);
}
END_TEST

/*
 * Moved to a Xen that has smaller tables, and back.  What fits is registered
 * at once, the rest when the limit is known.
 */
START_TEST(smaller)
{
    start(LIST({ 1, 100 }, { 200, 300 }, { 400, 500 }));
    nr_relied = 0;
    swtlb_table_suspend();
    most = 3;
    swtlb_table_resume();
    CHECK_EQ(shares, 3);
    CHECK(has(1, 100) && has(200, 300));
    CHECK(is_registered(buffers.gva, buffers.size));

    swtlb_table_limit(most);
    swtlb_table_set(LIST({ 1, 100 }, { 400, 500 }));
    CHECK(has(1, 100) && has(400, 500));
    CHECK_EQ(guest_logged, 0);

    nr_relied = 0;
    swtlb_table_suspend();
    most = MOST;
    swtlb_table_resume();
    swtlb_table_limit(most);
    swtlb_table_set(LIST({ 1, 100 }, { 200, 300 }, { 400, 500 }));
    CHECK(has(1, 100) && has(200, 300) && has(400, 500));

    /* Not even the buffers: then there is nothing. */
    buffers.size = nr_relied = 0;
    swtlb_table_suspend();
    most = 0;
    swtlb_table_resume();
    CHECK_EQ(nr, 0);
    CHECK(!swtlb_buf_get(16));
    CHECK_EQ(guest_logged, 2);
}
END_TEST

/* Where Xen does not walk the kernel cannot do without for a moment. */
START_TEST(sleep_strict)
{
    start(LIST({ 1, 100 }));
    if ( _i )
        guest_encrypted = true;
    else
        CHECK_EQ(swtlb_table_strict(), 0);
    CHECK_EQ(is_strict, !_i);
    swtlb_table_suspend();
    CHECK(has(1, 100));

    /* Restored, it is another domain. */
    buffers.size = nr_relied = 0;
    nr = shares = is_strict = 0;
    swtlb_table_resume();
    CHECK(has(1, 100));
    CHECK_EQ(is_strict, !_i);
    CHECK_EQ(swtlb_strict, !_i);
}
END_TEST

/*
 * A strict domain comes back with its entries, and keeps them if its save is
 * cancelled.  They stay as they are, all the time, those of programs, too; a
 * CPU that Linux took down gets its part again, and what Xen refused it
 * meanwhile is told apart.
 */
START_TEST(restored_strict)
{
    unsigned int generation;

    start(LIST({ 1, 100 }));
    swtlb_table_limit(most);
    CHECK_EQ(swtlb_table_strict(), 0);
    nr_relied = 2;
    stats_refused = 5;
    CHECK_EQ(insert_user(1), 0);
    generation = swtlb_table_generation();
    swtlb_table_suspend();
    if ( _i )
    {
        shares &= ~2u;
        stats_refused = 7;
    }
    lost = ops_purge = 0;
    swtlb_table_resume();
    CHECK(has(1, 100));
    CHECK(is_registered(0x10000 + PAGE_SIZE, PAGE_SIZE));
    CHECK_EQ(swtlb_table_generation(), generation);
    CHECK_EQ(shares, 3);
    CHECK_EQ(lost, 0);
    CHECK_EQ(ops_purge, _i);
    CHECK(is_strict && swtlb_strict);
    CHECK_EQ(swtlb_get_away(0).refused, 0);
    CHECK_EQ(swtlb_get_away(1).refused, _i ? 2 : 0);
    guest_switch(1);
    swtlb_buf_put(swtlb_buf_get(16));
    guest_switch(0);
}
END_TEST

/* Linux has taken a CPU down, and is about to tell Xen of its areas. */
START_TEST(mended)
{
    start(LIST({ 1, 100 }));
    CHECK_EQ(swtlb_table_strict(), 0);
    nr_relied = 2;
    stats_refused = 5;
    swtlb_table_suspend();
    ops_purge = 0;

    /* It has its table; is this one; has never come. */
    swtlb_table_mend(swtlb_vcpu(1));
    swtlb_table_mend(swtlb_vcpu(0));
    swtlb_table_mend(swtlb_vcpu(2));
    CHECK_EQ(ops_purge, 0);
    CHECK_EQ(shares, 3);

    shares &= ~2u;
    swtlb_table_mend(swtlb_vcpu(0));
    CHECK_EQ(shares, 1);
    stats_refused = 6;
    swtlb_table_mend(swtlb_vcpu(1));
    CHECK_EQ(shares, 3);
    CHECK_EQ(swtlb_get_away(1).refused, 1);

    /* Nothing is left to do, but to see that. */
    swtlb_table_resume();
    CHECK_EQ(ops_purge, 1);
    CHECK_EQ(swtlb_get_away(1).refused, 1);
    CHECK(has(1, 100));
}
END_TEST

/*
 * All are lost, as its vCPUs were reset, and it is strict all the same; also
 * if a CPU does not get its entries again.
 */
START_TEST(reset_strict)
{
    start(LIST({ 1, 100 }));
    CHECK_EQ(swtlb_table_strict(), 0);
    swtlb_table_suspend();
    buffers.size = nr_relied = 0;
    nr = shares = 0;
    refuses_share = _i;
    swtlb_table_resume();
    refuses_share = false;
    CHECK(has(1, 100));
    CHECK_EQ(shares, _i ? 1 : 3);
    CHECK(is_strict && swtlb_strict);
}
END_TEST

/* Not if a CPU has nothing: at the start, and when it is restored. */
START_TEST(not_strict)
{
    refuses_share = true;
    swtlb_table_limit(most);
    swtlb_table_set(LIST({ 1, 100 }));
    nr_relied = 0;
    swtlb_table_add_cpu(0);
    swtlb_table_add_cpu(1);
    CHECK_EQ(swtlb_table_strict(), -EBUSY);
    CHECK(!is_strict && !swtlb_strict);

    refuses_share = false;
    swtlb_table_add_cpu(1);
    CHECK_EQ(swtlb_table_strict(), 0);
    CHECK(is_strict && swtlb_strict);

    /* It stays strict, as Xen has it, whatever is asked for then. */
    refuses_share = true;
    swtlb_table_add_cpu(2);
    CHECK_EQ(swtlb_table_strict(), -EBUSY);
    CHECK(is_strict && swtlb_strict);
    swtlb_table_remove_cpu(2);

    nr_relied = nr = shares = is_strict = 0;
    refuses_share = true;
    swtlb_table_resume();
    CHECK(!is_strict && !swtlb_strict);
    refuses_share = false;
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("table");

    tcase_add_checked_fixture(tc, init, fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_test(tc, grows);
    tcase_add_test(tc, shrinks);
    tcase_add_test(tc, boot_is_over);
    tcase_add_test(tc, compacted);
    tcase_add_test(tc, programs_give_way);
    tcase_add_test(tc, room);
    tcase_add_test(tc, too_many);
    tcase_add_test(tc, joins);
    tcase_add_test(tc, prepares);
    tcase_add_test(tc, joins_itself);
    tcase_add_test(tc, away);
    tcase_add_test(tc, sleep);
    tcase_add_test(tc, begun_again);
    tcase_add_test(tc, other_xen);
    tcase_add_test(tc, smaller);
    tcase_add_loop_test(tc, sleep_strict, 0, 2);
    tcase_add_loop_test(tc, restored_strict, 0, 2);
    tcase_add_test(tc, mended);
    tcase_add_loop_test(tc, reset_strict, 0, 2);
    tcase_add_test(tc, not_strict);
    suite_add_tcase(s, tc);

    return s;
}
