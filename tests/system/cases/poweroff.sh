# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash

# shellcheck source=tests/system/cases/reboot.sh
. /test/cases/reboot.sh
