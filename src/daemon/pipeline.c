/* SPDX-License-Identifier: ISC */
#include "daemon/pipeline.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "daemon/attempt.h"
#include "daemon/lookout.h"
#include "daemon/moves.h"
#include "daemon/pipeline_inside.h"
#include "daemon/plans.h"
#include "daemon/report.h"
#include "daemon/supervisor.h"
#include "schedule/schedule.h"
#include "store/store.h"

#define TICK (5 * MSEC_PER_SEC) /* watches the clock and the fetcher */
#define JUMP (60 * MSEC_PER_SEC)
#define STILL (2 * TICK) /* without a look at the clock: we were stopped */
#define CONTACT "https://gazetted.org/"

static void watch_clock(struct pipeline *p);

/* -- store -> fetcher: a request --------------------------------------------- */

/* On a reader thread: the request as a frame. */
static void
encode_request(void *arg, const struct row *row, struct buf *out)
{
	(void)arg;
	wire_put_request(row->request, out);
}

static void
on_request(void *arg, const char *data, size_t size, unsigned rows)
{
	struct attempt *attempt = arg;

	(void)rows;
	buf_reset(&attempt->frame);
	buf_add(&attempt->frame, data, size);
}

/* The request is complete, or the attempt is over before it began. */
static void
send_request(struct attempt *attempt)
{
	struct pipeline *p = attempt->owner;
	struct buf reason = {0};
	bool full = attempt->errand_of == 0 &&
	    schedule_wants_full(p->schedule, attempt->feed_id, clock_wall());
	int r;

	if (attempt->probe != NULL)
		r = attempt_probe_frame(
		    attempt, p->settings, p->options.config, &reason);
	else
		r = attempt_address(
		    attempt, p->settings, p->options.config, full, &reason);
	if (r == 0) {
		attempt->fetcher = supervisor_send(p->supervisor, &attempt->frame);
		attempt->state = ATTEMPT_SENT;
	} else if (r > 0) {
		pipeline_end(attempt, (enum outcome)r, buf_text(&reason));
	} else {
		buf_reset(&attempt->frame);
		attempt_cancelled(attempt);
	}
	buf_done(&reason);
	if (r != 0)
		pipeline_arm(p, 0, 0); /* not pump: it may be what called us */
}

static void
on_request_end(void *arg, const struct store_end *end)
{
	struct attempt *attempt = arg;
	struct pipeline *p = attempt->owner;

	attempt->query = NULL;
	if (attempt->frame.len > 0 && supervisor_is_up(p->supervisor)) {
		send_request(attempt);
		return;
	}
	if (end->error != 0 && end->error != -ENOENT && end->error != -ECANCELED)
		log_error("feed %lld: the database cannot say how to fetch it: %s",
		    (long long)attempt->feed_id,
		    end->message != NULL ? end->message : strerror(-end->error));
	buf_reset(&attempt->frame);
	attempt_cancelled(attempt);
	pipeline_pump(p);
}

static void
prepare(struct pipeline *p, struct attempt *attempt)
{
	const struct store_spec spec = {.what = STORE_REQUEST,
	    .id = attempt->errand_of != 0 ? attempt->errand_of : attempt->feed_id};
	bool hops = attempt->state == ATTEMPT_HOPPING && attempt->probe == NULL &&
	    attempt->errand == NULL;
	int r;

	if (hops && schedule_hop_is_stale(p->schedule, attempt->feed_id)) {
		attempt_cancelled(attempt);
		return;
	}
	attempt->state = ATTEMPT_PREPARING;
	attempt->number = attempts_number(p->attempts);
	if (attempt->probe != NULL) {
		send_request(attempt);
		return;
	}
	r = store_query(p->options.store, &spec, encode_request, NULL, on_request,
	    on_request_end, attempt, &attempt->query);
	if (r < 0) {
		log_error("feed %lld: cannot ask the database: %s",
		    (long long)attempt->feed_id, strerror(-r));
		attempt_cancelled(attempt);
	}
}

/* -- schedule -> store --------------------------------------------------------- */

/* While a fetcher's death has suspects, one at a time dials. */
static void
take_care(struct pipeline *p)
{
	bool alone = map_count(p->suspects) > 0;

	if (alone == p->is_careful)
		return;
	p->is_careful = alone;
	supervisor_dial(p->supervisor, alone ? 1 : p->settings->concurrency);
}

static bool
may_start(const struct pipeline *p)
{
	return p->is_started && !p->drains && supervisor_is_up(p->supervisor) &&
	    store_has_room(p->options.store);
}

void
pipeline_arm(struct pipeline *p, msec_t now, msec_t wake)
{
	msec_t wait = wake > now ? wake - now : 0;
	struct timeval tv;

	if (wait > TICK) /* suspends and jumps are noticed by then */
		wait = TICK;
	tv.tv_sec = wait / MSEC_PER_SEC;
	tv.tv_usec = wait % MSEC_PER_SEC * 1000;
	(void)event_add(p->timer, &tv);
}

