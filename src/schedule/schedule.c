/* SPDX-License-Identifier: ISC */
#include "schedule/schedule.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "schedule/hop.h"
#include "schedule/host.h"
#include "schedule/move.h"
#include "schedule/offline.h"
#include "schedule/plan.h"

#define SPREAD_PER_FEED (MSEC_PER_SEC / 5) /* POLLING 23: N/5 seconds */
#define SPREAD_MAX (10 * MSEC_PER_MIN)     /* POLLING 26 */
#define JUMP_MIN (60 * MSEC_PER_SEC)       /* smaller ones are clock upkeep */

/* A queue: the feeds of one host and port, or of one rate group. */
struct host {
	struct heap_node node; /* in `hosts` or `silent`, by when it may start */
	struct heap *in;
	struct heap waiting; /* feeds by due time */
	struct heap ready;   /* due ones, least recently fetched first */
	char *key;
	uint64_t hash;
	msec_t pause, free_at;  /* wall */
	msec_t held, held_wait; /* wall; and how long the hold was when it came */
	size_t feeds;           /* that live here */
	unsigned inflight;
	bool is_silent; /* its last try failed at DNS or connect */
	bool is_public, holds_whole;
};

enum feed_place {
	PLACE_NONE,    /* paused, gone, ...: only schedule_ask brings it */
	PLACE_NEW,     /* to be spread with the others that came with it */
	PLACE_WAITING, /* in its host's `waiting` */
	PLACE_READY,   /* in a host's `ready` */
	PLACE_FLIGHT
};

struct feed {
	struct heap_node node;
	struct heap *in;   /* its host's `waiting` or `ready`, or NULL */
	struct plan plan;  /* its strings are ours */
	struct host *home; /* of its own URL */
	struct host *at;   /* where its request is, or waits; else == home */
	struct feed *next_new;
	struct hop_chain *chain; /* while it is in flight */
	enum feed_place place;
	bool dropped;   /* goes when its flight ends */
	uint32_t sweep; /* the last one that it was put in */
};

struct schedule {
	const struct settings *settings;
	struct map *feeds; /* by id */
	struct map *hosts_by_key;
	struct heap hosts;  /* that may start something */
	struct heap silent; /* while offline: those that do not answer */
	struct feed *new_feeds;
	size_t new_count;
	struct offline offline;
	msec_t probe_at;
	unsigned inflight;
	uint64_t random;
	struct buf memory, note, kin; /* of the plan last given out */
	size_t merged;                /* feeds that may be another's double */
	uint32_t sweep;
	bool is_paused, rush;
};

#define FEED_OF(node_) \
	((struct feed *)(void *)((char *)(node_) - offsetof(struct feed, node)))
#define HOST_OF(node_) \
	((struct host *)(void *)((char *)(node_) - offsetof(struct host, node)))

static msec_t
later(msec_t a, msec_t b)
{
	return a > b ? a : b;
}

