/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"
#include "query/query.h"
#include "query/tree.h"

/* 2026-05-07T12:00:00Z, a Thursday */
#define NOW (INT64_C(1778155200) * MSEC_PER_SEC)

static struct query *
must_parse(const char *text)
{
	struct query_error error;
	struct query *query = NULL;

	if (query_parse(text, &query, &error) < 0)
		fail_msg("%s: %d: %s", text, error.position, error.message);
	return query;
}

static void
check_print(const char *text, const char *expected)
{
	struct query *query = must_parse(text);
	struct buf out = {0};

	query_print(query, &out);
	assert_string_equal(buf_text(&out), expected);
	buf_done(&out);
	query_free(query);
}

static void
test_print(void **state)
{
	static const char *const cases[][2] = {
	    {"", ""},
	    {" \t\n", ""},
	    {"linux", "linux"},
	    {"\"linux\"", "linux"},
	    {"a b or c d", "a b or c d"},
	    {"a and b OR c AND d", "a b or c d"},
	    {"[ a or b ] c", "[ a or b ] c"},
	    {"(a or b) c", "[ a or b ] c"},
	    {"([a])", "a"},
	    {"[a b] c", "a b c"},
	    {"[a or b] or c", "a or b or c"},
	    {"not a b", "not a b"},
	    {"not [ a b ]", "not [ a b ]"},
	    {"-tag:muted", "not tag:muted"},
	    {"-(a or b)", "not [ a or b ]"},
	    {"not [ not a ]", "a"},
	    {"sec%", "sec%"},
	    {"sec*", "sec%"},
	    {"\"security upda*\"", "\"security upda*\""},
	    {"\"100%\"", "\"100%\""},
	    {"'say \"hi\"'", "'say \"hi\"'"},
	    {"\"it's \"\"so\"\"\"", "\"it's \"\"so\"\"\""},
	    {"it's", "\"it's\""},
	    {"\"or\"", "\"or\""},
	    {"\"a:b\"", "\"a:b\""},
	    {"12:30", "\"12:30\""},
	    {"f(x)", "\"f(x)\""},
	    {"multi-agent", "multi-agent"},
	    {"\xE4\xB8\xAD\xE5\x9B\xBD", "\xE4\xB8\xAD\xE5\x9B\xBD"},
	    {"a\xE3\x80\x80"
	     "b",
		"a b"},
	    {"title~'CVE-20\\d\\d'", "title~\"CVE-20\\d\\d\""},
	    {"title~(openssl|sudo) b", "title~\"(openssl|sudo)\" b"},
	    {"(title~a\\)[b] c)", "title~\"a\\)[b]\" c"},
	    {"tag:sec/", "tag:sec/"},
	    {"feed:12 feed:lwn-% host:lwn.net url:/a?b=c",
		"feed:12 feed:\"lwn-%\" host:lwn.net url:\"/a?b=c\""},
	    {"seen:3d..", "seen:3d.."},
	    {"since:90min", "seen:90min.."},
	    {"since:24h before:2026-05", "seen:1d.. before:2026-05"},
	    {"pub:..2026-05", "pub:..2026-05"},
	    {"upd:2026-05-01..2026-05-07", "upd:2026-05-01..2026-05-07"},
	    {"seen:today", "seen:today"},
	    {"seen:2026-05..2026-05", "seen:2026-05"},
	    {"seen:2026-05-01T12:00:00+02:00..", "seen:2026-05-01T10:00:00.000Z.."},
	    {"id:5 story:7", "id:5 story:7"},
	    {"key:ABCDEF0123456789abcdef0123456789",
		"key:abcdef0123456789abcdef0123456789"},
	    {"data:k=v data:k", "data:\"k=v\" data:k"},
	    {"is:unread has:audio", "is:unread has:audio"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_print(cases[i][0], cases[i][1]);
		check_print(cases[i][1], cases[i][1]);
	}
}

static void
test_errors(void **state)
{
	static const struct {
		const char *text;
		int position;
		const char *message;
	} cases[] = {
	    {"titel:x", 0, "did you mean title?"},
	    {"a tagg:x", 2, "Fields: title text"},
	    {"http://example.org/", 0, "unknown field 'http'"},
	    {"\xC3\xA4\xC3\xB6 foo~bar", 3, "unknown field 'foo'"},
	    {"\"open", 0, "never closed"},
	    {"a \"b\"c", 5, "white space expected"},
	    {"[ a", 0, "closes this group"},
	    {"a ]", 2, "closes nothing"},
	    {"[ a )", 4, "']' expected"},
	    {"[ ]", 2, "expected"},
	    {"or", 0, "expected"},
	    {"a or", 4, "the query ends here"},
	    {"a and or b", 6, "expected"},
	    {"not", 3, "the query ends here"},
	    {"not not a", 4, "expected"},
	    {"a - b", 2, "stands directly"},
	    {"title:", 6, "title: a value expected"},
	    {"\"\"", 0, "a value expected"},
	    {"++", 0, "nothing to search for"},
	    {"title:%", 6, "nothing to search for"},
	    {"is:raed", 3, "unread read starred"},
	    {"has:sound", 4, "enclosure audio"},
	    {"tag:a//b", 4, "a tag"},
	    {"tag:read", 0, "write is:read"},
	    {"feed:a/b", 5, "name"},
	    {"host:http://x/", 5, "a host alone"},
	    {"id:x", 3, "number"},
	    {"id:0", 3, "number"},
	    {"id:1..5", 3, "number"},
	    {"id:99999999999999999999", 3, "number"},
	    {"key:12", 4, "32 hex"},
	    {"data:=v", 5, "KEY=VALUE"},
	    {"seen:..", 5, "FROM..TO"},
	    {"seen:3d", 5, "FROM.."},
	    {"seen:2026-02-30..", 5, "expected"},
	    {"seen:2026-13", 5, "expected"},
	    {"seen:2026-05-07..2026-05-01", 5, "before it begins"},
	    {"seen:1d..3d", 5, "before it begins"},
	    {"since:friday", 6, "a duration"},
	    {"query:mine", 0, "not available in this version"},
	    {"url~x", 0, "takes no pattern"},
	    {"title~'(a'", 7, "bad pattern"},
	    {"title~(((ab){1,100}){1,100}){1,100}", 6, "bad pattern"},
	    {"a \xFF", 0, "UTF-8"},
	};
	struct query_error error;
	struct query *query;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&error, 0, sizeof(error));
		if (query_parse(cases[i].text, &query, &error) != -EINVAL)
			fail_msg("%s: taken", cases[i].text);
		if (error.position != cases[i].position ||
		    strstr(error.message, cases[i].message) == NULL)
			fail_msg("%s: %d: %s", cases[i].text, error.position,
			    error.message);
	}
}