static void
tell_idle(struct pipeline *p, msec_t now)
{
	if (p->on_idle == NULL || !p->is_started ||
	    attempts_count(p->attempts) > 0 || plans_are_loading(p->plans))
		return;
	if (schedule_overdue(p->schedule, p->options.once ? p->started : now) == 0)
		p->on_idle(p->idle_arg);
}

void
pipeline_pump(struct pipeline *p)
{
	msec_t now, wake = INT64_MAX;
	int64_t feed_id;

	watch_clock(p); /* before a burst of what a sleep made due */
	now = p->wall;
	take_care(p);
	while (may_start(p)) {
		feed_id = schedule_next(p->schedule, now, &wake);
		if (feed_id == 0)
			break;
		prepare(p, attempts_get(p->attempts, feed_id));
	}
	pipeline_arm(p, now, wake);
	tell_idle(p, now);
}

/* -- The fetcher ------------------------------------------------------------------ */

static void
on_ready(void *arg)
{
	struct pipeline *p = arg;
	const char *missing = supervisor_sandbox(p->supervisor);
	char quoted[LOG_QUOTE];

	p->is_careful = false; /* a new one has no suspects */
	if (missing[0] != '\0')
		log_warn("the fetcher runs without a part of its sandbox: %s",
		    log_quote(missing, quoted));
	pipeline_pump(p);
}

static void
on_wait(int64_t job, bool waits, void *arg)
{
	struct pipeline *p = arg;
	const struct attempt *attempt = attempts_by_number(p->attempts, job);

	if (attempt == NULL || attempt->state != ATTEMPT_SENT)
		return; /* it was given up meanwhile */
	schedule_wait(p->schedule, attempt->feed_id, waits);
	if (waits)
		pipeline_pump(p);
}

static const struct supervisor_ops supervisor_ops = {.batch = pipeline_take_batch,
    .wait = on_wait,
    .ready = on_ready,
    .lost = pipeline_take_lost};

/* -- Plans ------------------------------------------------------------------------ */

void
pipeline_watch(struct pipeline *p, const struct feed_plan *plan)
{
	lookout_put(p->lookout, plan->id, plan->name,
	    plan->credential != NULL ? plan->credential
				     : p->settings->fetch.credential);
}

/* Who comes to a host that is held is held with it, and is found so (is:held). */
static void
share_hold(struct pipeline *p, const struct feed_plan *plan)
{
	msec_t until = schedule_held(p->schedule, plan->id);
	char self[32];

	if (plan->archived || until <= plan->held || until <= clock_wall())
		return;
	(void)snprintf(self, sizeof(self), "[%lld]", (long long)plan->id);
	plans_hold(p->plans,
	    &(struct feed_plan){.id = plan->id, .held = until, .held_too = self});
}

void
pipeline_put_plan(const struct feed_plan *plan, void *arg)
{
	struct pipeline *p = arg;

	schedule_put(p->schedule, plan, clock_wall());
	pipeline_watch(p, plan);
	share_hold(p, plan);
}

void
pipeline_drop_plan(int64_t feed_id, void *arg)
{
	struct pipeline *p = arg;
	struct attempt *attempt = attempts_find(p->attempts, feed_id);

	(void)map_remove_id(p->suspects, feed_id);
	lookout_put(p->lookout, feed_id, NULL, NULL);
	schedule_drop(p->schedule, feed_id);
	if (attempt != NULL && attempt->state == ATTEMPT_ASKED)
		pipeline_give_up(attempt, TAKEN_OUT);
}

static void
on_plans_read(bool all, void *arg)
{
	struct pipeline *p = arg;

	if (all)
		schedule_sweep_end(p->schedule);
	p->is_started = p->is_started || all;
	pipeline_pump(p);
}

static const struct plans_ops plans_ops = {
    .put = pipeline_put_plan, .gone = pipeline_drop_plan, .done = on_plans_read};

void
pipeline_start(struct pipeline *p)
{
	p->started = clock_wall();
	schedule_sweep_begin(p->schedule);
	plans_load(p->plans);
}

void
pipeline_refresh_feed(struct pipeline *p, int64_t feed_id)
{
	plans_load_one(p->plans, feed_id);
}

void
pipeline_edited(struct pipeline *p, const struct edit_result *result)
{
	size_t i;

	for (i = 0; i < result->note_count; i++)
		log_warn("%s", result->notes[i].text);
	plans_load_one(p->plans, result->feed_id);
	if (!result->others)
		return;
	schedule_sweep_begin(p->schedule);
	plans_load(p->plans);
}

/* -- Time -------------------------------------------------------------------------- */

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pipeline_pump(arg);
}

/* The wall clock against the one that nobody sets; and that one against the one
 * that sleeps with the machine (POLLING 26). */
