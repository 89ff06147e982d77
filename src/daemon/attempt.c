/* SPDX-License-Identifier: ISC */
#include "daemon/attempt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "daemon/secrets.h"
#include "schedule/plan.h"
#include "store/store.h"
#include "wire/wire.h"

/* LIMIT_ITEMS hashes, certificates and a credential, and then some */
#define REQUEST_ARENA (4u << 20)
#define TRAIL_BYTES 4096 /* six addresses are seldom longer */

struct attempts {
	struct pipeline *owner;
	void (*cancelled)(struct attempt *attempt);
	void (*finish)(struct attempt *attempt);
	/* In `by_feed` only the last of each feed: the one before it may still be
	 * committed while it has begun. */
	TAILQ_HEAD(, attempt) all;
	struct map *by_feed, *by_number;
	size_t count;
	int64_t last_number;
};

struct waiter {
	struct waiter *next;
	pipeline_result_fn *fn; /* NULL: its caller is gone */
	void *arg;
};

struct pipeline_probe {
	struct attempt *attempt;
};

/* -- All of them ---------------------------------------------------------------- */

struct attempts *
attempts_new(struct pipeline *owner, void (*cancelled)(struct attempt *attempt),
    void (*finish)(struct attempt *attempt))
{
	struct attempts *attempts = xcalloc(1, sizeof(*attempts));

	attempts->owner = owner;
	attempts->cancelled = cancelled;
	attempts->finish = finish;
	TAILQ_INIT(&attempts->all);
	attempts->by_feed = map_new();
	attempts->by_number = map_new();
	return attempts;
}

void
attempts_free(struct attempts *attempts)
{
	struct attempt *attempt;

	while ((attempt = TAILQ_FIRST(&attempts->all)) != NULL)
		attempt_free(attempt);
	map_free(attempts->by_feed);
	map_free(attempts->by_number);
	free(attempts);
}

struct attempt *
attempts_find(struct attempts *attempts, int64_t feed_id)
{
	return map_find_id(attempts->by_feed, feed_id);
}

struct attempt *
attempts_get(struct attempts *attempts, int64_t feed_id)
{
	struct attempt *attempt = attempts_find(attempts, feed_id);

	if (attempt != NULL && attempt->state != ATTEMPT_COMMITTING)
		return attempt;
	/* One that is being committed is over but for its answer. */
	(void)map_remove_id(attempts->by_feed, feed_id);
	attempt = xcalloc(1, sizeof(*attempt));
	attempt->attempts = attempts;
	attempt->owner = attempts->owner;
	attempt->feed_id = feed_id;
	(void)map_put_id(attempts->by_feed, feed_id, attempt);
	TAILQ_INSERT_TAIL(&attempts->all, attempt, entry);
	attempts->count++;
	return attempt;
}

struct attempt *
attempts_by_number(struct attempts *attempts, int64_t number)
{
	return map_find_id(attempts->by_number, number);
}

int64_t
attempts_number(struct attempts *attempts)
{
	return ++attempts->last_number;
}

size_t
attempts_count(const struct attempts *attempts)
{
	return attempts->count;
}

size_t
attempts_committing(const struct attempts *attempts)
{
	const struct attempt *attempt;
	size_t count = 0;

	TAILQ_FOREACH(attempt, &attempts->all, entry)
	count += attempt->state == ATTEMPT_COMMITTING;
	return count;
}

size_t
attempts_of_fetcher(
    struct attempts *attempts, uint64_t fetcher, struct attempt ***ret_list)
{
	struct attempt *attempt;
	size_t count = 0;

	*ret_list = xcalloc(attempts->count + 1, sizeof(**ret_list));
	TAILQ_FOREACH(attempt, &attempts->all, entry)
	{
		if (attempt->state == ATTEMPT_SENT && attempt->fetcher == fetcher)
			(*ret_list)[count++] = attempt;
	}
	return count;
}

void
attempts_unstick(struct attempts *attempts)
{
	struct attempt *attempt;

	TAILQ_FOREACH(attempt, &attempts->all, entry)
	{
		if (attempt->state == ATTEMPT_STUCK) {
			attempts->finish(attempt); /* one commit, one place */
			return;
		}
	}
}

void
attempts_forget(struct attempts *attempts, void *arg)
{
	struct waiter *waiter;
	struct attempt *attempt;

	TAILQ_FOREACH(attempt, &attempts->all, entry)
	{
		for (waiter = attempt->waiters; waiter != NULL;
		    waiter = waiter->next) {
			if (waiter->arg == arg)
				waiter->fn = NULL;
		}
	}
}

