# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Xen allows fewer entries than there are ranges (swtlb=max-entries=3).

expect 'limits' '2 3' "$(swtlb limits)"
load
cat "$STATUS"
expect 'state' active "$(state)"
expect_state 0 '3 2'
expect_state 1 '3 2'
dmesg | grep 'xen_swtlb: 3 entries have to do' ||
    fail 'nothing is said of what was left out'
# Text and constants stay out, however few the entries.
swtlb check "$STATUS" | tee /tmp/check
grep '^text, constants, IDT: .* not registered$' /tmp/check ||
    fail 'an entry reaches across text or constants'
unload
expect_purged 2
