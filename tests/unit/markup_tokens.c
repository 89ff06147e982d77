/* SPDX-License-Identifier: ISC */
/*
 * The tokenizer's answers for markup_html5lib.py.  A request on stdin is a line
 * "STATE LAST-TAG SIZE STEP", then SIZE bytes, fed STEP at a time; the answer is
 * a line for each token, its strings in hex, and a line with a dot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "markup/markup.h"

static struct markup *markup;

static void
print_hex(const char *text, size_t size)
{
	putchar(' ');
	if (text == NULL) {
		putchar('-');
		return;
	}
	putchar('x');
	for (; size > 0; size--, text++)
		printf("%02x", (unsigned char)*text);
}

static void
start_tag(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	size_t i;

	(void)arg;
	printf("S %d", self_closing);
	print_hex(name, size);
	for (i = 0; i < count; i++) {
		print_hex(attributes[i].name, attributes[i].name_size);
		print_hex(attributes[i].value, attributes[i].value_size);
	}
	putchar('\n');
	/* The tests know no tree: what follows a tag is data. */
	markup_set_state(markup, MARKUP_DATA, NULL);
}

static void
end_tag(void *arg, const char *name, size_t size)
{
	(void)arg;
	putchar('E');
	print_hex(name, size);
	putchar('\n');
}

static void
text(void *arg, const char *bytes, size_t size)
{
	(void)arg;
	putchar('T');
	print_hex(bytes, size);
	putchar('\n');
}

static void
comment(void *arg, const char *bytes, size_t size)
{
	(void)arg;
	putchar('C');
	print_hex(bytes, size);
	putchar('\n');
}

static void
print_hex_text(const char *string)
{
	print_hex(string, string != NULL ? strlen(string) : 0);
}

static void
doctype(void *arg, const char *name, const char *public_id, const char *system_id,
    bool quirks)
{
	(void)arg;
	printf("D %d", quirks);
	print_hex_text(name);
	print_hex_text(public_id);
	print_hex_text(system_id);
	putchar('\n');
}

static const struct markup_sink sink = {.start_tag = start_tag,
    .end_tag = end_tag,
    .text = text,
    .comment = comment,
    .doctype = doctype};

static void
answer(int state, const char *last_tag, const char *data, size_t size, size_t step)
{
	size_t part;

	markup = markup_new(MARKUP_HTML, &sink, NULL);
	markup_set_state(
	    markup, (enum markup_state)state, *last_tag == '-' ? NULL : last_tag);
	for (; size > 0; size -= part, data += part) {
		part = step < size ? step : size;
		(void)markup_data(markup, data, part);
	}
	markup_end(markup);
	markup_free(markup);
	puts(".");
	fflush(stdout);
}

int
main(void)
{
	char line[256], last_tag[64];
	size_t size, step;
	char *data;
	int state;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%d %63s %zu %zu", &state, last_tag, &size,
			&step) != 4)
			return 2;
		data = xmalloc(size + 1);
		if (fread(data, 1, size, stdin) != size)
			return 2;
		answer(state, last_tag, data, size, step);
		free(data);
	}
	return 0;
}
