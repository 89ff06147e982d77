/* SPDX-License-Identifier: ISC */
/*
 * JSON Feed 1.0 and 1.1, and RSS as JSON.  The top is cut by counting braces;
 * each item and the rest of the feed go to jansson alone, its memory capped
 * (8 MB of "[]," became 400 MB in it).  Members of wrong types count as absent;
 * of equal keys the last wins.
 */
#include "parse/jsonfeed.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "parse/jsoncut.h"

/* ---- jansson's memory ---- */

/* Its allocator is the process's; only a thread that is parsing a feed counts. */
static _Thread_local size_t memory_left;
static _Thread_local bool memory_counts;

/* jansson's allocator is the whole process's: what came from plain malloc before
 * may be freed here, and the other way round.  So nothing is put before a block. */
static void *
capped_malloc(size_t size)
{
	void *block;

	if (memory_counts && size > memory_left)
		return NULL;
	block = malloc(size);
	if (block != NULL && memory_counts) {
		size = malloc_usable_size(block);
		memory_left -= size < memory_left ? size : memory_left;
	}
	return block;
}

static void
capped_free(void *block)
{
	if (memory_counts)
		memory_left += malloc_usable_size(block);
	free(block);
}

static void
hooks_set(void)
{
	json_set_alloc_funcs(capped_malloc, capped_free);
}

/* `at` is in the body, or in a part that was put together out of it. */
static void
note_at(struct jsonfeed *j, const char *fault, const char *at)
{
	const char *p = buf_text(&j->body), *end = p + j->body.len;
	unsigned long line = 1, column = 1;
	char text[160];

	if (at < p || at > end) {
		jsonfeed_note(j, fault);
		return;
	}
	for (; p < at; p++) {
		line += *p == '\n';
		column = *p == '\n' ? 1 : column + ((*p & 0xC0) != 0x80);
	}
	(void)snprintf(
	    text, sizeof(text), "%s (line %lu, column %lu)", fault, line, column);
	parse_note(j->parse, text, line);
}

static void
note_cut_off(struct jsonfeed *j)
{
	note_at(j, "json: the document is cut off or not well-formed",
	    buf_text(&j->body) + j->body.len);
}

/* One value, mended and read; NULL: unreadable, too deep or too large. */
static json_t *
load(struct jsonfeed *j, const char *text, size_t size)
{
	json_t *value;
	bool mended = false;

	buf_reset(&j->scratch);
	if (!jsoncut_mend(text, size, &j->scratch, &mended)) {
		note_at(j, "json: nesting is too deep", text);
		return NULL;
	}
	if (mended)
		note_at(j, "json: not well-formed", text);
	memory_left = LIMIT_JSON_MEMORY;
	memory_counts = true;
	value = json_loadb(j->scratch.data, j->scratch.len, JSON_DECODE_ANY, NULL);
	if (value == NULL)
		memory_counts = false;
	return value;
}

static void
unload(json_t *value)
{
	json_decref(value);
	memory_counts = false;
}

void
jsonfeed_note(struct jsonfeed *j, const char *fault)
{
	parse_note(j->parse, fault, 0);
}

/* ---- cutting the document ---- */

struct span {
	const char *text;
	size_t size;
};

struct cut {
	struct buf rest;   /* an object of what is not cut further */
	const char *split; /* the member that is */
	struct span found;
};

static void
on_member(void *arg, const char *key, size_t key_size, const char *value,
    size_t size, bool whole)
{
	struct cut *cut = arg;

	if (key_size == strlen(cut->split) &&
	    memcmp(key, cut->split, key_size) == 0) {
		cut->found.text = value;
		cut->found.size = size;
		return;
	}
	if (!whole)
		return;
	buf_putc(&cut->rest, cut->rest.len == 0 ? '{' : ',');
	buf_putc(&cut->rest, '"');
	buf_add(&cut->rest, key, key_size);
	buf_puts(&cut->rest, "\":");
	buf_add(&cut->rest, value, size);
}

/* The object's members apart from `split`, and that one. */
static bool
cut_object(struct cut *cut, const char *split, const char *text, size_t size)
{
	bool whole;

	memset(cut, 0, sizeof(*cut));
	cut->split = split;
	whole = jsoncut_members(text, size, on_member, cut);
	if (cut->rest.len == 0)
		buf_putc(&cut->rest, '{');
	buf_putc(&cut->rest, '}');
	return whole;
}

static bool
on_item(void *arg, const char *value, size_t size, bool whole)
{
	struct jsonfeed *j = arg;
	struct parse *parse = j->parse;
	struct raw_entry *entry;
	json_t *object;

	if (!whole)
		return false;
	if (value[0] != '{')
		return true; /* items that are no objects are skipped */
	if (j->count == LIMIT_ITEMS) {
		j->error = -E2BIG;
		jsonfeed_note(j, "json: more items than are read");
		return false;
	}
	object = load(j, value, size);
	if (object == NULL) {
		note_at(j, "json: an item is not well-formed", value);
		return true;
	}
	entry = arena_alloc(parse->arena, sizeof(*entry));
	if (entry != NULL) {
		level_init(&j->level, &entry->c);
		entry->index = j->count++;
		entry->complete = true;
		entry->raw_hash = hash64(value, size);
		if (parse->keep_raw) {
			entry->raw = arena_dup(parse->arena, value, size);
			entry->raw_size = size;
		}
		j->read_item(j, entry, object);
	}
	unload(object);
	if (arena_is_full(parse->arena)) {
		j->error = -E2BIG;
		jsonfeed_note(j, "json: the entries are too large");
		return false;
	}
	if (!parse->on_entry(parse->arg, entry)) {
		j->error = -E2BIG;
		jsonfeed_note(j, "json: more items than are read");
		return false;
	}
	return true;
}

