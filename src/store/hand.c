/* SPDX-License-Identifier: ISC */
/*
 * Stories put right by hand: what a user takes apart is never joined again, and
 * where each item was before is written down, so that it can go back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "store/edits.h"
#include "store/story.h"

struct hand {
	struct edits *edits;
	struct tx *tx;
	int64_t undo;
};

struct place {
	int64_t feed, story;
};

/* ------------------------------------------------------------ helpers */

static int
find_place(struct hand *hand, int64_t id, struct place *ret_place)
{
	static const char sql[] = "SELECT feed_id, story_id FROM item WHERE id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(hand->tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(hand->tx->db, stmt)) < 0)
		return r;
	if (r == 0)
		return edits_refuse(hand->edits, -ENOENT, "no item %" PRId64, id);
	*ret_place = (struct place){db_int(stmt, 0), db_int(stmt, 1)};
	db_stop(stmt);
	return 0;
}

/* All of a story, as they are: for undo. */
static int
keep_places(struct hand *hand, int64_t story)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO undo_story(undo_id, item_id, story_id, why, peer,"
	    " c, tt, at, by, detail) SELECT ?1, i.id, i.story_id, s.why, s.peer, "
	    "s.c,"
	    " s.tt, s.at, s.by, s.detail FROM item i LEFT JOIN item_story s"
	    " ON s.item_id = i.id WHERE i.story_id = ?2";

	return db_run(hand->tx->db, sql, DB_INT(hand->undo), DB_INT(story));
}

static int
say_moved(struct hand *hand, enum event_kind kind, int64_t id, int64_t feed,
    int64_t from, int64_t to)
{
	struct buf detail = {0};
	int r;

	buf_printf(&detail,
	    "{\"story\":%" PRId64 ",\"old\":%" PRId64 ",\"why\":\"user\"}", to,
	    from);
	r = tx_event(hand->tx, kind, id, feed, buf_text(&detail));
	buf_done(&detail);
	return r;
}

/* The earliest of a story but `but`; 0: there is none. */
static int
find_earliest(struct hand *hand, int64_t story, int64_t but, int64_t *ret_id)
{
	static const char sql[] = "SELECT ifnull(min(id), 0) FROM item"
				  " WHERE story_id = ? AND id <> ?";
	sqlite3_stmt *stmt;
	int r = db_start(hand->tx->db, sql, &stmt, DB_INT(story), DB_INT(but));

	if (r < 0 || (r = db_step(hand->tx->db, stmt)) <= 0)
		return r;
	*ret_id = db_int(stmt, 0);
	db_stop(stmt);
	return 0;
}

static int
begin(struct hand *hand, struct edits *edits)
{
	*hand = (struct hand){.edits = edits, .tx = edits->tx};
	return edits_begin_undo(edits, &hand->undo);
}

static int
forget_reason(struct hand *hand, int64_t id)
{
	static const char sql[] = "DELETE FROM item_story WHERE item_id = ?";

	return db_run(hand->tx->db, sql, DB_INT(id));
}

/* ------------------------------------------------------------ split */

/* The item and each of the others are told apart. */
static int
write_blocks(struct hand *hand, int64_t id, int64_t story)
{
	static const char sql[] = "INSERT OR IGNORE INTO story_block(a, b, undo_id)"
				  " SELECT min(id, ?1), max(id, ?1), ?3 FROM item"
				  " WHERE story_id = ?2 AND id <> ?1";

	return db_run(
	    hand->tx->db, sql, DB_INT(id), DB_INT(story), DB_INT(hand->undo));
}

/* The others of a story that had the item's id take that of their earliest. */
static int
rename_others(struct hand *hand, int64_t id, int64_t earliest)
{
	int r = story_move(hand->tx, id, earliest, id, "user");

	if (r >= 0)
		r = forget_reason(hand, earliest);
	return r < 0 ? r : story_elect(hand->tx, earliest);
}