static msec_t
sooner(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

static void
leave(struct heap **in, struct heap_node *node)
{
	if (*in != NULL)
		heap_remove(*in, node);
	*in = NULL;
}

static void
join(struct heap **in, struct heap_node *node, struct heap *heap, int64_t key)
{
	if (*in != heap)
		leave(in, node);
	heap_put(heap, node, key);
	*in = heap;
}

/* -- Hosts ----------------------------------------------------------------- */

/* When it may start its next feed, flight aside; INT64_MAX: it has none. */
static msec_t
host_start(const struct host *host)
{
	msec_t free_at = later(host->free_at, host->held);
	const struct heap_node *first;

	if (heap_first(&host->ready) != NULL)
		return free_at;
	first = heap_first(&host->waiting);
	return first != NULL ? later(free_at, first->key) : INT64_MAX;
}

/* Puts the host where its next start belongs.  One without feeds stays until its
 * pause is over, so that a redirect target is not asked again at once. */
static void
host_place(struct schedule *s, struct host *host)
{
	msec_t start = host_start(host);
	bool silent = s->offline.is_offline && host->is_silent;

	leave(&host->in, &host->node);
	if (host->inflight >= s->settings->per_host)
		return;
	if (start == INT64_MAX && (host->feeds > 0 || host->inflight > 0))
		return;
	if (start == INT64_MAX)
		start = later(host->free_at, host->held);
	join(&host->in, &host->node, silent ? &s->silent : &s->hosts, start);
}

static struct host *
host_get(struct schedule *s, const char *url, const char *rate_group)
{
	struct buf key = {0}, name = {0};
	struct host *host;
	msec_t pause;

	host_key(s->settings, url, rate_group, &key, &pause);
	host = map_find_text(s->hosts_by_key, buf_text(&key));
	if (host == NULL) {
		host = xcalloc(1, sizeof(*host));
		host->key = xstrdup(buf_text(&key));
		host->hash = hash64(host->key, strlen(host->key));
		(void)map_put_text(s->hosts_by_key, host->key, host);
	}
	if (url_host(url, &name) == 0) {
		host->is_public = host_is_public(name.data);
		host->holds_whole = host_holds_whole(s->settings, name.data);
	}
	host->pause = pause;
	buf_done(&key);
	buf_done(&name);
	return host;
}

static void
host_free(struct schedule *s, struct host *host)
{
	leave(&host->in, &host->node);
	(void)map_remove_text(s->hosts_by_key, host->key);
	heap_done(&host->waiting);
	heap_done(&host->ready);
	free(host->key);
	free(host);
}

/* After the network's state changed: every host to its heap. */
static void
place_all_hosts(struct schedule *s)
{
	struct host *host;
	size_t at = 0;

	while ((host = map_next(s->hosts_by_key, &at)) != NULL)
		host_place(s, host);
}

/* -- Feeds ----------------------------------------------------------------- */

static struct plan_site
site_of(const struct schedule *s, const struct host *host)
{
	return (struct plan_site){.is_public = host->is_public,
	    .holds_whole = host->holds_whole,
	    .feeds = host->feeds,
	    .is_offline = s->offline.is_offline};
}

/* Another feed that is here has its address, and is polled in its place. */
static bool
is_double(const struct schedule *s, const struct feed *feed)
{
	int64_t other = feed->plan.memory.merged;

	return other != 0 && map_find_id(s->feeds, other) != NULL;
}

static bool
is_polled(const struct schedule *s, const struct feed *feed)
{
	const struct feed_plan *plan = &feed->plan.feed;

	return !plan->paused && !plan->archived && !plan->gone &&
	    !plan->quarantined && !is_double(s, feed);
}

/* Out of whatever queue it stands in (not out of flight). */
static void
feed_unplace(struct schedule *s, struct feed *feed)
{
	struct feed **at;

	assert(feed->place != PLACE_FLIGHT);
	if (feed->place == PLACE_NEW) {
		for (at = &s->new_feeds; *at != feed; at = &(*at)->next_new)
			;
		*at = feed->next_new;
		s->new_count--;
	}
	leave(&feed->in, &feed->node);
	feed->place = PLACE_NONE;
}

static void
feed_wait(struct schedule *s, struct feed *feed)
{
	feed_unplace(s, feed);
	feed->at = feed->home;
	if (is_polled(s, feed)) {
		join(&feed->in, &feed->node, &feed->home->waiting,
		    feed->plan.feed.due);
		feed->place = PLACE_WAITING;
	}
	host_place(s, feed->home);
}

/* `order`: the lower, the sooner. */
static void
feed_ready(struct schedule *s, struct feed *feed, struct host *host, int64_t order)
{
	if (feed->place != PLACE_FLIGHT)
		feed_unplace(s, feed);
	feed->at = host;
	join(&feed->in, &feed->node, &host->ready, order);
	feed->place = PLACE_READY;
	host_place(s, host);
}

static msec_t
interval_of(const struct schedule *s, const struct feed *feed, msec_t now)
{
	struct plan_site site = site_of(s, feed->home);

	return plan_interval(&feed->plan, s->settings, &site, now, NULL);
}

/* Overdue feeds do not all start at once after a sleep, a jump or a stop. */
static void
feed_spread(struct schedule *s, struct feed *feed, msec_t now)
{
	msec_t limit = sooner(SPREAD_MAX, interval_of(s, feed, now) / 4);

	if (!s->rush)
		feed->plan.feed.due = plan_off_the_quarter(
		    now + plan_random(&s->random, limit), &s->random);
}

/* A due time that lies further ahead than what set it can reach was set by a
 * clock that was wrong. */
static void
feed_pull_back(struct schedule *s, struct feed *feed, msec_t now)
{
	const struct settings *settings = s->settings;
	msec_t most = feed->plan.memory.wait;

	if (most <= 0)
		most = later(
		    later(settings->retry_after_max, settings->max_interval * 7),
		    feed->plan.feed.interval * 2);
	if (feed->plan.feed.due - now > most)
		feed->plan.feed.due = now + most;
	if (feed->plan.feed.held - now > most)
		feed->plan.feed.held = now + most;
}

/* All that came together share one window (POLLING 23). */
static void
settle_new(struct schedule *s, msec_t now)
{
	msec_t limit = sooner(
	    s->settings->start_spread, (msec_t)s->new_count * SPREAD_PER_FEED);
	struct feed *feed;

	while ((feed = s->new_feeds) != NULL) {
		/* In a rush it has been due for ever (schedule_overdue). */
		feed->plan.feed.due =
		    s->rush ? 1 : now + plan_random(&s->random, limit);
		feed_wait(s, feed);
	}
}

static void
free_strings(struct feed_plan *plan)
{
	free((char *)plan->name);
	free((char *)plan->url);
	free((char *)plan->rate_group);
	free((char *)plan->credential);
	free((char *)plan->new_url);
	free((char *)plan->memory);
}

static void
feed_free(struct feed *feed)
{
	free_strings(&feed->plan.feed);
	free(feed->chain);
	free(feed);
}

/* What the store alone writes into a feed's memory. */
static void
take_marks(struct plan_memory *memory, const char *text)
{
	struct plan_memory stored;

	plan_recall(text, &stored);
	memory->no_move = stored.no_move;
	memory->merged = stored.merged;
}

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
		own->last_new = old.last_new;
		own->failures = old.failures;
		own->learnt = old.learnt;
		own->gone = old.gone && plan->gone; /* taken back by hand */
		take_marks(&feed->plan.memory, plan->memory);
		own->held = old.held;
	}
	free_strings(&old);
}

