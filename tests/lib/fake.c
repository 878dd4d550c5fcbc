/* SPDX-License-Identifier: GPL-2.0-only */
#include "fake.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <xen/xen.h>

#include "../random.h"

struct fake fake;
xenswtlb_handle *h;

/* ---- the backing ------------------------------------------------------- */

/*
 * Maps and unmaps are serialised by the heap's lock.  As with the real device
 * the memory is shared, that is, a child would not have a copy of its own.
 */
static void *fake_map(xenswtlb_handle *handle, size_t nr_pages, bool *plain)
{
    struct fake *fake = handle->private;
    void *p;

    if ( nr_pages > fake->largest ||
         nr_pages > fake->limit - fake->mapped ||
         (!*plain && fake->mapped + nr_pages > fake->registered) )
    {
        fake->refused++;
        errno = ENOMEM;
        return NULL;
    }
    p = mmap(fake->next, nr_pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ( p == MAP_FAILED )
        return NULL;
    if ( fake->next )
        fake->next += (size_t)1 << 25;
    madvise(p, nr_pages * PAGE_SIZE, MADV_DONTFORK);
    fake->maps++;
    fake->mapped += nr_pages;
    *plain = fake->mapped > fake->registered;
    return p;
}

static void fake_unmap(xenswtlb_handle *handle, void *p, size_t nr_pages,
                       bool plain)
{
    struct fake *fake = handle->private;

    (void)plain;
    if ( !is_ours(handle) )
        return;
    fake->unmaps++;
    fake->mapped -= nr_pages;
    munmap(p, nr_pages * PAGE_SIZE);
}

static int fake_call(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                     uint64_t arg2, uint64_t arg3, uint64_t arg4,
                     uint64_t arg5);

/* As Xen: an entry's error is its result, and not the multicall's. */
static int fake_multicall(xenswtlb_handle *handle,
                          struct multicall_entry *entry)
{
    struct fake *fake = handle->private;
    int rc;

    if ( fake->no_multicall )
    {
        errno = EPERM;
        return -1;
    }
    if ( entry->op == FAKE_LONG )
    {
        entry->result = entry->args[0] + entry->args[1];
        return 0;
    }
    rc = fake_call(handle, entry->op, entry->args[0], entry->args[1],
                   entry->args[2], entry->args[3], entry->args[4]);
    entry->result = rc < 0 ? -errno : rc;
    return 0;
}

static int fake_call(xenswtlb_handle *handle, unsigned int op, uint64_t arg1,
                     uint64_t arg2, uint64_t arg3, uint64_t arg4,
                     uint64_t arg5)
{
    struct fake *fake = handle->private;
    unsigned char *p = (unsigned char *)(uintptr_t)arg1;
    unsigned int i, sum = 0;

    __atomic_add_fetch(&fake->calls, 1, __ATOMIC_RELAXED);
    switch ( op )
    {
    case FAKE_FILL:
        memset(p, (int)arg3, arg2);
        return 0;
    case FAKE_SUM:
        for ( i = 0; i < arg2; i++ )
            sum += p[i];
        return sum;
    case FAKE_FAULT:
        if ( fake->faults++ < arg1 )
        {
            errno = EFAULT;
            return -1;
        }
        return 7;
    case FAKE_ARGS:
        return arg1 + 2 * arg2 + 3 * arg3 + 4 * arg4 + 5 * arg5;
    case __HYPERVISOR_multicall:
        /* Not a call by itself, but for its entry. */
        __atomic_sub_fetch(&fake->calls, 1, __ATOMIC_RELAXED);
        return fake_multicall(handle, (struct multicall_entry *)p);
    }
    errno = ENOSYS;
    return -1;
}

static void fake_end(xenswtlb_handle *handle)
{
    ((struct fake *)handle->private)->closed++;
}

static void fake_message(xentoollog_logger *logger, xentoollog_level level,
                         int err, const char *context, const char *format,
                         va_list args)
{
    struct fake *fake = (struct fake *)((char *)logger -
                                        offsetof(struct fake, logger));

    (void)level;
    (void)err;
    (void)context;
    fake->logged++;
    vsnprintf(fake->last, sizeof(fake->last), format, args);
}

xenswtlb_handle *fake_open(struct fake *fake, enum xenswtlb_backing kind)
{
    xenswtlb_handle *handle;

    memset(fake, 0, sizeof(*fake));
    fake->ops.kind = kind;
    fake->ops.map = fake_map;
    fake->ops.unmap = fake_unmap;
    fake->ops.call = fake_call;
    fake->ops.close = fake_end;
    fake->limit = fake->registered = fake->largest = SIZE_MAX;
    fake->logger.vmessage = fake_message;
    handle = xsw_handle_open(&fake->logger, &fake->ops, fake);
    ck_assert_ptr_nonnull(handle);
    return handle;
}

void fake_close(struct fake *fake, xenswtlb_handle *handle)
{
    ck_assert_int_eq(xenswtlb_close(handle), 0);
    ck_assert_uint_eq(fake->closed, 1);
    ck_assert_uint_eq(fake->mapped, 0);
    ck_assert_uint_eq(fake->maps, fake->unmaps);
}

struct xenswtlb_stats stats_of(xenswtlb_handle *handle)
{
    struct xenswtlb_stats stats;

    ck_assert_int_eq(xenswtlb_get_stats(handle, &stats, sizeof(stats)), 0);
    return stats;
}

/* ---- checks ------------------------------------------------------------ */

/* All of a small one; of a large one both ends, and a byte of each page. */
static size_t step(size_t i, size_t size)
{
    return size <= PAGE_SIZE || i < 64 || i + PAGE_SIZE >= size ? 1
                                                                : PAGE_SIZE;
}

void mark(void *p, size_t size, unsigned int with)
{
    size_t i;

    for ( i = 0; i < size; i += step(i, size) )
        ((unsigned char *)p)[i] = (unsigned char)(with + i * 7);
}

void check_mark(const void *p, size_t size, unsigned int with)
{
    size_t i;

    for ( i = 0; i < size; i += step(i, size) )
        if ( ((const unsigned char *)p)[i] != (unsigned char)(with + i * 7) )
            ck_abort_msg("byte %zu of %zu is not its owner's", i, size);
}

uint64_t random_seed(void)
{
    return random_seed_from("LIB_SEED");
}

uint64_t random_next(uint64_t *state)
{
    return random_after(state);
}

int in_child(int (*fn)(void *), void *data)
{
    struct rlimit no_core = { 0, 0 };
    int status;
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if ( !pid )
    {
        setrlimit(RLIMIT_CORE, &no_core);
        _exit(fn(data));
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void run_threads(unsigned int nr, void *(*fn)(void *))
{
    pthread_t thread[200];
    unsigned long i;

    for ( i = 0; i < nr; i++ )
        ck_assert_int_eq(pthread_create(&thread[i], NULL, fn, (void *)i), 0);
    for ( i = 0; i < nr; i++ )
        pthread_join(thread[i], NULL);
}

/* ---- the program ------------------------------------------------------- */

static enum xenswtlb_backing kind_of_case;

static void setup(void)
{
    h = fake_open(&fake, kind_of_case);
}

static void teardown(void)
{
    fake_close(&fake, h);
}

TCase *lib_case(Suite *s, const char *name, enum xenswtlb_backing kind)
{
    TCase *tc = tcase_create(name);

    /* There is one case in a program. */
    kind_of_case = kind;
    /* By the clock, and only for a test that hangs to be named. */
    tcase_set_timeout(tc, 1800);
    tcase_add_checked_fixture(tc, setup, teardown);
    suite_add_tcase(s, tc);
    return tc;
}

/* So that a program behaves the same by hand as by CTest. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    /* What is to be refused must get as far as the library. */
    return "detect_leaks=1:allocator_may_return_null=1";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1:halt_on_error=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "halt_on_error=1:exitcode=66:die_after_fork=0";
}

int main(void)
{
    SRunner *runner = srunner_create(lib_suite());
    int failed, run;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    run = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed ? 4 : run ? 0 : 3;
}
