/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: lib-client hypercall|registered
 *
 * Descriptors, long results, and what xentoolcore_restrict_all() leaves; on a
 * pretended Xen (fake-xen.c) that has the device or has not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/version.h>
#include <xencall.h>
#include <xentoolcore.h>

#include <xenswtlb.h>

static unsigned int wrong;

#define CHECK(cond) \
    do { \
        if ( !(cond) ) \
        { \
            printf("line %d: '%s' is not so (errno %d)\n", __LINE__, #cond, \
                   errno); \
            wrong++; \
        } \
    } while ( 0 )

static xenswtlb_handle *h;

static int ask(void *p)
{
    return xenswtlb_call2(h, __HYPERVISOR_xen_version, XENVER_extraversion,
                          (uintptr_t)p);
}

/* Whether what the library has of the machine is there for a program. */
static void descriptors(int registered)
{
    int fd = xenswtlb_fd(h), device = xenswtlb_device_fd(h), status;
    pid_t pid;

    CHECK(fd >= 0 && fd == xencall_fd(xenswtlb_xencall(h)));
    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    if ( registered )
        CHECK(device >= 0 && device != fd &&
              fcntl(device, F_GETFD) == FD_CLOEXEC);
    else
        CHECK(device == -1 && errno == ENODEV);

    /* In a child they are the parent's. */
    pid = fork();
    if ( !pid )
        _exit(!(xenswtlb_fd(h) == -1 && errno == EBADF &&
                !(errno = 0) && xenswtlb_device_fd(h) == -1 &&
                errno == EBADF));
    CHECK(waitpid(pid, &status, 0) == pid && !status);
}

static void restricted(int registered)
{
    char *p = xenswtlb_zalloc(h, 64, 0);
    void *mapped;

    CHECK(p && !ask(p) && !strcmp(p, ".3-fake"));
    CHECK(xentoolcore_restrict_all(1) == 0);
    strcpy(p, "as it was");
    CHECK(ask(p) == -1);
    CHECK(xenswtlb_call2L(h, 7, 1, 2) == -1);
    CHECK(!strcmp(p, "as it was"));
    if ( registered )
    {
        mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
                      xenswtlb_device_fd(h), 0);
        CHECK(mapped == MAP_FAILED);
    }
    /* More than the pool has: nothing new comes. */
    errno = 0;
    CHECK(!xenswtlb_alloc(h, 64 << 20, 0));
    CHECK(errno == ENOMEM);
    /* Once more, and for another domain. */
    CHECK(xentoolcore_restrict_all(2) == 0);
    xenswtlb_free(h, p);
}

int main(int argc, char **argv)
{
    int registered = argc > 1 && !strcmp(argv[1], "registered");

    h = xenswtlb_open(NULL, registered ? XENSWTLB_OPENFLAG_REGISTERED : 0);
    if ( !h )
    {
        perror("lib-client");
        return EXIT_FAILURE;
    }
    CHECK(xenswtlb_call2L(h, 7, 1, 2) == (1L << 40) + 7);
    descriptors(registered);
    restricted(registered);
    CHECK(xenswtlb_close(h) == 0);
    /* What is closed is not restricted any more. */
    CHECK(xentoolcore_restrict_all(1) == 0);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