/* A shorter interval takes effect now, but not against what the server said. */
static void
feed_pull_in(struct schedule *s, struct feed *feed, msec_t now)
{
	const struct plan_memory *m = &feed->plan.memory;
	msec_t most = interval_of(s, feed, now);

	if (feed->plan.feed.failures > 0 || feed->plan.feed.held > now)
		return;
	most = later(most, m->unconditional ? s->settings->unconditional : 0);
	most = later(most,
	    sooner(later(m->max_age, later(m->ttl, m->period)),
		s->settings->max_interval));
	if (feed->plan.feed.due - now > most + most / 10)
		feed->plan.feed.due = now + most;
}

static void
move_home(struct schedule *s, struct feed *feed)
{
	struct host *old = feed->home, *home;

	home = host_get(s, feed->plan.feed.url, feed->plan.feed.rate_group);
	if (home == old)
		return;
	if (feed->place != PLACE_FLIGHT && old != NULL)
		feed_unplace(s, feed);
	feed->home = home;
	home->feeds++;
	if (feed->place != PLACE_FLIGHT)
		feed->at = home;
	if (old != NULL) {
		old->feeds--;
		host_place(s, old);
	}
}

/* A hold that was there before a restart goes on (POLLING 36). */
static void
renew_hold(struct schedule *s, struct feed *feed, msec_t now)
{
	struct host *host = feed->home;

	if (feed->plan.feed.held <= now || !host->holds_whole)
		return;
	if (feed->plan.feed.held > host->held) {
		host->held = feed->plan.feed.held;
		host->held_wait = host->held - now;
		host_place(s, host);
	}
}

