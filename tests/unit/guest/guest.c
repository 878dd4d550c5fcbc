/* SPDX-License-Identifier: GPL-2.0-only */
/* See guest.h. */

#include "guest.h"

#include <stdarg.h>
#include <sys/mman.h>

unsigned long guest_bad_start, guest_bad_end;
bool guest_may_fault;
unsigned int guest_cpu;
int guest_preempt_count;
bool guest_in_nmi, guest_irqs_disabled, guest_no_smap;
bool guest_encrypted, guest_no_heap, guest_heap_unknown;
bool guest_killed, guest_has_user, guest_rt;
unsigned int guest_resched;
int guest_join_error = -ENODEV;
unsigned int guest_nodes = 1, guest_largest = 1024, guest_pieces_left = ~0u;
unsigned int guest_allocated, guest_logged, guest_joined;
int guest_decrypt_error, guest_encrypt_error;
unsigned long guest_decrypted;
unsigned long guest_uncovered, guest_refused;
guest_xen *guest_hypercall;
unsigned int guest_hypercalls;
/* Unless the program has table.c. */
bool swtlb_strict __attribute__((weak));
int swtlb_table_join(unsigned int cpu) __attribute__((weak));
void swtlb_table_mend(u32 vcpu) __attribute__((weak));
u32 guest_mended;

/* The last page of each slot is missing. */
#define SLOT (64 * PAGE_SIZE)
#define AREA (SLOTS * SLOT)

static u8 *registered, *unregistered;

/* ---- memory ------------------------------------------------------------ */

/* Allocations, which in a guest that is not encrypted are all registered. */
static struct {
    void *p;
    size_t size;
} heap[256];

void *guest_alloc(size_t size)
{
    unsigned int i;

    /* What kmalloc() has at most. */
    if ( guest_no_heap || size > 0x400000 )
        return NULL;

    for ( i = 0; heap[i].p; i++ )
        CHECK(i + 1 < ARRAY_SIZE(heap));
    heap[i].p = aligned_alloc(PAGE_SIZE, ALIGN(size, PAGE_SIZE));
    heap[i].size = size;
    memset(heap[i].p, 0xee, size);
    guest_allocated++;

    return heap[i].p;
}

void guest_free(void *p, size_t size)
{
    unsigned int i;

    if ( !p )
        return;
    for ( i = 0; heap[i].p != p; i++ )
        CHECK(i + 1 < ARRAY_SIZE(heap));
    CHECK(!size || heap[i].size == size);
    heap[i].p = NULL;
    free(p);
    guest_allocated--;
}

static bool within(unsigned long p, size_t size, const void *start, size_t len)
{
    return p >= (unsigned long)start && size <= len &&
           p - (unsigned long)start <= len - size;
}

struct page *guest_alloc_node(int node, unsigned int order)
{
    CHECK(node >= 0 && node < (int)guest_nodes);
    CHECK(1u << order <= guest_largest);
    if ( !guest_pieces_left )
        return NULL;
    guest_pieces_left--;

    return guest_alloc(PAGE_SIZE << order);
}

bool guest_is_user(const void *p, size_t size)
{
    return guest_has_user && within((unsigned long)p, size,
                                    (void *)GUEST_USER, PAGE_SIZE);
}

bool guest_reaches(unsigned long p, size_t size)
{
    u64 start, len;
    unsigned int i;

    for ( i = 0; swtlb_buf_area(i, &start, &len); i++ )
        if ( within(p, size, (void *)start, len) )
            return true;
    if ( guest_encrypted )
        return false;
    for ( i = 0; i < ARRAY_SIZE(heap); i++ )
        if ( !guest_heap_unknown && heap[i].p &&
             within(p, size, heap[i].p, heap[i].size) )
            return true;

    return within(p, size, registered, AREA);
}

bool swtlb_registered(const void *p, size_t len)
{
    return guest_reaches((unsigned long)p, len);
}

void *guest_reach(unsigned long p, size_t size)
{
    CHECK_MSG(guest_reaches(p, size),
              "Xen would have to walk for %zu bytes at %#lx", size, p);

    return (void *)p;
}