static enum document_kind
kind_of(struct jsonfeed *j, const json_t *object)
{
	const char *version = jsonfeed_text(j, object, "version");
	const char *at =
	    version != NULL ? strstr(version, "jsonfeed.org/version/") : NULL;

	if (at == NULL)
		return KIND_UNKNOWN;
	at += strlen("jsonfeed.org/version/");
	return strcmp(at, "1") == 0 || strcmp(at, "1/") == 0 ||
		strcmp(at, "1.0") == 0
	    ? KIND_JSON10
	    : KIND_JSON11;
}

/* Without a version: items that look like items (FORMATS 52). */
static bool
looks_like_items(const struct span *items)
{
	static const char *const keys[] = {"\"content_html\"", "\"content_text\"",
	    "\"id\"", "\"url\"", "\"external_url\""};
	size_t size = items->size < 8192 ? items->size : 8192;

	if (items->text == NULL || items->text[0] != '[')
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (memmem(items->text, size, keys[i], strlen(keys[i])) != NULL)
			return true;
	return false;
}

static int
read_items(struct jsonfeed *j, const struct span *items)
{
	if (items->text == NULL || items->size == 0)
		return 0;
	if (items->text[0] == '{') { /* a list of one, without its brackets */
		(void)on_item(j, items->text, items->size, true);
		return j->error;
	}
	if (items->text[0] == '[' &&
	    !jsoncut_elements(items->text, items->size, on_item, j))
		note_cut_off(j);
	return j->error;
}

static int
read_json_feed(struct jsonfeed *j, struct cut *top)
{
	struct raw_feed *feed = &j->parse->feed;
	json_t *object = load(j, top->rest.data, top->rest.len);

	if (object != NULL)
		feed->kind = kind_of(j, object);
	if (feed->kind == KIND_UNKNOWN && looks_like_items(&top->found))
		feed->kind = KIND_JSON11;
	if (object != NULL && feed->kind != KIND_UNKNOWN)
		jsonfeed_read_feed(j, object);
	if (object != NULL)
		unload(object);
	if (feed->kind == KIND_UNKNOWN)
		return -EBADMSG;
	j->read_item = jsonfeed_read_item;
	return read_items(j, &top->found);
}

/* {"rss": {"version": ..., "channel": {..., "item": [...]}}} */
static int
read_rss(struct jsonfeed *j, const struct span *rss)
{
	struct cut outer, channel;
	json_t *object;
	int r = 0;

	(void)cut_object(&outer, "channel", rss->text, rss->size);
	if (outer.found.text == NULL) {
		buf_done(&outer.rest);
		return -EBADMSG;
	}
	j->parse->feed.kind = KIND_RSS;
	object = load(j, outer.rest.data, outer.rest.len);
	if (object != NULL) {
		rss_json_version(j, object);
		unload(object);
	}
	(void)cut_object(&channel, "item", outer.found.text, outer.found.size);
	object = load(j, channel.rest.data, channel.rest.len);
	if (object != NULL) {
		rss_json_channel(j, object);
		unload(object);
	}
	j->read_item = rss_json_item;
	r = read_items(j, &channel.found);
	buf_done(&channel.rest);
	buf_done(&outer.rest);
	return r;
}

/* ---- the driver ---- */

struct jsonfeed *
jsonfeed_new(struct parse *parse)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct jsonfeed *j = xcalloc(1, sizeof(*j));

	(void)pthread_once(&once, hooks_set);
	j->parse = parse;
	return j;
}

void
jsonfeed_free(struct jsonfeed *j)
{
	if (j == NULL)
		return;
	buf_done(&j->body);
	buf_done(&j->scratch);
	free(j);
}

int
jsonfeed_data(struct jsonfeed *j, const char *text, size_t size)
{
	if (j->body.len + size > LIMIT_JSON_BYTES) {
		jsonfeed_note(j, "json: the document is too large");
		return -E2BIG;
	}
	buf_add(&j->body, text, size);
	return 0;
}

int
jsonfeed_end(struct jsonfeed *j)
{
	struct cut top;
	const char *text = buf_text(&j->body);
	int r;

	if (jsoncut_first(text, j->body.len) == '[') {
		/* A bare list of items. */
		memset(&top, 0, sizeof(top));
		buf_puts(&top.rest, "{}");
		top.found.text = strchr(text, '[');
		top.found.size = j->body.len - (size_t)(top.found.text - text);
		r = read_json_feed(j, &top);
		buf_done(&top.rest);
		return r;
	}
	if (!cut_object(&top, "rss", text, j->body.len) && top.found.text != NULL)
		note_cut_off(j);
	if (top.found.text != NULL) {
		r = read_rss(j, &top.found);
	} else {
		buf_done(&top.rest);
		if (!cut_object(&top, "items", text, j->body.len))
			note_cut_off(j);
		r = read_json_feed(j, &top);
	}
	buf_done(&top.rest);
	return r;
}