/* -- One of them ---------------------------------------------------------------- */

static void
free_waiters(struct attempt *attempt)
{
	struct waiter *waiter;

	while ((waiter = attempt->waiters) != NULL) {
		attempt->waiters = waiter->next;
		free(waiter);
	}
}

void
attempt_free(struct attempt *attempt)
{
	if (attempt->query != NULL)
		store_query_cancel(attempt->query);
	if (attempts_find(attempt->attempts, attempt->feed_id) == attempt)
		(void)map_remove_id(attempt->attempts->by_feed, attempt->feed_id);
	TAILQ_REMOVE(&attempt->attempts->all, attempt, entry);
	attempt->attempts->count--;
	(void)map_remove_id(attempt->attempts->by_number, attempt->number);
	attempt_probe_over(attempt);
	free_waiters(attempt);
	batch_free(attempt->batch);
	buf_done(&attempt->frame);
	buf_done(&attempt->trail);
	buf_done(&attempt->hops);
	free(attempt->reason);
	free(attempt->name);
	free(attempt->url);
	free(attempt->probe_url);
	free(attempt->errand);
	free(attempt->new_url);
	free(attempt->page_url);
	free(attempt);
}

void
attempt_cancelled(struct attempt *attempt)
{
	attempt->attempts->cancelled(attempt);
}

void
attempt_again(struct attempt *attempt)
{
	attempt->state = ATTEMPT_ASKED;
	free(attempt->url);
	attempt->url = NULL;
	buf_reset(&attempt->trail);
	attempt->bytes = 0;
	attempt->duration = 0;
	attempt->for_ever = false;
}

void
attempt_name(struct attempt *attempt, const char *name)
{
	free(attempt->name);
	attempt->name = xstrdup(name);
}

void
attempt_await(struct attempt *attempt, pipeline_result_fn *fn, void *arg)
{
	struct waiter *waiter = xcalloc(1, sizeof(*waiter));

	waiter->fn = fn;
	waiter->arg = arg;
	waiter->next = attempt->waiters;
	attempt->waiters = waiter;
}

bool
attempt_is_awaited(const struct attempt *attempt)
{
	const struct waiter *waiter;

	for (waiter = attempt->waiters; waiter != NULL; waiter = waiter->next) {
		if (waiter->fn != NULL)
			return true;
	}
	return false;
}

void
attempt_answer(struct attempt *attempt, const struct pipeline_result *result)
{
	const struct waiter *waiter;

	/* An answer may make others be forgotten, but frees none. */
	for (waiter = attempt->waiters; waiter != NULL; waiter = waiter->next) {
		if (waiter->fn != NULL)
			waiter->fn(waiter->arg, result);
	}
	free_waiters(attempt);
}

/* -- Its request ------------------------------------------------------------------ */

