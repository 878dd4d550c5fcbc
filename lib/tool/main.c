/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xen-swtlb: look at Xen's software TLB, try it, and measure it.
 */

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <xenswtlb.h>

#include "tool.h"

struct options opt = { .cpu = -1, .threads = 8, .ms = 20 };

static void usage(FILE *to)
{
    fputs(
"usage: xen-swtlb COMMAND [OPTION]...\n"
"\n"
"  status          what the software TLB does for each CPU: tables, hits,\n"
"                  walks, coverage\n"
"    --watch[=S]   again every S seconds (1), with what is new in between\n"
"    --count=N     N times, with --watch\n"
"    --all         and all that the module counts\n"
"  ranges          what is registered\n"
"    --cpu=N       for this CPU\n"
"  export          for Prometheus: its text format\n"
"    --output=FILE to FILE, at once, for node_exporter's textfile collector\n"
"  self-test       try the library and hypercalls with its buffers\n"
"    --registered  fail unless the buffers are registered, and Xen's count\n"
"                  says that they hit\n"
"  bench [OPERATION]...\n"
"                  measure the library against libxencall, side by side:\n"
"                  all, or alloc, zalloc, pages, bounce, call, sysctl\n"
"    --quick       some of it, roughly, in a few seconds\n"
"    --ms=N        measure for N milliseconds at a time (20)\n"
"    --threads=N   with up to N threads (8)\n"
"  help            this text\n"
"  version\n"
"\n"
"  --json          for programs: status and ranges as JSON objects, one a\n"
"                  line; the results of the others likewise\n"
"  --file=FILE     take this instead of the module's status file\n"
"  --plain         self-test, bench: do without the software TLB\n"
"\n"
"Exit code: 0 success, 1 a test failed or the output could not be written,\n"
"2 wrong usage, 3 not available here, 4 (status, ranges) the module is idle.\n"
"See xen-swtlb(1).\n", to);
}

int unavailable(const char *code, const char *help, const char *format, ...)
{
    char message[300];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    fflush(stdout);
    fprintf(stderr, "xen-swtlb: %s\n", message);
    if ( help )
        fprintf(stderr, "  %s\n", help);
    if ( opt.json )
    {
        json_open(NULL, '{');
        json_open("error", '{');
        json_string("code", code);
        json_string("message", message);
        json_close('}');
        json_close('}');
    }
    return EXIT_UNAVAILABLE;
}

void wrong(const char *format, const char *what)
{
    fputs("xen-swtlb: ", stderr);
    fprintf(stderr, format, what);
    fputs("; see xen-swtlb help\n", stderr);
    exit(EXIT_USAGE);
}

static unsigned long number(const char *text, unsigned long least,
                            unsigned long most)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if ( !isdigit((unsigned char)*text) || *end || n < least || n > most )
        wrong("'%s' is not a number that can be here", text);
    return n;
}

static double seconds(const char *text)
{
    char *end;
    double n = strtod(text, &end);

    if ( end == text || *end || !(n >= 0.01 && n <= 86400) )
        wrong("'%s' is no number of seconds from 0.01 to 86400", text);
    return n;
}

static int cmd_help(void)
{
    usage(stdout);
    return EXIT_OK;
}

static int cmd_version(void)
{
    if ( opt.json )
    {
        json_open(NULL, '{');
        json_string("version", XEN_SWTLB_VERSION);
        json_close('}');
    }
    else
        printf("xen-swtlb %s\n", XEN_SWTLB_VERSION);
    return EXIT_OK;
}

/* Options, as bits of what a command takes. */
enum {
    JSON = 1, FILE_ = 2, WATCH = 4, COUNT = 8, CPU = 16, QUICK = 32,
    PLAIN = 64, THREADS = 128, MS = 256, HELP = 512, ALL = 1024,
    OUTPUT = 2048, REGISTERED = 4096, VERSION = 8192
};

