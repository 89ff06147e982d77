/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "wire/wire.h"

/* -- Samples ------------------------------------------------------------------ */

static struct batch *
sample_batch(void)
{
	static const struct item_enclosure enclosures[] = {
	    {.url = "https://a.example/1.mp3",
		.type = "audio/mpeg",
		.length = 1234567,
		.duration_s = 61.5},
	    {.url = "https://a.example/1.jpg",
		.title = "cover",
		.medium = "image",
		.length = -1,
		.duration_s = -1,
		.width = 640,
		.height = 480}};
	static const char *const categories[] = {"ai", "open weights", ""};
	static struct link links[2] = {
	    {.next = &links[1], .href = "https://a.example/feed", .title = "All"},
	    {.href = "https://a.example/comments",
		.type = "text/xml",
		.length = -1}};
	struct batch *batch = batch_new(42, 1 << 20);
	struct item *item;

	batch->job = -7;
	batch->outcome = OUTCOME_BROKEN;
	batch->reason = "line 3: cut off";
	batch->http_status = 200;
	batch->url = "https://a.example/feed.xml";
	batch->bytes = 70000;
	batch->duration = 350;
	batch->server_date = 1790000000123;
	batch->body_hash = (struct hash128){0x0123456789abcdef, ~UINT64_C(0)};
	batch->kind = KIND_RSS20;
	batch->whole = batch->keep_validators = true;
	batch->validators.etag = "\"caf\xe9\""; /* Latin-1, as some servers send */
	batch->validators.last_modified = "Mon, 23 Nov 2026 08:00:00 GMT";
	batch->validators.url = "https://a.example/feed.xml";
	batch->hints.retry_after = -1;
	batch->hints.ttl = 3600000;
	batch->hints.skip_hours = 0xffffff;
	batch->hints.skip_days = 0x7f;
	batch->hints.complete = true;
	batch->hints.hub = "https://hub.example/";
	batch->meta.title = "Caf\xc3\xa9";
	item = batch_add_item(batch);
	item->guid = "tag:a.example,2026:1";
	item->link = "https://a.example/1?utm_source=rss";
	item->url = "https://a.example/1";
	item->url_key = 1;
	item->content_hash = UINT64_MAX;
	item->title = "Gr\xc3\xbc\xc3\x9f"
		      "e \xf0\x9f\x8c\x8d";
	item->summary = "";
	item->meta = "{\"itunes\":{\"episode\":\"3\"}}";
	item->published = -1;
	item->enclosures = enclosures;
	item->enclosure_count = 2;
	item->categories = categories;
	item->category_count = 3;
	(void)batch_add_item(batch); /* nothing is known of it */
	assert_true(batch_add_unchanged(batch, 0xfeedface));
	assert_true(batch_add_unchanged(batch, 0));
	batch->candidates = &links[0];
	batch->report = "{\"warnings\":[]}";
	return batch;
}

static void
sample_request(struct request *request)
{
	static const uint64_t known[] = {1, UINT64_MAX, 3};

	*request = (struct request){.job = INT64_MAX,
	    .feed_id = 9,
	    .feed = "fortune",
	    .url = "https://fortune.example/feed/",
	    .validators = {"W/\"1\"", NULL, "https://fortune.example/feed/"},
	    .body_hash = {1, 2},
	    .known = known,
	    .known_count = 3,
	    .timeout = 60000,
	    .max_body = 32 << 20,
	    .max_items = 1000,
	    .allow_private = "10.1.0.0/16 nas:80",
	    .header = "X-Key: \xfc",
	    .credential = "user:p\xe4ss",
	    .ca_pem = "-----BEGIN CERTIFICATE-----\n",
	    .insecure = true,
	    .want_raw = true,
	    .want_report = true,
	    .document = "<rss>\0</rss>",
	    .document_size = 12,
	    .content_type = "application/rss+xml"};
}

/* -- Frames ------------------------------------------------------------------- */

/* The payload of the one frame in `out`, alone on the heap: reading past its end
 * is then seen by valgrind and ASan. */
