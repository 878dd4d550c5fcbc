/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more of Linux device.c needs: lists, mappings, pages, a misc device.
 * Comes after kernel.h.
 */
#ifndef GUEST_KERNEL_DEVICE_H
#define GUEST_KERNEL_DEVICE_H

#include "kernel.h"

typedef unsigned int uint;
typedef unsigned int gfp_t;
typedef unsigned int vm_fault_t;
typedef u16 umode_t;

#define module_param(name, type, mode) struct guest_unused
#define MODULE_PARM_DESC(name, text)   struct guest_unused
#define THIS_MODULE                    NULL
#define PAGE_SHIFT                     12
#define struct_size(p, member, n) \
    (sizeof(*(p)) + (n) * sizeof((p)->member[0]))
#define container_of(p, type, member) \
    ((type *)((char *)(p) - offsetof(type, member)))
#define WARN_ONCE(cond, ...) \
    ({ bool cond_ = (cond); if ( cond_ ) guest_log(__VA_ARGS__); cond_; })
#define pr_info_ratelimited(fmt, ...)  guest_log(fmt, ##__VA_ARGS__)

/* ---- lists; a loop that does not end is found out by its steps --------- */

struct list_head { struct list_head *next, *prev; };

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }

extern unsigned long guest_steps;       /* that are left */
struct list_head *guest_step(struct list_head *next);

#define list_entry_of(p, pos, member) \
    container_of(p, __typeof__(*(pos)), member)
#define list_for_each_entry(pos, head, member) \
    for ( (pos) = list_entry_of((head)->next, pos, member); \
          guest_step(&(pos)->member) != (head); \
          (pos) = list_entry_of((pos)->member.next, pos, member) )
#define list_for_each_entry_safe(pos, n, head, member) \
    for ( (pos) = list_entry_of((head)->next, pos, member), \
          (n) = list_entry_of((pos)->member.next, pos, member); \
          &(pos)->member != (head); \
          (pos) = (n), (n) = list_entry_of((n)->member.next, n, member) )

static inline void INIT_LIST_HEAD(struct list_head *l)
{
    l->next = l->prev = l;
}

static inline bool list_empty(const struct list_head *l)
{
    return l->next == l;
}

static inline void list_add_tail(struct list_head *new, struct list_head *head)
{
    new->prev = head->prev;
    new->next = head;
    head->prev->next = new;
    head->prev = new;
}

static inline void list_del_init(struct list_head *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    INIT_LIST_HEAD(l);
}

/* ---- tasks ------------------------------------------------------------- */

struct file;

struct mm_struct
{
    unsigned int users;
    unsigned long (*get_unmapped_area)(struct file *file, unsigned long addr,
                                       unsigned long len, unsigned long pgoff,
                                       unsigned long flags);
};

/* The process that runs. */
struct guest_task
{
    struct mm_struct *mm;
    const char *comm;
};

extern struct guest_task guest_current;
#undef current
#define current (&guest_current)
#define task_tgid_nr(task)    1

static inline bool mmget_not_zero(struct mm_struct *mm)
{
    return mm->users ? ++mm->users : false;
}

static inline void mmput(struct mm_struct *mm)
{
    mm->users--;
}

#define kthread_use_mm(m)   (guest_current.mm = (m))
#define kthread_unuse_mm(m) (guest_current.mm = NULL)

/* ---- locks and work ---------------------------------------------------- */

struct mutex { bool locked; };

#define DEFINE_MUTEX(name) struct mutex name
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

struct work_struct { void (*func)(struct work_struct *work); };

#define DECLARE_WORK(name, f) struct work_struct name = { f }
extern struct work_struct *guest_work;  /* is to be run */
#define schedule_work(work)     (guest_work = (work))
#define cancel_work_sync(work)  (guest_work = NULL)

/* ---- memory ------------------------------------------------------------ */

#define __GFP_NORETRY 0
#undef __GFP_ACCOUNT
#define GUEST_ACCOUNT 1u
/* linux/ioctl.h */
#define _IO(type, nr) ((unsigned int)((type) << 8 | (nr)))
#define __GFP_ACCOUNT GUEST_ACCOUNT
#undef GFP_KERNEL
#define GFP_KERNEL 0u
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)

/* Their addresses are never used. */
struct page { char byte[PAGE_SIZE]; };

#define virt_to_page(p)   ((struct page *)(p))
#define page_to_pfn(page) ((unsigned long)(page) / PAGE_SIZE)
#define __free_page(page) guest_free_page(page)
#define get_page(page)    ((void)(page))

void *guest_pages(size_t size, gfp_t gfp);
void guest_free_page(struct page *page);
#define alloc_pages_exact(size, gfp) guest_pages(size, gfp)

void *guest_zalloc(size_t size, gfp_t gfp);
#define kvzalloc(size, gfp)        guest_zalloc(size, gfp)
#define kvcalloc(n, size, gfp)     guest_zalloc((n) * (size), gfp)
#define kzalloc(size, gfp)         guest_zalloc(size, gfp)
#define kvfree(p)                  guest_free(p, 0)

/* ---- mappings ---------------------------------------------------------- */

#define VM_READ       0x1ul
#define VM_WRITE      0x2ul
#define VM_SHARED     0x8ul
#define VM_IO         0x10ul
#define VM_DONTEXPAND 0x20ul
#define VM_DONTCOPY   0x40ul
#define VM_DONTDUMP   0x80ul
#define MAP_FIXED     0x10ul
#define VM_FAULT_SIGBUS 2

struct vm_operations_struct;

struct vm_area_struct
{
    unsigned long vm_start, vm_end, vm_pgoff, vm_flags;
    struct mm_struct *vm_mm;
    const struct vm_operations_struct *vm_ops;
    void *vm_private_data;
};

struct vm_fault
{
    struct vm_area_struct *vma;
    unsigned long pgoff;
    struct page *page;
};

struct vm_operations_struct
{
    void (*open)(struct vm_area_struct *vma);
    void (*close)(struct vm_area_struct *vma);
    int (*may_split)(struct vm_area_struct *vma, unsigned long addr);
    int (*mprotect)(struct vm_area_struct *vma, unsigned long start,
                    unsigned long end, unsigned long newflags);
    int (*mremap)(struct vm_area_struct *vma);
    vm_fault_t (*fault)(struct vm_fault *vmf);
};

#define vma_pages(vma) (((vma)->vm_end - (vma)->vm_start) / PAGE_SIZE)
#define vm_map_pages_zero(vma, pages, nr) 0

/* ---- the device -------------------------------------------------------- */

struct file_operations
{
    void *owner;
    int (*mmap)(struct file *file, struct vm_area_struct *vma);
    unsigned long (*get_unmapped_area)(struct file *file, unsigned long addr,
                                       unsigned long len, unsigned long pgoff,
                                       unsigned long flags);
    long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
                           unsigned long arg);
    long (*compat_ioctl)(struct file *file, unsigned int cmd,
                         unsigned long arg);
};

struct miscdevice
{
    int minor;
    const char *name;
    umode_t mode;
    const struct file_operations *fops;
};

#define MISC_DYNAMIC_MINOR 255
int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);

struct seq_file { char text[512]; };
void seq_printf(struct seq_file *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define get_random_u32() 0u
#define xen_domain()     true
#undef CC_ATTR_GUEST_STATE_ENCRYPT
#define CC_ATTR_GUEST_STATE_ENCRYPT CC_ATTR_GUEST_MEM_ENCRYPT

/* compat.h wants this much. */
struct syscore_ops { int (*suspend)(void); void (*resume)(void); };

#endif /* GUEST_KERNEL_DEVICE_H */
