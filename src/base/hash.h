/* SPDX-License-Identifier: ISC */
#ifndef BASE_HASH_H
#define BASE_HASH_H

/*
 * XXH3 (stable since xxHash 0.8).  Equal input gives equal output on every
 * machine and in every version.  Not against attackers: a table that a stranger
 * fills is keyed (base/map.h).  Any thread.
 */
#include <stddef.h>
#include <stdint.h>

struct hash128 {
	uint64_t high, low;
};

uint64_t hash64(const void *data, size_t size);
uint64_t hash64_seed(const void *data, size_t size, uint64_t seed);
struct hash128 hash128(const void *data, size_t size);

/* The same over parts. */
struct hash_stream;
struct hash_stream *hash_stream_new(void);
void hash_stream_add(struct hash_stream *stream, const void *data, size_t size);
uint64_t hash_stream_64(const struct hash_stream *stream);
struct hash128 hash_stream_128(const struct hash_stream *stream);
void hash_stream_free(struct hash_stream *stream);

#define HASH_TEXT 33
/* 32 lower-case hex digits.  Returns `text`. */
const char *hash_format(struct hash128 hash, char text[HASH_TEXT]);

#endif
