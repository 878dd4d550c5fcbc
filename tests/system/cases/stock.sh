# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A Xen that does not know the software TLB.

expect_idle 'this Xen has no software TLB, or it is off'
expect 'a query' 'swtlb: vcpu_op: Function not implemented' \
       "$(swtlb limits 2>&1)"
