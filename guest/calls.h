/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The format of the table of hypercalls, in calls.c.  docs/marshalling.md has
 * every row, and how to add one.
 */
#ifndef XEN_SWTLB_CALLS_H
#define XEN_SWTLB_CALLS_H

#include <linux/types.h>

#include "thunk.h"

enum swtlb_kind {
	SWTLB_UNKNOWN,		/* what the table leaves out */
	SWTLB_VALUE,		/* Xen follows no pointer */
	SWTLB_PLAIN,		/* a pointer to a structure, nothing nested */
	SWTLB_NESTED,		/* ... with pointers in it */
	SWTLB_ARRAY,		/* ... to as many as the third argument says */
	/* The rest have a function each, in marshal.c and nested.c. */
	SWTLB_CONSOLE,
	SWTLB_VARBUF,
	SWTLB_PCI_ADD,
	SWTLB_QUERY,
	SWTLB_AREA,
	SWTLB_DM,
	SWTLB_MULTICALL,
	SWTLB_PLATFORM,
};

/* A pointer in a structure, and the field that says to how many of what. */
struct swtlb_nest {
	u8 at;			/* where the pointer is */
	u8 count_at;		/* where the count is ... */
	u8 count_size;		/* ... and its bytes; 0: there is always one */
	u8 elem;		/* bytes of one */
	u8 dir;			/* SWTLB_IN, SWTLB_OUT */
	u32 max;		/* with more, Xen does not follow it; or 0 */
};

#define SWTLB_IN	0x1
#define SWTLB_OUT	0x2
#define SWTLB_NAME	0x4	/* a string, of 16-bit characters */

/*
 * What is known of an operation.  Bytes [out, end) are copied back when the
 * hypercall succeeds: then Xen has written all of them, or the first @in
 * bytes reach as far, so that what Xen left alone comes back as it was.  The
 * latter is a must for SWTLB_ALWAYS.
 */
struct swtlb_row {
	u8 kind;		/* enum swtlb_kind */
	u8 flags;		/* SWTLB_ALWAYS and so on */
	u8 nests;		/* entries of @nest */
	u16 size;		/* of the structure */
	u16 in;			/* bytes that Xen reads, from the start */
	u16 out;		/* where what Xen writes starts ... */
	u16 end;		/* ... and ends; 0: Xen writes nothing */
	const struct swtlb_nest *nest;
};

#define SWTLB_ALWAYS	0x1	/* Xen may write when it fails, too */
/* Large lists can be done in parts; the hypercall returns ... */
#define SWTLB_SUM	0x2	/* ... how many were done */
#define SWTLB_ZERO	0x4	/* ... zero when all were done */
/* A status at @out: unless it is zero Xen has written nothing else. */
#define SWTLB_STATUS	0x8

/* A hypercall: its operations, by the first argument. */
struct swtlb_call {
	const struct swtlb_row *rows;
	u32 mask;		/* bits of the argument that are the number */
	u8 nr;			/* entries of @rows */
	u8 arg;			/* which argument is the pointer, from zero */
};

extern const struct swtlb_call swtlb_calls[SWTLB_CALLS];

/* Platform operations: the number is in the structure, more in the union. */
const struct swtlb_row *swtlb_platform_row(const void *op);

/*
 * What is carried at a time takes no more than this of the CPU's buffer, and no
 * more than half of what is left: so hypercalls of interrupts that come in
 * between find room, however small the buffer is.  What is small is taken all
 * the same.
 */
#define SWTLB_MAX_CARRY	8192
#define SWTLB_SMALL	1024
#define SWTLB_PLATFORM_SIZE 136	/* struct xen_platform_op */

/* Memory that a hypercall's arguments are carried in. */
struct swtlb_carry {
	void *buf;
	size_t size;
	bool heap;
};

/* marshal.c */
size_t swtlb_carry_max(void);
bool swtlb_carry_get(struct swtlb_carry *carry, size_t size);
void swtlb_carry_put(struct swtlb_carry *carry);
bool swtlb_load(void *to, const void *from, size_t size);
bool swtlb_store(void *to, const void *from, size_t size);
bool swtlb_uncovered(unsigned long p, size_t size);
bool swtlb_failed(const struct swtlb_row *row, const void *buf);
long swtlb_let_pass(unsigned long nr, const unsigned long arg[5]);
long swtlb_pass(unsigned long nr, const unsigned long arg[5]);
long swtlb_no_room(unsigned long nr, const unsigned long arg[5]);
long swtlb_plain(unsigned long nr, unsigned long arg[5],
		 const struct swtlb_row *row, unsigned int which);
const struct swtlb_row *swtlb_row(unsigned long nr, unsigned long cmd);

/* areas.c */
long swtlb_areas(unsigned long nr, unsigned long arg[5]);

/* nested.c */
long swtlb_nested(unsigned long nr, unsigned long arg[5],
		  const struct swtlb_row *row, unsigned int which);
long swtlb_dm(unsigned long nr, unsigned long arg[5]);
long swtlb_multicall(unsigned long nr, unsigned long arg[5]);

#endif /* XEN_SWTLB_CALLS_H */
