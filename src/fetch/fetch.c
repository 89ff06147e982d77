/* SPDX-License-Identifier: ISC */
/*
 * libcurl's multi-socket interface on libevent, and the life of a job:
 *
 *	fetch_start -> (name look-up) -> launch -> callbacks -> finish
 *
 * libcurl must not be called from its own callbacks, so what a sink asks for
 * from inside of one (pause, cancel, start) is done in the next turn of the loop.
 */
#include "fetch/fetch.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "base/limits.h"
#include "fetch/job.h"
#include "fetch/sessions.h"

#define NUDGE_USEC 500000
/* A paused transfer of which something is read but not delivered: libcurl 8 (8.14) wants
 * to look at it at once, again and again.  Meanwhile it may so often. */
#define SPINS (LIBCURL_VERSION_NUM >= 0x080000)
#define PAUSED_MSEC 10

struct watch {
	struct event event;
	struct pool *pool;
	short what;
};

static void finish(struct fetch_job *job, CURLcode code);
static void launch(struct fetch_job *job);

static struct timeval
to_timeval(msec_t wait)
{
	struct timeval tv;

	if (wait < 0)
		wait = 0;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000 * 1000);
	return tv;
}

/* -- Pools: libcurl on the loop ------------------------------------------------ */

static void
pool_free(struct pool *pool)
{
	struct fetch *fetch = pool->fetch;

	TAILQ_REMOVE(&fetch->pools, pool, entry);
	fetch->in_curl++;
	curl_multi_cleanup(pool->multi); /* calls on_curl_socket */
	fetch->in_curl--;
	event_del(&pool->timer);
	free(pool);
}

/* Collect what has ended; then an old pool may go. */
static void
pool_reap(struct pool *pool)
{
	struct fetch_job *job;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, (char **)&job);
		finish(job, code); /* `message` is gone with its handle */
	}
	if (pool->live == 0 && pool != TAILQ_FIRST(&pool->fetch->pools))
		pool_free(pool);
}

static void
pool_act(struct pool *pool, curl_socket_t fd, int what)
{
	int running;

	pool->fetch->in_curl++;
	curl_multi_socket_action(pool->multi, fd, what, &running);
	pool->fetch->in_curl--;
	pool_reap(pool);
}

