/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: registered hypercall buffers, per vCPU.
 *
 * Objects
 * -------
 * A table (swtlb-table.h) is what operations work on.  It is used by one vCPU,
 * or shared by several of a domain.  It owns two maps of equal capacity
 * (swtlb-map.h): the live one, which lookups search, and a spare one.
 *
 * Locking
 * -------
 * The domain's swtlb.lock serialises everything but lookups.  It nests inside
 * domain_lock (a vCPU is reset with that held).  With it held, memory is
 * allocated and freed; no lock is taken but those that this takes.  Pages are
 * pinned and released without it.  Each vCPU's swtlb.table and swtlb.map are
 * written with it held.  Interrupts are enabled.
 *
 * Lookups against updates
 * -----------------------
 * Lookups take no lock.  An update builds the new map in the spare one, makes
 * it the live one, publishes that in swtlb.map of each vCPU which uses the
 * table, and then waits until no vCPU of the domain is inside a lookup:
 *
 *     lookup (swtlb_enter/leave)        update (publish, finish)
 *     --------------------------        ----------------------
 *     busy = LOOKUP or ACCESS           map = new
 *     smp_mb()                     (A)  smp_mb()
 *     read map                          read busy until it changes
 *     use it, access the page           smp_mb()
 *     smp_mb()                     (B)  reuse or free the old map
 *     busy = IDLE
 *
 * (A): either the update sees busy, and waits, or the lookup sees the new map.
 * (B): whatever was done through the old map is complete when the wait is
 * over.  So an operation which returns to the guest leaves no copy under way
 * through an entry that it removed.
 *
 * The wait is for any vCPU of the domain, as a vCPU may be making a copy for
 * another one (swtlb_copy_for()).  Those that do not run need not be looked at
 * (wait_for_copies()).  It ends: between busy going up and down Xen makes a
 * single copy, and neither takes domain_lock or swtlb.lock, nor waits for
 * another vCPU to leave the hypervisor.  Before it sleeps it leaves
 * (swtlb_sleep()).  What a vCPU begins anew is not waited for: busy counts.
 *
 * Remembered pages against the P2M
 * --------------------------------
 * A copy to a page that the vCPU remembers (swtlb-copy.c) takes no
 * reference to it.  Instead, whoever changes the P2M waits in the same way,
 * for each vCPU that is inside such an ACCESS (swtlb_p2m_changed()), with
 * p2m_seq in the place of map.  This is with the P2M's lock held.  It ends:
 * an ACCESS takes no lock at all.  A LOOKUP, which does take the P2M's lock,
 * is not waited for there: it holds a reference to the page it copies to.
 */

#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/guest_access.h>
#include <xen/init.h>
#include <xen/keyhandler.h>
#include <xen/lib.h>
#include <xen/nospec.h>
#include <xen/param.h>
#include <xen/random.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <xen/swtlb.h>
#include <xen/swtlb-pin.h>
#include <xen/swtlb-restore.h>
#include <xen/swtlb-table.h>

/* What swtlb_max_entries may be set to, and is by default. */
#define SWTLB_ENTRIES_LIMIT    1024U
#define SWTLB_ENTRIES_DEFAULT  64U

/* At least a page of them. */
#define SWTLB_SLOTS_MIN        64U

unsigned int __ro_after_init swtlb_max_entries = SWTLB_ENTRIES_DEFAULT;
unsigned int __ro_after_init swtlb_slot_mask = SWTLB_SLOTS_MIN - 1;
static bool __ro_after_init opt_strict_dom0;
static bool __ro_after_init opt_hwdom_only;

/* What insert takes. */
#define INSERT_FLAGS  (XEN_SWTLB_FLAG_pinned | XEN_SWTLB_FLAG_space)

/* An operation's arguments, decoded. */
struct swtlb_args {
    struct domain *d;
    struct vcpu *v;               /* NULL: all of d's */
    unsigned long gva;
    unsigned long last;           /* of the range of gvas, inclusive */
    unsigned long size;
    paddr_t gpa;
    unsigned int flags;           /* XEN_SWTLB_FLAG_* */
};

