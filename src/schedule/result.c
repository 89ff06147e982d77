/* SPDX-License-Identifier: ISC */
/* What came of an attempt, and of the machine and its network meanwhile. */
#include <stddef.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "schedule/hop.h"
#include "schedule/host.h"
#include "schedule/move.h"
#include "schedule/queue.h"

/* An outage takes a while from the first host to the last one that answered. */
#define AT_ONCE MSEC_PER_MIN
#define JUMP_MIN (60 * MSEC_PER_SEC) /* smaller ones are clock upkeep */

/* -- What came of it ------------------------------------------------------- */

void
schedule_wait(struct schedule *s, int64_t feed_id, bool waits)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);

	if (feed == NULL || feed->place != PLACE_FLIGHT || feed->waits == waits)
		return;
	if (waits && s->waits >= LIMIT_WAITS)
		return;
	feed->waits = waits;
	s->waits += waits ? 1 : -1u;
	s->inflight += waits ? -1u : 1;
}

/* The request at this host is over: its pause begins. */
static void
release(struct schedule *s, struct feed *feed, msec_t now)
{
	struct host *host = feed->at;

	schedule_wait(s, feed->plan.feed.id, false);
	host->inflight--;
	s->inflight--;
	host->free_at = now + host->pause;
	queue_host_place(s, host);
}

enum outcome
schedule_hop(struct schedule *s, int64_t feed_id, const char *from,
    const char *location, msec_t now, struct buf *reason)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	enum outcome outcome;
	struct host *target;

	if (feed == NULL || feed->place != PLACE_FLIGHT || feed->chain->is_stray)
		return OUTCOME_CANCELLED;
	outcome = hop_check(feed->chain, from, location, reason);
	if (outcome != OUTCOME_REDIRECT)
		return outcome;
	target = queue_host_get(s, location, queue_feed_group(feed, location));
	if (target->held > now) {
		buf_printf(reason, "redirected to a host that asked for a pause");
		queue_host_place(s, target);
		return OUTCOME_SERVER_ERROR;
	}
	release(s, feed, now);
	/* Not since it came: it may have lain here while all processes stood still. */
	feed->chain->since = feed->chain->asked;
	/* A chain that has begun goes before everything else. */
	queue_feed_ready(s, feed, target, INT64_MIN);
	return OUTCOME_REDIRECT;
}

bool
schedule_hop_is_stale(const struct schedule *s, int64_t feed_id)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL && feed->chain != NULL && feed->chain->count > 0 &&
	    (feed->chain->is_stray || feed->chain->since < s->broken);
}

bool
schedule_is_stray(const struct schedule *s, int64_t feed_id)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL && feed->chain != NULL && feed->chain->is_stray;
}

void
schedule_stood_still(struct schedule *s, msec_t now)
{
	s->broken = now;
}

/* One that failed in the outage, or came due in it; not one that somebody asked for. */
static bool
was_kept_waiting(const struct feed *feed, msec_t since, msec_t now)
{
	bool waits = feed->home->silent != 0;

	if (feed->place == PLACE_READY)
		return waits && !queue_is_asked(feed);
	return feed->place == PLACE_WAITING && feed->plan.feed.held <= now &&
	    ((feed->is_silent && feed->plan.feed.last_attempt >= since) ||
		(waits && feed->plan.feed.due <= now));
}

/* The feeds that the outage kept waiting come soon, but not all at once. */
static void
recover(struct schedule *s, msec_t since, msec_t now)
{
	struct feed *feed;
	size_t at = 0;

	schedule_stood_still(s, now);
	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (!was_kept_waiting(feed, since, now))
			continue;
		queue_feed_spread(s, feed, now, SPREAD_MOST);
		queue_feed_wait(s, feed);
	}
}

/* Notes whether the host answered, before the outcome is weighed. */
static void
note_network(struct schedule *s, struct host *host, enum outcome outcome, msec_t now)
{
	bool silent = outcome_is_offline(outcome), was_silent = host->silent != 0;
	msec_t since = s->offline.since;

	if (outcome == OUTCOME_CANCELLED || outcome == OUTCOME_CRASHED ||
	    outcome == OUTCOME_BAD_URL || outcome == OUTCOME_FORBIDDEN_ADDRESS)
		return; /* no word about the network */
	/* Nor is that of a host where a redirect alone leads: one feed could name as
	 * many dead ones as it likes. */
	if (host->feeds == 0)
		return;
	if (!silent) {
		host->silent = 0;
		host->answered = now;
	} else if (!was_silent) {
		host->silent = now;
	}
	if (!offline_note(&s->offline, host->hash, silent, was_silent, now))
		return;
	if (s->offline.is_offline)
		s->probe_at = now + plan_probe(s->settings);
	else
		recover(s, since, now);
	queue_place_all(s);
}

