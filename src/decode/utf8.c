/* SPDX-License-Identifier: ISC */
#include "decode/utf8.h"

#include <stdint.h>
#include <string.h>

#include "base/unicode.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes at once: nonzero when one is no ASCII or a control character (line
 * feeds among them: such a word is looked at byte by byte). */
static inline uint64_t
odd_bytes(const unsigned char *b)
{
	uint64_t word;

	memcpy(&word, b, sizeof(word));
	return (word | (word - EACH(0x20))) & EACH(0x80);
}

static size_t
plain_run(const unsigned char *b, size_t size)
{
	size_t i = 0;

	while (i + 32 <= size &&
	    (odd_bytes(b + i) | odd_bytes(b + i + 8) | odd_bytes(b + i + 16) |
		odd_bytes(b + i + 24)) == 0)
		i += 32;
	while (i + 8 <= size && odd_bytes(b + i) == 0)
		i += 8;
	return i;
}

static inline bool
is_tail(unsigned char b)
{
	return (b & 0xC0) == 0x80;
}

/* The length of the allowed character beyond ASCII at `b`, or 0.  The two common
 * lengths are judged here, where the compiler can see them. */
static inline size_t
wide_character(const unsigned char *b, size_t size)
{
	uint32_t cp;

	if (size >= 2 && b[0] >= 0xC2 && b[0] < 0xE0 && is_tail(b[1]))
		return 2;
	if (size >= 3 && b[0] > 0xE0 && b[0] < 0xEF && b[0] != 0xED &&
	    is_tail(b[1]) && is_tail(b[2]))
		return 3;
	size = unicode_decode((const char *)b, size, &cp);
	return size == 0 || cp == 0xFFFE || cp == 0xFFFF ? 0 : size;
}

static inline bool
is_allowed_ascii(unsigned char c)
{
	return c >= 0x20 || c == '\n' || c == '\t' || c == '\r';
}

size_t
utf8_clean(const char *text, size_t size, size_t *multi)
{
	const unsigned char *b = (const unsigned char *)text;
	size_t i = 0, end, length, many = 0;

	while (i < size) {
		i += plain_run(b + i, size - i);
		end = size - i < 16 ? size : i + 16;
		while (i < end && b[i] < 0x80 && is_allowed_ascii(b[i]))
			i++;
		if (i == end)
			continue;
		for (; i < size && b[i] >= 0x80; i += length, many++) {
			length = wide_character(b + i, size - i);
			if (length == 0)
				goto out;
		}
		if (i < size && !is_allowed_ascii(b[i]))
			break;
	}
out:
	*multi += many;
	return i;
}

/* The continuation bytes that lead byte `b` asks for, and the first one's bounds;
 * 0: no lead byte. */
static unsigned
lead(unsigned char b, unsigned char *low, unsigned char *high)
{
	*low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
	*high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
	if (b < 0xC2 || b > 0xF4)
		return 0;
	return b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
}

enum utf8_stop
utf8_stop(const char *text, size_t size, size_t *ret_size)
{
	const unsigned char *b = (const unsigned char *)text;
	unsigned char low, high;
	unsigned need = lead(b[0], &low, &high), i;

	*ret_size = 1;
	if (b[0] < 0x80)
		return UTF8_FORBIDDEN;
	if (b[0] == 0xED)
		high = 0xBF; /* a surrogate is told from noise */
	for (i = 1; i <= need; i++, low = 0x80, high = 0xBF) {
		if (i == size)
			return UTF8_CUT;
		if (b[i] < low || b[i] > high)
			break;
		*ret_size = i + 1;
	}
	if (i <= need && b[0] == 0xED && *ret_size == 2 && b[1] > 0x9F)
		*ret_size = 1; /* no surrogate after all */
	return need > 0 && i > need ? UTF8_FORBIDDEN : UTF8_BAD;
}

void
utf8_count(struct utf8_count *count, const char *bytes, size_t size)
{
	const unsigned char *b = (const unsigned char *)bytes;
	size_t i;

	for (i = 0; i < size; i++) {
		if (count->need == 0 && b[i] < 0x80)
			continue;
		if (count->need > 0) {
			if (b[i] >= count->low && b[i] <= count->high) {
				count->need--;
				count->low = 0x80;
				count->high = 0xBF;
				count->good += count->need == 0;
				continue;
			}
			count->bad++;
			count->need = 0;
		}
		if (b[i] < 0x80)
			continue;
		count->need = lead(b[i], &count->low, &count->high);
		count->bad += count->need == 0;
	}
}
