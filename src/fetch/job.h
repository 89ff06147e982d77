/* SPDX-License-Identifier: ISC */
#ifndef FETCH_JOB_H
#define FETCH_JOB_H

/* What the files of fetch/ share.  Inside fetch only. */
#include <curl/curl.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "fetch/fetch.h"
#include "fetch/head.h"
#include "fetch/resolve.h"

/* One multi handle and the connections it keeps.  When they are to be dropped, a
 * new one takes its place and the old goes with the last of its jobs. */
struct pool {
	TAILQ_ENTRY(pool) entry;
	struct fetch *fetch;
	CURLM *multi;
	struct event timer;
	unsigned live;   /* jobs added to it */
	unsigned paused; /* of them */
	bool is_slowed;  /* its timer comes later than libcurl wants */
	bool used;
};

enum place_wait { WAITS_NOT, WAITS_FOR_ADDRESS, WAITS_FOR_PLACE };

struct fetch_job {
	TAILQ_ENTRY(fetch_job) entry;
	TAILQ_ENTRY(fetch_job) turn_entry; /* with in_turn */
	struct fetch *fetch;
	struct pool *pool; /* NULL: not handed to libcurl yet */
	CURL *easy;
	struct head *head;
	struct lookup *lookup; /* a name is being looked up */
	struct fetch_sink sink;
	void *arg;

	/* Of the request */
	char *url;
	char *host;      /* the URL's: for the gate and for people */
	char *dial_host; /* the name to look up, the proxy's or the URL's */
	unsigned dial_port;
	char *allow_private; /* NULL: nothing */
	int64_t max_body;
	struct curl_slist *headers, *resolve;
	bool is_proxied;

	/* The clock */
	struct event timer;
	msec_t started;       /* mono */
	msec_t begun;         /* mono: ... but for the wait for a thread */
	msec_t deadline;      /* mono */
	msec_t stands_since;  /* mono: it is paused, or waits to dial; 0: it runs */
	msec_t first_byte_by; /* mono */
	msec_t timeout;       /* as asked, for the reason */

	/* How it goes */
	bool paused, paused_in_curl; /* asked for; done */
	bool in_turn;
	bool cancelled;
	bool head_seen;
	bool stopped;       /* by the sink */
	bool dialled;       /* an address passed the gate */
	struct event nudge; /* while it has another address to try */
	bool shaking;       /* there is a connection, and TLS has begun on it */
	bool asked;         /* there is a connection and the request is on its way */
	int64_t decoded;
	struct buf gate_reason; /* an address did not */
	/* Its turn to dial (place.c) */
	char *address; /* the first one; NULL: not known, or a proxy's */
	bool has_address, has_place;
	enum place_wait waits;
	bool told_waits; /* the sink knows */
	/* Set when we end it ourselves: wins over what libcurl says. */
	bool failed;
	enum outcome outcome;
	struct buf reason;
	char error[CURL_ERROR_SIZE];
};

struct fetch {
	struct event_base *base;
	struct sessions *sessions;
	struct resolver *resolver;
	TAILQ_HEAD(, pool) pools; /* the first takes new jobs */
	TAILQ_HEAD(, fetch_job) jobs;
	TAILQ_HEAD(, fetch_job) turn_jobs; /* something to do outside of libcurl */
	struct event turn;
	struct event idle;
	size_t live;
	uint32_t placed;  /* jobs that have a place */
	uint32_t dials;   /* of them at most */
	unsigned in_curl; /* we are inside of a libcurl call */
	char *user_agent, *proxy, *no_proxy, *http_version, *ca_file;
	uint32_t concurrency;
};

/* setup.c: the easy handle of `job` as `request` says.  0; -EINVAL with the reason
 * in job->reason. */
int setup_job(struct fetch_job *job, const struct request *request);
bool setup_is_numeric(const char *host);
/* Addresses for libcurl, as struct resolve_answer has them. */
void setup_addresses(struct fetch_job *job, const char *addresses);
/* The bundle of certificates that is used when none is named. */
const char *setup_ca_file(const struct fetch *fetch);

/* transfer.c: libcurl's callbacks of one transfer. */
void transfer_callbacks(struct fetch_job *job);

/* place.c: who may dial.  False: `job` waits; a turn comes when it may try again. */
bool place_take(struct fetch_job *job);
/* More may dial than before: those that wait try again. */
void place_wake(struct fetch *fetch);
/* Whatever it had, or waited for, is others'. */
void place_leave(struct fetch_job *job);

/* fault.c: what became of it, in one clean line. */
void fault_of_curl(struct fetch_job *job, CURLcode code);
void fault_of_no_head(struct fetch_job *job);
void fault_of_lookup(struct fetch_job *job, const struct resolve_answer *answer);
void fault_of_time(struct fetch_job *job, bool first_byte);
void fault_set(struct fetch_job *job, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* fetch.c: have the loop come back to `job` outside of libcurl. */
void fetch_turn(struct fetch_job *job);
void fetch_apply_pause(struct fetch_job *job); /* also inside of a callback */
/* Its timer, for what it waits for now.  While it is paused, waits to dial, or both,
 * its clock stands: that time is not its own. */
void fetch_clock(struct fetch_job *job, msec_t now);

#endif
