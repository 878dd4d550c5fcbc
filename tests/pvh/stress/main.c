/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three vCPUs make Xen read and write memory through entries, without a pause,
 * while vCPU 0 takes the pages behind the entries away, by any of several
 * ways, and puts others there.  Every page is either at a place, which is a
 * gpa with an entry, or is watched at another gpa, where nobody may write:
 *
 *  - a page comes to a place with contents that are known, and when it has
 *    left holds these, or all of what one copy writes.  It does hold the
 *    latter if any copy to that place succeeded meanwhile;
 *  - no copy to a place without a page, or without an entry, succeeds;
 *  - a page that has left a place is zeroed as soon as the copies under way at
 *    that time are over, and is zero when it is put to a place again.
 *
 * Runs for 20 seconds, or those given as "seconds=N" on the command line, and
 * in any case until every place had a few pages.
 */

#include <pvh.h>

#include <public/hvm/params.h>

TEST_TITLE("copies on three vCPUs while pages come and go");

/* For the long one, which includes this file, see tests/stress. */
#ifndef SECONDS
#define SECONDS     20
#endif
/* On a machine that is busy it takes longer. */
#define CYCLES_MIN  (2 * NR_PLACES * NR_WAYS)
#define COPIERS     3
/* At half of them Xen writes nearly a page, at the others it also reads. */
#define NR_PLACES   8
#define SIZE        (4080 / XFER_UNIT * XFER_UNIT)
#define OFFSET      8
#define UNKNOWN     0xabababababababab

struct place {
    unsigned long gva;
    uint8_t *page;
    uint8_t *watched[2];        /* one of them has no page, in turns */
    unsigned int cycle;
    uint16_t tag;
    unsigned long done_before[COPIERS];
};

static struct place places[NR_PLACES];

/* Written by the copier alone. */
static struct copier {
    unsigned long done[NR_PLACES], refused[NR_PLACES];
    unsigned long ops, other;
    unsigned int id;
    bool stop;
} copiers[COPIERS];

static uint8_t pattern[SIZE];

static bool reads(const struct place *place)
{
    return (place - places) % 2;
}

/* Xen reads this and writes it with the value filled in. */
static struct xen_hvm_param *param_of(uint8_t *page, unsigned int copier)
{
    return (void *)(page + 1000 + copier * 1024);
}

/* One copy in and one out, or one of almost a page out. */
static long use(const struct place *place, unsigned int copier)
{
    void *gva = (void *)place->gva;

    return reads(place)
           ? hypercall_hvm_op(HVMOP_get_param, param_of(gva, copier))
           : xen_give(place->gva + OFFSET, SIZE);
}

static void copy_on(void *arg)
{
    struct copier *copier = arg;
    uint32_t x = copier->id + 1;

    while ( !ACCESS_ONCE(copier->stop) )
    {
        unsigned int nr, times;

        x = x * 1664525u + 1013904223u;
        nr = (x >> 24) % NR_PLACES;
        for ( times = (x >> 20) % 4 + 1; times; times-- )
        {
            long rc = use(&places[nr], copier->id);

            if ( !rc )
                ACCESS_ONCE(copier->done[nr]) = copier->done[nr] + 1;
            else if ( rc == -XEN_EFAULT )
                copier->refused[nr]++;
            else
                copier->other++;
            barrier();
            ACCESS_ONCE(copier->ops) = copier->ops + 1;
        }
        /* There are more vCPUs than CPUs, and each waits for all others. */
        if ( !(x >> 28) )
            hypercall_yield();
    }
}

/* Until all that was under way when this was called is over, and counted. */
static void wait_for_copies(void)
{
    unsigned long ops[COPIERS];
    unsigned int i;

    for ( i = 0; i < COPIERS; i++ )
        ops[i] = ACCESS_ONCE(copiers[i].ops);
    for ( i = 0; i < COPIERS; i++ )
        wait_until(ACCESS_ONCE(copiers[i].ops) != ops[i]);
}

