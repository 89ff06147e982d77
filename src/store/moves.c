/* SPDX-License-Identifier: ISC */
#include "store/moves.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/jsonw.h"
#include "store/edits.h"
#include "store/feeds.h"
#include "store/items.h"

/* A feed before it moves, and the one that is fetched at its new address already. */
struct move {
	int64_t id, other; /* other 0: nobody has it */
	char from[8192 + 1];
	bool of_file, other_of_file;
};

static int
read_move(struct tx *tx, int64_t id, const char *to, struct move *ret)
{
	static const char sql[] =
	    "SELECT coalesce(fetch_url, url), origin IS NOT NULL FROM feed"
	    " WHERE id = ?";
	static const char sql_other[] =
	    "SELECT o.id, o.origin IS NOT NULL FROM feed o, feed f WHERE f.id = ?1"
	    " AND o.id <> ?1 AND o.archived = 0 AND o.enabled = 1 AND o.merged = 0"
	    " AND store_asked(coalesce(o.fetch_url, o.url)) = store_asked(?2)"
	    " AND json_extract(o.options, " FEEDS_WHO ")"
	    " = json_extract(f.options, " FEEDS_WHO ")"
	    " ORDER BY o.id LIMIT 1";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = (struct move){.id = id};
	snprintf(ret->from, sizeof(ret->from), "%s", db_text(stmt, 0));
	ret->of_file = db_int(stmt, 1) != 0;
	db_stop(stmt);
	r = db_start(tx->db, sql_other, &stmt, DB_INT(id), DB_TEXT(to));
	if (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		ret->other = db_int(stmt, 0);
		ret->other_of_file = db_int(stmt, 1) != 0;
		db_stop(stmt);
	}
	return r < 0 ? r : 0;
}

static int
say_moved(struct tx *tx, const struct move *move, const char *to)
{
	struct buf detail = {0};
	struct jsonw w;
	int r;

	jsonw_init(&w, &detail);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "from", move->from);
	jsonw_text(&w, "to", to);
	if (move->other != 0)
		jsonw_int(&w, "merged", move->other);
	jsonw_close(&w);
	r = tx_event(tx, EVENT_FEED_MOVED, 0, move->id, buf_text(&detail));
	buf_done(&detail);
	return r;
}

/* Two feeds of one address are one.  A feed of the database goes into the other one,
 * and its items stay; one of a file stays there, and is not polled while the other
 * is.  `merged` of either is what an undo goes by. */
static int
merge(struct tx *tx, const struct move *move)
{
	static const char sql_tags[] =
	    "INSERT OR IGNORE INTO feed_tag(feed_id, tag)"
	    " SELECT ?2, tag FROM feed_tag WHERE feed_id = ?1";
	static const char sql_double[] = "UPDATE feed SET merged = ?2, next_due = 0"
					 " WHERE id = ?1";
	int r;

	r = db_run(tx->db, sql_double, DB_INT(move->id), DB_INT(move->other));
	if (r < 0 || move->of_file)
		return r;
	if (!move->other_of_file)
		r = db_run(tx->db, sql_tags, DB_INT(move->id), DB_INT(move->other));
	return r < 0 ? r : feeds_archive(tx, move->id);
}

/* The address as subscribed stays beside the new one: a file's stands there. */
static int
adopt(struct tx *tx, int64_t id, const char *to)
{
	static const char sql[] =
	    "UPDATE feed SET fetch_url = ?2, moved_url = NULL WHERE id = ?1";
	struct move move;
	int r = read_move(tx, id, to, &move);

	if (r >= 0)
		r = db_run(tx->db, sql, DB_INT(id), DB_TEXT(to));
	if (r >= 0)
		r = say_moved(tx, &move, to);
	if (r >= 0 && move.other != 0)
		r = merge(tx, &move);
	return r;
}

/* A host's hold is all its feeds'. */
static int
hold(struct tx *tx, const char *feeds, msec_t until)
{
	static const char sql[] =
	    "UPDATE feed SET held = max(held, ?2) WHERE id IN"
	    " (SELECT value FROM json_each(?1)) AND archived = 0";

	return db_run(tx->db, sql, DB_TEXT(feeds), DB_INT(until));
}

int
moves_hold(struct edits *edits)
{
	return hold(edits->tx, edits->edit->held_too, edits->edit->due);
}

int
moves_write(struct tx *tx, int64_t id, const struct feed_plan *plan)
{
	static const char sql[] = "UPDATE feed SET moved_url = ?2 WHERE id = ?1"
				  " AND moved_url IS NOT ?2";
	int r;

	r = db_run(tx->db, sql, DB_INT(id), DB_TEXT(plan->new_url));
	if (r >= 0 && plan->moves)
		r = adopt(tx, id, plan->url);
	if (r >= 0 && plan->held_too != NULL)
		r = hold(tx, plan->held_too, plan->held);
	return r;
}

/* -- Edits ----------------------------------------------------------------------- */

