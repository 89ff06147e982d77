/* SPDX-License-Identifier: ISC */
#include "daemon/pipeline.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/url.h"
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
#define CONTACT "https://gazetted.org/"
#define KILLS_MET 4 /* of the fetcher, over one feed: that is no chance any more */
#define SYNTHETIC_ARENA 32768 /* a batch of ours: a reason, nothing else */

static void watch_clock(struct pipeline *p);
static void end_unsent(
    struct attempt *attempt, enum outcome outcome, const char *reason);

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
		end_unsent(attempt, (enum outcome)r, buf_text(&reason));
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
	int r;

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

/* While a fetcher's death has suspects, each is fetched alone. */
static bool
may_start(const struct pipeline *p)
{
	return p->is_started && !p->drains && supervisor_is_up(p->supervisor) &&
	    store_has_room(p->options.store) &&
	    (map_count(p->suspects) == 0 || attempts_flying(p->attempts) == 0);
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
	while (may_start(p)) {
		feed_id = schedule_next(p->schedule, now, &wake);
		if (feed_id == 0)
			break;
		prepare(p, attempts_get(p->attempts, feed_id));
	}
	pipeline_arm(p, now, wake);
	tell_idle(p, now);
}

/* -- store -> everyone: a commit ------------------------------------------------ */

static void
answer(struct attempt *attempt, const struct commit *commit)
{
	struct pipeline_result result = {.feed_id = attempt->feed_id,
	    .outcome = attempt->outcome,
	    .reason = attempt->reason,
	    .http_status = attempt->http_status,
	    .new_items = commit->new_items,
	    .updated_items = commit->updated_items};

	attempt_answer(attempt, &result);
}

/* What an attempt that is stored sets off. */
static void
after_commit(struct attempt *attempt, const struct commit *commit)
{
	struct pipeline *p = attempt->owner;
	msec_t first = p->settings->first_interval;

	if (commit->error != 0)
		return;
	if (attempt->moves) /* it may have become another's double */
		plans_load_one(p->plans, attempt->feed_id);
	if (attempt->page_url != NULL && !p->drains)
		moves_discover(p->moves, attempt->feed_id, attempt->name,
		    attempt->page_url,
		    clock_wall() + first + first * (attempt->feed_id % 10) / 100);
	else if (attempt->new_url != NULL && !p->drains)
		moves_try(
		    p->moves, attempt->feed_id, attempt->name, attempt->new_url);
}

static void
on_committed(void *arg, const struct commit *commit)
{
	struct attempt *attempt = arg;
	struct pipeline *p = attempt->owner;

	if (commit->error != 0 && commit->error != -ENOENT) {
		log_error("feed %s: cannot be stored: %s; it is fetched again",
		    attempt->name,
		    commit->message != NULL ? commit->message
					    : strerror(-commit->error));
		schedule_retry(p->schedule, attempt->feed_id, clock_wall());
	}
	after_commit(attempt, commit);
	answer(attempt, commit);
	if (p->on_commit != NULL)
		p->on_commit(p->commit_arg, commit->head);
	attempt_free(attempt);
	attempts_unstick(p->attempts);
	supervisor_read(p->supervisor, store_has_room(p->options.store));
	pipeline_pump(p);
}

/* -- fetcher -> schedule -> store: a result --------------------------------------- */

static void
quarantine(struct pipeline *p, const struct feed_plan *plan, const char *reason)
{
	plans_quarantine(p->plans, plan->id, reason);
	report_quarantined(plan, reason);
}

/* The batch is the store's after this. */
static void
submit(struct attempt *attempt, const struct feed_plan *plan, const char *reasons)
{
	struct pipeline *p = attempt->owner;
	struct batch *batch = attempt->batch;
	int r;

	attempt->batch = NULL;
	attempt->state = ATTEMPT_COMMITTING;
	batch->received = clock_wall();
	r = store_submit(
	    p->options.store, batch, plan, reasons, on_committed, attempt);
	assert(r == 0); /* there was room, and nobody else submits */
	(void)r;
}

/* A page where a feed should be.  At its first poll the one feed that it links to is
 * meant; later it is only told of (POLLING 75). */
static void
look_at_page(struct attempt *attempt, const struct feed_plan *plan)
{
	struct batch *batch = attempt->batch;
	const struct link *link = batch->candidates, *other;
	struct buf url = {0};

	if (link == NULL || link->href == NULL ||
	    url_resolve(batch->url, link->href, &url) < 0 ||
	    !url_is_http(url.data) || url.len > LIMIT_URL_BYTES) {
		buf_done(&url);
		return;
	}
	for (other = link->next; other != NULL; other = other->next) {
		if (other->href != NULL && strcmp(other->href, link->href) != 0)
			break;
	}
	if (plan->last_success == 0 && plan->failures == 1 && other == NULL)
		attempt->page_url = xstrdup(url.data);
	batch->reason =
	    arena_printf(batch->arena, "%s; it links to a feed at %.1024s%s",
		batch->reason != NULL ? batch->reason : "not a feed", url.data,
		other != NULL ? " and others" : "");
	buf_done(&url);
}

