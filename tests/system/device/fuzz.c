/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: swtlb-fuzz SEED SECONDS
 *
 * Several processes do at random what can be done to a mapping, and have Xen
 * write to random addresses.  Each knows what every page of its own should
 * hold: a pattern of its own, and Xen writes a text that has none of it.
 */
#include "device.h"

#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#define PROCESSES  4
#define AREA_PAGES 64        /* of address space, that processes fight over */

int device, privcmd;

static uint32_t seed;
static uint8_t *area;
static unsigned int nr_held, nr_registered, nr_odd;

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

static void *at(unsigned int page)
{
    return area + page * PAGE;
}

static void unmap(unsigned int page)
{
    CHECK(!munmap(at(page), PAGE));
    kind[page] = NOTHING;
}

/* A page of the device's, or false. */
static bool some_buffer(unsigned int *page)
{
    *page = next(AREA_PAGES);

    return kind[*page] == BUFFER;
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

/* mmap() in all other ways; none takes what is there. */
static void do_odd_map(void)
{
    static const int flag[] = {
        MAP_FIXED_NOREPLACE, MAP_LOCKED, MAP_POPULATE, MAP_NONBLOCK,
        MAP_NORESERVE, MAP_32BIT, MAP_GROWSDOWN, MAP_STACK, MAP_HUGETLB,
        MAP_SYNC, MAP_DENYWRITE, MAP_EXECUTABLE, MAP_ANONYMOUS,
    };
    static const int type[] = { MAP_SHARED, MAP_SHARED_VALIDATE, MAP_PRIVATE };
    int prot = next(8), flags = type[next(3)];
    size_t size = next(8) ? next(20000) : next(16) << 18;
    uint64_t offset = next(2) ? 0 : (uint64_t)next(1 << 20) << (12 + next(32));
    uint8_t *p;

    /* More than any machine has; in between it would be all that there is. */
    if ( !next(16) )
        size = (1ul + next(64)) << (40 + next(2) * 8);
    if ( next(2) )
        flags |= flag[next(sizeof(flag) / sizeof(flag[0]))];
    p = mmap(next(2) ? NULL : at(next(AREA_PAGES)), size, prot, flags, device,
             offset);
    if ( p == MAP_FAILED )
        return;
    nr_odd++;
    CHECK(size);
    if ( !(flags & MAP_ANONYMOUS) )
        CHECK((flags & MAP_TYPE) != MAP_PRIVATE && size < 16ul << 20);
    if ( prot & PROT_READ && !(flags & MAP_ANONYMOUS) )
        CHECK(all(p, PAGE, 0));
    if ( !(prot & PROT_WRITE) )
        CHECK(xen_writes(p) == -EFAULT);
    else if ( prot & PROT_READ && !(flags & MAP_ANONYMOUS) )
        CHECK(!xen_writes(p) && p[0] && all(p + EXTRAVERSION_LEN, PAGE -
                                            EXTRAVERSION_LEN, 0));
    CHECK(!munmap(p, size));
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
        CHECK(!mprotect(at(page), PAGE, PROT_READ | PROT_WRITE |
                        (next(2) ? PROT_EXEC : 0)));
        kind[page] = PLAIN;
        return;
    }
    if ( !next(3) )
    {
        /* That is no less than it had. */
        CHECK(!mprotect(at(page), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
        return;
    }
    CHECK(!mprotect(at(page), PAGE, PROT_READ | (next(2) ? PROT_EXEC : 0)));
    kind[page] = LOCKED_OUT;
}

/* Never with success, as far as it is the device's. */
static void do_remap(void)
{
    unsigned int page = next(AREA_PAGES);
    void *to = area + (AREA_PAGES + 1) * PAGE, *p;

    if ( kind[page] != BUFFER )
        return;
    /* From nothing is: the same once more, somewhere else. */
    p = mremap(area + page * PAGE, next(4) ? PAGE : 0, PAGE * (1 + next(2)),
               MREMAP_MAYMOVE | (next(2) ? MREMAP_FIXED : 0) |
               (next(4) ? 0 : MREMAP_DONTUNMAP), to);
    if ( p == MAP_FAILED || p == area + page * PAGE )
        return;
    die("mremap moved page %u", page);
}

static void do_advise(void)
{
    static const int advice[] = {
        MADV_DONTNEED, MADV_WILLNEED, MADV_DOFORK, MADV_DONTFORK, MADV_DODUMP,
        MADV_HUGEPAGE, MADV_COLD, MADV_PAGEOUT, MADV_FREE, MADV_REMOVE,
        MADV_RANDOM, MADV_POPULATE_WRITE, MADV_POPULATE_READ, MADV_MERGEABLE,
        MADV_UNMERGEABLE, MADV_NOHUGEPAGE, MADV_WIPEONFORK, MADV_KEEPONFORK,
        MADV_DONTNEED_LOCKED, 25 /* MADV_COLLAPSE */, 99,
    };
    unsigned int page, nr = 1;

    if ( !some_buffer(&page) )
        return;
    /* Of plain memory some take away what is in it. */
    if ( page + 1 < AREA_PAGES && kind[page + 1] == BUFFER )
        nr += next(2);
    madvise(at(page), nr * PAGE,
            advice[next(sizeof(advice) / sizeof(advice[0]))]);
}

static void do_lock(void)
{
    unsigned int page;

    if ( !some_buffer(&page) )
        return;
    if ( next(2) )
        munlock(at(page), PAGE);
    else
        mlock2(at(page), PAGE, next(2) ? MLOCK_ONFAULT : 0);
}

/* It has none, whatever the number; those for files in general apart. */
static void do_ioctl(void)
{
    static const uint8_t generic[] = { 0, 'T', 'X', 'f', 0x94 };
    static const uint8_t likely[] = { 'P', 'E', 'G', 'S' };
    unsigned int type = next(2) ? next(256) : likely[next(4)];
    unsigned int request = _IOC(next(4), type, next(next(2) ? 16 : 256),
                                next(2) ? 0 : next(1 << 14));

    if ( memchr(generic, type, sizeof(generic)) )
        return;
    CHECK(ioctl(device, request, at(next(AREA_PAGES))) == -1 &&
          errno == ENOTTY);
}

/* It is no file to read or write, or to have a size. */
static void do_file(void)
{
    int fd[2];
    char c;

    CHECK(!pipe(fd) && write(fd[1], "x", 1) == 1);
    CHECK(read(device, &c, 1) < 0 && write(device, &c, 1) < 0);
    CHECK(pread(device, &c, 1, PAGE) < 0 && pwrite(device, &c, 1, PAGE) < 0);
    CHECK(splice(device, NULL, fd[1], NULL, 1, SPLICE_F_NONBLOCK) < 0);
    CHECK(splice(fd[0], NULL, device, NULL, 1, SPLICE_F_NONBLOCK) < 0);
    CHECK(sendfile(fd[1], device, NULL, 1) < 0);
    CHECK(ftruncate(device, PAGE) < 0 && fallocate(device, 0, 0, PAGE) < 0);
    close(fd[0]), close(fd[1]);
}

/* ---- by way of others -------------------------------------------------- */

/* The kernel does not reach into it for anybody. */
static void do_foreign(void)
{
    struct iovec here, there;
    unsigned int page;
    uint64_t word = 0;
    int mem;

    if ( !some_buffer(&page) )
        return;
    here = (struct iovec){ &word, sizeof(word) };
    there = (struct iovec){ at(page), sizeof(word) };
    CHECK(process_vm_writev(getpid(), &here, 1, &there, 1, 0) < 0);
    CHECK(process_vm_readv(getpid(), &here, 1, &there, 1, 0) < 0);
    mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    CHECK(mem >= 0);
    CHECK(pwrite(mem, &word, sizeof(word), (uintptr_t)at(page)) < 0);
    CHECK(pread(mem, &word, sizeof(word), (uintptr_t)at(page)) < 0);
    close(mem);
}

/* ... nor a debugger. */
static void do_poke(void)
{
    unsigned int page;
    pid_t pid, me = getpid();
    int result;

    if ( !some_buffer(&page) )
        return;
    pid = fork();
    CHECK(pid >= 0);
    if ( !pid )
    {
        CHECK(!ptrace(PTRACE_SEIZE, me, NULL, NULL));
        CHECK(!ptrace(PTRACE_INTERRUPT, me, NULL, NULL));
        CHECK(waitpid(me, &result, __WALL) == me);
        CHECK(ptrace(PTRACE_POKEDATA, me, at(page), NULL) == -1);
        errno = 0;
        CHECK(ptrace(PTRACE_PEEKDATA, me, at(page), NULL) == -1 && errno);
        CHECK(!ptrace(PTRACE_DETACH, me, NULL, NULL));
        _exit(0);
    }
    CHECK(!reap(pid));
}

/* Held by the kernel beyond the end of the mapping: as what it was. */
static void do_hold(void)
{
    static uint8_t copy[PAGE];
    struct iovec iov;
    unsigned int page;
    int fd[2];

    if ( !some_buffer(&page) )
        return;
    check(page);
    iov = (struct iovec){ at(page), PAGE };
    CHECK(!pipe(fd));
    if ( vmsplice(fd[1], &iov, 1, SPLICE_F_NONBLOCK) == (ssize_t)PAGE )
    {
        nr_held++;
        unmap(page);
        do_own();
        CHECK(xen_writes(at(page)) == -EFAULT);
        CHECK(read(fd[0], copy, PAGE) == (ssize_t)PAGE);
        CHECK(all(copy, PAGE, pattern(page)));
    }
    close(fd[0]), close(fd[1]);
}

/* The same, for good: a buffer of io_uring. */
static void do_uring(void)
{
    uint8_t params[120] = {};
    unsigned int page;
    struct iovec iov;
    int fd;

    if ( !some_buffer(&page) )
        return;
    fd = syscall(__NR_io_uring_setup, 1, params);
    if ( fd < 0 )
        return;
    iov = (struct iovec){ at(page), PAGE };
    if ( !syscall(__NR_io_uring_register, fd, 0, &iov, 1) )
    {
        nr_registered++;
        unmap(page);
        do_own();
    }
    close(fd);
}

/* Nobody else gives it its pages. */
static void do_userfault(void)
{
    struct uffdio_api api = { .api = UFFD_API };
    struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
    unsigned int page;
    int fd;

    if ( !some_buffer(&page) )
        return;
    fd = syscall(__NR_userfaultfd, O_CLOEXEC);
    if ( fd < 0 )
        return;
    range.range.start = (uintptr_t)at(page);
    range.range.len = PAGE;
    CHECK(!ioctl(fd, UFFDIO_API, &api));
    CHECK(ioctl(fd, UFFDIO_REGISTER, &range) < 0);
    close(fd);
}

/* Maps it anew, if it does anything. */
static void do_remap_file(void)
{
    unsigned int page;
    unsigned char in;

    if ( !some_buffer(&page) )
        return;
    if ( !syscall(__NR_remap_file_pages, at(page), PAGE, 0, next(4), 0) )
    {
        CHECK(all(at(page), PAGE, 0));
        fill(page);
    }
    else if ( mincore(at(page), PAGE, &in) )
        kind[page] = NOTHING;
}

/* ---- Xen's writes ------------------------------------------------------- */

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

/*
 * A thread has Xen write to a mapping again and again, while it is unmapped
 * and its pages are used for something else, which nobody writes to.
 */
static volatile bool stop;

static void *have_written(void *p)
{
    unsigned int i;

    on_cpu(1);
    for ( i = 0; !stop; i++ )
        xen_writes((uint8_t *)p + i % 4 * PAGE);

    return NULL;
}

static void do_race(void)
{
    uint8_t *p = map_at(NULL, 4, 0), *q;
    pthread_t thread;
    unsigned int i;

    if ( p == MAP_FAILED )
        return;
    stop = false;
    on_cpu(0);
    CHECK(!pthread_create(&thread, NULL, have_written, p));
    for ( i = 0; i < 3; i++ )
    {
        /* Xen is at it, as a rule. */
        while ( !p[PAGE * next(4)] && next(10000) )
            ;
        CHECK(!munmap(p, 4 * PAGE));
        q = map_plain_at(NULL, 8);
        memset(q, 0x55, 8 * PAGE);
        usleep(next(500));
        CHECK(all(q, 8 * PAGE, 0x55));
        CHECK(!munmap(q, 8 * PAGE));
        /* Gone if it is somebody else's by now: then Xen writes nothing. */
        if ( map_at(p, 4, MAP_FIXED_NOREPLACE) != p )
            break;
    }
    stop = true;
    CHECK(!pthread_join(thread, NULL));
    munmap(p, 4 * PAGE);
}

static void fuzz(unsigned int seconds)
{
    static void (*const action[])(void) = {
        do_map, do_map, do_map, do_map, do_own, do_own, do_unmap, do_protect,
        do_remap, do_advise, do_advise, do_ioctl, do_ioctl, do_write, do_write,
        do_write, do_write, do_write, do_write, do_fork, do_odd_map,
        do_odd_map, do_lock, do_file, do_foreign, do_poke, do_hold, do_hold,
        do_uring, do_userfault, do_remap_file, do_race,
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
    printf("  %lu things done; odd mappings %u; held by a pipe %u, by "
           "io_uring %u\n", n, nr_odd, nr_held, nr_registered);
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
