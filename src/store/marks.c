/* SPDX-License-Identifier: ISC */
/*
 * States and tags of items, and taking that back.  What changed is written down
 * value by value, so that an undo restores exactly that and nothing newer.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "store/edits.h"
#include "store/filter.h"
#include "store/story.h"

#define UNDO_KEPT 200 /* bulk changes that can be taken back */
enum state { STATE_READ, STATE_STARRED, STATE_HIDDEN, STATE_COUNT };

static const char *const state_names[STATE_COUNT] = {"read", "starred", "hidden"};

struct marks {
	struct tx *tx;
	int64_t undo; /* row of the table; 0: none yet */
	uid_t uid;
	bool copy; /* what is written now follows from another item's change */
	struct buf added, removed; /* JSON strings, of the item at hand */
	struct map *elect;         /* stories whose lead may be another now */
};

static void
init(struct marks *marks, struct edits *edits)
{
	*marks = (struct marks){.tx = edits->tx, .uid = edits->edit->uid};
	marks->elect = map_new();
}

static int
elect_again(struct marks *marks)
{
	int64_t *story;
	size_t place = 0;
	int r = 0;

	while (r >= 0 && (story = map_next(marks->elect, &place)) != NULL)
		r = story_elect(marks->tx, *story);
	return r;
}

static void
done(struct marks *marks)
{
	int64_t *story;
	size_t place = 0;

	while ((story = map_next(marks->elect, &place)) != NULL)
		free(story);
	map_free(marks->elect);
	buf_done(&marks->added);
	buf_done(&marks->removed);
}

static void
note_story(struct marks *marks, int64_t story)
{
	int64_t *copy;

	if (map_find_id(marks->elect, story) != NULL)
		return;
	copy = xmalloc(sizeof(*copy));
	*copy = story;
	map_put_id(marks->elect, story, copy);
}

static int
find_state(const char *name)
{
	int i;

	for (i = 0; i < STATE_COUNT && strcmp(name, state_names[i]) != 0; i++)
		;
	return i;
}

static int
begin_undo(struct marks *marks)
{
	static const char sql[] = "INSERT INTO undo(uid, time) VALUES(?, ?)";
	int r;

	if (marks->undo != 0)
		return 0;
	r = db_run(marks->tx->db, sql, DB_INT(marks->uid), DB_INT(marks->tx->now));
	marks->undo = db_last_id(marks->tx->db);
	return r;
}

/* The change that was just made to an item. */
static int
record(struct marks *marks, int64_t id, const char *what, bool was)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO undo_change(undo_id, item_id, what, was, copy)"
	    " VALUES(?, ?, ?, ?, ?)";
	const char *name = *what == '+' ? what + 1 : what;
	struct buf *list = was ? &marks->removed : &marks->added;
	int r = begin_undo(marks);

	if (list->len > 0)
		buf_putc(list, ',');
	jsonw_quote(list, name, strlen(name));
	if (r < 0)
		return r;
	return db_run(marks->tx->db, sql, DB_INT(marks->undo), DB_INT(id),
	    DB_TEXT(what), DB_INT(was), DB_INT(marks->copy));
}

/* The item's one event, when anything changed.  Returns 1 then. */
static int
say_changed(struct marks *marks, int64_t id)
{
	static const char sql[] =
	    "INSERT INTO event(time, kind, item_id, feed_id, detail)"
	    " SELECT ?, 'item_state', id, feed_id, ? FROM item WHERE id = ?";
	struct buf detail = {0};
	int r;

	if (marks->added.len == 0 && marks->removed.len == 0)
		return 0;
	buf_printf(&detail, "{\"add\":[%s],\"remove\":[%s]}",
	    buf_text(&marks->added), buf_text(&marks->removed));
	r = db_run(marks->tx->db, sql, DB_INT(marks->tx->now),
	    DB_TEXT(buf_text(&detail)), DB_INT(id));
	buf_done(&detail);
	buf_reset(&marks->added);
	buf_reset(&marks->removed);
	return r < 0 ? r : 1;
}

