/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The framework itself, without the software TLB: if this fails, no other
 * result here means much.  vCPU 1 is started by hypercall, taken down and up,
 * reset by INIT, started by SIPI and once more by hypercall.
 */

#include <pvh.h>

TEST_TITLE("the framework: printing, page tables, vCPUs");

static void store_id(void *arg)
{
    *(unsigned int *)arg = vcpu_id();
}

static void check_works(unsigned int id)
{
    unsigned int seen = ~0u;

    vcpu_run(id, store_id, &seen);
    CHECK_EQ(seen, id);
}

static void test_vcpus(void)
{
    vcpu_require(3);
    CHECK_EQ(vcpu_id(), 0);

    vcpu_start(1);
    vcpu_start(2);
    check_works(1);
    check_works(2);

    vcpu_down(1);
    CHECK_RC(hypercall_vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    vcpu_up(1);
    check_works(1);

    vcpu_init(1);
    vcpu_sipi(1);
    check_works(1);

    vcpu_init(1);
    vcpu_start(1);
    check_works(1);
    check_works(2);
}

/* 64-bit, and 32-bit if told so, pages with PAE: bit 5 of CR4. */
static void test_mode(void)
{
    unsigned long cr4;
    bool pae = sizeof(long) == 8 || (paging_on() && cmdline_has("pae"));

    asm volatile ( "mov %%cr4, %0" : "=r" (cr4) );
    CHECK_EQ(!!(cr4 & (1u << 5)), pae);
}

/* Every size of page, by what is read and written through it. */
static void test_page_tables(void)
{
    uint32_t *target = alloc_aligned(SUPERPAGE_SIZE, SUPERPAGE_SIZE);
    volatile uint32_t *window = (void *)WINDOW;

    map_4k(WINDOW, gpa_of(target), PTE_RW);
    window[1] = 0x11111111;
    CHECK_EQ(target[1], 0x11111111);
    unmap(WINDOW);

    window = (void *)(WINDOW + SUPERPAGE_SIZE);
    map_superpage(WINDOW + SUPERPAGE_SIZE, gpa_of(target), PTE_RW);
    window[2] = 0x22222222;
    CHECK_EQ(target[2], 0x22222222);
    unmap(WINDOW + SUPERPAGE_SIZE);

#ifdef __x86_64__
    CHECK_EQ(*(uint32_t *)(HIGH_BASE + gpa_of(target) + 8), 0x22222222);

    if ( has_1g_pages() )
    {
        window = (void *)(WINDOW + MB(1024) + gpa_of(target));
        map_1g(WINDOW + MB(1024), 0, PTE_RO);
        CHECK_EQ(window[2], 0x22222222);
        unmap(WINDOW + MB(1024));
    }
#endif
}

static void test_printf(void)
{
    char buf[64];

    snprintf(buf, sizeof(buf), "%d|%u|%4x|%04lx|%llu|%s|%c", -5, 7, 0xab,
             0xabul, 12345678901234567ull, "abc", 'z');
    CHECK_MEM(buf, "-5|7|  ab|00ab|12345678901234567|abc|z", 38);
}

void test_main(void)
{
    test_printf();
    CHECK(memory_end() > MB(64));
    CHECK_EQ(memory_type(gpa_of(&test_printf)), XEN_HVM_MEMMAP_TYPE_RAM);
    CHECK(hypercall_xen_version(XENVER_version, NULL) >= 0x40000);
    test_mode();
    if ( paging_on() )
        test_page_tables();
    test_vcpus();
}