static void
place_fresh(struct schedule *s, struct feed *feed, msec_t now)
{
	if (feed->plan.feed.due == 0 && is_polled(s, feed)) {
		feed_unplace(s, feed);
		feed->place = PLACE_NEW;
		feed->next_new = s->new_feeds;
		s->new_feeds = feed;
		s->new_count++;
		return;
	}
	feed_pull_back(s, feed, now);
	if (feed->plan.feed.due <= now)
		feed_spread(s, feed, now);
	feed_wait(s, feed);
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
	s->merged += feed->plan.memory.merged != 0;
	move_home(s, feed);
	renew_hold(s, feed, now);
	if (feed->chain != NULL)
		return; /* schedule_done goes by the new plan */
	if (same_url && (feed->place == PLACE_READY || feed->place == PLACE_NEW))
		return; /* a turn, once earned, is kept */
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
	move_home(s, feed);
}

/* Its doubles are polled themselves from now on. */
static void
part(struct schedule *s, int64_t feed_id)
{
	struct feed *feed;
	size_t at = 0;

	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (feed->plan.memory.merged == feed_id && feed->place == PLACE_NONE)
			feed_wait(s, feed);
	}
}

static void
feed_remove(struct schedule *s, struct feed *feed)
{
	struct host *home = feed->home;

	feed_unplace(s, feed);
	(void)map_remove_id(s->feeds, feed->plan.feed.id);
	home->feeds--;
	if (feed->at != home)
		host_place(s, feed->at);
	host_place(s, home);
	if (s->merged > 0)
		part(s, feed->plan.feed.id);
	feed_free(feed);
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
		feed_remove(s, feed);
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
		feed_free(feed);
	at = 0;
	while ((host = map_next(s->hosts_by_key, &at)) != NULL)
		host_free(s, host);
	heap_done(&s->hosts);
	heap_done(&s->silent);
	map_free(s->feeds);
	map_free(s->hosts_by_key);
	buf_done(&s->memory);
	buf_done(&s->note);
	buf_done(&s->kin);
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
		move_home(s, feed);
		if (feed->place != PLACE_WAITING)
			continue;
		feed_pull_in(s, feed, now);
		feed_wait(s, feed);
	}
	place_all_hosts(s);
}

/* -- What may start -------------------------------------------------------- */

static void
wake_due(struct host *host, msec_t now)
{
	struct heap_node *first;
	struct feed *feed;

	while ((first = heap_first(&host->waiting)) != NULL && first->key <= now) {
		feed = FEED_OF(first);
		join(&feed->in, &feed->node, &host->ready,
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
		if (feed->chain != NULL || first->key < 0)
			return;
		due = plan_past_skipped(
		    &feed->plan.memory, now, &s->random, NULL);
		if (due == now)
			return;
		feed->plan.feed.due = due;
		feed->plan.memory.wait = due - now;
		join(&feed->in, &feed->node, &host->waiting, due);
		feed->place = PLACE_WAITING;
	}
}

static int64_t
take_off(struct schedule *s, struct host *host)
{
	struct feed *feed = FEED_OF(heap_first(&host->ready));

	leave(&feed->in, &feed->node);
	feed->place = PLACE_FLIGHT;
	if (feed->chain == NULL)
		feed->chain = xcalloc(1, sizeof(*feed->chain));
	host->inflight++;
	s->inflight++;
	host_place(s, host);
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
		wake_due(host, now);
		put_off_skipped(s, host, now);
		if (heap_first(&host->ready) != NULL)
			return host;
		if (host->feeds == 0 && host->inflight == 0 &&
		    heap_first(&host->waiting) == NULL)
			host_free(s, host);
		else
			host_place(s, host);
	}
	return NULL;
}

