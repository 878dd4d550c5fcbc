/* SPDX-License-Identifier: GPL-2.0-only */
/* Printing, checks and the verdict. */

#include <pvh.h>

/* Longer lines could get a message of Xen's in the middle (127 bytes). */
#define LINE_MAX    127
/* A loop that fails at every turn is not to drown what failed first. */
#define SHOWN_MAX   40

static const char *const verdict_names[] = {
    [VERDICT_success] = "success",
    [VERDICT_skip]    = "skip",
    [VERDICT_error]   = "error",
    [VERDICT_failure] = "failure",
};

static enum verdict worst;
static char worst_text[LINE_MAX + 1];
static unsigned int shown;
static int lock;

void printk(const char *fmt, ...)
{
    char line[256];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);

    hypercall_console_write(line, MIN((size_t)n, sizeof(line) - 1));
}

/* Reports can come from several vCPUs. */
static void take_lock(void)
{
    while ( __atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) )
        hypercall_yield();
}

static void drop_lock(void)
{
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

static void vreport(enum verdict verdict, const char *fmt, va_list args)
{
    char text[LINE_MAX + 1];

    vsnprintf(text, sizeof(text), fmt, args);

    take_lock();
    if ( verdict > worst )
    {
        worst = verdict;
        memcpy(worst_text, text, sizeof(text));
    }
    if ( shown < SHOWN_MAX )
        printk("%s: %s\n", verdict_names[verdict], text);
    else if ( shown == SHOWN_MAX )
        printk("(more of the kind is not shown)\n");
    shown++;
    drop_lock();
}

void report(enum verdict verdict, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vreport(verdict, fmt, args);
    va_end(args);
}

enum verdict report_worst(void)
{
    return worst;
}

static const char *run_name(void)
{
    static char name[64];
    const char *word = strstr(cmdline, "name=");
    unsigned int n = 0;

    if ( !word )
        return test_name;

    for ( word += 5; *word && *word != ' ' && n < sizeof(name) - 1; word++ )
        name[n++] = *word;

    return name;
}

void test_end(void)
{
    if ( worst == VERDICT_success )
        printk("@verdict %s success\n", run_name());
    else
    {
        /* The name takes its share of the line. */
        worst_text[LINE_MAX - 60] = '\0';
        printk("@verdict %s %s: %s\n", run_name(), verdict_names[worst],
               worst_text);
    }

    for ( ; ; )
        hypercall_shutdown(SHUTDOWN_poweroff);
}

void measure(const char *name, uint64_t value, const char *unit)
{
    printk("@measure %s %llu %s\n", name, (unsigned long long)value, unit);
}

const char *errno_name(long rc)
{
    static const struct {
        unsigned int number;
        const char *name;
    } names[] = {
#define XEN_ERRNO(name, number) { number, #name },
#include <public/errno.h>
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(names); i++ )
        if ( names[i].number == (unsigned long)(rc < 0 ? -rc : rc) )
            return names[i].name;

    return rc ? "?" : "success";
}

/* The file's directory is the test's name, which is known. */
static const char *base(const char *file)
{
    const char *slash;

    while ( (slash = strstr(file, "/")) )
        file = slash + 1;

    return file;
}

bool check_eq(const char *file, unsigned int line, const char *what,
              uint64_t actual, uint64_t expected)
{
    if ( actual == expected )
        return true;

    test_failure("%s:%u: %s is %llu (0x%llx), not %llu (0x%llx)", base(file),
                 line, what, (unsigned long long)actual,
                 (unsigned long long)actual, (unsigned long long)expected,
                 (unsigned long long)expected);

    return false;
}

bool check_rc(const char *file, unsigned int line, const char *what,
              long actual, long expected)
{
    if ( actual == expected )
        return true;

    test_failure("%s:%u: %s is %ld (%s), not %ld (%s)", base(file), line,
                 what, actual, errno_name(actual), expected,
                 errno_name(expected));

    return false;
}

bool check_true(const char *file, unsigned int line, const char *what,
                bool actual)
{
    if ( actual )
        return true;

    test_failure("%s:%u: not so: %s", base(file), line, what);

    return false;
}

bool check_mem(const char *file, unsigned int line, const char *what,
               const void *actual, const void *expected, size_t size)
{
    const uint8_t *a = actual, *e = expected;
    size_t i;

    for ( i = 0; i < size; i++ )
        if ( a[i] != e[i] )
        {
            test_failure("%s:%u: %s: byte %lu of %lu is 0x%02x, not 0x%02x",
                         base(file), line, what, (unsigned long)i,
                         (unsigned long)size, a[i], e[i]);
            return false;
        }

    return true;
}
