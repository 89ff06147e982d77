/* SPDX-License-Identifier: ISC */
/* What is asked of the pipeline from outside: fetches, probes, errands, questions. */
#include <errno.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "daemon/attempt.h"
#include "daemon/pipeline_inside.h"
#include "daemon/plans.h"
#include "daemon/supervisor.h"
#include "schedule/schedule.h"

/* -- Asked for ---------------------------------------------------------------------- */

int
pipeline_fetch_now(struct pipeline *p, int64_t feed_id, bool force,
    pipeline_result_fn *fn, void *arg, struct schedule_refusal *ret_refusal)
{
	int r = schedule_ask(p->schedule, feed_id, force, clock_wall(), ret_refusal);

	if (r < 0 && r != -EALREADY)
		return r;
	attempt_await(attempts_get(p->attempts, feed_id), fn, arg);
	pipeline_arm(p, 0, 0);
	return 0;
}

void
pipeline_forget(struct pipeline *p, void *arg)
{
	attempts_forget(p->attempts, arg);
}

/* For what is asked once, and polled by nobody: only a hold can refuse it. */
static int
ask_once(struct pipeline *p, const struct feed_plan *plan, msec_t *ret_when)
{
	struct schedule_refusal refusal;
	int r;

	schedule_put(p->schedule, plan, clock_wall());
	r = schedule_ask(p->schedule, plan->id, true, clock_wall(), &refusal);
	if (r < 0) {
		*ret_when = refusal.when;
		schedule_drop(p->schedule, plan->id);
	}
	return r;
}

int
pipeline_probe(struct pipeline *p, const char *url,
    const struct feed_options *options, const struct validators *validators,
    pipeline_probe_fn *fn, void *arg, struct pipeline_probe **ret_probe,
    msec_t *ret_when)
{
	const struct feed_plan plan = {.id = --p->probes,
	    .name = "",
	    .url = url,
	    .paused = true, /* it is asked once, not polled */
	    .rate_group = options->rate_group};
	struct attempt *attempt;
	int r;

	r = ask_once(p, &plan, ret_when);
	if (r < 0)
		return r;
	attempt = attempts_get(p->attempts, plan.id);
	attempt_is_probe(attempt, url, options, validators, fn, arg);
	*ret_probe = attempt->probe;
	pipeline_arm(p, 0, 0);
	return 0;
}

/* The plan of the feed that the probe became is here: its first poll is done. */
static void
on_adopted(const struct feed_plan *plan, void *arg)
{
	struct attempt *attempt = arg;
	struct pipeline *p = attempt->owner;

	if (plan == NULL) { /* removed within the same breath */
		attempt_cancelled(attempt);
		return;
	}
	schedule_adopt(p->schedule, attempt->feed_id, plan);
	pipeline_watch(p, plan);
	attempt_becomes(attempt, plan->id);
	pipeline_finish(attempt);
	pipeline_pump(p);
}

void
pipeline_probe_adopt(
    struct pipeline_probe *probe, int64_t feed_id, pipeline_result_fn *fn, void *arg)
{
	struct attempt *attempt = attempt_of_probe(probe);
	struct pipeline *p = attempt->owner;

	attempt_await(attempt, fn, arg);
	attempt_probe_over(attempt);
	plans_fetch(p->plans, feed_id, on_adopted, attempt);
}

void
pipeline_probe_drop(struct pipeline_probe *probe)
{
	struct attempt *attempt = attempt_of_probe(probe);
	struct pipeline *p = attempt->owner;
	struct feed_plan plan;
	struct buf reasons = {0};

	attempt_probe_over(attempt);
	if (attempt->state != ATTEMPT_PROBED) {
		schedule_drop(p->schedule, attempt->feed_id);
		attempt_cancelled(attempt);
		return;
	}
	/* A host's wish for a pause counts, whoever was asking. */
	if (schedule_done(p->schedule, attempt->feed_id, attempt->batch, 0,
		clock_wall(), &plan, &reasons))
		plans_hold(p->plans, &plan);
	schedule_drop(p->schedule, attempt->feed_id);
	buf_done(&reasons);
	attempt_free(attempt);
	pipeline_arm(p, 0, 0);
}

