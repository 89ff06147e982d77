/* SPDX-License-Identifier: ISC */
#include "store/story.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"

/* The items that have the key now; a page that everyone links to has many. */
#define HOLDERS 50

struct holder {
	int64_t id, story_id, feed_id;
};

/* ------------------------------------------------------------ joining */

static int
reach_of(const char *why)
{
	static const char *const words[] = {"url", "copy", "rework"};
	int i;

	for (i = 0; why != NULL && i < 3; i++) {
		if (strcmp(why, words[i]) == 0)
			return i + 1;
	}
	return 1; /* by hand, or the first */
}

bool
story_carries(enum policy_read read, const char *a, const char *b)
{
	int reach = reach_of(a) > reach_of(b) ? reach_of(a) : reach_of(b);

	return reach <= (int)read;
}

static int
say_joined(struct tx *tx, const struct story_link *link)
{
	struct buf detail = {0};
	struct jsonw w;
	int r;

	jsonw_init(&w, &detail);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "story", link->story);
	jsonw_text(&w, "why", link->why);
	if (link->peer != 0)
		jsonw_int(&w, "peer", link->peer);
	jsonw_text(&w, "reason", link->words);
	jsonw_close(&w);
	r = tx_event(
	    tx, EVENT_ITEM_JOINED, link->item, link->feed, buf_text(&detail));
	buf_done(&detail);
	return r;
}

struct carried {
	bool read;   /* the other was read, and so is this one */
	bool longer; /* ... but this one says much more: it leads instead */
};

static int
carry_read(struct tx *tx, const struct story_link *link, struct carried *ret)
{
	static const char sql[] =
	    "SELECT p.read, s.why, ifnull(length(a.text), 0),"
	    " ifnull(length(b.text), 0), i.read FROM item p"
	    " JOIN item i ON i.id = ?1"
	    " LEFT JOIN item_story s ON s.item_id = p.id"
	    " LEFT JOIN item_text a ON a.item_id = ?1"
	    " LEFT JOIN item_text b ON b.item_id = p.id WHERE p.id = ?2";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(link->item), DB_INT(link->peer));

	*ret = (struct carried){false, false};
	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	if (db_int(stmt, 0) != 0 && db_int(stmt, 4) == 0 &&
	    story_carries(link->read, db_text(stmt, 1), link->why)) {
		int64_t mine = db_int(stmt, 2), theirs = db_int(stmt, 3);

		ret->longer = mine > STORY_LONGER_FACTOR * theirs &&
		    mine >= STORY_LONGER_LEAST;
		ret->read = !ret->longer;
	}
	db_stop(stmt);
	return 0;
}

static int
write_link(struct tx *tx, const struct story_link *link)
{
	static const char sql_story[] =
	    "INSERT OR IGNORE INTO story(id, created) VALUES(?, ?)";
	static const char sql_log[] =
	    "INSERT INTO story_log(item_id, old, new, why, at)"
	    " SELECT id, story_id, ?2, ?3, ?4 FROM item WHERE id = ?1";
	static const char sql_item[] = "UPDATE item SET story_id = ?2 WHERE id = ?1";
	static const char sql_why[] =
	    "INSERT OR REPLACE INTO item_story(item_id, story_id, why, peer, c, tt,"
	    " at, by, detail) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
	static const struct db_value null = {.kind = DB_KIND_NULL};
	bool measured = link->c > 0 || link->tt > 0;
	const char *by = strcmp(link->why, "user") == 0 ? "user" : "machine";
	int r = db_run(tx->db, sql_story, DB_INT(link->story), DB_INT(tx->now));

	if (r >= 0)
		r = db_run(tx->db, sql_log, DB_INT(link->item), DB_INT(link->story),
		    DB_TEXT(link->words), DB_INT(tx->now));
	if (r >= 0)
		r = db_run(
		    tx->db, sql_item, DB_INT(link->item), DB_INT(link->story));
	if (r >= 0)
		r = db_run(tx->db, sql_why, DB_INT(link->item), DB_INT(link->story),
		    DB_TEXT(link->why), DB_OPT(link->peer),
		    measured ? DB_REAL(link->c) : null,
		    measured ? DB_REAL(link->tt) : null, DB_INT(tx->now),
		    DB_TEXT(by), DB_TEXT(link->words));
	return r;
}

int
story_carry(struct tx *tx, const struct story_link *link)
{
	static const char sql_read[] = "UPDATE item SET read = 1 WHERE id = ?";
	static const char sql_anchor[] = "UPDATE story SET anchor = ? WHERE id = ?";
	struct carried carried;
	int r = carry_read(tx, link, &carried);

	if (r >= 0 && carried.read)
		r = db_run(tx->db, sql_read, DB_INT(link->item));
	if (r >= 0 && carried.longer)
		r = db_run(
		    tx->db, sql_anchor, DB_INT(link->item), DB_INT(link->story));
	return r < 0 ? r : story_elect(tx, link->story);
}

