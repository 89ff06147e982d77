/* SPDX-License-Identifier: ISC */
#ifndef SCHEDULE_SCHEDULE_H
#define SCHEDULE_SCHEDULE_H

/*
 * When may which feed be fetched, and where may a redirect lead (POLLING.md).
 * Pure: no I/O, no clock, no randomness but what `seed` gives.  Times are wall
 * milliseconds (`now` first of all).  Owner: the daemon's loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/feed.h"
#include "model/settings.h"

struct schedule;

/* `settings` are lent until schedule_reload or schedule_free. */
struct schedule *schedule_new(const struct settings *settings, uint64_t seed);
void schedule_free(struct schedule *schedule);
/* New limits and rates; feeds keep their due times (pulled into the new caps). */
void schedule_reload(
    struct schedule *schedule, const struct settings *settings, msec_t now);
/* Nothing is spread from here on: what is due is due at once (--once). */
void schedule_rush(struct schedule *schedule);

/* Adds or changes a feed.  `plan` is copied.  A plan without a due time (new
 * feed) is spread as POLLING 23 says; an overdue one as POLLING 26. */
void schedule_put(
    struct schedule *schedule, const struct feed_plan *plan, msec_t now);
/* An answer is at hand that was got otherwise: none is asked for until schedule_done.
 * False: it is in flight, or not here. */
bool schedule_take(struct schedule *schedule, int64_t feed_id);
/* Fine while it is in flight: schedule_done then only gives its host free. */
void schedule_drop(struct schedule *schedule, int64_t feed_id);
/* A feed that was tried before it was kept gets its real plan, id and all, while
 * it is in flight. */
void schedule_adopt(
    struct schedule *schedule, int64_t old_id, const struct feed_plan *plan);
/* Feeds (of ids above 0) that are not put between the two are dropped. */
void schedule_sweep_begin(struct schedule *schedule);
void schedule_sweep_end(struct schedule *schedule);
size_t schedule_count(const struct schedule *schedule);

/* A feed that may start now: due, its host free and past its pause, fewer than
 * `concurrency` in flight, those that wait aside.  It is in flight until schedule_done, or
 * until schedule_hop queues it again: then it comes back from here when the host that
 * it was sent to may be asked.  0: none; then *ret_wake is when to ask again
 * (INT64_MAX: only a change can bring one). */
int64_t schedule_next(struct schedule *schedule, msec_t now, msec_t *ret_wake);
/* A feed in flight begins (or ends) to wait, for its host's name or for its turn to dial.
 * Meanwhile it has its host's turn, but none of the `concurrency` places, so that a
 * dead name server costs nobody else one; past LIMIT_WAITS of them it keeps its place. */
void schedule_wait(struct schedule *schedule, int64_t feed_id, bool waits);
bool schedule_waits(const struct schedule *schedule, int64_t feed_id);
/* Places of `concurrency` that are taken. */
unsigned schedule_inflight(const struct schedule *schedule);

/* Why what is asked for by hand has to wait.  Of several the last one. */
enum refusal_cause {
	REFUSAL_MANUAL, /* manual-min: `force` skips it */
	REFUSAL_PUBLIC, /* the least time between two requests to a public host */
	REFUSAL_HOLD,   /* the feed's or its host's server asked for a pause */
	REFUSAL_DOUBLE, /* another feed has its address, and is polled: then */
};
struct schedule_refusal {
	enum refusal_cause cause;
	msec_t when; /* wall: none of them is left then */
};
/* Someone asks for it now.  0: due now.  -EAGAIN: not yet.  -EALREADY: in flight.
 * -ENOENT. */
int schedule_ask(struct schedule *schedule, int64_t feed_id, bool force, msec_t now,
    struct schedule_refusal *ret_refusal);
/* Its archives are to be walked, and that begins with a request to its own address.
 * 0: it may be made, and counts as one by hand.  -EAGAIN, as of schedule_ask without
 * `force`; but its very first poll does not stand in the way: who adds a feed may walk
 * it at once.  -ENOENT. */
int schedule_walk(struct schedule *schedule, int64_t feed_id, msec_t now,
    struct schedule_refusal *ret_refusal);

/* The feed's request was answered by a redirect.  OUTCOME_REDIRECT: the chain goes
 * on to `location` when schedule_next says so.  Otherwise the outcome that it ends
 * with (the feed is still in flight: schedule_done follows), and why. */