static char *
payload_of(const struct buf *out, enum wire_type type, size_t *ret_size)
{
	enum wire_type seen;
	const char *payload;
	size_t total;
	char *copy;

	assert_int_equal(
	    wire_frame(out->data, out->len, &seen, &payload, ret_size, &total), 1);
	assert_int_equal(seen, type);
	assert_int_equal(total, out->len);
	copy = xmalloc(*ret_size + 1);
	memcpy(copy, payload, *ret_size);
	return copy;
}

static char *
exact(const char *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);

	assert_non_null(copy);
	memcpy(copy, data, size);
	return copy;
}

/* What each kind of payload says when read and written again: 0 and the payload
 * in `out`, or what its reader returned. */
typedef int again_fn(const char *payload, size_t size, struct buf *out);

static int
again_batch(const char *payload, size_t size, struct buf *out)
{
	struct batch *batch;
	char *copy = exact(payload, size);
	int rc;

	rc = wire_get_batch(copy, size, &batch);
	if (rc < 0) {
		free(copy);
		return rc;
	}
	wire_put_batch(batch, out);
	batch_free(batch);
	return 0;
}

static int
again_request(const char *payload, size_t size, struct buf *out)
{
	struct arena *arena = arena_new(1 << 20);
	char *copy = exact(payload, size);
	struct request request;
	int rc;

	rc = wire_get_request(copy, size, arena, &request);
	if (rc == 0)
		wire_put_request(&request, out);
	free(copy);
	arena_free(arena);
	return rc;
}

static int
again_settings(const char *payload, size_t size, struct buf *out)
{
	struct wire_settings settings;
	char *copy = exact(payload, size);
	int rc;

	rc = wire_get_settings(copy, size, &settings);
	if (rc == 0)
		wire_put_settings(&settings, out);
	free(copy);
	return rc;
}

static int
again_log(const char *payload, size_t size, struct buf *out)
{
	char *copy = exact(payload, size);
	enum log_level level;
	const char *text;
	int rc;

	rc = wire_get_log(copy, size, &level, &text);
	if (rc == 0)
		wire_put_log(level, text, out);
	free(copy);
	return rc;
}

static int
again_text(const char *payload, size_t size, struct buf *out)
{
	char *copy = exact(payload, size);
	const char *text;
	int rc;

	rc = wire_get_text(copy, size, &text);
	if (rc == 0)
		wire_put_text(WIRE_READY, text, out);
	free(copy);
	return rc;
}

static int
again_number(const char *payload, size_t size, struct buf *out)
{
	char *copy = exact(payload, size);
	int64_t number;
	int rc;

	rc = wire_get_number(copy, size, &number);
	if (rc == 0)
		wire_put_number(WIRE_CANCEL, number, out);
	free(copy);
	return rc;
}

