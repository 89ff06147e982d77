/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "wire/codec.h"
#include "wire/frame.h"

/* The fewest bytes that one element takes: codec_count needs them. */
#define LEAST_ITEM 108
#define LEAST_ENCLOSURE 40
#define LEAST_STRING 5
#define LEAST_LINK 24
/* Decoded lists beside the frame: LEAST_ITEM bytes make one struct item. */
#define LISTS_PER_BYTE 4
#define LISTS_FREE 65536

#define SAFE_INTEGER ((INT64_C(1) << 53) - 1) /* JavaScript's largest exact one */

/* What a document claims beyond all reason is unknown. */
static int64_t
safe_length(int64_t length)
{
	return length >= 0 && length <= SAFE_INTEGER ? length : -1;
}

static size_t
at_most(size_t count, size_t limit)
{
	return count < limit ? count : limit;
}

static void
put_hints(const struct hints *hints, struct buf *out)
{
	codec_put_i64(out, hints->max_age);
	codec_put_i64(out, hints->retry_after);
	codec_put_i64(out, hints->ttl);
	codec_put_i64(out, hints->period);
	codec_put_u32(out, hints->skip_hours);
	codec_put_u8(out, hints->skip_days);
	codec_put_i64(out, hints->median_gap);
	codec_put_bool(out, hints->has_max_age);
	codec_put_bool(out, hints->has_validators);
	codec_put_bool(out, hints->complete);
	codec_put_bool(out, hints->archive);
	codec_put_text(out, hints->self);
	codec_put_text(out, hints->hub);
	codec_put_text(out, hints->next);
	codec_put_text(out, hints->new_url);
}

static void
get_hints(struct reader *r, struct hints *ret)
{
	ret->max_age = codec_i64(r);
	ret->retry_after = codec_i64(r);
	ret->ttl = codec_i64(r);
	ret->period = codec_i64(r);
	ret->skip_hours = codec_u32(r);
	ret->skip_days = codec_u8(r);
	ret->median_gap = codec_i64(r);
	ret->has_max_age = codec_bool(r);
	ret->has_validators = codec_bool(r);
	ret->complete = codec_bool(r);
	ret->archive = codec_bool(r);
	ret->self = codec_text(r);
	ret->hub = codec_text(r);
	ret->next = codec_text(r);
	ret->new_url = codec_text(r);
}

static void
put_meta(const struct feed_meta *meta, struct buf *out)
{
	codec_put_text(out, meta->title);
	codec_put_text(out, meta->site);
	codec_put_text(out, meta->subtitle);
	codec_put_text(out, meta->language);
	codec_put_text(out, meta->image);
	codec_put_text(out, meta->icon);
}

static void
get_meta(struct reader *r, struct feed_meta *ret)
{
	ret->title = codec_text(r);
	ret->site = codec_text(r);
	ret->subtitle = codec_text(r);
	ret->language = codec_text(r);
	ret->image = codec_text(r);
	ret->icon = codec_text(r);
}

static void
put_enclosures(const struct item *item, struct buf *out)
{
	const struct item_enclosure *e;
	size_t count = at_most(item->enclosure_count, LIMIT_LIST), i;

	codec_put_u32(out, (uint32_t)count);
	for (i = 0; i < count; i++) {
		e = &item->enclosures[i];
		codec_put_text(out, e->url);
		codec_put_text(out, e->type);
		codec_put_text(out, e->title);
		codec_put_text(out, e->medium);
		codec_put_i64(out, safe_length(e->length));
		codec_put_double(out, e->duration_s, -1);
		codec_put_u32(out, e->width > 0 ? (uint32_t)e->width : 0);
		codec_put_u32(out, e->height > 0 ? (uint32_t)e->height : 0);
	}
}

static int32_t
get_pixels(struct reader *r)
{
	uint32_t pixels = codec_u32(r);

	if (pixels <= INT32_MAX)
		return (int32_t)pixels;
	codec_fail(r);
	return 0;
}

static void
get_enclosures(struct reader *r, struct arena *arena, struct item *item)
{
	size_t count = codec_count(r, LEAST_ENCLOSURE, LIMIT_LIST), i;
	struct item_enclosure *list = codec_array(r, arena, count, sizeof(*list));

	if (list == NULL)
		return;
	for (i = 0; i < count; i++) {
		list[i].url = codec_text(r);
		list[i].type = codec_text(r);
		list[i].title = codec_text(r);
		list[i].medium = codec_text(r);
		list[i].length = codec_range(r, -1, SAFE_INTEGER);
		list[i].duration_s = codec_double(r);
		list[i].width = get_pixels(r);
		list[i].height = get_pixels(r);
	}
	item->enclosures = list;
	item->enclosure_count = count;
}

