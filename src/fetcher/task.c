/* SPDX-License-Identifier: ISC */
/*
 * One task, from its request to its one batch:
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
#include "fetcher/budget.h"
#include "fetcher/process.h"
#include "model/batch.h"
#include "wire/wire.h"

#define TASK_ARENA_BYTES (1u << 20) /* hashes of a feed's entries, a header */
#define START_BYTES 4096            /* where a bot check gives itself away */
#define FEED_BYTES (64u << 10)      /* of a brought document in one step */

/* -- Documents ----------------------------------------------------------------- */

static void
open_document(struct task *task, const char *type, const char *language)
{
	const struct document_options options = {
	    .content_type = type,
	    .content_language = language,
	    .url = task->request.url,
	    .known = task->request.known,
	    .known_count = task->request.known_count,
	    .max_body = (size_t)task->request.max_body,
	    .max_items = task->request.max_items,
	    .keep_raw = task->request.want_raw,
	    .want_candidates = task->request.want_candidates,
	    .now = clock_wall(),
	};

	task->document = document_new(&options);
}

#ifdef WITH_TEST_HOOKS
/* A test build can be made to die, or to hang, on a document. */
static void
test_hook(struct task *task, const char *data, size_t size)
{
	buf_add(&task->hook, data, size);
	if (memmem(task->hook.data, task->hook.len, "gazetted-test-abort", 19) !=
	    NULL)
		abort();
	while (memmem(task->hook.data, task->hook.len, "gazetted-test-hang", 18) !=
	    NULL)
		;
	if (task->hook.len > 32)
		buf_drop(&task->hook, task->hook.len - 32);
}
#else
static void
test_hook(struct task *task, const char *data, size_t size)
{
	(void)task;
	(void)data;
	(void)size;
}
#endif

/* False: the document wants no more. */
static bool
put_data(struct task *task, const char *data, size_t size)
{
	bool more;

	process_blame(task->process, task->request.feed_id);
	test_hook(task, data, size);
	more = document_data(task->document, data, size);
	process_blame(task->process, 0);
	task->is_cut = !more;
	budget_count(task);
	return more;
}

/* -- The batch ----------------------------------------------------------------- */

static struct batch *
batch_of(struct task *task)
{
	if (task->batch == NULL)
		task->batch = batch_new(task->request.feed_id, LIMIT_ARENA_BYTES);
	return task->batch;
}

static const char *
newer(struct arena *arena, const char *new, const char *old)
{
	return arena_strdup(arena, new != NULL ? new : old);
}

/* POLLING 6 to 9: a good document's validators replace what was stored, absent
 * ones too; a 304's replace each what they bring; no other answer touches them. */
