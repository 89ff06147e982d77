/* SPDX-License-Identifier: ISC */
#include "store/feeds.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/url.h"
#include "store/edits.h"
#include "store/items.h"
#include "store/naming.h"
#include "store/options.h"

int
feeds_change_url(struct tx *tx, int64_t id, const char *url)
{
	static const char sql[] =
	    "UPDATE feed SET url = ?2, fetch_url = NULL, moved_url = NULL, gone = 0,"
	    " gone_since = NULL, quarantined = 0, failures = 0,"
	    " failing_since = NULL, next_due = 0, learnt = 0, held = 0,"
	    " memory = NULL, no_move = 0, merged = 0, etag = NULL,"
	    " last_modified = NULL, validators_url = NULL, body_hash = NULL"
	    " WHERE id = ?1";
	/* The file follows a move that was made already: nothing changes. */
	static const char sql_follow[] = "UPDATE feed SET url = ?2, fetch_url = NULL"
					 " WHERE id = ?1 AND store_asked(fetch_url)"
					 " = store_asked(?2)";
	int r = db_run(tx->db, sql_follow, DB_INT(id), DB_TEXT(url));

	if (r < 0 || db_changes(tx->db) > 0)
		return r;
	return db_run(tx->db, sql, DB_INT(id), DB_TEXT(url));
}

int
feeds_replace_tags(struct tx *tx, int64_t id, const char *const *tags, size_t count)
{
	static const char sql_drop[] = "DELETE FROM feed_tag WHERE feed_id = ?";
	static const char sql_add[] =
	    "INSERT OR IGNORE INTO feed_tag(feed_id, tag) VALUES(?, ?)";
	size_t i;
	int r = db_run(tx->db, sql_drop, DB_INT(id));

	for (i = 0; r >= 0 && i < count; i++)
		r = db_run(tx->db, sql_add, DB_INT(id), DB_TEXT(tags[i]));
	return r;
}

int
feeds_enable(struct tx *tx, int64_t id, bool enabled)
{
	static const char sql[] =
	    "UPDATE feed SET enabled = ?2,"
	    " gone = CASE WHEN ?2 THEN 0 ELSE gone END,"
	    " gone_since = CASE WHEN ?2 THEN NULL ELSE gone_since END,"
	    " paused_since = CASE WHEN ?2 THEN NULL ELSE coalesce(paused_since, ?3)"
	    " END WHERE id = ?1";

	return db_run(tx->db, sql, DB_INT(id), DB_INT(enabled), DB_INT(tx->now));
}

int
feeds_archive(struct tx *tx, int64_t id)
{
	static const char sql[] =
	    "UPDATE feed SET archived = 1, archived_since = ?2 WHERE id = ?1";
	int r = db_run(tx->db, sql, DB_INT(id), DB_INT(tx->now));

	return r < 0
	    ? r
	    : tx_event(tx, EVENT_FEED_REMOVED, 0, id, "{\"archived\":true}");
}

int
feeds_revive(struct tx *tx, int64_t id)
{
	static const char sql[] =
	    "UPDATE feed SET archived = 0, archived_since = NULL, next_due = 0,"
	    " failures = 0, failing_since = NULL WHERE id = ?1";
	int r = db_run(tx->db, sql, DB_INT(id));

	return r < 0 ? r : tx_event(tx, EVENT_FEED_ADDED, 0, id, NULL);
}

struct found {
	int64_t id;
	bool archived, enabled;
	const char *name, *url, *origin;
};

/* 0 and the row's strings in the edit's arena; -ENOENT without a message. */
static int
find_feed(struct edits *edits, const char *sql, struct db_value by,
    struct found *ret_found)
{
	sqlite3_stmt *stmt;
	int r = db_start(edits->tx->db, sql, &stmt, by);

	if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_found = (struct found){
	    .id = db_int(stmt, 0),
	    .archived = db_int(stmt, 1) != 0,
	    .enabled = db_int(stmt, 2) != 0,
	    .name = arena_strdup(edits->arena, db_text(stmt, 3)),
	    .url = arena_strdup(edits->arena, db_text(stmt, 4)),
	    .origin = arena_strdup(edits->arena, db_text(stmt, 5)),
	};
	db_stop(stmt);
	return 0;
}

