/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more of Linux ranges.c needs: allocations that fail, the map of
 * resources, page tables of the image.  Comes after kernel.h.
 */
#ifndef GUEST_KERNEL_RANGES_H
#define GUEST_KERNEL_RANGES_H

#include "kernel.h"

#undef PAGE_OFFSET
#define PAGE_OFFSET 0xffff888000000000ul
#undef __pa
#define __pa(p) ((u64)(unsigned long)(p) - PAGE_OFFSET)
#define PAGE_ALIGN(x)      ALIGN((u64)(x), PAGE_SIZE)
#define PAGE_ALIGN_DOWN(x) ((u64)(x) & ~(PAGE_SIZE - 1))
#define PMD_SIZE           0x200000ul
#define KERNEL_IMAGE_SIZE  0x40000000ul
#define struct_size(p, member, n) \
    (sizeof(*(p)) + (n) * sizeof((p)->member[0]))

void *guest_realloc(void *p, size_t size);
#define krealloc(p, size, gfp)          guest_realloc(p, size)
#define krealloc_array(p, n, size, gfp) guest_realloc(p, (n) * (size))
#define kzalloc(size, gfp) \
    ({ size_t size_ = (size); void *p_ = guest_realloc(NULL, size_); \
       p_ ? memset(p_, 0, size_) : NULL; })
#define pr_info(fmt, ...) guest_log(fmt, ##__VA_ARGS__)

/* ---- the map of resources ---------------------------------------------- */

struct resource { u64 start, end; };

#define IORES_DESC_NONE      0
#define IORESOURCE_SYSTEM_RAM 1
#define IORESOURCE_BUSY      2
int guest_walk(void *arg, int (*func)(struct resource *res, void *arg));
#define walk_iomem_res_desc(desc, flags, from, to, arg, func) \
    guest_walk(arg, func)

/* ---- the image: text, and data from init_task on ----------------------- */

typedef struct { u64 flags; } pte_t;

#define _PAGE_PRESENT 1
#define _PAGE_RW      2
#define pte_flags(pte)         ((pte).flags)
#define page_level_size(level) ((void)(level), PMD_SIZE)
pte_t *lookup_address(unsigned long va, unsigned int *level);
extern char *guest_init_task;
#define init_task (*guest_init_task)
extern u64 phys_base;

#endif /* GUEST_KERNEL_RANGES_H */
