/* SPDX-License-Identifier: GPL-2.0-only */
/* Which memory is registered, and what if there is none to find that out. */

#include "guest.h"

#include <stdarg.h>

#define MB 0x100000ul

char *guest_init_task = (char *)PAGE_OFFSET + 20 * MB;
u64 phys_base;

/* How many allocations still succeed. */
static unsigned int left;
static unsigned int there;

void *guest_realloc(void *p, size_t size)
{
    if ( !left )
        return NULL;
    left--;
    there += !p;

    return realloc(p, size);
}

void guest_free(void *p, size_t size)
{
    (void)size;
    there -= !!p;
    free(p);
}

int guest_log(const char *format, ...)
{
    (void)format;

    return 0;
}

static struct resource ram[40];
static unsigned int nr_ram;

int guest_walk(void *arg, int (*func)(struct resource *res, void *arg))
{
    unsigned int i;
    int err = 0;

    for ( i = 0; !err && i < nr_ram; i++ )
        err = func(&ram[i], arg);

    return err;
}

/* 16 to 18 MiB is text, 18 to 24 writable. */
pte_t *lookup_address(unsigned long va, unsigned int *level)
{
    static pte_t pte;
    u64 mb = (va - __START_KERNEL_map) / MB;

    *level = 2;
    pte.flags = mb < 16 || mb >= 24 ? 0 :
                mb < 18 ? _PAGE_PRESENT : _PAGE_PRESENT | _PAGE_RW;

    return &pte;
}

bool swtlb_buf_area(unsigned int i, u64 *start, u64 *size)
{
    *start = 32 * MB;
    *size = PAGE_SIZE;

    return !i;
}

static void set_ram(unsigned int n)
{
    for ( nr_ram = 0; nr_ram < n; nr_ram++ )
        ram[nr_ram] = (struct resource){ (1 + 100 * nr_ram) * MB,
                                         (100 + 100 * nr_ram) * MB - 1 };
}

static bool has(const struct swtlb_ranges *list, u64 gva, u64 size)
{
    unsigned int i;

    for ( i = 0; i < list->nr; i++ )
        if ( gva >= list->range[i].gva &&
             gva + size <= list->range[i].gva + list->range[i].size )
            return true;

    return false;
}

static struct swtlb_ranges *get(unsigned int max)
{
    struct swtlb_ranges *list = swtlb_ranges_get(max, 1);

    CHECK(list);

    return list;
}

static void init(void)
{
    left = ~0u;
    set_ram(3);
    CHECK_EQ(swtlb_ranges_init(true, true), 0);
}

static void fini(void)
{
    swtlb_ranges_exit();
    CHECK_EQ(there, 0);
}

START_TEST(all)
{
    struct swtlb_ranges *list = get(64);

    /* The buffers first; the direct map without text; the image's data. */
    CHECK_EQ(list->keep, 1);
    CHECK_EQ(list->range[0].flags, XEN_SWTLB_FLAG_pinned);
    CHECK(has(list, PAGE_OFFSET + MB, 15 * MB));
    CHECK(!has(list, PAGE_OFFSET + 16 * MB, 1));
    CHECK(has(list, PAGE_OFFSET + 18 * MB, 14 * MB));
    CHECK(has(list, PAGE_OFFSET + 32 * MB, PAGE_SIZE));
    CHECK(has(list, PAGE_OFFSET + 201 * MB, 99 * MB));
    CHECK(has(list, __START_KERNEL_map + 18 * MB, 6 * MB));
    CHECK(!has(list, __START_KERNEL_map + 16 * MB, 1));
    CHECK(!list->partial);
    kfree(list);

    /* Across holes, but not across text; then what is small is left out. */
    list = get(5);
    CHECK_EQ(list->nr, 5);
    CHECK(has(list, PAGE_OFFSET + 99 * MB, 2 * MB));
    CHECK(!has(list, PAGE_OFFSET + 16 * MB, 1));
    kfree(list);
    list = get(2);
    CHECK_EQ(list->nr, 2);
    CHECK_EQ(list->keep, 1);
    CHECK(list->partial);
    kfree(list);
}
END_TEST

/* There is no memory to look anew: what was known stays, as it was. */
START_TEST(no_memory)
{
    struct swtlb_ranges *list;
    unsigned int n, was = there;
    int err = -ENOMEM;

    set_ram(40);
    for ( n = 0; err; n++ )
    {
        left = n;
        err = swtlb_ranges_init(true, true);
        left = ~0u;
        if ( !err )
            break;
        CHECK_EQ(err, -ENOMEM);
        CHECK_EQ(there, was);
        list = get(64);
        CHECK(has(list, PAGE_OFFSET + 201 * MB, 99 * MB));
        CHECK(!has(list, PAGE_OFFSET + 301 * MB, 1));
        CHECK(has(list, __START_KERNEL_map + 18 * MB, 6 * MB));
        kfree(list);
    }
    CHECK(n > 3);
    list = get(64);
    CHECK(has(list, PAGE_OFFSET + 3901 * MB, 99 * MB));
    kfree(list);

    /* Nor for a list. */
    for ( n = 0; ; n++ )
    {
        left = n;
        list = swtlb_ranges_get(64, 1);
        left = ~0u;
        if ( list )
            break;
        CHECK_EQ(there, was);
    }
    kfree(list);
}
END_TEST

START_TEST(comes_and_goes)
{
    struct swtlb_ranges *list;

    CHECK_EQ(swtlb_ranges_memory(300 * MB, 310 * MB, true), 0);
    CHECK_EQ(swtlb_ranges_memory(110 * MB, 120 * MB, false), 0);
    list = get(64);
    CHECK(has(list, PAGE_OFFSET + 201 * MB, 109 * MB));
    CHECK(!has(list, PAGE_OFFSET + 110 * MB, 1));
    CHECK(has(list, PAGE_OFFSET + 101 * MB, 9 * MB));
    kfree(list);

    /* What was not asked for. */
    CHECK_EQ(swtlb_ranges_init(false, false), 0);
    list = get(64);
    CHECK_EQ(list->nr, 1);
    kfree(list);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("ranges");

    tcase_add_checked_fixture(tc, init, fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_test(tc, all);
    tcase_add_test(tc, no_memory);
    tcase_add_test(tc, comes_and_goes);
    suite_add_tcase(s, tc);

    return s;
}
