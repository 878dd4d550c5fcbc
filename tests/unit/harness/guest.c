/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and their memory, for the unit tests: page tables and P2M are plain
 * lists, and each page is a block of memory of its own, so that address
 * sanitizer sees a copy that runs over a page's end.
 *
 * guest_copy() is what a copy does without a software TLB, and what copies
 * through one are compared with.
 */

#include "guest.h"

_Thread_local struct vcpu *current;
struct domain *xen_domains;
struct rcu_read_lock domlist_read_lock;
void (*guest_on_page)(void), (*guest_on_got)(void), (*guest_on_sleep)(void);

struct vcpu *domain_vcpu(const struct domain *d, unsigned int vcpu_id)
{
    return vcpu_id < d->max_vcpus ? d->vcpu[vcpu_id] : NULL;
}

void rcu_read_lock(struct rcu_read_lock *lock)
{
    lock->depth++;
}

void rcu_read_unlock(struct rcu_read_lock *lock)
{
    ASSERT(lock->depth);
    lock->depth--;
}

struct domain *rcu_first_domain(void)
{
    ASSERT(domlist_read_lock.depth);

    return xen_domains;
}

/* What may have to wait for a toolstack must not happen inside a lookup. */
static void may_sleep_here(void)
{
    ASSERT(!swtlb_inside(&current->swtlb));
    ASSERT(!xen_locks_held);
}

/* It does have to wait: as prepare_to_wait() does, with the hook in it. */
static void sleep_here(void)
{
    swtlb_sleep(&current->swtlb);
    may_sleep_here();
    if ( guest_on_sleep )
        guest_on_sleep();
}

/* Append to one of a domain's lists; it counts also what does not fit. */
static void record(unsigned long *list, unsigned int *nr, unsigned long value)
{
    unsigned int n = __atomic_fetch_add(nr, 1, __ATOMIC_RELAXED);

    if ( n < WORLD_EVENTS )
        list[n] = value;
}

/* What the P2M says, with a reference to the page if there is one. */
static p2m_type_t p2m_get(struct domain *d, unsigned long gfn,
                          struct page_info **page)
{
    p2m_type_t type = p2m_invalid;
    unsigned int i;

    ASSERT(d->hvm);
    pthread_mutex_lock(&d->p2m_lock);

    for ( i = 0; i < d->nr_gfns && d->p2m[i].gfn != gfn; i++ )
        ;

    *page = NULL;
    if ( i < d->nr_gfns )
    {
        type = d->p2m[i].type;
        *page = d->p2m[i].page;
        if ( *page )
        {
            ASSERT(__atomic_load_n(&(*page)->count, __ATOMIC_SEQ_CST));
            __atomic_add_fetch(&(*page)->count, 1, __ATOMIC_SEQ_CST);
        }
    }

    pthread_mutex_unlock(&d->p2m_lock);

    return type;
}

static bool is_paging(p2m_type_t type)
{
    return type == p2m_ram_paging_out || type == p2m_ram_paged;
}

void p2m_mem_paging_populate(struct domain *d, gfn_t gfn)
{
    struct page_info *page;

    ASSERT(d->paging);
    sleep_here();
    if ( is_paging(p2m_get(d, gfn_x(gfn), &page)) )
        record(d->populated, &d->nr_populated, gfn_x(gfn));
    if ( page )
        put_page(page);
}

/* Whether a lookup gives a page of this type to its caller. */
static enum hvm_translation_result usable(struct domain *d, unsigned long gfn,
                                          p2m_type_t type)
{
    switch ( type )
    {
    case p2m_invalid:
    case p2m_mmio_dm:
    case p2m_mmio_direct:
    case p2m_ram_paged:
        return HVMTRANS_bad_gfn_to_mfn;

    case p2m_ram_paging_out:
        p2m_mem_paging_populate(d, _gfn(gfn));
        return HVMTRANS_gfn_paged_out;

    case p2m_ram_shared:
        return HVMTRANS_gfn_shared;

    case p2m_grant_map_rw:
    case p2m_grant_map_ro:
        return HVMTRANS_unhandleable;

    default:
        return HVMTRANS_okay;
    }
}

/* The second half of a translation: from gfn to a page, with a reference. */
static enum hvm_translation_result get_page(struct vcpu *v, unsigned long gfn,
                                            struct page_info **page,
                                            p2m_type_t *type)
{
    enum hvm_translation_result res;

    *type = p2m_get(v->domain, gfn, page);
    res = usable(v->domain, gfn, *type);
    /* No reference is to be had to what is not the domain's. */
    if ( *page && *type != p2m_map_foreign && *type != p2m_ram_shared &&
         page_get_owner(*page) != v->domain )
        res = HVMTRANS_bad_gfn_to_mfn;
    if ( res != HVMTRANS_okay && *page )
        put_page(*page);
    ASSERT(res != HVMTRANS_okay || *page);

    return res;
}

