/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the framework; tests do not see it. */

#ifndef PVH_LIB_LIB_H
#define PVH_LIB_LIB_H

#include <types.h>

#include "defs.h"
#include "heap.h"

/* head.S */
extern uint32_t start_info_gpa, sipi_id, sipi_stack, sipi_cr3;
#ifndef __x86_64__
extern uint32_t sipi_cr4;
#endif
extern char sipi_code[], sipi_code_end[], trap_stubs[], ap_entry[];
#ifdef __x86_64__
extern uint64_t boot_l4[512];
#endif

/* link.lds */
extern char image_end[];

/* setup.c; also used by head.S */
extern uint8_t stacks[][STACK_SIZE];
void setup(void);

/* trap.c */
struct frame;
void trap(const struct frame *f);
void trap_setup(void);
void trap_load(void);

/* memory.c */
void memory_setup(void);

/* paging.c */
void paging_setup(void);
unsigned long paging_root(void);
#ifndef __x86_64__
unsigned long paging_cr4(void);
#endif

/* vcpu.c; ap_main also used by head.S */
void ap_main(unsigned int id);

#endif /* PVH_LIB_LIB_H */
