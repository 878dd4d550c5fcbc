# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A program has buffers while Xen forgets all entries: they come back, and so
# they do when memory, and with it the table, changes.

MEMORY=/sys/devices/system/memory

# The program checks its buffers, and says so.
still_hits()
{
    local times

    times=$(grep -c 'still hits' /tmp/said)
    printf c >&3
    while [ "$(grep -c 'still hits' /tmp/said)" = "$times" ] && ! late; do
        sleep 1
    done
    expect_more "times that the program found its buffers, $1" "$times" \
                "$(grep -c 'still hits' /tmp/said)"
    say "still there $1"
}

# shellcheck disable=SC2119
load
before=$(swtlb state 0)
mkfifo /tmp/go
swtlb-device hold < /tmp/go > /tmp/said 2>&1 &
exec 3> /tmp/go
while ! grep -q holding /tmp/said; do
    [ -d /proc/$! ] || fail "swtlb-device: $(cat /tmp/said)"
    sleep 1
done
still_hits 'at first'

for block in "$MEMORY"/memory[0-9]*; do
    if [ "$(cat "$block/state")" = online ] &&
       echo offline 2> /dev/null > "$block/state"; then
        still_hits "with ${block##*/} offline"
        echo online > "$block/state"
        still_hits "with ${block##*/} online"
        break
    fi
done

if grep -q core /sys/power/pm_test 2> /dev/null; then
    echo core > /sys/power/pm_test
    echo mem > /sys/power/state || verdict error 'the platform offers no sleep'
    still_hits 'after sleep'
fi

exec 3>&-
wait $! || fail "swtlb-device: $(cat /tmp/said)"
expect_device_unused "$before"
unload