static int
write_state(struct marks *marks, int64_t id, int state, bool value)
{
	static const char *const sql[STATE_COUNT] = {
	    "UPDATE item SET read = ?2 WHERE id = ?1 AND read <> ?2",
	    "UPDATE item SET starred = ?2 WHERE id = ?1 AND starred <> ?2",
	    "UPDATE item SET hidden = ?2 WHERE id = ?1 AND hidden <> ?2",
	};
	int r = db_run(marks->tx->db, sql[state], DB_INT(id), DB_INT(value));

	if (r < 0 || db_changes(marks->tx->db) == 0)
		return r;
	return record(marks, id, state_names[state], !value);
}

static int
write_tag(struct marks *marks, int64_t id, const char *tag, bool value)
{
	static const char sql_add[] =
	    "INSERT OR IGNORE INTO item_tag(item_id, tag) VALUES(?, ?)";
	static const char sql_drop[] =
	    "DELETE FROM item_tag WHERE item_id = ? AND tag = ?";
	char what[128];
	int r = db_run(
	    marks->tx->db, value ? sql_add : sql_drop, DB_INT(id), DB_TEXT(tag));

	if (r < 0 || db_changes(marks->tx->db) == 0)
		return r;
	snprintf(what, sizeof(what), "+%s", tag);
	return record(marks, id, what, !value);
}

static int
write_mark(struct marks *marks, int64_t id, const char *name, bool value)
{
	int state = find_state(name);

	return state < STATE_COUNT ? write_state(marks, id, state, value)
				   : write_tag(marks, id, name, value);
}

struct copy {
	int64_t id, feed, story;
	bool longer;             /* than what was read: it stays unread, and leads */
	char mine[8], theirs[8]; /* why each is in the story; "": it began it */
};

static void
keep_why(char why[8], const char *text)
{
	snprintf(why, 8, "%s", text != NULL ? text : "");
}

/* The unread copies of an item; none for the many that are alone. */
static int
find_copies(struct marks *marks, int64_t id, struct copy *copies, size_t room,
    size_t *ret_count)
{
	static const char sql[] =
	    "SELECT o.id, o.feed_id, o.story_id, ifnull(length(t.text), 0),"
	    " ifnull((SELECT length(text) FROM item_text WHERE item_id = ?1), 0),"
	    " (SELECT why FROM item_story WHERE item_id = ?1),"
	    " (SELECT why FROM item_story WHERE item_id = o.id)"
	    " FROM item i JOIN item o ON o.story_id = i.story_id"
	    " LEFT JOIN item_text t ON t.item_id = o.id"
	    " WHERE i.id = ?1 AND o.id <> ?1 AND o.read = 0 LIMIT ?2";
	sqlite3_stmt *stmt;
	int r;

	*ret_count = 0;
	r = db_start(marks->tx->db, sql, &stmt, DB_INT(id), DB_INT((int64_t)room));
	while (r >= 0 && (r = db_step(marks->tx->db, stmt)) == 1) {
		int64_t theirs = db_int(stmt, 3), ours = db_int(stmt, 4);
		struct copy *copy = &copies[(*ret_count)++];

		copy->id = db_int(stmt, 0);
		copy->feed = db_int(stmt, 1);
		copy->story = db_int(stmt, 2);
		copy->longer = theirs > STORY_LONGER_FACTOR * ours &&
		    theirs >= STORY_LONGER_LEAST;
		keep_why(copy->mine, db_text(stmt, 5));
		keep_why(copy->theirs, db_text(stmt, 6));
	}
	return r;
}