int
story_move(struct tx *tx, int64_t from, int64_t to, int64_t but, const char *why)
{
	static const char sql_log[] =
	    "INSERT INTO story_log(item_id, old, new, why, at)"
	    " SELECT id, story_id, ?2, ?5, ?4 FROM item WHERE story_id = ?1"
	    " AND id <> ?3";
	static const char sql_say[] =
	    "INSERT INTO event(time, kind, item_id, feed_id, detail)"
	    " SELECT ?4, 'item_joined', id, feed_id, json_object('story', ?2, 'old',"
	    " ?1, 'why', ?5) FROM item WHERE story_id = ?1 AND id <> ?3";
	static const char sql_story[] =
	    "INSERT OR IGNORE INTO story(id, created, anchor)"
	    " SELECT ?2, created, anchor FROM story WHERE id = ?1";
	static const char sql_why[] =
	    "UPDATE item_story SET story_id = ?2 WHERE item_id IN"
	    " (SELECT id FROM item WHERE story_id = ?1 AND id <> ?3)";
	static const char sql_item[] =
	    "UPDATE item SET story_id = ?2 WHERE story_id = ?1 AND id <> ?3";
	struct db *db = tx->db;
	int r = db_run(db, sql_log, DB_INT(from), DB_INT(to), DB_INT(but),
	    DB_INT(tx->now), DB_TEXT(why));

	if (r >= 0)
		r = db_run(db, sql_say, DB_INT(from), DB_INT(to), DB_INT(but),
		    DB_INT(tx->now), DB_TEXT(why));
	if (r >= 0)
		r = db_run(db, sql_story, DB_INT(from), DB_INT(to));
	if (r >= 0)
		r = db_run(db, sql_why, DB_INT(from), DB_INT(to), DB_INT(but));
	if (r >= 0)
		r = db_run(db, sql_item, DB_INT(from), DB_INT(to), DB_INT(but));
	return r;
}

/* The story of an item, or the first item of a story. */
static int
read_place(
    struct tx *tx, const char *sql, int64_t id, int64_t *ret, int64_t *ret_feed)
{
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = db_int(stmt, 0);
	*ret_feed = db_int(stmt, 1);
	db_stop(stmt);
	return 0;
}

static int
add_feed_name(struct tx *tx, int64_t item, struct buf *out)
{
	static const char sql[] = "SELECT f.name FROM item i JOIN feed f"
				  " ON f.id = i.feed_id WHERE i.id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(item));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	buf_printf(out, " of %s", db_text(stmt, 0));
	db_stop(stmt);
	return 0;
}

/* `by`: the item that its peer is alike, when it is not the one that joins. */
static int
describe(struct tx *tx, const struct story_link *link, int64_t by, struct buf *out)
{
	static const char *const names[][3] = {
	    {"url", "same address as", "has the address of"},
	    {"copy", "copy of", "is a copy of"},
	    {"rework", "rewording of", "is a rewording of"}};
	int64_t other = by != 0 ? by : link->peer;
	size_t i = 0;
	int r = 0;

	while (i < 3 && strcmp(link->why, names[i][0]) != 0)
		i++;
	if (i < 3 && by != 0)
		buf_printf(out, "item %" PRId64 " of its story ", link->peer);
	if (i < 3)
		buf_printf(
		    out, "%s item %" PRId64, names[i][by != 0 ? 2 : 1], other);
	if (i == 0)
		r = add_feed_name(tx, other, out);
	if (link->words != NULL)
		buf_printf(out, "%s%s", i < 3 ? ": " : "", link->words);
	return r;
}

static int
write_reason(struct tx *tx, struct story_link *link, int64_t by)
{
	struct buf words = {0};
	int r = describe(tx, link, by, &words);

	link->words = buf_text(&words);
	if (r >= 0)
		r = write_link(tx, link);
	if (r >= 0)
		r = say_joined(tx, link);
	buf_done(&words);
	link->words = NULL;
	return r;
}

/* The story comes to the item, which is older: its first one joins. */
static int
join_to_older(struct tx *tx, const struct story_link *link, int64_t own)
{
	static const char sql_first[] =
	    "SELECT id, feed_id FROM item WHERE story_id = ? ORDER BY id LIMIT 1";
	struct story_link first = *link;
	bool direct;
	int r = read_place(tx, sql_first, link->story, &first.item, &first.feed);

	if (r < 0)
		return r;
	direct = first.item == link->peer;
	first.peer = direct ? link->item : link->peer;
	first.story = own;
	r = write_reason(tx, &first, direct ? 0 : link->item);
	return r < 0 ? r : story_move(tx, link->story, own, 0, link->why);
}

int
story_join(struct tx *tx, const struct story_link *link)
{
	static const char sql_own[] =
	    "SELECT story_id, feed_id FROM item WHERE id = ?";
	struct story_link this = *link;
	int64_t own;
	int r = read_place(tx, sql_own, link->item, &own, &this.feed);

	if (r >= 0 && own < link->story) {
		this.story = own;
		r = join_to_older(tx, link, own);
	} else if (r >= 0) {
		r = write_reason(tx, &this, 0);
	}
	return r < 0 ? r : story_carry(tx, &this);
}

