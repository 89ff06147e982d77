/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "parse/handle.h"

/* ---- iTunes and Podcasting 2.0 ---- */

void
handle_end_itunes(struct builder *b, struct frame *f, char *value, size_t size)
{
	b->level->c->itunes.present = true;
	handle_end_string(b, f, value, size);
}

/* Also the entry's summary, when nothing longer is there. */
void
handle_end_itunes_subtitle(
    struct builder *b, struct frame *f, char *value, size_t size)
{
	struct text text = {.lang = f->lang, .base = f->base};

	handle_end_itunes(b, f, value, size);
	text.value = b->level->c->itunes.subtitle;
	text.size = text.value != NULL ? strlen(text.value) : 0;
	if (b->level == &b->entry_level && size > 0)
		prefer_text(b->level, offsetof(struct common, summary), 2, &text);
}

/* itunes:image href; below RSS's own image, above what is only a hint. */
void
handle_start_itunes_image(
    struct builder *b, struct frame *f, const char *const *atts)
{
	const char *url = builder_link(b, f, builder_att(atts, "href"));
	struct image *image = &b->level->c->image;

	if (url == NULL)
		url = builder_link(b, f, builder_att(atts, "url"));
	if (url == NULL ||
	    !prefer(b->level, offsetof(struct common, image), 5, false))
		return;
	memset(image, 0, sizeof(*image));
	image->url = url;
	image->base = f->base;
}

void
handle_end_podcast_guid(struct builder *b, struct frame *f, char *value, size_t size)
{
	b->level->c->podcast.present = true;
	handle_end_string(b, f, value, size);
}

void
handle_start_podcast_chapters(
    struct builder *b, struct frame *f, const char *const *atts)
{
	struct podcast *p = &b->level->c->podcast;

	if (p->chapters_url != NULL)
		return;
	p->chapters_url = builder_link(b, f, builder_att(atts, "url"));
	p->chapters_type = builder_att_dup(b, atts, "type");
	p->present |= p->chapters_url != NULL;
}

void
handle_start_transcript(struct builder *b, struct frame *f, const char *const *atts)
{
	struct podcast *p = &b->level->c->podcast;
	const char *url = builder_link(b, f, builder_att(atts, "url"));
	struct transcript *t;

	if (url == NULL)
		return;
	t = list_add(b->level, b->arena, &p->transcripts, sizeof(*t));
	if (t == NULL)
		return;
	p->present = true;
	t->url = url;
	t->type = builder_att_dup(b, atts, "type");
	t->language = builder_att_dup(b, atts, "language");
	t->rel = builder_att_dup(b, atts, "rel");
}

void
handle_start_podcast_person(
    struct builder *b, struct frame *f, const char *const *atts)
{
	struct podcast *p = &b->level->c->podcast;
	struct podcast_person *person;

	person = list_add(b->level, b->arena, &p->persons, sizeof(*person));
	if (person == NULL)
		return;
	p->present = true;
	person->role = builder_att_dup(b, atts, "role");
	person->group = builder_att_dup(b, atts, "group");
	person->href = builder_link(b, f, builder_att(atts, "href"));
	person->img = builder_link(b, f, builder_att(atts, "img"));
	f->held[HELD_A] = (const char *)person;
}

void
handle_end_podcast_person(
    struct builder *b, struct frame *f, char *value, size_t size)
{
	struct podcast_person *person =
	    (struct podcast_person *)(void *)f->held[HELD_A];

	if (person != NULL && size > 0)
		person->name = arena_dup(b->arena, value, size);
}

/* ---- licences, threads, chapters ---- */

void
handle_start_license(struct builder *b, struct frame *f, const char *const *atts)
{
	prefer_string(b->level, offsetof(struct common, license), 6,
	    builder_link(b, f, builder_att(atts, "resource")));
}

void
handle_end_license(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (size > 0)
		prefer_string(b->level, offsetof(struct common, license), 6,
		    builder_link(b, f, value));
}

void
handle_start_reply(struct builder *b, struct frame *f, const char *const *atts)
{
	struct reply *reply;

	reply = list_add(b->level, b->arena, &b->entry->in_reply_to, sizeof(*reply));
	if (reply == NULL)
		return;
	reply->ref = builder_att_dup(b, atts, "ref");
	reply->href = builder_link(b, f, builder_att(atts, "href"));
	reply->type = builder_att_dup(b, atts, "type");
	reply->source = builder_link(b, f, builder_att(atts, "source"));
}

void
handle_start_chapter(struct builder *b, struct frame *f, const char *const *atts)
{
	struct chapter *chapter;

	if (b->level != &b->entry_level)
		return;
	chapter =
	    list_add(b->level, b->arena, &b->entry->chapters, sizeof(*chapter));
	if (chapter == NULL)
		return;
	chapter->start = builder_att_dup(b, atts, "start");
	chapter->title = builder_att_dup(b, atts, "title");
	chapter->href = builder_link(b, f, builder_att(atts, "href"));
	chapter->image = builder_link(b, f, builder_att(atts, "image"));
}
