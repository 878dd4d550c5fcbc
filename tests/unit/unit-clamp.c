/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a processor can do with a slot before it knows that it is the wrong
 * one, or void: where and how much slot_mask(), slot_va(), slot_page() and
 * clamp_len() let it copy, for a gva and a length that no check has seen.
 * These are static, hence the source is included, with Xen's way to clamp
 * instead of the harness', which aborts where it has something to do.
 */

#include "harness/unit.h"

#include <xen/nospec.h>

/* All ones if the index is below nr, else zero; Xen's takes no branch. */
#undef array_index_nospec
#define array_index_nospec(idx, nr) \
    ({ typeof(idx) i_ = (idx); i_ & -(typeof(idx))(i_ < (nr)); })

#include "../../hv/xen/common/swtlb-copy.c"

static uint8_t page[PAGE_SIZE] __aligned(PAGE_SIZE);

/* As of which the slots below are. */
static const struct swtlb_seqs now = { .map = 5, .p2m = 9 };

static void check_within(const struct swtlb_slot *slot, unsigned long gva,
                         unsigned int len)
{
    unsigned long mask = slot_mask(slot, now), size = slot->size & mask, left;
    /* Of an empty slot NULL, to which C does not let even 0 be added. */
    unsigned long va = (unsigned long)slot->va;
    unsigned long first = (unsigned long)slot_va(slot, size, gva, &left);
    unsigned int count = clamp_len(len, left);

    CHECK(mask == ~0UL);
    CHECK_MSG(first >= va && first <= va + slot->size &&
              count <= slot->size - (first - va),
              "slot of %lu bytes at %#lx: %u at %#lx lead to %u at %ld",
              slot->size, slot->gva, len, gva, count, (long)(first - va));
    CHECK(slot_page(slot, mask) == (void *)(va & PAGE_MASK));

    /* And what does lie within is not changed. */
    gva -= slot->gva;
    if ( gva < slot->size && len <= slot->size - gva )
    {
        CHECK(first == va + gva);
        CHECK_EQ(count, len);
    }
}

static const unsigned long at[] = {
    0, 1, 8, 0xfff, 0x1000, 0x1001, 0x10000, ~0UL, ~0xfffUL, 1UL << 63,
};

static const unsigned int lens[] = {
    0, 1, 8, 0xfff, 0x1000, 0x1001, 0x10000, ~0U, 1U << 31,
};

static const struct {
    unsigned int off, size;
} parts[] = {
    { 0, 0x1000 }, { 0, 1 }, { 0xfff, 1 }, { 0x800, 0x100 }, { 0, 0 },
    { 1, 0xfff },
};

START_TEST(boundaries)
{
    const struct swtlb_slot slot = {
        .gva = 0x200000 + parts[_i].off, .size = parts[_i].size,
        .va = parts[_i].size ? page + parts[_i].off : NULL,
        .map_seq = now.map, .p2m_seq = now.p2m,
    };
    unsigned int i, j;

    for ( i = 0; i < ARRAY_SIZE(at); i++ )
        for ( j = 0; j < ARRAY_SIZE(lens); j++ )
        {
            check_within(&slot, slot.gva + at[i], lens[j]);
            check_within(&slot, slot.gva + slot.size + at[i], lens[j]);
        }
}
END_TEST

START_TEST(at_random)
{
    uint64_t rnd = unit_seed();
    unsigned int i;

    for ( i = 0; i < 20000; i++ )
    {
        unsigned int off = unit_random(&rnd) % PAGE_SIZE;
        const struct swtlb_slot slot = {
            .gva = (unit_random(&rnd) & PAGE_MASK) + off, .va = page + off,
            .size = 1 + unit_random(&rnd) % (PAGE_SIZE - off),
            .map_seq = now.map, .p2m_seq = now.p2m,
        };

        check_within(&slot, slot.gva + unit_random(&rnd) % 0x2000 - 0x1000,
                     unit_random(&rnd) % 0x2000);
        check_within(&slot, unit_random(&rnd), unit_random(&rnd));
    }
}
END_TEST

/* A slot of before leads nowhere, whichever bit of which number it is. */
START_TEST(void_slot)
{
    struct swtlb_slot slot = {
        .gva = 0x200000, .size = PAGE_SIZE, .va = page,
        .map_seq = now.map, .p2m_seq = now.p2m,
    };
    unsigned long left;

    if ( _i < 64 )
        slot.map_seq ^= 1UL << _i;
    else
        slot.p2m_seq ^= 1UL << (_i - 64);

    CHECK_EQ(slot_mask(&slot, now), 0);
    CHECK(slot_va(&slot, 0, slot.gva + 8, &left) == page);
    CHECK_EQ(left, 0);
    CHECK_EQ(clamp_len(8, left), 0);
    CHECK(!slot_page(&slot, 0));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("clamp");
    TCase *tc = unit_case(s, "clamp");

    tcase_add_loop_test(tc, boundaries, 0, ARRAY_SIZE(parts));
    tcase_add_test(tc, at_random);
    tcase_add_loop_test(tc, void_slot, 0, 128);

    return s;
}