/* ------------------------------------------------------------ by address */

/* Those of feeds that take part. */
static int
find_holders(struct tx *tx, uint64_t url_key, struct holder *holders, size_t *count)
{
	static const char sql[] =
	    "SELECT i.id, i.story_id, i.feed_id FROM item i"
	    " JOIN feed f ON f.id = i.feed_id WHERE i.url_key = ?1"
	    " AND i.url_key <> 0"
	    " AND ifnull(f.options ->> '$.\"dup-level\"', ?3) >= ?3"
	    " ORDER BY i.id LIMIT ?2";
	sqlite3_stmt *stmt;
	int r;

	*count = 0;
	r = db_start(tx->db, sql, &stmt, DB_HASH(url_key), DB_INT(HOLDERS),
	    DB_INT(POLICY_LEVEL_URL));
	while (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		struct holder *h = &holders[(*count)++];

		h->id = db_int(stmt, 0);
		h->story_id = db_int(stmt, 1);
		h->feed_id = db_int(stmt, 2);
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

int
story_join_by_url(struct tx *tx, int64_t item_id, int64_t feed_id, uint64_t url_key,
    const struct policy *policy)
{
	struct holder holders[HOLDERS];
	const struct holder *first = holders;
	bool blocked;
	size_t count;
	int r;

	if (url_key == 0 || policy->level < POLICY_LEVEL_URL)
		return 0;
	r = find_holders(tx, url_key, holders, &count);
	if (r < 0 || !identifies(holders, count))
		return r;
	if (first->id == item_id)
		first++;
	r = story_is_blocked(tx, item_id, first->story_id, &blocked);
	if (r < 0 || blocked)
		return r;
	r = story_join(tx,
	    &(struct story_link){.item = item_id,
		.feed = feed_id,
		.peer = first->id,
		.story = first->story_id,
		.why = "url",
		.read = policy->read});
	return r < 0 ? r : 1;
}

/* ------------------------------------------------------------ asking */

int
story_is_blocked(struct tx *tx, int64_t item_id, int64_t story_id, bool *ret_blocked)
{
	static const char sql[] =
	    "SELECT 1 FROM (SELECT b AS other FROM story_block WHERE a = ?1"
	    " UNION ALL SELECT a FROM story_block WHERE b = ?1)"
	    " JOIN item i ON i.id = other WHERE i.story_id = ?2";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(item_id), DB_INT(story_id));

	*ret_blocked = false;
	if (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		*ret_blocked = true;
		db_stop(stmt);
	}
	return r < 0 ? r : 0;
}

int
story_is_alone(struct tx *tx, int64_t item_id, bool *ret_alone)
{
	static const char sql[] =
	    "SELECT count(*) FROM (SELECT 1 FROM item WHERE story_id ="
	    " (SELECT story_id FROM item WHERE id = ?) LIMIT 2)";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(item_id));

	*ret_alone = false;
	if (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		*ret_alone = db_int(stmt, 0) == 1;
		db_stop(stmt);
	}
	return r < 0 ? r : 0;
}

int
story_elect(struct tx *tx, int64_t story_id)
{
	/* The anchor, else the earliest; a hidden one only when all are.  By way of
	 * item_lead, or each of many that join would look at all before it. */
	static const char sql_lead[] =
	    "SELECT id FROM (SELECT 0 AS late, i.hidden, i.id FROM story s"
	    " JOIN item i ON i.id = s.anchor AND i.story_id = s.id WHERE s.id = ?1"
	    " UNION ALL SELECT 1, k.hidden, (SELECT min(i.id) FROM item i"
	    "  WHERE i.story_id = ?1 AND i.hidden = k.hidden"
	    "  AND i.duplicate = k.duplicate) FROM"
	    "  (SELECT 0 AS hidden, 0 AS duplicate UNION ALL SELECT 0, 1"
	    "   UNION ALL SELECT 1, 0 UNION ALL SELECT 1, 1) k)"
	    " WHERE id IS NOT NULL ORDER BY hidden, late, id LIMIT 1";
	static const char sql_others[] =
	    "UPDATE item SET duplicate = 1 WHERE story_id = ?1"
	    " AND hidden IN (0, 1) AND duplicate = 0 AND id <> ?2";
	static const char sql_lead_set[] =
	    "UPDATE item SET duplicate = 0 WHERE id = ? AND duplicate = 1";
	sqlite3_stmt *stmt;
	int64_t lead;
	int r = db_start(tx->db, sql_lead, &stmt, DB_INT(story_id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	lead = db_int(stmt, 0);
	db_stop(stmt);
	r = db_run(tx->db, sql_others, DB_INT(story_id), DB_INT(lead));
	return r < 0 ? r : db_run(tx->db, sql_lead_set, DB_INT(lead));
}
