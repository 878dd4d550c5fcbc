/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of a software TLB; see xen/swtlb-table.h. */

#include <xen/errno.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-pin.h>
#include <xen/swtlb-table.h>
#include <xen/xmalloc.h>

/* The capacity that a table starts with, unless the limit is lower. */
#define ENTRIES_INITIAL  8U

/*
 * Wait for the end of what v has under way.  What it begins after that, as it
 * may without a pause, is another matter: it sees what the caller did before
 * the first barrier.
 */
static void wait_for(const struct vcpu *v, bool lookups)
{
    unsigned int busy = ACCESS_ONCE(v->swtlb.busy), what = busy & SWTLB_BUSY;

    if ( what == SWTLB_ACCESS || (lookups && what == SWTLB_LOOKUP) )
        while ( ACCESS_ONCE(v->swtlb.busy) == busy )
            cpu_relax();
}

/*
 * Wait for the end of what vCPUs of d have under way.  Only one that runs can
 * be inside a copy, and so only the CPUs are looked at that one may run on, if
 * the architecture knows these: not one by one are the vCPUs, of which there
 * may be many more.
 *
 * A vCPU that begins to run is, with a barrier (A) of its own, marked in that
 * mask and in curr_vcpu before it copies anything.  One that ceases to run is
 * unmarked after its last copy.
 */
static void wait_for_copies(const struct domain *d, bool lookups)
{
    const cpumask_t *cpus = arch_swtlb_cpus(d);
    const struct vcpu *v;
    unsigned int cpu;

    smp_mb(); /* (A), pairs with swtlb_enter(). */

    if ( cpus )
    {
        for_each_cpu ( cpu, cpus )
        {
            v = ACCESS_ONCE(per_cpu(curr_vcpu, cpu));

            if ( v->domain == d )
                wait_for(v, lookups);
        }
    }
    else
    {
        for_each_vcpu ( d, v )
            wait_for(v, lookups);
    }

    smp_mb(); /* (B), pairs with swtlb_leave(). */
}

static void wait_for_lookups(struct domain *d)
{
    ASSERT(spin_is_locked(&d->swtlb.lock));

    wait_for_copies(d, true);
}

void swtlb_wait_for_accesses(struct swtlb_domain *sd)
{
    wait_for_copies(container_of(sd, struct domain, swtlb), false);
}

/* Let lookups of v see the live map of its table. */
static void publish_to(struct vcpu *v)
{
    const struct swtlb_map *map = v->swtlb.table->live;

    smp_wmb(); /* The map's contents before the pointer to it. */
    write_atomic(&v->swtlb.map, map->nr ? map : NULL);
    smp_wmb(); /* Pairs with swtlb_lookup_map(). */
    write_atomic(&v->swtlb.map_seq, v->domain->swtlb.map_seq);

    if ( map->nr )
        set_bit(_SWTLB_entries, &v->swtlb.flags);
    else
        clear_bit(_SWTLB_entries, &v->swtlb.flags);
}

/* Let lookups see the live map of t alone, the contents of which stay. */
static void publish_same(struct domain *d, const struct swtlb_table *t)
{
    struct vcpu *v;

    ASSERT(spin_is_locked(&d->swtlb.lock));

    d->swtlb.map_seq++;

    for_each_vcpu ( d, v )
        if ( v->swtlb.table == t )
            publish_to(v);
}

void swtlb_table_publish(struct domain *d)
{
    struct swtlb_table *t;
    struct vcpu *v;

    ASSERT(spin_is_locked(&d->swtlb.lock));

    for ( t = d->swtlb.tables; t; t = t->next )
        if ( t->changed )
            SWAP(t->live, t->spare);

    d->swtlb.map_seq++;

    for_each_vcpu ( d, v )
        if ( v->swtlb.table && v->swtlb.table->changed )
            publish_to(v);
}

/* What a table takes, with two maps of this capacity. */
static unsigned int table_bytes(unsigned int capacity)
{
    return sizeof(struct swtlb_table) +
           2 * offsetof(struct swtlb_map, entry[capacity]);
}

static unsigned int slots_bytes(void)
{
    return (swtlb_slot_mask + 1) * sizeof(struct swtlb_slot);
}

static struct swtlb_map *map_alloc(unsigned int capacity)
{
    struct swtlb_map *map = xmalloc_flex_struct(struct swtlb_map, entry,
                                                capacity);

    if ( map )
        map->nr = 0;

    return map;
}

static void table_free(struct swtlb_table *t)
{
    ASSERT(!t->pins);

    xfree(t->live);
    xfree(t->spare);
    xfree(t);
}

static struct swtlb_table *table_alloc(void)
{
    struct swtlb_table *t = xzalloc(struct swtlb_table);

    if ( !t )
        return NULL;

    t->capacity = min(ENTRIES_INITIAL, swtlb_max_entries);
    t->live = map_alloc(t->capacity);
    t->spare = map_alloc(t->capacity);
    if ( !t->live || !t->spare )
    {
        table_free(t);
        return NULL;
    }

    return t;
}

