/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_XEN_STRING_H
#define BENCH_XEN_STRING_H

#include <string.h>

#endif /* BENCH_XEN_STRING_H */
