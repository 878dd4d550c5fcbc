/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the system tests need besides a shell: asks Xen about the software TLB
 * through privcmd, that is, whether or not the module is loaded; and holds
 * what the module registered against the kernel's own idea of its memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/kexec.h>
#include <linux/reboot.h>

#include <public/swtlb.h>

#define PAGE_SIZE            4096UL
#define HYPERVISOR_VCPU_OP   24

/* The kernel's interface, include/uapi/xen/privcmd.h of Linux. */
struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, \
                                     sizeof(struct privcmd_hypercall))

static void usage(void)
{
    fputs("usage: swtlb limits\n"
          "       swtlb state VCPU      entries and sharers\n"
          "       swtlb stats VCPU      hits, misses, faults, refused\n"
          "       swtlb insert VCPU GVA GPA SIZE\n"
          "       swtlb check FILE      FILE: the module's status file\n"
          "       swtlb kexec KERNEL    go down by way of kexec\n",
          stderr);
    exit(2);
}

static void fail(const char *what)
{
    fprintf(stderr, "swtlb: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t number(const char *s)
{
    char *end;
    uint64_t n = strtoull(s, &end, 0);

    if ( end == s || *end )
        usage();

    return n;
}

static void vcpu_op(unsigned int cmd, uint64_t vcpu, uint64_t gva,
                    uint64_t gpa, uint64_t size)
{
    struct privcmd_hypercall call = {
        HYPERVISOR_VCPU_OP, { cmd, vcpu, gva, gpa, size },
    };
    int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);

    if ( fd < 0 )
        fail("/dev/xen/privcmd");
    if ( ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &call) < 0 )
        fail("vcpu_op");
    close(fd);
}

/*
 * As libxencall has its buffers: from the device that is there, or locked, so
 * that Xen does not wait for the kernel to bring it in.
 */
static void *get_buffer(void)
{
    int fd = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);
    void *buf;

    if ( fd >= 0 )
    {
        buf = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                   0);
        close(fd);
    }
    else
        buf = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE,
                   -1, 0);
    if ( buf == MAP_FAILED )
        fail("mmap");

    return memset(buf, 0xff, PAGE_SIZE);
}

static const void *query(uint64_t vcpu, unsigned int what)
{
    void *buf = get_buffer();

    vcpu_op(VCPUOP_swtlb_query, vcpu, (uintptr_t)buf, what, 0);

    return buf;
}

/* A range of memory or addresses. */
struct range {
    uint64_t start, end;
};

struct ranges {
    unsigned int nr;
    struct range range[256];
};

static void add(struct ranges *list, uint64_t start, uint64_t end)
{
    if ( list->nr == sizeof(list->range) / sizeof(list->range[0]) )
    {
        fputs("swtlb: more ranges than expected\n", stderr);
        exit(1);
    }
    list->range[list->nr++] = (struct range){ start, end };
}

static bool covers(const struct ranges *list, uint64_t addr)
{
    unsigned int i;

    for ( i = 0; i < list->nr; i++ )
        if ( addr >= list->range[i].start && addr < list->range[i].end )
            return true;

    return false;
}

/* What the kernel says of its memory, in /proc/iomem. */
struct memory {
    struct ranges ram;
    struct ranges constant;      /* the image's text and constants */
    struct ranges idt;           /* in the image's data, yet read-only; gva */
    uint64_t data;               /* where the image's data begins */
};

static void read_memory(struct memory *m)
{
    char line[256], name[128];
    uint64_t start, last;
    FILE *f = fopen("/proc/iomem", "r");

    if ( !f )
        fail("/proc/iomem");

    while ( fgets(line, sizeof(line), f) )
    {
        if ( sscanf(line, " %" SCNx64 "-%" SCNx64 " : %127[^\n]", &start,
                    &last, name) != 3 )
            continue;
        if ( line[0] != ' ' && !strcmp(name, "System RAM") )
            add(&m->ram, (start + PAGE_SIZE - 1) & -PAGE_SIZE,
                (last + 1) & -PAGE_SIZE);
        else if ( !strcmp(name, "Kernel code") ||
                  !strcmp(name, "Kernel rodata") )
            add(&m->constant, start, last + 1);
        else if ( !strcmp(name, "Kernel data") )
            m->data = start;
    }
    fclose(f);
}

static uint64_t symbol(const char *name)
{
    char line[256], found[128];
    uint64_t addr, result = 0;
    FILE *f = fopen("/proc/kallsyms", "r");

    if ( !f )
        fail("/proc/kallsyms");

    while ( !result && fgets(line, sizeof(line), f) )
        if ( sscanf(line, "%" SCNx64 " %*c %127s", &addr, found) == 2 &&
             !strcmp(found, name) )
            result = addr;
    fclose(f);

    if ( !result )
    {
        fprintf(stderr, "swtlb: no symbol %s\n", name);
        exit(1);
    }

    return result;
}

/* The entries of CPU 0 in the status file, by the mapping they belong to. */
struct entries {
    struct ranges directmap;     /* gpas */
    struct ranges image;         /* gvas */
};

