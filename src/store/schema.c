/* SPDX-License-Identifier: ISC */
#include "store/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"

/* Small columns stand before long ones: SQLite walks a row from its start. */
static const char tables_1[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"

    "CREATE TABLE feed("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " url TEXT NOT NULL," /* as subscribed */
    " fetch_url TEXT,"    /* after a confirmed move; NULL: url */
    " moved_url TEXT,"    /* a move that is being confirmed */
    " origin TEXT,"       /* FILE:LINE; NULL: a feed of the database */
    " enabled INTEGER NOT NULL DEFAULT 1 CHECK(enabled IN (0, 1)),"
    " archived INTEGER NOT NULL DEFAULT 0 CHECK(archived IN (0, 1)),"
    " gone INTEGER NOT NULL DEFAULT 0 CHECK(gone IN (0, 1)),"
    " quarantined INTEGER NOT NULL DEFAULT 0 CHECK(quarantined IN (0, 1)),"
    " quarantine_version TEXT," /* the program that it killed */
    " added INTEGER NOT NULL,"
    " failures INTEGER NOT NULL DEFAULT 0,"
    " failing_since INTEGER, gone_since INTEGER, paused_since INTEGER,"
    " archived_since INTEGER,"
    " next_due INTEGER NOT NULL DEFAULT 0,"
    " last_attempt INTEGER, last_success INTEGER, last_new INTEGER,"
    " last_document INTEGER," /* when the document in item_raw was read */
    " learnt INTEGER NOT NULL DEFAULT 0,"
    " gap INTEGER NOT NULL DEFAULT 0," /* usual, between two items */
    " attempts INTEGER NOT NULL DEFAULT 0,"
    " last_status INTEGER, last_outcome TEXT, last_error TEXT,"
    " etag TEXT, last_modified TEXT, validators_url TEXT, body_hash TEXT,"
    " title TEXT, user_title TEXT, site TEXT, subtitle TEXT, lang TEXT,"
    " image TEXT, icon TEXT, kind TEXT,"
    " options TEXT NOT NULL DEFAULT '{}'," /* CONTRACT 2's keys as text */
    " reasons TEXT,"
    " held INTEGER NOT NULL DEFAULT 0," /* after a 429: until then */
    " memory TEXT) STRICT;"             /* the schedule's own words */
    "CREATE INDEX feed_url ON feed(url);"
    "CREATE TABLE feed_tag(feed_id INTEGER NOT NULL REFERENCES feed(id),"
    " tag TEXT NOT NULL, PRIMARY KEY(feed_id, tag)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX feed_tag_tag ON feed_tag(tag, feed_id);"
    "CREATE TABLE feed_ident(feed_id INTEGER PRIMARY KEY REFERENCES feed(id),"
    " guid_reuse INTEGER NOT NULL DEFAULT 0,"
    " guid_churn INTEGER NOT NULL DEFAULT 0,"
    " identity INTEGER NOT NULL DEFAULT 0) STRICT;" /* enum policy_identity */
    /* A ring of 50 slots: an attempt is one write, and nothing to clean up. */
    "CREATE TABLE fetch_log(feed_id INTEGER NOT NULL REFERENCES feed(id),"
    " slot INTEGER NOT NULL, n INTEGER NOT NULL, time INTEGER NOT NULL,"
    " outcome TEXT NOT NULL, status INTEGER, bytes INTEGER NOT NULL,"
    " msec INTEGER NOT NULL, detail TEXT,"
    " PRIMARY KEY(feed_id, slot)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE item("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " feed_id INTEGER NOT NULL REFERENCES feed(id),"
    " story_id INTEGER NOT NULL," /* no reference: it outlives its first item */
    " read INTEGER NOT NULL DEFAULT 0 CHECK(read IN (0, 1)),"
    " starred INTEGER NOT NULL DEFAULT 0 CHECK(starred IN (0, 1)),"
    " hidden INTEGER NOT NULL DEFAULT 0 CHECK(hidden IN (0, 1)),"
    " duplicate INTEGER NOT NULL DEFAULT 0 CHECK(duplicate IN (0, 1)),"
    " revision INTEGER NOT NULL DEFAULT 1,"
    " seen INTEGER NOT NULL,"      /* first */
    " revised INTEGER NOT NULL,"   /* arrival of the current revision */
    " last_seen INTEGER NOT NULL," /* while in item_raw: feed.last_document */
    " published INTEGER, updated INTEGER, date_source INTEGER NOT NULL,"
    " url_key INTEGER NOT NULL, content_hash INTEGER NOT NULL,"
    " content_chars INTEGER NOT NULL,"
    " key TEXT NOT NULL, guid TEXT, link TEXT, url TEXT, title TEXT,"
    " author TEXT, summary TEXT, lang TEXT, image TEXT, comments TEXT,"
    " meta TEXT) STRICT;"
    "CREATE INDEX item_feed ON item(feed_id);"
    "CREATE INDEX item_unread ON item(feed_id)"
    " WHERE read = 0 AND hidden = 0 AND duplicate = 0;"
    "CREATE INDEX item_starred ON item(starred) WHERE starred = 1;"
    "CREATE INDEX item_story_id ON item(story_id);"
    "CREATE INDEX item_url_key ON item(url_key) WHERE url_key <> 0;"
    "CREATE INDEX item_key ON item(key);"
    "CREATE TABLE item_text(item_id INTEGER PRIMARY KEY REFERENCES item(id),"
    " text TEXT, html TEXT, raw TEXT) STRICT;"
    "CREATE TABLE item_tag(item_id INTEGER NOT NULL REFERENCES item(id),"
    " tag TEXT NOT NULL, PRIMARY KEY(item_id, tag)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX item_tag_tag ON item_tag(tag, item_id);"
    "CREATE TABLE item_category(item_id INTEGER NOT NULL REFERENCES item(id),"
    " n INTEGER NOT NULL, term TEXT NOT NULL,"
    " PRIMARY KEY(item_id, n)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE enclosure(item_id INTEGER NOT NULL REFERENCES item(id),"
    " n INTEGER NOT NULL, length INTEGER, duration_s REAL, width INTEGER,"
    " height INTEGER, url TEXT NOT NULL, type TEXT, title TEXT, medium TEXT,"
    " PRIMARY KEY(item_id, n)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE item_data(item_id INTEGER NOT NULL REFERENCES item(id),"
    " key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(item_id, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX item_data_key ON item_data(key, value);"
    /* Contentless: the texts stand in item and item_text already. */
    "CREATE VIRTUAL TABLE item_fts USING fts5(title, text, author, content='',"
    " tokenize=\"unicode61 remove_diacritics 2"
    " categories 'L* N* Co Mn Mc'\");" /* Thai vowels are marks */
    /* Merging as we insert costs more than the index itself; the writer merges
     * when it is idle, and this bounds what a busy day leaves for it. */
    "INSERT INTO item_fts(item_fts, rank) VALUES('automerge', 0);"
    "INSERT INTO item_fts(item_fts, rank) VALUES('crisismerge', 64);"

    /* Identity.  kind 1: guid, 2: URL key, 3: content, 4: title; outlives its
     * item. */
    "CREATE TABLE item_alias(feed_id INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " hash INTEGER NOT NULL, item_id INTEGER NOT NULL,"
    " PRIMARY KEY(feed_id, kind, hash, item_id)) STRICT, WITHOUT ROWID;"
    /* The entries of each feed's last document. */
    "CREATE TABLE item_raw(feed_id INTEGER NOT NULL, raw_hash INTEGER NOT NULL,"
    " item_id INTEGER NOT NULL,"
    " PRIMARY KEY(feed_id, raw_hash)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE item_rev(item_id INTEGER NOT NULL REFERENCES item(id),"
    " rev INTEGER NOT NULL, seen INTEGER NOT NULL, title TEXT, url TEXT,"
    " text TEXT, html TEXT,"
    " PRIMARY KEY(item_id, rev)) STRICT, WITHOUT ROWID;"
    /* Stories of more than one item; the others are item.story_id alone. */
    "CREATE TABLE story(id INTEGER PRIMARY KEY,"
    " anchor INTEGER," /* leads in place of the earliest */
    " created INTEGER NOT NULL) STRICT;"
    /* why: url, copy, rework, user; items that began their story have none. */
    "CREATE TABLE item_story(item_id INTEGER PRIMARY KEY REFERENCES item(id),"
    " story_id INTEGER NOT NULL, why TEXT NOT NULL, peer INTEGER, c REAL,"
    " tt REAL, at INTEGER NOT NULL, by TEXT, detail TEXT) STRICT;"
    "CREATE TABLE story_log(id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL,"
    " old INTEGER NOT NULL, new INTEGER NOT NULL, why TEXT NOT NULL,"
    " at INTEGER NOT NULL) STRICT;"
    /* Told apart by hand: never joined again.  undo_id: what takes it back. */
    "CREATE TABLE story_block(a INTEGER NOT NULL, b INTEGER NOT NULL,"
    " undo_id INTEGER, PRIMARY KEY(a, b)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX story_block_b ON story_block(b);"
    /* t: arrival of the revision; h: what it is found by; b: what its feed puts
     * around everything.  Both 32-bit numbers in the byte order of the machine.
     * Pruned after the window. */
    "CREATE TABLE sketch(item_id INTEGER PRIMARY KEY REFERENCES item(id),"
    " t INTEGER NOT NULL, digest INTEGER NOT NULL, h BLOB NOT NULL, b BLOB)"
    " STRICT;"

    "CREATE TABLE event(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " time INTEGER NOT NULL, kind TEXT NOT NULL, item_id INTEGER,"
    " feed_id INTEGER, detail TEXT) STRICT;"

    "CREATE TABLE undo(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " uid INTEGER NOT NULL, time INTEGER NOT NULL,"
    " done INTEGER NOT NULL DEFAULT 0) STRICT;"
    /* what: read, starred, hidden, or +tag; was: its value before. */
    "CREATE TABLE undo_change(undo_id INTEGER NOT NULL REFERENCES undo(id),"
    " item_id INTEGER NOT NULL, what TEXT NOT NULL, was INTEGER NOT NULL,"
    " copy INTEGER NOT NULL," /* changed only because another was */
    " PRIMARY KEY(undo_id, item_id, what)) STRICT, WITHOUT ROWID;"
    /* Where an item was, and why, before it was moved by hand. */
    "CREATE TABLE undo_story(undo_id INTEGER NOT NULL REFERENCES undo(id),"
    " item_id INTEGER NOT NULL, story_id INTEGER NOT NULL, why TEXT,"
    " peer INTEGER, c REAL, tt REAL, at INTEGER, by TEXT, detail TEXT,"
    " PRIMARY KEY(undo_id, item_id)) STRICT, WITHOUT ROWID;";

/* RFC 3339 of a column of milliseconds; NULL stays NULL. */
#define TIME(column) "strftime('%Y-%m-%dT%H:%M:%fZ', " column "/1000.0, 'unixepoch')"
#define NOW "(unixepoch() * 1000)"

/* What a move said stood among the schedule's words, as "no-move=HASH merged=ID". */
#define WORD(key)                                                              \
	"ifnull(CAST(substr(' ' || memory, nullif(instr(' ' || memory, ' " key \
	"='), 0) + length(' " key "=')) AS INTEGER), 0)"

static const char tables_2[] =
    /* Hash of an address that was taken back; the feed that has its address. */
    "ALTER TABLE feed ADD COLUMN no_move INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;"
    "UPDATE feed SET no_move = " WORD("no-move") ", merged = " WORD(
	"merged") " WHERE memory IS NOT NULL;"
		  "CREATE INDEX item_lead ON item(story_id, hidden, duplicate);";

static const char tables_3[] =
    /* A little merging with each commit, 32 pieces at a time, so that none has to
     * merge all that a busy year has left.  The writer does more when it is idle. */
    "INSERT INTO item_fts(item_fts, rank) VALUES('automerge', 32);"
    "INSERT INTO item_fts(item_fts, rank) VALUES('crisismerge', 256);";

/* The views are made anew by the last step, whatever an older one made. */
/* clang-format off */
static const char old_views[] =
    "DROP VIEW IF EXISTS v1_unread; DROP VIEW IF EXISTS v1_item;"
    "DROP VIEW IF EXISTS v1_feed; DROP VIEW IF EXISTS v1_story;"
    "DROP VIEW IF EXISTS v1_item_tag; DROP VIEW IF EXISTS v1_item_category;"
    "DROP VIEW IF EXISTS v1_enclosure; DROP VIEW IF EXISTS v1_event;"
    "DROP VIEW IF EXISTS v1_revision; DROP VIEW IF EXISTS v1_fetch;";

static const char views[] =
    "CREATE VIEW v1_item AS SELECT i.id, i.key, i.feed_id, f.name AS feed,"
    " i.story_id, i.title, i.url, i.author, i.summary, t.text, t.html,"
    " (SELECT json_group_array(tag) FROM"
    "  (SELECT tag FROM item_tag WHERE item_id = i.id"
    "   UNION SELECT tag FROM feed_tag WHERE feed_id = i.feed_id"
    "   ORDER BY 1)) AS tags,"
    " i.read, i.starred, i.hidden, i.duplicate, " TIME("i.seen") " AS seen,"
    " " TIME("i.published") " AS published, " TIME("i.updated") " AS updated,"
    " CASE i.date_source WHEN 3 THEN 'published' WHEN 2 THEN 'updated'"
    "  WHEN 1 THEN 'header' ELSE 'seen' END AS date_source,"
    " i.lang, i.guid, i.revision, i.link, i.image, i.comments, i.meta, t.raw"
    " FROM item i JOIN feed f ON f.id = i.feed_id"
    " LEFT JOIN item_text t ON t.item_id = i.id;"

    "CREATE VIEW v1_unread AS SELECT * FROM v1_item"
    " WHERE read = 0 AND hidden = 0 AND duplicate = 0;"

    "CREATE VIEW v1_feed AS SELECT f.id, f.name,"
    " coalesce(f.user_title, f.title, f.name) AS title, f.url, f.site,"
    " (SELECT json_group_array(tag) FROM (SELECT tag FROM feed_tag"
    "  WHERE feed_id = f.id ORDER BY tag)) AS tags,"
    " CASE WHEN f.archived THEN 'archived' WHEN NOT f.enabled THEN 'paused'"
    "  WHEN f.gone THEN 'gone'"
    "  WHEN f.failures >= 3 OR f.quarantined THEN 'failing'"
    "  WHEN f.held > " NOW " THEN 'held'"
    "  WHEN f.moved_url IS NOT NULL THEN 'moved'"
    "  WHEN f.last_success IS NOT NULL AND f.failures = 0"
    "   AND coalesce(f.last_new, f.added) < " NOW " - max(5 * f.gap, 2592000000)"
    "  THEN 'stale' ELSE 'ok' END AS state,"
    " " TIME("f.last_success") " AS last_success,"
    " " TIME("f.last_attempt") " AS last_attempt,"
    " " TIME("nullif(f.next_due, 0)") " AS next_fetch,"
    " f.failures, f.last_error,"
    " (SELECT count(*) FROM item WHERE feed_id = f.id) AS items,"
    " (SELECT count(*) FROM item WHERE feed_id = f.id AND read = 0"
    "  AND hidden = 0 AND duplicate = 0) AS unread,"
    " f.kind AS format, f.subtitle, f.lang, f.image, f.icon FROM feed f;"

    "CREATE VIEW v1_story AS SELECT s.id, l.title, l.url,"
    " " TIME("s.first_seen") " AS first_seen, " TIME("s.last_seen") " AS last_seen,"
    " s.items, s.feeds"
    " FROM (SELECT i.story_id AS id, min(i.seen) AS first_seen,"
    "  max(CASE WHEN EXISTS (SELECT 1 FROM item_raw r WHERE"
    "   r.feed_id = i.feed_id AND r.item_id = i.id)"
    "   THEN max(f.last_document, i.last_seen) ELSE i.last_seen END)"
    "  AS last_seen, count(*) AS items, count(DISTINCT i.feed_id) AS feeds,"
    /* The leader: the one that is no duplicate, else the earliest. */
    "  coalesce(min(CASE i.duplicate WHEN 0 THEN i.id END), min(i.id)) AS lead"
    "  FROM item i JOIN feed f ON f.id = i.feed_id GROUP BY i.story_id) s"
    " JOIN item l ON l.id = s.lead;"

    "CREATE VIEW v1_item_tag AS SELECT item_id, tag FROM item_tag"
    " UNION SELECT i.id, t.tag FROM item i"
    " JOIN feed_tag t ON t.feed_id = i.feed_id;"
    "CREATE VIEW v1_item_category AS SELECT item_id, n, term FROM item_category;"
    "CREATE VIEW v1_enclosure AS SELECT item_id, url, type, length, title,"
    " n, medium, duration_s, width, height FROM enclosure;"
    "CREATE VIEW v1_event AS SELECT seq, " TIME("time") " AS time, kind, item_id,"
    " feed_id, detail FROM event;"
    "CREATE VIEW v1_revision AS SELECT item_id, rev AS revision,"
    " " TIME("seen") " AS seen, title, url, text, html FROM item_rev"
    " UNION ALL SELECT i.id, i.revision, " TIME("i.revised") ", i.title, i.url,"
    " t.text, t.html FROM item i LEFT JOIN item_text t ON t.item_id = i.id;"
    "CREATE VIEW v1_fetch AS SELECT feed_id, " TIME("time") " AS time, outcome,"
    " status, bytes, msec, detail FROM fetch_log;";
/* clang-format on */

struct step {
	int version; /* that it leads to */
	const char *const *sql;
};

static const char *const sql_1[] = {tables_1, NULL};
static const char *const sql_2[] = {tables_2, NULL};
static const char *const sql_3[] = {tables_3, old_views, views, NULL};
static const struct step steps[] = {{1, sql_1}, {2, sql_2}, {3, sql_3}};

static int
pragma(struct db *db, const char *sql, int64_t *ret_value)
{
	return db_get_int(db, sql, ret_value);
}

int
schema_check(struct db *db, int *ret_version, struct buf *reason)
{
	int64_t id, version, tables;
	int r = pragma(db, "PRAGMA application_id", &id);

	if (r >= 0)
		r = pragma(db, "PRAGMA user_version", &version);
	if (r >= 0)
		r = db_get_int(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r == -EMEDIUMTYPE ||
	    (r >= 0 && id != SCHEMA_APPLICATION_ID &&
		(tables > 0 || id != 0 || version != 0))) {
		buf_printf(reason,
		    "not a database of gazetted: move it away, or name "
		    "another file with --database");
		return -EMEDIUMTYPE;
	}
	if (r < 0) {
		buf_puts(reason, db_error(db));
		return r;
	}
	if (version > SCHEMA_VERSION) {
		buf_printf(reason,
		    "its schema is version %" PRId64 ", this program "
		    "knows %d: install the gazetted that wrote it, or a newer one",
		    version, SCHEMA_VERSION);
		return -EPROTO;
	}
	*ret_version = (int)version;
	return 0;
}

/* What makes this database itself, and no copy of another: Follow's cursors. */
static int
write_uuid(struct db *db)
{
	struct hash128 id;
	char text[HASH_TEXT];

	if (getrandom(&id, sizeof(id), 0) != sizeof(id)) {
		msec_t now = clock_wall();

		id = hash128(&now, sizeof(now));
	}
	return db_run(db, "INSERT INTO meta VALUES('uuid', ?)",
	    DB_TEXT(hash_format(id, text)));
}

static int
take_step(struct db *db, const struct step *step)
{
	char sql[80];
	int i, r = db_exec(db, "BEGIN IMMEDIATE");

	for (i = 0; r >= 0 && step->sql[i] != NULL; i++)
		r = db_exec(db, step->sql[i]);
	if (r >= 0 && step->version == 1)
		r = write_uuid(db);
	snprintf(sql, sizeof(sql),
	    "PRAGMA application_id = %d; "
	    "PRAGMA user_version = %d",
	    SCHEMA_APPLICATION_ID, step->version);
	if (r >= 0)
		r = db_exec(db, sql);
	if (r >= 0)
		r = db_exec(db, "COMMIT");
	return r;
}

int
schema_migrate(struct db *db, int target, struct buf *reason)
{
	int64_t version;
	size_t i;
	int r = pragma(db, "PRAGMA user_version", &version);

	for (i = 0; r >= 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].version > version && steps[i].version <= target)
			r = take_step(db, &steps[i]);
	}
	if (r < 0) {
		buf_puts(reason, db_error(db));
		db_rollback(db);
	}
	return r;
}