static void
put_lists(const struct item *item, struct buf *out)
{
	size_t count, i;

	put_enclosures(item, out);
	count = at_most(item->category_count, LIMIT_LIST);
	codec_put_u32(out, (uint32_t)count);
	for (i = 0; i < count; i++)
		codec_put_text(out, item->categories[i]);
}

static void
get_lists(struct reader *r, struct arena *arena, struct item *item)
{
	const char **categories;
	size_t count, i;

	get_enclosures(r, arena, item);
	count = codec_count(r, LEAST_STRING, LIMIT_LIST);
	categories = codec_array(r, arena, count, sizeof(*categories));
	for (i = 0; categories != NULL && i < count; i++)
		categories[i] = codec_must_text(r);
	item->categories = categories;
	item->category_count = categories != NULL ? count : 0;
}

static void
put_item(const struct item *item, struct buf *out)
{
	codec_put_text(out, item->guid);
	codec_put_text(out, item->link);
	codec_put_text(out, item->url);
	codec_put_u64(out, item->url_key);
	codec_put_u64(out, item->content_hash);
	codec_put_u64(out, item->raw_hash);
	codec_put_u32(out, item->content_chars);
	codec_put_text(out, item->title);
	codec_put_text(out, item->author);
	codec_put_text(out, item->summary);
	codec_put_text(out, item->text);
	codec_put_text(out, item->html);
	codec_put_text(out, item->raw);
	codec_put_text(out, item->lang);
	codec_put_text(out, item->image);
	codec_put_text(out, item->comments);
	codec_put_text(out, item->meta);
	codec_put_i64(out, item->published);
	codec_put_i64(out, item->updated);
	put_lists(item, out);
}

/* `meta` and `report` are stored or printed as JSON: an object on one line. */
static const char *
get_json(struct reader *r)
{
	const char *text = codec_text(r);
	struct wire_object *object;
	struct buf reason = {0};
	const char *c;
	int rc;

	if (text == NULL)
		return NULL;
	for (c = text; *c != '\0' && (unsigned char)*c >= 0x20; c++)
		;
	rc = *c == '\0'
	    ? wire_object_parse(text, (size_t)(c - text), &object, &reason)
	    : -EBADMSG;
	buf_done(&reason); /* a hostile fetcher's reasons interest nobody */
	if (rc < 0) {
		codec_fail(r);
		return NULL;
	}
	wire_object_free(object);
	return text;
}

static void
get_item(struct reader *r, struct arena *arena, struct item *item)
{
	item->guid = codec_text(r);
	item->link = codec_text(r);
	item->url = codec_text(r);
	item->url_key = codec_u64(r);
	item->content_hash = codec_u64(r);
	item->raw_hash = codec_u64(r);
	item->content_chars = codec_u32(r);
	item->title = codec_text(r);
	item->author = codec_text(r);
	item->summary = codec_text(r);
	item->text = codec_text(r);
	item->html = codec_text(r);
	item->raw = codec_text(r);
	item->lang = codec_text(r);
	item->image = codec_text(r);
	item->comments = codec_text(r);
	item->meta = get_json(r);
	item->published = codec_i64(r);
	item->updated = codec_i64(r);
	get_lists(r, arena, item);
}

static void
put_candidates(const struct link *first, struct buf *out)
{
	const struct link *link;
	uint32_t count = 0;

	for (link = first; link != NULL && count < LIMIT_LIST; link = link->next)
		count++;
	codec_put_u32(out, count);
	for (link = first; count > 0; link = link->next, count--) {
		codec_put_text(out, link->rel);
		codec_put_text(out, link->href);
		codec_put_text(out, link->type);
		codec_put_text(out, link->title);
		codec_put_i64(out, safe_length(link->length));
	}
}

static struct link *
get_candidates(struct reader *r, struct arena *arena)
{
	size_t count = codec_count(r, LEAST_LINK, LIMIT_LIST), i;
	struct link *list = codec_array(r, arena, count, sizeof(*list));

	for (i = 0; list != NULL && i < count; i++) {
		list[i].rel = codec_text(r);
		list[i].href = codec_must_text(r);
		list[i].type = codec_text(r);
		list[i].title = codec_text(r);
		list[i].length = codec_range(r, -1, SAFE_INTEGER);
		list[i].next = i + 1 < count ? &list[i + 1] : NULL;
	}
	return list;
}

