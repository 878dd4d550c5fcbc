/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU that is reset by INIT, that goes down or that is taken down has no
 * table any more; one that shared it with the vCPU keeps it.
 */

#include <pvh.h>

TEST_TITLE("a vCPU's table ends with INIT and with going down");

#define GPA 0x1000000ul

static uint8_t *page;

static void insert_three(unsigned int vcpuid)
{
    unsigned int i;

    for ( i = 0; i < 3; i++ )
        CHECK_RC(swtlb_insert(vcpuid, WINDOW + i * PAGE_SIZE, gpa_of(page),
                              PAGE_SIZE), 0);
    CHECK_ENTRIES(vcpuid, 3);
    CHECK_EQ(swtlb_state(vcpuid).nr_sharers, 1);
}

static void check_none(unsigned int vcpuid)
{
    CHECK_ENTRIES(vcpuid, 0);
    CHECK_EQ(swtlb_state(vcpuid).nr_sharers, 0);
}

static void take(void *rc)
{
    *(long *)rc = xen_take(WINDOW, 200);
}

static void check_misses(unsigned int vcpuid)
{
    long rc = 1;

    vcpu_run(vcpuid, take, &rc);
    CHECK_RC(rc, -XEN_EFAULT);
}

static void test_init(void)
{
    insert_three(1);
    vcpu_init(1);
    check_none(1);
    vcpu_sipi(1);
    check_none(1);
    check_misses(1);

    /* Also one that has been reset already, and is not up. */
    insert_three(1);
    vcpu_init(1);
    check_none(1);
    vcpu_start(1);
    check_none(1);
    check_misses(1);
}

static void test_down(void)
{
    insert_three(1);
    vcpu_down(1);
    check_none(1);
    vcpu_up(1);
    check_none(1);
    check_misses(1);
}

static void spin(void *stop)
{
    while ( !*(volatile bool *)stop )
        hypercall_yield();
}

/* By another vCPU, in the middle of what it does. */
static void test_taken_down(void)
{
    bool stop = false;

    insert_three(1);
    vcpu_call(1, spin, &stop);
    CHECK_RC(hypercall_vcpu_op(VCPUOP_down, 1, NULL), 0);
    check_none(1);
    CHECK_RC(hypercall_vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    ACCESS_ONCE(stop) = true;
    vcpu_up(1);
    vcpu_wait(1);
    check_none(1);
}

static void halt(void *unused)
{
    (void)unused;
    asm volatile ( "cli; hlt" );
}

/* hlt with interrupts off is how a vCPU goes down without a hypercall. */
static void test_halt(void)
{
    insert_three(1);
    vcpu_call(1, halt, NULL);
    wait_until(hypercall_vcpu_op(VCPUOP_is_up, 1, NULL) == 0);
    check_none(1);
    vcpu_up(1);
    vcpu_wait(1);
}

static void test_shared(void)
{
    static struct swtlb_snap before;

    insert_three(0);
    swtlb_snap(0, &before);
    CHECK_RC(swtlb_share(1, 0), 0);
    CHECK_EQ(swtlb_state(0).nr_sharers, 2);
    vcpu_init(1);
    check_none(1);
    CHECK_SAME(&before, 0);
    CHECK_RC(xen_take(WINDOW, 200), 0);

    CHECK_RC(swtlb_share(1, 0), 0);
    vcpu_start(1);
    vcpu_down(1);
    check_none(1);
    CHECK_SAME(&before, 0);
    vcpu_up(1);
    CHECK_RC(swtlb_purge_all(0), 0);
}

void test_main(void)
{
    swtlb_require();
    vcpu_require(2);
    page = alloc_pages(1);
    vcpu_start(1);

    test_init();
    test_down();
    test_taken_down();
    test_halt();
    test_shared();
}