/* In one of the slots, or on the stack. */
bool guest_is_there(const void *p, size_t size)
{
    unsigned long at = (unsigned long)p, here = (unsigned long)&at;
    unsigned long offset = at - (unsigned long)registered;

    if ( at - here + 0x10000 < 0x20000 )
        return true;

    return offset < 2 * AREA && size <= SLOT - PAGE_SIZE &&
           offset % SLOT <= SLOT - PAGE_SIZE - size;
}

void *guest_slot(enum place place, unsigned int slot, size_t size)
{
    size_t pages = PFN_UP(size) * PAGE_SIZE;
    u8 *end = unregistered + (slot + 1) * SLOT - PAGE_SIZE;

    CHECK(pages + PAGE_SIZE < SLOT);
    switch ( place )
    {
    case UNKNOWN:
        return end - size;
    case CROSSING:
        return end - pages - size / 2;
    default:
        return registered + slot * SLOT;
    }
}

void *guest_place(enum place place, size_t size)
{
    return guest_slot(place, 0, size);
}

void guest_fill(void *p, size_t size, unsigned int seed)
{
    size_t i;

    for ( i = 0; i < size; i++ )
        ((u8 *)p)[i] = seed + i * 7;
}

bool is_vmalloc_addr(const void *p)
{
    return within((unsigned long)p, 1, unregistered, AREA);
}

unsigned long vmalloc_to_pfn(const void *p)
{
    CHECK(is_vmalloc_addr(p));

    return 1000 - ((u8 *)p - unregistered) / PAGE_SIZE;
}

int set_memory_decrypted(unsigned long address, int pages)
{
    CHECK_EQ(address % PAGE_SIZE, 0);
    if ( guest_decrypt_error )
        return guest_decrypt_error;
    guest_decrypted += pages;

    return 0;
}

int set_memory_encrypted(unsigned long address, int pages)
{
    CHECK_EQ(address % PAGE_SIZE, 0);
    if ( guest_encrypt_error )
        return guest_encrypt_error;
    guest_decrypted -= pages;

    return 0;
}

bool cc_platform_has(enum cc_attr attr)
{
    return attr == CC_ATTR_GUEST_MEM_ENCRYPT && guest_encrypted;
}

/* ---- CPUs -------------------------------------------------------------- */

static struct {
    void *p;
    size_t size;
    char others[GUEST_CPUS][256];
} variables[4];

void *guest_per_cpu(void *p, size_t size, unsigned int cpu)
{
    unsigned int i;

    if ( cpu == guest_cpu )
        return p;

    for ( i = 0; variables[i].p && variables[i].p != p; i++ )
        CHECK(i + 1 < ARRAY_SIZE(variables));
    CHECK(size <= sizeof(variables[i].others[0]));
    variables[i].p = p;
    variables[i].size = size;

    return variables[i].others[cpu];
}

void guest_switch(unsigned int cpu)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(variables) && variables[i].p; i++ )
    {
        memcpy(variables[i].others[guest_cpu], variables[i].p,
               variables[i].size);
        memcpy(variables[i].p, variables[i].others[cpu], variables[i].size);
    }
    guest_cpu = cpu;
}

/* ---- the other parts of guest/ ----------------------------------------- */

void swtlb_table_mend(u32 vcpu)
{
    guest_mended = vcpu;
}

int swtlb_table_join(unsigned int cpu)
{
    guest_joined++;
    if ( !guest_join_error )
        swtlb_buf_enable(cpu, true);

    return guest_join_error;
}

void swtlb_count_passed(void)
{
}

DEFINE_PER_CPU(u32 [SWTLB_CALLS], swtlb_marshalled);

unsigned long guest_marshalled(void)
{
    unsigned long sum = 0;
    unsigned int i;

    for ( i = 0; i < SWTLB_CALLS; i++ )
        sum += swtlb_marshalled[i];

    return sum;
}

void guest_forget_marshalled(void)
{
    memset(swtlb_marshalled, 0, sizeof(swtlb_marshalled));
}

struct irq_work *guest_irq_work;

void guest_tick(void)
{
    struct irq_work *work = guest_irq_work;

    guest_irq_work = NULL;
    if ( work )
        work->func(work);
}

