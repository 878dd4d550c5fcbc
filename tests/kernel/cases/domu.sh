# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Creates a domU of this same kernel, with two vCPUs, which makes itself strict
# and runs the case for that.

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

LOG=$CONSOLES/guest-domu.log

# In one line, as xl reads its configuration by lines.
OPTIONS='console=hvc0 noxsave printk.time=0 nowatchdog'
OPTIONS="$OPTIONS rcupdate.rcu_cpu_stall_suppress=1"

toolstack_start
VCPUS=2
timed xl create "$(guest_config domu 192 /lib/vmlinuz /lib/domu.gz \
    "$OPTIONS xen_swtlb.strict=1 swtlb.case=strict swtlb.name=domu")"
guest_says domu '@verdict domu .*' > /tmp/said
tr -d '\r' < "$LOG" | sed -n 's/^@measure domu/@measure strict-domu/p'
tr -d '\r' < "$LOG" | grep '^  '
result=$(tr -d '\r' < "$LOG" | sed -n 's/^@verdict domu //p')
[ "$result" = success ] || {
    tr -d '\r' < "$LOG" | grep -E '^(cpu|away|hypercalls) ' | sed 's/^/domU: /'
    fail "the domU says: $result"
}
guest_gone domu
