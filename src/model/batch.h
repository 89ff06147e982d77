/* SPDX-License-Identifier: ISC */
#ifndef MODEL_BATCH_H
#define MODEL_BATCH_H

/*
 * What one fetch brought: everything that one transaction of the store commits
 * together.  One batch is one arena.  Built in the fetcher (or a bench), sent
 * as one frame, freed by the store.  One thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "model/item.h"
#include "model/outcome.h"

/* What a server and a document say about the next poll; 0 or NULL: nothing. */
struct hints {
	msec_t max_age;      /* Cache-Control, Age taken off; or Expires - Date */
	msec_t retry_after;  /* from the response; -1: there, but unusable */
#define RETRY_NOW 1          /* it says 0, or a time that is past */
	msec_t ttl;          /* RSS ttl */
	msec_t period;       /* sy:updatePeriod / updateFrequency */
	uint32_t skip_hours; /* bit h: not at hour h UTC */
	uint8_t skip_days;   /* bit d: not on day d, 0 = Sunday */
	msec_t median_gap;   /* of the newest 20 item dates; 0: too few */
	bool has_max_age, has_validators, complete, archive;
	const char *self, *hub, *next, *new_url;
};

/* Stored and sent back byte for byte (POLLING 1 to 7). */
struct validators {
	const char *etag, *last_modified;
	const char *url; /* the very URL they came from (POLLING 10) */
};

struct feed_meta {
	const char *title, *site, *subtitle, *language, *image, *icon;
};

struct batch {
	struct arena *arena;
	int64_t feed_id, job;
	enum outcome outcome;
	const char *reason;   /* for people, one line: what happened; or NULL */
	int http_status;      /* 0: none was received */
	const char *url;      /* the URL that answered */
	const char *location; /* with OUTCOME_REDIRECT: the next URL, absolute */
	int64_t bytes;        /* received, before decoding */
	msec_t duration;
	msec_t server_date; /* Date header; 0: none */
	/* Wall: when it came to who submits it; 0: when it is written.  So what a
	 * batch leads to does not depend on when the store gets to it. */
	msec_t received;
	struct hash128 body_hash;
	enum document_kind kind;
	bool whole; /* read to its end, no limit hit: validators may be kept */
	bool cut;   /* more items than max-items: absence means nothing */
	bool
	    keep_validators; /* replace what is stored by `validators`, absent ones too */
	struct validators validators;
	struct hints hints;
	struct feed_meta meta;
	struct item *items; /* new or changed ones, document order */
	size_t item_count;
	uint64_t *unchanged; /* raw hashes of entries that travel as such */
	size_t unchanged_count;
	/* An HTML page where a feed should be: the feeds that it links to. */
	struct link *candidates;
	/* What a probe tells (ProbeFeed of org.gazetted.varlink): a JSON object with
	 * the members http, document and warnings.  NULL: not asked for. */
	const char *report;
	/* Of the service, not of the fetcher: */
	const char
	    *moved; /* every redirect said for ever: where they led; or NULL */
	const char *detail; /* for the feed's log: how it went, what comes next */
	const char *quiet_detail; /* ... if nothing of it is new; NULL: the same */
	uint64_t secret;          /* the credential's mark (secrets_mark); 0: none */
	bool archive_page;        /* of the past (RFC 5005): only adds items */
	void *
	    owned; /* freed with the batch: the frame that the strings are lent from */
	void (*free_owned)(void *owned);
};

/* An empty batch with an arena of `limit` bytes. */
struct batch *batch_new(int64_t feed_id, size_t limit);
void batch_free(struct batch *batch); /* NULL is fine */
/* A zeroed item at the end of the list; NULL when the arena is full.  Earlier
 * pointers into `items` are no longer good after it. */
struct item *batch_add_item(struct batch *batch);
/* Notes an entry that did not change.  False when the arena is full. */
bool batch_add_unchanged(struct batch *batch, uint64_t raw_hash);

#endif