#define COLUMNS "SELECT id, archived, enabled, name, url, origin FROM feed "
static const char by_id[] = COLUMNS "WHERE id = ?";
static const char by_name[] = COLUMNS "WHERE name = ?";
static const char by_url[] = COLUMNS "WHERE store_asked(url) = store_asked(?1)"
				     " OR store_asked(fetch_url) = store_asked(?1)"
				     " ORDER BY archived, id LIMIT 1";

static int
find_by_ref(struct edits *edits, struct found *ret_found)
{
	const char *ref = edits->edit->feed_ref;
	char id[32];
	int r;

	if (ref == NULL) {
		snprintf(id, sizeof(id), "%" PRId64, edits->edit->feed_id);
		ref = id;
	}
	if (*ref != '\0' && strspn(ref, "0123456789") == strlen(ref))
		r = find_feed(
		    edits, by_id, DB_INT(strtoll(ref, NULL, 10)), ret_found);
	else
		r = find_feed(edits, by_name, DB_TEXT(ref), ret_found);
	if (r == -ENOENT)
		return edits_refuse(edits, r, "no feed %s", ref);
	if (r >= 0)
		edits->result->feed_id = ret_found->id;
	return r;
}

/* Feeds of files change there. */
static int
find_own(struct edits *edits, struct found *ret_found)
{
	int r = find_by_ref(edits, ret_found);

	if (r >= 0 && ret_found->origin != NULL && !ret_found->archived)
		return edits_refuse(edits, -EEXIST,
		    "feed %s is set in %s: change it there, then reload",
		    ret_found->name, ret_found->origin);
	return r;
}

static int
check_url(struct edits *edits, const char *url, int64_t own_id)
{
	struct found other;
	int r;

	if (!url_is_http(url))
		return edits_refuse(edits, -EINVAL,
		    "%s is no http or https address: give the whole one, "
		    "https://...",
		    url);
	r = find_feed(edits, by_url, DB_TEXT(url), &other);
	if (r < 0 || other.id == own_id || other.archived)
		return r == -ENOENT ? 0 : r;
	edits->result->feed_id = other.id;
	return edits_refuse(edits, -EEXIST, "feed %s%s%s%s has this address already",
	    other.name, other.origin != NULL ? " (" : "",
	    other.origin != NULL ? other.origin : "",
	    other.origin != NULL ? ")" : "");
}

static bool
is_name(const char *name)
{
	const char *p;

	for (p = name; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80 ||
		    (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL))
			return false;
	}
	return p > name && strspn(name, "0123456789") != strlen(name);
}

static int
check_name(struct edits *edits, const char *name, int64_t own_id)
{
	struct found other;
	int r;

	if (!is_name(name))
		return edits_refuse(edits, -EINVAL,
		    "%s is no feed name: letters, digits, '.', '_' and '-', not "
		    "digits alone",
		    name);
	r = find_feed(edits, by_name, DB_TEXT(name), &other);
	if (r == -ENOENT || (r >= 0 && other.id == own_id))
		return 0;
	if (r < 0)
		return r;
	return edits_refuse(edits, -EEXIST,
	    "%s feed is named %s already: choose "
	    "another name",
	    other.archived ? "an archived" : "a", name);
}

/* lwn, lwn-2, lwn-3, ... */
static int
choose_name(struct edits *edits, const char *url, const char **ret_name)
{
	struct buf name = {0};
	struct found other;
	size_t stem;
	int n, r;

	naming_from_url(url, &name);
	stem = name.len;
	for (n = 2;; n++) {
		r = find_feed(edits, by_name, DB_TEXT(buf_text(&name)), &other);
		if (r < 0)
			break;
		name.len = stem;
		buf_printf(&name, "-%d", n);
	}
	if (r == -ENOENT) {
		*ret_name = arena_strdup(edits->arena, buf_text(&name));
		r = 0;
	}
	buf_done(&name);
	return r;
}

/* What options_json has beside CONTRACT 2's own options goes into columns. */
struct wish {
	const char *name, *url, *title;
	const char *tags; /* blank-separated */
	const char *enabled;
	struct buf options; /* the rest, a JSON object */
};

