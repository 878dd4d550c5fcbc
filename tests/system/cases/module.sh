# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The module is loaded, used, unloaded, and loaded again.

[ ! -e "$STATUS" ] || fail 'a status file without the module'
expect_purged 2

before=$(swtlb stats 0)
say "CPU 0 before: hits, misses, faults: $before"
expect 'hits without entries' 0 "${before%% *}"

load
cat "$STATUS"
expect_registered
expect_right_entries
expect 'limits' "$(swtlb limits)" \
       "$(sed -n 's/^limits abi \(.*\) max_entries \(.*\) flags.*/\1 \2/p' \
              "$STATUS")"

# The kernel's own hypercalls: the console's buffer comes from the heap.
before=$(field 0 hits)
for line in 1 2 3 4 5 6 7 8; do
    taskset 1 echo "  line $line by way of the hypervisor's console"
done
expect_more 'hits after console output' "$before" "$(field 0 hits)"

# A user's buffer is no part of the direct map, and is walked.
before=$(field 1 misses)
taskset 2 swtlb stats 1
expect_more 'misses after a query from user space' "$before" \
            "$(field 1 misses)"

# Unloading takes everything away; what counts goes on counting.
unload
expect_purged 2
before=$(swtlb stats 0)
load
expect_registered
expect_right_entries
after=$(swtlb stats 0)
expect_more 'hits after loading again' "${before%% *}" "${after%% *}"

# Somebody else's entries give way.
unload
swtlb insert 1 0x10000 0x10000 0x1000 || fail 'cannot insert an entry'
expect_state 0 '0 0'
expect_state 1 '1 1'
load
expect_registered
expect_right_entries
unload
expect_purged 2
say "CPU 0 after: hits, misses, faults: $(swtlb stats 0)"
