/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands in for Linux's headers when the sources in guest/ that carry
 * hypercall arguments are compiled for the unit tests.  xen/interface/ is not
 * replaced: these headers are Linux's own.
 *
 * All of a program's memory counts as the kernel's, but for the lowest part.
 */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int8_t s8;
typedef int16_t s16;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef uint64_t __attribute__((aligned(8))) aligned_u64;

#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX
#define S32_MAX INT32_MAX
#define BITS_PER_LONG 64

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define notrace
#define __force
#define __user
#define __init
#define barrier() asm volatile ( "" ::: "memory" )
#define READ_ONCE(x)     (*(volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define BUILD_BUG_ON(cond) _Static_assert(!(cond), #cond)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN(x, to)  (((x) + (to) - 1) & ~((__typeof__(x))(to) - 1))
#define min(a, b) \
    ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b) \
    ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define sizeof_field(type, field) sizeof(((type *)0)->field)
#define offsetofend(type, field) \
    (offsetof(type, field) + sizeof_field(type, field))
#define BIT_ULL(n)        (1ULL << (n))
#define GENMASK_ULL(h, l) ((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define check_add_overflow(a, b, res) __builtin_add_overflow(a, b, res)
#define IS_ERR_VALUE(x)   ((unsigned long)(x) >= (unsigned long)-4095)
#define __stringify_(x)   #x
#define __stringify(x)    __stringify_(x)

#define PAGE_SIZE 4096ul
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) / PAGE_SIZE)
extern unsigned int guest_largest;      /* pages in one piece */
#define MAX_ORDER_NR_PAGES guest_largest
#define PFN_PHYS(pfn) ((u64)(pfn) * PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) % PAGE_SIZE)
#define __pa(p) ((u64)(unsigned long)(p))
#define __START_KERNEL_map (~0ul << 31)
typedef u64 phys_addr_t;

/* Memory that is not registered is vmalloc'ed, its pages in reverse order. */
bool is_vmalloc_addr(const void *p);
unsigned long vmalloc_to_pfn(const void *p);
#define virt_addr_valid(p) ((p) >= TASK_SIZE_MAX)

#define KBUILD_MODNAME "xen_swtlb"
#define EXPORT_SYMBOL_GPL(name) \
    extern __typeof__(name) name

/* ---- addresses and copies ---------------------------------------------- */

/* User space has memory in front of this, where a test maps some. */
#define TASK_SIZE_MAX 0x20000ul
#define GUEST_USER    0x10000ul
#define PAGE_OFFSET TASK_SIZE_MAX

/*
 * Access to this part of memory fails.  Access to what is not there ends the
 * test, unless it is allowed to fail.
 */
extern unsigned long guest_bad_start, guest_bad_end;
extern bool guest_may_fault;
bool guest_is_there(const void *p, size_t size);

static inline bool guest_is_bad(const void *p, size_t size)
{
    if ( guest_may_fault && !guest_is_there(p, size) )
        return true;

    return (unsigned long)p < guest_bad_end &&
           (unsigned long)p + size > guest_bad_start;
}

#define guest_nofault(dst, src, size, bad, label) \
    do { \
        if ( guest_is_bad(bad, size) ) \
            goto label; \
        memcpy(dst, src, size); \
    } while ( 0 )
#define __get_kernel_nofault(dst, src, type, label) \
    guest_nofault(dst, src, sizeof(type), src, label)
#define __put_kernel_nofault(dst, src, type, label) \
    guest_nofault(dst, src, sizeof(type), dst, label)

/* User space's is at any address here. */
extern bool guest_killed;
extern unsigned int guest_resched;
extern bool guest_rt;
#define CONFIG_PREEMPTION 1
#define CONFIG_PREEMPT_RT guest_rt
#define IS_ENABLED(option) (option)
#define cond_resched()     (guest_resched++)
#define current NULL
#define fatal_signal_pending(task) guest_killed

bool guest_is_user(const void *p, size_t size);

static inline long guest_user_copy(void *to, const void *from,
                                   const void *user, size_t size)
{
    if ( (unsigned long)user < TASK_SIZE_MAX && !guest_is_user(user, size) )
        return -EFAULT;
    if ( guest_is_bad(user, size) )
        return -EFAULT;
    memcpy(to, from, size);

    return 0;
}

#define copy_from_user_nofault(to, from, size) \
    guest_user_copy(to, from, from, size)
#define copy_to_user_nofault(to, from, size) \
    guest_user_copy(to, from, to, size)

/* ---- CPUs -------------------------------------------------------------- */

