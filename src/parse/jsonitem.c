/* SPDX-License-Identifier: ISC */
/* JSON Feed's members -> raw feed and entries.  Those of wrong types count as
 * absent. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "parse/jsoncut.h"
#include "parse/jsonfeed.h"

/* ---- members ---- */

const char *
jsonfeed_text(struct jsonfeed *j, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text;
	size_t size;

	if (!json_is_string(value))
		return NULL;
	text = json_string_value(value);
	size = json_string_length(value);
	if (size > 0 && text[0] == JSONCUT_NUMBER_MARK)
		return NULL;
	while (size > 0 && strchr(" \t\r\n", text[0]) != NULL) {
		text++;
		size--;
	}
	while (size > 0 && strchr(" \t\r\n", text[size - 1]) != NULL)
		size--;
	return arena_dup(j->parse->arena, text, size);
}

const char *
jsonfeed_filled(struct jsonfeed *j, const json_t *object, const char *key)
{
	const char *text = jsonfeed_text(j, object, key);

	return text != NULL && text[0] != '\0' ? text : NULL;
}

const char *
jsonfeed_number_text(struct jsonfeed *j, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_is_string(value) ? json_string_value(value) : NULL;

	if (text == NULL)
		return NULL;
	if (text[0] == JSONCUT_NUMBER_MARK)
		text++;
	return text[0] != '\0' ? arena_strdup(j->parse->arena, text) : NULL;
}

/* A number from 0 to below `limit`; -1: none. */
static double
number_of(const json_t *object, const char *key, double limit)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_is_string(value) ? json_string_value(value) : NULL;
	char *end;
	double number;

	if (text == NULL)
		return -1;
	if (text[0] == JSONCUT_NUMBER_MARK)
		text++;
	number = strtod(text, &end);
	return end != text && *end == '\0' && number >= 0 && number < limit ? number
									    : -1;
}

/* Its fraction cut off. */
static int64_t
integer_of(const json_t *object, const char *key)
{
	return (int64_t)number_of(object, key, 9e18);
}

static double
seconds_of(const json_t *object, const char *key)
{
	return number_of(object, key, 1e9);
}

static void
set_text(struct text *text, enum text_type type, const char *value)
{
	text->value = value;
	text->size = value != NULL ? strlen(value) : 0;
	text->type = type;
}

/* ---- JSON Feed ---- */

static void
add_author(struct jsonfeed *j, struct level *level, const json_t *value)
{
	struct person *person, *found = NULL;

	if (json_is_object(value)) {
		found = arena_alloc(j->parse->arena, sizeof(*found));
		if (found == NULL)
			return;
		found->name = jsonfeed_filled(j, value, "name");
		found->uri = jsonfeed_filled(j, value, "url");
		found->avatar = jsonfeed_filled(j, value, "avatar");
		found->email = jsonfeed_filled(j, value, "email");
		if (found->uri != NULL &&
		    strncasecmp(found->uri, "mailto:", 7) == 0 &&
		    found->email == NULL)
			found->email = found->uri + 7;
	}
	if (found == NULL ||
	    (found->name == NULL && found->uri == NULL && found->avatar == NULL &&
		found->email == NULL))
		return;
	person =
	    list_add(level, j->parse->arena, &level->c->authors, sizeof(*person));
	if (person == NULL)
		return;
	found->next = NULL;
	*person = *found;
}

/* authors before author (1.1 before 1.0); either may be an object or a list. */
static void
read_authors(struct jsonfeed *j, struct level *level, const json_t *object)
{
	static const char *const keys[] = {"authors", "author"};
	const json_t *value;

	for (size_t k = 0; k < 2 && level->c->authors == NULL; k++) {
		value = json_object_get(object, keys[k]);
		if (!json_is_array(value)) {
			add_author(j, level, value);
			continue;
		}
		for (size_t i = 0; i < json_array_size(value) && i < LIMIT_LIST; i++)
			add_author(j, level, json_array_get(value, i));
	}
}

static void
add_tag(struct jsonfeed *j, struct level *level, const json_t *value)
{
	struct category *c;
	const char *text = json_is_string(value) ? json_string_value(value) : NULL;

	if (text == NULL || text[0] == JSONCUT_NUMBER_MARK || text[0] == '\0')
		return;
	c = list_add(level, j->parse->arena, &level->c->categories, sizeof(*c));
	if (c != NULL)
		c->term = arena_strdup(j->parse->arena, text);
}

static void
read_tags(
    struct jsonfeed *j, struct level *level, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	for (size_t i = 0; i < json_array_size(value) && i < LIMIT_LIST; i++)
		add_tag(j, level, json_array_get(value, i));
}

