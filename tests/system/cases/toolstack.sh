# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Debian's toolstack, unmodified, creates and destroys a bare-metal guest and a
# Linux.  How many copies that takes, and how many hit, is Xen's to say.
#
# With swtlb.load=PARAMETERS (commas between them) the module is loaded before.

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

parameters=$(cmdline swtlb.load)
if [ -n "$parameters" ]; then
    # shellcheck disable=SC2046 # into words
    load $([ "$parameters" = default ] || echo "$parameters" | tr , ' ')
fi

bare_metal()
{
    timed xl create "$(guest_config bare 16 /lib/domu-console)"
    guest_says bare 'domu: hits 2'
    guest_says bare 'domu: ready'
    timed xl list
    timed xl pause bare
    timed xl unpause bare
    timed xl destroy bare
    guest_gone bare
}

linux()
{
    timed xl create "$(guest_config linux 96 /lib/vmlinuz /lib/domu.gz \
                                    'console=hvc0 noxsave quiet')"
    guest_says linux 'domu: line 1'
    timed xl destroy linux
    guest_gone linux
}

count daemons toolstack_start
count info timed xl info
count list timed xl list
count bare bare_metal
count linux linux
