/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command export: Prometheus' text format, as node_exporter's textfile
 * collector takes it: no times, each metric in one piece, a file that is
 * never there by half.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static FILE *out;

static void head(const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP xen_swtlb_%s %s\n# TYPE xen_swtlb_%s %s\n", name,
            help, name, type);
}

/* A metric without labels. */
static void single(const char *name, const char *help, uint64_t value)
{
    head(name, "gauge", help);
    fprintf(out, "xen_swtlb_%s %" PRIu64 "\n", name, value);
}

static void label_value(const char *value)
{
    for ( ; *value; value++ )
        if ( *value == '"' || *value == '\\' )
            fprintf(out, "\\%c", *value);
        else
            putc(*value, out);
}

/* What comes before the next label. */
static char between;

static void add_label(const char *name, const char *value)
{
    fprintf(out, "%c%s=\"", between, name);
    label_value(value);
    putc('"', out);
    between = ',';
}

/*
 * Of each line of a kind the values of names, as a metric for each CPU; with
 * more than one name, these are the values of the label called label.
 */
static void of_lines(const struct status *s, const char *kind,
                     const char *metric, const char *type, const char *help,
                     const char *label, const char *const *names)
{
    const struct line *l;
    unsigned int n;
    size_t i;

    head(metric, type, help);
    for ( i = 0; i < s->nr_lines; i++ )
    {
        l = &s->line[i];
        for ( n = 0; line_is(l, kind) && names[n]; n++ )
        {
            if ( !line_get(l, names[n]) )
                continue;
            fprintf(out, "xen_swtlb_%s", metric);
            between = '{';
            if ( line_get(l, "cpu") )
                add_label("cpu", line_get(l, "cpu"));
            if ( line_is(l, "missed") && line_get(l, "hypercall") )
                add_label("hypercall", line_get(l, "hypercall"));
            if ( label )
                add_label(label, names[n]);
            fprintf(out, "%s %" PRIu64 "\n", between == ',' ? "}" : "",
                    line_uint(l, names[n]));
        }
    }
}

#define ONE(name)  (const char *const[]){ name, NULL }

static void export_cpus(const struct status *s)
{
    const char *const cpu = "cpu";

    of_lines(s, cpu, "cpu_entries", "gauge",
             "Entries in the table of the CPU.", NULL, ONE("entries"));
    of_lines(s, cpu, "hits_total", "counter",
             "Copies to and from hypercall buffers without a walk.", NULL,
             ONE("hits"));
    of_lines(s, cpu, "misses_total", "counter",
             "Copies for which Xen walked the page tables.", NULL,
             ONE("misses"));
    of_lines(s, cpu, "faults_total", "counter",
             "Copies that failed.", NULL, ONE("faults"));
    of_lines(s, cpu, "refused_total", "counter",
             "Copies that Xen refused, as the domain is strict.", NULL,
             ONE("refused"));
    of_lines(s, cpu, "hit_bytes_total", "counter",
             "Bytes copied without a walk.", NULL, ONE("hit_bytes"));
    of_lines(s, cpu, "miss_bytes_total", "counter",
             "Bytes for which Xen walked the page tables.", NULL,
             ONE("miss_bytes"));
}

static void export_kernel(const struct status *s)
{
    of_lines(s, "hypercalls", "hypercalls_total", "counter",
             "The kernel's hypercalls, by what became of their arguments.",
             "result",
             (const char *const[]){ "passed", "marshalled", "user",
                                    "uncovered", "refused", NULL });
    of_lines(s, "missed", "missed_hypercalls_total", "counter",
             "Hypercalls that were not all covered, by number.", "result",
             (const char *const[]){ "user", "uncovered", "refused", NULL });
    of_lines(s, "buffer", "buffer_size_bytes", "gauge",
             "The kernel's buffer of the CPU; 0 if it is not in use.", NULL,
             ONE("size"));
    of_lines(s, "buffer", "buffer_used_bytes", "gauge",
             "Bytes of it in use.", NULL, ONE("used"));
    of_lines(s, "buffer", "buffer_peak_bytes", "gauge",
             "The most bytes of it that were ever in use.", NULL,
             ONE("peak"));
    of_lines(s, "away", "away_misses_total", "counter",
             "Copies walked for the CPU while it was offline.", NULL,
             ONE("misses"));
    of_lines(s, "away", "away_refused_total", "counter",
             "Copies refused for the CPU while it was offline.", NULL,
             ONE("refused"));
}

