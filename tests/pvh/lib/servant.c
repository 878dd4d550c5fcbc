/* SPDX-License-Identifier: GPL-2.0-only */
/* The servant: the domU's code, and how it is told what to do. */

#include <pvh.h>
#include <servant.h>

#include <public/hvm/params.h>

#define CODE_GFN        1
#define BOX_GFN         SERVANT_ANSWERS_GFN
#define TABLE_GFN       3
#define NR_OWN_PAGES    3
/* In the mailbox's page, which has space left for what Xen answers. */
#define ANSWER_OFFSET   0x400
#define ANSWER_GPA      ((BOX_GFN << PAGE_SHIFT) + ANSWER_OFFSET)

/* At BOX_GFN.  The servant has done what it was told when done is asked. */
struct mailbox {
    uint32_t asked, done;
    uint32_t nr;
    uint32_t args[5];
    uint32_t rc;
    uint32_t succeeded, failed;
    /* Not zero: again, with args[2] advanced by step in the bits of mask. */
    uint32_t repeat, step, mask;
    /* Before that it writes a word in each page of a range of gpas. */
    uint32_t touch, touch_end, touch_ticks;
};

/* At TABLE_GFN, its page table: maps all of 4 GiB by pages of 4 MiB. */
#define NR_PTES         1024
#define PTE_SHIFT       22

static volatile struct mailbox *box;
static unsigned int domid;

extern char servant_code[], servant_insn[], servant_code_end[];

asm ( "    .pushsection .rodata                                          \n"
      "    .code32                                                       \n"
      "servant_code:                                                     \n"
      "    mov     %cr4, %eax                                            \n"
      "    or      $0x10, %eax             /* PSE */                     \n"
      "    mov     %eax, %cr4                                            \n"
      "    mov     $0x3000, %eax           /* TABLE_GFN */               \n"
      "    mov     %eax, %cr3                                            \n"
      "    mov     %cr0, %eax                                            \n"
      "    or      $0x80000000, %eax       /* PG */                      \n"
      "    mov     %eax, %cr0                                            \n"
      "    mov     $0x3000, %esp                                         \n"
      "1:  pause                                                         \n"
      "    mov     0x2000, %ebp            /* asked */                   \n"
      "    cmp     0x2004, %ebp            /* done */                    \n"
      "    je      1b                                                    \n"
      "    rdtsc                                                         \n"
      "    mov     %eax, %esi                                            \n"
      "    mov     0x2038, %edi            /* touch */                   \n"
      "5:  cmp     0x203c, %edi            /* touch_end */               \n"
      "    jae     6f                                                    \n"
      "    incl    (%edi)                                                \n"
      "    add     $0x1000, %edi                                         \n"
      "    jmp     5b                                                    \n"
      "6:  rdtsc                                                         \n"
      "    sub     %esi, %eax                                            \n"
      "    mov     %eax, 0x2040            /* touch_ticks */             \n"
      "2:  mov     0x2008, %eax            /* nr */                      \n"
      "    mov     0x200c, %ebx            /* args[] */                  \n"
      "    mov     0x2010, %ecx                                          \n"
      "    mov     0x2014, %edx                                          \n"
      "    mov     0x2018, %esi                                          \n"
      "    mov     0x201c, %edi                                          \n"
      "    call    servant_insn                                          \n"
      "    mov     %eax, 0x2020            /* rc */                      \n"
      "    test    %eax, %eax                                            \n"
      "    jnz     3f                                                    \n"
      "    incl    0x2024                  /* succeeded */               \n"
      "    jmp     4f                                                    \n"
      "3:  incl    0x2028                  /* failed */                  \n"
      "4:  mov     0x2014, %eax            /* args[2] */                 \n"
      "    mov     %eax, %edx                                            \n"
      "    add     0x2030, %eax            /* step */                    \n"
      "    xor     %edx, %eax                                            \n"
      "    and     0x2034, %eax            /* mask */                    \n"
      "    xor     %edx, %eax                                            \n"
      "    mov     %eax, 0x2014                                          \n"
      "    cmpl    $0, 0x202c              /* repeat */                  \n"
      "    jne     2b                                                    \n"
      "    mov     %ebp, 0x2004            /* done */                    \n"
      "    jmp     1b                                                    \n"
      "servant_insn:                                                     \n"
      "    vmcall                                                        \n"
      "    ret                                                           \n"
      "servant_code_end:                                                 \n"
#ifdef __x86_64__
      "    .code64                                                       \n"
#endif
      "    .popsection                                                   \n" );

unsigned int servant_start(void)
{
    return servant_start_with(1, MB(8));
}

unsigned int servant_start_with(unsigned int vcpus, unsigned long size)
{
    uint32_t *table;
    uint8_t *code;
    unsigned int i;

    domid = domu_create_with(vcpus, size);
    domu_populate(domid, CODE_GFN, NR_OWN_PAGES);
    code = domu_map(domid, CODE_GFN);
    memcpy(code, servant_code, servant_code_end - servant_code);
    /* The CPU vendor's instruction, as this image has it. */
    memcpy(code + (servant_insn - servant_code), hypercall_insn, 3);
    domu_unmap(code);

    table = domu_map(domid, TABLE_GFN);
    for ( i = 0; i < NR_PTES; i++ )
        table[i] = (i << PTE_SHIFT) | PTE_LARGE | PTE_RW;
    domu_unmap(table);

    box = domu_map(domid, BOX_GFN);
    domu_start(domid, CODE_GFN << PAGE_SHIFT);

    return domid;
}

