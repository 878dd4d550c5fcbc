# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Debian's toolstack, unmodified, saves a Linux to a file and restores it.

# shellcheck source=tests/system/toolstack.sh
. /test/toolstack.sh

load_asked_for
toolstack_start

timed xl create "$(guest_config linux 96 /lib/vmlinuz /lib/domu.gz \
                                'console=hvc0 noxsave quiet')"
guest_says linux 'domu: line 2'
counted save timed xl save linux /tmp/linux.save
expect 'state of the saved guest' '' "$(guest_state linux)"
say "saved: $(wc -c < /tmp/linux.save) bytes"
line=$(sed -n 's/.*domu: line \([0-9]*\).*/\1/p' "$CONSOLES/guest-linux.log" |
           tail -n 1)
guest_forget linux
counted restore timed xl restore /tmp/linux.save
rm /tmp/linux.save
# It counts on from where it was.
guest_says linux "domu: line $((line + 3))"
! grep -q 'domu: line 1\b' "$CONSOLES/guest-linux.log" ||
    fail 'the guest began anew'
timed xl destroy linux
guest_gone linux
