/* SPDX-License-Identifier: GPL-2.0-only */
/* Freestanding basics. */

#ifndef PVH_TYPES_H
#define PVH_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)       (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)           ((a) < (b) ? (a) : (b))

#define PAGE_SHIFT          12
#define PAGE_SIZE           (1ul << PAGE_SHIFT)
#define PAGE_MASK           (~(PAGE_SIZE - 1))

#define KB(n)               ((unsigned long)(n) << 10)
#define MB(n)               ((unsigned long)(n) << 20)

#define __page_aligned      __attribute__((__aligned__(4096)))
#define __printf(fmt, args) __attribute__((__format__(printf, fmt, args)))

#define barrier()           asm volatile ( "" ::: "memory" )
#ifdef __aarch64__
#define cpu_relax()         asm volatile ( "yield" ::: "memory" )
#else
#define cpu_relax()         asm volatile ( "pause" ::: "memory" )
#endif

#define ACCESS_ONCE(x)      (*(volatile typeof(x) *)&(x))

void *memset(void *s, int c, size_t n);
void *memcpy(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strncmp(const char *a, const char *b, size_t n);
const char *strstr(const char *text, const char *part);

/* Decimal, hexadecimal, %s, %c and %p, with width and leading zeroes. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

#endif /* PVH_TYPES_H */
