/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more of Linux table.c needs: sets of CPUs, and a lock.  Comes after
 * kernel.h.
 */
#ifndef GUEST_KERNEL_TABLE_H
#define GUEST_KERNEL_TABLE_H

#include "kernel.h"

#define CONFIG_SMP 1
#define __read_mostly

/* ---- sets of CPUs ------------------------------------------------------ */

struct cpumask { unsigned long bits; };

#define nr_cpu_ids GUEST_CPUS
#define cpumask_first(m) \
    ((m)->bits ? (unsigned int)__builtin_ctzl((m)->bits) : nr_cpu_ids)
#define cpumask_empty(m)            (!(m)->bits)
#define cpumask_equal(a, b)         ((a)->bits == (b)->bits)
#define cpumask_clear(m)            ((void)((m)->bits = 0))
#define cpumask_test_cpu(cpu, m)    (((m)->bits >> (cpu)) & 1)
#define cpumask_set_cpu(cpu, m)     ((void)((m)->bits |= 1ul << (cpu)))
#define cpumask_clear_cpu(cpu, m)   ((void)((m)->bits &= ~(1ul << (cpu))))

static inline bool cpumask_test_and_set_cpu(unsigned int cpu,
                                            struct cpumask *m)
{
    bool was = cpumask_test_cpu(cpu, m);

    cpumask_set_cpu(cpu, m);

    return was;
}

static inline bool cpumask_test_and_clear_cpu(unsigned int cpu,
                                              struct cpumask *m)
{
    bool was = cpumask_test_cpu(cpu, m);

    cpumask_clear_cpu(cpu, m);

    return was;
}

#define for_each_cpu(cpu, m) \
    for ( (cpu) = 0; (cpu) < GUEST_CPUS; (cpu)++ ) \
        if ( cpumask_test_cpu(cpu, m) )
#define for_each_online_cpu(cpu) for_each_possible_cpu(cpu)
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))

/* ---- the lock ---------------------------------------------------------- */

/* Who tries to get it without waiting does after so many times. */
extern unsigned long guest_busy;
extern bool guest_locked;
void guest_take_lock(void);
void guest_drop_lock(void);

typedef struct { int raw_lock; } raw_spinlock_t;
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name

static inline bool guest_trylock(void)
{
    if ( guest_busy )
    {
        guest_busy--;
        return false;
    }

    /* Whoever has it himself would wait for it in vain. */
    guest_take_lock();

    return true;
}

#define guest_lock(lock, flags) \
    do { (void)(lock); (flags) = 0; guest_take_lock(); } while ( 0 )
#define raw_spin_lock_irqsave(lock, flags)      guest_lock(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) \
    do { (void)(lock); (void)(flags); guest_drop_lock(); } while ( 0 )
#define arch_spin_trylock(raw)    ((void)(raw), guest_trylock())
#define arch_spin_unlock(raw)     ((void)(raw), guest_drop_lock())
#define raw_local_irq_save(flags)    ((void)((flags) = 0))
#define raw_local_irq_restore(flags) ((void)(flags))
#define cpu_relax()                  barrier()

/* ---- the rest ---------------------------------------------------------- */

struct mm_struct { void *pgd; };

#define read_cr3_pa() guest_cr3
extern u64 guest_cr3;
#define WARN_ON_ONCE(cond) (cond)
#define pr_info(fmt, ...)  guest_log(fmt, ##__VA_ARGS__)
/* A console may make a hypercall, and that need the lock. */
#undef pr_warn
#define pr_warn(fmt, ...) \
    ((void)(guest_locked ? abort() : (void)0), guest_log(fmt, ##__VA_ARGS__))
#define __acquires(lock)
#define __releases(lock)

#endif /* GUEST_KERNEL_TABLE_H */
