/* SPDX-License-Identifier: ISC */
#include "parse/jsoncut.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

/* ---- cutting ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* `p` is behind the opening quote.  Behind the closing one, or `end`. */
static const char *
skip_string(const char *p, const char *end, bool *ret_whole)
{
	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end) {
			p++;
		} else if (*p == '"') {
			*ret_whole = true;
			return p + 1;
		}
	}
	*ret_whole = false;
	return end;
}

/* Behind the value; *ret_whole false: the text ended first. */
static const char *
skip_value(const char *p, const char *end, bool *ret_whole)
{
	size_t depth = 0;

	*ret_whole = true;
	for (; p < end; p++) {
		switch (*p) {
		case '"':
			p = skip_string(p + 1, end, ret_whole) - 1;
			if (!*ret_whole)
				return end;
			if (depth == 0)
				return p + 1;
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return p; /* of what holds this bare word */
			if (--depth == 0)
				return p + 1;
			break;
		case ',':
			if (depth == 0)
				return p;
			break;
		default:
			break;
		}
	}
	*ret_whole = false;
	return end;
}

bool
jsoncut_members(const char *text, size_t size, jsoncut_member_fn *fn, void *arg)
{
	const char *end = text + size, *p = skip_blanks(text, end), *key, *value;
	size_t key_size;
	bool whole;

	if (p == end || *p != '{')
		return false;
	for (p++; (p = skip_blanks(p, end)) < end;) {
		if (*p == '}')
			return true;
		if (*p == ',') {
			p++;
			continue;
		}
		if (*p != '"')
			return false; /* no member starts like this */
		key = p + 1;
		p = skip_string(key, end, &whole);
		if (!whole)
			return false;
		key_size = (size_t)(p - key) - 1;
		p = skip_blanks(p, end);
		if (p == end || *p != ':')
			return false;
		value = skip_blanks(p + 1, end);
		p = skip_value(value, end, &whole);
		if (p == value && whole)
			return false;
		fn(arg, key, key_size, value, (size_t)(p - value), whole);
	}
	return false;
}

bool
jsoncut_elements(const char *text, size_t size, jsoncut_element_fn *fn, void *arg)
{
	const char *end = text + size, *p = skip_blanks(text, end), *value;
	bool whole;

	if (p == end || *p != '[')
		return false;
	for (p++; (p = skip_blanks(p, end)) < end;) {
		if (*p == ']')
			return true;
		if (*p == ',') {
			p++;
			continue;
		}
		value = p;
		p = skip_value(value, end, &whole);
		if (p == value)
			return false; /* a brace that nothing opened */
		if (!fn(arg, value, (size_t)(p - value), whole))
			return true;
	}
	return false;
}

char
jsoncut_first(const char *text, size_t size)
{
	const char *p = skip_blanks(text, text + size);

	return p < text + size ? *p : 0;
}

/* ---- mending ---- */

static int
hex4(const char *p, const char *end)
{
	int value = 0, digit;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

struct mend {
	const char *p, *end;
	struct buf *out;
	bool mended;
};

/* `p` is at the four digits of a \u. */
static void
mend_unicode(struct mend *m)
{
	int unit = hex4(m->p, m->end), low = -1;

	if (unit < 0) {
		m->mended = true;
		return; /* the escape goes, what follows stays */
	}
	m->p += 4;
	if (unit >= 0xd800 && unit < 0xdc00 && m->end - m->p >= 6 &&
	    m->p[0] == '\\' && m->p[1] == 'u')
		low = hex4(m->p + 2, m->end);
	if (low >= 0xdc00 && low < 0xe000) {
		buf_printf(m->out, "\\u%04x\\u%04x", (unsigned)unit, (unsigned)low);
		m->p += 6;
	} else if (unit >= 0xd800 && unit < 0xe000) {
		buf_puts(m->out, "\\ufffd");
	} else if (unit >= 0x20 || unit == '\n' || unit == '\t' || unit == '\r') {
		buf_printf(m->out, "\\u%04x", (unsigned)unit);
	}
}

static void
mend_escape(struct mend *m)
{
	char c = *m->p++;

	switch (c) {
	case 'u':
		mend_unicode(m);
		break;
	case '"':
	case '\\':
	case '/':
	case 'n':
	case 'r':
	case 't':
		buf_putc(m->out, '\\');
		buf_putc(m->out, c);
		break;
	case 'b':
	case 'f':
		break; /* no character of a text */
	default:
		m->mended = true;
		m->p--; /* an escape that JSON does not have: its character stays */
		if ((unsigned char)*m->p >= 0x20)
			buf_putc(m->out, *m->p);
		m->p++;
	}
}

/* `p` is behind the opening quote. */
static void
mend_string(struct mend *m)
{
	const char *start = m->p;
	unsigned char c;

	buf_putc(m->out, '"');
	while (m->p < m->end) {
		c = (unsigned char)*m->p;
		if (c >= 0x20 && c != '"' && c != '\\') {
			m->p++;
			continue;
		}
		buf_add(m->out, start, (size_t)(m->p - start));
		m->p++;
		if (c == '"') {
			buf_putc(m->out, '"');
			return;
		}
		if (c == '\\' && m->p < m->end) {
			mend_escape(m);
		} else {
			m->mended = true;
			if (c == '\n')
				buf_puts(m->out, "\\n");
			else if (c == '\t')
				buf_puts(m->out, "\\t");
		}
		start = m->p;
	}
	buf_add(m->out, start, (size_t)(m->p - start));
	buf_putc(m->out, '"');
	m->mended = true;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == '_' ||
	    (unsigned char)c >= 0x80;
}

static void
mend_word(struct mend *m)
{
	const char *start = m->p;
	size_t size;

	while (m->p < m->end && is_word(*m->p))
		m->p++;
	size = (size_t)(m->p - start);
	if (size == 0) {
		m->p++; /* no part of JSON */
		m->mended = true;
		return;
	}
	if ((start[0] >= '0' && start[0] <= '9') ||
	    (start[0] == '-' && size > 1 && start[1] >= '0' && start[1] <= '9')) {
		buf_puts(m->out, "\"\\u0001");
		buf_add(m->out, start, size);
		buf_putc(m->out, '"');
	} else if ((size == 4 && memcmp(start, "true", 4) == 0) ||
	    (size == 5 && memcmp(start, "false", 5) == 0) ||
	    (size == 4 && memcmp(start, "null", 4) == 0)) {
		buf_add(m->out, start, size);
	} else {
		buf_puts(m->out, "null");
		m->mended = true;
	}
}

static void
mend_comma(struct mend *m)
{
	const char *next = skip_blanks(++m->p, m->end);

	if (next < m->end && (*next == '}' || *next == ']' || *next == ','))
		m->mended = true;
	else
		buf_putc(m->out, ',');
}

bool
jsoncut_mend(const char *text, size_t size, struct buf *out, bool *ret_mended)
{
	struct mend m = {text, text + size, out, false};
	unsigned depth = 0;

	while (m.p < m.end) {
		switch (*m.p) {
		case '"':
			m.p++;
			mend_string(&m);
			break;
		case '{':
		case '[':
			if (++depth > LIMIT_JSON_DEPTH)
				return false;
			buf_putc(out, *m.p++);
			break;
		case '}':
		case ']':
			if (depth > 0)
				depth--;
			buf_putc(out, *m.p++);
			break;
		case ':':
			buf_putc(out, *m.p++);
			break;
		case ',':
			mend_comma(&m);
			break;
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			m.p++;
			break;
		default:
			mend_word(&m);
		}
	}
	*ret_mended |= m.mended;
	return true;
}