/* What the feed does not say itself, [fetch] says. */
static void
fill_defaults(struct request *request, const struct settings *settings)
{
	const struct feed_options *all = &settings->fetch;
	const struct {
		const char **own, *all;
	} texts[] = {
	    {&request->allow_private, all->allow_private},
	    {&request->user_agent, all->user_agent},
	    {&request->header, all->header},
	    {&request->cookie, all->cookie},
	    {&request->proxy, all->proxy},
	    {&request->no_proxy, settings->no_proxy},
	    {&request->http_version, all->http_version},
	    {&request->credential, all->credential},
	    {&request->client_pem, all->client_cert},
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (*texts[i].own == NULL)
			*texts[i].own = texts[i].all;
	}
	if (request->timeout == 0)
		request->timeout = all->timeout;
	if (request->max_body == 0)
		request->max_body = all->max_body;
	if (request->max_items == 0)
		request->max_items = all->max_items;
	if (request->insecure == CHOICE_NONE)
		request->insecure = all->insecure;
	request->want_raw = true; /* item.raw is for everyone to ask for */
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

/* The request's credential, ca_pem and client_pem are names until here. */
static int
fill_secrets(struct attempt *attempt, struct request *request, const char *config,
    struct arena *arena, struct buf *reason)
{
	const struct secrets_names names = {.credential = request->credential,
	    .ca_file = request->ca_pem,
	    .client_cert = request->client_pem};

	attempt->secret = secrets_mark(config, names.credential);
	return (int)secrets_fill(config, &names, request, arena, reason);
}

static int
send_as(struct attempt *attempt, struct request *request,
    const struct settings *settings, const char *config, struct arena *arena,
    struct buf *reason)
{
	struct buf clean = {0};
	int r;

	fill_defaults(request, settings);
	if (attempt->url != NULL && strcmp(attempt->url, request->url) != 0) {
		leave_origin(request, attempt->url);
		/* A user and password in a Location are nobody's we know. */
		request->url = url_without_userinfo(attempt->url, &clean) == 0
		    ? clean.data
		    : attempt->url;
	} else if (attempt->url == NULL) {
		attempt_go_to(attempt, request->url);
	}
	r = fill_secrets(attempt, request, config, arena, reason);
	if (r == OUTCOME_OK) {
		request->job = attempt->number;
		request->feed_id = attempt->feed_id;
		buf_reset(&attempt->frame);
		wire_put_request(request, &attempt->frame);
		(void)map_put_id(
		    attempt->attempts->by_number, attempt->number, attempt);
	}
	buf_done(&clean);
	return r;
}

/* An errand's address is another one: what is known of the feed's does not help. */
static void
forget_document(struct request *request)
{
	request->known = NULL;
	request->known_count = 0;
	request->body_hash = (struct hash128){0, 0};
	request->validators = (struct validators){0};
}

int
attempt_address(struct attempt *attempt, const struct settings *settings,
    const char *config, bool full, struct buf *reason)
{
	struct arena *arena = arena_new(REQUEST_ARENA);
	struct request request = {0};
	enum wire_type type;
	const char *payload;
	size_t size, total;
	struct buf stored = attempt->frame;
	int r;

	attempt->frame = (struct buf){0};
	r = wire_frame(stored.data, stored.len, &type, &payload, &size, &total);
	r = r == 1 ? wire_get_request(payload, size, arena, &request) : -EBADMSG;
	if (full)
		request.validators = (struct validators){0};
	if (attempt->errand_of != 0)
		forget_document(&request);
	request.want_candidates = true; /* told when a page is where a feed was */
	if (r == 0)
		r = send_as(attempt, &request, settings, config, arena, reason);
	buf_done(&stored);
	arena_free(arena);
	return r;
}

void
attempt_go_to(struct attempt *attempt, const char *url)
{
	char *copy = xstrdup(url);

	free(attempt->url);
	attempt->url = copy;
}

/* -- Its result -------------------------------------------------------------------- */

static void
note_probe_hop(struct attempt *attempt, const struct batch *batch)
{
	struct jsonw w;

	if (attempt->hops.len > 0)
		buf_putc(&attempt->hops, ',');
	jsonw_init(&w, &attempt->hops);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "url", batch->url);
	jsonw_int(&w, "status", batch->http_status);
	jsonw_text(&w, "location", batch->location);
	jsonw_int(&w, "msec", batch->duration);
	jsonw_close(&w);
}

void
attempt_note_hop(struct attempt *attempt, const struct batch *batch)
{
	(void)map_remove_id(attempt->attempts->by_number, attempt->number);
	if (attempt->trail.len == 0)
		attempt->for_ever = true; /* the first hop */
	attempt->for_ever = attempt->for_ever &&
	    (batch->http_status == 301 || batch->http_status == 308);
	if (attempt->probe != NULL)
		note_probe_hop(attempt, batch);
	if (attempt->trail.len < TRAIL_BYTES && batch->location != NULL)
		buf_printf(&attempt->trail, "%d to %.1024s; ", batch->http_status,
		    batch->location);
}

void
attempt_follow(struct attempt *attempt, const struct batch *batch)
{
	attempt->bytes += batch->bytes;
	attempt->duration += batch->duration;
	attempt->state = ATTEMPT_HOPPING;
	attempt_go_to(attempt, batch->location);
}

void
attempt_add_up(struct attempt *attempt, struct batch *batch)
{
	(void)map_remove_id(attempt->attempts->by_number, attempt->number);
	batch->bytes += attempt->bytes;
	batch->duration += attempt->duration;
	batch->secret = attempt->secret;
	if (attempt->for_ever)
		batch->moved = batch->url;
	/* A failure's reason names the way that led to it. */
	if (attempt->trail.len > 0 && outcome_is_failure(batch->outcome))
		batch->reason =
		    arena_printf(batch->arena, "%s%s", attempt->trail.data,
			batch->reason != NULL ? batch->reason
					      : outcome_words(batch->outcome));
}

