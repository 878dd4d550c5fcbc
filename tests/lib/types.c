/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the compiler has to accept and what to reject: see ./types, which
 * compiles this for each case, a line that begins with "#if CASE ==".
 */
#define __XEN_TOOLS__ 1
#include <stdint.h>
#include <xen/xen.h>
#include <xen/sysctl.h>
#include <xenswtlb.h>

int test(xenswtlb_handle *h, char *pointer, const char *constant);
int test(xenswtlb_handle *h, char *pointer, const char *constant)
{
    DECLARE_XENSWTLB_BUFFER(uint8_t, bytes);
    DECLARE_XENSWTLB_BUFFER(uint32_t, words);
    DECLARE_XENSWTLB_BOUNCE(pointer, 10, XENSWTLB_BOUNCE_BOTH);
    char array[10];
    DECLARE_XENSWTLB_BOUNCE(array, sizeof(array), XENSWTLB_BOUNCE_OUT);
    DECLARE_XENSWTLB_BOUNCE(constant, 10, XENSWTLB_BOUNCE_IN);
    uint64_t number = 0;
    XEN_GUEST_HANDLE_64(uint8) h8;
    XEN_GUEST_HANDLE_64(uint32) h32;
    XEN_GUEST_HANDLE_64(char) hchar;
    XEN_GUEST_HANDLE(void) hvoid;
    uint8_t *plain = 0;

    (void)h8;
    (void)h32;
    (void)hchar;
    (void)hvoid;
    (void)plain;
    (void)number;
    (void)array;
    if ( !xenswtlb_buffer_alloc(h, bytes, 10) ||
         !xenswtlb_buffer_alloc_aligned(h, words, 16, 4096) )
        return -1;

#if CASE == 1    /* accept: a buffer of the handle's type */
    set_xenswtlb_guest_handle(h8, bytes);
    set_xenswtlb_guest_handle_offset(h32, words, 2);
#elif CASE == 2  /* accept: any buffer for a handle of void */
    set_xenswtlb_guest_handle(hvoid, bytes);
    set_xenswtlb_guest_handle(hvoid, words);
#elif CASE == 3  /* accept: bounces of a pointer, an array, constant data */
    set_xenswtlb_guest_handle(hchar, pointer);
    set_xenswtlb_guest_handle(hchar, array);
    set_xenswtlb_guest_handle(hchar, constant);
    if ( xenswtlb_bounce_pre(h, array) )
        return -1;
    xenswtlb_bounce_post(h, array);
#elif CASE == 4  /* accept: a bounce under another name */
    {
        struct { int a[4]; } s;
        DECLARE_NAMED_XENSWTLB_BOUNCE(named, &s, sizeof(s),
                                      XENSWTLB_BOUNCE_OUT);
        DECLARE_NAMED_XENSWTLB_BOUNCE(member, s.a, sizeof(s.a),
                                      XENSWTLB_BOUNCE_OUT);
        DECLARE_NAMED_XENSWTLB_BOUNCE(of_void, (void *)pointer, 10,
                                      XENSWTLB_BOUNCE_OUT);

        set_xenswtlb_guest_handle(hvoid, named);
        set_xenswtlb_guest_handle(hvoid, of_void);
        return xenswtlb_bounce_pre(h, member);
    }
#elif CASE == 5  /* accept: as an argument, and as a function's */
    {
        DECLARE_XENSWTLB_BUFFER_ARGUMENT(uint32_t, same,
                                         XENSWTLB_BUFFER(words));

        set_xenswtlb_guest_handle(h32, same);
        return xenswtlb_call2(h, 1, XENSWTLB_ARG(same), XENSWTLB_ARG(array));
    }
#elif CASE == 6  /* accept: the handle of a real hypercall */
    {
        struct xen_sysctl_getdomaininfolist list;
        DECLARE_XENSWTLB_BUFFER(xen_domctl_getdomaininfo_t, info);

        set_xenswtlb_guest_handle(list.buffer, info);
        (void)list;
    }
#elif CASE == 20 /* reject: a pointer that was not declared */
    set_xenswtlb_guest_handle(h8, plain);
#elif CASE == 21 /* reject: an address */
    set_xenswtlb_guest_handle(h32, &h8);
#elif CASE == 22 /* reject: a buffer of another type, says guest_handle */
    set_xenswtlb_guest_handle(h32, bytes);
#elif CASE == 23 /* reject: another type, at an offset, says guest_handle */
    set_xenswtlb_guest_handle_offset(h8, words, 1);
#elif CASE == 24 /* reject: a bounce of another type, says guest_handle */
    set_xenswtlb_guest_handle(h32, array);
#elif CASE == 25 /* reject: as an argument, what was not declared */
    xenswtlb_call1(h, 1, XENSWTLB_ARG(plain));
#elif CASE == 26 /* reject: to allocate what was not declared */
    xenswtlb_buffer_alloc(h, plain, 10);
#elif CASE == 27 /* reject: to bounce what was not declared */
    xenswtlb_bounce_pre(h, plain);
#elif CASE == 28 /* reject: to free what was not declared */
    xenswtlb_buffer_free(h, plain);
#elif CASE == 29 /* reject: to pass a pointer for a typed buffer */
    {
        DECLARE_XENSWTLB_BUFFER_ARGUMENT(uint8_t, same, plain);

        set_xenswtlb_guest_handle(h8, same);
    }
#elif CASE == 30 /* reject: to bounce a number, says what_is_bounced_is_no */
    {
        DECLARE_XENSWTLB_BOUNCE(number, 8, XENSWTLB_BOUNCE_BOTH);

        xenswtlb_bounce_pre(h, number);
    }
#elif CASE == 31 /* reject: a number under another name, says is_no_pointer */
    {
        DECLARE_NAMED_XENSWTLB_BOUNCE(same, number, 8, XENSWTLB_BOUNCE_BOTH);

        xenswtlb_bounce_pre(h, same);
    }
#elif CASE == 32 /* reject: as an argument, behind a buffer */
    xenswtlb_call1(h, 1, XENSWTLB_ARG(bytes + 1));
#elif CASE == 33 /* reject: a handle of what is behind a buffer */
    set_xenswtlb_guest_handle(h8, bytes + 1);
#endif
    xenswtlb_buffer_free(h, words);
    xenswtlb_buffer_free(h, bytes);
    return 0;
}
