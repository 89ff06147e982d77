/* SPDX-License-Identifier: ISC */
/* markup's tokenizer over the builder: the run that never stops (FORMATS 13). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "markup/markup.h"
#include "parse/driver.h"

struct soup {
	struct parse *parse;
	struct builder *b;
	struct markup *markup;
	struct buf name;
	const char **atts; /* name, value, ..., NULL for the builder */
	size_t room;
	struct buf values; /* what atts point into */
};

/* The builder wants strings: as expat's. */
static void
convert(struct soup *s, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count)
{
	size_t at = 0;

	buf_reset(&s->name);
	buf_add(&s->name, name, size);
	if (s->room < 2 * count + 1) {
		s->room = 2 * count + 1;
		s->atts = xrealloc(s->atts, s->room * sizeof(s->atts[0]));
	}
	buf_reset(&s->values);
	for (size_t i = 0; i < count; i++) {
		buf_add(&s->values, attributes[i].name, attributes[i].name_size);
		buf_putc(&s->values, '\0');
		buf_add(&s->values, attributes[i].value, attributes[i].value_size);
		buf_putc(&s->values, '\0');
	}
	for (size_t i = 0; i < count; i++) {
		s->atts[2 * i] = s->values.data + at;
		at += attributes[i].name_size + 1;
		s->atts[2 * i + 1] = s->values.data + at;
		at += attributes[i].value_size + 1;
	}
	s->atts[2 * count] = NULL;
}

static void
on_start(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	struct soup *s = arg;

	convert(s, name, size, attributes, count);
	builder_start(s->b, buf_text(&s->name), s->atts);
	if (self_closing)
		builder_end(s->b, buf_text(&s->name));
}

static void
on_end(void *arg, const char *name, size_t size)
{
	struct soup *s = arg;

	buf_reset(&s->name);
	buf_add(&s->name, name, size);
	builder_end(s->b, buf_text(&s->name));
}

static void
on_text(void *arg, const char *text, size_t size)
{
	struct soup *s = arg;

	builder_text(s->b, text, size);
}

static size_t
token_start(void *arg)
{
	struct soup *s = arg;

	return markup_token_start(s->markup);
}

static size_t
token_end(void *arg)
{
	struct soup *s = arg;

	return markup_token_end(s->markup);
}

struct soup *
soup_new(struct parse *parse)
{
	static const struct markup_sink sink = {
	    .start_tag = on_start,
	    .end_tag = on_end,
	    .text = on_text,
	    .cdata = on_text,
	};
	struct soup *s = xcalloc(1, sizeof(*s));

	s->parse = parse;
	s->b = parse->build;
	s->b->driver = s;
	s->b->token_start = token_start;
	s->b->token_end = token_end;
	s->markup = markup_new(MARKUP_XML, &sink, s);
	return s;
}

void
soup_free(struct soup *s)
{
	if (s == NULL)
		return;
	markup_free(s->markup);
	buf_done(&s->name);
	buf_done(&s->values);
	free(s->atts);
	free(s);
}

int
soup_data(struct soup *s, const char *text, size_t size)
{
	if (s->b->done)
		return 0; /* what follows the root is not looked at */
	(void)markup_data(s->markup, text, size); /* over-long tokens were cut */
	return s->b->error;
}

int
soup_end(struct soup *s)
{
	if (!s->b->done)
		markup_end(s->markup);
	return s->b->error;
}

size_t
soup_position(const struct soup *s)
{
	return markup_token_start(s->markup);
}
