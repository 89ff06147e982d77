/* SPDX-License-Identifier: ISC */
#include "parse/builder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/unicode.h"
#include "base/url.h"
#include "base/xalloc.h"

struct builder *
builder_new(struct arena *arena, bool tolerant)
{
	struct builder *b = xmalloc(sizeof(*b));

	/* The large arrays behind it are written before they are read. */
	memset(b, 0, offsetof(struct builder, feed_level));
	b->arena = arena;
	b->tolerant = tolerant;
	b->scope.arena = arena;
	b->scope.count = 0;
	b->scope.generation = 1;
	b->outer.entry = NULL;
	level_init(&b->feed_level, &b->feed.c);
	b->level = &b->feed_level;
	name_init();
	return b;
}

void
builder_free(struct builder *b)
{
	if (b == NULL)
		return;
	buf_done(&b->text);
	free(b);
}

void
builder_fail(struct builder *b, int error, const char *fault)
{
	if (b->error != 0)
		return;
	b->error = error;
	b->fault = arena_strdup(b->arena, fault);
}

const char *
builder_att(const char *const *atts, const char *local)
{
	const char *prefixed = NULL;
	const char *colon;

	for (; atts[0] != NULL; atts += 2) {
		if ((atts[0][0] | 0x20) == local[0] &&
		    strcasecmp(atts[0], local) == 0)
			return atts[1];
		colon = strchr(atts[0], ':');
		if (colon != NULL && strcasecmp(colon + 1, local) == 0 &&
		    strncasecmp(atts[0], "xmlns", 5) != 0)
			prefixed = atts[1];
	}
	return prefixed;
}

