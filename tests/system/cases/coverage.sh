# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# How many of a stock kernel's copies hit, from loading the module on, while
# CPUs and memory come and go, and with timers, event channels, and grants.
# Xen counts; what is walked nevertheless is named, by hypercall.

# shellcheck source=tests/kernel/lib.sh
. /test/kernel.sh

for module in xen-evtchn xen-gntalloc xen-gntdev xenfs; do
    modprobe_if_xen $module
done
mount -t xenfs xenfs /proc/xen || verdict error 'no xenfs'

# What the module says was not covered, the same hypercall of all CPUs in one.
missed()
{
    awk 'BEGIN {
             name[7] = "platform_op"; name[12] = "memory_op"
             name[13] = "multicall"; name[17] = "xen_version"
             name[18] = "console_io"; name[20] = "grant_table_op"
             name[24] = "vcpu_op"; name[27] = "xsm_op"
             name[29] = "sched_op"; name[32] = "event_channel_op"
             name[33] = "physdev_op"; name[34] = "hvm_op"
             name[35] = "sysctl"; name[36] = "domctl"; name[41] = "dm_op"
         }
         $1 == "missed" {
             of[$5] += $7 + $9 + $11
             user[$5] += $7
         }
         END {
             for (nr in of)
                 printf "%s (%d): %d calls, %d of them for programs\n",
                        nr in name ? name[nr] : "hypercall", nr, of[nr],
                        user[nr]
         }' "$STATUS"
}

# sum KIND WORD: over all CPUs, of the number after WORD in lines of this kind.
sum()
{
    awk -v kind="$1" -v word="$2" '
        $1 == kind {
            for (i = 2; i < NF; i++)
                if ($i == word)
                    sum += $(i + 1)
        }
        END { printf "%d\n", sum }' "$STATUS"
}

load
expect_registered
expect 'strict' 0 "$(field 0 strict)"
hits=$(sum cpu hits)
walked=$(sum cpu misses)

work
grants 40 || fail "grants: exit code $?"

cat "$STATUS"
hits=$(($(sum cpu hits) - hits))
walked=$(($(sum cpu misses) - walked))
copies=$((hits + walked))
away=$(sum away misses)
calls=$(($(sum missed user) + $(sum missed uncovered)))
echo "@measure coverage_copies $copies copies"
echo "@measure coverage_hits $hits copies"
say "$((hits * 100 / copies)).$(printf %02d $((hits * 10000 / copies % 100)))" \
    "% of $copies copies hit; walked: $walked"
say "  of CPUs that were offline or nearly, made by Xen itself: $away copies"
missed | while read -r line; do
    say "  $line"
done

expect_more 'copies' 2000 "$copies"
expect_more 'hits, times 200, of 199 times the copies' \
            $((copies * 199 - 1)) $((hits * 200))
# A call has one copy at least.  What is named has to be what was walked.
[ "$walked" -le $((away + calls * 4)) ] ||
    fail "$walked copies were walked: $away, and those of $calls calls"
expect 'uncovered calls' 0 "$(sum missed uncovered)"
expect 'refused calls' 0 "$(sum missed refused)"
