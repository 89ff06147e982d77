/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_JOB_H
#define DAEMON_JOB_H

/*
 * One attempt to fetch a feed, from being asked for to its commit: what the
 * pipeline must not forget meanwhile.  Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "daemon/pipeline.h"
#include "model/batch.h"

struct jobs;
struct store_query;

enum job_state {
	JOB_ASKED,      /* for schedule_next to bring */
	JOB_PREPARING,  /* the store is asked for the request */
	JOB_SENT,       /* the fetcher has it */
	JOB_HOPPING,    /* redirected: for schedule_next to bring again */
	JOB_PROBED,     /* a probe's batch is looked at */
	JOB_STUCK,      /* done, but the store has no room */
	JOB_COMMITTING, /* the store has it */
};

struct waiter;

struct job {
	struct jobs *jobs;
	struct pipeline *owner;
	int64_t feed_id;
	int64_t number; /* of the request that is out, as the fetcher knows it */
	uint64_t fetcher;
	enum job_state state;
	char *url;  /* where it goes now; NULL: the feed's own address */
	char *name; /* for log lines */
	struct store_query *query;
	struct buf frame;    /* the request, until it is sent */
	struct batch *batch; /* its result, until the store has it */
	struct waiter *waiters;
	/* Of the redirects so far */
	struct buf trail; /* "301 http://... -> " */
	int64_t bytes;
	msec_t duration;
	/* What is told after the batch is the store's */
	enum outcome outcome;
	char *reason;
	int http_status;
	/* A probe */
	struct pipeline_probe *probe;
	char *probe_url; /* the address itself, whatever redirects say */
	struct arena *probe_arena;
	struct feed_options probe_options;
	pipeline_probe_fn *probe_fn;
	void *probe_arg;
};

/* `cancelled`: a job came to nothing.  `finish`: a stuck one may go on. */
struct jobs *jobs_new(struct pipeline *owner, void (*cancelled)(struct job *job),
    void (*finish)(struct job *job));
void jobs_free(struct jobs *jobs);
struct job *jobs_get(struct jobs *jobs, int64_t feed_id); /* or a new one */
struct job *jobs_find(struct jobs *jobs, int64_t feed_id);
struct job *jobs_by_number(struct jobs *jobs, int64_t number);
int64_t jobs_number(struct jobs *jobs); /* one that was never used */
size_t jobs_count(const struct jobs *jobs);
/* Between the schedule's go and its result. */
unsigned jobs_flying(const struct jobs *jobs);
/* Those that a fetcher has; the list is the caller's. */
size_t jobs_of_fetcher(struct jobs *jobs, uint64_t fetcher, struct job ***ret_list);
void jobs_unstick(struct jobs *jobs);
void jobs_forget(struct jobs *jobs, void *arg);

void job_free(struct job *job);
void job_cancelled(struct job *job);
/* Back to JOB_ASKED, from the feed's own address. */
void job_again(struct job *job);
void job_name(struct job *job, const char *name);

void job_await(struct job *job, pipeline_result_fn *fn, void *arg);
bool job_is_awaited(const struct job *job);
void job_answer(struct job *job, const struct pipeline_result *result);

/* Makes of the store's request, in `frame`, what this job sends: its number, its
 * redirect's address, the sections' defaults.  0, or -EBADMSG. */
int job_address(struct job *job, const struct settings *settings);
void job_go_to(struct job *job, const char *url);
/* A redirect's part of the whole; then the last answer gets it all. */
void job_note_hop(struct job *job, const struct batch *batch);
void job_add_up(struct job *job, struct batch *batch);
/* Keeps what is told later. */
void job_note(struct job *job, const struct batch *batch);

void job_is_probe(struct job *job, const char *url,
    const struct feed_options *options, pipeline_probe_fn *fn, void *arg);
void job_probe_frame(struct job *job, const struct settings *settings);
struct job *job_of_probe(struct pipeline_probe *probe);
void job_probe_over(struct job *job);
void job_becomes(struct job *job, int64_t feed_id);

#endif
