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

struct schedule *schedule_new(const struct settings *settings, uint64_t seed);
void schedule_free(struct schedule *schedule);
/* New limits and rates; feeds keep their due times (pulled into the new caps). */
void schedule_reload(
    struct schedule *schedule, const struct settings *settings, msec_t now);

/* Adds or changes a feed.  `plan` is copied.  A plan without a due time (new
 * feed) is spread as POLLING 23 says; an overdue one as POLLING 26. */
void schedule_put(
    struct schedule *schedule, const struct feed_plan *plan, msec_t now);
void schedule_drop(struct schedule *schedule, int64_t feed_id);
size_t schedule_count(const struct schedule *schedule);

/* A feed that may start now: due, its host free and past its pause, fewer than
 * `concurrency` in flight.  It counts as in flight until schedule_done.  0: none;
 * then *ret_wake is when to ask again (INT64_MAX: only a change can bring one). */
int64_t schedule_next(struct schedule *schedule, msec_t now, msec_t *ret_wake);

/* Someone asks for it now.  0: due now.  -EAGAIN: within the manual floor or a
 * host's hold (*ret_when says until when; `force` skips the floor, never the
 * hold).  -EALREADY: in flight.  -ENOENT. */
int schedule_ask(struct schedule *schedule, int64_t feed_id, bool force, msec_t now,
    msec_t *ret_when);

/* What a redirect may do.  0: go on to `location` in the same host manners (the
 * host key changes with it); *ret_wait is how long that host wants us to wait.
 * Otherwise the outcome that the chain ends with, and the reason. */
enum outcome schedule_hop(struct schedule *schedule, int64_t feed_id,
    const char *from, const char *location, int status, unsigned hops, msec_t now,
    msec_t *ret_wait, struct buf *reason);

/* The result of an attempt: when next, and why (one line a rule, for
 * `gazette feed explain`).  The plan in `ret_plan` is what the store keeps; its
 * strings are the schedule's. */
void schedule_done(struct schedule *schedule, int64_t feed_id,
    const struct batch *batch, unsigned new_items, msec_t now,
    struct feed_plan *ret_plan, struct buf *reasons);

/* Nothing starts between these two. */
void schedule_pause(struct schedule *schedule);
void schedule_resume(struct schedule *schedule, msec_t now);
/* The wall clock jumped by `jump` (POLLING 26). */
void schedule_jumped(struct schedule *schedule, msec_t now, msec_t jump);
/* Nearly all hosts fail at DNS or connect (POLLING 43). */
bool schedule_is_offline(const struct schedule *schedule);
/* Due times in words, for ExplainFeed and status. */
msec_t schedule_due(
    const struct schedule *schedule, int64_t feed_id); /* 0: unknown */
msec_t schedule_next_due(
    const struct schedule *schedule); /* of all; INT64_MAX: none */

#endif
