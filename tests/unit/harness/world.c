/* SPDX-License-Identifier: GPL-2.0-only */
/* The domains of a test, and operations on them; see guest.h. */

#include "guest.h"

#include <stdarg.h>
#include <stdio.h>

#define POISON  0xbadbadbadbadbadbULL

struct domain *dom, *dom_other, *dom_pv;
enum caller world_caller;
unsigned int world_continued;
void (*world_on_continue)(void);
unsigned int world_hwdom;
bool (*xen_preempt)(void);

int (*xen_on_pause)(void);
static unsigned int paused;

int domain_pause_except_self(struct domain *d)
{
    int rc = xen_on_pause ? xen_on_pause() : 0;

    /* Those who are waited for may need the lock, or wait for the caller. */
    ASSERT(!xen_locks_held && !swtlb_inside(&current->swtlb));
    ASSERT(d == current->domain && !paused);
    paused = !rc;

    return rc;
}

void domain_unpause_except_self(struct domain *d)
{
    ASSERT(d == current->domain && paused);
    paused = 0;
}

/* A continuation that was asked for. */
static _Thread_local struct {
    bool asked;
    int cmd;
    unsigned int vcpuid;
    unsigned long arg[3];
} again;

bool hypercall_preempt_check(void)
{
    /* Whoever looks is about to go back to the guest. */
    ASSERT(!xen_locks_held && !swtlb_inside(&current->swtlb));

    return xen_preempt && xen_preempt();
}

unsigned long hypercall_create_continuation(unsigned int op,
                                            const char *format, ...)
{
    va_list args;
    unsigned int i;

    ASSERT(op == __HYPERVISOR_vcpu_op && !strcmp(format, "iilll"));
    ASSERT(!again.asked);
    again.asked = true;

    va_start(args, format);
    again.cmd = va_arg(args, int);
    again.vcpuid = va_arg(args, unsigned int);
    for ( i = 0; i < ARRAY_SIZE(again.arg); i++ )
        again.arg[i] = va_arg(args, unsigned long);
    va_end(args);

    return op;
}

struct vcpu *xen_curr_vcpu[WORLD_CPUS];
/* What runs on the others. */
static struct domain idle_domain;
static struct vcpu idle = { .domain = &idle_domain };

void vcpu_runs(struct vcpu *v, bool runs)
{
    unsigned int cpu = v->domain->domain_id * WORLD_VCPUS + v->vcpu_id;

    ASSERT(cpu < WORLD_CPUS);
    xen_curr_vcpu[cpu] = runs ? v : &idle;
    if ( runs )
        v->domain->dirty_cpumask->bits |= 1UL << cpu;
}

static struct domain *domain_create(unsigned int id, bool hvm,
                                    unsigned int vcpus)
{
    struct domain *d = calloc(1, sizeof(*d));
    unsigned int i;

    ASSERT(d);
    d->domain_id = id;
    d->max_vcpus = vcpus;
    d->hvm = hvm;
    d->hardware = id == world_hwdom;
    d->maxphysaddr = 46;
    d->vcpu = d->vcpus;
    d->log_dirty = true;
    pthread_mutex_init(&d->p2m_lock, NULL);

    for ( i = vcpus; i--; )
    {
        struct vcpu *v = calloc(1, sizeof(*v));

        ASSERT(v);
        v->vcpu_id = i;
        v->domain = d;
        v->tables = &d->tables;
        v->next_in_list = d->vcpus[i + 1 < vcpus ? i + 1 : i];
        d->vcpus[i] = v;
        vcpu_runs(v, true);
    }

    d->vcpus[vcpus - 1]->next_in_list = NULL;
    d->next_in_list = xen_domains;
    xen_domains = d;
    swtlb_domain_init(d);
    for ( i = 0; i < vcpus; i++ )
        swtlb_vcpu_init(d->vcpus[i]);

    return d;
}

