# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Threads use the device while others end what they use; nothing is left over.
# With swtlb.hotplug=yes, CPU 1 goes off and comes back all the while.

# shellcheck disable=SC2119
load
before=$(swtlb state 0)
swtlb-threads > /tmp/said 2>&1 &
program=$!
times=0
while [ "$(cmdline swtlb.hotplug)" = yes ] && [ -d /proc/$program ]; do
    echo 0 > "$CPUS/cpu1/online" || fail 'CPU 1 does not go off'
    echo 1 > "$CPUS/cpu1/online" || fail 'CPU 1 does not come back'
    times=$((times + 1))
done
wait $program || fail "swtlb-threads: $(cat /tmp/said)"
cat /tmp/said
say "CPU 1 went off and came back $times times"
expect_device_unused "$before"

unload
expect_purged 2