static int __init cf_check parse_swtlb(const char *s)
{
    bool on = true;
    unsigned int entries = SWTLB_ENTRIES_DEFAULT;
    const char *ss;
    int val, rc = 0;

    do {
        ss = strchr(s, ',');
        if ( !ss )
            ss = strchr(s, '\0');

        if ( (val = parse_bool(s, ss)) >= 0 )
            on = val;
        else if ( (val = parse_boolean("strict-dom0", s, ss)) >= 0 )
            opt_strict_dom0 = val;
        else if ( (val = parse_boolean("hwdom-only", s, ss)) >= 0 )
            opt_hwdom_only = val;
        else if ( !strncmp(s, "max-entries=", 12) )
        {
            const char *end;
            unsigned long nr = simple_strtoul(s + 12, &end, 0);

            if ( end == ss && nr >= 1 && nr <= SWTLB_ENTRIES_LIMIT )
                entries = nr;
            else
                rc = -EINVAL;
        }
        else
            rc = -EINVAL;

        s = ss + 1;
    } while ( *ss );

    swtlb_max_entries = on ? entries : 0;
    swtlb_slot_mask = max(SWTLB_SLOTS_MIN, 1U << fls(entries - 1)) - 1;

    return rc;
}
custom_param("swtlb", parse_swtlb);

bool swtlb_enabled(const struct domain *d)
{
    return swtlb_max_entries && arch_swtlb_supported(d) &&
           (!opt_hwdom_only || is_hardware_domain(d));
}

/*
 * Take the lock, for an operation that has changed nothing yet; or return
 * -ERESTART, for the operation to begin anew.  As all vCPUs of a guest can ask
 * for it at once, none waits for it longer than Xen has nothing else to do.
 * d is the caller's, or one that is being restored, of which nobody runs.
 */
static int lock_for_op(struct domain *d)
{
    while ( !spin_trylock(&d->swtlb.lock) )
    {
        if ( d == current->domain && hypercall_preempt_check() )
            return -ERESTART;
        cpu_relax();
    }

    return 0;
}

/*
 * Let go of the lock, and release what nobody uses any more: pages that the
 * caller's change unpinned, and thus no more than swtlb_pin_limit().
 */
static void unlock_and_release(struct domain *d, struct swtlb_gone *gone)
{
    struct swtlb_pin *pin;

    spin_unlock(&d->swtlb.lock);

    while ( (pin = gone->pins) != NULL )
    {
        gone->pins = pin->next;
        swtlb_unpin(d, pin);
    }
}

/*
 * Take the table of v away, or if that is NULL those of all vCPUs of d.
 * asked: the guest wants that, and so need not be told.
 * The caller holds the lock, which is let go of.
 */
static void remove_all(struct domain *d, struct vcpu *v, bool asked)
{
    struct swtlb_gone gone = {};
    struct vcpu *w;

    for_each_vcpu ( d, w )
        if ( !v || v == w )
        {
            if ( w->swtlb.table && !asked )
                d->swtlb.generation++;
            swtlb_table_detach(w, &gone);
        }

    swtlb_table_finish(d, &gone);

    unlock_and_release(d, &gone);
}

/*
 * Whether the current vCPU was taken down by another one, and v is it.  What
 * it does for itself from now on it does when it is up again: a vCPU that goes
 * down loses its table (swtlb_vcpu_reset()), after this has become true, and
 * is not to have another one by the time that it is down.
 */
static bool going_down(const struct vcpu *v)
{
    ASSERT(spin_is_locked(&v->domain->swtlb.lock));

    return v == current && test_bit(_VPF_down, &v->pause_flags);
}

