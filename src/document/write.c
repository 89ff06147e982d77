/* SPDX-License-Identifier: ISC */
/* PARSE.md's JSON object.  Links are made absolute here, dates read, HTML cleaned. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/jsonw.h"
#include "base/url.h"
#include "document/document.h"
#include "document/inside.h"
#include "normalise/normalise.h"

struct writer {
	const struct document *d;
	struct jsonw w;
	bool sanitize;
	struct buf url, html;
};

/* ---- values ---- */

static bool
is_harmless(const char *url)
{
	return strncasecmp(url, "javascript:", 11) != 0 &&
	    strncasecmp(url, "vbscript:", 9) != 0 &&
	    strncasecmp(url, "data:", 5) != 0;
}

/* A reference, absolute if anything makes it so; NULL: none, or one that runs. */
static const char *
absolute(struct writer *o, const char *base, const char *ref)
{
	struct buf outer = {0};

	if (ref == NULL || ref[0] == '\0')
		return NULL;
	buf_reset(&o->url);
	if (base != NULL && url_resolve(o->d->base, base, &outer) == 0)
		base = outer.data;
	else
		base = o->d->base;
	if (url_resolve(base, ref, &o->url) < 0)
		buf_puts(&o->url, ref);
	buf_done(&outer);
	return is_harmless(o->url.data) ? o->url.data : NULL;
}

static void
put_url(struct writer *o, const char *key, const char *base, const char *ref)
{
	jsonw_text(&o->w, key, absolute(o, base, ref));
}

static void
put_filled(struct writer *o, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		jsonw_text(&o->w, key, text);
}

static void
put_date(struct writer *o, const char *key, const char *text)
{
	char formatted[CLOCK_TEXT];
	msec_t wall;

	if (text == NULL || normalise_date(text, &wall) < 0)
		return;
	(void)clock_format(wall, formatted);
	strcpy(strchr(formatted, '.'), "Z"); /* whole seconds */
	jsonw_text(&o->w, key, formatted);
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
put_key(struct writer *o, const char *key, const char *suffix, const char *value)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%s_%s", key, suffix);
	put_filled(o, name, value);
}

static const char *
type_name(const struct text *text)
{
	switch (text->type) {
	case TEXT_HTML:
		return "html";
	case TEXT_XHTML:
		return "xhtml";
	case TEXT_OTHER:
		return text->media_type;
	default:
		return "text";
	}
}

static void
put_html(struct writer *o, const char *key, const struct text *text)
{
	struct buf base = {0};
	const char *from = o->d->base;
	size_t size;

	if (text->base != NULL && url_resolve(o->d->base, text->base, &base) == 0)
		from = base.data;
	buf_reset(&o->html);
	normalise_html(text, from, &o->html);
	size = o->html.len;
	while (size > 0 && strchr(" \t\r\n", o->html.data[size - 1]) != NULL)
		size--;
	jsonw_textn(&o->w, key, buf_text(&o->html), size);
	buf_done(&base);
}

static void
put_text(struct writer *o, const char *key, const struct text *text)
{
	const char *base = text->base != NULL ? text->base : o->d->url;

	if (text->value == NULL)
		return;
	if (text->type == TEXT_PLAIN || text->type == TEXT_OTHER || !o->sanitize)
		jsonw_textn(&o->w, key, text->value, text->size);
	else
		put_html(o, key, text);
	put_key(o, key, "type", type_name(text));
	put_key(o, key, "lang",
	    text->lang != NULL ? text->lang : o->d->content_language);
	put_key(o, key, "base", base);
}

/* ---- parts that feeds, entries and sources share ---- */

