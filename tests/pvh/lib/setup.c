/* SPDX-License-Identifier: GPL-2.0-only */
/* From the entry point to the test. */

#include <pvh.h>

#include "lib.h"

uint8_t stacks[MAX_VCPUS][STACK_SIZE] __page_aligned;

uint32_t xen_cpuid_base;
const char *cmdline = "";

bool cmdline_has(const char *option)
{
    size_t n = strlen(option);
    const char *word = cmdline;

    while ( (word = strstr(word, option)) )
    {
        if ( (word == cmdline || word[-1] == ' ') &&
             (word[n] == '\0' || word[n] == ' ') )
            return true;
        word += n;
    }

    return false;
}

static void find_xen(void)
{
    uint32_t leaf, r[4];

    for ( leaf = XEN_CPUID_FIRST_LEAF; leaf < XEN_CPUID_FIRST_LEAF + 0x10000;
          leaf += 0x100 )
    {
        cpuid(leaf, 0, r);
        if ( r[1] == XEN_CPUID_SIGNATURE_EBX &&
             r[2] == XEN_CPUID_SIGNATURE_ECX &&
             r[3] == XEN_CPUID_SIGNATURE_EDX )
        {
            xen_cpuid_base = leaf;
            return;
        }
    }
}

bool swtlb_present(void)
{
    uint32_t r[4];

    cpuid(xen_cpuid_base + 4, 0, r);

    return r[0] & XEN_HVM_CPUID_SWTLB;
}

/* vmcall and vmmcall are of one size and differ in the last byte. */
static void choose_hypercall_insn(void)
{
    uint32_t r[4];

    cpuid(0, 0, r);
    /* "Auth"enticAMD, "Hygo"nGenuine */
    if ( r[1] == 0x68747541 || r[1] == 0x6f677948 )
        hypercall_insn[2] = 0xd9;
}

void __attribute__((__weak__)) test_early(void)
{
}

void setup(void)
{
    const struct hvm_start_info *info =
        (const void *)(unsigned long)start_info_gpa;

    trap_setup();
    find_xen();
    choose_hypercall_insn();
    test_early();

    if ( info->magic == XEN_HVM_START_MAGIC_VALUE && info->cmdline_paddr )
        cmdline = (const char *)(unsigned long)info->cmdline_paddr;

    memory_setup();
    paging_setup();

    printk("--- %s\n", test_title);
    if ( !xen_cpuid_base )
        test_abort(VERDICT_error, "not running on Xen");

    test_main();
    test_end();
}
