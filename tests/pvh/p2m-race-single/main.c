/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * p2m-race with CPUs that take turns, of 0.1 s: the one that writes is often
 * found in the middle of a copy.
 */

#define ROUNDS      60
/* Each is a turn of the other CPU. */
#define PAUSE_MAX   1

#include "../p2m-race/main.c"
