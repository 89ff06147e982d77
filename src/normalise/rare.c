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
	struct jsonw *w;
	const char *base;
	bool sanitize;
	struct buf url, html;
};

static void
put_url(struct writer *o, const char *key, const char *base, const char *ref)
{
	buf_reset(&o->url);
	if (normalise_reference(o->base, base, ref, &o->url))
		jsonw_text(o->w, key, o->url.data);
}

static void
put_duration(struct writer *o, const char *key, const char *text)
{
	double seconds = text != NULL ? normalise_duration(text) : -1;

	if (seconds >= 0)
		jsonw_double(o->w, key, seconds);
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
	jsonw_textn(o->w, key, buf_text(&o->html), o->html.len);
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
	jsonw_object(o->w, "itunes");
	jsonw_filled(o->w, "author", i->author);
	if (i->block != NULL)
		jsonw_bool(o->w, "block", is_one_of(i->block, yes));
	if (i->explicit_ != NULL && is_one_of(i->explicit_, yes))
		jsonw_bool(o->w, "explicit", true);
	else if (i->explicit_ != NULL && is_one_of(i->explicit_, no))
		jsonw_bool(o->w, "explicit", false);
	put_duration(o, "duration_s", i->duration);
	normalise_json_number(o->w, "episode", i->episode);
	normalise_json_number(o->w, "season", i->season);
	jsonw_filled(o->w, "episode_type", i->episode_type);
	jsonw_filled(o->w, "title", i->title);
	jsonw_filled(o->w, "subtitle", i->subtitle);
	jsonw_filled(o->w, "type", i->type);
	jsonw_close(o->w);
}

static void
put_podcast_persons(struct writer *o, const struct podcast_person *p)
{
	if (p == NULL)
		return;
	jsonw_array(o->w, "persons");
	for (; p != NULL; p = p->next) {
		jsonw_object(o->w, NULL);
		jsonw_filled(o->w, "name", p->name);
		jsonw_filled(o->w, "role", p->role);
		jsonw_filled(o->w, "group", p->group);
		put_url(o, "href", NULL, p->href);
		put_url(o, "img", NULL, p->img);
		jsonw_close(o->w);
	}
	jsonw_close(o->w);
}

static void
put_podcast(struct writer *o, const struct podcast *p)
{
	if (!p->present)
		return;
	jsonw_object(o->w, "podcast");
	jsonw_filled(o->w, "guid", p->guid);
	if (p->chapters_url != NULL) {
		jsonw_object(o->w, "chapters");
		put_url(o, "url", NULL, p->chapters_url);
		jsonw_filled(o->w, "type", p->chapters_type);
		jsonw_close(o->w);
	}
	if (p->transcripts != NULL) {
		jsonw_array(o->w, "transcripts");
		for (struct transcript *t = p->transcripts; t != NULL; t = t->next) {
			jsonw_object(o->w, NULL);
			put_url(o, "url", NULL, t->url);
			jsonw_filled(o->w, "type", t->type);
			jsonw_filled(o->w, "language", t->language);
			jsonw_filled(o->w, "rel", t->rel);
			jsonw_close(o->w);
		}
		jsonw_close(o->w);
	}
	put_podcast_persons(o, p->persons);
	jsonw_close(o->w);
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
	jsonw_array(o->w, NULL);
	jsonw_double(o->w, NULL, numbers[swap ? 1 : 0]);
	jsonw_double(o->w, NULL, numbers[swap ? 0 : 1]);
	if (dimensions == 3)
		jsonw_double(o->w, NULL, numbers[2]);
	jsonw_close(o->w);
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

	jsonw_array(o->w, "coordinates");
	if (strcmp(geo->type, "Point") == 0) {
		jsonw_double(o->w, NULL, numbers[swap ? 1 : 0]);
		jsonw_double(o->w, NULL, numbers[swap ? 0 : 1]);
		if (n == 3)
			jsonw_double(o->w, NULL, numbers[2]);
	} else if (strcmp(geo->type, "Polygon") == 0) {
		jsonw_array(o->w, NULL);
		put_positions(o, numbers, n, dimensions, swap);
		jsonw_close(o->w);
	} else {
		put_positions(o, numbers, n, dimensions, swap);
	}
	jsonw_close(o->w);
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
	jsonw_object(o->w, "geo");
	jsonw_text(o->w, "type", geo->type);
	put_coordinates(o, geo, numbers, n);
	jsonw_filled(o->w, "srs", geo->srs);
	jsonw_close(o->w);
}

static void
put_thumbnails(struct writer *o, const struct thumbnail *t)
{
	if (t == NULL)
		return;
	jsonw_array(o->w, "thumbnails");
	for (; t != NULL; t = t->next) {
		jsonw_object(o->w, NULL);
		put_url(o, "url", t->base, t->url);
		normalise_json_number(o->w, "width", t->width);
		normalise_json_number(o->w, "height", t->height);
		jsonw_filled(o->w, "time", t->time);
		jsonw_close(o->w);
	}
	jsonw_close(o->w);
}