static const struct sample {
	enum wire_type type;
	again_fn *again;
} samples[] = {
    {WIRE_BATCH, again_batch},
    {WIRE_REQUEST, again_request},
    {WIRE_SETTINGS, again_settings},
    {WIRE_LOG, again_log},
    {WIRE_READY, again_text},
    {WIRE_CANCEL, again_number},
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void
put_sample(const struct sample *sample, struct buf *out)
{
	static const struct wire_settings settings = {.user_agent = "gazetted/0.1.0",
	    .ca_file = "/etc/ssl/certs/ca-certificates.crt",
	    .database = "/var/lib/gazetted/gazetted.db",
	    .concurrency = 64,
	    .log_level = LOG_LEVEL_DEBUG};
	struct request request;
	struct batch *batch;

	switch (sample->type) {
	case WIRE_BATCH:
		batch = sample_batch();
		wire_put_batch(batch, out);
		batch_free(batch);
		break;
	case WIRE_REQUEST:
		sample_request(&request);
		wire_put_request(&request, out);
		break;
	case WIRE_SETTINGS:
		wire_put_settings(&settings, out);
		break;
	case WIRE_LOG:
		wire_put_log(LOG_LEVEL_WARN, "feed 42: odd", out);
		break;
	case WIRE_READY:
		wire_put_text(WIRE_READY, "", out);
		break;
	default:
		wire_put_number(WIRE_CANCEL, INT64_MIN, out);
		break;
	}
}

static void
test_frame_head(void **state)
{
	struct buf out = {0};
	enum wire_type type;
	const char *payload;
	size_t size, total, i;

	(void)state;
	wire_put_text(WIRE_READY, "ok", &out);
	wire_put_empty(WIRE_HEARTBEAT, &out);
	for (i = 0; i < 12; i++) {
		assert_int_equal(
		    wire_frame(out.data, i, &type, &payload, &size, &total), 0);
	}
	assert_int_equal(
	    wire_frame(out.data, out.len, &type, &payload, &size, &total), 1);
	assert_int_equal(type, WIRE_READY);
	assert_int_equal(total, 12);
	assert_int_equal(size, 7);
	assert_int_equal(wire_frame(out.data + total, out.len - total, &type,
			     &payload, &size, &total),
	    1);
	assert_int_equal(type, WIRE_HEARTBEAT);
	assert_int_equal(size, 0);
	out.data[4] = 0; /* no such type */
	assert_int_equal(
	    wire_frame(out.data, out.len, &type, &payload, &size, &total), -EBADMSG);
	out.data[4] = WIRE_STOP + 1;
	assert_int_equal(
	    wire_frame(out.data, out.len, &type, &payload, &size, &total), -EBADMSG);
	memcpy(out.data, "\xff\xff\xff\xff\x05", 5); /* longer than a frame is */
	assert_int_equal(
	    wire_frame(out.data, 5, &type, &payload, &size, &total), -EBADMSG);
	memcpy(out.data, "\0\0\0\0\x05", 5); /* no room for the type */
	assert_int_equal(
	    wire_frame(out.data, 5, &type, &payload, &size, &total), -EBADMSG);
	buf_done(&out);
}

static void
test_round_trip(void **state)
{
	struct buf out = {0}, second = {0};
	size_t i, size;
	char *payload;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		buf_reset(&out);
		buf_reset(&second);
		put_sample(&samples[i], &out);
		payload = payload_of(&out, samples[i].type, &size);
		assert_int_equal(samples[i].again(payload, size, &second), 0);
		assert_int_equal(second.len, out.len);
		assert_memory_equal(second.data, out.data, out.len);
		free(payload);
	}
	buf_done(&out);
	buf_done(&second);
}

static void
test_batch_members(void **state)
{
	struct batch *batch = sample_batch(), *got;
	struct buf out = {0};
	const struct item *item;
	size_t size;
	char *payload;

	(void)state;
	wire_put_batch(batch, &out);
	batch_free(batch);
	payload = payload_of(&out, WIRE_BATCH, &size);
	assert_int_equal(wire_get_batch(payload, size, &got), 0);
	assert_int_equal(got->feed_id, 42);
	assert_int_equal(got->job, -7);
	assert_int_equal(got->outcome, OUTCOME_BROKEN);
	assert_string_equal(got->reason, "line 3: cut off");
	assert_null(got->location);
	assert_int_equal(got->server_date, 1790000000123);
	assert_true(got->body_hash.low == ~UINT64_C(0));
	assert_true(got->whole && got->keep_validators && !got->cut);
	assert_string_equal(got->validators.etag, "\"caf\xe9\"");
	assert_int_equal(got->hints.retry_after, -1);
	assert_int_equal(got->item_count, 2);
	item = &got->items[0];
	assert_string_equal(item->title,
	    "Gr\xc3\xbc\xc3\x9f"
	    "e \xf0\x9f\x8c\x8d");
	assert_string_equal(item->summary, "");
	assert_null(item->text);
	assert_int_equal(item->published, -1);
	assert_int_equal(item->enclosure_count, 2);
	assert_true(item->enclosures[0].duration_s == 61.5);
	assert_int_equal(item->enclosures[1].height, 480);
	assert_int_equal(item->category_count, 3);
	assert_string_equal(item->categories[1], "open weights");
	assert_null(got->items[1].guid);
	assert_int_equal(got->unchanged_count, 2);
	assert_int_equal(got->unchanged[0], 0xfeedface);
	assert_string_equal(got->candidates->title, "All");
	assert_string_equal(got->candidates->next->type, "text/xml");
	assert_null(got->candidates->next->next);
	assert_string_equal(got->report, "{\"warnings\":[]}");
	/* Lent, not copied. */
	assert_true(item->title > payload && item->title < payload + size);
	batch_free(got);
	buf_done(&out);
}

