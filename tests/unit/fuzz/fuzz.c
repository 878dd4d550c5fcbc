/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: for each byte of a small window of gvas, which entry covers it
 * and where that leads to.  Nothing is looked up, split or moved in it, and
 * how many entries there are is counted.
 */

#include "fuzz.h"

#include "harness/guest.h"

#define ALL       XEN_SWTLB_ALL_VCPUS
#define VCPUS     3
#define AREA      0x200000UL
#define WINDOW    (3 * PAGE_SIZE)
#define ENTRIES   6              /* at most, of a table */
#define GFN       0x10UL
#define GFNS      6
#define IDS       8192           /* more than a sequence can insert */
#define MAX_PINNED (16 * WORLD_VCPUS)

/* The pages that there are, and what the page tables say about the window. */
static const p2m_type_t types[GFNS] = {
    p2m_ram_rw, p2m_ram_ro, p2m_ioreq_server, p2m_invalid,
    p2m_ram_rw, p2m_ram_logdirty,
};
static const struct {
    unsigned long gfn;           /* 0: not mapped */
    bool writable;
} leaves[3] = {
    { GFN + 4, true }, { 0, false }, { GFN + 5, false },
};

static struct {
    struct {
        unsigned int refs;
        unsigned int id[WINDOW]; /* 0: no entry */
        paddr_t gpa[WINDOW];
    } table[VCPUS];
    int of[VCPUS];               /* -1: none */
    struct xen_swtlb_stats stats[VCPUS];
    uint8_t memory[GFNS][PAGE_SIZE];
    unsigned int next_id;
    uint8_t pinned[IDS];         /* by id: its pages, or 0 if it is plain */
} m;

unsigned long fuzz_copies, fuzz_operations, fuzz_pins;

struct input {
    const uint8_t *data;
    size_t len;
};

static unsigned int next(struct input *in, unsigned int limit)
{
    unsigned int n = 0;

    for ( ; in->len && limit > 1; limit = (limit + 255) / 256 )
    {
        n = n * 256 + *in->data++;
        in->len--;
        if ( limit <= 256 )
            break;
    }

    return n;
}

static unsigned int pick(struct input *in, unsigned int limit)
{
    return next(in, limit) % limit;
}

static unsigned int entries(int t)
{
    unsigned int i, n = 0;

    for ( i = 0; t >= 0 && i < WINDOW; i++ )
        n += m.table[t].id[i] &&
             (!i || m.table[t].id[i - 1] != m.table[t].id[i]);

    return n;
}

/* Pages that entries pin, which do it until their last byte is purged. */
static unsigned int pinned_pages(unsigned int *nr_pins)
{
    static bool seen[IDS];
    unsigned int t, i, n = 0;

    memset(seen, 0, m.next_id + 1);
    *nr_pins = 0;
    for ( t = 0; t < VCPUS; t++ )
        for ( i = 0; m.table[t].refs && i < WINDOW; i++ )
        {
            unsigned int id = m.table[t].id[i];

            if ( i && id == m.table[t].id[i - 1] )
                continue;
            if ( !seen[id] && m.pinned[id] )
            {
                n += m.pinned[id];
                ++*nr_pins;
            }
            seen[id] = true;
        }

    return n;
}

static bool covers(int t, unsigned int first, unsigned int last)
{
    while ( t >= 0 && first <= last && !m.table[t].id[first] )
        first++;

    return t >= 0 && first <= last;
}

/* Whether one entry reaches beyond both ends. */
static bool splits(int t, unsigned int first, unsigned int last)
{
    unsigned int i;

    if ( t < 0 || !first || last == WINDOW - 1 )
        return false;

    for ( i = first - 1; i <= last + 1; i++ )
        if ( !m.table[t].id[i] ||
             m.table[t].id[i] != m.table[t].id[first - 1] )
            return false;

    return true;
}

static void attach(unsigned int v, int t)
{
    m.of[v] = t;
    m.table[t].refs++;
}

static void detach(unsigned int v)
{
    if ( m.of[v] < 0 )
        return;

    if ( !--m.table[m.of[v]].refs )
        memset(&m.table[m.of[v]], 0, sizeof(m.table[0]));
    m.of[v] = -1;
}

