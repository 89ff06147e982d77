/* SPDX-License-Identifier: ISC */
/*
 * The feeds of files: made those of the settings.  What is equal is only read,
 * so that a restart with many feeds writes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "store/edits.h"
#include "store/feeds.h"
#include "store/options.h"
#include "store/policy.h"

/* A feed as stored beside a feed as wanted. */
struct pair {
	const struct feed_settings *want;
	const char *options; /* of `want` */
	int64_t id;          /* 0: not stored */
	bool foreign;        /* of the database, and alive */
	bool archived, same_url, same_title, same_tags, same_options, same_enabled,
	    same_origin;
};

static int
compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, one blank behind each: as the query below joins the stored ones. */
static void
join_tags(const struct feed_settings *want, struct buf *out)
{
	const char *sorted[256];
	size_t count = want->tag_count < 256 ? want->tag_count : 256, i;

	for (i = 0; i < count; i++)
		sorted[i] = want->tags[i];
	qsort(sorted, count, sizeof(sorted[0]), compare_text);
	for (i = 0; i < count; i++) {
		if (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0)
			buf_printf(out, "%s ", sorted[i]);
	}
}

static int
read_pair(struct edits *edits, struct pair *pair)
{
	static const char sql[] =
	    "SELECT id, archived, origin IS NULL, url = ?2, user_title IS ?3,"
	    " options = ?4, enabled = ?5, origin IS ?6, coalesce((SELECT"
	    " group_concat(tag || ' ', '') FROM (SELECT tag FROM feed_tag"
	    " WHERE feed_id = feed.id ORDER BY tag)), '') = ?7 FROM feed"
	    " WHERE name = ?1";
	const struct feed_settings *want = pair->want;
	struct buf tags = {0};
	sqlite3_stmt *stmt;
	int r;

	join_tags(want, &tags);
	r = db_start(edits->tx->db, sql, &stmt, DB_TEXT(want->name),
	    DB_TEXT(want->url), DB_TEXT(want->options.title), DB_TEXT(pair->options),
	    DB_INT(!want->options.disabled), DB_TEXT(want->origin),
	    DB_TEXT(buf_text(&tags)));
	if (r >= 0 && (r = db_step(edits->tx->db, stmt)) == 1) {
		pair->id = db_int(stmt, 0);
		pair->archived = db_int(stmt, 1) != 0;
		pair->foreign = db_int(stmt, 2) != 0 && !pair->archived;
		pair->same_url = db_int(stmt, 3) != 0;
		pair->same_title = db_int(stmt, 4) != 0;
		pair->same_options = db_int(stmt, 5) != 0;
		pair->same_enabled = db_int(stmt, 6) != 0;
		pair->same_origin = db_int(stmt, 7) != 0;
		pair->same_tags = db_int(stmt, 8) != 0;
		db_stop(stmt);
	}
	buf_done(&tags);
	return r < 0 ? r : 0;
}

static int
add_feed(struct edits *edits, struct pair *pair)
{
	static const char sql[] =
	    "INSERT INTO feed(name, url, origin, added) VALUES(?, ?, ?, ?)";
	const struct feed_settings *want = pair->want;
	int r;

	r = db_run(edits->tx->db, sql, DB_TEXT(want->name), DB_TEXT(want->url),
	    DB_TEXT(want->origin), DB_INT(edits->tx->now));
	pair->id = db_last_id(edits->tx->db);
	pair->same_url = pair->same_origin = true;
	edits_note(edits, "feed %s added", want->name);
	return r < 0 ? r : tx_event(edits->tx, EVENT_FEED_ADDED, 0, pair->id, NULL);
}

static int
write_row(struct edits *edits, const struct pair *pair)
{
	static const char sql[] =
	    "UPDATE feed SET origin = ?2, user_title = ?3, options = ?4"
	    " WHERE id = ?1";
	const struct feed_settings *want = pair->want;
	int r;

	r = db_run(edits->tx->db, sql, DB_INT(pair->id), DB_TEXT(want->origin),
	    DB_TEXT(want->options.title), DB_TEXT(pair->options));
	if (r >= 0 && !pair->same_url)
		r = feeds_change_url(edits->tx, pair->id, want->url);
	if (r >= 0 && !pair->same_tags)
		r = feeds_replace_tags(
		    edits->tx, pair->id, want->tags, want->tag_count);
	if (r >= 0 && !pair->same_enabled)
		r = feeds_enable(edits->tx, pair->id, !want->options.disabled);
	return r;
}

