/* SPDX-License-Identifier: GPL-2.0-only */
/* Saving and restoring, as arch/x86/hvm/save.c does it; see save.h. */

#include "save.h"

static struct {
    hvm_save_handler save;
    hvm_check_handler check;
    hvm_load_handler load;
    size_t size;
    uint16_t typecode;
} handler;

void hvm_register_savevm(uint16_t typecode, const char *name,
                         hvm_save_handler save, hvm_check_handler check,
                         hvm_load_handler load, size_t size, int kind)
{
    ASSERT(typecode <= HVM_SAVE_CODE_MAX && name && *name);
    ASSERT(save && check && load && kind == HVMSR_PER_VCPU);
    handler.save = save;
    handler.check = check;
    handler.load = load;
    handler.size = size;
    handler.typecode = typecode;
}

int _hvm_init_entry(struct hvm_domain_context *h, uint16_t typecode,
                    uint16_t instance, uint32_t len)
{
    struct hvm_save_descriptor desc = { typecode, instance, len };

    if ( h->size - h->cur < len + sizeof(desc) )
        return -1;

    memcpy(h->data + h->cur, &desc, sizeof(desc));
    h->cur += sizeof(desc);

    return 0;
}

void _hvm_write_entry(struct hvm_domain_context *h, void *src, uint32_t len)
{
    ASSERT(len <= h->size - h->cur);
    memcpy(h->data + h->cur, src, len);
    h->cur += len;
}

size_t save_size(void)
{
    return handler.size;
}

static long save_into(struct vcpu *v, hvm_domain_context_t *h)
{
    uint32_t start = h->cur;
    int rc;

    /* No record of one vCPU takes the room of another's. */
    h->size = start + handler.size;
    rc = handler.save(v, h);
    ASSERT(!xen_locks_held && h->cur <= h->size);

    return rc;
}

long save_vcpu(struct vcpu *v, uint8_t *buf)
{
    hvm_domain_context_t h = { .data = buf };
    long rc = save_into(v, &h);

    return rc ?: h.cur;
}

long save_domain(struct domain *d, uint8_t *buf)
{
    hvm_domain_context_t h = { .data = buf };
    struct vcpu *v;

    for_each_vcpu ( d, v )
    {
        long rc = save_into(v, &h);

        if ( rc )
            return rc;
    }

    return h.cur;
}

/* Once through all records, for their handler to check or to load. */
static long pass(struct domain *d, uint8_t *buf, size_t len, bool real)
{
    hvm_domain_context_t h = { .data = buf, .size = len };

    while ( h.cur < h.size )
    {
        uint32_t before = h.cur;
        long rc = real ? handler.load(d, &h) : handler.check(d, &h);

        ASSERT(!xen_locks_held);
        if ( rc )
            return rc;
        ASSERT(h.cur > before && h.cur <= h.size);
    }

    return 0;
}

long load_domain(struct domain *d, const uint8_t *buf, size_t len,
                 bool check_first)
{
    /* Exactly as large, for a sanitizer to see what is read beyond; odd. */
    uint8_t *copy = malloc(len + 1);
    long rc = 0;

    ASSERT(copy && current->domain != d);
    memcpy(copy + 1, buf, len);
    if ( check_first )
        rc = pass(d, copy + 1, len, false);
    if ( !rc )
        rc = pass(d, copy + 1, len, true);
    /* It is read, and not written. */
    ASSERT(!memcmp(copy + 1, buf, len));
    free(copy);

    return rc;
}
