/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUs' buffers: the stack that each is, and how their memory is got, with
 * a platform that says that memory is encrypted.
 */

#include "guest.h"

static size_t room(void)
{
    return swtlb_buf_room();
}

START_TEST(stack)
{
    size_t all = room();
    u8 *p, *q;

    CHECK_EQ(all, SWTLB_BUF_PAGES * PAGE_SIZE);
    p = swtlb_buf_get(1);
    CHECK(p && !((unsigned long)p & 15));
    CHECK_EQ(guest_preempt_count, 1);
    CHECK_EQ(room(), all - 16);
    q = swtlb_buf_get(17);
    CHECK_EQ(q - p, 16);
    CHECK_EQ(room(), all - 48);
    swtlb_buf_put(q, 17);
    swtlb_buf_put(p, 1);
    CHECK_EQ(guest_preempt_count, 0);
    CHECK_EQ(room(), all);

    CHECK(!swtlb_buf_get(all + 1));
    CHECK(!swtlb_buf_get(~0ul));
    CHECK(!swtlb_buf_get(~0ul - 8));
    CHECK_EQ(guest_preempt_count, 0);
    p = swtlb_buf_get(all);
    CHECK(p);
    memset(p, 1, all);
    CHECK_EQ(room(), 0);
    CHECK(!swtlb_buf_get(1));
    swtlb_buf_put(p, all);
}
END_TEST

/* Each CPU has its own; all are inside of what Xen is told of. */
START_TEST(cpus)
{
    u8 *p[GUEST_CPUS];
    u64 start, size;
    unsigned int i;
    size_t all = room();

    CHECK(swtlb_buf_area(&start, &size));
    CHECK_EQ(start % PAGE_SIZE, 0);
    CHECK_EQ(size % PAGE_SIZE, 0);
    for ( i = 0; i < GUEST_CPUS; i++ )
    {
        guest_switch(i);
        p[i] = swtlb_buf_get(all);
        CHECK(p[i]);
        CHECK((u64)(unsigned long)p[i] >= start);
        CHECK((u64)(unsigned long)p[i] + all <= start + size);
        memset(p[i], i, all);
    }
    for ( i = 0; i < GUEST_CPUS; i++ )
    {
        guest_switch(i);
        CHECK_EQ(p[i][0], i);
        CHECK_EQ(p[i][all - 1], i);
        swtlb_buf_put(p[i], all);
    }
    guest_switch(0);
}
END_TEST

/* A CPU without entries has no buffer, and asks for entries once. */
START_TEST(without_entries)
{
    void *p;

    swtlb_buf_enable(0, false);
    CHECK_EQ(room(), 0);
    CHECK_EQ(guest_joined, 1);
    CHECK(!swtlb_buf_get(16));
    CHECK_EQ(guest_joined, 1);

    guest_joins = true;
    swtlb_buf_enable(0, false);
    p = swtlb_buf_get(16);
    CHECK(p);
    CHECK_EQ(guest_joined, 2);
    swtlb_buf_put(p, 16);

    /* It goes while a buffer is in use, which is given back all the same. */
    p = swtlb_buf_get(16);
    guest_joins = false;
    swtlb_buf_enable(0, false);
    swtlb_buf_put(p, 16);
    swtlb_buf_enable(0, true);
    CHECK_EQ(room(), SWTLB_BUF_PAGES * PAGE_SIZE);
}
END_TEST

/* ---- encrypted ---------------------------------------------------------- */

START_TEST(decrypted)
{
    u64 start, size, i;

    swtlb_buf_exit();
    guest_encrypted = true;
    CHECK_EQ(guest_decrypted, 0);
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK(swtlb_buf_area(&start, &size));
    CHECK_EQ(guest_decrypted, size / PAGE_SIZE);
    /* Once is enough. */
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK_EQ(guest_decrypted, size / PAGE_SIZE);

    swtlb_buf_exit();
    CHECK_EQ(guest_decrypted, 0);
    CHECK_EQ(guest_allocated, 0);
    CHECK(!swtlb_buf_area(&start, &size));
    for ( i = 0; i < GUEST_CPUS; i++ )
    {
        swtlb_buf_enable(i, true);
        guest_switch(i);
        CHECK_EQ(room(), 0);
    }
    guest_switch(0);
}
END_TEST

/* In a guest that is not, nothing is decrypted. */
START_TEST(not_encrypted)
{
    CHECK_EQ(guest_decrypted, 0);
    swtlb_buf_exit();
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK_EQ(guest_decrypted, 0);
}
END_TEST

/* Pages that could not be decrypted, but encrypted again, are free. */
START_TEST(cannot_decrypt)
{
    u64 start, size;

    swtlb_buf_exit();
    guest_encrypted = true;
    guest_decrypt_error = -EIO;
    CHECK(swtlb_buf_init() < 0);
    CHECK(!swtlb_buf_area(&start, &size));
    CHECK_EQ(guest_allocated, 0);
    swtlb_buf_enable(0, true);
    CHECK_EQ(room(), 0);
    CHECK(!swtlb_buf_get(16));
}
END_TEST

/* Pages that cannot be encrypted again are lost, not used again. */
START_TEST(cannot_encrypt)
{
    u64 start, size;

    swtlb_buf_exit();
    guest_encrypted = true;
    CHECK_EQ(swtlb_buf_init(), 0);
    guest_encrypt_error = -EIO;
    swtlb_buf_exit();
    CHECK_EQ(guest_allocated, 1);
    CHECK(!swtlb_buf_area(&start, &size));
    CHECK_EQ(guest_logged, 1);
    guest_allocated = 0;
}
END_TEST

START_TEST(no_memory)
{
    u64 start, size;

    swtlb_buf_exit();
    guest_no_heap = true;
    CHECK_EQ(swtlb_buf_init(), -ENOMEM);
    CHECK(!swtlb_buf_area(&start, &size));
    CHECK_EQ(room(), 0);
}
END_TEST

/* Hypercalls of an encrypted guest, all from memory that Xen cannot see. */
static long xen_encrypted(unsigned long nr, const unsigned long arg[5])
{
    (void)nr;
    *(u32 *)guest_reach(arg[1] + 8, 4) = *(u32 *)guest_reach(arg[1], 4) + 1;

    return 0;
}

START_TEST(carried)
{
    enum place place;

    guest_encrypted = true;
    guest_hypercall = xen_encrypted;
    for ( place = UNKNOWN; place < PLACES; place++ )
    {
        /* EVTCHNOP_bind_virq */
        u32 *p = guest_place(place, 12) + (place == CROSSING ? 2 : 0);

        p[0] = 40;
        p[1] = p[2] = 0;
        CHECK_EQ(guest_issue(__HYPERVISOR_event_channel_op, 1,
                             (unsigned long)p, 0, 0), 0);
        CHECK_EQ(p[2], 41);
    }
    CHECK_EQ(guest_marshalled(), PLACES);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("percpu");

    tcase_add_checked_fixture(tc, guest_init, guest_fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_test(tc, stack);
    tcase_add_test(tc, cpus);
    tcase_add_test(tc, without_entries);
    tcase_add_test(tc, decrypted);
    tcase_add_test(tc, not_encrypted);
    tcase_add_test(tc, cannot_decrypt);
    tcase_add_test(tc, cannot_encrypt);
    tcase_add_test(tc, no_memory);
    tcase_add_test(tc, carried);
    suite_add_tcase(s, tc);

    return s;
}
