/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of one address space: they count on its page tables alone. */

#include "harness/unit.h"

#define GVA   0x200000UL
#define GFN   0x10UL
#define GPA   (GFN << PAGE_SHIFT)

#define MINE  0x12345000UL
#define ITS   0x12346000UL

static uint64_t word;

static void set_cr3(struct vcpu *v, unsigned long cr3)
{
    v->arch.hvm.guest_cr[3] = cr3;
}

/*
 * The entry leads to the first page, the page tables (of whatever CR3) to the
 * second: what a copy reads tells which way it took.
 */
static void prepare(unsigned int flags)
{
    guest_add_page(dom, GFN, p2m_ram_rw);
    guest_add_page(dom, GFN + 1, p2m_ram_rw);
    guest_map(&dom->tables, GVA, GFN + 1, true);
    as(cpu(0));
    set_cr3(cpu(0), MINE);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_insert | flags, 0, GVA, GPA, PAGE_SIZE), 0);
}

/* Whether a copy by the current vCPU is a hit. */
static bool hits(void)
{
    uint64_t hit, miss;

    memcpy(&hit, guest_mem(dom, GPA), 8);
    memcpy(&miss, guest_mem(dom, GPA + PAGE_SIZE), 8);
    word = 0;
    CHECK_EQ(raw_copy_from_guest(&word, (void *)GVA, 8), 0);
    CHECK(word == hit || word == miss);

    return word == hit;
}

static void compare(unsigned int flags)
{
    prepare(XEN_SWTLB_FLAG_space | flags);
    CHECK(hits());
    CHECK(hits());

    set_cr3(cpu(0), ITS);
    CHECK(!hits());
    CHECK(!hits());

    /* As far as the base is concerned: neither PCID nor high bits count. */
    set_cr3(cpu(0), MINE | 0xfff);
    CHECK(hits());
    set_cr3(cpu(0), MINE | (1UL << 61) | 1);
    CHECK(hits());
    set_cr3(cpu(0), MINE | (1UL << 51));
    CHECK(!hits());
    set_cr3(cpu(0), 0);
    CHECK(!hits());
}

START_TEST(plain)
{
    compare(0);
}
END_TEST

START_TEST(pinned)
{
    compare(XEN_SWTLB_FLAG_pinned);
}
END_TEST

/* How a vCPU's paging works: each kind of tables has bases of its own. */
static void set_mode(struct vcpu *v, unsigned long cr0, unsigned long cr4,
                     unsigned long efer)
{
    v->arch.hvm.guest_cr[0] = cr0;
    v->arch.hvm.guest_cr[4] = cr4;
    v->arch.hvm.guest_efer = efer;
}

/* With PAE there are 128 page tables to a page. */
START_TEST(pae)
{
    unsigned int i;

    guest_add_page(dom, GFN, p2m_ram_rw);
    guest_add_page(dom, GFN + 1, p2m_ram_rw);
    guest_map(&dom->tables, GVA, GFN + 1, true);
    as(cpu(0));
    set_mode(cpu(0), X86_CR0_PG, X86_CR4_PAE, 0);
    set_cr3(cpu(0), MINE | 0x40);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_space | _i, 0, GVA,
                     GPA, PAGE_SIZE), 0);
    for ( i = 0; i < 128; i++ )
    {
        set_cr3(cpu(0), MINE | (i << 5));
        CHECK_EQ(hits(), i == 2);
    }
    /* Neither ignored bits nor those beyond 4 GiB are of the base. */
    set_cr3(cpu(0), MINE | 0x5f);
    CHECK(hits());
    set_cr3(cpu(0), MINE | 0x40 | (1UL << 32));
    CHECK(hits());
    set_cr3(cpu(0), (MINE | 0x40) ^ (1UL << 31));
    CHECK(!hits());

    /* Other kinds of page tables at the same place. */
    set_cr3(cpu(0), MINE | 0x40);
    set_mode(cpu(0), X86_CR0_PG, 0, 0);
    CHECK(!hits());
    set_mode(cpu(0), X86_CR0_PG, X86_CR4_PAE, EFER_LMA);
    CHECK(!hits());
    set_mode(cpu(0), 0, X86_CR4_PAE, 0);
    CHECK(!hits());
}
END_TEST

/* With long mode, and without PAE, it is a whole page. */
START_TEST(no_pae)
{
    set_mode(cpu(0), X86_CR0_PG, _i ? X86_CR4_PAE : 0, _i ? EFER_LMA : 0);
    compare(0);
}
END_TEST

/* A base of 0 is one like any other. */
START_TEST(base_zero)
{
    guest_add_page(dom, GFN, p2m_ram_rw);
    guest_add_page(dom, GFN + 1, p2m_ram_rw);
    guest_map(&dom->tables, GVA, GFN + 1, true);
    as(cpu(0));
    set_cr3(cpu(0), 0);
    CHECK_EQ(vcpu_op(VCPUOP_swtlb_insert | XEN_SWTLB_FLAG_space, 0, GVA, GPA,
                     PAGE_SIZE), 0);
    CHECK(hits());
    set_cr3(cpu(0), MINE);
    CHECK(!hits());
}
END_TEST

/* Others are hit on any page tables. */
START_TEST(without)
{
    prepare(0);
    set_cr3(cpu(0), ITS);
    CHECK(hits());
}
END_TEST

/* It is the caller's page tables that count, also for another vCPU's table. */
START_TEST(other_vcpu)
{
    prepare(XEN_SWTLB_FLAG_space);
    CHECK_EQ(op_share(1, 0), 0);

    as(cpu(1));
    set_cr3(cpu(1), ITS);
    CHECK(!hits());
    set_cr3(cpu(1), MINE);
    CHECK(hits());

    /* For the other one; on whose page tables is not asked. */
    swtlb_copy_for(cpu(0));
    CHECK(!hits());
    swtlb_copy_for(cpu(1));
}
END_TEST

START_TEST(purge_and_query)
{
    struct xen_swtlb_entry entry;

    prepare(XEN_SWTLB_FLAG_space | XEN_SWTLB_FLAG_pinned);
    CHECK_EQ(get_entry(0, 0, &entry), 0);
    CHECK_EQ(entry.flags, XEN_SWTLB_FLAG_space | XEN_SWTLB_FLAG_pinned);
    CHECK(get_limits().flags & XEN_SWTLB_FLAG_space);

    set_cr3(cpu(0), ITS);
    CHECK_EQ(op_insert(0, GVA, GPA, PAGE_SIZE), -EEXIST);
    CHECK_EQ(op_purge(0, GVA, 16), 0);
    CHECK_EQ(get_entry(0, 0, &entry), 0);
    CHECK_EQ(entry.flags, XEN_SWTLB_FLAG_space | XEN_SWTLB_FLAG_pinned);
    CHECK_EQ(op_purge(0, GVA, PAGE_SIZE), 0);
    set_cr3(cpu(0), MINE);
    CHECK(!hits());
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("space");
    TCase *tc = unit_case(s, "space");

    tcase_add_test(tc, plain);
    tcase_add_test(tc, pinned);
    tcase_add_loop_test(tc, pae, 0, 1);
    tcase_add_loop_test(tc, pae, XEN_SWTLB_FLAG_pinned,
                        XEN_SWTLB_FLAG_pinned + 1);
    tcase_add_loop_test(tc, no_pae, 0, 2);
    tcase_add_test(tc, base_zero);
    tcase_add_test(tc, without);
    tcase_add_test(tc, other_vcpu);
    tcase_add_test(tc, purge_and_query);

    return s;
}
