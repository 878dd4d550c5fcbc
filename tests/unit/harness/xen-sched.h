/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypervisor's sources are compiled against in the unit tests, second
 * part: domains, vCPUs and guest memory, with just the fields that are used.
 */
#ifndef UNIT_XEN_SCHED_H
#define UNIT_XEN_SCHED_H

#include "xen-lib.h"

#include <xen/swtlb.h>

/* Guest memory. */

typedef struct { unsigned long gfn; } gfn_t;
typedef struct { unsigned long pfn; } pfn_t;

#define _gfn(n)                  ((gfn_t){ n })
#define gfn_x(g)                 ((g).gfn)
#define _pfn(n)                  ((pfn_t){ n })
#define gaddr_to_gfn(a)          _gfn((a) >> PAGE_SHIFT)
#define gfn_to_gaddr(g)          ((paddr_t)gfn_x(g) << PAGE_SHIFT)
#define gfn_add(g, n)            _gfn(gfn_x(g) + (n))

typedef enum {
    p2m_ram_rw,                  /* as in Xen, where it is 0, too */
    p2m_invalid,                 /* no page behind it */
    p2m_ram_logdirty,
    p2m_ram_ro,
    p2m_mmio_dm,
    p2m_mmio_direct,
    p2m_grant_map_rw,
    p2m_grant_map_ro,
    p2m_ram_paging_out,          /* nominated: the page is there still */
    p2m_ram_paged,               /* there is none, whatever page is given */
    p2m_ram_shared,
    p2m_map_foreign,
    p2m_ioreq_server,
} p2m_type_t;

static inline bool p2m_is_discard_write(p2m_type_t type)
{
    return type == p2m_ram_ro || type == p2m_grant_map_ro;
}

enum hvm_translation_result {
    HVMTRANS_okay,
    HVMTRANS_bad_linear_to_gfn,
    HVMTRANS_bad_gfn_to_mfn,
    HVMTRANS_unhandleable,
    HVMTRANS_gfn_paged_out,
    HVMTRANS_gfn_shared,
    HVMTRANS_need_retry,
};

#define PFEC_page_present        (1U << 0)
#define PFEC_write_access        (1U << 1)

struct npfec;                    /* only its constant is used */
#define npfec_kind_with_gla      2

typedef struct pagefault_info pagefault_info_t;

struct domain;

struct page_info {
    uint8_t *data;               /* where Xen always has it mapped */
    unsigned long idx;           /* in the file: see pages.c */
    bool allocated;
    unsigned int count;          /* references; one if allocated */
    unsigned int types;          /* of these, to use it as writable */
    unsigned int maps;
    bool forbidden;              /* no access is to be under way any more */
    bool untypable;              /* as something else is it in use already */
    struct domain *owner;
    struct page_info *next;      /* of all that there are */
};

#define PGT_writable_page        7

#define page_to_virt(p)          ((void *)(p)->data)

/* Entries of the P2M, of both kinds. */

typedef struct { uint64_t l1; } l1_pgentry_t;

#define _PAGE_PRESENT            0x001U
#define _PAGE_PSE                0x080U

/* Bits 11:0 of the entry, and above these bits 63:52. */
#define l1e_get_flags(e) \
    ((unsigned int)((e).l1 & 0xfff) | \
     ((unsigned int)((e).l1 >> 52) << 12))
#define l1e_get_intpte(e)  ((e).l1)
#define l1e_get_pfn(e) \
    (((e).l1 & 0x000ffffffffff000UL) >> PAGE_SHIFT)

static inline p2m_type_t p2m_flags_to_type(unsigned int flags)
{
    return flags ? (p2m_type_t)((flags >> 12) & 0x7f) : p2m_invalid;
}

typedef union {
    struct {
        uint64_t r:1, w:1, x:1, emt:3, ipat:1, sp:1, a:1, d:1, recalc:1,
                 snp:1, mfn:40, sa_p2mt:6, access:4, _rsvd:1, suppress_ve:1;
    };
    uint64_t epte;
} ept_entry_t;

struct p2m_domain {
    struct domain *domain;
    bool host;
};

#define p2m_is_hostp2m(p2m)      ((p2m)->host)