static void
put_head(const struct batch *batch, struct buf *out)
{
	codec_put_i64(out, batch->feed_id);
	codec_put_i64(out, batch->job);
	codec_put_u8(out, (uint8_t)batch->outcome);
	codec_put_text(out, batch->reason);
	codec_put_i64(out, batch->http_status);
	codec_put_text(out, batch->url);
	codec_put_text(out, batch->location);
	codec_put_i64(out, batch->bytes > 0 ? batch->bytes : 0);
	codec_put_i64(out, batch->duration > 0 ? batch->duration : 0);
	codec_put_i64(out, batch->server_date);
	frame_put_hash(batch->body_hash, out);
	codec_put_u8(out, (uint8_t)batch->kind);
	codec_put_bool(out, batch->whole);
	codec_put_bool(out, batch->cut);
	codec_put_bool(out, batch->keep_validators);
	frame_put_validators(&batch->validators, out);
	put_hints(&batch->hints, out);
	put_meta(&batch->meta, out);
	codec_put_text(out, batch->report);
}

static void
get_head(struct reader *r, struct batch *batch)
{
	batch->feed_id = codec_i64(r);
	batch->job = codec_i64(r);
	batch->outcome = (enum outcome)codec_enum(r, OUTCOME_COUNT);
	batch->reason = codec_text(r);
	batch->http_status = (int)codec_range(r, 0, 999);
	batch->url = codec_text(r);
	batch->location = codec_text(r);
	batch->bytes = codec_range(r, 0, SAFE_INTEGER);
	batch->duration = codec_range(r, 0, SAFE_INTEGER);
	batch->server_date = codec_i64(r);
	batch->body_hash = frame_get_hash(r);
	batch->kind = (enum document_kind)codec_enum(r, KIND_COUNT);
	batch->whole = codec_bool(r);
	batch->cut = codec_bool(r);
	batch->keep_validators = codec_bool(r);
	frame_get_validators(r, &batch->validators);
	get_hints(r, &batch->hints);
	get_meta(r, &batch->meta);
	batch->report = get_json(r);
}

void
wire_put_batch(const struct batch *batch, struct buf *out)
{
	size_t start = frame_open(WIRE_BATCH, out), i;

	put_head(batch, out);
	codec_put_u32(out, (uint32_t)batch->item_count);
	for (i = 0; i < batch->item_count; i++)
		put_item(&batch->items[i], out);
	codec_put_u32(out, (uint32_t)batch->unchanged_count);
	for (i = 0; i < batch->unchanged_count; i++)
		codec_put_u64(out, batch->unchanged[i]);
	put_candidates(batch->candidates, out);
	frame_close(start, out);
}

static void
get_body(struct reader *r, struct batch *batch)
{
	size_t count, i;

	count = codec_count(r, LEAST_ITEM, LIMIT_ITEMS);
	batch->items = codec_array(r, batch->arena, count, sizeof(*batch->items));
	batch->item_count = batch->items != NULL ? count : 0;
	for (i = 0; i < batch->item_count && !r->bad; i++)
		get_item(r, batch->arena, &batch->items[i]);
	count = codec_count(r, 8, LIMIT_ITEMS);
	batch->unchanged =
	    codec_array(r, batch->arena, count, sizeof(*batch->unchanged));
	batch->unchanged_count = batch->unchanged != NULL ? count : 0;
	for (i = 0; i < batch->unchanged_count; i++)
		batch->unchanged[i] = codec_u64(r);
	batch->candidates = get_candidates(r, batch->arena);
}

int
wire_get_batch(char *payload, size_t size, struct batch **ret_batch)
{
	struct batch *batch;
	struct reader r;

	if (size > LIMIT_FRAME_BYTES)
		return -EBADMSG;
	batch = batch_new(0, size * LISTS_PER_BYTE + LISTS_FREE);
	codec_init(&r, payload, size);
	get_head(&r, batch);
	get_body(&r, batch);
	if (codec_end(&r) < 0) {
		batch_free(batch);
		return -EBADMSG;
	}
	batch->owned = payload;
	batch->free_owned = free;
	*ret_batch = batch;
	return 0;
}