static void
test_truncation(void **state)
{
	struct buf out = {0}, second = {0};
	size_t i, cut, size;
	char *payload;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		buf_reset(&out);
		put_sample(&samples[i], &out);
		payload = payload_of(&out, samples[i].type, &size);
		for (cut = 0; cut < size; cut++) {
			assert_int_equal(
			    samples[i].again(payload, cut, &second), -EBADMSG);
		}
		payload[size] = '\0'; /* and one byte too many */
		assert_int_equal(
		    samples[i].again(payload, size + 1, &second), -EBADMSG);
		free(payload);
	}
	buf_done(&out);
	buf_done(&second);
}

static uint64_t seed;

static uint32_t
any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % below;
}

/* A few bytes changed, moved or repeated. */
static void
damage(char *payload, size_t size)
{
	static const char odd[] = {0, 1, 0x7f, -1, -128};
	uint32_t n = 1 + any(4), at;

	while (n-- > 0) {
		at = any((uint32_t)size);
		if (any(2) == 0)
			payload[at] = odd[any(sizeof(odd))];
		else
			payload[at] = (char)any(256);
	}
}

static void
test_corruption(void **state)
{
	struct buf out = {0}, second = {0};
	size_t i, round, size;
	unsigned taken = 0;
	char *payload;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		for (round = 0; round < 4000; round++) {
			buf_reset(&out);
			buf_reset(&second);
			put_sample(&samples[i], &out);
			damage(out.data + WIRE_HEAD, out.len - WIRE_HEAD);
			payload = payload_of(&out, samples[i].type, &size);
			if (samples[i].again(payload, size, &second) == 0) {
				/* What is taken means what was sent. */
				assert_int_equal(second.len, out.len);
				assert_memory_equal(second.data, out.data, out.len);
				taken++;
			}
			free(payload);
		}
	}
	assert_true(taken > 0);
	buf_done(&out);
	buf_done(&second);
}

/* A count that the rest cannot hold is refused before anything is allocated. */
static void
test_hostile_counts(void **state)
{
	struct batch *batch = batch_new(1, 4096), *got;
	struct buf out = {0};
	size_t size;
	char *payload;

	(void)state;
	wire_put_batch(batch, &out);
	batch_free(batch);
	/* Behind: items, unchanged and candidates, each a count of 0. */
	memcpy(out.data + out.len - 12, "\xff\xff\xff\x7f", 4);
	payload = payload_of(&out, WIRE_BATCH, &size);
	assert_int_equal(wire_get_batch(payload, size, &got), -EBADMSG);
	free(payload);
	memset(out.data + out.len - 12, 0, 4);
	memcpy(out.data + out.len - 8, "\x01\0\0\0", 4);
	payload = payload_of(&out, WIRE_BATCH, &size);
	assert_int_equal(wire_get_batch(payload, size, &got), -EBADMSG);
	free(payload);
	buf_done(&out);
}

/* What no receiver takes is mended by the sender where it came from a document,
 * and refused otherwise. */