#ifndef GUEST_CPUS
#define GUEST_CPUS 4
#endif
extern unsigned int guest_cpu;
extern int guest_preempt_count;
extern bool guest_in_nmi, guest_irqs_disabled;

/*
 * A variable is that of the CPU that runs.  Those of the others are elsewhere,
 * and guest_switch() changes places.
 */
void *guest_per_cpu(void *p, size_t size, unsigned int cpu);
void guest_switch(unsigned int cpu);
#define DEFINE_PER_CPU(type, name)  __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define per_cpu_ptr(p, cpu) \
    ((__typeof__(p))guest_per_cpu(p, sizeof(*(p)), cpu))
#define this_cpu_ptr(p)         (p)
#define this_cpu_read(var)      (var)
#define this_cpu_write(var, v)  ((void)((var) = (v)))
#define this_cpu_inc(var)       ((void)++(var))
#define smp_processor_id()  guest_cpu
extern unsigned int guest_nodes;        /* CPUs take turns */
#define cpu_to_node(cpu)    ((int)((cpu) % guest_nodes))
#define for_each_possible_cpu(cpu) \
    for ( (cpu) = 0; (cpu) < GUEST_CPUS; (cpu)++ )
#define preempt_disable_notrace() (guest_preempt_count++)
#define preempt_enable_notrace()  (guest_preempt_count--)
#define in_nmi()         guest_in_nmi
#define irqs_disabled()  guest_irqs_disabled
#define preemptible()    (!guest_preempt_count && !guest_irqs_disabled)

/* The only feature that is asked for. */
extern bool guest_no_smap;
#define X86_FEATURE_SMAP    0
#define boot_cpu_has(bit)   ((bit) == X86_FEATURE_SMAP && !guest_no_smap)

/* ---- memory ------------------------------------------------------------ */

#define GFP_KERNEL   0
#define GFP_ATOMIC   0
#define __GFP_ZERO   0
#define __GFP_NOWARN 0

void *guest_alloc(size_t size);
void guest_free(void *p, size_t size);
#define kmalloc(size, flags)           guest_alloc(size)
#define kfree(p)                       guest_free(p, 0)

/* A page is named by its address. */
struct page;
#define get_order(size) \
    (PFN_UP(size) > 1 ? 64 - __builtin_clzl(PFN_UP(size) - 1) : 0)
struct page *guest_alloc_node(int node, unsigned int order);
#define alloc_pages_node(node, flags, order) guest_alloc_node(node, order)
#define page_address(page)       ((void *)(page))
#define free_pages(start, order) \
    guest_free((void *)(start), PAGE_SIZE << (order))

int set_memory_decrypted(unsigned long address, int pages);
int set_memory_encrypted(unsigned long address, int pages);

enum cc_attr { CC_ATTR_GUEST_MEM_ENCRYPT };
bool cc_platform_has(enum cc_attr attr);

/* ---- the rest ---------------------------------------------------------- */

typedef struct { s64 counter; } atomic64_t;

static inline s64 atomic64_cmpxchg(atomic64_t *v, s64 old, s64 new)
{
    __atomic_compare_exchange_n(&v->counter, &old, new, false,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);

    return old;
}

static inline s64 atomic64_read(const atomic64_t *v)
{
    return v->counter;
}

#define xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)

/* What is to be done when interrupts are on again: guest_tick() does it. */
struct irq_work { void (*func)(struct irq_work *work); };
#define IRQ_WORK_INIT_LAZY(f) { f }
extern struct irq_work *guest_irq_work;
#define irq_work_queue(work) ((void)(guest_irq_work = (work)))
void guest_tick(void);
#define irq_work_sync(work)  ((void)(work), guest_tick())

int guest_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define pr_fmt_(fmt) fmt
#define pr_warn(fmt, ...) guest_log(pr_fmt_(fmt), ##__VA_ARGS__)

typedef struct { int unused; } spinlock_t;
typedef struct { int counter; } atomic_t;
typedef int xen_hypercall_func_t(void);
#define DECLARE_STATIC_CALL(name, func) struct guest_static_call
#define STATIC_CALL_KEY(name)           __SCK__##name
#define STATIC_CALL_TRAMP_STR(name)     "__SCT__" #name
#define ASM_CALL_CONSTRAINT             "+r" (guest_stack_pointer)
register unsigned long guest_stack_pointer asm("rsp");

/* asm/xen/cpuid.h */
static inline u32 xen_cpuid_base(void) { return 0; }
static inline u32 cpuid_eax(u32 leaf) { return leaf; }
#define __KERNEL__ 1
#define CONFIG_X86_64 1

#endif /* GUEST_KERNEL_H */
