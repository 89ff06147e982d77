/* SPDX-License-Identifier: ISC */
#ifndef DECODE_UTF8_H
#define DECODE_UTF8_H

/* UTF-8 looked at byte by byte: what may pass, and how much of it is UTF-8. */
#include <stdbool.h>
#include <stddef.h>

/* The longest prefix that is valid UTF-8 of characters XML allows.  `*multi` grows
 * by the characters beyond ASCII in it. */
size_t utf8_clean(const char *text, size_t size, size_t *multi);

/* What stands where utf8_clean stopped, and how many bytes it has. */
enum utf8_stop {
	UTF8_FORBIDDEN, /* a character that XML forbids, or a surrogate */
	UTF8_BAD,       /* no UTF-8 */
	UTF8_CUT        /* the start of a character: more bytes would tell */
};
enum utf8_stop utf8_stop(const char *text, size_t size, size_t *ret_size);

/* Counts how far bytes that are read as something else would be UTF-8. */
struct utf8_count {
	size_t good, bad; /* characters beyond ASCII; bytes that fit nowhere */
	unsigned need;    /* continuation bytes still to come */
	unsigned char low, high; /* bounds of the next one */
};
void utf8_count(struct utf8_count *count, const char *bytes, size_t size);

#endif
