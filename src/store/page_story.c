/* SPDX-License-Identifier: ISC */
/* One story: its members, and why each is in it. */
#include <errno.h>
#include <inttypes.h>

#include "store/page.h"

/* An id that is no item's (any more) may still be a story's: it keeps the id of
 * its first item. */
static int
find_story(struct page *page, int64_t id, int64_t *ret_story)
{
	static const char sql[] =
	    "SELECT coalesce((SELECT story_id FROM item WHERE id = ?1),"
	    " (SELECT story_id FROM item WHERE story_id = ?1 LIMIT 1))";
	sqlite3_stmt *stmt;
	int r = db_start(page->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(page->db, stmt)) <= 0)
		return r;
	*ret_story = db_int(stmt, 0);
	db_stop(stmt);
	return 0;
}

static int
add_member(struct page *page, int64_t id)
{
	static const char sql[] =
	    "SELECT why, detail, peer, at, by FROM item_story WHERE item_id = ?";
	struct rows rows = {0};
	struct row row = {.what = STORE_STORY, .item = &rows.item_row};
	sqlite3_stmt *stmt = NULL;
	int r = rows_item(page, &rows, id, page->spec->fields);

	if (r == 1)
		r = db_start(page->db, sql, &stmt, DB_INT(id));
	if (r >= 0 && stmt != NULL && (r = db_step(page->db, stmt)) == 1) {
		rows.item_row.why = db_text(stmt, 0);
		rows.item_row.reason = db_text(stmt, 1);
		rows.item_row.peer = db_int(stmt, 2);
		rows.item_row.joined = db_int(stmt, 3);
		rows.item_row.by = db_text(stmt, 4);
	}
	if (r >= 0)
		page_add(page, &row);
	if (r == 1)
		db_stop(stmt);
	rows_done(&rows);
	return r < 0 ? r : 0;
}

int
page_story(struct page *page)
{
	static const char sql[] = "SELECT id FROM item WHERE story_id = ?"
				  " AND id > ? ORDER BY id LIMIT 1";
	int64_t story = 0, id = page->spec->after;
	sqlite3_stmt *stmt;
	int r = find_story(page, page->spec->id, &story);

	if (r >= 0 && story == 0)
		return page_refuse(
		    page, -ENOENT, "no item and no story %" PRId64, page->spec->id);
	while (r >= 0 && !page_is_full(page)) {
		r = db_start(page->db, sql, &stmt, DB_INT(story), DB_INT(id));
		if (r < 0 || (r = db_step(page->db, stmt)) <= 0)
			return r;
		id = db_int(stmt, 0);
		db_stop(stmt);
		r = add_member(page, id);
		page->end->next = id;
	}
	page->end->more = r >= 0;
	return r;
}
