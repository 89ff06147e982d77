/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/unicode.h"
#include "markup/markup.h"
#include "parse/builder.h"

/* ---- markup below a construct ---- */

static bool
is_void(const char *local, size_t size)
{
	static const char *const of_size[][6] = {
	    [2] = {"br", "hr"},
	    [3] = {"img", "col", "wbr"},
	    [4] = {"link", "area", "base", "meta"},
	    [5] = {"embed", "input", "param", "track"},
	    [6] = {"source"},
	};
	const char *const *name;

	if (size < 2 || size > 6)
		return false;
	for (name = of_size[size]; *name != NULL; name++)
		if ((local[0] | 0x20) == (*name)[0] && strcasecmp(*name, local) == 0)
			return true;
	return false;
}

static size_t
find(const char *text, size_t from, size_t size, char c)
{
	const char *at = memchr(text + from, c, size - from);

	return at != NULL ? (size_t)(at - text) : size;
}

/* Characters of HTML: & and < alone mean something there. */
static void
escape(struct buf *out, const char *text, size_t size)
{
	size_t start = 0, amp = find(text, 0, size, '&');
	size_t less = find(text, 0, size, '<'), at;

	while ((at = amp < less ? amp : less) < size) {
		buf_add(out, text + start, at - start);
		if (at == amp)
			buf_puts(out, "&amp;");
		else
			buf_puts(out, "&lt;");
		start = at + 1;
		if (at == amp)
			amp = find(text, start, size, '&');
		else
			less = find(text, start, size, '<');
	}
	buf_add(out, text + start, size - start);
}

static void
escape_attribute(struct buf *out, const char *text, size_t size)
{
	size_t start = 0, quote;

	while ((quote = find(text, start, size, '"')) < size) {
		escape(out, text + start, quote - start);
		buf_puts(out, "&quot;");
		start = quote + 1;
	}
	escape(out, text + start, size - start);
}

/* From here on the element holds markup: what came before was characters. */
static void
markup_begins(struct builder *b, size_t start)
{
	struct buf before = {0};

	b->nested.markup = true;
	if (b->text.len == start)
		return;
	buf_add(&before, b->text.data + start, b->text.len - start);
	b->text.len = start;
	escape(&b->text, before.data, before.len);
	buf_done(&before);
}

static void
write_attributes(struct buf *out, const char *const *atts)
{
	const char *name;

	for (; atts[0] != NULL; atts += 2) {
		name = atts[0];
		if (name[0] == 'x') {
			if (strncmp(name, "xmlns", 5) == 0 ||
			    strcmp(name, "xml:base") == 0)
				continue;
			if (strcmp(name, "xml:lang") == 0)
				name = "lang";
		}
		buf_putc(out, ' ');
		buf_puts(out, name);
		buf_puts(out, "=\"");
		escape_attribute(out, atts[1], strlen(atts[1]));
		buf_putc(out, '"');
	}
}

static bool
is_blank_from(const struct builder *b, size_t start)
{
	for (size_t i = start; i < b->text.len; i++)
		if (strchr(" \t\r\n", b->text.data[i]) == NULL)
			return false;
	return true;
}

/* The div around Atom's xhtml (RFC 4287 3.1.1.3) is noted, to be left out. */
static void
note_root(
    struct builder *b, struct frame *f, const char *local, const char *const *atts)
{
	struct nested *n = &b->nested;
	const char *base;

	if (++n->roots > 1)
		return;
	n->first_is_div =
	    strcasecmp(local, "div") == 0 && is_blank_from(b, f->text_start);
	base = builder_att(atts, "xml:base");
	if (n->first_is_div && base != NULL)
		builder_base(b, f, base);
}

static bool
is_room(struct builder *b, const struct frame *f, size_t more)
{
	if (b->text.len - f->text_start + more <= LIMIT_TEXT_BYTES)
		return true;
	builder_fail(b, -E2BIG, "xml: an element's text is too long");
	return false;
}

static void
write_start(struct builder *b, struct frame *f, const char *local, size_t size,
    const char *const *atts)
{
	struct nested *n = &b->nested;

	if (!n->markup)
		markup_begins(b, f->text_start);
	if (n->depth == 0)
		note_root(b, f, local, atts);
	n->count++;
	buf_putc(&b->text, '<');
	buf_add(&b->text, local, size);
	write_attributes(&b->text, atts);
	if (is_void(local, size))
		buf_puts(&b->text, " />");
	else
		buf_putc(&b->text, '>');
	if (n->depth == 0 && n->roots == 1)
		n->first_open = b->text.len;
	(void)is_room(b, f, 0); /* an over-long one fails the document */
}

