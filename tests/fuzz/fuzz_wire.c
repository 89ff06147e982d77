/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as frames, and as an object from a client.  What is taken means
 * what was sent: a frame written again is the same bytes, an object written
 * again is taken again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

static bool
again_batch(const char *payload, size_t size, struct buf *out)
{
	struct batch *batch;
	char *copy = xmalloc(size + 1);

	memcpy(copy, payload, size);
	if (wire_get_batch(copy, size, &batch) < 0) {
		free(copy);
		return false;
	}
	wire_put_batch(batch, out);
	batch_free(batch);
	return true;
}

static bool
again_request(const char *payload, size_t size, struct buf *out)
{
	struct arena *arena = arena_new(1 << 20);
	struct request request;
	bool good;

	good = wire_get_request(payload, size, arena, &request) == 0;
	if (good)
		wire_put_request(&request, out);
	arena_free(arena);
	return good;
}

static bool
again_small(enum wire_type type, const char *payload, size_t size, struct buf *out)
{
	struct wire_settings settings;
	enum log_level level;
	const char *text;
	int64_t number;

	switch (type) {
	case WIRE_SETTINGS:
		if (wire_get_settings(payload, size, &settings) < 0)
			return false;
		wire_put_settings(&settings, out);
		return true;
	case WIRE_LOG:
		if (wire_get_log(payload, size, &level, &text) < 0)
			return false;
		wire_put_log(level, text, out);
		return true;
	case WIRE_READY:
		if (wire_get_text(payload, size, &text) < 0)
			return false;
		wire_put_text(type, text, out);
		return true;
	case WIRE_CANCEL:
		if (wire_get_number(payload, size, &number) < 0)
			return false;
		wire_put_number(type, number, out);
		return true;
	default:
		return false;
	}
}

static void
check_frames(const char *data, size_t size)
{
	size_t payload_size, total;
	enum wire_type type;
	const char *payload;
	struct buf out = {0};
	bool taken;

	while (wire_frame(data, size, &type, &payload, &payload_size, &total) == 1) {
		insist(total <= size, "a frame longer than its bytes");
		buf_reset(&out);
		if (type == WIRE_BATCH)
			taken = again_batch(payload, payload_size, &out);
		else if (type == WIRE_REQUEST)
			taken = again_request(payload, payload_size, &out);
		else
			taken = again_small(type, payload, payload_size, &out);
		insist(
		    !taken || (out.len == total && !memcmp(out.data, data, total)),
		    "a frame that is not what was sent");
		data += total;
		size -= total;
	}
	buf_done(&out);
}

/* Asks for every member in every way. */
static void
walk(struct wire_object *object, struct buf *out)
{
	struct arena *arena = arena_new(1 << 20);
	struct wire_object *member;
	const char *const *texts, *key, *text;
	const int64_t *numbers;
	size_t i, count;
	int64_t number;
	bool yes;

	for (i = 0; (key = wire_object_key(object, i)) != NULL; i++) {
		(void)wire_object_text(object, key, &text);
		(void)wire_object_int(object, key, &number);
		(void)wire_object_bool(object, key, &yes);
		(void)wire_object_texts(object, key, arena, &texts, &count);
		(void)wire_object_ints(object, key, arena, &numbers, &count);
		(void)wire_object_element(object, key, 0, &member);
		if (wire_object_object(object, key, &member))
			walk(member, out);
		buf_reset(out);
		(void)wire_object_json(object, key, out);
	}
	(void)wire_object_fault(object);
	arena_free(arena);
}

static void
check_object(const char *data, size_t size)
{
	struct wire_object *object, *twice;
	struct buf reason = {0}, out = {0}, whole = {0};
	size_t i;

	if (wire_object_parse(data, size, &object, &reason) < 0) {
		insist(reason.len > 0, "refused without a word");
		buf_done(&reason);
		return;
	}
	walk(object, &out);
	for (i = 0; i < out.len; i++)
		insist((unsigned char)out.data[i] >= ' ', "more than a line");
	if (out.len > 0) { /* the last member as JSON */
		buf_printf(&whole, "{\"x\":%s}", out.data);
		insist(
		    wire_object_parse(whole.data, whole.len, &twice, &reason) == 0,
		    "not taken again");
		wire_object_free(twice);
	}
	wire_object_free(object);
	buf_done(&whole);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *data = size > 0 ? (const char *)bytes : "";
	char *text = xmalloc(size + 1), again[WIRE_CURSOR];
	int64_t seq;

	check_frames(data, size);
	check_object(data, size);
	memcpy(text, data, size);
	text[size] = '\0';
	if (wire_cursor_parse(text, "9f2c81aa", &seq) == 0)
		insist(seq >= 0 && *wire_cursor("9f2c81aa", seq, again) == 'g',
		    "a cursor of no place");
	free(text);
	return 0;
}
