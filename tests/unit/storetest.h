/* SPDX-License-Identifier: ISC */
#ifndef TESTS_STORETEST_H
#define TESTS_STORETEST_H

/*
 * A store on a real file in a directory of its own, driven to the end of each
 * call: what the store's tests share.
 */
#include "tests/unit/check.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "model/request.h"
#include "store/store.h"

struct fixture {
	char directory[64], path[96];
	struct store *store;
	/* Of the last call. */
	struct commit commit;
	struct edit_result result;
	char message[512], undo[32];
	struct buf notes, rows;
	struct store_end end;
	unsigned called;
};

static inline void
remove_files(const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	char path[400];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		(void)unlink(path); /* "." and ".." refuse */
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(directory);
}

static inline void
open_store(struct fixture *f)
{
	struct store_options options = {.busy = 300};
	struct buf reason = {0};
	int r = store_open(f->path, &options, &f->store, &reason);

	if (r < 0)
		print_message("store_open: %s\n", buf_text(&reason));
	assert_int_equal(r, 0);
	buf_done(&reason);
}

static inline int
setup_directory(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	snprintf(f->directory, sizeof(f->directory), "/tmp/gazetted-store-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->path, sizeof(f->path), "%s/gazetted.db", f->directory);
	*state = f;
	return 0;
}

static inline int
setup_store(void **state)
{
	setup_directory(state);
	open_store(*state);
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	remove_files(f->directory);
	buf_done(&f->notes);
	buf_done(&f->rows);
	free(f);
	return 0;
}

static inline void
wait_until(struct fixture *f, unsigned called)
{
	struct pollfd pfd = {.fd = store_fd(f->store), .events = POLLIN};

	while (f->called < called) {
		assert_int_equal(poll(&pfd, 1, 60000), 1);
		store_dispatch(f->store);
	}
}

static inline void
on_commit(void *arg, const struct commit *commit)
{
	struct fixture *f = arg;

	f->commit = *commit;
	snprintf(f->message, sizeof(f->message), "%s",
	    commit->message != NULL ? commit->message : "");
	f->commit.message = f->message;
	f->called++;
}

static inline void
submit(struct fixture *f, struct batch *batch, const struct feed_plan *plan)
{
	f->called = 0;
	assert_int_equal(
	    store_submit(f->store, batch, plan, "learnt", on_commit, f), 0);
	wait_until(f, 1);
}

static inline void
on_edit(void *arg, const struct edit_result *result)
{
	struct fixture *f = arg;
	size_t i;

	f->result = *result;
	snprintf(f->message, sizeof(f->message), "%s",
	    result->message != NULL ? result->message : "");
	snprintf(f->undo, sizeof(f->undo), "%s",
	    result->undo != NULL ? result->undo : "");
	buf_reset(&f->notes);
	for (i = 0; i < result->note_count; i++)
		buf_printf(&f->notes, "%s\n", result->notes[i].text);
	f->called++;
}

static inline int
edit(struct fixture *f, const struct edit *what)
{
	f->called = 0;
	assert_int_equal(store_edit(f->store, what, on_edit, f), 0);
	wait_until(f, 1);
	return f->result.error;
}

static inline int64_t
add_feed(struct fixture *f, const char *url)
{
	struct edit what = {.kind = EDIT_ADD_FEED, .url = url};

	assert_int_equal(edit(f, &what), 0);
	return f->result.feed_id;
}

/* One line a row: the parts that tests look at. */
static inline void
encode_row(void *arg, const struct row *row, struct buf *out)
{
	const struct item_row *i;

	(void)arg;
	switch (row->what) {
	case STORE_ITEMS:
	case STORE_STORY:
		i = row->item;
		buf_printf(out, "%lld %s r%lld%s%s%s%s story=%lld copies=%lld %s",
		    (long long)i->id, i->title != NULL ? i->title : "-",
		    (long long)i->revision, i->read ? " read" : "",
		    i->starred ? " starred" : "", i->hidden ? " hidden" : "",
		    i->duplicate ? " duplicate" : "", (long long)i->story,
		    (long long)i->copies, i->tags);
		if (i->text != NULL)
			buf_printf(out, " <%s>", i->text);
		if (i->why != NULL)
			buf_printf(out, " %s by %s beside %lld: %s", i->why, i->by,
			    (long long)i->peer, i->reason);
		break;
	case STORE_EVENTS:
		buf_printf(out, "%lld %s item=%lld feed=%s %s",
		    (long long)row->event->seq, event_kind_name(row->event->kind),
		    (long long)(row->event->item ? row->event->item->id : 0),
		    row->event->feed ? row->event->feed->name : "-",
		    row->event->detail ? row->event->detail : "-");
		break;
	case STORE_FEEDS:
		buf_printf(out, "%lld %s %s %s %s items=%lld unread=%lld %s",
		    (long long)row->feed->id, row->feed->name,
		    feed_state_name(row->feed->state), row->feed->title,
		    row->feed->tags, (long long)row->feed->items,
		    (long long)row->feed->unread,
		    row->feed->last_error ? row->feed->last_error : "-");
		break;
	case STORE_PLANS:
		buf_printf(out,
		    "%lld %s %s due=%lld failures=%u learnt=%lld interval=%d/%lld "
		    "group=%s%s%s %s",
		    (long long)row->plan->id, row->plan->name, row->plan->url,
		    (long long)row->plan->due, row->plan->failures,
		    (long long)row->plan->learnt, row->plan->has_interval,
		    (long long)row->plan->interval,
		    row->plan->rate_group ? row->plan->rate_group : "-",
		    row->plan->paused ? " paused" : "",
		    row->plan->quarantined ? " quarantined" : "",
		    row->plan->reasons ? row->plan->reasons : "-");
		break;
	case STORE_REQUEST:
		buf_printf(out,
		    "%s etag=%s lm=%s for=%s hash=%llx known=%zu ua=%s "
		    "timeout=%lld max=%lld",
		    row->request->url,
		    row->request->validators.etag ? row->request->validators.etag
						  : "-",
		    row->request->validators.last_modified
			? row->request->validators.last_modified
			: "-",
		    row->request->validators.url ? row->request->validators.url
						 : "-",
		    (unsigned long long)row->request->body_hash.low,
		    row->request->known_count,
		    row->request->user_agent ? row->request->user_agent : "-",
		    (long long)row->request->timeout,
		    (long long)row->request->max_body);
		break;
	case STORE_COUNT:
		buf_printf(out, "%s=%lld",
		    row->count->key ? row->count->key : "total",
		    (long long)row->count->count);
		break;
	case STORE_ATTEMPTS:
		buf_printf(out, "%s %d %s", row->attempt->outcome,
		    row->attempt->status,
		    row->attempt->detail ? row->attempt->detail : "-");
		break;
	case STORE_STATUS:
		buf_printf(out,
		    "schema=%d feeds=%lld items=%lld unread=%lld failing=%lld",
		    row->status->schema, (long long)row->status->feeds,
		    (long long)row->status->items, (long long)row->status->unread,
		    (long long)row->status->failing);
		break;
	}
	buf_putc(out, '\n');
}

static inline void
on_block(void *arg, const char *data, size_t size, unsigned rows)
{
	struct fixture *f = arg;

	(void)rows;
	buf_add(&f->rows, data, size);
}

static inline void
on_end(void *arg, const struct store_end *end)
{
	struct fixture *f = arg;

	f->end = *end;
	snprintf(f->message, sizeof(f->message), "%s",
	    end->message != NULL ? end->message : "");
	f->called++;
}

/* The rows as text; f->end has the rest. */
static inline const char *
query(struct fixture *f, const struct store_spec *spec)
{
	f->called = 0;
	buf_reset(&f->rows);
	assert_int_equal(
	    store_query(f->store, spec, encode_row, NULL, on_block, on_end, f, NULL),
	    0);
	wait_until(f, 1);
	if (f->end.error != 0)
		print_message("# query: %s\n", f->message);
	return buf_text(&f->rows);
}

static inline const char *
items(struct fixture *f, const char *text, bool all)
{
	struct store_spec spec = {
	    .what = STORE_ITEMS, .query = text, .all = all, .oldest_first = true};

	return query(f, &spec);
}

static inline const char *
events(struct fixture *f, int64_t after)
{
	struct store_spec spec = {
	    .what = STORE_EVENTS, .all = true, .after = after, .kinds = UINT32_MAX};

	return query(f, &spec);
}

/* An entry; NULL where it has none.  Its hashes follow from what it says. */
static inline struct item *
add_item(struct batch *batch, const char *guid, const char *url, const char *title,
    const char *text)
{
	struct item *item = batch_add_item(batch);
	struct buf all = {0};

	buf_printf(
	    &all, "%s\n%s", title != NULL ? title : "", text != NULL ? text : "");
	item->content_hash = hash64(all.data, all.len);
	item->content_chars = (uint32_t)all.len;
	buf_printf(
	    &all, "\n%s\n%s", guid != NULL ? guid : "", url != NULL ? url : "");
	item->raw_hash = hash64(all.data, all.len);
	buf_done(&all);
	item->guid = arena_strdup(batch->arena, guid);
	item->link = item->url = arena_strdup(batch->arena, url);
	item->url_key = url != NULL ? hash64(url, strlen(url)) : 0;
	item->title = arena_strdup(batch->arena, title);
	item->text = item->html = item->summary = arena_strdup(batch->arena, text);
	return item;
}

static inline struct batch *
new_batch(int64_t feed)
{
	struct batch *batch = batch_new(feed, 1 << 20);

	batch->outcome = OUTCOME_OK;
	batch->http_status = 200;
	batch->whole = true;
	batch->kind = KIND_RSS20;
	return batch;
}

/* One item in one document. */
static inline void
submit_one(struct fixture *f, int64_t feed, const char *guid, const char *url,
    const char *title, const char *text)
{
	struct batch *batch = new_batch(feed);

	add_item(batch, guid, url, title, text);
	submit(f, batch, NULL);
	assert_int_equal(f->commit.error, 0);
}

/* The same file seen by someone else: a plain SQLite connection. */
static inline char *
outside(struct fixture *f, const char *sql)
{
	static char text[4096];
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int rc;

	assert_int_equal(
	    sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		print_message("%s: %s\n", sql, sqlite3_errmsg(db));
	assert_int_equal(rc, SQLITE_OK);
	text[0] = '\0';
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		int i;

		for (i = 0; i < sqlite3_column_count(stmt); i++) {
			const char *value =
			    (const char *)sqlite3_column_text(stmt, i);
			size_t used = strlen(text);

			snprintf(text + used, sizeof(text) - used, "%s%s",
			    i > 0 ? "|" : "", value != NULL ? value : "NULL");
		}
		strncat(text, "\n", sizeof(text) - strlen(text) - 1);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return text;
}

#endif
