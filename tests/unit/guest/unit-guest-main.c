/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In which order all is begun and ended, and what is done about events: that
 * the other parts are called, how that is done is theirs.
 */

#include "guest.h"

#define MB 0x100000ul

/* ---- what was called ---------------------------------------------------- */

static char events[2000];

static void event(const char *what)
{
    CHECK(strlen(events) + strlen(what) + 2 < sizeof(events));
    strcat(strcat(events, what), " ");
}

/* That it was nothing but this, since the last time. */
static void happened(const char *what)
{
    CHECK_MSG(!strcmp(events, what), "not '%s' but '%s'", what, events);
    *events = 0;
}

/* ---- Linux ------------------------------------------------------------- */

bool guest_on_xen = true, guest_pv, guest_offers = true;
struct work_struct *guest_work;
static bool locked;
static unsigned int held;               /* the module, by itself */
static struct notifier_block *memory, *reboot, *sleep_nb;
static struct syscore_ops *syscore;
static int (*cpu_up[3])(unsigned int cpu), (*cpu_down[3])(unsigned int cpu);
static int setup_error;                 /* of the second state */

void mutex_lock(struct mutex *m)
{
    CHECK(!locked);
    locked = true;
}

void mutex_unlock(struct mutex *m)
{
    CHECK(locked);
    locked = false;
}

void guest_module_get(void)
{
    held++;
}

static int tell_memory(unsigned long action)
{
    struct memory_notify m = { 100 * MB / PAGE_SIZE, MB / PAGE_SIZE };

    return memory->notifier_call(memory, action, &m);
}

/* Memory may come at once, which is seen when one looks at it then. */
int register_memory_notifier(struct notifier_block *nb)
{
    memory = nb;
    CHECK_EQ(tell_memory(MEM_GOING_ONLINE),
             guest_encrypted ? NOTIFY_DONE : NOTIFY_OK);

    return 0;
}

int register_reboot_notifier(struct notifier_block *nb)
{
    reboot = nb;

    return 0;
}

int register_pm_notifier(struct notifier_block *nb)
{
    sleep_nb = nb;

    return 0;
}

void unregister_memory_notifier(struct notifier_block *nb)
{
    CHECK(memory == nb);
    memory = NULL;
}

void unregister_reboot_notifier(struct notifier_block *nb)
{
    CHECK(reboot == nb);
    reboot = NULL;
}

void unregister_pm_notifier(struct notifier_block *nb)
{
    CHECK(sleep_nb == nb);
    sleep_nb = NULL;
}

void register_syscore_ops(struct syscore_ops *ops)
{
    syscore = ops;
}

void unregister_syscore_ops(struct syscore_ops *ops)
{
    CHECK(syscore == ops);
    syscore = NULL;
}

/* CPU 0 is there. */
int cpuhp_setup_state(int state, const char *name,
                      int (*up)(unsigned int cpu),
                      int (*down)(unsigned int cpu))
{
    int err = up(0);

    CHECK(!locked);
    if ( state == CPUHP_AP_ONLINE_DYN && setup_error )
        return setup_error;
    if ( err )
        return err;
    CHECK(!cpu_up[state]);
    cpu_up[state] = up;
    cpu_down[state] = down;

    return state;
}

void cpuhp_remove_state(int state)
{
    CHECK(cpu_up[state]);
    cpu_up[state] = NULL;
}

/* ---- the rest of the module --------------------------------------------- */

static int takeover_error, strict_error, prepare_error, add_error;
static int ranges_error, memory_error;
static bool taken_over, carries, device_wanted, xen_strict;
static unsigned int limit, xen_limit;

int swtlb_query(u32 vcpu, unsigned int what, unsigned int index,
                union swtlb_answer *answer)
{
    CHECK(locked);
    CHECK_EQ(what, XEN_SWTLB_QUERY_limits);
    if ( !xen_limit )
        return -ENOSYS;
    answer->limits.max_entries = xen_limit;

    return 0;
}

void swtlb_table_adopt(struct swtlb_ranges *old)
{
    CHECK(!old);
}

