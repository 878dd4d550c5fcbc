# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Many programs of Debian's toolstack at once, and some that are killed in the
# midst of what they do.  In the end nothing of theirs is registered.

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

load_asked_for
before=$(swtlb state 0)

lists()
{
    local pids='' i pid

    for i in 1 2 3 4 5 6 7 8; do
        xl list > "/tmp/list.$i" 2>&1 &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid" || fail "xl list: exit code $?: $(cat /tmp/list.*)"
    done
    say 'eight at once'
}

# kill_after MICROSECONDS: have xl killed that long after it began to create.
kill_after()
{
    local domain

    xl create "$config" > /tmp/said 2>&1 &
    usleep "$1"
    # It may be through.
    kill -9 $! 2> /dev/null || :
    wait $! || :
    # The guest is there, in parts, and goes by its number.
    for domain in $(xl list | awk 'NR > 2 { print $2 }'); do
        timed xl destroy "$domain"
    done
    say "killed after $1 us"
}

kills()
{
    local time

    for time in 100000 300000 600000; do
        kill_after $time
    done
}

lives()
{
    for _ in 1 2 3; do
        timed xl create -p "$config"
        timed xl destroy bare
    done
}

config=$(guest_config bare 16 /lib/domu-console)
toolstack_start
counted lists lists
counted kills kills
counted lives lives

# What is left is the daemons'.
kill "$(cat /var/run/xenconsoled.pid)"
kill -9 "$(cat /var/run/xenstored.pid)"
while ! grep -q '^device.* entries 0 pages 0 ' "$STATUS" && ! late; do
    sleep 1
done
expect_device_unused "$before"
