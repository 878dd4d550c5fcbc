/* SPDX-License-Identifier: GPL-2.0-only */
/* The software TLB's operations, typed.  Their results are Xen's. */

#ifndef PVH_SWTLB_H
#define PVH_SWTLB_H

#include "hypercall.h"

#include <public/swtlb.h>

/* Whether Xen announces the software TLB to this domain. */
bool swtlb_present(void);
/* End the test as a skip if it does not. */
void swtlb_require(void);

/* gpa takes its way into cmd's high bits in a 32-bit caller. */
static inline long swtlb_insert_flags(unsigned int vcpuid, unsigned long gva,
                                      uint64_t gpa, unsigned long size,
                                      unsigned int flags)
{
    int cmd = VCPUOP_swtlb_insert | flags;

#ifdef __i386__
    cmd |= XEN_SWTLB_GPA_HI(gpa);
#endif

    return hypercall_vcpu_op5(cmd, vcpuid, gva, gpa, size);
}

static inline long swtlb_insert(unsigned int vcpuid, unsigned long gva,
                                uint64_t gpa, unsigned long size)
{
    return swtlb_insert_flags(vcpuid, gva, gpa, size, 0);
}

static inline long swtlb_insert_pinned(unsigned int vcpuid, unsigned long gva,
                                       uint64_t gpa, unsigned long size)
{
    return swtlb_insert_flags(vcpuid, gva, gpa, size,
                              XEN_SWTLB_FLAG_pinned);
}

static inline long swtlb_purge(unsigned int vcpuid, unsigned long gva,
                               unsigned long size)
{
    return hypercall_vcpu_op5(VCPUOP_swtlb_purge, vcpuid, gva, 0, size);
}

static inline long swtlb_purge_all(unsigned int vcpuid)
{
    return hypercall_vcpu_op5(VCPUOP_swtlb_purge_all, vcpuid, 0, 0, 0);
}

static inline long swtlb_share(unsigned int vcpuid, unsigned int with)
{
    return hypercall_vcpu_op5(VCPUOP_swtlb_share, vcpuid, with, 0, 0);
}

static inline long swtlb_strict(unsigned int vcpuid)
{
    return hypercall_vcpu_op5(VCPUOP_swtlb_strict, vcpuid, 0, 0, 0);
}

static inline long swtlb_query(unsigned int vcpuid, void *buf,
                               unsigned int selector, unsigned int index)
{
    return hypercall_vcpu_op5(VCPUOP_swtlb_query, vcpuid, (unsigned long)buf,
                              selector, index);
}

/* Queries that cannot fail unless the software TLB is broken. */
struct xen_swtlb_limits swtlb_limits(void);
struct xen_swtlb_state swtlb_state(unsigned int vcpuid);
struct xen_swtlb_stats swtlb_stats(unsigned int vcpuid);

/* All that is to be known of a table, for comparing before and after. */
#define SWTLB_SNAP_ENTRIES 64

struct swtlb_snap {
    struct xen_swtlb_state state;
    struct xen_swtlb_entry entry[SWTLB_SNAP_ENTRIES];
};

void swtlb_snap(unsigned int vcpuid, struct swtlb_snap *snap);

bool swtlb_check_same(const char *file, unsigned int line,
                      const struct swtlb_snap *before, unsigned int vcpuid);
bool swtlb_check_refused(const char *file, unsigned int line,
                         const char *what, long rc, long expected,
                         const struct swtlb_snap *before,
                         unsigned int vcpuid);
bool swtlb_check_entry(const char *file, unsigned int line,
                       unsigned int vcpuid, unsigned int index,
                       unsigned long gva, uint64_t gpa, unsigned long size,
                       unsigned int flags);

/* vcpuid's table is still as it was in before. */
#define CHECK_SAME(before, vcpuid)  \
    swtlb_check_same(__FILE__, __LINE__, before, vcpuid)

/* The call returns the errno and has changed nothing in vcpuid's table. */
#define CHECK_REFUSED(call, expected, vcpuid)                               \
    ({                                                                      \
        static struct swtlb_snap before_;                                   \
                                                                            \
        swtlb_snap(vcpuid, &before_);                                       \
        swtlb_check_refused(__FILE__, __LINE__, #call, call, expected,      \
                            &before_, vcpuid);                              \
    })

/* Entry number index of the table is this one. */
#define CHECK_ENTRY(vcpuid, index, gva, gpa, size)  \
    swtlb_check_entry(__FILE__, __LINE__, vcpuid, index, gva, gpa, size, 0)
#define CHECK_PINNED(vcpuid, index, gva, gpa, size)  \
    swtlb_check_entry(__FILE__, __LINE__, vcpuid, index, gva, gpa, size, \
                      XEN_SWTLB_FLAG_pinned)

/* The table holds nr entries. */
#define CHECK_ENTRIES(vcpuid, nr)   \
    CHECK_EQ(swtlb_state(vcpuid).nr_entries, nr)

#endif /* PVH_SWTLB_H */
