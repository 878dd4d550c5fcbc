/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions: none is expected, so each ends the test and says where. */

#include <pvh.h>

#include "defs.h"
#include "lib.h"

/* As the stubs in head.S push it. */
struct frame {
#ifdef __x86_64__
    unsigned long r15, r14, r13, r12, r11, r10, r9, r8;
    unsigned long di, si, bp, bx, dx, cx, ax;
#else
    unsigned long di, si, bp, bx, dx, cx, ax;
#endif
    unsigned long vector, error_code;
    unsigned long ip, cs, flags;
};

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_mid;
#ifdef __x86_64__
    uint32_t offset_high;
    uint32_t reserved;
#endif
};

static struct gate idt[256];

void trap_setup(void)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(idt); i++ )
    {
        unsigned long stub = (unsigned long)trap_stubs + i * TRAP_STUB_SIZE;

        idt[i] = (struct gate){
            .offset_low = stub,
            .selector   = CODE_SEL,
            .type       = 0x8e,
            .offset_mid = stub >> 16,
        };
    }

    trap_load();
}

/* On each vCPU. */
void trap_load(void)
{
    struct {
        uint16_t limit;
        unsigned long base;
    } __attribute__((__packed__)) ptr = { sizeof(idt) - 1,
                                          (unsigned long)idt };

    asm volatile ( "lidt %0" :: "m" (ptr) );
}

void trap(const struct frame *f)
{
    static unsigned int depth;
    unsigned long cr2;

    /* Not even the report works: Xen's message is all that is left. */
    if ( depth++ )
        for ( ; ; )
            hypercall_shutdown(SHUTDOWN_crash);

    asm volatile ( "mov %%cr2, %0" : "=r" (cr2) );
    printk("exception %lu, error code 0x%lx, cr2 %p\n", f->vector,
           f->error_code, (void *)cr2);
    printk("ip %p cs 0x%lx flags 0x%lx\n", (void *)f->ip, f->cs, f->flags);
    printk("ax %p bx %p cx %p dx %p\n", (void *)f->ax, (void *)f->bx,
           (void *)f->cx, (void *)f->dx);
    printk("si %p di %p bp %p\n", (void *)f->si, (void *)f->di,
           (void *)f->bp);
#ifdef __x86_64__
    printk("r8 %p r9 %p r10 %p r11 %p\n", (void *)f->r8, (void *)f->r9,
           (void *)f->r10, (void *)f->r11);
    printk("r12 %p r13 %p r14 %p r15 %p\n", (void *)f->r12, (void *)f->r13,
           (void *)f->r14, (void *)f->r15);
#endif
    test_abort(VERDICT_error, "unexpected exception %lu at %p", f->vector,
               (void *)f->ip);
}
