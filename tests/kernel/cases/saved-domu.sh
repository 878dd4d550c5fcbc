# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Creates domUs of this same kernel, one strict and one not, saves each to a file
# and restores it.

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

# In one line, as xl reads its configuration by lines.  nohz=off: Linux shuts the
# other CPUs' timers down (xen_arch_suspend()) and only then stops these CPUs; an
# idle one that comes to stop its tick in between has it warn of the state that
# the timer is in (clockevents_switch_state()).
OPTIONS='console=hvc0 noxsave printk.time=0 nowatchdog'
OPTIONS="$OPTIONS rcupdate.rcu_cpu_stall_suppress=1 nohz=off"
OPTIONS="$OPTIONS swtlb.case=saved"

# save_and_restore NAME [OPTION]
save_and_restore()
{
    local log=$CONSOLES/guest-$1.log file=/tmp/$1.save result

    timed xl create "$(guest_config "$1" 128 /lib/vmlinuz /lib/domu.gz \
        "$OPTIONS swtlb.name=$1 ${2-}")"
    guest_says "$1" '(ready to be saved|@verdict .*)'
    timed xl save "$1" "$file"
    expect 'state of the saved guest' '' "$(guest_state "$1")"
    say "saved: $(wc -c < "$file") bytes"
    guest_forget "$1"
    timed xl restore "$file"
    rm "$file"
    timed xl mem-set "$1" 124
    guest_says "$1" "@verdict $1 .*" > /tmp/said
    tr -d '\r' < "$log" | sed -n "s/^@measure $1/@measure saved-$1/p"
    tr -d '\r' < "$log" | grep '^  '
    result=$(tr -d '\r' < "$log" | sed -n "s/^@verdict $1 //p")
    [ "$result" = success ] || {
        tr -d '\r' < "$log" | grep -E '^(cpu|away|hypercalls) ' |
            sed "s/^/$1: /"
        # What check_log() has found, with where it was.
        tr -d '\r' < "$log" | grep -A 25 'WARNING: CPU' | sed "s/^/$1: /"
        fail "$1 says: $result"
    }
    guest_gone "$1"
}

toolstack_start
VCPUS=2
save_and_restore strict xen_swtlb.strict=1
save_and_restore usual
