/* SPDX-License-Identifier: ISC */
#include "store/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "store/copies.h"
#include "store/edits.h"
#include "store/filter.h"
#include "store/index.h"
#include "store/intake.h"

/* A transaction ends after this many items: the log stays small, and what waits
 * behind is not kept waiting. */
#define GROUP_ITEMS 2000
#define EDIT_ARENA (64u << 20) /* notes of a configuration of 100,000 feeds */
/* After a failure, doubling: a lock may be gone in a moment, a full disk is not. */
#define RETRY_FIRST 250
#define RETRY_MOST 10000
/* SQLite waits this long at a time for a lock, so that a stop is heard; what is
 * asked of us in between queues up. */
#define BUSY_SLICE 500
#define BUSY_RETRY 50
#define FLUSH_BUSY 1500
/* Words about trouble may take this many places among the answers. */
#define TROUBLE_ROOM 32
/* With nothing to do: tidy, then look at the files once a minute. */
#define IDLE_SOON 1000
#define IDLE_LATER 60000
/* Pages of the full-text index that one step of tidying merges: some 20 ms. */
#define MERGE_STEP "200"
#define LOG_ALARM (64 << 20)
/* Failed writes in a row after which only a restart can help. */
#define BROKEN_AFTER 3

struct writer {
	pthread_t thread;
	struct mailbox *inbox;
	struct writer_options options;
	char *path;
	struct db *db; /* NULL: it could not be opened again yet */
	struct index_queue *index;
	struct copies *copies;

	/* Jobs taken and not yet answered, oldest first. */
	struct job **held;
	size_t held_count;
	size_t flushes; /* of those, how many want an end now */
	bool stop;

	msec_t retry_wait;
	msec_t busy_since;       /* monotonic; 0: no lock in the way */
	unsigned write_failures; /* in a row */
	bool untidy;
	bool unsaid; /* the owner does not know of trouble_text yet */
	char trouble_text[200];
};

static void
alive(struct writer *writer)
{
	atomic_store(&writer->options.pulse->progress, clock_mono());
}

static void
idle(struct writer *writer)
{
	atomic_store(&writer->options.pulse->progress, 0);
}

/* The mailbox has room for every job there is. */
static void
answer(struct writer *writer, struct job *job)
{
	if (mailbox_post(writer->options.done, job) < 0)
		abort();
}

/* ------------------------------------------------------------ trouble */

/* The owner learns of it among the answers, when there is room for more. */
static void
tell_owner(struct writer *writer)
{
	struct trouble_job *job;

	if (!writer->unsaid || mailbox_count(writer->options.done) >= TROUBLE_ROOM)
		return;
	job = xcalloc(1, sizeof(*job));
	job->job.kind = JOB_TROUBLE;
	job->broken = writer->write_failures >= BROKEN_AFTER;
	snprintf(job->text, sizeof(job->text), "%s", writer->trouble_text);
	answer(writer, &job->job);
	writer->unsaid = false;
}

/* Said once, in the log too. */
static void
set_trouble(struct writer *writer, const char *text)
{
	static const struct log_fields notable = {
	    .message_id = LOG_ID_DATABASE_TROUBLE};

	if (strcmp(writer->trouble_text, text) != 0) {
		if (*text == '\0')
			log_info("database %s: well again", writer->path);
		else
			log_event(LOG_LEVEL_ERROR, &notable,
			    "database %s: %s; nothing is lost, trying again",
			    writer->path, text);
		snprintf(
		    writer->trouble_text, sizeof(writer->trouble_text), "%s", text);
		writer->unsaid = true;
	}
	if (writer->write_failures == BROKEN_AFTER)
		writer->unsaid = true;
	tell_owner(writer);
}

static void
explain(struct writer *writer, int error)
{
	char text[200];

	switch (error) {
	case -ENOSPC:
		set_trouble(writer, "the disk is full: make room");
		break;
	case -EBUSY:
		set_trouble(writer,
		    "another program holds a lock on it: end that program's "
		    "transaction (fuser names it)");
		break;
	case -EROFS:
		set_trouble(writer, "the file system is read-only now");
		break;
	default:
		snprintf(text, sizeof(text), "%.150s",
		    writer->db != NULL ? db_error(writer->db) : strerror(-error));
		set_trouble(writer, text);
		break;
	}
}

static void
prepare_db(struct db *db)
{
	filter_functions(db);
	db_patience(db, BUSY_SLICE);
}

static void
close_db(struct writer *writer)
{
	db_close(writer->db);
	writer->db = NULL;
}

