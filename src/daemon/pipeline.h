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

#include "base/buf.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/settings.h"

struct edit_result;
struct event_base;
struct fetcher_child;
struct pipeline;
struct schedule_refusal;
struct store;

struct pipeline_options {
	struct event_base *base;
	struct store *store;
	const struct settings *settings; /* lent until pipeline_reload or _free */
	const struct fetcher_child *prepared;
	const char *config;            /* credentials/ is beside it */
	const char *database, *socket; /* so that the sandbox can be tried on them */
	bool once;                     /* nothing is spread, and on_idle comes */
};

/* A feed's fetch ended, and what it brought is committed. */
struct pipeline_result {
	int64_t feed_id;
	enum outcome outcome;
	const char *reason;
	int http_status;
	unsigned new_items, updated_items;
};
typedef void pipeline_result_fn(void *arg, const struct pipeline_result *result);

struct pipeline_stats {
	unsigned inflight;
	uint64_t fetches, failures, restarts; /* restarts: of the fetcher */
	bool online;
	bool fetcher_up;
	const char *sandbox; /* what is missing of it, "" when whole */
	msec_t stalled;  /* since the fetcher was last heard of, while it has work */
	msec_t next_due; /* wall; INT64_MAX: none */
};

struct pipeline *pipeline_new(const struct pipeline_options *options);
/* Kills the fetcher; results that were asked for do not come. */
void pipeline_free(struct pipeline *pipeline);
/* Reads the plans of all feeds from the store and starts polling. */
void pipeline_start(struct pipeline *pipeline);
/* New settings; feeds were synced into the store before. */
void pipeline_reload(struct pipeline *pipeline, const struct settings *settings);
/* A feed was added, changed or removed: read its plan again. */
void pipeline_refresh_feed(struct pipeline *pipeline, int64_t feed_id);
/* The same after an edit of it, which may have changed what others do. */
void pipeline_edited(struct pipeline *pipeline, const struct edit_result *result);
/* Fetch it now.  0: `fn` will be called once.  -EAGAIN with *ret_refusal, -ENOENT as
 * schedule_ask; when it is being fetched already that fetch answers. */
int pipeline_fetch_now(struct pipeline *pipeline, int64_t feed_id, bool force,
    pipeline_result_fn *fn, void *arg, struct schedule_refusal *ret_refusal);
/* Forget callbacks with this arg: its caller is gone. */
void pipeline_forget(struct pipeline *pipeline, void *arg);

/* An address that may become a feed: asked as a feed is, but nothing is kept
 * until pipeline_probe_adopt. */
struct pipeline_probe;
/* `batch` is the pipeline's, good until the probe is adopted or dropped; one of
 * the two must follow, sooner or later. */
typedef void pipeline_probe_fn(
    void *arg, struct pipeline_probe *probe, const struct batch *batch);
/* 0; -EAGAIN: its host asked for a pause (*ret_when).  `validators`: sent along, or
 * NULL. */
int pipeline_probe(struct pipeline *pipeline, const char *url,
    const struct feed_options *options, const struct validators *validators,
    pipeline_probe_fn *fn, void *arg, struct pipeline_probe **ret_probe,
    msec_t *ret_when);
/* It is feed `feed_id` of the store now, and this was its first poll. */
void pipeline_probe_adopt(struct pipeline_probe *probe, int64_t feed_id,
    pipeline_result_fn *fn, void *arg);
void pipeline_probe_drop(struct pipeline_probe *probe); /* any time */
/* The redirects so far: the elements of a JSON array, commas between them. */
const char *pipeline_probe_hops(const struct pipeline_probe *probe);

/* May the archives of a feed be walked now?  As schedule_walk. */
int pipeline_walk(struct pipeline *pipeline, int64_t feed_id,
    struct schedule_refusal *ret_refusal);
/* In the name of a feed: its settings, but another address (and none of its secrets,
 * when that is another origin); in the queue of the address's host.  `fn` is called
 * once and has the batch, or NULL when it came to nothing; not after
 * pipeline_errand_cancel.  0; -EAGAIN: the host asked for a pause (*ret_when). */
struct pipeline_errand;
typedef void pipeline_errand_fn(void *arg, struct batch *batch);
int pipeline_errand(struct pipeline *pipeline, int64_t feed_id, const char *url,
    pipeline_errand_fn *fn, void *arg, struct pipeline_errand **ret_errand,
    msec_t *ret_when);
void pipeline_errand_cancel(struct pipeline_errand *errand);

/* The feed has a new address, and this is its first poll there; the pipeline owns
 * `batch` from here on.  One that is being fetched already needs none. */
void pipeline_first_poll(
    struct pipeline *pipeline, int64_t feed_id, struct batch *batch);

/* What all hosts' queues hold, one by one: start with *place = 0; false: no more. */
struct schedule_host;
bool pipeline_next_host(
    const struct pipeline *pipeline, size_t *place, struct schedule_host *ret_host);

/* Called after every commit, with the highest event seq. */
void pipeline_on_commit(
    struct pipeline *pipeline, void (*fn)(void *arg, int64_t head), void *arg);
/* Called when nothing is due or in flight (--once). */
void pipeline_on_idle(struct pipeline *pipeline, void (*fn)(void *arg), void *arg);
/* Stop starting.  What is in flight may end. */
void pipeline_drain(struct pipeline *pipeline);
void pipeline_stats(
    const struct pipeline *pipeline, struct pipeline_stats *ret_stats);
/* Why the next fetch is when it is, as of now: lines appended. */
void pipeline_explain(
    const struct pipeline *pipeline, int64_t feed_id, struct buf *reasons);
msec_t pipeline_due(const struct pipeline *pipeline, int64_t feed_id);

#endif
