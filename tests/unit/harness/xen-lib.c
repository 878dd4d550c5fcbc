/* SPDX-License-Identifier: GPL-2.0-only */
/* Xen's library, locks, allocator and console, for the unit tests. */

#include "xen-sched.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#define LOCK_MAGIC    0x10c4ab1eU
#define CONSOLE_SIZE  (256 * 1024)

void xen_bug(const char *file, unsigned int line, const char *what)
{
    const char *name = strrchr(file, '/');

    fprintf(stderr, "%s:%u: '%s' failed\n", name ? name + 1 : file, line,
            what);
    abort();
}

void (*xen_on_fence)(void);
void (*xen_on_barrier)(void);
void (*xen_relax)(void);

void cpu_relax(void)
{
    /* Otherwise: nobody is there who could end what is waited for. */
    ASSERT(xen_relax);
    xen_relax();
}

_Thread_local unsigned int xen_locks_held, xen_locks_taken;

static const void *self(void)
{
    static _Thread_local char id;

    return &id;
}

static const void *lock_owner(const spinlock_t *lock)
{
    return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
}

void spin_lock_init(spinlock_t *lock)
{
    lock->magic = LOCK_MAGIC;
    lock->owner = NULL;
    pthread_mutex_init(&lock->mutex, NULL);
}

static void check_before_lock(const spinlock_t *lock)
{
    ASSERT(lock->magic == LOCK_MAGIC);
    ASSERT(lock_owner(lock) != self());
    ASSERT(!current || !swtlb_inside(&current->swtlb));
}

static void lock_taken(spinlock_t *lock)
{
    __atomic_store_n(&lock->owner, self(), __ATOMIC_RELAXED);
    xen_locks_held++;
    xen_locks_taken++;
}

void spin_lock(spinlock_t *lock)
{
    check_before_lock(lock);
    pthread_mutex_lock(&lock->mutex);
    lock_taken(lock);
}

unsigned int xen_lock_busy;

bool spin_trylock(spinlock_t *lock)
{
    check_before_lock(lock);

    if ( xen_lock_busy )
    {
        xen_lock_busy--;
        return false;
    }

    if ( pthread_mutex_trylock(&lock->mutex) )
        return false;
    lock_taken(lock);

    return true;
}

void spin_unlock(spinlock_t *lock)
{
    ASSERT(lock->magic == LOCK_MAGIC);
    ASSERT(lock_owner(lock) == self());

    xen_locks_held--;
    __atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock->mutex);
}

bool spin_is_locked(spinlock_t *lock)
{
    ASSERT(lock->magic == LOCK_MAGIC);

    return lock_owner(lock) == self();
}

static unsigned int alloc_live, alloc_countdown;

void *xen_alloc(size_t size, bool zero)
{
    unsigned int n = __atomic_load_n(&alloc_countdown, __ATOMIC_RELAXED);
    void *p;

    if ( n )
    {
        __atomic_store_n(&alloc_countdown, n - 1, __ATOMIC_RELAXED);
        if ( n == 1 )
            return NULL;
    }

    /* Aligned as strictly as a type may ask for. */
    ASSERT(!posix_memalign(&p, 64, size));
    memset(p, zero ? 0 : 0xa5, size);
    __atomic_add_fetch(&alloc_live, 1, __ATOMIC_RELAXED);

    return p;
}

void xfree(void *p)
{
    const struct domain *d;
    const struct vcpu *v;

    if ( !p )
        return;

    /* With threads a lookup of what came after it may well be under way. */
    if ( !xen_relax )
        for ( d = xen_domains; d; d = d->next_in_list )
            for_each_vcpu ( d, v )
                ASSERT(!swtlb_inside(&v->swtlb));

    ASSERT(__atomic_fetch_sub(&alloc_live, 1, __ATOMIC_RELAXED));
    free(p);
}

void xen_alloc_fail(unsigned int n)
{
    __atomic_store_n(&alloc_countdown, n, __ATOMIC_RELAXED);
}

bool xen_alloc_fail_pending(void)
{
    return __atomic_load_n(&alloc_countdown, __ATOMIC_RELAXED);
}

unsigned int xen_alloc_live(void)
{
    return __atomic_load_n(&alloc_live, __ATOMIC_RELAXED);
}

static char console[CONSOLE_SIZE];
static size_t console_len;

static void console_add(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    console_len += vsnprintf(console + console_len,
                             sizeof(console) - console_len, fmt, args);
    va_end(args);

    ASSERT(console_len < sizeof(console));
}

