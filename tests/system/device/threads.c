/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads, and processes that share their memory without being threads, make
 * hypercalls with buffers of the device while others of them unmap these,
 * execute a program, exit or are killed; and who is near to a process, its
 * tracer or a pipe with its pages, does not get at its buffers.  Prints what
 * holds, a line each.
 */
#include "device.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

int device, privcmd;

static const char self[] = "/proc/self/exe";
static unsigned long entries, pages;

static pid_t new_process(void)
{
    pid_t pid = fork();

    CHECK(pid >= 0);
    if ( !pid )
        prctl(PR_SET_PDEATHSIG, SIGKILL);

    return pid;
}

/* Whoever is the last to use an address space frees it, not the process. */
static bool nothing_left(void)
{
    while ( status("entries ") != entries || status("pages ") != pages )
    {
        if ( late() )
            return false;
        usleep(20000);
    }

    return true;
}

/* A CPU may be offline, if the case has it so. */
static void prefer_cpu(unsigned int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
}

/* ---- threads ------------------------------------------------------ */

static atomic_bool stop;
static atomic_ulong calls, faults;
static uint8_t *volatile shared;

static void *calls_on(void *cpu)
{
    prefer_cpu((uintptr_t)cpu);
    while ( !stop )
    {
        long rc = xen_writes(shared + (calls & 3) * PAGE);

        if ( rc && rc != -EFAULT )
            die("hypercall: %ld", rc);
        calls++;
        faults += rc == -EFAULT;
    }

    return NULL;
}

static void *maps_on(void *cpu)
{
    prefer_cpu((uintptr_t)cpu);
    for ( ; ; )
    {
        uint8_t *p = map_at(NULL, 3, 0);

        if ( p == MAP_FAILED )
            continue;
        xen_writes(p + PAGE);
        munmap(p, 3 * PAGE);
    }

    return NULL;
}

static void new_thread(pthread_t *t, void *(*func)(void *), void *arg)
{
    CHECK(!pthread_create(t, NULL, func, arg));
}

/*
 * What was a buffer's page a moment ago is other memory now, and a hypercall
 * that began before does not write to it.
 */
static void unmapped(unsigned int turns)
{
    uint8_t *mine[8];
    unsigned int i, k;
    pthread_t t[2];

    shared = map(4);
    for ( k = 0; k < 2; k++ )
        new_thread(&t[k], calls_on, (void *)(uintptr_t)k);
    for ( i = 0; i < turns; i++ )
    {
        prefer_cpu(i & 1);
        usleep(200);
        CHECK(!munmap(shared, 4 * PAGE));
        for ( k = 0; k < 8; k++ )
            memset(mine[k] = map_plain_at(NULL, 1), 0x77, PAGE);
        sched_yield();
        for ( k = 0; k < 8; k++ )
        {
            CHECK(all(mine[k], PAGE, 0x77));
            CHECK(!munmap(mine[k], PAGE));
        }
        CHECK(map_at(shared, 4, MAP_FIXED) == shared);
    }
    stop = true;
    for ( k = 0; k < 2; k++ )
        CHECK(!pthread_join(t[k], NULL));
    stop = false;
    CHECK(!munmap(shared, 4 * PAGE));
    CHECK(nothing_left());
    CHECK(calls > faults && faults);
    printf("not to freed pages, while threads make %lu hypercalls, %lu of "
           "them in vain\n", calls, faults);
}

/* ---- ends --------------------------------------------------------- */

enum end { EXIT, EXEC, KILL, SEGV, LEADER_EXITS, NR_ENDS };

static void *executes(void *address)
{
    usleep(3000);
    execl(self, self, "nothing-at", address, NULL);
    die("exec");
}

static void busy_until(enum end end, unsigned int wait)
{
    static char address[32];
    unsigned int k;
    pthread_t t;

    shared = map(4);
    snprintf(address, sizeof(address), "%#lx", (unsigned long)shared);
    for ( k = 0; k < 2; k++ )
    {
        new_thread(&t, calls_on, (void *)(uintptr_t)k);
        new_thread(&t, maps_on, (void *)(uintptr_t)k);
    }
    if ( end == EXEC )
        new_thread(&t, executes, address);
    usleep(wait);
    if ( end == EXIT )
        _exit(0);
    if ( end == SEGV )
        raise(SIGSEGV);
    /* The others go on. */
    if ( end == LEADER_EXITS )
        pthread_exit(NULL);
    for ( ; ; )
        pause();
}

