/* SPDX-License-Identifier: ISC */
/* RSS 2.0 written as JSON: {"rss": {"channel": {..., "item": [...]}}}. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "markup/markup.h"
#include "parse/jsonfeed.h"

void
rss_json_version(struct jsonfeed *j, const json_t *rss)
{
	const char *version = jsonfeed_number_text(j, rss, "version");

	if (version != NULL && version[0] == '2')
		j->parse->feed.kind = KIND_RSS20;
}

/* Also in the forms that XML converters give: {"#value": ...}, {"#text": ...}. */
static const char *
value_of(struct jsonfeed *j, const json_t *object, const char *key)
{
	static const char *const inner[] = {"#value", "#text", "$t", "_", "value"};
	const json_t *value = json_object_get(object, key);
	const char *text = NULL;

	if (!json_is_object(value))
		return jsonfeed_number_text(j, object, key);
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]) && text == NULL; i++)
		text = jsonfeed_number_text(j, value, inner[i]);
	return text;
}

static void
set_text(struct text *text, bool html, const char *value)
{
	if (value == NULL)
		return;
	text->value = value;
	text->size = strlen(value);
	text->type = html || markup_looks_like_html(value, text->size) ? TEXT_HTML
								       : TEXT_PLAIN;
}

static void
add_author(struct jsonfeed *j, struct level *level, const char *text)
{
	struct person *parsed, *person;

	if (text == NULL || level->c->authors != NULL)
		return;
	parsed = people_parse(j->parse->arena, text);
	if (parsed == NULL)
		return;
	person =
	    list_add(level, j->parse->arena, &level->c->authors, sizeof(*person));
	if (person != NULL)
		*person = *parsed;
}

static void
add_category(struct jsonfeed *j, struct level *level, const json_t *value)
{
	struct category *c;
	const char *text;

	text = json_is_string(value)
	    ? json_string_value(value)
	    : json_string_value(json_object_get(value, "#value"));
	if (text == NULL || text[0] == '\0' || text[0] == '\x01')
		return;
	c = list_add(level, j->parse->arena, &level->c->categories, sizeof(*c));
	if (c == NULL)
		return;
	c->term = arena_strdup(j->parse->arena, text);
	if (json_is_object(value))
		c->scheme = jsonfeed_filled(j, value, "domain");
}

static void
read_common(struct jsonfeed *j, struct level *level, const json_t *object)
{
	struct common *c = level->c;
	const json_t *categories = json_object_get(object, "category");

	set_text(&c->title, false, value_of(j, object, "title"));
	c->link = value_of(j, object, "link");
	c->published = value_of(j, object, "pubDate");
	c->language = value_of(j, object, "language");
	if (json_is_array(categories))
		for (size_t i = 0; i < json_array_size(categories) && i < LIMIT_LIST;
		    i++)
			add_category(j, level, json_array_get(categories, i));
	else
		add_category(j, level, categories);
}

void
rss_json_channel(struct jsonfeed *j, const json_t *channel)
{
	struct raw_feed *feed = &j->parse->feed;

	level_init(&j->level, &feed->c);
	read_common(j, &j->level, channel);
	set_text(&feed->c.subtitle, true, value_of(j, channel, "description"));
	set_text(&feed->c.rights, false, value_of(j, channel, "copyright"));
	feed->c.updated = value_of(j, channel, "lastBuildDate");
	feed->c.generator.name = value_of(j, channel, "generator");
	feed->ttl = value_of(j, channel, "ttl");
	feed->c.image.url =
	    jsonfeed_filled(j, json_object_get(channel, "image"), "url");
	add_author(j, &j->level, value_of(j, channel, "managingEditor"));
}

static void
add_enclosure(struct jsonfeed *j, struct raw_entry *entry, const json_t *value)
{
	const char *url = jsonfeed_filled(j, value, "url");
	const char *length = jsonfeed_number_text(j, value, "length");
	struct enclosure *e;
	char *end;

	if (url == NULL)
		return;
	e = list_add(&j->level, j->parse->arena, &entry->enclosures, sizeof(*e));
	if (e == NULL)
		return;
	e->url = url;
	e->type = jsonfeed_filled(j, value, "type");
	e->duration_s = -1;
	e->length = -1;
	if (length != NULL && length[0] >= '0' && length[0] <= '9') {
		e->length = strtoll(length, &end, 10);
		if (*end != '\0' || e->length == INT64_MAX)
			e->length = -1;
	}
}

static bool
refuses_link(const json_t *guid)
{
	const json_t *value = json_object_get(guid, "isPermaLink");

	return json_is_false(value) ||
	    (json_is_string(value) &&
		strcasecmp(json_string_value(value), "false") == 0);
}

void
rss_json_item(struct jsonfeed *j, struct raw_entry *entry, const json_t *object)
{
	struct common *c = &entry->c;
	const json_t *enclosures = json_object_get(object, "enclosure");
	bool refused = refuses_link(json_object_get(object, "guid"));

	read_common(j, &j->level, object);
	set_text(&c->summary, true, value_of(j, object, "description"));
	set_text(&entry->content, true, value_of(j, object, "content:encoded"));
	c->id = value_of(j, object, "guid");
	entry->id_is_permalink = c->id != NULL && !refused;
	entry->comments = value_of(j, object, "comments");
	add_author(j, &j->level, value_of(j, object, "author"));
	if (json_is_array(enclosures))
		for (size_t i = 0; i < json_array_size(enclosures) && i < LIMIT_LIST;
		    i++)
			add_enclosure(j, entry, json_array_get(enclosures, i));
	else
		add_enclosure(j, entry, enclosures);
	prefer_finish_entry(entry, !refused, j->parse->arena);
}
