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
"  ranges          what is registered\n"
"    --cpu=N       for this CPU\n"
"  self-test       try the library and hypercalls with its buffers\n"
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
"Exit code: 0 success, 1 a test failed, 2 wrong usage, 3 not available here.\n"
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

static unsigned long number(const char *text, unsigned long most)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if ( !isdigit((unsigned char)*text) || *end || n > most )
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

static void parse(int argc, char **argv)
{
    enum { JSON = 256, FILE_, WATCH, COUNT, CPU, QUICK, PLAIN, THREADS,
           MS };
    static const struct option options[] = {
        { "json", no_argument, NULL, JSON },
        { "file", required_argument, NULL, FILE_ },
        { "watch", optional_argument, NULL, WATCH },
        { "count", required_argument, NULL, COUNT },
        { "cpu", required_argument, NULL, CPU },
        { "quick", no_argument, NULL, QUICK },
        { "plain", no_argument, NULL, PLAIN },
        { "ms", required_argument, NULL, MS },
        { "threads", required_argument, NULL, THREADS },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 }
    };
    int c;

    while ( (c = getopt_long(argc, argv, "h", options, NULL)) != -1 )
        switch ( c )
        {
        case JSON:    opt.json = true; break;
        case FILE_:   opt.file = optarg; break;
        case WATCH:   opt.watch = optarg ? seconds(optarg) : 1; break;
        case COUNT:   opt.count = number(optarg, 1000000000); break;
        case CPU:     opt.cpu = (long)number(optarg, 65535); break;
        case QUICK:   opt.quick = true; opt.ms = 3; break;
        case PLAIN:   opt.plain = true; break;
        case MS:      opt.ms = (unsigned int)number(optarg, 10000);
                      break;
        case THREADS:
            opt.threads = (unsigned int)number(optarg, MAX_THREADS);
            break;
        case 'h':
            usage(stdout);
            exit(EXIT_OK);
        default:
            fputs("See xen-swtlb help.\n", stderr);
            exit(EXIT_USAGE);
        }
    if ( !opt.threads || !opt.ms )
        wrong("%s: one at least", opt.ms ? "--threads" : "--ms");
}

static int cmd_help(void)
{
    usage(stdout);
    return EXIT_OK;
}

static int cmd_version(void)
{
    printf("xen-swtlb %d.%d\n", XENSWTLB_VERSION_MAJOR,
           XENSWTLB_VERSION_MINOR);
    return EXIT_OK;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } commands[] = {
        { "status", cmd_status },
        { "ranges", cmd_ranges },
        { "self-test", cmd_self_test },
        { "bench", cmd_bench },
        { "help", cmd_help },
        { "version", cmd_version },
    };
    unsigned int i;
    int rc;

    parse(argc, argv);
    if ( optind == argc )
    {
        usage(stderr);
        return EXIT_USAGE;
    }
    opt.names = argv + optind + 1;
    if ( *opt.names && strcmp(argv[optind], "bench") )
        wrong("there is no argument '%s'", *opt.names);
    for ( i = 0; i < sizeof(commands) / sizeof(commands[0]); i++ )
        if ( !strcmp(argv[optind], commands[i].name) )
        {
            rc = commands[i].run();
            /* What could not be written must not look complete. */
            if ( fflush(stdout) || ferror(stdout) )
            {
                perror("xen-swtlb: cannot write the output");
                return EXIT_FAILED;
            }
            return rc;
        }
    wrong("there is no command '%s'", argv[optind]);
}
