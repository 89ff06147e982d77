/* SPDX-License-Identifier: ISC */
#include "schedule/schedule.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "schedule/queue.h"

/* The plan as the store has it.  What attempts change is fresher here than there
 * for a feed that is known, as long as its address is the same. */
static void
take_plan(struct feed *feed, const struct feed_plan *plan, bool is_fresh)
{
	struct feed_plan old = feed->plan.feed, *own = &feed->plan.feed;

	*own = *plan;
	own->name = xstrdup(plan->name != NULL ? plan->name : "");
	own->url = xstrdup(plan->url != NULL ? plan->url : "");
	own->rate_group = xstrdup_null(plan->rate_group);
	own->credential = xstrdup_null(plan->credential);
	own->new_url = xstrdup_null(is_fresh ? plan->new_url : old.new_url);
	own->memory = own->note = NULL;
	if (is_fresh) {
		plan_recall(plan->memory, &feed->plan.memory);
	} else {
		own->due = old.due;
		own->last_attempt = old.last_attempt;
		own->last_success = old.last_success;
		own->failures = old.failures;
		own->learnt = old.learnt;
		own->gone = old.gone && plan->gone; /* taken back by hand */
		own->held = old.held;
	}
	queue_free_strings(&old);
}

/* A shorter interval takes effect now, but not against what the server said. */
static void
feed_pull_in(struct schedule *s, struct feed *feed, msec_t now)
{
	const struct plan_memory *m = &feed->plan.memory;
	msec_t most = queue_interval(s, feed, now);

	if (feed->plan.feed.failures > 0 || feed->plan.feed.held > now)
		return;
	most = later(most, m->unconditional ? s->settings->unconditional : 0);
	most = later(most,
	    sooner(later(m->max_age, later(m->ttl, m->period)),
		s->settings->max_interval));
	if (feed->plan.feed.due - now > most + most / 10)
		feed->plan.feed.due = now + most;
}

/* A hold that was there before a restart goes on (POLLING 36). */
static void
renew_hold(struct schedule *s, struct feed *feed, msec_t now)
{
	struct host *host = feed->home;

	if (feed->plan.feed.held <= now || !host->holds_whole ||
	    feed->plan.memory.is_held_alone)
		return;
	if (feed->plan.feed.held > host->held) {
		host->held = feed->plan.feed.held;
		host->held_wait = host->held - now;
		queue_host_place(s, host);
	}
}

static void
place_fresh(struct schedule *s, struct feed *feed, msec_t now)
{
	if (feed->plan.feed.due == 0 && queue_is_polled(s, feed)) {
		queue_feed_unplace(s, feed);
		feed->place = PLACE_NEW;
		feed->next_new = s->new_feeds;
		s->new_feeds = feed;
		s->new_count++;
		return;
	}
	queue_feed_pull_back(s, feed, now);
	if (feed->plan.feed.due <= now)
		queue_feed_spread(s, feed, now, s->settings->start_spread);
	queue_feed_wait(s, feed);
}

void
schedule_put(struct schedule *s, const struct feed_plan *plan, msec_t now)
{
	struct feed *feed = map_find_id(s->feeds, plan->id);
	bool same_url = feed != NULL && plan->url != NULL &&
	    strcmp(plan->url, feed->plan.feed.url) == 0;

	if (feed == NULL) {
		feed = xcalloc(1, sizeof(*feed));
		(void)map_put_id(s->feeds, plan->id, feed);
	}
	take_plan(feed, plan, !same_url);
	feed->dropped = false;
	feed->sweep = s->sweep;
	s->merged += feed->plan.feed.merged != 0;
	queue_feed_home(s, feed);
	renew_hold(s, feed, now);
	if (feed->chain != NULL) {
		/* What is on its way goes to the address that it had. */
		feed->chain->is_stray |= !same_url && feed->place != PLACE_NONE;
		return; /* schedule_done goes by the new plan */
	}
	if (feed->place == PLACE_READY && (same_url || queue_is_asked(feed)))
		return; /* a turn, once earned, is kept */
	if (same_url && feed->place == PLACE_NEW)
		return;
	if (same_url)
		feed_pull_in(s, feed, now);
	place_fresh(s, feed, now);
}

void
schedule_adopt(struct schedule *s, int64_t old_id, const struct feed_plan *plan)
{
	struct feed *feed = map_remove_id(s->feeds, old_id);

	assert(feed != NULL && feed->chain != NULL);
	take_plan(feed, plan, true);
	(void)map_put_id(s->feeds, plan->id, feed);
	queue_feed_home(s, feed);
}