static void
test_strings(void **state)
{
	struct batch *batch = batch_new(1, 4096), *got;
	struct item_enclosure enclosure = {
	    .length = INT64_MAX, .duration_s = NAN, .width = -1};
	struct buf out = {0};
	struct item *item;
	const char *text;
	char *payload;
	size_t size;

	(void)state;
	item = batch_add_item(batch);
	item->title = "a\xff\xc0\xaf";
	item->enclosures = &enclosure;
	item->enclosure_count = 1;
	batch->validators.etag = "\"a\r\nX: y\"";
	wire_put_batch(batch, &out);
	batch_free(batch);
	payload = payload_of(&out, WIRE_BATCH, &size);
	assert_int_equal(wire_get_batch(payload, size, &got), 0);
	assert_string_equal(
	    got->items[0].title, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_null(got->validators.etag);
	assert_int_equal(got->items[0].enclosures[0].length, -1);
	assert_true(got->items[0].enclosures[0].duration_s == -1);
	batch_free(got);

	assert_int_equal(wire_get_text("\x02\0\0\0ab", 7, &text), 0);
	assert_int_equal(wire_get_text("\x02\0\0\0a\0", 7, &text), -EBADMSG);
	assert_int_equal(wire_get_text("\x02\0\0\0abc", 7, &text), -EBADMSG);
	assert_int_equal(wire_get_text("\x02\0\0\0a\xff", 7, &text), -EBADMSG);
	assert_int_equal(wire_get_text("\xff\xff\xff\xff", 4, &text), -EBADMSG);
	buf_done(&out);
}

/* `meta` goes into the database and from there to clients as JSON. */
static void
test_meta(void **state)
{
	static const char *const bad[] = {
	    "", "[]", "{", "{\"a\":1}}", "{\"a\":\n1}", "x"};
	struct batch *batch, *got;
	struct buf out = {0};
	char *payload;
	size_t size, i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		batch = batch_new(1, 4096);
		batch_add_item(batch)->meta = bad[i];
		buf_reset(&out);
		wire_put_batch(batch, &out);
		batch_free(batch);
		payload = payload_of(&out, WIRE_BATCH, &size);
		assert_int_equal(wire_get_batch(payload, size, &got), -EBADMSG);
		free(payload);
	}
	buf_done(&out);
}

/* -- JSON --------------------------------------------------------------------- */

static void
sample_item(struct item_row *item)
{
	*item = (struct item_row){.id = 58211,
	    .feed_id = 3,
	    .story = 57001,
	    .copies = 2,
	    .revision = 1,
	    .key = "0a1b",
	    .feed = "fortune",
	    .title = "plain \"text\"\x1b[0m",
	    .url = "https://a.example/1",
	    .link = "https://a.example/1?utm_source=rss",
	    .tags = "[\"ai\"]",
	    .feeds = "[3,9]",
	    .text = "whole",
	    .html = "<p>whole</p>",
	    .seen = 1790000000123,
	    .published = 1790000000000,
	    .date_source = DATE_PUBLISHED};
}

static void
expect_item(const struct item_row *item, unsigned fields, const char *expected)
{
	struct buf out = {0};
	struct jsonw w;

	jsonw_init(&w, &out);
	wire_item(&w, NULL, item, fields);
	assert_string_equal(buf_text(&out), expected);
	buf_done(&out);
}

static void
test_item(void **state)
{
	struct item_row item;

	(void)state;
	sample_item(&item);
	expect_item(&item, 0,
	    "{\"v\":1,\"id\":58211,\"key\":\"0a1b\",\"feed\":\"fortune\","
	    "\"feed_id\":3,\"feeds\":[3,9],\"story\":57001,\"copies\":2,"
	    "\"title\":\"plain \\\"text\\\"\\u001b[0m\","
	    "\"url\":\"https://a.example/1\","
	    "\"link\":\"https://a.example/1?utm_source=rss\",\"tags\":[\"ai\"],"
	    "\"read\":false,\"starred\":false,\"hidden\":false,\"duplicate\":false,"
	    "\"seen\":\"2026-09-21T14:13:20.123Z\","
	    "\"published\":\"2026-09-21T14:13:20.000Z\","
	    "\"date_source\":\"published\",\"enclosures\":[],"
	    "\"revision\":1,\"data\":{}}");
	item = (struct item_row){.id = 1,
	    .read = true,
	    .text = "t",
	    .html = "h",
	    .raw = "r",
	    .summary = "s",
	    .data = "{\"k\":1}"};
	expect_item(&item, 7,
	    "{\"v\":1,\"id\":1,\"key\":\"\",\"feed\":\"\",\"feed_id\":0,\"feeds\":[]"
	    ","
	    "\"story\":0,\"copies\":0,\"tags\":[],\"read\":true,\"starred\":false,"
	    "\"hidden\":false,\"duplicate\":false,"
	    "\"seen\":\"1970-01-01T00:00:00.000Z\",\"date_source\":\"seen\","
	    "\"summary\":\"s\",\"text\":\"t\",\"html\":\"h\",\"raw\":\"r\","
	    "\"enclosures\":[],\"revision\":0,\"data\":{\"k\":1}}");
}

