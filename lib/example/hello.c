/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hello.c: asks Xen who it is.  What a program needs to make hypercalls with
 * libxenswtlb, in the order in which it is needed.
 *
 *     cc hello.c $(pkg-config --cflags --libs xenswtlb) -o hello
 *     sudo ./hello
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <xen/xen.h>
#include <xen/version.h>

#include <xenswtlb.h>

int main(void)
{
    xenswtlb_handle *handle;
    xen_capabilities_info_t text;
    int version, rc = -1;

    /*
     * A buffer of our own: a pointer that Xen may be given.  It is declared
     * by a macro, so that the compiler knows it from all other pointers.
     */
    DECLARE_XENSWTLB_BUFFER(xen_extraversion_t, extra);

    /*
     * And one on our stack, which Xen must not be given.  It is "bounced":
     * Xen writes to a copy, which is copied back here.
     */
    DECLARE_XENSWTLB_BOUNCE(text, sizeof(text), XENSWTLB_BOUNCE_OUT);

    /* NULL: errors are logged to stderr. */
    handle = xenswtlb_open(NULL, 0);
    if ( !handle )
    {
        perror("hello: this needs Xen, and root");
        return EXIT_FAILURE;
    }
    printf("Hypercall buffers are %s.\n",
           xenswtlb_backing_name(xenswtlb_backing(handle)));

    /* A hypercall without a buffer. */
    version = xenswtlb_call2(handle, __HYPERVISOR_xen_version, XENVER_version,
                             0);

    /* With our buffer: allocate, call, look, free. */
    if ( !xenswtlb_buffer_alloc(handle, extra, sizeof(*extra)) )
    {
        perror("hello");
        goto out;
    }
    rc = xenswtlb_call2(handle, __HYPERVISOR_xen_version,
                        XENVER_extraversion, XENSWTLB_ARG(extra));
    if ( rc < 0 || version < 0 )
        perror("hello: the hypercall failed");
    else
        printf("This is Xen %d.%d%s.\n", version >> 16, version & 0xffff,
               *extra);
    xenswtlb_buffer_free(handle, extra);

    /* With a bounce: before, call, after.  The last always, and then look. */
    rc = xenswtlb_bounce_pre(handle, text);
    if ( rc )
    {
        perror("hello");
        goto out;
    }
    rc = xenswtlb_call2(handle, __HYPERVISOR_xen_version,
                        XENVER_capabilities, XENSWTLB_ARG(text));
    xenswtlb_bounce_post(handle, text);
    if ( rc < 0 )
        perror("hello: the hypercall failed");
    else
        printf("It can run %s\n", text);

 out:
    xenswtlb_close(handle);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
