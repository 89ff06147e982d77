/* SPDX-License-Identifier: ISC */
/*
 * HTML made clean.  Nothing of the input is copied: tags are written anew from
 * the allow-list, text and values escaped anew, and a small stack sees to it
 * that what is opened is closed, in order.  A browser's tree may still differ in
 * shape from the input's, never in kind: it holds only what was written.
 */
#include <string.h>

#include "base/unicode.h"
#include "markup/clean.h"
#include "markup/inside.h"

/* ---- what ends by itself ---- */

/* Closes the innermost of `elements` unless one of `barriers` stands before it. */
static void
close_nearest(struct clean *c, const uint8_t *elements, const uint8_t *barriers)
{
	size_t i;

	for (i = c->depth; i > 0; i--) {
		if (is_in(elements, c->stack[i - 1])) {
			mend_cut_to(c, i - 1);
			return;
		}
		if (is_in(barriers, c->stack[i - 1]))
			return;
	}
}

/* A paragraph in which only inline elements are open ends before the next. */
static void
close_paragraph(struct clean *c)
{
	size_t i;

	if (c->open[ELEMENT_P] == 0)
		return;
	for (i = c->depth; i > 0; i--) {
		if (c->stack[i - 1] == ELEMENT_P) {
			mend_cut_to(c, i - 1);
			return;
		}
		if ((element_flags(c->stack[i - 1]) &
			(ELEMENT_BLOCK | ELEMENT_IN_TABLE)) != 0)
			return;
	}
}

#define SECTIONS ELEMENT_TBODY, ELEMENT_THEAD, ELEMENT_TFOOT

static void
close_before_table_part(struct clean *c, enum element element)
{
	const uint8_t *table = SET(ELEMENT_TABLE);

	close_nearest(c, SET(ELEMENT_CAPTION, ELEMENT_COLGROUP),
	    SET(ELEMENT_TABLE, SECTIONS, ELEMENT_TR));
	if (is_in(SET(SECTIONS, ELEMENT_CAPTION, ELEMENT_COLGROUP), element))
		close_nearest(c, SET(SECTIONS), table);
	if (!is_in(SET(ELEMENT_TD, ELEMENT_TH), element))
		close_nearest(c, SET(ELEMENT_TR), SET(ELEMENT_TABLE, SECTIONS));
	close_nearest(c, SET(ELEMENT_TD, ELEMENT_TH),
	    SET(ELEMENT_TABLE, SECTIONS, ELEMENT_TR));
}

static void
close_block(struct clean *c, enum element element)
{
	if (element == ELEMENT_P)
		close_paragraph(c);
	else if (c->depth > 0 && c->stack[c->depth - 1] == ELEMENT_P)
		mend_pop(c);
	if ((element_flags(element) & ELEMENT_HEADING) != 0 && c->depth > 0 &&
	    (element_flags(c->stack[c->depth - 1]) & ELEMENT_HEADING) != 0)
		mend_pop(c);
}

static void
close_once(struct clean *c, enum element element)
{
	unsigned flags = element_flags(element);

	if ((flags & ELEMENT_BLOCK) != 0)
		close_block(c, element);
	if ((flags & ELEMENT_IN_TABLE) != 0 && element != ELEMENT_COL)
		close_before_table_part(c, element);
	switch (element) {
	case ELEMENT_LI:
		close_nearest(c, SET(ELEMENT_LI),
		    SET(ELEMENT_UL, ELEMENT_OL, ELEMENT_MENU, ELEMENT_DIR, CELL));
		break;
	case ELEMENT_DT:
	case ELEMENT_DD:
		close_nearest(c, SET(ELEMENT_DT, ELEMENT_DD), SET(ELEMENT_DL, CELL));
		break;
	case ELEMENT_A:
		if (c->open[ELEMENT_A] > 0)
			close_nearest(c, SET(ELEMENT_A), SET(CELL));
		break;
	case ELEMENT_RT:
	case ELEMENT_RP:
	case ELEMENT_RB:
	case ELEMENT_RTC:
		close_nearest(c, SET(ELEMENT_RT, ELEMENT_RP, ELEMENT_RB),
		    SET(ELEMENT_RUBY, CELL));
		break;
	default:
		break;
	}
}

/* What a start tag ends although nobody wrote an end tag.  Again until nothing
 * ends: or cleaning what was cleaned would end more. */
static void
close_implied(struct clean *c, enum element element)
{
	size_t depth;

	do {
		depth = c->depth;
		close_once(c, element);
	} while (c->depth < depth);
}

