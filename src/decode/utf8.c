/* SPDX-License-Identifier: ISC */
#include "decode/utf8.h"

#include <stdint.h>
#include <string.h>

#include "base/unicode.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes that are ASCII and no controls pass at once; `\n` and `\t` send the
 * word the slow way, which is one word in eight of ordinary text. */
static size_t
plain_run(const char *text, size_t size)
{
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
		memcpy(&word, text + i, sizeof(word));
		if ((word | (word - EACH(0x20))) & EACH(0x80))
			break;
	}
	return i;
}

static bool
is_allowed_ascii(unsigned char c)
{
	return c >= 0x20 || c == '\n' || c == '\t' || c == '\r';
}

size_t
utf8_clean(const char *text, size_t size, size_t *multi)
{
	size_t i = 0, length, many = 0;
	uint32_t cp;

	while (i < size) {
		if ((unsigned char)text[i] < 0x80) {
			length = plain_run(text + i, size - i);
			if (length == 0) {
				if (!is_allowed_ascii((unsigned char)text[i]))
					break;
				length = 1;
			}
			i += length;
			continue;
		}
		length = unicode_decode(text + i, size - i, &cp);
		if (length == 0 || cp == 0xFFFE || cp == 0xFFFF)
			break;
		many++;
		i += length;
	}
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