static unsigned long done_by(const struct place *place, unsigned int copier)
{
    return ACCESS_ONCE(copiers[copier].done[place - places]);
}

static void insert(const struct place *place)
{
    /* vCPU 2 shares the table of vCPU 1. */
    CHECK_RC(swtlb_insert(1, place->gva, gpa_of(place->page), PAGE_SIZE), 0);
    CHECK_RC(swtlb_insert(3, place->gva, gpa_of(place->page), PAGE_SIZE), 0);
}

/* All that a page at this place is to hold at first. */
static void prepare(const struct place *place, uint8_t *page)
{
    unsigned int i;

    memset(page, 0, PAGE_SIZE);
    if ( !reads(place) )
        return;

    for ( i = 0; i < COPIERS; i++ )
        *param_of(page, i) = (struct xen_hvm_param){
            .domid = DOMID_SELF,
            .pad = place->tag,
            .index = HVM_PARAM_CALLBACK_IRQ,
            .value = UNKNOWN,
        };
}

static bool is_zero(const uint8_t *mem, size_t size)
{
    for ( ; size; size--, mem++ )
        if ( *mem )
            return false;

    return true;
}

/*
 * What was written, if anything, is what there was to write, and it was if it
 * had to.  Zeroes what it has found right.
 */
static void check_written(const struct place *place, uint8_t *page,
                          const bool must[COPIERS])
{
    bool any = must[0] || must[1] || must[2];
    unsigned int i;

    if ( !reads(place) )
    {
        if ( any || !is_zero(page + OFFSET, SIZE) )
            CHECK_MEM(page + OFFSET, pattern, SIZE);
        memset(page + OFFSET, 0, SIZE);
    }
    else for ( i = 0; i < COPIERS; i++ )
    {
        struct xen_hvm_param *param = param_of(page, i);

        CHECK_EQ(param->domid, DOMID_SELF);
        CHECK_EQ(param->pad, place->tag);
        CHECK_EQ(param->index, HVM_PARAM_CALLBACK_IRQ);
        if ( must[i] || param->value != UNKNOWN )
            CHECK_EQ(param->value, 0);
        memset(param, 0, sizeof(*param));
    }

    CHECK(is_zero(page, PAGE_SIZE));
}

static unsigned long gfn_of(const void *page)
{
    return gpa_of(page) >> PAGE_SHIFT;
}

/* The ways to take a page from its place. */
enum way { MOVE, PURGE_AND_MOVE, GIVE_BACK, NR_WAYS };

static void take_out(const struct place *place, enum way way, uint8_t *to)
{
    switch ( way )
    {
    case PURGE_AND_MOVE:
        CHECK_RC(swtlb_purge(XEN_SWTLB_ALL_VCPUS, place->gva, PAGE_SIZE), 0);
        /* Fallthrough. */
    default:
        CHECK_RC(hypercall_move_page(gfn_of(place->page), gfn_of(to)), 0);
        break;

    case GIVE_BACK:
        /* Most probably it is the same page that Xen gives for it. */
        CHECK_RC(hypercall_decrease_reservation(gfn_of(place->page)), 1);
        CHECK_RC(hypercall_populate(gfn_of(to)), 1);
        break;
    }
}

/* Take the page out, watch it from now on, and put the other one in. */
static void exchange(struct place *place)
{
    uint8_t *out = place->watched[place->cycle % 2];
    uint8_t *in = place->watched[(place->cycle + 1) % 2];
    enum way way = place->cycle++ % NR_WAYS;
    unsigned long absent[COPIERS];
    bool must[COPIERS];
    unsigned int i;

    for ( i = 0; i < COPIERS; i++ )
        must[i] = done_by(place, i) != place->done_before[i];

    take_out(place, way, out);
    wait_for_copies();
    if ( way != GIVE_BACK )
        check_written(place, out, must);
    memset(out, 0, PAGE_SIZE);

    for ( i = 0; i < COPIERS; i++ )
        absent[i] = done_by(place, i);
    if ( place->cycle % 4 == 0 )
        wait_for_copies();
    CHECK(is_zero(in, PAGE_SIZE));
    place->tag++;
    prepare(place, in);
    for ( i = 0; i < COPIERS; i++ )
        CHECK_EQ(done_by(place, i), absent[i]);

    for ( i = 0; i < COPIERS; i++ )
        place->done_before[i] = absent[i];
    CHECK_RC(hypercall_move_page(gfn_of(in), gfn_of(place->page)), 0);
    if ( way == PURGE_AND_MOVE )
        insert(place);
}

