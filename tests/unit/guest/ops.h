/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GUEST_OPS_H
#define GUEST_OPS_H

#include "guest.h"

#include <xen/interface/hvm/hvm_vcpu.h>

struct op {
    unsigned int nr, cmd;
    unsigned int which;         /* which argument is the pointer, from zero */
    size_t size, in, from, to;
    bool always;
    const char *name;
};

struct value {
    unsigned int nr, cmd;
};

struct platform {
    unsigned int cmd;
    bool writes;
};

extern const struct op ops[];
extern const struct value values[], others[];
extern const struct platform platform_ops[];
extern const unsigned int nr_ops, nr_values, nr_others, nr_platform_ops;

#endif /* GUEST_OPS_H */
