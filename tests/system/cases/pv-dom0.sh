# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A dom0 that is a PV guest, Debian's default, gains nothing: the module says
# so and does no harm.  A PVH guest that it creates gains as anywhere: what
# pv-domu.sh does there, Xen counts.  (No HVM guest: that takes QEMU in dom0.)

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

PV='a PV guest cannot have a software TLB'
LOG=$CONSOLES/guest-domu.log
OPTIONS='console=hvc0 noxsave printk.time=0 nowatchdog'
OPTIONS="$OPTIONS swtlb.case=pv-domu swtlb.name=domu swtlb.limit=200"

# counts_at WORD: wait until the domU says so, set hits and misses to what Xen
# has counted of it up to then, and let it go on.  (It cannot ask Xen itself:
# stock kernels keep programs of a domU from making hypercalls.)
counts_at()
{
    # Not on this console, where its verdict would be that of dom0.
    guest_says domu "^domu: at $1|@verdict" 200 > /tmp/said
    ! grep -q '^@verdict' "$LOG" || end_of_domu
    timed xl debug-keys B
    xl dmesg > /tmp/dmesg
    # Of dom0 there is nothing: it has no table and no counters.
    expect 'vCPUs that Xen tells of' d1v0 \
           "$(grep -o 'd[0-9]*v[0-9]*: entries' /tmp/dmesg |
                  sort -u | sed 's/:.*//' | xargs)"
    # shellcheck disable=SC2046 # into words
    set -- "$1" $(sed -n 's/.* hits \(.*\) misses \(.*\) faults.*/\1 \2/p' \
                      /tmp/dmesg | tail -n 1)
    [ $# -eq 3 ] || fail 'Xen does not say what it counted'
    hits=$2 misses=$3
    say "domU at $1: hits $hits, misses $misses"
    echo > "$(xenstore-read /local/domain/1/console/tty)"
}

# measure WHAT HITS MISSES
measure()
{
    echo "@measure pv-domu_$1_hits $2 copies"
    echo "@measure pv-domu_$1_misses $3 copies"
}

end_of_domu()
{
    local result

    result=$(tr -d '\r' < "$LOG" | sed -n 's/^@verdict domu //p')
    [ "$result" = success ] || {
        tail -n 30 "$LOG" | grep -v '^@verdict'
        fail "the domU says: $result"
    }
}

expect 'what dom0 is' PV "$(cat /sys/hypervisor/guest_type)"
expect 'a query' 'swtlb: vcpu_op: Operation not supported' \
       "$(swtlb limits 2>&1)"
expect_idle "$PV"
# There it stays, as if it was loaded at boot, and the toolstack has its buffers
# of it: plain ones.
load
xen-swtlb-device on || fail 'cannot put the device in place'

toolstack_start
timed xl create "$(guest_config domu 192 /lib/vmlinuz /lib/pv-domu.gz \
                                "$OPTIONS")"

counts_at begin
walked=$misses
counts_at without
measure without "$hits" $((misses - walked))
expect 'hits without the module' 0 "$hits"
expect_more 'misses without it' 200 $((misses - walked))

counts_at loaded
before=$hits walked=$misses
counts_at with
measure with $((hits - before)) $((misses - walked))
expect_more 'hits with the module' 200 $((hits - before))
expect 'misses with it' 0 $((misses - walked))

guest_says domu @verdict > /tmp/said
end_of_domu
guest_gone domu
expect 'state of dom0 at the end' "idle $PV" "$(state)"