static void
finish(struct attempt *attempt)
{
	struct pipeline *p = attempt->owner;
	struct batch *batch = attempt->batch;
	unsigned before = schedule_failures(p->schedule, attempt->feed_id);
	struct feed_plan plan;
	struct buf reasons = {0};
	msec_t now = clock_wall();

	if (!schedule_done(p->schedule, attempt->feed_id, batch,
		(unsigned)batch->item_count, now, &plan, &reasons)) {
		batch->outcome = OUTCOME_CANCELLED; /* the feed is gone */
		attempt_note(attempt, batch);
		answer(attempt, &(struct commit){.feed_id = attempt->feed_id});
		attempt_free(attempt);
		return;
	}
	p->fetches++;
	attempt->moves = plan.moves;
	if (plan.moves)
		report_moved(plan.name, plan.url, "its server says so for good");
	if (plan.try_new_url)
		attempt->new_url = xstrdup(plan.new_url);
	if (batch->outcome == OUTCOME_NOT_A_FEED)
		look_at_page(attempt, &plan);
	p->failures += outcome_is_failure(batch->outcome);
	attempt_note(attempt, batch);
	attempt_name(attempt, plan.name);
	report_attempt(&plan, batch, before, now, schedule_is_offline(p->schedule));
	if (batch->outcome == OUTCOME_CRASHED && plan.quarantined)
		quarantine(p, &plan, batch->reason);
	attempt_detail(attempt, batch, &plan, buf_text(&reasons), now);
	submit(attempt, &plan, buf_text(&reasons));
	buf_done(&reasons);
}

/* A finished attempt that the store has no room for waits, and nothing is read from
 * the fetcher meanwhile. */
void
pipeline_finish(struct attempt *attempt)
{
	struct pipeline *p = attempt->owner;

	if (!store_has_room(p->options.store)) {
		attempt->state = ATTEMPT_STUCK;
		supervisor_read(p->supervisor, false);
		return;
	}
	finish(attempt);
}

static bool
follow_redirect(struct attempt *attempt, struct batch *batch)
{
	struct pipeline *p = attempt->owner;
	struct buf reason = {0};
	enum outcome outcome;

	attempt_note_hop(attempt, batch);
	outcome = schedule_hop(p->schedule, attempt->feed_id, batch->url,
	    batch->location, clock_wall(), &reason);
	if (outcome == OUTCOME_REDIRECT) {
		attempt_go_to(attempt, batch->location);
		attempt->state = ATTEMPT_HOPPING;
		batch_free(batch);
	} else {
		batch->outcome = outcome;
		batch->reason =
		    reason.len > 0 ? arena_strdup(batch->arena, reason.data) : NULL;
	}
	buf_done(&reason);
	return outcome == OUTCOME_REDIRECT;
}

static void
hand_over_probe(struct attempt *attempt)
{
	attempt->state = ATTEMPT_PROBED;
	attempt->probe_fn(attempt->probe_arg, attempt->probe, attempt->batch);
}

static void
hand_over_errand(struct attempt *attempt)
{
	struct pipeline *p = attempt->owner;
	struct batch *batch = attempt->batch;
	const struct batch over = {.outcome = OUTCOME_CANCELLED};
	struct pipeline_errand *errand = attempt->errand;
	struct feed_plan plan;
	struct buf reasons = {0};

	attempt->batch = NULL;
	attempt->errand = NULL;
	/* A host's wish for a pause counts, whoever was asking. */
	(void)schedule_done(p->schedule, attempt->feed_id,
	    batch != NULL ? batch : &over, 0, clock_wall(), &plan, &reasons);
	schedule_drop(p->schedule, attempt->feed_id);
	buf_done(&reasons);
	attempt_free(attempt);
	errand->fn(errand->arg, batch);
	free(errand);
}

static void
take_result(struct attempt *attempt)
{
	if (attempt->errand != NULL)
		hand_over_errand(attempt);
	else if (attempt->probe != NULL)
		hand_over_probe(attempt);
	else
		pipeline_finish(attempt);
}

static void
on_batch(struct batch *batch, void *arg)
{
	struct pipeline *p = arg;
	struct attempt *attempt = attempts_by_number(p->attempts, batch->job);

	if (attempt == NULL || attempt->state != ATTEMPT_SENT) {
		batch_free(batch); /* it was given up meanwhile */
		return;
	}
	batch->feed_id = attempt->feed_id;
	if (attempt->feed_id == p->met_by_kill)
		p->kills_met = 0;
	(void)map_remove_id(p->suspects, attempt->feed_id);
	if (batch->outcome == OUTCOME_REDIRECT && follow_redirect(attempt, batch)) {
		pipeline_pump(p);
		return;
	}
	attempt_add_up(attempt, batch);
	attempt->batch = batch;
	take_result(attempt);
	pipeline_pump(p);
}

/* -- The fetcher's deaths --------------------------------------------------------- */

static void
blame(struct attempt *attempt, const char *how)
{
	struct batch *batch = batch_new(attempt->feed_id, SYNTHETIC_ARENA);

	batch->outcome = OUTCOME_CRASHED;
	batch->reason =
	    arena_printf(batch->arena, "the fetcher %s while it read it", how);
	batch->url =
	    arena_strdup(batch->arena, attempt->url != NULL ? attempt->url : "");
	attempt->batch = batch;
	take_result(attempt);
}