void swtlb_count_uncovered(unsigned long nr)
{
    (void)nr;
    guest_uncovered++;
}

void swtlb_count_refused(unsigned long nr)
{
    (void)nr;
    guest_refused++;
}

int guest_log(const char *format, ...)
{
    va_list args;

    guest_logged++;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);

    return 0;
}

/* ---- hypercalls -------------------------------------------------------- */

/*
 * Where swtlb_hypercall() goes: number in rax, arguments in rdi rsi rdx r10
 * r8.  Only these may change; to make sure, all others that C may change are
 * kept here, and those that a hypercall may change are changed.
 */
asm ( ".text\n"
      ".global __SCT__swtlb_original\n"
      ".type __SCT__swtlb_original, @function\n"
      "__SCT__swtlb_original:\n\t"
      "push %rbp; mov %rsp, %rbp; push %rcx; push %r9; push %r11; push %r8\n\t"
      "push %r10; push %rdx; push %rsi; push %rdi\n\t"
      "mov %rax, %rdi; mov %rsp, %rsi; and $-16, %rsp\n\t"
      "call guest_call\n\t"
      "lea -64(%rbp), %rsp; pop %rdi; pop %rsi; pop %rdx; pop %r10\n\t"
      "pop %r8\n\t"
      "pop %r11; pop %r9; pop %rcx; pop %rbp\n\t"
      "mov $0xdead, %edi; mov %edi, %esi; mov %edi, %edx; mov %edi, %r10d\n\t"
      "mov %edi, %r8d\n\t"
      "ret\n"
      ".global __SCK__swtlb_original\n"
      ".set __SCK__swtlb_original, 0\n" );

long guest_call(unsigned long nr, const unsigned long arg[5]);
long guest_call(unsigned long nr, const unsigned long arg[5])
{
    guest_hypercalls++;

    return guest_hypercall(nr, arg);
}

/* In thunk.S: user.c's. */
long swtlb_user_call(unsigned long nr, const unsigned long arg[5]);
long swtlb_user_call(unsigned long nr, const unsigned long arg[5])
{
    return guest_call(nr, arg);
}

long guest_issue(unsigned long nr, unsigned long cmd, unsigned long a2,
                 unsigned long a3, unsigned long a4)
{
    unsigned long arg[5] = { cmd, a2, a3, a4, 0xa5a5 }, p;
    int preempt_count = guest_preempt_count;
    u32 size, used, now, peak;
    long res;

    if ( nr >= SWTLB_CALLS || swtlb_call_class[nr] == SWTLB_CALL_NONE )
        return guest_call(nr, arg);
    if ( (swtlb_call_plain[nr] >> (cmd % 64)) & 1 )
    {
        p = swtlb_call_class[nr] == SWTLB_CALL_ARG2 ? a2 : a3;
        if ( p < TASK_SIZE_MAX || guest_reaches(p, 1) )
            return guest_call(nr, arg);
    }

    swtlb_buf_usage(guest_cpu, &size, &used, &peak);
    res = swtlb_marshal(nr, arg);
    swtlb_buf_usage(guest_cpu, &size, &now, &peak);
    CHECK_EQ(now, used);
    CHECK_EQ(guest_preempt_count, preempt_count);

    return res;
}

/* ---- the run ----------------------------------------------------------- */

void guest_init(void)
{
    unsigned int cpu, i;
    u8 *p;

    p = mmap(NULL, 2 * AREA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    registered = p;
    unregistered = p + AREA;
    for ( i = 0; i < 2 * SLOTS; i++ )
        CHECK_EQ(mprotect(p + i * SLOT, SLOT - PAGE_SIZE,
                          PROT_READ | PROT_WRITE), 0);

    CHECK_EQ(swtlb_buf_init(), 0);
    for ( cpu = 0; cpu < GUEST_CPUS; cpu++ )
        swtlb_buf_enable(cpu, true);
}

void guest_fini(void)
{
    swtlb_buf_exit();
    CHECK_EQ(guest_allocated, 0);
    CHECK_EQ(guest_preempt_count, 0);
}

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=1:detect_stack_use_after_return=0";
}
