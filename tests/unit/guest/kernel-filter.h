/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more of Linux takeover.c needs: the static call, and what waits.  Comes
 * after kernel.h.
 */
#ifndef GUEST_KERNEL_FILTER_H
#define GUEST_KERNEL_FILTER_H

#include "kernel.h"

#define static_assert(cond) _Static_assert(cond, #cond)
#define per_cpu(var, cpu)   (*((void)(cpu), &(var)))
#define cpu_possible_mask   NULL

/* As a kernel that it is built into has it. */
#define CONFIG_PREEMPTION 1
#define CONFIG_TASKS_RCU  1

struct static_call_key { void *func; };

#define DEFINE_STATIC_CALL(name, f) \
    struct static_call_key guest_key_##name = { f }
#undef STATIC_CALL_KEY
#define STATIC_CALL_KEY(name)   guest_key_##name
#define STATIC_CALL_TRAMP(name) guest_tramp_##name
#define static_call_update(name, f) \
    ((void)(guest_key_##name.func = (void *)(f)))
#define static_call_query(name) (guest_key_##name.func)
#define __static_call_update(key, tramp, f) \
    ((void)((key)->func = (void *)(f)))
extern struct static_call_key guest_key_xen_hypercall;
void guest_tramp_xen_hypercall(void);

extern bool rcu_scheduler_active;
void synchronize_rcu_tasks(void);
void synchronize_rcu(void);
int guest_stop_machine(int (*func)(void *unused));
#define stop_machine(func, data, mask) guest_stop_machine(func)

#define struct_size(p, member, n) \
    (sizeof(*(p)) + (n) * sizeof((p)->member[0]))
void *kmemdup(const void *p, size_t size, unsigned int gfp);
#define sort(base, nr, size, cmp, swap) qsort(base, nr, size, cmp)

#endif /* GUEST_KERNEL_FILTER_H */
