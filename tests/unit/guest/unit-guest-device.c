/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device for programs: where mappings are put, what is registered, and
 * what becomes of it.  Xen is a list of entries here.
 */

#include "guest.h"
#include "xen-swtlb-dev.h"

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

    /* A query is the module's own. */
    CHECK(gfp & __GFP_ACCOUNT || size == sizeof(union swtlb_answer));
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

    /* Of the process's cgroup. */
    CHECK(gfp & __GFP_ACCOUNT);
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

static unsigned int entries, generation, most_entries, purges;
static int xen_error;                   /* of all operations: no such Xen */
static int purge_error;
static struct swtlb_range entry[256];

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
    unsigned int i;

    CHECK(mm == guest_current.mm);
    CHECK(gva && gpa && size);
    if ( xen_error )
        return xen_error == -ENOSYS ? -ENODEV : xen_error;
    if ( entries == most_entries )
        return -ENOSPC;
    for ( i = 0; i < entries; i++ )
        if ( gva < entry[i].gva + entry[i].size && entry[i].gva < gva + size )
            return -EEXIST;
    CHECK(entries < ARRAY_SIZE(entry));
    entry[entries++] = (struct swtlb_range){ gva, gpa, size, 0 };

    return 0;
}

int swtlb_table_purge_user(u64 gva, u64 size)
{
    unsigned int i, before = entries;

    CHECK(gva);
    purges++;
    if ( xen_error || purge_error )
        return xen_error ?: purge_error;
    for ( i = 0; i < entries; i++ )
        if ( entry[i].gva >= gva && entry[i].gva < gva + size )
            entry[i--] = entry[--entries];

    return entries == before ? -ENODATA : 0;
}

static unsigned int table_room;

unsigned int swtlb_table_room(void)
{
    return table_room;
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
    pieces_asked = entries = purges = 0;
    xen_error = 0;
    guest_work = NULL;
    most_entries = 64;
    table_room = 40;
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

/* ---- limits ------------------------------------------------------------ */

static unsigned int word(const char *name)
{
    struct seq_file m = { "" };
    const char *at;
    unsigned int n;

    swtlb_device_show(&m);
    at = strstr(m.text, name);
    CHECK_MSG(at && sscanf(at + strlen(name), " %u", &n) == 1, "no %s: %s",
              name, m.text);

    return n;
}

static long is_registered(unsigned long addr)
{
    return registered_misc->fops->unlocked_ioctl(NULL,
                                                 XEN_SWTLB_DEV_REGISTERED,
                                                 addr);
}

/* The kernel's room is not programs' to take; each limit is told. */
START_TEST(limits)
{
    struct vm_area_struct a[70];
    unsigned int i;

    table_room = 5;
    CHECK_EQ(word(" room"), 5);
    for ( i = 0; i < 7; i++ )
        map(&a[i], ARENA_START + 2 * i * PAGE_SIZE, 1);
    CHECK_EQ(entries, 5);
    CHECK_EQ(word(" entries"), 5);
    CHECK_EQ(word(" limited"), 2);
    CHECK_EQ(word(" by_room"), 2);
    CHECK_EQ(is_registered(a[4].vm_start), 0);
    CHECK_EQ(is_registered(a[5].vm_start), -ENODATA);

    /* Xen has less than it was to have. */
    table_room = 40;
    most_entries = 6;
    map(&a[7], ARENA_START + 100 * PAGE_SIZE, 1);
    map(&a[8], ARENA_START + 102 * PAGE_SIZE, 1);
    CHECK_EQ(word(" by_room"), 3);
    for ( i = 0; i < 9; i++ )
        unmap(&a[i]);

    table_room = most_entries = 100;
    for ( i = 0; i < 65; i++ )
        map(&a[i], ARENA_START + 2 * i * PAGE_SIZE, 1);
    CHECK_EQ(word(" by_process"), 1);
    CHECK_EQ(entries, 64);
    for ( i = 0; i < 65; i++ )
        unmap(&a[i]);
    CHECK_EQ(guest_logged, 4);
}
END_TEST

/* Xen has forgotten all, and the worker gets to run. */
static void forget(void)
{
    entries = 0;
    generation++;
    swtlb_device_lost();
}

static void work(void)
{
    struct work_struct *w = guest_work;

    if ( !w )
        return;
    guest_work = NULL;
    w->func(w);
    guest_current.mm = &here;
}

/*
 * The kernel has needed room: what is left comes back, the rest waits until
 * there is more, or entries of others go.
 */
START_TEST(evicted)
{
    struct vm_area_struct a[6];
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(a); i++ )
        map(&a[i], ARENA_START + 2 * i * PAGE_SIZE, 1);
    CHECK_EQ(is_registered(a[0].vm_start), 0);
    table_room = 3;
    forget();
    work();
    CHECK_EQ(entries, 3);
    CHECK_EQ(word(" entries"), 3);
    CHECK_EQ(word(" waiting"), 3);
    CHECK_EQ(word(" ended"), 3);
    CHECK_EQ(is_registered(a[2].vm_start), 0);
    CHECK_EQ(is_registered(a[3].vm_start), -ENODATA);
    /* Once a round, and nothing more is to be done. */
    CHECK(!guest_work);

    table_room = 4;
    swtlb_device_room();
    work();
    CHECK_EQ(is_registered(a[3].vm_start), 0);
    CHECK_EQ(is_registered(a[4].vm_start), -ENODATA);
    unmap(&a[0]);
    work();
    CHECK_EQ(is_registered(a[4].vm_start), 0);
    CHECK_EQ(is_registered(a[5].vm_start), -ENODATA);
    CHECK_EQ(entries, 4);
    CHECK_EQ(word(" waiting"), 1);
    CHECK_EQ(word(" ended"), 3);

    /* One that waits is split, or unmapped. */
    CHECK_EQ(a[5].vm_ops->may_split(&a[5], a[5].vm_start), 0);
    CHECK_EQ(word(" waiting"), 0);
    for ( i = 1; i < ARRAY_SIZE(a); i++ )
        unmap(&a[i]);
    CHECK_EQ(word(" entries"), 0);
}
END_TEST

