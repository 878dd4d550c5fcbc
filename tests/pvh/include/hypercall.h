/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls, raw and typed.  Arguments that point to guest memory are passed
 * as they are: a test may hand in an address that nothing is mapped at.
 *
 * All return what Xen returned: zero or more, or a negative XEN_E* number.
 */

#ifndef PVH_HYPERCALL_H
#define PVH_HYPERCALL_H

#include "types.h"

/* xen_sysctl and the like are for dom0's tools, which a test stands in for. */
#define __XEN_TOOLS__ 1

#include <public/xen.h>
#include <public/errno.h>
#include <public/memory.h>
#include <public/physdev.h>
#include <public/sched.h>
#include <public/sysctl.h>
#include <public/vcpu.h>
#include <public/version.h>
#include <public/hvm/hvm_op.h>
#ifndef __aarch64__
#include <public/arch-x86/cpuid.h>
#include <public/arch-x86/hvm/start_info.h>
#include <public/hvm/hvm_vcpu.h>
#endif

/*
 * On x86 the one place with the CPU vendor's instruction for a hypercall, set
 * up at start.  Every register is listed as written: a debug build of Xen is
 * free to clobber those that hold arguments.
 */
extern char hypercall_insn[];

static inline long hypercall5(unsigned int nr, unsigned long a1,
                              unsigned long a2, unsigned long a3,
                              unsigned long a4, unsigned long a5)
{
#ifdef __aarch64__
    register unsigned long x0 asm ( "x0" ) = a1;
    register unsigned long x1 asm ( "x1" ) = a2;
    register unsigned long x2 asm ( "x2" ) = a3;
    register unsigned long x3 asm ( "x3" ) = a4;
    register unsigned long x4 asm ( "x4" ) = a5;
    register unsigned long x16 asm ( "x16" ) = nr;

    asm volatile ( "hvc #0xea1"
                   : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3), "+r" (x4),
                     "+r" (x16)
                   :
                   : "memory" );

    return x0;
#else
    long rc = nr;

#ifdef __x86_64__
    register unsigned long r10 asm ( "r10" ) = a4;
    register unsigned long r8 asm ( "r8" ) = a5;

    asm volatile ( "call hypercall_insn"
                   : "+a" (rc), "+D" (a1), "+S" (a2), "+d" (a3),
                     "+r" (r10), "+r" (r8)
                   :
                   : "memory" );
#else
    asm volatile ( "call hypercall_insn"
                   : "+a" (rc), "+b" (a1), "+c" (a2), "+d" (a3),
                     "+S" (a4), "+D" (a5)
                   :
                   : "memory" );
#endif

    return rc;
#endif
}

#define hypercall0(nr)             hypercall5(nr, 0, 0, 0, 0, 0)
#define hypercall1(nr, a)          hypercall5(nr, a, 0, 0, 0, 0)
#define hypercall2(nr, a, b)       hypercall5(nr, a, b, 0, 0, 0)
#define hypercall3(nr, a, b, c)    hypercall5(nr, a, b, c, 0, 0)

/* With the two arguments that only the software TLB's operations have. */
static inline long hypercall_vcpu_op5(int cmd, unsigned int vcpuid,
                                      unsigned long a3, unsigned long a4,
                                      unsigned long a5)
{
    return hypercall5(__HYPERVISOR_vcpu_op, (unsigned int)cmd, vcpuid,
                      a3, a4, a5);
}

static inline long hypercall_vcpu_op(int cmd, unsigned int vcpuid, void *arg)
{
    return hypercall3(__HYPERVISOR_vcpu_op, (unsigned int)cmd, vcpuid,
                      (unsigned long)arg);
}

static inline long hypercall_multicall(struct multicall_entry *calls,
                                       unsigned int nr)
{
    return hypercall2(__HYPERVISOR_multicall, (unsigned long)calls, nr);
}

static inline long hypercall_console_write(const void *text, unsigned int len)
{
    return hypercall3(__HYPERVISOR_console_io, CONSOLEIO_write, len,
                      (unsigned long)text);
}

static inline long hypercall_sched_op(unsigned int cmd, void *arg)
{
    return hypercall2(__HYPERVISOR_sched_op, cmd, (unsigned long)arg);
}

static inline long hypercall_yield(void)
{
    return hypercall_sched_op(SCHEDOP_yield, NULL);
}

static inline long hypercall_shutdown(unsigned int reason)
{
    struct sched_shutdown arg = { .reason = reason };

    return hypercall_sched_op(SCHEDOP_shutdown, &arg);
}

static inline long hypercall_xen_version(unsigned int cmd, void *arg)
{
    return hypercall2(__HYPERVISOR_xen_version, cmd, (unsigned long)arg);
}

static inline long hypercall_memory_op(unsigned int cmd, void *arg)
{
    return hypercall2(__HYPERVISOR_memory_op, cmd, (unsigned long)arg);
}

static inline long hypercall_physdev_op(unsigned int cmd, void *arg)
{
    return hypercall2(__HYPERVISOR_physdev_op, cmd, (unsigned long)arg);
}

static inline long hypercall_hvm_op(unsigned int cmd, void *arg)
{
    return hypercall2(__HYPERVISOR_hvm_op, cmd, (unsigned long)arg);
}

static inline long hypercall_sysctl(struct xen_sysctl *op)
{
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;

    return hypercall1(__HYPERVISOR_sysctl, (unsigned long)op);
}

/* Makes Xen act as if key had been typed at its console. */
long hypercall_debug_key(char key);

/* Tell Xen to give back or to take the page at a guest frame number. */
long hypercall_decrease_reservation(unsigned long gfn);
long hypercall_populate(unsigned long gfn);
/* The page at from is found at to instead, and what was there is freed. */
long hypercall_move_page(unsigned long from, unsigned long to);

#endif /* PVH_HYPERCALL_H */
