/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software TLB: save and restore, migration among it.  See
 * public/arch-x86/hvm/save-swtlb.h for what is saved.
 *
 * Who restores a domain is a toolstack: what it gives is checked as what a
 * guest gives is, and read once.  A Xen that checks all records first (since
 * 4.19) refuses a malformed one before it has changed anything; an older one
 * when it comes to it, with the table of that vCPU untouched.
 */

#include <xen/errno.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-restore.h>
#include <xen/swtlb-table.h>

#include <asm/hvm/save.h>

#include <public/arch-x86/hvm/save-swtlb.h>

#include <xen/swtlb-compat.h>

#define RECORD_SIZE(nr)  offsetof(struct hvm_swtlb, entries[nr])

/* A record that was found well. */
struct record {
    struct vcpu *v;
    struct vcpu *with;            /* whose table v shares, or NULL */
    const uint8_t *entries;       /* not aligned */
    struct hvm_swtlb head;        /* without these */
};

static int save_locked(struct vcpu *v, hvm_domain_context_t *h)
{
    const struct domain *d = v->domain;
    const struct vcpu *first = swtlb_table_first_user(v);
    const struct swtlb_map *map = first == v ? v->swtlb.table->live : NULL;
    struct hvm_swtlb head = {
        .generation = d->swtlb.generation,
        .table = first ? first->vcpu_id : HVM_SWTLB_NO_TABLE,
        .nr_entries = map ? map->nr : 0,
        .stats = v->swtlb.stats,
    };
    unsigned int i;

    if ( _hvm_init_entry(h, SWTLB_CODE, v->vcpu_id,
                         RECORD_SIZE(head.nr_entries)) )
        return -ENOSPC;

    _hvm_write_entry(h, &head, RECORD_SIZE(0));

    for ( i = 0; i < head.nr_entries; i++ )
    {
        const struct swtlb_entry *e = &map->entry[i];
        struct hvm_swtlb_entry out = { .space = e->space };

        swtlb_entry_to_public(e, &out.entry);
        _hvm_write_entry(h, &out, sizeof(out));
    }

    return 0;
}

/* Other vCPUs than v may be running: a toolstack can ask for one record. */
static int cf_check save_swtlb(struct vcpu *v, hvm_domain_context_t *h)
{
    struct domain *d = v->domain;
    int rc = 0;

    spin_lock(&d->swtlb.lock);
    if ( d->swtlb.strict )
        rc = save_locked(v, h);
    spin_unlock(&d->swtlb.lock);

    return rc;
}

static bool space_valid(const struct hvm_swtlb_entry *e)
{
    if ( !(e->entry.flags & XEN_SWTLB_FLAG_space) )
        return !e->space;

    if ( (e->space & SWTLB_SPACE_PAE) == SWTLB_SPACE_PAE )
        return !(e->space & ~(SWTLB_SPACE_PAE_MASK | SWTLB_SPACE_PAE));

    return (e->space & SWTLB_SPACE) &&
           !(e->space & ~(X86_CR3_ADDR_MASK | SWTLB_SPACE));
}

static void get_entry(const struct record *r, unsigned int i,
                      struct hvm_swtlb_entry *e)
{
    memcpy(e, r->entries + i * sizeof(*e), sizeof(*e));
}

static int check_entries(const struct domain *d, const struct record *r)
{
    unsigned long next = 0;
    unsigned int i;

    for ( i = 0; i < r->head.nr_entries; i++ )
    {
        struct hvm_swtlb_entry e;
        int rc;

        get_entry(r, i, &e);

        rc = swtlb_check_entry(d, &e.entry);
        if ( rc )
            return rc;

        if ( !space_valid(&e) )
            return -EINVAL;

        /* next is zero again behind an entry which nothing can follow. */
        if ( i && (!next || e.entry.gva < next) )
            return -EEXIST;

        next = e.entry.gva + e.entry.size;
    }

    return 0;
}