static int read_entries(const char *name, uint64_t image_start,
                        uint64_t image_offset, struct entries *e)
{
    char line[256];
    uint64_t gva, gpa, size, offset = 0;
    int bad = 0;
    FILE *f = fopen(name, "r");

    if ( !f )
        fail(name);

    while ( fgets(line, sizeof(line), f) )
    {
        if ( sscanf(line, "entry cpu 0 index %*u gva %" SCNx64 " gpa %" SCNx64
                    " size %" SCNx64, &gva, &gpa, &size) != 3 )
            continue;
        if ( gva >= image_start )
        {
            add(&e->image, gva, gva + size);
            if ( gva - gpa != image_offset )
            {
                printf("image entry at %#" PRIx64 " leads elsewhere\n", gva);
                bad = 1;
            }
            continue;
        }
        if ( e->directmap.nr && gva - gpa != offset )
        {
            printf("entry at %#" PRIx64 " is not of the direct map\n", gva);
            bad = 1;
        }
        offset = gva - gpa;
        add(&e->directmap, gpa, gpa + size);
    }
    fclose(f);

    return bad;
}

/* Every page of list has to be in entries, or none of them has to. */
static int compare(const char *what, const struct ranges *list,
                   const struct ranges *except, const struct ranges *entries,
                   bool expected)
{
    unsigned int i;
    uint64_t addr, pages = 0;

    for ( i = 0; i < list->nr; i++ )
    {
        for ( addr = list->range[i].start; addr < list->range[i].end;
              addr += PAGE_SIZE )
        {
            if ( except && covers(except, addr) )
                continue;
            if ( covers(entries, addr) != expected )
            {
                printf("%s: page %#" PRIx64 " is %sregistered\n", what, addr,
                       expected ? "not " : "");
                return 1;
            }
            pages++;
        }
    }
    printf("%s: %" PRIu64 " pages, all %sregistered\n", what, pages,
           expected ? "" : "not ");

    return 0;
}

static int check(const char *status)
{
    static struct memory memory;
    static struct entries entries;
    struct ranges data = {
        2, { { symbol("_sdata"), symbol("_edata") },
             { symbol("__bss_start"), symbol("__bss_stop") } },
    };
    uint64_t offset, idt;
    int bad;

    read_memory(&memory);
    if ( !memory.ram.nr || !memory.data || memory.constant.nr != 2 )
    {
        puts("/proc/iomem is not as expected");
        return 1;
    }

    offset = data.range[0].start - memory.data;
    idt = symbol("idt_table");
    add(&memory.idt, idt, idt + PAGE_SIZE);
    add(&memory.constant, idt - offset, idt - offset + PAGE_SIZE);

    bad = read_entries(status, symbol("_text"), offset, &entries);
    bad |= compare("RAM", &memory.ram, &memory.constant, &entries.directmap,
                   true);
    bad |= compare("text, constants, IDT", &memory.constant, NULL,
                   &entries.directmap, false);
    bad |= compare("image data", &data, &memory.idt, &entries.image, true);

    return bad;
}

static void run_kexec(const char *kernel)
{
    static const char cmdline[] = "none";
    int fd = open(kernel, O_RDONLY | O_CLOEXEC);

    if ( fd < 0 )
        fail(kernel);
    if ( syscall(SYS_kexec_file_load, fd, -1, sizeof(cmdline), cmdline,
                 KEXEC_FILE_NO_INITRAMFS) )
        fail("kexec_file_load");
    reboot(LINUX_REBOOT_CMD_KEXEC);
    fail("reboot");
}

int main(int argc, char **argv)
{
    const struct xen_swtlb_limits *limits;
    const struct xen_swtlb_state *state;
    const struct xen_swtlb_stats *stats;
    const char *verb = argc > 1 ? argv[1] : "";

    if ( argc == 2 && !strcmp(verb, "limits") )
    {
        limits = query(0, XEN_SWTLB_QUERY_limits);
        printf("%u %u\n", limits->abi, limits->max_entries);
    }
    else if ( argc == 3 && !strcmp(verb, "state") )
    {
        state = query(number(argv[2]), XEN_SWTLB_QUERY_state);
        printf("%u %u\n", state->nr_entries, state->nr_sharers);
    }
    else if ( argc == 3 && !strcmp(verb, "stats") )
    {
        stats = query(number(argv[2]), XEN_SWTLB_QUERY_stats);
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
               stats->hits, stats->misses, stats->faults, stats->refused);
    }
    else if ( argc == 6 && !strcmp(verb, "insert") )
        vcpu_op(VCPUOP_swtlb_insert, number(argv[2]), number(argv[3]),
                number(argv[4]), number(argv[5]));
    else if ( argc == 3 && !strcmp(verb, "check") )
        return check(argv[2]);
    else if ( argc == 3 && !strcmp(verb, "kexec") )
        run_kexec(argv[2]);
    else
        usage();

    return 0;
}
