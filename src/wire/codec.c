/* SPDX-License-Identifier: ISC */
#include "wire/codec.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"

void
codec_put_u8(struct buf *out, uint8_t value)
{
	buf_putc(out, (char)value);
}

void
codec_put_bool(struct buf *out, bool value)
{
	codec_put_u8(out, value ? 1 : 0);
}

static void
put_number(struct buf *out, uint64_t value, size_t size)
{
	char bytes[8];
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (char)(value >> (8 * i) & 0xff);
	buf_add(out, bytes, size);
}

void
codec_put_u32(struct buf *out, uint32_t value)
{
	put_number(out, value, 4);
}

void
codec_put_u64(struct buf *out, uint64_t value)
{
	put_number(out, value, 8);
}

void
codec_put_i64(struct buf *out, int64_t value)
{
	codec_put_u64(out, (uint64_t)value);
}

void
codec_put_double(struct buf *out, double value, double otherwise)
{
	uint64_t bits;

	if (!isfinite(value))
		value = otherwise;
	memcpy(&bits, &value, sizeof(bits));
	codec_put_u64(out, bits);
}

void
codec_put_blob(struct buf *out, const char *data, size_t size)
{
	if (data == NULL) {
		codec_put_u32(out, CODEC_ABSENT);
		return;
	}
	/* Whoever builds frames keeps to LIMIT_FRAME_BYTES. */
	assert(size < CODEC_ABSENT);
	codec_put_u32(out, (uint32_t)size);
	buf_add(out, data, size);
	buf_putc(out, '\0');
}

void
codec_put_bytes(struct buf *out, const char *text)
{
	codec_put_blob(out, text, text != NULL ? strlen(text) : 0);
}

void
codec_put_text(struct buf *out, const char *text)
{
	struct buf mended = {0};
	size_t size = text != NULL ? strlen(text) : 0;

	if (text == NULL || unicode_is_valid(text, size)) {
		codec_put_blob(out, text, size);
		return;
	}
	unicode_repair(&mended, text, size);
	codec_put_blob(out, buf_text(&mended), mended.len);
	buf_done(&mended);
}

void
codec_init(struct reader *r, const char *data, size_t size)
{
	r->at = data;
	r->left = size;
	r->bad = false;
}

int
codec_end(const struct reader *r)
{
	return r->bad || r->left > 0 ? -EBADMSG : 0;
}

void
codec_fail(struct reader *r)
{
	r->bad = true;
	r->left = 0;
}

static const char *
take(struct reader *r, size_t size)
{
	const char *at = r->at;

	if (r->bad || size > r->left) {
		codec_fail(r);
		return NULL;
	}
	r->at += size;
	r->left -= size;
	return at;
}

static uint64_t
number(struct reader *r, size_t size)
{
	const char *bytes = take(r, size);
	uint64_t value = 0;
	size_t i;

	if (bytes == NULL)
		return 0;
	for (i = 0; i < size; i++)
		value |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
	return value;
}

uint8_t
codec_u8(struct reader *r)
{
	return (uint8_t)number(r, 1);
}

bool
codec_bool(struct reader *r)
{
	return codec_enum(r, 2) == 1;
}

uint32_t
codec_u32(struct reader *r)
{
	return (uint32_t)number(r, 4);
}

uint64_t
codec_u64(struct reader *r)
{
	return number(r, 8);
}

int64_t
codec_i64(struct reader *r)
{
	return (int64_t)codec_u64(r);
}

int64_t
codec_range(struct reader *r, int64_t low, int64_t high)
{
	int64_t value = codec_i64(r);

	if (!r->bad && value >= low && value <= high)
		return value;
	codec_fail(r);
	return low;
}

unsigned
codec_enum(struct reader *r, unsigned count)
{
	unsigned value = codec_u8(r);

	if (!r->bad && value < count)
		return value;
	codec_fail(r);
	return 0;
}

double
codec_double(struct reader *r)
{
	uint64_t bits = codec_u64(r);
	double value;

	memcpy(&value, &bits, sizeof(value));
	if (isfinite(value))
		return value;
	codec_fail(r);
	return 0;
}

const char *
codec_blob(struct reader *r, size_t *ret_size)
{
	uint32_t size = codec_u32(r);
	const char *data;

	*ret_size = 0;
	if (r->bad || size == CODEC_ABSENT)
		return NULL;
	data = take(r, (size_t)size + 1);
	if (data == NULL)
		return NULL;
	if (data[size] != '\0') {
		codec_fail(r);
		return NULL;
	}
	*ret_size = size;
	return data;
}

const char *
codec_bytes(struct reader *r)
{
	size_t size;
	const char *text = codec_blob(r, &size);

	if (text == NULL || memchr(text, '\0', size) == NULL)
		return text;
	codec_fail(r);
	return NULL;
}

const char *
codec_text(struct reader *r)
{
	const char *text = codec_bytes(r);

	if (text == NULL || unicode_is_valid(text, strlen(text)))
		return text;
	codec_fail(r);
	return NULL;
}

const char *
codec_must_text(struct reader *r)
{
	const char *text = codec_text(r);

	if (text != NULL)
		return text;
	codec_fail(r);
	return "";
}

size_t
codec_count(struct reader *r, size_t least, size_t limit)
{
	size_t count = codec_u32(r);

	if (!r->bad && count <= limit && count <= r->left / least)
		return count;
	codec_fail(r);
	return 0;
}

void *
codec_array(struct reader *r, struct arena *arena, size_t count, size_t size)
{
	void *array;

	if (r->bad || count == 0)
		return NULL;
	array = arena_alloc(arena, count * size); /* count: see codec_count */
	if (array == NULL)
		codec_fail(r);
	return array;
}
