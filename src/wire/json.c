/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <string.h>
#include <strings.h>

/* enum store_fields' bits. */
#define FIELD_TEXT 1u
#define FIELD_HTML 2u
#define FIELD_RAW 4u

/* A link that a client may follow as it stands: http or https, and nothing in
 * it that a browser would drop before it looks at the scheme (THREATS 31). */
static bool
is_web(const char *url)
{
	const unsigned char *c = (const unsigned char *)url;

	if (strncasecmp(url, "http://", 7) == 0)
		c += 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		c += 8;
	else
		return false;
	if (*c == '\0' || *c == '/')
		return false;
	for (; *c != '\0'; c++) {
		if (*c <= 0x20 || *c == 0x7f)
			return false;
	}
	return true;
}

/* JSON that SQLite made leaves DEL and C1 in strings as they are, and may hold
 * line breaks between its tokens: neither may reach a client (SOCKET 4). */
static void
put_json(struct jsonw *w, const char *key, const char *json)
{
	const unsigned char *c = (const unsigned char *)json;
	size_t size = strlen(json), i, run = 0;

	jsonw_raw(w, key, "", 0);
	for (i = 0; i < size; i++) {
		if (c[i] >= 0x20 && c[i] != 0x7f &&
		    !(c[i] == 0xc2 && c[i + 1] >= 0x80 && c[i + 1] < 0xa0))
			continue;
		buf_add(w->out, json + run, i - run);
		if (c[i] == 0x7f)
			buf_puts(w->out, "\\u007f");
		else if (c[i] == 0xc2)
			buf_printf(w->out, "\\u%04x", (unsigned)c[++i]);
		run = i + 1;
	}
	buf_add(w->out, json + run, size - run);
}

/* What is unknown is left out. */
static void
put_known(struct jsonw *w, const char *key, const char *json)
{
	if (json != NULL)
		put_json(w, key, json);
}

static void
put_or(struct jsonw *w, const char *key, const char *json, const char *otherwise)
{
	put_json(w, key, json != NULL ? json : otherwise);
}

static void
put_text(struct jsonw *w, const char *key, const char *text)
{
	jsonw_text(w, key, text != NULL ? text : "");
}

static void
put_web(struct jsonw *w, const char *key, const char *url)
{
	if (url != NULL && is_web(url))
		jsonw_text(w, key, url);
}

static void
put_when(struct jsonw *w, const char *key, msec_t wall)
{
	char text[CLOCK_TEXT];

	jsonw_text(w, key, clock_format(wall, text));
}

static void
put_texts(struct jsonw *w, const struct item_row *item, unsigned fields)
{
	jsonw_text(w, "summary", item->summary);
	if ((fields & FIELD_TEXT) != 0)
		jsonw_text(w, "text", item->text);
	if ((fields & FIELD_HTML) != 0)
		jsonw_text(w, "html", item->html);
	if ((fields & FIELD_RAW) != 0)
		jsonw_text(w, "raw", item->raw);
}

static void
put_why(struct jsonw *w, const struct item_row *item)
{
	jsonw_text(w, "why", item->why);
	jsonw_text(w, "reason", item->reason);
	if (item->peer != 0)
		jsonw_int(w, "peer", item->peer);
	jsonw_text(w, "by", item->by);
	put_when(w, "joined", item->joined);
}

void
wire_item(
    struct jsonw *w, const char *key, const struct item_row *item, unsigned fields)
{
	jsonw_object(w, key);
	jsonw_int(w, "v", 1);
	jsonw_int(w, "id", item->id);
	put_text(w, "key", item->key);
	put_text(w, "feed", item->feed);
	jsonw_int(w, "feed_id", item->feed_id);
	put_or(w, "feeds", item->feeds, "[]");
	jsonw_int(w, "story", item->story);
	jsonw_int(w, "copies", item->copies);
	jsonw_text(w, "title", item->title);
	put_web(w, "url", item->url);
	jsonw_text(w, "link", item->link);
	jsonw_text(w, "author", item->author);
	put_or(w, "tags", item->tags, "[]");
	jsonw_bool(w, "read", item->read);
	jsonw_bool(w, "starred", item->starred);
	jsonw_bool(w, "hidden", item->hidden);
	jsonw_bool(w, "duplicate", item->duplicate);
	put_when(w, "seen", item->seen);
	jsonw_time(w, "published", item->published);
	jsonw_time(w, "updated", item->updated);
	jsonw_text(w, "date_source", date_source_name(item->date_source));
	put_texts(w, item, fields);
	put_known(w, "categories", item->categories);
	put_or(w, "enclosures", item->enclosures, "[]");
	put_web(w, "image", item->image);
	put_web(w, "comments", item->comments);
	put_known(w, "meta", item->meta);
	jsonw_text(w, "lang", item->lang);
	jsonw_text(w, "guid", item->guid);
	jsonw_int(w, "revision", item->revision);
	put_or(w, "data", item->data, "{}");
	if (item->why != NULL)
		put_why(w, item);
	jsonw_close(w);
}

void
wire_feed(struct jsonw *w, const char *key, const struct feed_row *feed)
{
	jsonw_object(w, key);
	jsonw_int(w, "v", 1);
	jsonw_int(w, "id", feed->id);
	put_text(w, "name", feed->name);
	put_text(w, "url", feed->url);
	put_text(w, "title", feed->title);
	jsonw_text(w, "subtitle", feed->subtitle);
	put_web(w, "site", feed->site);
	put_web(w, "image", feed->image);
	put_web(w, "icon", feed->icon);
	jsonw_text(w, "lang", feed->lang);
	jsonw_text(w, "format", feed->format);
	put_or(w, "tags", feed->tags, "[]");
	jsonw_text(w, "origin", feed->origin);
	jsonw_time(w, "since", feed->since);
	jsonw_text(w, "state", feed_state_name(feed->state));
	jsonw_time(w, "last_success", feed->last_success);
	jsonw_time(w, "last_attempt", feed->last_attempt);
	jsonw_time(w, "next_fetch", feed->next_fetch);
	jsonw_int(w, "failures", feed->failures);
	jsonw_text(w, "last_error", feed->last_error);
	jsonw_int(w, "unread", feed->unread);
	jsonw_int(w, "items", feed->items);
	jsonw_close(w);
}

/* All that is left of a removed item: enough for a mirror to delete it. */
static void
put_tombstone(struct jsonw *w, const struct item_row *item)
{
	jsonw_object(w, "item");
	jsonw_int(w, "v", 1);
	jsonw_int(w, "id", item->id);
	put_text(w, "key", item->key);
	jsonw_close(w);
}

void
wire_event(struct jsonw *w, const char *key, const struct event_row *event,
    const char *uuid, unsigned fields)
{
	char cursor[WIRE_CURSOR];

	jsonw_object(w, key);
	jsonw_int(w, "v", 1);
	jsonw_int(w, "seq", event->seq);
	jsonw_text(w, "cursor", wire_cursor(uuid, event->seq, cursor));
	put_when(w, "time", event->time);
	jsonw_text(w, "kind", event_kind_name(event->kind));
	if (event->item != NULL && event->kind == EVENT_ITEM_REMOVED)
		put_tombstone(w, event->item);
	else if (event->item != NULL)
		wire_item(w, "item", event->item, fields);
	if (event->feed != NULL)
		wire_feed(w, "feed", event->feed);
	put_known(w, "detail", event->detail);
	jsonw_close(w);
}
