# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Debian's toolstack, in dom0: what cases which create guests have in common.

PATH=$PATH:$(echo /usr/lib/xen-*/bin):/usr/bin
CONSOLES=/var/log/xen/console

# load_asked_for: load the module, if the kernel's command line says so with
# swtlb.load=PARAMETERS: commas between them, or "default" for none;
# and with swtlb.device=yes have the toolstack use its device.
load_asked_for()
{
    local parameters

    parameters=$(cmdline swtlb.load)
    [ -n "$parameters" ] || return 0
    # shellcheck disable=SC2046 # into words
    load $([ "$parameters" = default ] || echo "$parameters" | tr , ' ')
    [ "$(cmdline swtlb.device)" = yes ] || return 0
    xen-swtlb-device on || fail 'cannot put the device in place'
}

# toolstack_start: the daemons, and what they need.
toolstack_start()
{
    local module

    for module in xen-evtchn xen-gntdev xen-gntalloc xenfs; do
        # Else the kernel has it built in.
        [ ! -e "/lib/$module.ko" ] || insmod "/lib/$module.ko" ||
            verdict error "cannot load $module"
    done
    mkdir -p /dev/pts /etc/xen /run/xen /var/lib/xen /var/lib/xenstored \
             /var/lock /var/log/xen $CONSOLES /var/run/xen /var/run/xenstored
    mount -t devpts pts /dev/pts
    mount -t xenfs xenfs /proc/xen
    # Else xl says that it is not there.
    : > /etc/xen/xl.conf
    timed xenstored --pid-file /var/run/xenstored.pid
    timed xen-init-dom0
    timed xenconsoled --log=guest --log-dir=$CONSOLES \
          --pid-file=/var/run/xenconsoled.pid
}

# timed COMMAND...: it has to succeed.  What it says is shown if it does not.
timed()
{
    local start end rc=0

    start=$(uptime_ms)
    "$@" > /tmp/said 2>&1 || rc=$?
    [ $rc -eq 0 ] || {
        cat /tmp/said
        fail "$*: exit code $rc"
    }
    end=$(uptime_ms)
    say "$*: $((end - start)) ms"
}

uptime_ms()
{
    # Two digits follow the point.
    sed 's/^\([0-9]*\)\.\([0-9]*\).*/\1\20/' /proc/uptime
}

# guest_config NAME MEMORY KERNEL [RAMDISK] [COMMAND LINE]: prints its file.
guest_config()
{
    {
        echo 'type = "pvh"'
        echo "name = \"$1\""
        echo "memory = $2"
        echo "vcpus = ${VCPUS:-1}"
        echo "kernel = \"$3\""
        [ -z "${4-}" ] || echo "ramdisk = \"$4\""
        echo "extra = \"${5-}\""
    } > "/tmp/$1.cfg"
    echo "/tmp/$1.cfg"
}

# guest_state NAME: the letters that "xl list" shows, or nothing.
guest_state()
{
    xl list 2> /dev/null | awk -v name="$1" '$1 == name { print $5 }'
}

# guest_says NAME REGEX: wait for a line on its console.
guest_says()
{
    local log=$CONSOLES/guest-$1.log

    while ! grep -qE "$2" "$log" 2> /dev/null; do
        if late; then
            tail -n 30 "$log"
            fail "$1 does not say '$2'; its state is '$(guest_state "$1")'"
        fi
        sleep 1
    done
    say "$1 says: $(grep -E "$2" "$log" | tail -n 1 | tr -d '\r')"
}

# guest_forget NAME: what it said up to now does not count any more.
guest_forget()
{
    # The daemon has the file open, to append to it.
    : > "$CONSOLES/guest-$1.log"
}

# guest_gone NAME: wait until it is no more.
guest_gone()
{
    while [ -n "$(guest_state "$1")" ]; do
        ! late ||
            fail "$1 is still there, its state is '$(guest_state "$1")'"
        sleep 1
    done
}

# counters: "hits misses faults refused" of all of dom0's vCPUs together.
counters()
{
    local vcpu=0

    while swtlb stats $vcpu 2> /dev/null; do
        vcpu=$((vcpu + 1))
    done | awk '{ for (i = 1; i <= 4; i++) n[i] += $i }
                END { print n[1] + 0, n[2] + 0, n[3] + 0, n[4] + 0 }'
}

# count WHAT COMMAND...: run it and print what it took, as measures
# WHAT_hits, WHAT_misses, WHAT_faults and WHAT_refused; they are left in these
# variables too.
count()
{
    local what=$1 before after

    shift
    before=$(counters)
    "$@"
    after=$(counters)
    # shellcheck disable=SC2086 # into words
    set -- $before $after
    # shellcheck disable=SC2034 # for the caller
    hits=$(($5 - $1)) misses=$(($6 - $2)) faults=$(($7 - $3))
    # shellcheck disable=SC2034
    refused=$(($8 - $4))
    for counter in hits misses faults refused; do
        eval "echo \"@measure ${what}_$counter \$$counter copies\""
    done
}

# counted WHAT COMMAND...: count, and with the device in place all has to hit.
counted()
{
    count "$@"
    if [ "$(cmdline swtlb.device)" = yes ]; then
        expect "misses of $1" 0 "$misses"
        expect "refused copies of $1" 0 "$refused"
    elif [ -z "$(cmdline swtlb.load)" ]; then
        expect "hits of $1" 0 "$hits"
    fi
}
