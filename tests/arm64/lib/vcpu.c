/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting other vCPUs, by PSCI, and giving them work. */

#include <pvh.h>

#include "lib.h"

/* Work is there as long as posted is ahead of done. */
static struct work {
    void (*fn)(void *arg);      /* NULL: go down */
    void *arg;
    unsigned int posted, done;
    bool alive;
} work[MAX_VCPUS];

#define load(x)         __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define store(x, val)   __atomic_store_n(&(x), val, __ATOMIC_RELEASE)

unsigned int vcpu_id(void)
{
    return read_sysreg(mpidr_el1) & 0xff;
}

/* An operation that there is not: of a vCPU that there is, it is refused. */
unsigned int vcpu_count(void)
{
    unsigned int nr = 0;

    while ( hypercall_vcpu_op(VCPUOP_send_nmi, nr, NULL) != -XEN_ENOENT )
        nr++;

    return nr;
}

void vcpu_require(unsigned int nr)
{
    unsigned int have = vcpu_count();

    if ( have < nr )
        test_abort(VERDICT_skip, "needs %u vCPUs, has %u", nr, have);
}

void ap_main(unsigned int id)
{
    struct work *w = &work[id];

    cpu_setup();
    store(w->alive, true);

    for ( ; ; )
    {
        if ( load(w->posted) == w->done )
        {
            hypercall_yield();
            continue;
        }

        if ( w->fn )
            w->fn(w->arg);
        else
            store(w->alive, false);
        store(w->done, w->posted);
        if ( !w->fn )
            psci(PSCI_CPU_OFF, 0, 0, 0);
    }
}

void vcpu_start(unsigned int id)
{
    struct work *w = &work[id];
    long rc;

    if ( !id || id >= MAX_VCPUS )
        test_abort(VERDICT_error, "vCPU %u is out of the framework's reach",
                   id);

    /* One that goes down may not be there yet: -4, ALREADY_ON. */
    while ( (rc = psci(PSCI_CPU_ON, id, (unsigned long)ap_entry, id)) == -4 )
        hypercall_yield();
    REQUIRE_RC(rc, 0);
    wait_until(load(w->alive));
}

void vcpu_call(unsigned int id, void (*fn)(void *arg), void *arg)
{
    struct work *w = &work[id];

    if ( !w->alive )
        test_abort(VERDICT_error, "work for vCPU %u, which is not up", id);

    vcpu_wait(id);
    w->fn = fn;
    w->arg = arg;
    store(w->posted, w->posted + 1);
}

void vcpu_wait(unsigned int id)
{
    wait_until(load(work[id].done) == work[id].posted);
}

void vcpu_run(unsigned int id, void (*fn)(void *arg), void *arg)
{
    vcpu_call(id, fn, arg);
    vcpu_wait(id);
}

void vcpu_down(unsigned int id)
{
    vcpu_run(id, NULL, NULL);
}
