/* SPDX-License-Identifier: MIT */
/*
 * swtlb.h
 *
 * Software TLB: registration of hypercall buffers, per vCPU.
 *
 * Hypercalls pass guest virtual addresses (gva).  For an HVM or PVH guest Xen
 * finds the memory behind one by walking the guest's page tables.  A guest
 * can instead register, once, that a range of gvas is backed by an equally
 * large range of guest physical addresses (gpa).  Such a range is an entry;
 * the entries of a vCPU are its table.  A copy to or from a hypercall buffer
 * is looked up there first: the part that an entry covers (a hit) goes
 * straight to the gpa, the rest (a miss) is walked as without this interface.
 * No hypercall changes, and a guest that registers nothing sees no change.
 *
 * An entry is trusted over the guest's page tables: on a hit these are not
 * consulted at all, neither for presence nor for write permission.  Nothing
 * becomes reachable that way which the guest could not reach before, since a
 * gpa is subject to the guest's P2M like any other access of the guest.  The
 * instruction emulator never uses an entry, and neither does a vCPU while it
 * runs a nested guest.
 *
 * Discovery on x86: bit XEN_HVM_CPUID_SWTLB in EAX of Xen's HVM CPUID leaf
 * (base + 4, sub-leaf 0).  It is set if and only if the operations below work
 * for this domain; finding that out takes neither memory nor a hypercall.
 *
 * Discovery on Arm: VCPUOP_swtlb_purge_all of XEN_SWTLB_ALL_VCPUS, with which
 * a kernel begins anyway, returns 0 if and only if they do.  It reads no
 * memory, and so can be called before there are page tables.
 *
 * Proposed in "Re: Hypercall ABI", xen-devel, September and October 2022.
 */

#ifndef XEN_PUBLIC_SWTLB_H
#define XEN_PUBLIC_SWTLB_H

#if defined(__KERNEL__)
#include <linux/types.h>
#elif !defined(__XEN__)
#include <stdint.h>
#endif

/* On x86: EAX of CPUID leaf XEN_CPUID_FIRST_LEAF + 4, sub-leaf 0. */
#define XEN_HVM_CPUID_SWTLB          (1u << 24)

/*
 * All operations are sub-operations of HYPERVISOR_vcpu_op, with two arguments
 * more than the others have:
 *
 *   long vcpu_op(int cmd, unsigned int vcpuid, gva, gpa, size)
 *
 *                     cmd  vcpuid  gva  gpa  size   result
 *   x86, 64 bits      rdi  rsi     rdx  r10  r8     rax
 *   x86, 32 bits      ebx  ecx     edx  esi  edi    eax
 *   Arm, 64 bits      x0   x1      x2   x3   x4     x0
 *   Arm, 32 bits      r0   r1      r2   r3   r4     r0
 *
 * and the first five arguments of a multicall entry, likewise.  Unlike those
 * of the other three, the registers of gpa and size are preserved.
 *
 * cmd holds, besides the number of the operation, flags and, for a 32-bit
 * caller, those bits of the gpa that do not fit into a register:
 *
 *   bits  7:0   VCPUOP_swtlb_*
 *   bits 15:8   XEN_SWTLB_FLAG_*, of insert only
 *   bits 30:16  bits 46:32 of the gpa of a 32-bit caller's insert, else zero
 *   bit  31     zero
 *
 * All values of cmd whose low byte is one of VCPUOP_SWTLB_FIRST to _LAST mean
 * one of these operations, and those not described are refused.
 *
 * An argument that an operation does not name has to be zero.
 *
 * vcpuid may name any vCPU of the caller's own domain, including one that has
 * not been brought up yet.  Where an operation says so it may also be
 * XEN_SWTLB_ALL_VCPUS.
 *
 * Only VCPUOP_swtlb_query accesses guest memory (its buffer).  An operation
 * that returns an error has changed nothing.  Errors common to all operations,
 * in the order of checking:
 *
 *   -ENOSYS      this Xen does not know the operation
 *   -EOPNOTSUPP  the caller is a PV guest, or the host's administrator turned
 *                the software TLB off, or off for this domain (boot options
 *                "swtlb=off", "swtlb=hwdom-only")
 *   -ENOENT      the caller's domain has no vCPU vcpuid
 *   -EINVAL      an unknown flag, or an argument that has to be zero is not
 */
#define VCPUOP_SWTLB_FIRST           0x80
#define VCPUOP_SWTLB_LAST            0x8f   /* those unnamed are reserved */