static void copy_page(unsigned int from, unsigned int to, unsigned long gfn)
{
    void *source = domu_map(from, gfn), *target;

    domu_populate(to, gfn, 1);
    target = domu_map(to, gfn);
    memcpy(target, source, PAGE_SIZE);
    domu_unmap(target);
    domu_unmap(source);
}

unsigned int servant_move(unsigned int vcpus, unsigned long size,
                          const void *context, uint32_t bytes,
                          unsigned long gfn, unsigned int nr)
{
    unsigned int to = domu_create_with(vcpus, size), i;
    struct xen_domctl op = {};

    for ( i = 0; i < NR_OWN_PAGES; i++ )
        copy_page(domid, to, CODE_GFN + i);
    for ( i = 0; i < nr; i++ )
        copy_page(domid, to, gfn + i);
    REQUIRE_RC(domu_set_context(to, context, bytes), 0);
    servant_end();

    domid = to;
    box = domu_map(domid, BOX_GFN);
    REQUIRE_RC(hypercall_domctl(XEN_DOMCTL_unpausedomain, domid, &op), 0);

    return domid;
}

void servant_end(void)
{
    domu_unmap((void *)box);
    domu_destroy(domid);
}

void servant_post(unsigned int nr, uint32_t a1, uint32_t a2, uint32_t a3,
                  uint32_t a4, uint32_t a5)
{
    wait_until(servant_done());
    box->nr = nr;
    box->args[0] = a1;
    box->args[1] = a2;
    box->args[2] = a3;
    box->args[3] = a4;
    box->args[4] = a5;
    barrier();
    box->asked++;
}

bool servant_done(void)
{
    return box->done == box->asked;
}

long servant_result(void)
{
    return (int)box->rc;
}

long servant_call(unsigned int nr, uint32_t a1, uint32_t a2, uint32_t a3,
                  uint32_t a4, uint32_t a5)
{
    servant_post(nr, a1, a2, a3, a4, a5);
    wait_until(servant_done());

    return servant_result();
}

static long vcpu_op(unsigned int cmd, uint32_t a3, uint32_t a4, uint32_t a5)
{
    return servant_call(__HYPERVISOR_vcpu_op, cmd, 0, a3, a4, a5);
}

long servant_insert(uint32_t gva, unsigned long gfn, unsigned int nr,
                    unsigned int flags)
{
    return vcpu_op(VCPUOP_swtlb_insert | flags, gva, gfn << PAGE_SHIFT,
                   nr << PAGE_SHIFT);
}

long servant_purge(uint32_t gva, unsigned int nr)
{
    return vcpu_op(VCPUOP_swtlb_purge, gva, 0, nr << PAGE_SHIFT);
}

const void *servant_query(unsigned int selector, unsigned int index)
{
    REQUIRE_RC(vcpu_op(VCPUOP_swtlb_query, ANSWER_GPA, selector, index), 0);

    return (uint8_t *)box + ANSWER_OFFSET;
}

struct xen_swtlb_stats servant_stats(void)
{
    return *(struct xen_swtlb_stats *)servant_query(XEN_SWTLB_QUERY_stats, 0);
}

long servant_write(uint32_t gva)
{
    return vcpu_op(VCPUOP_get_runstate_info, gva, 0, 0);
}

long servant_read(uint32_t gva, uint64_t *value)
{
    struct xen_hvm_param param = {
        .domid = domid,
        .index = HVM_PARAM_STORE_EVTCHN,
    };
    long rc = servant_call(__HYPERVISOR_hvm_op, HVMOP_set_param, gva, 0, 0,
                           0);

    REQUIRE_RC(hypercall_hvm_op(HVMOP_get_param, &param), 0);
    *value = param.value;

    return rc;
}

void servant_prepare_at(void *page, uint64_t value)
{
    memset(page, 0, PAGE_SIZE);
    *(struct xen_hvm_param *)((uint8_t *)page + SERVANT_READS_AT) =
        (struct xen_hvm_param){
            .domid = DOMID_SELF,
            .index = HVM_PARAM_STORE_EVTCHN,
            .value = value,
        };
}

void servant_prepare(unsigned long gfn, uint64_t value)
{
    void *page = domu_map(domid, gfn);

    servant_prepare_at(page, value);
    domu_unmap(page);
}

bool servant_written(unsigned long gfn)
{
    uint8_t *page = domu_map(domid, gfn);
    bool written = false;
    unsigned int i;

    for ( i = 0; i < SERVANT_WRITES; i++ )
        written |= page[i];
    domu_unmap(page);

    return written;
}

uint32_t servant_touch(unsigned long gfn, unsigned int nr)
{
    wait_until(servant_done());
    box->touch = gfn << PAGE_SHIFT;
    box->touch_end = (gfn + nr) << PAGE_SHIFT;
    servant_call(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);
    box->touch = box->touch_end = 0;

    return box->touch_ticks;
}

void servant_repeat(uint32_t gva, unsigned int nr)
{
    wait_until(servant_done());
    box->succeeded = box->failed = 0;
    box->step = PAGE_SIZE;
    box->mask = (nr - 1) << PAGE_SHIFT;
    box->repeat = 1;
    barrier();
    servant_post(__HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 0, gva, 0,
                 0);
}

void servant_stop(void)
{
    box->repeat = 0;
    wait_until(servant_done());
    box->mask = 0;
}

uint32_t servant_succeeded(void)
{
    return box->succeeded;
}

uint32_t servant_failed(void)
{
    return box->failed;
}

void servant_sync(void)
{
    uint32_t seen = box->succeeded + box->failed;

    wait_until(box->succeeded + box->failed != seen);
}