int swtlb_table_grow(struct domain *d, struct swtlb_table *t)
{
    unsigned int nr = t->live->nr, capacity;
    struct swtlb_map *live, *spare;

    ASSERT(spin_is_locked(&d->swtlb.lock));

    if ( nr < t->capacity )
        return 0;

    if ( nr >= swtlb_max_entries )
        return -ENOSPC;

    capacity = min(2 * t->capacity, swtlb_max_entries);
    live = map_alloc(capacity);
    spare = map_alloc(capacity);
    if ( !live || !spare )
    {
        xfree(live);
        xfree(spare);
        return -ENOMEM;
    }

    memcpy(live->entry, t->live->entry, nr * sizeof(live->entry[0]));
    live->nr = nr;
    SWAP(live, t->live);
    SWAP(spare, t->spare);
    d->swtlb.bytes += table_bytes(capacity) - table_bytes(t->capacity);
    t->capacity = capacity;

    publish_same(d, t);
    wait_for_lookups(d);

    xfree(live);
    xfree(spare);

    return 0;
}

int swtlb_table_attach(struct vcpu *v, struct swtlb_table *t)
{
    /* Nothing in them counts any more: see map_seq in swtlb_table_detach(). */
    struct swtlb_slot *slots = v->swtlb.old_slots;

    ASSERT(spin_is_locked(&v->domain->swtlb.lock));
    ASSERT(!v->swtlb.table);

    if ( !slots )
    {
        slots = swtlb_slots_alloc();
        if ( !slots )
            return -ENOMEM;
        v->domain->swtlb.bytes += slots_bytes();
    }

    v->swtlb.old_slots = NULL;
    write_atomic(&v->swtlb.slots, slots);
    write_atomic(&v->domain->swtlb.cached, true);

    t->refs++;
    v->swtlb.table = t;
    v->domain->swtlb.map_seq++;
    publish_to(v);

    return 0;
}

struct swtlb_table *swtlb_table_get(struct vcpu *v)
{
    struct swtlb_domain *sd = &v->domain->swtlb;
    struct swtlb_table *t = v->swtlb.table;

    if ( t )
        return t;

    t = table_alloc();
    if ( !t )
        return NULL;

    if ( swtlb_table_attach(v, t) )
    {
        table_free(t);
        return NULL;
    }

    sd->bytes += table_bytes(t->capacity);
    t->next = sd->tables;
    t->link = &sd->tables;
    if ( t->next )
        t->next->link = &t->next;
    sd->tables = t;

    return t;
}

void swtlb_entry_to_public(const struct swtlb_entry *e,
                           struct xen_swtlb_entry *out)
{
    *out = (struct xen_swtlb_entry){
        .gva = e->gva,
        .gpa = e->gpa,
        .size = e->last - e->gva + 1,
        .flags = (e->pin ? XEN_SWTLB_FLAG_pinned : 0) |
                 (e->space ? XEN_SWTLB_FLAG_space : 0),
    };
}

struct vcpu *swtlb_table_first_user(const struct vcpu *v)
{
    struct vcpu *w;

    ASSERT(spin_is_locked(&v->domain->swtlb.lock));

    if ( !v->swtlb.table )
        return NULL;

    for_each_vcpu ( v->domain, w )
        if ( w->swtlb.table == v->swtlb.table )
            break;

    return w;
}

void swtlb_table_detach(struct vcpu *v, struct swtlb_gone *gone)
{
    struct swtlb_table *t = v->swtlb.table;

    ASSERT(spin_is_locked(&v->domain->swtlb.lock));

    if ( !t )
        return;

    clear_bit(_SWTLB_entries, &v->swtlb.flags);
    write_atomic(&v->swtlb.map, NULL);
    smp_wmb(); /* As in publish_to(). */
    write_atomic(&v->swtlb.map_seq, ++v->domain->swtlb.map_seq);
    v->swtlb.old_slots = v->swtlb.slots;
    write_atomic(&v->swtlb.slots, NULL);
    v->swtlb.table = NULL;

    if ( --t->refs )
        return;

    *t->link = t->next;
    if ( t->next )
        t->next->link = t->link;
    t->next = gone->tables;
    gone->tables = t;
}

/* Move those of t's pins which none of its entries refers to. */
static void drop_pins(struct swtlb_table *t, struct swtlb_gone *gone)
{
    struct swtlb_pin **link = &t->pins, *pin;
    unsigned int i;

    for ( pin = t->pins; pin; pin = pin->next )
        pin->used = false;

    /* Lookups can reach these pins, but do not read this field. */
    for ( i = 0; t->pins && i < t->live->nr; i++ )
        if ( t->live->entry[i].pin )
            t->live->entry[i].pin->used = true;

    while ( (pin = *link) != NULL )
    {
        if ( pin->used )
        {
            link = &pin->next;
            continue;
        }

        *link = pin->next;
        pin->next = gone->pins;
        gone->pins = pin;
    }
}

void swtlb_table_finish(struct domain *d, struct swtlb_gone *gone)
{
    struct swtlb_table *t;
    struct vcpu *v;

    wait_for_lookups(d);

    for ( t = d->swtlb.tables; t; t = t->next )
        if ( t->changed )
        {
            drop_pins(t, gone);
            t->changed = false;
        }

    for_each_vcpu ( d, v )
        if ( !v->swtlb.table && v->swtlb.old_slots )
        {
            XFREE(v->swtlb.old_slots);
            d->swtlb.bytes -= slots_bytes();
        }

    write_atomic(&d->swtlb.cached, d->swtlb.tables != NULL);

    while ( (t = gone->tables) != NULL )
    {
        gone->tables = t->next;
        /* Not before: until the wait was over lookups could search it. */
        t->live->nr = 0;
        drop_pins(t, gone);
        d->swtlb.bytes -= table_bytes(t->capacity);
        table_free(t);
    }
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