#define XEN_SWTLB_OP_MASK            0x000000ff
#define XEN_SWTLB_FLAGS_MASK         0x0000ff00
#define XEN_SWTLB_GPA_HI_MASK        0x7fff0000
#define XEN_SWTLB_GPA_HI_SHIFT       16

/*
 * Pin the pages behind the entry: Xen looks them up at once, and holds them
 * until the entry is removed.  Meanwhile no toolstack can take them away for a
 * while, to page them out or to share them, so that a copy to them neither
 * fails nor waits for that reason.  Meant for the few static buffers of a
 * vCPU.
 *
 * Copies follow the gpa, as for any other entry.  If the guest lets it denote
 * something else then what it denoted stays pinned, and is of no use, until
 * the entry is removed.  Where a domain is restored with its entries (see
 * VCPUOP_swtlb_strict), such an entry is one that is not pinned.
 *
 * The number of pages that a domain can have pinned is limited
 * (xen_swtlb_limits), and so is that of the pages behind one such entry.
 */
#define XEN_SWTLB_FLAG_pinned        0x00000100
#define XEN_SWTLB_MAX_PINNED_PER_ENTRY  64   /* pages */

/*
 * The entry counts only while the vCPU that makes the copy runs on the page
 * tables that the caller of the insert runs on: for addresses of which another
 * address space has its own idea.  What is compared is the base in CR3 (bits
 * 51:12, hence not the PCID; with PAE paging of 32 bits 31:5), or on Arm in
 * TTBR0_EL1 (bits 47:1, hence neither the ASID nor CnP).  The guest has
 * to remove the entry before it uses these page tables for anything else.  For
 * a copy which Xen makes for another vCPU than the one that is running, such
 * an entry does not count.
 */
#define XEN_SWTLB_FLAG_space         0x00000200

/* For 32-bit callers: or this into cmd, and pass the low half as gpa. */
#define XEN_SWTLB_GPA_HI(gpa) \
    ((int)((((gpa) >> 16) >> 16) << XEN_SWTLB_GPA_HI_SHIFT))

/* As vcpuid: all vCPUs of the caller's domain. */
#define XEN_SWTLB_ALL_VCPUS          0xffffffffu

/*
 * Add an entry to the table of vcpuid: from now on, [gva, gva + size) is
 * backed by [gpa, gpa + size).
 *
 * gva, gpa and size are in bytes.  The entry need not begin or end on a page
 * boundary.  The gpas need not be populated; a copy to or from one that is
 * not fails as it would after a walk.
 *
 *   -EINVAL  size is zero
 *   -EINVAL  gva and gpa differ in their offset into a (4 KiB) page
 *   -ERANGE  gva + size wraps, or the range is not canonical throughout, or
 *            (32-bit caller) reaches beyond 4 GiB.  On Arm an address is
 *            canonical if its bits 55:52 are equal, and a range if its ends
 *            agree in bits 63:52: what is above bit 55 may be a tag, which
 *            is a part of the address.
 *   -ENXIO   gpa + size wraps or is beyond what the guest can address
 *   -ENOBUFS pinned: the entry is of too many pages, or the domain would have
 *            too many pinned
 *   -EAGAIN  pinned: a toolstack has paged a page out, or shared it and there
 *            is no memory for a copy of it; it may succeed later
 *   -EACCES  pinned: a page is not ordinary writable RAM of the domain, or not
 *            populated; it will not succeed as long as that is so
 *   -EEXIST  the range overlaps an entry in the table
 *   -ENOSPC  the table holds as many entries as it may (xen_swtlb_limits)
 *   -ENOMEM  Xen is out of memory
 */
#define VCPUOP_swtlb_insert          0x80

/*
 * Remove [gva, gva + size) from the table of vcpuid, or with
 * XEN_SWTLB_ALL_VCPUS from those of all vCPUs.  An entry that reaches beyond
 * the range is trimmed; one that does so at both ends becomes two.  Where
 * vCPUs share the table, the range is gone for all of them.
 *
 * When the operation returns, no copy through what was removed is under way
 * on any vCPU.  (Except while a toolstack pages or introspects the domain:
 * there a copy that began earlier may wait inside Xen for the toolstack.)
 *
 * To purge what is not registered succeeds.
 *
 *   -EINVAL  size is zero
 *   -ERANGE  as for VCPUOP_swtlb_insert
 *   -ENOSPC  an entry would become two, and the table is full
 *   -ENOMEM  an entry would become two, and Xen is out of memory
 */
