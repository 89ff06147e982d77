/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "wire/codec.h"
#include "wire/frame.h"

/* What may be sent on in a header line. */
static bool
is_header_text(const char *text, size_t limit)
{
	const char *c;

	for (c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	}
	return (size_t)(c - text) <= limit;
}

static void
put_header_text(const char *text, size_t limit, struct buf *out)
{
	bool fits = text != NULL && is_header_text(text, limit);

	codec_put_bytes(out, fits ? text : NULL);
}

static const char *
get_header_text(struct reader *r, size_t limit)
{
	const char *text = codec_bytes(r);

	if (text == NULL || is_header_text(text, limit))
		return text;
	codec_fail(r);
	return NULL;
}

/* An ETag's bytes go back as they came, in whatever encoding (THREATS 9). */
void
frame_put_validators(const struct validators *validators, struct buf *out)
{
	put_header_text(validators->etag, LIMIT_ETAG_BYTES, out);
	put_header_text(validators->last_modified, LIMIT_LAST_MODIFIED_BYTES, out);
	codec_put_text(out, validators->url);
}

void
frame_get_validators(struct reader *r, struct validators *ret)
{
	ret->etag = get_header_text(r, LIMIT_ETAG_BYTES);
	ret->last_modified = get_header_text(r, LIMIT_LAST_MODIFIED_BYTES);
	ret->url = codec_text(r);
}

void
frame_put_hash(struct hash128 hash, struct buf *out)
{
	codec_put_u64(out, hash.high);
	codec_put_u64(out, hash.low);
}

struct hash128
frame_get_hash(struct reader *r)
{
	struct hash128 hash;

	hash.high = codec_u64(r);
	hash.low = codec_u64(r);
	return hash;
}

static void
put_options(const struct request *request, struct buf *out)
{
	codec_put_text(out, request->allow_private);
	codec_put_bytes(out, request->user_agent);
	codec_put_bytes(out, request->header);
	codec_put_bytes(out, request->cookie);
	codec_put_text(out, request->proxy);
	codec_put_text(out, request->no_proxy);
	codec_put_text(out, request->http_version);
	codec_put_bytes(out, request->credential);
	codec_put_bytes(out, request->ca_pem);
	codec_put_bytes(out, request->client_pem);
	codec_put_u8(out, (uint8_t)request->insecure);
	codec_put_bool(out, request->want_candidates);
	codec_put_bool(out, request->want_raw);
	codec_put_bool(out, request->want_report);
}

static void
get_options(struct reader *r, struct request *ret)
{
	ret->allow_private = codec_text(r);
	ret->user_agent = codec_bytes(r);
	ret->header = codec_bytes(r);
	ret->cookie = codec_bytes(r);
	ret->proxy = codec_text(r);
	ret->no_proxy = codec_text(r);
	ret->http_version = codec_text(r);
	ret->credential = codec_bytes(r);
	ret->ca_pem = codec_bytes(r);
	ret->client_pem = codec_bytes(r);
	ret->insecure = (enum choice)codec_enum(r, CHOICE_NO + 1);
	ret->want_candidates = codec_bool(r);
	ret->want_raw = codec_bool(r);
	ret->want_report = codec_bool(r);
}

void
wire_put_request(const struct request *request, struct buf *out)
{
	size_t start = frame_open(WIRE_REQUEST, out), i;

	codec_put_i64(out, request->job);
	codec_put_i64(out, request->feed_id);
	codec_put_text(out, request->feed != NULL ? request->feed : "");
	codec_put_text(out, request->url != NULL ? request->url : "");
	frame_put_validators(&request->validators, out);
	frame_put_hash(request->body_hash, out);
	codec_put_u32(out, (uint32_t)request->known_count);
	for (i = 0; i < request->known_count; i++)
		codec_put_u64(out, request->known[i]);
	codec_put_i64(out, request->timeout);
	codec_put_i64(out, request->max_body);
	codec_put_u32(out, request->max_items);
	put_options(request, out);
	codec_put_blob(out, request->document, request->document_size);
	codec_put_text(out, request->content_type);
	frame_close(start, out);
}

static void
get_known(struct reader *r, struct arena *arena, struct request *ret)
{
	size_t count = codec_count(r, 8, LIMIT_FRAME_BYTES / 8), i;
	uint64_t *known = codec_array(r, arena, count, sizeof(*known));

	if (known == NULL)
		return;
	for (i = 0; i < count; i++)
		known[i] = codec_u64(r);
	ret->known = known;
	ret->known_count = count;
}

int
wire_get_request(
    const char *payload, size_t size, struct arena *arena, struct request *ret)
{
	struct request request = {0};
	struct reader r;

	codec_init(&r, payload, size);
	request.job = codec_i64(&r);
	request.feed_id = codec_i64(&r);
	request.feed = codec_must_text(&r);
	request.url = codec_must_text(&r);
	frame_get_validators(&r, &request.validators);
	request.body_hash = frame_get_hash(&r);
	get_known(&r, arena, &request);
	request.timeout = codec_range(&r, 0, INT64_MAX);
	request.max_body = codec_range(&r, 0, INT64_MAX);
	request.max_items = codec_u32(&r);
	get_options(&r, &request);
	request.document = codec_blob(&r, &request.document_size);
	request.content_type = codec_text(&r);
	if (codec_end(&r) < 0)
		return -EBADMSG;
	*ret = request;
	return 0;
}
