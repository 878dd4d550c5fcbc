/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that a test includes.  A test is a directory with a main.c:
 *
 *     #include <pvh.h>
 *
 *     TEST_TITLE("What is tested, in one line");
 *
 *     void test_main(void)
 *     {
 *         CHECK_RC(hypercall_xen_version(XENVER_version, NULL) > 0, true);
 *     }
 *
 * and, if it needs more than the defaults, a test.cfg (see PvhSuite.cmake).
 */

#ifndef PVH_H
#define PVH_H

#include "types.h"
#include "hypercall.h"
#include "report.h"
#include "cpu.h"
#include "swtlb.h"
#include "xfer.h"

/* PVH_TEST_NAME comes from the Makefile, where it is the directory's name. */
#define TEST_TITLE(title)                   \
    const char test_name[] = PVH_TEST_NAME; \
    const char test_title[] = title

extern const char test_name[], test_title[];

/*
 * Before the first hypercall that has a buffer, and before anything that needs
 * one.  Does nothing unless a test has its own.
 */
void test_early(void);

/* The test.  When it returns the verdict is printed. */
void test_main(void);

#endif /* PVH_H */
