/* SPDX-License-Identifier: ISC */
/* What few entries have, as PARSE.md's JSON: podcasts, media, places, replies. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "normalise/normalise.h"
#include "normalise/place.h"

struct writer {
	struct jsonw w; /* a copy: kept in step with the caller's */
	const char *base;
	bool sanitize;
	struct buf url, html;
};

static void
put_filled(struct writer *o, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		jsonw_text(&o->w, key, text);
}

static void
put_url(struct writer *o, const char *key, const char *base, const char *ref)
{
	buf_reset(&o->url);
	if (normalise_reference(o->base, base, ref, &o->url))
		jsonw_text(&o->w, key, o->url.data);
}

/* A non-negative whole number; anything else is left out. */
static void
put_number(struct writer *o, const char *key, const char *text)
{
	char *end;
	long long n;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return;
	n = strtoll(text, &end, 10);
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (*end == '\0' && n < INT64_MAX)
		jsonw_int(&o->w, key, n);
}

static void
put_seconds(struct writer *o, const char *key, double seconds)
{
	if (seconds >= 0)
		jsonw_double(&o->w, key, seconds);
}

static void
put_html(struct writer *o, const char *key, const struct text *text)
{
	struct buf base = {0};

	if (!normalise_reference(o->base, NULL, text->base, &base) &&
	    o->base != NULL)
		buf_puts(&base, o->base);
	buf_reset(&o->html);
	normalise_html(text, base.len > 0 ? base.data : NULL, &o->html);
	jsonw_textn(&o->w, key, buf_text(&o->html), o->html.len);
	buf_done(&base);
}

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasecmp(text, *words) == 0)
			return true;
	return false;
}

static void
put_itunes(struct writer *o, const struct itunes *i)
{
	static const char *const yes[] = {"yes", "true", "explicit", NULL};
	static const char *const no[] = {"no", "false", "clean", NULL};

	if (!i->present)
		return;
	jsonw_object(&o->w, "itunes");
	put_filled(o, "author", i->author);
	if (i->block != NULL)
		jsonw_bool(&o->w, "block", is_one_of(i->block, yes));
	if (i->explicit_ != NULL && is_one_of(i->explicit_, yes))
		jsonw_bool(&o->w, "explicit", true);
	else if (i->explicit_ != NULL && is_one_of(i->explicit_, no))
		jsonw_bool(&o->w, "explicit", false);
	if (i->duration != NULL)
		put_seconds(o, "duration_s", normalise_duration(i->duration));
	put_number(o, "episode", i->episode);
	put_number(o, "season", i->season);
	put_filled(o, "episode_type", i->episode_type);
	put_filled(o, "title", i->title);
	put_filled(o, "subtitle", i->subtitle);
	put_filled(o, "type", i->type);
	jsonw_close(&o->w);
}

