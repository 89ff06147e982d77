/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SCHEDULETEST_H
#define TESTS_SCHEDULETEST_H

/* What the tests of the schedule share: settings, answers, feeds that are put and done. */
#include "tests/unit/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "schedule/plan.h"
#include "schedule/schedule.h"

#define T0 ((msec_t)1790000000123) /* some day in 2026 */
#define SEC MSEC_PER_SEC
#define MIN MSEC_PER_MIN
#define HOUR MSEC_PER_HOUR
#define DAY MSEC_PER_DAY

static inline struct settings
defaults(void)
{
	return (struct settings){.concurrency = 64,
	    .per_host = 1,
	    .per_host_pause = SEC,
	    .min_interval = 15 * MIN,
	    .max_interval = DAY,
	    .first_interval = HOUR,
	    .manual_min = 5 * MIN,
	    .unconditional = 6 * HOUR,
	    .revalidate = 8 * DAY,
	    .move_after = 2 * DAY,
	    .gone_after = DAY,
	    .retry_after_max = 7 * DAY,
	    .throttle_wait = 15 * MIN,
	    .learn_after = DAY,
	    .start_spread = 10 * MIN};
}

static inline struct batch
answer(enum outcome outcome, int status)
{
	return (struct batch){.outcome = outcome,
	    .http_status = status,
	    .hints = {.has_validators = true}};
}

static inline struct feed_plan
feed_plan(int64_t id, const char *url)
{
	return (struct feed_plan){.id = id, .name = "f", .url = url};
}

static inline void
attempt(struct plan *plan, const struct settings *settings, struct batch batch,
    msec_t now, struct buf *reasons)
{
	struct plan_site site = {.is_public = true, .holds_whole = true, .feeds = 1};
	uint64_t random = (uint64_t)now;

	buf_reset(reasons);
	(void)plan_attempt(plan, settings, &site, &batch, 0, now, &random, reasons);
}

static inline void
put(struct schedule *s, int64_t id, const char *url, msec_t due, msec_t last,
    msec_t now)
{
	struct feed_plan plan = feed_plan(id, url);

	plan.due = due;
	plan.last_attempt = plan.last_success = last;
	schedule_put(s, &plan, now);
}

static inline struct feed_plan
done(struct schedule *s, int64_t id, enum outcome outcome, int status, msec_t now)
{
	struct batch batch = answer(outcome, status);
	struct buf reasons = {0};
	struct feed_plan plan = {0};

	(void)schedule_done(s, id, &batch, 0, now, &plan, &reasons);
	buf_done(&reasons);
	return plan;
}

#endif