/* `link` keeps what was published; `url` is only ever one to follow. */
static void
test_schemes(void **state)
{
	static const char *const no[] = {"javascript:alert(1)", "JaVaScRiPt:x",
	    "data:text/html,x", "file:///etc/passwd", "ftp://a.example/",
	    "http:", "http://", "https:///x", "http:a.example",
	    " https://a.example/", "ht\ntp://a.example/", "https://a.example/\tx",
	    "//a.example/", "", "shortcuts://run", "httpss://a.example/",
	    "https://a.example/ x"};
	static const char *const yes[] = {
	    "http://a.example", "HTTPS://A.example/x", "https://a.example/\xc3\xa9"};
	struct item_row item = {0};
	struct buf out = {0};
	struct jsonw w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		item.url = item.link = no[i];
		buf_reset(&out);
		jsonw_init(&w, &out);
		wire_item(&w, NULL, &item, 0);
		assert_null(strstr(out.data, "\"url\""));
		assert_non_null(strstr(out.data, "\"link\""));
	}
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		item.url = yes[i];
		buf_reset(&out);
		jsonw_init(&w, &out);
		wire_item(&w, NULL, &item, 0);
		assert_non_null(strstr(out.data, "\"url\":\""));
	}
	buf_done(&out);
}

/* JSON from the database is on one line and moves no terminal either. */
static void
test_stored_json(void **state)
{
	struct item_row item = {
	    .categories = "[\"a\x7f\",\n\"b\xc2\x9b\xc3\xa9\xc2\xa0\"]",
	    .enclosures = "[\xc2"};
	struct buf out = {0};
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out);
	wire_item(&w, NULL, &item, 0);
	assert_non_null(strstr(
	    out.data, "\"categories\":[\"a\\u007f\",\"b\\u009b\xc3\xa9\xc2\xa0\"]"));
	buf_done(&out);
}

static void
test_feed(void **state)
{
	struct feed_row feed = {.id = 3,
	    .name = "fortune",
	    .url = "https://fortune.example/feed/",
	    .origin = "/etc/gazetted/gazetted.conf:12",
	    .tags = "[\"business\"]",
	    .state = FEED_FAILING,
	    .since = 1790000000000,
	    .failures = 3,
	    .last_error = "no such host",
	    .unread = 1,
	    .items = 2};
	struct buf out = {0};
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out);
	jsonw_object(&w, NULL);
	wire_feed(&w, "feed", &feed);
	jsonw_close(&w);
	assert_string_equal(out.data,
	    "{\"feed\":{\"v\":1,\"id\":3,\"name\":\"fortune\","
	    "\"url\":\"https://fortune.example/feed/\",\"title\":\"\","
	    "\"tags\":[\"business\"],\"origin\":\"/etc/gazetted/gazetted.conf:12\","
	    "\"since\":\"2026-09-21T14:13:20.000Z\",\"state\":\"failing\","
	    "\"failures\":3,\"last_error\":\"no such "
	    "host\",\"unread\":1,\"items\":2}}");
	buf_done(&out);
}

static void
test_event(void **state)
{
	struct item_row item = {.id = 7, .key = "k", .title = "gone"};
	struct event_row event = {.seq = 991822,
	    .time = 1790000000123,
	    .kind = EVENT_ITEM_REMOVED,
	    .item = &item};
	struct buf out = {0};
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out);
	wire_event(&w, NULL, &event, "9f2c81aa0000", 0);
	assert_string_equal(out.data,
	    "{\"v\":1,\"seq\":991822,\"cursor\":\"g1.9f2c81aa.991822\","
	    "\"time\":\"2026-09-21T14:13:20.123Z\",\"kind\":\"item_removed\","
	    "\"item\":{\"v\":1,\"id\":7,\"key\":\"k\"}}");
	buf_reset(&out);
	event = (struct event_row){
	    .seq = 5, .kind = EVENT_GAP, .detail = "{\"oldest\":\"g1.9f2c81aa.9\"}"};
	jsonw_init(&w, &out);
	wire_event(&w, NULL, &event, "9f2c81aa0000", 0);
	assert_string_equal(out.data,
	    "{\"v\":1,\"seq\":5,\"cursor\":\"g1.9f2c81aa.5\","
	    "\"time\":\"1970-01-01T00:00:00.000Z\",\"kind\":\"gap\","
	    "\"detail\":{\"oldest\":\"g1.9f2c81aa.9\"}}");
	buf_done(&out);
}

