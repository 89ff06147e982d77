/* SPDX-License-Identifier: ISC */
/* What others want to know of the schedule. */
#include <stddef.h>

#include "schedule/queue.h"

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
	return later(feed->plan.feed.due, queue_hold(feed));
}

unsigned
schedule_failures(const struct schedule *s, int64_t feed_id)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL ? feed->plan.feed.failures : 0;
}

const char *
schedule_rate_group(const struct schedule *s, int64_t feed_id, const char *url)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL ? queue_feed_group(feed, url) : NULL;
}

bool
schedule_waits(const struct schedule *s, int64_t feed_id)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL && feed->waits;
}

unsigned
schedule_inflight(const struct schedule *s)
{
	return s->inflight;
}

msec_t
schedule_held(const struct schedule *s, int64_t feed_id)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	return feed != NULL ? feed->home->held : 0;
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
		if (s->offline.is_offline && feed->home->silent != 0)
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
	next = queue_host_start(host);
	*ret_host = (struct schedule_host){.key = host->key,
	    .feeds = host->feeds,
	    .due = count_due(host, now),
	    .inflight = host->inflight,
	    .pause = host->pause,
	    .held = host->held > now ? host->held : 0,
	    .next = next != INT64_MAX ? later(next, now) : 0,
	    .is_offline = s->offline.is_offline && host->silent != 0};
	return true;
}

/* What it does now, and what keeps it from being polled. */
static void
explain_state(const struct schedule *s, const struct feed *feed, struct buf *reasons)
{
	const struct feed_plan *plan = &feed->plan.feed;
	const struct feed *other = queue_double_of(s, feed);

	if (feed->waits)
		plan_because(reasons, "now", 0,
		    "it waits for its host's name, or for its turn to dial");
	else if (feed->place == PLACE_FLIGHT || feed->chain != NULL)
		plan_because(reasons, "now", 0, "it is being fetched");
	if (plan->archived)
		plan_because(
		    reasons, "archived", 0, "it was taken out; its items stay");
	else if (plan->paused)
		plan_because(reasons, "paused", 0,
		    "gazette feed resume %.64s has it fetched again", plan->name);
	if (other != NULL)
		plan_because(reasons, "merged", 0,
		    "feed %.64s has the same address, and is fetched in its place: "
		    "take out one of them; if it has moved, gazette feed unmove "
		    "%.64s "
		    "parts them",
		    other->plan.feed.name, plan->name);
}

static void
explain_holds(const struct schedule *s, const struct feed *feed, msec_t now,
    struct buf *reasons)
{
	const struct host *host = feed->home;
	msec_t held = feed->plan.feed.held;

	if (held > now && held != host->held)
		plan_because(reasons, "hold", held - now,
		    "the server asked for a pause; up to a tenth of it is added "
		    "here");
	if (host->held > now)
		plan_because(reasons, "host hold", host->held - now,
		    "%.200s asked to be left alone; up to a tenth of it is added "
		    "here",
		    host->key);
	else if (s->offline.is_offline && host->silent != 0 && !feed->is_excused)
		plan_because(reasons, "offline", plan_probe(s->settings),
		    "the network seems to be down");
}

static void
explain_queue(const struct feed *feed, struct buf *reasons)
{
	const struct host *host = feed->home;
	size_t count = before(feed);

	if (count == 0)
		plan_because(reasons, "host queue", host->pause,
		    "between requests to %.200s; nothing there is due before this "
		    "one",
		    host->key);
	else
		plan_because(reasons, "host queue", host->pause,
		    "between requests to %.200s; %zu of its %zu feeds %s due before "
		    "this one",
		    host->key, count, host->feeds, count == 1 ? "is" : "are");
}

void
schedule_explain(
    const struct schedule *s, int64_t feed_id, msec_t now, struct buf *reasons)
{
	const struct feed *feed = map_find_id(s->feeds, feed_id);

	if (feed == NULL)
		return;
	explain_state(s, feed, reasons);
	explain_holds(s, feed, now, reasons);
	if (queue_is_polled(s, feed))
		explain_queue(feed, reasons);
}