/* Insert entry into v's table, or change nothing. */
static int insert_entry(struct vcpu *v, const struct swtlb_entry *entry)
{
    struct domain *d = v->domain;
    struct swtlb_gone none = {};
    struct swtlb_table *t;
    int rc;

    if ( going_down(v) )
        return -ERESTART;

    t = swtlb_table_get(v);
    if ( !t )
        return -ENOMEM;

    if ( swtlb_map_overlaps(t->live, entry->gva, entry->last) )
        return -EEXIST;

    rc = swtlb_table_grow(d, t);
    if ( rc )
        return rc;

    if ( entry->pin )
    {
        entry->pin->next = t->pins;
        t->pins = entry->pin;
    }

    swtlb_map_insert(t->spare, t->live, entry);
    t->changed = true;
    swtlb_table_publish(d);
    swtlb_table_finish(d, &none);
    ASSERT(!none.pins);

    return 0;
}

static int insert_plain(struct vcpu *v, const struct swtlb_entry *entry)
{
    int rc = lock_for_op(v->domain);

    if ( !rc )
    {
        rc = insert_entry(v, entry);
        spin_unlock(&v->domain->swtlb.lock);
    }

    return rc;
}

/* The same, of an entry that has no pin yet, but is to have one. */
static int insert_pinned(struct vcpu *v, struct swtlb_entry *entry)
{
    struct domain *d = v->domain;
    int rc = swtlb_pin(d, entry->gpa, entry->last - entry->gva + 1,
                       &entry->pin);

    if ( rc )
        return rc;

    rc = insert_plain(v, entry);
    if ( rc )
        swtlb_unpin(d, entry->pin);

    return rc;
}

/* Whether size bytes at gva can be backed by as many at gpa. */
static int check_gpa(const struct domain *d, unsigned long gva, paddr_t gpa,
                     unsigned long size)
{
    if ( (gva ^ gpa) & ~PAGE_MASK )
        return -EINVAL;

    if ( gpa + (size - 1) < gpa || !arch_swtlb_gpa_valid(d, gpa + (size - 1)) )
        return -ENXIO;

    return 0;
}

static int swtlb_insert(const struct swtlb_args *args)
{
    struct swtlb_entry entry = {
        .gva = args->gva,
        .last = args->last,
        .gpa = args->gpa,
    };
    int rc = check_gpa(args->d, args->gva, args->gpa, args->size);

    if ( rc )
        return rc;

    if ( args->flags & XEN_SWTLB_FLAG_space )
        entry.space = arch_swtlb_space(current);

    if ( args->flags & XEN_SWTLB_FLAG_pinned )
        return insert_pinned(args->v, &entry);

    return insert_plain(args->v, &entry);
}

/* Whether an operation on args->v changes t. */
static bool op_concerns(const struct swtlb_args *args,
                        const struct swtlb_table *t)
{
    return (!args->v || args->v->swtlb.table == t) &&
           swtlb_map_overlaps(t->live, args->gva, args->last);
}

static int swtlb_purge(const struct swtlb_args *args)
{
    struct domain *d = args->d;
    struct swtlb_gone gone = {};
    struct swtlb_table *t;
    int rc = lock_for_op(d);

    if ( rc )
        return rc;

    /* All that can fail, for all tables, before the first one changes. */
    for ( t = d->swtlb.tables; t; t = t->next )
        if ( op_concerns(args, t) &&
             swtlb_map_splits(t->live, args->gva, args->last) &&
             (rc = swtlb_table_grow(d, t)) != 0 )
            goto out;

    for ( t = d->swtlb.tables; t; t = t->next )
        if ( op_concerns(args, t) )
        {
            swtlb_map_purge(t->spare, t->live, args->gva, args->last);
            t->changed = true;
        }

    /*
     * Also a table without entries stays: who registers and purges one buffer
     * for each use of it would have memory allocated and freed each time.
     */
    swtlb_table_publish(d);
    swtlb_table_finish(d, &gone);

 out:
    unlock_and_release(d, &gone);

    return rc;
}

static int swtlb_purge_all(const struct swtlb_args *args)
{
    int rc = lock_for_op(args->d);

    if ( !rc )
        remove_all(args->d, args->v, true);

    return rc;
}

