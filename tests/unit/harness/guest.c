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
void (*guest_on_page)(void);

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
    ASSERT(!current->swtlb.busy);
    ASSERT(!xen_locks_held);
}

/* Append to one of a domain's lists; it counts also what does not fit. */
static void record(unsigned long *list, unsigned int *nr, unsigned long value)
{
    unsigned int n = __atomic_fetch_add(nr, 1, __ATOMIC_RELAXED);

    if ( n < WORLD_EVENTS )
        list[n] = value;
}

/* The second half of a translation: from gfn to a page, with a reference. */
static enum hvm_translation_result get_page(struct vcpu *v, unsigned long gfn,
                                            struct page_info **page,
                                            p2m_type_t *type)
{
    struct domain *d = v->domain;
    unsigned int i;

    ASSERT(d->hvm);

    for ( i = 0; i < d->nr_gfns && d->p2m[i].gfn != gfn; i++ )
        ;

    if ( i == d->nr_gfns )
        return HVMTRANS_bad_gfn_to_mfn;

    *type = d->p2m[i].type;
    *page = &d->p2m[i].page;

    switch ( *type )
    {
    case p2m_invalid:
    case p2m_mmio_dm:
    case p2m_mmio_direct:
        return HVMTRANS_bad_gfn_to_mfn;

    case p2m_ram_paged:
        ASSERT(d->paging);
        may_sleep_here();
        record(d->populated, &d->nr_populated, gfn);
        return HVMTRANS_gfn_paged_out;

    case p2m_ram_shared:
        return HVMTRANS_gfn_shared;

    case p2m_grant_map_rw:
    case p2m_grant_map_ro:
        return HVMTRANS_unhandleable;

    default:
        __atomic_add_fetch(&(*page)->refs, 1, __ATOMIC_RELAXED);
        return HVMTRANS_okay;
    }
}

enum hvm_translation_result hvm_translate_get_page(
    struct vcpu *v, unsigned long addr, bool linear, uint32_t pfec,
    pagefault_info_t *pfinfo, struct page_info **page, gfn_t *gfn,
    p2m_type_t *type)
{
    /* Registered buffers are never walked for. */
    ASSERT(!linear && !pfec && !pfinfo);
    ASSERT(v->domain == current->domain);

    if ( guest_on_page )
        guest_on_page();

    *gfn = gaddr_to_gfn(addr);

    return get_page(v, gfn_x(*gfn), page, type);
}

void put_page(struct page_info *page)
{
    unsigned int refs = __atomic_fetch_sub(&page->refs, 1, __ATOMIC_RELAXED);

    ASSERT(refs);
}

static bool forbidden(const struct page_info *page)
{
    return __atomic_load_n(&page->forbidden, __ATOMIC_ACQUIRE);
}

void *__map_domain_page(struct page_info *page)
{
    ASSERT(__atomic_load_n(&page->refs, __ATOMIC_RELAXED));
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
    record(d->dirty, &d->nr_dirty, pfn.pfn);
}

bool hvm_monitor_check_p2m(unsigned long gla, gfn_t gfn, uint32_t pfec,
                           uint16_t kind)
{
    struct domain *d = current->domain;
    unsigned int n = d->nr_monitored++;

    ASSERT(kind == npfec_kind_with_gla);
    ASSERT(current->arch.vm_event && n < WORLD_EVENTS);
    may_sleep_here();

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
 * Thread sanitizer would rightly say that this reads a pointer which others
 * write.  What is seen there only decides who looks at it in earnest; for
 * this build that is always the software TLB.
 */
static bool engaged(unsigned int len)
{
#ifdef UNIT_TSAN
    return len || true;
#else
    return swtlb_engaged(&current->swtlb, len);
#endif
}

unsigned int raw_copy_to_guest(void *to, const void *from, unsigned int len)
{
    if ( engaged(len) )
        return swtlb_copy_to_guest((unsigned long)to, from, len);

    return guest_copy((unsigned long)to, (void *)from, len, true) ? len : 0;
}

unsigned int raw_clear_guest(void *to, unsigned int len)
{
    return raw_copy_to_guest(to, NULL, len);
}

unsigned int raw_copy_from_guest(void *to, const void *from,
                                 unsigned int len)
{
    if ( engaged(len) )
        return swtlb_copy_from_guest(to, (unsigned long)from, len);

    return guest_copy((unsigned long)from, to, len, false) ? len : 0;
}
