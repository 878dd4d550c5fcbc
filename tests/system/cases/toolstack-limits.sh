# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# With hardly an entry for it, the toolstack works as without the device: some
# of its copies are walked, and the kernel's log says whose.

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

load_asked_for
toolstack_start
count list timed xl list
expect_more 'hits of xl list' 0 "$hits"
timed xl create "$(guest_config bare 16 /lib/domu-console)"
guest_says bare 'domu: ready'
count destroy timed xl destroy bare
guest_gone bare

device=$(grep '^device' "$STATUS")
say "$device"
entries=$(echo "$device" | sed 's/.* entries \([0-9]*\) .*/\1/')
[ "$entries" -le 4 ] || fail "$entries entries, of at most four"
expect_more 'mappings beyond the limits' 0 \
            "$(echo "$device" | sed 's/.* limited \([0-9]*\) .*/\1/')"
dmesg | grep -q 'xen_swtlb: xl .*: a buffer is not registered' ||
    fail 'the log does not say that xl is at its limit'
