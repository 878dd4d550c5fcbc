/* SPDX-License-Identifier: GPL-2.0-only */
/* As in a release build of Xen: checked by the compiler, never executed. */
#ifndef BENCH_XEN_LIB_H
#define BENCH_XEN_LIB_H

#define ASSERT(p)           do { if ( 0 && (p) ) {} } while ( 0 )

#endif /* BENCH_XEN_LIB_H */
