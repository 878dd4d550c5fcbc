/* SPDX-License-Identifier: MIT */
/*
 * What programs can ask /dev/xen/swtlb, besides mapping it.
 *
 * XEN_SWTLB_DEV_REGISTERED, with an address as its argument: whether the mapping
 * of this process that has it is registered, all of it.  Zero if so; -ENODATA if
 * it is a plain one, or none.  -ENOTTY: a module that cannot be asked.  One
 * that was registered, and lost its entries, is registered again where there is
 * room.
 */
#ifndef XEN_SWTLB_DEV_H
#define XEN_SWTLB_DEV_H

#ifdef __KERNEL__
#include <linux/ioctl.h>
#else
#include <sys/ioctl.h>
#endif

#define XEN_SWTLB_DEV_REGISTERED	_IO('X', 0x80)

#endif /* XEN_SWTLB_DEV_H */
