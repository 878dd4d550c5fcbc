/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: swtlb-fuzz SEED SECONDS
 *
 * Several processes do at random what can be done to a mapping, and have Xen
 * write to random addresses.  Each knows what every page of its own should
 * hold: a pattern of its own, and Xen writes a text that has none of it.
 */
#include "device.h"

#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#define PROCESSES  4
#define AREA_PAGES 64        /* of address space, that processes fight over */

int device, privcmd;

static uint32_t seed;
static uint8_t *area;

/* What is at a page of the area. */
static enum kind {
    NOTHING,
    PLAIN,                   /* anonymous memory */
    BUFFER,                  /* the device's */
    LOCKED_OUT,              /* either of the two, read-only */
} kind[AREA_PAGES];

static uint32_t next(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) % below;
}

static uint8_t pattern(unsigned int page)
{
    return 0x80 | (getpid() * 31 + page) % 0x7f;
}

static void fill(unsigned int page)
{
    memset(area + page * PAGE, pattern(page), PAGE);
}

/* Nobody has written to it but this process, and Xen for it. */
static void check(unsigned int page)
{
    if ( kind[page] != NOTHING &&
         !all(area + page * PAGE, PAGE, pattern(page)) )
        die("page %u holds what it should not", page);
}

/* mmap(), at the same addresses as all the others. */
static void do_map(void)
{
    unsigned int page = next(AREA_PAGES), nr = 1 + next(8), i;
    bool buffer = next(3);
    void *p;

    if ( page + nr > AREA_PAGES )
        nr = AREA_PAGES - page;
    if ( buffer )
        p = map_at(area + page * PAGE, nr, MAP_FIXED);
    else
        p = map_plain_at(area + page * PAGE, nr);
    /* The device may be at its limit; what was there is gone. */
    for ( i = page; i < page + nr; i++ )
    {
        kind[i] = p == MAP_FAILED ? NOTHING : buffer ? BUFFER : PLAIN;
        if ( kind[i] != NOTHING )
            fill(i);
    }
}

/* mmap() without an address: these get an entry, as a rule. */
static void do_own(void)
{
    unsigned int nr = 1 + next(16);
    uint8_t *p = map_at(NULL, nr, next(2) ? MAP_POPULATE : 0);
    unsigned int page = next(nr);

    if ( p == MAP_FAILED )
        return;
    CHECK(!xen_writes(p + page * PAGE));
    CHECK(p[page * PAGE] && all(p + page * PAGE + EXTRAVERSION_LEN,
                                PAGE - EXTRAVERSION_LEN, 0));
    if ( next(2) )
        CHECK(!munmap(p + page * PAGE, PAGE));
    CHECK(!munmap(p, nr * PAGE));
}

static void do_unmap(void)
{
    unsigned int page = next(AREA_PAGES), nr = 1 + next(8), i;

    if ( page + nr > AREA_PAGES )
        nr = AREA_PAGES - page;
    CHECK(!munmap(area + page * PAGE, nr * PAGE));
    for ( i = page; i < page + nr; i++ )
        kind[i] = NOTHING;
}

static void do_protect(void)
{
    unsigned int page = next(AREA_PAGES);

    if ( kind[page] == NOTHING )
        return;
    if ( kind[page] == LOCKED_OUT )
    {
        CHECK(!mprotect(area + page * PAGE, PAGE, PROT_READ | PROT_WRITE));
        kind[page] = PLAIN;
        return;
    }
    CHECK(!mprotect(area + page * PAGE, PAGE, PROT_READ));
    kind[page] = LOCKED_OUT;
}

/* Never with success, as far as it is the device's. */
static void do_remap(void)
{
    unsigned int page = next(AREA_PAGES);
    void *to = area + (AREA_PAGES + 1) * PAGE, *p;

    if ( kind[page] != BUFFER )
        return;
    p = mremap(area + page * PAGE, PAGE, PAGE * (1 + next(2)),
               MREMAP_MAYMOVE | (next(2) ? MREMAP_FIXED : 0), to);
    if ( p == MAP_FAILED || p == area + page * PAGE )
        return;
    die("mremap moved page %u", page);
}

