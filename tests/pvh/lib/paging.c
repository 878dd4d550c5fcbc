/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables: four levels in 64-bit, two in 32-bit.  A table of level n maps
 * by entries of level n, so that a page of 4 KiB is mapped at level 1.
 */

#include <pvh.h>

#include "lib.h"

#ifdef __x86_64__
typedef uint64_t pte_t;
#define LEVELS          4
#define INDEX_BITS      9
#define PTE_ADDR_MASK   0x000ffffffffff000ul
#else
typedef uint32_t pte_t;
#define LEVELS          2
#define INDEX_BITS      10
#define PTE_ADDR_MASK   0xfffff000ul
#endif

#define ENTRIES         (1u << INDEX_BITS)

static pte_t *root;

static unsigned int level_shift(unsigned int level)
{
    return PAGE_SHIFT + (level - 1) * INDEX_BITS;
}

bool paging_on(void)
{
    return root;
}

unsigned long paging_root(void)
{
    return (unsigned long)root;
}

#ifdef __x86_64__
void paging_setup(void)
{
    root = boot_l4;
}
#else
void paging_setup(void)
{
    unsigned int i;

    if ( cmdline_has("flat") )
        return;

    root = alloc_pages(1);
    for ( i = 0; i < ENTRIES; i++ )
    {
        unsigned long gpa = (unsigned long)i << SUPERPAGE_SHIFT;

        if ( gpa - WINDOW >= WINDOW_SIZE )
            root[i] = gpa | PTE_RW | PTE_LARGE;
    }

    asm volatile ( "mov %0, %%cr4" :: "r" ((unsigned long)CR4_PSE) );
    asm volatile ( "mov %0, %%cr3" :: "r" (root) : "memory" );
    asm volatile ( "mov %0, %%cr0"
                   :: "r" ((unsigned long)(CR0_PE | CR0_ET | CR0_WP | CR0_PG))
                   : "memory" );
}
#endif

static void invlpg(unsigned long gva)
{
    asm volatile ( "invlpg (%0)" :: "r" (gva) : "memory" );
}

/*
 * The entry that maps gva at level, with the tables above it; NULL if they do
 * not exist and are not to be made.
 */
static pte_t *entry(unsigned long gva, unsigned int level, bool make)
{
    pte_t *table = root;
    unsigned int l;

    if ( !root )
        test_abort(VERDICT_error, "the page tables are used without paging");

    for ( l = LEVELS; ; l-- )
    {
        pte_t *pte = &table[(gva >> level_shift(l)) & (ENTRIES - 1)];

        if ( l == level )
            return pte;
        if ( *pte & PTE_LARGE )
            test_abort(VERDICT_error, "%p is mapped by a larger page",
                       (void *)gva);
        if ( !(*pte & PTE_PRESENT) )
        {
            if ( !make )
                return NULL;
            *pte = gpa_of(alloc_pages(1)) | PTE_RW;
        }
        table = (pte_t *)(unsigned long)(*pte & PTE_ADDR_MASK);
    }
}

static void map(unsigned long gva, uint64_t gpa, unsigned int level,
                unsigned int flags)
{
    *entry(gva, level, true) =
        (gpa & PTE_ADDR_MASK) | flags | (level > 1 ? PTE_LARGE : 0);
    invlpg(gva);
}

void map_4k(unsigned long gva, uint64_t gpa, unsigned int flags)
{
    map(gva, gpa, 1, flags);
}

void map_superpage(unsigned long gva, uint64_t gpa, unsigned int flags)
{
    map(gva, gpa, 2, flags);
}

bool has_1g_pages(void)
{
#ifdef __x86_64__
    uint32_t r[4];

    cpuid(0x80000001, 0, r);

    return r[3] & (1u << 26);
#else
    return false;
#endif
}

void map_1g(unsigned long gva, uint64_t gpa, unsigned int flags)
{
    if ( !has_1g_pages() )
        test_abort(VERDICT_error, "no pages of 1 GiB here");

    map(gva, gpa, 3, flags);
}

void map_range(unsigned long gva, uint64_t gpa, unsigned long size,
               unsigned int flags)
{
    unsigned long end = gva + size;

    gpa &= ~(uint64_t)(PAGE_SIZE - 1);
    for ( gva &= PAGE_MASK; gva < end; gva += PAGE_SIZE, gpa += PAGE_SIZE )
        map_4k(gva, gpa, flags);
}

void unmap(unsigned long gva)
{
    unsigned int level;

    for ( level = LEVELS; level; level-- )
    {
        pte_t *pte = entry(gva, level, false);

        if ( !pte )
            break;
        if ( level == 1 || (*pte & PTE_LARGE) )
        {
            *pte = 0;
            break;
        }
    }

    invlpg(gva);
}

void unmap_range(unsigned long gva, unsigned long size)
{
    unsigned long end = gva + size;

    for ( gva &= PAGE_MASK; gva < end; gva += PAGE_SIZE )
        unmap(gva);
}
