/* SPDX-License-Identifier: ISC */
/* The events behind a cursor, those that a follower wants. */
#include <errno.h>
#include <inttypes.h>

#include "store/page.h"

/* A page looks through this many at most: a rare query still moves on, and no
 * read transaction gets old. */
#define STRETCH 20000

struct range {
	int64_t after, upto; /* seq, exclusive and inclusive */
};

struct follow {
	struct filter items, feeds;
	bool has_feeds; /* the query can be asked of feeds */
	struct buf kinds;
};

static void
print_kinds(uint32_t kinds, struct buf *out)
{
	int kind;

	if (kinds == 0)
		kinds = 1u << EVENT_ITEM_NEW;
	for (kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		if (kinds & (1u << kind))
			buf_printf(out, "%s'%s'", out->len > 0 ? "," : "",
			    event_kind_name((enum event_kind)kind));
	}
}

static int
follow_init(struct page *page, struct follow *follow)
{
	struct query_error ignored;
	int r;

	*follow = (struct follow){0};
	r = page_filter(page, QUERY_ITEMS, page->spec->all, &follow->items);
	if (r < 0)
		return r;
	print_kinds(page->spec->kinds, &follow->kinds);
	/* A query about texts or states of items matches no feed. */
	follow->has_feeds = filter_init(&follow->feeds, page->spec->query,
				QUERY_FEEDS, true, page->now, &ignored) >= 0;
	return 0;
}

static void
follow_done(struct follow *follow)
{
	filter_done(&follow->items);
	if (follow->has_feeds)
		filter_done(&follow->feeds);
	buf_done(&follow->kinds);
}

/* The ids that the events of a range speak of. */
static int
item_range(struct page *page, const struct range *range, int64_t *ret_low,
    int64_t *ret_high)
{
	static const char sql[] = "SELECT min(item_id), max(item_id) FROM event"
				  " WHERE seq > ? AND seq <= ?";
	sqlite3_stmt *stmt;
	int r;

	r = db_start(
	    page->db, sql, &stmt, DB_INT(range->after), DB_INT(range->upto));
	if (r >= 0 && (r = db_step(page->db, stmt)) == 1) {
		*ret_low = db_int(stmt, 0);
		*ret_high = db_int(stmt, 1);
		db_stop(stmt);
	}
	return r < 0 ? r : 0;
}

/*
 * Of an item that is gone its tombstone passes every query.  What moves an item
 * out of the default scope (a join, hiding) is told in it all the same: who
 * follows has the item from before.
 */
static int
prepare(struct page *page, const struct follow *follow, const struct range *range,
    const char *tail, int64_t limit, sqlite3_stmt **ret_stmt)
{
	struct buf sql = {0}, items = {0};
	int64_t low = 0, high = 0;
	int next, r = item_range(page, range, &low, &high);

	if (r < 0)
		return r;
	filter_narrow(&follow->items, low, high, &items);
	buf_printf(&sql,
	    "SELECT e.seq, e.time, e.kind, e.item_id, e.feed_id, e.detail"
	    " FROM event e LEFT JOIN item i ON i.id = e.item_id"
	    " LEFT JOIN feed f ON f.id = e.feed_id"
	    " WHERE e.seq > ? AND e.seq <= ? AND e.kind IN (%s) AND"
	    " CASE WHEN e.item_id IS NULL THEN %s WHEN i.id IS NULL THEN"
	    " e.kind = 'item_removed' ELSE (%s) END %s LIMIT ?",
	    buf_text(&follow->kinds),
	    follow->has_feeds ? buf_text(&follow->feeds.sql.where) : "0",
	    buf_text(&items), tail);
	r = db_prepare(page->db, buf_text(&sql), ret_stmt);
	buf_done(&sql);
	buf_done(&items);
	if (r < 0)
		return r;
	sqlite3_bind_int64(*ret_stmt, 1, range->after);
	sqlite3_bind_int64(*ret_stmt, 2, range->upto);
	next = 3;
	if (follow->has_feeds)
		next = filter_bind(&follow->feeds, *ret_stmt, next);
	next = filter_bind(&follow->items, *ret_stmt, next);
	sqlite3_bind_int64(*ret_stmt, next, limit);
	return 0;
}

