/* SPDX-License-Identifier: ISC */
#include "parse/handle.h"

#include <stdlib.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* ---- strings ---- */

/* Atom's elements inside RSS do not beat RSS's own. */
static unsigned
rank_of(const struct builder *b, const struct frame *f)
{
	return f->element->rank * 2u - (f->is_atom && !b->is_atom ? 1 : 0);
}

void
handle_end_string(struct builder *b, struct frame *f, char *value, size_t size)
{
	const char *copy;

	if (size == 0)
		return;
	copy = arena_dup(b->arena, value, size);
	prefer_string(b->level, f->element->member, rank_of(b, f), copy);
}

/* Of dates that stand twice the later one was written last. */
void
handle_end_date(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (size == 0)
		return;
	prefer_last(b->level, f->element->member, rank_of(b, f));
	handle_end_string(b, f, value, size);
}

void
handle_end_link_string(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (size == 0)
		return;
	prefer_string(b->level, f->element->member, f->element->rank * 2u,
	    builder_link(b, f, value));
}

void
handle_end_language(struct builder *b, struct frame *f, char *value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (value[i] == '_')
			value[i] = '-';
	handle_end_string(b, f, value, size);
}

/* ---- the feed and its entries ---- */

static void
kind_from_child(struct builder *b)
{
	if (b->feed.kind != KIND_UNKNOWN || !b->is_rdf)
		return;
	b->feed.kind = root_rdf_kind(b);
	if (b->feed.kind == KIND_UNKNOWN)
		b->feed.kind = KIND_RSS;
}

/* CDF says with attributes what others say with elements. */
static void
cdf_attributes(struct builder *b, struct frame *f, const char *const *atts)
{
	const char *href = builder_att(atts, "href"),
		   *lastmod = builder_att_dup(b, atts, "lastmod");

	if (href != NULL) {
		prefer_string(b->level, offsetof(struct common, link), 1,
		    builder_link(b, f, href));
		b->level->c->link_base = f->base;
	}
	prefer_string(b->level, offsetof(struct common, updated), 1, lastmod);
}

void
handle_start_channel(struct builder *b, struct frame *f, const char *const *atts)
{
	kind_from_child(b);
	if (f->base != NULL)
		b->feed.c.base = f->base;
	if (f->lang != NULL && b->feed.c.language == NULL)
		b->feed.c.language = f->lang;
	cdf_attributes(b, f, atts);
	prefer_string(b->level, offsetof(struct common, id), 1,
	    builder_att_dup(b, atts, "about"));
}

static void
suspend_entry(struct builder *b)
{
	b->outer.entry = b->entry;
	b->outer.id_refused = b->id_refused;
	b->outer.entry_start = b->entry_start;
	b->outer.latitude = b->latitude;
	b->outer.longitude = b->longitude;
	b->outer.level = b->entry_level;
}

/* Back to what holds the entry that was just read. */
static void
resume_outer(struct builder *b)
{
	b->entry = b->outer.entry;
	if (b->entry == NULL) {
		b->level = &b->feed_level;
		return;
	}
	b->outer.entry = NULL;
	b->id_refused = b->outer.id_refused;
	b->entry_start = b->outer.entry_start;
	b->latitude = b->outer.latitude;
	b->longitude = b->outer.longitude;
	b->entry_level = b->outer.level;
	b->level = &b->entry_level;
}

/* "item" is a usual name: not every one inside an item is a feed's. */
static bool
says_something(const struct raw_entry *entry)
{
	return entry->c.id != NULL || entry->c.link != NULL ||
	    entry->c.title.value != NULL || entry->c.summary.value != NULL;
}

