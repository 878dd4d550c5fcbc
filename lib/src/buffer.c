/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Typed buffers and bouncing: what is behind the macros of the header.
 */

#include <errno.h>
#include <string.h>

#include "private.h"

void *xenswtlb__buffer_alloc(xenswtlb_handle *handle, xenswtlb_buffer *record,
                             size_t size, size_t align)
{
    if ( unlikely(!is_ours(handle)) )
    {
        xsw_not_ours();
        return NULL;
    }
    if ( record->hbuf )
    {
        xsw_log_error(handle, XTL_CRITICAL, -1,
                      "a typed buffer (%p) allocated again, and not freed",
                      record->hbuf);
        errno = EINVAL;
        return NULL;
    }
    record->hbuf = xenswtlb_zalloc(handle, size, align);
    record->size = record->hbuf ? size : 0;
    return record->hbuf;
}

void xenswtlb__buffer_free(xenswtlb_handle *handle, xenswtlb_buffer *record)
{
    xenswtlb_free(handle, record->hbuf);
    record->hbuf = NULL;
    record->size = 0;
}

int xenswtlb__bounce_pre(xenswtlb_handle *handle, xenswtlb_buffer *record)
{
    struct slot *slot;

    if ( unlikely(!is_ours(handle)) )
        return xsw_not_ours();
    if ( record->dir > XENSWTLB_BOUNCE_BOTH || record->hbuf )
    {
        errno = EINVAL;
        return -1;
    }
    if ( !record->ubuf || !record->size )
        return 0;

    record->hbuf = xenswtlb_alloc(handle, record->size, 0);
    if ( !record->hbuf )
        return -1;
    slot = slot_get(handle);
    count_add(handle, slot, CNT_bounces, 1);
    if ( record->dir & XENSWTLB_BOUNCE_IN )
    {
        memcpy(record->hbuf, record->ubuf, record->size);
        count_add(handle, slot, CNT_bytes_in, record->size);
    }
    else
        /* What Xen does not write must not be some other call's. */
        memset(record->hbuf, 0, record->size);
    return 0;
}

void xenswtlb__bounce_post(xenswtlb_handle *handle, xenswtlb_buffer *record)
{
    if ( !record->hbuf || unlikely(!is_ours(handle)) )
        return;
    if ( record->dir & XENSWTLB_BOUNCE_OUT )
    {
        memcpy(record->ubuf, record->hbuf, record->size);
        count_add(handle, slot_get(handle), CNT_bytes_out, record->size);
    }
    xenswtlb_free(handle, record->hbuf);
    record->hbuf = NULL;
}