/* Domains and vCPUs. */

#define WORLD_VCPUS              4   /* at most, of a domain */
#define WORLD_GFNS               128
#define WORLD_EVENTS             64

struct arch_vm_event {
    bool send_event;
};

struct cpu_user_regs {
    uint64_t r10, r8;
    uint32_t esi, edi;
};

#define MCSF_in_multicall        (1 << 0)

struct mc_state {
    unsigned long flags;
    union {
        struct { unsigned long args[6]; } call;
        struct { uint32_t args[6]; } compat_call;
    };
};

#define __HYPERVISOR_vcpu_op     24

/*
 * Whether a hypercall is to be interrupted: if set, a test's answer.  And what
 * is then asked to continue, which vcpu_op() does.
 */
extern bool (*xen_preempt)(void);
bool hypercall_preempt_check(void);
unsigned long hypercall_create_continuation(unsigned int op,
                                            const char *format, ...);

/* A guest's page tables, flat. */
struct page_tables {
    unsigned int nr;
    struct {
        unsigned long page;      /* gva >> PAGE_SHIFT */
        unsigned long gfn;
        bool writable;
    } leaf[WORLD_GFNS];
};

#define X86_CR3_ADDR_MASK  0x000ffffffffff000UL
#define X86_CR0_PG         0x80000000UL
#define X86_CR4_PAE        0x00000020UL
#define EFER_LMA           0x00000400UL

#define hvm_pae_enabled(v) \
    (((v)->arch.hvm.guest_cr[0] & X86_CR0_PG) && \
     ((v)->arch.hvm.guest_cr[4] & X86_CR4_PAE))
#define hvm_long_mode_active(v)  (!!((v)->arch.hvm.guest_efer & EFER_LMA))

#define _VPF_down                1

/* CPUs: one for each vCPU that there is, on which this runs, or is paused. */
#define WORLD_CPUS               32

typedef struct {
    unsigned long bits;
} cpumask_t;

extern struct vcpu *xen_curr_vcpu[WORLD_CPUS];

#define per_cpu(name, cpu)       (xen_ ## name[cpu])

#define for_each_cpu(cpu, mask) \
    for ( (cpu) = 0; (cpu) < WORLD_CPUS; (cpu)++ ) \
        if ( (mask)->bits & (1UL << (cpu)) )

struct vcpu {
    unsigned int vcpu_id;
    unsigned long pause_flags;
    struct domain *domain;
    struct vcpu *next_in_list;
    bool hcall_compat;
    struct mc_state mc_state;
    struct {
        struct arch_vm_event *vm_event;
        struct {
            unsigned long guest_cr[5];
            unsigned long guest_efer;
        } hvm;
    } arch;

    struct swtlb_vcpu swtlb;

    /* The test's. */
    struct cpu_user_regs regs;
    struct arch_vm_event vm_event;
    struct page_tables *tables;
    unsigned int walks;          /* pages found by a walk, or not found */
    bool nested;
};

struct domain {
    unsigned int domain_id;
    unsigned int max_vcpus;
    struct vcpu **vcpu;
    struct domain *next_in_list;
    cpumask_t dirty_cpumask[1];

    struct swtlb_domain swtlb;

    /* The test's. */
    bool hvm;
    bool hardware;               /* as world_hwdom says */
    bool paging;
    bool log_dirty;              /* true, unless a test says otherwise */
    unsigned int maxphysaddr;
    struct vcpu *vcpus[WORLD_VCPUS];
    struct page_tables tables;   /* of all its vCPUs, unless set apart */

    unsigned int nr_gfns;
    struct {
        unsigned long gfn;
        p2m_type_t type;
        struct page_info *page;
    } p2m[WORLD_GFNS];
    pthread_mutex_t p2m_lock;
    unsigned int lookups;        /* of that, for copies */

    /* What happened to it, in order. */
    unsigned int nr_dirty, nr_monitored, nr_populated;
    unsigned long dirty[WORLD_EVENTS], populated[WORLD_EVENTS];
    struct {
        unsigned long gla, gfn;
        uint32_t pfec;
    } monitored[WORLD_EVENTS];
    bool monitor_objects;        /* what it answers */
};

