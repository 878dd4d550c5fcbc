# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# No Xen at all.

expect_idle 'not on Xen'
