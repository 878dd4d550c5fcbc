/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's pages, for the unit tests.  Each is a page of one file, mapped
 * at an address of its own with a hole behind it, so that a copy which runs
 * over its end faults.
 */

#include "guest.h"

#include <sys/mman.h>
#include <unistd.h>

static struct page_info *pages;
static int file = -1;
static unsigned long file_pages;

/* Space for a page and a hole behind it. */
static void *reserve(void)
{
    void *p = mmap(NULL, 2 * PAGE_SIZE, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ASSERT(p != MAP_FAILED);

    return p;
}

static void map_at(void *va, unsigned long idx)
{
    ASSERT(mmap(va, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                file, idx * PAGE_SIZE) == va);
}

struct page_info *page_new(struct domain *d)
{
    struct page_info *page = calloc(1, sizeof(*page));

    ASSERT(page);
    if ( file < 0 )
        file = memfd_create("pages", MFD_CLOEXEC);
    page->idx = file_pages++;
    ASSERT(file >= 0 && !ftruncate(file, file_pages * PAGE_SIZE));

    page->data = reserve();
    map_at(page->data, page->idx);
    page->next = pages;
    pages = page;
    page_reuse(page, d);

    return page;
}

void page_reuse(struct page_info *page, struct domain *d)
{
    ASSERT(!page->allocated && !page_refs(page) && !page->types &&
           !page->maps);
    page->allocated = true;
    page->owner = d;
    __atomic_store_n(&page->count, 1, __ATOMIC_SEQ_CST);
}

void page_free(struct page_info *page)
{
    ASSERT(page->allocated);
    page->allocated = false;
    put_page(page);
}

unsigned int page_refs(const struct page_info *page)
{
    return __atomic_load_n(&page->count, __ATOMIC_SEQ_CST) - page->allocated;
}

void page_protect(struct page_info *page, bool accessible)
{
    ASSERT(!mprotect(page->data, PAGE_SIZE,
                     accessible ? PROT_READ | PROT_WRITE : PROT_NONE));
}

void pages_fini(void)
{
    while ( pages )
    {
        struct page_info *page = pages;

        ASSERT(!page_refs(page) && !page->types && !page->maps);
        pages = page->next;
        munmap(page->data, 2 * PAGE_SIZE);
        free(page);
    }

    file_pages = 0;
}

struct page_info *guest_page_of(const void *p)
{
    const void *data = (const void *)((unsigned long)p & PAGE_MASK);
    struct page_info *page;

    for ( page = pages; page; page = page->next )
        if ( page->data == data )
            return page;

    xen_bug(__FILE__, __LINE__, "p is in a page");
}