static int
read_wish(struct edits *edits, struct wish *wish)
{
	static const char sql[] = "SELECT key, value FROM json_each(?)";
	const struct {
		const char *key, **to;
	} columns[] = {{"name", &wish->name}, {"url", &wish->url},
	    {"title", &wish->title}, {"tags", &wish->tags},
	    {"enabled", &wish->enabled}};
	const struct edit *edit = edits->edit;
	struct jsonw w;
	sqlite3_stmt *stmt;
	size_t i;
	int r = 0;

	jsonw_init(&w, &wish->options);
	jsonw_object(&w, NULL);
	if (edit->options_json != NULL)
		r = db_start(edits->tx->db, sql, &stmt, DB_TEXT(edit->options_json));
	while (edit->options_json != NULL && r >= 0 &&
	    (r = db_step(edits->tx->db, stmt)) == 1) {
		const char *key = db_text(stmt, 0), *value = db_text(stmt, 1);

		for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
			if (strcmp(key, columns[i].key) == 0) {
				*columns[i].to = arena_strdup(edits->arena, value);
				break;
			}
		}
		if (i == sizeof(columns) / sizeof(columns[0]))
			jsonw_text(&w, key, value);
	}
	jsonw_close(&w);
	if (edit->name != NULL)
		wish->name = edit->name;
	if (edit->url != NULL)
		wish->url = edit->url;
	if (edit->title != NULL)
		wish->title = edit->title;
	if (r == -EINVAL)
		return edits_refuse(edits, r, "the options are no JSON object");
	return r;
}

static int
set_tag_list(struct edits *edits, int64_t id, const char *list)
{
	const char *tags[64];
	size_t count = 0;
	char *copy = arena_strdup(edits->arena, list), *rest = copy, *tag;

	while (count < 64 && copy != NULL && (tag = strsep(&rest, " \t,")) != NULL) {
		if (*tag != '\0')
			tags[count++] = tag;
	}
	return feeds_replace_tags(edits->tx, id, tags, count);
}

static void
add_what(struct buf *what, const char *name)
{
	buf_printf(what, "%s\"%s\"", what->len > 0 ? "," : "", name);
}

static int
set_columns(
    struct edits *edits, int64_t id, const struct wish *wish, struct buf *what)
{
	static const char sql_title[] =
	    "UPDATE feed SET user_title = ?2 WHERE id = ?1";
	static const char sql_options[] =
	    "UPDATE feed SET options = json_patch(options, ?2) WHERE id = ?1";
	struct tx *tx = edits->tx;
	int r = 0;

	if (wish->title != NULL) {
		add_what(what, "title");
		r = db_run(tx->db, sql_title, DB_INT(id), DB_TEXT(wish->title));
	}
	if (r >= 0 && edits->edit->tags != NULL) {
		add_what(what, "tags");
		r = feeds_replace_tags(
		    tx, id, edits->edit->tags, edits->edit->tag_count);
	} else if (r >= 0 && wish->tags != NULL) {
		add_what(what, "tags");
		r = set_tag_list(edits, id, wish->tags);
	}
	if (r >= 0 && wish->enabled != NULL) {
		add_what(what, "enabled");
		r = feeds_enable(tx, id, options_is_true(wish->enabled));
	}
	if (r >= 0 && wish->options.len > 2) {
		add_what(what, "options");
		r = db_run(tx->db, sql_options, DB_INT(id),
		    DB_TEXT(buf_text(&wish->options)));
	}
	return r;
}

static int
insert_feed(struct edits *edits, const struct wish *wish, int64_t *ret_id)
{
	static const char sql[] =
	    "INSERT INTO feed(name, url, added) VALUES(?, ?, ?)";
	const char *name = wish->name;
	int r;

	if (name != NULL)
		r = check_name(edits, name, 0);
	else
		r = choose_name(edits, wish->url, &name);
	if (r >= 0)
		r = db_run(edits->tx->db, sql, DB_TEXT(name), DB_TEXT(wish->url),
		    DB_INT(edits->tx->now));
	if (r >= 0) {
		*ret_id = db_last_id(edits->tx->db);
		r = tx_event(edits->tx, EVENT_FEED_ADDED, 0, *ret_id, NULL);
	}
	return r;
}

/* The feed was here before: its items are, and its name.  One that went into another
 * is itself again. */
static int
revive_feed(struct edits *edits, const struct wish *wish, const struct found *old,
    int64_t *ret_id)
{
	static const char sql[] =
	    "UPDATE feed SET origin = NULL, name = ?2, options = '{}', merged = 0,"
	    " fetch_url = CASE WHEN merged = 0 OR"
	    " store_asked(url) <> store_asked(?3) THEN fetch_url END"
	    " WHERE id = ?1";
	const char *name = wish->name != NULL ? wish->name : old->name;
	int r = check_name(edits, name, old->id);

	if (r >= 0)
		r = db_run(edits->tx->db, sql, DB_INT(old->id), DB_TEXT(name),
		    DB_TEXT(wish->url));
	if (r >= 0)
		r = feeds_enable(edits->tx, old->id, true);
	if (r >= 0)
		r = feeds_revive(edits->tx, old->id);
	*ret_id = old->id;
	return r;
}

