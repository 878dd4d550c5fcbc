/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: registered hypercall buffers, per vCPU.
 *
 * The interface towards guests is described in public/swtlb.h, locking and
 * the protocol between lookups and updates at the top of common/swtlb.c.
 */
#ifndef XEN_SWTLB_H
#define XEN_SWTLB_H

#include <xen/cache.h>
#include <xen/lib.h>
#include <xen/page-size.h>
#include <xen/spinlock.h>
#include <xen/types.h>

#include <public/swtlb.h>

struct domain;
struct vcpu;
struct swtlb_map;
struct swtlb_pin;
struct swtlb_table;

#ifdef CONFIG_SWTLB

#include <asm/swtlb.h>

/*
 * What a vCPU's copies found, by page of gvas.  A slot says that size bytes at
 * gva, all in one page, can be accessed at va, on the page tables of space.
 *
 * It does so as of map_seq and p2m_seq.  Where one of these is no longer the
 * current one the slot means nothing.
 */
struct swtlb_slot {
    unsigned long gva;
    unsigned long size;
    void *va;
    unsigned long map_seq;
    unsigned long p2m_seq;
    unsigned long space;          /* as in struct swtlb_entry */
} __aligned(64);

/* A vCPU's slots, less one: as for all entries, and at least a page. */
extern unsigned int swtlb_slot_mask;

/* No entry has a part in the page of gvas, as of map_seq. */
struct swtlb_gap {
    unsigned long page;
    unsigned long map_seq;
};

/* A power of two. */
#define SWTLB_NR_GAPS 8

/*
 * A vCPU's part.  Who writes a field says which other vCPUs may do what with
 * it: [self] the vCPU itself, without a lock; [lock] holders of the domain's
 * lock.
 */
struct swtlb_vcpu {
    /* Zero means that copies are walked.  Written by atomic bit operations. */
    unsigned long flags;
#define _SWTLB_entries 0          /* [lock] map is not NULL */
#define SWTLB_entries  (1UL << _SWTLB_entries)
#define _SWTLB_copy_for 1          /* [self] copy_for was set */
#define SWTLB_copy_for  (1UL << _SWTLB_copy_for)
#define _SWTLB_strict  2          /* [lock] the domain is strict */
#define SWTLB_strict   (1UL << _SWTLB_strict)
    /*
     * [lock] What lookups search: the live map of table, or NULL while that
     * has no entries.  Read without a lock, between busy going up and down.
     */
    const struct swtlb_map *map;
    /*
     * [self] The vCPU that the next copy is made for, or NULL for this one
     * (swtlb_copy_for()).
     */
    struct vcpu *copy_for;
    /* [lock] Identifies what map points to; read like map. */
    unsigned long map_seq;
    /*
     * What copies found, for the next ones; swtlb_slot_mask + 1 of them, or
     * NULL where table is.  [lock] the pointer; read like map.  [self] what it
     * points to.
     */
    struct swtlb_slot *slots;
    /* [lock] What slots was, until nobody can be using it any more. */
    struct swtlb_slot *old_slots;
    /*
     * [self] Where not to search, by page.  Not allocated on first use, for it
     * is read outside of swtlb_enter() and _leave(), where nobody could know
     * when to free it; Xen gives struct vcpu a page anyway.
     */
    struct swtlb_gap gap[SWTLB_NR_GAPS];
    /*
     * [self] What is under way, and who has to wait for its end; above that, a
     * count of what was.  So who waits needs to see no moment at which nothing
     * is under way, of which there may be none that lasts.
     */
    unsigned int busy;
#define SWTLB_IDLE    0U
/* A lookup, or a copy through what it found: updates of tables. */
#define SWTLB_LOOKUP  1U
/* A copy to a page without a reference: besides, changes of the P2M. */
#define SWTLB_ACCESS  2U
#define SWTLB_BUSY    3U          /* which of these */
#define SWTLB_ONCE    4U          /* the count */
    /* [lock] What the vCPU's operations work on; NULL: none so far. */
    struct swtlb_table *table;
    /* [self] Read by anybody, hence without a consistent view. */
    struct xen_swtlb_stats stats;
};

/* The domain's part; first what only operations look at. */
struct swtlb_domain {
    spinlock_t lock;
    /* [lock] The last map_seq given out. */
    unsigned long map_seq;
    /* [lock] All tables that vCPUs use. */
    struct swtlb_table *tables;
    /* [lock] Pages pinned, or about to be, or not yet released. */
    unsigned int nr_pinned;
    /* [lock] Xen's memory for tables, slots and pins, in bytes. */
    unsigned int bytes;
    /* [lock] Changes when Xen takes entries away; see public/swtlb.h. */
    uint64_t generation;

