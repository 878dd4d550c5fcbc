/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: registered hypercall buffers, per vCPU.
 *
 * Objects
 * -------
 * A table is what operations work on.  It is used by one vCPU, or shared by
 * several of a domain.  It owns two maps of equal capacity (swtlb-map.h): the
 * live one, which lookups search, and a spare one.
 *
 * Locking
 * -------
 * The domain's swtlb.lock serialises everything but lookups.  It nests inside
 * domain_lock (a vCPU is reset with that held), and no other lock is taken
 * with it held.  Each vCPU's swtlb.table and swtlb.map are written with it
 * held.  Memory is allocated and freed with it held; interrupts are enabled.
 *
 * Lookups against updates
 * -----------------------
 * Lookups take no lock.  An update builds the new map in the spare one, makes
 * it the live one, publishes that in swtlb.map of each vCPU which uses the
 * table, and then waits until no vCPU of the domain is inside a lookup:
 *
 *     lookup (swtlb_enter/leave)        update (publish, wait)
 *     --------------------------        ----------------------
 *     busy = true                       map = new
 *     smp_mb()                     (A)  smp_mb()
 *     read map                          read busy until false
 *     use it, access the page           smp_mb()
 *     smp_mb()                     (B)  reuse or free the old map
 *     busy = false
 *
 * (A): either the update sees busy, and waits, or the lookup sees the new map.
 * (B): whatever was done through the old map is complete when the wait is
 * over.  So an operation which returns to the guest leaves no copy under way
 * through an entry that it removed.
 *
 * The wait is for any vCPU of the domain, as a vCPU may be making a copy for
 * another one (swtlb_copy_for()).  It ends: between busy going up and down Xen
 * accesses a single page, and neither sleeps, nor takes domain_lock or
 * swtlb.lock, nor waits for another vCPU to leave the hypervisor.
 */

#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/guest_access.h>
#include <xen/init.h>
#include <xen/keyhandler.h>
#include <xen/lib.h>
#include <xen/nospec.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <xen/swtlb.h>
#include <xen/swtlb-map.h>
#include <xen/xvmalloc.h>

/* What swtlb_max_entries may be set to, and is by default. */
#define SWTLB_ENTRIES_LIMIT    1024U
#define SWTLB_ENTRIES_DEFAULT  64U

/* The capacity that a table starts with, unless the limit is lower. */
#define SWTLB_ENTRIES_INITIAL  8U

unsigned int __ro_after_init swtlb_max_entries = SWTLB_ENTRIES_DEFAULT;

/* [lock] all fields. */
struct swtlb_table {
    unsigned int refs;            /* vCPUs whose swtlb.table this is */
    unsigned int capacity;        /* of each of the maps */
    struct swtlb_map *live;
    struct swtlb_map *spare;
    struct swtlb_table *next;     /* while on a list to be freed */
};

/* An operation's arguments, decoded. */
struct swtlb_args {
    struct domain *d;
    struct vcpu *v;               /* NULL: all of d's */
    unsigned long gva;
    unsigned long last;           /* of the range of gvas, inclusive */
    unsigned long size;
    paddr_t gpa;
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

    return rc;
}
custom_param("swtlb", parse_swtlb);

const struct swtlb_map *swtlb_enter(const struct vcpu *v)
{
    ACCESS_ONCE(current->swtlb.busy) = true;
    smp_mb(); /* (A), pairs with the first one in wait_for_lookups(). */

    return ACCESS_ONCE(v->swtlb.map);
}

void swtlb_leave(void)
{
    smp_mb(); /* (B), pairs with the second one in wait_for_lookups(). */
    ACCESS_ONCE(current->swtlb.busy) = false;
}

static void wait_for_lookups(const struct domain *d)
{
    const struct vcpu *v;

    ASSERT(spin_is_locked(&d->swtlb.lock));

    smp_mb(); /* (A), pairs with swtlb_enter(). */

    for_each_vcpu ( d, v )
        while ( ACCESS_ONCE(v->swtlb.busy) )
            cpu_relax();

    smp_mb(); /* (B), pairs with swtlb_leave(). */
}

/* Let lookups see the live map of t.  To be followed by a wait. */
static void publish(struct domain *d, const struct swtlb_table *t)
{
    const struct swtlb_map *map = t->live->nr ? t->live : NULL;
    struct vcpu *v;

    ASSERT(spin_is_locked(&d->swtlb.lock));

    smp_wmb(); /* The map before the pointer to it; see swtlb_enter(). */

    for_each_vcpu ( d, v )
        if ( v->swtlb.table == t )
            ACCESS_ONCE(v->swtlb.map) = map;
}