#define VCPUOP_swtlb_purge           0x81

/*
 * Take away vcpuid's table, or with XEN_SWTLB_ALL_VCPUS those of all vCPUs.
 * Other vCPUs which share the table keep it.  What is said about copies under
 * way above holds here as well.  It is for firmware before it hands over, for
 * kexec, and for a CPU that goes away.  A kernel that is started by another
 * one, without a soft reset, begins with it, for all vCPUs: it takes neither
 * memory nor any of the entries that are there.
 *
 * Xen does the same by itself when a vCPU goes down (VCPUOP_down, on Arm
 * PSCI's CPU_OFF), is reset (INIT), and for all vCPUs when the domain is
 * soft-reset or dies.  Entries are part of a domain's saved state only if it
 * is strict; the guest of another one registers anew on resume, if
 * xen_swtlb_generation has changed.
 *
 * Where there is no table (xen_swtlb_state says nr_sharers 0) it succeeds.
 */
#define VCPUOP_swtlb_purge_all       0x82

/*
 * Make vcpuid use the table of another vCPU, given as gva, from now on:
 * whatever is added to or removed from either's table is so for both.  It
 * lasts until a VCPUOP_swtlb_purge_all, reset or going down of vcpuid.  The
 * other vCPU's table may be empty, and may already be shared.
 *
 *   -ENOENT  the caller's domain has no vCPU gva
 *   -EINVAL  gva is vcpuid
 *   -EEXIST  vcpuid has entries, or shares a table already
 *   -ENOMEM  Xen is out of memory
 */
#define VCPUOP_swtlb_share           0x83

/*
 * Write what gpa selects to the buffer at gva.  size is an index for
 * XEN_SWTLB_QUERY_entry and has to be zero otherwise.
 *
 *   -EINVAL  unknown selector, or index non-zero where there is none
 *   -ENODATA the table holds no entry of this index
 *   -EFAULT  the buffer cannot be written
 */
#define VCPUOP_swtlb_query           0x84

#define XEN_SWTLB_QUERY_limits       0  /* struct xen_swtlb_limits */
#define XEN_SWTLB_QUERY_state        1  /* struct xen_swtlb_state */
#define XEN_SWTLB_QUERY_stats        2  /* struct xen_swtlb_stats */
#define XEN_SWTLB_QUERY_entry        3  /* struct xen_swtlb_entry */
#define XEN_SWTLB_QUERY_generation   4  /* struct xen_swtlb_generation */

/*
 * Make the caller's domain strict: from now on Xen does not walk its page
 * tables for a hypercall buffer any more.  A copy with a part that no entry
 * covers fails, and a hypercall that needs it returns -EFAULT; this holds for
 * the buffer of VCPUOP_swtlb_query, too, and for what Xen writes unasked (the
 * runstate and time areas that were registered by gva).  When the operation
 * returns, no walk is under way on any vCPU, with the exception made above for
 * a purge.  A domain stays strict until it is soft-reset or ends.  Making it
 * strict again succeeds.
 *
 * It also stays strict, and keeps entries, statistics and generation, when it
 * is saved and restored, or migrated.  A Xen that cannot do this refuses it.
 *
 * A domain may be strict from its creation: dom0, by the boot option
 * "swtlb=strict-dom0".
 *
 * vcpuid has to be XEN_SWTLB_ALL_VCPUS.
 *
 *   -EINVAL  vcpuid names a vCPU
 */
#define VCPUOP_swtlb_strict          0x85

/* What this Xen offers; the same for all vCPUs.  Written by Xen. */
struct xen_swtlb_limits {
    uint32_t abi;            /* XEN_SWTLB_ABI of this Xen */
    uint32_t flags;          /* XEN_SWTLB_FLAG_* which insert accepts */
    uint32_t max_entries;    /* entries a table can hold */
    uint32_t max_pinned;     /* pages that the domain can have pinned */
};

/* Grows with each operation, flag or selector added; none is ever removed. */
#define XEN_SWTLB_ABI                2

/* The table of a vCPU.  Written by Xen. */
struct xen_swtlb_state {
    uint32_t nr_entries;     /* entries in the table */
    uint32_t nr_sharers;     /* vCPUs using it, this one included; zero if it
                              * has no entries, and nobody else uses it */
    uint32_t nr_pinned;      /* pages that the domain has pinned */
    uint32_t flags;          /* XEN_SWTLB_STATE_* */
};