/* Make v use the table of with, or change nothing. */
static int share_table(struct vcpu *v, struct vcpu *with)
{
    struct swtlb_table *t = v->swtlb.table;
    struct swtlb_gone gone = {};
    bool fresh = !with->swtlb.table;
    int rc;

    if ( going_down(v) || going_down(with) )
        return -ERESTART;

    if ( t && (t->live->nr || t->refs > 1) )
        return -EEXIST;

    t = swtlb_table_get(with);
    if ( !t )
        return -ENOMEM;

    swtlb_table_detach(v, &gone);
    rc = swtlb_table_attach(v, t);
    if ( rc && fresh )
        swtlb_table_detach(with, &gone);

    /* Without entries there are no pins either. */
    swtlb_table_finish(v->domain, &gone);
    ASSERT(!gone.pins);

    return rc;
}

static int swtlb_share(const struct swtlb_args *args)
{
    struct domain *d = args->d;
    struct vcpu *with;
    int rc;

    if ( args->gva != (unsigned int)args->gva ||
         (with = domain_vcpu(d, args->gva)) == NULL )
        return -ENOENT;

    if ( args->v == with )
        return -EINVAL;

    rc = lock_for_op(d);
    if ( !rc )
    {
        rc = share_table(args->v, with);
        spin_unlock(&d->swtlb.lock);
    }

    return rc;
}

static int query_entry(const struct swtlb_args *args,
                       struct xen_swtlb_entry *out)
{
    const struct swtlb_table *t;
    int rc = -ENODATA;

    spin_lock(&args->d->swtlb.lock);

    t = args->v->swtlb.table;
    if ( t && args->size < t->live->nr )
    {
        unsigned int i = array_index_nospec(args->size, t->live->nr);

        swtlb_entry_to_public(&t->live->entry[i], out);
        rc = 0;
    }

    spin_unlock(&args->d->swtlb.lock);

    return rc;
}

static void query_state(const struct swtlb_args *args,
                        struct xen_swtlb_state *out)
{
    const struct swtlb_table *t;

    spin_lock(&args->d->swtlb.lock);

    t = args->v->swtlb.table;
    /* That Xen keeps memory for a table of one vCPU is nobody's concern. */
    if ( t && (t->live->nr || t->refs > 1) )
    {
        out->nr_entries = t->live->nr;
        out->nr_sharers = t->refs;
    }
    out->nr_pinned = args->d->swtlb.nr_pinned;
    out->flags = args->d->swtlb.strict ? XEN_SWTLB_STATE_strict : 0;

    spin_unlock(&args->d->swtlb.lock);
}

static int swtlb_query(const struct swtlb_args *args)
{
    /* Zeroed, because all of it may be copied to the guest. */
    union {
        struct xen_swtlb_limits limits;
        struct xen_swtlb_state state;
        struct xen_swtlb_stats stats;
        struct xen_swtlb_entry entry;
        struct xen_swtlb_generation generation;
    } out = {};
    unsigned int len;
    int rc = 0;

    if ( args->size && args->gpa != XEN_SWTLB_QUERY_entry )
        return -EINVAL;

    switch ( args->gpa )
    {
    case XEN_SWTLB_QUERY_limits:
        out.limits.abi = XEN_SWTLB_ABI;
        out.limits.flags = INSERT_FLAGS;
        out.limits.max_entries = swtlb_max_entries;
        out.limits.max_pinned = swtlb_pin_limit(args->d);
        len = sizeof(out.limits);
        break;

    case XEN_SWTLB_QUERY_state:
        query_state(args, &out.state);
        len = sizeof(out.state);
        break;

    case XEN_SWTLB_QUERY_stats:
        out.stats = args->v->swtlb.stats;
        len = sizeof(out.stats);
        break;

    case XEN_SWTLB_QUERY_entry:
        rc = query_entry(args, &out.entry);
        len = sizeof(out.entry);
        break;

    case XEN_SWTLB_QUERY_generation:
        spin_lock(&args->d->swtlb.lock);
        out.generation.generation = args->d->swtlb.generation;
        spin_unlock(&args->d->swtlb.lock);
        len = sizeof(out.generation);
        break;

    default:
        return -EINVAL;
    }

    if ( !rc && raw_copy_to_guest((void *)args->gva, &out, len) )
        rc = -EFAULT;

    return rc;
}

