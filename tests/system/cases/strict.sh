# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A stock kernel becomes strict when the module is loaded: from then on Xen
# walks nothing, and none of the kernel's hypercalls is refused.  (Built in, it
# can be from the start: tests/kernel.)

# shellcheck source=tests/kernel/lib.sh
. /test/kernel.sh

for module in xen-evtchn xen-gntalloc xen-gntdev xenfs; do
    modprobe_if_xen $module
done
mount -t xenfs xenfs /proc/xen || verdict error 'no xenfs'

load strict=1
expect 'strict' 1 "$(field 0 strict)"
walked=$(all misses)

# What programs have on their own pages is refused: nobody registered it.
expect 'a query by a program' 'swtlb: vcpu_op: Bad address' \
       "$(swtlb limits 2>&1)"

work
grants 10 || fail "grants: exit code $?"

cat "$STATUS"
expect 'copies for which Xen walked a page table' "$walked" "$(all misses)"
! grep -E 'missed .* (uncovered|refused) [1-9]' "$STATUS" ||
    fail 'a hypercall of the kernel was not covered'

# Without it, hypercalls would fail.
! rmmod xen_swtlb 2> /dev/null || fail 'the module could be unloaded'