/* Make the spare map, which the caller has filled, the live one. */
static void publish_spare(struct domain *d, struct swtlb_table *t)
{
    struct swtlb_map *map = t->spare;

    t->spare = t->live;
    t->live = map;

    publish(d, t);
}

static struct swtlb_map *map_alloc(unsigned int capacity)
{
    struct swtlb_map *map = xvmalloc_flex_struct(struct swtlb_map, entry,
                                                 capacity);

    if ( map )
        map->nr = 0;

    return map;
}

static void table_free(struct swtlb_table *t)
{
    if ( !t )
        return;

    xvfree(t->live);
    xvfree(t->spare);
    xvfree(t);
}

/* The new table has no users yet. */
static struct swtlb_table *table_alloc(void)
{
    struct swtlb_table *t = xvzalloc(struct swtlb_table);

    if ( !t )
        return NULL;

    t->capacity = min(SWTLB_ENTRIES_INITIAL, swtlb_max_entries);
    t->live = map_alloc(t->capacity);
    t->spare = map_alloc(t->capacity);
    if ( !t->live || !t->spare )
    {
        table_free(t);
        return NULL;
    }

    return t;
}

/*
 * Make both maps of t large enough for one entry more than there are.  Both,
 * so that the removal of entries never needs memory, unless it splits one.
 */
static int table_grow(struct domain *d, struct swtlb_table *t)
{
    unsigned int nr = t->live->nr, capacity;
    struct swtlb_map *live, *spare;

    if ( nr < t->capacity )
        return 0;

    if ( nr >= swtlb_max_entries )
        return -ENOSPC;

    capacity = min(2 * t->capacity, swtlb_max_entries);
    live = map_alloc(capacity);
    spare = map_alloc(capacity);
    if ( !live || !spare )
    {
        xvfree(live);
        xvfree(spare);
        return -ENOMEM;
    }

    memcpy(live->entry, t->live->entry, nr * sizeof(live->entry[0]));
    live->nr = nr;
    SWAP(live, t->live);
    SWAP(spare, t->spare);
    t->capacity = capacity;

    publish(d, t);
    wait_for_lookups(d);

    xvfree(live);
    xvfree(spare);

    return 0;
}

static void attach(struct vcpu *v, struct swtlb_table *t)
{
    ASSERT(spin_is_locked(&v->domain->swtlb.lock));
    ASSERT(!v->swtlb.table);

    t->refs++;
    v->swtlb.table = t;
    smp_wmb(); /* The map before the pointer to it; see swtlb_enter(). */
    ACCESS_ONCE(v->swtlb.map) = t->live->nr ? t->live : NULL;
}

/*
 * Take v's table away.  If nobody else uses the table it goes to the list, to
 * be freed after a wait.
 */
static void detach(struct vcpu *v, struct swtlb_table **list)
{
    struct swtlb_table *t = v->swtlb.table;

    ASSERT(spin_is_locked(&v->domain->swtlb.lock));

    if ( !t )
        return;

    ACCESS_ONCE(v->swtlb.map) = NULL;
    v->swtlb.table = NULL;

    if ( !--t->refs )
    {
        t->next = *list;
        *list = t;
    }
}

/* Wait until lookups have noticed detach(), and free what it put aside. */
static void detach_finish(const struct domain *d, struct swtlb_table *list)
{
    wait_for_lookups(d);

    while ( list )
    {
        struct swtlb_table *t = list;

        list = t->next;
        table_free(t);
    }
}

/* Detach v, or if that is NULL all vCPUs of d. */
static int remove_all(struct domain *d, struct vcpu *v)
{
    struct swtlb_table *list = NULL;
    struct vcpu *w;
    int rc = -ENODATA;

    spin_lock(&d->swtlb.lock);

    for_each_vcpu ( d, w )
        if ( !v || v == w )
        {
            if ( w->swtlb.map )
                rc = 0;
            detach(w, &list);
        }

    detach_finish(d, list);

    spin_unlock(&d->swtlb.lock);

    return rc;
}

static int swtlb_insert(const struct swtlb_args *args)
{
    const struct swtlb_entry entry = {
        .gva = args->gva,
        .last = args->last,
        .gpa = args->gpa,
    };
    struct domain *d = args->d;
    struct swtlb_table *t, *new = NULL;
    int rc;

    if ( (args->gva ^ args->gpa) & ~PAGE_MASK )
        return -EINVAL;

    if ( args->gpa + (args->size - 1) < args->gpa ||
         !arch_swtlb_gpa_valid(d, args->gpa + (args->size - 1)) )
        return -ENXIO;

    spin_lock(&d->swtlb.lock);

    t = args->v->swtlb.table;
    if ( !t )
    {
        rc = -ENOMEM;
        t = new = table_alloc();
        if ( !t )
            goto out;
    }

    rc = -EEXIST;
    if ( swtlb_map_overlaps(t->live, entry.gva, entry.last) )
        goto out;

    rc = table_grow(d, t);
    if ( rc )
        goto out;

    swtlb_map_insert(t->spare, t->live, &entry);
    publish_spare(d, t);
    if ( new )
        attach(args->v, new);
    wait_for_lookups(d);

 out:
    spin_unlock(&d->swtlb.lock);

    return rc;
}

