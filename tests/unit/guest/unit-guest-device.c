/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device for programs: where mappings are put, what is registered, and
 * what becomes of it.  Xen is a list of entries here.
 */

#include "guest.h"

#include <stdarg.h>
#include <stdio.h>

#define ARENA_START 0x610000000000ul
#define ARENA_SIZE  0x010000000000ul

/* ---- Linux ------------------------------------------------------------- */

unsigned long guest_steps;
struct guest_task guest_current;
struct work_struct *guest_work;

static struct miscdevice *registered_misc;
static struct mm_struct here;

struct list_head *guest_step(struct list_head *next)
{
    CHECK_MSG(guest_steps, "it looks at a list for ever");
    guest_steps--;

    return next;
}

void mutex_lock(struct mutex *m)
{
    CHECK(!m->locked);
    m->locked = true;
}

void mutex_unlock(struct mutex *m)
{
    CHECK(m->locked);
    m->locked = false;
}

int misc_register(struct miscdevice *misc)
{
    registered_misc = misc;

    return 0;
}

void misc_deregister(struct miscdevice *misc)
{
    CHECK(registered_misc == misc);
    registered_misc = NULL;
}

void seq_printf(struct seq_file *m, const char *format, ...)
{
    size_t len = strlen(m->text);
    va_list args;

    va_start(args, format);
    vsnprintf(m->text + len, sizeof(m->text) - len, format, args);
    va_end(args);
}

void *guest_zalloc(size_t size, gfp_t gfp)
{
    void *p = guest_alloc(size);

    (void)gfp;
    if ( p )
        memset(p, 0, size);

    return p;
}

/* Pages are numbers: nothing is written to them. */
static unsigned long next_page, pages_there;
static size_t largest;                  /* piece that is to be had */
static unsigned int pieces_asked;

void *guest_pages(size_t size, gfp_t gfp)
{
    void *p;

    (void)gfp;
    pieces_asked++;
    if ( size > largest )
        return NULL;
    p = (void *)(next_page * PAGE_SIZE);
    /* None follows another. */
    next_page += size / PAGE_SIZE + 1;
    pages_there += size / PAGE_SIZE;

    return p;
}

void guest_free_page(struct page *page)
{
    CHECK(page);
    CHECK(pages_there);
    pages_there--;
}

static unsigned long unmapped_area(struct file *file, unsigned long addr,
                                   unsigned long len, unsigned long pgoff,
                                   unsigned long flags)
{
    (void)file, (void)len, (void)pgoff, (void)flags;

    return addr ? addr : PAGE_SIZE;
}

/* ---- the rest of the module -------------------------------------------- */

static unsigned int entries, generation, most_entries;

u32 swtlb_vcpu(unsigned int cpu)
{
    return cpu;
}

int swtlb_query(u32 vcpu, unsigned int what, unsigned int index,
                union swtlb_answer *answer)
{
    (void)vcpu, (void)index;
    CHECK_EQ(what, XEN_SWTLB_QUERY_limits);
    answer->limits.flags = XEN_SWTLB_FLAG_space;

    return 0;
}

int swtlb_table_insert_user(const struct mm_struct *mm, u64 gva, u64 gpa,
                            u64 size)
{
    CHECK(mm == guest_current.mm);
    CHECK(gva && gpa && size);
    if ( entries == most_entries )
        return -ENOSPC;
    entries++;

    return 0;
}

int swtlb_table_purge_user(u64 gva, u64 size)
{
    CHECK(gva);
    if ( !entries )
        return -ENODATA;
    entries -= min(entries, (unsigned int)(size / PAGE_SIZE));

    return 0;
}

unsigned int swtlb_table_generation(void)
{
    return generation;
}

static void init(void)
{
    guest_init();
    guest_steps = 1000000;
    here = (struct mm_struct){ 1, unmapped_area };
    guest_current = (struct guest_task){ &here, "test" };
    next_page = 1000;
    largest = PAGE_SIZE;
    pieces_asked = entries = 0;
    most_entries = 64;
    swtlb_device_init(true);
    CHECK(registered_misc);
}

static void fini(void)
{
    swtlb_device_exit();
    CHECK_EQ(pages_there, 0);
    CHECK_EQ(entries, 0);
    guest_fini();
}

/* ---- programs ---------------------------------------------------------- */

static struct vm_area_struct *map(struct vm_area_struct *vma,
                                  unsigned long start, unsigned long pages)
{
    *vma = (struct vm_area_struct){
        .vm_start = start,
        .vm_end = start + pages * PAGE_SIZE,
        .vm_flags = VM_READ | VM_WRITE | VM_SHARED,
        .vm_mm = guest_current.mm,
    };
    CHECK_EQ(registered_misc->fops->mmap(NULL, vma), 0);

    return vma;
}

static void unmap(struct vm_area_struct *vma)
{
    vma->vm_ops->close(vma);
}

static unsigned long hint(unsigned long len)
{
    return registered_misc->fops->get_unmapped_area(NULL, 0, len, 0, 0);
}

static bool in_arena(unsigned long addr, unsigned long len)
{
    return addr >= ARENA_START && addr + len <= ARENA_START + ARENA_SIZE;
}

/* ---- where mappings are put -------------------------------------------- */

START_TEST(hints)
{
    struct vm_area_struct a;
    unsigned long first = hint(PAGE_SIZE), second;

    CHECK(in_arena(first, PAGE_SIZE));
    map(&a, first, 1);
    second = hint(PAGE_SIZE);
    CHECK(in_arena(second, PAGE_SIZE));
    /* What overruns one does not reach the next. */
    CHECK(second >= first + 2 * PAGE_SIZE);
    unmap(&a);

    /* Nothing so large is put there. */
    CHECK(!in_arena(hint(ARENA_SIZE), 1));
    CHECK_EQ(registered_misc->fops->get_unmapped_area(NULL, 0, PAGE_SIZE, 0,
                                                      MAP_FIXED), PAGE_SIZE);
}
END_TEST

/* Mappings at addresses that a program chose leave no gap large enough. */
START_TEST(no_gap)
{
    const unsigned long step = ARENA_SIZE / 8, large = ARENA_SIZE / 4;
    struct vm_area_struct a[8];
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(a); i++ )
        map(&a[i], ARENA_START + i * step, 1);

    CHECK(!in_arena(hint(large), 1));
    /* That changes nothing for those that find one. */
    CHECK(in_arena(hint(PAGE_SIZE), PAGE_SIZE));
    CHECK(in_arena(hint(step - 2 * PAGE_SIZE), step - 2 * PAGE_SIZE));

    unmap(&a[3]);
    CHECK(in_arena(hint(large - PAGE_SIZE), large - PAGE_SIZE));
    for ( i = 0; i < ARRAY_SIZE(a); i++ )
        if ( i != 3 )
            unmap(&a[i]);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("device");

    tcase_add_checked_fixture(tc, init, fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_test(tc, hints);
    tcase_add_test(tc, no_gap);
    suite_add_tcase(s, tc);

    return s;
}
