/* SPDX-License-Identifier: ISC */
/* Media RSS.  Groups are transparent: what nests freely is one flat list. */
#include <string.h>
#include <strings.h>

#include "parse/handle.h"

/* Media RSS on a channel says nothing that is kept. */
static struct media *
media_of(struct build *b)
{
	if (b->level != &b->entry_level)
		return NULL;
	b->entry->media.present = true;
	return &b->entry->media;
}

void
start_media_content(struct build *b, struct frame *f, const char *const *atts)
{
	struct media *media = media_of(b);
	struct media_content *c;
	const char *url = dup_link(b, f, att(atts, "url"));

	if (media == NULL || url == NULL)
		return;
	c = list_add(b->level, b->arena, &media->contents, sizeof(*c));
	if (c == NULL)
		return;
	c->url = url;
	c->base = f->base;
	c->type = att_dup(b, atts, "type");
	c->medium = att_dup(b, atts, "medium");
	c->expression = att_dup(b, atts, "expression");
	c->length = att_dup(b, atts, "filesize");
	c->duration = att_dup(b, atts, "duration");
	c->width = att_dup(b, atts, "width");
	c->height = att_dup(b, atts, "height");
}

void
start_thumbnail(struct build *b, struct frame *f, const char *const *atts)
{
	struct media *media = media_of(b);
	struct thumbnail *t;

	f->held[HELD_A] = NULL;
	if (media == NULL)
		return;
	t = list_add(b->level, b->arena, &media->thumbnails, sizeof(*t));
	if (t == NULL)
		return;
	t->url = dup_link(b, f, att(atts, "url"));
	t->base = f->base;
	t->width = att_dup(b, atts, "width");
	t->height = att_dup(b, atts, "height");
	t->time = att_dup(b, atts, "time");
	f->held[HELD_A] = (const char *)t;
}

/* Some write the address between the tags. */
void
end_thumbnail(struct build *b, struct frame *f, char *value, size_t size)
{
	struct thumbnail *t = (struct thumbnail *)(void *)f->held[HELD_A];

	if (t != NULL && t->url == NULL && size > 0)
		t->url = dup_link(b, f, value);
}

void
start_credit(struct build *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = att_dup(b, atts, "role");
	f->held[HELD_B] = att_dup(b, atts, "scheme");
}

void
end_credit(struct build *b, struct frame *f, char *value, size_t size)
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
start_player(struct build *b, struct frame *f, const char *const *atts)
{
	struct media *media = media_of(b);

	if (media != NULL && media->player == NULL)
		media->player = dup_link(b, f, att(atts, "url"));
}

void
end_player(struct build *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media != NULL && media->player == NULL && size > 0)
		media->player = dup_link(b, f, value);
}

/* Below everything else, media:title and media:description also serve as the
 * entry's own. */
static void
serve(struct build *b, const struct text *held, size_t member)
{
	if (held->size > 0)
		prefer_text(b->level, member, 1, held);
}

void
end_media_title(struct build *b, struct frame *f, char *value, size_t size)
{
	if (media_of(b) == NULL)
		return;
	construct_plain(b, f, value, size);
	serve(b, &b->entry->media.title, offsetof(struct common, title));
}

void
end_media_description(struct build *b, struct frame *f, char *value, size_t size)
{
	if (media_of(b) == NULL)
		return;
	construct_plain(b, f, value, size);
	serve(b, &b->entry->media.description, offsetof(struct common, summary));
}

void
end_media_keywords(struct build *b, struct frame *f, char *value, size_t size)
{
	if (media_of(b) != NULL)
		end_string(b, f, value, size);
}

void
start_rating(struct build *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = att_dup(b, atts, "scheme");
}

void
end_rating(struct build *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media == NULL || media->rating != NULL || size == 0)
		return;
	media->rating = arena_dup(b->arena, value, size);
	media->rating_scheme = f->held[HELD_A];
}

void
start_media_license(struct build *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = dup_link(b, f, att(atts, "href"));
	f->held[HELD_B] = att_dup(b, atts, "type");
}

void
end_media_license(struct build *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media == NULL || media->license_name != NULL || media->license_href != NULL)
		return;
	media->license_name = size > 0 ? arena_dup(b->arena, value, size) : NULL;
	media->license_href = f->held[HELD_A];
	media->license_type = f->held[HELD_B];
}

void
start_restriction(struct build *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = att_dup(b, atts, "relationship");
	f->held[HELD_B] = att_dup(b, atts, "type");
}

void
end_restriction(struct build *b, struct frame *f, char *value, size_t size)
{
	struct media *media = media_of(b);

	if (media == NULL || media->restriction != NULL)
		return;
	media->restriction = arena_dup(b->arena, value, size);
	media->restriction_relationship = f->held[HELD_A];
	media->restriction_type = f->held[HELD_B];
}

void
end_media_category(struct build *b, struct frame *f, char *value, size_t size)
{
	const char *scheme = f->held[HELD_B];

	if (size == 0)
		return;
	if (scheme == NULL) /* Media RSS names this default */
		scheme = "http://search.yahoo.com/mrss/category_schema";
	category_add(b, arena_dup(b->arena, value, size), scheme, f->held[HELD_C]);
}