/*
 * Whether this vCPU is the first one of its domain that uses its table: for
 * going through a domain's tables.
 */
static bool first_user(const struct vcpu *v)
{
    const struct vcpu *w;

    for_each_vcpu ( v->domain, w )
        if ( w->swtlb.table == v->swtlb.table )
            break;

    return w == v;
}

/* Whether an operation on args->v has to look at the table of v. */
static bool selects(const struct swtlb_args *args, const struct vcpu *v)
{
    return v->swtlb.table &&
           (args->v ? args->v == v : first_user(v)) &&
           swtlb_map_overlaps(v->swtlb.table->live, args->gva, args->last);
}

static int swtlb_purge(const struct swtlb_args *args)
{
    struct domain *d = args->d;
    struct swtlb_table *list = NULL;
    struct vcpu *v;
    int rc = -ENODATA;

    spin_lock(&d->swtlb.lock);

    /* All that can fail, for all tables, before the first one changes. */
    for_each_vcpu ( d, v )
    {
        struct swtlb_table *t = v->swtlb.table;

        if ( !selects(args, v) )
            continue;

        rc = swtlb_map_splits(t->live, args->gva, args->last)
             ? table_grow(d, t) : 0;
        if ( rc )
            goto out;
    }

    for_each_vcpu ( d, v )
    {
        struct swtlb_table *t = v->swtlb.table;

        if ( !selects(args, v) )
            continue;

        swtlb_map_purge(t->spare, t->live, args->gva, args->last);
        publish_spare(d, t);

        /* Sharing outlasts the last entry, one vCPU's memory does not. */
        if ( !t->live->nr && t->refs == 1 )
            detach(v, &list);
    }

    detach_finish(d, list);

 out:
    spin_unlock(&d->swtlb.lock);

    return rc;
}

static int swtlb_purge_all(const struct swtlb_args *args)
{
    return remove_all(args->d, args->v);
}

static int swtlb_share(const struct swtlb_args *args)
{
    struct domain *d = args->d;
    struct swtlb_table *list = NULL;
    struct vcpu *v = args->v, *with;
    int rc = 0;

    if ( args->gva != (unsigned int)args->gva ||
         (with = domain_vcpu(d, args->gva)) == NULL )
        return -ENOENT;

    if ( v == with )
        return -EINVAL;

    spin_lock(&d->swtlb.lock);

    if ( v->swtlb.table &&
         (v->swtlb.table->live->nr || v->swtlb.table->refs > 1) )
    {
        rc = -EEXIST;
        goto out;
    }

    if ( !with->swtlb.table )
    {
        struct swtlb_table *t = table_alloc();

        if ( !t )
        {
            rc = -ENOMEM;
            goto out;
        }

        attach(with, t);
    }

    detach(v, &list);
    attach(v, with->swtlb.table);
    detach_finish(d, list);

 out:
    spin_unlock(&d->swtlb.lock);

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
        const struct swtlb_entry *e =
            &t->live->entry[array_index_nospec(args->size, t->live->nr)];

        out->gva = e->gva;
        out->gpa = e->gpa;
        out->size = e->last - e->gva + 1;
        out->flags = e->flags;
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
    if ( t )
    {
        out->nr_entries = t->live->nr;
        out->nr_sharers = t->refs;
    }

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
    } out = {};
    unsigned int len;
    int rc = 0;

    if ( args->size && args->gpa != XEN_SWTLB_QUERY_entry )
        return -EINVAL;

    switch ( args->gpa )
    {
    case XEN_SWTLB_QUERY_limits:
        out.limits.abi = XEN_SWTLB_ABI;
        out.limits.max_entries = swtlb_max_entries;
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

    default:
        return -EINVAL;
    }

    if ( !rc && raw_copy_to_guest((void *)args->gva, &out, len) )
        rc = -EFAULT;

    return rc;
}

static int check_range(struct swtlb_args *args)
{
    if ( !args->size )
        return -EINVAL;

    args->last = args->gva + (args->size - 1);
    if ( args->last < args->gva ||
         !arch_swtlb_gva_valid(args->gva, args->last) )
        return -ERANGE;

    return 0;
}

