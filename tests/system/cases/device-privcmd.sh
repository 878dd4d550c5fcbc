# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A hostile program tries to register by way of privcmd, on a CPU without
# SMAP.

! grep -qw smap /proc/cpuinfo || verdict error 'the CPU has SMAP'
# shellcheck disable=SC2119
load
before=$(swtlb state 0)
swtlb-device privcmd || fail "swtlb-device privcmd: exit code $?"
expect 'entries and sharers at the end' "$before" "$(swtlb state 0)"
unload
expect_purged 2
