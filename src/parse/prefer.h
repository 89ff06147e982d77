/* SPDX-License-Identifier: ISC */
#ifndef PARSE_PREFER_H
#define PARSE_PREFER_H

/*
 * Which of several elements wins.  Each brings a rank (the table says which);
 * the highest rank wins, the first among equals, and something beats nothing.
 * What no single element can decide (a link out of a guid, one date for two)
 * is decided when the entry or the feed is complete.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"
#include "model/entry.h"

#define LEVEL_LISTS 16

/* A feed, an entry or a source being filled. */
struct level {
	struct common *c; /* the object begins with it */
	/* By offset / sizeof(void *): what the member was filled with. */
	uint8_t score[sizeof(struct raw_entry) / sizeof(void *) + 1];
	struct {
		void *head, *last;
		unsigned count;
	} list[LEVEL_LISTS];
	size_t list_count;
	uint32_t seen[LIMIT_LIST]; /* hashes of the categories held */
	unsigned seen_count;
};

_Static_assert(sizeof(struct raw_entry) >= sizeof(struct raw_feed),
    "struct level's scores must cover every member");

void level_init(struct level *level, struct common *c);
/* True when the member at `offset` is to be filled with this. */
bool prefer(struct level *level, size_t offset, unsigned rank, bool empty);
/* The next one of this rank replaces an equal. */
void prefer_last(struct level *level, size_t offset, unsigned rank);
void prefer_string(
    struct level *level, size_t offset, unsigned rank, const char *value);
void prefer_text(
    struct level *level, size_t offset, unsigned rank, const struct text *value);

/* A zeroed node of `size` bytes (its first member is the next pointer) at the
 * end of the list whose first-node pointer is at `head`.  NULL: the list or the
 * arena is full. */
void *list_add(struct level *level, struct arena *arena, void *head, size_t size);

/* `id_may_link`: the id may serve as a link if it is one. */
void prefer_finish_entry(
    struct raw_entry *entry, bool id_may_link, struct arena *arena);
void prefer_finish_feed(struct raw_feed *feed, struct arena *arena);

#endif