static void
fill_validators(struct task *task, struct batch *batch)
{
	const struct validators *came = &task->head.validators;
	const struct validators *had = &task->request.validators;
	struct arena *arena = batch->arena;

	if (!task->has_head)
		return;
	if (task->head.status == 304 && batch->outcome == OUTCOME_UNCHANGED) {
		batch->validators.etag = newer(arena, came->etag, had->etag);
		batch->validators.last_modified =
		    newer(arena, came->last_modified, had->last_modified);
	} else if (task->document != NULL &&
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
fill_hints(struct task *task, struct batch *batch)
{
	const struct fetch_head *head = &task->head;
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
fill_head(struct task *task, struct batch *batch)
{
	const struct fetch_head *head = &task->head;

	if (!task->has_head)
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
	fill_hints(task, batch);
}

static void
fill_report(struct task *task, struct batch *batch)
{
	struct buf report = {0};

	report_put(task, batch, &report);
	batch->report = arena_dup(batch->arena, report.data, report.len);
	buf_done(&report);
}

/* The job's one batch; the job is gone after it. */
static void
answer(struct task *task, enum outcome outcome, const char *reason)
{
	struct batch *batch = batch_of(task);

	batch->job = task->request.job;
	batch->outcome = outcome;
	batch->reason = arena_strdup(batch->arena, reason);
	batch->url = arena_strdup(batch->arena, task->request.url);
	if (task->document != NULL)
		batch->body_hash = document_body_hash(task->document);
	fill_head(task, batch);
	fill_validators(task, batch);
	if (task->request.want_report)
		fill_report(task, batch);
	process_send(task->process, batch);
	task_free(task);
}

/* A bot check may come with any status, also as the page where a feed should be. */
static void
answer_status(struct task *task, enum outcome outcome, const char *reason)
{
	struct buf text = {0};

	if ((outcome == OUTCOME_FORBIDDEN || outcome == OUTCOME_THROTTLED ||
		outcome == OUTCOME_SERVER_ERROR || outcome == OUTCOME_NOT_A_FEED) &&
	    answer_is_challenge(
		task->head.status, task->start.data, task->start.len)) {
		outcome = OUTCOME_CHALLENGE;
		reason = NULL;
	}
	if (reason != NULL && strncmp(reason, "notfeed: ", 9) == 0)
		reason += 9; /* the outcome says that */
	if (reason == NULL && task->has_head) {
		answer_reason(outcome, &task->head, &text);
		reason = text.len > 0 ? text.data : NULL;
	}
	answer(task, outcome, reason);
	buf_done(&text);
}

/* -- What fetch tells ----------------------------------------------------------- */

static void
on_head(void *arg, const struct fetch_head *head)
{
	struct task *task = arg;
	struct arena *arena = task->arena;
	struct fetch_head *copy = &task->head;

	*copy = *head;
	copy->url = task->request.url;
	copy->content_language = NULL; /* document's by now */
	copy->content_type = arena_strdup(arena, head->content_type);
	copy->content_coding = arena_strdup(arena, head->content_coding);
	copy->cache_control = arena_strdup(arena, head->cache_control);
	copy->validators.etag = arena_strdup(arena, head->validators.etag);
	copy->validators.last_modified =
	    arena_strdup(arena, head->validators.last_modified);
	copy->validators.url = task->request.url;
	copy->location = arena_strdup(arena, head->location);
	copy->link_hub = arena_strdup(arena, head->link_hub);
	copy->link_self = arena_strdup(arena, head->link_self);
	task->has_head = true;
	task->outcome = answer_outcome(head, task->is_conditional);
	if (task->outcome == OUTCOME_OK)
		open_document(task, head->content_type, head->content_language);
}

static bool
on_data(void *arg, const char *data, size_t size)
{
	struct task *task = arg;
	size_t room = START_BYTES - task->start.len;

	task->decoded += (int64_t)size;
	if (room > 0)
		buf_add(&task->start, data, size < room ? size : room);
	if (task->document != NULL)
		return put_data(task, data, size);
	return task->decoded < LIMIT_ERROR_BODY;
}

static void
on_end(void *arg, const struct fetch_end *end)
{
	struct task *task = arg;
	struct batch *batch = batch_of(task);

	task->fetch = NULL;
	batch->bytes = end->bytes;
	batch->duration = end->duration;
	if (task->has_head && task->outcome != OUTCOME_OK) {
		answer_status(task, task->outcome, NULL);
	} else if (end->outcome != OUTCOME_OK) {
		/* A stump is no document: no hash, no items, no validators. */
		document_free(task->document);
		task->document = NULL;
		answer(task, end->outcome, end->reason);
	} else if (task->decoded == 0) {
		answer_status(task, OUTCOME_EMPTY, NULL);
	} else {
		task->state = TASK_ENDING;
		process_work(task->process);
	}
}

static void
on_waits(void *arg, bool waits)
{
	struct task *task = arg;

	process_tell(
	    task->process, waits ? WIRE_WAITS : WIRE_GOES, task->request.job);
}

static const struct fetch_sink sink = {on_waits, on_head, on_data, on_end};

/* -- Steps after the transfer ---------------------------------------------------- */

static bool
is_same_body(const struct task *task)
{
	struct hash128 was = task->request.body_hash, is;

	if (task->is_cut || (was.high == 0 && was.low == 0))
		return false;
	is = document_body_hash(task->document);
	return is.high == was.high && is.low == was.low;
}

static void
step_feed(struct task *task)
{
	size_t left = task->request.document_size - task->fed;
	size_t size = left < FEED_BYTES ? left : FEED_BYTES;
	bool more =
	    size > 0 && put_data(task, task->request.document + task->fed, size);

	task->fed += size;
	task->decoded += (int64_t)size;
	if (!more || task->fed == task->request.document_size)
		task->state = TASK_ENDING;
}

static void
step_end(struct task *task)
{
	if (is_same_body(task)) {
		answer(task, OUTCOME_UNCHANGED, NULL);
		return;
	}
	process_blame(task->process, task->request.feed_id);
	task->outcome = document_end(task->document);
	process_blame(task->process, 0);
	budget_count(task);
	switch (task->outcome) {
	case OUTCOME_OK:
	case OUTCOME_BROKEN:
	case OUTCOME_NOT_A_FEED: /* the feeds that a page links to */
		task->state = TASK_NORMALISING;
		break;
	default:
		answer_status(task, task->outcome, document_reason(task->document));
	}
}

static void
step_normalise(struct task *task)
{
	struct batch *batch = batch_of(task), *empty;
	int r;

	process_blame(task->process, task->request.feed_id);
	r = document_normalise(task->document, LIMIT_SLICE_USEC, batch);
	process_blame(task->process, 0);
	budget_count(task);
	if (r > 0)
		return;
	if (r == 0) {
		answer_status(task, task->outcome, document_reason(task->document));
		return;
	}
	empty = batch_new(task->request.feed_id, LIMIT_ARENA_BYTES);
	empty->bytes = batch->bytes;
	empty->duration = batch->duration;
	batch_free(batch);
	task->batch = empty;
	answer(task, OUTCOME_TOO_BIG, "more items and text than one feed may hold");
}

void
task_work(struct task *task)
{
	switch (task->state) {
	case TASK_FETCHING:
		break;
	case TASK_FEEDING:
		step_feed(task);
		break;
	case TASK_ENDING:
		step_end(task);
		break;
	case TASK_NORMALISING:
		step_normalise(task);
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
start(struct task *task)
{
	const struct request *request = &task->request;
	int r;

	if (request->document != NULL) {
		task->state = TASK_FEEDING;
		open_document(task, request->content_type, NULL);
		process_work(task->process);
		return;
	}
	task->is_conditional = has_validators(request);
	r = fetch_start(task->process->fetch, request, &sink, task, &task->fetch);
	if (r < 0)
		answer(task, OUTCOME_TRANSFER, strerror(-r));
	else if (fetch_waits(task->fetch))
		process_tell(task->process, WIRE_WAITS, request->job);
}

int
task_new(struct process *process, char *payload, size_t size)
{
	struct task *task = xcalloc(1, sizeof(*task));

	task->process = process;
	task->payload = payload;
	task->arena = arena_new(TASK_ARENA_BYTES);
	TAILQ_INSERT_TAIL(&process->tasks, task, entry);
	if (wire_get_request(payload, size, task->arena, &task->request) < 0 ||
	    task->request.url == NULL) {
		task_free(task);
		return -EBADMSG;
	}
	start(task);
	return 0;
}

void
task_free(struct task *task)
{
	TAILQ_REMOVE(&task->process->tasks, task, entry);
	budget_forget(task);
	if (task->fetch != NULL)
		fetch_cancel(task->fetch);
	document_free(task->document);
	batch_free(task->batch);
	arena_free(task->arena);
	buf_done(&task->start);
#ifdef WITH_TEST_HOOKS
	buf_done(&task->hook);
#endif
	/* It may hold a credential. */
	free(task->payload);
	free(task);
}

void
task_cancel(struct task *task)
{
	answer(task, OUTCOME_CANCELLED, NULL);
}