static int
take_out(struct hand *hand, int64_t id, const struct place *from)
{
	static const char sql[] = "UPDATE item SET story_id = id, duplicate = 0"
				  " WHERE id = ?";
	static const char sql_log[] =
	    "INSERT INTO story_log(item_id, old, new, why, at)"
	    " VALUES(?1, ?2, ?1, 'user', ?3)";
	static const char sql_anchor[] =
	    "UPDATE story SET anchor = NULL WHERE anchor = ?";
	int r = db_run(hand->tx->db, sql_log, DB_INT(id), DB_INT(from->story),
	    DB_INT(hand->tx->now));

	if (r >= 0)
		r = db_run(hand->tx->db, sql, DB_INT(id));
	if (r >= 0)
		r = db_run(hand->tx->db, sql_anchor, DB_INT(id));
	if (r >= 0)
		r = forget_reason(hand, id);
	if (r >= 0)
		r = say_moved(
		    hand, EVENT_ITEM_SPLIT, id, from->feed, from->story, id);
	return r < 0 ? r : story_elect(hand->tx, from->story);
}

int
hand_split(struct edits *edits)
{
	int64_t id = edits->edit->ids[0], earliest = 0, same_id = 0;
	struct place from = {0};
	struct hand hand;
	int r = begin(&hand, edits);

	if (r >= 0)
		r = find_place(&hand, id, &from);
	if (r >= 0)
		r = find_earliest(&hand, from.story, id, &earliest);
	if (r >= 0 && earliest == 0)
		return edits_refuse(edits, -EEXIST,
		    "item %" PRId64 " is alone in its story already", id);
	if (r >= 0)
		r = keep_places(&hand, from.story);
	if (r >= 0)
		r = write_blocks(&hand, id, from.story);
	/* A story that goes by the item's id, though the item was elsewhere. */
	if (r >= 0 && from.story != id)
		r = find_earliest(&hand, id, id, &same_id);
	if (r >= 0 && same_id != 0) {
		r = keep_places(&hand, id);
		if (r >= 0)
			r = rename_others(&hand, id, same_id);
	}
	if (r >= 0 && from.story == id)
		r = rename_others(&hand, id, earliest);
	if (r >= 0)
		r = take_out(&hand, id, &from);
	edits->result->matched = edits->result->changed = 1;
	edits->result->story = id;
	return r;
}

/* ------------------------------------------------------------ join */

int
hand_join(struct edits *edits)
{
	int64_t a = edits->edit->ids[0], b = edits->edit->ids[1], moved, kept;
	struct place of_a = {0}, of_b = {0};
	struct hand hand;
	struct story_link link;
	bool b_moves;
	int r = begin(&hand, edits);

	if (r >= 0)
		r = find_place(&hand, a, &of_a);
	if (r >= 0)
		r = find_place(&hand, b, &of_b);
	if (r < 0)
		return r;
	if (of_a.story == of_b.story)
		return edits_refuse(edits, -EEXIST,
		    "items %" PRId64 " and %" PRId64 " are one story already", a, b);
	b_moves = of_a.story < of_b.story;
	kept = b_moves ? of_a.story : of_b.story;
	moved = b_moves ? of_b.story : of_a.story;
	link = (struct story_link){.peer = b_moves ? a : b,
	    .story = kept,
	    .why = "user",
	    .words = "put together by hand",
	    .read = POLICY_READ_OFF};
	/* The others have their reasons, by way of the first. */
	r = find_earliest(&hand, moved, 0, &link.item);
	if (r >= 0)
		r = keep_places(&hand, moved);
	if (r >= 0)
		r = keep_places(&hand, kept);
	if (r >= 0)
		r = story_join(hand.tx, &link);
	if (r >= 0)
		r = story_move(hand.tx, moved, kept, 0, "user");
	if (r >= 0)
		r = story_elect(hand.tx, kept);
	edits->result->matched = edits->result->changed = 1;
	edits->result->story = kept;
	return r;
}

/* ------------------------------------------------------------ undo */

/* What came to a story after it was renamed goes back with it. */
static int
follow_back(struct hand *hand, int64_t undo)
{
	static const char sql[] =
	    "UPDATE item SET story_id = (SELECT u.story_id FROM undo_story u"
	    "  WHERE u.undo_id = ?1 AND u.item_id = item.story_id)"
	    " WHERE story_id IN (SELECT u.item_id FROM undo_story u JOIN item o"
	    "  ON o.id = u.item_id WHERE u.undo_id = ?1 AND u.story_id <> u.item_id"
	    "  AND o.story_id = u.item_id)"
	    " AND id NOT IN (SELECT item_id FROM undo_story WHERE undo_id = ?1)";

	return db_run(hand->tx->db, sql, DB_INT(undo));
}

