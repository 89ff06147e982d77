/* SPDX-License-Identifier: ISC */
/* Media RSS.  Groups are transparent: what nests freely is one flat list. */
#include <string.h>
#include <strings.h>

#include "parse/handle.h"

/* Media RSS on a channel says nothing that is kept. */
static struct media *
media_of(struct builder *b)
{
	if (b->level != &b->entry_level)
		return NULL;
	b->entry->media.present = true;
	return &b->entry->media;
}

void
handle_start_media_content(
    struct builder *b, struct frame *f, const char *const *atts)
{
	struct media *media = media_of(b);
	struct media_content *c;
	const char *url = builder_link(b, f, builder_att(atts, "url"));

	if (media == NULL || url == NULL)
		return;
	c = list_add(b->level, b->arena, &media->contents, sizeof(*c));
	if (c == NULL)
		return;
	c->url = url;
	c->base = f->base;
	c->type = builder_att_dup(b, atts, "type");
	c->medium = builder_att_dup(b, atts, "medium");
	c->expression = builder_att_dup(b, atts, "expression");
	c->length = builder_att_dup(b, atts, "filesize");
	c->duration = builder_att_dup(b, atts, "duration");
	c->width = builder_att_dup(b, atts, "width");
	c->height = builder_att_dup(b, atts, "height");
}

void
handle_start_thumbnail(struct builder *b, struct frame *f, const char *const *atts)
{
	struct media *media = media_of(b);
	struct thumbnail *t;

	f->held[HELD_A] = NULL;
	if (media == NULL)
		return;
	t = list_add(b->level, b->arena, &media->thumbnails, sizeof(*t));
	if (t == NULL)
		return;
	t->url = builder_link(b, f, builder_att(atts, "url"));
	t->base = f->base;
	t->width = builder_att_dup(b, atts, "width");
	t->height = builder_att_dup(b, atts, "height");
	t->time = builder_att_dup(b, atts, "time");
	f->held[HELD_A] = (const char *)t;
}

/* Some write the address between the tags. */
void
handle_end_thumbnail(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct thumbnail *t = (struct thumbnail *)(void *)f->held[HELD_A];

	if (t != NULL && t->url == NULL && size > 0)
		t->url = builder_link(b, f, value);
}

void
handle_start_credit(struct builder *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = builder_att_dup(b, atts, "role");
	f->held[HELD_B] = builder_att_dup(b, atts, "scheme");
}

void
handle_end_credit(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);
	struct media_credit *credit;

	if (media == NULL || size == 0)
		return;
	credit = list_add(b->level, b->arena, &media->credits, sizeof(*credit));
	if (credit == NULL)
		return;
	credit->name = arena_dup(b->arena, value, size);
	credit->role = f->held[HELD_A];
	credit->scheme = f->held[HELD_B];
}

void
handle_start_player(struct builder *b, struct frame *f, const char *const *atts)
{
	struct media *media = media_of(b);

	if (media != NULL && media->player == NULL)
		media->player = builder_link(b, f, builder_att(atts, "url"));
}

void
handle_end_player(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media != NULL && media->player == NULL && size > 0)
		media->player = builder_link(b, f, value);
}

/* Below everything else, media:title and media:description also serve as the
 * entry's own. */
static void
serve(struct builder *b, const struct text *held, size_t member)
{
	if (held->size > 0)
		prefer_text(b->level, member, 1, held);
}

void
handle_end_media_title(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (media_of(b) == NULL)
		return;
	construct_plain(b, f, value, size);
	serve(b, &b->entry->media.title, offsetof(struct common, title));
}

void
handle_end_media_description(
    struct builder *b, struct frame *f, char *value, size_t size)
{
	if (media_of(b) == NULL)
		return;
	construct_plain(b, f, value, size);
	serve(b, &b->entry->media.description, offsetof(struct common, summary));
}

void
handle_end_media_keywords(
    struct builder *b, struct frame *f, char *value, size_t size)
{
	if (media_of(b) != NULL)
		handle_end_string(b, f, value, size);
}

void
handle_start_rating(struct builder *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = builder_att_dup(b, atts, "scheme");
}

void
handle_end_rating(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media == NULL || media->rating != NULL || size == 0)
		return;
	media->rating = arena_dup(b->arena, value, size);
	media->rating_scheme = f->held[HELD_A];
}

void
handle_start_media_license(
    struct builder *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = builder_link(b, f, builder_att(atts, "href"));
	f->held[HELD_B] = builder_att_dup(b, atts, "type");
}

void
handle_end_media_license(
    struct builder *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media == NULL || media->license_name != NULL ||
	    media->license_href != NULL)
		return;
	media->license_name = size > 0 ? arena_dup(b->arena, value, size) : NULL;
	media->license_href = f->held[HELD_A];
	media->license_type = f->held[HELD_B];
}

void
handle_start_restriction(struct builder *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = builder_att_dup(b, atts, "relationship");
	f->held[HELD_B] = builder_att_dup(b, atts, "type");
}

void
handle_end_restriction(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media == NULL || media->restriction != NULL)
		return;
	media->restriction = arena_dup(b->arena, value, size);
	media->restriction_relationship = f->held[HELD_A];
	media->restriction_type = f->held[HELD_B];
}

void
handle_end_media_category(
    struct builder *b, struct frame *f, char *value, size_t size)
{
	const char *scheme = f->held[HELD_B];

	if (size == 0)
		return;
	if (scheme == NULL) /* Media RSS names this default */
		scheme = "http://search.yahoo.com/mrss/category_schema";
	people_category(
	    b, arena_dup(b->arena, value, size), scheme, f->held[HELD_C]);
}
