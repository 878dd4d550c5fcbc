/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the instructions of hypercalls that copy to or from guest memory, by
 * the way in which Xen finds that memory.  To be run under
 * "scripts/xen-run --icount", where the TSC advances by 2 an instruction.
 *
 * Every line
 *
 *     @measure WAY.LEAF.ENTRIES.CALL VALUE instructions/CALLS
 *
 * is one sample: VALUE instructions for a loop of CALLS hypercalls, the loop
 * itself included.  Warm-ups are not printed; statistics are bench/run's.
 *
 *   WAY      walk    the guest's page tables are walked; the table is empty,
 *                    or this Xen has none
 *            hit     an entry covers the buffer
 *            miss    there are entries, but none covers the buffer
 *            update  an entry is added to ENTRIES, and removed again
 *            phys    guest-physical addresses (bench/guest-physical.patch)
 *   LEAF     what maps the buffer in the guest's page tables: 4k, 2m, 1g
 *   ENTRIES  how many entries the vCPU's table holds
 *   CALL     see calls[]
 *
 * Words of the command line: "quick" for a few figures only; "sizes" and
 * "entries" for the figures by size and by number of entries.
 */

#include <pvh.h>

TEST_TITLE("instructions of copies to and from hypercall buffers");

#define BUF_SIZE            KB(64)

/* Nothing else is in the window, so all that hits and misses is meant to. */
#define LOWER_ENTRIES       WINDOW
#define BUF_4K              (WINDOW + MB(64 * 1024))
#define BUF_2M              (BUF_4K + MB(1024))
#define BUF_1G              (BUF_2M + MB(1024))
#define UPPER_ENTRIES       (WINDOW + MB(128 * 1024))

/* The rivals' mark in a hypercall's number: addresses are guest-physical. */
#define HYPERCALL_PHYS      0x40000000u

/*
 * One sample is one loop; the first one warms up and is dropped.  A loop ends
 * before the next timer interrupt is likely to hit it, and there are enough
 * of them for some to be spared: the minimum is exact.
 */
#define WARM_UPS            1
#define LOOP_CALLS          200
static unsigned int samples = 15;

static void *buf;
static unsigned int nr_flag;
static unsigned int nr_entries;
static unsigned int read_size;
static uint64_t timer_overhead;

static long vcpu_op(unsigned int cmd, unsigned long arg)
{
    return hypercall3(__HYPERVISOR_vcpu_op | nr_flag, cmd, 0, arg);
}

static long call_empty(unsigned long gva)
{
    return hypercall2(__HYPERVISOR_xen_version | nr_flag, XENVER_version,
                      gva);
}

static long call_is_up(unsigned long gva)
{
    return vcpu_op(VCPUOP_is_up, gva);
}

/* The loop which the rivals quote: one copy of 48 bytes to the guest. */
static long call_runstate(unsigned long gva)
{
    return vcpu_op(VCPUOP_get_runstate_info, gva);
}

/* One copy of 8 bytes from the guest, and one back. */
static long call_features(unsigned long gva)
{
    return hypercall2(__HYPERVISOR_xen_version | nr_flag, XENVER_get_features,
                      gva);
}

/*
 * One copy of any size to the guest, besides those of the fixed argument,
 * which is never in an entry.  Xen's console ring has to hold as much.
 */
static long call_read(unsigned long gva)
{
    static struct xen_sysctl op;

    op.cmd = XEN_SYSCTL_readconsole;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    op.u.readconsole.clear = 0;
    op.u.readconsole.incremental = 0;
    op.u.readconsole.count = read_size;
    op.u.readconsole.buffer.p = (void *)gva;

    if ( hypercall1(__HYPERVISOR_sysctl | nr_flag, (unsigned long)&op) ||
         op.u.readconsole.count != read_size )
        return -XEN_EINVAL;

    return 0;
}

static long call_update(unsigned long gva)
{
    return swtlb_insert(0, gva, gpa_of(buf), BUF_SIZE) |
           swtlb_purge(0, gva, BUF_SIZE);
}

struct call {
    const char *name;
    long (*fn)(unsigned long gva);
    unsigned int size;
    unsigned int copies;          /* to or from the buffer; 0: not counted */
};

/* Without a copy: what has to be subtracted.  The argument is ignored. */
static const struct call empty_calls[] = {
    { "empty", .fn = call_empty },
    { "is-up", .fn = call_is_up },
};

