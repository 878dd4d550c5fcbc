# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# On a Xen with a software TLB, but not strict: what misses is walked.  Yet
# nothing does.

expect 'strict' 0 "$(field 0 strict)"
expect_one_table
work
expect_nothing_walked
