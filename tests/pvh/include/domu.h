/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains that the test, in dom0's place, creates: a PVH domU of one vCPU, 32
 * bits and without paging.  Not an error of the test's is what Xen says to a
 * context that is set.
 */

#ifndef PVH_DOMU_H
#define PVH_DOMU_H

#include "hypercall.h"

#include <public/domctl.h>

long hypercall_domctl(uint32_t cmd, unsigned int domid,
                      struct xen_domctl *op);

/* All of these end the test if anything is refused. */

/*
 * Paused, with a vCPU but without memory, of which it may have 8 MiB.  Returns
 * its domid.
 */
unsigned int domu_create(void);
/* The same with so many vCPUs, and so much memory to come. */
unsigned int domu_create_with(unsigned int vcpus, unsigned long size);
/* Give it nr pages of zeroed RAM from gfn on. */
void domu_populate(unsigned int domid, unsigned long gfn, unsigned int nr);
/* One page of it, for as long as it is mapped; this many at a time. */
#define DOMU_WINDOWS    24
void *domu_map(unsigned int domid, unsigned long gfn);
void domu_unmap(void *page);
/*
 * What a toolstack saves and restores besides memory; the former with all that
 * Xen has, of which it returns the size, for which there are size bytes.
 */
uint32_t domu_get_context(unsigned int domid, void *context, uint32_t size);
long domu_set_context(unsigned int domid, const void *context, uint32_t size);
/* The same with these records alone, between a header and an end. */
#define DOMU_MAX_RECORDS 16384
long domu_load(unsigned int domid, const void *records, uint32_t size);
/* The same with what a strict domain's vCPU 0 without entries leaves. */
long domu_load_strict(unsigned int domid);
/* Let it run from eip. */
void domu_start(unsigned int domid, uint32_t eip);
/* Wait until it has shut itself down; returns the reason that it gave. */
unsigned int domu_wait(unsigned int domid);
/* Does not return before Xen has forgotten it. */
void domu_destroy(unsigned int domid);

/* Pages of memory that Xen has to give away. */
uint64_t xen_free_pages(void);

#endif /* PVH_DOMU_H */