static void
test_limits(void **state)
{
	struct query_error error;
	struct query *query = NULL;
	struct buf text = {0};
	int i;

	(void)state;
	for (i = 0; i < LIMIT_QUERY_TERMS; i++)
		buf_puts(&text, "a ");
	assert_int_equal(query_parse(text.data, &query, &error), 0);
	query_free(query);
	buf_puts(&text, "a ");
	assert_int_equal(query_parse(text.data, &query, &error), -EINVAL);
	assert_int_equal(error.position, 2 * LIMIT_QUERY_TERMS);
	assert_non_null(strstr(error.message, "too many terms"));

	buf_reset(&text);
	for (i = 0; i < LIMIT_QUERY_BYTES; i++)
		buf_putc(&text, 'a');
	assert_int_equal(query_parse(text.data, &query, &error), 0);
	query_free(query);
	buf_putc(&text, 'a');
	assert_int_equal(query_parse(text.data, &query, &error), -EINVAL);
	assert_non_null(strstr(error.message, "too long"));

	buf_reset(&text);
	for (i = 0; i < LIMIT_QUERY_BYTES; i++)
		buf_putc(&text, '[');
	assert_int_equal(query_parse(text.data, &query, &error), -EINVAL);
	assert_non_null(strstr(error.message, "groups inside groups"));
	buf_done(&text);
}

/* Trees made at random from a seed that is printed: parse(print(q)) = q. */
static uint32_t seed;

static unsigned
pick(unsigned count)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % count;
}

