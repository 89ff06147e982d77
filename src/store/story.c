/* SPDX-License-Identifier: ISC */
#include "store/story.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/jsonw.h"

/* The items that have the key now; a page that everyone links to has many. */
#define HOLDERS 50

struct holder {
	int64_t id, story_id, feed_id;
	bool read;
	char feed[80];
};

static int
find_holders(struct tx *tx, uint64_t url_key, struct holder *holders, size_t *count)
{
	static const char sql[] =
	    "SELECT i.id, i.story_id, i.feed_id, i.read, f.name FROM item i"
	    " JOIN feed f ON f.id = i.feed_id WHERE i.url_key = ?1"
	    " AND i.url_key <> 0 ORDER BY i.id LIMIT ?2";
	sqlite3_stmt *stmt;
	int r;

	*count = 0;
	r = db_start(tx->db, sql, &stmt, DB_HASH(url_key), DB_INT(HOLDERS));
	while (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		struct holder *h = &holders[(*count)++];

		h->id = db_int(stmt, 0);
		h->story_id = db_int(stmt, 1);
		h->feed_id = db_int(stmt, 2);
		h->read = db_int(stmt, 3) != 0;
		snprintf(h->feed, sizeof(h->feed), "%s", db_text(stmt, 4));
	}
	return r;
}

/* A key that one feed holds twice is a home page or a changelog. */
static bool
identifies(const struct holder *holders, size_t count)
{
	size_t i, j;

	if (count < 2 || count == HOLDERS)
		return false;
	for (i = 0; i < count; i++) {
		for (j = 0; j < i; j++) {
			if (holders[i].feed_id == holders[j].feed_id)
				return false;
		}
	}
	return true;
}

static bool
is_blocked(struct tx *tx, int64_t item_id, int64_t story_id)
{
	static const char sql[] = "SELECT 1 FROM story_block b JOIN item i"
				  " ON i.id IN (b.a, b.b) AND i.id <> ?1"
				  " WHERE ?1 IN (b.a, b.b) AND i.story_id = ?2";
	sqlite3_stmt *stmt;

	if (db_start(tx->db, sql, &stmt, DB_INT(item_id), DB_INT(story_id)) < 0 ||
	    db_step(tx->db, stmt) != 1)
		return false;
	db_stop(stmt);
	return true;
}

static int
write_join(struct tx *tx, int64_t item_id, int64_t feed_id,
    const struct holder *peer, const char *why, const char *words)
{
	static const char sql_story[] =
	    "INSERT OR IGNORE INTO story(id, created) VALUES(?, ?)";
	static const char sql_log[] =
	    "INSERT INTO story_log(item_id, old, new, why, at)"
	    " SELECT id, story_id, ?2, ?3, ?4 FROM item WHERE id = ?1";
	static const char sql_item[] =
	    "UPDATE item SET story_id = ?2, duplicate = 1, read = max(read, ?3)"
	    " WHERE id = ?1";
	static const char sql_why[] =
	    "INSERT OR REPLACE INTO item_story(item_id, story_id, why, peer, at, by,"
	    " detail) VALUES(?, ?, ?, ?, ?, 'machine', ?)";
	struct buf detail = {0};
	struct jsonw w;
	int r;

	r = db_run(tx->db, sql_story, DB_INT(peer->story_id), DB_INT(tx->now));
	if (r >= 0)
		r = db_run(tx->db, sql_log, DB_INT(item_id), DB_INT(peer->story_id),
		    DB_TEXT(why), DB_INT(tx->now));
	/* Reading one member reads the others: also one that comes later. */
	if (r >= 0)
		r = db_run(tx->db, sql_item, DB_INT(item_id), DB_INT(peer->story_id),
		    DB_INT(peer->read));
	if (r >= 0)
		r = db_run(tx->db, sql_why, DB_INT(item_id), DB_INT(peer->story_id),
		    DB_TEXT(why), DB_INT(peer->id), DB_INT(tx->now), DB_TEXT(words));
	jsonw_init(&w, &detail);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "story", peer->story_id);
	jsonw_text(&w, "why", why);
	jsonw_int(&w, "peer", peer->id);
	jsonw_text(&w, "reason", words);
	jsonw_close(&w);
	if (r >= 0)
		r = tx_event(
		    tx, EVENT_ITEM_JOINED, item_id, feed_id, buf_text(&detail));
	buf_done(&detail);
	return r;
}

int
story_join_by_url(struct tx *tx, int64_t item_id, int64_t feed_id, uint64_t url_key)
{
	struct holder holders[HOLDERS];
	struct buf words = {0};
	size_t count;
	int r;

	if (url_key == 0)
		return 0;
	r = find_holders(tx, url_key, holders, &count);
	if (r < 0 || !identifies(holders, count) || holders[0].id == item_id ||
	    is_blocked(tx, item_id, holders[0].story_id))
		return r;
	buf_printf(&words, "same address as item %" PRId64 " of %s", holders[0].id,
	    holders[0].feed);
	r = write_join(tx, item_id, feed_id, &holders[0], "url", buf_text(&words));
	buf_done(&words);
	if (r >= 0)
		r = story_elect(tx, holders[0].story_id);
	return r;
}

int
story_elect(struct tx *tx, int64_t story_id)
{
	/* The anchor, else the earliest; a hidden one only when all are. */
	static const char sql_lead[] =
	    "SELECT i.id FROM item i LEFT JOIN story s ON s.id = i.story_id"
	    " WHERE i.story_id = ? ORDER BY i.hidden, i.id IS NOT s.anchor, i.id"
	    " LIMIT 1";
	static const char sql_set[] =
	    "UPDATE item SET duplicate = (id <> ?2) WHERE story_id = ?1"
	    " AND duplicate <> (id <> ?2)";
	sqlite3_stmt *stmt;
	int64_t lead;
	int r = db_start(tx->db, sql_lead, &stmt, DB_INT(story_id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	lead = db_int(stmt, 0);
	db_stop(stmt);
	return db_run(tx->db, sql_set, DB_INT(story_id), DB_INT(lead));
}