int64_t
schedule_next(struct schedule *s, msec_t now, msec_t *ret_wake)
{
	struct heap_node *first;
	struct host *host;

	*ret_wake = INT64_MAX;
	settle_new(s, now);
	if (s->is_paused || s->inflight >= s->settings->concurrency)
		return 0;
	if (s->offline.is_offline && now >= s->probe_at) {
		host = host_at_hand(s, &s->silent, now);
		if (host != NULL) {
			s->probe_at = now + plan_probe(s->settings);
			return take_off(s, host);
		}
	}
	host = host_at_hand(s, &s->hosts, now);
	if (host != NULL)
		return take_off(s, host);
	first = heap_first(&s->hosts);
	if (first != NULL)
		*ret_wake = first->key;
	first = heap_first(&s->silent);
	if (first != NULL)
		*ret_wake = sooner(*ret_wake, later(first->key, s->probe_at));
	return 0;
}

static msec_t
hold_of(const struct feed *feed)
{
	return later(feed->home->held, feed->plan.feed.held);
}

int
schedule_ask(
    struct schedule *s, int64_t feed_id, bool force, msec_t now, msec_t *ret_when)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	msec_t floor, last;

	if (feed == NULL || feed->dropped || feed->plan.feed.archived)
		return -ENOENT;
	if (feed->chain != NULL)
		return -EALREADY;
	last = feed->plan.feed.last_attempt;
	floor = force ? 0 : s->settings->manual_min;
	if (feed->home->is_public)
		floor = later(floor, MSEC_PER_MIN); /* THREATS 24 */
	*ret_when = later(hold_of(feed), last != 0 ? last + floor : 0);
	if (*ret_when > now)
		return -EAGAIN;
	/* Before the due ones, in the order of asking. */
	feed_ready(s, feed, feed->home, INT64_MIN / 2 + now);
	return 0;
}

/* -- What came of it ------------------------------------------------------- */

/* The request at this host is over: its pause begins. */
static void
host_release(struct schedule *s, struct host *host, msec_t now)
{
	host->inflight--;
	s->inflight--;
	host->free_at = now + host->pause;
	host_place(s, host);
}

enum outcome
schedule_hop(struct schedule *s, int64_t feed_id, const char *from,
    const char *location, msec_t now, struct buf *reason)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	enum outcome outcome;
	struct host *target;

	if (feed == NULL || feed->place != PLACE_FLIGHT)
		return OUTCOME_CANCELLED;
	outcome = hop_check(feed->chain, from, location, reason);
	if (outcome != OUTCOME_REDIRECT)
		return outcome;
	target = host_get(s, location, NULL);
	if (target->held > now) {
		buf_printf(reason, "redirected to a host that asked for a pause");
		host_place(s, target);
		return OUTCOME_SERVER_ERROR;
	}
	host_release(s, feed->at, now);
	/* A chain that has begun goes before everything else. */
	feed_ready(s, feed, target, INT64_MIN);
	return OUTCOME_REDIRECT;
}

/* The feeds that the outage made fail come back soon, but not all at once. */
static void
recover(struct schedule *s, msec_t since, msec_t now)
{
	struct feed *feed;
	size_t at = 0;

	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (feed->place != PLACE_WAITING || !feed->home->is_silent ||
		    feed->plan.feed.last_attempt < since ||
		    feed->plan.feed.held > now)
			continue;
		feed_spread(s, feed, now);
		feed_wait(s, feed);
	}
	at = 0;
	for (struct host *host; (host = map_next(s->hosts_by_key, &at)) != NULL;) {
		if (heap_first(&host->ready) == NULL || !host->is_silent)
			continue;
		host->free_at = later(host->free_at,
		    now + plan_random(&s->random, plan_probe(s->settings)));
	}
}

