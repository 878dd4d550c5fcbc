# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Nothing to do, for the reason on the command line (blanks are written +), and
# no harm done.

reason=$(cmdline swtlb.reason | tr + ' ')
expect 'state' "idle $reason" "$(state)"
expect 'messages' "xen_swtlb: nothing to do: $reason" \
       "$(dmesg | grep -o 'xen_swtlb: .*')"
if [ "$(cat /sys/hypervisor/type 2> /dev/null)" = xen ]; then
    work
fi