int
feeds_add(struct edits *edits)
{
	struct wish wish = {0};
	struct buf what = {0};
	struct found old;
	int64_t id = 0;
	int r = read_wish(edits, &wish);

	if (r >= 0 && wish.url == NULL)
		r = edits_refuse(edits, -EINVAL, "a feed needs an address");
	if (r >= 0)
		r = check_url(edits, wish.url, 0);
	if (r >= 0) {
		r = find_feed(edits, by_url, DB_TEXT(wish.url), &old);
		if (r == -ENOENT)
			r = insert_feed(edits, &wish, &id);
		else if (r >= 0)
			r = revive_feed(edits, &wish, &old, &id);
	}
	if (r >= 0)
		r = set_columns(edits, id, &wish, &what);
	if (r >= 0)
		edits->result->feed_id = id;
	buf_done(&what);
	buf_done(&wish.options);
	return r;
}

static int
unset_key(struct edits *edits, int64_t id, const char *key, struct buf *what)
{
	static const char sql_title[] =
	    "UPDATE feed SET user_title = NULL WHERE id = ?";
	static const char sql_option[] =
	    "UPDATE feed SET options = json_remove(options, ?2) WHERE id = ?1";
	char path[80];

	if (strspn(key, "abcdefghijklmnopqrstuvwxyz-") != strlen(key) ||
	    strlen(key) > 40 || *key == '\0' || strcmp(key, "url") == 0 ||
	    strcmp(key, "name") == 0)
		return edits_refuse(edits, -EINVAL, "%.40s cannot be unset", key);
	add_what(what, key);
	if (strcmp(key, "title") == 0)
		return db_run(edits->tx->db, sql_title, DB_INT(id));
	if (strcmp(key, "tags") == 0)
		return feeds_replace_tags(edits->tx, id, NULL, 0);
	if (strcmp(key, "enabled") == 0)
		return feeds_enable(edits->tx, id, true);
	snprintf(path, sizeof(path), "$.\"%s\"", key);
	return db_run(edits->tx->db, sql_option, DB_INT(id), DB_TEXT(path));
}

static int
set_address(struct edits *edits, const struct found *feed, const struct wish *wish,
    struct buf *what)
{
	static const char sql[] = "UPDATE feed SET name = ?2 WHERE id = ?1";
	int r = 0;

	if (wish->name != NULL && strcmp(wish->name, feed->name) != 0) {
		add_what(what, "name");
		r = check_name(edits, wish->name, feed->id);
		if (r >= 0)
			r = db_run(edits->tx->db, sql, DB_INT(feed->id),
			    DB_TEXT(wish->name));
	}
	if (r >= 0 && wish->url != NULL && strcmp(wish->url, feed->url) != 0) {
		add_what(what, "url");
		r = check_url(edits, wish->url, feed->id);
		if (r >= 0)
			r = feeds_change_url(edits->tx, feed->id, wish->url);
	}
	return r;
}

static int
say_changed(struct edits *edits, int64_t id, const struct buf *what)
{
	struct buf detail = {0};
	int r;

	if (what->len == 0)
		return 0;
	buf_printf(&detail, "{\"what\":[%s]}", buf_text(what));
	r = tx_event(edits->tx, EVENT_FEED_CHANGED, 0, id, buf_text(&detail));
	buf_done(&detail);
	edits->result->changed = 1;
	return r;
}

int
feeds_set(struct edits *edits)
{
	struct wish wish = {0};
	struct buf what = {0};
	struct found feed;
	size_t i;
	int r = find_own(edits, &feed);

	if (r >= 0 && feed.archived)
		r = edits_refuse(edits, -ENOENT,
		    "feed %s is archived: add it again to change it", feed.name);
	if (r >= 0)
		r = read_wish(edits, &wish);
	if (r >= 0)
		r = set_address(edits, &feed, &wish, &what);
	if (r >= 0)
		r = set_columns(edits, feed.id, &wish, &what);
	for (i = 0; r >= 0 && i < edits->edit->unset_count; i++)
		r = unset_key(edits, feed.id, edits->edit->unset[i], &what);
	if (r >= 0)
		r = say_changed(edits, feed.id, &what);
	buf_done(&what);
	buf_done(&wish.options);
	return r;
}

