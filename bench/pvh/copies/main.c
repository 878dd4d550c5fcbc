/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the instructions of hypercalls that copy to or from guest memory, by
 * the way in which Xen finds that memory.  To be run under
 * "scripts/xen-run --icount", where the TSC advances by 2 an instruction, or
 * with the word "bochs" in Bochs, where it advances by 1.
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
 *            hit     an entry covers the buffer, and Xen remembers where
 *            pinned  a pinned entry does
 *            first   a plain entry does, but Xen remembers another page
 *            rotate  each call uses the next of ENTRIES entries of a page
 *            pages   the same pages as in rotate, but of one entry
 *            miss    there are entries, but none covers the buffer
 *            first-miss  nor does Xen remember that
 *            update  an entry is added to ENTRIES, and removed again
 *            phys    guest-physical addresses (bench/guest-physical.patch)
 *            held    Xen holds a mapping (bench/held-mapping.patch)
 *   LEAF     what maps the buffer in the guest's page tables: 4k, 2m, 1g
 *   ENTRIES  how many entries the vCPU's table holds (pages: how many pages)
 *   CALL     see calls[]
 *
 * Words of the command line: "quick" for a few figures only; "sizes" and
 * "entries" for the figures by size and by number of entries.
 */

#include <pvh.h>

TEST_TITLE("instructions of copies to and from hypercall buffers");

#define BUF_SIZE            KB(64)

/*
 * Xen's cache of translations has a slot for each of as many pages as a table
 * can hold entries, at most 1,024, and fewer for what is not in any entry.
 * Buffers at this distance displace each other.
 */
#define DISTANCE            MB(4)
#define REGION_SIZE         (DISTANCE + BUF_SIZE)

/* Pages to rotate over. */
#define MAX_PAGES           1024

/* Nothing else is in the window, so all that hits and misses is meant to. */
#define LOWER_ENTRIES       WINDOW
#define BUF_4K              (WINDOW + MB(64 * 1024))
#define BUF_2M              (BUF_4K + MB(1024))
#define BUF_1G              (BUF_2M + MB(1024))
#define UPPER_ENTRIES       (WINDOW + MB(128 * 1024))
#define PAGES               (WINDOW + MB(192 * 1024))

/* The rivals' mark in a hypercall's number: addresses are guest-physical. */
#define HYPERCALL_PHYS      0x40000000u

/* Of bench/held-mapping.patch. */
#define VCPUOP_HOLD         0xff

/*
 * One sample is one loop; the first one warms up and is dropped.  A loop ends
 * before the next timer interrupt is likely to hit it, and there are enough
 * of them for some to be spared: the minimum is exact.
 */
#define WARM_UPS            1
#define LOOP_CALLS          200
static unsigned int samples = 15;

static void *buf, *pages;
static unsigned int nr_flag;
/* The address is another one with each call: so many, so far apart. */
static unsigned int nr_turns = 1, turn;
static unsigned long turn_distance;
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

/*
 * One copy of 8 bytes to the guest, and next to nothing else: XENVER_version
 * and this one are two cases of one switch.
 */
static long call_platform(unsigned long gva)
{
    return hypercall2(__HYPERVISOR_xen_version | nr_flag,
                      XENVER_platform_parameters, gva);
}

/* One copy of 8 bytes from the guest; what is there is refused. */
static long call_submap(unsigned long gva)
{
    return hypercall2(__HYPERVISOR_xen_version | nr_flag, XENVER_get_features,
                      gva) == -XEN_EINVAL ? 0 : -XEN_EFAULT;
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
    unsigned char fill;           /* what the buffer holds before */
};

/* Without a copy: what has to be subtracted.  The argument is ignored. */
static const struct call empty_calls[] = {
    { "empty", .fn = call_empty },
    { "is-up", .fn = call_is_up },
};

static const struct call calls[] = {
    { "runstate", .fn = call_runstate, .copies = 1 },
    { "platform", .fn = call_platform, .copies = 1 },
    { "submap",   .fn = call_submap, .copies = 1, .fill = 0xff },
    { "features", .fn = call_features, .copies = 2 },
};

/* Those which make a single copy, for ways that differ with the second one. */
#define NR_SINGLE_CALLS     (ARRAY_SIZE(calls) - 1)

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
    bool pinned;                  /* the entry is */
    bool hits;                    /* entries cover it that are there already */
    bool first;                   /* Xen must not remember the last call */
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

/* By which the TSC advances an instruction. */
static unsigned int ticks_per_insn = 2;

static uint64_t time_loop(const struct call *call, unsigned long gva,
                          unsigned int nr)
{
    uint64_t start;
    long rc = 0;
    unsigned int i;

    read_size = call->size;
    start = rdtsc();
    for ( i = 0; i < nr; i++ )
    {
        rc |= call->fn(gva + turn * turn_distance);
        if ( ++turn >= nr_turns )
            turn = 0;
    }

    start = rdtsc() - start;
    if ( rc < 0 )
        test_abort(VERDICT_error, "hypercall %s failed (%s)", call->name,
                   errno_name(rc));

    return (start - MIN(start, timer_overhead)) / ticks_per_insn;
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

    if ( hits != (way->entry || way->hits ? copies : 0) ||
         misses != (way->entry || way->hits ? 0 : copies) )
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

    memset(buf, call->fill, REGION_SIZE);
    memset(pages, call->fill, MAX_PAGES * PAGE_SIZE);

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
    unsigned long gva = leaf->gva, size = BUF_SIZE;
    unsigned int i;

    nr_flag = way->nr_flag;
    if ( nr_flag )
        gva = gpa_of(buf);
    if ( way->first )
    {
        size = REGION_SIZE;
        nr_turns = 2;
        turn_distance = DISTANCE;
    }
    if ( way->entry )
    {
        REQUIRE_RC(swtlb_insert_flags(0, gva, gpa_of(buf), size,
                                      way->pinned ? XEN_SWTLB_FLAG_pinned : 0),
                   0);
        nr_entries++;
    }

    for ( i = 0; i < nr; i++ )
        run_call(way, leaf->name, gva, &list[i]);

    if ( way->entry )
    {
        REQUIRE_RC(swtlb_purge(0, gva, size), 0);
        nr_entries--;
    }
    if ( way->first )
        nr_turns = 1;
    turn = 0;
    nr_flag = 0;
}