static const char *
detail(struct attempt *attempt, const struct batch *batch,
    const struct feed_plan *plan, const char *what, const char *reasons, msec_t wait)
{
	struct buf line = {0};
	char text[CLOCK_TEXT];
	const char *kept;

	if (outcome_is_failure(batch->outcome)) /* its reason has the way in it */
		buf_printf(&line, "%s; failure %u; ",
		    batch->reason != NULL ? batch->reason
					  : outcome_words(batch->outcome),
		    plan->failures);
	else
		buf_puts(&line, buf_text(&attempt->trail));
	if (batch->item_count > 0)
		buf_printf(&line, "%zu %s; ", batch->item_count, what);
	if (plan->note != NULL)
		buf_printf(&line, "%s; ", plan->note);
	if (plan->gone || plan->quarantined)
		buf_puts(&line, "not asked again");
	else
		buf_printf(&line, "next in %s", clock_duration_format(wait, text));
	plan_rules(reasons, &line);
	kept = arena_strdup(batch->arena, buf_text(&line));
	buf_done(&line);
	return kept;
}

void
attempt_detail(struct attempt *attempt, struct batch *batch,
    const struct feed_plan *plan, const char *reasons, msec_t now)
{
	batch->detail =
	    detail(attempt, batch, plan, "new or changed", reasons, plan->due - now);
	if (plan->quiet_due != 0)
		batch->quiet_detail = detail(attempt, batch, plan, "changed",
		    plan->quiet_reasons, plan->quiet_due - now);
}

void
attempt_note(struct attempt *attempt, const struct batch *batch)
{
	attempt->outcome = batch->outcome;
	attempt->http_status = batch->http_status;
	free(attempt->reason);
	attempt->reason = xstrdup(
	    batch->reason != NULL ? batch->reason : outcome_words(batch->outcome));
}

/* -- Probes -------------------------------------------------------------------------- */

void
attempt_is_probe(struct attempt *attempt, const char *url,
    const struct feed_options *options, const struct validators *validators,
    pipeline_probe_fn *fn, void *arg)
{
	struct feed_options *own = &attempt->probe_options;

	attempt->probe = xcalloc(1, sizeof(*attempt->probe));
	attempt->probe->attempt = attempt;
	attempt->probe_fn = fn;
	attempt->probe_arg = arg;
	attempt->probe_arena = arena_new(REQUEST_ARENA);
	*own = *options;
	own->user_agent = arena_strdup(attempt->probe_arena, options->user_agent);
	own->header = arena_strdup(attempt->probe_arena, options->header);
	own->cookie = arena_strdup(attempt->probe_arena, options->cookie);
	own->proxy = arena_strdup(attempt->probe_arena, options->proxy);
	own->http_version =
	    arena_strdup(attempt->probe_arena, options->http_version);
	own->credential = arena_strdup(attempt->probe_arena, options->credential);
	if (validators != NULL)
		attempt->probe_validators = (struct validators){
		    .etag = arena_strdup(attempt->probe_arena, validators->etag),
		    .last_modified = arena_strdup(
			attempt->probe_arena, validators->last_modified),
		    .url = arena_strdup(attempt->probe_arena, validators->url)};
	attempt->probe_url = xstrdup(url);
	attempt_go_to(attempt, url);
}

int
attempt_probe_frame(struct attempt *attempt, const struct settings *settings,
    const char *config, struct buf *reason)
{
	const struct feed_options *own = &attempt->probe_options;
	struct arena *arena = arena_new(REQUEST_ARENA);
	struct request request = {.feed = "",
	    .url = attempt->probe_url,
	    .validators = attempt->probe_validators,
	    .timeout = own->timeout,
	    .max_body = own->max_body,
	    .max_items = own->max_items,
	    .user_agent = own->user_agent,
	    .header = own->header,
	    .cookie = own->cookie,
	    .proxy = own->proxy,
	    .http_version = own->http_version,
	    .credential = own->credential,
	    .want_candidates = true,
	    .want_raw = true,
	    .want_report = true};
	int r = send_as(attempt, &request, settings, config, arena, reason);

	arena_free(arena);
	return r;
}

struct attempt *
attempt_of_probe(const struct pipeline_probe *probe)
{
	return probe->attempt;
}

void
attempt_probe_over(struct attempt *attempt)
{
	arena_free(attempt->probe_arena);
	attempt->probe_arena = NULL;
	free(attempt->probe);
	attempt->probe = NULL;
	attempt->probe_fn = NULL;
}

void
attempt_becomes(struct attempt *attempt, int64_t feed_id)
{
	(void)map_remove_id(attempt->attempts->by_feed, attempt->feed_id);
	attempt->feed_id = feed_id;
	attempt->batch->feed_id = feed_id;
	(void)map_put_id(attempt->attempts->by_feed, feed_id, attempt);
}
