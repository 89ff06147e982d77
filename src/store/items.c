/* SPDX-License-Identifier: ISC */
#include "store/items.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/jsonw.h"
#include "base/url.h"
#include "store/copies.h"
#include "store/index.h"
#include "store/story.h"

bool
items_content_identifies(const struct item *item)
{
	return item->content_hash != 0 &&
	    (item->content_chars >= ITEMS_CONTENT_CHARS ||
		(item->guid == NULL && item->url_key == 0));
}

/* DEDUP 8: the same on every machine that first saw it under this identity. */
static const char *
make_key(const char *feed_url, const struct item *item, char key[HASH_TEXT])
{
	struct buf text = {0};

	if (url_without_userinfo(feed_url, &text) < 0)
		buf_puts(&text, feed_url);
	if (item->guid != NULL) {
		buf_puts(&text, "\ng\n");
		buf_puts(&text, item->guid);
	} else if (item->link != NULL) {
		buf_puts(&text, "\nl\n");
		buf_puts(&text, item->link);
	} else {
		buf_puts(&text, "\nc\n");
		buf_puts(&text, item->title != NULL ? item->title : "");
		buf_putc(&text, '\n');
		buf_puts(&text, item->text != NULL ? item->text : "");
	}
	hash_format(hash128(text.data, text.len), key);
	buf_done(&text);
	return key;
}

static int
add_alias(
    struct tx *tx, int64_t feed_id, enum alias_kind kind, uint64_t hash, int64_t id)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO item_alias(feed_id, kind, hash, item_id)"
	    " VALUES(?, ?, ?, ?)";

	return db_run(
	    tx->db, sql, DB_INT(feed_id), DB_INT(kind), DB_HASH(hash), DB_INT(id));
}

int
items_add_aliases(struct tx *tx, int64_t id, int64_t feed_id,
    const struct item *item, const struct items_keys *keys)
{
	bool content = items_content_identifies(item) || keys->by == POLICY_CONTENT;
	int r = 0;

	if (item->guid != NULL && !keys->no_guid)
		r = add_alias(tx, feed_id, ALIAS_GUID,
		    hash64(item->guid, strlen(item->guid)), id);
	if (r >= 0 && item->url_key != 0)
		r = add_alias(tx, feed_id, ALIAS_URL, item->url_key, id);
	if (r >= 0 && content)
		r = add_alias(tx, feed_id, ALIAS_CONTENT, item->content_hash, id);
	if (r >= 0 && keys->by == POLICY_TITLE && item->title != NULL)
		r = add_alias(tx, feed_id, ALIAS_TITLE,
		    hash64(item->title, strlen(item->title)), id);
	return r;
}

static int
add_title_alias(struct tx *tx, int64_t id)
{
	static const char sql[] = "SELECT feed_id, title FROM item WHERE id = ?"
				  " AND title IS NOT NULL";
	sqlite3_stmt *stmt;
	const char *title;
	int r = db_start(tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	title = db_text(stmt, 1);
	r = add_alias(
	    tx, db_int(stmt, 0), ALIAS_TITLE, hash64(title, strlen(title)), id);
	db_stop(stmt);
	return r;
}

int
items_fill_aliases(struct tx *tx, int64_t feed_id, enum policy_identity by)
{
	static const char sql_next[] = "SELECT id FROM item WHERE feed_id = ?"
				       " AND id > ? ORDER BY id LIMIT 1";
	static const char sql_content[] =
	    "INSERT OR IGNORE INTO item_alias(feed_id, kind, hash, item_id)"
	    " SELECT feed_id, 3, content_hash, id FROM item WHERE feed_id = ?";
	sqlite3_stmt *stmt;
	int64_t id = 0;
	int r = 0;

	if (by == POLICY_CONTENT)
		return db_run(tx->db, sql_content, DB_INT(feed_id));
	while (r >= 0 && by == POLICY_TITLE) {
		r = db_start(tx->db, sql_next, &stmt, DB_INT(feed_id), DB_INT(id));
		if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
			break;
		id = db_int(stmt, 0);
		db_stop(stmt);
		r = add_title_alias(tx, id);
		tx_alive(tx);
	}
	return r;
}

static int
add_enclosures(struct tx *tx, int64_t id, const struct item *item)
{
	static const char sql[] =
	    "INSERT INTO enclosure(item_id, n, url, type, title, medium, length,"
	    " duration_s, width, height) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	static const struct db_value null = {.kind = DB_KIND_NULL};
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < item->enclosure_count; i++) {
		const struct item_enclosure *e = &item->enclosures[i];

		if (e->url == NULL)
			continue;
		r = db_run(tx->db, sql, DB_INT(id), DB_INT((int64_t)i),
		    DB_TEXT(e->url), DB_TEXT(e->type), DB_TEXT(e->title),
		    DB_TEXT(e->medium), e->length >= 0 ? DB_INT(e->length) : null,
		    e->duration_s >= 0 ? DB_REAL(e->duration_s) : null,
		    DB_OPT(e->width), DB_OPT(e->height));
	}
	return r;
}