static void
test_cursor(void **state)
{
	static const char *const bad[] = {"", "g1", "g1.", "g1.9f2c81aa",
	    "g1.9f2c81aa.", "g2.9f2c81aa.1", "g1.9f2c81a.1", "g1.9f2c81aab.1",
	    "g1.9F2C81AA.1", "g1.9f2c81aa.-1", "g1.9f2c81aa.+1", "g1.9f2c81aa.1 ",
	    "g1.9f2c81aa.1x", "g1.9f2c81aa.99999999999999999999", " g1.9f2c81aa.1",
	    "g1.9f2c81aa.1.1"};
	const char *uuid = "9f2c81aa77e04be5a1b2c3d4e5f60718";
	char text[WIRE_CURSOR];
	int64_t seq = -1;
	size_t i;

	(void)state;
	assert_string_equal(wire_cursor(uuid, 42, text), "g1.9f2c81aa.42");
	assert_int_equal(wire_cursor_parse(text, uuid, &seq), 0);
	assert_int_equal(seq, 42);
	assert_int_equal(wire_cursor_parse("g1.9f2c81ab.42", uuid, &seq), -EXDEV);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wire_cursor_parse(bad[i], uuid, &seq), -EINVAL);
}

/* -- Objects that come in ------------------------------------------------------ */

static struct wire_object *
parsed(const char *json)
{
	struct wire_object *object = NULL;
	struct buf reason = {0};

	assert_int_equal(wire_object_parse(json, strlen(json), &object, &reason), 0);
	assert_int_equal(reason.len, 0);
	buf_done(&reason);
	return object;
}

static void
test_object_members(void **state)
{
	struct wire_object *o, *member, *element;
	struct arena *arena = arena_new(4096);
	const char *const *texts, *text;
	const int64_t *numbers;
	struct buf out = {0};
	int64_t number;
	size_t count;
	bool yes;

	(void)state;
	o = parsed(
	    "{\"s\":\"x\",\"n\":9007199254740993,\"b\":true,\"z\":null,"
	    "\"l\":[\"a\",\"b\"],\"i\":[1,-2],\"o\":{\"k\":\"v\"},"
	    "\"e\":[{\"x\":1},{\"x\":2}],\"d\":1,\"d\":2,\"j\":{\"a\":[1.5,null]}}");
	assert_true(wire_object_text(o, "s", &text));
	assert_string_equal(text, "x");
	assert_true(wire_object_int(o, "n", &number));
	assert_int_equal(number, 9007199254740993);
	assert_true(wire_object_bool(o, "b", &yes) && yes);
	assert_false(wire_object_text(o, "z", &text));
	assert_null(text);
	assert_false(wire_object_int(o, "absent", &number));
	assert_true(wire_object_texts(o, "l", arena, &texts, &count));
	assert_int_equal(count, 2);
	assert_string_equal(texts[1], "b");
	assert_true(wire_object_ints(o, "i", arena, &numbers, &count));
	assert_int_equal(numbers[1], -2);
	assert_true(wire_object_object(o, "o", &member));
	assert_string_equal(wire_object_key(member, 0), "k");
	assert_null(wire_object_key(member, 1));
	assert_string_equal(wire_object_fault(o), "e"); /* the first not asked for */
	assert_true(wire_object_element(o, "e", 1, &element));
	assert_true(wire_object_int(element, "x", &number));
	assert_int_equal(number, 2);
	assert_false(wire_object_element(o, "e", 2, &element));
	assert_true(wire_object_int(o, "d", &number));
	assert_int_equal(number, 2); /* the last one wins */
	assert_true(wire_object_json(o, "j", &out));
	assert_string_equal(out.data, "{\"a\":[1.5,null]}");
	assert_string_equal(wire_object_fault(o), "k"); /* of a member */
	assert_true(wire_object_text(member, "k", &text));
	assert_null(wire_object_fault(o));
	wire_object_free(o);
	arena_free(arena);
	buf_done(&out);
}