bool
schedule_take(struct schedule *s, int64_t feed_id)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);

	if (feed == NULL || feed->chain != NULL)
		return false;
	queue_feed_unplace(s, feed);
	queue_host_place(s, feed->home);
	feed->chain = xcalloc(1, sizeof(*feed->chain));
	return true;
}

void
schedule_drop(struct schedule *s, int64_t feed_id)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);

	if (feed == NULL)
		return;
	if (feed->chain != NULL)
		feed->dropped = true;
	else
		queue_feed_remove(s, feed);
}

void
schedule_sweep_begin(struct schedule *s)
{
	s->sweep++;
}

void
schedule_sweep_end(struct schedule *s)
{
	struct feed *feed;
	size_t at = 0;

	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (feed->sweep != s->sweep && feed->plan.feed.id > 0)
			schedule_drop(s, feed->plan.feed.id);
	}
}

size_t
schedule_count(const struct schedule *s)
{
	return map_count(s->feeds);
}

struct schedule *
schedule_new(const struct settings *settings, uint64_t seed)
{
	struct schedule *s = xcalloc(1, sizeof(*s));

	s->settings = settings;
	s->random = seed;
	s->feeds = map_new();
	s->hosts_by_key = map_new();
	return s;
}

void
schedule_free(struct schedule *s)
{
	struct feed *feed;
	struct host *host;
	size_t at = 0;

	if (s == NULL)
		return;
	while ((feed = map_next(s->feeds, &at)) != NULL)
		queue_feed_free(feed);
	at = 0;
	while ((host = map_next(s->hosts_by_key, &at)) != NULL)
		queue_host_free(s, host);
	heap_done(&s->hosts);
	heap_done(&s->silent);
	map_free(s->feeds);
	map_free(s->hosts_by_key);
	buf_done(&s->memory);
	buf_done(&s->note);
	buf_done(&s->kin);
	buf_done(&s->quiet);
	free(s);
}

void
schedule_rush(struct schedule *s)
{
	s->rush = true;
}

void
schedule_reload(struct schedule *s, const struct settings *settings, msec_t now)
{
	struct feed *feed;
	size_t at = 0;

	s->settings = settings;
	while ((feed = map_next(s->feeds, &at)) != NULL) {
		queue_feed_home(s, feed);
		if (feed->place != PLACE_WAITING)
			continue;
		feed_pull_in(s, feed, now);
		queue_feed_wait(s, feed);
	}
	queue_place_all(s);
}

/* -- What may start -------------------------------------------------------- */

static void
wake_due(struct schedule *s, struct host *host, msec_t now)
{
	struct heap_node *first;
	struct feed *feed;

	while ((first = heap_first(&host->waiting)) != NULL && first->key <= now) {
		feed = FEED_OF(first);
		if (queue_double_of(s, feed) != NULL) {
			queue_feed_unplace(s, feed); /* that one came after it */
			continue;
		}
		queue_join(&feed->in, &feed->node, &host->ready,
		    feed->plan.feed.last_attempt);
		feed->place = PLACE_READY;
	}
}

/* What waited for its host until an hour in which the feed wants no visit waits on;
 * who is asked for by hand, or has begun, goes all the same (POLLING 19). */
static void
put_off_skipped(struct schedule *s, struct host *host, msec_t now)
{
	struct heap_node *first;
	struct feed *feed;
	msec_t due;

	while (!s->rush && (first = heap_first(&host->ready)) != NULL) {
		feed = FEED_OF(first);
		if (queue_is_asked(feed))
			return;
		due = plan_past_skipped(&feed->plan.memory, now, &s->random, NULL);
		if (due == now)
			return;
		feed->plan.feed.due = due;
		feed->plan.memory.wait = due - now;
		queue_join(&feed->in, &feed->node, &host->waiting, due);
		feed->place = PLACE_WAITING;
	}
}

static int64_t
take_off(struct schedule *s, struct host *host, msec_t now)
{
	struct feed *feed = FEED_OF(heap_first(&host->ready));

	queue_leave(&feed->in, &feed->node);
	feed->place = PLACE_FLIGHT;
	if (feed->chain == NULL)
		feed->chain = xcalloc(1, sizeof(*feed->chain));
	feed->chain->asked = now;
	host->inflight++;
	s->inflight++;
	queue_host_place(s, host);
	return feed->plan.feed.id;
}

/* The host at the head of `heap`, when its time has come and it has a feed. */
static struct host *
host_at_hand(struct schedule *s, struct heap *heap, msec_t now)
{
	struct heap_node *first;
	struct host *host;

	while ((first = heap_first(heap)) != NULL && first->key <= now) {
		host = HOST_OF(first);
		wake_due(s, host, now);
		put_off_skipped(s, host, now);
		if (heap_first(&host->ready) != NULL)
			return host;
		if (host->feeds == 0 && host->inflight == 0 &&
		    heap_first(&host->waiting) == NULL)
			queue_host_free(s, host);
		else
			queue_host_place(s, host);
	}
	return NULL;
}

