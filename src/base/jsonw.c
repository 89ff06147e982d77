/* SPDX-License-Identifier: ISC */
#include "base/jsonw.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"

void
jsonw_quote(struct buf *out, const char *text, size_t size)
{
	size_t i = 0, run, length;
	unsigned char c;
	uint32_t cp;

	buf_putc(out, '"');
	while (i < size) {
		for (run = i; run < size; run++) {
			c = (unsigned char)text[run];
			if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
				break;
		}
		buf_add(out, text + i, run - i);
		i = run;
		if (i == size)
			break;
		c = (unsigned char)text[i];
		if (c == '"' || c == '\\') {
			buf_putc(out, '\\');
			buf_putc(out, (char)c);
			i++;
		} else if (c == '\n' || c == '\t' || c == '\r') {
			buf_puts(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
			i++;
		} else if (c < 0x80) {
			buf_printf(out, "\\u%04x", c);
			i++;
		} else {
			length = unicode_decode(text + i, size - i, &cp);
			if (length == 0) {
				buf_puts(out, "\xEF\xBF\xBD");
				i++;
			} else if (cp < 0xA0) {
				buf_printf(out, "\\u%04x", (unsigned)cp);
				i += length;
			} else {
				buf_add(out, text + i, length);
				i += length;
			}
		}
	}
	buf_putc(out, '"');
}

void
jsonw_init(struct jsonw *w, struct buf *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
}

static void
lead(struct jsonw *w, const char *key)
{
	if (w->comma[w->depth])
		buf_putc(w->out, ',');
	w->comma[w->depth] = true;
	if (key != NULL) {
		jsonw_quote(w->out, key, strlen(key));
		buf_putc(w->out, ':');
	}
}

static void
enter(struct jsonw *w, const char *key, char opener, char closer)
{
	lead(w, key);
	assert(w->depth < JSONW_DEPTH);
	buf_putc(w->out, opener);
	w->depth++;
	w->comma[w->depth] = false;
	w->closer[w->depth] = closer;
}

void
jsonw_object(struct jsonw *w, const char *key)
{
	enter(w, key, '{', '}');
}

void
jsonw_array(struct jsonw *w, const char *key)
{
	enter(w, key, '[', ']');
}

void
jsonw_close(struct jsonw *w)
{
	assert(w->depth > 0);
	buf_putc(w->out, w->closer[w->depth]);
	w->depth--;
}

void
jsonw_text(struct jsonw *w, const char *key, const char *text)
{
	if (text != NULL)
		jsonw_textn(w, key, text, strlen(text));
}

void
jsonw_filled(struct jsonw *w, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		jsonw_text(w, key, text);
}

void
jsonw_textn(struct jsonw *w, const char *key, const char *text, size_t size)
{
	lead(w, key);
	jsonw_quote(w->out, text, size);
}

void
jsonw_int(struct jsonw *w, const char *key, int64_t number)
{
	lead(w, key);
	buf_printf(w->out, "%lld", (long long)number);
}

void
jsonw_double(struct jsonw *w, const char *key, double number)
{
	char text[40];
	int precision;

	if (!isfinite(number))
		return;
	for (precision = 15; precision <= 17; precision++) {
		(void)snprintf(text, sizeof(text), "%.*g", precision, number);
		if (strtod(text, NULL) == number)
			break;
	}
	lead(w, key);
	buf_puts(w->out, text);
}

void
jsonw_bool(struct jsonw *w, const char *key, bool value)
{
	lead(w, key);
	buf_puts(w->out, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w, const char *key)
{
	lead(w, key);
	buf_puts(w->out, "null");
}

void
jsonw_time(struct jsonw *w, const char *key, msec_t wall)
{
	char text[CLOCK_TEXT];

	if (wall != 0)
		jsonw_text(w, key, clock_format(wall, text));
}

void
jsonw_raw(struct jsonw *w, const char *key, const char *json, size_t size)
{
	lead(w, key);
	buf_add(w->out, json, size);
}
