/* SPDX-License-Identifier: ISC */
/*
 * Feeds of files that ask for one address: the oldest is polled for all of them
 * (POLLING 42: one chain a due time; FRB137).  Two that say who they are each in
 * their own words (a credential, a cookie) are two.
 */
#include "store/edits.h"
#include "store/feeds.h"

/* One that is some other feed's double, and need not be any more. */
static int
part(struct edits *edits)
{
	static const char sql[] =
	    "UPDATE feed SET merged = 0 WHERE merged <> 0 AND archived = 0"
	    " AND NOT EXISTS (SELECT 1 FROM feed o WHERE o.id = feed.merged"
	    " AND o.archived = 0 AND o.enabled = 1"
	    " AND store_asked(coalesce(o.fetch_url, o.url))"
	    " = store_asked(coalesce(feed.fetch_url, feed.url))"
	    " AND json_extract(o.options, " FEEDS_WHO ")"
	    " = json_extract(feed.options, " FEEDS_WHO "))";
	int r = db_run(edits->tx->db, sql);

	if (r >= 0 && db_changes(edits->tx->db) > 0)
		edits->result->others = true;
	return r;
}

/* Only those that are no double yet: or two could wait for each other.  One of the
 * database is fetched itself, however old the others are. */
static int
join(struct edits *edits)
{
	static const char sql[] =
	    "UPDATE feed SET merged = twin.first, next_due = 0"
	    " FROM (SELECT id, first_value(id) OVER"
	    " (PARTITION BY store_asked(coalesce(fetch_url, url)),"
	    " json_extract(options, " FEEDS_WHO ")"
	    " ORDER BY origin IS NOT NULL, id) AS first FROM feed"
	    " WHERE archived = 0 AND enabled = 1 AND merged = 0) AS twin"
	    " WHERE feed.id = twin.id AND twin.first <> twin.id"
	    " AND origin IS NOT NULL RETURNING origin, name,"
	    " (SELECT name FROM feed AS o WHERE o.id = feed.merged),"
	    " (SELECT origin FROM feed AS o WHERE o.id = feed.merged)";
	const char *origin;
	sqlite3_stmt *stmt;
	int r = db_start(edits->tx->db, sql, &stmt);

	while (r >= 0 && (r = db_step(edits->tx->db, stmt)) == 1) {
		origin = db_text(stmt, 3);
		edits_warn(edits,
		    "%s: feed %s asks for the address of feed %s%s%s%s, which is "
		    "fetched in its place: take out one of them",
		    db_text(stmt, 0), db_text(stmt, 1), db_text(stmt, 2),
		    origin != NULL ? " (" : "", origin != NULL ? origin : "",
		    origin != NULL ? ")" : "");
		edits->result->others = true;
	}
	return r;
}

/* Does another one have the address of the feed that was changed? */
static int
is_shared(struct edits *edits, bool *ret_shared)
{
	static const char sql[] =
	    "SELECT 1 FROM feed o, feed f WHERE f.id = ? AND o.id <> f.id"
	    " AND o.archived = 0 AND store_asked(coalesce(o.fetch_url, o.url))"
	    " = store_asked(coalesce(f.fetch_url, f.url)) LIMIT 1";
	sqlite3_stmt *stmt;
	int r = db_start(edits->tx->db, sql, &stmt, DB_INT(edits->result->feed_id));

	if (r < 0 || (r = db_step(edits->tx->db, stmt)) < 0)
		return r;
	*ret_shared = r == 1;
	if (r == 1)
		db_stop(stmt);
	return 0;
}

/* All feeds are sorted by address only when there is something to join. */
int
doubles_sync(struct edits *edits)
{
	bool shared = edits->edit->kind == EDIT_SYNC_FEEDS;
	int r = part(edits);

	if (r >= 0 && !shared && !edits->result->others)
		r = is_shared(edits, &shared);
	if (r < 0 || (!shared && !edits->result->others))
		return r;
	return join(edits);
}
