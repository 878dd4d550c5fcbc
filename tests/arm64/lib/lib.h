/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the framework; tests do not see it. */

#ifndef ARM64_LIB_LIB_H
#define ARM64_LIB_LIB_H

#include <types.h>

#include "../../pvh/lib/heap.h"

/* head.S */
extern char vectors[], _start[], ap_entry[];

/* link.lds */
extern char image_end[];

/* setup.c; the latter two also used by head.S */
void cpu_setup(void);
void setup(const char *tree);
void __attribute__((__noreturn__)) unexpected_exception(
    uint64_t esr, uint64_t elr, uint64_t far);

/* vcpu.c; also used by head.S */
void ap_main(unsigned int id);

#endif /* ARM64_LIB_LIB_H */