static void domain_destroy(struct domain *d)
{
    unsigned int i;

    swtlb_domain_reset(d);

    for ( i = 0; i < d->max_vcpus; i++ )
    {
        vcpu_runs(d->vcpus[i], false);
        ASSERT(!swtlb_inside(&d->vcpus[i]->swtlb) &&
               !d->vcpus[i]->swtlb.table &&
               !d->vcpus[i]->swtlb.map && !d->vcpus[i]->swtlb.copy_for &&
               !d->vcpus[i]->swtlb.old_slots && !d->vcpus[i]->swtlb.slots &&
               !d->vcpus[i]->swtlb.flags);
        free(d->vcpus[i]);
    }

    ASSERT(!d->swtlb.nr_pinned && !d->swtlb.bytes && !d->swtlb.tables);
    pthread_mutex_destroy(&d->swtlb.lock.mutex);
    pthread_mutex_destroy(&d->p2m_lock);
    free(d);
}

void world_init(void)
{
    ASSERT(!xen_domains);
    dom_pv = domain_create(2, false, 1);
    dom_other = domain_create(1, true, 2);
    dom = domain_create(0, true, WORLD_VCPUS);

    guest_add_page(dom, QUERY_GFN, p2m_ram_rw);
    guest_map(&dom->tables, QUERY_GVA, QUERY_GFN, true);

    world_caller = CALLER_64;
    as(cpu(0));
}

void world_fini(void)
{
    ASSERT(!xen_locks_held);
    xen_alloc_fail(0);
    guest_on_page = guest_on_got = guest_on_sleep = NULL;
    xen_preempt = NULL;
    xen_on_pause = NULL;
    ASSERT(!paused);
    world_on_continue = NULL;
    world_continued = 0;

    while ( xen_domains )
    {
        struct domain *d = xen_domains;

        as(d->vcpus[0]);
        xen_domains = d->next_in_list;
        domain_destroy(d);
    }

    current = NULL;
    pages_fini();
    ASSERT(!xen_alloc_live());
}

uint8_t guest_pattern(const struct domain *d, paddr_t gpa)
{
    return (gpa ^ (gpa >> 8) * 7 ^ (gpa >> PAGE_SHIFT) * 29) + d->domain_id +
           1;
}

struct page_info *guest_add_page(struct domain *d, unsigned long gfn,
                                 p2m_type_t type)
{
    unsigned int i, n = d->nr_gfns++;
    struct page_info *page = page_new(d);

    ASSERT(n < WORLD_GFNS);
    d->p2m[n].gfn = gfn;
    guest_set_entry(d, gfn, type, page);

    for ( i = 0; i < PAGE_SIZE; i++ )
        page->data[i] = guest_pattern(d, (gfn << PAGE_SHIFT) + i);

    return page;
}

static unsigned int p2m_index(const struct domain *d, unsigned long gfn)
{
    unsigned int i;

    for ( i = 0; i < d->nr_gfns && d->p2m[i].gfn != gfn; i++ )
        ;
    ASSERT(i < d->nr_gfns);

    return i;
}

/* With keep, the page stays what it is. */
static void write_entry(struct domain *d, unsigned long gfn, p2m_type_t type,
                        struct page_info *page, bool keep)
{
    unsigned int i = p2m_index(d, gfn);

    pthread_mutex_lock(&d->p2m_lock);
    d->p2m[i].type = type;
    if ( !keep )
        d->p2m[i].page = page;
    if ( swtlb_p2m_matters(&d->swtlb) )
        swtlb_p2m_changed(&d->swtlb);
    pthread_mutex_unlock(&d->p2m_lock);
}

void guest_set_entry(struct domain *d, unsigned long gfn, p2m_type_t type,
                     struct page_info *page)
{
    write_entry(d, gfn, type, page, false);
}

void guest_set_type(struct domain *d, unsigned long gfn, p2m_type_t type)
{
    write_entry(d, gfn, type, NULL, true);
}