/* Some elements mean something only inside others. */
static bool
has_place(const struct clean *c, enum element element)
{
	if ((element_flags(element) & ELEMENT_IN_TABLE) != 0)
		return c->open[ELEMENT_TABLE] > 0;
	if (element == ELEMENT_TRACK)
		return c->open[ELEMENT_AUDIO] + c->open[ELEMENT_VIDEO] > 0;
	if (element == ELEMENT_SOURCE)
		return c->open[ELEMENT_AUDIO] + c->open[ELEMENT_VIDEO] +
		    c->open[ELEMENT_PICTURE] >
		    0;
	return true;
}

static void
write_start_tag(struct clean *c, enum element element,
    const struct markup_attribute *attributes, size_t count)
{
	size_t start = c->out->len, bare;

	buf_putc(c->out, '<');
	buf_puts(c->out, element_name(element));
	bare = c->out->len;
	attribute_write_all(&c->writer, element, attributes, count);
	if (element == ELEMENT_IMG && c->out->len == bare) {
		c->out->len = start; /* an image of nothing */
		c->out->data[start] = '\0';
		return;
	}
	buf_putc(c->out, '>');
}

/* The same under the name of today. */
static enum element
modern(enum element element)
{
	switch (element) {
	case ELEMENT_XMP:
	case ELEMENT_LISTING:
	case ELEMENT_PLAINTEXT:
		return ELEMENT_PRE;
	case ELEMENT_IMAGE:
		return ELEMENT_IMG;
	case ELEMENT_MACTION: /* what it would do when touched */
		return ELEMENT_MROW;
	default:
		return element;
	}
}

static bool
is_over_limit(struct clean *c)
{
	c->is_full = c->is_full || c->out->len - c->start >= LIMIT_HTML_BYTES;
	return c->is_full;
}

/* ---- mathematics ---- */

/*
 * What is written between <math> and </math> is so little that no parser reads it
 * in two ways: elements of mathematics alone, and in those where HTML might stand
 * (mi, mo, mn, ms, mtext) nothing but text.  So there is no element whose namespace
 * could be mistaken, and none after whose tag text is read differently.
 */
static bool
in_math(const struct clean *c)
{
	return c->open[ELEMENT_MATH] > 0;
}

static bool
in_token(const struct clean *c)
{
	return c->depth > 0 &&
	    (element_flags(c->stack[c->depth - 1]) & ELEMENT_TOKEN) != 0;
}

/* As in browsers, what can only be HTML ends the mathematics that it stands in;
 * in a token only a block does. */
static void
leave_math(struct clean *c, unsigned flags)
{
	size_t i = 0;

	if (!in_math(c) || (flags & ELEMENT_LEAVES) == 0 ||
	    (in_token(c) && (flags & ELEMENT_BLOCK) == 0))
		return;
	while (c->stack[i] != ELEMENT_MATH)
		i++;
	mend_pop_to(c, i);
}

/* Between a table's cells, where nothing is kept. */
static bool
in_table(const struct clean *c)
{
	return c->depth > 0 &&
	    is_in(SET(ELEMENT_TABLE, SECTIONS, ELEMENT_TR, ELEMENT_COLGROUP),
		c->stack[c->depth - 1]);
}

static bool
is_welcome(const struct clean *c, enum element element, unsigned flags)
{
	if (in_math(c))
		return (flags & ELEMENT_MATHS) != 0 && !in_token(c);
	return (flags & ELEMENT_CLEAN) != 0 && has_place(c, element);
}

/* <svg/>, and anything of that form in math, has no content. */
static bool
is_empty(const struct clean *c, enum element element, bool self_closing)
{
	return self_closing &&
	    (in_math(c) || element == ELEMENT_SVG || element == ELEMENT_MATH);
}

/* Formatting that was cut off is for what stands in lines. */
static void
carry_over(struct clean *c, enum element element, unsigned flags)
{
	if (is_in(SET(ELEMENT_TD, ELEMENT_TH, ELEMENT_CAPTION), element))
		mend_forget_all(c); /* nor into a cell */
	if (element == ELEMENT_A)
		(void)mend_forget(c, element); /* links do not nest */
	if ((flags & (ELEMENT_BLOCK | ELEMENT_IN_TABLE)) == 0 &&
	    element != ELEMENT_TABLE && !in_math(c) && !in_table(c))
		mend_recover(c);
}

