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

/* A reference, absolute if anything makes it so; NULL: none, or one that runs. */
static const char *
absolute(struct writer *o, const char *base, const char *ref)
{
	buf_reset(&o->url);
	return normalise_reference(o->d->base, base, ref, &o->url) ? o->url.data
								   : NULL;
}

static void
put_url(struct writer *o, const char *key, const char *base, const char *ref)
{
	jsonw_text(&o->w, key, absolute(o, base, ref));
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

static void
put_key(struct writer *o, const char *key, const char *suffix, const char *value)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%s_%s", key, suffix);
	jsonw_filled(&o->w, name, value);
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
		jsonw_filled(&o->w, "type", links->type);
		jsonw_filled(&o->w, "title", links->title);
		jsonw_filled(&o->w, "hreflang", links->hreflang);
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
	jsonw_filled(&o->w, "name", person->name);
	jsonw_filled(&o->w, "email", person->email);
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
		jsonw_filled(&o->w, "term", c->term);
		jsonw_filled(&o->w, "scheme", c->scheme);
		jsonw_filled(&o->w, "label", c->label);
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
	jsonw_filled(&o->w, "title", image->title);
	put_url(o, "link", image->base, image->link);
	jsonw_filled(&o->w, "description", image->description);
	if (image->width > 0)
		jsonw_int(&o->w, "width", image->width);
	if (image->height > 0)
		jsonw_int(&o->w, "height", image->height);
	jsonw_close(&o->w);
}

static void
put_generator(struct writer *o, const struct generator *g, const char *base)
{
	if (g->name == NULL && g->uri == NULL && g->version == NULL)
		return;
	jsonw_object(&o->w, "generator");
	jsonw_filled(&o->w, "name", g->name);
	put_url(o, "uri", base, g->uri);
	jsonw_filled(&o->w, "version", g->version);
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
	jsonw_filled(&o->w, "id", c->id);
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
	normalise_json_common(c, o->d->base, &o->w);
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
		jsonw_filled(&o->w, "type", e->type);
		if (e->length >= 0)
			jsonw_int(&o->w, "length", e->length);
		jsonw_filled(&o->w, "title", e->title);
		if (e->duration_s >= 0)
			jsonw_double(&o->w, "duration_s", e->duration_s);
		jsonw_close(&o->w);
	}
	jsonw_close(&o->w);
}

static void
put_item(struct writer *o, const struct raw_entry *e)
{
	jsonw_object(&o->w, NULL);
	put_common(o, &e->c);
	jsonw_filled(&o->w, "language", e->c.language);
	put_url(o, "link", e->c.link_base, e->c.link);
	if (e->id_is_permalink)
		jsonw_bool(&o->w, "id_is_permalink", true);
	put_text(o, "content", &e->content);
	put_url(o, "content_src", e->content.base, e->content_src);
	put_enclosures(o, e->enclosures);
	put_url(o, "comments", e->c.base, e->comments);
	put_url(o, "comments_feed", e->c.base, e->comments_feed);
	normalise_json_number(&o->w, "comments_count", e->comments_count);
	if (e->source != NULL) {
		jsonw_object(&o->w, "source");
		put_common(o, e->source);
		put_url(o, "link", e->source->link_base, e->source->link);
		jsonw_close(&o->w);
	}
	normalise_json_entry(e, o->d->base, o->sanitize, &o->w);
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
	jsonw_filled(&o->w, "domain", feed->cloud.domain);
	jsonw_filled(&o->w, "port", feed->cloud.port);
	jsonw_filled(&o->w, "path", feed->cloud.path);
	jsonw_filled(&o->w, "register_procedure", feed->cloud.register_procedure);
	jsonw_filled(&o->w, "protocol", feed->cloud.protocol);
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
	jsonw_filled(&o->w, "language",
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
	jsonw_filled(&o.w, "encoding", decode_encoding(d->run->decode));
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
