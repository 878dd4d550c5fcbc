/* SPDX-License-Identifier: GPL-2.0-only */
/* How a guest on Arm finds out; without CPUID. */

#include <pvh.h>

bool swtlb_present(void)
{
    return !swtlb_purge_all(XEN_SWTLB_ALL_VCPUS);
}