void swtlb_table_set(struct swtlb_ranges *new)
{
    CHECK(locked);
    event("set");
    kfree(new);
}

void swtlb_table_limit(unsigned int max)
{
    limit = max;
}

void swtlb_table_suspend(void)
{
    event("suspend");
}

void swtlb_table_resume(void)
{
    event("resume");
}

int swtlb_table_prepare_cpu(unsigned int cpu)
{
    event("prepare");

    return prepare_error;
}

int swtlb_table_add_cpu(unsigned int cpu)
{
    event("add");

    return add_error;
}

void swtlb_table_cpu_leaves(unsigned int cpu)
{
    event("leaves");
}

void swtlb_table_remove_cpu(unsigned int cpu)
{
    event("remove");
}

void swtlb_table_stop(void)
{
    event("stop");
}

void swtlb_table_forget(void)
{
    event("forget");
}

int swtlb_table_strict(void)
{
    event("strict");
    swtlb_strict = !strict_error;

    return strict_error;
}

int swtlb_ranges_init(bool directmap, bool image)
{
    CHECK(locked);
    event(directmap ? "ranges" : "ranges-none");

    return ranges_error;
}

void swtlb_ranges_exit(void)
{
}

int swtlb_ranges_memory(u64 start, u64 end, bool present)
{
    CHECK(locked);
    CHECK_EQ(start, 100 * MB);
    CHECK_EQ(end, 101 * MB);
    event(present ? "comes" : "goes");

    return memory_error;
}

struct swtlb_ranges *swtlb_ranges_get(unsigned int max, unsigned int pinned)
{
    CHECK_EQ(max, limit);

    return kmalloc(sizeof(struct swtlb_ranges), 0);
}

int swtlb_takeover_start(bool carry)
{
    event(carry ? "carry" : "guard");
    if ( takeover_error )
        return takeover_error;
    taken_over = true;
    carries = carry;

    return 0;
}

void swtlb_takeover_stop(void)
{
    taken_over = carries = false;
    event("give-back");
}

void swtlb_takeover_settle(void)
{
    /* It stops the machine: see make_strict(). */
    CHECK(!locked);
    event("settle");
}

void swtlb_filter_wait(bool on)
{
    CHECK(locked || !on);
    event(on ? "wait" : "no-wait");
}

bool swtlb_taken_over(void)
{
    return taken_over;
}

bool swtlb_carries(void)
{
    return carries;
}

bool swtlb_device_wanted(void)
{
    return device_wanted;
}

void swtlb_device_init(bool active)
{
    event(active ? "device" : "plain");
}

void swtlb_device_exit(void)
{
}

void swtlb_status_init(void)
{
}

void swtlb_status_exit(void)
{
}

/* ---- Xen --------------------------------------------------------------- */

static long xen(unsigned long nr, const unsigned long arg[5])
{
    struct xen_swtlb_limits *limits = (void *)arg[2];
    struct xen_swtlb_state *state = (void *)arg[2];

    CHECK_EQ(nr, __HYPERVISOR_vcpu_op);
    if ( arg[0] == VCPUOP_swtlb_insert )
        return 0;
    CHECK_EQ(arg[0], VCPUOP_swtlb_query);
    guest_reach(arg[2], 16);
    if ( arg[3] == XEN_SWTLB_QUERY_limits )
        *limits = (struct xen_swtlb_limits){ .max_entries = 64 };
    else
        *state = (struct xen_swtlb_state){
            .flags = xen_strict ? XEN_SWTLB_STATE_strict : 0
        };

    return 0;
}

static void init(void)
{
    guest_init();
    guest_hypercall = xen;
}

static void fini(void)
{
    CHECK(!locked);
    guest_fini();
}


static void begin(const char *rest)
{
    char expected[100];

    CHECK_EQ(guest_module_init(), 0);
    CHECK_EQ(limit, 64);
    snprintf(expected, sizeof(expected), "ranges set add %sdevice ", rest);
    happened(expected);
    CHECK(!swtlb_idle_reason());
}

/* ---- beginning and end -------------------------------------------------- */