static void set_strict(struct domain *d, bool strict)
{
    struct vcpu *v;

    spin_lock(&d->swtlb.lock);

    write_atomic(&d->swtlb.strict, strict);

    for_each_vcpu ( d, v )
        if ( strict )
            set_bit(_SWTLB_strict, &v->swtlb.flags);
        else
            clear_bit(_SWTLB_strict, &v->swtlb.flags);

    spin_unlock(&d->swtlb.lock);
}

static int swtlb_strict(const struct swtlb_args *args)
{
    int rc;

    if ( args->v )
        return -EINVAL;

    set_strict(args->d, true);

    /*
     * Another vCPU may be in the middle of a walk that it began before.  This
     * happens too rarely for walks to tell when they are under way: wait until
     * all others have been out of Xen.  (-ERESTART: one of them is doing the
     * same.)
     */
    rc = domain_pause_except_self(args->d);
    if ( !rc )
        domain_unpause_except_self(args->d);

    return rc;
}

/* Sets *last to the last of size bytes at gva, if there are such. */
static int check_range(unsigned long gva, unsigned long size, bool narrow,
                       unsigned long *last)
{
    if ( !size )
        return -EINVAL;

    *last = gva + (size - 1);
    if ( *last < gva || !arch_swtlb_gva_valid(gva, *last, narrow) )
        return -ERANGE;

    return 0;
}

/* Each operation: what it takes, and whether it can be for all vCPUs. */
static const struct {
    unsigned int flags;
    bool gva, gpa, size, range, all_vcpus;
} op_rules[] = {
#define OP(name) [VCPUOP_swtlb_ ## name - VCPUOP_SWTLB_FIRST]
    OP(insert)    = { .flags = INSERT_FLAGS,
                      .gva = true, .gpa = true, .size = true, .range = true },
    OP(purge)     = { .gva = true, .size = true, .range = true,
                      .all_vcpus = true },
    OP(purge_all) = { .all_vcpus = true },
    OP(share)     = { .gva = true },
    OP(strict)    = { .all_vcpus = true },
    OP(query)     = { .gva = true, .gpa = true, .size = true },
#undef OP
};

/*
 * Not by pointers in op_rules[]: a guest chooses which one is called, and what
 * it names so may not be the target of an indirect call unless it is cf_check.
 */
static int call_op(unsigned int op, const struct swtlb_args *args)
{
    switch ( op + VCPUOP_SWTLB_FIRST )
    {
    case VCPUOP_swtlb_insert:
        return swtlb_insert(args);

    case VCPUOP_swtlb_purge:
        return swtlb_purge(args);

    case VCPUOP_swtlb_purge_all:
        return swtlb_purge_all(args);

    case VCPUOP_swtlb_share:
        return swtlb_share(args);

    case VCPUOP_swtlb_strict:
        return swtlb_strict(args);

    case VCPUOP_swtlb_query:
        return swtlb_query(args);
    }

    return -ENOSYS;
}

