/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world in which a test takes place: three domains, made anew for each
 * test.  All calls act as current, the vCPU that as() has set.
 */
#ifndef UNIT_GUEST_H
#define UNIT_GUEST_H

#include "xen-sched.h"

#include <xen/swtlb-map.h>

extern struct domain *dom;       /* HVM, with WORLD_VCPUS vCPUs */
extern struct domain *dom_other; /* HVM, with 2 vCPUs */
extern struct domain *dom_pv;    /* PV, with 1 vCPU */

/* Which domain's id is the hardware domain's, in the next world; usually 0. */
extern unsigned int world_hwdom;

void world_init(void);
/* The domains die.  Aborts if that leaves anything behind. */
void world_fini(void);

static inline void as(struct vcpu *v)
{
    current = v;
}

/* vCPU n of dom. */
static inline struct vcpu *cpu(unsigned int n)
{
    return dom->vcpus[n];
}

/* Memory. */

/* Give d a page at gfn, filled with what guest_pattern() says. */
struct page_info *guest_add_page(struct domain *d, unsigned long gfn,
                                 p2m_type_t type);
void guest_set_type(struct domain *d, unsigned long gfn, p2m_type_t type);
/* Let gfn be page, and d know that its P2M changed. */
void guest_set_entry(struct domain *d, unsigned long gfn, p2m_type_t type,
                     struct page_info *page);
/* Map gva's page by the page tables. */
void guest_map(struct page_tables *t, unsigned long gva, unsigned long gfn,
               bool writable);
/* What memory at gpa initially holds. */
uint8_t guest_pattern(const struct domain *d, paddr_t gpa);
/* The memory at gpa; valid up to the end of the page. */
uint8_t *guest_mem(struct domain *d, paddr_t gpa);
struct page_info *guest_page(struct domain *d, unsigned long gfn);
struct page_info *guest_page_of(const void *p);
/* Forget what dirty, monitored and populated lists hold. */
void guest_clear_events(struct domain *d);

/* Called, if set: before the P2M is looked up for a hit, and after that. */
extern void (*guest_on_page)(void), (*guest_on_got)(void);
/* While Xen sleeps for the current vCPU, to wait for a toolstack. */
extern void (*guest_on_sleep)(void);

/* Pages as such (pages.c). */

/* One more, which belongs to d and is not yet in its P2M. */
struct page_info *page_new(struct domain *d);
/* The guest's own reference goes. */
void page_free(struct page_info *page);
/* It is free, and given to d. */
void page_reuse(struct page_info *page, struct domain *d);
/* References apart from the guest's own. */
unsigned int page_refs(const struct page_info *page);
/* Whether to fault when it is accessed at page_to_virt(). */
void page_protect(struct page_info *page, bool accessible);
void pages_fini(void);

/* Copies. */

enum way { FROM, TO, CLEAR };
#define WAYS                     3

/*
 * A copy of the current vCPU's, in the way that the hypervisor's callers do
 * it.  Aborts if it ends in a lookup, if it takes a lock, or if it tells that
 * anything but all or nothing was left.
 */
unsigned int vcpu_copy(enum way way, void *buf, unsigned long gva,
                       unsigned int len);

/* Operations. */

/* How operations are called: the guest's word size, in a multicall or not. */
enum caller { CALLER_64, CALLER_64_MULTI, CALLER_32, CALLER_32_MULTI };
#define CALLERS                  4

extern enum caller world_caller;
/* How often operations were interrupted and continued. */
extern unsigned int world_continued;
/* Called, if set, when one is interrupted: the vCPU does not go on at once. */
extern void (*world_on_continue)(void);

/*
 * HYPERVISOR_vcpu_op by the current vCPU, as world_caller.  Aborts if it ends
 * in a lookup or with a lock held.
 */
long vcpu_op(int cmd, unsigned int vcpuid, uint64_t gva, uint64_t gpa,
             uint64_t size);

/* Those by name.  The first argument is the vcpuid. */
long op_insert(unsigned int vcpuid, uint64_t gva, uint64_t gpa,
               uint64_t size);
long op_pin(unsigned int vcpuid, uint64_t gva, uint64_t gpa, uint64_t size);
long op_purge(unsigned int vcpuid, uint64_t gva, uint64_t size);
long op_purge_all(unsigned int vcpuid);
long op_share(unsigned int vcpuid, unsigned int with);

/* The buffer of queries: mapped for all vCPUs of dom, and by no entry. */
#define QUERY_GVA                0x7e000UL
#define QUERY_GFN                0x7eUL

/*
 * What queries answer about a vCPU of dom.  Aborts if one fails.  They are
 * made without a trace in anybody's statistics.
 */
struct xen_swtlb_state get_state(unsigned int vcpuid);
struct xen_swtlb_stats get_stats(unsigned int vcpuid);
struct xen_swtlb_limits get_limits(void);
/* Returns what the operation does. */
long get_entry(unsigned int vcpuid, unsigned int idx,
                 struct xen_swtlb_entry *entry);

/*
 * The tables of dom as text, to compare: for each vCPU, separated by blanks,
 * its entries "gva+size>gpa", those that are pinned with a "!" behind, or "-".
 * A vCPU which shares the table of one before it has "=n" instead.  Valid
 * until the call after the next one.
 */
const char *world_tables(void);

/* All that a refused call must leave alone. */
struct snapshot {
    struct {
        const void *table;
        unsigned int nr;
        struct swtlb_entry entry[64];
        struct xen_swtlb_stats stats;
        struct vcpu *subject;
    } vcpu[WORLD_VCPUS];
    unsigned int allocated, nr_pinned;
    unsigned int held;           /* references, types and mappings */
    uint64_t memory;             /* a hash */
    char tables[4096];
};

void snapshot_take(struct snapshot *s);
/* What differs, or NULL. */
const char *snapshot_differs(const struct snapshot *old);

#endif /* UNIT_GUEST_H */