START_TEST(idle)
{
    switch ( _i )
    {
    case 0: guest_on_xen = false; break;
    case 1: guest_pv = true; break;
    case 2: guest_offers = false; break;
    default:
        *guest_param_directmap() = *guest_param_image() =
            *guest_param_marshal() = false;
    }
    CHECK_EQ(guest_module_init(), 0);
    happened("plain ");
    CHECK(swtlb_idle_reason());
    CHECK(!memory && !reboot && !sleep_nb && !syscore);
    CHECK_EQ(guest_logged, 1);
    guest_module_exit();
    happened("");
}
END_TEST

START_TEST(usual)
{
    begin("carry ");
    CHECK(!held);
    guest_module_exit();
    happened("give-back stop forget ");
    CHECK(!memory && !reboot && !sleep_nb && !syscore);
    CHECK(!cpu_up[1] && !cpu_up[2]);
}
END_TEST

/* Something fails on the way: nothing is left, and it says so. */
START_TEST(fails)
{
    if ( _i )
        setup_error = -EBUSY;
    else
        ranges_error = -ENOMEM;
    CHECK_EQ(guest_module_init(), 0);
    happened(_i ? "ranges set add give-back stop forget plain " :
                  "ranges give-back stop forget plain ");
    CHECK(swtlb_idle_reason());
    CHECK(!memory && !reboot && !sleep_nb && !syscore);
    CHECK(!cpu_up[1] && !cpu_up[2]);
}
END_TEST

/* Early it fails; and when the module's turn comes it does not. */
START_TEST(fails_early)
{
    ranges_error = -ENOMEM;
    CHECK_EQ(swtlb_begin_early(), -ENOMEM);
    happened("ranges give-back stop forget ");
    ranges_error = 0;
    begin("carry ");
}
END_TEST

/* Early it does not, and then goes on. */
START_TEST(early)
{
    CHECK_EQ(swtlb_begin_early(), 0);
    happened("ranges set carry ");
    CHECK_EQ(swtlb_watch_starts(), 0);
    CHECK_EQ(guest_module_init(), 0);
    /* Changes of memory are followed from the notifier's first call on. */
    happened("comes set add device ");
    swtlb_refresh();
    happened("ranges set ");
}
END_TEST

/* ---- strict ------------------------------------------------------------- */

/* All that is under way has been seen before. */
START_TEST(strict)
{
    *guest_param_strict() = true;
    begin("carry wait settle strict ");
    CHECK_EQ(held, 1);
}
END_TEST

/* Never without carrying: Linux would not survive it. */
START_TEST(not_strict)
{
    *guest_param_strict() = true;
    switch ( _i )
    {
    case 0:
        *guest_param_marshal() = false;
        begin("");
        break;
    case 1:
        *guest_param_marshal() = false;
        device_wanted = true;
        begin("guard ");
        break;
    case 2:
        takeover_error = -ENOENT;
        begin("carry ");
        break;
    default:
        strict_error = -EBUSY;
        begin("carry wait settle strict no-wait ");
    }
    CHECK(!swtlb_strict);
    CHECK_EQ(held, 0);
}
END_TEST

/* Where Xen does not walk from the start on all is carried, asked or not. */
START_TEST(strict_already)
{
    xen_strict = !_i;
    if ( _i )
    {
        swtlb_buf_exit();
        guest_encrypted = true;
    }
    *guest_param_marshal() = false;
    CHECK_EQ(guest_module_init(), 0);
    happened(_i ? "ranges-none set prepare add carry device " :
                  "ranges set prepare add carry device ");
    CHECK_EQ(held, 1);
    CHECK(!swtlb_may_walk());
}
END_TEST

/* Usual, strict, or encrypted. */
static void begin_as(int how)
{
    if ( how == 2 )
    {
        swtlb_buf_exit();
        guest_encrypted = true;
    }
    xen_strict = how == 1;
    CHECK_EQ(guest_module_init(), 0);
    *events = 0;
}

/* ---- events ------------------------------------------------------------- */

/* The entries last until the reset where nothing goes without. */
START_TEST(going_down)
{
    begin_as(_i);
    CHECK_EQ(reboot->notifier_call(reboot, 1, NULL), NOTIFY_DONE);
    happened(_i ? "" : "stop ");
}
END_TEST

