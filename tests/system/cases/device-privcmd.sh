# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A hostile program tries to register by way of privcmd, on a CPU without
# SMAP.

! grep -qw smap /proc/cpuinfo || verdict error 'the CPU has SMAP'
privcmd_registers_nothing
privcmd_registers_nothing marshal=0
expect_purged 2