static const char *
pick_text(struct arena *arena)
{
	static const char *const bits[] = {"a", "linux", "or", "not", "-", "%", "*",
	    " ", "\"", "'", ":", "~", "[", ")", "\\", "x:y", "\xC3\xA9",
	    "\xE4\xB8\xAD", "\xE3\x80\x80", "..", "=", "100"};
	struct buf text = {0};
	unsigned i, count = 1 + pick(5);
	const char *copy;

	for (i = 0; i < count; i++)
		buf_puts(&text, bits[pick(sizeof(bits) / sizeof(bits[0]))]);
	/* What must hold of any word: something to search for, no bare star. */
	buf_puts(&text, "z");
	copy = arena_strdup(arena, text.data);
	buf_done(&text);
	return copy;
}

static struct node *
pick_range(struct arena *arena)
{
	struct node *node = tree_term(arena, FIELD_SEEN + pick(3), NULL);
	struct range *r = &node->range;
	unsigned kind = pick(5);

	if (kind == 0) {
		r->low = (struct bound){.kind = BOUND_AGO, .when = 1 + pick(90000)};
	} else if (kind == 1) {
		node->field = FIELD_SEEN;
		r->before = true;
		r->high = (struct bound){.kind = BOUND_MONTH,
		    .year = 1990 + pick(50),
		    .month = 1 + pick(12),
		    .day = 1};
	} else if (kind == 2) {
		r->low = r->high = (struct bound){.kind = BOUND_TODAY + pick(2)};
	} else if (kind == 3) {
		r->low = (struct bound){.kind = BOUND_DAY,
		    .year = 2026,
		    .month = 1 + pick(12),
		    .day = 1 + pick(28)};
		r->high = r->low;
		r->high.year += pick(2);
	} else {
		r->low =
		    (struct bound){.kind = BOUND_INSTANT, .when = NOW + pick(9999)};
		r->high = (struct bound){.kind = BOUND_YESTERDAY};
	}
	return node;
}

static struct node *
pick_term(struct arena *arena)
{
	static const char *const states[] = {"unread", "stale", "duplicate"};
	struct node *node;

	switch (pick(8)) {
	case 0:
		return tree_term(arena, FIELD_IS, states[pick(3)]);
	case 1:
		return pick_range(arena);
	case 2:
		node = tree_term(arena, FIELD_ID, NULL);
		node->number = 1 + pick(100000);
		node->text = arena_printf(arena, "%d", (int)node->number);
		return node;
	case 3:
		node = tree_term(arena, FIELD_TITLE, "(a|b) [c-d]\\d");
		node->regex = true;
		return node;
	case 4:
		return tree_term(arena, FIELD_URL, pick_text(arena));
	default:
		node = tree_term(arena, FIELD_ANY + pick(4), pick_text(arena));
		node->prefix = pick(2) == 0;
		return node;
	}
}

static struct node *
pick_node(struct arena *arena, unsigned depth)
{
	struct node *node;
	unsigned i, count;

	if (depth == 0 || pick(3) == 0)
		return pick_term(arena);
	if (pick(4) == 0)
		return tree_not(arena, pick_node(arena, depth - 1));
	node = pick_node(arena, depth - 1);
	count = 1 + pick(2);
	for (i = 0; i < count; i++)
		node = tree_join(arena, pick(2) ? NODE_AND : NODE_OR, node,
		    pick_node(arena, depth - 1));
	return node;
}

static void
test_round_trip(void **state)
{
	uint32_t first = 20260507, i;
	struct query *made, *read;
	struct buf text = {0}, again = {0};
	unsigned tried = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		seed = first + i;
		made = tree_query_new();
		made->root = pick_node(made->arena, 3);
		buf_reset(&text);
		query_print(made, &text);
		if (text.len <= LIMIT_QUERY_BYTES) {
			read = must_parse(text.data);
			buf_reset(&again);
			query_print(read, &again);
			assert_string_equal(text.data, again.data);
			if (!tree_equal(made->root, read->root))
				fail_msg("seed %u: %s", first + i, text.data);
			query_free(read);
			tried++;
		}
		query_free(made);
	}
	assert_true(tried > 15000);
	buf_done(&text);
	buf_done(&again);
}

static msec_t
berlin_summer(int64_t year, unsigned month, unsigned day, void *arg)
{
	(void)arg;
	return clock_days_from_civil(year, month, day) * MSEC_PER_DAY -
	    2 * MSEC_PER_HOUR;
}