static void
put_media_contents(struct writer *o, const struct media_content *c)
{
	if (c == NULL)
		return;
	jsonw_array(o->w, "contents");
	for (; c != NULL; c = c->next) {
		jsonw_object(o->w, NULL);
		put_url(o, "url", c->base, c->url);
		jsonw_filled(o->w, "type", c->type);
		jsonw_filled(o->w, "medium", c->medium);
		normalise_json_number(o->w, "length", c->length);
		put_duration(o, "duration_s", c->duration);
		normalise_json_number(o->w, "width", c->width);
		normalise_json_number(o->w, "height", c->height);
		jsonw_filled(o->w, "expression", c->expression);
		jsonw_close(o->w);
	}
	jsonw_close(o->w);
}

static void
put_credits(struct writer *o, const struct media_credit *c)
{
	if (c == NULL)
		return;
	jsonw_array(o->w, "credits");
	for (; c != NULL; c = c->next) {
		jsonw_object(o->w, NULL);
		jsonw_filled(o->w, "role", c->role);
		jsonw_filled(o->w, "scheme", c->scheme);
		jsonw_filled(o->w, "name", c->name);
		jsonw_close(o->w);
	}
	jsonw_close(o->w);
}

/* A blank-separated list: countries. */
static void
put_words(struct writer *o, const char *key, const char *list)
{
	size_t size;

	jsonw_array(o->w, key);
	for (; *(list += strspn(list, " \t\r\n")) != '\0'; list += size) {
		size = strcspn(list, " \t\r\n");
		jsonw_textn(o->w, NULL, list, size);
	}
	jsonw_close(o->w);
}

static void
put_media_terms(struct writer *o, const struct media *m)
{
	if (m->rating != NULL) {
		jsonw_object(o->w, "rating");
		jsonw_filled(o->w, "value", m->rating);
		jsonw_filled(o->w, "scheme", m->rating_scheme);
		jsonw_close(o->w);
	}
	if (m->license_name != NULL || m->license_href != NULL) {
		jsonw_object(o->w, "license");
		jsonw_filled(o->w, "name", m->license_name);
		put_url(o, "href", m->base, m->license_href);
		jsonw_filled(o->w, "type", m->license_type);
		jsonw_close(o->w);
	}
	if (m->restriction != NULL) {
		jsonw_object(o->w, "restriction");
		put_words(o, "value", m->restriction);
		jsonw_filled(o->w, "relationship", m->restriction_relationship);
		jsonw_filled(o->w, "type", m->restriction_type);
		jsonw_close(o->w);
	}
}

static void
put_media(struct writer *o, const struct media *m)
{
	if (!m->present)
		return;
	jsonw_object(o->w, "media");
	jsonw_filled(o->w, "title", m->title.value);
	if (m->description.value != NULL && m->description.type != TEXT_PLAIN &&
	    o->sanitize)
		put_html(o, "description", &m->description);
	else
		jsonw_filled(o->w, "description", m->description.value);
	put_thumbnails(o, m->thumbnails);
	put_media_contents(o, m->contents);
	put_credits(o, m->credits);
	put_url(o, "player", m->base, m->player);
	put_media_terms(o, m);
	jsonw_filled(o->w, "keywords", m->keywords);
	jsonw_close(o->w);
}

static void
put_chapters(struct writer *o, const struct chapter *c)
{
	if (c == NULL)
		return;
	jsonw_array(o->w, "chapters");
	for (; c != NULL; c = c->next) {
		jsonw_object(o->w, NULL);
		put_duration(o, "start_s", c->start);
		jsonw_filled(o->w, "title", c->title);
		put_url(o, "href", NULL, c->href);
		put_url(o, "image", NULL, c->image);
		jsonw_close(o->w);
	}
	jsonw_close(o->w);
}

static void
put_reply(struct writer *o, const struct reply *reply)
{
	if (reply == NULL)
		return;
	jsonw_object(o->w, "in_reply_to");
	jsonw_filled(o->w, "ref", reply->ref);
	put_url(o, "href", NULL, reply->href);
	jsonw_filled(o->w, "type", reply->type);
	put_url(o, "source", NULL, reply->source);
	jsonw_close(o->w);
}

void
normalise_json_number(struct jsonw *w, const char *key, const char *text)
{
	char *end;
	long long n;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return;
	n = strtoll(text, &end, 10);
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (*end == '\0' && n < INT64_MAX)
		jsonw_int(w, key, n);
}

void
normalise_json_common(const struct common *c, const char *base, struct jsonw *w)
{
	struct writer o = {.w = w, .base = base};

	put_itunes(&o, &c->itunes);
	put_podcast(&o, &c->podcast);
	put_geo(&o, &c->geo);
	buf_done(&o.url);
}

void
normalise_json_entry(
    const struct raw_entry *raw, const char *base, bool sanitize, struct jsonw *w)
{
	struct writer o = {.w = w, .base = base, .sanitize = sanitize};

	put_media(&o, &raw->media);
	put_chapters(&o, raw->chapters);
	put_reply(&o, raw->in_reply_to);
	buf_done(&o.url);
	buf_done(&o.html);
}
