/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dm_op: a list of buffers, the kernel's own and those of a device model.
 */

#include "guest.h"

#include <sys/mman.h>

#define DM_BUFS 3

static u64 bufs[DM_BUFS][2];
static u8 buf_passed[DM_BUFS][6000];
static unsigned int raw;        /* buffers that are passed as they are */

static long xen_dm(unsigned long nr, const unsigned long arg[5])
{
    u64 (*list)[2] = guest_reach(arg[2], sizeof(bufs));
    unsigned int i;

    (void)nr;
    CHECK_EQ(arg[1], DM_BUFS);
    for ( i = 0; i < DM_BUFS; i++ )
    {
        CHECK_EQ(list[i][1], bufs[i][1]);
        if ( raw & 1u << i )
        {
            CHECK_EQ(list[i][0], bufs[i][0]);
            continue;
        }
        CHECK(!memcmp(guest_reach(list[i][0], list[i][1]), buf_passed[i],
                      bufs[i][1]));
        /* The first half of it. */
        guest_fill((void *)list[i][0], bufs[i][1] / 2, 99 + i);
    }

    return 3;
}

static long answer;

static long run_dm_of(enum place place, guest_xen *xen)
{
    u64 *p = guest_slot(place, 0, sizeof(bufs));

    memcpy(p, bufs, sizeof(bufs));
    guest_hypercall = xen;

    return guest_issue(__HYPERVISOR_dm_op, 1, DM_BUFS, (unsigned long)p, 0);
}

static long run_dm(enum place place)
{
    return run_dm_of(place, xen_dm);
}

static void set_buf(unsigned int i, void *p, size_t size)
{
    bufs[i][0] = (unsigned long)p;
    bufs[i][1] = size;
    guest_fill(buf_passed[i], size, i);
    if ( p && !(raw & 1u << i) )
        memcpy(p, buf_passed[i], size);
}

static void check_buf(unsigned int i)
{
    guest_fill(buf_passed[i], bufs[i][1] / 2, 99 + i);
    CHECK(!memcmp((void *)bufs[i][0], buf_passed[i], bufs[i][1]));
}

/* The kernel's own, as an irqfd's, and a device model's, on its stack. */
START_TEST(dm)
{
    void *user = mmap((void *)GUEST_USER, PAGE_SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    enum place where, place;
    unsigned int i;

    CHECK(user == (void *)GUEST_USER);
    guest_has_user = true;
    for ( where = UNKNOWN; where < PLACES; where++ )
        for ( place = UNKNOWN; place < PLACES; place++ )
        {
            set_buf(0, guest_slot(place, 1, 24), 24);
            set_buf(1, user + 5, 101);
            set_buf(2, guest_slot(place, 2, 6000), 6000);
            CHECK_EQ(run_dm(where), 3);
            for ( i = 0; i < DM_BUFS; i++ )
                check_buf(i);
        }
    CHECK_EQ(guest_uncovered, 0);
    CHECK_EQ(guest_marshalled(), PLACES * PLACES);

    /* A program's that is not there, and none: Xen's to refuse. */
    raw = 6;
    set_buf(0, guest_slot(UNKNOWN, 1, 24), 24);
    set_buf(1, (void *)0x7000, 100);
    set_buf(2, NULL, 100);
    CHECK_EQ(run_dm(UNKNOWN), 3);
    check_buf(0);
    CHECK_EQ(guest_uncovered, 0);
}
END_TEST

/* What Xen does not write is not written: not to be written, or another's. */
static long xen_reads(unsigned long nr, const unsigned long arg[5])
{
    u64 (*list)[2] = guest_reach(arg[2], sizeof(bufs));
    u8 *p = guest_reach(list[0][0], list[0][1]);

    (void)nr;
    CHECK(!memcmp(p, buf_passed[0], 64));
    CHECK(!memcmp(guest_reach(list[1][0], 300), buf_passed[1], 300));
    p[10] ^= 1;
    p[12] ^= 1;
    p[13] ^= 1;
    p[63] ^= 1;
    /* Another thread of the device model's. */
    memset((void *)bufs[0][0], 0x77, 64);
    guest_bad_start = bufs[1][0];
    guest_bad_end = bufs[1][0] + 300;

    return answer;
}

static long xen_spoils(unsigned long nr, const unsigned long arg[5])
{
    u64 (*list)[2] = guest_reach(arg[2], sizeof(bufs));

    (void)nr;
    *(u8 *)list[0][0] ^= 1;
    guest_bad_start = bufs[0][0];
    guest_bad_end = bufs[0][0] + 64;

    return 0;
}

START_TEST(dm_reads)
{
    u8 *p = guest_slot(UNKNOWN, 1, 64), expected[64];

    set_buf(0, p, 64);
    set_buf(1, guest_slot(UNKNOWN, 2, 300), 300);
    set_buf(2, NULL, 0);
    memset(expected, 0x77, 64);
    expected[10] = buf_passed[0][10] ^ 1;
    expected[12] = buf_passed[0][12] ^ 1;
    expected[13] = buf_passed[0][13] ^ 1;
    expected[63] = buf_passed[0][63] ^ 1;
    answer = _i ? -EINVAL : 3;
    CHECK_EQ(run_dm_of(UNKNOWN, xen_reads), answer);
    guest_bad_end = 0;
    CHECK(!memcmp(p, expected, 64));

    /* What it writes, and cannot be written. */
    set_buf(0, p, 64);
    guest_bad_end = 0;
    CHECK_EQ(run_dm_of(UNKNOWN, xen_spoils), -EFAULT);
    guest_bad_end = 0;
}
END_TEST

/* Too large for all there is: it is Xen's to walk, or it is refused. */
START_TEST(dm_no_room)
{
    guest_no_heap = true;
    raw = 7;
    set_buf(0, (void *)0x7000, 6000);
    set_buf(1, (void *)0x7000, 6000);
    set_buf(2, NULL, 0);
    CHECK_EQ(run_dm(REGISTERED), 3);
    CHECK_EQ(guest_uncovered, 1);
    swtlb_strict = true;
    CHECK_EQ(run_dm(REGISTERED), -ENOMEM);
    CHECK_EQ(guest_refused, 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("dm");

    tcase_add_checked_fixture(tc, guest_init, guest_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_test(tc, dm);
    tcase_add_loop_test(tc, dm_reads, 0, 2);
    tcase_add_test(tc, dm_no_room);
    suite_add_tcase(s, tc);

    return s;
}