static void
add_attachment(struct jsonfeed *j, struct raw_entry *entry, const json_t *value)
{
	struct enclosure *e;
	const char *url = jsonfeed_filled(j, value, "url");

	if (url == NULL)
		return;
	e = list_add(&j->level, j->parse->arena, &entry->enclosures, sizeof(*e));
	if (e == NULL)
		return;
	e->url = url;
	e->type = jsonfeed_filled(j, value, "mime_type");
	e->title = jsonfeed_filled(j, value, "title");
	e->length = integer_of(value, "size_in_bytes");
	e->duration_s = seconds_of(value, "duration_in_seconds");
}

static void
read_attachments(struct jsonfeed *j, struct raw_entry *entry, const json_t *object)
{
	const json_t *value = json_object_get(object, "attachments");

	for (size_t i = 0; i < json_array_size(value) && i < LIMIT_LIST; i++)
		add_attachment(j, entry, json_array_get(value, i));
	if (json_is_object(value))
		add_attachment(j, entry, value);
}

static void
read_external(struct jsonfeed *j, struct raw_entry *entry, const json_t *object)
{
	const char *url = jsonfeed_filled(j, object, "external_url");
	struct link *link;

	if (url == NULL)
		return;
	link = list_add(&j->level, j->parse->arena, &entry->c.links, sizeof(*link));
	if (link == NULL)
		return;
	link->rel = "related";
	link->href = url;
	link->length = -1;
	if (entry->c.link == NULL)
		entry->c.link = url;
}

static void
read_body(struct jsonfeed *j, struct raw_entry *entry, const json_t *object)
{
	const char *html = jsonfeed_text(j, object, "content_html");
	const char *plain = jsonfeed_text(j, object, "content_text");

	if (html != NULL && (html[0] != '\0' || plain == NULL))
		set_text(&entry->content, TEXT_HTML, html);
	else if (plain != NULL)
		set_text(&entry->content, TEXT_PLAIN, plain);
	set_text(&entry->c.summary, TEXT_PLAIN, jsonfeed_text(j, object, "summary"));
}

void
jsonfeed_read_item(struct jsonfeed *j, struct raw_entry *entry, const json_t *object)
{
	struct common *c = &entry->c;

	c->id = jsonfeed_number_text(j, object, "id");
	c->link = jsonfeed_filled(j, object, "url");
	set_text(&c->title, TEXT_PLAIN, jsonfeed_text(j, object, "title"));
	read_body(j, entry, object);
	read_external(j, entry, object);
	c->published = jsonfeed_filled(j, object, "date_published");
	c->updated = jsonfeed_filled(j, object, "date_modified");
	c->language = jsonfeed_filled(j, object, "language");
	c->image.url = jsonfeed_filled(j, object, "image");
	if (c->image.url == NULL)
		c->image.url = jsonfeed_filled(j, object, "banner_image");
	read_authors(j, &j->level, object);
	read_tags(j, &j->level, object, "tags");
	read_attachments(j, entry, object);
	prefer_finish_entry(entry, true, j->parse->arena);
}

static void
read_hubs(struct jsonfeed *j, struct level *level, const json_t *object)
{
	const json_t *hubs = json_object_get(object, "hubs");
	struct raw_feed *feed = &j->parse->feed;
	const char *url;
	struct link *hub;

	for (size_t i = 0; i < json_array_size(hubs) && i < LIMIT_LIST; i++) {
		url = jsonfeed_filled(j, json_array_get(hubs, i), "url");
		if (url == NULL)
			continue;
		hub = list_add(level, j->parse->arena, &feed->hubs, sizeof(*hub));
		if (hub == NULL)
			return;
		hub->rel = "hub";
		hub->href = url;
		hub->length = -1;
	}
}

void
jsonfeed_read_feed(struct jsonfeed *j, const json_t *object)
{
	struct raw_feed *feed = &j->parse->feed;
	struct level *level = xcalloc(1, sizeof(*level));

	level_init(level, &feed->c);
	set_text(&feed->c.title, TEXT_PLAIN, jsonfeed_text(j, object, "title"));
	set_text(
	    &feed->c.subtitle, TEXT_PLAIN, jsonfeed_text(j, object, "description"));
	feed->c.link = jsonfeed_filled(j, object, "home_page_url");
	feed->self = jsonfeed_filled(j, object, "feed_url");
	feed->next = jsonfeed_filled(j, object, "next_url");
	feed->c.image.url = jsonfeed_filled(j, object, "icon");
	feed->c.icon = jsonfeed_filled(j, object, "favicon");
	feed->c.language = jsonfeed_filled(j, object, "language");
	read_authors(j, level, object);
	read_hubs(j, level, object);
	free(level);
}