struct page_info *guest_page(struct domain *d, unsigned long gfn)
{
    return d->p2m[p2m_index(d, gfn)].page;
}

uint8_t *guest_mem(struct domain *d, paddr_t gpa)
{
    return guest_page(d, gpa >> PAGE_SHIFT)->data + (gpa & ~PAGE_MASK);
}

void guest_map(struct page_tables *t, unsigned long gva, unsigned long gfn,
               bool writable)
{
    unsigned int n = t->nr++;

    ASSERT(n < WORLD_GFNS);
    t->leaf[n].page = gva >> PAGE_SHIFT;
    t->leaf[n].gfn = gfn;
    t->leaf[n].writable = writable;
}

void guest_clear_events(struct domain *d)
{
    d->nr_dirty = d->nr_monitored = d->nr_populated = 0;
}

/* Put gpa and size where the call has them, and rubbish where not. */
static void set_args(struct vcpu *v, uint64_t gpa, uint64_t size)
{
    bool multi = world_caller == CALLER_64_MULTI ||
                 world_caller == CALLER_32_MULTI;

    memset(&v->mc_state, 0x5a, sizeof(v->mc_state));
    v->mc_state.flags = multi ? MCSF_in_multicall : 0;
    v->hcall_compat = world_caller >= CALLER_32;
    v->regs = (struct cpu_user_regs){
        .r10 = POISON, .r8 = POISON,
        .esi = (uint32_t)POISON, .edi = (uint32_t)POISON,
    };

    switch ( world_caller )
    {
    case CALLER_64:
        v->regs.r10 = gpa;
        v->regs.r8 = size;
        break;

    case CALLER_64_MULTI:
        v->mc_state.call.args[3] = gpa;
        v->mc_state.call.args[4] = size;
        break;

    case CALLER_32:
        v->regs.esi = gpa;
        v->regs.edi = size;
        break;

    case CALLER_32_MULTI:
        v->mc_state.compat_call.args[3] = gpa;
        v->mc_state.compat_call.args[4] = size;
        break;
    }
}

unsigned int vcpu_copy(enum way way, void *buf, unsigned long gva,
                       unsigned int len)
{
    unsigned int taken = xen_locks_taken, rc;

    switch ( way )
    {
    case FROM:
        rc = raw_copy_from_guest(buf, (void *)gva, len);
        break;

    case TO:
        rc = raw_copy_to_guest((void *)gva, buf, len);
        break;

    default:
        rc = raw_clear_guest((void *)gva, len);
        break;
    }

    ASSERT(!swtlb_inside(&current->swtlb) && xen_locks_taken == taken);
    ASSERT(rc == 0 || rc == len);

    return rc;
}

long vcpu_op(int cmd, unsigned int vcpuid, uint64_t gva, uint64_t gpa,
             uint64_t size)
{
    bool narrow = world_caller >= CALLER_32;
    struct cpu_user_regs regs;
    long rc;

    ASSERT(swtlb_is_op(cmd));

    for ( ; ; )
    {
        set_args(current, gpa, size);
        regs = current->regs;
        rc = do_swtlb_op(cmd, vcpuid, narrow ? (uint32_t)gva : gva);
        if ( !again.asked )
            break;

        /* The same call, so that no argument is lost on any way. */
        again.asked = false;
        ASSERT(again.cmd == cmd && again.vcpuid == vcpuid &&
               again.arg[0] == (narrow ? (uint32_t)gva : gva) &&
               again.arg[1] == (narrow ? (uint32_t)gpa : gpa) &&
               again.arg[2] == (narrow ? (uint32_t)size : size));
        world_continued++;
        if ( world_on_continue )
            world_on_continue();
    }

    ASSERT(!swtlb_inside(&current->swtlb) && !xen_locks_held);
    /* The ABI says that they are preserved. */
    ASSERT(!memcmp(&regs, &current->regs, sizeof(regs)));
    ASSERT(rc <= 0);
    current->mc_state.flags = 0;

    return rc;
}

