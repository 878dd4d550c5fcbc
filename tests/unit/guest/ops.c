/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Xen does with each structure that has no pointers in it.  The figures
 * are those of Xen's side: they were not made from the table in guest/calls.c,
 * which is tested with them.
 */

#include "ops.h"

/* Xen uses the first IN bytes; SIZE it copies; TO zero: it writes nothing. */
#define OP(nr, cmd, which, size, in, from, to, always) \
    { __HYPERVISOR_##nr, cmd, which, size, in, from, to, always, \
      #nr " " #cmd }
#define IN(nr, cmd, which, size)  OP(nr, cmd, which, size, size, 0, 0, false)
#define OUT(nr, cmd, which, size) OP(nr, cmd, which, size, 0, 0, size, false)
#define BOTH(nr, cmd, which, size) \
    OP(nr, cmd, which, size, size, 0, size, true)

const struct op ops[] = {
    OUT(xen_version, 1, 1, 16),
    OUT(xen_version, 2, 1, 144),
    OUT(xen_version, 3, 1, 1024),
    OUT(xen_version, 4, 1, 64),
    OUT(xen_version, 5, 1, 8),
    OP(xen_version, 6, 1, 8, 4, 4, 8, false),
    OUT(xen_version, 8, 1, 16),
    BOTH(xen_version, 9, 1, 1024),

    OP(event_channel_op, 0, 1, 12, 8, 8, 12, false),
    OP(event_channel_op, 1, 1, 12, 8, 8, 12, false),
    OP(event_channel_op, 2, 1, 12, 8, 8, 12, false),
    IN(event_channel_op, 3, 1, 4),
    IN(event_channel_op, 4, 1, 4),
    BOTH(event_channel_op, 5, 1, 24),
    OP(event_channel_op, 6, 1, 8, 4, 4, 8, false),
    OP(event_channel_op, 7, 1, 8, 4, 4, 8, false),
    IN(event_channel_op, 8, 1, 8),
    IN(event_channel_op, 9, 1, 4),
    IN(event_channel_op, 10, 1, 2),
    OP(event_channel_op, 11, 1, 24, 16, 16, 17, false),
    IN(event_channel_op, 12, 1, 8),
    IN(event_channel_op, 13, 1, 8),
    IN(event_channel_op, 14, 1, 2),

    IN(sched_op, 2, 1, 4),
    IN(sched_op, 4, 1, 8),
    IN(sched_op, 5, 1, 4),
    IN(sched_op, 6, 1, 8),
    IN(sched_op, 7, 1, 4),

    IN(vcpu_op, 0, 2, sizeof(struct vcpu_hvm_context)),
    OUT(vcpu_op, 4, 2, 48),
    IN(vcpu_op, 6, 2, 8),
    IN(vcpu_op, 8, 2, 16),
    IN(vcpu_op, 10, 2, 16),
    OUT(vcpu_op, 12, 2, 8),
    IN(vcpu_op, 14, 2, 8),
    IN(vcpu_op, 15, 2, 8),

    OP(physdev_op, 5, 1, 8, 4, 4, 8, false),
    IN(physdev_op, 6, 1, 4),
    IN(physdev_op, 7, 1, 16),
    BOTH(physdev_op, 8, 1, 16),
    IN(physdev_op, 9, 1, 16),
    OP(physdev_op, 10, 1, 8, 4, 4, 8, false),
    IN(physdev_op, 11, 1, 8),
    IN(physdev_op, 12, 1, 4),
    BOTH(physdev_op, 13, 1, 40),
    IN(physdev_op, 14, 1, 8),
    IN(physdev_op, 15, 1, 2),
    IN(physdev_op, 16, 1, 2),
    IN(physdev_op, 17, 1, 8),
    IN(physdev_op, 19, 1, 2),
    IN(physdev_op, 20, 1, 16),
    IN(physdev_op, 21, 1, 8),
    OUT(physdev_op, 22, 1, 4),
    OP(physdev_op, 23, 1, 8, 4, 4, 8, false),
    IN(physdev_op, 24, 1, 16),
    IN(physdev_op, 26, 1, 4),
    IN(physdev_op, 27, 1, 4),
    IN(physdev_op, 28, 1, 8),
    IN(physdev_op, 29, 1, 6),
    IN(physdev_op, 30, 1, 4),
    IN(physdev_op, 31, 1, 4),
    IN(physdev_op, 32, 1, 8),

    IN(hvm_op, 0, 1, 16),
    OP(hvm_op, 1, 1, 16, 8, 8, 16, false),
    IN(hvm_op, 9, 1, 16),
    OUT(hvm_op, 10, 1, 8),
    IN(hvm_op, 11, 1, 32),
    OP(hvm_op, 15, 1, 16, 16, 2, 4, false),
    IN(hvm_op, 23, 1, 8),

    BOTH(grant_table_op, 3, 1, 4),
    BOTH(grant_table_op, 6, 1, 16),
    BOTH(grant_table_op, 8, 1, 4),
    OP(grant_table_op, 10, 1, 8, 4, 4, 8, false),

    IN(memory_op, 3, 1, 2),
    IN(memory_op, 4, 1, 2),
    IN(memory_op, 7, 1, 24),
    OUT(memory_op, 12, 1, 24),
    IN(memory_op, 14, 1, 2),
    IN(memory_op, 15, 1, 16),
    OP(memory_op, 16, 1, 40, 40, 8, 32, false),
    OP(memory_op, 17, 1, 40, 40, 8, 32, false),
    IN(memory_op, 24, 1, 32),

    BOTH(xenpmu_op, 0, 1, 24),
    BOTH(xenpmu_op, 1, 1, 24),
    BOTH(xenpmu_op, 2, 1, 24),
    BOTH(xenpmu_op, 3, 1, 24),
    BOTH(xenpmu_op, 4, 1, 24),
    BOTH(xenpmu_op, 5, 1, 24),
};

const unsigned int nr_ops = ARRAY_SIZE(ops);

/* Xen looks at no pointer. */
const struct value values[] = {
    { __HYPERVISOR_xen_version, 0 },
    { __HYPERVISOR_xen_version, 7 },
    { __HYPERVISOR_sched_op, 0 },
    { __HYPERVISOR_sched_op, 1 },
    { __HYPERVISOR_vcpu_op, 1 },
    { __HYPERVISOR_vcpu_op, 2 },
    { __HYPERVISOR_vcpu_op, 3 },
    { __HYPERVISOR_vcpu_op, 7 },
    { __HYPERVISOR_vcpu_op, 9 },
    { __HYPERVISOR_vcpu_op, 11 },
    { __HYPERVISOR_vcpu_op, VCPUOP_swtlb_insert },
    { __HYPERVISOR_vcpu_op, VCPUOP_swtlb_purge },
    { __HYPERVISOR_vcpu_op, VCPUOP_swtlb_purge_all },
    { __HYPERVISOR_vcpu_op, VCPUOP_swtlb_share },
    { __HYPERVISOR_vcpu_op, 0x85 },
    { __HYPERVISOR_physdev_op, 4 },
    { __HYPERVISOR_hvm_op, 5 },
    { __HYPERVISOR_hvm_op, 20 },
    { __HYPERVISOR_memory_op, 2 },
    { __HYPERVISOR_memory_op, 18 },
    { __HYPERVISOR_memory_op, 19 },
    { __HYPERVISOR_xenpmu_op, 6 },
    { __HYPERVISOR_xenpmu_op, 7 },
};

const unsigned int nr_values = ARRAY_SIZE(values);

/* Platform operations without pointers: whether Xen writes to the union. */
const struct platform platform_ops[] = {
    { 17, false }, { 31, true }, { 32, false }, { 33, true }, { 39, false },
    { 48, true }, { 51, false }, { 52, false }, { 55, true }, { 56, false },
    { 57, false }, { 58, false }, { 59, false }, { 60, true }, { 62, false },
    { 64, true }, { 65, true },
};

const unsigned int nr_platform_ops = ARRAY_SIZE(platform_ops);

/*
 * Operations with a test of their own, in unit-marshal.c.  The platform ones
 * among them are not in this list but counted there.
 */
const struct value others[] = {
    { __HYPERVISOR_xen_version, 10 },
    { __HYPERVISOR_xen_version, 11 },
    { __HYPERVISOR_xen_version, 12 },
    { __HYPERVISOR_xen_version, 13 },
    { __HYPERVISOR_xen_version, 14 },
    { __HYPERVISOR_console_io, 0 },
    { __HYPERVISOR_console_io, 1 },
    { __HYPERVISOR_sched_op, 3 },
    { __HYPERVISOR_vcpu_op, 5 },
    { __HYPERVISOR_vcpu_op, 13 },
    { __HYPERVISOR_vcpu_op, VCPUOP_swtlb_query },
    { __HYPERVISOR_physdev_op, 25 },
    { __HYPERVISOR_grant_table_op, 0 },
    { __HYPERVISOR_grant_table_op, 1 },
    { __HYPERVISOR_grant_table_op, 2 },
    { __HYPERVISOR_grant_table_op, 4 },
    { __HYPERVISOR_grant_table_op, 5 },
    { __HYPERVISOR_grant_table_op, 7 },
    { __HYPERVISOR_grant_table_op, 9 },
    { __HYPERVISOR_grant_table_op, 11 },
    { __HYPERVISOR_grant_table_op, 12 },
    { __HYPERVISOR_memory_op, 0 },
    { __HYPERVISOR_memory_op, 1 },
    { __HYPERVISOR_memory_op, 5 },
    { __HYPERVISOR_memory_op, 6 },
    { __HYPERVISOR_memory_op, 9 },
    { __HYPERVISOR_memory_op, 10 },
    { __HYPERVISOR_memory_op, 11 },
    { __HYPERVISOR_memory_op, 13 },
    { __HYPERVISOR_memory_op, 23 },
    { __HYPERVISOR_memory_op, 28 },
};

const unsigned int nr_others = ARRAY_SIZE(others);
