/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the status file means: what is covered, what is not, and what to do
 * about it.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* What libxencall opens, and what it is where programs' buffers register. */
#define HYPERCALL_DEVICE  "/dev/xen/hypercall"
#define OUR_DEVICE        "swtlb"

/*
 * Of so many hypercalls of the kernel one may be walked for, and all is well:
 * a kernel makes some few that nobody can foresee.  The module's tests take
 * the same for enough.
 */
#define ONE_IN            200

static void __attribute__((__format__(printf, 4, 5)))
find(struct verdict *v, const char *code, const char *advice,
     const char *format, ...)
{
    struct finding *f = &v->finding[v->nr];
    va_list args;

    if ( v->nr == MAX_FINDINGS )
        return;
    v->nr++;
    f->code = code;
    f->advice = advice;
    va_start(args, format);
    vsnprintf(f->text, sizeof(f->text), format, args);
    va_end(args);
}

uint64_t status_sum(const struct status *s, const char *kind,
                    const char *name)
{
    uint64_t sum = 0;
    size_t i;

    for ( i = 0; i < s->nr_lines; i++ )
        if ( line_is(&s->line[i], kind) )
            sum += line_uint(&s->line[i], name);
    return sum;
}

const struct line *status_first(const struct status *s, const char *kind)
{
    size_t i;

    for ( i = 0; i < s->nr_lines; i++ )
        if ( line_is(&s->line[i], kind) )
            return &s->line[i];
    return NULL;
}

/* ---- idle -------------------------------------------------------------- */

/* By what the module says; see its find_reason_to_idle(). */
static void judge_idle(const struct status *s, struct verdict *v)
{
    static const struct {
        const char *part, *code, *advice;
    } reason[] = {
        { "not on Xen", "not-on-xen",
          "nothing: this system does not run on Xen" },
        { "PV guest", "pv-guest",
          "nothing here: Xen walks nothing for a PV guest, and its PVH and "
          "HVM domUs gain by themselves; or boot dom0 as PVH, see "
          "docs/install.md" },
        { "no software TLB", "no-swtlb",
          "boot the patched Xen, without swtlb=off" },
        { "xen_swtlb=off", "kernel-off",
          "boot Linux without xen_swtlb=off" },
        { "parameters", "parameters",
          "load the module with directmap, image or marshal on" },
        { "", "failed",
          "see the kernel's log: dmesg | grep xen-swtlb" },
    };
    unsigned int i;

    for ( i = 0; !strstr(s->idle, reason[i].part); i++ )
        ;
    v->level = "idle";
    snprintf(v->summary, sizeof(v->summary),
             "Idle: the module is loaded and registers nothing: %s", s->idle);
    find(v, reason[i].code, reason[i].advice, "%s", s->idle);
}

/* ---- active ------------------------------------------------------------ */

static void judge_cpus(const struct status *s, struct verdict *v)
{
    const struct line *limits = status_first(s, "limits");
    uint64_t max = limits ? line_uint(limits, "max_entries") : 0;
    unsigned int errors = 0, empty = 0, full = 0;
    size_t i;

    for ( i = 0; i < s->nr_lines; i++ )
    {
        const struct line *l = &s->line[i];

        if ( !line_is(l, "cpu") )
            continue;
        if ( line_get(l, "error") )
            errors++;
        else if ( !line_uint(l, "entries") )
            empty++;
        else if ( max && line_uint(l, "entries") >= max )
            full++;
    }
    if ( limits && line_get(limits, "error") )
        find(v, "no-limits", "see the kernel's log: dmesg | grep xen-swtlb",
             "Xen does not say what it offers: error %s",
             line_get(limits, "error"));
    if ( errors )
        find(v, "cpu-error", "see the kernel's log: dmesg | grep xen-swtlb",
             "Xen does not say what %u CPU(s) have registered", errors);
    if ( empty )
        find(v, "cpu-empty", "see the kernel's log: dmesg | grep xen-swtlb",
             "%u CPU(s) have no entries: Xen walks all their copies", empty);
    if ( full )
        find(v, "table-full",
             "boot Xen with swtlb=max-entries=N, N being more",
             "the table has no room for more than its %" PRIu64 " entries",
             max);
}

static void judge_kernel(const struct status *s, struct verdict *v)
{
    uint64_t uncovered = status_sum(s, "hypercalls", "uncovered");
    uint64_t all = uncovered + status_sum(s, "hypercalls", "passed") +
                   status_sum(s, "hypercalls", "marshalled");
    uint64_t refused = status_sum(s, "cpu", "refused") +
                       status_sum(s, "hypercalls", "refused");
    uint64_t away = status_sum(s, "away", "refused");

    if ( uncovered > all / ONE_IN )
        find(v, "uncovered", "see which: xen-swtlb status --all",
             "%" PRIu64 " of %" PRIu64 " hypercalls of the kernel were not "
             "covered, and Xen walked", uncovered, all);
    /* What Xen cannot write for a CPU that is offline does no harm. */
    if ( refused > away )
        find(v, "refused", "see which: xen-swtlb status --all, and dmesg",
             "%" PRIu64 " copies were refused, as this domain is strict: "
             "hypercalls failed", refused - away);
}

static void judge_device(const struct status *s, struct verdict *v)
{
    const struct line *device = status_first(s, "device");
    char target[16] = "";
    ssize_t n;

    if ( !device )
    {
        find(v, "no-device", "load the module with device=1",
             "the module offers programs no memory: Xen walks for theirs");
        return;
    }
    if ( line_get(device, "mode") &&
         !strcmp(line_get(device, "mode"), "plain") )
    {
        find(v, "device-plain", "see docs/device.md: this Xen does not "
             "offer it, or the guest is encrypted",
             "the memory of programs cannot be registered: Xen walks");
        return;
    }
    if ( line_uint(device, "limited") )
        find(v, "device-limited", "raise the parameters device_entries and "
             "device_process, and Xen's swtlb=max-entries=",
             "%" PRIu64 " of %" PRIu64 " mappings of programs reached a "
             "limit: Xen walks for these",
             line_uint(device, "limited"), line_uint(device, "mapped"));
    if ( line_uint(device, "waiting") )
        find(v, "device-waiting", "raise Xen's swtlb=max-entries=",
             "%" PRIu64 " mappings of programs lost their entries and wait "
             "for others: Xen walks for these",
             line_uint(device, "waiting"));
    if ( opt.file )
        return;
    /* No such file: no program here makes hypercalls. */
    n = readlink(HYPERCALL_DEVICE, target, sizeof(target) - 1);
    if ( n < 0 ? !access(HYPERCALL_DEVICE, F_OK)
               : strcmp(target, OUR_DEVICE) )
        find(v, "device-off", "xen-swtlb-device on",
             "the toolstack does not use the module's memory: Xen walks for "
             "its buffers");
}

void judge(const struct status *s, struct verdict *v)
{
    const struct line *l = status_first(s, "cpu");

    memset(v, 0, sizeof(*v));
    if ( s->idle )
    {
        judge_idle(s, v);
        return;
    }
    judge_cpus(s, v);
    judge_kernel(s, v);
    judge_device(s, v);
    v->level = v->nr ? "partly" : "well";
    if ( v->nr )
        snprintf(v->summary, sizeof(v->summary),
                 "Partly: not all hypercall buffers are found without a "
                 "walk");
    else
        snprintf(v->summary, sizeof(v->summary),
                 "All well: the buffers of the kernel and of programs are "
                 "registered%s",
                 l && line_uint(l, "strict") ? "; the domain is strict" : "");
}
