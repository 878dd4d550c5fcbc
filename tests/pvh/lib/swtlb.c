/* SPDX-License-Identifier: GPL-2.0-only */
/* The software TLB's state as a test wants it. */

#include <pvh.h>

void swtlb_require(void)
{
    if ( !swtlb_present() )
        test_abort(VERDICT_skip, "this Xen has no software TLB");
}

struct xen_swtlb_limits swtlb_limits(void)
{
    struct xen_swtlb_limits limits = {};

    CHECK_RC(swtlb_query(0, &limits, XEN_SWTLB_QUERY_limits, 0), 0);

    return limits;
}

struct xen_swtlb_state swtlb_state(unsigned int vcpuid)
{
    struct xen_swtlb_state state = {};

    CHECK_RC(swtlb_query(vcpuid, &state, XEN_SWTLB_QUERY_state, 0), 0);

    return state;
}

struct xen_swtlb_stats swtlb_stats(unsigned int vcpuid)
{
    struct xen_swtlb_stats stats = {};

    CHECK_RC(swtlb_query(vcpuid, &stats, XEN_SWTLB_QUERY_stats, 0), 0);

    return stats;
}

void swtlb_snap(unsigned int vcpuid, struct swtlb_snap *snap)
{
    unsigned int i;

    memset(snap, 0, sizeof(*snap));
    snap->state = swtlb_state(vcpuid);
    for ( i = 0; i < MIN(snap->state.nr_entries, SWTLB_SNAP_ENTRIES); i++ )
        CHECK_RC(swtlb_query(vcpuid, &snap->entry[i], XEN_SWTLB_QUERY_entry,
                             i), 0);
}

static bool same(const struct swtlb_snap *before, unsigned int vcpuid)
{
    static struct swtlb_snap now;

    swtlb_snap(vcpuid, &now);

    return !memcmp(&now, before, sizeof(now));
}

bool swtlb_check_same(const char *file, unsigned int line,
                      const struct swtlb_snap *before, unsigned int vcpuid)
{
    return check_true(file, line, "the table is what it was",
                      same(before, vcpuid));
}

bool swtlb_check_refused(const char *file, unsigned int line,
                         const char *what, long rc, long expected,
                         const struct swtlb_snap *before, unsigned int vcpuid)
{
    bool ok = check_rc(file, line, what, rc, expected);

    if ( !same(before, vcpuid) )
    {
        test_failure("line %u: %s has changed the table", line, what);
        ok = false;
    }

    return ok;
}

bool swtlb_check_entry(const char *file, unsigned int line,
                       unsigned int vcpuid, unsigned int index,
                       unsigned long gva, uint64_t gpa, unsigned long size,
                       unsigned int flags)
{
    struct xen_swtlb_entry entry = { .reserved = ~0u, .flags = ~0u };
    long rc = swtlb_query(vcpuid, &entry, XEN_SWTLB_QUERY_entry, index);

    return check_rc(file, line, "query of an entry", rc, 0) &
           check_eq(file, line, "the entry's gva", entry.gva, gva) &
           check_eq(file, line, "the entry's gpa", entry.gpa, gpa) &
           check_eq(file, line, "the entry's size", entry.size, size) &
           check_eq(file, line, "the entry's flags", entry.flags, flags) &
           check_eq(file, line, "reserved", entry.reserved, 0);
}