enum hvm_translation_result hvm_translate_get_page(
    struct vcpu *v, unsigned long addr, bool linear, uint32_t pfec,
    pagefault_info_t *pfinfo, struct page_info **page, gfn_t *gfn,
    p2m_type_t *type)
{
    enum hvm_translation_result res;

    /* Registered buffers are never walked for. */
    ASSERT(!linear && !pfec && !pfinfo);
    ASSERT(v->domain == current->domain);

    if ( guest_on_page )
        guest_on_page();

    *gfn = gaddr_to_gfn(addr);
    __atomic_add_fetch(&v->domain->lookups, 1, __ATOMIC_RELAXED);
    res = get_page(v, gfn_x(*gfn), page, type);

    if ( guest_on_got )
        guest_on_got();

    return res;
}

int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly,
                            p2m_type_t *type, struct page_info **page)
{
    /* It may wait for a toolstack, and unshare. */
    may_sleep_here();
    ASSERT(!readonly);

    *type = p2m_get(d, gfn_x(gfn), page);
    if ( *page && !is_paging(*type) && *type != p2m_ram_shared &&
         *type != p2m_mmio_direct && *type != p2m_invalid )
        return 0;

    if ( *page )
        put_page(*page);
    *page = NULL;

    return *type == p2m_mmio_direct ? -EPERM
           : is_paging(*type) || *type == p2m_ram_shared ? -EAGAIN : -EINVAL;
}

struct domain *page_get_owner(const struct page_info *page)
{
    ASSERT(__atomic_load_n(&page->count, __ATOMIC_SEQ_CST));

    return __atomic_load_n(&page->owner, __ATOMIC_SEQ_CST);
}

void put_page(struct page_info *page)
{
    unsigned int count = __atomic_fetch_sub(&page->count, 1, __ATOMIC_SEQ_CST);

    ASSERT(count);
    /* A type or a mapping does not outlast the last reference. */
    ASSERT(count > 1 || (!page->types && !page->maps));
}

bool get_page_type(struct page_info *page, unsigned long type)
{
    ASSERT(type == PGT_writable_page);
    if ( page->untypable )
        return false;

    __atomic_add_fetch(&page->types, 1, __ATOMIC_SEQ_CST);

    return true;
}

void put_page_and_type(struct page_info *page)
{
    ASSERT(__atomic_fetch_sub(&page->types, 1, __ATOMIC_SEQ_CST));
    put_page(page);
}

static bool forbidden(const struct page_info *page)
{
    return __atomic_load_n(&page->forbidden, __ATOMIC_ACQUIRE);
}

void *__map_domain_page(struct page_info *page)
{
    ASSERT(__atomic_load_n(&page->count, __ATOMIC_RELAXED));
    ASSERT(!forbidden(page));
    __atomic_add_fetch(&page->maps, 1, __ATOMIC_RELAXED);

    return page->data;
}

void unmap_domain_page(const void *p)
{
    struct page_info *page = guest_page_of(p);
    unsigned int maps = __atomic_fetch_sub(&page->maps, 1, __ATOMIC_RELAXED);

    ASSERT(maps);
    ASSERT(!forbidden(page));
}

void paging_mark_pfn_dirty(struct domain *d, pfn_t pfn)
{
    if ( d->log_dirty )
        record(d->dirty, &d->nr_dirty, pfn.pfn);
}

bool hvm_monitor_check_p2m(unsigned long gla, gfn_t gfn, uint32_t pfec,
                           uint16_t kind)
{
    struct domain *d = current->domain;
    unsigned int n = d->nr_monitored++;

    ASSERT(kind == npfec_kind_with_gla);
    ASSERT(current->arch.vm_event && n < WORLD_EVENTS);
    sleep_here();

    d->monitored[n].gla = gla;
    d->monitored[n].gfn = gfn_x(gfn);
    d->monitored[n].pfec = pfec;

    return d->monitor_objects;
}

/* From gva to gfn by the page tables of the current vCPU. */
static bool walk(unsigned long gva, bool write, unsigned long *gfn)
{
    const struct page_tables *t = current->tables;
    unsigned int i;

    current->walks++;

    for ( i = 0; i < t->nr; i++ )
        if ( t->leaf[i].page == gva >> PAGE_SHIFT )
        {
            *gfn = t->leaf[i].gfn;
            return t->leaf[i].writable || !write;
        }

    return false;
}

