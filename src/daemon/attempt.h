/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_ATTEMPT_H
#define DAEMON_ATTEMPT_H

/*
 * One attempt to fetch a feed, from being asked for to its commit: what the
 * pipeline must not forget meanwhile.  Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/buf.h"
#include "daemon/pipeline.h"
#include "model/batch.h"
#include "model/feed.h"

struct attempts;
struct store_query;

enum attempt_state {
	ATTEMPT_ASKED,      /* for schedule_next to bring */
	ATTEMPT_PREPARING,  /* the store is asked for the request */
	ATTEMPT_SENT,       /* the fetcher has it */
	ATTEMPT_HOPPING,    /* redirected: for schedule_next to bring again */
	ATTEMPT_PROBED,     /* a probe's batch is looked at */
	ATTEMPT_STUCK,      /* done, but the store has no room */
	ATTEMPT_COMMITTING, /* the store has it */
};

struct waiter;

struct pipeline_errand {
	struct attempt *attempt;
	pipeline_errand_fn *fn;
	void *arg;
};

struct attempt {
	struct attempts *attempts;
	TAILQ_ENTRY(attempt) entry;
	struct pipeline *owner;
	int64_t feed_id;
	int64_t errand_of; /* asks in the name of this feed; 0: it is its own */
	int64_t number;    /* of the request that is out, as the fetcher knows it */
	uint64_t fetcher;
	enum attempt_state state;
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
	bool for_ever;   /* every one of them is a 301 or 308 */
	uint64_t secret; /* the credential's mark that was sent */
	/* What is told after the batch is the store's */
	enum outcome outcome;
	char *reason;
	int http_status;
	bool moves;       /* to where it was found */
	msec_t quiet_due; /* the plan's */
	char *page_url;   /* of the one feed that the page in its place links to */
	char *new_url;    /* that its document names, and that is to be looked at */
	struct pipeline_errand *errand;
	/* A probe */
	struct buf hops; /* its redirects: elements of a JSON array */
	struct pipeline_probe *probe;
	char *probe_url; /* the address itself, whatever redirects say */
	struct arena *probe_arena;
	struct feed_options probe_options;
	struct validators probe_validators;
	pipeline_probe_fn *probe_fn;
	void *probe_arg;
};

/* `cancelled`: it came to nothing.  `finish`: a stuck one may go on. */
struct attempts *attempts_new(struct pipeline *owner,
    void (*cancelled)(struct attempt *attempt),
    void (*finish)(struct attempt *attempt));
void attempts_free(struct attempts *attempts);
struct attempt *attempts_get(
    struct attempts *attempts, int64_t feed_id); /* or a new one */
struct attempt *attempts_find(struct attempts *attempts, int64_t feed_id);
struct attempt *attempts_by_number(struct attempts *attempts, int64_t number);
int64_t attempts_number(struct attempts *attempts); /* one that was never used */
size_t attempts_count(const struct attempts *attempts);
/* Those that the store has not answered for. */
size_t attempts_committing(const struct attempts *attempts);
/* Those that a fetcher has; the list is the caller's. */
size_t attempts_of_fetcher(
    struct attempts *attempts, uint64_t fetcher, struct attempt ***ret_list);
void attempts_unstick(struct attempts *attempts);
void attempts_forget(struct attempts *attempts, void *arg);

void attempt_free(struct attempt *attempt);
void attempt_cancelled(struct attempt *attempt);
/* Back to ATTEMPT_ASKED, from the feed's own address. */
void attempt_again(struct attempt *attempt);
void attempt_name(struct attempt *attempt, const char *name);

void attempt_await(struct attempt *attempt, pipeline_result_fn *fn, void *arg);
bool attempt_is_awaited(const struct attempt *attempt);
void attempt_answer(struct attempt *attempt, const struct pipeline_result *result);

/* Makes of the store's request, in `frame`, what this attempt sends: its number, its
 * redirect's address, the sections' defaults, secrets.  0; -EBADMSG; or the outcome
 * that it ends with before it began, and why. */
int attempt_address(struct attempt *attempt, const struct settings *settings,
    const char *config, bool full, struct buf *reason);
void attempt_go_to(struct attempt *attempt, const char *url);
/* A redirect, followed or not; one that is followed; then the last answer, which gets
 * what they all brought. */
void attempt_note_hop(struct attempt *attempt, const struct batch *batch);
void attempt_follow(struct attempt *attempt, const struct batch *batch);
void attempt_add_up(struct attempt *attempt, struct batch *batch);
/* The batch's line of the feed's log. */
void attempt_detail(struct attempt *attempt, struct batch *batch,
    const struct feed_plan *plan, const char *reasons, msec_t now);
/* Keeps what is told later. */
void attempt_note(struct attempt *attempt, const struct batch *batch);

void attempt_is_probe(struct attempt *attempt, const char *url,
    const struct feed_options *options, const struct validators *validators,
    pipeline_probe_fn *fn, void *arg);
/* 0, or an outcome as of attempt_address. */
int attempt_probe_frame(struct attempt *attempt, const struct settings *settings,
    const char *config, struct buf *reason);
struct attempt *attempt_of_probe(const struct pipeline_probe *probe);
void attempt_probe_over(struct attempt *attempt);
void attempt_becomes(struct attempt *attempt, int64_t feed_id);

#endif
