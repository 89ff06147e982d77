/* SPDX-License-Identifier: ISC */
/*
 * One job, from its request to its one batch:
 *
 *	fetch: head -> data -> end		 (or a document that was brought)
 *	  document: data -> end -> normalise
 *	    batch
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "document/document.h"
#include "fetcher/answer.h"
#include "fetcher/process.h"
#include "model/batch.h"
#include "wire/wire.h"

#define JOB_ARENA_BYTES (1u << 20) /* hashes of a feed's entries, a header */
#define START_BYTES 4096           /* where a bot check gives itself away */
#define FEED_BYTES (64u << 10)     /* of a brought document in one step */

/* -- Documents ----------------------------------------------------------------- */

static void
open_document(struct job *job, const char *type, const char *language)
{
	const struct document_options options = {
	    .content_type = type,
	    .content_language = language,
	    .url = job->request.url,
	    .known = job->request.known,
	    .known_count = job->request.known_count,
	    .max_body = (size_t)job->request.max_body,
	    .max_items = job->request.max_items,
	    .keep_raw = job->request.want_raw,
	    .want_candidates = job->request.want_candidates,
	    .now = clock_wall(),
	};

	job->document = document_new(&options);
}

#ifdef WITH_TEST_HOOKS
/* A test build can be made to die, or to hang, on a document. */
static void
test_hook(struct job *job, const char *data, size_t size)
{
	buf_add(&job->hook, data, size);
	if (memmem(job->hook.data, job->hook.len, "gazetted-test-abort", 19) != NULL)
		abort();
	while (
	    memmem(job->hook.data, job->hook.len, "gazetted-test-hang", 18) != NULL)
		;
	if (job->hook.len > 32)
		buf_drop(&job->hook, job->hook.len - 32);
}
#else
static void
test_hook(struct job *job, const char *data, size_t size)
{
	(void)job;
	(void)data;
	(void)size;
}
#endif

/* False: the document wants no more. */
static bool
put_data(struct job *job, const char *data, size_t size)
{
	bool more;

	process_blame(job->process, job->request.feed_id);
	test_hook(job, data, size);
	more = document_data(job->document, data, size);
	process_blame(job->process, 0);
	job->is_cut = !more;
	process_count(job);
	return more;
}

/* -- The batch ----------------------------------------------------------------- */

static struct batch *
batch_of(struct job *job)
{
	if (job->batch == NULL)
		job->batch = batch_new(job->request.feed_id, LIMIT_ARENA_BYTES);
	return job->batch;
}

static const char *
newer(struct arena *arena, const char *new, const char *old)
{
	return arena_strdup(arena, new != NULL ? new : old);
}

/* POLLING 6 to 9: a good document's validators replace what was stored, absent
 * ones too; a 304's replace each what they bring; no other answer touches them. */
static void
fill_validators(struct job *job, struct batch *batch)
{
	const struct validators *came = &job->head.validators;
	const struct validators *had = &job->request.validators;
	struct arena *arena = batch->arena;

	if (!job->has_head)
		return;
	if (job->head.status == 304 && batch->outcome == OUTCOME_UNCHANGED) {
		batch->validators.etag = newer(arena, came->etag, had->etag);
		batch->validators.last_modified =
		    newer(arena, came->last_modified, had->last_modified);
	} else if (job->document != NULL &&
	    ((batch->outcome == OUTCOME_OK && batch->whole) ||
		batch->outcome == OUTCOME_UNCHANGED)) {
		batch->validators.etag = arena_strdup(arena, came->etag);
		batch->validators.last_modified =
		    arena_strdup(arena, came->last_modified);
	} else {
		return;
	}
	batch->validators.url = arena_strdup(arena, came->url);
	batch->keep_validators = true;
}

/* Only a good answer says how long it is good (RFC 9111 would let others, too). */
static void
fill_hints(struct job *job, struct batch *batch)
{
	const struct fetch_head *head = &job->head;
	struct hints *hints = &batch->hints;

	hints->retry_after = head->hints.retry_after;
	if (head->status != 200 && head->status != 226 && head->status != 304)
		return;
	hints->max_age = head->hints.max_age;
	hints->has_max_age = head->hints.has_max_age;
	hints->has_validators = head->hints.has_validators;
	if (head->link_hub != NULL)
		hints->hub = arena_strdup(batch->arena, head->link_hub);
	if (head->link_self != NULL)
		hints->self = arena_strdup(batch->arena, head->link_self);
}