static msec_t
honolulu(int64_t year, unsigned month, unsigned day, void *arg)
{
	(void)arg;
	return clock_days_from_civil(year, month, day) * MSEC_PER_DAY +
	    10 * MSEC_PER_HOUR;
}

static void
check_instants(const char *text, msec_t now,
    msec_t (*zone)(int64_t, unsigned, unsigned, void *), const char *expected)
{
	struct query *query = must_parse(text);
	struct buf out = {0};

	query_print_instants(query, now, zone, NULL, &out);
	assert_string_equal(buf_text(&out), expected);
	buf_done(&out);
	query_free(query);
}

static void
test_instants(void **state)
{
	(void)state;
	check_instants("seen:today linux", NOW, berlin_summer,
	    "seen:2026-05-06T22:00:00.000Z..2026-05-07T21:59:59.999Z linux");
	/* Half past eleven at night there, and tomorrow here. */
	check_instants("seen:today", NOW + 10 * MSEC_PER_HOUR + 30 * MSEC_PER_MIN,
	    berlin_summer,
	    "seen:2026-05-07T22:00:00.000Z..2026-05-08T21:59:59.999Z");
	check_instants("seen:yesterday", NOW - 3 * MSEC_PER_HOUR, honolulu,
	    "seen:2026-05-05T10:00:00.000Z..2026-05-06T09:59:59.999Z");
	check_instants(
	    "before:2026-05", NOW, berlin_summer, "before:2026-04-30T22:00:00.000Z");
	check_instants(
	    "pub:..2026-12", NOW, berlin_summer, "pub:..2026-12-31T21:59:59.999Z");
	check_instants("since:3d", NOW, berlin_summer, "seen:3d..");
}

/* The store's tables as far as conditions name them. */
static const char tables[] =
    "CREATE TABLE feed(id INTEGER PRIMARY KEY, name TEXT, url TEXT, title TEXT,"
    " user_title TEXT, site TEXT, archived INT DEFAULT 0, enabled INT DEFAULT 1,"
    " gone INT DEFAULT 0, quarantined INT DEFAULT 0, failures INT DEFAULT 0,"
    " last_outcome TEXT, next_due INT DEFAULT 0, last_success INT, last_new INT,"
    " added INT DEFAULT 0, gap INT DEFAULT 0, moved_url TEXT,"
    " held INT DEFAULT 0);"
    "CREATE TABLE feed_tag(feed_id INT, tag TEXT);"
    "CREATE TABLE item(id INTEGER PRIMARY KEY, feed_id INT, story_id INT,"
    " read INT DEFAULT 0, starred INT DEFAULT 0, hidden INT DEFAULT 0,"
    " duplicate INT DEFAULT 0, revision INT DEFAULT 1, seen INT, published INT,"
    " updated INT, key TEXT, link TEXT, url TEXT, title TEXT, author TEXT);"
    "CREATE TABLE item_text(item_id INTEGER PRIMARY KEY, text TEXT);"
    "CREATE TABLE item_tag(item_id INT, tag TEXT);"
    "CREATE TABLE item_data(item_id INT, key TEXT, value TEXT);"
    "CREATE TABLE enclosure(item_id INT, type TEXT, medium TEXT);"
    "CREATE VIRTUAL TABLE item_fts USING fts5(title, text, author, content='',"
    " tokenize='unicode61 remove_diacritics 2');"
    "INSERT INTO feed(id, name, url, title, site) VALUES"
    " (1, 'lwn', 'https://lwn.net/headlines/rss', 'LWN.net', NULL),"
    " (2, 'lwn-full', 'https://lwn.net/full', 'LWN in full', NULL),"
    " (3, 'kernel', 'https://www.kernel.org/feeds/all.atom.xml', 'Kernel',"
    "  'https://www.kernel.org/');"
    "UPDATE feed SET failures = 3, last_outcome = 'dns' WHERE id = 1;"
    "UPDATE feed SET last_success = 1, last_new = 1, added = 1 WHERE id = 2;"
    "UPDATE feed SET archived = 1, enabled = 0, user_title = 'My 100%' WHERE id = 3;"
    "INSERT INTO feed_tag VALUES (1, 'linux'), (3, 'sec/kernel');"
    "INSERT INTO item(id, feed_id, story_id, seen, published, updated, url, link,"
    " title, author, key) VALUES"
    " (1, 1, 1, 1778155200000 - 3600000, 1778155200000, NULL,"
    "  'https://lwn.net/Articles/1', NULL, 'Security updates for Friday',"
    "  'Jane Doe', '00000000000000000000000000000001'),"
    " (2, 2, 1, 1778155200000 - 2 * 86400000, NULL, NULL,"
    "  'https://www.example.org/a_b%c', 'https://l/', 'CVE-2026-1234 in "
    "d\xC3\xA9j\xC3\xA0',"
    "  NULL, '00000000000000000000000000000002'),"
    " (3, 3, 3, 1777593600000 - 1, 1777593600000, 5, NULL, NULL,"
    "  NULL, 'linux', '00000000000000000000000000000003'),"
    " (4, 3, 4, 1777593600000, NULL, NULL, 'https://notlwn.net/', NULL,"
    "  '\xE6\x88\x91\xE6\x98\xAF\xE4\xB8\xAD\xE5\x9B\xBD\xE4\xBA\xBA abc',"
    "  NULL, '00000000000000000000000000000004');"
    "UPDATE item SET read = 1, starred = 1 WHERE id = 1;"
    "UPDATE item SET duplicate = 1 WHERE id = 2;"
    "UPDATE item SET hidden = 1, revision = 2 WHERE id = 3;"
    "INSERT INTO item_text VALUES (1, 'OpenSSL and sudo'), (2, ''), (4, 'x');"
    "INSERT INTO item_tag VALUES (2, 'sec'), (4, 'sec0'), (1, 'sec/web');"
    "INSERT INTO item_data VALUES (1, 'k', 'v'), (2, 'k', 'w');"
    "INSERT INTO enclosure VALUES (1, 'audio/mpeg', NULL), (2, NULL, 'video');";

