/* SPDX-License-Identifier: ISC */
#include "daemon/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "store/store.h"
#include "wire/wire.h"

#define REQUEST_ARENA (1u << 20) /* LIMIT_ITEMS hashes, and then some */
#define TRAIL_BYTES 4096         /* six addresses are seldom longer */

struct jobs {
	struct pipeline *owner;
	void (*cancelled)(struct job *job);
	void (*finish)(struct job *job);
	struct map *by_feed, *by_number;
	size_t detached; /* being committed while the next attempt has begun */
	int64_t last_number;
};

struct waiter {
	struct waiter *next;
	pipeline_result_fn *fn; /* NULL: its caller is gone */
	void *arg;
};

struct pipeline_probe {
	struct job *job;
};

/* -- All of them ---------------------------------------------------------------- */

struct jobs *
jobs_new(struct pipeline *owner, void (*cancelled)(struct job *job),
    void (*finish)(struct job *job))
{
	struct jobs *jobs = xcalloc(1, sizeof(*jobs));

	jobs->owner = owner;
	jobs->cancelled = cancelled;
	jobs->finish = finish;
	jobs->by_feed = map_new();
	jobs->by_number = map_new();
	return jobs;
}

void
jobs_free(struct jobs *jobs)
{
	struct job *job;
	size_t at = 0;

	while ((job = map_next(jobs->by_feed, &at)) != NULL)
		job_free(job);
	map_free(jobs->by_feed);
	map_free(jobs->by_number);
	free(jobs);
}

struct job *
jobs_find(struct jobs *jobs, int64_t feed_id)
{
	return map_find_id(jobs->by_feed, feed_id);
}

struct job *
jobs_get(struct jobs *jobs, int64_t feed_id)
{
	struct job *job = jobs_find(jobs, feed_id);

	if (job != NULL && job->state != JOB_COMMITTING)
		return job;
	/* One that is being committed is over but for its answer. */
	if (job != NULL) {
		(void)map_remove_id(jobs->by_feed, feed_id);
		jobs->detached++;
	}
	job = xcalloc(1, sizeof(*job));
	job->jobs = jobs;
	job->owner = jobs->owner;
	job->feed_id = feed_id;
	(void)map_put_id(jobs->by_feed, feed_id, job);
	return job;
}

struct job *
jobs_by_number(struct jobs *jobs, int64_t number)
{
	return map_find_id(jobs->by_number, number);
}

int64_t
jobs_number(struct jobs *jobs)
{
	return ++jobs->last_number;
}

size_t
jobs_count(const struct jobs *jobs)
{
	return map_count(jobs->by_feed) + jobs->detached;
}

unsigned
jobs_flying(const struct jobs *jobs)
{
	const struct job *job;
	unsigned count = 0;
	size_t at = 0;

	while ((job = map_next(jobs->by_feed, &at)) != NULL)
		count += job->state == JOB_PREPARING || job->state == JOB_SENT;
	return count;
}

size_t
jobs_of_fetcher(struct jobs *jobs, uint64_t fetcher, struct job ***ret_list)
{
	struct job *job;
	size_t at = 0, count = 0;

	*ret_list = xcalloc(map_count(jobs->by_feed) + 1, sizeof(**ret_list));
	while ((job = map_next(jobs->by_feed, &at)) != NULL) {
		if (job->state == JOB_SENT && job->fetcher == fetcher)
			(*ret_list)[count++] = job;
	}
	return count;
}

void
jobs_unstick(struct jobs *jobs)
{
	struct job *job;
	size_t at = 0;

	while ((job = map_next(jobs->by_feed, &at)) != NULL) {
		if (job->state == JOB_STUCK) {
			jobs->finish(job); /* one commit, one place */
			return;
		}
	}
}

void
jobs_forget(struct jobs *jobs, void *arg)
{
	struct waiter *waiter;
	struct job *job;
	size_t at = 0;

	while ((job = map_next(jobs->by_feed, &at)) != NULL) {
		for (waiter = job->waiters; waiter != NULL; waiter = waiter->next) {
			if (waiter->arg == arg)
				waiter->fn = NULL;
		}
	}
}

