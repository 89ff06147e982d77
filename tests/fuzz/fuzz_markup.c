/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as HTML and as broken XML.  Whatever they are: chunks make no
 * difference to the tokens, cleaning what is clean changes nothing, plain text
 * has no control characters.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/url.h"
#include "markup/markup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

struct log {
	struct buf out;
	char last;
};

static void
put(struct log *log, char kind, const char *text, size_t size)
{
	if (kind != log->last || (kind != 'T' && kind != 'X'))
		buf_putc(&log->out, kind);
	log->last = kind;
	buf_add(&log->out, text, size);
}

static void
on_start(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	put(arg, self_closing ? 's' : 'S', name, size);
	for (; count > 0; count--, attributes++) {
		put(arg, 'a', attributes->name, attributes->name_size);
		put(arg, 'v', attributes->value, attributes->value_size);
		insist(strlen(attributes->name) == attributes->name_size &&
			strlen(attributes->value) == attributes->value_size,
		    "a NUL in an attribute");
	}
}

static void
on_end(void *arg, const char *name, size_t size)
{
	put(arg, 'E', name, size);
}

static void
on_text(void *arg, const char *text, size_t size)
{
	insist(size > 0, "a text of nothing");
	put(arg, 'T', text, size);
}

static void
on_comment(void *arg, const char *text, size_t size)
{
	put(arg, 'C', text, size);
}

static void
on_cdata(void *arg, const char *text, size_t size)
{
	put(arg, 'X', text, size);
}

static void
on_instruction(void *arg, const char *text, size_t size)
{
	put(arg, 'P', text, size);
}

static void
put_text(struct log *log, char kind, const char *text)
{
	if (text != NULL)
		put(log, kind, text, strlen(text));
}

static void
on_doctype(void *arg, const char *name, const char *public_id, const char *system_id,
    bool quirks)
{
	put(arg, quirks ? 'd' : 'D', "", 0);
	put_text(arg, 'n', name);
	put_text(arg, 'p', public_id);
	put_text(arg, 'y', system_id);
}

static const struct markup_sink sink = {.start_tag = on_start,
    .end_tag = on_end,
    .text = on_text,
    .comment = on_comment,
    .doctype = on_doctype,
    .cdata = on_cdata,
    .instruction = on_instruction};

/* In pieces of 1 to `most` bytes. */
static struct buf
tokens(enum markup_mode mode, const char *data, size_t size, size_t most)
{
	struct log log = {.last = 0};
	struct markup *m = markup_new(mode, &sink, &log);
	unsigned seed = (unsigned)size;
	size_t part;

	for (; size > 0; size -= part, data += part) {
		part = most == 0 ? size : (size_t)rand_r(&seed) % most + 1;
		if (part > size)
			part = size;
		(void)markup_data(m, data, part);
	}
	markup_end(m);
	markup_free(m);
	return log.out;
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (a->len == 0 || !memcmp(a->data, b->data, a->len));
}

static void
check_chunks(enum markup_mode mode, const char *data, size_t size)
{
	struct buf whole = tokens(mode, data, size, 0), part;
	size_t most;

	for (most = 1; most <= 16; most *= 4) {
		part = tokens(mode, data, size, most);
		insist(is_same(&whole, &part), "chunks make a difference");
		buf_done(&part);
	}
	buf_done(&whole);
}

static void
check_clean(const char *data, size_t size, const char *base)
{
	struct buf once = {0}, twice = {0};

	markup_clean(data, size, base, url_resolve, &once);
	markup_clean(buf_text(&once), once.len, base, url_resolve, &twice);
	if (!is_same(&once, &twice))
		fprintf(stderr, "# once:  %s\n# twice: %s\n", buf_text(&once),
		    buf_text(&twice));
	insist(is_same(&once, &twice), "cleaning twice makes a difference");
	insist(strcasestr(buf_text(&once), "<script") == NULL, "a script");
	buf_done(&once);
	buf_done(&twice);
}

static void
check_text(const char *data, size_t size, unsigned flags)
{
	struct buf out = {0};
	size_t i;

	markup_text(data, size, flags, &out);
	for (i = 0; i < out.len; i++) {
		insist((unsigned char)out.data[i] >= ' ' ||
			(out.data[i] == '\n' && (flags & MARKUP_TEXT_ONE_LINE) == 0),
		    "a control character in plain text");
	}
	buf_done(&out);
}

static void
ignore_feed(void *arg, const char *href, const char *type, const char *title)
{
	(void)arg;
	(void)type;
	(void)title;
	insist(*href != '\0', "a feed without address");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *data = size > 0 ? (const char *)bytes : "";
	struct buf title = {0}, base = {0};

	check_chunks(MARKUP_HTML, data, size);
	check_chunks(MARKUP_XML, data, size);
	check_clean(data, size, NULL);
	check_clean(data, size, "http://example.org/a/b");
	check_text(data, size, 0);
	check_text(data, size, MARKUP_TEXT_LINKS);
	check_text(data, size, MARKUP_TEXT_ONE_LINE);
	(void)markup_looks_like_html(data, size);
	markup_find_feeds(data, size, ignore_feed, NULL, &title, &base);
	buf_done(&title);
	buf_done(&base);
	return 0;
}