/* Who asks has his buffer registered at once, if there is room. */
START_TEST(asked_again)
{
    struct mm_struct other = { .users = 1 };
    struct vm_area_struct a, b;

    map(&a, ARENA_START, 2);
    map(&b, ARENA_START + 4 * PAGE_SIZE, 1);
    table_room = 0;
    forget();
    work();
    CHECK_EQ(is_registered(a.vm_start), -ENODATA);
    CHECK_EQ(word(" waiting"), 2);
    table_room = 40;
    guest_current.mm = &other;
    CHECK_EQ(is_registered(a.vm_start), -ENODATA);
    guest_current.mm = &here;
    CHECK_EQ(word(" waiting"), 2);
    CHECK_EQ(is_registered(a.vm_start + PAGE_SIZE), 0);
    CHECK_EQ(word(" waiting"), 1);

    /* Before the worker gets to run. */
    forget();
    CHECK_EQ(is_registered(b.vm_start), 0);
    CHECK_EQ(entries, 1);
    work();
    CHECK_EQ(entries, 3);
    CHECK_EQ(word(" waiting"), 0);
    unmap(&a);
    unmap(&b);
}
END_TEST

/*
 * Xen inserts a part and refuses to take it back: then nothing is tried again,
 * and the pages are lost rather than another's.
 */
START_TEST(stuck)
{
    struct vm_area_struct a;

    map(&a, ARENA_START, 2);
    CHECK_EQ(entries, 2);
    table_room = 0;
    forget();
    work();
    CHECK_EQ(word(" waiting"), 1);
    table_room = 40;
    most_entries = 1;
    purge_error = -ENOMEM;
    CHECK_EQ(is_registered(a.vm_start), -ENODATA);
    CHECK_EQ(guest_logged, 1);
    CHECK_EQ(word(" waiting"), 0);
    CHECK_EQ(word(" ended"), 1);
    most_entries = 64;
    CHECK_EQ(is_registered(a.vm_start), -ENODATA);
    unmap(&a);
    CHECK_EQ(pages_there, 2);

    /* What is lost. */
    CHECK_EQ(entries, 1);
    pages_there = entries = 0;
    guest_allocated -= 2;
}
END_TEST

/* What Xen has not lost is not touched. */
START_TEST(not_lost)
{
    struct vm_area_struct a, b;

    map(&a, ARENA_START, 1);
    forget();
    map(&b, ARENA_START + 2 * PAGE_SIZE, 1);
    purges = 0;
    work();
    CHECK_EQ(purges, 1);
    CHECK_EQ(entries, 2);
    CHECK_EQ(is_registered(a.vm_start), 0);
    CHECK_EQ(is_registered(b.vm_start), 0);
    CHECK_EQ(word(" ended"), 0);
    unmap(&a);
    unmap(&b);
}
END_TEST

/*
 * The domain is moved to a Xen without a software TLB, where programs go on
 * and begin, and back.  No memory is lost.
 */
