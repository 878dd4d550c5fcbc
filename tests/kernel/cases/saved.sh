# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# In a domU, strict or not: dom0 saves and restores it, and then has its memory
# changed a little, which is how it gets to know.  A strict one has all entries
# then, and nothing was walked, nor refused, on the way; another one has
# registered anew, perhaps in other parts.

# Bytes that entries cover together.
covered()
{
    sed -n 's/^entry cpu 0 .* size \(0x[0-9a-f]*\) .*/\1/p' "$STATUS" | {
        sum=0
        while read -r size; do
            sum=$((sum + size))
        done
        echo $sum
    }
}

strict=$(field 0 strict)
target=$(cat "$XENMEM/target_kb")
expect_one_table
entries=$(grep '^entry' "$STATUS")
bytes=$(covered)
[ "$strict" = 0 ] || expect_nothing_walked
say 'ready to be saved'

while [ "$(cat "$XENMEM/target_kb")" -eq "$target" ]; do
    usleep 100000
done

say 'restored'
expect 'strict' "$strict" "$(field 0 strict)"
expect_one_table
expect 'bytes that are registered' "$bytes" "$(covered)"
expect_more 'hits' 0 "$(all hits)"
[ "$strict" = 0 ] || {
    expect 'entries' "$entries" "$(grep '^entry' "$STATUS")"
    expect_nothing_walked
    work
    expect_one_table
    expect_nothing_walked
}