static void
sql_regex(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct query_regex *regex;
	struct query_error error;
	const char *text = (const char *)sqlite3_value_text(values[1]);

	(void)count;
	assert_int_equal(query_regex_new((const char *)sqlite3_value_text(values[0]),
			     &regex, &error),
	    0);
	sqlite3_result_int(
	    context, text != NULL && query_regex_match(regex, text, strlen(text)));
	query_regex_free(regex);
}

static void
sql_host(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *url = (const char *)sqlite3_value_text(values[0]);

	(void)count;
	sqlite3_result_int(context,
	    url != NULL &&
		query_host_matches(
		    url, (const char *)sqlite3_value_text(values[1])));
}

static void
index_items(sqlite3 *db)
{
	struct buf title = {0};
	sqlite3_stmt *read, *write;

	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT i.id, ifnull(i.title, ''), x.text, i.author FROM "
		"item i LEFT JOIN item_text x ON x.item_id = i.id",
		-1, &read, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "INSERT INTO item_fts(rowid, title, text, author) "
			     "VALUES (?, ?, ?, ?)",
			     -1, &write, NULL),
	    SQLITE_OK);
	while (sqlite3_step(read) == SQLITE_ROW) {
		buf_reset(&title);
		query_index_text((const char *)sqlite3_column_text(read, 1),
		    (size_t)sqlite3_column_bytes(read, 1), &title);
		sqlite3_bind_int64(write, 1, sqlite3_column_int64(read, 0));
		sqlite3_bind_text(write, 2, buf_text(&title), -1, SQLITE_TRANSIENT);
		sqlite3_bind_value(write, 3, sqlite3_column_value(read, 2));
		sqlite3_bind_value(write, 4, sqlite3_column_value(read, 3));
		assert_int_equal(sqlite3_step(write), SQLITE_DONE);
		sqlite3_reset(write);
	}
	sqlite3_finalize(read);
	sqlite3_finalize(write);
	buf_done(&title);
}

