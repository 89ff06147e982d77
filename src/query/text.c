/* SPDX-License-Identifier: ISC */
#include "query/text.h"

#include <string.h>

#include "base/unicode.h"
#include "query/query.h"

/* A run is what stands between characters that have words of their own. */
struct run {
	const char *last; /* the character before, NULL at a run's start */
	size_t last_size;
	unsigned count; /* characters */
};

static void
run_add(struct run *run, const char *cp, size_t size, struct buf *out)
{
	if (run->last != NULL) {
		buf_putc(out, ' ');
		buf_add(out, run->last, run->last_size);
		buf_add(out, cp, size);
	}
	run->last = cp;
	run->last_size = size;
	run->count++;
}

/* The last character of a run stands alone as well, so that it is found by a
 * prefix as the others are by their pairs. */
static void
run_end(struct run *run, bool alone, struct buf *out)
{
	if (run->last != NULL && alone) {
		buf_putc(out, ' ');
		buf_add(out, run->last, run->last_size);
	}
	if (run->last != NULL)
		buf_putc(out, ' ');
	*run = (struct run){0};
}

/* Bytes from `text` on that need no look: most text is all of these. */
static size_t
plain_length(const char *text, size_t size)
{
	size_t i = 0;

	/* 0xE0 begins U+0800 to U+0FFF, Thai among them; below is no pair. */
	while (i < size && (unsigned char)text[i] < 0xE0)
		i++;
	return i;
}

static void
write_pairs(
    const char *text, size_t size, bool open_end, bool *ret_prefix, struct buf *out)
{
	struct run run = {0};
	size_t i = 0, length;
	uint32_t cp;

	while (i < size) {
		length = run.last == NULL ? plain_length(text + i, size - i) : 0;
		buf_add(out, text + i, length);
		i += length;
		if (i >= size)
			break;
		length = unicode_decode(text + i, size - i, &cp);
		if (length > 0 && unicode_script(cp) != SCRIPT_OTHER) {
			run_add(&run, text + i, length, out);
		} else {
			length += length == 0;
			run_end(&run, true, out);
			buf_add(out, text + i, length);
		}
		i += length;
	}
	*ret_prefix = open_end && run.count == 1;
	run_end(&run, !open_end || run.count == 1, out);
}

void
query_index_text(const char *text, size_t size, struct buf *out)
{
	bool prefix;

	write_pairs(text, size, false, &prefix, out);
}

void
text_phrase(const char *text, bool prefix, struct buf *out)
{
	struct buf pairs = {0};
	bool single;
	const char *c;

	write_pairs(text, strlen(text), true, &single, &pairs);
	buf_putc(out, '"');
	for (c = buf_text(&pairs); *c != '\0'; c++) {
		if (*c == '"')
			buf_putc(out, '"');
		buf_putc(out, *c);
	}
	buf_puts(out, prefix || single ? "\" *" : "\"");
	buf_done(&pairs);
}