/* Notes whether the host answered, before the outcome is weighed. */
static void
note_network(struct schedule *s, struct host *host, enum outcome outcome, msec_t now)
{
	bool silent = outcome_is_offline(outcome), was_silent = host->is_silent;
	msec_t since = s->offline.since;

	if (outcome == OUTCOME_CANCELLED || outcome == OUTCOME_CRASHED ||
	    outcome == OUTCOME_BAD_URL || outcome == OUTCOME_FORBIDDEN_ADDRESS)
		return; /* no word about the network */
	host->is_silent = silent;
	if (!offline_note(&s->offline, host->hash, silent, was_silent, now))
		return;
	if (s->offline.is_offline)
		s->probe_at = now + plan_probe(s->settings);
	else
		recover(s, since, now);
	place_all_hosts(s);
}

static void
apply_hold(struct schedule *s, struct feed *feed, enum plan_hold hold, msec_t now)
{
	struct host *host = feed->home;

	if (hold != HOLD_HOST || host->held >= feed->plan.feed.held)
		return;
	host->held = feed->plan.feed.held;
	host->held_wait = host->held - now;
	host_place(s, host);
}

/* What a good answer says of another address; strings become the schedule's. */
static void
weigh_move(struct schedule *s, struct feed *feed, const struct batch *batch,
    msec_t now, struct buf *reasons)
{
	struct feed_plan *plan = &feed->plan.feed;
	const char *was = plan->new_url;

	buf_reset(&s->note);
	plan->moves = plan->try_new_url = false;
	if (batch->outcome == OUTCOME_OK || batch->outcome == OUTCOME_UNCHANGED)
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
	move_home(s, feed);
}

/* The other feeds that a host's hold holds, for the store: a JSON array. */
static const char *
kin_of(struct schedule *s, const struct feed *feed)
{
	const struct feed *other;
	size_t at = 0;

	buf_reset(&s->kin);
	while ((other = map_next(s->feeds, &at)) != NULL) {
		if (other->home == feed->home && other != feed &&
		    other->plan.feed.id > 0)
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
		host_release(s, at, now);
	else
		leave(&feed->in, &feed->node); /* a chain given up */
	feed->place = PLACE_NONE;
	feed->at = feed->home;
	if (at != feed->home)
		host_place(s, at);
	free(feed->chain);
	feed->chain = NULL;
}

bool
schedule_done(struct schedule *s, int64_t feed_id, const struct batch *batch,
    unsigned new_items, msec_t now, struct feed_plan *ret_plan, struct buf *reasons)
{
	struct feed *feed = map_find_id(s->feeds, feed_id);
	struct plan_site site;
	struct host *asked;
	enum plan_hold hold;

	if (feed == NULL || feed->chain == NULL)
		return false;
	asked = feed->at;
	land(s, feed, now);
	if (feed->dropped) {
		feed_remove(s, feed);
		return false;
	}
	note_network(s, asked, batch->outcome, now);
	site = site_of(s, feed->home);
	hold = plan_attempt(&feed->plan, s->settings, &site, batch, new_items, now,
	    &s->random, reasons);
	apply_hold(s, feed, hold, now);
	weigh_move(s, feed, batch, now, reasons);
	if (batch->outcome == OUTCOME_CANCELLED) {
		/* Its turn comes again, but not within the same breath. */
		asked->free_at = later(asked->free_at, now + MSEC_PER_SEC);
		if (feed->plan.feed.due == 0)
			feed->plan.feed.due = now;
	}
	feed_wait(s, feed);
	buf_reset(&s->memory);
	plan_remember(&feed->plan.memory, &s->memory);
	*ret_plan = feed->plan.feed;
	ret_plan->memory = buf_text(&s->memory);
	ret_plan->note = s->note.len > 0 ? s->note.data : NULL;
	ret_plan->held_too = hold == HOLD_HOST ? kin_of(s, feed) : NULL;
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
	feed_wait(s, feed);
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
	feed_wait(s, feed);
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
	while ((host = map_next(s->hosts_by_key, &at)) != NULL)
		host_jumped(host, now);
	at = 0;
	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (feed->place != PLACE_WAITING)
			continue;
		feed_pull_back(s, feed, now);
		if (feed->plan.feed.due <= now)
			feed_spread(s, feed, now);
		feed_wait(s, feed);
	}
	s->probe_at = sooner(s->probe_at, now + plan_probe(s->settings));
	place_all_hosts(s);
}

