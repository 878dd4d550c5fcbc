/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that the assembly code and the C code of the framework share. */

#ifndef PVH_LIB_DEFS_H
#define PVH_LIB_DEFS_H

#define CODE32_SEL          0x08
#define DATA_SEL            0x10
#define CODE64_SEL          0x18

#ifdef __x86_64__
#define CODE_SEL            CODE64_SEL
#else
#define CODE_SEL            CODE32_SEL
#endif

#define CR0_PE              0x00000001
#define CR0_ET              0x00000010
#define CR0_WP              0x00010000
#define CR0_PG              0x80000000
#define CR4_PSE             0x00000010
#define CR4_PAE             0x00000020

#define MSR_EFER            0xc0000080
#define EFER_LME            0x00000100

/* Where a vCPU started by SIPI begins: in real mode, so below 1 MiB. */
#define SIPI_ADDR           0x8000

#define STACK_SIZE          8192

/* Distance of the entry stubs of two exceptions. */
#define TRAP_STUB_SIZE      16

#endif /* PVH_LIB_DEFS_H */
