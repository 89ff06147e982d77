/* SPDX-License-Identifier: ISC */
#include "config/ini.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A quote opens where a word could begin, as in the query language; the one in
 * "It's" does not. */
static bool
opens_quote(const char *text, size_t i)
{
	if (text[i] != '"' && text[i] != '\'')
		return false;
	return i == 0 || is_blank(text[i - 1]) || strchr("~:=[(-\"'", text[i - 1]);
}

/* The length of `text` without its comment and the blanks before that.  -1: a
 * quote is never closed. */
static long
value_length(const char *text, size_t size)
{
	size_t i, end = 0;
	const char *close;

	for (i = 0; i < size; i++) {
		if (text[i] == '#' && (i == 0 || is_blank(text[i - 1])))
			break;
		if (opens_quote(text, i)) {
			close = memchr(text + i + 1, text[i], size - i - 1);
			if (close == NULL)
				return -1;
			i = (size_t)(close - text);
		}
		if (!is_blank(text[i]))
			end = i + 1;
	}
	return (long)end;
}

struct reader {
	ini_line_fn *fn;
	void *arg;
	unsigned number;
	struct buf line; /* cut into strings with NULs */
};

static void
tell(struct reader *reader, enum ini_kind kind, const char *name, const char *rest)
{
	struct ini_line line = {
	    .kind = kind, .number = reader->number, .name = name, .rest = rest};

	reader->fn(&line, reader->arg);
}

static void
fault(struct reader *reader, const char *message)
{
	tell(reader, INI_FAULT, "", message);
}

/* Cuts blanks off both ends.  Returns the first character. */
static char *
trim(char *text, char *end)
{
	while (end > text && is_blank(end[-1]))
		end--;
	*end = '\0';
	while (is_blank(*text))
		text++;
	return text;
}

static void
read_section(struct reader *reader, char *text)
{
	char *close = strchr(text, ']'), *name, *rest, *behind;

	if (close == NULL) {
		fault(reader, "no ']' closes this section's name");
		return;
	}
	for (behind = close + 1; is_blank(*behind); behind++)
		;
	if (*behind != '\0' && (*behind != '#' || behind == close + 1)) {
		fault(reader, "nothing but a comment may follow ']'");
		return;
	}
	name = trim(text + 1, close);
	rest = name + strcspn(name, " \t");
	if (*rest != '\0') {
		*rest++ = '\0';
		rest += strspn(rest, " \t");
	}
	tell(reader, INI_SECTION, name, rest);
}

static void
read_key(struct reader *reader, char *text)
{
	char *equals = strchr(text, '='), *value, *key;
	long length;

	if (equals == NULL) {
		fault(reader,
		    *text == ';' ? "a comment begins with #"
				 : "not a line of a configuration: write key = "
				   "value, [section] or # comment");
		return;
	}
	value = equals + 1 + strspn(equals + 1, " \t");
	length = value_length(value, strlen(value));
	key = trim(text, equals);
	if (length < 0) {
		fault(reader, "this line opens a quote and never closes it");
		return;
	}
	if (*key == '\0') {
		fault(reader, "a key expected in front of '='");
		return;
	}
	value[length] = '\0';
	tell(reader, INI_KEY, key, value);
}

static void
read_line(struct reader *reader, const char *text, size_t size)
{
	char *line;

	if (size > 0 && text[size - 1] == '\r')
		size--;
	while (size > 0 && is_blank(*text)) {
		text++;
		size--;
	}
	if (size == 0 || *text == '#')
		return;
	if (size > LIMIT_CONFIG_LINE) {
		fault(reader, "this line is too long: at most 64 KiB");
		return;
	}
	if (memchr(text, '\0', size) != NULL || !unicode_is_valid(text, size)) {
		fault(reader, "this line is not text: save the file as UTF-8");
		return;
	}
	buf_reset(&reader->line);
	buf_add(&reader->line, text, size);
	line = trim(reader->line.data, reader->line.data + size);
	if (*line == '[')
		read_section(reader, line);
	else
		read_key(reader, line);
}

void
ini_read(const char *text, size_t size, ini_line_fn *fn, void *arg)
{
	struct reader reader = {.fn = fn, .arg = arg};
	const char *end = text + size, *stop;

	if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	for (; text < end; text = stop + 1) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (stop == NULL)
			stop = end;
		reader.number++;
		read_line(&reader, text, (size_t)(stop - text));
	}
	buf_done(&reader.line);
}

void
ini_unquote(const char *value, struct buf *out)
{
	size_t size = strlen(value), i;
	char quote = *value;

	if (size < 2 || (quote != '"' && quote != '\'') ||
	    value[size - 1] != quote) {
		buf_puts(out, value);
		return;
	}
	for (i = 1; i < size - 1; i++) {
		if (value[i] == quote &&
		    (value[i + 1] != quote || i + 1 == size - 1)) {
			/* 'a' or 'b': not one quoted text. */
			buf_reset(out);
			buf_puts(out, value);
			return;
		}
		i += value[i] == quote;
		buf_putc(out, value[i]);
	}
}
