/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables: four levels in 64-bit, two in 32-bit, three with PAE.  A table
 * of level n maps by entries of level n, so that a page of 4 KiB is mapped at
 * level 1.
 */

#include <pvh.h>

#include "lib.h"

#ifdef __x86_64__
#define LEVELS          4
#define wide            true
#else
#define LEVELS          (wide ? 3 : 2)
/* Whether entries have 64 bits: with PAE. */
static bool wide;
#endif

#define INDEX_BITS      (wide ? 9 : 10)
#define ENTRIES         (1u << INDEX_BITS)
#define PTE_ADDR_MASK   0x000ffffffffff000ull

static void *root;

static uint64_t get_pte(const void *pte)
{
    return wide ? *(const uint64_t *)pte : *(const uint32_t *)pte;
}

static void set_pte(void *pte, uint64_t value)
{
    if ( wide )
        *(uint64_t *)pte = value;
    else
        *(uint32_t *)pte = value;
}

static void *nth_pte(void *table, unsigned int index)
{
    return (char *)table + index * (wide ? 8 : 4);
}

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
bool paging_pae(void)
{
    return wide;
}

unsigned long paging_cr4(void)
{
    return wide ? CR4_PAE : CR4_PSE;
}

void paging_setup(void)
{
    unsigned int i, tables = 1;
    void *table;

    if ( cmdline_has("flat") )
        return;

    wide = cmdline_has("pae");
    root = table = alloc_pages(1);
    if ( wide )
    {
        /*
         * The CPU reads the four entries of the root when CR3 is loaded, and
         * not again: all have to be there by then.
         */
        tables = 4;
        table = alloc_pages(tables);
        for ( i = 0; i < tables; i++ )
            set_pte(nth_pte(root, i),
                    gpa_of((char *)table + i * PAGE_SIZE) | PTE_PRESENT);
    }

    for ( i = 0; i < tables * ENTRIES; i++ )
    {
        unsigned long gpa = (unsigned long)i << SUPERPAGE_SHIFT;

        if ( gpa - WINDOW >= WINDOW_SIZE )
            set_pte(nth_pte(table, i), gpa | PTE_RW | PTE_LARGE);
    }

    asm volatile ( "mov %0, %%cr4" :: "r" (paging_cr4()) );
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
static void *entry(unsigned long gva, unsigned int level, bool make)
{
    void *table = root;
    unsigned int l;

    if ( !root )
        test_abort(VERDICT_error, "the page tables are used without paging");

    for ( l = LEVELS; ; l-- )
    {
        void *pte = nth_pte(table, (gva >> level_shift(l)) & (ENTRIES - 1));

        if ( l == level )
            return pte;
        if ( get_pte(pte) & PTE_LARGE )
            test_abort(VERDICT_error, "%p is mapped by a larger page",
                       (void *)gva);
        if ( !(get_pte(pte) & PTE_PRESENT) )
        {
            if ( !make )
                return NULL;
            set_pte(pte, gpa_of(alloc_pages(1)) | PTE_RW);
        }
        table = (void *)(unsigned long)(get_pte(pte) & PTE_ADDR_MASK);
    }
}

static void map(unsigned long gva, uint64_t gpa, unsigned int level,
                unsigned int flags)
{
    set_pte(entry(gva, level, true),
            (gpa & PTE_ADDR_MASK) | flags | (level > 1 ? PTE_LARGE : 0));
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
        void *pte = entry(gva, level, false);

        if ( !pte )
            break;
        if ( level == 1 || (get_pte(pte) & PTE_LARGE) )
        {
            set_pte(pte, 0);
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
