/* SPDX-License-Identifier: ISC */
/* One row of an item or a feed, out of all the tables that it lies in. */
#include "store/page.h"

/* Without its nulls: what is unknown is left out (CONTRACT 5). */
#define ENCLOSURE_JSON                                                             \
	"json_patch('{}', json_object('url', url, 'type', type, 'length', length," \
	" 'title', title, 'medium', medium, 'duration_s', duration_s,"             \
	" 'width', width, 'height', height))"

static const char item_sql[] =
    "SELECT i.id, i.feed_id, i.story_id,"
    " (SELECT count(*) - 1 FROM item WHERE story_id = i.story_id), i.revision,"
    " i.key, f.name, i.title, i.url, i.link, i.author, i.summary, i.lang, i.guid,"
    " (SELECT json_group_object(key, value) FROM item_data WHERE item_id = i.id),"
    " (SELECT json_group_array(tag) FROM"
    "  (SELECT tag FROM item_tag WHERE item_id = i.id"
    "   UNION SELECT tag FROM feed_tag WHERE feed_id = i.feed_id ORDER BY 1)),"
    " (SELECT json_group_array(feed_id) FROM (SELECT DISTINCT feed_id FROM item"
    "  WHERE story_id = i.story_id ORDER BY 1)),"
    " (SELECT nullif(json_group_array(term), '[]') FROM (SELECT term FROM"
    "  item_category WHERE item_id = i.id ORDER BY n)),"
    " (SELECT json_group_array(json(e)) FROM (SELECT " ENCLOSURE_JSON " AS e"
    "  FROM enclosure WHERE item_id = i.id ORDER BY n)),"
    " i.image, i.comments, i.meta, i.read, i.starred, i.hidden, i.duplicate,"
    " i.seen, i.published, i.updated, i.date_source"
    " FROM item i JOIN feed f ON f.id = i.feed_id WHERE i.id = ?";

static void
fill_item(sqlite3_stmt *s, struct item_row *row)
{
	*row = (struct item_row){
	    .id = db_int(s, 0),
	    .feed_id = db_int(s, 1),
	    .story = db_int(s, 2),
	    .copies = db_int(s, 3),
	    .revision = db_int(s, 4),
	    .key = db_text(s, 5),
	    .feed = db_text(s, 6),
	    .title = db_text(s, 7),
	    .url = db_text(s, 8),
	    .link = db_text(s, 9),
	    .author = db_text(s, 10),
	    .summary = db_text(s, 11),
	    .lang = db_text(s, 12),
	    .guid = db_text(s, 13),
	    .data = db_text(s, 14),
	    .tags = db_text(s, 15),
	    .feeds = db_text(s, 16),
	    .categories = db_text(s, 17),
	    .enclosures = db_text(s, 18),
	    .image = db_text(s, 19),
	    .comments = db_text(s, 20),
	    .meta = db_text(s, 21),
	    .read = db_int(s, 22) != 0,
	    .starred = db_int(s, 23) != 0,
	    .hidden = db_int(s, 24) != 0,
	    .duplicate = db_int(s, 25) != 0,
	    .seen = db_int(s, 26),
	    .published = db_int(s, 27),
	    .updated = db_int(s, 28),
	    .date_source = (enum date_source)db_int(s, 29),
	};
}

static int
add_texts(struct page *page, struct rows *rows, int64_t id, unsigned fields)
{
	static const char sql[] =
	    "SELECT text, html, raw FROM item_text WHERE item_id = ?";
	struct item_row *row = &rows->item_row;
	int r = db_start(page->db, sql, &rows->texts, DB_INT(id));

	if (r < 0 || (r = db_step(page->db, rows->texts)) <= 0)
		return r;
	if (fields & STORE_TEXT)
		row->text = db_text(rows->texts, 0);
	if (fields & STORE_HTML)
		row->html = db_text(rows->texts, 1);
	if (fields & STORE_RAW)
		row->raw = db_text(rows->texts, 2);
	return 0;
}