/* -- One of them ---------------------------------------------------------------- */

static void
free_waiters(struct job *job)
{
	struct waiter *waiter;

	while ((waiter = job->waiters) != NULL) {
		job->waiters = waiter->next;
		free(waiter);
	}
}

void
job_free(struct job *job)
{
	if (job->query != NULL)
		store_query_cancel(job->query);
	if (jobs_find(job->jobs, job->feed_id) == job)
		(void)map_remove_id(job->jobs->by_feed, job->feed_id);
	else
		job->jobs->detached--;
	(void)map_remove_id(job->jobs->by_number, job->number);
	job_probe_over(job);
	free_waiters(job);
	batch_free(job->batch);
	buf_done(&job->frame);
	buf_done(&job->trail);
	free(job->reason);
	free(job->name);
	free(job->url);
	free(job->probe_url);
	free(job);
}

void
job_cancelled(struct job *job)
{
	job->jobs->cancelled(job);
}

void
job_again(struct job *job)
{
	job->state = JOB_ASKED;
	free(job->url);
	job->url = NULL;
	buf_reset(&job->trail);
	job->bytes = 0;
	job->duration = 0;
}

void
job_name(struct job *job, const char *name)
{
	free(job->name);
	job->name = xstrdup(name);
}

void
job_await(struct job *job, pipeline_result_fn *fn, void *arg)
{
	struct waiter *waiter = xcalloc(1, sizeof(*waiter));

	waiter->fn = fn;
	waiter->arg = arg;
	waiter->next = job->waiters;
	job->waiters = waiter;
}

bool
job_is_awaited(const struct job *job)
{
	const struct waiter *waiter;

	for (waiter = job->waiters; waiter != NULL; waiter = waiter->next) {
		if (waiter->fn != NULL)
			return true;
	}
	return false;
}

void
job_answer(struct job *job, const struct pipeline_result *result)
{
	const struct waiter *waiter;

	/* An answer may make others be forgotten, but frees none. */
	for (waiter = job->waiters; waiter != NULL; waiter = waiter->next) {
		if (waiter->fn != NULL)
			waiter->fn(waiter->arg, result);
	}
	free_waiters(job);
}

/* -- Its request ------------------------------------------------------------------ */

static void
fill_defaults(struct request *request, const struct settings *settings)
{
	const struct feed_options *all = &settings->fetch;

	if (request->timeout == 0)
		request->timeout = all->timeout;
	if (request->max_body == 0)
		request->max_body = all->max_body;
	if (request->max_items == 0)
		request->max_items = all->max_items;
	if (request->allow_private == NULL)
		request->allow_private = all->allow_private;
	if (request->user_agent == NULL)
		request->user_agent = all->user_agent;
	if (request->header == NULL)
		request->header = all->header;
	if (request->proxy == NULL)
		request->proxy = all->proxy;
	if (request->no_proxy == NULL)
		request->no_proxy = settings->no_proxy;
	if (request->http_version == NULL)
		request->http_version = all->http_version;
}

/* Secrets are for the origin that they were given for (POLLING 62). */
static void
leave_origin(struct request *request, const char *url)
{
	struct buf from = {0}, to = {0};

	if (url_origin(request->url, &from) < 0 || url_origin(url, &to) < 0 ||
	    strcmp(from.data, to.data) != 0) {
		request->credential = request->cookie = request->header = NULL;
		request->client_pem = NULL;
	}
	buf_done(&from);
	buf_done(&to);
}

static void
send_as(struct job *job, struct request *request, const struct settings *settings)
{
	struct buf clean = {0};

	fill_defaults(request, settings);
	if (job->url != NULL && strcmp(job->url, request->url) != 0) {
		leave_origin(request, job->url);
		/* A user and password in a Location are nobody's we know. */
		request->url = url_without_userinfo(job->url, &clean) == 0
		    ? clean.data
		    : job->url;
	} else if (job->url == NULL) {
		job_go_to(job, request->url);
	}
	request->job = job->number;
	request->feed_id = job->feed_id;
	buf_reset(&job->frame);
	wire_put_request(request, &job->frame);
	(void)map_put_id(job->jobs->by_number, job->number, job);
	buf_done(&clean);
}

