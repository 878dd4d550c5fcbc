/* SPDX-License-Identifier: GPL-2.0-only */
/* pvh-stress for five minutes. */

#define SECONDS     300

#include "../../pvh/stress/main.c"
