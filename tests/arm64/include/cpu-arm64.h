/* SPDX-License-Identifier: GPL-2.0-only */
/* What cpu.h of tests/pvh has for x86: the CPU, page tables, memory, vCPUs. */

#ifndef ARM64_CPU_H
#define ARM64_CPU_H

#include "types.h"

/* The command line given to the image, "" if none. */
extern const char *cmdline;
bool cmdline_has(const char *option);

#define read_sysreg(name)                                               \
    ({                                                                  \
        uint64_t val_;                                                  \
                                                                        \
        asm volatile ( "mrs %0, " #name : "=r" (val_) :: "memory" );    \
        val_;                                                           \
    })

#define write_sysreg(name, val)                                         \
    asm volatile ( "msr " #name ", %0; isb"                             \
                   :: "r" ((uint64_t)(val)) : "memory" )

/*
 * Page tables, of 4 KiB pages and 39 bits, in TTBR0; TTBR1 is off.  The first
 * 256 GiB of guest physical memory are mapped where they are.  The tables are
 * shared by all vCPUs.  A test maps what it wants into the first 64 MiB of the
 * WINDOW, of which nothing else makes use.
 */
#define WINDOW              0x4000000000ul
#define WINDOW_SIZE         0x0000000040000000ul
#define WINDOW_TABLES       32

#define PTE_VALID           0x001ul
#define PTE_PAGE            0x002ul         /* or a table */
#define PTE_READONLY        0x080ul
#define PTE_RW              0
#define PTE_RO              PTE_READONLY

#define paging_on()         true

void map_4k(unsigned long gva, uint64_t gpa, unsigned int flags);
/* Map or unmap all 4 KiB pages that the range touches. */
void map_range(unsigned long gva, uint64_t gpa, unsigned long size,
               unsigned int flags);
void unmap_range(unsigned long gva, unsigned long size);
void unmap(unsigned long gva);
/* The entry of a page, to break and to make it; flush_page() does the rest. */
uint64_t *pte_of(unsigned long gva);
void flush_page(unsigned long gva);

/* Zeroed, page-aligned RAM, mapped where it is.  Never freed. */
void *alloc_pages(unsigned int nr);
void *alloc_aligned(unsigned long size, unsigned long align);
#define gpa_of(ptr)         ((uint64_t)(unsigned long)(ptr))

/* A dom0 has its memory where the machine has it. */
#define can_move_pages()    false

/* The first gpa that the domain cannot address. */
uint64_t gpa_end(void);

/* As in cpu.h. */
#define MAX_VCPUS           8

unsigned int vcpu_id(void);
unsigned int vcpu_count(void);
void vcpu_require(unsigned int nr);

void vcpu_start(unsigned int id);
void vcpu_call(unsigned int id, void (*fn)(void *arg), void *arg);
void vcpu_wait(unsigned int id);
void vcpu_run(unsigned int id, void (*fn)(void *arg), void *arg);

/* The vCPU takes itself down by CPU_OFF; vcpu_start() starts it again. */
void vcpu_down(unsigned int id);

/* A PSCI call. */
long psci(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
#define PSCI_CPU_OFF        0x84000002u
#define PSCI_CPU_ON         0xc4000003u

/*
 * Run fn(); returns what the exception that it made told of itself (ESR), or
 * 0.  fn() is left where that happened.
 */
uint64_t exception_of(void (*fn)(void));

#define wait_until(cond)            \
    do {                            \
        while ( !(cond) )           \
            hypercall_yield();      \
    } while ( 0 )

#endif /* ARM64_CPU_H */
