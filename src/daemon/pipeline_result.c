/* SPDX-License-Identifier: ISC */
/* fetcher -> schedule -> store: what comes of an attempt, and whom it is told. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "daemon/attempt.h"
#include "daemon/candidates.h"
#include "daemon/moves.h"
#include "daemon/pipeline_inside.h"
#include "daemon/plans.h"
#include "daemon/report.h"
#include "daemon/supervisor.h"
#include "schedule/schedule.h"
#include "store/store.h"

#define SYNTHETIC_ARENA 32768 /* a batch of ours: a reason, nothing else */

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
	if (commit->new_items == 0 && attempt->quiet_due != 0)
		schedule_was_quiet(
		    p->schedule, attempt->feed_id, attempt->quiet_due);
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
	struct candidates found;

	candidates_of_page(batch, batch->arena, &found);
	if (found.count == 0)
		return;
	if (plan->last_success == 0 && plan->failures == 1 && found.count == 1)
		attempt->page_url = xstrdup(found.url[0]);
	batch->reason =
	    arena_printf(batch->arena, "%s; it links to a feed at %.1024s%s",
		batch->reason != NULL ? batch->reason : "not a feed", found.url[0],
		found.count > 1 ? " and others" : "");
}

/* What is known of the feed before the attempt is weighed. */
static struct report
report_before(const struct attempt *attempt, const struct feed_plan *plan)
{
	const struct schedule *schedule = attempt->owner->schedule;
	uint64_t secret;

	return (struct report){.plan = plan,
	    .before = schedule_failures(schedule, attempt->feed_id),
	    .was_refused = schedule_is_refused(schedule, attempt->feed_id, &secret),
	    .now = clock_wall()};
}

/* The feed has another address by now, of which this answer says nothing: that one
 * is asked in its place. */
static void
drop_stray(struct attempt *attempt)
{
	batch_free(attempt->batch);
	attempt->batch = NULL;
	attempt_cancelled(attempt);
}

static void
finish(struct attempt *attempt)
{
	struct pipeline *p = attempt->owner;
	struct batch *batch = attempt->batch;
	struct feed_plan plan;
	struct report report = report_before(attempt, &plan);
	struct buf reasons = {0};

	if (!schedule_done(p->schedule, attempt->feed_id, batch,
		(unsigned)batch->item_count, report.now, &plan, &reasons)) {
		batch->outcome = OUTCOME_CANCELLED;
		batch->reason = TAKEN_OUT;
		attempt_note(attempt, batch);
		answer(attempt, &(struct commit){.feed_id = attempt->feed_id});
		attempt_free(attempt);
		return;
	}
	p->fetches++;
	attempt->moves = plan.moves;
	attempt->quiet_due = plan.quiet_due;
	if (plan.moves)
		report_moved(plan.name, plan.url, "its server says so for good");
	if (plan.try_new_url)
		attempt->new_url = xstrdup(plan.new_url);
	if (batch->outcome == OUTCOME_NOT_A_FEED)
		look_at_page(attempt, &plan);
	p->failures += outcome_is_failure(batch->outcome);
	attempt_note(attempt, batch);
	attempt_name(attempt, plan.name);
	report.is_offline = schedule_is_offline(p->schedule);
	report_attempt(&report, batch);
	if (batch->outcome == OUTCOME_CRASHED && plan.quarantined)
		quarantine(p, &plan, batch->reason);
	attempt_detail(attempt, batch, &plan, buf_text(&reasons), report.now);
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
	if (schedule_is_stray(p->schedule, attempt->feed_id))
		drop_stray(attempt);
	else
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
		attempt_follow(attempt, batch);
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
	if (schedule_done(p->schedule, attempt->feed_id,
		batch != NULL ? batch : &over, 0, clock_wall(), &plan, &reasons))
		plans_hold(p->plans, &plan);
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

void
pipeline_take_batch(struct batch *batch, void *arg)
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

void
pipeline_end(struct attempt *attempt, enum outcome outcome, const char *reason)
{
	struct batch *batch = batch_new(attempt->feed_id, SYNTHETIC_ARENA);

	batch->outcome = outcome;
	batch->reason = arena_strdup(batch->arena, reason);
	batch->url =
	    arena_strdup(batch->arena, attempt->url != NULL ? attempt->url : "");
	batch->secret = attempt->secret;
	attempt->batch = batch;
	take_result(attempt);
}

void
pipeline_give_up(struct attempt *attempt, const char *why)
{
	attempt->outcome = OUTCOME_CANCELLED;
	free(attempt->reason);
	attempt->reason = xstrdup(why);
	answer(attempt, &(struct commit){.feed_id = attempt->feed_id});
	attempt_free(attempt);
}

void
pipeline_cancelled(struct attempt *attempt)
{
	struct pipeline *p = attempt->owner;
	const struct batch batch = {
	    .feed_id = attempt->feed_id, .outcome = OUTCOME_CANCELLED};
	struct feed_plan plan;
	struct buf reasons = {0};
	struct schedule_refusal refusal;
	msec_t now = clock_wall();
	bool is_kept;

	if (attempt->errand != NULL) {
		hand_over_errand(attempt);
		return;
	}
	is_kept = schedule_done(
	    p->schedule, attempt->feed_id, &batch, 0, now, &plan, &reasons);
	buf_done(&reasons);
	if (is_kept && attempt_is_awaited(attempt) && !p->drains &&
	    schedule_ask(p->schedule, attempt->feed_id, true, now, &refusal) == 0) {
		attempt_again(attempt);
		return;
	}
	pipeline_give_up(attempt, is_kept ? "it could not be asked now" : TAKEN_OUT);
}