long do_swtlb_op(int cmd, unsigned int vcpuid, unsigned long gva)
{
    unsigned int op = (cmd & XEN_SWTLB_OP_MASK) - VCPUOP_SWTLB_FIRST;
    unsigned int gpa_hi = cmd & XEN_SWTLB_GPA_HI_MASK;
    unsigned int flags = cmd & XEN_SWTLB_FLAGS_MASK;
    struct swtlb_args args = { .d = current->domain, .gva = gva };
    unsigned long gpa;
    int rc;

    if ( op >= ARRAY_SIZE(op_rules) )
        return -ENOSYS;

    op = array_index_nospec(op, ARRAY_SIZE(op_rules));

    if ( !swtlb_enabled(args.d) )
        return -EOPNOTSUPP;

    if ( vcpuid != XEN_SWTLB_ALL_VCPUS || !op_rules[op].all_vcpus )
    {
        args.v = domain_vcpu(args.d, vcpuid);
        if ( !args.v )
            return -ENOENT;
    }

    rc = arch_swtlb_args(&gpa, &args.size);
    if ( rc )
        return rc;

    if ( cmd < 0 || (flags & ~op_rules[op].flags) ||
         (gpa_hi && !(op == VCPUOP_swtlb_insert - VCPUOP_SWTLB_FIRST &&
                      arch_swtlb_caller_is_32bit())) ||
         (args.gva && !op_rules[op].gva) ||
         (gpa && !op_rules[op].gpa) ||
         (args.size && !op_rules[op].size) )
        return -EINVAL;

    args.flags = flags;
    args.gpa = gpa | ((paddr_t)(gpa_hi >> XEN_SWTLB_GPA_HI_SHIFT) << 32);

    if ( op_rules[op].range )
    {
        rc = check_range(args.gva, args.size, arch_swtlb_caller_is_32bit(),
                         &args.last);
        if ( rc )
            return rc;
    }

    rc = call_op(op, &args);

    /* All five: one in a multicall of 32 bits has them translated. */
    if ( rc == -ERESTART )
        return hypercall_create_continuation(__HYPERVISOR_vcpu_op, "iilll",
                                             cmd, vcpuid, gva, gpa,
                                             args.size);

    return rc;
}

void swtlb_copy_for(struct vcpu *v)
{
    struct vcpu *curr = current;

    if ( v == curr )
    {
        curr->swtlb.copy_for = NULL;
        clear_bit(_SWTLB_copy_for, &curr->swtlb.flags);
    }
    else
    {
        curr->swtlb.copy_for = v;
        set_bit(_SWTLB_copy_for, &curr->swtlb.flags);
    }
}

/* A domain whose memory Xen cannot read would be another one. */
static bool always_strict(const struct domain *d)
{
    return opt_strict_dom0 && is_hardware_domain(d) && swtlb_enabled(d);
}

void swtlb_domain_init(struct domain *d)
{
    spin_lock_init(&d->swtlb.lock);
    d->swtlb.strict = always_strict(d);
    /* Not that of the domain that this one may be restored from. */
    d->swtlb.generation = (uint64_t)get_random() << 32;
}

void swtlb_domain_reset(struct domain *d)
{
    spin_lock(&d->swtlb.lock);
    remove_all(d, NULL, false);
    set_strict(d, always_strict(d));
}

void swtlb_vcpu_init(struct vcpu *v)
{
    spin_lock(&v->domain->swtlb.lock);

    if ( v->domain->swtlb.strict )
        set_bit(_SWTLB_strict, &v->swtlb.flags);

    spin_unlock(&v->domain->swtlb.lock);
}

void swtlb_vcpu_reset(struct vcpu *v)
{
    spin_lock(&v->domain->swtlb.lock);
    remove_all(v->domain, v, false);
}

int swtlb_check_entry(const struct domain *d, const struct xen_swtlb_entry *e)
{
    unsigned long last;
    int rc;

    if ( (e->flags & ~INSERT_FLAGS) || e->reserved )
        return -EINVAL;

    rc = check_range(e->gva, e->size, false, &last);

    return rc ?: check_gpa(d, e->gva, e->gpa, e->size);
}

void swtlb_restore_none(struct vcpu *v)
{
    spin_lock(&v->domain->swtlb.lock);
    remove_all(v->domain, v, false);
}

int swtlb_restore_table(struct vcpu *v)
{
    bool ok;

    spin_lock(&v->domain->swtlb.lock);
    ok = swtlb_table_get(v);
    spin_unlock(&v->domain->swtlb.lock);

    return ok ? 0 : -ENOMEM;
}

