# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A dom0 does not get to see the next kernel: where Linux asks Xen for a soft
# reset, Xen restarts the machine.  That is after the verdict.

# shellcheck source=tests/system/cases/reboot.sh
. /test/cases/reboot.sh