/* The vCPU's own table, one that it shares, or none. */
static int check_table(const struct domain *d, struct record *r)
{
    unsigned int id = r->v->vcpu_id;

    if ( r->head.table == id )
        return 0;

    if ( r->head.nr_entries )
        return -EINVAL;

    if ( r->head.table == HVM_SWTLB_NO_TABLE )
        return 0;

    /* Of those who share a table it is the first who has it. */
    if ( r->head.table > id )
        return -EINVAL;

    r->with = domain_vcpu(d, r->head.table);

    return r->with ? 0 : -ENOENT;
}

/* Take the next record, which is one of ours, if it is well. */
static int take_record(const struct domain *d, hvm_domain_context_t *h,
                       struct record *r)
{
    struct hvm_save_descriptor desc;
    unsigned int left = h->size - h->cur;
    const uint8_t *data = &h->data[h->cur];
    int rc;

    memset(r, 0, sizeof(*r));

    if ( !swtlb_enabled(d) )
    {
        printk(XENLOG_G_ERR
               "%pd was strict: not without a software TLB, which is off\n",
               d);
        return -EOPNOTSUPP;
    }

    if ( left < sizeof(desc) )
        return -ENODATA;
    memcpy(&desc, data, sizeof(desc));
    if ( desc.length > left - sizeof(desc) )
        return -ENODATA;

    r->v = domain_vcpu(d, desc.instance);
    if ( !r->v )
        return -ENOENT;

    if ( desc.length < RECORD_SIZE(0) )
        return -EINVAL;
    memcpy(&r->head, data + sizeof(desc), RECORD_SIZE(0));

    if ( r->head.nr_entries > swtlb_max_entries )
    {
        printk(XENLOG_G_ERR "%pv has %u entries in its software TLB, not %u\n",
               r->v, r->head.nr_entries, swtlb_max_entries);
        return -ENOSPC;
    }

    if ( desc.length != RECORD_SIZE(r->head.nr_entries) )
        return -EINVAL;
    r->entries = data + sizeof(desc) + RECORD_SIZE(0);

    rc = check_table(d, r) ?: check_entries(d, r);
    if ( !rc )
        h->cur += sizeof(desc) + desc.length;

    return rc;
}

static int cf_check check_swtlb(const struct domain *d,
                                hvm_domain_context_t *h)
{
    struct record r;

    return take_record(d, h, &r);
}

static int restore_table(const struct record *r)
{
    unsigned int i;
    int rc;

    if ( r->with )
        return swtlb_restore_share(r->v, r->with);

    if ( r->head.table == HVM_SWTLB_NO_TABLE )
        return 0;

    rc = swtlb_restore_table(r->v);

    for ( i = 0; !rc && i < r->head.nr_entries; i++ )
    {
        struct hvm_swtlb_entry e;

        get_entry(r, i, &e);
        rc = swtlb_restore_entry(r->v, &e.entry, e.space);
    }

    return rc;
}

/* d is paused, and its memory is there. */
static int cf_check load_swtlb(struct domain *d, hvm_domain_context_t *h)
{
    struct record r;
    int rc = take_record(d, h, &r);

    if ( !rc && r.with && !ACCESS_ONCE(r.with->swtlb.table) )
        rc = -ENOENT;
    if ( rc )
        return rc;

    swtlb_restore_none(r.v);
    rc = restore_table(&r);
    if ( rc )
    {
        swtlb_restore_none(r.v);
        return rc;
    }

    r.v->swtlb.stats = r.head.stats;
    swtlb_restore_strict(d, r.head.generation);

    return 0;
}

static int __init cf_check register_swtlb(void)
{
    BUILD_BUG_ON(SWTLB_CODE > HVM_SAVE_CODE_MAX);

    /* Even if it is off: to say so. */
    swtlb_register_savevm(SWTLB_CODE, "SWTLB", save_swtlb, check_swtlb,
                          load_swtlb,
                          RECORD_SIZE(swtlb_max_entries) +
                          sizeof(struct hvm_save_descriptor),
                          HVMSR_PER_VCPU);

    return 0;
}
__initcall(register_swtlb);

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