static int
say_changed(struct edits *edits, const struct pair *pair)
{
	const struct {
		bool same;
		const char *name;
	} parts[] = {{pair->same_url, "url"}, {pair->same_title, "title"},
	    {pair->same_tags, "tags"}, {pair->same_enabled, "enabled"},
	    {pair->same_options, "options"}};
	struct buf words = {0}, detail = {0};
	size_t i;
	int r;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *comma = words.len > 0 ? "," : "";

		if (parts[i].same)
			continue;
		buf_printf(&words, "%s %s", comma, parts[i].name);
		buf_printf(&detail, "%s\"%s\"", detail.len > 0 ? "," : "{\"what\":[",
		    parts[i].name);
	}
	buf_puts(&detail, "]}");
	edits_note(edits, "feed %s changed:%s", pair->want->name, buf_text(&words));
	r = tx_event(edits->tx, EVENT_FEED_CHANGED, 0, pair->id, buf_text(&detail));
	buf_done(&words);
	buf_done(&detail);
	return r;
}

static int
sync_pair(struct edits *edits, struct pair *pair)
{
	bool same = pair->same_url && pair->same_title && pair->same_tags &&
	    pair->same_options && pair->same_enabled;
	bool fresh = pair->id == 0;
	int r = 0;

	if (pair->foreign) {
		edits_warn(edits,
		    "%s: feed %s is not taken: one of the database has this name; "
		    "rename one of them, or remove that one",
		    pair->want->origin, pair->want->name);
		return 0;
	}
	if (!fresh && !pair->archived && same && pair->same_origin)
		return 0;
	edits->result->changed += fresh || pair->archived || !same;
	if (fresh) {
		r = add_feed(edits, pair);
	} else if (pair->archived) {
		edits_note(edits, "feed %s is back", pair->want->name);
		r = feeds_revive(edits->tx, pair->id);
	} else if (!same) {
		r = say_changed(edits, pair);
	}
	return r < 0 ? r : write_row(edits, pair);
}

static int
sync_one(struct edits *edits, const struct feed_settings *want)
{
	struct pair pair = {.want = want};
	struct buf options = {0};
	int r;

	options_print(&want->options, &options);
	pair.options = buf_text(&options);
	r = read_pair(edits, &pair);
	if (r >= 0)
		r = sync_pair(edits, &pair);
	buf_done(&options);
	return r;
}

/* A section that was taken out archives its feed. */
static int
archive_others(struct edits *edits, const struct map *wanted)
{
	static const char sql[] =
	    "SELECT id, name FROM feed WHERE origin IS NOT NULL AND archived = 0"
	    " AND id > ? ORDER BY id LIMIT 1";
	/* No undo of a move brings back what a file has dropped. */
	static const char sql_own[] =
	    "UPDATE feed SET origin = NULL, merged = 0,"
	    " fetch_url = CASE WHEN merged = 0 THEN fetch_url END WHERE id = ?";
	sqlite3_stmt *stmt;
	int64_t id = 0;
	int r;

	for (;;) {
		bool keep;

		r = db_start(edits->tx->db, sql, &stmt, DB_INT(id));
		if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
			return r;
		id = db_int(stmt, 0);
		keep = map_find_text(wanted, db_text(stmt, 1)) != NULL;
		if (!keep)
			edits_note(edits, "feed %s archived: its section is gone",
			    db_text(stmt, 1));
		db_stop(stmt);
		if (keep)
			continue;
		edits->result->changed++;
		r = feeds_archive(edits->tx, id);
		if (r >= 0) /* no file has it any more */
			r = db_run(edits->tx->db, sql_own, DB_INT(id));
		if (r < 0)
			return r;
	}
}

int
sync_feeds(struct edits *edits)
{
	const struct settings *settings = edits->edit->settings;
	struct map *wanted = map_new();
	size_t i;
	int r = 0;

	for (i = 0; i < settings->feed_count; i++)
		map_put_text(wanted, settings->feeds[i].name, &settings->feeds[i]);
	r = policy_write(edits->tx, settings);
	if (r >= 0)
		r = archive_others(edits, wanted);
	for (i = 0; r >= 0 && i < settings->feed_count; i++)
		r = sync_one(edits, &settings->feeds[i]);
	map_free(wanted);
	return r;
}