static void run_way(const struct way *way)
{
    unsigned int i;

    run_calls(way, &leaves[0], empty_calls, ARRAY_SIZE(empty_calls));
    /* Where page tables play no role one leaf stands for all. */
    for ( i = 0; i < (way->nr_flag || way->entry || way->hits ? 1 : nr_leaves);
          i++ )
        run_calls(way, &leaves[i], calls,
                  way->first ? NR_SINGLE_CALLS : ARRAY_SIZE(calls));
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

static const struct way hit = { "hit", .entry = true, .counted = true };
static const struct way pinned = {
    "pinned", .entry = true, .counted = true, .pinned = true,
};
static const struct way first = {
    "first", .entry = true, .counted = true, .first = true,
};
static const struct way miss = { "miss", .counted = true };
static const struct way first_miss = {
    "first-miss", .counted = true, .first = true,
};
static const struct way update = { .name = "update" };

/* With nr entries, one buffer over and over again. */
static void run_entries(unsigned int nr)
{
    insert_others(nr - 1);
    run_calls(&update, &leaves[0], update_calls, 1);
    run_calls(&hit, &leaves[0], calls, ARRAY_SIZE(calls));
    run_calls(&pinned, &leaves[0], calls, ARRAY_SIZE(calls));
    run_calls(&first, &leaves[0], calls, NR_SINGLE_CALLS);
    insert_others(nr);
    run_calls(&miss, &leaves[0], calls, ARRAY_SIZE(calls));
    run_calls(&first_miss, &leaves[0], calls, NR_SINGLE_CALLS);
}

/* Over nr pages in turn: an entry for each, or one for all. */
static void run_pages(unsigned int nr, bool each)
{
    const struct way way = {
        each ? "rotate" : "pages", .counted = true, .hits = true,
    };
    const struct leaf leaf = { "4k", PAGES };
    unsigned long size = nr * PAGE_SIZE, part = each ? PAGE_SIZE : size, off;

    for ( off = 0; off < size; off += part )
        REQUIRE_RC(swtlb_insert(0, PAGES + off, gpa_of(pages) + off, part), 0);

    nr_entries = nr_turns = nr;
    turn_distance = PAGE_SIZE;
    run_calls(&way, &leaf, calls, NR_SINGLE_CALLS);
    nr_turns = 1;
    purge_others();
}

static void run_swtlb(void)
{
    static const unsigned int numbers[] = { 2, 8, 64, 256, 1024 };
    unsigned int i, max = swtlb_limits().max_entries;

    run_calls(&update, &leaves[0], update_calls, 1);
    run_way(&hit);
    run_way(&pinned);
    run_way(&first);
    insert_others(1);
    run_way(&miss);
    run_way(&first_miss);

    for ( i = 0; cmdline_has("entries") && i < ARRAY_SIZE(numbers); i++ )
        if ( numbers[i] <= max )
            run_entries(numbers[i]);
    purge_others();

    if ( !cmdline_has("entries") )
        return;

    run_pages(1, true);
    for ( i = 0; i < ARRAY_SIZE(numbers); i++ )
        if ( numbers[i] <= max )
        {
            run_pages(numbers[i], true);
            run_pages(numbers[i], false);
        }
}

/* readconsole returns what is in the ring, so put enough there. */
static void fill_console_ring(void)
{
    unsigned int i;

    for ( i = 0; i < BUF_SIZE; i += 64 )
        printk("%05u bytes to be read back by a hypercall "
               "....................\n", i);
}

static void map_buffer(void)
{
    uint64_t gpa;
    unsigned int i;

    buf = alloc_aligned(REGION_SIZE, MB(2));
    pages = alloc_pages(MAX_PAGES);
    gpa = gpa_of(buf);

    map_range(BUF_4K, gpa, REGION_SIZE, PTE_RW);

    for ( i = 0; i < REGION_SIZE; i += MB(2) )
        map_superpage(BUF_2M + i, gpa + i, PTE_RW);

    if ( !has_1g_pages() )
        nr_leaves--;
    else
        map_1g(BUF_1G, gpa & ~(MB(1024) - 1), PTE_RW);
    leaves[2].gva += gpa & (MB(1024) - 1);
}

/* Xen with bench/held-mapping.patch; on any other one this is refused. */
static bool hold_buffer(void)
{
    return !hypercall_vcpu_op5(VCPUOP_HOLD, 0, BUF_4K, gpa_of(buf), 0);
}

void test_main(void)
{
    static const struct way held = { "held", .hits = true };
    const struct way walk = { "walk", .counted = swtlb_present() };
    static const struct way phys = { "phys", .nr_flag = HYPERCALL_PHYS };

    if ( cmdline_has("bochs") )
        ticks_per_insn = 1;
    timer_overhead = icount_check(ticks_per_insn);
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
    if ( hold_buffer() )
        run_way(&held);
    if ( swtlb_present() )
        run_swtlb();
}