/* Registered before anybody can have it, or it does not come. */
START_TEST(memory_comes)
{
    begin_as(_i);
    CHECK_EQ(tell_memory(MEM_GOING_ONLINE), NOTIFY_OK);
    happened("comes set ");
    CHECK_EQ(tell_memory(MEM_ONLINE), NOTIFY_DONE);
    happened("");
    CHECK_EQ(tell_memory(MEM_CANCEL_ONLINE), NOTIFY_OK);
    happened("goes set ");
    CHECK_EQ(tell_memory(MEM_OFFLINE), NOTIFY_OK);
    happened("goes set ");

    memory_error = -ENOMEM;
    CHECK_EQ(tell_memory(MEM_GOING_ONLINE),
             _i ? notifier_from_errno(-ENOMEM) : NOTIFY_OK);
    happened("comes ");
}
END_TEST

/* An image cannot be loaded where this kernel's entries have to stay. */
START_TEST(hibernates)
{
    begin_as(_i);
    CHECK_EQ(sleep_nb->notifier_call(sleep_nb, PM_SUSPEND_PREPARE, NULL),
             NOTIFY_DONE);
    CHECK_EQ(sleep_nb->notifier_call(sleep_nb, PM_RESTORE_PREPARE, NULL),
             _i ? NOTIFY_BAD : NOTIFY_DONE);
}
END_TEST

/* When it wakes up it may be on another Xen. */
START_TEST(wakes_up)
{
    static const unsigned int limits[] = { 64, 64, 20, 0, 128 };
    unsigned int i;

    begin_as(0);
    for ( i = 0; i < ARRAY_SIZE(limits); i++ )
    {
        unsigned int before = limit;

        CHECK_EQ(syscore->suspend(), 0);
        happened("suspend ");
        xen_limit = limits[i];
        syscore->resume();
        happened("resume ");
        CHECK(guest_work);
        guest_work->func(guest_work);
        happened(xen_limit && xen_limit != before ? "set " : "");
        CHECK_EQ(limit, xen_limit ?: before);
    }
}
END_TEST

/* A CPU without entries is of use only where Xen walks. */
START_TEST(cpus)
{
    begin_as(_i);
    CHECK_EQ(cpu_up[1](1), 0);
    CHECK_EQ(cpu_up[2](1), 0);
    happened(_i ? "prepare add " : "add ");
    CHECK_EQ(cpu_down[2](1), 0);
    CHECK_EQ(cpu_down[1](1), 0);
    happened("leaves remove ");

    prepare_error = add_error = -ENOMEM;
    CHECK_EQ(cpu_up[1](1), _i ? -ENOMEM : 0);
    CHECK_EQ(cpu_up[2](1), _i ? -ENOMEM : 0);
}
END_TEST

/* Those that are there already are not sent away. */
START_TEST(cpus_there)
{
    add_error = -ENOMEM;
    xen_strict = true;
    CHECK_EQ(guest_module_init(), 0);
    CHECK(!swtlb_idle_reason());
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create(UNIT_NAME);
    TCase *tc = tcase_create("main");

    tcase_add_checked_fixture(tc, init, fini);
    tcase_set_timeout(tc, UNIT_LIMIT);
    tcase_add_loop_test(tc, idle, 0, 4);
    tcase_add_test(tc, usual);
    tcase_add_loop_test(tc, fails, 0, 2);
    tcase_add_test(tc, fails_early);
    tcase_add_test(tc, early);
    tcase_add_test(tc, strict);
    tcase_add_loop_test(tc, not_strict, 0, 4);
    tcase_add_loop_test(tc, strict_already, 0, 2);
    tcase_add_loop_test(tc, going_down, 0, 3);
    tcase_add_loop_test(tc, memory_comes, 0, 2);
    tcase_add_loop_test(tc, hibernates, 0, 3);
    tcase_add_test(tc, wakes_up);
    tcase_add_loop_test(tc, cpus, 0, 2);
    tcase_add_test(tc, cpus_there);
    suite_add_tcase(s, tc);

    return s;
}