int
rows_item(struct page *page, struct rows *rows, int64_t id, unsigned fields)
{
	int r = db_start(page->db, item_sql, &rows->item, DB_INT(id));

	if (r < 0 || (r = db_step(page->db, rows->item)) <= 0)
		return r;
	fill_item(rows->item, &rows->item_row);
	if (fields != 0)
		r = add_texts(page, rows, id, fields);
	return r < 0 ? r : 1;
}

static const char feed_sql[] =
    "SELECT f.id, f.name, f.url, coalesce(f.user_title, f.title, f.name), f.site,"
    " f.origin, (SELECT json_group_array(tag) FROM (SELECT tag FROM feed_tag"
    "  WHERE feed_id = f.id ORDER BY tag)),"
    " f.last_success, f.last_attempt,"
    " CASE WHEN f.next_due > 0 THEN max(f.next_due, f.held) ELSE 0 END, f.failures,"
    " (SELECT count(*) FROM item WHERE feed_id = f.id AND read = 0"
    "  AND hidden = 0 AND duplicate = 0),"
    " (SELECT count(*) FROM item WHERE feed_id = f.id), f.last_error,"
    " " QUERY_SQL_ARCHIVED ", " QUERY_SQL_PAUSED ", " QUERY_SQL_GONE ","
    " " QUERY_SQL_FAILING ", " QUERY_SQL_HELD ", " QUERY_SQL_MOVED ","
    " " QUERY_SQL_STALE ", f.archived_since, f.paused_since, f.gone_since,"
    " f.failing_since, ifnull(f.last_new, f.added),"
    " f.kind, f.subtitle, f.lang, f.image, f.icon FROM feed f WHERE f.id = ?";

/* Of several states the strongest shows (SOCKET's Feed). */
static void
fill_state(sqlite3_stmt *s, struct feed_row *row)
{
	static const struct {
		enum feed_state state;
		int since; /* column; 0: none is kept */
	} order[] = {{FEED_ARCHIVED, 21}, {FEED_PAUSED, 22}, {FEED_GONE, 23},
	    {FEED_FAILING, 24}, {FEED_HELD, 8}, {FEED_MOVED, 0}, {FEED_STALE, 25}};
	size_t i;

	row->state = FEED_OK;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (db_int(s, 14 + (int)i) == 0)
			continue;
		row->state = order[i].state;
		if (order[i].since != 0)
			row->since = db_int(s, order[i].since);
		break;
	}
}

int
rows_feed(struct page *page, struct rows *rows, int64_t id)
{
	struct feed_row *row = &rows->feed_row;
	sqlite3_stmt *s;
	int r;

	r = db_start(page->db, feed_sql, &rows->feed, DB_INT(page->now),
	    DB_INT(page->now), DB_INT(id));
	if (r < 0 || (r = db_step(page->db, rows->feed)) <= 0)
		return r;
	s = rows->feed;
	*row = (struct feed_row){
	    .id = db_int(s, 0),
	    .name = db_text(s, 1),
	    .url = db_text(s, 2),
	    .title = db_text(s, 3),
	    .site = db_text(s, 4),
	    .origin = db_text(s, 5),
	    .tags = db_text(s, 6),
	    .last_success = db_int(s, 7),
	    .last_attempt = db_int(s, 8),
	    .next_fetch = db_int(s, 9),
	    .failures = db_int(s, 10),
	    .unread = db_int(s, 11),
	    .items = db_int(s, 12),
	    .last_error = db_text(s, 13),
	    .format = db_text(s, 26),
	    .subtitle = db_text(s, 27),
	    .lang = db_text(s, 28),
	    .image = db_text(s, 29),
	    .icon = db_text(s, 30),
	};
	fill_state(s, row);
	return 1;
}

void
rows_done(struct rows *rows)
{
	if (rows->item != NULL)
		db_stop(rows->item);
	if (rows->texts != NULL)
		db_stop(rows->texts);
	if (rows->feed != NULL)
		db_stop(rows->feed);
	*rows = (struct rows){0};
}