int64_t
schedule_next(struct schedule *s, msec_t now, msec_t *ret_wake)
{
	struct heap_node *first;
	struct host *host;

	*ret_wake = INT64_MAX;
	queue_settle_new(s, now);
	if (s->is_paused || s->inflight >= s->settings->concurrency)
		return 0;
	if (s->offline.is_offline && now >= s->probe_at) {
		host = host_at_hand(s, &s->silent, now);
		if (host != NULL) {
			s->probe_at = now + plan_probe(s->settings);
			return take_off(s, host, now);
		}
	}
	host = host_at_hand(s, &s->hosts, now);
	if (host != NULL)
		return take_off(s, host, now);
	first = heap_first(&s->hosts);
	if (first != NULL)
		*ret_wake = first->key;
	first = heap_first(&s->silent);
	if (first != NULL)
		*ret_wake = sooner(*ret_wake, later(first->key, s->probe_at));
	return 0;
}

/* May it be asked by hand, when its last request was at `last`?  0: never. */
static int
judge_asking(const struct schedule *s, const struct feed *feed, bool force,
    msec_t last, msec_t now, struct schedule_refusal *ret_refusal)
{
	msec_t by_hand = last != 0 && !force ? last + s->settings->manual_min : 0;
	msec_t public =
	    last != 0 && feed->home->is_public ? last + PLAN_PUBLIC_FLOOR : 0;
	msec_t hold = queue_hold(feed);
	msec_t when = later(hold, later(by_hand, public));
	const struct feed *other = queue_double_of(s, feed);

	if (other != NULL) {
		*ret_refusal = (struct schedule_refusal){.cause = REFUSAL_DOUBLE,
		    .when = later(other->plan.feed.due, now)};
		return -EAGAIN;
	}
	if (when <= now)
		return 0;
	*ret_refusal = (struct schedule_refusal){.when = when,
	    .cause = hold > now ? REFUSAL_HOLD
		: public > now  ? REFUSAL_PUBLIC
				: REFUSAL_MANUAL};
	return -EAGAIN;
}

/* When it was asked last; a clock that was ahead counts as now. */
static msec_t
last_asked(struct feed *feed, msec_t now)
{
	feed->plan.feed.last_attempt = sooner(feed->plan.feed.last_attempt, now);
	return feed->plan.feed.last_attempt;
}

int
schedule_ask(struct schedule *s, int64_t feed_id, bool force, msec_t now,
    struct schedule_refusal *ret_refusal)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	int r;

	if (feed == NULL || feed->dropped || feed->plan.feed.archived)
		return -ENOENT;
	if (feed->chain != NULL)
		return -EALREADY;
	r = judge_asking(s, feed, force, last_asked(feed, now), now, ret_refusal);
	if (r < 0)
		return r;
	/* Before the due ones, in the order of asking. */
	queue_feed_ready(s, feed, feed->home, INT64_MIN / 2 + now);
	return 0;
}

/* Its next poll leaves a public host alone for as long as anybody must. */
static void
keep_apart(struct schedule *s, struct feed *feed, msec_t now)
{
	bool is_by_hand = feed->place == PLACE_READY && feed->node.key < 0;

	if (!feed->home->is_public || feed->chain != NULL || is_by_hand ||
	    (feed->place != PLACE_WAITING && feed->place != PLACE_READY) ||
	    feed->plan.feed.due >= now + PLAN_PUBLIC_FLOOR)
		return;
	feed->plan.feed.due = now + PLAN_PUBLIC_FLOOR;
	queue_feed_wait(s, feed);
}

int
schedule_walk(struct schedule *s, int64_t feed_id, msec_t now,
    struct schedule_refusal *ret_refusal)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	msec_t last, first;
	int r;

	if (feed == NULL || feed->dropped || feed->plan.feed.archived)
		return -ENOENT;
	last = last_asked(feed, now);
	first = feed->plan.memory.first;
	if (feed->chain != NULL && first != 0)
		last = now; /* it is being asked */
	else if (!feed->is_walked && (first == 0 || first == last))
		last = 0; /* its first poll is all that there was */
	r = judge_asking(s, feed, false, last, now, ret_refusal);
	if (r < 0)
		return r;
	feed->is_walked = true;
	feed->plan.feed.last_attempt = now;
	keep_apart(s, feed, now);
	return 0;
}
