/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world of the tests of guest/: memory that Xen knows of and memory that
 * it does not, and a Xen that checks what it is given.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include "kernel.h"

#include "harness/suite.h"
#include "internal.h"
#include "calls.h"

/*
 * Where a buffer is: in memory that Xen does not know (its end is the end of
 * what is mapped), the same with a page boundary inside, or in memory that is
 * registered.
 */
enum place { UNKNOWN, CROSSING, REGISTERED, PLACES };

void *guest_place(enum place place, size_t size);
/* The same in one of four parts of the memory. */
#define SLOTS 4
void *guest_slot(enum place place, unsigned int slot, size_t size);
bool guest_is_there(const void *p, size_t size);

/* Xen's side: handles hypercalls until it is set anew. */
typedef long guest_xen(unsigned long nr, const unsigned long arg[5]);
extern guest_xen *guest_hypercall;
extern unsigned int guest_hypercalls;

/* Memory at a guest's address, which Xen must be able to reach by an entry. */
void *guest_reach(unsigned long address, size_t size);
bool guest_reaches(unsigned long address, size_t size);

/* What the thunk does: let pass, or marshal. */
long guest_issue(unsigned long nr, unsigned long cmd, unsigned long a2,
                 unsigned long a3, unsigned long a4);

extern unsigned long guest_uncovered, guest_refused;
unsigned long guest_marshalled(void);
void guest_forget_marshalled(void);
extern unsigned int guest_logged;       /* lines */
extern bool guest_encrypted;
extern bool guest_rt;                   /* PREEMPT_RT */
extern bool guest_no_heap;              /* allocations fail */
extern unsigned int guest_pieces_left;  /* of a node's memory, if not all */
extern bool guest_heap_unknown;         /* to Xen, but for the CPUs' buffers */
extern unsigned int guest_allocated;    /* what is not freed */
extern int guest_decrypt_error, guest_encrypt_error;
extern unsigned long guest_decrypted;   /* pages */
extern int guest_join_error;            /* of swtlb_table_join() */
extern bool guest_has_user;             /* a page at GUEST_USER */
extern unsigned int guest_joined;       /* how often it was called */
extern u32 guest_mended;                /* by swtlb_table_mend(), last */

/* Fill with something that is recognised, by @seed. */
void guest_fill(void *p, size_t size, unsigned int seed);

void guest_init(void);
void guest_fini(void);

#endif /* GUEST_GUEST_H */
