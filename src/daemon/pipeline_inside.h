/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_PIPELINE_INSIDE_H
#define DAEMON_PIPELINE_INSIDE_H

/* What pipeline.c and pipeline_asked.c share. */
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "daemon/pipeline.h"

struct attempt;
struct event;
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
};

/* Starts what may start. */
void pipeline_pump(struct pipeline *p);
/* Has the loop do so at `wake`; 0, 0: in its next turn. */
void pipeline_arm(struct pipeline *p, msec_t now, msec_t wake);
/* The attempt's result to the schedule and the store, when that has room. */
void pipeline_finish(struct attempt *attempt);

#endif
