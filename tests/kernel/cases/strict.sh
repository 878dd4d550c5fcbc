# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Xen walks no page table of this domain, and refuses what it would have to
# walk one for.  Nothing may be refused.

expect 'strict' 1 "$(field 0 strict)"
expect_one_table
[ "$(cmdline xen_swtlb)" != buffers ] ||
    expect 'entries when only the buffers are registered' 1 "$(field 0 entries)"
work
expect_one_table
expect_nothing_walked
