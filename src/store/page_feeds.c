/* SPDX-License-Identifier: ISC */
/* Feeds: their rows, plans, requests and attempts; and the whole in numbers. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "store/options.h"
#include "store/page.h"
#include "store/schema.h"
#include "store/writer.h"
#include "base/xalloc.h"

/* No feed of that id. */
static int
absent(struct page *page)
{
	return page_refuse(page, -ENOENT, "no feed %" PRId64, page->spec->id);
}

static int
add_feed(struct page *page, int64_t id)
{
	struct rows rows = {0};
	struct row row = {.what = STORE_FEEDS, .feed = &rows.feed_row};
	int r = rows_feed(page, &rows, id);

	if (r == 1)
		page_add(page, &row);
	rows_done(&rows);
	return r;
}

static int
list_feeds(struct page *page, const struct filter *filter)
{
	struct buf sql = {0};
	sqlite3_stmt *stmt;
	int next, r;

	buf_printf(&sql,
	    "SELECT f.id FROM feed f WHERE %s AND f.id > ? ORDER BY f.id LIMIT ?",
	    buf_text(&filter->sql.where));
	r = db_prepare(page->db, buf_text(&sql), &stmt);
	buf_done(&sql);
	if (r < 0)
		return r;
	next = filter_bind(filter, stmt, 1);
	sqlite3_bind_int64(stmt, next, page->spec->after);
	sqlite3_bind_int64(stmt, next + 1, (int64_t)page->limit + 1);
	while ((r = db_step(page->db, stmt)) == 1) {
		if (page_is_full(page)) {
			page->end->more = true;
			r = 0;
			break;
		}
		page->end->next = db_int(stmt, 0);
		r = add_feed(page, page->end->next);
		if (r < 0)
			break;
	}
	sqlite3_finalize(stmt);
	return r;
}

int
page_feeds(struct page *page)
{
	struct filter filter;
	int r;

	if (page->spec->id != 0) {
		r = add_feed(page, page->spec->id);
		return r == 0 ? absent(page) : r < 0 ? r : 0;
	}
	r = page_filter(page, QUERY_FEEDS, page->spec->all, &filter);
	if (r < 0)
		return r;
	r = list_feeds(page, &filter);
	filter_done(&filter);
	return r;
}

static void
fill_plan(sqlite3_stmt *s, struct feed_plan *plan)
{
	const char *version = db_text(s, 13);

	*plan = (struct feed_plan){
	    .id = db_int(s, 0),
	    .name = db_text(s, 1),
	    .url = db_text(s, 2),
	    .due = db_int(s, 3),
	    .last_attempt = db_int(s, 4),
	    .last_success = db_int(s, 5),
	    .failures = (uint32_t)db_int(s, 7),
	    .learnt = db_int(s, 8),
	    .paused = db_int(s, 9) == 0,
	    .archived = db_int(s, 10) != 0,
	    .gone = db_int(s, 11) != 0,
	    /* A program that it did not kill may try. */
	    .quarantined = db_int(s, 12) != 0 && version != NULL &&
		strcmp(version, PACKAGE_VERSION) == 0,
	    .rate_group = db_text(s, 14),
	    .reasons = db_text(s, 17),
	    .held = db_int(s, 18),
	    .memory = db_text(s, 19),
	    .credential = db_text(s, 20),
	    .new_url = db_text(s, 21),
	    .no_move = (uint64_t)db_int(s, 22),
	    .merged = db_int(s, 6),
	};
	options_to_plan(plan, db_text(s, 15), db_text(s, 16));
}

int
page_plans(struct page *page)
{
	static const char sql[] =
	    "SELECT id, name, coalesce(fetch_url, url), next_due, last_attempt,"
	    " last_success, merged, failures, learnt, enabled, archived, gone,"
	    " quarantined, quarantine_version, options ->> '$.\"rate-group\"',"
	    " options ->> '$.interval', options ->> '$.\"min-interval\"', reasons,"
	    " held, memory, options ->> '$.credential', moved_url,"
	    " no_move"
	    " FROM feed WHERE CASE WHEN ?1 <> 0 THEN id = ?1"
	    " ELSE id > ?2 AND archived = 0 END ORDER BY id";
	struct feed_plan plan;
	struct row row = {.what = STORE_PLANS, .plan = &plan};
	sqlite3_stmt *stmt;
	int r;

	r = db_start(
	    page->db, sql, &stmt, DB_INT(page->spec->id), DB_INT(page->spec->after));
	while (r >= 0 && (r = db_step(page->db, stmt)) == 1) {
		if (page_is_full(page)) {
			page->end->more = true;
			db_stop(stmt);
			return 0;
		}
		fill_plan(stmt, &plan);
		page->end->next = plan.id;
		page_add(page, &row);
	}
	if (r >= 0 && page->spec->id != 0 && page->end->rows == 0)
		return absent(page);
	return r;
}

static int
hex_digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* hash_format backwards. */
static struct hash128
read_hash(const char *text)
{
	uint64_t half[2] = {0, 0};
	int i;

	if (text == NULL || strlen(text) != 32)
		return (struct hash128){0, 0};
	for (i = 0; i < 32; i++)
		half[i / 16] = half[i / 16] << 4 | (uint64_t)hex_digit(text[i]);
	return (struct hash128){half[0], half[1]};
}