/* After a failed write SQLite's view of the file cannot be trusted. */
static int
reopen(struct writer *writer)
{
	struct buf reason = {0}, verdict = {0};
	int r = db_open(writer->path, DB_WRITE, &writer->db, &reason);

	if (r >= 0) {
		prepare_db(writer->db);
		r = db_get_text(writer->db, "PRAGMA quick_check(1)", &verdict);
		if (r >= 0 && strcmp(buf_text(&verdict), "ok") != 0) {
			log_error("database %s: damaged: %s", writer->path,
			    buf_text(&verdict));
			r = -EBADMSG;
		}
	}
	if (r < 0)
		close_db(writer);
	buf_done(&reason);
	buf_done(&verdict);
	return r;
}

static void
wait_longer(struct writer *writer)
{
	writer->retry_wait = writer->retry_wait * 2;
	if (writer->retry_wait < RETRY_FIRST)
		writer->retry_wait = RETRY_FIRST;
	if (writer->retry_wait > RETRY_MOST)
		writer->retry_wait = RETRY_MOST;
}

static void
after_failure(struct writer *writer, int error)
{
	if (writer->db != NULL)
		db_rollback(writer->db);
	if (error == -EBUSY) {
		if (writer->busy_since == 0)
			writer->busy_since = clock_mono() - BUSY_SLICE;
		if (clock_mono() - writer->busy_since >= writer->options.busy)
			explain(writer, error);
		writer->retry_wait = BUSY_RETRY;
		return;
	}
	if (error == -EIO || error == -EBADMSG || error == -EMEDIUMTYPE) {
		writer->write_failures++;
		explain(writer, error);
		close_db(writer);
	} else {
		explain(writer, error);
	}
	wait_longer(writer);
}

static void
after_success(struct writer *writer)
{
	writer->retry_wait = 0;
	writer->busy_since = 0;
	writer->write_failures = 0;
	writer->untidy = true;
	if (writer->trouble_text[0] != '\0')
		set_trouble(writer, "");
}

/* ------------------------------------------------------------ one job */

static int
run_batch(struct writer *writer, struct tx *tx, struct batch_job *job)
{
	struct intake_counts counts = {0};
	struct tx own = *tx;
	int r;

	if (job->batch->received != 0)
		own.now = job->batch->received;
	own.placed = writer->options.placed;
	own.placed_arg = writer->options.placed_arg;
	r = intake_batch(&own, job->batch, job->has_plan ? &job->plan : NULL,
	    job->reasons, &counts);
	job->commit = (struct commit){.error = r,
	    .feed_id = job->batch->feed_id,
	    .new_items = counts.new_items,
	    .updated_items = counts.updated_items};
	if (r < 0) {
		snprintf(job->message, sizeof(job->message), "%s",
		    r == -ENOENT ? "the feed is not there any more"
				 : db_error(tx->db));
		job->commit.message = job->message;
		job->commit.new_items = job->commit.updated_items = 0;
	}
	return r;
}

static int
run_edit(struct writer *writer, struct tx *tx, struct edit_job *job)
{
	struct edits edits = {.tx = tx, .edit = job->edit, .result = &job->result};
	int r;

	(void)writer;
	arena_free(job->arena); /* of an attempt that failed */
	job->arena = edits.arena = arena_new(EDIT_ARENA);
	r = edits_run(&edits);
	job->result.error = r;
	if (r < 0 && job->result.message == NULL)
		job->result.message = arena_strdup(job->arena, db_error(tx->db));
	return r;
}

static bool
is_dry(const struct job *job)
{
	return job->kind == JOB_EDIT &&
	    ((const struct edit_job *)job)->edit->dry_run;
}

/* In a savepoint, so that a bad one harms no other.  Negative only when the
 * database is in trouble; then the whole group will be tried again. */
static int
run(struct writer *writer, struct tx *tx, struct job *job)
{
	size_t mark = index_mark(tx->index);
	uint64_t copies = copies_mark(tx->copies);
	int r = db_exec(tx->db, "SAVEPOINT job"), undo = 0;

	if (r < 0)
		return db_is_trouble(r) ? r : -EIO;
	alive(writer);
	r = job->kind == JOB_BATCH ? run_batch(writer, tx, (struct batch_job *)job)
				   : run_edit(writer, tx, (struct edit_job *)job);
	if (db_is_trouble(r))
		return r;
	if (r < 0 || is_dry(job)) {
		undo = db_exec(tx->db, "ROLLBACK TO job");
		index_forget(tx->index, mark);
		copies_forget(tx->copies, copies);
	}
	r = undo < 0 ? undo : db_exec(tx->db, "RELEASE job");
	return r;
}

/* ------------------------------------------------------------ a group */

static bool
is_work(const struct job *job)
{
	return job->kind == JOB_BATCH || job->kind == JOB_EDIT;
}