static int new_table(void)
{
    int t = 0;

    while ( m.table[t].refs )
        t++;

    return t;
}

/* Entries of the real table, one by one, and who shares it. */
static void compare_table(unsigned int v)
{
    const struct swtlb_map *map = cpu(v)->swtlb.map;
    int t = m.of[v];
    unsigned int i, n = 0, w;

    ASSERT((map ? map->nr : 0) == entries(t));
    ASSERT(!map || map->nr);
    ASSERT(!cpu(v)->swtlb.table == (t < 0));

    for ( w = 0; w < VCPUS; w++ )
        if ( t >= 0 )
            ASSERT((cpu(w)->swtlb.table == cpu(v)->swtlb.table) ==
                   (m.of[w] == t));

    for ( i = 0; map && i < WINDOW; i++ )
    {
        const struct swtlb_entry *e = &map->entry[n];

        if ( !m.table[t].id[i] )
            continue;

        ASSERT(AREA + i >= e->gva && AREA + i <= e->last);
        ASSERT(e->gpa + (AREA + i - e->gva) == m.table[t].gpa[i]);
        ASSERT(!e->pin == !m.pinned[m.table[t].id[i]]);
        if ( AREA + i == e->last )
            n++;
    }
    ASSERT(!map || n == map->nr);
}

static void compare(void)
{
    unsigned int i, tables = 0, caches = 0, pins, pages, held = 0;

    for ( i = 0; i < VCPUS; i++ )
    {
        compare_table(i);
        tables += !!m.table[i].refs;
        ASSERT(!memcmp(&cpu(i)->swtlb.stats, &m.stats[i],
                       sizeof(m.stats[i])));
    }

    for ( i = 0; i < VCPUS; i++ )
        caches += m.of[i] >= 0;
    pages = pinned_pages(&pins);
    for ( i = 0; i < GFNS; i++ )
        held += guest_page(dom, GFN + i)->types;
    ASSERT(held == pages && dom->swtlb.nr_pinned == pages);
    ASSERT(xen_alloc_live() == 3 * tables + caches + pins);
}

static void set_range(int t, unsigned int first, unsigned int last,
                      unsigned int id, paddr_t gpa)
{
    for ( ; first <= last; first++, gpa++ )
    {
        m.table[t].id[first] = id;
        m.table[t].gpa[first] = id ? gpa : 0;
    }
}

/* Why the pages from gpa on cannot be pinned, or 0. */
static long pinnable(paddr_t gpa, unsigned int pages)
{
    for ( ; pages; pages--, gpa += PAGE_SIZE )
        switch ( types[(gpa >> PAGE_SHIFT) - GFN] )
        {
        case p2m_ram_rw:
        case p2m_ram_logdirty:
            break;

        case p2m_ram_paging_out:
        case p2m_ram_paged:
        case p2m_ram_shared:
            return -EAGAIN;

        default:
            return -EACCES;
        }

    return 0;
}

static void do_insert(struct input *in, unsigned int v, unsigned int first,
                      unsigned int last)
{
    paddr_t gpa = ((GFN + pick(in, 4)) << PAGE_SHIFT) + first % PAGE_SIZE;
    bool pinned = !pick(in, 3);
    unsigned int pages = last / PAGE_SIZE - first / PAGE_SIZE + 1, pins;
    long rc = pinned ? op_pin(v, AREA + first, gpa, last - first + 1)
                     : op_insert(v, AREA + first, gpa, last - first + 1);

    if ( rc == -ENOMEM )
        ASSERT(!xen_alloc_fail_pending());
    else if ( pinned && pinned_pages(&pins) + pages > MAX_PINNED )
        ASSERT(rc == -ENOBUFS);
    else if ( pinned && pinnable(gpa, pages) )
        ASSERT(rc == pinnable(gpa, pages));
    else if ( covers(m.of[v], first, last) )
        ASSERT(rc == -EEXIST);
    else if ( entries(m.of[v]) == ENTRIES )
        ASSERT(rc == -ENOSPC);
    else
    {
        ASSERT(!rc);
        if ( m.of[v] < 0 )
            attach(v, new_table());
        set_range(m.of[v], first, last, ++m.next_id, gpa);
        ASSERT(m.next_id < IDS);
        m.pinned[m.next_id] = pinned ? pages : 0;
        fuzz_operations++;
        fuzz_pins += pinned;
    }
}