static int
read_copy(struct marks *marks, const struct copy *copy)
{
	static const char sql_anchor[] = "UPDATE story SET anchor = ? WHERE id = ?";
	struct policy policy;
	int r = policy_read(marks->tx, copy->feed, &policy);

	if (r < 0 || !story_carries(policy.read, copy->mine, copy->theirs))
		return r;
	if (copy->longer) {
		note_story(marks, copy->story);
		return db_run(marks->tx->db, sql_anchor, DB_INT(copy->id),
		    DB_INT(copy->story));
	}
	r = write_state(marks, copy->id, STATE_READ, true);
	return r < 0 ? r : say_changed(marks, copy->id);
}

/* Reading one copy reads the others, as far as [dedup] and their feeds say. */
static int
read_copies(struct marks *marks, int64_t id)
{
	struct copy copies[64];
	size_t count, i;
	int r = find_copies(marks, id, copies, 64, &count);

	marks->copy = true;
	for (i = 0; r >= 0 && i < count; i++)
		r = read_copy(marks, &copies[i]);
	marks->copy = false;
	return r < 0 ? r : 0;
}

static bool
names(const char *const *list, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return false;
}

static int
story_of(struct marks *marks, int64_t id, int64_t *ret_story)
{
	static const char sql[] = "SELECT story_id FROM item WHERE id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(marks->tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(marks->tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_story = db_int(stmt, 0);
	db_stop(stmt);
	return 0;
}

static int
mark_item(struct marks *marks, const struct edit *edit, int64_t id)
{
	int64_t story;
	size_t i;
	int changed, r = 0;

	for (i = 0; r >= 0 && i < edit->add_count; i++)
		r = write_mark(marks, id, edit->add[i], true);
	for (i = 0; r >= 0 && i < edit->remove_count; i++)
		r = write_mark(marks, id, edit->remove[i], false);
	if (r < 0)
		return r;
	changed = say_changed(marks, id);
	if (changed <= 0)
		return changed;
	if (names(edit->add, edit->add_count, "read"))
		r = read_copies(marks, id);
	if (r >= 0 &&
	    (names(edit->add, edit->add_count, "hidden") ||
		names(edit->remove, edit->remove_count, "hidden"))) {
		r = story_of(marks, id, &story);
		if (r >= 0)
			note_story(marks, story);
	}
	return r < 0 ? r : changed;
}

static bool
is_late(void *arg)
{
	return clock_mono() > *(const msec_t *)arg;
}

struct ids {
	int64_t *id;
	size_t count, room;
};

static void
add_id(struct ids *ids, int64_t id)
{
	if (ids->count == ids->room) {
		ids->room = ids->room * 2 + 64;
		ids->id = xrealloc(ids->id, ids->room * sizeof(*ids->id));
	}
	ids->id[ids->count++] = id;
}

static int
select_ids(struct edits *edits, const struct filter *filter, struct ids *ids)
{
	struct db *db = edits->tx->db;
	msec_t deadline = clock_mono() + LIMIT_PAGE_MSEC;
	struct buf sql = {0};
	sqlite3_stmt *stmt;
	int r;

	buf_printf(&sql,
	    "SELECT i.id FROM item i JOIN feed f ON f.id = i.feed_id WHERE %s",
	    buf_text(&filter->sql.where));
	r = db_prepare(db, buf_text(&sql), &stmt);
	buf_done(&sql);
	if (r < 0)
		return r;
	filter_bind(filter, stmt, 1);
	db_watch(db, is_late, &deadline);
	while ((r = db_step(db, stmt)) == 1)
		add_id(ids, db_int(stmt, 0));
	db_watch(db, NULL, NULL);
	sqlite3_finalize(stmt);
	if (r == -EINTR)
		return edits_refuse(edits, -ETIME,
		    "the query takes too long: narrow it, for example with since:");
	return r;
}

static int
find_by_query(struct edits *edits, struct ids *ids)
{
	struct query_error error = {.position = -1};
	struct filter filter;
	int r;

	r = filter_init(&filter, edits->edit->query, QUERY_ITEMS, edits->edit->all,
	    edits->tx->now, &error);
	if (r < 0) {
		edits->result->position = error.position;
		return edits_refuse(edits, r, "%s", error.message);
	}
	r = select_ids(edits, &filter, ids);
	filter_done(&filter);
	return r;
}