static void
watch_clock(struct pipeline *p)
{
	msec_t wall = clock_wall(), boot = clock_boot(), mono = clock_mono();
	msec_t jump = (wall - p->wall) - (boot - p->boot);
	msec_t slept = (boot - p->boot) - (mono - p->mono);
	msec_t still = mono - p->mono;

	p->wall = wall;
	p->boot = boot;
	p->mono = mono;
	if (still > STILL)
		schedule_stood_still(p->schedule, wall);
	if (slept > JUMP)
		jump = slept;
	if (jump < JUMP && jump > -JUMP)
		return;
	log_info("the clock jumped by %lld s, or the machine slept: feeds that are "
		 "due are spread",
	    (long long)(jump / MSEC_PER_SEC));
	schedule_jumped(p->schedule, wall, jump);
	supervisor_refresh(p->supervisor);
}

static void
on_forgiven(void *arg, int64_t feed_id, unsigned failures)
{
	struct pipeline *p = arg;

	plans_forgive(p->plans, feed_id, failures);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct pipeline *p = arg;
	bool offline = schedule_is_offline(p->schedule);

	(void)fd;
	(void)what;
	watch_clock(p);
	lookout_look(p->lookout, p->schedule, p->options.config);
	supervisor_tick(p->supervisor, clock_mono());
	if (offline != p->was_offline) {
		report_network(offline);
		if (offline)
			schedule_forgive(p->schedule, on_forgiven, p);
		supervisor_refresh(p->supervisor);
	}
	p->was_offline = offline;
	pipeline_pump(p);
}

/* -- Life -------------------------------------------------------------------------- */

static void
configure_fetcher(struct pipeline *p)
{
	const struct settings *settings = p->settings;
	struct buf agent = {0};

	/* POLLING 67: who asks, where to complain, and that it is for one reader. */
	buf_printf(&agent, "gazetted/" PACKAGE_VERSION " (+%s; 1 subscriber)",
	    settings->user_agent_contact != NULL ? settings->user_agent_contact
						 : CONTACT);
	supervisor_configure(p->supervisor,
	    &(struct wire_settings){
		.user_agent = agent.data,
		.proxy = settings->fetch.proxy,
		.no_proxy = settings->no_proxy,
		.http_version = settings->fetch.http_version,
		.ca_file = settings->fetch.ca_file,
		.database = p->options.database,
		.socket = p->options.socket,
		.concurrency = settings->concurrency,
		.log_level = log_level(),
	    });
	buf_done(&agent);
}

struct pipeline *
pipeline_new(const struct pipeline_options *options)
{
	struct pipeline *p = xcalloc(1, sizeof(*p));
	const struct timeval tick = {.tv_sec = TICK / MSEC_PER_SEC};
	uint64_t seed = (uint64_t)clock_wall();

	(void)!getrandom(&seed, sizeof(seed), GRND_NONBLOCK); /* or the clock's */
	p->options = *options;
	p->settings = options->settings;
	p->schedule = schedule_new(p->settings, seed);
	if (options->once)
		schedule_rush(p->schedule);
	p->suspects = map_new();
	p->lookout = lookout_new();
	p->moves = moves_new(p, options->store);
	p->attempts = attempts_new(p, pipeline_cancelled, pipeline_finish);
	p->plans = plans_new(options->store, &plans_ops, p);
	p->supervisor =
	    supervisor_new(options->base, options->prepared, &supervisor_ops, p);
	p->timer = evtimer_new(options->base, on_timer, p);
	p->tick = event_new(options->base, -1, EV_PERSIST, on_tick, p);
	p->wall = clock_wall();
	p->boot = clock_boot();
	p->mono = clock_mono();
	(void)event_add(p->tick, &tick);
	configure_fetcher(p);
	return p;
}

void
pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return;
	p->drains = true;
	/* What is being committed still calls back, and makes room for those that
	 * are stuck. */
	do {
		store_flush(p->options.store);
		store_dispatch(p->options.store);
	} while (attempts_committing(p->attempts) > 0);
	moves_stop(p->moves);
	store_flush(p->options.store);
	store_dispatch(p->options.store);
	moves_free(p->moves);
	event_free(p->timer);
	event_free(p->tick);
	supervisor_free(p->supervisor);
	attempts_free(p->attempts);
	plans_free(p->plans);
	schedule_free(p->schedule);
	map_free(p->suspects);
	lookout_free(p->lookout);
	free(p);
}

void
pipeline_reload(struct pipeline *p, const struct settings *settings)
{
	p->settings = settings;
	schedule_reload(p->schedule, settings, clock_wall());
	configure_fetcher(p);
	schedule_sweep_begin(p->schedule);
	plans_load(p->plans);
}

void
pipeline_drain(struct pipeline *p)
{
	p->drains = true;
	schedule_pause(p->schedule);
}

void
pipeline_on_commit(
    struct pipeline *p, void (*fn)(void *arg, int64_t head), void *arg)
{
	p->on_commit = fn;
	p->commit_arg = arg;
}

void
pipeline_on_idle(struct pipeline *p, void (*fn)(void *arg), void *arg)
{
	p->on_idle = fn;
	p->idle_arg = arg;
}