void
handle_start_entry(struct builder *b, struct frame *f, const char *const *atts)
{
	struct raw_entry *entry;

	kind_from_child(b);
	if (b->entry_count == LIMIT_ITEMS) {
		builder_fail(b, -E2BIG, "xml: more items than are read");
		return;
	}
	entry = arena_alloc(b->arena, sizeof(*entry));
	if (entry == NULL) {
		builder_fail(b, -E2BIG, "xml: the entries are too large");
		return;
	}
	f->entry_here = true;
	if (b->entry != NULL)
		suspend_entry(b);
	b->entry = entry;
	b->id_refused = false;
	b->latitude = b->longitude = NULL;
	entry->index = b->entry_count++;
	entry->c.base = f->base;
	if (f->lang != (b->depth > 1 ? b->frame[b->depth - 2].lang : NULL))
		entry->c.language = f->lang;
	b->entry_start = b->token_start(b->driver);
	level_init(&b->entry_level, &entry->c);
	b->level = &b->entry_level;
	if (atts[0] == NULL)
		return;
	cdf_attributes(b, f, atts);
	prefer_string(b->level, offsetof(struct common, id), 1,
	    builder_att_dup(b, atts, "about"));
}

static void
report_entry(struct builder *b, struct raw_entry *entry)
{
	entry->complete = !b->cut_off;
	prefer_finish_entry(entry, !b->id_refused, b->arena);
	if (!entry->complete && entry->c.id == NULL && entry->c.link == NULL)
		return; /* the start of one: nothing to know it by (FORMATS 14) */
	if (arena_is_full(b->arena)) {
		builder_fail(b, -E2BIG, "xml: the entries are too large");
		return;
	}
	if (!b->on_entry(b->arg, entry)) {
		b->stopped = true;
		builder_fail(b, -E2BIG, "xml: more items than are read");
	}
}

void
handle_end_entry(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct raw_entry *entry = b->entry;

	(void)f;
	(void)value;
	(void)size;
	if (entry != NULL && b->error == 0 &&
	    (b->outer.entry == NULL || says_something(entry)))
		report_entry(b, entry);
	resume_outer(b);
}

/* ---- ids ---- */

void
handle_start_guid(struct builder *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = builder_att_dup(b, atts, "ispermalink");
}

void
handle_end_guid(struct builder *b, struct frame *f, char *value, size_t size)
{
	const char *perma = f->held[HELD_A];

	if (b->entry == NULL || size == 0 ||
	    !prefer(
		b->level, offsetof(struct common, id), f->element->rank * 2u, false))
		return;
	b->entry->c.id = arena_dup(b->arena, value, size);
	b->id_refused = perma != NULL && strcasecmp(perma, "false") == 0;
	b->entry->id_is_permalink = !b->id_refused;
}

/* ---- image, source ---- */

void
handle_start_image(struct builder *b, struct frame *f, const char *const *atts)
{
	memset(&b->image, 0, sizeof(b->image));
	b->image.base = f->base;
	b->image.url = builder_link(b, f, builder_att(atts, "href"));
	f->held[HELD_A] = builder_link(b, f, builder_att(atts, "resource"));
}

static void
put_image(struct builder *b, unsigned rank)
{
	if (b->image.url == NULL && b->image.title == NULL)
		return;
	if (prefer(b->level, offsetof(struct common, image), rank,
		b->image.url == NULL))
		b->level->c->image = b->image;
}

void
handle_end_image(struct builder *b, struct frame *f, char *value, size_t size)
{
	unsigned rank = 8;

	if (b->image.url == NULL && size > 0)
		b->image.url = builder_link(b, f, value);
	if (b->image.url == NULL && f->held[HELD_A] != NULL) {
		b->image.url = f->held[HELD_A]; /* RDF's reference to one */
		rank = 2;
	}
	put_image(b, rank);
}

void
handle_end_image_url(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (size > 0 && b->image.url == NULL)
		b->image.url = builder_link(b, f, value);
}

void
handle_end_image_title(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (b->image.title == NULL)
		b->image.title = arena_dup(b->arena, value, size);
}

void
handle_end_image_link(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (size > 0 && b->image.link == NULL)
		b->image.link = builder_link(b, f, value);
}

void
handle_end_image_text(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (b->image.description == NULL)
		b->image.description = arena_dup(b->arena, value, size);
}

static int32_t
pixels(const char *value)
{
	long n = strtol(value, NULL, 10);

	return n > 0 && n <= 1000000 ? (int32_t)n : 0;
}

void
handle_end_image_width(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	(void)size;
	b->image.width = pixels(value);
}