/* Each operation: what it takes, and whether it can be for all vCPUs. */
static const struct {
    int (*fn)(const struct swtlb_args *args);
    bool gva, gpa, size, range, all_vcpus;
} swtlb_ops[] = {
#define OP(name) [VCPUOP_swtlb_ ## name - VCPUOP_SWTLB_FIRST]
    OP(insert)    = { swtlb_insert, .gva = true, .gpa = true, .size = true,
                      .range = true },
    OP(purge)     = { swtlb_purge, .gva = true, .size = true, .range = true,
                      .all_vcpus = true },
    OP(purge_all) = { swtlb_purge_all, .all_vcpus = true },
    OP(share)     = { swtlb_share, .gva = true },
    OP(query)     = { swtlb_query, .gva = true, .gpa = true, .size = true },
#undef OP
};

long do_swtlb_op(int cmd, unsigned int vcpuid, unsigned long gva)
{
    unsigned int op = (cmd & XEN_SWTLB_OP_MASK) - VCPUOP_SWTLB_FIRST;
    unsigned int gpa_hi = cmd & XEN_SWTLB_GPA_HI_MASK;
    struct swtlb_args args = { .d = current->domain, .gva = gva };
    unsigned long gpa;
    int rc;

    if ( op >= ARRAY_SIZE(swtlb_ops) )
        return -ENOSYS;

    op = array_index_nospec(op, ARRAY_SIZE(swtlb_ops));

    if ( !swtlb_max_entries || !arch_swtlb_supported(args.d) )
        return -EOPNOTSUPP;

    if ( vcpuid != XEN_SWTLB_ALL_VCPUS || !swtlb_ops[op].all_vcpus )
    {
        args.v = domain_vcpu(args.d, vcpuid);
        if ( !args.v )
            return -ENOENT;
    }

    arch_swtlb_args(&gpa, &args.size);

    if ( cmd < 0 || (cmd & XEN_SWTLB_FLAGS_MASK) ||
         (gpa_hi && !(op == VCPUOP_swtlb_insert - VCPUOP_SWTLB_FIRST &&
                      arch_swtlb_caller_is_32bit())) ||
         (args.gva && !swtlb_ops[op].gva) ||
         (gpa && !swtlb_ops[op].gpa) ||
         (args.size && !swtlb_ops[op].size) )
        return -EINVAL;

    args.gpa = gpa | ((paddr_t)(gpa_hi >> XEN_SWTLB_GPA_HI_SHIFT) << 32);

    if ( swtlb_ops[op].range )
    {
        rc = check_range(&args);
        if ( rc )
            return rc;
    }

    return swtlb_ops[op].fn(&args);
}

void swtlb_copy_for(struct vcpu *v)
{
    current->swtlb.subject = v != current ? v : NULL;
}

void swtlb_domain_init(struct domain *d)
{
    spin_lock_init(&d->swtlb.lock);
}

void swtlb_domain_reset(struct domain *d)
{
    remove_all(d, NULL);
}

void swtlb_vcpu_reset(struct vcpu *v)
{
    remove_all(v->domain, v);
}

static void dump_vcpu(const struct vcpu *v)
{
    const struct swtlb_table *t = v->swtlb.table;
    const struct xen_swtlb_stats *s = &v->swtlb.stats;
    unsigned int i;

    ASSERT(spin_is_locked(&v->domain->swtlb.lock));

    printk("%pv: entries %u of %u, sharers %u\n", v,
           t ? t->live->nr : 0, swtlb_max_entries, t ? t->refs : 0);
    printk("  hits %"PRIu64" misses %"PRIu64" faults %"PRIu64
           " hit-bytes %"PRIu64" miss-bytes %"PRIu64"\n",
           s->hits, s->misses, s->faults, s->hit_bytes, s->miss_bytes);

    /* Once for all who share it. */
    if ( !t || !first_user(v) )
        return;

    for ( i = 0; i < t->live->nr; i++ )
    {
        const struct swtlb_entry *e = &t->live->entry[i];

        printk("  gva %#lx-%#lx gpa %#"PRIpaddr" flags %#x\n",
               e->gva, e->last, e->gpa, e->flags);
    }
}

static void cf_check dump_swtlb(unsigned char key)
{
    struct domain *d;

    printk("'%c' pressed -> dumping software TLBs\n", key);

    rcu_read_lock(&domlist_read_lock);

    for_each_domain ( d )
    {
        const struct vcpu *v;

        if ( !arch_swtlb_supported(d) )
            continue;

        for_each_vcpu ( d, v )
        {
            process_pending_softirqs();

            spin_lock(&d->swtlb.lock);
            dump_vcpu(v);
            spin_unlock(&d->swtlb.lock);
        }
    }

    rcu_read_unlock(&domlist_read_lock);
}

static int __init cf_check swtlb_init(void)
{
    if ( swtlb_max_entries )
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
