/* SPDX-License-Identifier: ISC */
#include "schedule/queue.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "schedule/host.h"

#define SPREAD_PER_FEED (MSEC_PER_SEC / 5) /* POLLING 23: N/5 seconds */

void
queue_leave(struct heap **in, struct heap_node *node)
{
	if (*in != NULL)
		heap_remove(*in, node);
	*in = NULL;
}

void
queue_join(struct heap **in, struct heap_node *node, struct heap *heap, int64_t key)
{
	if (*in != heap)
		queue_leave(in, node);
	heap_put(heap, node, key);
	*in = heap;
}

/* -- Hosts ----------------------------------------------------------------- */

/* When it may start its next feed, flight aside; INT64_MAX: it has none. */
msec_t
queue_host_start(const struct host *host)
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
void
queue_host_place(struct schedule *s, struct host *host)
{
	msec_t start = queue_host_start(host);
	bool silent = s->offline.is_offline && host->silent != 0;

	queue_leave(&host->in, &host->node);
	if (host->inflight >= host->most)
		return;
	if (start == INT64_MAX && (host->feeds > 0 || host->inflight > 0))
		return;
	if (start == INT64_MAX)
		start = later(host->free_at, host->held);
	queue_join(&host->in, &host->node, silent ? &s->silent : &s->hosts, start);
}

struct host *
queue_host_get(struct schedule *s, const char *url, const char *rate_group)
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
	host->most = host_is_group(host->key) ? 1 : s->settings->per_host;
	buf_done(&key);
	buf_done(&name);
	return host;
}

const char *
queue_feed_group(const struct feed *feed, const char *url)
{
	const struct feed_plan *plan = &feed->plan.feed;

	return plan->rate_group != NULL && host_is_same(url, plan->url)
	    ? plan->rate_group
	    : NULL;
}

void
queue_host_free(struct schedule *s, struct host *host)
{
	queue_leave(&host->in, &host->node);
	(void)map_remove_text(s->hosts_by_key, host->key);
	heap_done(&host->waiting);
	heap_done(&host->ready);
	free(host->key);
	free(host);
}

/* After the network's state changed: every host to its heap. */
void
queue_place_all(struct schedule *s)
{
	struct host *host;
	size_t at = 0;

	while ((host = map_next(s->hosts_by_key, &at)) != NULL)
		queue_host_place(s, host);
}

/* -- Feeds ----------------------------------------------------------------- */

struct plan_site
queue_site(const struct schedule *s, const struct host *host)
{
	return (struct plan_site){.is_public = host->is_public,
	    .holds_whole = host->holds_whole,
	    .feeds = host->feeds,
	    .is_offline = s->offline.is_offline};
}

const struct feed *
queue_double_of(const struct schedule *s, const struct feed *feed)
{
	int64_t other = feed->plan.feed.merged;

	return other != 0 ? map_find_id(s->feeds, other) : NULL;
}

bool
queue_is_polled(const struct schedule *s, const struct feed *feed)
{
	const struct feed_plan *plan = &feed->plan.feed;

	return !plan->paused && !plan->archived && !plan->gone &&
	    !plan->quarantined && queue_double_of(s, feed) == NULL;
}

/* Out of whatever queue it stands in (not out of flight). */
void
queue_feed_unplace(struct schedule *s, struct feed *feed)
{
	struct feed **at;

	assert(feed->place != PLACE_FLIGHT);
	if (feed->place == PLACE_NEW) {
		for (at = &s->new_feeds; *at != feed; at = &(*at)->next_new)
			;
		*at = feed->next_new;
		s->new_count--;
	}
	queue_leave(&feed->in, &feed->node);
	feed->place = PLACE_NONE;
}

void
queue_feed_wait(struct schedule *s, struct feed *feed)
{
	queue_feed_unplace(s, feed);
	feed->at = feed->home;
	if (queue_is_polled(s, feed)) {
		queue_join(&feed->in, &feed->node, &feed->home->waiting,
		    feed->plan.feed.due);
		feed->place = PLACE_WAITING;
	}
	queue_host_place(s, feed->home);
}