void
nested_start(struct builder *b, const char *qname, const char *const *atts)
{
	struct frame *f = builder_top(b);
	struct nested *n = &b->nested;
	size_t prefix, size;
	const char *local = ns_local(qname, &prefix, &size);

	if (b->depth + n->depth >= LIMIT_DEPTH && !b->tolerant) {
		builder_fail(b, -E2BIG, "xml: nesting is too deep");
		return;
	}
	if (f->element != NULL && f->element->take == TAKE_CONSTRUCT) {
		write_start(b, f, local, size, atts);
		if (b->tolerant && is_void(local, size))
			return;
	}
	n->depth++;
	if (b->tolerant && name_hash(qname, strlen(qname)) == f->name_hash)
		n->same++;
}

void
nested_text(struct builder *b, const char *text, size_t size)
{
	if (size == 1 && *text != '&' && *text != '<')
		buf_putc(&b->text, *text);
	else
		escape(&b->text, text, size);
}

void
nested_end(struct builder *b, const char *qname)
{
	struct frame *f = builder_top(b);
	struct nested *n = &b->nested;
	size_t prefix, size;
	const char *local = ns_local(qname, &prefix, &size);
	bool writes = f->element != NULL && f->element->take == TAKE_CONSTRUCT;

	if (writes && is_void(local, size)) {
		if (!b->tolerant)
			n->depth--;
		return;
	}
	if (n->depth > 0)
		n->depth--;
	if (n->same > 0 && name_hash(qname, strlen(qname)) == f->name_hash)
		n->same--;
	if (!writes)
		return;
	if (n->depth == 0 && n->roots == 1 && n->first_end == 0)
		n->first_close = b->text.len;
	buf_puts(&b->text, "</");
	buf_add(&b->text, local, size);
	buf_putc(&b->text, '>');
	if (n->depth == 0 && n->roots == 1 && n->first_end == 0)
		n->first_end = b->text.len;
}

/* ---- what a construct is ---- */

void
construct_start(struct builder *b, struct frame *f, const char *const *atts)
{
	if (atts[0] == NULL)
		return;
	f->held[HELD_TYPE] = builder_att_dup(b, atts, "type");
	f->held[HELD_MODE] = builder_att_dup(b, atts, "mode");
	f->held[HELD_SRC] = builder_link(b, f, builder_att(atts, "src"));
}

static void
set_value(struct builder *b, struct text *t, const char *value, size_t size)
{
	t->value = arena_dup(b->arena, value, size);
	t->size = t->value != NULL ? size : 0;
}

static void
set_escaped(struct builder *b, struct text *t, const char *value, size_t size)
{
	struct buf out = {0};

	escape(&out, value, size);
	set_value(b, t, buf_text(&out), out.len);
	buf_done(&out);
}

/* CDATA that was escaped together with the HTML in it (FORMATS 42). */
static void
set_html(struct builder *b, struct text *t, const char *value, size_t size)
{
	if (size >= 12 && strncasecmp(value, "<![CDATA[", 9) == 0 &&
	    memcmp(value + size - 3, "]]>", 3) == 0) {
		value += 9;
		size -= 12;
	}
	set_value(b, t, value, size);
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

static void
set_base64(struct builder *b, struct text *t, const char *value, size_t size)
{
	struct buf bytes = {0}, text = {0};
	uint32_t bits = 0;
	unsigned have = 0;
	int digit;

	for (size_t i = 0; i < size && value[i] != '='; i++) {
		digit = base64_digit(value[i]);
		if (digit < 0)
			continue;
		bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_putc(&bytes, (char)(bits >> have & 0xff));
		}
	}
	unicode_repair(&text, buf_text(&bytes), bytes.len);
	set_value(b, t, buf_text(&text), text.len);
	buf_done(&bytes);
	buf_done(&text);
}

/* The markup, without the div around it. */
static void
set_xhtml(
    struct builder *b, struct text *t, bool strip, const char *value, size_t size)
{
	const struct nested *n = &b->nested;
	const char *end = buf_text(&b->text) + b->text.len;

	if (strip && n->first_is_div && n->roots == 1 && n->first_end > 0 &&
	    value + size == buf_text(&b->text) + n->first_end &&
	    value + size <= end) {
		value = b->text.data + n->first_open;
		size = n->first_close - n->first_open;
		while (size > 0 && strchr(" \t\r\n", value[0]) != NULL) {
			value++;
			size--;
		}
		while (size > 0 && strchr(" \t\r\n", value[size - 1]) != NULL)
			size--;
	}
	set_value(b, t, value, size);
}

/* Escaped HTML in a div that was not escaped: the div alone is taken away. */
static void
set_div_html(struct builder *b, struct text *t)
{
	static const struct {
		const char *from;
		char to;
	} undo[] = {{"&lt;", '<'}, {"&amp;", '&'}};
	const struct nested *n = &b->nested;
	struct buf html = {0};
	const char *p = b->text.data + n->first_open;
	const char *end = b->text.data + n->first_close;
	size_t size, i;

	while (p < end) {
		for (i = 0; i < 2; i++) {
			size = strlen(undo[i].from);
			if ((size_t)(end - p) >= size &&
			    memcmp(p, undo[i].from, size) == 0)
				break;
		}
		buf_putc(&html, i < 2 ? undo[i].to : *p);
		p += i < 2 ? size : 1;
	}
	set_value(b, t, buf_text(&html), html.len);
	buf_done(&html);
}

