/* SPDX-License-Identifier: ISC */
#include "store/reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "store/page.h"

struct reader {
	pthread_t thread;
	struct mailbox *inbox, *done;
	char *path;
	msec_t patience;
	struct db *db; /* NULL: not open (yet) */
	struct job stop;
};

struct watch {
	msec_t deadline;
	struct store_query *query;
};

static bool
is_over(void *arg)
{
	const struct watch *watch = arg;

	return atomic_load(&watch->query->cancelled) ||
	    clock_mono() > watch->deadline;
}

static int
open_db(struct reader *reader, struct page *page)
{
	struct buf reason = {0};
	int r = 0;

	if (reader->db == NULL) {
		r = db_open(reader->path, DB_READ, &reader->db, &reason);
		if (r >= 0) {
			filter_functions(reader->db);
			db_restrict(reader->db);
		} else {
			page_refuse(page, r, "%s", buf_text(&reason));
		}
	}
	buf_done(&reason);
	page->db = reader->db;
	return r;
}

static int
read_page(struct page *page)
{
	static int (*const kinds[])(struct page *) = {
	    [STORE_FEEDS] = page_feeds,
	    [STORE_PLANS] = page_plans,
	    [STORE_REQUEST] = page_request,
	    [STORE_ITEMS] = page_items,
	    [STORE_STORY] = page_story,
	    [STORE_COUNT] = page_count,
	    [STORE_EVENTS] = page_events,
	    [STORE_ATTEMPTS] = page_attempts,
	    [STORE_STATUS] = page_status,
	};
	int r = db_exec(page->db, "BEGIN");

	if (r >= 0)
		r = kinds[page->spec->what](page);
	db_rollback(page->db); /* nothing was written */
	return r;
}

/* What the asker is told. */
static int
end_error(struct reader *reader, struct page *page, struct store_query *query, int r)
{
	if (r >= 0)
		return 0;
	if (r == -EINTR && atomic_load(&query->cancelled))
		return page_refuse(page, -ECANCELED, "cancelled");
	if (r == -EINTR)
		return page_refuse(page, -ETIME,
		    "the query takes too long: narrow it, for example with since:");
	if (r == -EINVAL || r == -ENOENT) {
		if (page->message == NULL)
			page_refuse(page, r, "%s", db_error(reader->db));
		return r;
	}
	if (page->message == NULL)
		page_refuse(page, r, "%s",
		    reader->db != NULL ? db_error(reader->db) : "cannot open it");
	/* A file that was replaced or damaged: look at it anew next time. */
	db_close(reader->db);
	reader->db = NULL;
	return -EIO;
}

static void
answer(struct reader *reader, struct store_query *query)
{
	const struct store_spec *spec = &query->spec;
	struct page page = {.spec = spec,
	    .encode = query->encode,
	    .encode_arg = query->encode_arg,
	    .out = &query->out,
	    .end = &query->end,
	    .now = query->now,
	    .limit = spec->limit > 0 && spec->limit < LIMIT_PAGE_ROWS
		? spec->limit
		: LIMIT_PAGE_ROWS};
	struct watch watch = {clock_mono() + reader->patience, query};
	int r;

	query->end.position = -1;
	r = open_db(reader, &page);
	if (r >= 0) {
		db_watch(reader->db, is_over, &watch);
		r = read_page(&page);
		db_watch(reader->db, NULL, NULL);
	}
	query->end.error = end_error(reader, &page, query, r);
	query->message = page.message;
	query->end.message = page.message;
}

static void *
main_loop(void *arg)
{
	struct reader *reader = arg;
	struct job *job;

	for (;;) {
		job = mailbox_wait(reader->inbox, -1);
		if (job == NULL)
			continue;
		if (job->kind == JOB_STOP)
			break;
		answer(reader, (struct store_query *)job);
		/* There is a place for each reader's answer. */
		if (mailbox_post(reader->done, job) < 0)
			abort();
	}
	db_close(reader->db);
	return NULL;
}

int
reader_start(const char *path, msec_t patience, struct mailbox *done,
    struct reader **ret_reader)
{
	struct reader *reader = xcalloc(1, sizeof(*reader));
	int r;

	reader->path = xstrdup(path);
	reader->done = done;
	reader->patience = patience;
	reader->stop.kind = JOB_STOP;
	r = mailbox_new(1, &reader->inbox);
	if (r >= 0) {
		r = -pthread_create(&reader->thread, NULL, main_loop, reader);
		if (r >= 0) {
			*ret_reader = reader;
			return 0;
		}
		mailbox_free(reader->inbox);
	}
	free(reader->path);
	free(reader);
	return r;
}

void
reader_post(struct reader *reader, struct store_query *query)
{
	if (mailbox_post(reader->inbox, &query->job) < 0)
		abort(); /* the owner's count is wrong */
}

void
reader_stop(struct reader *reader)
{
	if (mailbox_post(reader->inbox, &reader->stop) < 0)
		abort();
	(void)pthread_join(reader->thread, NULL); /* our thread, once */
	mailbox_free(reader->inbox);
	free(reader->path);
	free(reader);
}