/* `order`: the lower, the sooner. */
void
queue_feed_ready(
    struct schedule *s, struct feed *feed, struct host *host, int64_t order)
{
	if (feed->place != PLACE_FLIGHT)
		queue_feed_unplace(s, feed);
	feed->at = host;
	queue_join(&feed->in, &feed->node, &host->ready, order);
	feed->place = PLACE_READY;
	queue_host_place(s, host);
}

msec_t
queue_interval(const struct schedule *s, const struct feed *feed, msec_t now)
{
	struct plan_site site = queue_site(s, feed->home);

	return plan_interval(&feed->plan, s->settings, &site, now, NULL);
}

/* Overdue feeds do not all start at once after a sleep, a jump or a stop. */
void
queue_feed_spread(struct schedule *s, struct feed *feed, msec_t now, msec_t most)
{
	msec_t limit = sooner(most, queue_interval(s, feed, now) / 4);

	if (!s->rush)
		feed->plan.feed.due = plan_off_the_quarter(
		    now + plan_random(&s->random, limit), &s->random);
}

/* A due time that lies further ahead than what set it can reach was set by a
 * clock that was wrong. */
void
queue_feed_pull_back(struct schedule *s, struct feed *feed, msec_t now)
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
void
queue_settle_new(struct schedule *s, msec_t now)
{
	msec_t limit = sooner(
	    s->settings->start_spread, (msec_t)s->new_count * SPREAD_PER_FEED);
	struct feed *feed;

	while ((feed = s->new_feeds) != NULL) {
		/* In a rush it has been due for ever (schedule_overdue). */
		feed->plan.feed.due =
		    s->rush ? 1 : now + plan_random(&s->random, limit);
		queue_feed_wait(s, feed);
	}
}

void
queue_free_strings(struct feed_plan *plan)
{
	free((char *)plan->name);
	free((char *)plan->url);
	free((char *)plan->rate_group);
	free((char *)plan->credential);
	free((char *)plan->new_url);
	free((char *)plan->memory);
}

void
queue_feed_free(struct feed *feed)
{
	queue_free_strings(&feed->plan.feed);
	free(feed->chain);
	free(feed);
}

/* A turn that was earned goes along; a chain that has begun stays where it led. */
void
queue_feed_home(struct schedule *s, struct feed *feed)
{
	struct host *old = feed->home, *home;

	home = queue_host_get(s, feed->plan.feed.url, feed->plan.feed.rate_group);
	if (home == old)
		return;
	feed->home = home;
	home->feeds++;
	if (feed->place == PLACE_READY && feed->chain == NULL) {
		queue_feed_ready(s, feed, home, feed->node.key);
	} else if (feed->place != PLACE_READY && feed->place != PLACE_FLIGHT) {
		queue_feed_unplace(s, feed);
		feed->at = home;
	}
	if (old != NULL) {
		old->feeds--;
		queue_host_place(s, old);
	}
}

msec_t
queue_hold(const struct feed *feed)
{
	return later(feed->home->held, feed->plan.feed.held);
}

/* Its doubles are polled themselves from now on. */
static void
part(struct schedule *s, int64_t feed_id)
{
	struct feed *feed;
	size_t at = 0;

	while ((feed = map_next(s->feeds, &at)) != NULL) {
		if (feed->plan.feed.merged == feed_id && feed->place == PLACE_NONE &&
		    feed->chain == NULL)
			queue_feed_wait(s, feed);
	}
}

void
queue_feed_remove(struct schedule *s, struct feed *feed)
{
	struct host *home = feed->home;

	queue_feed_unplace(s, feed);
	(void)map_remove_id(s->feeds, feed->plan.feed.id);
	home->feeds--;
	if (feed->at != home)
		queue_host_place(s, feed->at);
	queue_host_place(s, home);
	if (s->merged > 0)
		part(s, feed->plan.feed.id);
	queue_feed_free(feed);
}
