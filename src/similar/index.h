/* SPDX-License-Identifier: ISC */
#ifndef SIMILAR_INDEX_H
#define SIMILAR_INDEX_H

/*
 * Which items share numbers of their sketches: an inverted index in memory.  An
 * item is put with its time, and leaves when that is too old.  What find returns
 * depends on what is in the index alone, not on the order in which it came.
 */
#include "similar/similar.h"

struct similar_index;

struct similar_hit {
	int64_t id;
	uint32_t shared; /* numbers, the title's not counted */
	bool title;      /* its number too */
	bool digest;     /* as it was put */
};

struct similar_index *similar_index_new(void);
void similar_index_free(struct similar_index *index); /* NULL is fine */
/* Replaces what is there of `id`.  `sketch`: as similar_sketch made it. */
void similar_index_put(struct similar_index *index, int64_t id, msec_t time,
    bool digest, const uint32_t *sketch, size_t count);
void similar_index_drop(struct similar_index *index, int64_t id);
/* Forgets what is older than `before`. */
void similar_index_expire(struct similar_index *index, msec_t before);
/* Items that share two numbers, or the title's; those that share most first, of
 * equal ones the lowest id.  `self` is left out. */
size_t similar_index_find(struct similar_index *index, const uint32_t *sketch,
    size_t count, int64_t self, struct similar_hit *hits, size_t room);
/* Takes out of a sketch, in place, what so many items are found by already that one
 * more would soon make it too common: of an item that stands in a story with them.
 * Returns how much is left. */
size_t similar_index_thin(
    const struct similar_index *index, uint32_t *sketch, size_t count);
size_t similar_index_count(const struct similar_index *index);
size_t similar_index_bytes(const struct similar_index *index);

#endif
