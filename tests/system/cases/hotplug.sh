# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# CPUs go off and on, with the module there and while it is not.

# power CPU 0|1
power()
{
    echo "$2" > "$CPUS/cpu$1/online" || verdict error "cannot write cpu$1/online"
    expect "CPU $1 online" "$2" "$(cat "$CPUS/cpu$1/online")"
}

load
expect_registered
entries=$(field 0 entries)

for round in 1 2 3; do
    power 1 0
    expect_state 1 '0 0'
    expect_state 0 "$entries 2"
    expect_registered
    power 2 0
    expect_state 2 '0 0'
    expect_state 0 "$entries 1"
    power 1 1
    power 2 1
    expect_registered
    say "round $round: $(grep -c '^cpu' "$STATUS") CPUs have $entries entries"
done
expect_right_entries

# Off before it is loaded, on after.
power 1 0
unload
expect_purged 3
load
expect_state 1 '0 0'
expect_registered
power 1 1
expect_registered

# Off while it is loaded, on after it went.
power 2 0
unload
power 2 1
expect_purged 3
load
expect_registered

expect_right_entries