static void
test_object_types(void **state)
{
	struct wire_object *o = parsed("{\"a\":1.0,\"b\":[1,\"x\"]}"), *member;
	struct arena *arena = arena_new(4096);
	const int64_t *numbers;
	const char *text;
	int64_t number;
	size_t count;
	bool yes;

	(void)state;
	assert_false(wire_object_ints(o, "b", arena, &numbers, &count));
	assert_false(wire_object_int(o, "a", &number));
	assert_string_equal(wire_object_fault(o), "b");
	wire_object_free(o);
	o = parsed("{\"a\":1}");
	assert_false(wire_object_text(o, "a", &text));
	assert_false(wire_object_bool(o, "a", &yes));
	assert_false(wire_object_object(o, "a", &member));
	assert_false(wire_object_element(o, "a", 0, &member));
	assert_string_equal(wire_object_fault(o), "a");
	wire_object_free(o);
	arena_free(arena);
}

static void
expect_refused(const char *json, size_t size)
{
	struct wire_object *object = NULL;
	struct buf reason = {0};

	assert_int_equal(wire_object_parse(json, size, &object, &reason), -EBADMSG);
	assert_null(object);
	assert_true(reason.len > 0);
	buf_done(&reason);
}

static void
test_object_refused(void **state)
{
	static const char *const bad[] = {"", " ", "{", "}", "[]", "1", "\"x\"",
	    "null", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x",
	    "{\"a\":\"\xff\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}",
	    "{\"a\":\"\n\"}", "{\"a\":9223372036854775808}", "{\"a\":1e400}",
	    "{a:1}", "{'a':1}"};
	struct buf deep = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused(bad[i], strlen(bad[i]));
	expect_refused("{\"a\":1}\0", 8);
	expect_refused("{\"a\":\"x\0y\"}", 11);
	buf_puts(&deep, "{\"a\":");
	for (i = 0; i < LIMIT_MESSAGE_DEPTH; i++)
		buf_putc(&deep, '[');
	for (i = 0; i < LIMIT_MESSAGE_DEPTH; i++)
		buf_putc(&deep, ']');
	buf_putc(&deep, '}');
	expect_refused(deep.data, deep.len);
	buf_reset(&deep);
	buf_puts(&deep, "{\"a\":[");
	while (deep.len < 900000)
		buf_puts(&deep, "{},");
	buf_puts(&deep, "{}]}");
	expect_refused(deep.data, deep.len); /* small, and a huge tree */
	buf_done(&deep);
}

static void
test_interfaces(void **state)
{
	(void)state;
	assert_non_null(
	    strstr(wire_interface_gazetted, "\ninterface org.gazetted\n"));
	assert_non_null(strstr(wire_interface_gazetted, "\nmethod Follow("));
	assert_non_null(strstr(wire_interface_gazetted, "\nerror BadMessage ("));
	assert_null(strstr(wire_interface_gazetted, "SPDX"));
	assert_non_null(
	    strstr(wire_interface_service, "\ninterface org.varlink.service\n"));
	assert_non_null(strstr(wire_interface_service, "\nmethod GetInfo("));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_frame_head),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_batch_members),
	    cmocka_unit_test(test_truncation),
	    cmocka_unit_test(test_corruption),
	    cmocka_unit_test(test_hostile_counts),
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_meta),
	    cmocka_unit_test(test_item),
	    cmocka_unit_test(test_schemes),
	    cmocka_unit_test(test_stored_json),
	    cmocka_unit_test(test_feed),
	    cmocka_unit_test(test_event),
	    cmocka_unit_test(test_cursor),
	    cmocka_unit_test(test_object_members),
	    cmocka_unit_test(test_object_types),
	    cmocka_unit_test(test_object_refused),
	    cmocka_unit_test(test_interfaces),
	};
	const char *given = getenv("CHECK_SEED");
	unsigned long long start;

	start = given != NULL ? strtoull(given, NULL, 0)
			      : (unsigned long long)time(NULL);
	printf("# CHECK_SEED=%llu\n", start);
	seed = start * UINT64_C(0x9E3779B97F4A7C15) | 1;
	return CHECK_RUN(tests);
}
