/* SPDX-License-Identifier: ISC */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mailbox.h"
#include "base/xalloc.h"
#include "store/db.h"
#include "store/place.h"
#include "store/reader.h"
#include "store/schema.h"
#include "store/writer.h"

#define READERS_MOST 16
#define EDITS 256   /* under way; their askers wait for them one by one */
#define FLUSHES 4   /* a flush in a callback of a flush */
#define TROUBLES 40 /* the writer's own bound is below that */

struct store {
	pthread_t owner;
	struct place *place;
	struct writer *writer; /* NULL: read only */
	struct mailbox *done;
	struct reader *readers[READERS_MOST];
	struct store_query *running[READERS_MOST];
	unsigned reader_count;
	struct store_query *first, *last; /* queries that wait */
	size_t batches, edits;            /* under way */
	struct pulse pulse;
	char uuid[40];
	char trouble[200];
	bool broken, closing;
};

static bool
is_owner(const struct store *store)
{
	return pthread_equal(store->owner, pthread_self());
}

/* ------------------------------------------------------------ opening */

/* The verdict comes from a connection that cannot write: what is not ours, or
 * too new for us, is left as it is. */
static int
check_schema(const char *path, struct buf *reason)
{
	struct buf why = {0};
	struct db *db;
	int version, r = db_open(path, DB_READ, &db, &why);

	if (r >= 0) {
		r = schema_check(db, &version, &why);
		db_close(db);
	}
	if (r == -EACCES || r == -EROFS || r == -ENOSPC)
		place_advise(path, r, reason);
	else if (r == -EMEDIUMTYPE && why.len > 0 &&
	    strstr(why.data, "gazetted") == NULL)
		buf_printf(reason,
		    "%s: not a database of gazetted: move it away, or "
		    "name another file with --database",
		    path);
	else if (r < 0)
		buf_printf(reason, "%s: %s", path, buf_text(&why));
	buf_done(&why);
	return r;
}

static int
open_writable(const char *path, struct db **ret_db, struct buf *reason)
{
	struct buf why = {0};
	struct db *db;
	int version, r = db_open(path, DB_WRITE, &db, &why);

	if (r >= 0) {
		r = schema_check(db, &version, &why);
		if (r >= 0)
			r = schema_migrate(db, SCHEMA_VERSION, &why);
		if (r >= 0)
			*ret_db = db;
		else
			db_close(db);
	}
	if (r == -EACCES || r == -EROFS || r == -ENOSPC)
		place_advise(path, r, reason);
	else if (r < 0)
		buf_printf(reason, "%s: %s", path, buf_text(&why));
	buf_done(&why);
	return r;
}

static int
read_start(struct store *store, struct db *db, const char *path, struct buf *reason)
{
	struct buf uuid = {0};
	int64_t head;
	int r = db_get_text(db, "SELECT value FROM meta WHERE key = 'uuid'", &uuid);

	if (r >= 0)
		r = writer_head(db, &head);
	if (r >= 0) {
		snprintf(store->uuid, sizeof(store->uuid), "%s", buf_text(&uuid));
		atomic_store(&store->pulse.head, head);
	} else {
		buf_printf(reason, "%s: %s", path, db_error(db));
	}
	buf_done(&uuid);
	return r;
}

static int
start_readers(struct store *store, const char *path, unsigned count, msec_t patience)
{
	int r = 0;

	if (patience == 0)
		patience = LIMIT_PAGE_MSEC;
	while (r >= 0 && store->reader_count < count) {
		r = reader_start(path, patience, store->done,
		    &store->readers[store->reader_count]);
		if (r >= 0)
			store->reader_count++;
	}
	return r;
}