void
schedule_forgive(struct schedule *s,
    void (*fn)(void *arg, int64_t feed_id, unsigned failures), void *arg)
{
	const struct host *host;
	struct feed *feed;
	msec_t answered = 0;
	size_t at = 0;

	while ((host = map_next(s->hosts_by_key, &at)) != NULL) {
		if (host->silent != 0)
			answered = later(answered, host->answered);
	}
	at = 0;
	while ((feed = map_next(s->feeds, &at)) != NULL) {
		/* Who was silent well before that has a fault of its own. */
		if (feed->blamed == 0 || feed->home->silent <= answered - AT_ONCE)
			continue;
		feed->plan.feed.failures -=
		    sooner(feed->blamed, feed->plan.feed.failures);
		feed->blamed = 0;
		fn(arg, feed->plan.feed.id, feed->plan.feed.failures);
	}
}

/* Failures that an outage may have made count until it is known. */
static void
note_blame(struct feed *feed, enum outcome outcome, bool is_offline, uint32_t before)
{
	if (outcome == OUTCOME_CANCELLED)
		return;
	feed->is_silent = outcome_is_offline(outcome);
	feed->is_excused = feed->is_silent && is_offline;
	if (!feed->is_silent)
		feed->blamed = 0;
	else if (feed->plan.feed.failures > before)
		feed->blamed++;
}

static void
apply_hold(struct schedule *s, struct host *host, const struct feed *feed,
    enum plan_hold hold, msec_t now)
{
	if (hold != HOLD_HOST || host->held >= feed->plan.feed.held)
		return;
	host->held = feed->plan.feed.held;
	host->held_wait = host->held - now;
	queue_host_place(s, host);
}

/* What a good answer says of another address; strings become the schedule's.  204 says
 * nothing: no feed was seen there, nor that there is none. */
static void
weigh_move(struct schedule *s, struct feed *feed, const struct batch *batch,
    msec_t now, struct buf *reasons)
{
	struct feed_plan *plan = &feed->plan.feed;
	const char *was = plan->new_url;

	buf_reset(&s->note);
	plan->moves = plan->try_new_url = false;
	if (batch->http_status != 204 &&
	    (batch->outcome == OUTCOME_OK || batch->outcome == OUTCOME_UNCHANGED))
		move_note(&feed->plan, s->settings, batch, now, &s->note, reasons);
	if (plan->new_url != was) {
		plan->new_url = xstrdup_null(plan->new_url);
		free((char *)was);
	}
	if (!plan->moves)
		return;
	free((char *)plan->url);
	plan->url = plan->new_url;
	plan->new_url = NULL;
	queue_feed_home(s, feed);
}

/* The other feeds that the host's hold holds, for the store: a JSON array. */
static const char *
kin_of(struct schedule *s, const struct host *host, const struct feed *feed)
{
	const struct feed *other;
	size_t at = 0;

	buf_reset(&s->kin);
	while ((other = map_next(s->feeds, &at)) != NULL) {
		if (other->home == host && other != feed && other->plan.feed.id > 0)
			buf_printf(&s->kin, "%s%lld", s->kin.len > 0 ? "," : "[",
			    (long long)other->plan.feed.id);
	}
	if (s->kin.len == 0)
		return NULL;
	buf_putc(&s->kin, ']');
	return s->kin.data;
}

static void
land(struct schedule *s, struct feed *feed, msec_t now)
{
	struct host *at = feed->at;

	if (feed->place == PLACE_FLIGHT)
		release(s, feed, now);
	else
		queue_leave(&feed->in, &feed->node); /* a chain given up */
	feed->place = PLACE_NONE;
	feed->at = feed->home;
	if (at != feed->home)
		queue_host_place(s, at);
	free(feed->chain);
	feed->chain = NULL;
}

/* What the host that answered adds: a redirect may have led to another one. */
static struct plan_site
site_of_answer(
    const struct schedule *s, const struct feed *feed, const struct host *asked)
{
	struct plan_site site = queue_site(s, feed->home);

	site.is_elsewhere = asked != feed->home;
	site.holds_whole = asked->holds_whole;
	site.feeds = asked->feeds + site.is_elsewhere;
	/* Who only looks (a probe, an errand) is no feed of the host yet. */
	if (feed->plan.feed.id < 0)
		site.feeds = 1;
	/* It failed, then others were answered well: what fails it is its own. */
	site.is_own_fault = feed->plan.feed.failures > 0 &&
	    asked->fine > feed->plan.feed.last_attempt;
	return site;
}

/* When it is due if its items are not new, only changed; 0: no earlier if they are. */
static msec_t
due_if_quiet(struct schedule *s, const struct feed *feed,
    const struct plan_site *site, const struct batch *batch, msec_t now)
{
	struct plan plan = feed->plan;
	uint64_t random = s->random;

	buf_reset(&s->quiet);
	(void)plan_attempt(
	    &plan, s->settings, site, batch, 0, now, &random, &s->quiet);
	return plan.feed.due;
}

void
schedule_was_quiet(struct schedule *s, int64_t feed_id, msec_t due)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);

	if (feed == NULL || feed->place != PLACE_WAITING ||
	    feed->plan.feed.due >= due)
		return;
	feed->plan.feed.due = due;
	queue_feed_wait(s, feed);
}

