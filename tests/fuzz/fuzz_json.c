/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a JSON Feed, and as items of one and of RSS in JSON: what comes
 * out is UTF-8, and memory is bounded.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

static void
check_text(const char *text)
{
	insist(text == NULL || unicode_is_valid(text, strlen(text)), "not UTF-8");
}

static bool
on_entry(void *arg, struct raw_entry *entry)
{
	(void)arg;
	check_text(entry->c.id);
	check_text(entry->c.title.value);
	check_text(entry->content.value);
	return true;
}

static void
parse(const char *head, const char *data, size_t size, const char *tail)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct parse *p = parse_new(PARSE_JSON, arena, NULL, true, on_entry, NULL);

	(void)parse_data(p, head, strlen(head));
	(void)parse_data(p, data, size);
	(void)parse_data(p, tail, strlen(tail));
	(void)parse_end(p);
	parse_free(p);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct buf text = {0};
	const char *data;

	/* decode lets nothing else through. */
	unicode_repair(&text, size > 0 ? (const char *)bytes : "", size);
	data = buf_text(&text);
	parse("", data, text.len, "");
	parse("{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[", data,
	    text.len, "]}");
	parse("{\"rss\":{\"channel\":{\"item\":[", data, text.len, "]}}}");
	buf_done(&text);
	return 0;
}
