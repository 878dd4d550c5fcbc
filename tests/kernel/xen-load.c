/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the kernel make hypercalls which a shell has no means to ask for: those
 * of event channels, through the kernel's device for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DOMID_SELF    0x7ff0

/* The kernel's interface, include/uapi/xen/evtchn.h. */
struct bind_interdomain {
    unsigned int remote_domain, remote_port;
};
struct bind_unbound {
    unsigned int remote_domain;
};
struct port {
    unsigned int port;
};
#define BIND_INTERDOMAIN _IOC(_IOC_NONE, 'E', 1, \
                              sizeof(struct bind_interdomain))
#define BIND_UNBOUND     _IOC(_IOC_NONE, 'E', 2, sizeof(struct bind_unbound))
#define UNBIND           _IOC(_IOC_NONE, 'E', 3, sizeof(struct port))
#define NOTIFY           _IOC(_IOC_NONE, 'E', 4, sizeof(struct port))

static void fail(const char *what)
{
    fprintf(stderr, "xen-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned int must(int result, const char *what)
{
    if ( result < 0 )
        fail(what);

    return result;
}

static int must_open(const char *name)
{
    return must(open(name, O_RDWR | O_CLOEXEC), name);
}

/* A channel from the domain to itself; it is used in both directions. */
static void events(unsigned int rounds)
{
    int fd = must_open("/dev/xen/evtchn");
    struct bind_unbound unbound = { DOMID_SELF };
    struct bind_interdomain inter = { .remote_domain = DOMID_SELF };
    uint32_t ports[2], pending;
    unsigned int i;

    ports[0] = must(ioctl(fd, BIND_UNBOUND, &unbound), "bind unbound");
    inter.remote_port = ports[0];
    ports[1] = must(ioctl(fd, BIND_INTERDOMAIN, &inter), "bind interdomain");

    for ( i = 0; i < rounds; i++ )
    {
        struct port from = { ports[i % 2] };

        must(ioctl(fd, NOTIFY, &from), "notify");
        /* A new channel is pending at first. */
        do {
            if ( read(fd, &pending, sizeof(pending)) != sizeof(pending) )
                fail("read");
            if ( write(fd, &pending, sizeof(pending)) != sizeof(pending) )
                fail("unmask");
        } while ( pending != ports[!(i % 2)] );
    }

    for ( i = 0; i < 2; i++ )
    {
        struct port port = { ports[i] };

        must(ioctl(fd, UNBIND, &port), "unbind");
    }
    close(fd);
    printf("xen-load: %u events\n", rounds);
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";

    if ( argc == 3 && !strcmp(verb, "events") )
        events(atoi(argv[2]));
    else
    {
        fputs("usage: xen-load events ROUNDS\n", stderr);
        return 2;
    }

    return 0;
}