int swtlb_restore_entry(struct vcpu *v, const struct xen_swtlb_entry *e,
                        unsigned long space)
{
    struct swtlb_entry entry = {
        .gva = e->gva,
        .last = e->gva + (e->size - 1),
        .gpa = e->gpa,
        .space = space,
    };
    int rc;

    if ( e->flags & XEN_SWTLB_FLAG_pinned )
    {
        rc = insert_pinned(v, &entry);
        if ( rc != -EACCES && rc != -ENOBUFS )
            return rc;
    }

    return insert_plain(v, &entry);
}

int swtlb_restore_share(struct vcpu *v, struct vcpu *with)
{
    struct domain *d = v->domain;
    int rc = -ENOENT;

    spin_lock(&d->swtlb.lock);
    if ( with->swtlb.table )
        rc = share_table(v, with);
    spin_unlock(&d->swtlb.lock);

    return rc;
}

void swtlb_restore_strict(struct domain *d, uint64_t generation)
{
    spin_lock(&d->swtlb.lock);
    d->swtlb.generation = generation;
    spin_unlock(&d->swtlb.lock);

    set_strict(d, true);
}

static void dump_entry(const struct xen_swtlb_entry *e)
{
    printk("  gva %#"PRIx64"-%#"PRIx64" gpa %#"PRIpaddr"%s%s\n",
           e->gva, e->gva + e->size - 1, (paddr_t)e->gpa,
           e->flags & XEN_SWTLB_FLAG_pinned ? " pinned" : "",
           e->flags & XEN_SWTLB_FLAG_space ? " space" : "");
}

/*
 * The lock is taken for one entry at a time: a console may be slow, and so a
 * table can change between its lines.
 */
static void dump_vcpu(struct vcpu *v)
{
    struct swtlb_args args = { .d = v->domain, .v = v };
    const struct xen_swtlb_stats *s = &v->swtlb.stats;
    struct xen_swtlb_state state = {};
    struct xen_swtlb_entry entry;
    bool first;

    query_state(&args, &state);

    printk("%pv: entries %u of %u, sharers %u%s\n", v, state.nr_entries,
           swtlb_max_entries, state.nr_sharers,
           state.flags & XEN_SWTLB_STATE_strict ? ", strict" : "");
    printk("  hits %"PRIu64" misses %"PRIu64" faults %"PRIu64
           " hit-bytes %"PRIu64" miss-bytes %"PRIu64" refused %"PRIu64"\n",
           s->hits, s->misses, s->faults, s->hit_bytes, s->miss_bytes,
           s->refused);

    /* Once for all who share it. */
    spin_lock(&v->domain->swtlb.lock);
    first = swtlb_table_first_user(v) == v;
    spin_unlock(&v->domain->swtlb.lock);

    for ( ; first && !query_entry(&args, &entry); args.size++ )
    {
        dump_entry(&entry);
        process_pending_softirqs();
    }
}

static void cf_check dump_swtlb(unsigned char key)
{
    struct domain *d;

    printk("'%c' pressed -> dumping software TLBs\n", key);

    rcu_read_lock(&domlist_read_lock);

    for_each_domain ( d )
    {
        struct vcpu *v;

        if ( !arch_swtlb_supported(d) )
            continue;

        printk("%pd: %u bytes, %u pages pinned\n", d,
               ACCESS_ONCE(d->swtlb.bytes), ACCESS_ONCE(d->swtlb.nr_pinned));

        for_each_vcpu ( d, v )
        {
            process_pending_softirqs();
            dump_vcpu(v);
        }
    }

    rcu_read_unlock(&domlist_read_lock);
}

static int __init cf_check swtlb_init(void)
{
    if ( !swtlb_max_entries )
    {
        printk(XENLOG_INFO "Software TLB for hypercall buffers: off\n");
        return 0;
    }

    printk(XENLOG_INFO
           "Software TLB for hypercall buffers: %s, %u entries a vCPU%s\n",
           opt_hwdom_only ? "hardware domain only" : "all HVM domains",
           swtlb_max_entries,
           opt_strict_dom0 ? ", hardware domain strict" : "");

    register_keyhandler('B', dump_swtlb,
                        "dump software TLBs (hypercall buffers)", true);

    return 0;
}
__initcall(swtlb_init);

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