void
handle_end_image_height(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	(void)size;
	b->image.height = pixels(value);
}

void
handle_end_logo(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (size == 0)
		return;
	memset(&b->image, 0, sizeof(b->image));
	b->image.url = builder_link(b, f, value);
	b->image.base = f->base;
	put_image(b, 6);
}

void
handle_end_icon(struct builder *b, struct frame *f, char *value, size_t size)
{
	handle_end_link_string(b, f, value, size);
}

/* RSS: <source url>title</source>; Atom: a small feed. */
void
handle_start_source(struct builder *b, struct frame *f, const char *const *atts)
{
	struct common *source;

	source = arena_alloc(b->arena, sizeof(*source));
	if (source == NULL || b->entry == NULL)
		return;
	source->base = f->base;
	source->link = builder_link(b, f, builder_att(atts, "url"));
	source->link_base = f->base;
	level_init(&b->source_level, source);
	if (source->link != NULL)
		prefer(b->level, offsetof(struct common, link), 1, false);
	b->level = &b->source_level;
}

void
handle_end_source(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct common *source = b->level->c;

	if (b->level != &b->source_level)
		return;
	b->level = &b->entry_level;
	if (source->title.value == NULL && size > 0) {
		source->title.value = arena_dup(b->arena, value, size);
		source->title.size = size;
		source->title.lang = f->lang;
		source->title.base = f->base;
	}
	if (b->entry->source == NULL)
		b->entry->source = source;
}

/* ---- rarer ones of the feed ---- */

void
handle_start_cloud(struct builder *b, struct frame *f, const char *const *atts)
{
	struct cloud *cloud = &b->feed.cloud;

	(void)f;
	if (b->feed.has_cloud)
		return;
	b->feed.has_cloud = true;
	cloud->domain = builder_att_dup(b, atts, "domain");
	cloud->port = builder_att_dup(b, atts, "port");
	cloud->path = builder_att_dup(b, atts, "path");
	cloud->register_procedure = builder_att_dup(b, atts, "registerprocedure");
	cloud->protocol = builder_att_dup(b, atts, "protocol");
}

void
handle_start_generator(struct builder *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = builder_link(b, f, builder_att(atts, "uri"));
	if (f->held[HELD_A] == NULL)
		f->held[HELD_A] = builder_link(b, f, builder_att(atts, "url"));
	f->held[HELD_B] = builder_att_dup(b, atts, "version");
}

void
handle_end_generator(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct generator *g = &b->level->c->generator;

	if (!prefer(b->level, offsetof(struct common, generator), 4, size == 0))
		return;
	g->name = size > 0 ? arena_dup(b->arena, value, size) : NULL;
	g->uri = f->held[HELD_A];
	g->version = f->held[HELD_B];
}

static const char *
joined(struct builder *b, const char *list, const char *value)
{
	/* 24 hours and 7 days; a hostile list is cut. */
	if (list != NULL && strlen(list) > 256)
		return list;
	return list == NULL ? arena_strdup(b->arena, value)
			    : arena_printf(b->arena, "%s %s", list, value);
}

void
handle_end_skip_hour(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size > 0 && size < 16)
		b->feed.skip_hours = joined(b, b->feed.skip_hours, value);
}

void
handle_end_skip_day(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size > 0 && size < 16)
		b->feed.skip_days = joined(b, b->feed.skip_days, value);
}

void
handle_start_complete(struct builder *b, struct frame *f, const char *const *atts)
{
	(void)f;
	(void)atts;
	b->feed.complete = true;
}

void
handle_start_archive(struct builder *b, struct frame *f, const char *const *atts)
{
	(void)f;
	(void)atts;
	b->feed.archive = true;
}

void
handle_start_generator_agent(
    struct builder *b, struct frame *f, const char *const *atts)
{
	struct generator *g = &b->level->c->generator;
	const char *uri = builder_link(b, f, builder_att(atts, "resource"));

	if (uri == NULL ||
	    !prefer(b->level, offsetof(struct common, generator), 2, false))
		return;
	g->name = uri;
	g->uri = uri;
}
