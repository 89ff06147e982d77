/* SPDX-License-Identifier: ISC */
/* What an entry says beyond the columns of an item, as PARSE.md names it. */
#include "normalise/meta.h"

#include <string.h>

#include "normalise/place.h"

struct meta {
	struct jsonw w;
	const char *base;
	struct buf text;
};

static void
put_line(struct meta *m, const char *key, const struct text *text)
{
	buf_reset(&m->text);
	normalise_text(text, true, &m->text);
	jsonw_filled(&m->w, key, buf_text(&m->text));
}

static void
put_url(struct meta *m, const char *key, const char *base, const char *ref)
{
	buf_reset(&m->text);
	if (normalise_reference(m->base, base, ref, &m->text))
		jsonw_text(&m->w, key, m->text.data);
}

static void
put_date(struct meta *m, const char *key, const char *text)
{
	msec_t wall;

	if (text != NULL && normalise_date(text, &wall) == 0)
		jsonw_time(&m->w, key, wall);
}

#define FUTURE_SLACK MSEC_PER_HOUR
#define EARLIEST INT64_C(662688000000) /* 1991: the web's first year */

bool
meta_is_plausible(msec_t wall, msec_t now)
{
	return wall >= EARLIEST && (now == 0 || wall <= now + FUTURE_SLACK);
}

/* The date that the item does not have, since nobody would believe it. */
static void
put_odd_date(struct meta *m, const char *key, const char *text, msec_t now)
{
	msec_t wall;

	if (text != NULL && normalise_date(text, &wall) == 0 &&
	    !meta_is_plausible(wall, now))
		jsonw_time(&m->w, key, wall);
}

/* Whether there is more to say of them than item's `author` does. */
static bool
has_details(const struct person *person)
{
	for (; person != NULL; person = person->next) {
		if (person->email != NULL || person->uri != NULL ||
		    person->avatar != NULL)
			return true;
	}
	return false;
}

static void
put_persons(struct meta *m, const char *key, const struct person *person)
{
	if (person == NULL)
		return;
	jsonw_array(&m->w, key);
	for (; person != NULL; person = person->next) {
		jsonw_object(&m->w, NULL);
		jsonw_filled(&m->w, "name", person->name);
		jsonw_filled(&m->w, "email", person->email);
		put_url(m, "uri", NULL, person->uri);
		put_url(m, "avatar", NULL, person->avatar);
		jsonw_close(&m->w);
	}
	jsonw_close(&m->w);
}

/* Related pages and where a link blog found it: DEDUP asks for these. */
static bool
is_told(const struct link *link)
{
	return link->rel != NULL &&
	    (strcmp(link->rel, "via") == 0 || strcmp(link->rel, "related") == 0);
}

static void
put_links(struct meta *m, const struct link *link)
{
	bool open = false;

	for (; link != NULL; link = link->next) {
		if (!is_told(link))
			continue;
		if (!open)
			jsonw_array(&m->w, "links");
		open = true;
		jsonw_object(&m->w, NULL);
		jsonw_text(&m->w, "rel", link->rel);
		put_url(m, "href", link->base, link->href);
		jsonw_filled(&m->w, "title", link->title);
		jsonw_close(&m->w);
	}
	if (open)
		jsonw_close(&m->w);
}

static void
put_source(struct meta *m, const struct common *source)
{
	if (source == NULL)
		return;
	jsonw_object(&m->w, "source");
	put_line(m, "title", &source->title);
	put_url(m, "link", source->link_base, source->link);
	jsonw_filled(&m->w, "id", source->id);
	jsonw_close(&m->w);
}

/* Digits alone, few enough to be a number. */
static void
put_count(struct meta *m, const char *key, const char *text)
{
	int64_t value = 0;
	size_t i;

	if (text == NULL)
		return;
	for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 10; i++)
		value = value * 10 + (text[i] - '0');
	if (i > 0 && text[i] == '\0')
		jsonw_int(&m->w, key, value);
}

void
meta_of_entry(const struct raw_entry *raw, const struct normalise_context *context,
    struct buf *out)
{
	struct meta m = {.base = context->base};
	size_t start = out->len;

	jsonw_init(&m.w, out);
	jsonw_object(&m.w, NULL);
	if (has_details(raw->c.authors))
		put_persons(&m, "authors", raw->c.authors);
	put_persons(&m, "contributors", raw->c.contributors);
	put_line(&m, "rights", &raw->c.rights);
	put_url(&m, "license", raw->c.base, raw->c.license);
	put_odd_date(&m, "published", raw->c.published, context->now);
	put_odd_date(&m, "updated", raw->c.updated, context->now);
	put_date(&m, "created", raw->c.created);
	put_date(&m, "expired", raw->c.expired);
	put_links(&m, raw->c.links);
	put_url(&m, "comments_feed", raw->c.base, raw->comments_feed);
	put_count(&m, "comments_count", raw->comments_count);
	put_url(&m, "content_src", raw->content.base, raw->content_src);
	put_source(&m, raw->source);
	normalise_json_common(&raw->c, context->base, &m.w);
	normalise_json_entry(raw, context->base, true, &m.w);
	jsonw_close(&m.w);
	if (out->len - start <= 2) { /* {} */
		out->len = start;
		out->data[start] = '\0';
	}
	buf_done(&m.text);
}