static size_t
weight(const struct job *job)
{
	return job->kind == JOB_BATCH
	    ? 1 + ((const struct batch_job *)job)->batch->item_count
	    : 1;
}

/* How many of the held jobs one transaction takes. */
static size_t
group_size(const struct writer *writer)
{
	size_t n, items = 0;

	for (n = 0; n < writer->held_count && is_work(writer->held[n]); n++) {
		items += weight(writer->held[n]);
		if (n > 0 && items > GROUP_ITEMS)
			break;
	}
	return n;
}

int
writer_head(struct db *db, int64_t *ret_head)
{
	static const char sql[] =
	    "SELECT seq FROM sqlite_sequence WHERE name = 'event'";
	sqlite3_stmt *stmt;
	int r = db_start(db, sql, &stmt);

	*ret_head = 0;
	if (r >= 0 && (r = db_step(db, stmt)) == 1) {
		*ret_head = db_int(stmt, 0);
		db_stop(stmt);
	}
	return r < 0 ? r : 0;
}

static int
commit_group(struct writer *writer, size_t count)
{
	struct tx tx = {.db = writer->db,
	    .now = writer->options.now(),
	    .index = writer->index,
	    .copies = writer->copies,
	    .progress = &writer->options.pulse->progress};
	int64_t head = 0;
	uint64_t copies = copies_mark(writer->copies);
	size_t i;
	int r = db_exec(writer->db, "BEGIN IMMEDIATE");

	for (i = 0; r >= 0 && i < count; i++)
		r = run(writer, &tx, writer->held[i]);
	if (r >= 0)
		r = index_write(&tx);
	if (r >= 0)
		r = writer_head(writer->db, &head);
	if (r >= 0)
		r = db_exec(writer->db, "COMMIT");
	index_forget(writer->index, 0);
	if (r < 0)
		copies_forget(writer->copies, copies);
	alive(writer);
	if (r >= 0)
		atomic_store(&writer->options.pulse->head, head);
	return r;
}

static void
release(struct writer *writer, size_t count)
{
	int64_t head = atomic_load(&writer->options.pulse->head);
	size_t i;

	for (i = 0; i < count; i++) {
		struct job *job = writer->held[i];

		if (job->kind == JOB_BATCH) {
			struct batch_job *batch = (struct batch_job *)job;

			batch->commit.head = head;
			/* Off the loop thread: it can be many megabytes. */
			batch_free(batch->batch);
			batch->batch = NULL;
		} else if (job->kind == JOB_FLUSH || job->kind == JOB_STOP) {
			writer->flushes--;
			writer->stop = writer->stop || job->kind == JOB_STOP;
		}
		answer(writer, job);
	}
	writer->held_count -= count;
	memmove(writer->held, writer->held + count,
	    writer->held_count * sizeof(writer->held[0]));
}

/* Someone waits for the end: what cannot be stored now is given back.  It is
 * fetched again, for its validators were not stored either. */
static void
give_up(struct writer *writer, size_t count, int error)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (writer->held[i]->kind == JOB_BATCH) {
			struct batch_job *job = (struct batch_job *)writer->held[i];

			snprintf(job->message, sizeof(job->message), "%s",
			    writer->trouble_text);
			job->commit = (struct commit){.error = error,
			    .message = job->message,
			    .feed_id = job->batch->feed_id};
		} else {
			struct edit_job *job = (struct edit_job *)writer->held[i];

			arena_free(job->arena);
			job->arena = arena_new(EDIT_ARENA);
			job->result = (struct edit_result){.error = error,
			    .position = -1,
			    .message =
				arena_strdup(job->arena, writer->trouble_text)};
		}
	}
	release(writer, count);
}

/* 0, or -errno: all of it is still held. */
static int
try_group(struct writer *writer, size_t count)
{
	const char *moved = place_check(writer->options.place);
	int r = 0;

	if (moved != NULL) {
		set_trouble(writer, moved);
		wait_longer(writer);
		return -ESTALE;
	}
	if (writer->db == NULL) {
		r = reopen(writer);
		if (r >= 0)
			place_remember(writer->options.place);
	}
	if (r >= 0)
		r = commit_group(writer, count);
	if (r >= 0)
		after_success(writer);
	else
		after_failure(writer, r);
	return r;
}

/* ------------------------------------------------------------ the loop */

static void
hold(struct writer *writer, struct job *job)
{
	writer->held[writer->held_count++] = job;
	if (!is_work(job))
		writer->flushes++;
}

/* Waits at most until `until`, and takes what has come. */
static void
take(struct writer *writer, msec_t until)
{
	msec_t now = clock_mono();
	struct job *job = mailbox_wait(writer->inbox, until > now ? until - now : 0);

	for (; job != NULL; job = mailbox_take(writer->inbox))
		hold(writer, job);
}