/* Also one that a move has put away. */
static int
find_feed(struct edits *edits, bool *ret_archived)
{
	static const char sql[] =
	    "SELECT id, archived FROM feed WHERE (name = ?1 OR id = ?2)"
	    " AND (archived = 0 OR merged <> 0)";
	const char *ref = edits->edit->feed_ref;
	int64_t id = edits->edit->feed_id;
	sqlite3_stmt *stmt;
	int r;

	if (ref != NULL && *ref != '\0' && strspn(ref, "0123456789") == strlen(ref))
		(void)sscanf(ref, "%" SCNd64, &id);
	r = db_start(edits->tx->db, sql, &stmt, DB_TEXT(ref), DB_INT(id));
	if (r < 0 || (r = db_step(edits->tx->db, stmt)) < 0)
		return r;
	if (r == 0)
		return edits_refuse(
		    edits, -ENOENT, "no feed %s", ref != NULL ? ref : "of that id");
	edits->result->feed_id = db_int(stmt, 0);
	*ret_archived = db_int(stmt, 1) != 0;
	db_stop(stmt);
	return 0;
}

/* The same title, or one entry in common: it is the same feed (POLLING 63). */
static int
is_same_feed(struct edits *edits, bool *ret_same)
{
	static const char sql_title[] =
	    "SELECT title IS NOT NULL AND title = ?2 FROM feed WHERE id = ?1";
	static const char sql_guid[] =
	    "SELECT 1 FROM item_alias WHERE feed_id = ?1 AND kind = ?2 AND hash = ?3"
	    " LIMIT 1";
	const struct edit *edit = edits->edit;
	sqlite3_stmt *stmt;
	size_t i;
	int r;

	r = db_start(edits->tx->db, sql_title, &stmt, DB_INT(edit->feed_id),
	    DB_TEXT(edit->title));
	if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_same = db_int(stmt, 0) != 0;
	db_stop(stmt);
	for (i = 0; r >= 0 && !*ret_same && i < edit->id_count; i++) {
		r = db_start(edits->tx->db, sql_guid, &stmt, DB_INT(edit->feed_id),
		    DB_INT(ALIAS_GUID), DB_INT(edit->ids[i]));
		if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
			continue;
		*ret_same = true;
		db_stop(stmt);
	}
	return r < 0 ? r : 0;
}

int
moves_adopt(struct edits *edits)
{
	static const char sql_first[] =
	    "UPDATE feed SET failures = 0, failing_since = NULL, last_error = NULL,"
	    " memory = NULL, next_due = ?2 WHERE id = ?1 AND last_success IS NULL";
	const struct edit *edit = edits->edit;
	bool same = false;
	int r;

	if (edit->all) {
		r = db_run(edits->tx->db, sql_first, DB_INT(edit->feed_id),
		    DB_INT(edit->due));
		same = r >= 0 && db_changes(edits->tx->db) > 0;
	} else {
		r = is_same_feed(edits, &same);
	}
	if (r < 0)
		return r;
	if (!same)
		return edits_refuse(edits, -EEXIST,
		    "neither the title nor an entry is the same there");
	edits->result->changed = 1;
	return adopt(edits->tx, edit->feed_id, edit->url);
}

int
moves_undo(struct edits *edits)
{
	static const char sql[] =
	    "SELECT coalesce(fetch_url, moved_url),"
	    " store_asked(coalesce(fetch_url, moved_url)) FROM feed WHERE id = ?";
	/* The address is not taken again, until the feed's own changes. */
	static const char sql_back[] =
	    "UPDATE feed SET fetch_url = NULL, moved_url = NULL, etag = NULL,"
	    " last_modified = NULL, validators_url = NULL, body_hash = NULL,"
	    " next_due = 0, memory = NULL, merged = 0, no_move = ?2 WHERE id = ?1";
	struct buf detail = {0};
	struct jsonw w;
	sqlite3_stmt *stmt;
	int64_t id, hash = 0;
	bool archived = false;
	int r = find_feed(edits, &archived);

	if (r < 0)
		return r;
	id = edits->result->feed_id;
	r = db_start(edits->tx->db, sql, &stmt, DB_INT(id));
	if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	jsonw_init(&w, &detail);
	jsonw_object(&w, NULL);
	if (db_text(stmt, 0) != NULL) {
		const char *asked = db_text(stmt, 1);

		/* As move_hash of the schedule has it. */
		hash = (int64_t)((hash64(asked, strlen(asked)) >> 1) | 1);
		jsonw_text(&w, "from", db_text(stmt, 0));
	}
	jsonw_text(&w, "undone", "yes");
	jsonw_close(&w);
	db_stop(stmt);
	if (hash == 0)
		r = edits_refuse(edits, -ENOENT, "a move: this feed has not moved");
	else
		r = db_run(edits->tx->db, sql_back, DB_INT(id), DB_INT(hash));
	if (r >= 0 && archived)
		r = feeds_revive(edits->tx, id);
	if (r >= 0)
		r = tx_event(edits->tx, EVENT_FEED_MOVED, 0, id, buf_text(&detail));
	if (r >= 0)
		edits->result->changed = 1;
	buf_done(&detail);
	return r;
}
