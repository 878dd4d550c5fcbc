/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of a guest that Xen holds for pinned entries: a general reference and
 * a writable type reference to each, as map_guest_area() takes.  They are not
 * mapped anywhere: a copy finds them as that of a plain entry does.
 */

#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/swtlb.h>
#include <xen/swtlb-compat.h>
#include <xen/swtlb-copy.h>
#include <xen/swtlb-pin.h>
#include <xen/xmalloc.h>

#include <asm/p2m.h>

/* Static buffers of a vCPU: a few for arguments, a few for results. */
#define PINNED_PER_VCPU 16U

unsigned int swtlb_pin_limit(const struct domain *d)
{
    return PINNED_PER_VCPU * d->max_vcpus;
}

/* A page may be pinned if any copy could write to it, now and later. */
static int get_pinnable_page(struct domain *d, gfn_t gfn,
                             struct page_info **page)
{
    p2m_type_t p2mt;
    int rc = check_get_page_from_gfn(d, gfn, false, &p2mt, page);

    /* Later it may be there: a page that is paged out has been asked for. */
    if ( rc )
        return rc == -EAGAIN ? -EAGAIN : -EACCES;

    if ( page_get_owner(*page) == d && arch_swtlb_is_ram(p2mt) &&
         get_page_type(*page, PGT_writable_page) )
        return 0;

    put_page(*page);

    return -EACCES;
}

static void put_pages_of(struct swtlb_pin *pin)
{
    while ( pin->nr )
        put_page_and_type(pin->page[--pin->nr]);

    xfree(pin);
}

static int get_pages_of(struct domain *d, struct swtlb_pin *pin, gfn_t gfn,
                        unsigned int nr)
{
    for ( ; pin->nr < nr; pin->nr++ )
    {
        int rc = get_pinnable_page(d, gfn_add(gfn, pin->nr),
                                   &pin->page[pin->nr]);

        if ( rc )
            return rc;
    }

    return 0;
}

static unsigned int pin_bytes(unsigned int nr)
{
    return offsetof(struct swtlb_pin, page[nr]);
}

/* Let d have nr more pages pinned; returns whether it may. */
static bool pinned_add(struct domain *d, unsigned int nr)
{
    bool ok;

    spin_lock(&d->swtlb.lock);

    ok = nr <= swtlb_pin_limit(d) - d->swtlb.nr_pinned;
    if ( ok )
    {
        d->swtlb.nr_pinned += nr;
        d->swtlb.bytes += pin_bytes(nr);
    }

    spin_unlock(&d->swtlb.lock);

    return ok;
}

static void pinned_sub(struct domain *d, unsigned int nr)
{
    spin_lock(&d->swtlb.lock);
    d->swtlb.nr_pinned -= nr;
    d->swtlb.bytes -= pin_bytes(nr);
    spin_unlock(&d->swtlb.lock);
}

int swtlb_pin(struct domain *d, paddr_t gpa, unsigned long size,
              struct swtlb_pin **pinp)
{
    unsigned long nr = PFN_DOWN(gpa + (size - 1)) - PFN_DOWN(gpa) + 1;
    struct swtlb_pin *pin;
    int rc;

    if ( nr > XEN_SWTLB_MAX_PINNED_PER_ENTRY || !pinned_add(d, nr) )
        return -ENOBUFS;

    pin = xzalloc_flex_struct(struct swtlb_pin, page, nr);
    rc = pin ? get_pages_of(d, pin, gaddr_to_gfn(gpa), nr) : -ENOMEM;
    if ( !rc )
    {
        *pinp = pin;
        return 0;
    }

    if ( pin )
        put_pages_of(pin);
    pinned_sub(d, nr);

    return rc;
}

void swtlb_unpin(struct domain *d, struct swtlb_pin *pin)
{
    unsigned int nr = pin->nr;

    put_pages_of(pin);
    pinned_sub(d, nr);
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
