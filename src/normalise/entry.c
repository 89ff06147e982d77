/* SPDX-License-Identifier: ISC */
/* One raw entry becomes one item. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/unicode.h"
#include "base/url.h"
#include "normalise/meta.h"
#include "normalise/normalise.h"
#include "normalise/place.h"

#define AUTHOR_BYTES 1024 /* of a list: papers have hundreds of authors */
#define LANGUAGE_BYTES 35 /* RFC 5646 4.4.1 */

void
normalise_done(struct normalise_context *context)
{
	buf_done(&context->scratch);
}

/* The scratch buffer, empty. */
static struct buf *
scratch(struct normalise_context *context)
{
	buf_reset(&context->scratch);
	return &context->scratch;
}

/* What the scratch buffer holds, kept; NULL when that is nothing. */
static const char *
keep(struct normalise_context *context)
{
	const struct buf *b = &context->scratch;

	return b->len > 0 ? arena_dup(context->arena, b->data, b->len) : NULL;
}

static const char *
keep_line(struct normalise_context *context, const struct text *text, size_t limit)
{
	struct buf *b = scratch(context);

	normalise_text(text, true, b);
	if (b->len > limit) {
		b->len = unicode_cut(b->data, b->len, limit);
		b->data[b->len] = '\0';
	}
	return keep(context);
}

static const char *
keep_plain(struct normalise_context *context, const char *value, size_t limit)
{
	struct text text = {.value = value, .type = TEXT_PLAIN};

	if (value == NULL)
		return NULL;
	text.size = strlen(value);
	return keep_line(context, &text, limit);
}

/* An absolute http or https address, or NULL. */
static const char *
keep_http(struct normalise_context *context, const char *base, const char *ref)
{
	struct buf *b = scratch(context);

	if (!normalise_reference(context->base, base, ref, b) ||
	    !url_is_http(b->data))
		return NULL;
	return keep(context);
}

/* "en_US " is en-US; what is no language tag is none. */
static const char *
keep_language(struct normalise_context *context, const char *tag)
{
	struct buf *b = scratch(context);

	if (tag == NULL)
		return NULL;
	tag += strspn(tag, " \t\r\n");
	for (; isalnum((unsigned char)*tag) || *tag == '-' || *tag == '_'; tag++)
		buf_putc(b, *tag == '_' ? '-' : *tag);
	tag += strspn(tag, " \t\r\n");
	if (*tag != '\0' || b->len > LANGUAGE_BYTES || b->len < 2)
		return NULL;
	return keep(context);
}

/* ---- identity ---- */

/* The link as published but absolute.  One that runs something stays a string:
 * nothing follows it, since only `url` is ever offered as a link. */
static const char *
make_link(const struct raw_entry *raw, struct normalise_context *context)
{
	const char *link = keep_http(context, raw->c.base, raw->original_link);
	struct buf *b;

	if (link != NULL)
		return link;
	b = scratch(context);
	if (raw->c.link != NULL && raw->c.link[0] != '\0') {
		if (!normalise_reference(context->base,
			raw->c.link_base != NULL ? raw->c.link_base : raw->c.base,
			raw->c.link, b))
			buf_puts(b, raw->c.link);
		return keep(context);
	}
	if (raw->id_is_permalink && url_is_http(raw->c.id))
		return arena_strdup(context->arena, raw->c.id);
	return NULL;
}

/* An id is compared as it stands, but for white space around it. */
static const char *
keep_trimmed(struct normalise_context *context, const char *text)
{
	struct buf *b = scratch(context);
	size_t size;

	if (text == NULL)
		return NULL;
	text += strspn(text, " \t\r\n");
	for (size = strlen(text);
	    size > 0 && strchr(" \t\r\n", text[size - 1]) != NULL;)
		size--;
	buf_add(b, text, size);
	return keep(context);
}

static void
make_identity(const struct raw_entry *raw, struct normalise_context *context,
    struct item *item)
{
	struct buf *b = scratch(context);

	item->raw_hash = raw->raw_hash;
	item->guid = keep_trimmed(context, raw->c.id);
	item->link = make_link(raw, context);
	if (item->link == NULL)
		return;
	buf_reset(b);
	if (url_is_http(item->link)) {
		normalise_url(item->link, b);
		if (url_is_http(buf_text(b)))
			item->url = keep(context);
	}
	buf_reset(b);
	if (normalise_url_key(item->link, b))
		item->url_key = hash64(b->data, b->len);
}

