/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Times lookup, insert and purge of the hypervisor's own table, by number of
 * entries, and plain memcpy() beside them, to be compared with in the same
 * run.  Every line
 *
 *     @measure OPERATION.ENTRIES VALUE ns/COUNT
 *
 * is one sample: VALUE nanoseconds for COUNT operations.  A round takes one
 * sample of everything, so that whatever else the machine does meanwhile
 * hits all alike.  Statistics are bench/run's.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <xen/types.h>
#include <xen/string.h>
#include <xen/swtlb-map.h>

#define ARRAY_SIZE(a)   (sizeof(a) / sizeof((a)[0]))

#define WARM_UPS        10
#define ROUNDS          300
#define MAX_ENTRIES     1024

/* Entries of a page, with a page between any two. */
#define ENTRY_SIZE      4096ul
#define FIRST_GVA       0xffff888000000000ul
#define GVA(i)          (FIRST_GVA + (i) * 2 * ENTRY_SIZE)

static const unsigned int numbers[] = { 1, 2, 8, 64, 256, 1024 };

/* The addresses of consecutive lookups are in no order. */
#define ADDRESSES       256
static unsigned long address[ADDRESSES];

static struct swtlb_map *map, *map_less, *map_spare;
static char copy_src[4096], copy_dst[4096];

static struct swtlb_entry entry_nr(unsigned int i)
{
    return (struct swtlb_entry) {
        .gva = GVA(i), .last = GVA(i) + ENTRY_SIZE - 1, .gpa = GVA(i) / 2,
    };
}

static struct swtlb_map *map_alloc(void)
{
    struct swtlb_map *m = calloc(1, sizeof(*m) +
                                    MAX_ENTRIES * sizeof(m->entry[0]));

    if ( !m )
    {
        fprintf(stderr, "bench-table: out of memory\n");
        exit(3);
    }

    return m;
}

/* Compilers must not remove what has no effect. */
#define KEEP(x)         asm volatile ( "" :: "r" (x) : "memory" )

static void op_memcpy_48(unsigned int i)
{
    memcpy(copy_dst, copy_src, 48);
    KEEP(copy_dst + i);
}

static void op_memcpy_4096(unsigned int i)
{
    memcpy(copy_dst, copy_src, 4096);
    KEEP(copy_dst + i);
}

static void lookup(unsigned long gva, bool hit)
{
    const struct swtlb_entry *entry;

    swtlb_map_lookup(map, gva, 48, &entry);
    if ( !entry == hit )
    {
        fprintf(stderr, "bench-table: wrong result of a lookup\n");
        exit(4);
    }
}

static void op_lookup_hit(unsigned int i)
{
    lookup(address[i % ADDRESSES], true);
}

static void op_lookup_miss(unsigned int i)
{
    lookup(address[i % ADDRESSES] + ENTRY_SIZE, false);
}

/* The middle one: half of the entries have to move. */
static void op_insert(unsigned int i)
{
    struct swtlb_entry e = entry_nr(map->nr / 2);

    swtlb_map_insert(map_spare, map_less, &e);
    KEEP(map_spare->entry + i);
}

static void op_purge(unsigned int i)
{
    unsigned long gva = GVA(map->nr / 2);

    swtlb_map_purge(map_spare, map, gva, gva + ENTRY_SIZE - 1);
    KEEP(map_spare->entry + i);
}

static const struct op {
    const char *name;
    void (*fn)(unsigned int i);
    unsigned int count;
} copies[] = {
    { "memcpy-48", op_memcpy_48, 2000 },
    { "memcpy-4096", op_memcpy_4096, 500 },
}, ops[] = {
    { "lookup-hit", op_lookup_hit, 1000 },
    { "lookup-miss", op_lookup_miss, 1000 },
    { "insert", op_insert, 50 },
    { "purge", op_purge, 50 },
};

static void setup(unsigned int nr)
{
    unsigned int i;

    map->nr = map_less->nr = 0;
    for ( i = 0; i < nr; i++ )
    {
        map->entry[map->nr++] = entry_nr(i);
        if ( i != nr / 2 )
            map_less->entry[map_less->nr++] = entry_nr(i);
    }

    srandom(nr);
    for ( i = 0; i < ADDRESSES; i++ )
        address[i] = GVA((unsigned long)random() % nr) +
                     (unsigned long)random() % (ENTRY_SIZE - 48);
}

static void sample(const struct op *op, unsigned int nr, bool print)
{
    struct timespec start, end;
    unsigned int i;

    clock_gettime(CLOCK_MONOTONIC, &start);
    for ( i = 0; i < op->count; i++ )
        op->fn(i);
    clock_gettime(CLOCK_MONOTONIC, &end);

    if ( print )
        printf("@measure %s.%u %lld ns/%u\n", op->name, nr,
               (end.tv_sec - start.tv_sec) * 1000000000ll +
               (end.tv_nsec - start.tv_nsec), op->count);
}

int main(void)
{
    unsigned int round, i, j;

    map = map_alloc();
    map_less = map_alloc();
    map_spare = map_alloc();

    for ( round = 0; round < WARM_UPS + ROUNDS; round++ )
    {
        bool print = round >= WARM_UPS;

        for ( j = 0; j < ARRAY_SIZE(copies); j++ )
            sample(&copies[j], 0, print);
        for ( i = 0; i < ARRAY_SIZE(numbers); i++ )
        {
            setup(numbers[i]);
            for ( j = 0; j < ARRAY_SIZE(ops); j++ )
                sample(&ops[j], numbers[i], print);
        }
    }

    return 0;
}
