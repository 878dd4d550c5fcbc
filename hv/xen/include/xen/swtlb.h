/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: registered hypercall buffers, per vCPU.
 *
 * The interface towards guests is described in public/swtlb.h, locking and
 * the protocol between lookups and updates at the top of common/swtlb.c.
 */
#ifndef XEN_SWTLB_H
#define XEN_SWTLB_H

#include <xen/spinlock.h>
#include <xen/types.h>

#include <public/swtlb.h>

struct domain;
struct vcpu;
struct swtlb_map;
struct swtlb_table;

#ifdef CONFIG_SWTLB

/*
 * A vCPU's part.  Who writes a field says which other vCPUs may do what with
 * it: [self] the vCPU itself, without a lock; [lock] holders of the domain's
 * lock.
 */
struct swtlb_vcpu {
    /*
     * [lock] What lookups search: the live map of table, or NULL while that
     * has no entries.  Read without a lock, between busy going up and down.
     */
    const struct swtlb_map *map;
    /*
     * [self] The vCPU that the next copy is made for, or NULL for this one
     * (swtlb_copy_for()).
     */
    struct vcpu *subject;
    /* [self] A lookup, or a copy through what it found, is under way. */
    bool busy;
    /* [lock] What the vCPU's operations work on; NULL: none so far. */
    struct swtlb_table *table;
    /* [self] Read by anybody, hence without a consistent view. */
    struct xen_swtlb_stats stats;
};

struct swtlb_domain {
    spinlock_t lock;
};

/* The limit of a table's entries; 0 if turned off.  Fixed at boot. */
extern unsigned int swtlb_max_entries;

static inline bool swtlb_is_op(int cmd)
{
    return (cmd & XEN_SWTLB_OP_MASK) >= VCPUOP_SWTLB_FIRST &&
           (cmd & XEN_SWTLB_OP_MASK) <= VCPUOP_SWTLB_LAST;
}

/*
 * Whether a copy of len bytes to or from a hypercall buffer, made by the
 * current vCPU (whose part sv is), has to be made by swtlb_copy_*().  If not,
 * the caller is going to walk.  This is all that a domain without entries
 * ever executes.
 */
static always_inline bool swtlb_engaged(struct swtlb_vcpu *sv,
                                        unsigned int len)
{
    if ( unlikely((unsigned long)sv->map | (unsigned long)sv->subject) )
        return true;

    sv->stats.misses++;
    sv->stats.miss_bytes += len;

    return false;
}

/* Hypercall, by the current vCPU; gva is the hypercall's third argument. */
long do_swtlb_op(int cmd, unsigned int vcpuid, unsigned long gva);

/*
 * Until the next call, the current vCPU's copies to hypercall buffers are
 * made for v, and hence v's entries apply instead of the current vCPU's.
 * Where v has none the copy is walked, with the current vCPU's page tables.
 * Always to be followed by a call for current.
 */
void swtlb_copy_for(struct vcpu *v);

/* Lifecycle.  All may be called for any kind of domain. */
void swtlb_domain_init(struct domain *d);
/* Remove all that vCPUs of d have.  d may, but need not be paused. */
void swtlb_domain_reset(struct domain *d);
/* v goes down or is reset.  v may be running. */
void swtlb_vcpu_reset(struct vcpu *v);

/*
 * Replacements for copy_to_user_hvm(), clear_user_hvm() (buf is NULL) and
 * copy_from_user_hvm(), to be called if swtlb_engaged().  These return 0, or
 * if any part of the copy failed len; the parts before that one are copied.
 */
unsigned int swtlb_copy_to_guest(unsigned long gva, const void *buf,
                                 unsigned int len);
unsigned int swtlb_copy_from_guest(void *buf, unsigned long gva,
                                   unsigned int len);

/*
 * For swtlb_copy_*(): bracket lookup and use.  Returns the map to search, or
 * NULL.  Neither may sleep between the two, nor take domain_lock or wait for
 * another vCPU of the domain, because updates wait for the end.
 */
const struct swtlb_map *swtlb_enter(const struct vcpu *v);
void swtlb_leave(void);

/* Provided by the architecture. */

/* Whether vCPUs of d may have entries at all. */
bool arch_swtlb_supported(const struct domain *d);
/* Fetch the arguments behind gva of the hypercall that is executing. */
void arch_swtlb_args(unsigned long *gpa, unsigned long *size);
/* Whether the caller's registers are 32 bits wide. */
bool arch_swtlb_caller_is_32bit(void);
/* Whether [first, last], first <= last, can all be addressed by the caller. */
bool arch_swtlb_gva_valid(unsigned long first, unsigned long last);
/* Whether d can address all up to and including gpa. */
bool arch_swtlb_gpa_valid(const struct domain *d, paddr_t gpa);

#else /* !CONFIG_SWTLB */

struct swtlb_vcpu {};
struct swtlb_domain {};

#define swtlb_max_entries 0U

static inline bool swtlb_is_op(int cmd)
{
    return false;
}

static inline bool swtlb_engaged(struct swtlb_vcpu *sv, unsigned int len)
{
    return false;
}

static inline void swtlb_copy_for(struct vcpu *v) {}
static inline void swtlb_domain_init(struct domain *d) {}
static inline void swtlb_domain_reset(struct domain *d) {}
static inline void swtlb_vcpu_reset(struct vcpu *v) {}

/* Never called, since guarded by the predicates above. */
long do_swtlb_op(int cmd, unsigned int vcpuid, unsigned long gva);
unsigned int swtlb_copy_to_guest(unsigned long gva, const void *buf,
                                 unsigned int len);
unsigned int swtlb_copy_from_guest(void *buf, unsigned long gva,
                                   unsigned int len);

#endif /* CONFIG_SWTLB */

#endif /* XEN_SWTLB_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