/* ---- text ---- */

static bool
is_there(const struct text *text)
{
	return text->value != NULL && text->size > 0 && text->type != TEXT_OTHER;
}

static void
make_title(const struct raw_entry *raw, struct normalise_context *context,
    struct item *item)
{
	item->title = keep_line(context, &raw->c.title, LIMIT_TITLE_BYTES);
	if (item->title == NULL)
		item->title =
		    keep_line(context, &raw->media.title, LIMIT_TITLE_BYTES);
	if (item->title == NULL)
		item->title =
		    keep_plain(context, raw->c.itunes.title, LIMIT_TITLE_BYTES);
}

/* Where in `text` the character `limit` begins, or its end. */
static size_t
characters(const char *text, size_t size, size_t limit)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (((unsigned char)text[i] & 0xC0) != 0x80 && limit-- == 0)
			return i;
	}
	return size;
}

/* LIMIT_SUMMARY_CHARS at most, cut between words where there is a gap. */
static const char *
keep_summary(struct normalise_context *context)
{
	struct buf *b = &context->scratch;
	size_t limit, i;

	if (characters(b->data, b->len, LIMIT_SUMMARY_CHARS) < b->len) {
		limit = characters(b->data, b->len, LIMIT_SUMMARY_CHARS - 1);
		for (i = limit; i > limit / 2 && b->data[i] != ' '; i--)
			;
		b->len = i > limit / 2 ? i : limit;
		buf_puts(b, "\xE2\x80\xA6");
	}
	return keep(context);
}

static void
make_text(const struct raw_entry *raw, struct normalise_context *context,
    struct item *item)
{
	const struct text *body = is_there(&raw->content) ? &raw->content
	    : is_there(&raw->c.summary)                   ? &raw->c.summary
							  : &raw->c.subtitle;
	const struct text *summary =
	    is_there(&raw->c.summary) ? &raw->c.summary : body;
	struct buf base = {0};

	if (!normalise_reference(context->base, NULL, body->base, &base) &&
	    context->base != NULL)
		buf_puts(&base, context->base);
	normalise_html(body, base.len > 0 ? base.data : NULL, scratch(context));
	item->html = keep(context);
	buf_done(&base);
	normalise_text(body, false, scratch(context));
	item->text = keep(context);
	normalise_text(summary, true, scratch(context));
	item->summary = context->scratch.len > 0 ? keep_summary(context) : NULL;
	item->content_hash =
	    normalise_fingerprint(item->title, item->text, &item->content_chars);
	if (context->keep_raw && raw->raw != NULL)
		item->raw = arena_dup(context->arena, raw->raw, raw->raw_size);
	item->lang = keep_language(context,
	    body->lang != NULL              ? body->lang
		: raw->c.title.lang != NULL ? raw->c.title.lang
		: raw->c.language != NULL   ? raw->c.language
					    : context->feed_lang);
}

/* ---- people, subjects, dates ---- */

static void
add_author(struct map *seen, const char *name, struct buf *out)
{
	size_t start = out->len;
	struct text text = {.value = name, .type = TEXT_PLAIN};

	if (name == NULL || out->len > AUTHOR_BYTES)
		return;
	text.size = strlen(name);
	if (start > 0)
		buf_puts(out, ", ");
	normalise_text(&text, true, out);
	if (out->len <= start + (start > 0 ? 2 : 0) ||
	    map_put(seen, out->data + start + (start > 0 ? 2 : 0),
		out->len - start - (start > 0 ? 2 : 0), seen) != NULL) {
		out->len = start;
		if (out->data != NULL)
			out->data[start] = '\0';
	}
}

