/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * purge-race with CPUs that take turns.  The one that writes then stops at
 * any instruction, for a tenth of a second, so that it is often found in the
 * middle of a copy.  With CPUs side by side that is a matter of luck.
 */

#define ROUNDS      100
/* Each is a turn of the other CPU. */
#define PAUSE_MAX   1

#include "../purge-race/main.c"
