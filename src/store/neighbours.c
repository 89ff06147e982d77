/* SPDX-License-Identifier: ISC */
#include "store/neighbours.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* Of these the nearest eight that are no variants of the item are compared. */
#define NEIGHBOURS 24

struct neighbour {
	int64_t id;
	uint64_t url_key;
	bool known; /* url_key: most rows are never asked for it */
};

struct neighbours {
	struct neighbour list[NEIGHBOURS]; /* of the feed at hand, newest first */
	size_t count;
	uint32_t *room; /* for boilerplate */
	size_t room_size;
};

struct neighbours *
neighbours_new(void)
{
	return xcalloc(1, sizeof(struct neighbours));
}

void
neighbours_free(struct neighbours *neighbours)
{
	if (neighbours == NULL)
		return;
	free(neighbours->room);
	free(neighbours);
}

static bool
is_arrival(const struct arrival *arrivals, size_t count, int64_t id)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (arrivals[i].id == id)
			return true;
	}
	return false;
}

int
neighbours_begin(struct neighbours *neighbours, struct tx *tx, int64_t feed_id,
    const struct arrival *arrivals, size_t count)
{
	static const char sql[] = "SELECT id FROM item WHERE feed_id = ?"
				  " ORDER BY id DESC LIMIT ?";
	sqlite3_stmt *stmt;
	int r;

	neighbours->count = 0;
	r = db_start(tx->db, sql, &stmt, DB_INT(feed_id), DB_INT(NEIGHBOURS));
	while (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		if (!is_arrival(arrivals, count, db_int(stmt, 0)))
			neighbours->list[neighbours->count++] =
			    (struct neighbour){.id = db_int(stmt, 0)};
	}
	return r;
}

/* Another title and another address: else it may be the item itself. */
static bool
is_another(
    const struct arrival *arrival, const struct similar_text *text, uint64_t url_key)
{
	if (text->title_hash != 0 && text->title_hash == arrival->text->title_hash)
		return false;
	return url_key == 0 || url_key != arrival->item->url_key;
}

struct near {
	const struct similar_text *text[SIMILAR_NEIGHBOURS];
	size_t count;
};

/* Of the same document, from the item outwards. */
static void
add_siblings(
    const struct arrival *arrivals, size_t count, size_t n, struct near *near)
{
	size_t distance, side;

	for (distance = 1; distance < count && distance <= NEIGHBOURS; distance++) {
		for (side = 0; side < 2; side++) {
			const struct arrival *other;

			if (side == 0 ? n < distance : n + distance >= count)
				continue;
			other = &arrivals[side == 0 ? n - distance : n + distance];
			if (near->count < SIMILAR_NEIGHBOURS &&
			    is_another(
				&arrivals[n], other->text, other->item->url_key))
				near->text[near->count++] = other->text;
		}
	}
}

static int
read_url_key(struct tx *tx, struct neighbour *neighbour)
{
	static const char sql[] = "SELECT url_key FROM item WHERE id = ?";
	sqlite3_stmt *stmt;
	int r;

	if (neighbour->known)
		return 0;
	r = db_start(tx->db, sql, &stmt, DB_INT(neighbour->id));
	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	neighbour->url_key = (uint64_t)db_int(stmt, 0);
	neighbour->known = true;
	db_stop(stmt);
	return 0;
}

static int
add_earlier(struct neighbours *neighbours, struct tx *tx,
    const struct arrival *arrival, struct near *near)
{
	const struct similar_text *text;
	size_t i;
	int r = 0;

	for (i = 0;
	    r >= 0 && i < neighbours->count && near->count < SIMILAR_NEIGHBOURS;
	    i++) {
		struct neighbour *other = &neighbours->list[i];

		r = read_url_key(tx, other);
		if (r >= 0)
			r = copies_text(tx, other->id, &text);
		if (r >= 0 && text != NULL &&
		    is_another(arrival, text, other->url_key))
			near->text[near->count++] = text;
	}
	return r;
}

int
neighbours_boilerplate(struct neighbours *neighbours, struct tx *tx,
    const struct arrival *arrivals, size_t count, size_t n,
    struct similar_set *ret_set)
{
	const struct similar_text *text = arrivals[n].text;
	struct near near = {.count = 0};
	int r = 0;

	if (neighbours->room_size < text->shingles.count) {
		neighbours->room_size = text->shingles.count * 2u;
		neighbours->room = xrealloc(neighbours->room,
		    neighbours->room_size * sizeof(*neighbours->room));
	}
	if (text->shingles.count > 0) {
		add_siblings(arrivals, count, n, &near);
		r = add_earlier(neighbours, tx, &arrivals[n], &near);
	}
	similar_boilerplate(text, near.text, near.count, neighbours->room, ret_set);
	return r;
}