void
builder_atts(const char *const *atts, const char *const *names, size_t count,
    const char **values)
{
	const char *name;
	size_t i;

	memset(values, 0, count * sizeof(*values));
	for (; atts[0] != NULL; atts += 2) {
		for (name = atts[0]; *name != '\0' && *name != ':'; name++)
			;
		name = *name == ':' ? name + 1 : atts[0];
		for (i = 0; i < count; i++) {
			if ((name[0] | 0x20) != names[i][0] ||
			    strcasecmp(name, names[i]) != 0)
				continue;
			/* One without a prefix goes before one with it. */
			if ((values[i] == NULL || name == atts[0]) &&
			    strncasecmp(atts[0], "xmlns:", 6) != 0)
				values[i] = atts[1];
			break;
		}
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static size_t
trim(const char **text, size_t size)
{
	while (size > 0 && is_blank((*text)[0])) {
		(*text)++;
		size--;
	}
	while (size > 0 && is_blank((*text)[size - 1]))
		size--;
	return size;
}

const char *
builder_dup(struct builder *b, const char *text)
{
	size_t size;

	if (text == NULL)
		return NULL;
	size = trim(&text, strlen(text));
	return size > 0 ? arena_dup(b->arena, text, size) : NULL;
}

const char *
builder_att_dup(struct builder *b, const char *const *atts, const char *local)
{
	return builder_dup(b, builder_att(atts, local));
}

const char *
builder_link(struct builder *b, const struct frame *f, const char *ref)
{
	struct buf url = {0};
	const char *copy;

	copy = builder_dup(b, ref);
	if (copy == NULL || f->base == NULL)
		return copy;
	if (url_resolve(f->base, copy, &url) == 0)
		copy = arena_dup(b->arena, url.data, url.len);
	buf_done(&url);
	return copy;
}

/* xml:base is data (FORMATS 30): javascript: and the like are no base.  Each entry
 * tends to say the same one again. */
void
builder_base(struct builder *b, struct frame *f, const char *value)
{
	struct base *last = &b->last_base;
	const char *outer = f->base;
	struct buf url = {0};

	value = value != NULL ? value : "";
	if (last->value != NULL && last->outer == outer &&
	    strcmp(last->value, value) == 0) {
		f->base = last->base;
		return;
	}
	value = builder_dup(b, value);
	if (value == NULL)
		return;
	if (url_resolve(outer != NULL ? outer : b->doc_base, value, &url) == 0) {
		if (url_is_http(url.data))
			f->base = arena_dup(b->arena, url.data, url.len);
	} else if (strchr(value, ':') == NULL) {
		f->base = value;
	}
	*last = (struct base){.outer = outer, .value = value, .base = f->base};
	buf_done(&url);
}

static void
frame_lang(struct builder *b, struct frame *f, const char *value)
{
	char *lang = arena_strdup(b->arena, builder_dup(b, value));

	for (char *c = lang; c != NULL && *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	f->lang = lang;
}

/* Namespaces, xml:base and xml:lang: in one look at the attributes. */
static void
frame_attributes(struct builder *b, struct frame *f, const char *const *atts)
{
	bool declares = false;

	for (const char *const *a = atts; a[0] != NULL; a += 2) {
		if ((a[0][0] | 0x20) != 'x' || (a[0][1] | 0x20) != 'm')
			continue;
		if (strncmp(a[0], "xmlns", 5) == 0)
			declares = true;
		else if (strcasecmp(a[0], "xml:base") == 0)
			builder_base(b, f, a[1]);
		else if (strcasecmp(a[0], "xml:lang") == 0)
			frame_lang(b, f, a[1]);
	}
	if (declares)
		ns_open(&b->scope, b->depth, atts);
}

/* A new frame below the innermost one; NULL: too deep. */
static struct frame *
frame_push(struct builder *b, const char *const *atts)
{
	struct frame *f, *outer = builder_top(b);

	if (b->depth == LIMIT_DEPTH) {
		builder_fail(b, -E2BIG, "xml: nesting is too deep");
		return NULL;
	}
	f = &b->frame[b->depth++];
	f->element = NULL;
	f->inside = IN_NOTHING;
	f->collects = f->is_atom = f->entry_here = false;
	f->text_start = b->text.len;
	f->base = outer != NULL ? outer->base : NULL;
	f->lang = outer != NULL ? outer->lang : NULL;
	memset(f->held, 0, sizeof(f->held));
	if (atts[0] != NULL)
		frame_attributes(b, f, atts);
	return f;
}

/* What feeds write as &#128; to &#159; are windows-1252's characters there, not
 * control characters (FORMATS 7). */
static void
mend_c1(struct builder *b, size_t start)
{
	static const uint16_t meant[32] = {0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026,
	    0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0,
	    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122,
	    0x161, 0x203a, 0x153, 0, 0x17e, 0x178};
	struct buf out = {0};
	const char *p = b->text.data + start, *end = b->text.data + b->text.len;
	const char *found;
	char bytes[4];
	unsigned c;

	while ((found = memchr(p, 0xc2, (size_t)(end - p))) != NULL) {
		c = (unsigned char)found[1]; /* at worst the NUL behind the text */
		buf_add(&out, p, (size_t)(found - p));
		if (c >= 0x80 && c < 0xa0 && meant[c - 0x80] != 0)
			buf_add(&out, bytes, unicode_encode(meant[c - 0x80], bytes));
		else
			buf_add(&out, found, 2);
		p = found + 2;
	}
	buf_add(&out, p, (size_t)(end - p));
	b->text.len = start;
	buf_add(&b->text, out.data, out.len);
	buf_done(&out);
}

static bool
has_c1(const char *text, size_t size)
{
	const char *end = text + size;

	while ((text = memchr(text, 0xc2, (size_t)(end - text))) != NULL) {
		if ((unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0)
			return true;
		text++;
	}
	return false;
}

static void
frame_value(struct builder *b, struct frame *f)
{
	const char *text = buf_text(&b->text) + f->text_start;
	size_t size = b->text.len - f->text_start;
	char *value;

	if (size > 0 && has_c1(text, size) && !b->nested.markup) {
		mend_c1(b, f->text_start);
		text = b->text.data + f->text_start;
		size = b->text.len - f->text_start;
	}
	size = trim(&text, size);
	value = (char *)text; /* in b->text, which is ours */
	if (b->text.len > f->text_start)
		value[size] = '\0';
	f->element->end(b, f, value, size);
}

static void
frame_pop(struct builder *b)
{
	struct frame *f = builder_top(b);

	if (f->element != NULL && f->element->end != NULL)
		frame_value(b, f);
	b->text.len = f->text_start;
	if (b->text.data != NULL)
		b->text.data[b->text.len] = '\0';
	b->depth--;
	ns_close(&b->scope, b->depth + 1);
	if (b->nested.roots > 0 || b->nested.depth > 0)
		b->nested = (struct nested){0};
	if (b->depth == 0)
		b->done = true;
}

/* A start tag that closes what its author forgot to close (tolerant run). */
static void
close_forgotten(struct builder *b, const struct name_cache *name)
{
	unsigned to = 0;

	if (name->first == NULL || name->ns != NS_CORE ||
	    !(name->first->inside & IN_ENTRY))
		return;
	for (unsigned i = 0; i < b->depth; i++) {
		if (b->frame[i].entry_here)
			break;
		if (b->frame[i].inside & (IN_TOP | IN_WRAP | IN_FEED))
			to = i + 1;
	}
	while (to > 0 && b->depth > to) {
		b->mended = true;
		frame_pop(b);
	}
}

/* Elements whose characters are plain hold no other known element: a start tag
 * there means that theirs was never closed. */
static void
close_plain(struct builder *b, const struct name_cache *name)
{
	struct frame *f = builder_top(b);
	unsigned outer;

	if (f->element == NULL || f->element->take != TAKE_TEXT ||
	    f->inside != IN_NOTHING || b->depth < 2)
		return;
	outer = b->frame[b->depth - 2].inside;
	if (name_element(name->first, outer) == NULL)
		return;
	b->mended = true;
	frame_pop(b);
}

/* Names that HTML does not have: in the tolerant run they end a text construct
 * that was left open. */
static bool
ends_construct(const struct builder *b, const struct name_cache *name)
{
	static const char *const html[] = {"title", "link", "source", "image",
	    "name", "summary", "content", "author", "category", "id", "subtitle",
	    "rating", "body", "div", "url", "info", "width", "height"};
	unsigned outer;

	if (b->depth < 2)
		return false;
	outer = b->frame[b->depth - 2].inside;
	if (name_element(name->first, outer) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(html) / sizeof(html[0]); i++)
		if (name->ns == NS_CORE && strcmp(name->first->name, html[i]) == 0)
			return false;
	return true;
}

/* How far into the document a broken one's root is looked for (FORMATS 9). */
#define ROOT_WITHIN 65536

/* What PHP and proxies write before the feed, and pages around one. */
static bool
is_before_root(struct builder *b, const char *qname)
{
	static const char *const roots[] = {
	    "rss", "feed", "rdf", "channel", "entry"};
	size_t prefix, size;
	const char *local = ns_local(qname, &prefix, &size);

	if (!b->tolerant)
		return false;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (strcasecmp(roots[i], local) == 0)
			return b->token_start(b->driver) > ROOT_WITHIN;
	return true;
}

static void
fail_root(struct builder *b, const char *qname)
{
	char text[128];

	(void)snprintf(text, sizeof(text),
	    "notfeed: the root element <%.*s> is no feed's", name_shown(qname),
	    qname);
	builder_fail(b, -EBADMSG, text);
}

static void
open_root(struct builder *b, const char *qname, const char *const *atts)
{
	struct frame *f;

	if (is_before_root(b, qname))
		return;
	f = frame_push(b, atts);
	f->name_hash = name_hash(qname, strlen(qname));
	if (!root_open(b, f, qname, atts))
		fail_root(b, qname);
	/* The root's kind decides how names are read from here on. */
	b->scope.generation++;
}

/* Below a construct or an unknown element no frames are made. */
static bool
takes_nested(struct builder *b, const struct frame *f, const struct name_cache *name)
{
	if (f->inside != IN_NOTHING)
		return false;
	if (!b->tolerant || f->element == NULL ||
	    f->element->take != TAKE_CONSTRUCT || !ends_construct(b, name))
		return true;
	b->mended = true;
	frame_pop(b);
	return false;
}

/* What an element that nobody knows may hold. */
static unsigned
inside_unknown(const struct builder *b, unsigned outer)
{
	if (outer & (IN_TOP | IN_WRAP | IN_FEED))
		return IN_WRAP;
	/* In the tolerant run an item ends the one that was not closed. */
	if (outer & (IN_ENTRY | IN_ALIEN) && !b->tolerant && b->outer.entry == NULL)
		return IN_ALIEN;
	return IN_NOTHING;
}

void
builder_start(struct builder *b, const char *qname, const char *const *atts)
{
	const struct name_cache *name;
	struct frame *f = builder_top(b);

	if (b->done || b->error != 0)
		return;
	if (!b->tolerant && f != NULL && f->inside == IN_NOTHING) {
		nested_start(b, qname, atts);
		return;
	}
	if (f == NULL) {
		open_root(b, qname, atts);
		return;
	}
	if (b->tolerant) {
		name = name_find(b, qname);
		close_forgotten(b, name);
		close_plain(b, name);
		if (takes_nested(b, builder_top(b), name)) {
			nested_start(b, qname, atts);
			return;
		}
	}
	f = frame_push(b, atts);
	if (f == NULL)
		return;
	/* After the push: the element's own declarations count for its name. */
	name = name_find(b, qname);
	f->name_hash = name->hash;
	f->is_atom = name->is_atom;
	f->element = name_element(name->first, b->frame[b->depth - 2].inside);
	if (f->element == NULL) {
		f->inside = inside_unknown(b, b->frame[b->depth - 2].inside);
		return;
	}
	f->inside = f->element->inside;
	f->collects = f->element->take != TAKE_NONE;
	if (f->element->start != NULL)
		f->element->start(b, f, atts);
}

void
builder_collect(struct builder *b, struct frame *f, const char *text, size_t size)
{
	if (b->done || b->error != 0)
		return;
	if (b->text.len - f->text_start + size > LIMIT_TEXT_BYTES) {
		builder_fail(b, -E2BIG, "xml: an element's text is too long");
		return;
	}
	if (b->nested.markup)
		nested_text(b, text, size);
	else if (size == 1) /* what was a reference, a line's end: every other */
		buf_putc(&b->text, *text);
	else
		buf_add(&b->text, text, size);
}

/* The frame that this end tag closes, counted from the root; 0: none. */
static unsigned
matching_frame(const struct builder *b, uint32_t hash)
{
	for (unsigned i = b->depth; i > 0; i--)
		if (b->frame[i - 1].name_hash == hash)
			return i;
	return 0;
}

static void
end_tolerant(struct builder *b, const char *qname)
{
	uint32_t hash = name_hash(qname, strlen(qname));
	struct frame *f = builder_top(b);
	unsigned to;

	if (f->inside == IN_NOTHING && b->nested.depth > 0 &&
	    (f->name_hash != hash || b->nested.same > 0)) {
		to = matching_frame(b, hash);
		if (to == 0 || to == b->depth ||
		    !(b->frame[to - 1].inside & (IN_LEVEL | IN_TOP))) {
			nested_end(b, qname);
			return;
		}
	}
	to = matching_frame(b, hash);
	if (to == 0) {
		b->mended = true;
		return;
	}
	if (to < b->depth || b->nested.depth > 0)
		b->mended = true;
	while (b->depth >= to && b->depth > 0)
		frame_pop(b);
}

void
builder_end(struct builder *b, const char *qname)
{
	if (b->depth == 0 || b->done || b->error != 0)
		return;
	if (b->tolerant)
		end_tolerant(b, qname);
	else if (b->nested.depth > 0)
		nested_end(b, qname);
	else
		frame_pop(b);
}

void
builder_finish(struct builder *b)
{
	b->cut_off = b->depth > 0;
	while (b->depth > 0)
		frame_pop(b);
	prefer_finish_feed(&b->feed, b->arena);
	if (arena_is_full(b->arena))
		builder_fail(b, -E2BIG, "xml: the entries are too large");
}