static void
on_pool_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pool_act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct watch *watch = arg;

	pool_act(watch->pool, fd,
	    ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
		((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

static int
on_curl_timer(CURLM *multi, long wait, void *arg)
{
	struct pool *pool = arg;
	struct timeval tv;

	(void)multi;
	if (SPINS && wait == 0 && pool->paused > 0) {
		if (pool->is_slowed && event_pending(&pool->timer, EV_TIMEOUT, NULL))
			return 0;
		wait = PAUSED_MSEC;
		pool->is_slowed = true;
	} else {
		pool->is_slowed = false;
	}
	tv = to_timeval(wait);
	if (wait < 0)
		event_del(&pool->timer);
	else
		event_add(&pool->timer, &tv);
	return 0;
}

static void
watch_for(struct watch *watch, curl_socket_t fd, short what)
{
	if (watch->what == what)
		return;
	if (watch->what != 0)
		event_del(&watch->event);
	event_assign(&watch->event, watch->pool->fetch->base, fd, what | EV_PERSIST,
	    on_socket, watch);
	event_add(&watch->event, NULL);
	watch->what = what;
}

static int
on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct pool *pool = arg;
	struct watch *watch = socket_arg;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL && watch->what != 0)
			event_del(&watch->event);
		free(watch);
		return 0;
	}
	if (watch == NULL) {
		watch = xcalloc(1, sizeof(*watch));
		watch->pool = pool;
		curl_multi_assign(pool->multi, fd, watch);
	}
	watch_for(watch, fd,
	    (short)(((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
		((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0)));
	return 0;
}

static int
pool_new(struct fetch *fetch)
{
	struct pool *pool = xcalloc(1, sizeof(*pool));

	pool->fetch = fetch;
	pool->multi = curl_multi_init();
	if (pool->multi == NULL) {
		free(pool);
		return -ENOMEM;
	}
	event_assign(&pool->timer, fetch->base, -1, 0, on_pool_timer, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(
	    pool->multi, CURLMOPT_MAXCONNECTS, (long)fetch->concurrency);
	TAILQ_INSERT_HEAD(&fetch->pools, pool, entry);
	return 0;
}

/* -- The job's clock ----------------------------------------------------------- */

static void
shift_clock(struct fetch_job *job, msec_t by)
{
	job->deadline += by;
	job->first_byte_by += by;
}

/* The wait for a thread that looks its name up is not its own time. */
static void
forgive_lookup(struct fetch_job *job, msec_t now)
{
	msec_t began = resolve_began(job->lookup, now);

	if (job->stands_since != 0 || began <= job->begun)
		return;
	shift_clock(job, began - job->begun);
	job->begun = began;
}

static void
stop_clock(struct fetch_job *job, msec_t now)
{
	if (job->stands_since != 0)
		return;
	if (job->lookup != NULL)
		forgive_lookup(job, now);
	job->stands_since = now;
	event_del(&job->timer);
}

void
fetch_clock(struct fetch_job *job, msec_t now)
{
	msec_t until;
	struct timeval tv;

	if (job->paused || job->waits != WAITS_NOT) {
		stop_clock(job, now);
		return;
	}
	if (job->stands_since != 0) {
		shift_clock(job, now - job->stands_since);
		job->stands_since = 0;
		job->begun = now; /* a wait for a thread till now is forgiven */
	}
	until = job->deadline;
	if (!job->head_seen && job->first_byte_by < until)
		until = job->first_byte_by;
	tv = to_timeval(until - now);
	event_add(&job->timer, &tv);
}

static void
on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct fetch_job *job = arg;
	msec_t now = clock_mono();
	bool is_over;

	(void)fd;
	(void)what;
	if (job->lookup != NULL)
		forgive_lookup(job, now);
	is_over = now >= job->deadline;
	if (!is_over && (job->head_seen || now < job->first_byte_by)) {
		fetch_clock(job, now);
		return;
	}
	fault_of_time(job, !is_over);
	finish(job, CURLE_OPERATION_TIMEDOUT);
}

/* -- The job -------------------------------------------------------------------- */

static void
job_free(struct fetch_job *job)
{
	if (job->easy != NULL)
		curl_easy_cleanup(job->easy);
	curl_slist_free_all(job->headers);
	curl_slist_free_all(job->resolve);
	head_free(job->head);
	free(job->url);
	free(job->host);
	free(job->dial_host);
	free(job->allow_private);
	free(job->address);
	buf_done(&job->gate_reason);
	buf_done(&job->reason);
	free(job);
}

/* Out of libcurl, off the loop, off every list.  Not from libcurl's callbacks. */
static void
detach(struct fetch_job *job)
{
	struct fetch *fetch = job->fetch;

	assert(fetch->in_curl == 0);
	event_del(&job->timer);
	event_del(&job->nudge);
	if (job->lookup != NULL)
		resolve_cancel(job->lookup);
	job->lookup = NULL;
	if (job->in_turn)
		TAILQ_REMOVE(&fetch->turn_jobs, job, turn_entry);
	TAILQ_REMOVE(&fetch->jobs, job, entry);
	place_leave(job);
	if (job->pool != NULL) {
		fetch->in_curl++;
		curl_multi_remove_handle(job->pool->multi, job->easy);
		fetch->in_curl--;
		job->pool->live--;
		job->pool->paused -= job->paused_in_curl;
	}
	if (--fetch->live == 0) {
		struct timeval tv = {.tv_sec = LIMIT_IDLE_CONNECTION_SEC};

		event_add(&fetch->idle, &tv);
	}
}

static void
finish(struct fetch_job *job, CURLcode code)
{
	struct fetch_end end = {.outcome = OUTCOME_OK};
	curl_off_t bytes = 0;
	long connects = 1;

	if (!job->failed && !job->stopped && code != CURLE_OK)
		fault_of_curl(job, code);
	if (!job->failed && !job->head_seen)
		fault_of_no_head(job);
	if (job->pool != NULL) {
		curl_easy_getinfo(job->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
		curl_easy_getinfo(job->easy, CURLINFO_NUM_CONNECTS, &connects);
	}
	detach(job);
	if (job->failed) {
		end.outcome = job->outcome;
		end.reason = job->reason.data;
		/* Perhaps the host has moved. */
		if (end.outcome == OUTCOME_CONNECT)
			resolve_forget(job->fetch->resolver, job->dial_host);
	}
	end.bytes = bytes;
	end.duration = clock_mono() - job->started;
	end.reused_connection = job->head_seen && connects == 0;
	if (!job->cancelled)
		job->sink.end(job->arg, &end);
	job_free(job);
}

/* -- To libcurl ------------------------------------------------------------------ */

/* When the first of several addresses is dead, libcurl goes on to the next after
 * half of the time for connecting: but in its multi-socket form (7.88) only when
 * something else has it look at the transfer. */
static void
on_nudge(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tv = {.tv_usec = NUDGE_USEC};
	struct fetch_job *job = arg;

	(void)fd;
	(void)what;
	if (job->asked || job->pool == NULL)
		return;
	(void)event_add(&job->nudge, &tv);
	/* A pause that ends at once marks it as one to be looked at; by its socket it
	 * could not be, for between two addresses it has none. */
	job->fetch->in_curl++;
	curl_easy_pause(job->easy, CURLPAUSE_RECV);
	curl_easy_pause(job->easy, CURLPAUSE_CONT);
	job->fetch->in_curl--;
	pool_act(job->pool, CURL_SOCKET_TIMEOUT, 0); /* may end the job */
}

static void
tell_waits(struct fetch_job *job, bool waits)
{
	if (job->told_waits == waits)
		return;
	job->told_waits = waits;
	if (job->sink.waits != NULL)
		job->sink.waits(job->arg, waits);
}

static void
launch(struct fetch_job *job)
{
	const struct timeval nudge = {.tv_usec = NUDGE_USEC};
	struct fetch *fetch = job->fetch;
	struct pool *pool = TAILQ_FIRST(&fetch->pools);
	CURLMcode code;

	if (!place_take(job)) {
		tell_waits(job, true);
		return;
	}
	tell_waits(job, false);
	if (job->resolve != NULL && strchr(job->resolve->data, ',') != NULL)
		(void)event_add(&job->nudge, &nudge);

	job->pool = pool;
	pool->live++;
	pool->used = true;
	fetch->in_curl++;
	code = curl_multi_add_handle(pool->multi, job->easy);
	fetch->in_curl--;
	if (code != CURLM_OK) {
		pool->live--;
		job->pool = NULL;
		fault_set(job, OUTCOME_TRANSFER, "%s", curl_multi_strerror(code));
		fetch_turn(job);
	}
}

static void
take_answer(struct fetch_job *job, const struct resolve_answer *answer)
{
	if (answer->error == 0)
		setup_addresses(job, answer->addresses);
	else
		fault_of_lookup(job, answer);
	fetch_turn(job);
}

static void
on_lookup(void *arg, const struct resolve_answer *answer)
{
	struct fetch_job *job = arg;
	msec_t now = clock_mono();

	forgive_lookup(job, now);
	job->lookup = NULL;
	fetch_clock(job, now);
	take_answer(job, answer);
}

/* The name first.  What is known goes on at once. */
static void
find_address(struct fetch_job *job)
{
	struct resolver *resolver = job->fetch->resolver;
	const struct resolve_answer *known;

	if (setup_is_numeric(job->dial_host)) {
		fetch_turn(job);
		return;
	}
	known = resolve_known(resolver, job->dial_host, job->started);
	if (known != NULL)
		take_answer(job, known);
	else
		job->lookup = resolve_ask(resolver, job->dial_host, on_lookup, job);
}

/* -- Turns: what may not be done inside of libcurl ------------------------------ */

void
fetch_turn(struct fetch_job *job)
{
	if (job->in_turn)
		return;
	job->in_turn = true;
	TAILQ_INSERT_TAIL(&job->fetch->turn_jobs, job, turn_entry);
	event_active(&job->fetch->turn, EV_TIMEOUT, 0);
}

/* Not before the header is there: a pause of what has not begun would be lost. */
void
fetch_apply_pause(struct fetch_job *job)
{
	if (job->paused == job->paused_in_curl || !job->head_seen)
		return;
	job->paused_in_curl = job->paused;
	if (job->paused)
		job->pool->paused++;
	else
		job->pool->paused--;
	job->fetch->in_curl++;
	curl_easy_pause(job->easy, job->paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);
	job->fetch->in_curl--;
}

static void
take_turn(struct fetch_job *job)
{
	if (job->cancelled) {
		detach(job);
		job_free(job);
	} else if (job->failed && job->pool == NULL) {
		finish(job, CURLE_OK);
	} else if (job->pool == NULL && job->lookup == NULL) {
		launch(job);
	} else if (job->pool != NULL) {
		fetch_apply_pause(job);
	}
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *fetch = arg;
	struct pool *pool, *next;
	struct fetch_job *job;

	(void)fd;
	(void)what;
	while ((job = TAILQ_FIRST(&fetch->turn_jobs)) != NULL) {
		TAILQ_REMOVE(&fetch->turn_jobs, job, turn_entry);
		job->in_turn = false;
		take_turn(job);
	}
	for (pool = TAILQ_FIRST(&fetch->pools); pool != NULL; pool = next) {
		next = TAILQ_NEXT(pool, entry);
		pool_reap(pool);
	}
}

/* Nothing was asked for a while: close what servers still hold open for us. */
static void
on_idle(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *fetch = arg;

	(void)fd;
	(void)what;
	if (fetch->live == 0 && TAILQ_FIRST(&fetch->pools)->used)
		fetch_drop_connections(fetch);
}

/* -- What the header offers ------------------------------------------------------ */

int
fetch_new(struct event_base *base, const struct fetch_settings *settings,
    struct fetch **ret_fetch)
{
	struct fetch *fetch;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	fetch = xcalloc(1, sizeof(*fetch));
	fetch->base = base;
	TAILQ_INIT(&fetch->pools);
	TAILQ_INIT(&fetch->jobs);
	TAILQ_INIT(&fetch->turn_jobs);
	fetch->user_agent = xstrdup_null(settings->user_agent);
	fetch->proxy = xstrdup_null(settings->proxy);
	fetch->no_proxy = xstrdup_null(settings->no_proxy);
	fetch->http_version = xstrdup_null(settings->http_version);
	fetch->ca_file = xstrdup_null(settings->ca_file);
	fetch->concurrency = settings->concurrency > 0 ? settings->concurrency : 64;
	fetch->dials = fetch->concurrency;
	event_assign(&fetch->turn, base, -1, 0, on_turn, fetch);
	event_assign(&fetch->idle, base, -1, 0, on_idle, fetch);
	fetch->sessions = sessions_new();
	r = resolve_new(base, &fetch->resolver);
	if (r == 0)
		r = pool_new(fetch);
	if (r < 0) {
		fetch_free(fetch);
		return r;
	}
	*ret_fetch = fetch;
	return 0;
}

void
fetch_free(struct fetch *fetch)
{
	struct fetch_job *job;
	struct pool *pool;

	if (fetch == NULL)
		return;
	while ((job = TAILQ_FIRST(&fetch->jobs)) != NULL) {
		detach(job);
		job_free(job);
	}
	while ((pool = TAILQ_FIRST(&fetch->pools)) != NULL)
		pool_free(pool);
	sessions_free(fetch->sessions);
	resolve_free(fetch->resolver);
	event_del(&fetch->turn);
	event_del(&fetch->idle);
	free(fetch->user_agent);
	free(fetch->proxy);
	free(fetch->no_proxy);
	free(fetch->http_version);
	free(fetch->ca_file);
	free(fetch);
	curl_global_cleanup();
}

/* A label of 64 letters is no name: libc asks every module of nsswitch.conf, and so
 * loads it, but no name server. */
int
fetch_warm(struct fetch *fetch)
{
	static const char label[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.invalid";
	const char *ca_file = setup_ca_file(fetch);
	struct addrinfo *info = NULL;

	if (getaddrinfo(label, NULL, NULL, &info) == 0)
		freeaddrinfo(info);
	if (ca_file == NULL || access(ca_file, R_OK) < 0)
		return ca_file == NULL ? -ENOENT : -errno;
	return 0;
}

int
fetch_start(struct fetch *fetch, const struct request *request,
    const struct fetch_sink *sink, void *arg, struct fetch_job **ret_job)
{
	struct fetch_job *job = xcalloc(1, sizeof(*job));

	job->fetch = fetch;
	job->easy = curl_easy_init();
	if (job->easy == NULL) {
		free(job);
		return -ENOMEM;
	}
	job->head = head_new();
	job->sink = *sink;
	job->arg = arg;
	job->url = xstrdup(request->url);
	job->allow_private = xstrdup_null(request->allow_private);
	job->max_body = request->max_body > 0 ? request->max_body : LIMIT_BODY_BYTES;
	job->timeout = request->timeout > 0 ? request->timeout : MSEC_PER_MIN;
	job->started = job->begun = clock_mono();
	job->deadline = job->started + job->timeout;
	job->first_byte_by = job->started + LIMIT_FIRST_BYTE_MSEC;
	event_assign(&job->timer, fetch->base, -1, 0, on_clock, job);
	event_assign(&job->nudge, fetch->base, -1, 0, on_nudge, job);
	TAILQ_INSERT_TAIL(&fetch->jobs, job, entry);
	if (fetch->live++ == 0)
		event_del(&fetch->idle);
	fetch_clock(job, job->started);
	transfer_callbacks(job);
	if (setup_job(job, request) == 0) {
		find_address(job);
	} else {
		fault_set(job, OUTCOME_BAD_URL, "malformed address");
		fetch_turn(job);
	}
	job->told_waits = job->lookup != NULL;
	*ret_job = job;
	return 0;
}

bool
fetch_waits(const struct fetch_job *job)
{
	return job->told_waits;
}

void
fetch_limit(struct fetch *fetch, uint32_t at_once)
{
	fetch->dials = at_once;
	place_wake(fetch);
}

void
fetch_cancel(struct fetch_job *job)
{
	if (job->fetch->in_curl > 0) {
		job->cancelled = true;
		fetch_turn(job);
		return;
	}
	detach(job);
	job_free(job);
}

void
fetch_give_up(struct fetch_job *job, const char *reason)
{
	fault_set(job, OUTCOME_TIMEOUT, "%s", reason);
	finish(job, CURLE_OPERATION_TIMEDOUT);
}

void
fetch_pause(struct fetch_job *job)
{
	if (job->paused)
		return;
	job->paused = true;
	fetch_clock(job, clock_mono());
	fetch_turn(job);
}

void
fetch_resume(struct fetch_job *job)
{
	if (!job->paused)
		return;
	job->paused = false;
	fetch_clock(job, clock_mono());
	fetch_turn(job);
}

size_t
fetch_live(const struct fetch *fetch)
{
	return fetch->live;
}

void
fetch_drop_connections(struct fetch *fetch)
{
	if (pool_new(fetch) < 0)
		return; /* out of memory: the old ones serve on */
	event_active(&fetch->turn, EV_TIMEOUT, 0);
}
