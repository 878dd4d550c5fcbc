/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the kernel grant pages, and copy from and to them by their grants.  They
 * are dom0's own: nobody else is there.  (It cannot map them as well.  A page
 * of a domain's own would move, to the address that it is mapped at.)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/gntalloc.h>

#define PAGE_SIZE     4096UL
#define SEGMENTS      40       /* the kernel does 24 at a time */
#define PART          64       /* bytes of each */

/* The kernel's interface, include/uapi/xen/gntdev.h. */
struct location {
    uint32_t ref;
    uint16_t offset, domid;
};
struct segment {
    union {
        void *virt;
        struct location foreign;
    } source, dest;
    uint16_t len, flags;
    int16_t status;
};
struct copy {
    unsigned int count;
    struct segment *segments;
};
#define GRANT_COPY    _IOC(_IOC_NONE, 'G', 8, sizeof(struct copy))
#define SOURCE_GREF   1
#define DEST_GREF     2

static void fail(const char *what)
{
    fprintf(stderr, "grants: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned int must(int result, const char *what)
{
    if ( result < 0 )
        fail(what);

    return result;
}

static void *must_map(int fd, uint64_t offset, int flags)
{
    void *p = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, flags, fd, offset);

    if ( p == MAP_FAILED )
        fail("mmap");

    return p;
}

/* All of the page, in pieces: those of even rounds to the grant. */
static void copy(int dev, char *virt, uint32_t ref, unsigned int round)
{
    struct segment s[SEGMENTS];
    struct copy c = { SEGMENTS, s };
    unsigned int i;

    memset(s, 0, sizeof(s));
    for ( i = 0; i < SEGMENTS; i++ )
    {
        struct location granted = { ref, i * PART, 0 };

        s[i].len = PART;
        if ( round % 2 )
        {
            s[i].source.foreign = granted;
            s[i].dest.virt = virt + i * PART;
            s[i].flags = SOURCE_GREF;
        }
        else
        {
            s[i].source.virt = virt + i * PART;
            s[i].dest.foreign = granted;
            s[i].flags = DEST_GREF;
        }
    }

    must(ioctl(dev, GRANT_COPY, &c), "grant copy");
    for ( i = 0; i < SEGMENTS; i++ )
        if ( s[i].status )
        {
            fprintf(stderr, "grants: segment %u: %d\n", i, s[i].status);
            exit(1);
        }
}

int main(int argc, char **argv)
{
    unsigned int i, rounds = argc == 2 ? atoi(argv[1]) : 0;
    int alloc = must(open("/dev/xen/gntalloc", O_RDWR), "gntalloc");
    int dev = must(open("/dev/xen/gntdev", O_RDWR), "gntdev");
    char *virt = must_map(-1, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE);

    if ( !rounds )
    {
        fputs("usage: grants ROUNDS\n", stderr);
        return 2;
    }

    for ( i = 0; i < rounds; i++ )
    {
        struct ioctl_gntalloc_alloc_gref a = {
            .flags = GNTALLOC_FLAG_WRITABLE, .count = 1,
        };
        struct ioctl_gntalloc_dealloc_gref d = { .count = 1 };
        char *granted;

        must(ioctl(alloc, IOCTL_GNTALLOC_ALLOC_GREF, &a), "grant");
        granted = must_map(alloc, a.index, MAP_SHARED);
        memset(granted, i, PAGE_SIZE);
        memset(virt, ~i, PAGE_SIZE);
        copy(dev, virt, a.gref_ids[0], i);
        if ( memcmp(granted, virt, SEGMENTS * PART) )
        {
            fprintf(stderr, "grants: round %u: nothing was copied\n", i);
            return 1;
        }
        munmap(granted, PAGE_SIZE);
        d.index = a.index;
        must(ioctl(alloc, IOCTL_GNTALLOC_DEALLOC_GREF, &d), "end of grant");
    }
    printf("grants: %u rounds\n", rounds);

    return 0;
}
