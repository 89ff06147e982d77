/* SPDX-License-Identifier: ISC */
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

uint64_t
hash64(const void *data, size_t size)
{
	return XXH3_64bits(data, size);
}

uint64_t
hash64_seed(const void *data, size_t size, uint64_t seed)
{
	return XXH3_64bits_withSeed(data, size, seed);
}

struct hash128
hash128(const void *data, size_t size)
{
	XXH128_hash_t h = XXH3_128bits(data, size);

	return (struct hash128){h.high64, h.low64};
}

/* One XXH3 state serves both widths: only the last step differs. */
struct hash_stream *
hash_stream_new(void)
{
	XXH3_state_t *state = XXH3_createState();

	if (state != NULL)
		(void)XXH3_128bits_reset(state); /* fails for NULL only */
	return (struct hash_stream *)state;
}

void
hash_stream_add(struct hash_stream *stream, const void *data, size_t size)
{
	(void)XXH3_128bits_update((XXH3_state_t *)stream, data, size);
}

uint64_t
hash_stream_64(const struct hash_stream *stream)
{
	return XXH3_64bits_digest((const XXH3_state_t *)stream);
}

struct hash128
hash_stream_128(const struct hash_stream *stream)
{
	XXH128_hash_t h = XXH3_128bits_digest((const XXH3_state_t *)stream);

	return (struct hash128){h.high64, h.low64};
}

void
hash_stream_free(struct hash_stream *stream)
{
	(void)XXH3_freeState((XXH3_state_t *)stream); /* NULL is fine; cannot fail */
}

const char *
hash_format(struct hash128 hash, char text[HASH_TEXT])
{
	(void)snprintf(
	    text, HASH_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
	return text;
}