static int
start_writer(struct store *store, const char *path,
    const struct store_options *options, struct buf *reason)
{
	struct writer_options writer = {.path = path,
	    .done = store->done,
	    .pulse = &store->pulse,
	    .limit = LIMIT_STORE_QUEUE + EDITS + FLUSHES,
	    .busy = options->busy > 0 ? options->busy : 5000,
	    .now = options->now != NULL ? options->now : clock_wall,
	    .placed = options->placed,
	    .placed_arg = options->placed_arg};
	struct db *db;
	int r = place_open(path, &store->place, reason);

	if (r >= 0)
		r = check_schema(path, reason);
	/* Killed while it was made: what a journal holds must be taken back first,
	 * and a connection that only reads cannot. */
	if (r == -EROFS) {
		buf_reset(reason);
		r = 0;
	}
	if (r >= 0)
		r = open_writable(path, &db, reason);
	if (r < 0)
		return r;
	r = read_start(store, db, path, reason);
	if (r < 0) {
		db_close(db);
		return r;
	}
	place_remember(store->place);
	writer.place = store->place;
	return writer_start(&writer, db, &store->writer);
}

static int
start_read_only(struct store *store, const char *path, struct buf *reason)
{
	struct db *db;
	int r = check_schema(path, reason);

	if (r >= 0)
		r = db_open(path, DB_READ, &db, reason);
	if (r < 0)
		return r;
	r = read_start(store, db, path, reason);
	db_close(db);
	return r;
}

int
store_open(const char *path, const struct store_options *options,
    struct store **ret_store, struct buf *reason)
{
	static const struct store_options defaults;
	struct store *store = xcalloc(1, sizeof(*store));
	unsigned readers;
	int r;