const char *
pipeline_probe_hops(const struct pipeline_probe *probe)
{
	return buf_text(&attempt_of_probe(probe)->hops);
}

/* -- Errands ------------------------------------------------------------------------ */

int
pipeline_walk(
    struct pipeline *p, int64_t feed_id, struct schedule_refusal *ret_refusal)
{
	int r = schedule_walk(p->schedule, feed_id, clock_wall(), ret_refusal);

	pipeline_arm(p, 0, 0); /* its next poll may come later now */
	return r;
}

int
pipeline_errand(struct pipeline *p, int64_t feed_id, const char *url,
    pipeline_errand_fn *fn, void *arg, struct pipeline_errand **ret_errand,
    msec_t *ret_when)
{
	const struct feed_plan plan = {.id = --p->probes,
	    .name = "",
	    .url = url,
	    .rate_group = schedule_rate_group(p->schedule, feed_id, url),
	    .paused = true}; /* it is asked once, not polled */
	struct attempt *attempt;
	int r;

	r = ask_once(p, &plan, ret_when);
	if (r < 0)
		return r;
	attempt = attempts_get(p->attempts, plan.id);
	attempt->errand_of = feed_id;
	attempt->errand = xcalloc(1, sizeof(*attempt->errand));
	*attempt->errand = (struct pipeline_errand){attempt, fn, arg};
	attempt_go_to(attempt, url);
	*ret_errand = attempt->errand;
	pipeline_arm(p, 0, 0);
	return 0;
}

void
pipeline_errand_cancel(struct pipeline_errand *errand)
{
	struct attempt *attempt = errand->attempt;
	struct pipeline *p = attempt->owner;

	attempt->errand = NULL;
	free(errand);
	schedule_drop(p->schedule, attempt->feed_id);
	attempt_cancelled(attempt);
}

static void
on_moved_plan(const struct feed_plan *plan, void *arg)
{
	struct attempt *attempt = arg;
	struct pipeline *p = attempt->owner;

	if (plan != NULL)
		pipeline_put_plan(plan, p);
	else
		pipeline_drop_plan(attempt->feed_id, p);
	if (plan == NULL || p->drains) {
		attempt_cancelled(attempt);
		return;
	}
	pipeline_finish(attempt);
	pipeline_pump(p);
}

void
pipeline_first_poll(struct pipeline *p, int64_t feed_id, struct batch *batch)
{
	struct attempt *attempt;

	if (p->drains || attempts_find(p->attempts, feed_id) != NULL ||
	    !schedule_take(p->schedule, feed_id)) {
		batch_free(batch);
		pipeline_refresh_feed(p, feed_id);
		return;
	}
	attempt = attempts_get(p->attempts, feed_id);
	attempt->state = ATTEMPT_PROBED;
	attempt->batch = batch;
	batch->feed_id = feed_id;
	plans_fetch(p->plans, feed_id, on_moved_plan, attempt);
}

bool
pipeline_next_host(
    const struct pipeline *p, size_t *place, struct schedule_host *ret_host)
{
	return schedule_next_host(p->schedule, place, clock_wall(), ret_host);
}

/* -- Questions ----------------------------------------------------------------------- */

void
pipeline_stats(const struct pipeline *p, struct pipeline_stats *ret_stats)
{
	*ret_stats = (struct pipeline_stats){
	    .inflight = schedule_inflight(p->schedule),
	    .fetches = p->fetches,
	    .failures = p->failures,
	    .restarts = supervisor_restarts(p->supervisor),
	    .online = !schedule_is_offline(p->schedule),
	    .fetcher_up = supervisor_is_up(p->supervisor),
	    .sandbox = supervisor_sandbox(p->supervisor),
	    .stalled = supervisor_silence(p->supervisor, clock_mono()),
	    .next_due = schedule_next_due(p->schedule),
	};
}

void
pipeline_explain(const struct pipeline *p, int64_t feed_id, struct buf *reasons)
{
	schedule_explain(p->schedule, feed_id, clock_wall(), reasons);
}

msec_t
pipeline_due(const struct pipeline *p, int64_t feed_id)
{
	return schedule_due(p->schedule, feed_id);
}