static void
clean_start_tag(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	struct clean *c = arg;
	enum element element = modern(element_find(name, size));
	unsigned flags = element_flags(element);
	size_t start;

	if (skip_start_tag(&c->skip, c->markup, element, name, size, self_closing))
		return;
	leave_math(c, flags);
	if ((flags & ELEMENT_DROP) != 0 ||
	    skip_is_copy(&c->skip, element, attributes, count)) {
		if (!is_empty(c, element, self_closing))
			skip_begin(&c->skip, c->markup, element, in_math(c));
		return;
	}
	if (!is_welcome(c, element, flags) || is_over_limit(c))
		return;
	close_implied(c, element);
	carry_over(c, element, flags);
	if (c->depth == LIMIT_DEPTH && (flags & ELEMENT_VOID) == 0) {
		c->unwritten[element]++;
		c->has_unwritten = true;
		return;
	}
	start = c->out->len;
	write_start_tag(c, element, attributes, count);
	if ((flags & ELEMENT_VOID) != 0)
		return;
	mend_push(c, element, start, false);
	if (element == ELEMENT_MATH)
		markup_set_foreign(c->markup, true);
	if (is_empty(c, element, self_closing))
		mend_pop(c);
}

/* Behind which an element is out of the reach of this end tag. */
static bool
is_barrier(enum element element, enum element ending)
{
	unsigned flags = element_flags(ending);

	if ((flags & ELEMENT_IN_TABLE) != 0)
		return element == ELEMENT_TABLE;
	if (ending == ELEMENT_TABLE)
		return false;
	if (is_in(SET(CELL), element))
		return true;
	/* </span> ends no block; </b> and </a>, often misnested, may. */
	return (flags & (ELEMENT_BLOCK | ELEMENT_FORMAT)) == 0 &&
	    (element_flags(element) & ELEMENT_BLOCK) != 0;
}

static void
close_element(struct clean *c, enum element element)
{
	bool is_heading = (element_flags(element) & ELEMENT_HEADING) != 0;
	size_t i;

	for (i = c->depth; i > 0; i--) {
		if (c->stack[i - 1] == element ||
		    (is_heading &&
			(element_flags(c->stack[i - 1]) & ELEMENT_HEADING) != 0)) {
			if (i < c->depth &&
			    (element_flags(element) & ELEMENT_FORMAT) != 0)
				mend_close_format(c, i - 1);
			else
				mend_cut_to(c, i - 1);
			return;
		}
		if (is_barrier(c->stack[i - 1], element))
			return;
	}
}

static void
clean_end_tag(void *arg, const char *name, size_t size)
{
	struct clean *c = arg;
	enum element element = modern(element_find(name, size));

	if (skip_end_tag(
		&c->skip, c->markup, element, name, size, c->open[element] > 0))
		return;
	if (element == ELEMENT_BR && !is_over_limit(c)) { /* as browsers do */
		leave_math(c, element_flags(element));
		if (!in_math(c))
			buf_puts(c->out, "<br>");
	}
	if (mend_forget(c, element))
		return;
	if (c->unwritten[element] > 0)
		c->unwritten[element]--;
	else if (c->open[element] > 0 ||
	    (element_flags(element) & ELEMENT_HEADING) != 0)
		close_element(c, element);
}

static bool
is_blank(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (strchr(" \t\n\f", text[i]) == NULL)
			return false;
	}
	return true;
}

static void
clean_text(void *arg, const char *text, size_t size)
{
	struct clean *c = arg;
	size_t room;

	if (c->skip.element != ELEMENT_NONE || is_over_limit(c))
		return;
	skip_text(&c->skip, text, size);
	if (c->lost_count > 0 && !in_math(c) && !in_table(c) &&
	    !is_blank(text, size))
		mend_recover(c);
	room = LIMIT_HTML_BYTES - (c->out->len - c->start);
	if (size > room) {
		size = unicode_cut(text, size, room);
		c->is_full = true;
	}
	attribute_escape(c->out, text, size);
}

/* Escaped once too often, a CDATA section's marks stand around the whole. */
void
clean_unwrap(const char **html, size_t *size)
{
	const char *p = *html, *end = p + *size;

	while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	if (end - p < 9 || memcmp(p, "<![CDATA[", 9) != 0)
		return;
	p += 9;
	while (end > p &&
	    (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\t' ||
		end[-1] == '\r'))
		end--;
	if (end - p >= 3 && memcmp(end - 3, "]]>", 3) == 0)
		end -= 3;
	*html = p;
	*size = (size_t)(end - p);
}

void
markup_clean(const char *html, size_t size, const char *base,
    markup_resolve_fn *resolve, struct buf *out)
{
	static const struct markup_sink sink = {.start_tag = clean_start_tag,
	    .end_tag = clean_end_tag,
	    .text = clean_text};
	struct clean c = {.out = out,
	    .start = out->len,
	    .writer = {.out = out, .base = base, .resolve = resolve}};

	clean_unwrap(&html, &size);
	c.markup = markup_new(MARKUP_HTML, &sink, &c);
	(void)markup_data(c.markup, html, size);
	markup_end(c.markup);
	mend_pop_to(&c, 0);
	markup_free(c.markup);
	attribute_done(&c.writer);
	buf_done(&c.lost);
}
