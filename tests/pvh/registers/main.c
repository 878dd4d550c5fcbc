/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of gpa and size are preserved.  They are not arguments of the
 * other sub-operations, whose callers hence rely on it, and a debug build of
 * Xen overwrites those that are.
 */

#include <pvh.h>

TEST_TITLE("which registers the operations preserve");

#define GPA 0x1000000ul

/* As hypercall5(), but with the last two arguments as they come back. */
static long call(int cmd, unsigned long gva, unsigned long *gpa,
                 unsigned long *size)
{
    long rc = __HYPERVISOR_vcpu_op;
    unsigned long a1 = (unsigned int)cmd, a2 = 0, a3 = gva;

#ifdef __x86_64__
    register unsigned long r10 asm ( "r10" ) = *gpa;
    register unsigned long r8 asm ( "r8" ) = *size;

    asm volatile ( "call hypercall_insn"
                   : "+a" (rc), "+D" (a1), "+S" (a2), "+d" (a3),
                     "+r" (r10), "+r" (r8)
                   :: "memory" );
    *gpa = r10;
    *size = r8;
#else
    unsigned long si = *gpa, di = *size;

    asm volatile ( "call hypercall_insn"
                   : "+a" (rc), "+b" (a1), "+c" (a2), "+d" (a3), "+S" (si),
                     "+D" (di)
                   :: "memory" );
    *gpa = si;
    *size = di;
#endif

    return rc;
}

static void check(int cmd, unsigned long gva, unsigned long gpa,
                  unsigned long size, long expected)
{
    unsigned long gpa_after = gpa, size_after = size;

    CHECK_RC(call(cmd, gva, &gpa_after, &size_after), expected);
    CHECK_EQ(gpa_after, gpa);
    CHECK_EQ(size_after, size);
}

void test_main(void)
{
    static struct xen_swtlb_state state;

    swtlb_require();

    check(VCPUOP_swtlb_insert, WINDOW, GPA, 3 * PAGE_SIZE, 0);
    check(VCPUOP_swtlb_insert, WINDOW, GPA, 3 * PAGE_SIZE, -XEN_EEXIST);
    check(VCPUOP_swtlb_query, (unsigned long)&state, XEN_SWTLB_QUERY_state, 0,
          0);
    CHECK_EQ(state.nr_entries, 1);
    check(VCPUOP_swtlb_purge, WINDOW + PAGE_SIZE, 0, PAGE_SIZE, 0);
    CHECK_ENTRIES(0, 2);
    check(VCPUOP_swtlb_purge_all, 0, 0, 0, 0);

    /* Of no meaning to the other operations. */
    check(VCPUOP_is_up, 0, 0x12345678, 0x9abcdef0ul, 1);
}
