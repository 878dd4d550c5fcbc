/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All macros of the library's header, expanded: for the compiler to take them
 * in each language that the header is for.  With guest handles of its own,
 * since Xen's headers are not for the oldest of these.
 */
#include <xenswtlb.h>

struct words_handle {
    uint32_t *p;
};

struct void_handle {
    void *p;
};

int with_record(xenswtlb_handle *h, xenswtlb_buffer *record);
int with_record(xenswtlb_handle *h, xenswtlb_buffer *record)
{
    struct words_handle words;
    DECLARE_XENSWTLB_BUFFER_ARGUMENT(uint32_t, p, record);

    set_xenswtlb_guest_handle(words, p);
    return xenswtlb_call2(h, 1, XENSWTLB_ARG(p), words.p != NULL);
}

int with_bounces(xenswtlb_handle *h, char *data, size_t size);
int with_bounces(xenswtlb_handle *h, char *data, size_t size)
{
    struct void_handle any;
    uint32_t array[4];
    DECLARE_XENSWTLB_BOUNCE(array, sizeof(array), XENSWTLB_BOUNCE_OUT);
    DECLARE_NAMED_XENSWTLB_BOUNCE(named, data + 1, size,
                                  XENSWTLB_BOUNCE_BOTH);
    int rc;

    XENSWTLB_BOUNCE_SET_SIZE(array, 8);
    XENSWTLB_BOUNCE_SET_DIR(array, XENSWTLB_BOUNCE_IN);
    if ( xenswtlb_bounce_pre(h, array) )
        return -1;
    if ( xenswtlb_bounce_pre(h, named) )
    {
        xenswtlb_bounce_post(h, array);
        return -1;
    }
    set_xenswtlb_guest_handle(any, named);
    rc = xenswtlb_call2(h, 1, XENSWTLB_ARG(array), any.p != NULL);
    xenswtlb_bounce_post(h, named);
    xenswtlb_bounce_post(h, array);
    return rc;
}

int with_buffers(xenswtlb_handle *h);
int with_buffers(xenswtlb_handle *h)
{
    struct words_handle words;
    DECLARE_XENSWTLB_BUFFER(uint32_t, p);
    DECLARE_XENSWTLB_BUFFER(uint32_t, q);
    int rc = -1;

    if ( xenswtlb_buffer_alloc(h, p, 64) &&
         xenswtlb_buffer_alloc_aligned(h, q, 64, 4096) )
    {
        set_xenswtlb_guest_handle_offset(words, p, 3);
        rc = with_record(h, XENSWTLB_BUFFER(q)) + (words.p != NULL);
    }
    xenswtlb_buffer_free(h, q);
    xenswtlb_buffer_free(h, p);
    return rc;
}
