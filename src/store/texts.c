/* SPDX-License-Identifier: ISC */
#include "store/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/xalloc.h"

struct texts {
	struct similar_maker *maker;
	struct map *by_id;
	/* Ends of rings: .newer is the oldest, .older the newest. */
	struct ready_text used, held;
	size_t bytes;
};

struct texts *
texts_new(void)
{
	struct texts *texts = xcalloc(1, sizeof(*texts));

	texts->maker = similar_maker_new();
	texts->by_id = map_new();
	texts->used.older = texts->used.newer = &texts->used;
	texts->held.older = texts->held.newer = &texts->held;
	return texts;
}

struct similar_maker *
texts_maker(struct texts *texts)
{
	return texts->maker;
}

static size_t
size_of(const struct ready_text *ready)
{
	return sizeof(*ready) + ready->text->bytes +
	    ready->boilerplate.count * sizeof(uint32_t);
}

static void
unlink_text(struct ready_text *ready)
{
	ready->older->newer = ready->newer;
	ready->newer->older = ready->older;
}

static void
link_newest(struct ready_text *ends, struct ready_text *ready)
{
	ready->newer = ends;
	ready->older = ends->older;
	ready->older->newer = ready;
	ends->older = ready;
}

static void
forget(struct texts *texts, struct ready_text *ready)
{
	texts->bytes -= size_of(ready);
	(void)map_remove_id(texts->by_id, ready->id);
	unlink_text(ready);
	free(ready->text);
	free(ready->boilerplate.v);
	free(ready);
}

void
texts_drop(struct texts *texts, int64_t id)
{
	struct ready_text *ready = map_find_id(texts->by_id, id);

	if (ready != NULL)
		forget(texts, ready);
}

void
texts_trim(struct texts *texts)
{
	while (texts->bytes > LIMIT_TEXTS_BYTES && texts->used.newer != &texts->used)
		forget(texts, texts->used.newer);
}

void
texts_release(struct texts *texts)
{
	struct ready_text *ready;

	while ((ready = texts->held.newer) != &texts->held) {
		ready->held = false;
		unlink_text(ready);
		link_newest(&texts->used, ready);
	}
	texts_trim(texts);
}

void
texts_clear(struct texts *texts)
{
	texts_release(texts);
	while (texts->used.newer != &texts->used)
		forget(texts, texts->used.newer);
}

void
texts_free(struct texts *texts)
{
	if (texts == NULL)
		return;
	texts_clear(texts);
	similar_maker_free(texts->maker);
	map_free(texts->by_id);
	free(texts);
}

static struct ready_text *
add(struct texts *texts, bool held, int64_t id, struct similar_text *text,
    const void *numbers, size_t count)
{
	struct ready_text *ready = xcalloc(1, sizeof(*ready));

	ready->id = id;
	ready->text = text;
	if (count > 0) {
		ready->boilerplate.v = xmalloc(count * sizeof(uint32_t));
		memcpy(ready->boilerplate.v, numbers, count * sizeof(uint32_t));
		ready->boilerplate.count = (uint32_t)count;
	}
	texts->bytes += size_of(ready);
	map_put_id(texts->by_id, id, ready);
	ready->held = held;
	link_newest(held ? &texts->held : &texts->used, ready);
	return ready;
}

void
texts_put(struct texts *texts, int64_t id, struct similar_text *text,
    const struct similar_set *boilerplate)
{
	texts_drop(texts, id);
	(void)add(texts, true, id, text, boilerplate->v, boilerplate->count);
}

const char *
texts_body(const char *text, const char *summary)
{
	if (text == NULL || summary == NULL)
		return text != NULL ? text : summary;
	return strlen(summary) > strlen(text) ? summary : text;
}

static int
load(struct texts *texts, struct tx *tx, int64_t id, struct ready_text **ret_ready)
{
	static const char sql[] =
	    "SELECT i.title, t.text, i.summary, s.b FROM item i"
	    " LEFT JOIN item_text t ON t.item_id = i.id"
	    " LEFT JOIN sketch s ON s.item_id = i.id WHERE i.id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(id));

	*ret_ready = NULL;
	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	*ret_ready = add(texts, false, id,
	    similar_make(texts->maker, db_text(stmt, 0),
		texts_body(db_text(stmt, 1), db_text(stmt, 2))),
	    sqlite3_column_blob(stmt, 3),
	    (size_t)sqlite3_column_bytes(stmt, 3) / sizeof(uint32_t));
	db_stop(stmt);
	return 0;
}

int
texts_find(struct texts *texts, struct tx *tx, int64_t id,
    const struct ready_text **ret_text)
{
	struct ready_text *ready = map_find_id(texts->by_id, id);
	int r = 0;

	if (ready == NULL) {
		r = load(texts, tx, id, &ready);
	} else if (!ready->held) {
		unlink_text(ready);
		link_newest(&texts->used, ready);
	}
	*ret_text = ready;
	return r;
}
