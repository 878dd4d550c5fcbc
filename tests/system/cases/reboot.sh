# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# On the way down the module purges all vCPUs.  swtlb-late looks at the very
# end and says the verdict, if all goes well before.

load
expect_registered
check_log
insmod /lib/swtlb-late.ko name="$(cmdline swtlb.name)" ||
    verdict error 'cannot load swtlb-late'
dmesg -n 8
case $(cmdline swtlb.case) in
reboot)   reboot -f ;;
poweroff) power_off ;;
kexec)    swtlb kexec /lib/vmlinuz || verdict error 'cannot kexec' ;;
esac
while :; do
    sleep 60
done
