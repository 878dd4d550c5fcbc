/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypervisor's sources are compiled against in the unit tests, first
 * part: Xen's types, its library, locks and allocator.  xen-sched.h has the
 * rest.  The build makes the headers which those sources include, under the
 * names that these have in Xen, and lets each refer to one of the two.
 *
 * Only the environment is imitated here.  It is stricter than Xen: whatever a
 * caller must not do ends in abort().
 */
#ifndef UNIT_XEN_LIB_H
#define UNIT_XEN_LIB_H

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t paddr_t;
#define PRIpaddr                 "016lx"

#define BITS_PER_LONG            64
#define SMP_CACHE_BYTES          64
#define PAGE_SHIFT               12
#define PAGE_SIZE                (1UL << PAGE_SHIFT)
#define PAGE_MASK                (~(PAGE_SIZE - 1))
#define PAGE_OFFSET(p)           ((unsigned long)(p) & ~PAGE_MASK)
#define PFN_DOWN(a)              ((a) >> PAGE_SHIFT)

#define __init
#define __ro_after_init
#define cf_check
#define always_inline            inline __attribute__((__always_inline__))
#define noinline                 __attribute__((__noinline__))
#define __aligned(n)             __attribute__((__aligned__(n)))
/* As Xen's, of options which the harness defines as 1, or not at all. */
#define IS_ENABLED(option)       IS_ENABLED_(option)
#define IS_ENABLED_(value)       IS_ENABLED__(IS_ENABLED_ARG_ ## value)
#define IS_ENABLED__(arg)        IS_ENABLED___(arg 1, 0)
#define IS_ENABLED___(arg, value, ...) (value)
#define IS_ENABLED_ARG_1         0,

#define likely(x)                __builtin_expect(!!(x), 1)
#define unlikely(x)              __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a)            (sizeof(a) / sizeof((a)[0]))

#define min(x, y) \
    ({ typeof(x) x_ = (x); typeof(y) y_ = (y); x_ < y_ ? x_ : y_; })
#define min_t(type, x, y) \
    ({ type x_ = (x), y_ = (y); x_ < y_ ? x_ : y_; })
#define max(x, y) \
    ({ typeof(x) x_ = (x); typeof(y) y_ = (y); x_ > y_ ? x_ : y_; })
#define container_of(ptr, type, member) \
    ((type *)((char *)(ptr) - offsetof(type, member)))
#define SWAP(a, b) \
    do { typeof(a) t_ = (a); (a) = (b); (b) = t_; } while ( 0 )

/* Of the most significant bit that is set, counted from 1; 0 if none is. */
static inline unsigned int fls(unsigned int x)
{
    return x ? 32 - __builtin_clz(x) : 0;
}

#define BUILD_BUG_ON(cond)       _Static_assert(!(cond), #cond)

/* Says what is wrong on stderr, and aborts. */
void xen_bug(const char *file, unsigned int line, const char *what)
    __attribute__((__noreturn__));