START_TEST(other_xen)
{
    static const int errors[] = { -ENOSYS, -EOPNOTSUPP };
    struct vm_area_struct a, b, c;

    map(&a, ARENA_START, 1);
    map(&b, ARENA_START + 2 * PAGE_SIZE, 1);
    xen_error = errors[_i];
    forget();
    work();
    CHECK_EQ(guest_logged, 0);
    CHECK_EQ(word(" entries"), 0);
    CHECK_EQ(is_registered(a.vm_start), -ENODATA);
    map(&c, ARENA_START + 4 * PAGE_SIZE, 1);
    unmap(&b);
    CHECK_EQ(pages_there, 2);

    xen_error = 0;
    forget();
    work();
    CHECK_EQ(entries, 1);
    CHECK_EQ(is_registered(a.vm_start), 0);
    CHECK_EQ(is_registered(c.vm_start), -ENODATA);
    unmap(&a);
    unmap(&c);
    CHECK_EQ(guest_logged, 0);
}
END_TEST

/* Its addresses are another process's now, or it ends. */
START_TEST(waits_in_vain)
{
    struct mm_struct other = { .users = 1 };
    struct vm_area_struct a, b;

    map(&a, ARENA_START, 2);
    forget();
    table_room = 0;
    work();
    /* Nobody is sent there. */
    CHECK(hint(2 * PAGE_SIZE) >= ARENA_START + 2 * PAGE_SIZE);
    table_room = 40;
    guest_current.mm = &other;
    map(&b, ARENA_START + PAGE_SIZE, 1);
    CHECK_EQ(is_registered(b.vm_start), 0);
    guest_current.mm = &here;
    swtlb_device_room();
    work();
    CHECK_EQ(is_registered(a.vm_start), -ENODATA);
    guest_current.mm = &other;
    unmap(&b);
    guest_current.mm = &here;
    here.users = 0;
    work();
    CHECK_EQ(word(" waiting"), 1);
    here.users = 1;
    swtlb_device_room();
    work();
    CHECK_EQ(is_registered(a.vm_start), 0);
    CHECK_EQ(here.users, 1);
    unmap(&a);
}
END_TEST

/* What can be asked: of this process's mappings, and nothing else. */
START_TEST(asked)
{
    struct mm_struct other = { .users = 1 };
    struct vm_area_struct a, plain;
    const struct file_operations *fops = registered_misc->fops;

    map(&a, ARENA_START, 3);
    CHECK_EQ(is_registered(ARENA_START), 0);
    CHECK_EQ(is_registered(ARENA_START + 3 * PAGE_SIZE - 1), 0);
    CHECK_EQ(is_registered(ARENA_START + 3 * PAGE_SIZE), -ENODATA);
    CHECK_EQ(is_registered(ARENA_START - 1), -ENODATA);
    CHECK_EQ(is_registered(0), -ENODATA);
    CHECK_EQ(is_registered(~0ul), -ENODATA);
    CHECK_EQ(fops->unlocked_ioctl(NULL, XEN_SWTLB_DEV_REGISTERED + 1,
                                  ARENA_START), -ENOTTY);
    CHECK_EQ(fops->compat_ioctl(NULL, XEN_SWTLB_DEV_REGISTERED, ARENA_START),
             0);
    guest_current.mm = &other;
    CHECK_EQ(is_registered(ARENA_START), -ENODATA);
    /* The same address in another process is a plain one. */
    map(&plain, ARENA_START, 1);
    CHECK_EQ(is_registered(ARENA_START), -ENODATA);
    unmap(&plain);
    guest_current.mm = &here;
    unmap(&a);
}
END_TEST

/* Of fragmented memory large pieces are not asked for again and again. */
START_TEST(fragmented)
{
    struct vm_area_struct a;

    map(&a, ARENA_START, 1000);
    CHECK(pieces_asked < 1000 + 12);
    CHECK_EQ(pages_there, 1000);
    unmap(&a);

    largest = 64 * PAGE_SIZE;
    pieces_asked = 0;
    map(&a, ARENA_START, 1000);
    CHECK(pieces_asked < 1000 / 64 + 12);
    unmap(&a);
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
    tcase_add_test(tc, limits);
    tcase_add_test(tc, evicted);
    tcase_add_test(tc, asked_again);
    tcase_add_test(tc, stuck);
    tcase_add_test(tc, not_lost);
    tcase_add_loop_test(tc, other_xen, 0, 2);
    tcase_add_test(tc, waits_in_vain);
    tcase_add_test(tc, asked);
    tcase_add_test(tc, fragmented);
    suite_add_tcase(s, tc);

    return s;
}
