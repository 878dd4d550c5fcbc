# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Debian's toolstack, unmodified, creates and destroys a bare-metal guest and a
# Linux.  How many copies that takes, and how many hit, is Xen's to say.

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

load_asked_for

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

counted daemons toolstack_start
counted info timed xl info
counted list timed xl list
counted bare bare_metal
counted linux linux
