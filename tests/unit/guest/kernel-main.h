/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more of Linux main.c needs: whom it asks to be told of CPUs, memory,
 * sleep and the end.  The test is who tells.  Comes after kernel.h.
 */
#ifndef GUEST_KERNEL_MAIN_H
#define GUEST_KERNEL_MAIN_H

#include "kernel.h"

#define pr_info(fmt, ...)      guest_log(fmt, ##__VA_ARGS__)
#define pr_info_once(fmt, ...) ((void)0)

/* ---- the module -------------------------------------------------------- */

#define module_param(name, type, mode) \
    type *guest_param_##name(void); \
    type *guest_param_##name(void) { return &name; } \
    struct guest_unused
#define MODULE_PARM_DESC(name, text)   struct guest_unused
#define MODULE_SOFTDEP(text)           struct guest_unused
#define MODULE_LICENSE(text)           struct guest_unused
#define MODULE_VERSION(text)           struct guest_unused
#define MODULE_DESCRIPTION(text)       struct guest_unused
#define module_init(f) \
    int guest_module_init(void); \
    int guest_module_init(void) { return f(); } \
    struct guest_unused
#define module_exit(f) \
    void guest_module_exit(void); \
    void guest_module_exit(void) { f(); } \
    struct guest_unused
#define __exit
#define THIS_MODULE NULL
void guest_module_get(void);
#define __module_get(m) guest_module_get()

bool *guest_param_directmap(void);
bool *guest_param_marshal(void);
bool *guest_param_image(void);
bool *guest_param_strict(void);
int guest_module_init(void);
void guest_module_exit(void);

/* ---- locks and work ---------------------------------------------------- */

struct mutex { int unused; };

#define DEFINE_MUTEX(name) struct mutex name
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

struct work_struct { void (*func)(struct work_struct *work); };

#define DECLARE_WORK(name, f) struct work_struct name = { f }
extern struct work_struct *guest_work;
#define schedule_work(work)    ((void)(guest_work = (work)))
#define cancel_work_sync(work) ((void)(work), (void)(guest_work = NULL))

#define preempt_disable() (guest_preempt_count++)
#define preempt_enable()  (guest_preempt_count--)
#define raw_smp_processor_id() guest_cpu

/* ---- memory ------------------------------------------------------------ */

#define __va(pa) ((void *)(unsigned long)(pa))

static inline void *guest_zalloc(size_t size)
{
    void *p = guest_alloc(size);

    return p ? memset(p, 0, size) : NULL;
}
#define kzalloc(size, gfp) guest_zalloc(size)

/* ---- Xen --------------------------------------------------------------- */

extern bool guest_on_xen, guest_pv, guest_offers;
#define xen_domain()     guest_on_xen
#define xen_pv_domain()  guest_pv
#define xen_vcpu_nr(cpu) (cpu)
#define xen_cpuid_base() 0x40000000u
#define cpuid_eax(leaf) \
    ((leaf) == 0x40000000u ? 0x40000004u : guest_offers ? 1u << 24 : 0)

/* ---- notifiers --------------------------------------------------------- */

struct notifier_block
{
    int (*notifier_call)(struct notifier_block *nb, unsigned long action,
                         void *data);
};

#define NOTIFY_DONE 0
#define NOTIFY_OK   1
#define NOTIFY_BAD  0x8002
#define notifier_from_errno(err) ((err) ? 0x8000 | (1 - (err)) : NOTIFY_OK)

struct memory_notify { unsigned long start_pfn, nr_pages; };

enum { MEM_GOING_ONLINE = 1, MEM_CANCEL_ONLINE, MEM_OFFLINE, MEM_ONLINE };
#define PM_RESTORE_PREPARE  5
#define PM_SUSPEND_PREPARE  3

int register_memory_notifier(struct notifier_block *nb);
int register_reboot_notifier(struct notifier_block *nb);
int register_pm_notifier(struct notifier_block *nb);
void unregister_memory_notifier(struct notifier_block *nb);
void unregister_reboot_notifier(struct notifier_block *nb);
void unregister_pm_notifier(struct notifier_block *nb);

struct syscore_ops { int (*suspend)(void); void (*resume)(void); };

void register_syscore_ops(struct syscore_ops *ops);
void unregister_syscore_ops(struct syscore_ops *ops);

enum { CPUHP_BP_PREPARE_DYN = 1, CPUHP_AP_ONLINE_DYN };
int cpuhp_setup_state(int state, const char *name,
                      int (*up)(unsigned int cpu),
                      int (*down)(unsigned int cpu));
void cpuhp_remove_state(int state);

#endif /* GUEST_KERNEL_MAIN_H */