enum outcome schedule_hop(struct schedule *schedule, int64_t feed_id,
    const char *from, const char *location, msec_t now, struct buf *reason);

/* Its request went to an address that was taken from it since: what comes of it says
 * nothing of the feed. */
bool schedule_is_stray(const struct schedule *schedule, int64_t feed_id);
/* That, or the redirect that its next request would follow was asked for before the
 * machine slept, the process stood still or the network was away: it is better asked
 * for anew. */
bool schedule_hop_is_stale(const struct schedule *schedule, int64_t feed_id);
/* The process did nothing for a while, and so nor did what it waited for. */
void schedule_stood_still(struct schedule *schedule, msec_t now);

/* The result of an attempt: when next, and why (one line a rule, for
 * `gazette feed explain`).  The plan in `ret_plan` is what the store keeps; its
 * strings are the schedule's, until the next call.  False: the feed was dropped
 * meanwhile, and there is no plan. */
bool schedule_done(struct schedule *schedule, int64_t feed_id,
    const struct batch *batch, unsigned new_items, msec_t now,
    struct feed_plan *ret_plan, struct buf *reasons);

/* Of what it brought nothing was new: `due` is its plan's quiet_due. */
void schedule_was_quiet(struct schedule *schedule, int64_t feed_id, msec_t due);
/* What an attempt brought could not be kept: the next one comes as early as the
 * least interval allows. */
void schedule_retry(struct schedule *schedule, int64_t feed_id, msec_t now);

/* Its next request goes without validators (POLLING 11). */
bool schedule_wants_full(
    const struct schedule *schedule, int64_t feed_id, msec_t now);
/* Its last answer was 401 or 407, to the credential with this mark. */
bool schedule_is_refused(
    const struct schedule *schedule, int64_t feed_id, uint64_t *ret_secret);
/* What it was refused for has changed: it is due now. */
void schedule_hurry(struct schedule *schedule, int64_t feed_id, msec_t now);

/* Nothing starts between these two. */
void schedule_pause(struct schedule *schedule);
void schedule_resume(struct schedule *schedule, msec_t now);
/* The wall clock jumped by `jump`, or the machine slept so long (POLLING 26). */
void schedule_jumped(struct schedule *schedule, msec_t now, msec_t jump);
/* Nearly all hosts fail at DNS or connect (POLLING 43). */
bool schedule_is_offline(const struct schedule *schedule);
/* It has just come to that: the failures since the last answer of a host that is
 * silent now were the network's.  Calls `fn` for each feed that is rid of them, with
 * those that it keeps. */
void schedule_forgive(struct schedule *schedule,
    void (*fn)(void *arg, int64_t feed_id, unsigned failures), void *arg);

/* The rate group in which the feed asks for `url`, or NULL. */
const char *schedule_rate_group(
    const struct schedule *schedule, int64_t feed_id, const char *url);
/* Failures in a row, as of its last attempt. */
unsigned schedule_failures(const struct schedule *schedule, int64_t feed_id);
/* Until when its host is left alone, or was last; 0: it never was. */
msec_t schedule_held(const struct schedule *schedule, int64_t feed_id);
/* When it will be fetched, its host's hold included; 0: never, or unknown. */
msec_t schedule_due(const struct schedule *schedule, int64_t feed_id);
/* Of all; INT64_MAX: none. */
msec_t schedule_next_due(const struct schedule *schedule);
/* Feeds that were due at `since`, and wait for nothing longer than their host's
 * pause.  Walks all of them. */
size_t schedule_overdue(const struct schedule *schedule, msec_t since);
/* A host's queue, or a rate group's, now. */
struct schedule_host {
	const char
	    *key; /* "host:port", or "rate NAME"; good until the next change */
	size_t feeds, due; /* due: those that could start, were it free */
	unsigned inflight;
	msec_t pause;
	msec_t held; /* wall; 0: it is not */
	msec_t next; /* wall: its next start; 0: it has nothing to start */
	bool is_offline;
};
/* One by one: start with *place = 0; false: no more. */
bool schedule_next_host(const struct schedule *schedule, size_t *place, msec_t now,
    struct schedule_host *ret_host);

/* What the host's queue adds, in words, for ExplainFeed: appended, or nothing. */
void schedule_explain(const struct schedule *schedule, int64_t feed_id, msec_t now,
    struct buf *reasons);

#endif
