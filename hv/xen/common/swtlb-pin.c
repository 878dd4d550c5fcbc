/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of a guest that Xen holds and keeps mapped, for pinned entries.
 *
 * The rules are those of map_guest_area(): a general reference and a writable
 * type reference to each page, and a mapping that any vCPU can use.
 */

#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-pin.h>
#include <xen/vmap.h>

#include <asm/p2m.h>

/* Static buffers of a vCPU: a few for arguments, a few for results. */
#define PINNED_PER_VCPU 16U

unsigned int swtlb_pin_limit(const struct domain *d)
{
    return PINNED_PER_VCPU * d->max_vcpus;
}

/* A page may be pinned if any copy could write to it, now and later. */
static struct page_info *get_pinnable_page(struct domain *d, gfn_t gfn)
{
    struct page_info *page;
    p2m_type_t p2mt;

    if ( check_get_page_from_gfn(d, gfn, false, &p2mt, &page) )
        return NULL;

    if ( page_get_owner(page) == d &&
         (p2mt == p2m_ram_rw || p2mt == p2m_ram_logdirty) &&
         get_page_type(page, PGT_writable_page) )
        return page;

    put_page(page);

    return NULL;
}

static void release(struct swtlb_pin *pin)
{
    if ( pin->va )
        vunmap(pin->va);

    while ( pin->nr )
        put_page_and_type(pin->page[--pin->nr]);

    xvfree(pin);
}

static int hold(struct domain *d, struct swtlb_pin *pin, unsigned int nr)
{
    gfn_t gfn = gaddr_to_gfn(pin->gpa);
    mfn_t *mfns = xvmalloc_array(mfn_t, nr);
    int rc = -ENOMEM;

    if ( !mfns )
        return rc;

    for ( ; pin->nr < nr; pin->nr++ )
    {
        struct page_info *page = get_pinnable_page(d, gfn_add(gfn, pin->nr));

        rc = -EACCES;
        if ( !page )
            goto out;

        pin->page[pin->nr] = page;
        mfns[pin->nr] = page_to_mfn(page);
    }

    pin->va = vmap(mfns, nr);
    rc = pin->va ? 0 : -ENOMEM;

 out:
    xvfree(mfns);

    return rc;
}

/* Account for nr more pages (or less, if negative). */
static bool account(struct domain *d, long nr)
{
    bool ok;

    ASSERT(spin_is_locked(&d->swtlb.lock));

    ok = nr <= 0 || nr <= swtlb_pin_limit(d) - d->swtlb.nr_pinned;
    if ( ok )
        d->swtlb.nr_pinned += nr;

    return ok;
}

int swtlb_pin(struct domain *d, paddr_t gpa, unsigned long size,
              struct swtlb_pin **pinp)
{
    unsigned long nr = PFN_DOWN(gpa + (size - 1)) - PFN_DOWN(gpa) + 1;
    struct swtlb_pin *pin;
    bool ok;
    int rc;

    spin_lock(&d->swtlb.lock);
    ok = nr <= LONG_MAX && account(d, nr);
    spin_unlock(&d->swtlb.lock);

    if ( !ok )
        return -ENOBUFS;

    rc = -ENOMEM;
    pin = xvzalloc_flex_struct(struct swtlb_pin, page, nr);
    if ( pin )
    {
        pin->gpa = gpa & PAGE_MASK;
        rc = hold(d, pin, nr);
    }

    if ( !rc )
    {
        *pinp = pin;
        return 0;
    }

    if ( pin )
        release(pin);

    spin_lock(&d->swtlb.lock);
    account(d, -(long)nr);
    spin_unlock(&d->swtlb.lock);

    return rc;
}

void swtlb_unpin(struct domain *d, struct swtlb_pin *pin)
{
    account(d, -(long)pin->nr);
    release(pin);
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
