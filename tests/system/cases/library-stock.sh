# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The library and xen-swtlb on a Xen without a software TLB, with the module
# and without.

for _ in 1 2; do
    xen-swtlb self-test > /tmp/out ||
        { cat /tmp/out; fail 'the self-test fails'; }
    grep -q 'backing  *ok  *hypercall' /tmp/out ||
        { cat /tmp/out; fail 'the memory is not plain'; }
    # shellcheck disable=SC2119
    [ -e "$STATUS" ] || load
done
code=0
xen-swtlb status > /tmp/out || code=$?
expect 'exit code of status, with an idle module' 4 $code
grep -q '^Idle: .*this Xen has no software TLB' /tmp/out ||
    { cat /tmp/out; fail 'status does not say that the module is idle'; }