    /*
     * What copies read, in a cache line of its own.
     *
     * Changes with each write to the domain's host P2M that makes slots void.
     * Written under the P2M's lock (swtlb_p2m_changed()), read without.
     */
    unsigned long p2m_seq __aligned(SMP_CACHE_BYTES);
    /* [lock] Copies are never walked: SWTLB_strict of all vCPUs is set. */
    bool strict;
    /* [lock] A vCPU has slots, or had some a moment ago. */
    bool cached;
};

/* The limit of a table's entries; 0 if turned off.  Fixed at boot. */
extern unsigned int swtlb_max_entries;

/* Whether d may use it: its kind of domain can, and the administrator lets. */
bool swtlb_enabled(const struct domain *d);

static inline bool swtlb_is_op(int cmd)
{
    BUILD_BUG_ON(VCPUOP_SWTLB_FIRST != (XEN_SWTLB_OP_MASK + 1) / 2);

    /* A single bit tells almost all of the others apart. */
    return unlikely(cmd & VCPUOP_SWTLB_FIRST) &&
           (cmd & XEN_SWTLB_OP_MASK) <= VCPUOP_SWTLB_LAST;
}

static always_inline unsigned int swtlb_slot_index(unsigned long gva)
{
    return (gva >> PAGE_SHIFT) & swtlb_slot_mask;
}

/* Where a vCPU's copies at gva leave what they found; NULL: nowhere. */
static always_inline struct swtlb_slot *swtlb_slot_of(
    const struct swtlb_vcpu *sv, unsigned long gva)
{
    struct swtlb_slot *slots = ACCESS_ONCE(sv->slots);

    if ( unlikely(!slots) )
        return NULL;

    return slots + swtlb_slot_index(gva);
}

static always_inline struct swtlb_gap *swtlb_gap_of(struct swtlb_vcpu *sv,
                                                    unsigned long gva)
{
    return &sv->gap[(gva >> PAGE_SHIFT) % SWTLB_NR_GAPS];
}

/*
 * Whether a copy of len bytes to or from the hypercall buffer at gva, made by
 * the current vCPU (whose part sv is), has to be made by swtlb_copy_*().  If
 * not, the caller is going to walk, and then to call swtlb_walked().
 *
 * The first test is all that a domain without entries ever executes.  The
 * second one needs no swtlb_enter(): if an update is under way then the copy
 * happens to be made just before it.
 */
static always_inline bool swtlb_applies(struct swtlb_vcpu *sv,
                                        unsigned long gva, unsigned int len)
{
    /* Not ACCESS_ONCE(), for which it takes an instruction more. */
    if ( unlikely(sv->flags) )
    {
        const struct swtlb_gap *gap = swtlb_gap_of(sv, gva);

        if ( gap->page != gva >> PAGE_SHIFT ||
             gap->map_seq != ACCESS_ONCE(sv->map_seq) ||
             PAGE_OFFSET(gva) + len > PAGE_SIZE ||
             (ACCESS_ONCE(sv->flags) & (SWTLB_copy_for | SWTLB_strict)) )
            return true;

        sv->stats.miss_bytes += len;
    }

    sv->stats.misses++;

    return false;
}

/* The copy was walked, and whether it failed. */
static always_inline void swtlb_walked(struct swtlb_vcpu *sv, bool failed)
{
    if ( unlikely(failed) )
        sv->stats.faults++;
}

/* What slots points to, all void.  NULL: out of memory. */
struct swtlb_slot *swtlb_slots_alloc(void);

/* Wait until no copy is under way that began before, and has no reference. */
void swtlb_wait_for_accesses(struct swtlb_domain *sd);

/*
 * Whether a change of the domain's P2M matters.  While no vCPU has slots none
 * has been filled from the P2M as it was: that takes the P2M's lock, which the
 * caller holds, after this has become true.
 */
static always_inline bool swtlb_p2m_matters(const struct swtlb_domain *sd)
{
    return ACCESS_ONCE(sd->cached);
}

/*
 * To be called, if it matters, after a write of a P2M entry which makes void
 * what was found by way of it, with the P2M's lock held, and before anything
 * that the old entry led to is released.  When it returns no copy relies any
 * longer on what was looked up before.
 */