static const struct call calls[] = {
    { "runstate", .fn = call_runstate, .copies = 1 },
    { "features", .fn = call_features, .copies = 2 },
};

/* What an entry costs to come and to go. */
static const struct call update_calls[] = {
    { "insert-purge", .fn = call_update },
};

static const struct call size_calls[] = {
    { "read-0",     .fn = call_read, .size = 0 },
    { "read-8",     .fn = call_read, .size = 8 },
    { "read-48",    .fn = call_read, .size = 48 },
    { "read-256",   .fn = call_read, .size = 256 },
    { "read-1024",  .fn = call_read, .size = 1024 },
    { "read-4096",  .fn = call_read, .size = 4096 },
    { "read-16384", .fn = call_read, .size = 16384 },
    { "read-65536", .fn = call_read, .size = 65536 },
};

struct way {
    const char *name;
    unsigned int nr_flag;
    bool entry;                   /* one entry covers the buffer */
    bool counted;                 /* Xen counts hits and misses */
};

struct leaf {
    const char *name;
    unsigned long gva;
};

static struct leaf leaves[] = {
    { "4k", BUF_4K },
    { "2m", BUF_2M },
    { "1g", BUF_1G },
};
static unsigned int nr_leaves = ARRAY_SIZE(leaves);

static uint64_t time_loop(const struct call *call, unsigned long gva,
                          unsigned int nr)
{
    uint64_t start;
    long rc = 0;
    unsigned int i;

    read_size = call->size;
    start = rdtsc();
    for ( i = 0; i < nr; i++ )
        rc |= call->fn(gva);

    start = rdtsc() - start;
    if ( rc < 0 )
        test_abort(VERDICT_error, "hypercall %s failed (%s)", call->name,
                   errno_name(rc));

    return (start - MIN(start, timer_overhead)) / 2;
}

/* A figure counts only if Xen says that the copies went the way meant. */
static void check_way(const struct way *way, const struct call *call,
                      const struct xen_swtlb_stats *before, unsigned int nr)
{
    struct xen_swtlb_stats now = swtlb_stats(0);
    uint64_t copies = (uint64_t)nr * call->copies;
    uint64_t hits = now.hits - before->hits;
    /* The query that gave before counted itself only afterwards. */
    uint64_t misses = now.misses - before->misses - 1;

    if ( hits != (way->entry ? copies : 0) ||
         misses != (way->entry ? 0 : copies) )
        test_abort(VERDICT_error, "%s: %lu hits and %lu misses for %lu copies",
                   way->name, (unsigned long)hits, (unsigned long)misses,
                   (unsigned long)copies);
}

static void run_call(const struct way *way, const char *leaf,
                     unsigned long gva, const struct call *call)
{
    struct xen_swtlb_stats before = {};
    bool checked = way->counted && call->copies;
    unsigned int nr = LOOP_CALLS, s;
    char name[64], unit[32];

    /* What takes long needs fewer repetitions to be as exact. */
    if ( call->size >= 4096 )
        nr /= 10;

    snprintf(name, sizeof(name), "%s.%s.%u.%s", way->name, leaf, nr_entries,
             call->name);
    snprintf(unit, sizeof(unit), "instructions/%u", nr);

    for ( s = 0; s < WARM_UPS + samples; s++ )
    {
        uint64_t value;

        if ( checked )
            before = swtlb_stats(0);
        value = time_loop(call, gva, nr);
        if ( checked )
            check_way(way, call, &before, nr);
        if ( s >= WARM_UPS )
            measure(name, value, unit);
    }
}

static void run_calls(const struct way *way, const struct leaf *leaf,
                      const struct call *list, unsigned int nr)
{
    unsigned long gva = leaf->gva;
    unsigned int i;

    nr_flag = way->nr_flag;
    if ( nr_flag )
        gva = gpa_of(buf);
    if ( way->entry )
    {
        REQUIRE_RC(swtlb_insert(0, gva, gpa_of(buf), BUF_SIZE), 0);
        nr_entries++;
    }

    for ( i = 0; i < nr; i++ )
        run_call(way, leaf->name, gva, &list[i]);

    if ( way->entry )
    {
        REQUIRE_RC(swtlb_purge(0, gva, BUF_SIZE), 0);
        nr_entries--;
    }
    nr_flag = 0;
}

