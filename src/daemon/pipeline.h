/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_PIPELINE_H
#define DAEMON_PIPELINE_H

/*
 * schedule -> fetcher -> store: the arrows between the stages of the service
 * process, on one screen.  Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/batch.h"
#include "model/settings.h"

struct event_base;
struct pipeline;
struct schedule;
struct store;

/* A feed's fetch ended: for Fetch's progress and for --once. */
struct pipeline_result {
	int64_t feed_id;
	enum outcome outcome;
	const char *reason;
	int http_status;
	unsigned new_items, updated_items;
	const struct link *candidates; /* with OUTCOME_NOT_A_FEED */
};
typedef void pipeline_result_fn(void *arg, const struct pipeline_result *result);

struct pipeline_stats {
	unsigned inflight;
	uint64_t fetches, failures, restarts; /* restarts: of the fetcher */
	bool online;
	bool fetcher_up;
	const char *sandbox; /* what is missing of it, "" when whole */
	msec_t stalled; /* since the fetcher was last heard of, while it has work */
};

int pipeline_new(struct event_base *base, struct store *store,
    const struct settings *settings, struct pipeline **ret_pipeline);
void pipeline_free(struct pipeline *pipeline);
/* Reads the plans of all feeds from the store and starts polling. */
void pipeline_start(struct pipeline *pipeline);
/* New settings; feeds were synced into the store before. */
void pipeline_reload(struct pipeline *pipeline, const struct settings *settings);
/* A feed was added, changed or removed: read its plan again. */
void pipeline_refresh_feed(struct pipeline *pipeline, int64_t feed_id);
/* Fetch it now.  0: `fn` will be called once.  -EAGAIN with *ret_when, -ENOENT as
 * schedule_ask; -EALREADY: it is being fetched, `fn` will be called once. */
int pipeline_fetch_now(struct pipeline *pipeline, int64_t feed_id, bool force,
    pipeline_result_fn *fn, void *arg, msec_t *ret_when);
/* Forget callbacks with this arg: its caller is gone. */
void pipeline_forget(struct pipeline *pipeline, void *arg);
/* Called after every commit, with the highest event seq. */
void pipeline_on_commit(
    struct pipeline *pipeline, void (*fn)(void *arg, int64_t head), void *arg);
/* Called when nothing is due or in flight (--once). */
void pipeline_on_idle(struct pipeline *pipeline, void (*fn)(void *arg), void *arg);
/* Stop starting; cancel transfers. */
void pipeline_drain(struct pipeline *pipeline);
void pipeline_stats(
    const struct pipeline *pipeline, struct pipeline_stats *ret_stats);
struct schedule *pipeline_schedule(struct pipeline *pipeline);

#endif