static void
fill_head(struct job *job, struct batch *batch)
{
	const struct fetch_head *head = &job->head;

	if (!job->has_head)
		return;
	batch->http_status = head->status;
	batch->server_date = head->date;
	if (batch->outcome == OUTCOME_REDIRECT)
		batch->location = arena_strdup(batch->arena, head->location);
	if (head->is_delta) {
		/* What is not in it may well be there (POLLING 80). */
		batch->cut = true;
		batch->hints.complete = false;
	}
	fill_hints(job, batch);
}

/* The job's one batch; the job is gone after it. */
static void
answer(struct job *job, enum outcome outcome, const char *reason)
{
	struct batch *batch = batch_of(job);

	batch->job = job->request.job;
	batch->outcome = outcome;
	batch->reason = arena_strdup(batch->arena, reason);
	batch->url = arena_strdup(batch->arena, job->request.url);
	if (job->document != NULL)
		batch->body_hash = document_body_hash(job->document);
	fill_head(job, batch);
	fill_validators(job, batch);
	process_send(job->process, batch);
	job_free(job);
}

/* A bot check may come with any status, also as the page where a feed should be. */
static void
answer_status(struct job *job, enum outcome outcome, const char *reason)
{
	struct buf text = {0};

	if ((outcome == OUTCOME_FORBIDDEN || outcome == OUTCOME_THROTTLED ||
		outcome == OUTCOME_SERVER_ERROR || outcome == OUTCOME_NOT_A_FEED) &&
	    answer_is_challenge(job->start.data, job->start.len)) {
		outcome = OUTCOME_CHALLENGE;
		reason = NULL;
	}
	if (reason == NULL && job->has_head) {
		answer_reason(outcome, &job->head, &text);
		reason = text.len > 0 ? text.data : NULL;
	}
	answer(job, outcome, reason);
	buf_done(&text);
}

/* -- What fetch tells ----------------------------------------------------------- */

static void
on_head(void *arg, const struct fetch_head *head)
{
	struct job *job = arg;
	struct arena *arena = job->arena;
	struct fetch_head *copy = &job->head;

	*copy = *head;
	copy->url = job->request.url;
	copy->content_type = copy->content_language = NULL; /* document's by now */
	copy->validators.etag = arena_strdup(arena, head->validators.etag);
	copy->validators.last_modified =
	    arena_strdup(arena, head->validators.last_modified);
	copy->validators.url = job->request.url;
	copy->location = arena_strdup(arena, head->location);
	copy->link_hub = arena_strdup(arena, head->link_hub);
	copy->link_self = arena_strdup(arena, head->link_self);
	job->has_head = true;
	job->outcome = answer_outcome(head, job->is_conditional);
	if (job->outcome == OUTCOME_OK)
		open_document(job, head->content_type, head->content_language);
}

static bool
on_data(void *arg, const char *data, size_t size)
{
	struct job *job = arg;
	size_t room = START_BYTES - job->start.len;

	job->decoded += (int64_t)size;
	if (room > 0)
		buf_add(&job->start, data, size < room ? size : room);
	if (job->document != NULL)
		return put_data(job, data, size);
	return job->decoded < LIMIT_ERROR_BODY;
}

static void
on_end(void *arg, const struct fetch_end *end)
{
	struct job *job = arg;
	struct batch *batch = batch_of(job);

	job->fetch = NULL;
	batch->bytes = end->bytes;
	batch->duration = end->duration;
	if (job->has_head && job->outcome != OUTCOME_OK) {
		answer_status(job, job->outcome, NULL);
	} else if (end->outcome != OUTCOME_OK) {
		/* A stump is no document: no hash, no items, no validators. */
		document_free(job->document);
		job->document = NULL;
		answer(job, end->outcome, end->reason);
	} else if (job->decoded == 0) {
		answer_status(job, OUTCOME_EMPTY, NULL);
	} else {
		job->state = JOB_ENDING;
		process_work(job->process);
	}
}

static const struct fetch_sink sink = {on_head, on_data, on_end};