extern _Thread_local struct vcpu *current;

#define for_each_vcpu(d, v) \
    for ( (v) = (d)->vcpu ? (d)->vcpu[0] : NULL; (v); (v) = (v)->next_in_list )

/*
 * Pause all other vCPUs of the current domain, and wait until these are out of
 * the hypervisor.  Sometimes it fails: if set, a test's answer.
 */
extern int (*xen_on_pause)(void);
int domain_pause_except_self(struct domain *d);
void domain_unpause_except_self(struct domain *d);

/*
 * Let v's CPU run v, as it does from its creation on, or another domain's
 * vCPU.  It stays in the mask of v's domain: Xen, too, clears that bit before
 * curr_vcpu.
 */
void vcpu_runs(struct vcpu *v, bool runs);

struct vcpu *domain_vcpu(const struct domain *d, unsigned int vcpu_id);

static inline bool is_hardware_domain(const struct domain *d)
{
    return d->hardware;
}

static inline bool is_hvm_domain(const struct domain *d)
{
    return d->hvm;
}

/* The domain list is to be walked between rcu_read_lock() and _unlock(). */
struct rcu_read_lock {
    unsigned int depth;
};

extern struct rcu_read_lock domlist_read_lock;
extern struct domain *xen_domains;

void rcu_read_lock(struct rcu_read_lock *lock);
void rcu_read_unlock(struct rcu_read_lock *lock);
struct domain *rcu_first_domain(void);

#define for_each_domain(d) \
    for ( (d) = rcu_first_domain(); (d); (d) = (d)->next_in_list )

static inline const struct cpu_user_regs *guest_cpu_user_regs(void)
{
    return &current->regs;
}

#define is_canonical_address(x)  (((long)(x) >> 47) == ((long)(x) >> 63))

static inline bool gfn_valid(const struct domain *d, gfn_t gfn)
{
    return !(gfn_x(gfn) >> (d->maxphysaddr - PAGE_SHIFT));
}

static inline bool nestedhvm_vcpu_in_guestmode(const struct vcpu *v)
{
    return v->nested;
}

struct nestedvcpu {
    bool nv_guestmode;
};

static inline struct nestedvcpu vcpu_nestedhvm(const struct vcpu *v)
{
    return (struct nestedvcpu){ v->nested };
}

static inline bool paging_mode_log_dirty(const struct domain *d)
{
    return d->log_dirty;
}

static inline bool mem_paging_enabled(const struct domain *d)
{
    return d->paging;
}

/* The rest of Xen's memory management (guest.c). */

enum hvm_translation_result hvm_translate_get_page(
    struct vcpu *v, unsigned long addr, bool linear, uint32_t pfec,
    pagefault_info_t *pfinfo, struct page_info **page, gfn_t *gfn,
    p2m_type_t *type);
enum hvm_translation_result hvm_copy_to_guest_linear(
    unsigned long addr, const void *buf, unsigned int size, uint32_t pfec,
    pagefault_info_t *pfinfo);
enum hvm_translation_result hvm_copy_from_guest_linear(
    void *buf, unsigned long addr, unsigned int size, uint32_t pfec,
    pagefault_info_t *pfinfo);
bool hvm_monitor_check_p2m(unsigned long gla, gfn_t gfn, uint32_t pfec,
                           uint16_t kind);
void p2m_mem_paging_populate(struct domain *d, gfn_t gfn);
void *__map_domain_page(struct page_info *page);
void unmap_domain_page(const void *p);
int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly,
                            p2m_type_t *type, struct page_info **page);
struct domain *page_get_owner(const struct page_info *page);
void put_page(struct page_info *page);
bool get_page_type(struct page_info *page, unsigned long type);
void put_page_and_type(struct page_info *page);
void paging_mark_pfn_dirty(struct domain *d, pfn_t pfn);

/* copy_{to,from}_user_hvm() and clear_user_hvm(), with the hooks in them. */
unsigned int raw_copy_to_guest(void *to, const void *from, unsigned int len);
unsigned int raw_clear_guest(void *to, unsigned int len);
unsigned int raw_copy_from_guest(void *to, const void *from,
                                 unsigned int len);

#endif /* UNIT_XEN_SCHED_H */
