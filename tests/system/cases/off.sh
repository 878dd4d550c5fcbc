# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A Xen that knows it, and was told to turn it off.

expect_idle 'this Xen has no software TLB, or it is off'
expect 'a query' 'swtlb: vcpu_op: Operation not supported' \
       "$(swtlb limits 2>&1)"
