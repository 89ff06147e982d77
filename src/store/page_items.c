/* SPDX-License-Identifier: ISC */
/* Items and counts of items. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "store/page.h"

/* Newest first, items are looked through in stretches of ids: 2,000, 8,000, ...
 * so that a common word costs what one page takes, not what a million items do. */
#define STRETCH_FIRST 2000
#define STRETCH_GROWTH 4

struct found {
	int64_t ids[LIMIT_PAGE_ROWS + 1];
	unsigned count;
};

/* `room` more ids between low and high, in the order asked for. */
static int
search(struct page *page, const struct filter *filter, int64_t low, int64_t high,
    unsigned room, struct found *found)
{
	struct buf sql = {0}, where = {0};
	sqlite3_stmt *stmt;
	int next, r;

	filter_narrow(filter, low, high, &where);
	buf_printf(&sql,
	    "SELECT i.id FROM item i JOIN feed f ON f.id = i.feed_id WHERE %s"
	    " AND i.id BETWEEN ? AND ? ORDER BY i.id %s LIMIT ?",
	    buf_text(&where), page->spec->oldest_first ? "ASC" : "DESC");
	r = db_prepare(page->db, buf_text(&sql), &stmt);
	buf_done(&sql);
	buf_done(&where);
	if (r < 0)
		return r;
	next = filter_bind(filter, stmt, 1);
	sqlite3_bind_int64(stmt, next, low);
	sqlite3_bind_int64(stmt, next + 1, high);
	sqlite3_bind_int64(stmt, next + 2, room);
	while ((r = db_step(page->db, stmt)) == 1)
		found->ids[found->count++] = db_int(stmt, 0);
	sqlite3_finalize(stmt);
	return r;
}

/* The range of ids that the page may hold. */
static int
find_range(struct page *page, int64_t *ret_low, int64_t *ret_high)
{
	const struct store_spec *spec = page->spec;
	int r;

	r = db_get_int(page->db, "SELECT ifnull(min(id), 0) FROM item", ret_low);
	if (r >= 0)
		r = db_get_int(
		    page->db, "SELECT ifnull(max(id), 0) FROM item", ret_high);
	if (spec->after != 0 && spec->oldest_first && spec->after >= *ret_low)
		*ret_low = spec->after + 1;
	if (spec->after != 0 && !spec->oldest_first && spec->after <= *ret_high)
		*ret_high = spec->after - 1;
	return r;
}

static int
find_items(struct page *page, struct found *found)
{
	struct filter filter;
	int64_t low = 0, high = 0, stretch = STRETCH_FIRST, size;
	int r = page_filter(page, QUERY_ITEMS, page->spec->all, &filter);

	if (r < 0)
		return r;
	r = find_range(page, &low, &high);
	while (r >= 0 && low <= high && high > 0 && found->count <= page->limit) {
		size = high - low + 1 < stretch ? high - low + 1 : stretch;
		if (page->spec->oldest_first) {
			r = search(page, &filter, low, low + size - 1,
			    page->limit + 1 - found->count, found);
			low += size;
		} else {
			r = search(page, &filter, high - size + 1, high,
			    page->limit + 1 - found->count, found);
			high -= size;
		}
		stretch *= STRETCH_GROWTH;
	}
	filter_done(&filter);
	return r;
}

static int
add_item(struct page *page, int64_t id)
{
	struct rows rows = {0};
	struct row row = {.what = STORE_ITEMS, .item = &rows.item_row};
	int r = rows_item(page, &rows, id, page->spec->fields);

	if (r == 1)
		page_add(page, &row);
	rows_done(&rows);
	return r;
}

