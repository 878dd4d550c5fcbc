# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What the cases have in common, besides tests/system/lib.sh.

XENMEM=/sys/devices/system/xen_memory/xen_memory0

# all COUNTER: the sum over all CPUs of the number after this word.
all()
{
    awk -v word="$1" '
        $1 == "cpu" {
            for (i = 2; i < NF; i++)
                if ($i == word)
                    sum += $(i + 1)
        }
        END { printf "%d\n", sum }' "$STATUS"
}

# Something to make hypercalls for: processes, timers, output, what /sys tells
# of Xen, CPUs that come and go, memory too; event channels.  No grants: a domain
# cannot map its own, and there is no other.
work()
{
    local i cpu target

    for i in 1 2 3 4; do
        (
            find /proc /sys -maxdepth 3 > /dev/null 2>&1
            usleep 50000
            find /sys/hypervisor -type f -exec cat {} + > /dev/null 2>&1
            usleep 50000
        ) &
    done
    wait
    say 'processes and timers'

    for i in 1 2; do
        for cpu in "$CPUS"/cpu[1-9]*; do
            echo 0 > "$cpu/online" || fail "$cpu does not go offline"
            echo 1 > "$cpu/online" || fail "$cpu does not come back"
        done
    done
    say "CPUs went and came: $(online_cpus)"

    target=$(cat $XENMEM/target_kb)
    # Xen flushes all TLBs for each page, which takes QEMU its time.
    echo $((target - 4096)) > $XENMEM/target_kb
    balloon_reaches $((target - 4096))
    echo "$target" > $XENMEM/target_kb
    balloon_reaches "$target"
    say "memory went and came: $target KiB"

    xen-load events 100 || fail "xen-load events: exit code $?"

    i=0
    while [ $i -lt 20 ]; do
        i=$((i + 1))
        say "line $i of $(cmdline swtlb.name), on a console that is Xen's"
    done
}

# balloon_reaches KIB
balloon_reaches()
{
    while [ "$(cat $XENMEM/info/current_kb)" -ne "$1" ]; do
        ! late ||
            fail "the balloon: $(cat $XENMEM/info/current_kb) KiB, not $1"
        usleep 100000
    done
}

# All CPUs that are online share one table.  (In a strict domain no program can
# ask Xen itself: its buffer is not registered.)
expect_one_table()
{
    local count entries

    count=$(online_cpus | wc -w)
    entries=$(field 0 entries)
    expect 'state' active "$(state)"
    expect_more 'entries' 0 "$entries"
    expect 'entries/sharers of all CPUs' \
           "$(for _ in $(online_cpus); do echo "$entries/$count"; done | xargs)" \
           "$(awk '$1 == "cpu" { print $6 "/" $8 }' "$STATUS" | xargs)"
}

# Xen's own count, of all CPUs and since the domain was created.
expect_nothing_walked()
{
    local counter away

    cat "$STATUS"
    for counter in hits misses faults refused; do
        echo "@measure $(cmdline swtlb.name)_$counter $(all $counter) copies"
    done
    expect_more 'hits' 1000 "$(all hits)"
    expect 'copies for which Xen walked a page table' 0 "$(all misses)"
    # But for what Xen before 4.18 writes by itself, of CPUs that were offline.
    away=$(awk '$1 == "away" { sum += $7 } END { print sum + 0 }' "$STATUS")
    [ "$away" -eq 0 ] || [ "$(cat /sys/hypervisor/version/minor)" -lt 18 ] ||
        fail "Xen refused $away copies of CPUs that were offline"
    expect 'copies that Xen refused' "$away" "$(all refused)"
    expect 'copies that failed' "$away" "$(all faults)"
}