bool
schedule_done(struct schedule *s, int64_t feed_id, const struct batch *batch,
    unsigned new_items, msec_t now, struct feed_plan *ret_plan, struct buf *reasons)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	struct plan_site site;
	struct host *asked;
	enum plan_hold hold;
	msec_t quiet = 0;
	uint32_t before;

	if (feed == NULL || feed->chain == NULL)
		return false;
	asked = feed->at;
	land(s, feed, now);
	if (feed->dropped) {
		queue_feed_remove(s, feed);
		return false;
	}
	note_network(s, asked, batch->outcome, now);
	site = site_of_answer(s, feed, asked);
	before = feed->plan.feed.failures;
	if (new_items > 0)
		quiet = due_if_quiet(s, feed, &site, batch, now);
	hold = plan_attempt(&feed->plan, s->settings, &site, batch, new_items, now,
	    &s->random, reasons);
	note_blame(feed, batch->outcome, site.is_offline, before);
	if (!outcome_is_failure(batch->outcome) &&
	    batch->outcome != OUTCOME_CANCELLED)
		asked->fine = now;
	apply_hold(s, asked, feed, hold, now);
	weigh_move(s, feed, batch, now, reasons);
	if (batch->outcome == OUTCOME_CANCELLED) {
		/* Its turn comes again, but not within the same breath. */
		asked->free_at = later(asked->free_at, now + MSEC_PER_SEC);
		if (feed->plan.feed.due == 0)
			feed->plan.feed.due = now;
	}
	queue_feed_wait(s, feed);
	buf_reset(&s->memory);
	plan_remember(&feed->plan.memory, &s->memory);
	*ret_plan = feed->plan.feed;
	ret_plan->memory = buf_text(&s->memory);
	ret_plan->quiet_due = quiet > ret_plan->due ? quiet : 0;
	ret_plan->quiet_reasons = buf_text(&s->quiet);
	ret_plan->note = s->note.len > 0 ? s->note.data : NULL;
	ret_plan->held_too = hold == HOLD_HOST ? kin_of(s, asked, feed) : NULL;
	feed->plan.feed.moves = feed->plan.feed.try_new_url = false;
	return true;
}

void
schedule_retry(struct schedule *s, int64_t feed_id, msec_t now)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	msec_t when = now + later(s->settings->min_interval, MSEC_PER_MIN);

	if (feed == NULL || feed->place != PLACE_WAITING ||
	    feed->plan.feed.due <= when)
		return;
	feed->plan.feed.due = when;
	queue_feed_wait(s, feed);
}

bool
schedule_wants_full(const struct schedule *s, int64_t feed_id, msec_t now)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);
	struct buf host = {0};
	bool wants;

	if (feed == NULL || !plan_wants_full(&feed->plan, s->settings, now))
		return false;
	wants = url_host(feed->plan.feed.url, &host) == 0 &&
	    !host_is_listed(s->settings->no_revalidate, host.data);
	buf_done(&host);
	return wants;
}

bool
schedule_is_refused(const struct schedule *s, int64_t feed_id, uint64_t *ret_secret)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	if (feed == NULL || !feed->plan.memory.is_refused)
		return false;
	*ret_secret = feed->plan.memory.secret;
	return true;
}

void
schedule_hurry(struct schedule *s, int64_t feed_id, msec_t now)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);

	if (feed == NULL || feed->place != PLACE_WAITING)
		return;
	feed->plan.memory.is_refused = false; /* once for each change */
	feed->plan.feed.due = now;
	queue_feed_wait(s, feed);
}

void
schedule_pause(struct schedule *s)
{
	s->is_paused = true;
}

void
schedule_resume(struct schedule *s, msec_t now)
{
	(void)now;
	s->is_paused = false;
}

static void
host_jumped(struct host *host, msec_t now)
{
	host->silent = sooner(host->silent, now);
	host->answered = sooner(host->answered, now);
	if (host->free_at > now + host->pause)
		host->free_at = now + host->pause;
	if (host->held > now + host->held_wait)
		host->held = now + host->held_wait;
}

void
schedule_jumped(struct schedule *s, msec_t now, msec_t jump)
{
	struct feed *feed;
	struct host *host;
	size_t at = 0;

	if (jump < JUMP_MIN && jump > -JUMP_MIN)
		return;
	schedule_stood_still(s, now);
	while ((host = map_next(s->hosts_by_key, &at)) != NULL)
		host_jumped(host, now);
	at = 0;
	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (feed->place != PLACE_WAITING)
			continue;
		queue_feed_pull_back(s, feed, now);
		if (feed->plan.feed.due <= now)
			queue_feed_spread(s, feed, now, SPREAD_MOST);
		queue_feed_wait(s, feed);
	}
	s->probe_at = sooner(s->probe_at, now + plan_probe(s->settings));
	queue_place_all(s);
}