/* -- Steps after the transfer ---------------------------------------------------- */

static bool
is_same_body(const struct job *job)
{
	struct hash128 was = job->request.body_hash, is;

	if (job->is_cut || (was.high == 0 && was.low == 0))
		return false;
	is = document_body_hash(job->document);
	return is.high == was.high && is.low == was.low;
}

static void
step_feed(struct job *job)
{
	size_t left = job->request.document_size - job->fed;
	size_t size = left < FEED_BYTES ? left : FEED_BYTES;
	bool more =
	    size > 0 && put_data(job, job->request.document + job->fed, size);

	job->fed += size;
	job->decoded += (int64_t)size;
	if (!more || job->fed == job->request.document_size)
		job->state = JOB_ENDING;
}

static void
step_end(struct job *job)
{
	if (is_same_body(job)) {
		answer(job, OUTCOME_UNCHANGED, NULL);
		return;
	}
	process_blame(job->process, job->request.feed_id);
	job->outcome = document_end(job->document);
	process_blame(job->process, 0);
	process_count(job);
	switch (job->outcome) {
	case OUTCOME_OK:
	case OUTCOME_BROKEN:
	case OUTCOME_NOT_A_FEED: /* the feeds that a page links to */
		job->state = JOB_NORMALISING;
		break;
	default:
		answer_status(job, job->outcome, document_reason(job->document));
	}
}

static void
step_normalise(struct job *job)
{
	struct batch *batch = batch_of(job), *empty;
	int r;

	process_blame(job->process, job->request.feed_id);
	r = document_normalise(job->document, LIMIT_SLICE_USEC, batch);
	process_blame(job->process, 0);
	process_count(job);
	if (r > 0)
		return;
	if (r == 0) {
		answer_status(job, job->outcome, document_reason(job->document));
		return;
	}
	empty = batch_new(job->request.feed_id, LIMIT_ARENA_BYTES);
	empty->bytes = batch->bytes;
	empty->duration = batch->duration;
	batch_free(batch);
	job->batch = empty;
	answer(job, OUTCOME_TOO_BIG, "more items and text than one feed may hold");
}

void
job_work(struct job *job)
{
	switch (job->state) {
	case JOB_FETCHING:
		break;
	case JOB_FEEDING:
		step_feed(job);
		break;
	case JOB_ENDING:
		step_end(job);
		break;
	case JOB_NORMALISING:
		step_normalise(job);
		break;
	}
}

/* -- Life -------------------------------------------------------------------------- */

static bool
has_validators(const struct request *request)
{
	return request->validators.url != NULL &&
	    strcmp(request->validators.url, request->url) == 0 &&
	    (request->validators.etag != NULL ||
		request->validators.last_modified != NULL);
}

static void
start(struct job *job)
{
	const struct request *request = &job->request;
	int r;

	if (request->document != NULL) {
		job->state = JOB_FEEDING;
		open_document(job, request->content_type, NULL);
		process_work(job->process);
		return;
	}
	job->is_conditional = has_validators(request);
	r = fetch_start(job->process->fetch, request, &sink, job, &job->fetch);
	if (r < 0)
		answer(job, OUTCOME_TRANSFER, strerror(-r));
}

int
job_new(struct process *process, char *payload, size_t size)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->process = process;
	job->payload = payload;
	job->arena = arena_new(JOB_ARENA_BYTES);
	TAILQ_INSERT_TAIL(&process->jobs, job, entry);
	if (wire_get_request(payload, size, job->arena, &job->request) < 0 ||
	    job->request.url == NULL) {
		job_free(job);
		return -EBADMSG;
	}
	start(job);
	return 0;
}

void
job_free(struct job *job)
{
	TAILQ_REMOVE(&job->process->jobs, job, entry);
	job->process->held -= job->held;
	if (job->fetch != NULL)
		fetch_cancel(job->fetch);
	document_free(job->document);
	batch_free(job->batch);
	arena_free(job->arena);
	buf_done(&job->start);
#ifdef WITH_TEST_HOOKS
	buf_done(&job->hook);
#endif
	/* It may hold a credential. */
	free(job->payload);
	free(job);
}

void
job_cancel(struct job *job)
{
	answer(job, OUTCOME_CANCELLED, NULL);
}