static int
add_categories(struct tx *tx, int64_t id, const struct item *item)
{
	static const char sql[] =
	    "INSERT INTO item_category(item_id, n, term) VALUES(?, ?, ?)";
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < item->category_count; i++) {
		if (item->categories[i] != NULL)
			r = db_run(tx->db, sql, DB_INT(id), DB_INT((int64_t)i),
			    DB_TEXT(item->categories[i]));
	}
	return r;
}

/* Rows beside item that are written whole with each revision. */
static int
add_parts(struct tx *tx, int64_t id, const struct item *item)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO item_text(item_id, text, html, raw)"
	    " VALUES(?, ?, ?, ?)";
	int r;

	r = db_run(tx->db, sql, DB_INT(id), DB_TEXT(item->text), DB_TEXT(item->html),
	    DB_TEXT(item->raw));
	if (r >= 0)
		r = add_enclosures(tx, id, item);
	if (r >= 0)
		r = add_categories(tx, id, item);
	return r;
}

static enum date_source
date_source(const struct item *item)
{
	if (item->published != 0)
		return DATE_PUBLISHED;
	return item->updated != 0 ? DATE_UPDATED : DATE_SEEN;
}

int
items_insert(struct tx *tx, int64_t feed_id, const char *feed_url,
    const struct item *item, int64_t *ret_id)
{
	/* A story of its own: an id that is known only after the insert. */
	static const char sql[] =
	    "INSERT INTO item(feed_id, story_id, seen, revised, last_seen,"
	    " published, updated, date_source, url_key, content_hash,"
	    " content_chars, key, guid, link, url, title, author, summary, lang,"
	    " image, comments, meta) VALUES(?1,"
	    " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'item'), 0) + "
	    "1,"
	    " ?2, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
	    " ?15, ?16, ?17, ?18, ?19)";
	char key[HASH_TEXT];
	int64_t id;
	int r;

	r = db_run(tx->db, sql, DB_INT(feed_id), DB_INT(tx->now),
	    DB_OPT(item->published), DB_OPT(item->updated),
	    DB_INT(date_source(item)), DB_HASH(item->url_key),
	    DB_HASH(item->content_hash), DB_INT(item->content_chars),
	    DB_TEXT(make_key(feed_url, item, key)), DB_TEXT(item->guid),
	    DB_TEXT(item->link), DB_TEXT(item->url), DB_TEXT(item->title),
	    DB_TEXT(item->author), DB_TEXT(item->summary), DB_TEXT(item->lang),
	    DB_TEXT(item->image), DB_TEXT(item->comments), DB_TEXT(item->meta));
	if (r < 0)
		return r;
	id = db_last_id(tx->db);
	index_add(tx, id);
	r = add_parts(tx, id, item);
	if (r >= 0)
		r = tx_event(tx, EVENT_ITEM_NEW, id, feed_id, NULL);
	*ret_id = id;
	return r;
}

/* The current state becomes a row of item_rev; the oldest ones go. */
static int
keep_revision(struct tx *tx, int64_t id)
{
	static const char sql_keep[] =
	    "INSERT INTO item_rev(item_id, rev, seen, title, url, text, html)"
	    " SELECT i.id, i.revision, i.revised, i.title, i.url, t.text, t.html"
	    " FROM item i LEFT JOIN item_text t ON t.item_id = i.id WHERE i.id = ?";
	static const char sql_prune[] =
	    "DELETE FROM item_rev WHERE item_id = ?1 AND rev <="
	    " (SELECT max(rev) FROM item_rev WHERE item_id = ?1) - ?2";
	int r = db_run(tx->db, sql_keep, DB_INT(id));

	if (r >= 0)
		r = db_run(tx->db, sql_prune, DB_INT(id), DB_INT(ITEMS_REVISIONS));
	return r;
}

static int
drop_parts(struct tx *tx, int64_t id)
{
	static const char sql_enclosures[] =
	    "DELETE FROM enclosure WHERE item_id = ?";
	static const char sql_categories[] =
	    "DELETE FROM item_category WHERE item_id = ?";
	int r = index_touch(tx, id);

	if (r >= 0)
		r = db_run(tx->db, sql_enclosures, DB_INT(id));
	if (r >= 0)
		r = db_run(tx->db, sql_categories, DB_INT(id));
	return r;
}