static int
put_back(struct hand *hand, int64_t undo)
{
	static const char *const say[] = {
	    "INSERT INTO story_log(item_id, old, new, why, at)"
	    " SELECT i.id, i.story_id, u.story_id, 'undo', ?2 FROM undo_story u"
	    " JOIN item i ON i.id = u.item_id WHERE u.undo_id = ?1"
	    " AND i.story_id <> u.story_id",
	    "INSERT INTO event(time, kind, item_id, feed_id, detail)"
	    " SELECT ?2, 'item_joined', i.id, i.feed_id, json_object('story',"
	    " u.story_id, 'old', i.story_id, 'why', 'undo') FROM undo_story u"
	    " JOIN item i ON i.id = u.item_id WHERE u.undo_id = ?1"
	    " AND i.story_id <> u.story_id"};
	static const char *const sql[] = {
	    "DELETE FROM story_block WHERE undo_id = ?1",
	    "UPDATE item SET story_id = (SELECT u.story_id FROM undo_story u"
	    " WHERE u.undo_id = ?1 AND u.item_id = item.id) WHERE id IN"
	    " (SELECT item_id FROM undo_story WHERE undo_id = ?1)",
	    "DELETE FROM item_story WHERE item_id IN"
	    " (SELECT item_id FROM undo_story WHERE undo_id = ?1)",
	    "INSERT INTO item_story(item_id, story_id, why, peer, c, tt, at, by,"
	    " detail) SELECT u.item_id, u.story_id, u.why, u.peer, u.c, u.tt, u.at,"
	    " u.by, u.detail FROM undo_story u JOIN item i ON i.id = u.item_id"
	    " WHERE u.undo_id = ?1 AND u.why IS NOT NULL"};
	size_t i;
	int r = follow_back(hand, undo);

	for (i = 0; r >= 0 && i < sizeof(say) / sizeof(say[0]); i++)
		r = db_run(
		    hand->tx->db, say[i], DB_INT(undo), DB_INT(hand->tx->now));
	for (i = 0; r >= 0 && i < sizeof(sql) / sizeof(sql[0]); i++)
		r = db_run(hand->tx->db, sql[i], DB_INT(undo));
	return r;
}

/* Every story that an item came from or went to has a lead again. */
static int
elect_all(struct hand *hand, int64_t undo)
{
	static const char sql[] =
	    "SELECT DISTINCT i.story_id FROM item i WHERE i.story_id > ?2 AND"
	    " i.story_id IN (SELECT story_id FROM undo_story WHERE undo_id = ?1"
	    "  UNION SELECT item_id FROM undo_story WHERE undo_id = ?1)"
	    " ORDER BY 1 LIMIT 1";
	int64_t story = 0;
	sqlite3_stmt *stmt;
	int r;

	for (;;) {
		r = db_start(hand->tx->db, sql, &stmt, DB_INT(undo), DB_INT(story));
		if (r < 0 || (r = db_step(hand->tx->db, stmt)) <= 0)
			return r;
		story = db_int(stmt, 0);
		db_stop(stmt);
		r = story_elect(hand->tx, story);
		if (r < 0)
			return r;
	}
}

int
hand_undo(struct edits *edits, int64_t undo)
{
	static const char sql[] =
	    "SELECT count(*) FROM undo_story WHERE undo_id = ?";
	struct hand hand = {.edits = edits, .tx = edits->tx};
	sqlite3_stmt *stmt;
	int64_t count = 0;
	int r = db_start(edits->tx->db, sql, &stmt, DB_INT(undo));

	if (r >= 0 && (r = db_step(edits->tx->db, stmt)) == 1) {
		count = db_int(stmt, 0);
		db_stop(stmt);
	}
	if (r < 0 || count == 0)
		return r < 0 ? r : 0;
	r = put_back(&hand, undo);
	if (r >= 0)
		r = elect_all(&hand, undo);
	edits->result->changed++;
	return r;
}
