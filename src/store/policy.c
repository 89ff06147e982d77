/* SPDX-License-Identifier: ISC */
#include "store/policy.h"

#include <string.h>

#define LEVEL_MOST 3
#define WINDOW (7 * MSEC_PER_DAY)

static int
find_word(const char *word, const char *const *words, int otherwise)
{
	int i;

	for (i = 0; word != NULL && words[i] != NULL; i++) {
		if (strcmp(word, words[i]) == 0)
			return i;
	}
	return otherwise;
}

static enum policy_read
read_word(const char *word)
{
	static const char *const words[] = {"off", "url", "copy", "all", NULL};

	return (enum policy_read)find_word(word, words, POLICY_READ_ALL);
}

int
policy_read(struct tx *tx, int64_t feed_id, struct policy *ret_policy)
{
	static const char sql[] =
	    "SELECT coalesce(o ->> '$.\"dup-level\"', d ->> '$.level'),"
	    " coalesce(o ->> '$.\"dup-read\"', d ->> '$.read'), d ->> '$.window',"
	    " o ->> '$.identity', o ->> '$.edits' FROM (SELECT options AS o,"
	    " (SELECT value FROM meta WHERE key = 'dedup') AS d FROM feed"
	    " WHERE id = ?)";
	static const char *const identities[] = {
	    "auto", "guid", "link", "title", "content", NULL};
	static const char *const edits[] = {
	    "silent", "significant", "unread", "ignore", NULL};
	struct policy policy = {
	    LEVEL_MOST, WINDOW, POLICY_AUTO, POLICY_SILENT, POLICY_READ_ALL};
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(feed_id));

	if (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		if (db_text(stmt, 0) != NULL)
			policy.level = (int)db_int(stmt, 0);
		policy.read = read_word(db_text(stmt, 1));
		if (db_int(stmt, 2) > 0)
			policy.window = db_int(stmt, 2);
		policy.identity = (enum policy_identity)find_word(
		    db_text(stmt, 3), identities, POLICY_AUTO);
		policy.edits = (enum policy_edits)find_word(
		    db_text(stmt, 4), edits, POLICY_SILENT);
		db_stop(stmt);
	}
	if (policy.level == 0 && policy.identity == POLICY_AUTO)
		policy.identity = POLICY_PLAIN;
	*ret_policy = policy;
	return r < 0 ? r : 0;
}

int
policy_write(struct tx *tx, const struct settings *settings)
{
	static const char sql[] =
	    "INSERT INTO meta(key, value) VALUES('dedup', json_object("
	    "'level', ?1, 'read', ?2, 'window', ?3)) ON CONFLICT(key) DO UPDATE"
	    " SET value = excluded.value WHERE value IS NOT excluded.value";

	return db_run(tx->db, sql, DB_INT(settings->dup_level),
	    DB_TEXT(settings->dup_read), DB_INT(settings->dup_window));
}
