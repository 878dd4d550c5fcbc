/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For races with copies: vCPU 1 makes Xen write nearly a page at a gva, again
 * and again, and vCPU 0 changes what is there.
 */

#ifndef PVH_WRITER_H
#define PVH_WRITER_H

#include "types.h"

/* What is written is not zero, and begins here in the page. */
#define WRITER_OFFSET   8

/* Xen has to have what it writes first: before vCPU 1 runs. */
void writer_setup(void);
void writer_start(unsigned long gva);
/*
 * Waits, and prints what there was.  It is an error if fewer writes than min
 * succeeded, or none failed while refusals were expected: it has tested
 * nothing then.
 */
void writer_end(unsigned int rounds, unsigned long min, bool refusals);

/* Until there was a write more. */
void writer_wait(void);
/* For a time that differs from round to round, below max. */
void writer_pause(unsigned int round, unsigned int max);

/* Whether the page is all zero. */
bool writer_untouched(const uint8_t *page);

#endif /* PVH_WRITER_H */
