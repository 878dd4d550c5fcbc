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

# Several at a time, as udev may run it, and after some that were killed.
ln -s swtlb /dev/xen/hypercall.new
for _ in 1 2 3 4 5; do
    for what in on off; do
        pids=
        for _ in 1 2 3 4 5 6; do
            xen-swtlb-device $what &
            pids="$pids $!"
        done
        for pid in $pids; do
            wait "$pid" || fail "one of several xen-swtlb-device $what"
        done
        expect "status after several $what" $what "$(xen-swtlb-device status)"
    done
done
rm /dev/xen/hypercall.new
expect 'what is left over' '' \
       "$(find /dev/xen -name 'hypercall.*' | tr '\n' ' ')"

# The link outlives the module where there is no udev.
xen-swtlb-device on || fail 'xen-swtlb-device on'
unload
case $(xen-swtlb-device status) in
'on, but '*) ;;
*) fail 'xen-swtlb-device status does not tell that the link leads nowhere' ;;
esac
! xen-swtlb-device on 2> /dev/null || fail 'xen-swtlb-device on, for nothing'
xen-swtlb-device off || fail 'xen-swtlb-device off, without the module'
: < /dev/xen/hypercall || fail '/dev/xen/hypercall is not the one that was'
