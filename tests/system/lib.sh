# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What the cases have in common.  It runs in the guest, in busybox's shell.

MODULE=/lib/xen-swtlb.ko
STATUS=/sys/kernel/debug/xen-swtlb/status
CPUS=/sys/devices/system/cpu
# Programs look for it, too: device/device.h.
LATE=/tmp/late

# ---- the run -------------------------------------------------------------

# cmdline WORD: what follows "WORD=" on the kernel's command line.
cmdline()
{
    tr ' ' '\n' < /proc/cmdline | sed -n "s/^$1=//p"
}

say()
{
    echo "  $*"
}

# verdict WORD [TEXT]: the last thing that a test says.
verdict()
{
    [ "$1" = success ] || { dmesg | tail -n 30; cat $STATUS; } 2> /dev/null
    echo "@verdict $(cmdline swtlb.name) $1${2:+: $2}"
    power_off
}

power_off()
{
    poweroff -f
    # The first process must not end.
    while :; do
        sleep 60
    done
}

fail()
{
    verdict failure "$*"
}

# end_in_time: a test that hangs tells where, and ends before xen-run ends it,
# which can only ask Xen.  When to is not for a clock in here to say, which goes
# on while the emulator stands still: xen-run types "late".
end_in_time()
{
    # No job of this shell: cases wait for all of theirs.
    (
        {
            word=
            until [ "$word" = late ]; do
                read -r word || sleep 10
            done < /dev/console
            : > $LATE
            # Who waits for something knows better what is missing.
            sleep 10
            show_programs
            fail 'no end in time'
        } &
    )
}

# late: it is time to give up waiting.
late()
{
    [ -e $LATE ]
}

# show_programs: which there are, and where in the kernel they are; of the
# kernel's own threads those that wait for something to end.
show_programs()
{
    local task words state

    for task in /proc/[0-9]*; do
        words=$(tr '\0' ' ' < "$task/cmdline")
        state=$(sed -n 's/^State:[[:space:]]*//p' "$task/status")
        case $words$state in
        ''|[A-CE-Z]' '*) continue ;;
        esac
        echo "${task#/proc/}: ${words:-$(cat "$task/comm")}, $state"
        cat "$task/stack"
    done 2> /dev/null
}

# expect WHAT EXPECTED ACTUAL
expect()
{
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# expect_more WHAT LESS MORE
expect_more()
{
    [ "$3" -gt "$2" ] || fail "$1: expected more than $2, got $3"
}

# Whatever else happened: the kernel must have nothing to complain about.
check_log()
{
    local trouble

    trouble=$(dmesg | grep -E \
        'WARNING: CPU|BUG:|Oops|general protection|Call Trace|xen_swtlb: .*[Ee]rror' |
        head -n 1)
    [ -z "$trouble" ] || fail "in the kernel's log: $trouble"
}

# ---- the module ----------------------------------------------------------

modprobe_if_xen()
{
    [ "$(cat /sys/hypervisor/type 2> /dev/null)" = xen ] || return 0
    insmod "/lib/$1.ko" || verdict error "cannot load $1"
}

# load [PARAMETER]...
# shellcheck disable=SC2120 # the cases do
load()
{
    insmod $MODULE "$@" || fail "insmod xen-swtlb $*: exit code $?"
    [ -e $STATUS ] || fail 'no status file with the module loaded'
}

unload()
{
    rmmod xen_swtlb || fail "rmmod: exit code $?"
    [ ! -e $STATUS ] || fail 'the status file outlived the module'
}

# The line "state ..." without its first word.
state()
{
    sed -n 's/^state //p' $STATUS
}

# field CPU WORD: the number after WORD in that CPU's line.
field()
{
    sed -n "s/^cpu $1 .* $2 \([0-9]*\).*/\1/p" $STATUS
}

online_cpus()
{
    local cpu

    for cpu in "$CPUS"/cpu[0-9]*; do
        # CPU 0 may have no such file: it cannot go offline then.
        [ "$(cat "$cpu/online" 2> /dev/null || echo 1)" = 0 ] ||
            echo "${cpu##*/cpu}"
    done | sort -n | xargs
}

# ---- checks --------------------------------------------------------------

# Xen's own word, got through privcmd: entries and sharers of a vCPU.  In a
# dom0, the vCPUs have the numbers of the CPUs.
expect_state()
{
    expect "entries and sharers of vCPU $1" "$2" "$(swtlb state "$1" 2>&1)"
}

# All online CPUs have the same entries, share one table, and use it.
expect_registered()
{
    local cpu cpus count entries

    cpus=$(online_cpus)
    count=$(echo "$cpus" | wc -w)
    expect 'state' active "$(state)"
    entries=$(field 0 entries)
    expect_more 'entries' 0 "$entries"

    # Each process takes its time in an emulated machine: all of it at once.
    expect 'CPU:entries/sharers/entries shown' \
           "$(for cpu in $cpus; do
                  echo "$cpu:$entries/$count/$entries"
              done | xargs)" \
           "$(awk '$1 == "cpu" { line[++n] = $2 ":" $6 "/" $8; cpu[n] = $2 }
                   $1 == "entry" { shown[$3]++ }
                   END { for (i = 1; i <= n; i++)
                             print line[i] "/" shown[cpu[i]] }' \
                  $STATUS | xargs)"
    for cpu in $cpus; do
        expect_state "$cpu" "$entries $count"
        expect_hits "$cpu"
    done
}

# No vCPU has an entry: $1 is how many vCPUs there are.
expect_purged()
{
    local cpu=0

    while [ "$cpu" -lt "$1" ]; do
        expect_state "$cpu" '0 0'
        cpu=$((cpu + 1))
    done
}

# Programs have left nothing: $1 is what "swtlb state 0" said before them.
expect_device_unused()
{
    grep '^device' "$STATUS"
    expect 'the device at the end' 'entries 0 pages 0' \
           "$(grep -o 'entries 0 pages 0' "$STATUS")"
    expect 'entries and sharers at the end' "$1" "$(swtlb state 0)"
}

# On this CPU, the module's queries (buffers from the heap) hit.
expect_hits()
{
    local before

    before=$(field "$1" hits)
    taskset $((1 << $1)) cat $STATUS > /dev/null
    # Reading it once takes a query for the limits, two a CPU, one an entry.
    expect_more "hits of CPU $1" $((before + 3)) "$(field "$1" hits)"
}

# The entries are those that the kernel's memory asks for.
expect_right_entries()
{
    swtlb check $STATUS || fail 'the entries are not the right ones'
}

# A hostile program tries to register by way of privcmd, with the module
# loaded with these parameters.
privcmd_registers_nothing()
{
    local before

    load "$@"
    before=$(swtlb state 0)
    swtlb-device privcmd || fail "swtlb-device privcmd, $*: exit code $?"
    expect 'entries and sharers at the end' "$before" "$(swtlb state 0)"
    unload
}

# The module loads, says once why it has nothing to do, and does nothing.
# expect_idle REASON
expect_idle()
{
    dmesg -c > /dev/null
    # shellcheck disable=SC2119
    load
    expect 'state' "idle $1" "$(state)"
    # Before the module says anything, the kernel says that it is not its own.
    expect 'messages of the module' "xen_swtlb: nothing to do: $1" \
           "$(dmesg | grep -o 'xen_swtlb: .*' |
                  grep -vE ': (loading out-of-tree|module verification)')"
    unload
    # shellcheck disable=SC2119
    load
    unload
}