static const struct command {
    const char *name;
    int (*run)(void);
    int takes;
} commands[] = {
    { "status", cmd_status, JSON | FILE_ | WATCH | COUNT | ALL },
    { "ranges", cmd_ranges, JSON | FILE_ | CPU },
    { "export", cmd_export, FILE_ | OUTPUT },
    { "self-test", cmd_self_test, JSON | FILE_ | PLAIN | REGISTERED },
    { "bench", cmd_bench, JSON | QUICK | PLAIN | THREADS | MS },
    { "help", cmd_help, 0 },
    { "version", cmd_version, JSON },
};

static const struct option options[] = {
    { "json", no_argument, NULL, JSON },
    { "file", required_argument, NULL, FILE_ },
    { "watch", optional_argument, NULL, WATCH },
    { "count", required_argument, NULL, COUNT },
    { "cpu", required_argument, NULL, CPU },
    { "quick", no_argument, NULL, QUICK },
    { "all", no_argument, NULL, ALL },
    { "output", required_argument, NULL, OUTPUT },
    { "registered", no_argument, NULL, REGISTERED },
    { "version", no_argument, NULL, VERSION },
    { "plain", no_argument, NULL, PLAIN },
    { "ms", required_argument, NULL, MS },
    { "threads", required_argument, NULL, THREADS },
    { "help", no_argument, NULL, HELP },
    { NULL, 0, NULL, 0 }
};

/* Those that were given. */
static int parse(int argc, char **argv)
{
    int c, given = 0;

    while ( (c = getopt_long(argc, argv, "h", options, NULL)) != -1 )
    {
        switch ( c )
        {
        case JSON:    opt.json = true; break;
        case FILE_:   opt.file = optarg; break;
        case WATCH:   opt.watch = optarg ? seconds(optarg) : 1; break;
        case COUNT:   opt.count = number(optarg, 1, 1000000000); break;
        case CPU:     opt.cpu = (long)number(optarg, 0, 65535); break;
        case QUICK:   opt.quick = true; opt.ms = 3; break;
        case PLAIN:   opt.plain = true; break;
        case ALL:     opt.all = true; break;
        case OUTPUT:  opt.output = optarg; break;
        case REGISTERED: opt.registered = true; break;
        case VERSION: break;
        case MS:
            opt.ms = (unsigned int)number(optarg, 1, 10000);
            break;
        case THREADS:
            opt.threads = (unsigned int)number(optarg, 1, MAX_THREADS);
            break;
        case HELP:
        case 'h':
            c = HELP;
            break;
        default:
            fputs("See xen-swtlb help.\n", stderr);
            exit(EXIT_USAGE);
        }
        given |= c;
    }
    return given;
}

/* What it cannot do is said; nothing is left out in silence. */
static const struct command *find(const char *name, int given)
{
    const struct option *o;
    unsigned int i;

    for ( i = 0; i < sizeof(commands) / sizeof(commands[0]); i++ )
    {
        if ( strcmp(name, commands[i].name) )
            continue;
        for ( o = options; o->name; o++ )
            if ( given & ~commands[i].takes & o->val )
                wrong("--%s is not for this command", o->name);
        return &commands[i];
    }
    wrong("there is no command '%s'", name);
}

int main(int argc, char **argv)
{
    int given = parse(argc, argv), rc;
    const struct command *command;

    if ( given & HELP )
        command = find("help", 0);
    else if ( given & VERSION && optind == argc )
        command = find("version", given & ~VERSION);
    else if ( optind == argc )
    {
        usage(stderr);
        return EXIT_USAGE;
    }
    else
    {
        command = find(argv[optind], given);
        opt.names = argv + optind + 1;
        if ( *opt.names && command->run != cmd_bench )
            wrong("there is no argument '%s'", *opt.names);
    }
    if ( given & COUNT && !(given & WATCH) )
        wrong("%s", "--count is for --watch");
    if ( given & PLAIN && given & REGISTERED )
        wrong("%s", "--plain and --registered exclude each other");

    rc = command->run();
    /* What could not be written must not look complete. */
    if ( fflush(stdout) || ferror(stdout) )
    {
        perror("xen-swtlb: cannot write the output");
        return EXIT_FAILED;
    }
    return rc;
}
