# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The device for programs: a hostile program tries to reach another process's
# buffer, and to register by way of privcmd; nothing is left over at the end.

say "CPU: pcid $(grep -cw pcid /proc/cpuinfo), pti $(grep -cw pti /proc/cpuinfo)"
# shellcheck disable=SC2119
load
expect_registered
before=$(swtlb state 0)
insmod /lib/swtlb-pgd.ko || verdict error 'cannot load swtlb-pgd'

swtlb-device || fail "swtlb-device: exit code $?"
expect_device_unused "$before"

unload
privcmd_registers_nothing marshal=0
expect_purged 2
