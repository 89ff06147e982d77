/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "parse/handle.h"

/* ---- iTunes and Podcasting 2.0 ---- */

void
end_itunes(struct build *b, struct frame *f, char *value, size_t size)
{
	b->level->c->itunes.present = true;
	end_string(b, f, value, size);
}

/* Also the entry's summary, when nothing longer is there. */
void
end_itunes_subtitle(struct build *b, struct frame *f, char *value, size_t size)
{
	struct text text = {.lang = f->lang, .base = f->base};

	end_itunes(b, f, value, size);
	text.value = b->level->c->itunes.subtitle;
	text.size = text.value != NULL ? strlen(text.value) : 0;
	if (b->level == &b->entry_level && size > 0)
		prefer_text(b->level, offsetof(struct common, summary), 2, &text);
}

/* itunes:image href; below RSS's own image, above what is only a hint. */
void
start_itunes_image(struct build *b, struct frame *f, const char *const *atts)
{
	const char *url = dup_link(b, f, att(atts, "href"));
	struct image *image = &b->level->c->image;

	if (url == NULL)
		url = dup_link(b, f, att(atts, "url"));
	if (url == NULL || !prefer(b->level, offsetof(struct common, image), 5, false))
		return;
	memset(image, 0, sizeof(*image));
	image->url = url;
	image->base = f->base;
}

void
end_podcast_guid(struct build *b, struct frame *f, char *value, size_t size)
{
	b->level->c->podcast.present = true;
	end_string(b, f, value, size);
}

void
start_podcast_chapters(struct build *b, struct frame *f, const char *const *atts)
{
	struct podcast *p = &b->level->c->podcast;

	if (p->chapters_url != NULL)
		return;
	p->chapters_url = dup_link(b, f, att(atts, "url"));
	p->chapters_type = att_dup(b, atts, "type");
	p->present |= p->chapters_url != NULL;
}

void
start_transcript(struct build *b, struct frame *f, const char *const *atts)
{
	struct podcast *p = &b->level->c->podcast;
	const char *url = dup_link(b, f, att(atts, "url"));
	struct transcript *t;

	if (url == NULL)
		return;
	t = list_add(b->level, b->arena, &p->transcripts, sizeof(*t));
	if (t == NULL)
		return;
	p->present = true;
	t->url = url;
	t->type = att_dup(b, atts, "type");
	t->language = att_dup(b, atts, "language");
	t->rel = att_dup(b, atts, "rel");
}

void
start_podcast_person(struct build *b, struct frame *f, const char *const *atts)
{
	struct podcast *p = &b->level->c->podcast;
	struct podcast_person *person;

	person = list_add(b->level, b->arena, &p->persons, sizeof(*person));
	if (person == NULL)
		return;
	p->present = true;
	person->role = att_dup(b, atts, "role");
	person->group = att_dup(b, atts, "group");
	person->href = dup_link(b, f, att(atts, "href"));
	person->img = dup_link(b, f, att(atts, "img"));
	f->held[HELD_A] = (const char *)person;
}

void
end_podcast_person(struct build *b, struct frame *f, char *value, size_t size)
{
	struct podcast_person *person = (struct podcast_person *)(void *)f->held[HELD_A];

	if (person != NULL && size > 0)
		person->name = arena_dup(b->arena, value, size);
}

/* ---- licences, threads, chapters ---- */

void
start_license(struct build *b, struct frame *f, const char *const *atts)
{
	prefer_string(b->level, offsetof(struct common, license), 6,
	    dup_link(b, f, att(atts, "resource")));
}

void
end_license(struct build *b, struct frame *f, char *value, size_t size)
{
	if (size > 0)
		prefer_string(b->level, offsetof(struct common, license), 6,
		    dup_link(b, f, value));
}

void
start_reply(struct build *b, struct frame *f, const char *const *atts)
{
	struct reply *reply;

	reply = list_add(b->level, b->arena, &b->entry->in_reply_to, sizeof(*reply));
	if (reply == NULL)
		return;
	reply->ref = att_dup(b, atts, "ref");
	reply->href = dup_link(b, f, att(atts, "href"));
	reply->type = att_dup(b, atts, "type");
	reply->source = dup_link(b, f, att(atts, "source"));
}

void
start_chapter(struct build *b, struct frame *f, const char *const *atts)
{
	struct chapter *chapter;

	if (b->level != &b->entry_level)
		return;
	chapter = list_add(b->level, b->arena, &b->entry->chapters, sizeof(*chapter));
	if (chapter == NULL)
		return;
	chapter->start = att_dup(b, atts, "start");
	chapter->title = att_dup(b, atts, "title");
	chapter->href = dup_link(b, f, att(atts, "href"));
	chapter->image = dup_link(b, f, att(atts, "image"));
}
