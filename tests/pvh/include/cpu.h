/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU as a test sees it: instructions, vCPUs, page tables, memory. */

#ifndef PVH_CPU_H
#define PVH_CPU_H

#ifdef __aarch64__
#include <cpu-arm64.h>
#else

#include "types.h"

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
    asm volatile ( "cpuid"
                   : "=a" (regs[0]), "=b" (regs[1]), "=c" (regs[2]),
                     "=d" (regs[3])
                   : "a" (leaf), "c" (subleaf) );
}

/* In order with all that came before; under -icount, 2 an instruction. */
static inline uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    asm volatile ( "lfence; rdtsc" : "=a" (lo), "=d" (hi) :: "memory" );

    return ((uint64_t)hi << 32) | lo;
}

static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    asm volatile ( "rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr) );

    return ((uint64_t)hi << 32) | lo;
}

static inline void outb(uint16_t port, uint8_t val)
{
    asm volatile ( "outb %0, %1" :: "a" (val), "Nd" (port) );
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t val;

    asm volatile ( "inb %1, %0" : "=a" (val) : "Nd" (port) );

    return val;
}

/* First of Xen's CPUID leaves; found at start. */
extern uint32_t xen_cpuid_base;

/* The command line given to the image, "" if none. */
extern const char *cmdline;
/* Whether a word of the command line is option. */
bool cmdline_has(const char *option);

/*
 * Page tables.  The first 4 GiB of guest physical memory are mapped where
 * they are, and in 64-bit once more from HIGH_BASE on.  The tables are shared
 * by all vCPUs.  A test maps what it wants into the WINDOW, of which nothing
 * else makes use.  A 32-bit image started with the word "flat" runs without
 * paging: paging_on() is false, and the functions here are errors.  With the
 * word "pae" its tables are of three levels; QEMU 7.2 hangs on those.
 */
#ifdef __x86_64__
#define HIGH_BASE           0xffff880000000000ul
#define WINDOW              0x0000100000000000ul
#define WINDOW_SIZE         0x0000004000000000ul
#define SUPERPAGE_SHIFT     21
#else
#define WINDOW              0xc0000000ul
#define WINDOW_SIZE         0x10000000ul
/* As the CPU's mode has it: larger without PAE. */
#define SUPERPAGE_SHIFT     (paging_pae() ? 21 : 22)
#endif
#define SUPERPAGE_SIZE      (1ul << SUPERPAGE_SHIFT)

#define PTE_PRESENT         0x001u
#define PTE_WRITE           0x002u
#define PTE_USER            0x004u
#define PTE_LARGE           0x080u
#define PTE_RW              (PTE_PRESENT | PTE_WRITE)
#define PTE_RO              PTE_PRESENT

bool paging_on(void);
#ifndef __x86_64__
bool paging_pae(void);
#endif

/* Map one page at gva: of 4 KiB, of SUPERPAGE_SIZE, of 1 GiB (64-bit). */
void map_4k(unsigned long gva, uint64_t gpa, unsigned int flags);
void map_superpage(unsigned long gva, uint64_t gpa, unsigned int flags);
void map_1g(unsigned long gva, uint64_t gpa, unsigned int flags);
bool has_1g_pages(void);

/* Map or unmap all 4 KiB pages that the range touches. */
void map_range(unsigned long gva, uint64_t gpa, unsigned long size,
               unsigned int flags);
void unmap_range(unsigned long gva, unsigned long size);

/* Remove whatever maps gva, of whatever size. */
void unmap(unsigned long gva);

/* Zeroed, page-aligned RAM, mapped where it is.  Never freed. */
void *alloc_pages(unsigned int nr);
void *alloc_aligned(unsigned long size, unsigned long align);
#define gpa_of(ptr)         ((uint64_t)(unsigned long)(ptr))

/* Xen's type of the memory at gpa, from the memory map; 0 for a hole. */
unsigned int memory_type(uint64_t gpa);
/* A gpa far above all memory, with nothing behind it. */
#define HOLE_GPA            (1ull << 35)
/* First byte above all RAM. */
uint64_t memory_end(void);

/*
 * vCPUs.  The test runs on vCPU 0.  Another one, once started, waits for work
 * and returns to waiting when its function returns.
 */
#define MAX_VCPUS           8

unsigned int vcpu_id(void);
/* vCPUs that Xen gave to the domain, whether up or not. */
unsigned int vcpu_count(void);
/* Skip the test if there are fewer. */
void vcpu_require(unsigned int nr);

void vcpu_start(unsigned int id);
/* Run fn(arg) on vCPU id; _call returns at once, _wait waits for its end. */
void vcpu_call(unsigned int id, void (*fn)(void *arg), void *arg);
void vcpu_wait(unsigned int id);
void vcpu_run(unsigned int id, void (*fn)(void *arg), void *arg);

/* Let the one physical CPU go to vCPU id, which is up, and come back. */
void vcpu_give_way(unsigned int id);

/* The vCPU takes itself down with VCPUOP_down; vcpu_up resumes it. */
void vcpu_down(unsigned int id);
void vcpu_up(unsigned int id);

/* INIT by APIC.  The vCPU can be started again by vcpu_start or vcpu_sipi. */
void vcpu_init(unsigned int id);
void vcpu_sipi(unsigned int id);

/* Wait for a condition without starving the other vCPUs. */
#define wait_until(cond)            \
    do {                            \
        while ( !(cond) )           \
            hypercall_yield();      \
    } while ( 0 )

/* Whether hypercall_move_page() works. */
#define can_move_pages()    true

/* The first gpa that the domain cannot address. */
uint64_t gpa_end(void);

#endif /* !__aarch64__ */

#endif /* PVH_CPU_H */