/* A revision that is not the current one: its texts instead of today's. */
static int
add_revision(struct page *page, int64_t id, int64_t revision)
{
	static const char sql[] = "SELECT title, url, text, html, seen FROM item_rev"
				  " WHERE item_id = ? AND rev = ?";
	struct rows rows = {0};
	struct row row = {.what = STORE_ITEMS, .item = &rows.item_row};
	sqlite3_stmt *stmt;
	int r = rows_item(page, &rows, id, page->spec->fields);

	if (r == 1 && rows.item_row.revision != revision) {
		r = db_start(page->db, sql, &stmt, DB_INT(id), DB_INT(revision));
		if (r >= 0)
			r = db_step(page->db, stmt);
		if (r == 0)
			r = page_refuse(page, -ENOENT,
			    "item %" PRId64 " has no revision %" PRId64
			    " (any more): the last five are kept",
			    id, revision);
		if (r == 1) {
			rows.item_row.revision = revision;
			rows.item_row.title = db_text(stmt, 0);
			rows.item_row.url = db_text(stmt, 1);
			rows.item_row.text = page->spec->fields & STORE_TEXT
			    ? db_text(stmt, 2)
			    : NULL;
			rows.item_row.html = page->spec->fields & STORE_HTML
			    ? db_text(stmt, 3)
			    : NULL;
			rows.item_row.raw = NULL;
			rows.item_row.updated = db_int(stmt, 4);
			page_add(page, &row);
			db_stop(stmt);
		}
	} else if (r == 1) {
		page_add(page, &row);
	}
	rows_done(&rows);
	return r;
}

static int
one_item(struct page *page)
{
	const struct store_spec *spec = page->spec;
	int r = spec->revision != 0 ? add_revision(page, spec->id, spec->revision)
				    : add_item(page, spec->id);

	if (r == 0)
		return page_refuse(page, -ENOENT, "no item %" PRId64, spec->id);
	return r < 0 ? r : 0;
}

int
page_items(struct page *page)
{
	struct found found = {.count = 0};
	unsigned i;
	int r;

	if (page->spec->id != 0)
		return one_item(page);
	r = find_items(page, &found);
	for (i = 0; r >= 0 && i < found.count && !page_is_full(page); i++) {
		r = add_item(page, found.ids[i]);
		page->end->next = found.ids[i];
	}
	page->end->more = r >= 0 && i < found.count;
	return r < 0 ? r : 0;
}

static int
add_counts(struct page *page, const struct filter *filter, const char *select,
    const char *tail)
{
	struct buf sql = {0};
	sqlite3_stmt *stmt;
	int r;

	buf_printf(
	    &sql, "%s WHERE %s %s", select, buf_text(&filter->sql.where), tail);
	r = db_prepare(page->db, buf_text(&sql), &stmt);
	buf_done(&sql);
	if (r < 0)
		return r;
	filter_bind(filter, stmt, 1);
	while ((r = db_step(page->db, stmt)) == 1) {
		struct store_count count = {db_text(stmt, 1), db_int(stmt, 0)};
		struct row row = {.what = STORE_COUNT, .count = &count};

		/* The total is no row of the limit. */
		if (page->end->rows > page->limit) {
			page->end->more = true;
			r = 0;
			break;
		}
		page_add(page, &row);
	}
	sqlite3_finalize(stmt);
	return r;
}

#define ITEMS "FROM item i JOIN feed f ON f.id = i.feed_id "

static const char *
group_select(const char *group)
{
	static const struct {
		const char *name, *select;
	} groups[] = {
	    {"feed", "SELECT count(*), f.name AS k " ITEMS},
	    {"host", "SELECT count(*), store_host(i.url) AS k " ITEMS},
	    {"day",
		"SELECT count(*), strftime('%Y-%m-%d', i.seen/1000, 'unixepoch')"
		" AS k " ITEMS},
	    {"tag",
		"SELECT count(*), t.tag AS k " ITEMS
		"JOIN (SELECT item_id, tag FROM item_tag UNION SELECT x.id, y.tag"
		" FROM item x JOIN feed_tag y ON y.feed_id = x.feed_id) t"
		" ON t.item_id = i.id "},
	};
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (strcmp(group, groups[i].name) == 0)
			return groups[i].select;
	}
	return NULL;
}

int
page_count(struct page *page)
{
	const char *group = page->spec->group_by, *select = NULL;
	struct filter filter;
	int r;

	if (group != NULL && (select = group_select(group)) == NULL)
		return page_refuse(page, -EINVAL,
		    "items are counted by feed, tag, host or day, not by %.40s",
		    group);
	r = page_filter(page, QUERY_ITEMS, page->spec->all, &filter);
	if (r < 0)
		return r;
	r = add_counts(page, &filter, "SELECT count(*), NULL " ITEMS, "");
	if (r >= 0 && select != NULL)
		r = add_counts(page, &filter, select,
		    "GROUP BY k HAVING k IS NOT NULL ORDER BY 1 DESC, 2");
	filter_done(&filter);
	return r;
}