/* None of the threads has returned from its hypercall, as likely as not. */
static void ends(unsigned int turns)
{
    static const int expected[NR_ENDS] = {
        [KILL] = 128 + SIGKILL, [SEGV] = 128 + SIGSEGV,
        [LEADER_EXITS] = 128 + SIGKILL,
    };
    unsigned int i;

    for ( i = 0; i < turns; i++ )
    {
        enum end end = i % NR_ENDS;
        pid_t pid = new_process();

        if ( !pid )
            busy_until(end, 3000 + i * 37 % 5000);
        if ( expected[end] == 128 + SIGKILL )
        {
            usleep(20000);
            CHECK(!kill(pid, SIGKILL));
        }
        CHECK(reap(pid) == expected[end]);
        CHECK(nothing_left());
    }
    puts("nothing is left of a process that ends in the midst of them");
}

/* ---- not threads, and not alone ------------------------------------- */

static uint8_t stack[65536] __attribute__((aligned(16)));
static uint8_t *volatile theirs;

static int shares(void *arg)
{
    uint8_t *p = arg;

    prefer_cpu(1);
    /* It is its memory, too. */
    if ( xen_writes(p) || all(p, EXTRAVERSION_LEN, 0x11) )
        return 1;
    theirs = map_at(NULL, 2, 0);

    return theirs == MAP_FAILED || xen_writes(theirs + PAGE);
}

static void shared_memory(void)
{
    uint8_t *p = map(1);
    pid_t pid;

    memset(p, 0x11, PAGE);
    pid = clone(shares, stack + sizeof(stack), CLONE_VM | SIGCHLD, p);
    CHECK(pid > 0);
    CHECK(!reap(pid));
    /* Who mapped it is no more.  The memory is. */
    CHECK(status("entries ") >= entries + 2);
    CHECK(!all(theirs + PAGE, EXTRAVERSION_LEN, 0));
    CHECK(!xen_writes(theirs));
    pid = new_process();
    if ( !pid )
        _exit(xen_writes(theirs) != -EFAULT || xen_writes(p) != -EFAULT);
    CHECK(!reap(pid));
    CHECK(!munmap(theirs, 2 * PAGE) && !munmap(p, PAGE));
    CHECK(nothing_left());
    puts("a buffer is of all who share the memory, and of nobody else");
}

struct multicall_entry {
    uint64_t op, result, args[6];
};

static void names_others(const uint8_t *victim)
{
    struct multicall_entry *list = map(1);

    list[0].op = HYPERVISOR_xen_version;
    list[0].args[0] = XENVER_extraversion;
    list[0].args[1] = (uintptr_t)victim;
    list[1] = list[0];
    list[1].args[1] = (uintptr_t)&list[8];
    CHECK(!hypercall(HYPERVISOR_multicall, (uintptr_t)list, 2, 0, 0, 0));
    CHECK(list[0].result == (uint64_t)-EFAULT && !list[1].result);
    /* A list that would be in it; and across both of its ends. */
    CHECK(hypercall(HYPERVISOR_multicall, (uintptr_t)victim, 1, 0, 0, 0) ==
          -EFAULT);
    CHECK(xen_writes((void *)(victim - 8)) == -EFAULT);
    CHECK(xen_writes((void *)(victim + PAGE - 8)) == -EFAULT);
}

static void lists(void)
{
    uint8_t *victim = map(1);
    pid_t pid;

    memset(victim, 0x11, PAGE);
    pid = new_process();
    if ( !pid )
    {
        names_others(victim);
        _exit(0);
    }
    CHECK(!reap(pid));
    CHECK(all(victim, PAGE, 0x11));
    CHECK(!munmap(victim, PAGE));
    puts("not another's by way of a list, nor across the ends");
}

