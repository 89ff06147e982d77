/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a query.  Whatever they are: what is read prints to what reads
 * the same; its SQL is accepted, names only tables that a query may read, and
 * runs without an error of FTS5; days made instants stay a query.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"
#include "query/query.h"
#include "query/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW (INT64_C(1778155200) * MSEC_PER_SEC)

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

static const char tables[] =
    "CREATE TABLE feed(id INTEGER PRIMARY KEY, name, url, title, user_title, site,"
    " archived, enabled, gone, quarantined, failures, last_outcome, next_due,"
    " last_success, last_new, added, gap, moved_url, held);"
    "CREATE TABLE feed_tag(feed_id, tag);"
    "CREATE TABLE item(id INTEGER PRIMARY KEY, feed_id, story_id, read, starred,"
    " hidden, duplicate, revision, seen, published, updated, key, link, url, title,"
    " author);"
    "CREATE TABLE item_text(item_id INTEGER PRIMARY KEY, text);"
    "CREATE TABLE item_tag(item_id, tag);"
    "CREATE TABLE item_data(item_id, key, value);"
    "CREATE TABLE enclosure(item_id, type, medium);"
    "CREATE VIRTUAL TABLE item_fts USING fts5(title, text, author, content='');"
    "INSERT INTO feed(id, name, url, title) VALUES (1, 'a', 'http://a/', 'A');"
    "INSERT INTO item(id, feed_id, title) VALUES (1, 1, 'one');";

static void
no_match(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	(void)values;
	sqlite3_result_int(context, 0);
}

/* What a reader of the store may do, and FTS5 below it. */
static int
authorize(void *arg, int action, const char *first, const char *second,
    const char *database, const char *trigger)
{
	(void)arg;
	(void)database;
	(void)trigger;
	switch (action) {
	case SQLITE_SELECT:
		return SQLITE_OK;
	case SQLITE_READ:
		insist(strncmp(first, "item", 4) == 0 ||
			strncmp(first, "feed", 4) == 0 ||
			strcmp(first, "enclosure") == 0,
		    "a table that no query reads");
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		insist(
		    strcmp(second, "load_extension") != 0, "a dangerous function");
		return SQLITE_OK;
	case SQLITE_PRAGMA: /* FTS5 asks for data_version */
		return SQLITE_OK;
	default:
		insist(false, "a statement that does more than read");
		return SQLITE_DENY;
	}
}

static sqlite3 *
database(void)
{
	static sqlite3 *db;

	if (db != NULL)
		return db;
	insist(sqlite3_open(":memory:", &db) == SQLITE_OK &&
		sqlite3_exec(db, tables, NULL, NULL, NULL) == SQLITE_OK,
	    "no database");
	sqlite3_create_function(
	    db, "query_regex", 2, SQLITE_UTF8, NULL, no_match, NULL, NULL);
	sqlite3_create_function(
	    db, "query_host", 2, SQLITE_UTF8, NULL, no_match, NULL, NULL);
	sqlite3_set_authorizer(db, authorize, NULL);
	return db;
}

static void
run(const struct query_sql *sql, enum query_target target)
{
	sqlite3_stmt *stmt = NULL;
	struct buf text = {0};
	size_t i;
	int r;

	buf_printf(&text, "SELECT %s WHERE %s",
	    target == QUERY_ITEMS
		? "i.id FROM item i JOIN feed f ON f.id = i.feed_id"
		: "f.id FROM feed f",
	    buf_text(&sql->where));
	r = sqlite3_prepare_v2(database(), text.data, -1, &stmt, NULL);
	insist(r == SQLITE_OK, "SQL that SQLite does not take");
	insist((size_t)sqlite3_bind_parameter_count(stmt) == sql->value_count,
	    "values that are not as many as their ?");
	for (i = 0; i < sql->value_count; i++) {
		if (sql->values[i].kind == QUERY_INT)
			sqlite3_bind_int64(stmt, (int)i + 1, sql->values[i].number);
		else
			sqlite3_bind_text(stmt, (int)i + 1, sql->values[i].text, -1,
			    SQLITE_STATIC);
	}
	do {
		r = sqlite3_step(stmt);
	} while (r == SQLITE_ROW);
	insist(r == SQLITE_DONE, "SQL that ends in an error");
	sqlite3_finalize(stmt);
	buf_done(&text);
}

static void
check_sql(const struct query *query)
{
	struct query_error error;
	struct query_sql sql;
	int target, all;

	for (target = QUERY_ITEMS; target <= QUERY_FEEDS; target++) {
		for (all = 0; all <= 1; all++) {
			if (query_to_sql(query, (enum query_target)target, all != 0,
				NOW, &sql, &error) < 0)
				continue;
			run(&sql, (enum query_target)target);
			query_sql_done(&sql);
		}
	}
}

static msec_t
day_start(int64_t year, unsigned month, unsigned day, void *arg)
{
	(void)arg;
	return clock_days_from_civil(year, month, day) * MSEC_PER_DAY -
	    2 * MSEC_PER_HOUR;
}

/* Printing may make a query longer than one may be. */
static void
check_print(const struct query *query, const struct buf *text, bool same)
{
	struct query_error error;
	struct query *again;

	if (text->len > LIMIT_QUERY_BYTES)
		return;
	insist(query_parse(buf_text(text), &again, &error) == 0,
	    "a printed query that does not read");
	insist(!same || tree_equal(query->root, again->root),
	    "a printed query that reads as another");
	query_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = strndup(size > 0 ? (const char *)bytes : "", size);
	struct query_error error;
	struct query *query;
	struct buf out = {0};

	if (query_parse(text, &query, &error) < 0) {
		insist(error.position >= 0 && error.position <= (int)strlen(text),
		    "a fault outside the query");
		insist(unicode_is_valid(error.message, strlen(error.message)),
		    "a message that is no text");
		free(text);
		return 0;
	}
	query_print(query, &out);
	check_print(query, &out, true);
	buf_reset(&out);
	query_print_instants(query, NOW, day_start, NULL, &out);
	check_print(query, &out, false);
	check_sql(query);
	buf_reset(&out);
	query_index_text(text, strlen(text), &out);
	buf_done(&out);
	query_free(query);
	free(text);
	return 0;
}