/* Print the conversion spec, which takes the next argument. */
static void console_convert(const char *spec, size_t len, va_list *args)
{
    char fmt[16];

    ASSERT(len < sizeof(fmt));
    memcpy(fmt, spec, len);
    fmt[len] = '\0';

/* fmt is a part of what the compiler checked already, see printk(). */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if ( strchr(fmt, 'l') )
        console_add(fmt, va_arg(*args, unsigned long));
    else if ( fmt[len - 1] == 's' )
        console_add(fmt, va_arg(*args, const char *));
    else
        console_add(fmt, va_arg(*args, unsigned int));
#pragma GCC diagnostic pop
}

void printk(const char *fmt, ...)
{
    va_list args;

    /* A console may take long. */
    ASSERT(!xen_locks_held);

    va_start(args, fmt);

    while ( *fmt )
    {
        size_t len = strcspn(fmt, "%");

        if ( len )
            console_add("%.*s", (int)len, fmt);
        fmt += len;

        if ( !strncmp(fmt, "%pv", 3) )
        {
            const struct vcpu *v = va_arg(args, const struct vcpu *);

            console_add("d%uv%u", v->domain->domain_id, v->vcpu_id);
            fmt += 3;
        }
        else if ( !strncmp(fmt, "%pd", 3) )
        {
            console_add("d%u", va_arg(args, const struct domain *)->domain_id);
            fmt += 3;
        }
        else if ( *fmt )
        {
            len = strcspn(fmt, "cdsux") + 1;
            console_convert(fmt, len, &args);
            fmt += len;
        }
    }

    va_end(args);
}

const char *xen_console(void)
{
    return console;
}

void xen_console_clear(void)
{
    console_len = 0;
    console[0] = '\0';
}

int parse_bool(const char *s, const char *e)
{
    static const char *const words[2][6] = {
        { "no", "off", "false", "disable", "0" },
        { "yes", "on", "true", "enable", "1" },
    };
    size_t len = e ? (size_t)(e - s) : strlen(s);
    unsigned int val, i;

    for ( val = 0; val < 2; val++ )
        for ( i = 0; words[val][i]; i++ )
            if ( strlen(words[val][i]) == len &&
                 !strncmp(words[val][i], s, len) )
                return val;

    return -1;
}

/* "name", "no-name" or "name=<bool>"; -1 if not it, -2 if not a bool. */
int parse_boolean(const char *name, const char *s, const char *e)
{
    size_t left = e ? (size_t)(e - s) : strlen(s), len = strlen(name);
    bool no = left >= 3 && !strncmp(s, "no-", 3);
    int val;

    s += no ? 3 : 0;
    left -= no ? 3 : 0;

    if ( left < len || strncmp(s, name, len) )
        return -1;
    if ( left == len )
        return !no;
    if ( s[len] != '=' || no )
        return -1;

    val = parse_bool(s + len + 1, s + left);

    return val < 0 ? -2 : val;
}

unsigned long simple_strtoul(const char *s, const char **end,
                             unsigned int base)
{
    char *e = (char *)s;
    /* Unlike the C library's it takes neither blanks nor signs. */
    unsigned long val = isdigit((unsigned char)*s) ? strtoul(s, &e, base) : 0;

    *end = e;

    return val;
}

static const char *param_name;
static int (*param_fn)(const char *s);

void xen_register_param(const char *name, int (*fn)(const char *s))
{
    ASSERT(!param_name);
    param_name = name;
    param_fn = fn;
}

int xen_set_param(const char *name, const char *value)
{
    ASSERT(param_name && !strcmp(param_name, name));

    return param_fn(value);
}

/* One a source file, at most. */
static int (*initcalls[4])(void);
static unsigned int nr_initcalls;

void xen_register_initcall(int (*fn)(void))
{
    ASSERT(nr_initcalls < ARRAY_SIZE(initcalls));
    initcalls[nr_initcalls++] = fn;
}

void xen_run_initcalls(void)
{
    unsigned int i;

    ASSERT(nr_initcalls);
    for ( i = 0; i < nr_initcalls; i++ )
        ASSERT(!initcalls[i]());
}

static struct {
    keyhandler_fn_t *fn;
    const char *desc;
} keys[128];

void register_keyhandler(unsigned char key, keyhandler_fn_t *fn,
                         const char *desc, bool diagnostic)
{
    ASSERT(key < ARRAY_SIZE(keys) && !keys[key].fn && diagnostic);
    keys[key].fn = fn;
    keys[key].desc = desc;
}

const char *xen_press_key(unsigned char key)
{
    ASSERT(key < ARRAY_SIZE(keys));
    if ( !keys[key].fn )
        return NULL;

    keys[key].fn(key);
    ASSERT(!xen_locks_held && !domlist_read_lock.depth);

    return keys[key].desc;
}

void xen_forget_keys(void)
{
    memset(keys, 0, sizeof(keys));
}

unsigned int get_random(void)
{
    static unsigned int n = 4711;

    return n++;
}

unsigned int xen_softirqs;

void process_pending_softirqs(void)
{
    ASSERT(!xen_locks_held);
    xen_softirqs++;
}