static int
find_by_ids(struct edits *edits, struct ids *ids)
{
	static const char sql[] = "SELECT 1 FROM item WHERE id = ?";
	sqlite3_stmt *stmt;
	size_t i;
	int r;

	for (i = 0; i < edits->edit->id_count; i++) {
		r = db_start(edits->tx->db, sql, &stmt, DB_INT(edits->edit->ids[i]));
		if (r < 0 || (r = db_step(edits->tx->db, stmt)) < 0)
			return r;
		if (r == 0)
			return edits_refuse(
			    edits, -ENOENT, "no item %" PRId64, edits->edit->ids[i]);
		db_stop(stmt);
		add_id(ids, edits->edit->ids[i]);
	}
	return 0;
}

static int
check_names(struct edits *edits, const char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (find_state(list[i]) == STATE_COUNT && !query_is_tag(list[i]))
			return edits_refuse(edits, -EINVAL,
			    "%s is no tag: letters, digits, '.', '_', '-' and '/', "
			    "at most %d",
			    list[i], LIMIT_TAG_BYTES);
	}
	return 0;
}

static int
mark_all(struct edits *edits, struct marks *marks, const struct ids *ids)
{
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < ids->count; i++) {
		r = mark_item(marks, edits->edit, ids->id[i]);
		if (r > 0)
			edits->result->changed++;
		tx_alive(edits->tx);
	}
	return r < 0 ? r : elect_again(marks);
}

static int
prune_undo(struct tx *tx)
{
	static const char sql_changes[] = "DELETE FROM undo_change WHERE undo_id <="
					  " (SELECT max(id) FROM undo) - ?";
	static const char sql_rows[] =
	    "DELETE FROM undo WHERE id <= (SELECT max(id) FROM undo) - ?";
	static const char sql_stories[] = "DELETE FROM undo_story WHERE undo_id <="
					  " (SELECT max(id) FROM undo) - ?";
	int r = db_run(tx->db, sql_changes, DB_INT(UNDO_KEPT));

	if (r >= 0)
		r = db_run(tx->db, sql_stories, DB_INT(UNDO_KEPT));
	return r < 0 ? r : db_run(tx->db, sql_rows, DB_INT(UNDO_KEPT));
}

int
marks_modify(struct edits *edits)
{
	const struct edit *edit = edits->edit;
	struct marks marks;
	struct ids ids = {0};
	int r = check_names(edits, edit->add, edit->add_count);

	init(&marks, edits);
	if (r >= 0)
		r = check_names(edits, edit->remove, edit->remove_count);
	if (r >= 0)
		r = edit->ids != NULL ? find_by_ids(edits, &ids)
				      : find_by_query(edits, &ids);
	edits->result->matched = (int64_t)ids.count;
	if (r >= 0)
		r = mark_all(edits, &marks, &ids);
	if (r >= 0 && marks.undo != 0 && !edit->dry_run) {
		edits->result->undo =
		    arena_printf(edits->arena, "u%" PRIx64, marks.undo);
		r = prune_undo(edits->tx);
	}
	free(ids.id);
	done(&marks);
	return r;
}

