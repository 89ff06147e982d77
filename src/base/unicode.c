/* SPDX-License-Identifier: ISC */
#include "base/unicode.h"

#include <stdlib.h>
#include <utf8proc.h>

size_t
unicode_decode(const char *text, size_t size, uint32_t *ret_cp)
{
	const unsigned char *b = (const unsigned char *)text;

	if (size == 0)
		return 0;
	if (b[0] < 0x80) {
		*ret_cp = b[0];
		return 1;
	}
	if (b[0] < 0xC2 || b[0] > 0xF4 || size < 2 || (b[1] & 0xC0) != 0x80)
		return 0;
	if (b[0] < 0xE0) {
		*ret_cp = (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
		return 2;
	}
	if (size < 3 || (b[2] & 0xC0) != 0x80)
		return 0;
	if (b[0] < 0xF0) {
		*ret_cp = (uint32_t)(b[0] & 0x0F) << 12 |
		    (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
		return *ret_cp < 0x800 || (*ret_cp >= 0xD800 && *ret_cp < 0xE000)
		    ? 0
		    : 3;
	}
	if (size < 4 || (b[3] & 0xC0) != 0x80)
		return 0;
	*ret_cp = (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 |
	    (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3F);
	return *ret_cp < 0x10000 || *ret_cp > 0x10FFFF ? 0 : 4;
}

size_t
unicode_encode(uint32_t cp, char bytes[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
		cp = 0xFFFD;
	if (cp < 0x80) {
		bytes[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		bytes[0] = (char)(0xC0 | cp >> 6);
		bytes[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		bytes[0] = (char)(0xE0 | cp >> 12);
		bytes[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		bytes[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	bytes[0] = (char)(0xF0 | cp >> 18);
	bytes[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	bytes[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	bytes[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

static size_t
ascii_run(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && (unsigned char)text[i] < 0x80)
		i++;
	return i;
}

bool
unicode_is_valid(const char *text, size_t size)
{
	size_t i = 0, length;
	uint32_t cp;

	while ((i += ascii_run(text + i, size - i)) < size) {
		length = unicode_decode(text + i, size - i, &cp);
		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

/* How many bytes of a bad sequence one U+FFFD stands for (Unicode 3.9, best
 * practice: the maximal subpart). */
static size_t
bad_part(const char *text, size_t size)
{
	const unsigned char *b = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xBF;
	size_t want, i;

	if (b[0] < 0xC2 || b[0] > 0xF4)
		return 1;
	want = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
	if (b[0] == 0xE0)
		low = 0xA0;
	if (b[0] == 0xED)
		high = 0x9F;
	if (b[0] == 0xF0)
		low = 0x90;
	if (b[0] == 0xF4)
		high = 0x8F;
	for (i = 1; i < want && i < size; i++, low = 0x80, high = 0xBF) {
		if (b[i] < low || b[i] > high)
			break;
	}
	return i;
}

void
unicode_repair(struct buf *out, const char *text, size_t size)
{
	size_t i = 0, length;
	uint32_t cp;

	(void)buf_room(out, size); /* most texts need no repair */
	while (i < size) {
		length = unicode_decode(text + i, size - i, &cp);
		if (length == 0) {
			buf_puts(out, "\xEF\xBF\xBD");
			length = bad_part(text + i, size - i);
		} else if (cp != 0) {
			buf_add(out, text + i, length);
		}
		i += length;
	}
}

size_t
unicode_cut(const char *text, size_t size, size_t limit)
{
	if (size <= limit)
		return size;
	while (limit > 0 && ((unsigned char)text[limit] & 0xC0) == 0x80)
		limit--;
	return limit;
}

bool
unicode_fold(struct buf *out, const char *text, size_t size)
{
	utf8proc_uint8_t *folded;
	utf8proc_ssize_t length;

	length = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size,
	    &folded,
	    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
		UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STRIPMARK);
	if (length < 0)
		return false;
	buf_add(out, folded, (size_t)length);
	free(folded);
	return true;
}

uint32_t
unicode_lower(uint32_t cp)
{
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

bool
unicode_is_alnum(uint32_t cp)
{
	utf8proc_category_t category;

	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ||
		    (cp >= 'a' && cp <= 'z');
	category = utf8proc_category((utf8proc_int32_t)cp);
	return (category >= UTF8PROC_CATEGORY_LU &&
		   category <= UTF8PROC_CATEGORY_LO) ||
	    (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME) ||
	    (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

bool
unicode_is_space(uint32_t cp)
{
	return (cp >= 9 && cp <= 13) || cp == ' ' || cp == 0x85 || cp == 0xA0 ||
	    cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 ||
	    cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

enum unicode_script
unicode_script(uint32_t cp)
{
	if (cp < 0x0E00)
		return SCRIPT_OTHER;
	if (cp <= 0x0E7F)
		return cp == 0x0E3F ? SCRIPT_OTHER : SCRIPT_THAI;
	if ((cp >= 0x1100 && cp <= 0x11FF) || (cp >= 0x3130 && cp <= 0x318F) ||
	    (cp >= 0xA960 && cp <= 0xA97F) || (cp >= 0xAC00 && cp <= 0xD7FF))
		return SCRIPT_HANGUL;
	if ((cp >= 0x3005 && cp <= 0x3007) ||
	    (cp >= 0x3041 && cp <= 0x312F && cp != 0x3000) ||
	    (cp >= 0x31A0 && cp <= 0x31BF) || (cp >= 0x31F0 && cp <= 0x31FF) ||
	    (cp >= 0x3400 && cp <= 0x4DBF) || (cp >= 0x4E00 && cp <= 0x9FFF) ||
	    (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0xFF66 && cp <= 0xFF9F) ||
	    (cp >= 0x20000 && cp <= 0x3FFFD))
		return SCRIPT_CJK;
	return SCRIPT_OTHER;
}

size_t
unicode_cluster(const char *text, size_t size, int *ret_columns)
{
	utf8proc_int32_t state = 0, before = -1;
	size_t i = 0, length;
	int columns = 0, width;
	uint32_t cp;

	while (i < size) {
		length = unicode_decode(text + i, size - i, &cp);
		if (length == 0) {
			if (i == 0) {
				*ret_columns = 1;
				return 1;
			}
			break;
		}
		if (before >= 0 &&
		    utf8proc_grapheme_break_stateful(
			before, (utf8proc_int32_t)cp, &state))
			break;
		width = cp == 0xFE0F ? 2 : utf8proc_charwidth((utf8proc_int32_t)cp);
		if (width > columns)
			columns = width;
		before = (utf8proc_int32_t)cp;
		i += length;
	}
	*ret_columns = columns;
	return i;
}