static int
read_options(struct page *page, struct request *request, struct arena *arena)
{
	static const char sql[] = "SELECT o.key, o.value FROM feed f,"
				  " json_each(f.options) o WHERE f.id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(page->db, sql, &stmt, DB_INT(request->feed_id));

	while (r >= 0 && (r = db_step(page->db, stmt)) == 1) {
		if (db_text(stmt, 0) != NULL && db_text(stmt, 1) != NULL)
			options_to_request(
			    request, arena, db_text(stmt, 0), db_text(stmt, 1));
	}
	return r;
}

static int
read_known(struct page *page, struct request *request, uint64_t **ret_list)
{
	static const char sql[] = "SELECT raw_hash FROM item_raw WHERE feed_id = ?";
	size_t room = 0, count = 0;
	uint64_t *list = NULL;
	sqlite3_stmt *stmt;
	int r = db_start(page->db, sql, &stmt, DB_INT(request->feed_id));

	while (r >= 0 && (r = db_step(page->db, stmt)) == 1) {
		if (count == room) {
			room = room * 2 + 64;
			list = xrealloc(list, room * sizeof(*list));
		}
		list[count++] = (uint64_t)db_int(stmt, 0);
	}
	request->known = list;
	request->known_count = count;
	*ret_list = list;
	return r;
}

static int
add_request(struct page *page, sqlite3_stmt *stmt)
{
	struct request request = {
	    .feed_id = page->spec->id,
	    .feed = db_text(stmt, 0),
	    .url = db_text(stmt, 1),
	    .validators = {db_text(stmt, 2), db_text(stmt, 3), db_text(stmt, 4)},
	    .body_hash = read_hash(db_text(stmt, 5)),
	};
	struct row row = {.what = STORE_REQUEST, .request = &request};
	struct arena *arena = arena_new(1 << 20);
	uint64_t *known = NULL;
	int r = read_options(page, &request, arena);

	if (r >= 0)
		r = read_known(page, &request, &known);
	if (r >= 0)
		page_add(page, &row);
	free(known);
	arena_free(arena);
	return r;
}

int
page_request(struct page *page)
{
	static const char sql[] =
	    "SELECT name, coalesce(fetch_url, url), etag, last_modified,"
	    " validators_url, body_hash FROM feed WHERE id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(page->db, sql, &stmt, DB_INT(page->spec->id));

	if (r < 0 || (r = db_step(page->db, stmt)) <= 0)
		return r < 0 ? r : absent(page);
	r = add_request(page, stmt);
	db_stop(stmt);
	return r;
}

int
page_attempts(struct page *page)
{
	static const char sql[] =
	    "SELECT time, outcome, detail, status, bytes, msec FROM fetch_log"
	    " WHERE feed_id = ? ORDER BY n DESC";
	struct store_attempt attempt;
	struct row row = {.what = STORE_ATTEMPTS, .attempt = &attempt};
	sqlite3_stmt *stmt;
	int r = db_start(page->db, sql, &stmt, DB_INT(page->spec->id));

	while (r >= 0 && (r = db_step(page->db, stmt)) == 1) {
		if (page_is_full(page)) {
			page->end->more = true;
			db_stop(stmt);
			return 0;
		}
		attempt = (struct store_attempt){
		    .time = db_int(stmt, 0),
		    .outcome = db_text(stmt, 1),
		    .detail = db_text(stmt, 2),
		    .status = (int)db_int(stmt, 3),
		    .bytes = db_int(stmt, 4),
		    .duration = db_int(stmt, 5),
		};
		page_add(page, &row);
	}
	return r;
}

static int
count_feeds(struct page *page, struct store_status *status)
{
	static const char sql[] =
	    "SELECT count(*), ifnull(sum(" QUERY_SQL_FAILING "), 0),"
	    " ifnull(sum(" QUERY_SQL_STALE "), 0) FROM feed f WHERE f.archived = 0";
	sqlite3_stmt *stmt;
	int r = db_start(page->db, sql, &stmt, DB_INT(page->now));

	if (r < 0 || (r = db_step(page->db, stmt)) <= 0)
		return r;
	status->feeds = db_int(stmt, 0);
	status->failing = db_int(stmt, 1);
	status->stale = db_int(stmt, 2);
	db_stop(stmt);
	return 0;
}

int
page_status(struct page *page)
{
	struct store_status status = {.schema = SCHEMA_VERSION};
	struct row row = {.what = STORE_STATUS, .status = &status};
	struct buf uuid = {0};
	int r = count_feeds(page, &status);

	if (r >= 0)
		r = db_get_text(
		    page->db, "SELECT value FROM meta WHERE key = 'uuid'", &uuid);
	if (r >= 0)
		r = writer_head(page->db, &status.head);
	if (r >= 0)
		r = db_get_int(page->db,
		    "SELECT ifnull((SELECT min(seq) FROM event), 0)",
		    &status.oldest);
	if (r >= 0)
		r = db_get_int(page->db, "SELECT count(*) FROM item", &status.items);
	if (r >= 0)
		r = db_get_int(page->db,
		    "SELECT count(*) FROM item WHERE read = 0 AND hidden = 0"
		    " AND duplicate = 0",
		    &status.unread);
	status.uuid = buf_text(&uuid);
	if (status.oldest == 0)
		status.oldest = status.head + 1;
	if (r >= 0)
		page_add(page, &row);
	buf_done(&uuid);
	return r;
}
