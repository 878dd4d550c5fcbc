# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# In a PVH domU of a PV dom0: the same work without the module and with it.
# pv-dom0.sh, which starts it, has Xen tell what that took.

modprobe_if_xen xen-evtchn

# Timers, processes, event channels, the console.
work()
{
    local i

    for i in 1 2 3 4; do
        (
            find /proc /sys -maxdepth 2 > /dev/null 2>&1
            usleep 50000
        ) &
    done
    wait
    xen-load events 100 || fail "xen-load events: exit code $?"
    for i in 1 2 3 4 5 6 7 8; do
        say "line $i of a domU"
    done
}

# at WORD: dom0 looks at the counters, and says when it has.
at()
{
    echo "domu: at $1"
    read -r _ || fail 'dom0 does not answer'
}

expect 'what the domU is' PVH "$(cat /sys/hypervisor/guest_type)"
at begin
work
at without

load
expect 'state' active "$(state)"
expect_more 'entries' 0 "$(field 0 entries)"
expect_hits 0
at loaded
work
at with
cat "$STATUS"