static enum hvm_translation_result copy_to_page(struct page_info *page,
                                                p2m_type_t type,
                                                unsigned long gfn,
                                                unsigned int offset,
                                                const void *buf,
                                                unsigned int count)
{
    if ( type == p2m_ioreq_server )
        return HVMTRANS_bad_gfn_to_mfn;

    if ( p2m_is_discard_write(type) )
        return HVMTRANS_okay;

    ASSERT(!forbidden(page));
    if ( buf )
        memcpy(page->data + offset, buf, count);
    else
        memset(page->data + offset, 0, count);
    paging_mark_pfn_dirty(current->domain, _pfn(gfn));

    return HVMTRANS_okay;
}

/* Whether introspection objects. */
static bool objects(unsigned long gva, unsigned long gfn, bool to_guest)
{
    const struct arch_vm_event *e = current->arch.vm_event;

    return e && e->send_event &&
           hvm_monitor_check_p2m(gva, _gfn(gfn),
                                 PFEC_page_present |
                                 (to_guest ? PFEC_write_access : 0),
                                 npfec_kind_with_gla);
}

static enum hvm_translation_result guest_copy(unsigned long gva, void *buf,
                                              unsigned int len, bool to_guest)
{
    may_sleep_here();

    while ( len )
    {
        unsigned int offset = gva & ~PAGE_MASK;
        unsigned int count = min_t(unsigned int, PAGE_SIZE - offset, len);
        struct page_info *page;
        unsigned long gfn;
        p2m_type_t type;
        enum hvm_translation_result rc;

        if ( !walk(gva, to_guest, &gfn) )
            return HVMTRANS_bad_linear_to_gfn;

        rc = get_page(current, gfn, &page, &type);
        /* This the walk sees to itself, and not the lookup. */
        if ( type == p2m_ram_paged )
        {
            p2m_mem_paging_populate(current->domain, _gfn(gfn));
            rc = HVMTRANS_gfn_paged_out;
        }
        if ( rc != HVMTRANS_okay )
            return rc;

        if ( to_guest && type == p2m_ioreq_server )
            rc = HVMTRANS_bad_gfn_to_mfn;
        else if ( objects(gva, gfn, to_guest) )
            rc = HVMTRANS_need_retry;
        else if ( to_guest )
            rc = copy_to_page(page, type, gfn, offset, buf, count);
        else
            memcpy(buf, page->data + offset, count);

        put_page(page);
        if ( rc != HVMTRANS_okay )
            return rc;

        gva += count;
        buf = buf ? (uint8_t *)buf + count : NULL;
        len -= count;
    }

    return HVMTRANS_okay;
}

enum hvm_translation_result hvm_copy_to_guest_linear(
    unsigned long addr, const void *buf, unsigned int size, uint32_t pfec,
    pagefault_info_t *pfinfo)
{
    ASSERT(!pfec && !pfinfo);

    return guest_copy(addr, (void *)buf, size, true);
}

enum hvm_translation_result hvm_copy_from_guest_linear(
    void *buf, unsigned long addr, unsigned int size, uint32_t pfec,
    pagefault_info_t *pfinfo)
{
    ASSERT(!pfec && !pfinfo);

    return guest_copy(addr, buf, size, false);
}

/*
 * It reads the flags without ACCESS_ONCE(), so that they are tested in place:
 * for a single word that is as good, but thread sanitizer cannot know.
 */
#ifdef UNIT_TSAN
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#else
#define AnnotateIgnoreReadsBegin(file, line) ((void)0)
#define AnnotateIgnoreReadsEnd(file, line)   ((void)0)
#endif

static bool engaged(struct swtlb_vcpu *sv, unsigned long gva, unsigned int len)
{
    bool ret;

    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    ret = swtlb_applies(sv, gva, len);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);

    return ret;
}

unsigned int raw_copy_to_guest(void *to, const void *from, unsigned int len)
{
    struct swtlb_vcpu *sv = &current->swtlb;
    unsigned long gva = (unsigned long)to;
    bool failed;

    if ( engaged(sv, gva, len) )
        return swtlb_copy_to_guest(gva, from, len);

    failed = guest_copy(gva, (void *)from, len, true) != HVMTRANS_okay;
    swtlb_walked(sv, failed);

    return failed ? len : 0;
}

unsigned int raw_clear_guest(void *to, unsigned int len)
{
    return raw_copy_to_guest(to, NULL, len);
}

unsigned int raw_copy_from_guest(void *to, const void *from,
                                 unsigned int len)
{
    struct swtlb_vcpu *sv = &current->swtlb;
    unsigned long gva = (unsigned long)from;
    bool failed;

    if ( engaged(sv, gva, len) )
        return swtlb_copy_from_guest(to, gva, len);

    failed = guest_copy(gva, to, len, false) != HVMTRANS_okay;
    swtlb_walked(sv, failed);

    return failed ? len : 0;
}
