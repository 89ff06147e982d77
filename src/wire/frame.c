/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "wire/codec.h"
#include "wire/frame.h"

#define CONCURRENCY_MOST 65536 /* more than a process has descriptors */

int
wire_frame(const char *data, size_t size, enum wire_type *ret_type,
    const char **ret_payload, size_t *ret_payload_size, size_t *ret_total)
{
	struct reader r;
	uint32_t rest;
	uint8_t type;

	if (size < WIRE_HEAD)
		return 0;
	codec_init(&r, data, size);
	rest = codec_u32(&r);
	type = codec_u8(&r);
	if (rest < 1 || rest > LIMIT_FRAME_BYTES)
		return -EBADMSG;
	if (type < WIRE_REQUEST || type > WIRE_STOP)
		return -EBADMSG;
	*ret_type = (enum wire_type)type;
	*ret_payload = data + WIRE_HEAD;
	*ret_payload_size = rest - 1;
	*ret_total = (size_t)rest + 4;
	return size >= *ret_total ? 1 : 0;
}

size_t
frame_open(enum wire_type type, struct buf *out)
{
	size_t start = out->len;

	codec_put_u32(out, 0); /* frame_close knows */
	codec_put_u8(out, (uint8_t)type);
	return start;
}

void
frame_close(size_t start, struct buf *out)
{
	size_t rest = out->len - start - 4;
	int i;

	assert(rest <= UINT32_MAX);
	for (i = 0; i < 4; i++)
		out->data[start + (size_t)i] = (char)(rest >> (8 * i) & 0xff);
}

void
wire_put_settings(const struct wire_settings *settings, struct buf *out)
{
	size_t start = frame_open(WIRE_SETTINGS, out);

	codec_put_text(out, settings->user_agent);
	codec_put_text(out, settings->proxy);
	codec_put_text(out, settings->no_proxy);
	codec_put_text(out, settings->http_version);
	codec_put_bytes(out, settings->ca_file);
	codec_put_bytes(out, settings->database);
	codec_put_bytes(out, settings->socket);
	codec_put_u32(out, settings->concurrency);
	codec_put_u8(out, (uint8_t)settings->log_level);
	frame_close(start, out);
}

int
wire_get_settings(const char *payload, size_t size, struct wire_settings *ret)
{
	struct wire_settings settings = {0};
	struct reader r;

	codec_init(&r, payload, size);
	settings.user_agent = codec_text(&r);
	settings.proxy = codec_text(&r);
	settings.no_proxy = codec_text(&r);
	settings.http_version = codec_text(&r);
	settings.ca_file = codec_bytes(&r);
	settings.database = codec_bytes(&r);
	settings.socket = codec_bytes(&r);
	settings.concurrency = codec_u32(&r);
	settings.log_level = (enum log_level)codec_enum(&r, LOG_LEVEL_DEBUG + 1);
	if (settings.concurrency > CONCURRENCY_MOST)
		codec_fail(&r);
	if (codec_end(&r) < 0)
		return -EBADMSG;
	*ret = settings;
	return 0;
}

void
wire_put_log(enum log_level level, const char *text, struct buf *out)
{
	size_t start = frame_open(WIRE_LOG, out);

	codec_put_u8(out, (uint8_t)level);
	codec_put_text(out, text != NULL ? text : "");
	frame_close(start, out);
}

int
wire_get_log(const char *payload, size_t size, enum log_level *ret_level,
    const char **ret_text)
{
	struct reader r;
	enum log_level level;
	const char *text;

	codec_init(&r, payload, size);
	level = (enum log_level)codec_enum(&r, LOG_LEVEL_DEBUG + 1);
	text = codec_must_text(&r);
	if (codec_end(&r) < 0)
		return -EBADMSG;
	*ret_level = level;
	*ret_text = text;
	return 0;
}

void
wire_put_text(enum wire_type type, const char *text, struct buf *out)
{
	size_t start = frame_open(type, out);

	codec_put_text(out, text != NULL ? text : "");
	frame_close(start, out);
}

int
wire_get_text(const char *payload, size_t size, const char **ret_text)
{
	struct reader r;
	const char *text;

	codec_init(&r, payload, size);
	text = codec_must_text(&r);
	if (codec_end(&r) < 0)
		return -EBADMSG;
	*ret_text = text;
	return 0;
}

void
wire_put_number(enum wire_type type, int64_t number, struct buf *out)
{
	size_t start = frame_open(type, out);

	codec_put_i64(out, number);
	frame_close(start, out);
}

int
wire_get_number(const char *payload, size_t size, int64_t *ret_number)
{
	struct reader r;
	int64_t number;

	codec_init(&r, payload, size);
	number = codec_i64(&r);
	if (codec_end(&r) < 0)
		return -EBADMSG;
	*ret_number = number;
	return 0;
}

void
wire_put_empty(enum wire_type type, struct buf *out)
{
	frame_close(frame_open(type, out), out);
}
