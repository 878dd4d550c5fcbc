/* SPDX-License-Identifier: GPL-2.0-only */
/* What the compiler expects to exist, and a small printf. */

#include <types.h>

#ifdef __aarch64__

/* With eyes shut to what the loops are: the compiler would call these. */
void *memset(void *s, int c, size_t n)
{
    uint8_t *p = s;

    for ( ; n; n-- )
    {
        *p++ = c;
        barrier();
    }

    return s;
}

void *memcpy(void *dst, const void *src, size_t n)
{
    const uint8_t *q = src;
    uint8_t *p = dst;

    for ( ; n; n-- )
    {
        *p++ = *q++;
        barrier();
    }

    return dst;
}

#else

void *memset(void *s, int c, size_t n)
{
    void *p = s;

    asm volatile ( "rep stosb" : "+D" (p), "+c" (n) : "a" (c) : "memory" );

    return s;
}

void *memcpy(void *dst, const void *src, size_t n)
{
    void *p = dst;

    asm volatile ( "rep movsb" : "+D" (p), "+S" (src), "+c" (n)
                   :: "memory" );

    return dst;
}

#endif

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *p = a, *q = b;

    for ( ; n; n--, p++, q++ )
        if ( *p != *q )
            return *p - *q;

    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while ( s[n] )
        n++;

    return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for ( ; n; n--, a++, b++ )
        if ( *a != *b || !*a )
            return (uint8_t)*a - (uint8_t)*b;

    return 0;
}

const char *strstr(const char *text, const char *part)
{
    size_t n = strlen(part);

    for ( ; *text; text++ )
        if ( !strncmp(text, part, n) )
            return text;

    return n ? NULL : text;
}

struct out {
    char *buf;
    size_t size, used;
};

static void put(struct out *out, char c)
{
    if ( out->used + 1 < out->size )
        out->buf[out->used] = c;
    out->used++;
}

/* In 32-bit code 64-bit division takes the compiler's library: none here. */
static unsigned int divide(uint64_t *value, unsigned int base)
{
#ifdef __aarch64__
    unsigned int rem = *value % base;

    *value /= base;
#else
    uint32_t hi = *value >> 32, lo = *value, rem = 0;

    asm ( "divl %2" : "+a" (hi), "+d" (rem) : "r" (base) );
    asm ( "divl %2" : "+a" (lo), "+d" (rem) : "r" (base) );
    *value = ((uint64_t)hi << 32) | lo;
#endif

    return rem;
}

static void put_number(struct out *out, uint64_t value, unsigned int base,
                       unsigned int width, char pad)
{
    char digits[24];
    unsigned int nr = 0;

    do {
        digits[nr++] = "0123456789abcdef"[divide(&value, base)];
    } while ( value );

    for ( ; width > nr; width-- )
        put(out, pad);
    while ( nr )
        put(out, digits[--nr]);
}

/* An integer argument, from the number of 'l's before its conversion. */
static uint64_t get_number(va_list *args, unsigned int longs, bool is_signed)
{
    if ( longs >= 2 )
        return va_arg(*args, uint64_t);
    if ( longs )
        return is_signed ? (uint64_t)va_arg(*args, long)
                         : va_arg(*args, unsigned long);
    return is_signed ? (uint64_t)va_arg(*args, int)
                     : va_arg(*args, unsigned int);
}

static const char *put_conversion(struct out *out, const char *fmt,
                                  va_list *args)
{
    unsigned int width = 0, longs = 0;
    char pad = ' ';
    uint64_t value;
    const char *s;

    if ( *fmt == '0' )
        pad = *fmt++;
    while ( *fmt >= '0' && *fmt <= '9' )
        width = width * 10 + (*fmt++ - '0');
    while ( *fmt == 'l' )
        longs++, fmt++;

    switch ( *fmt )
    {
    case 'd':
        value = get_number(args, longs, true);
        if ( (int64_t)value < 0 )
        {
            put(out, '-');
            value = -value;
        }
        put_number(out, value, 10, width, pad);
        break;

    case 'u':
        put_number(out, get_number(args, longs, false), 10, width, pad);
        break;

    case 'x':
        put_number(out, get_number(args, longs, false), 16, width, pad);
        break;

    case 'p':
        put_number(out, (unsigned long)va_arg(*args, void *), 16,
                   sizeof(long) * 2, '0');
        break;

    case 'c':
        put(out, va_arg(*args, int));
        break;

    case 's':
        s = va_arg(*args, const char *);
        for ( s = s ?: "(null)"; *s; s++ )
            put(out, *s);
        break;

    default:
        put(out, *fmt);
        break;
    }

    return fmt + 1;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
    struct out out = { .buf = buf, .size = size };
    va_list copy;

    va_copy(copy, args);
    while ( *fmt )
    {
        if ( *fmt != '%' )
            put(&out, *fmt++);
        else
            fmt = put_conversion(&out, fmt + 1, &copy);
    }
    va_end(copy);

    if ( size )
        buf[MIN(out.used, size - 1)] = '\0';

    return out.used;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(buf, size, fmt, args);
    va_end(args);

    return n;
}