static void
end_unsent(struct attempt *attempt, enum outcome outcome, const char *reason)
{
	struct batch *batch = batch_new(attempt->feed_id, SYNTHETIC_ARENA);

	batch->outcome = outcome;
	batch->reason = arena_strdup(batch->arena, reason);
	batch->url = arena_strdup(batch->arena, attempt->url);
	batch->secret = attempt->secret;
	attempt->batch = batch;
	take_result(attempt);
}

/* A kill from outside (an administrator, the kernel for want of memory) is no
 * feed's doing, unless it meets the same one time and again.  The feed to blame,
 * or 0. */
static int64_t
weigh_blame(struct pipeline *p, int64_t named, bool from_outside)
{
	if (!from_outside || named == 0)
		return named;
	p->kills_met = named == p->met_by_kill ? p->kills_met + 1 : 1;
	p->met_by_kill = named;
	return p->kills_met >= KILLS_MET ? named : 0;
}

/* Its attempts go back into the schedule; the one to blame does not. */
static void
on_lost(
    uint64_t fetcher, int64_t blamed, bool from_outside, const char *how, void *arg)
{
	struct pipeline *p = arg;
	struct attempt **lost;
	size_t count, i;

	count = attempts_of_fetcher(p->attempts, fetcher, &lost);
	if (blamed == 0 && count == 1)
		blamed = lost[0]->feed_id;
	blamed = weigh_blame(p, blamed, from_outside);
	for (i = 0; i < count; i++) {
		(void)map_remove_id(p->suspects, lost[i]->feed_id);
		/* A probe is told whatever it was: its caller waits. */
		if (lost[i]->feed_id == blamed || lost[i]->probe != NULL ||
		    lost[i]->errand != NULL) {
			blame(lost[i], how);
			continue;
		}
		if (blamed == 0)
			(void)map_put_id(p->suspects, lost[i]->feed_id, p);
		attempt_cancelled(lost[i]);
	}
	free(lost);
	pipeline_pump(p);
}

static void
on_ready(void *arg)
{
	struct pipeline *p = arg;
	const char *missing = supervisor_sandbox(p->supervisor);
	char quoted[LOG_QUOTE];

	if (missing[0] != '\0')
		log_warn("the fetcher runs without a part of its sandbox: %s",
		    log_quote(missing, quoted));
	pipeline_pump(p);
}

static const struct supervisor_ops supervisor_ops = {
    .batch = on_batch, .ready = on_ready, .lost = on_lost};

/* Nothing was asked, or nothing came of it through no fault of the feed: its turn
 * comes again. */
static void
on_cancelled(struct attempt *attempt)
{
	struct pipeline *p = attempt->owner;
	const struct batch batch = {
	    .feed_id = attempt->feed_id, .outcome = OUTCOME_CANCELLED};
	struct feed_plan plan;
	struct buf reasons = {0};
	msec_t when, now = clock_wall();
	bool is_kept;

	if (attempt->errand != NULL) {
		hand_over_errand(attempt);
		return;
	}
	is_kept = schedule_done(
	    p->schedule, attempt->feed_id, &batch, 0, now, &plan, &reasons);
	buf_done(&reasons);
	if (is_kept && attempt_is_awaited(attempt) && !p->drains &&
	    schedule_ask(p->schedule, attempt->feed_id, true, now, &when) == 0) {
		attempt_again(attempt);
		return;
	}
	attempt->outcome = OUTCOME_CANCELLED;
	answer(attempt, &(struct commit){.feed_id = attempt->feed_id});
	attempt_free(attempt);
}

/* -- Plans ------------------------------------------------------------------------ */

static void
on_plan(const struct feed_plan *plan, void *arg)
{
	struct pipeline *p = arg;

	schedule_put(p->schedule, plan, clock_wall());
	lookout_put(p->lookout, plan->id,
	    plan->credential != NULL ? plan->credential
				     : p->settings->fetch.credential);
}

static void
on_plan_gone(int64_t feed_id, void *arg)
{
	struct pipeline *p = arg;
	struct attempt *attempt = attempts_find(p->attempts, feed_id);

	(void)map_remove_id(p->suspects, feed_id);
	lookout_put(p->lookout, feed_id, NULL);
	schedule_drop(p->schedule, feed_id);
	if (attempt != NULL && attempt->state == ATTEMPT_ASKED) {
		attempt->outcome = OUTCOME_CANCELLED;
		answer(attempt, &(struct commit){.feed_id = feed_id});
		attempt_free(attempt);
	}
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
    .put = on_plan, .gone = on_plan_gone, .done = on_plans_read};

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

	p->wall = wall;
	p->boot = boot;
	p->mono = mono;
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
	p->attempts = attempts_new(p, on_cancelled, finish);
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
	int round;

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
	/* An edit's answer may submit one more batch. */
	for (round = 0; round < 2; round++) {
		store_flush(p->options.store);
		store_dispatch(p->options.store);
	}
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