static void run_way(const struct way *way)
{
    unsigned int i;

    run_calls(way, &leaves[0], empty_calls, ARRAY_SIZE(empty_calls));
    /* Where page tables play no role one leaf stands for all. */
    for ( i = 0; i < (way->nr_flag || way->entry ? 1 : nr_leaves); i++ )
        run_calls(way, &leaves[i], calls, ARRAY_SIZE(calls));
    if ( cmdline_has("sizes") )
        run_calls(way, &leaves[0], size_calls, ARRAY_SIZE(size_calls));
}

/* Entries that cover no buffer, half of them below, half of them above. */
static void insert_others(unsigned int nr)
{
    while ( nr_entries < nr )
    {
        unsigned long gva = nr_entries & 1 ? UPPER_ENTRIES : LOWER_ENTRIES;

        gva += nr_entries * 2 * PAGE_SIZE;
        REQUIRE_RC(swtlb_insert(0, gva, gpa_of(buf), PAGE_SIZE), 0);
        nr_entries++;
    }
}

static void purge_others(void)
{
    REQUIRE_RC(swtlb_purge_all(0), 0);
    nr_entries = 0;
}

static void run_swtlb(void)
{
    static const unsigned int numbers[] = { 2, 8, 64, 256, 1024 };
    static const struct way hit = { "hit", .entry = true, .counted = true };
    static const struct way miss = { "miss", .counted = true };
    static const struct way update = { .name = "update" };
    unsigned int i, max = swtlb_limits().max_entries;

    run_calls(&update, &leaves[0], update_calls, 1);
    run_way(&hit);
    insert_others(1);
    run_way(&miss);

    for ( i = 0; cmdline_has("entries") && i < ARRAY_SIZE(numbers); i++ )
    {
        if ( numbers[i] > max )
            break;
        insert_others(numbers[i] - 1);
        run_calls(&update, &leaves[0], update_calls, 1);
        run_calls(&hit, &leaves[0], calls, ARRAY_SIZE(calls));
        insert_others(numbers[i]);
        run_calls(&miss, &leaves[0], calls, ARRAY_SIZE(calls));
    }
    purge_others();
}

/* readconsole returns what is in the ring, so put enough there. */
static void fill_console_ring(void)
{
    unsigned int i;

    for ( i = 0; i < BUF_SIZE; i += 64 )
        printk("%05u bytes to be read back by a hypercall "
               "....................\n", i);
}

/*
 * The figures mean something only if the TSC counts instructions.  Reading it
 * may be intercepted by Xen, and then is no small part of what is timed.
 */
static void check_icount(void)
{
    uint64_t ticks = ~0ul;
    unsigned int i;

    /* The lowest of some, as an interrupt may come in between. */
    timer_overhead = ~0ul;
    for ( i = 0; i < 10; i++ )
    {
        uint64_t start = rdtsc();
        unsigned long n = 50000;

        start = rdtsc() - start;
        timer_overhead = MIN(timer_overhead, start);

        start = rdtsc();
        asm volatile ( "1: dec %0; jnz 1b" : "+r" (n) );
        start = rdtsc() - start;
        ticks = MIN(ticks, start);
    }

    ticks -= timer_overhead;
    if ( ticks < 199900 || ticks > 200100 )
        test_abort(VERDICT_error, "100000 instructions took %lu ticks of the "
                   "TSC: not under --icount", (unsigned long)ticks);
}

static void map_buffer(void)
{
    uint64_t gpa;

    buf = alloc_aligned(BUF_SIZE, BUF_SIZE);
    gpa = gpa_of(buf);

    map_range(BUF_4K, gpa, BUF_SIZE, PTE_RW);

    map_superpage(BUF_2M, gpa & ~(MB(2) - 1), PTE_RW);
    leaves[1].gva += gpa & (MB(2) - 1);

    if ( !has_1g_pages() )
        nr_leaves--;
    else
        map_1g(BUF_1G, gpa & ~(MB(1024) - 1), PTE_RW);
    leaves[2].gva += gpa & (MB(1024) - 1);
}

void test_main(void)
{
    const struct way walk = { "walk", .counted = swtlb_present() };
    static const struct way phys = { "phys", .nr_flag = HYPERCALL_PHYS };

    check_icount();
    map_buffer();
    if ( cmdline_has("quick") )
    {
        samples = 5;
        nr_leaves = 1;
    }
    if ( cmdline_has("sizes") )
        fill_console_ring();

    run_way(&walk);
    if ( hypercall2(__HYPERVISOR_xen_version | HYPERCALL_PHYS, XENVER_version,
                    0) > 0 )
        run_way(&phys);
    if ( swtlb_present() )
        run_swtlb();
}