/* A tracer sees where it is, and that is all. */
static void traced(void)
{
    pid_t pid = new_process();
    struct iovec here, there;
    char byte = 0;
    uint8_t *p;
    int rc;

    if ( !pid )
    {
        theirs = map(2);
        CHECK(!ptrace(PTRACE_TRACEME, 0, 0, 0));
        raise(SIGSTOP);
        while ( !xen_writes(theirs) )
            ;
        _exit(1);
    }
    CHECK(waitpid(pid, &rc, 0) == pid && WIFSTOPPED(rc));
    errno = 0;
    p = (void *)ptrace(PTRACE_PEEKDATA, pid, &theirs, 0);
    CHECK(!errno && p);
    CHECK(xen_writes(p) == -EFAULT);
    /* As it is with /dev/xen/hypercall. */
    CHECK(ptrace(PTRACE_POKEDATA, pid, p, 0) < 0);
    here = (struct iovec){ &byte, 1 };
    there = (struct iovec){ p, 1 };
    CHECK(process_vm_writev(pid, &here, 1, &there, 1, 0) < 0);
    /* It goes on, is stopped in the midst of it, and killed. */
    CHECK(!ptrace(PTRACE_CONT, pid, 0, 0));
    usleep(20000);
    CHECK(!kill(pid, SIGSTOP));
    CHECK(waitpid(pid, &rc, 0) == pid && WIFSTOPPED(rc));
    CHECK(status("entries ") > entries && xen_writes(p) == -EFAULT);
    CHECK(!kill(pid, SIGKILL));
    CHECK(reap(pid) == 128 + SIGKILL);
    CHECK(nothing_left());
    puts("not that of a process one traces");
}

/* ---- pages that somebody else holds, and what is done to them ---------- */

static void in_a_pipe(void)
{
    uint8_t *p = map(1), content[PAGE];
    struct iovec v = { p, PAGE };
    pid_t pid;
    int fd[2];

    memset(p, 0x11, PAGE);
    CHECK(!pipe(fd));
    CHECK(vmsplice(fd[1], &v, 1, SPLICE_F_GIFT) == PAGE);
    CHECK(!munmap(p, PAGE));
    pid = new_process();
    if ( !pid )
        _exit(map_at(p, 1, MAP_FIXED) != p || xen_writes(p));
    CHECK(!reap(pid));
    CHECK(xen_writes(p) == -EFAULT);
    CHECK(read(fd[0], content, PAGE) == PAGE && all(content, PAGE, 0x11));
    close(fd[0]), close(fd[1]);
    CHECK(nothing_left());
    puts("not to a page that is in a pipe after it was unmapped");
}

/* Whatever is advised: the page is what Xen writes to, and the next stays. */
static void advised(void)
{
    uint8_t *p, *q;
    int advice;

    for ( advice = 0; advice < 64; advice++ )
    {
        p = map(3);
        memset(p, 0x11, 3 * PAGE);
        madvise(p + (advice & 1) * PAGE, PAGE, advice);
        CHECK(all(p + 2 * PAGE, PAGE, 0x11));
        memset(p, 0x22, 2 * PAGE);
        CHECK(!xen_writes(p) && !all(p, EXTRAVERSION_LEN, 0x22));
        CHECK(all(p + PAGE, PAGE, 0x22));
        CHECK(!xen_writes(p + 2 * PAGE));
        CHECK(!all(p + 2 * PAGE, EXTRAVERSION_LEN, 0x11));
        CHECK(!munmap(p, 3 * PAGE));
    }
    /* A part is to move, and does not; then all shrinks. */
    p = map(3);
    q = map_plain_at(NULL, 1);
    CHECK(mremap(p + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) ==
          MAP_FAILED);
    CHECK(!xen_writes(p + PAGE) && !all(p + PAGE, EXTRAVERSION_LEN, 0));
    CHECK(mremap(p, 3 * PAGE, PAGE, 0) == p);
    CHECK(!xen_writes(p) && xen_writes(p + PAGE) == -EFAULT);
    CHECK(!munmap(p, PAGE));
    CHECK(nothing_left());
    puts("a buffer works whatever is advised about it");
}

int main(int argc, char **argv)
{
    setbuf(stdout, NULL);
    open_all();
    /* What has been executed. */
    if ( argc == 3 )
        return xen_writes((void *)strtoul(argv[2], NULL, 0)) != -EFAULT;

    entries = status("entries ");
    pages = status("pages ");
    unmapped(100);
    ends(30);
    shared_memory();
    lists();
    traced();
    in_a_pipe();
    advised();

    return 0;
}
