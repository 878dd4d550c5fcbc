/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The servant: a domU which makes the hypercalls that it is told to.  Its page
 * tables map what is below 4 GiB to where it is, so that a walk finds at a gva
 * the page of that gpa.  One at a time; all of these end the test if something
 * goes wrong with it.
 */

#ifndef PVH_SERVANT_H
#define PVH_SERVANT_H

#include "domu.h"

/* Its own memory is below; from here on there is what the test puts there. */
#define SERVANT_GFN         16

/* Without memory for the test.  Returns its domid. */
unsigned int servant_start(void);
/* In a domain of so many vCPUs, of which it is the first, and such a size. */
unsigned int servant_start_with(unsigned int vcpus, unsigned long size);
/*
 * It goes on in a new domain, as of when that context of it was taken, and
 * with copies of its own pages and nr others from gfn on; the old one is gone.
 * It has to be idle and paused since.  Returns the new domid.
 */
unsigned int servant_move(unsigned int vcpus, unsigned long size,
                          const void *context, uint32_t bytes,
                          unsigned long gfn, unsigned int nr);
/* It is gone then, and another one can be started. */
void servant_end(void);

/* Post a hypercall; it is over when _done, with _result. */
void servant_post(unsigned int nr, uint32_t a1, uint32_t a2, uint32_t a3,
                  uint32_t a4, uint32_t a5);
bool servant_done(void);
long servant_result(void);
/* The three in one. */
long servant_call(unsigned int nr, uint32_t a1, uint32_t a2, uint32_t a3,
                  uint32_t a4, uint32_t a5);

long servant_insert(uint32_t gva, unsigned long gfn, unsigned int nr,
                    unsigned int flags);
long servant_purge(uint32_t gva, unsigned int nr);
/* Where Xen has put its answer, for as long as nothing else is asked for. */
const void *servant_query(unsigned int selector, unsigned int index);
struct xen_swtlb_stats servant_stats(void);
/* In a strict domain it has to be registered, for what Xen answers. */
#define SERVANT_ANSWERS_GFN 2

/*
 * Xen writes at gva: what differs from call to call, and is not zero, in the
 * SERVANT_WRITES bytes from there on.
 */
#define SERVANT_WRITES      44
long servant_write(uint32_t gva);

/* Xen reads a struct xen_hvm_param at gva, and tells the value it found. */
long servant_read(uint32_t gva, uint64_t *value);

/*
 * By dom0, which maps the page meanwhile: zero it and put such a struct there;
 * tell whether Xen has written to its start since.
 */
#define SERVANT_READS_AT    2048
void servant_prepare(unsigned long gfn, uint64_t value);
void servant_prepare_at(void *page, uint64_t value);
bool servant_written(unsigned long gfn);

/*
 * Its CPU writes to nr pages from gfn on, a word in each.  Returns the ticks
 * of the TSC that this took it.
 */
uint32_t servant_touch(unsigned long gfn, unsigned int nr);

/* Write to nr pages (a power of two) from gva on, in turns, until stopped. */
void servant_repeat(uint32_t gva, unsigned int nr);
void servant_stop(void);
/* How many of its writes succeeded or failed since it was told to repeat. */
uint32_t servant_succeeded(void);
uint32_t servant_failed(void);
/* Wait until no write is under way that had begun before. */
void servant_sync(void);

#endif /* PVH_SERVANT_H */