#define ASSERT(cond) \
    do { if ( !(cond) ) xen_bug(__FILE__, __LINE__, #cond); } while ( 0 )

/*
 * To be used only after the index was checked.  Xen's own makes an index that
 * is out of bounds zero, which would hide that it was not.
 */
#define array_index_mask_nospec(idx, nr) (-(unsigned long)((idx) < (nr)))
#define array_index_nospec(idx, nr) \
    ({ typeof(idx) i_ = (idx); ASSERT(i_ < (nr)); i_; })

/*
 * Memory ordering.  As in Xen; except that thread sanitizer knows nothing of
 * fences.  For it each marked access is an ordered one and the fences none,
 * so it sees whether an update waits, but not whether a fence is missing.
 */
#define barrier() \
    do { \
        if ( unlikely(xen_on_barrier) ) \
            xen_on_barrier(); \
        __asm__ __volatile__ ( "" ::: "memory" ); \
    } while ( 0 )

#ifdef UNIT_TSAN
#define ACCESS_ONCE(x)           (*(_Atomic typeof(x) *)&(x))
/* Of what the caller alone writes. */
#define add_sized(p, n)          ((void)(ACCESS_ONCE(*(p)) = *(p) + (n)))
#define smp_mb()                 barrier()
#define smp_wmb()                smp_mb()
#define smp_rmb()                smp_mb()
#else
#define ACCESS_ONCE(x)           (*(volatile typeof(x) *)&(x))
#define add_sized(p, n)          ((void)(ACCESS_ONCE(*(p)) += (n)))
#define smp_mb() \
    do { \
        if ( unlikely(xen_on_fence) ) \
            xen_on_fence(); \
        __atomic_thread_fence(__ATOMIC_SEQ_CST); \
    } while ( 0 )
#define smp_wmb()                __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_rmb()                __atomic_thread_fence(__ATOMIC_ACQUIRE)
#endif

/* If set, called by each smp_mb(): to see what comes before, what after. */
extern void (*xen_on_fence)(void);
/* Likewise, by each barrier(). */
extern void (*xen_on_barrier)(void);

#define write_atomic(p, x)       ((void)(ACCESS_ONCE(*(p)) = (x)))

#define test_bit(nr, addr) \
    (!!(__atomic_load_n(addr, __ATOMIC_RELAXED) & (1UL << (nr))))
#define set_bit(nr, addr) \
    ((void)__atomic_fetch_or(addr, 1UL << (nr), __ATOMIC_SEQ_CST))
#define clear_bit(nr, addr) \
    ((void)__atomic_fetch_and(addr, ~(1UL << (nr)), __ATOMIC_SEQ_CST))

/*
 * Called while waiting for another vCPU.  A test without threads waits for
 * ever; this aborts then, or calls what a test has put in xen_relax.
 */
void cpu_relax(void);
extern void (*xen_relax)(void);

/*
 * Spinlocks.  It aborts to use one that is not initialised, to lock one that
 * the caller holds, to unlock one that it does not hold, and to take one from
 * within a lookup.
 */
typedef struct spinlock {
    unsigned int magic;
    pthread_mutex_t mutex;
    const void *owner;           /* tells threads apart; NULL: free */
} spinlock_t;

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
bool spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
/* Only ever used to assert that the caller holds it, hence: by the caller. */
bool spin_is_locked(spinlock_t *lock);

/* How often spin_trylock() is still to find a lock taken by somebody else. */
extern unsigned int xen_lock_busy;

/* How many locks the calling thread holds, and has ever taken. */
extern _Thread_local unsigned int xen_locks_held, xen_locks_taken;

/*
 * Allocator.  Memory comes filled with rubbish unless zeroed.  What is freed
 * must not be in use by a lookup.
 */
#define xzalloc(type)           ((type *)xen_alloc(sizeof(type), true))
#define xzalloc_array(type, nr) \
    ((type *)xen_alloc((nr) * sizeof(type), true))
#define xmalloc_array(type, nr) \
    ((type *)xen_alloc(sizeof(type) * (nr), false))
#define xmalloc_flex_struct(type, field, nr) \
    ((type *)xen_alloc(offsetof(type, field[nr]), false))
#define xzalloc_flex_struct(type, field, nr) \
    ((type *)xen_alloc(offsetof(type, field[nr]), true))

#define XFREE(p)                 do { xfree(p); (p) = NULL; } while ( 0 )

void *xen_alloc(size_t size, bool zero);
void xfree(void *p);

/* Fail the n-th allocation from now on, counting from 1; 0: none. */
void xen_alloc_fail(unsigned int n);
/* Whether such a failure is still to come. */
bool xen_alloc_fail_pending(void);
/* Blocks allocated and not freed. */
unsigned int xen_alloc_live(void);

/*
 * Console.  Not to be used with a lock held.  What is printed is kept, and %pv
 * and %pd understood.  A format with these is checked by the compiler as one
 * with %p and then a letter.  Unlike Xen's, and as in C, %#x prints no 0x in
 * front of zero.
 */
#define XENLOG_INFO              ""
#define XENLOG_G_ERR             ""
void printk(const char *fmt, ...) __attribute__((__format__(printf, 1, 2)));
const char *xen_console(void);
void xen_console_clear(void);

/* Another number each time. */
unsigned int get_random(void);

/* Boot options and initcalls, as registered by the sources. */
int parse_bool(const char *s, const char *e);
int parse_boolean(const char *name, const char *s, const char *e);
unsigned long simple_strtoul(const char *s, const char **end,
                             unsigned int base);

void xen_register_param(const char *name, int (*fn)(const char *s));
void xen_register_initcall(int (*fn)(void));

#define custom_param(name, fn) \
    static void __attribute__((__constructor__)) param_ ## fn(void) \
    { xen_register_param(name, fn); } \
    struct swallow_semicolon
#define __initcall(fn) \
    static void __attribute__((__constructor__)) initcall_ ## fn(void) \
    { xen_register_initcall(fn); } \
    struct swallow_semicolon

/* Hand the value to whoever registered the option; aborts if nobody did. */
int xen_set_param(const char *name, const char *value);
void xen_run_initcalls(void);

typedef void keyhandler_fn_t(unsigned char key);

void register_keyhandler(unsigned char key, keyhandler_fn_t *fn,
                         const char *desc, bool diagnostic);
/* Press a debug key.  Returns its description, or NULL if nobody has it. */
const char *xen_press_key(unsigned char key);
void xen_forget_keys(void);

/* It is an error to call this with a lock held.  And how often that was. */
void process_pending_softirqs(void);
extern unsigned int xen_softirqs;

#endif /* UNIT_XEN_LIB_H */
