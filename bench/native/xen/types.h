/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_XEN_TYPES_H
#define BENCH_XEN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t;

#endif /* BENCH_XEN_TYPES_H */