static int
add_event(struct page *page, sqlite3_stmt *stmt)
{
	struct rows rows = {0};
	struct event_row event = {
	    .seq = db_int(stmt, 0),
	    .time = db_int(stmt, 1),
	    .kind = event_kind_from_name(db_text(stmt, 2)),
	    .detail = db_text(stmt, 5),
	};
	struct row row = {.what = STORE_EVENTS, .event = &event};
	int64_t item = db_int(stmt, 3), feed = db_int(stmt, 4);
	int r = 0;

	if (item != 0)
		r = rows_item(page, &rows, item, page->spec->fields);
	else if (feed != 0)
		r = rows_feed(page, &rows, feed);
	if (r == 1 && item != 0)
		event.item = &rows.item_row;
	else if (r == 1)
		event.feed = &rows.feed_row;
	if (r >= 0)
		page_add(page, &row);
	rows_done(&rows);
	return r < 0 ? r : 0;
}

/* The last event before a time: times rise with the numbers, so halving finds it
 * without an index. */
static int
seek_time(
    struct page *page, msec_t time, int64_t low, int64_t high, int64_t *ret_after)
{
	static const char sql[] =
	    "SELECT seq, time FROM event WHERE seq >= ? ORDER BY seq LIMIT 1";
	sqlite3_stmt *stmt;
	int r;

	/* Invariant: what is below `low` is older, what is above `high` is not. */
	while (low <= high) {
		int64_t middle = low + (high - low) / 2;

		r = db_start(page->db, sql, &stmt, DB_INT(middle));
		if (r < 0 || (r = db_step(page->db, stmt)) < 0)
			return r;
		if (r == 1 && db_int(stmt, 1) < time)
			low = db_int(stmt, 0) + 1;
		else
			high = middle - 1;
		db_stop(stmt);
	}
	*ret_after = low - 1;
	return 0;
}

/* The last `count` that match: from there on. */
static int
seek_last(struct page *page, const struct follow *follow, int64_t count,
    const struct range *all, int64_t *ret_after)
{
	sqlite3_stmt *stmt;
	int r;

	*ret_after = all->upto;
	r = prepare(page, follow, all, "ORDER BY e.seq DESC", count, &stmt);
	if (r < 0)
		return r;
	while ((r = db_step(page->db, stmt)) == 1)
		*ret_after = db_int(stmt, 0) - 1;
	sqlite3_finalize(stmt);
	return r;
}

static int
find_start(struct page *page, const struct follow *follow, struct range *range)
{
	const struct store_spec *spec = page->spec;
	struct range all = {page->end->oldest - 1, page->end->head};

	range->after = spec->after;
	range->upto = page->end->head;
	if (spec->last > 0)
		return seek_last(page, follow, spec->last, &all, &range->after);
	if (spec->from_time != 0)
		return seek_time(page, spec->from_time, page->end->oldest,
		    page->end->head, &range->after);
	return 0;
}

static int
read_ends(struct page *page)
{
	int r = db_get_int(page->db,
	    "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'event'), "
	    "0)",
	    &page->end->head);

	if (r >= 0)
		r = db_get_int(page->db,
		    "SELECT ifnull((SELECT min(seq) FROM event), 0)",
		    &page->end->oldest);
	if (page->end->oldest == 0)
		page->end->oldest = page->end->head + 1;
	return r;
}

static int
add_events(struct page *page, const struct follow *follow, struct range *range)
{
	sqlite3_stmt *stmt;
	int r;

	if (range->after < page->end->oldest - 1)
		range->after = page->end->oldest - 1;
	if (range->upto - range->after > STRETCH)
		range->upto = range->after + STRETCH;
	page->end->next = range->upto > range->after ? range->upto : range->after;
	r = prepare(page, follow, range, "ORDER BY e.seq", -1, &stmt);
	if (r < 0)
		return r;
	while ((r = db_step(page->db, stmt)) == 1) {
		if (page_is_full(page)) {
			page->end->next = db_int(stmt, 0) - 1;
			r = 0;
			break;
		}
		r = add_event(page, stmt);
		if (r < 0)
			break;
	}
	sqlite3_finalize(stmt);
	page->end->more = page->end->next < page->end->head;
	return r;
}

int
page_events(struct page *page)
{
	struct follow follow;
	struct range range = {0};
	int r = follow_init(page, &follow);

	if (r < 0)
		return r;
	r = read_ends(page);
	if (r >= 0)
		r = find_start(page, &follow, &range);
	if (r >= 0)
		r = add_events(page, &follow, &range);
	follow_done(&follow);
	return r;
}