static void do_advise(void)
{
    static const int advice[] = {
        MADV_DONTNEED, MADV_WILLNEED, MADV_DOFORK, MADV_DONTFORK, MADV_DODUMP,
        MADV_HUGEPAGE, MADV_COLD, MADV_PAGEOUT, MADV_FREE, MADV_REMOVE,
        MADV_RANDOM, MADV_POPULATE_WRITE,
    };
    unsigned int page = next(AREA_PAGES);

    if ( kind[page] == BUFFER )
        madvise(area + page * PAGE, PAGE * (1 + next(2)),
                advice[next(sizeof(advice) / sizeof(advice[0]))]);
}

static void do_ioctl(void)
{
    unsigned int request = next(2) ? next(0x10000) : next(0x10000) << 16;

    ioctl(device, request, area + next(AREA_PAGES) * PAGE);
}

static void do_write(void)
{
    unsigned int page = next(AREA_PAGES);
    uint8_t *p = area + page * PAGE;
    long rc;

    check(page);
    /* After a fork plain memory cannot be written to, until it has been. */
    if ( kind[page] == PLAIN || kind[page] == BUFFER )
        fill(page);
    rc = xen_writes(p);
    switch ( kind[page] )
    {
    case NOTHING:
    case LOCKED_OUT:
        CHECK(rc == -EFAULT);
        return;
    default:
        CHECK(!rc);
        if ( all(p, EXTRAVERSION_LEN, pattern(page)) )
            die("what Xen wrote to page %u is somewhere else", page);
        fill(page);
    }
}

static void do_fork(void)
{
    pid_t pid = fork();

    CHECK(pid >= 0);
    if ( !pid )
    {
        unsigned int page = next(AREA_PAGES);

        if ( kind[page] == BUFFER )
            CHECK(xen_writes(area + page * PAGE) == -EFAULT);
        if ( next(2) )
            map_at(area + page * PAGE, 1, MAP_FIXED);
        _exit(0);
    }
    CHECK(!reap(pid));
}

static void fuzz(unsigned int seconds)
{
    static void (*const action[])(void) = {
        do_map, do_map, do_own, do_own, do_unmap, do_protect, do_remap,
        do_advise, do_ioctl, do_write, do_write, do_write, do_write, do_fork,
    };
    time_t end = time(NULL) + seconds;
    unsigned long n = 0;
    unsigned int i;

    for ( ; time(NULL) < end; n++ )
    {
        action[next(sizeof(action) / sizeof(action[0]))]();
        if ( !next(20) )
            on_cpu(next(2));
    }
    for ( i = 0; i < AREA_PAGES; i++ )
        check(i);
    printf("  %lu things done\n", n);
}

int main(int argc, char **argv)
{
    unsigned int i;
    pid_t pid[PROCESSES];

    if ( argc != 3 )
    {
        fputs("usage: swtlb-fuzz SEED SECONDS\n", stderr);
        return 2;
    }
    setbuf(stdout, NULL);
    open_all();
    /* Addresses that the device would give out, and that are free. */
    area = map(AREA_PAGES + 8);
    CHECK(!munmap(area, (AREA_PAGES + 8) * PAGE));
    for ( i = 0; i < PROCESSES; i++ )
    {
        pid[i] = fork();
        CHECK(pid[i] >= 0);
        if ( pid[i] )
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        seed = strtoul(argv[1], NULL, 0) + i * 77777;
        fuzz(strtoul(argv[2], NULL, 0));
        return 0;
    }
    for ( i = 0; i < PROCESSES; i++ )
        if ( reap(pid[i]) )
            die("process %u failed", i);

    return 0;
}