/* Its aliases go too: who purges a feed and adds it again wants its items. */
static int
purge_items(struct edits *edits, int64_t feed_id)
{
	static const char sql_ids[] = "SELECT id FROM item WHERE feed_id = ?";
	static const char sql_validators[] =
	    "UPDATE feed SET etag = NULL, last_modified = NULL,"
	    " validators_url = NULL, body_hash = NULL WHERE id = ?";
	static const char *const sql_rest[] = {
	    "DELETE FROM item_alias WHERE feed_id = ?",
	    "DELETE FROM item_raw WHERE feed_id = ?",
	    sql_validators,
	};
	sqlite3_stmt *stmt;
	size_t i;
	int r;

	for (;;) {
		/* Anew each time: the row under the cursor goes. */
		int64_t id;

		r = db_start(edits->tx->db, sql_ids, &stmt, DB_INT(feed_id));
		if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
			break;
		id = db_int(stmt, 0);
		db_stop(stmt);
		r = items_remove(edits->tx, id);
		if (r < 0)
			break;
		edits->result->changed++;
	}
	for (i = 0; r >= 0 && i < sizeof(sql_rest) / sizeof(sql_rest[0]); i++)
		r = db_run(edits->tx->db, sql_rest[i], DB_INT(feed_id));
	return r;
}

/* What stays of the feed, into `matched`. */
static int
count_items(struct edits *edits, int64_t feed_id)
{
	static const char sql[] = "SELECT count(*) FROM item WHERE feed_id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(edits->tx->db, sql, &stmt, DB_INT(feed_id));

	if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
		return r;
	edits->result->matched = db_int(stmt, 0);
	db_stop(stmt);
	return 0;
}

int
feeds_remove(struct edits *edits)
{
	struct found feed;
	int r = find_own(edits, &feed);

	if (r >= 0 && feed.archived && !edits->edit->purge_items)
		r = edits_refuse(
		    edits, -ENOENT, "feed %s is archived already", feed.name);
	if (r >= 0 && !feed.archived)
		r = feeds_archive(edits->tx, feed.id);
	if (r >= 0 && edits->edit->purge_items)
		r = purge_items(edits, feed.id);
	if (r >= 0)
		r = count_items(edits, feed.id);
	return r;
}

/* The version stands with it: a newer program may have learnt to read it. */
int
feeds_quarantine(struct edits *edits)
{
	static const char sql[] =
	    "UPDATE feed SET quarantined = ?2, quarantine_version = ?3,"
	    " last_error = coalesce(?4, last_error) WHERE id = ?1";
	const struct edit *edit = edits->edit;
	int r;

	r = db_run(edits->tx->db, sql, DB_INT(edit->feed_id),
	    DB_INT(edit->reason != NULL), DB_TEXT(PACKAGE_VERSION),
	    DB_TEXT(edit->reason));
	if (r >= 0 && db_changes(edits->tx->db) == 0)
		return edits_refuse(
		    edits, -ENOENT, "no feed %" PRId64, edit->feed_id);
	return r;
}

/* The network was down, not the feed. */
int
feeds_forgive(struct edits *edits)
{
	static const char sql_was[] = "SELECT failures FROM feed WHERE id = ?";
	static const char sql[] =
	    "UPDATE feed SET failures = ?2, failing_since ="
	    " CASE WHEN ?2 > 0 THEN failing_since END WHERE id = ?1";
	const struct edit *edit = edits->edit;
	sqlite3_stmt *stmt;
	int64_t was;
	int r = db_start(edits->tx->db, sql_was, &stmt, DB_INT(edit->feed_id));

	if (r < 0 || (r = db_step(edits->tx->db, stmt)) <= 0)
		return r;
	was = db_int(stmt, 0);
	db_stop(stmt);
	r = db_run(
	    edits->tx->db, sql, DB_INT(edit->feed_id), DB_INT(edit->failures));
	if (r >= 0 && was >= FEED_FAILING_AFTER &&
	    edit->failures < FEED_FAILING_AFTER)
		r = tx_event(edits->tx, EVENT_FEED_RECOVERED, 0, edit->feed_id,
		    "{\"outcome\":\"offline\",\"error\":\"the network was down, "
		    "not the feed\"}");
	return r;
}