static always_inline void swtlb_p2m_changed(struct swtlb_domain *sd)
{
    /* The entry before the number: pairs with copy_covered_part(). */
    smp_wmb();
    write_atomic(&sd->p2m_seq, sd->p2m_seq + 1);

    swtlb_wait_for_accesses(sd);
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
/*
 * Remove all that vCPUs of d have, and end its being strict unless it was so
 * from the start.  d may, but need not be paused.
 */
void swtlb_domain_reset(struct domain *d);
/* v is new. */
void swtlb_vcpu_init(struct vcpu *v);
/* v goes down or is reset.  v may be running. */
void swtlb_vcpu_reset(struct vcpu *v);

/*
 * Replacements for copy_to_user_hvm(), clear_user_hvm() (buf is NULL) and
 * copy_from_user_hvm(), or what the architecture has instead, to be called if
 * swtlb_applies().  These return 0, or if any part of the copy failed what
 * arch_swtlb_result() says; the parts before that one are copied.
 */
unsigned int swtlb_copy_to_guest(unsigned long gva, const void *buf,
                                 unsigned int len);
unsigned int swtlb_copy_from_guest(void *buf, unsigned long gva,
                                   unsigned int len);

/*
 * For swtlb_copy_*(), with the current vCPU's part: bracket lookup and use.
 * Between the two neither sleep, nor take domain_lock, nor wait for another
 * vCPU of the domain to leave the hypervisor; nor, in an access, take any lock
 * at all.
 */
static always_inline void swtlb_enter(struct swtlb_vcpu *sv,
                                      unsigned int what)
{
    add_sized(&sv->busy, what);
    smp_mb(); /* (A), pairs with the first one in wait_for_*(). */
}

/*
 * What to search, or NULL.  *seq is never newer than it, so that what was
 * found can be remembered under that number.
 */
static always_inline const struct swtlb_map *swtlb_lookup_map(
    const struct swtlb_vcpu *sv, unsigned long *seq)
{
    *seq = ACCESS_ONCE(sv->map_seq);
    smp_rmb(); /* Pairs with publish_to(). */

    return ACCESS_ONCE(sv->map);
}

static always_inline void swtlb_leave(struct swtlb_vcpu *sv,
                                      unsigned int what)
{
    arch_swtlb_mb_leave(); /* (B), pairs with the second one there. */
    add_sized(&sv->busy, SWTLB_ONCE - what);
}

/* Whether the current vCPU is between the two. */
static always_inline bool swtlb_inside(const struct swtlb_vcpu *sv)
{
    return sv->busy & SWTLB_BUSY;
}

/*
 * The current vCPU is going to sleep inside Xen, until a toolstack has done
 * something.  If a lookup is under way then nobody is to wait for it any more,
 * and it may rely on nothing that it saw of tables.
 */
static inline void swtlb_sleep(struct swtlb_vcpu *sv)
{
    if ( unlikely(swtlb_inside(sv)) )
        swtlb_leave(sv, sv->busy & SWTLB_BUSY);
}

/* Provided by the architecture. */

/* Whether vCPUs of d may have entries at all. */
bool arch_swtlb_supported(const struct domain *d);
/* Identifies the page tables that v runs on, or if it does not, did; not 0. */
unsigned long arch_swtlb_space(const struct vcpu *v);
/*
 * Fetch the arguments behind gva of the hypercall that is executing.
 *
 *   -EINVAL  one does not fit into the caller's registers
 */
int arch_swtlb_args(unsigned long *gpa, unsigned long *size);
/* Whether the caller's registers are 32 bits wide. */
bool arch_swtlb_caller_is_32bit(void);
/*
 * Whether [first, last], first <= last, can all be addressed; narrow: by a
 * caller whose registers are 32 bits wide.
 */
bool arch_swtlb_gva_valid(unsigned long first, unsigned long last,
                          bool narrow);
/* Whether d can address all up to and including gpa. */
bool arch_swtlb_gpa_valid(const struct domain *d, paddr_t gpa);

#else /* !CONFIG_SWTLB */

struct swtlb_vcpu {};
struct swtlb_domain {};

static inline bool swtlb_enabled(const struct domain *d)
{
    return false;
}

static inline bool swtlb_is_op(int cmd)
{
    return false;
}

static inline bool swtlb_applies(struct swtlb_vcpu *sv, unsigned long gva,
                                 unsigned int len)
{
    return false;
}

static inline void swtlb_walked(struct swtlb_vcpu *sv, bool failed) {}

static inline void swtlb_sleep(struct swtlb_vcpu *sv) {}
static inline void swtlb_copy_for(struct vcpu *v) {}
static inline void swtlb_domain_init(struct domain *d) {}
static inline void swtlb_domain_reset(struct domain *d) {}
static inline void swtlb_vcpu_init(struct vcpu *v) {}
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