static bool
is_suffix(const char *text, const char *suffix)
{
	size_t a = strlen(text), s = strlen(suffix);

	return a >= s && strcasecmp(text + a - s, suffix) == 0;
}

static enum text_type
type_of(const char *type)
{
	if (type == NULL || type[0] == '\0')
		return TEXT_PLAIN;
	if (strcasecmp(type, "html") == 0 || strncasecmp(type, "text/html", 9) == 0)
		return TEXT_HTML;
	if (strcasecmp(type, "xhtml") == 0 ||
	    strncasecmp(type, "application/xhtml+xml", 21) == 0)
		return TEXT_XHTML;
	if (strchr(type, '/') == NULL || strncasecmp(type, "text/", 5) == 0)
		return TEXT_PLAIN;
	return TEXT_OTHER;
}

/* Atom 1.0's type (RFC 4287 3.1.1, 4.1.3.3), Atom 0.3's type and mode. */
static void
by_type(struct builder *b, const struct frame *f, struct text *t, const char *value,
    size_t size)
{
	const char *type = f->held[HELD_TYPE], *mode = f->held[HELD_MODE];
	bool markup = b->nested.markup;

	t->type = type_of(type);
	if (mode != NULL && strcasecmp(mode, "base64") == 0) {
		if (t->type == TEXT_OTHER)
			t->media_type = type;
		set_base64(b, t, value, size);
		return;
	}
	if (t->type == TEXT_OTHER) {
		t->media_type = type;
		if (markup || is_suffix(type, "/xml") || is_suffix(type, "+xml"))
			set_value(b, t, value, size);
		else
			set_base64(b, t, value, size);
		return;
	}
	if (markup && t->type == TEXT_HTML && b->nested.count == 1 &&
	    b->nested.first_is_div && b->nested.first_end > 0) {
		set_div_html(b, t);
	} else if (markup) {
		/* Whatever the type says: markup was not escaped (FORMATS 40). */
		t->type = TEXT_XHTML;
		set_xhtml(b, t, true, value, size);
	} else if (t->type == TEXT_XHTML &&
	    !(mode != NULL && strcasecmp(mode, "escaped") == 0)) {
		set_escaped(b, t, value, size);
	} else if (t->type == TEXT_PLAIN) {
		set_value(b, t, value, size);
	} else {
		set_html(b, t, value, size);
	}
}

static void
by_habit(
    struct builder *b, struct text *t, bool html, const char *value, size_t size)
{
	if (b->nested.markup) {
		t->type = TEXT_XHTML;
		set_xhtml(b, t, false, value, size);
	} else if (html || markup_looks_like_html(value, size)) {
		t->type = TEXT_HTML;
		set_html(b, t, value, size);
	} else {
		t->type = TEXT_PLAIN;
		set_value(b, t, value, size);
	}
}

static void
construct_read(struct builder *b, const struct frame *f, bool html,
    const char *value, size_t size, struct text *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->lang = f->lang;
	ret->base = f->base;
	if (f->is_atom || (f->element->ns == NS_MEDIA && f->held[HELD_TYPE] != NULL))
		by_type(b, f, ret, value, size);
	else
		by_habit(b, ret, html, value, size);
	if (ret->value == NULL)
		ret->value = ""; /* the arena is full; the document fails for it */
}

/* Atom elements inside RSS do not beat RSS's own. */
static unsigned
rank_of(const struct builder *b, const struct frame *f)
{
	return f->element->rank * 2u - (f->is_atom && !b->is_atom ? 1 : 0);
}

void
construct_plain(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct text text;

	construct_read(b, f, false, value, size, &text);
	prefer_text(b->level, f->element->member, rank_of(b, f), &text);
}

void
construct_html(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct text text;

	construct_read(b, f, true, value, size, &text);
	prefer_text(b->level, f->element->member, rank_of(b, f), &text);
}

/* One content: the first of HTML, else the first. */
void
construct_content(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct text text;
	unsigned rank;

	construct_read(b, f, true, value, size, &text);
	if (size == 0 && f->held[HELD_SRC] == NULL &&
	    b->entry->content.value != NULL)
		return;
	rank = text.type == TEXT_HTML || text.type == TEXT_XHTML ? 2 : 1;
	if (!prefer(b->level, f->element->member, rank, size == 0))
		return;
	b->entry->content = text;
	b->entry->content_src = f->held[HELD_SRC];
}