#define XEN_SWTLB_STATE_strict       0x00000001  /* the domain is strict */

/*
 * What became of the copies to and from hypercall buffers which the vCPU made
 * since the domain was created; or restored, if it was not strict when it was
 * saved.  Nothing resets these.  Each is read without
 * stopping the vCPU: the numbers of a vCPU that runs may be apart by the copy
 * under way.  The copy which this query makes is not in the numbers that it
 * returns.  Written by Xen.
 */
struct xen_swtlb_stats {
    uint64_t hits;           /* copies that entries covered completely */
    uint64_t misses;         /* copies with a part that was walked */
    uint64_t faults;         /* of all these, copies that failed */
    uint64_t hit_bytes;      /* bytes of the parts that entries covered */
    uint64_t miss_bytes;     /* bytes of the parts that were walked; counted
                              * while the vCPU's table is not empty, and for
                              * copies that it makes for another vCPU */
    uint64_t refused;        /* copies, neither hits nor misses, with a part
                              * that was not walked as the domain is strict */
};

/* One entry.  The entries of a table are in the order of their gva. */
struct xen_swtlb_entry {
    uint64_t gva;
    uint64_t gpa;
    uint64_t size;           /* bytes */
    uint32_t flags;          /* XEN_SWTLB_FLAG_* */
    uint32_t reserved;       /* zero */
};

/*
 * A number that is another one after Xen has taken entries away without being
 * asked to by a purge: when a vCPU went down or was reset, and when the domain
 * is soft-reset or, unless it is strict, restored or migrated.  So who finds
 * it unchanged still has the entries that it had.  (Since ABI 2.)  Written by
 * Xen.
 */
struct xen_swtlb_generation {
    uint64_t generation;
};

/* The layout is the same for all callers, whatever their word size. */
#ifdef __GNUC__
#define XEN_SWTLB_ASSERT_(name, cond) \
    typedef char xen_swtlb_assert_ ## name[(cond) ? 1 : -1] \
        __attribute__((__unused__))
#define XEN_SWTLB_LAYOUT_(type, field, offset) \
    XEN_SWTLB_ASSERT_(type ## _ ## field, \
                      __builtin_offsetof(struct xen_swtlb_ ## type, field) == \
                      (offset))

XEN_SWTLB_LAYOUT_(limits, abi, 0);
XEN_SWTLB_LAYOUT_(limits, flags, 4);
XEN_SWTLB_LAYOUT_(limits, max_entries, 8);
XEN_SWTLB_LAYOUT_(limits, max_pinned, 12);
XEN_SWTLB_ASSERT_(limits, sizeof(struct xen_swtlb_limits) == 16);

XEN_SWTLB_LAYOUT_(state, nr_entries, 0);
XEN_SWTLB_LAYOUT_(state, nr_sharers, 4);
XEN_SWTLB_LAYOUT_(state, nr_pinned, 8);
XEN_SWTLB_LAYOUT_(state, flags, 12);
XEN_SWTLB_ASSERT_(state, sizeof(struct xen_swtlb_state) == 16);

XEN_SWTLB_LAYOUT_(stats, hits, 0);
XEN_SWTLB_LAYOUT_(stats, misses, 8);
XEN_SWTLB_LAYOUT_(stats, faults, 16);
XEN_SWTLB_LAYOUT_(stats, hit_bytes, 24);
XEN_SWTLB_LAYOUT_(stats, miss_bytes, 32);
XEN_SWTLB_LAYOUT_(stats, refused, 40);
XEN_SWTLB_ASSERT_(stats, sizeof(struct xen_swtlb_stats) == 48);

XEN_SWTLB_LAYOUT_(generation, generation, 0);
XEN_SWTLB_ASSERT_(generation, sizeof(struct xen_swtlb_generation) == 8);

XEN_SWTLB_LAYOUT_(entry, gva, 0);
XEN_SWTLB_LAYOUT_(entry, gpa, 8);
XEN_SWTLB_LAYOUT_(entry, size, 16);
XEN_SWTLB_LAYOUT_(entry, flags, 24);
XEN_SWTLB_LAYOUT_(entry, reserved, 28);
XEN_SWTLB_ASSERT_(entry, sizeof(struct xen_swtlb_entry) == 32);

#undef XEN_SWTLB_LAYOUT_
#undef XEN_SWTLB_ASSERT_
#endif /* __GNUC__ */

#endif /* XEN_PUBLIC_SWTLB_H */
