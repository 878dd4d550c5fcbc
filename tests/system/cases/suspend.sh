# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Resume: the kernel goes to sleep as far as it can without the platform's
# help (all CPUs but one off, system core suspended), and comes back.

[ -w /sys/power/pm_test ] || verdict skip 'the kernel has no pm_test'
grep -q core /sys/power/pm_test || verdict skip 'pm_test has no "core"'

# With its hypercalls taken over it would let nobody insert an entry.
load marshal=0 device=0
expect_registered
entries=$(field 0 entries)

# Meanwhile Xen loses one entry and gets another: both are to be put right.
swtlb insert 0 0x10000 0x10000 0x1000 || fail 'cannot insert an entry'
expect_state 0 "$((entries + 1)) 2"

echo core > /sys/power/pm_test
for round in 1 2; do
    echo mem > /sys/power/state ||
        verdict skip "the platform offers no sleep: $(cat /sys/power/state)"
    say "round $round: back"
    expect 'entries' "$entries" "$(field 0 entries)"
    expect_registered
    expect_right_entries
done