long op_insert(unsigned int vcpuid, uint64_t gva, uint64_t gpa, uint64_t size)
{
    int cmd = VCPUOP_swtlb_insert;

    if ( world_caller >= CALLER_32 )
        cmd |= XEN_SWTLB_GPA_HI(gpa);

    return vcpu_op(cmd, vcpuid, gva, gpa, size);
}

long op_pin(unsigned int vcpuid, uint64_t gva, uint64_t gpa, uint64_t size)
{
    int cmd = VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_pinned;

    if ( world_caller >= CALLER_32 )
        cmd |= XEN_SWTLB_GPA_HI(gpa);

    return vcpu_op(cmd, vcpuid, gva, gpa, size);
}

long op_purge(unsigned int vcpuid, uint64_t gva, uint64_t size)
{
    return vcpu_op(VCPUOP_swtlb_purge, vcpuid, gva, 0, size);
}

long op_purge_all(unsigned int vcpuid)
{
    return vcpu_op(VCPUOP_swtlb_purge_all, vcpuid, 0, 0, 0);
}

long op_share(unsigned int vcpuid, unsigned int with)
{
    return vcpu_op(VCPUOP_swtlb_share, vcpuid, with, 0, 0);
}

/* As a query, but nobody's statistics, nor the buffer, show it afterwards. */
static long query(unsigned int vcpuid, unsigned int what, unsigned int idx,
                  void *out, unsigned int len)
{
    struct xen_swtlb_stats stats = current->swtlb.stats;
    unsigned int walks = current->walks, dirty = dom->nr_dirty;
    uint8_t *buf = guest_mem(dom, QUERY_GFN << PAGE_SHIFT);
    uint8_t saved[64];
    long rc;

    memcpy(saved, buf, sizeof(saved));
    memset(buf, 0xee, sizeof(saved));

    rc = vcpu_op(VCPUOP_swtlb_query, vcpuid, QUERY_GVA, what, idx);
    if ( !rc )
        memcpy(out, buf, len);
    /* Nothing is written beyond the end. */
    ASSERT(buf[rc ? 0 : len] == 0xee);

    memcpy(buf, saved, sizeof(saved));
    current->swtlb.stats = stats;
    current->walks = walks;
    dom->nr_dirty = dirty;

    return rc;
}

struct xen_swtlb_state get_state(unsigned int vcpuid)
{
    struct xen_swtlb_state out;

    ASSERT(!query(vcpuid, XEN_SWTLB_QUERY_state, 0, &out, sizeof(out)));

    return out;
}

struct xen_swtlb_stats get_stats(unsigned int vcpuid)
{
    struct xen_swtlb_stats out;

    ASSERT(!query(vcpuid, XEN_SWTLB_QUERY_stats, 0, &out, sizeof(out)));

    return out;
}

struct xen_swtlb_limits get_limits(void)
{
    struct xen_swtlb_limits out;

    ASSERT(!query(0, XEN_SWTLB_QUERY_limits, 0, &out, sizeof(out)));

    return out;
}

long get_entry(unsigned int vcpuid, unsigned int idx,
                 struct xen_swtlb_entry *entry)
{
    return query(vcpuid, XEN_SWTLB_QUERY_entry, idx, entry, sizeof(*entry));
}

static void text_add(char *text, size_t size, const char *fmt, ...)
{
    size_t len = strlen(text);
    va_list args;

    va_start(args, fmt);
    ASSERT((size_t)vsnprintf(text + len, size - len, fmt, args) < size - len);
    va_end(args);
}

