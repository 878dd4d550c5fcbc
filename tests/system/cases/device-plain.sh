# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# On a Xen without a software TLB the device is like /dev/xen/hypercall, and
# the script puts it in that place and takes it away again.

# shellcheck disable=SC2119
load
expect state 'idle this Xen has no software TLB, or it is off' "$(state)"
swtlb-device plain || fail "swtlb-device plain: exit code $?"

expect 'xen-swtlb-device status' off "$(xen-swtlb-device status)"
xen-swtlb-device on || fail 'xen-swtlb-device on'
xen-swtlb-device on || fail 'xen-swtlb-device on, again'
expect 'xen-swtlb-device status' on "$(xen-swtlb-device status)"
expect '/dev/xen/hypercall' swtlb "$(readlink /dev/xen/hypercall)"
xen-swtlb-device off || fail 'xen-swtlb-device off'
xen-swtlb-device off || fail 'xen-swtlb-device off, again'
expect 'xen-swtlb-device status' off "$(xen-swtlb-device status)"
[ -c /dev/xen/hypercall ] || fail '/dev/xen/hypercall is gone'
: < /dev/xen/hypercall || fail '/dev/xen/hypercall is not the one that was'
[ ! -e /dev/xen/hypercall.new ] || fail 'something is left over'
unload
