/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_PIPELINE_INSIDE_H
#define DAEMON_PIPELINE_INSIDE_H

/* What the files of the pipeline share. */
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "daemon/pipeline.h"
#include "model/outcome.h"

struct attempt;
struct batch;
struct event;
struct feed_plan;
struct lookout;
struct map;
struct moves;
struct plans;
struct schedule;
struct supervisor;

struct pipeline {
	struct pipeline_options options;
	const struct settings *settings;
	struct schedule *schedule;
	struct supervisor *supervisor;
	struct plans *plans;
	struct attempts *attempts;
	struct event *timer, *tick;
	struct moves *moves;
	struct lookout *lookout;
	struct map
	    *suspects; /* feeds in flight when a fetcher died of one of them */
	void (*on_commit)(void *arg, int64_t head);
	void *commit_arg;
	void (*on_idle)(void *arg);
	void *idle_arg;
	msec_t wall, mono, boot; /* at the last tick */
	msec_t started;          /* wall */
	uint64_t fetches, failures;
	int64_t met_by_kill; /* the feed at hand when the fetcher was killed */
	unsigned kills_met;  /* in a row */
	int64_t probes;      /* their feed ids count down from here */
	bool is_started, drains, was_offline;
	bool is_careful; /* the fetcher lets one at a time dial */
};

/* A plan for the schedule, as the store has it; or the feed is not there any more. */
void pipeline_put_plan(const struct feed_plan *plan, void *arg);
void pipeline_drop_plan(int64_t feed_id, void *arg);
/* Has its credential watched. */
void pipeline_watch(struct pipeline *p, const struct feed_plan *plan);
/* Starts what may start. */
void pipeline_pump(struct pipeline *p);
/* Has the loop do so at `wake`; 0, 0: in its next turn. */
void pipeline_arm(struct pipeline *p, msec_t now, msec_t wake);

/* pipeline_result.c: what came of an attempt. */

/* The attempt's result to the schedule and the store, when that has room. */
void pipeline_finish(struct attempt *attempt);
/* It ends so, with a result of ours: nothing came from the fetcher. */
void pipeline_end(struct attempt *attempt, enum outcome outcome, const char *reason);
/* Nothing was asked, or nothing came of it through no fault of the feed: its turn
 * comes again. */
void pipeline_cancelled(struct attempt *attempt);
/* It came to nothing, and who waits for it is told so. */
void pipeline_give_up(struct attempt *attempt, const char *why);
#define TAKEN_OUT "the feed was taken out meanwhile"
void pipeline_take_batch(struct batch *batch, void *arg);

/* pipeline_lost.c: the fetcher died (struct supervisor_ops). */
void pipeline_take_lost(
    uint64_t fetcher, int64_t blamed, bool from_outside, const char *how, void *arg);

#endif