static void text_add_vcpu(char *text, size_t size, const struct vcpu *v)
{
    const struct swtlb_map *map = v->swtlb.map;
    unsigned int i;

    for ( i = 0; i < v->vcpu_id; i++ )
        if ( v->swtlb.table && cpu(i)->swtlb.table == v->swtlb.table )
        {
            ASSERT(cpu(i)->swtlb.map == map);
            text_add(text, size, "=%u", i);
            return;
        }

    if ( !map )
        text_add(text, size, "-");

    for ( i = 0; map && i < map->nr; i++ )
        text_add(text, size, "%s%lx+%lx>%lx%s", i ? "," : "",
                 map->entry[i].gva,
                 map->entry[i].last - map->entry[i].gva + 1,
                 map->entry[i].gpa, map->entry[i].pin ? "!" : "");
}

const char *world_tables(void)
{
    static char texts[2][4096];
    static unsigned int next;
    char *text = texts[next++ % 2];
    unsigned int i;

    *text = '\0';
    for ( i = 0; i < WORLD_VCPUS; i++ )
    {
        text_add(text, sizeof(texts[0]), i ? " " : "");
        text_add_vcpu(text, sizeof(texts[0]), cpu(i));
    }

    return text;
}

static uint64_t hash_memory(const struct domain *d)
{
    uint64_t hash = 0;
    unsigned int i, j;

    for ( i = 0; i < d->nr_gfns; i++ )
        for ( j = 0; d->p2m[i].page && j < PAGE_SIZE; j++ )
            hash = (hash ^ d->p2m[i].page->data[j]) * 0x100000001b3ULL;

    return hash;
}

static unsigned int count_held(const struct domain *d)
{
    unsigned int i, n = 0;

    for ( i = 0; i < d->nr_gfns; i++ )
    {
        const struct page_info *page = d->p2m[i].page;

        if ( page )
            n += page_refs(page) + page->types + page->maps;
    }

    return n;
}

void snapshot_take(struct snapshot *s)
{
    unsigned int i;

    memset(s, 0, sizeof(*s));

    for ( i = 0; i < WORLD_VCPUS; i++ )
    {
        const struct swtlb_vcpu *sv = &cpu(i)->swtlb;

        s->vcpu[i].table = sv->table;
        s->vcpu[i].nr = sv->map ? sv->map->nr : 0;
        ASSERT(s->vcpu[i].nr <= ARRAY_SIZE(s->vcpu[i].entry));
        if ( sv->map )
            memcpy(s->vcpu[i].entry, sv->map->entry,
                   s->vcpu[i].nr * sizeof(sv->map->entry[0]));
        s->vcpu[i].stats = sv->stats;
        s->vcpu[i].subject = sv->copy_for;
    }

    s->allocated = xen_alloc_live();
    s->nr_pinned = dom->swtlb.nr_pinned;
    s->held = count_held(dom);
    s->memory = hash_memory(dom);
    strcpy(s->tables, world_tables());
}

const char *snapshot_differs(const struct snapshot *old)
{
    static struct snapshot now;
    unsigned int i;

    snapshot_take(&now);

    if ( strcmp(now.tables, old->tables) )
        return "entries";
    if ( now.allocated != old->allocated )
        return "allocated memory";
    if ( now.nr_pinned != old->nr_pinned )
        return "number of pinned pages";
    if ( now.held != old->held )
        return "what is held of pages";
    if ( now.memory != old->memory )
        return "guest memory";

    for ( i = 0; i < WORLD_VCPUS; i++ )
    {
        if ( now.vcpu[i].table != old->vcpu[i].table )
            return "table";
        if ( memcmp(now.vcpu[i].entry, old->vcpu[i].entry,
                    sizeof(now.vcpu[i].entry)) )
            return "fields of an entry";
        if ( memcmp(&now.vcpu[i].stats, &old->vcpu[i].stats,
                    sizeof(now.vcpu[i].stats)) )
            return "statistics";
        if ( now.vcpu[i].subject != old->vcpu[i].subject )
            return "subject";
    }

    return NULL;
}