static void
put_links(struct writer *o, const struct link *links)
{
	const char *href;

	if (links == NULL)
		return;
	jsonw_array(&o->w, "links");
	for (; links != NULL; links = links->next) {
		href = absolute(o, links->base, links->href);
		if (href == NULL)
			continue;
		jsonw_object(&o->w, NULL);
		jsonw_text(
		    &o->w, "rel", links->rel != NULL ? links->rel : "alternate");
		jsonw_text(&o->w, "href", href);
		put_filled(o, "type", links->type);
		put_filled(o, "title", links->title);
		put_filled(o, "hreflang", links->hreflang);
		if (links->length >= 0)
			jsonw_int(&o->w, "length", links->length);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

static void
put_person(struct writer *o, const char *key, const struct person *person)
{
	jsonw_object(&o->w, key);
	put_filled(o, "name", person->name);
	put_filled(o, "email", person->email);
	put_url(o, "uri", NULL, person->uri);
	put_url(o, "avatar", NULL, person->avatar);
	jsonw_close(&o->w);
}

static void
put_persons(struct writer *o, const char *key, const struct person *persons)
{
	if (persons == NULL)
		return;
	jsonw_array(&o->w, key);
	for (; persons != NULL; persons = persons->next)
		put_person(o, NULL, persons);
	jsonw_close(&o->w);
}

static void
put_categories(struct writer *o, const struct category *c)
{
	if (c == NULL)
		return;
	jsonw_array(&o->w, "categories");
	for (; c != NULL; c = c->next) {
		jsonw_object(&o->w, NULL);
		put_filled(o, "term", c->term);
		put_filled(o, "scheme", c->scheme);
		put_filled(o, "label", c->label);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

static void
put_image(struct writer *o, const struct image *image)
{
	if (image->url == NULL && image->title == NULL)
		return;
	jsonw_object(&o->w, "image");
	put_url(o, "url", image->base, image->url);
	put_filled(o, "title", image->title);
	put_url(o, "link", image->base, image->link);
	put_filled(o, "description", image->description);
	if (image->width > 0)
		jsonw_int(&o->w, "width", image->width);
	if (image->height > 0)
		jsonw_int(&o->w, "height", image->height);
	jsonw_close(&o->w);
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
put_generator(struct writer *o, const struct generator *g, const char *base)
{
	if (g->name == NULL && g->uri == NULL && g->version == NULL)
		return;
	jsonw_object(&o->w, "generator");
	put_filled(o, "name", g->name);
	put_url(o, "uri", base, g->uri);
	put_filled(o, "version", g->version);
	jsonw_close(&o->w);
}

static void
put_common(struct writer *o, const struct common *c)
{
	put_text(o, "title", &c->title);
	put_text(o, "subtitle", &c->subtitle);
	put_text(o, "summary", &c->summary);
	put_text(o, "rights", &c->rights);
	put_text(o, "info", &c->info);
	put_links(o, c->links);
	put_filled(o, "id", c->id);
	put_date(o, "updated", c->updated);
	put_date(o, "published", c->published);
	put_date(o, "created", c->created);
	put_date(o, "expired", c->expired);
	if (c->authors != NULL)
		put_person(o, "author", c->authors);
	put_persons(o, "authors", c->authors);
	put_persons(o, "contributors", c->contributors);
	if (c->publisher != NULL)
		put_person(o, "publisher", c->publisher);
	put_categories(o, c->categories);
	put_image(o, &c->image);
	put_url(o, "icon", c->base, c->icon);
	put_url(o, "license", c->base, c->license);
	put_itunes(o, &c->itunes);
	put_podcast(o, &c->podcast);
	put_geo(o, &c->geo);
	put_generator(o, &c->generator, c->base);
}

/* ---- an item ---- */

static void
put_enclosures(struct writer *o, const struct enclosure *e)
{
	const char *url;

	if (e == NULL)
		return;
	jsonw_array(&o->w, "enclosures");
	for (; e != NULL; e = e->next) {
		url = absolute(o, e->base, e->url);
		if (url == NULL)
			continue;
		jsonw_object(&o->w, NULL);
		jsonw_text(&o->w, "url", url);
		put_filled(o, "type", e->type);
		if (e->length >= 0)
			jsonw_int(&o->w, "length", e->length);
		put_filled(o, "title", e->title);
		put_seconds(o, "duration_s", e->duration_s);
		jsonw_close(&o->w);
	}
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

static void
put_item(struct writer *o, const struct raw_entry *e)
{
	jsonw_object(&o->w, NULL);
	put_common(o, &e->c);
	put_filled(o, "language", e->c.language);
	put_url(o, "link", e->c.link_base, e->c.link);
	if (e->id_is_permalink)
		jsonw_bool(&o->w, "id_is_permalink", true);
	put_text(o, "content", &e->content);
	put_url(o, "content_src", e->content.base, e->content_src);
	put_enclosures(o, e->enclosures);
	put_url(o, "comments", e->c.base, e->comments);
	put_url(o, "comments_feed", e->c.base, e->comments_feed);
	put_number(o, "comments_count", e->comments_count);
	if (e->source != NULL) {
		jsonw_object(&o->w, "source");
		put_common(o, e->source);
		put_url(o, "link", e->source->link_base, e->source->link);
		jsonw_close(&o->w);
	}
	put_media(o, &e->media);
	put_chapters(o, e->chapters);
	put_reply(o, e->in_reply_to);
	jsonw_close(&o->w);
}

/* ---- the feed ---- */

static void
put_skip_hours(struct writer *o, const char *list)
{
	char *end;
	long hour;

	if (list == NULL)
		return;
	jsonw_array(&o->w, "skip_hours");
	for (;; list = end) {
		hour = strtol(list, &end, 10);
		if (end == list)
			break;
		if (hour >= 0 && hour <= 24)
			jsonw_int(&o->w, NULL, hour % 24);
	}
	jsonw_close(&o->w);
}

static void
put_skip_days(struct writer *o, const char *list)
{
	static const char *const days[] = {"Sunday", "Monday", "Tuesday",
	    "Wednesday", "Thursday", "Friday", "Saturday"};
	size_t size;

	if (list == NULL)
		return;
	jsonw_array(&o->w, "skip_days");
	for (; *(list += strspn(list, " ")) != '\0'; list += size) {
		size = strcspn(list, " ");
		for (size_t i = 0; i < 7; i++)
			if (size >= 3 && strncasecmp(days[i], list, 3) == 0)
				jsonw_text(&o->w, NULL, days[i]);
	}
	jsonw_close(&o->w);
}

static void
put_hints(struct writer *o, const struct raw_feed *feed)
{
	struct hints hints = {0};

	normalise_hints(feed, &hints);
	if (hints.ttl > 0)
		jsonw_int(&o->w, "ttl_s", hints.ttl / MSEC_PER_SEC);
	if (hints.period > 0)
		jsonw_int(&o->w, "period_s", hints.period / MSEC_PER_SEC);
	put_skip_hours(o, feed->skip_hours);
	put_skip_days(o, feed->skip_days);
}

static void
put_cloud(struct writer *o, const struct raw_feed *feed)
{
	if (!feed->has_cloud)
		return;
	jsonw_object(&o->w, "cloud");
	put_filled(o, "domain", feed->cloud.domain);
	put_filled(o, "port", feed->cloud.port);
	put_filled(o, "path", feed->cloud.path);
	put_filled(o, "register_procedure", feed->cloud.register_procedure);
	put_filled(o, "protocol", feed->cloud.protocol);
	jsonw_close(&o->w);
}

static void
put_hubs(struct writer *o, const struct link *hub)
{
	if (hub == NULL)
		return;
	jsonw_array(&o->w, "hub");
	for (; hub != NULL; hub = hub->next)
		put_url(o, NULL, hub->base, hub->href);
	jsonw_close(&o->w);
}

static void
put_feed(struct writer *o, const struct raw_feed *feed)
{
	put_common(o, &feed->c);
	put_filled(o, "language",
	    feed->c.language != NULL ? feed->c.language : o->d->content_language);
	put_url(o, "link", feed->c.link_base, feed->c.link);
	put_url(o, "self", feed->c.base, feed->self);
	put_url(o, "next", feed->c.base, feed->next);
	put_hubs(o, feed->hubs);
	put_hints(o, feed);
	put_cloud(o, feed);
	put_url(o, "new_url", feed->c.base, feed->new_url);
	if (feed->complete)
		jsonw_bool(&o->w, "complete", true);
	if (feed->archive)
		jsonw_bool(&o->w, "archive", true);
}

void
document_json(const struct document *d, bool sanitize, struct buf *out)
{
	struct writer o = {.d = d, .sanitize = sanitize};
	const struct raw_feed *feed = document_feed(d);
	bool is_feed = feed->kind != KIND_UNKNOWN && feed->kind != KIND_HTML;

	jsonw_init(&o.w, out);
	jsonw_object(&o.w, NULL);
	jsonw_text(&o.w, "format", document_kind_name(feed->kind));
	put_filled(&o, "encoding", decode_encoding(d->run->decode));
	jsonw_bool(&o.w, "bozo", d->reason != NULL);
	jsonw_text(&o.w, "bozo_reason", d->reason);
	if (is_feed)
		put_feed(&o, feed);
	jsonw_array(&o.w, "items");
	for (size_t i = 0; is_feed && i < d->run->count; i++)
		put_item(&o, d->run->entries[i]);
	jsonw_close(&o.w);
	jsonw_close(&o.w);
	buf_done(&o.url);
	buf_done(&o.html);
}
