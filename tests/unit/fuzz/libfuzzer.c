/* SPDX-License-Identifier: GPL-2.0-only */
/* For clang's libFuzzer, which finds the bytes by coverage. */

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_run(data, size);

    return 0;
}