static const char *
make_author(const struct raw_entry *raw, struct normalise_context *context)
{
	struct buf *b = scratch(context);
	struct map *seen = map_new();
	const struct person *person = raw->c.authors;

	if (person == NULL && raw->source != NULL)
		person = raw->source->authors;
	if (person == NULL)
		person = context->feed_authors;
	for (; person != NULL; person = person->next)
		add_author(
		    seen, person->name != NULL ? person->name : person->email, b);
	if (b->len == 0)
		add_author(seen, raw->c.itunes.author, b);
	map_free(seen);
	if (b->len > AUTHOR_BYTES) {
		b->len = unicode_cut(b->data, b->len, AUTHOR_BYTES - 3);
		buf_puts(b, "\xE2\x80\xA6");
	}
	return keep(context);
}

static void
make_categories(const struct raw_entry *raw, struct normalise_context *context,
    struct item *item)
{
	const struct category *c;
	struct map *seen;
	const char **terms, *term;
	size_t count = 0;

	for (c = raw->c.categories; c != NULL && count < LIMIT_LIST; c = c->next)
		count++;
	if (count == 0)
		return;
	terms = arena_alloc(context->arena, count * sizeof(*terms));
	if (terms == NULL)
		return;
	seen = map_new();
	for (c = raw->c.categories; c != NULL && count > 0; c = c->next, count--) {
		term = keep_plain(context,
		    c->term != NULL && c->term[0] != '\0' ? c->term : c->label,
		    LIMIT_TITLE_BYTES);
		if (term != NULL && map_put_text(seen, term, seen) == NULL)
			terms[item->category_count++] = term;
	}
	item->categories = terms;
	map_free(seen);
}

/* A date that cannot be meant is none: the time it was first seen stands in. */
static msec_t
make_date(const char *text, msec_t now)
{
	msec_t wall;

	return text != NULL && normalise_date(text, &wall) == 0 &&
		meta_is_plausible(wall, now)
	    ? wall
	    : 0;
}

/* ---- media ---- */

static bool
is_enclosure_url(const char *url)
{
	return url_is_http(url) || strncasecmp(url, "ftp://", 6) == 0 ||
	    strncasecmp(url, "magnet:", 7) == 0;
}

static int64_t
whole_number(const char *text, int64_t most)
{
	int64_t value = 0;

	if (text == NULL || !isdigit((unsigned char)*text))
		return -1;
	for (; isdigit((unsigned char)*text); text++) {
		value = value * 10 + (*text - '0');
		if (value > most)
			return -1;
	}
	return value;
}

static int32_t
pixels(const char *text)
{
	int64_t value = whole_number(text, 1000000);

	return value > 0 ? (int32_t)value : 0;
}

struct enclosures {
	struct item_enclosure *list;
	size_t count, room;
	struct map *seen; /* url -> its struct item_enclosure */
};

/* The enclosure of this address, made if it is new; NULL: not usable. */
static struct item_enclosure *
enclosure_at(struct enclosures *all, struct normalise_context *context,
    const char *base, const char *ref)
{
	struct buf *b = scratch(context);
	struct item_enclosure *e;

	if (!normalise_reference(context->base, base, ref, b) ||
	    !is_enclosure_url(b->data))
		return NULL;
	e = map_find_text(all->seen, b->data);
	if (e != NULL || all->count == all->room)
		return e;
	e = &all->list[all->count];
	e->url = keep(context);
	if (e->url == NULL)
		return NULL;
	all->count++;
	e->length = -1;
	e->duration_s = -1;
	(void)map_put_text(all->seen, e->url, e);
	return e;
}

/* The first to say something about a file is heard. */
static void
fill(const char **field, struct normalise_context *context, const char *value)
{
	if (*field == NULL)
		*field = keep_plain(context, value, LIMIT_TITLE_BYTES);
}

static void
add_enclosure(struct enclosures *all, struct normalise_context *context,
    const struct enclosure *from)
{
	struct item_enclosure *e = enclosure_at(all, context, from->base, from->url);

	if (e == NULL)
		return;
	fill(&e->type, context, from->type);
	fill(&e->title, context, from->title);
	fill(&e->medium, context, from->medium);
	if (e->length < 0)
		e->length = from->length;
	if (e->duration_s < 0)
		e->duration_s = from->duration_s;
	if (e->width == 0)
		e->width = from->width;
	if (e->height == 0)
		e->height = from->height;
}