	if (options == NULL)
		options = &defaults;
	readers = options->readers > 0 ? options->readers : 2;
	if (readers > READERS_MOST)
		readers = READERS_MOST;
	store->owner = pthread_self();
	r = mailbox_new(
	    LIMIT_STORE_QUEUE + EDITS + FLUSHES + TROUBLES + readers, &store->done);
	if (r >= 0)
		r = options->read_only ? start_read_only(store, path, reason)
				       : start_writer(store, path, options, reason);
	if (r >= 0)
		r = start_readers(store, path, readers, options->page);
	if (r < 0) {
		if (reason->len == 0)
			buf_printf(reason, "%s: %s", path, strerror(-r));
		store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

/* ------------------------------------------------------------ changes */

int
store_fd(const struct store *store)
{
	return mailbox_fd(store->done);
}

bool
store_has_room(const struct store *store)
{
	return store->batches < LIMIT_STORE_QUEUE;
}

int
store_submit(struct store *store, struct batch *batch, const struct feed_plan *plan,
    const char *reasons, store_commit_fn *fn, void *arg)
{
	struct batch_job *job;

	assert(is_owner(store));
	if (store->writer == NULL)
		return -EROFS;
	if (!store_has_room(store))
		return -ENOSPC;
	job = xcalloc(1, sizeof(*job));
	job->job.kind = JOB_BATCH;
	job->batch = batch;
	if (plan != NULL) {
		job->has_plan = true;
		job->plan = *plan;
		job->plan.name = job->plan.rate_group = job->plan.credential =
		    job->plan.reasons = NULL;
		job->plan.memory = job->memory = xstrdup_null(plan->memory);
		job->plan.url = job->url = xstrdup_null(plan->url);
		job->plan.new_url = job->new_url = xstrdup_null(plan->new_url);
		job->plan.note = job->note = xstrdup_null(plan->note);
		job->plan.held_too = job->held_too = xstrdup_null(plan->held_too);
		job->plan.quiet_reasons = job->quiet =
		    xstrdup_null(plan->quiet_reasons);
	}
	job->reasons = xstrdup_null(reasons);
	job->fn = fn;
	job->arg = arg;
	store->batches++;
	if (writer_post(store->writer, &job->job) < 0)
		abort(); /* it has room for all that we count */
	return 0;
}

int
store_edit(
    struct store *store, const struct edit *edit, store_edit_fn *fn, void *arg)
{
	struct edit_job *job;

	assert(is_owner(store));
	if (store->writer == NULL)
		return -EROFS;
	if (store->edits >= EDITS)
		return -ENOSPC;
	job = xcalloc(1, sizeof(*job));
	job->job.kind = JOB_EDIT;
	job->edit = edit;
	job->fn = fn;
	job->arg = arg;
	store->edits++;
	if (writer_post(store->writer, &job->job) < 0)
		abort(); /* it has room for all that we count */
	return 0;
}

/* ------------------------------------------------------------ queries */

/* A uid that has a reader gets no second one while others wait. */
static bool
has_reader(const struct store *store, uid_t uid)
{
	unsigned i;

	for (i = 0; i < store->reader_count; i++) {
		if (store->running[i] != NULL && store->running[i]->spec.uid == uid)
			return true;
	}
	return false;
}

static struct store_query **
choose(struct store *store)
{
	struct store_query **at;

	for (at = &store->first; *at != NULL; at = &(*at)->next) {
		if (!has_reader(store, (*at)->spec.uid))
			return at;
	}
	return &store->first;
}

static void
unlink_query(struct store *store, struct store_query **at)
{
	struct store_query *query = *at, *q;

	*at = query->next;
	query->next = NULL;
	if (store->last == query) {
		store->last = NULL;
		for (q = store->first; q != NULL; q = q->next)
			store->last = q;
	}
}

static void
start_queries(struct store *store)
{
	unsigned i;

	for (i = 0; i < store->reader_count && store->first != NULL; i++) {
		struct store_query **at, *query;

		if (store->running[i] != NULL)
			continue;
		at = choose(store);
		query = *at;
		unlink_query(store, at);
		query->running = true;
		query->reader = i;
		store->running[i] = query;
		reader_post(store->readers[i], query);
	}
}

static void
free_query(struct store_query *query)
{
	free((char *)(uintptr_t)query->spec.query); /* ours: copied */
	free((char *)(uintptr_t)query->spec.group_by);
	free(query->message);
	buf_done(&query->out);
	free(query);
}

int
store_query(struct store *store, const struct store_spec *spec,
    store_encode_fn *encode, void *encode_arg, store_block_fn *on_block,
    store_end_fn *on_end, void *arg, struct store_query **ret_query)
{
	struct store_query *query;

	assert(is_owner(store));
	if (store->closing)
		return -ECANCELED;
	query = xcalloc(1, sizeof(*query));
	query->job.kind = JOB_QUERY;
	query->store = store;
	query->spec = *spec;
	query->spec.query = xstrdup_null(spec->query);
	query->spec.group_by = xstrdup_null(spec->group_by);
	query->encode = encode;
	query->encode_arg = encode_arg;
	query->on_block = on_block;
	query->on_end = on_end;
	query->arg = arg;
	query->now = clock_wall();
	if (store->last != NULL)
		store->last->next = query;
	else
		store->first = query;
	store->last = query;
	if (ret_query != NULL)
		*ret_query = query;
	start_queries(store);
	return 0;
}

void
store_query_cancel(struct store_query *query)
{
	struct store *store = query->store;
	struct store_query **at;

	assert(is_owner(store));
	atomic_store(&query->cancelled, true);
	query->on_block = NULL;
	query->on_end = NULL;
	if (query->running || query->answering)
		return; /* freed when it comes back, or by who calls us */
	for (at = &store->first; *at != query; at = &(*at)->next)
		;
	unlink_query(store, at);
	free_query(query);
}

static void
end_query(struct store_query *query)
{
	query->answering = true;
	if (query->out.len > 0 && query->on_block != NULL && query->end.error == 0)
		query->on_block(
		    query->arg, query->out.data, query->out.len, query->end.rows);
	/* The block's receiver may have cancelled it. */
	if (query->on_end != NULL)
		query->on_end(query->arg, &query->end);
	free_query(query);
}

/* ------------------------------------------------------------ answers */

static void
finish_batch(struct store *store, struct batch_job *job)
{
	store->batches--;
	if (job->fn != NULL)
		job->fn(job->arg, &job->commit);
	free(job->reasons);
	free(job->memory);
	free(job->url);
	free(job->new_url);
	free(job->note);
	free(job->held_too);
	free(job->quiet);
	free(job);
}

static void
finish_edit(struct store *store, struct edit_job *job)
{
	store->edits--;
	if (job->fn != NULL)
		job->fn(job->arg, &job->result);
	arena_free(job->arena);
	free(job);
}

static void
finish_trouble(struct store *store, struct trouble_job *job)
{
	memcpy(store->trouble, job->text, sizeof(store->trouble));
	store->broken = job->broken;
	free(job);
}

static void
finish_query(struct store *store, struct store_query *query)
{
	store->running[query->reader] = NULL;
	query->running = false;
	end_query(query);
	start_queries(store);
}

static void
finish(struct store *store, struct job *job)
{
	switch (job->kind) {
	case JOB_BATCH:
		finish_batch(store, (struct batch_job *)job);
		break;
	case JOB_EDIT:
		finish_edit(store, (struct edit_job *)job);
		break;
	case JOB_FLUSH:
	case JOB_STOP:
		((struct flush_job *)job)->done = true;
		break;
	case JOB_TROUBLE:
		finish_trouble(store, (struct trouble_job *)job);
		break;
	case JOB_QUERY:
		finish_query(store, (struct store_query *)job);
		break;
	}
}

void
store_dispatch(struct store *store)
{
	/* What comes meanwhile keeps the descriptor readable for the next turn. */
	size_t count = mailbox_count(store->done);
	struct job *job;

	assert(is_owner(store));
	while (count-- > 0 && (job = mailbox_take(store->done)) != NULL)
		finish(store, job);
}

/* ------------------------------------------------------------ the rest */

int64_t
store_head(const struct store *store)
{
	return atomic_load(&store->pulse.head);
}

const char *
store_uuid(const struct store *store)
{
	return store->uuid;
}

msec_t
store_stalled(const struct store *store)
{
	int64_t progress = atomic_load(&store->pulse.progress);
	msec_t now = clock_mono();

	return progress == 0 || progress > now ? 0 : now - progress;
}

const char *
store_trouble(const struct store *store)
{
	return store->trouble[0] != '\0' ? store->trouble : NULL;
}

bool
store_is_broken(const struct store *store)
{
	return store->broken;
}

/* Posts a flush or stop and hands out answers until it is through. */
static void
wait_for_writer(struct store *store, enum job_kind kind)
{
	struct flush_job job = {.job.kind = kind};

	if (writer_post(store->writer, &job.job) < 0)
		return; /* more flushes than can be: one of them is waited for */
	while (!job.done) {
		struct job *answer = mailbox_wait(store->done, -1);

		if (answer != NULL)
			finish(store, answer);
	}
}

void
store_flush(struct store *store)
{
	assert(is_owner(store));
	if (store->writer != NULL)
		wait_for_writer(store, JOB_FLUSH);
}

static void
cancel_queries(struct store *store)
{
	struct store_query *query;
	unsigned i;

	while ((query = store->first) != NULL) {
		unlink_query(store, &store->first);
		query->end.error = -ECANCELED;
		query->end.message = "closing";
		query->end.position = -1;
		end_query(query);
	}
	for (i = 0; i < store->reader_count; i++) {
		if (store->running[i] != NULL)
			atomic_store(&store->running[i]->cancelled, true);
	}
	for (i = 0; i < store->reader_count; i++) {
		while (store->running[i] != NULL) {
			struct job *answer = mailbox_wait(store->done, -1);

			if (answer != NULL)
				finish(store, answer);
		}
		reader_stop(store->readers[i]);
	}
	store->reader_count = 0;
}

void
store_close(struct store *store)
{
	struct job *job;

	if (store == NULL)
		return;
	store->closing = true;
	cancel_queries(store);
	if (store->writer != NULL) {
		wait_for_writer(store, JOB_STOP);
		writer_join(store->writer);
	}
	/* The writer's last words. */
	while (store->done != NULL && (job = mailbox_take(store->done)) != NULL)
		finish(store, job);
	mailbox_free(store->done);
	place_close(store->place);
	free(store);
}
