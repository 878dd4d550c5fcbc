/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Xen's records of a saved HVM domain, as asm/hvm/save.h has them since 4.19;
 * and what a toolstack does with them.
 */
#ifndef UNIT_SAVE_H
#define UNIT_SAVE_H

#include "xen-sched.h"

#define XEN_FLEX_ARRAY_DIM
#define HVM_SAVE_CODE_MAX  64

struct hvm_save_descriptor {
    uint16_t typecode;
    uint16_t instance;
    uint32_t length;
};

typedef struct hvm_domain_context {
    uint32_t cur;
    uint32_t size;
    uint8_t *data;
} hvm_domain_context_t;

/* Only that it is there matters. */
#define hvm_get_entry(x, h)

#define HVMSR_PER_VCPU  1

typedef int (*hvm_save_handler)(struct vcpu *v, hvm_domain_context_t *h);
typedef int (*hvm_check_handler)(const struct domain *d,
                                 hvm_domain_context_t *h);
typedef int (*hvm_load_handler)(struct domain *d, hvm_domain_context_t *h);

void hvm_register_savevm(uint16_t typecode, const char *name,
                         hvm_save_handler save, hvm_check_handler check,
                         hvm_load_handler load, size_t size, int kind);
/* Zero, or -1 if there is no room for so much. */
int _hvm_init_entry(struct hvm_domain_context *h, uint16_t typecode,
                    uint16_t instance, uint32_t len);
void _hvm_write_entry(struct hvm_domain_context *h, void *src, uint32_t len);

/* Bytes that are reserved for each vCPU. */
size_t save_size(void);

/*
 * The records of all vCPUs, or of one, into buf, which has room for as much
 * as is reserved for them.  Returns how many bytes, or an error.
 */
long save_domain(struct domain *d, uint8_t *buf);
long save_vcpu(struct vcpu *v, uint8_t *buf);

/*
 * Load all that is in buf, from outside of d.  Since 4.19 Xen checks all
 * first, before it pauses the domain; before, it does not.
 */
long load_domain(struct domain *d, const uint8_t *buf, size_t len,
                 bool check_first);

#endif /* UNIT_SAVE_H */
