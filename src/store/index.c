/* SPDX-License-Identifier: ISC */
#include "store/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"
#include "query/query.h"
#include "store/tx.h"

/* What the index has of an item: a table without content must be told the very
 * same words when a row comes out.  (So whoever changes query_index_text rebuilds
 * the index, in a step of schema.c.) */
struct touched {
	int64_t id;
	bool has_old;
	struct buf old[3]; /* title, text, author */
};

struct index_queue {
	struct touched *list;
	size_t count, room;
	struct map *ids; /* of list: anything */
};

struct index_queue *
index_new(void)
{
	struct index_queue *queue = xcalloc(1, sizeof(*queue));

	queue->ids = map_new();
	return queue;
}

void
index_free(struct index_queue *queue)
{
	if (queue == NULL)
		return;
	index_forget(queue, 0);
	map_free(queue->ids);
	free(queue->list);
	free(queue);
}

size_t
index_mark(const struct index_queue *queue)
{
	return queue->count;
}

void
index_forget(struct index_queue *queue, size_t mark)
{
	int i;

	while (queue->count > mark) {
		struct touched *t = &queue->list[--queue->count];

		map_remove_id(queue->ids, t->id);
		for (i = 0; i < 3; i++)
			buf_done(&t->old[i]);
	}
}

/* 1: there is such an item, and its words are in `words`. */
static int
read_words(struct tx *tx, int64_t id, struct buf words[3])
{
	static const char sql[] =
	    "SELECT i.title, t.text, i.author FROM item i LEFT JOIN item_text t"
	    " ON t.item_id = i.id WHERE i.id = ?";
	sqlite3_stmt *stmt;
	int i, r = db_start(tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	for (i = 0; i < 3; i++) {
		const char *text = db_text(stmt, i);

		if (text != NULL)
			query_index_text(
			    text, (size_t)sqlite3_column_bytes(stmt, i), &words[i]);
	}
	db_stop(stmt);
	return 1;
}

/* The index still has what it had when an id was first queued. */
static bool
is_queued(const struct index_queue *queue, int64_t id)
{
	return map_find_id(queue->ids, id) != NULL;
}

static void
push(struct index_queue *queue, const struct touched *touched)
{
	if (queue->count == queue->room) {
		queue->room = queue->room * 2 + 64;
		queue->list =
		    xrealloc(queue->list, queue->room * sizeof(*queue->list));
	}
	queue->list[queue->count++] = *touched;
	map_put_id(queue->ids, touched->id, queue);
}

void
index_add(struct tx *tx, int64_t id)
{
	if (!is_queued(tx->index, id))
		push(tx->index, &(struct touched){.id = id});
}

int
index_touch(struct tx *tx, int64_t id)
{
	struct touched touched = {.id = id};
	int r;

	if (is_queued(tx->index, id))
		return 0;
	r = read_words(tx, id, touched.old);
	if (r < 0)
		return r;
	touched.has_old = r == 1;
	push(tx->index, &touched);
	return 0;
}

static int
write_words(struct tx *tx, const char *sql, int64_t id, const struct buf words[3])
{
	return db_run(tx->db, sql, DB_INT(id), DB_TEXT(buf_text(&words[0])),
	    DB_TEXT(buf_text(&words[1])), DB_TEXT(buf_text(&words[2])));
}

static int
write_new(struct tx *tx, int64_t id)
{
	static const char sql[] =
	    "INSERT INTO item_fts(rowid, title, text, author) VALUES(?, ?, ?, ?)";
	struct buf words[3] = {{0}, {0}, {0}};
	int i, r = read_words(tx, id, words);

	if (r == 1)
		r = write_words(tx, sql, id, words);
	for (i = 0; i < 3; i++)
		buf_done(&words[i]);
	return r;
}

int
index_write(struct tx *tx)
{
	static const char sql[] =
	    "INSERT INTO item_fts(item_fts, rowid, title, text, author)"
	    " VALUES('delete', ?, ?, ?, ?)";
	struct index_queue *queue = tx->index;
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < queue->count; i++) {
		const struct touched *t = &queue->list[i];

		if (t->has_old)
			r = write_words(tx, sql, t->id, t->old);
		if (r >= 0)
			r = write_new(tx, t->id);
		tx_alive(tx);
	}
	index_forget(queue, 0);
	return r;
}