static void
put_podcast_persons(struct writer *o, const struct podcast_person *p)
{
	if (p == NULL)
		return;
	jsonw_array(&o->w, "persons");
	for (; p != NULL; p = p->next) {
		jsonw_object(&o->w, NULL);
		put_filled(o, "name", p->name);
		put_filled(o, "role", p->role);
		put_filled(o, "group", p->group);
		put_url(o, "href", NULL, p->href);
		put_url(o, "img", NULL, p->img);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

static void
put_podcast(struct writer *o, const struct podcast *p)
{
	if (!p->present)
		return;
	jsonw_object(&o->w, "podcast");
	put_filled(o, "guid", p->guid);
	if (p->chapters_url != NULL) {
		jsonw_object(&o->w, "chapters");
		put_url(o, "url", NULL, p->chapters_url);
		put_filled(o, "type", p->chapters_type);
		jsonw_close(&o->w);
	}
	if (p->transcripts != NULL) {
		jsonw_array(&o->w, "transcripts");
		for (struct transcript *t = p->transcripts; t != NULL; t = t->next) {
			jsonw_object(&o->w, NULL);
			put_url(o, "url", NULL, t->url);
			put_filled(o, "type", t->type);
			put_filled(o, "language", t->language);
			put_filled(o, "rel", t->rel);
			jsonw_close(&o->w);
		}
		jsonw_close(&o->w);
	}
	put_podcast_persons(o, p->persons);
	jsonw_close(&o->w);
}

/* ---- places ---- */

#define GEO_NUMBERS 2000 /* a coastline is longer than anybody reads */

/* Geographic systems of EPSG, which name the latitude first. */
static bool
is_latitude_first(const struct geo *geo)
{
	const char *colon;
	long code;

	if (geo->longitude_first)
		return false;
	if (geo->srs == NULL || strstr(geo->srs, "EPSG") == NULL)
		return true;
	colon = strrchr(geo->srs, ':');
	code = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;
	return code >= 4000 && code < 5000;
}

static size_t
geo_numbers(const char *text, double *numbers)
{
	size_t n = 0;
	char *end;

	for (;;) {
		text += strspn(text, " \t\r\n,;");
		if (*text == '\0' || n == GEO_NUMBERS)
			return n;
		numbers[n] = strtod(text, &end);
		if (end == text || !(numbers[n] > -1e12 && numbers[n] < 1e12))
			return 0; /* not numbers: no place at all */
		text = end;
		n++;
	}
}

static void
put_position(struct writer *o, const double *numbers, size_t dimensions, bool swap)
{
	jsonw_array(&o->w, NULL);
	jsonw_double(&o->w, NULL, numbers[swap ? 1 : 0]);
	jsonw_double(&o->w, NULL, numbers[swap ? 0 : 1]);
	if (dimensions == 3)
		jsonw_double(&o->w, NULL, numbers[2]);
	jsonw_close(&o->w);
}

static void
put_positions(
    struct writer *o, const double *numbers, size_t n, size_t dimensions, bool swap)
{
	for (size_t i = 0; i + dimensions <= n; i += dimensions)
		put_position(o, numbers + i, dimensions, swap);
}

static void
put_coordinates(
    struct writer *o, const struct geo *geo, const double *numbers, size_t n)
{
	bool swap = is_latitude_first(geo);
	size_t dimensions = n % 2 == 1 && n % 3 == 0 ? 3 : 2;

	jsonw_array(&o->w, "coordinates");
	if (strcmp(geo->type, "Point") == 0) {
		jsonw_double(&o->w, NULL, numbers[swap ? 1 : 0]);
		jsonw_double(&o->w, NULL, numbers[swap ? 0 : 1]);
		if (n == 3)
			jsonw_double(&o->w, NULL, numbers[2]);
	} else if (strcmp(geo->type, "Polygon") == 0) {
		jsonw_array(&o->w, NULL);
		put_positions(o, numbers, n, dimensions, swap);
		jsonw_close(&o->w);
	} else {
		put_positions(o, numbers, n, dimensions, swap);
	}
	jsonw_close(&o->w);
}

static void
put_geo(struct writer *o, const struct geo *geo)
{
	double numbers[GEO_NUMBERS];
	size_t n, least;

	if (geo->type == NULL || geo->coordinates == NULL)
		return;
	n = geo_numbers(geo->coordinates, numbers);
	least = strcmp(geo->type, "Point") == 0 ? 2
	    : strcmp(geo->type, "Polygon") == 0 ? 6
						: 4;
	if (n < least)
		return;
	jsonw_object(&o->w, "geo");
	jsonw_text(&o->w, "type", geo->type);
	put_coordinates(o, geo, numbers, n);
	put_filled(o, "srs", geo->srs);
	jsonw_close(&o->w);
}

static void
put_thumbnails(struct writer *o, const struct thumbnail *t)
{
	if (t == NULL)
		return;
	jsonw_array(&o->w, "thumbnails");
	for (; t != NULL; t = t->next) {
		jsonw_object(&o->w, NULL);
		put_url(o, "url", t->base, t->url);
		put_number(o, "width", t->width);
		put_number(o, "height", t->height);
		put_filled(o, "time", t->time);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

static void
put_media_contents(struct writer *o, const struct media_content *c)
{
	if (c == NULL)
		return;
	jsonw_array(&o->w, "contents");
	for (; c != NULL; c = c->next) {
		jsonw_object(&o->w, NULL);
		put_url(o, "url", c->base, c->url);
		put_filled(o, "type", c->type);
		put_filled(o, "medium", c->medium);
		put_number(o, "length", c->length);
		if (c->duration != NULL)
			put_seconds(
			    o, "duration_s", normalise_duration(c->duration));
		put_number(o, "width", c->width);
		put_number(o, "height", c->height);
		put_filled(o, "expression", c->expression);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

static void
put_credits(struct writer *o, const struct media_credit *c)
{
	if (c == NULL)
		return;
	jsonw_array(&o->w, "credits");
	for (; c != NULL; c = c->next) {
		jsonw_object(&o->w, NULL);
		put_filled(o, "role", c->role);
		put_filled(o, "scheme", c->scheme);
		put_filled(o, "name", c->name);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

/* A blank-separated list: countries. */
static void
put_words(struct writer *o, const char *key, const char *list)
{
	size_t size;

	jsonw_array(&o->w, key);
	for (; *(list += strspn(list, " \t\r\n")) != '\0'; list += size) {
		size = strcspn(list, " \t\r\n");
		jsonw_textn(&o->w, NULL, list, size);
	}
	jsonw_close(&o->w);
}

static void
put_media_terms(struct writer *o, const struct media *m)
{
	if (m->rating != NULL) {
		jsonw_object(&o->w, "rating");
		put_filled(o, "value", m->rating);
		put_filled(o, "scheme", m->rating_scheme);
		jsonw_close(&o->w);
	}
	if (m->license_name != NULL || m->license_href != NULL) {
		jsonw_object(&o->w, "license");
		put_filled(o, "name", m->license_name);
		put_url(o, "href", m->base, m->license_href);
		put_filled(o, "type", m->license_type);
		jsonw_close(&o->w);
	}
	if (m->restriction != NULL) {
		jsonw_object(&o->w, "restriction");
		put_words(o, "value", m->restriction);
		put_filled(o, "relationship", m->restriction_relationship);
		put_filled(o, "type", m->restriction_type);
		jsonw_close(&o->w);
	}
}

static void
put_media(struct writer *o, const struct media *m)
{
	if (!m->present)
		return;
	jsonw_object(&o->w, "media");
	put_filled(o, "title", m->title.value);
	if (m->description.value != NULL && m->description.type != TEXT_PLAIN &&
	    o->sanitize)
		put_html(o, "description", &m->description);
	else
		put_filled(o, "description", m->description.value);
	put_thumbnails(o, m->thumbnails);
	put_media_contents(o, m->contents);
	put_credits(o, m->credits);
	put_url(o, "player", m->base, m->player);
	put_media_terms(o, m);
	put_filled(o, "keywords", m->keywords);
	jsonw_close(&o->w);
}

static void
put_chapters(struct writer *o, const struct chapter *c)
{
	if (c == NULL)
		return;
	jsonw_array(&o->w, "chapters");
	for (; c != NULL; c = c->next) {
		jsonw_object(&o->w, NULL);
		if (c->start != NULL)
			put_seconds(o, "start_s", normalise_duration(c->start));
		put_filled(o, "title", c->title);
		put_url(o, "href", NULL, c->href);
		put_url(o, "image", NULL, c->image);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

static void
put_reply(struct writer *o, const struct reply *reply)
{
	if (reply == NULL)
		return;
	jsonw_object(&o->w, "in_reply_to");
	put_filled(o, "ref", reply->ref);
	put_url(o, "href", NULL, reply->href);
	put_filled(o, "type", reply->type);
	put_url(o, "source", NULL, reply->source);
	jsonw_close(&o->w);
}

void
normalise_json_common(const struct common *c, const char *base, struct jsonw *w)
{
	struct writer o = {.w = *w, .base = base};

	put_itunes(&o, &c->itunes);
	put_podcast(&o, &c->podcast);
	put_geo(&o, &c->geo);
	*w = o.w;
	buf_done(&o.url);
}

void
normalise_json_entry(
    const struct raw_entry *raw, const char *base, bool sanitize, struct jsonw *w)
{
	struct writer o = {.w = *w, .base = base, .sanitize = sanitize};

	put_media(&o, &raw->media);
	put_chapters(&o, raw->chapters);
	put_reply(&o, raw->in_reply_to);
	*w = o.w;
	buf_done(&o.url);
	buf_done(&o.html);
}