static void export_device(const struct status *s)
{
    const struct line *d = status_first(s, "device");

    single("device_registers",
           "Whether memory of programs can be registered.",
           d && line_get(d, "mode") &&
           !strcmp(line_get(d, "mode"), "registers"));
    of_lines(s, "device", "device_entries", "gauge",
             "Entries for memory of programs.", NULL, ONE("entries"));
    of_lines(s, "device", "device_pages", "gauge",
             "Registered pages of programs.", NULL, ONE("pages"));
    of_lines(s, "device", "device_mappings_total", "counter",
             "Mappings of programs, by what became of them.", "result",
             (const char *const[]){ "mapped", "registered", "collided",
                                    "limited", "ended", NULL });
}

static void export_verdict(const struct status *s)
{
    struct verdict v;
    unsigned int i;

    judge(s, &v);
    single("well", "Whether all is covered: xen-swtlb status says more.",
           !strcmp(v.level, "well"));
    head("finding", "gauge", "What is not well, by its code: always 1.");
    for ( i = 0; i < v.nr; i++ )
        fprintf(out, "xen_swtlb_finding{code=\"%s\"} 1\n",
                v.finding[i].code);
}

/* s: NULL if there is no status. */
static void export_all(const struct status *s)
{
    const struct line *limits = s ? status_first(s, "limits") : NULL;

    single("available", "Whether the module's status could be read.", !!s);
    if ( !s )
        return;
    single("active", "Whether the module registers memory.", !s->idle);
    head("info", "gauge", "Versions, and why it is idle: always 1.");
    fprintf(out, "xen_swtlb_info{version=\"%s\",abi=\"%" PRIu64
            "\",idle=\"", XEN_SWTLB_VERSION,
            limits ? line_uint(limits, "abi") : 0);
    label_value(s->idle ? s->idle : "");
    fputs("\"} 1\n", out);
    export_verdict(s);
    if ( limits && !line_get(limits, "error") )
    {
        single("max_entries", "Entries that a table may have.",
               line_uint(limits, "max_entries"));
        single("max_pinned_pages", "Pages that may be pinned.",
               line_uint(limits, "max_pinned"));
    }
    if ( s->idle )
        return;
    export_cpus(s);
    export_kernel(s);
    export_device(s);
}

static int cannot(const char *what, const char *name)
{
    fprintf(stderr, "xen-swtlb: cannot %s %s: %s\n", what, name,
            strerror(errno));
    return EXIT_FAILED;
}

/* To a file beside it, which then takes its place. */
static int export_to(const char *name, const struct status *s)
{
    size_t size = strlen(name) + sizeof(".XXXXXX");
    char *temporary = malloc(size);
    int fd, rc = EXIT_OK;

    if ( !temporary )
        return cannot("write", name);
    snprintf(temporary, size, "%s.XXXXXX", name);
    fd = mkstemp(temporary);
    out = fd < 0 ? NULL : fdopen(fd, "w");
    if ( !out )
    {
        rc = cannot("write", name);
        free(temporary);
        return rc;
    }
    export_all(s);
    /* The collector is another user. */
    if ( fchmod(fd, 0644) || fflush(out) || ferror(out) )
        rc = cannot("write", temporary);
    if ( fclose(out) && rc == EXIT_OK )
        rc = cannot("write", temporary);
    if ( rc == EXIT_OK && rename(temporary, name) )
        rc = cannot("replace", name);
    if ( rc != EXIT_OK )
        unlink(temporary);
    free(temporary);
    return rc;
}

int cmd_export(void)
{
    struct status s;
    int rc = status_read(&s), written = EXIT_OK;
    const struct status *known = rc == EXIT_OK ? &s : NULL;

    if ( opt.output )
        written = export_to(opt.output, known);
    else
    {
        out = stdout;
        export_all(known);
    }
    status_free(&s);
    return written != EXIT_OK ? written : rc;
}