/* A lock of a moment is no reason to give up, not even on the way out. */
static bool
may_pass_soon(const struct writer *writer, int error)
{
	return error == -EBUSY && clock_mono() - writer->busy_since < FLUSH_BUSY;
}

static void
work(struct writer *writer)
{
	size_t count = group_size(writer);
	int r = 0;

	alive(writer);
	tell_owner(writer);
	if (count > 0)
		r = try_group(writer, count);
	if (r >= 0)
		release(writer, count > 0 ? count : 1);
	else if (writer->flushes > 0 && !may_pass_soon(writer, r))
		give_up(writer, count, r);
}

/* Merges the full-text index and empties the log while nobody waits.  True while
 * there is more to do. */
static bool
tidy(struct writer *writer)
{
	int64_t before = sqlite3_total_changes64(db_handle(writer->db));

	if (db_exec(writer->db,
		"INSERT INTO item_fts(item_fts, rank)"
		" VALUES('merge', " MERGE_STEP ")") < 0)
		return false;
	/* fts5: fewer than two changes, nothing was left to merge. */
	if (sqlite3_total_changes64(db_handle(writer->db)) - before >= 2)
		return true;
	/* A reader in the way: the next quiet moment will do. */
	(void)sqlite3_wal_checkpoint_v2(
	    db_handle(writer->db), NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return false;
}

static void
check_log(struct writer *writer)
{
	off_t size = place_log_size(writer->options.place);
	char text[160];

	if (size < LOG_ALARM || writer->trouble_text[0] != '\0')
		return;
	snprintf(text, sizeof(text),
	    "its log has %lld MiB: a program that reads the "
	    "database holds it (fuser names it)",
	    (long long)(size >> 20));
	set_trouble(writer, text);
}

static void
rest(struct writer *writer)
{
	msec_t soon = clock_mono() + (writer->untidy ? IDLE_SOON : IDLE_LATER);
	const char *moved;

	tell_owner(writer);
	idle(writer);
	take(writer, soon);
	if (writer->held_count > 0)
		return;
	moved = place_check(writer->options.place);
	if (moved != NULL) {
		set_trouble(writer, moved);
	} else if (writer->untidy && writer->db != NULL) {
		alive(writer);
		while (tidy(writer) && mailbox_count(writer->inbox) == 0)
			alive(writer);
		writer->untidy = mailbox_count(writer->inbox) > 0;
		check_log(writer);
	}
}

static void *
main_loop(void *arg)
{
	struct writer *writer = arg;

	while (!writer->stop) {
		if (writer->held_count == 0)
			rest(writer);
		else if (writer->retry_wait > 0 && writer->flushes == 0) {
			msec_t until = clock_mono() + writer->retry_wait;

			/* New jobs queue up behind; a flush ends the wait. */
			while (clock_mono() < until && writer->flushes == 0) {
				alive(writer);
				take(writer,
				    until < clock_mono() + 1000
					? until
					: clock_mono() + 1000);
			}
			work(writer);
		} else {
			take(writer, 0);
			work(writer);
		}
	}
	if (writer->db != NULL)
		(void)sqlite3_wal_checkpoint_v2(db_handle(writer->db), NULL,
		    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	close_db(writer);
	idle(writer);
	return NULL;
}

int
writer_start(
    const struct writer_options *options, struct db *db, struct writer **ret_writer)
{
	struct writer *writer = xcalloc(1, sizeof(*writer));
	int r;

	writer->options = *options;
	writer->path = xstrdup(options->path);
	writer->db = db;
	writer->index = index_new();
	writer->copies = copies_new();
	writer->held = xcalloc(options->limit, sizeof(writer->held[0]));
	prepare_db(db);
	r = mailbox_new(options->limit, &writer->inbox);
	if (r >= 0) {
		r = -pthread_create(&writer->thread, NULL, main_loop, writer);
		if (r >= 0) {
			*ret_writer = writer;
			return 0;
		}
		mailbox_free(writer->inbox);
	}
	db_close(db);
	index_free(writer->index);
	copies_free(writer->copies);
	free(writer->path);
	free(writer->held);
	free(writer);
	return r;
}

int
writer_post(struct writer *writer, struct job *job)
{
	return mailbox_post(writer->inbox, job);
}

void
writer_join(struct writer *writer)
{
	(void)pthread_join(writer->thread, NULL); /* our thread, once */
	mailbox_free(writer->inbox);
	index_free(writer->index);
	copies_free(writer->copies);
	free(writer->path);
	free(writer->held);
	free(writer);
}