static void do_purge(unsigned int v, unsigned int first, unsigned int last)
{
    long rc = op_purge(v, AREA + first, last - first + 1);
    bool found = false, full = false;
    unsigned int i;

    for ( i = 0; i < VCPUS; i++ )
        if ( v == ALL || v == i )
        {
            found |= covers(m.of[i], first, last);
            full |= splits(m.of[i], first, last) &&
                    entries(m.of[i]) == ENTRIES;
        }

    if ( rc == -ENOMEM )
        ASSERT(!xen_alloc_fail_pending());
    else
        ASSERT(rc == (found && full ? -ENOSPC : 0));

    for ( i = 0; !rc && i < VCPUS; i++ )
        if ( (v == ALL || v == i) && covers(m.of[i], first, last) )
            set_range(m.of[i], first, last, 0, 0);

    fuzz_operations += !rc;
}

static void do_purge_all(unsigned int v)
{
    unsigned int i;
    long rc = op_purge_all(v);

    for ( i = 0; i < VCPUS; i++ )
        if ( v == ALL || v == i )
            detach(i);

    ASSERT(!rc);
    fuzz_operations++;
}

static void do_share(unsigned int v, unsigned int with)
{
    long rc = op_share(v, with);

    if ( v == with )
        ASSERT(rc == -EINVAL);
    else if ( m.of[v] >= 0 &&
              (entries(m.of[v]) || m.table[m.of[v]].refs > 1) )
        ASSERT(rc == -EEXIST);
    else if ( rc == -ENOMEM )
        ASSERT(!xen_alloc_fail_pending());
    else
    {
        ASSERT(!rc);
        if ( m.of[with] < 0 )
            attach(with, new_table());
        detach(v);
        attach(v, m.of[with]);
        fuzz_operations++;
    }
}

static void do_reset(unsigned int v)
{
    unsigned int i;

    if ( v < VCPUS )
        swtlb_vcpu_reset(cpu(v));
    else
        swtlb_domain_reset(dom);

    for ( i = 0; i < VCPUS; i++ )
        if ( v == i || v >= VCPUS )
            detach(i);
}

/* A copy: what it is, and how far it has come. */
struct copy {
    uint8_t *buf;                /* NULL: clear */
    bool to_guest;
    unsigned int off, len;
    bool walked;
    bool unseen;                 /* no entry could apply */
};

/* Within one page at gpa.  Returns whether it is allowed. */
static bool copy_page(struct copy *c, paddr_t gpa, unsigned int n)
{
    unsigned int idx = (gpa >> PAGE_SHIFT) - GFN;
    uint8_t *mem = &m.memory[idx][gpa & ~PAGE_MASK];

    if ( types[idx] == p2m_invalid ||
         (c->to_guest && types[idx] == p2m_ioreq_server) )
        return false;

    if ( !c->to_guest )
        memcpy(c->buf, mem, n);
    else if ( types[idx] != p2m_ram_ro && c->buf )
        memcpy(mem, c->buf, n);
    else if ( types[idx] != p2m_ram_ro )
        memset(mem, 0, n);

    c->off += n;
    c->len -= n;
    if ( c->buf )
        c->buf += n;

    return true;
}

static bool copy_walk(struct copy *c, unsigned int n,
                      struct xen_swtlb_stats *s)
{
    c->walked = true;
    s->miss_bytes += c->unseen ? 0 : n;

    while ( n )
    {
        unsigned int page = c->off / PAGE_SIZE, offset = c->off % PAGE_SIZE;
        unsigned int part = min_t(unsigned int, n, PAGE_SIZE - offset);

        if ( !leaves[page].gfn || (c->to_guest && !leaves[page].writable) ||
             !copy_page(c, (leaves[page].gfn << PAGE_SHIFT) + offset, part) )
            return false;
        n -= part;
    }

    return true;
}

