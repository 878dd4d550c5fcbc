# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Memory goes offline and comes back.

MEMORY=/sys/devices/system/memory

# Many a block has something in it that cannot move: find one which has not.
find_block()
{
    for block in "$MEMORY"/memory[0-9]*; do
        if [ "$(cat "$block/state")" = online ] &&
           echo offline 2> /dev/null > "$block/state"; then
            echo "$block"
            return
        fi
    done
}

[ -d $MEMORY ] || verdict skip 'the kernel has no memory hotplug'
size=$(cat $MEMORY/block_size_bytes)
load
expect_registered
expect_right_entries
total=$(field 0 entries)

# registered GPA: whether CPU 0's entries cover it.
registered()
{
    sed -n 's/^entry cpu 0 .* gpa \(.*\) size \(.*\) flags.*/\1 \2/p' "$STATUS" |
    while read -r gpa bytes; do
        [ $(($1)) -lt $((gpa)) ] || [ $(($1)) -ge $((gpa + bytes)) ] ||
            echo yes
    done
}

block=$(find_block)
[ -n "$block" ] || verdict skip 'no block of memory can go offline here'
gpa=$((0x$(cat "$block/phys_index") * 0x$size))
say "offline: ${block##*/} at $gpa"
cat "$STATUS"
expect 'offline memory is registered' '' "$(registered $gpa)"
expect_registered

echo online > "$block/state" || verdict error 'cannot take it online again'
expect 'online memory is registered' yes "$(registered $gpa)"
# It has split an entry, and has one of its own now.
expect_more 'entries that may be there' "$(field 0 entries)" $((total + 3))
expect_registered
expect_right_entries
unload
expect_purged 2