static unsigned int seconds(void)
{
    const char *s = strstr(cmdline, "seconds=");
    unsigned int n = 0;

    for ( s = s ? s + 8 : ""; *s >= '0' && *s <= '9'; s++ )
        n = n * 10 + *s - '0';

    return n ?: SECONDS;
}

static uint64_t tsc_per_second(void)
{
    uint32_t r[4];

    cpuid(xen_cpuid_base + 3, 0, r);

    return r[2] * 1000ull;
}

static void setup(void)
{
    unsigned int i;

    /* What Xen gives, for as long as the test runs. */
    fill(pattern, SIZE, 1);
    REQUIRE_RC(xen_take((unsigned long)pattern, SIZE), 0);

    CHECK_RC(swtlb_share(2, 1), 0);
    for ( i = 0; i < NR_PLACES; i++ )
    {
        struct place *place = &places[i];

        /* The last two go to where the first ones are remembered. */
        place->gva = WINDOW + (i < 6 ? i : 64 + i - 6) * PAGE_SIZE;
        place->page = alloc_pages(1);
        place->watched[0] = alloc_pages(1);
        place->watched[1] = alloc_pages(1);
        REQUIRE_RC(hypercall_decrease_reservation(gfn_of(place->watched[0])),
                   1);
        prepare(place, place->page);
        insert(place);
    }

    for ( i = 0; i < COPIERS; i++ )
    {
        copiers[i].id = i;
        vcpu_start(i + 1);
        vcpu_call(i + 1, copy_on, &copiers[i]);
    }
}

/* Or this has tested nothing.  On a slow machine it takes its time. */
static bool enough(unsigned long *done, unsigned long *refused)
{
    unsigned int i, nr;

    *done = *refused = 0;
    for ( i = 0; i < COPIERS; i++ )
        for ( nr = 0; nr < NR_PLACES; nr++ )
        {
            *done += ACCESS_ONCE(copiers[i].done[nr]);
            *refused += ACCESS_ONCE(copiers[i].refused[nr]);
        }

    return *done >= 1000 && *refused >= 100;
}

static void check_counts(unsigned long cycles)
{
    unsigned long done, refused;
    unsigned int i;

    for ( i = 0; i < COPIERS; i++ )
        CHECK_EQ(copiers[i].other, 0);
    if ( !enough(&done, &refused) && report_worst() == VERDICT_success )
        test_error("too few to mean anything");
    printk("%lu pages exchanged, %lu hypercalls done, %lu refused\n", cycles,
           done, refused);
}

void test_main(void)
{
    uint64_t end = seconds() * tsc_per_second();
    unsigned long cycles = 0, done, refused;
    unsigned int i;

    swtlb_require();
    vcpu_require(COPIERS + 1);
    setup();

    end += rdtsc();
    while ( (rdtsc() < end || cycles < CYCLES_MIN ||
             !enough(&done, &refused)) &&
            report_worst() == VERDICT_success )
    {
        exchange(&places[cycles++ % NR_PLACES]);
        /* Let them use it for a while, and Xen remember the page. */
        for ( i = 0; i < cycles % 3; i++ )
            wait_for_copies();
    }

    for ( i = 0; i < COPIERS; i++ )
        ACCESS_ONCE(copiers[i].stop) = true;
    for ( i = 0; i < COPIERS; i++ )
        vcpu_wait(i + 1);
    check_counts(cycles);
}