/* By the entries of table t, or if that is negative without any. */
static bool copy(struct copy *c, int t, struct xen_swtlb_stats *s)
{
    bool ok = true;

    while ( ok && c->len )
    {
        unsigned int id = t < 0 ? 0 : m.table[t].id[c->off], n = 1;

        while ( n < c->len &&
                (t < 0 || m.table[t].id[c->off + n] == id) &&
                (!id || (c->off + n) % PAGE_SIZE) )
            n++;

        if ( id )
        {
            s->hit_bytes += n;
            ok = copy_page(c, m.table[t].gpa[c->off], n);
        }
        else
            ok = copy_walk(c, n, s);
    }

    return ok;
}

/* The vCPU that the copy is for, or NULL: itself. */
static struct vcpu *choose_subject(struct input *in)
{
    unsigned int n = pick(in, 8);

    return n < VCPUS ? cpu(n) : n == VCPUS ? dom_other->vcpus[0] : NULL;
}

static void do_copy(struct input *in, unsigned int first, unsigned int last)
{
    static uint8_t real[WINDOW], model[WINDOW];
    unsigned int self = current->vcpu_id, way = pick(in, 3), rc, i;
    struct xen_swtlb_stats *s = &m.stats[self];
    struct vcpu *subject = choose_subject(in);
    struct copy c = {
        .buf = way ? model : NULL, .to_guest = way < 2,
        .off = first, .len = last - first + 1,
    };
    bool other = subject && subject != current, ok;
    int t = m.of[self];

    current->nested = !pick(in, 4);
    for ( i = 0; i < c.len; i++ )
        real[i] = model[i] = i * 3 + way;

    c.unseen = !other && !entries(t);
    if ( other )
        t = subject->domain == dom ? m.of[subject->vcpu_id] : -1;
    else if ( current->nested )
        t = -1;

    swtlb_copy_for(subject ?: current);
    rc = way == 0 ? raw_clear_guest((void *)(AREA + first), c.len)
       : way == 1 ? raw_copy_to_guest((void *)(AREA + first), real, c.len)
                  : raw_copy_from_guest(real, (void *)(AREA + first), c.len);
    swtlb_copy_for(current);

    ASSERT(rc == 0 || rc == last - first + 1);
    ok = copy(&c, t, s);
    ASSERT(ok == !rc);
    ASSERT(!memcmp(real, model, WINDOW));
    if ( c.walked )
        s->misses++;
    else
        s->hits++;
    s->faults += !ok;

    for ( i = 0; i < GFNS; i++ )
        ASSERT(!memcmp(guest_page(dom, GFN + i)->data, m.memory[i],
                       PAGE_SIZE));
    fuzz_copies++;
}

static void do_something(struct input *in)
{
    unsigned int v = pick(in, VCPUS), first, last;
    unsigned int what = pick(in, 32);

    as(cpu(pick(in, VCPUS)));
    world_caller = pick(in, CALLERS);
    first = pick(in, WINDOW);
    last = first + pick(in, pick(in, 2) ? 16 : WINDOW);
    last = min_t(unsigned int, last, WINDOW - 1);
    xen_alloc_fail(pick(in, 16) ? 0 : 1 + pick(in, 5));

    if ( what < 10 )
        do_insert(in, v, first, last);
    else if ( what < 14 )
        do_purge(pick(in, 3) ? v : ALL, first, last);
    else if ( what == 14 )
        do_purge_all(pick(in, 4) ? v : ALL);
    else if ( what == 15 )
        do_reset(pick(in, 4) ? v : VCPUS);
    else if ( what < 18 )
        do_share(v, pick(in, VCPUS));
    else
        do_copy(in, first, last);

    xen_alloc_fail(0);
    compare();
}

void fuzz_run(const uint8_t *data, size_t len)
{
    struct input in = { data, len };
    unsigned int i;

    world_init();
    ASSERT(!xen_set_param("swtlb", "max-entries=6"));
    memset(&m, 0, sizeof(m));

    for ( i = 0; i < VCPUS; i++ )
        m.of[i] = -1;
    for ( i = 0; i < GFNS; i++ )
        memcpy(m.memory[i], guest_add_page(dom, GFN + i, types[i])->data,
               PAGE_SIZE);
    for ( i = 0; i < 3; i++ )
        if ( leaves[i].gfn )
            guest_map(&dom->tables, AREA + i * PAGE_SIZE, leaves[i].gfn,
                      leaves[i].writable);

    while ( in.len )
        do_something(&in);

    world_fini();
}