int
job_address(struct job *job, const struct settings *settings)
{
	struct arena *arena = arena_new(REQUEST_ARENA);
	struct request request = {0};
	enum wire_type type;
	const char *payload;
	size_t size, total;
	struct buf stored = job->frame;
	int r;

	job->frame = (struct buf){0};
	r = wire_frame(stored.data, stored.len, &type, &payload, &size, &total);
	r = r == 1 ? wire_get_request(payload, size, arena, &request) : -EBADMSG;
	if (r == 0)
		send_as(job, &request, settings);
	buf_done(&stored);
	arena_free(arena);
	return r;
}

void
job_go_to(struct job *job, const char *url)
{
	char *copy = xstrdup(url);

	free(job->url);
	job->url = copy;
}

/* -- Its result -------------------------------------------------------------------- */

void
job_note_hop(struct job *job, const struct batch *batch)
{
	(void)map_remove_id(job->jobs->by_number, job->number);
	job->bytes += batch->bytes;
	job->duration += batch->duration;
	if (job->trail.len < TRAIL_BYTES && batch->location != NULL)
		buf_printf(&job->trail, "%d to %.1024s; ", batch->http_status,
		    batch->location);
}

void
job_add_up(struct job *job, struct batch *batch)
{
	(void)map_remove_id(job->jobs->by_number, job->number);
	batch->bytes += job->bytes;
	batch->duration += job->duration;
	/* A failure's reason names the way that led to it. */
	if (job->trail.len > 0 && outcome_is_failure(batch->outcome))
		batch->reason = arena_printf(batch->arena, "%s%s", job->trail.data,
		    batch->reason != NULL ? batch->reason
					  : outcome_words(batch->outcome));
}

void
job_note(struct job *job, const struct batch *batch)
{
	job->outcome = batch->outcome;
	job->http_status = batch->http_status;
	free(job->reason);
	job->reason = xstrdup(
	    batch->reason != NULL ? batch->reason : outcome_words(batch->outcome));
}

/* -- Probes -------------------------------------------------------------------------- */

void
job_is_probe(struct job *job, const char *url, const struct feed_options *options,
    pipeline_probe_fn *fn, void *arg)
{
	struct feed_options *own = &job->probe_options;

	job->probe = xcalloc(1, sizeof(*job->probe));
	job->probe->job = job;
	job->probe_fn = fn;
	job->probe_arg = arg;
	job->probe_arena = arena_new(REQUEST_ARENA);
	*own = *options;
	own->user_agent = arena_strdup(job->probe_arena, options->user_agent);
	own->header = arena_strdup(job->probe_arena, options->header);
	own->cookie = arena_strdup(job->probe_arena, options->cookie);
	own->proxy = arena_strdup(job->probe_arena, options->proxy);
	own->http_version = arena_strdup(job->probe_arena, options->http_version);
	job->probe_url = xstrdup(url);
	job_go_to(job, url);
}

void
job_probe_frame(struct job *job, const struct settings *settings)
{
	const struct feed_options *own = &job->probe_options;
	struct request request = {.feed = "",
	    .url = job->probe_url,
	    .timeout = own->timeout,
	    .max_body = own->max_body,
	    .max_items = own->max_items,
	    .user_agent = own->user_agent,
	    .header = own->header,
	    .cookie = own->cookie,
	    .proxy = own->proxy,
	    .http_version = own->http_version,
	    .want_candidates = true,
	    .want_raw = true};

	send_as(job, &request, settings);
}

struct job *
job_of_probe(struct pipeline_probe *probe)
{
	return probe->job;
}

void
job_probe_over(struct job *job)
{
	arena_free(job->probe_arena);
	job->probe_arena = NULL;
	free(job->probe);
	job->probe = NULL;
	job->probe_fn = NULL;
}

void
job_becomes(struct job *job, int64_t feed_id)
{
	(void)map_remove_id(job->jobs->by_feed, job->feed_id);
	job->feed_id = feed_id;
	job->batch->feed_id = feed_id;
	(void)map_put_id(job->jobs->by_feed, feed_id, job);
}
