/* SPDX-License-Identifier: GPL-2.0-only */
/* Sequences of operations and copies, compared with a model after each. */
#ifndef UNIT_FUZZ_H
#define UNIT_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * Make a world, do what the bytes say until they are used up, and end the
 * world.  Aborts if anything is not as in the model.
 */
void fuzz_run(const uint8_t *data, size_t len);

/* Copies made, operations that succeeded, and entries pinned, so far. */
extern unsigned long fuzz_copies, fuzz_operations, fuzz_pins;

#endif /* UNIT_FUZZ_H */
