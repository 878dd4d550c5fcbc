/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SWTLB_ROWS_H
#define SWTLB_ROWS_H

#include <linux/types.h>

#define MAX_STRUCT	1024
#define MAX_LIST	192
#define MAX_LISTS	3

/* Where the buffers of a hypercall are. */
struct buffers {
	u8 *data;
	u8 *list[MAX_LISTS];
};

/*
 * An operation that does no harm as it is issued here.  Its structure is
 * filled with 0xa5, and then by @fill; @undo takes back what it did.
 */
struct row {
	const char *name;
	u32 nr;
	u32 cmd;
	u8 which;		/* which argument is the pointer, from zero */
	u16 size;
	u64 other;		/* the argument that is left, if any */
	u8 flags;
	u8 pointers[MAX_LISTS];	/* where the lists are in the structure */
	void (*fill)(struct buffers *b);
	void (*undo)(struct buffers *b, long res);
};

#define VARIES		0x1	/* what comes back is not the same each time */
#define BY_BUILD	0x2	/* ... nor with another build of Xen */
#define OURS		0x4	/* an operation of a Xen with a software TLB */

long issue(const struct row *row, void *data);

extern const struct row rows[];
extern const unsigned int nr_rows;

/* Larger than a CPU's buffer: what went wrong, or NULL. */
const char *large_grants(void);
const char *large_balloon(void);
const char *large_console(void);
const char *multicalls(void);

#endif /* SWTLB_ROWS_H */
