/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of a software TLB: which vCPU uses which, how lookups get to see
 * a change, and when memory and pages are released.
 *
 * All of it is to be called with the domain's swtlb.lock held; see the top of
 * common/swtlb.c.
 */
#ifndef XEN_SWTLB_TABLE_H
#define XEN_SWTLB_TABLE_H

#include <xen/swtlb-map.h>

#include <public/swtlb.h>

struct domain;
struct vcpu;

struct swtlb_table {
    unsigned int refs;            /* vCPUs whose swtlb.table this is */
    bool changed;                 /* by the operation under way */
    unsigned int capacity;        /* of each of the maps */
    struct swtlb_map *live;       /* what lookups search */
    struct swtlb_map *spare;      /* where the next live one is built */
    struct swtlb_pin *pins;       /* what the entries' pins point to */
    struct swtlb_table *next;     /* in swtlb_domain.tables, or to go */
    struct swtlb_table **link;    /* what points here, in the former */
};

/* What no vCPU uses any more. */
struct swtlb_gone {
    struct swtlb_table *tables;   /* for swtlb_table_finish() to free */
    struct swtlb_pin *pins;       /* for the caller to release, unlocked */
};

/* The table of v, which is given an empty one if it has none; or NULL. */
struct swtlb_table *swtlb_table_get(struct vcpu *v);

/* What a guest, and who saves a domain, is told of an entry. */
void swtlb_entry_to_public(const struct swtlb_entry *e,
                           struct xen_swtlb_entry *out);

/* The first of the vCPUs that use v's table; NULL: v has none. */
struct vcpu *swtlb_table_first_user(const struct vcpu *v);

/*
 * Make both maps of t large enough for one entry more than there are.  Both,
 * so that the removal of entries never needs memory, unless it splits one.
 *
 *   -ENOSPC  the table is full
 *   -ENOMEM
 */
int swtlb_table_grow(struct domain *d, struct swtlb_table *t);

/*
 * Make the spare map of each table that is marked as changed, which the caller
 * has filled, the live one.  To be followed by swtlb_table_finish() before the
 * next change.
 */
void swtlb_table_publish(struct domain *d);

/*
 * Make v, which has no table, use t.  Cannot fail if v had one since the last
 * swtlb_table_finish(); else
 *
 *   -ENOMEM
 */
int swtlb_table_attach(struct vcpu *v, struct swtlb_table *t);

/*
 * Take v's table away, if it has one.  If nobody else uses that it is put into
 * gone.  To be followed by swtlb_table_finish().
 */
void swtlb_table_detach(struct vcpu *v, struct swtlb_gone *gone);

/*
 * Wait until no copy is under way that began before what was published and
 * detached since.  Then free the tables in gone and the slots of vCPUs without
 * a table, and add the pins that no entry of what has changed refers to.
 */
void swtlb_table_finish(struct domain *d, struct swtlb_gone *gone);

#endif /* XEN_SWTLB_TABLE_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