/* The change to take back, by token or the caller's last. */
static int
find_undo(struct edits *edits, int64_t *ret_id)
{
	static const char sql_token[] = "SELECT id, done FROM undo WHERE id = ?";
	static const char sql_last[] = "SELECT id, done FROM undo WHERE uid = ?"
				       " AND done = 0 ORDER BY id DESC LIMIT 1";
	const char *token = edits->edit->token;
	char *end = NULL;
	sqlite3_stmt *stmt;
	int64_t id = 0;
	bool used;
	int r;

	if (token != NULL) {
		if (*token == 'u')
			id = strtoll(token + 1, &end, 16);
		if (end == NULL || end == token + 1 || *end != '\0')
			return edits_refuse(edits, -ENOENT,
			    "%s is no undo token: they look like u7f3", token);
		r = db_start(edits->tx->db, sql_token, &stmt, DB_INT(id));
	} else {
		r = db_start(
		    edits->tx->db, sql_last, &stmt, DB_INT(edits->edit->uid));
	}
	if (r < 0 || (r = db_step(edits->tx->db, stmt)) < 0)
		return r;
	if (r == 0)
		return token == NULL
		    ? edits_refuse(edits, -ENOENT, "nothing to undo")
		    : edits_refuse(edits, -ENOENT,
			  "%s is no change that is kept (the last 200 are)", token);
	*ret_id = db_int(stmt, 0);
	used = db_int(stmt, 1) != 0;
	db_stop(stmt);
	if (used)
		return edits_refuse(edits, -ENOENT, "%s is undone already", token);
	return 0;
}

static int
restore(struct marks *marks, int64_t id, const char *what, bool was)
{
	int64_t story;
	int r = write_mark(marks, id, *what == '+' ? what + 1 : what, was);

	if (r >= 0 && strcmp(what, "hidden") == 0 &&
	    (r = story_of(marks, id, &story)) >= 0)
		note_story(marks, story);
	return r == -ENOENT ? 0 : r; /* purged since */
}

struct change {
	int64_t id;
	char *what;
	bool was, copy;
};

/* Read first, written after: writing adds to the same table. */
static int
read_changes(
    struct edits *edits, int64_t undo, struct change **ret_list, size_t *ret_count)
{
	static const char sql[] =
	    "SELECT c.item_id, c.what, c.was, c.copy FROM undo_change c"
	    " JOIN item i ON i.id = c.item_id WHERE c.undo_id = ?"
	    " ORDER BY c.item_id";
	struct change *list = NULL;
	size_t count = 0, room = 0;
	sqlite3_stmt *stmt;
	int r = db_start(edits->tx->db, sql, &stmt, DB_INT(undo));

	while (r >= 0 && (r = db_step(edits->tx->db, stmt)) == 1) {
		if (count == room) {
			room = room * 2 + 64;
			list = xrealloc(list, room * sizeof(*list));
		}
		list[count++] =
		    (struct change){db_int(stmt, 0), xstrdup(db_text(stmt, 1)),
			db_int(stmt, 2) != 0, db_int(stmt, 3) != 0};
	}
	*ret_list = list;
	*ret_count = count;
	return r;
}

static int
restore_all(struct edits *edits, struct marks *marks, const struct change *list,
    size_t count)
{
	size_t i;
	int changed, r = 0;

	for (i = 0; r >= 0 && i < count; i++) {
		r = restore(marks, list[i].id, list[i].what, list[i].was);
		if (r < 0 || (i + 1 < count && list[i + 1].id == list[i].id))
			continue;
		changed = say_changed(marks, list[i].id);
		if (changed > 0 && !list[i].copy)
			edits->result->changed++;
		r = changed;
		tx_alive(edits->tx);
	}
	return r < 0 ? r : elect_again(marks);
}

int
marks_undo(struct edits *edits)
{
	static const char sql[] = "UPDATE undo SET done = 1 WHERE id IN (?, ?)";
	struct marks marks;
	struct change *list = NULL;
	size_t count = 0, i;
	int64_t undo = 0;
	int r = find_undo(edits, &undo);

	init(&marks, edits);
	if (r >= 0)
		r = read_changes(edits, undo, &list, &count);
	if (r >= 0)
		r = restore_all(edits, &marks, list, count);
	if (r >= 0)
		r = hand_undo(edits, undo);
	/* What the undo itself wrote down is no change to undo next. */
	if (r >= 0)
		r = db_run(edits->tx->db, sql, DB_INT(undo), DB_INT(marks.undo));
	edits->result->matched = edits->result->changed;
	for (i = 0; i < count; i++)
		free(list[i].what);
	free(list);
	done(&marks);
	return r;
}