static void
add_media(struct enclosures *all, struct normalise_context *context,
    const struct media_content *from)
{
	struct item_enclosure *e = enclosure_at(all, context, from->base, from->url);

	if (e == NULL)
		return;
	fill(&e->type, context, from->type);
	fill(&e->medium, context, from->medium);
	if (e->length < 0)
		e->length = whole_number(from->length, INT64_MAX / 16);
	if (e->duration_s < 0 && from->duration != NULL)
		e->duration_s = normalise_duration(from->duration);
	if (e->width == 0)
		e->width = pixels(from->width);
	if (e->height == 0)
		e->height = pixels(from->height);
}

static void
make_enclosures(const struct raw_entry *raw, struct normalise_context *context,
    struct item *item)
{
	struct enclosures all = {0};
	const struct enclosure *e;
	const struct media_content *m;

	for (e = raw->enclosures; e != NULL; e = e->next)
		all.room++;
	for (m = raw->media.contents; m != NULL; m = m->next)
		all.room++;
	if (all.room > LIMIT_LIST)
		all.room = LIMIT_LIST;
	if (all.room == 0)
		return;
	all.list = arena_alloc(context->arena, all.room * sizeof(all.list[0]));
	if (all.list == NULL)
		return;
	all.seen = map_new();
	for (e = raw->enclosures; e != NULL; e = e->next)
		add_enclosure(&all, context, e);
	for (m = raw->media.contents; m != NULL; m = m->next)
		add_media(&all, context, m);
	map_free(all.seen);
	/* A podcast's length stands beside its only file. */
	if (all.count == 1 && all.list[0].duration_s < 0 &&
	    raw->c.itunes.duration != NULL)
		all.list[0].duration_s = normalise_duration(raw->c.itunes.duration);
	item->enclosures = all.list;
	item->enclosure_count = all.count;
}

static bool
is_picture(const struct item_enclosure *e)
{
	return (e->type != NULL && strncasecmp(e->type, "image/", 6) == 0) ||
	    (e->medium != NULL && strcasecmp(e->medium, "image") == 0);
}

static const char *
make_image(const struct raw_entry *raw, struct normalise_context *context,
    const struct item *item)
{
	const struct thumbnail *t;
	const char *url = NULL;
	size_t i;

	for (t = raw->media.thumbnails; t != NULL && url == NULL; t = t->next)
		url = keep_http(context, t->base, t->url);
	if (url == NULL)
		url = keep_http(context, raw->c.image.base, raw->c.image.url);
	for (i = 0; i < item->enclosure_count && url == NULL; i++) {
		if (is_picture(&item->enclosures[i]) &&
		    url_is_http(item->enclosures[i].url))
			url = item->enclosures[i].url;
	}
	return url;
}

int
normalise_entry(const struct raw_entry *raw, struct normalise_context *context,
    struct item *ret_item)
{
	struct item *item = ret_item;

	memset(item, 0, sizeof(*item));
	make_identity(raw, context, item);
	make_title(raw, context, item);
	make_text(raw, context, item);
	item->author = make_author(raw, context);
	make_categories(raw, context, item);
	item->published =
	    make_date(raw->c.published != NULL ? raw->c.published : raw->c.created,
		context->now);
	item->updated = make_date(raw->c.updated, context->now);
	make_enclosures(raw, context, item);
	item->image = make_image(raw, context, item);
	item->comments = keep_http(context, raw->c.base, raw->comments);
	meta_of_entry(raw, context, scratch(context));
	item->meta = keep(context);
	return arena_is_full(context->arena) ? -E2BIG : 0;
}

int
normalise_feed(const struct raw_feed *raw, struct normalise_context *context,
    struct feed_meta *ret_meta)
{
	const struct common *c = &raw->c;
	struct feed_meta *meta = ret_meta;

	memset(meta, 0, sizeof(*meta));
	meta->title = keep_line(context, &c->title, LIMIT_TITLE_BYTES);
	meta->subtitle = keep_line(context, &c->subtitle, LIMIT_TITLE_BYTES);
	meta->site = keep_http(context, c->link_base, c->link);
	meta->language = keep_language(
	    context, c->language != NULL ? c->language : context->feed_lang);
	meta->image = keep_http(context, c->image.base, c->image.url);
	meta->icon = keep_http(context, c->base, c->icon);
	return arena_is_full(context->arena) ? -E2BIG : 0;
}