/* -- Questions ------------------------------------------------------------- */

bool
schedule_is_offline(const struct schedule *s)
{
	return s->offline.is_offline;
}

static msec_t
due_of(const struct feed *feed)
{
	if (feed->place == PLACE_NONE || feed->dropped)
		return 0;
	return later(feed->plan.feed.due, hold_of(feed));
}

unsigned
schedule_failures(const struct schedule *s, int64_t feed_id)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL ? feed->plan.feed.failures : 0;
}

msec_t
schedule_due(const struct schedule *s, int64_t feed_id)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL ? due_of(feed) : 0;
}

msec_t
schedule_next_due(const struct schedule *s)
{
	const struct heap_node *first = heap_first(&s->hosts);
	const struct heap_node *silent = heap_first(&s->silent);
	msec_t due = first != NULL ? first->key : INT64_MAX;

	return silent != NULL ? sooner(due, later(silent->key, s->probe_at)) : due;
}

size_t
schedule_overdue(const struct schedule *s, msec_t since)
{
	const struct feed *feed;
	size_t at = 0, count = 0;

	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (feed->place == PLACE_NONE || feed->place == PLACE_FLIGHT)
			continue;
		if (s->offline.is_offline && feed->home->is_silent)
			continue;
		if (feed->place == PLACE_NEW || due_of(feed) <= since)
			count++;
	}
	return count;
}

/* Those of the host's due feeds that start before this one. */
static size_t
before(const struct feed *feed)
{
	const struct heap *ready = &feed->home->ready;
	size_t i, count = 0;

	if (feed->place != PLACE_READY || feed->in != ready)
		return ready->count;
	for (i = 1; i <= ready->count; i++)
		count += ready->node[i]->key < feed->node.key;
	return count;
}

static size_t
count_due(const struct host *host, msec_t now)
{
	size_t i, count = host->ready.count;

	for (i = 1; i <= host->waiting.count; i++)
		count += host->waiting.node[i]->key <= now;
	return count;
}

bool
schedule_next_host(const struct schedule *s, size_t *place, msec_t now,
    struct schedule_host *ret_host)
{
	const struct host *host = map_next(s->hosts_by_key, place);
	msec_t next;

	if (host == NULL)
		return false;
	next = host_start(host);
	*ret_host = (struct schedule_host){.key = host->key,
	    .feeds = host->feeds,
	    .due = count_due(host, now),
	    .inflight = host->inflight,
	    .pause = host->pause,
	    .held = host->held > now ? host->held : 0,
	    .next = next != INT64_MAX ? later(next, now) : 0,
	    .is_offline = s->offline.is_offline && host->is_silent};
	return true;
}

void
schedule_explain(
    const struct schedule *s, int64_t feed_id, msec_t now, struct buf *reasons)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);
	const struct host *host = feed != NULL ? feed->home : NULL;

	if (feed == NULL)
		return;
	if (feed->place == PLACE_FLIGHT || feed->chain != NULL)
		plan_because(reasons, "now", 0, "it is being fetched");
	if (is_double(s, feed))
		plan_because(reasons, "merged", 0,
		    "feed %lld has the same address, and is fetched in its place",
		    (long long)feed->plan.memory.merged);
	if (feed->plan.feed.held > now && feed->plan.feed.held != host->held)
		plan_because(reasons, "hold", feed->plan.feed.held - now,
		    "the server asked for a pause");
	if (host->held > now)
		plan_because(reasons, "host hold", host->held - now,
		    "%.200s asked to be left alone", host->key);
	else if (s->offline.is_offline && host->is_silent)
		plan_because(reasons, "offline", plan_probe(s->settings),
		    "the network seems to be down");
	plan_because(reasons, "host queue", host->pause,
	    "between requests to %.200s; %zu of its %zu feeds %s before this one",
	    host->key, before(feed), host->feeds,
	    before(feed) == 1 ? "is due" : "are due");
}
