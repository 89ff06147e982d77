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
	static const uint32_t sketch[] = {1, 4000000000u};
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
	item->sketch = sketch;
	item->sketch_count = 2;
	(void)batch_add_item(batch); /* nothing is known of it */
	assert_true(batch_add_unchanged(batch, 0xfeedface));
	assert_true(batch_add_unchanged(batch, 0));
	batch->candidates = &links[0];
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
	assert_int_equal(item->sketch[1], 4000000000u);
	assert_null(got->items[1].guid);
	assert_int_equal(got->unchanged_count, 2);
	assert_int_equal(got->unchanged[0], 0xfeedface);
	assert_string_equal(got->candidates->title, "All");
	assert_string_equal(got->candidates->next->type, "text/xml");
	assert_null(got->candidates->next->next);
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
	};
	const char *given = getenv("CHECK_SEED");
	unsigned long long start;

	start = given != NULL ? strtoull(given, NULL, 0)
			      : (unsigned long long)time(NULL);
	printf("# CHECK_SEED=%llu\n", start);
	seed = start * UINT64_C(0x9E3779B97F4A7C15) | 1;
	return CHECK_RUN(tests);
}
