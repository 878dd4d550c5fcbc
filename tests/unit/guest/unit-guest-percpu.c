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
    swtlb_buf_put(q);
    swtlb_buf_put(p);
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
    swtlb_buf_put(p);
}
END_TEST

/* Each CPU has its own; all are inside of what Xen is told of. */
START_TEST(cpus)
{
    u8 *p[GUEST_CPUS];
    u64 start, size;
    unsigned int i;
    size_t all = room();

    CHECK(swtlb_buf_area(0, &start, &size));
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
        swtlb_buf_put(p[i]);
    }
    guest_switch(0);
}
END_TEST

/* How many pieces of memory there are; each CPU's own is in one of them. */
static unsigned int count_areas(size_t each)
{
    unsigned int n, cpu, other;
    u64 start, size, in;
    u8 *p[GUEST_CPUS];

    for ( n = 0; swtlb_buf_area(n, &start, &size); n++ )
        ;
    for ( cpu = 0; cpu < GUEST_CPUS; cpu++ )
    {
        swtlb_buf_enable(cpu, true);
        guest_switch(cpu);
        CHECK_EQ(room(), each);
        p[cpu] = swtlb_buf_get(each);
        for ( in = 0; swtlb_buf_area(in, &start, &size); in++ )
            if ( (u64)(unsigned long)p[cpu] - start < size )
                break;
        CHECK(in < n);
        CHECK((u64)(unsigned long)p[cpu] + each <= start + size);
        for ( other = 0; other < cpu; other++ )
            CHECK(p[other] + each <= p[cpu] || p[cpu] + each <= p[other]);
        swtlb_buf_put(p[cpu]);
    }
    guest_switch(0);

    return n;
}

/* A piece for each node; and more, if that takes more than is to be had. */
START_TEST(areas)
{
    static const struct {
        unsigned int nodes, largest, areas;
    } cases[] = {
        { 1, 1024, 1 }, { 2, 1024, 2 }, { 4, 1024, 4 },
        { 1, 8, 2 }, { 1, 4, 4 }, { 2, 4, 4 },
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(cases); i++ )
    {
        swtlb_buf_exit();
        guest_nodes = cases[i].nodes;
        guest_largest = cases[i].largest;
        CHECK_EQ(swtlb_buf_init(), 0);
        CHECK_EQ(count_areas(SWTLB_BUF_PAGES * PAGE_SIZE), cases[i].areas);
    }
}
END_TEST

/* Not all nodes have so much: then each CPU gets less, and none nothing. */
START_TEST(little_memory)
{
    swtlb_buf_exit();
    guest_nodes = 2;
    guest_pieces_left = 1;
    CHECK_EQ(swtlb_buf_init(), -ENOMEM);
    CHECK_EQ(guest_allocated, 0);

    guest_pieces_left = ~0u;
    guest_largest = 2;
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK_EQ(count_areas(2 * PAGE_SIZE), 4);
}
END_TEST

/*
 * A CPU without entries has no buffer.  It asks for entries until it has an
 * answer: another CPU may have kept it from getting one.
 */
START_TEST(without_entries)
{
    void *p;

    swtlb_buf_enable(0, false);
    CHECK_EQ(room(), 0);
    CHECK_EQ(guest_joined, 1);
    CHECK(!swtlb_buf_get(16));
    CHECK_EQ(guest_joined, 1);

    guest_join_error = -EAGAIN;
    swtlb_buf_enable(0, false);
    CHECK(!swtlb_buf_get(16));
    CHECK(!swtlb_buf_get(16));
    CHECK_EQ(guest_joined, 3);

    guest_join_error = 0;
    swtlb_buf_enable(0, false);
    p = swtlb_buf_get(16);
    CHECK(p);
    CHECK_EQ(guest_joined, 4);
    swtlb_buf_put(p);

    /* It goes while a buffer is in use, which is given back all the same. */
    p = swtlb_buf_get(16);
    guest_join_error = -ENODEV;
    swtlb_buf_enable(0, false);
    swtlb_buf_put(p);
    swtlb_buf_enable(0, true);
    CHECK_EQ(room(), SWTLB_BUF_PAGES * PAGE_SIZE);
}
END_TEST

/* ---- encrypted --------------------------------------------------------- */

START_TEST(decrypted)
{
    u64 start, size, i;

    swtlb_buf_exit();
    guest_encrypted = true;
    CHECK_EQ(guest_decrypted, 0);
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK(swtlb_buf_area(0, &start, &size));
    CHECK_EQ(guest_decrypted, size / PAGE_SIZE);
    /* Once is enough. */
    CHECK_EQ(swtlb_buf_init(), 0);
    CHECK_EQ(guest_decrypted, size / PAGE_SIZE);

    swtlb_buf_exit();
    CHECK_EQ(guest_decrypted, 0);
    CHECK_EQ(guest_allocated, 0);
    CHECK(!swtlb_buf_area(0, &start, &size));
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
    CHECK(!swtlb_buf_area(0, &start, &size));
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
    CHECK(!swtlb_buf_area(0, &start, &size));
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
    CHECK(!swtlb_buf_area(0, &start, &size));
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
    tcase_add_test(tc, areas);
    tcase_add_test(tc, little_memory);
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
