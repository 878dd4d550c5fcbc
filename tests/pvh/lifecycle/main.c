/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domU fills its table and shuts down.  A soft reset empties the table; a
 * destroyed domain leaves no memory behind, however many of them there were.
 * What the tables hold is on the console, by the debug key: see test.cfg.
 */

#include <pvh.h>
#include <domu.h>

TEST_TITLE("soft reset and destruction of a domain with entries");

#define CODE_GPA    0x1000
#define DATA_GPA    0x2000
#define CYCLES      25

/* More pages than this cannot come from anything but a leak a domain. */
#define SLACK       (CYCLES / 2)

/* How often to let Xen do what is left, at most. */
#define YIELDS      2000

/* What the domU tells, at DATA_GPA. */
struct result {
    uint32_t inserted, rc;
};

/*
 * Inserts entries until Xen refuses, and shuts down for a soft reset.  What a
 * hypercall with five arguments preserves is ebp, so that has the gva.
 */
extern char domu_code[], domu_call[], domu_code_end[];

asm ( "    .pushsection .rodata                                          \n"
      "    .code32                                                       \n"
      "domu_code:                                                        \n"
      "    mov     $0x3000, %esp                                         \n"
      "    mov     $0x40000000, %ebp                                     \n"
      "    mov     $0x180, %ebx            /* VCPUOP_swtlb_insert, */    \n"
      "    mov     $0x1000, %esi           /* pinned */                  \n"
      "1:  mov     $24, %eax               /* vcpu_op */                 \n"
      "    xor     %ecx, %ecx                                            \n"
      "    mov     %ebp, %edx                                            \n"
      "    mov     $0x1000, %edi                                         \n"
      "    call    domu_call                                             \n"
      "    test    %eax, %eax                                            \n"
      "    jnz     2f                                                    \n"
      "    incl    0x2000                  /* result.inserted */         \n"
      "    add     $0x1000, %ebp                                         \n"
      "    mov     $0x80, %ebx             /* the others not */          \n"
      "    mov     $0x100000, %esi                                       \n"
      "    jmp     1b                                                    \n"
      "2:  mov     %eax, 0x2004            /* result.rc */               \n"
      "    mov     $29, %eax               /* sched_op */                \n"
      "    mov     $2, %ebx                /* SCHEDOP_shutdown */        \n"
      "    mov     $0x2008, %ecx                                         \n"
      "    movl    $5, (%ecx)              /* SHUTDOWN_soft_reset */     \n"
      "    call    domu_call                                             \n"
      "3:  pause                                                         \n"
      "    jmp     3b                                                    \n"
      "domu_call:                                                        \n"
      "    vmcall                                                        \n"
      "    ret                                                           \n"
      "domu_code_end:                                                    \n"
      "    .code64                                                       \n"
      "    .popsection                                                   \n" );

/* A domain that has filled its table, and then shut itself down. */
static unsigned int start_domu(void)
{
    unsigned int domid = domu_create();
    struct result *result;
    uint8_t *code;

    domu_populate(domid, CODE_GPA >> PAGE_SHIFT, 2);
    code = domu_map(domid, CODE_GPA >> PAGE_SHIFT);
    memcpy(code, domu_code, domu_code_end - domu_code);
    /* The CPU vendor's instruction, as this image has it. */
    memcpy(code + (domu_call - domu_code), hypercall_insn, 3);
    domu_unmap(code);

    domu_start(domid, CODE_GPA);
    if ( domu_wait(domid) != SHUTDOWN_soft_reset )
        test_abort(VERDICT_error, "the domU did not get where it should");

    result = domu_map(domid, DATA_GPA >> PAGE_SHIFT);
    CHECK_EQ(result->inserted, swtlb_limits().max_entries);
    CHECK_RC((int)result->rc, -XEN_ENOSPC);
    domu_unmap(result);

    return domid;
}

static void soft_reset(unsigned int domid)
{
    struct xen_domctl op = {};

    /* Xen demands that, as the domain resumes. */
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_pausedomain, domid, &op), 0);
    CHECK_RC(hypercall_domctl(XEN_DOMCTL_soft_reset, domid, &op), 0);
}

void test_main(void)
{
    unsigned int domid, i;
    uint64_t before = 0;

    swtlb_require();

    domid = start_domu();
    CHECK_EQ(domid, 1);
    CHECK_RC(hypercall_debug_key('B'), 0);
    soft_reset(domid);
    CHECK_RC(hypercall_debug_key('B'), 0);
    domu_destroy(domid);

    for ( i = 0; i < CYCLES; i++ )
    {
        domu_destroy(start_domu());
        /* What Xen allocates once and keeps is there by then. */
        if ( i == 4 )
            before = xen_free_pages();
    }
    /* Xen frees the last domain's own memory after an RCU grace period. */
    for ( i = 0; i < YIELDS && before > xen_free_pages() + SLACK; i++ )
        hypercall_yield();
    if ( before > xen_free_pages() + SLACK )
        test_failure("%llu pages were not freed",
                     (unsigned long long)(before - xen_free_pages()));
}