static int
update_row(struct tx *tx, int64_t id, const struct item *item)
{
	/* A feed that tells no date of its edit made it when it came. */
	static const char sql[] =
	    "UPDATE item SET revision = revision + 1, revised = ?2, last_seen = ?2,"
	    " published = coalesce(?3, published), updated = coalesce(?4, ?2),"
	    " date_source = max(date_source, ?5), url_key = ?6, content_hash = ?7,"
	    " content_chars = ?8, guid = coalesce(?9, guid), link = ?10, url = ?11,"
	    " title = ?12, author = ?13, summary = ?14, lang = ?15, image = ?16,"
	    " comments = ?17, meta = ?18 WHERE id = ?1";

	return db_run(tx->db, sql, DB_INT(id), DB_INT(tx->now),
	    DB_OPT(item->published), DB_OPT(item->updated),
	    DB_INT(date_source(item)), DB_HASH(item->url_key),
	    DB_HASH(item->content_hash), DB_INT(item->content_chars),
	    DB_TEXT(item->guid), DB_TEXT(item->link), DB_TEXT(item->url),
	    DB_TEXT(item->title), DB_TEXT(item->author), DB_TEXT(item->summary),
	    DB_TEXT(item->lang), DB_TEXT(item->image), DB_TEXT(item->comments),
	    DB_TEXT(item->meta));
}

static int
read_revision(struct tx *tx, int64_t id, int64_t *ret_revision)
{
	static const char sql[] = "SELECT revision FROM item WHERE id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(id));

	if (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		*ret_revision = db_int(stmt, 0);
		db_stop(stmt);
	}
	return r < 0 ? r : 0;
}

int
items_revise(struct tx *tx, int64_t id, int64_t feed_id, const struct item *item,
    bool significant)
{
	struct buf detail = {0};
	int64_t revision = 0;
	int r = keep_revision(tx, id);

	if (r >= 0)
		r = drop_parts(tx, id);
	if (r >= 0)
		r = update_row(tx, id, item);
	if (r >= 0)
		r = add_parts(tx, id, item);
	if (r >= 0)
		r = read_revision(tx, id, &revision);
	if (r >= 0) {
		buf_printf(&detail, "{\"revision\":%lld,\"significant\":%s}",
		    (long long)revision, significant ? "true" : "false");
		r = tx_event(tx, EVENT_ITEM_UPDATED, id, feed_id, buf_text(&detail));
	}
	buf_done(&detail);
	return r;
}

int
items_move(struct tx *tx, int64_t id, const struct item *item)
{
	static const char sql[] =
	    "UPDATE item SET guid = coalesce(?2, guid), link = coalesce(?3, link),"
	    " url = coalesce(?4, url), url_key = CASE ?5 WHEN 0 THEN url_key"
	    " ELSE ?5 END WHERE id = ?1";

	return db_run(tx->db, sql, DB_INT(id), DB_TEXT(item->guid),
	    DB_TEXT(item->link), DB_TEXT(item->url), DB_HASH(item->url_key));
}

/* The tombstone of SOCKET 5: mirrors delete by it. */
static int
say_removed(struct tx *tx, int64_t id, int64_t *ret_story)
{
	static const char sql[] =
	    "SELECT key, feed_id, story_id FROM item WHERE id = ?";
	struct buf detail = {0};
	struct jsonw w;
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	jsonw_init(&w, &detail);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "id", id);
	jsonw_text(&w, "key", db_text(stmt, 0));
	jsonw_close(&w);
	*ret_story = db_int(stmt, 2);
	r = tx_event(tx, EVENT_ITEM_REMOVED, id, db_int(stmt, 1), buf_text(&detail));
	db_stop(stmt);
	buf_done(&detail);
	return r;
}

int
items_remove(struct tx *tx, int64_t id)
{
	static const char *const sql[] = {
	    "DELETE FROM item_text WHERE item_id = ?",
	    "DELETE FROM item_tag WHERE item_id = ?",
	    "DELETE FROM item_data WHERE item_id = ?",
	    "DELETE FROM item_rev WHERE item_id = ?",
	    "DELETE FROM item_story WHERE item_id = ?",
	    "DELETE FROM item WHERE id = ?",
	};
	int64_t story = 0;
	size_t i;
	int r = say_removed(tx, id, &story);

	/* Its other keys stand among the aliases already. */
	if (r >= 0)
		r = add_title_alias(tx, id);
	if (r >= 0)
		r = drop_parts(tx, id);
	if (r >= 0)
		r = copies_drop(tx, id);
	for (i = 0; r >= 0 && i < sizeof(sql) / sizeof(sql[0]); i++)
		r = db_run(tx->db, sql[i], DB_INT(id));
	/* Its copies, if there are any, need another to lead them. */
	return r < 0 ? r : story_elect(tx, story);
}
