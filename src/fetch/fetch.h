/* SPDX-License-Identifier: ISC */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

/*
 * One conditional HTTP request at a time per job, on libcurl's multi-socket
 * interface.  DNS by a bounded pool of getaddrinfo threads; every address is
 * judged by the gate before it is dialled.  Redirects are not followed: they
 * come back as they are.  Thread: the event loop's; nothing here blocks it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/request.h"

struct event_base;
struct fetch;
struct fetch_job;

/* Fixed for the life of a fetcher; a change of these starts a new one. */
struct fetch_settings {
	const char *user_agent; /* the default: name/version (+contact; ...) */
	const char *proxy, *no_proxy, *http_version; /* NULL: none */
	const char *ca_file;  /* NULL: the system's trust store */
	uint32_t concurrency; /* requests and kept connections at once */
};

/* What the response's header said. */
struct fetch_head {
	int status;
	const char *url;                             /* the URL asked */
	const char *content_type, *content_language; /* NULL: absent */
	const char *content_coding, *cache_control;  /* as sent; NULL: absent */
	struct validators validators;     /* fit to be stored, or NULL members */
	msec_t date, last_modified_time;  /* wall; 0: absent */
	struct hints hints;               /* max_age, retry_after */
	const char *location;             /* absolute; with 3xx */
	const char *link_hub, *link_self; /* Link: header, resolved */
	bool challenge;                   /* cf-mitigated */
	bool is_delta;                    /* 226 with IM: feed */
};

/* How a job ended.  `reason` is one clean line for people. */
struct fetch_end {
	enum outcome
	    outcome; /* OUTCOME_OK: whole response received, status in head */
	const char *reason;
	int64_t bytes; /* on the wire */
	msec_t duration;
	bool reused_connection;
};

struct fetch_sink {
	/* The job begins to wait for its turn to dial; or has waited for that or for
	 * its host's name (fetch_waits), and goes.  NULL: of no interest. */
	void (*waits)(void *arg, bool waits);
	/* The final response's header is complete; before any data. */
	void (*head)(void *arg, const struct fetch_head *head);
	/* Decoded body bytes.  false: enough, stop the transfer (`end` follows with
	 * OUTCOME_OK and the reason NULL). */
	bool (*data)(void *arg, const char *data, size_t size);
	/* Exactly once, last; the job is gone after it. */
	void (*end)(void *arg, const struct fetch_end *end);
};

/* 0, or -errno.  Before the sandbox shuts, call fetch_warm: it makes the name
 * service, TLS and character-set modules load. */
int fetch_new(struct event_base *base, const struct fetch_settings *settings,
    struct fetch **ret_fetch);
/* Cancels what is live, and waits for the look-ups that threads are in; NULL is
 * fine. */
void fetch_free(struct fetch *fetch);
int fetch_warm(struct fetch *fetch);
/* Starts; `request` is copied.  Never calls back before it returns. */
int fetch_start(struct fetch *fetch, const struct request *request,
    const struct fetch_sink *sink, void *arg, struct fetch_job **ret_job);
/* It waits, as of now, and has asked for nothing yet. */
bool fetch_waits(const struct fetch_job *job);
void fetch_cancel(struct fetch_job *job); /* end is not called */
/* Ends it as OUTCOME_TIMEOUT, with these words: `end` is called from inside.  Not from
 * inside of a sink. */
void fetch_give_up(struct fetch_job *job, const char *reason);
/* Back-pressure: the network is not read while paused, and the job's clock stands;
 * what was read already (16 KiB on the wire) may still be delivered.  These, start
 * and cancel may be called from inside of a sink. */
void fetch_pause(struct fetch_job *job);
void fetch_resume(struct fetch_job *job);
/* So many may dial at once from here on; who does already goes on. */
void fetch_limit(struct fetch *fetch, uint32_t at_once);
size_t fetch_live(const struct fetch *fetch);
/* Drop pooled connections (the clock jumped, the network changed). */
void fetch_drop_connections(struct fetch *fetch);

/* The address gate (THREATS 14 to 16), pure: may this numeric address and port be
 * dialled under `allow` (struct request's allow_private)?  When not, the rule is
 * appended to `reason`.  `host` is the name that was asked for. */
struct sockaddr;
bool fetch_gate(const struct sockaddr *address, const char *host, const char *allow,
    struct buf *reason);

#endif
