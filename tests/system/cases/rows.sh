# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Every hypercall of the module's table that can be issued without harm, with
# its buffers in three places.  On unpatched Xen, the module does nothing, and
# the results are what the others are compared with.

# counted WORD: the sum over CPUs of what the module counted.
counted()
{
    sed -n "s/^hypercalls .* $1 \([0-9]*\).*/\1/p" "$STATUS" |
        awk '{ sum += $1 } END { print sum + 0 }'
}

# With swtlb.rows=strict on the command line Xen walks no page tables from
# then on: whatever was not carried would fail.
strict=$(cmdline swtlb.rows)

load ${strict:+strict=1}
dmesg -c > /dev/null
if [ "$(state)" = active ]; then
    before=$(counted uncovered)
    marshalled=$(counted marshalled)
    cat "$STATUS"
fi

# It expects to be on vCPU 0.
taskset 1 insmod /lib/swtlb-rows.ko || failed=1
dmesg | sed -n 's/^\(row.*\)/@\1/p'
[ -z "${failed-}" ] || fail "$(dmesg | grep -m 1 'row-failed')"

if [ "$(state)" = active ]; then
    grep -E '^(hypercalls|missed|buffer)' "$STATUS"
    expect 'hypercalls that were not covered' "$before" "$(counted uncovered)"
    expect 'hypercalls that were refused' 0 "$(counted refused)"
    expect_more 'hypercalls that were carried' $((marshalled + 300)) \
                "$(counted marshalled)"
fi

if [ "$strict" ]; then
    for cpu in 0 1; do
        expect "strict, CPU $cpu" 1 "$(field $cpu strict)"
        expect "copies that Xen refused, CPU $cpu" 0 \
               "$(sed -n "s/^cpu $cpu .* refused //p" "$STATUS")"
    done
else
    rmmod swtlb_rows
    # A kernel in a strict domain cannot do without.
    unload
fi