static sqlite3 *
database(void)
{
	sqlite3 *db;
	char *error = NULL;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	if (sqlite3_exec(db, tables, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
	sqlite3_create_function(db, "query_regex", 2,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_regex, NULL, NULL);
	sqlite3_create_function(db, "query_host", 2,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_host, NULL, NULL);
	index_items(db);
	return db;
}

static sqlite3_stmt *
prepare(sqlite3 *db, const struct query_sql *sql, enum query_target target)
{
	struct buf text = {0};
	sqlite3_stmt *stmt = NULL;
	size_t i;

	buf_printf(&text, "SELECT %s WHERE (%s) = 1 ORDER BY 1",
	    target == QUERY_ITEMS
		? "i.id FROM item i JOIN feed f ON f.id = i.feed_id"
		: "f.id FROM feed f",
	    buf_text(&sql->where));
	if (sqlite3_prepare_v2(db, text.data, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text.data, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_bind_parameter_count(stmt), sql->value_count);
	for (i = 0; i < sql->value_count; i++) {
		if (sql->values[i].kind == QUERY_INT)
			sqlite3_bind_int64(stmt, (int)i + 1, sql->values[i].number);
		else
			sqlite3_bind_text(stmt, (int)i + 1, sql->values[i].text, -1,
			    SQLITE_STATIC);
	}
	buf_done(&text);
	return stmt;
}

/* The ids that a query finds, as "1 2 4". */
static void
find(sqlite3 *db, const char *text, enum query_target target, bool all,
    struct buf *ids)
{
	struct query *query = must_parse(text);
	struct query_error error;
	struct query_sql sql;
	sqlite3_stmt *stmt;
	int r;

	buf_reset(ids);
	if (query_to_sql(query, target, all, NOW, &sql, &error) < 0)
		fail_msg("%s: %s", text, error.message);
	stmt = prepare(db, &sql, target);
	while ((r = sqlite3_step(stmt)) == SQLITE_ROW)
		buf_printf(ids, "%s%d", ids->len > 0 ? " " : "",
		    sqlite3_column_int(stmt, 0));
	if (r != SQLITE_DONE)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	query_sql_done(&sql);
	query_free(query);
}

struct find_case {
	const char *query, *ids;
};

static void
check_finds(
    const struct find_case *cases, size_t count, enum query_target target, bool all)
{
	sqlite3 *db = database();
	struct buf ids = {0};
	size_t i;

	for (i = 0; i < count; i++) {
		find(db, cases[i].query, target, all, &ids);
		if (strcmp(buf_text(&ids), cases[i].ids) != 0)
			fail_msg("%s: found '%s', expected '%s'", cases[i].query,
			    buf_text(&ids), cases[i].ids);
	}
	buf_done(&ids);
	sqlite3_close(db);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_find_items(void **state)
{
	static const struct find_case cases[] = {
	    {"", "1 2 3 4"},
	    {"security", "1"},
	    {"SECURITY friday", "1"},
	    {"\"updates for\"", "1"},
	    {"\"for updates\"", ""},
	    {"secur%", "1"},
	    {"\"updates fo*\"", "1"},
	    {"deja", "2"},
	    {"title:openssl", ""},
	    {"text:openssl", "1"},
	    {"author:linux", "3"},
	    {"not security", "2 3 4"},
	    {"not author:doe", "2 3 4"},
	    {"not is:starred not title~x", "2 3 4"},
	    {"security or cve-2026-1234", "1 2"},
	    {"[ security or abc ] is:unread", "4"},
	    {"\xE4\xB8\xAD\xE5\x9B\xBD", "4"},
	    {"\xE5\x9B\xBD", "4"},
	    {"\xE4\xBA\xBA", "4"},
	    {"\xE6\x98\xAF\xE4\xB8\xAD\xE5\x9B\xBD\xE4\xBA\xBA", "4"},
	    {"\xE4\xB8\xAD\xE4\xBA\xBA", ""},
	    {"\"\xE5\x9B\xBD\xE4\xBA\xBA abc\"", "4"},
	    {"title~'cve-20\\d\\d'", "2"},
	    {"text~^open", "1"},
	    {"author~DOE", "1"},
	    {"feed:1", "1"},
	    {"feed:lwn", "1"},
	    {"feed:lwn-%", "2"},
	    {"feed:lw%", "1 2"},
	    {"host:lwn.net", "1 2"},
	    {"host:example.org", "2"},
	    {"host:kernel.org", "3 4"},
	    {"url:a_b%c", "2"},
	    {"url:aXb", ""},
	    {"url:ARTICLES/1", "1"},
	    {"not url:articles", "2 3 4"},
	    {"tag:linux", "1"},
	    {"tag:sec", "2"},
	    {"tag:sec/", "1 2 3 4"},
	    {"tag:sec/web", "1"},
	    {"is:unread", "2 3 4"},
	    {"is:read", "1"},
	    {"is:starred", "1"},
	    {"is:hidden", "3"},
	    {"is:duplicate", "2"},
	    {"is:updated", "3"},
	    {"is:new", "1"},
	    {"has:enclosure", "1 2"},
	    {"has:audio", "1"},
	    {"has:video", "2"},
	    {"has:image", ""},
	    {"has:text", "1 4"},
	    {"has:date", "1 3"},
	    {"since:1d", "1"},
	    {"before:1d", "2 3 4"},
	    {"seen:2026-05", "1 2 4"},
	    {"before:2026-05", "3"},
	    {"seen:..2026-04", "3"},
	    {"seen:today", "1"},
	    {"seen:2026-05-01..2026-05-05", "2 4"},
	    {"pub:..2026-05-01", "3"},
	    {"not pub:..2026-05-01", "1 2 4"},
	    {"upd:2000-01..", ""},
	    {"id:2", "2"},
	    {"story:1", "1 2"},
	    {"key:00000000000000000000000000000004", "4"},
	    {"data:k", "1 2"},
	    {"data:k=w", "2"},
	};

	(void)state;
	check_finds(cases, COUNT(cases), QUERY_ITEMS, true);
}

/* Hidden items and duplicates are left out, but for a term that names them. */
static void
test_scope(void **state)
{
	static const struct find_case cases[] = {
	    {"", "1 4"},
	    {"is:unread", "4"},
	    {"is:hidden", "3"},
	    {"is:duplicate", "2"},
	    {"id:2", "2"},
	    {"id:3", "3"},
	    {"story:1", "1 2"},
	    {"id:3 or is:unread", "3 4"},
	    {"not id:3", "1 4"},
	    {"not is:hidden", "1 4"},
	};

	(void)state;
	check_finds(cases, COUNT(cases), QUERY_ITEMS, false);
}

static void
test_find_feeds(void **state)
{
	static const struct find_case cases[] = {
	    {"", "1 2"},
	    {"is:archived", "3"},
	    {"id:3", "3"},
	    {"is:failing", "1"},
	    {"is:stale", "2"},
	    {"is:held or is:moved or is:gone or is:paused", ""},
	    {"lwn", "1 2"},
	    {"title:full", "2"},
	    {"title~net$", "1"},
	    {"tag:linux", "1"},
	    {"host:lwn.net not feed:lwn", "2"},
	};
	static const struct find_case all[] = {
	    {"is:paused", "3"},
	    {"100%", "3"},
	    {"\"100%\"", "3"},
	    {"kernel tag:sec/", "3"},
	};

	(void)state;
	check_finds(cases, COUNT(cases), QUERY_FEEDS, false);
	check_finds(all, COUNT(all), QUERY_FEEDS, true);
}

static void
check_refused(const char *text, enum query_target target, int position)
{
	struct query *query = must_parse(text);
	struct query_error error;
	struct query_sql sql;

	assert_int_equal(
	    query_to_sql(query, target, false, NOW, &sql, &error), -EINVAL);
	assert_int_equal(error.position, position);
	query_free(query);
}

static void
test_targets(void **state)
{
	(void)state;
	check_refused("linux is:failing", QUERY_ITEMS, 6);
	check_refused("is:unread", QUERY_FEEDS, 0);
	check_refused("lwn [ a or since:3d ]", QUERY_FEEDS, 11);
	check_refused("author~x", QUERY_FEEDS, 0);
}

/* What FTS5 or SQL would stumble over if it reached them as written. */
static void
test_odd_text(void **state)
{
	static const char *const odd[] = {"multi-agent", "it's", "C++", "AND2",
	    "NEAR", "\"NEAR(a b, 2)\"", "body:x", "a*b", "^a", "{title}",
	    "\"a\" \"b\"", "'); DROP TABLE item; --a", "a\"b", "\"a\"\"b\"", "x+y",
	    "a||b", "%a%", "_a", "a\\", "'a\\'",
	    "\xF0\x9F\x98\x80"
	    "a",
	    "\xE2\x80\x8B"
	    "a",
	    "?1", ":a", "@a", "$a", "a;b", "a,b", "/*a*/", "a--b",
	    "\x01"
	    "a"};
	static const char *const around[] = {
	    "", "title:", "text:", "author:", "url:", "data:"};
	struct query_error error;
	struct query *query;
	sqlite3 *db = database();
	struct buf text = {0}, ids = {0};
	size_t i, j, asked = 0;

	(void)state;
	for (i = 0; i < COUNT(odd); i++) {
		for (j = 0; j < COUNT(around); j++) {
			buf_reset(&text);
			buf_printf(&text, "%s%s", around[j], odd[i]);
			if (query_parse(text.data, &query, &error) < 0)
				continue;
			query_free(query);
			find(db, text.data, QUERY_ITEMS, true, &ids);
			asked++;
		}
	}
	assert_true(asked > 150);
	find(db, "", QUERY_ITEMS, true, &ids);
	assert_string_equal(ids.data, "1 2 3 4");
	buf_done(&text);
	buf_done(&ids);
	sqlite3_close(db);
}

static void
check_index(const char *text, const char *expected)
{
	struct buf out = {0};

	query_index_text(text, strlen(text), &out);
	assert_string_equal(buf_text(&out), expected);
	buf_done(&out);
}

static void
test_index_text(void **state)
{
	(void)state;
	check_index("plain caf\xC3\xA9", "plain caf\xC3\xA9");
	check_index("\xE4\xB8\xAD", " \xE4\xB8\xAD ");
	check_index("\xE4\xB8\xAD\xE5\x9B\xBD\xE4\xBA\xBA",
	    " \xE4\xB8\xAD\xE5\x9B\xBD \xE5\x9B\xBD\xE4\xBA\xBA \xE4\xBA\xBA ");
	check_index("a\xE4\xB8\xAD\xE5\x9B\xBD"
		    "b",
	    "a \xE4\xB8\xAD\xE5\x9B\xBD \xE5\x9B\xBD b");
	/* Bytes that are no UTF-8 pass. */
	check_index("\xE4\xB8", "\xE4\xB8");
}

/* Patterns that hang or eat other engines: stopped, and no match. */
static void
test_hostile_patterns(void **state)
{
	static const char *const patterns[] = {"(a+)+$", "(a|aa)+$", "(a*)*b",
	    "(.*)\\1\\1\\1b", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$",
	    "((a{1,100}){1,100}){1,20}b"};
	struct query_regex *regex;
	struct query_error error;
	char text[2001];
	size_t i;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	for (i = 0; i < COUNT(patterns); i++) {
		assert_int_equal(query_regex_new(patterns[i], &regex, &error), 0);
		assert_int_equal(query_regex_match(regex, text, sizeof(text)), 0);
		query_regex_free(regex);
	}
	assert_int_equal(query_regex_new("a\xFF", &regex, &error), -EINVAL);
	assert_int_equal(query_regex_new("\\C", &regex, &error), -EINVAL);
}

static void
test_tags(void **state)
{
	(void)state;
	assert_true(query_is_tag("linux"));
	assert_true(query_is_tag("sec/web-2.0_x"));
	assert_true(query_is_tag("b\xC3\xBC"
				 "cher"));
	assert_false(query_is_tag(""));
	assert_false(query_is_tag("/a"));
	assert_false(query_is_tag("a/"));
	assert_false(query_is_tag("a b"));
	assert_false(query_is_tag("-a"));
	assert_false(query_is_tag("a:b"));
	assert_true(query_is_reserved_tag("read"));
	assert_false(query_is_reserved_tag("reading"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_print),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_instants),
	    cmocka_unit_test(test_find_items),
	    cmocka_unit_test(test_scope),
	    cmocka_unit_test(test_find_feeds),
	    cmocka_unit_test(test_targets),
	    cmocka_unit_test(test_odd_text),
	    cmocka_unit_test(test_index_text),
	    cmocka_unit_test(test_hostile_patterns),
	    cmocka_unit_test(test_tags),
	};

	return CHECK_RUN(tests);
}
