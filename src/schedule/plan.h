/* SPDX-License-Identifier: ISC */
#ifndef SCHEDULE_PLAN_H
#define SCHEDULE_PLAN_H

/*
 * One attempt's outcome and hints -> the feed's next due time, with a reason in
 * words for each rule that had a say.  Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/feed.h"
#include "model/settings.h"

/* Between two requests to one address of a public host, whatever the configuration
 * and whoever asks: we must never be what brings a server down. */
#define PLAN_PUBLIC_FLOOR MSEC_PER_MIN

/* What is remembered of a feed beside struct feed_plan's columns. */
struct plan_memory {
	msec_t first; /* wall: of the first attempt; 0: none yet */
	msec_t wait;  /* that led to `due`: caps it after the clock jumped back */
	msec_t max_age, ttl,
	    period; /* last heard; a bare 304 does not change them */
	uint32_t skip_hours;
	uint8_t skip_days;
	bool unconditional; /* the server gives no validators at all */
	bool is_hint;       /* `sightings`: the document names it; else a redirect */
	msec_t gone_at;     /* wall: first of the 410s in a row; 0: none */
	uint32_t throttles; /* 429s in a row */
	uint32_t crashes;   /* deaths of the fetcher over it, since it went well */
	msec_t full;        /* wall: of the last 200 (POLLING 11); 0: none */
	/* A move that is being confirmed (POLLING 58, 63): to the plan's new_url. */
	uint32_t sightings;
	bool is_held_alone; /* the plan's `held` is not its host's */
	bool is_refused;    /* its last answer was 401 or 407, with this ... */
	uint64_t secret;    /* ... credential's mark */
	msec_t sighted;     /* wall: the first of the sightings */
};

struct plan {
	struct feed_plan feed; /* strings lent */
	struct plan_memory memory;
};

/* What the feed's host adds. */
struct plan_site {
	bool is_public;    /* THREATS 24's floor holds */
	bool holds_whole;  /* a 429 holds all feeds of the host (POLLING 36) */
	size_t feeds;      /* of this host */
	bool is_offline;   /* the network, not the feed, is to blame */
	bool is_elsewhere; /* a redirect led to another host than its own */
	bool is_own_fault; /* others were answered well since it failed */
};

enum plan_hold { HOLD_NONE, HOLD_FEED, HOLD_HOST };

/* Sets the plan's due time and counters.  HOLD_HOST: nothing of this host before
 * plan->feed.held. */
enum plan_hold plan_attempt(struct plan *plan, const struct settings *settings,
    const struct plan_site *site, const struct batch *batch, unsigned new_items,
    msec_t now, uint64_t *random, struct buf *reasons);

/* The interval without hints, within the feed's bounds; `reasons` may be NULL. */
msec_t plan_interval(const struct plan *plan, const struct settings *settings,
    const struct plan_site *site, msec_t now, struct buf *reasons);
/* How often the network is looked for while offline. */
msec_t plan_probe(const struct settings *settings);

/* The next request is unconditional: the last whole answer is old (POLLING 11). */
bool plan_wants_full(
    const struct plan *plan, const struct settings *settings, msec_t now);

/* As kept in struct feed_plan's `memory`. */
void plan_remember(const struct plan_memory *memory, struct buf *out);
void plan_recall(const char *text, struct plan_memory *ret_memory);

/* `due`, or the end of the hours and days that the feed wants to be left alone. */
msec_t plan_past_skipped(const struct plan_memory *memory, msec_t due,
    uint64_t *random, struct buf *reasons);
/* Nobody else's cron job: never on the quarter of an hour (POLLING 22). */
msec_t plan_off_the_quarter(msec_t due, uint64_t *random);
/* One line of reasons: "interval   45m      learnt: ...".  NULL: none. */
void plan_because(struct buf *reasons, const char *rule, msec_t value,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Of all these lines the rules that had a say, with their times:
 * " (interval 45m, ttl 1h)". */
void plan_rules(const char *reasons, struct buf *out);

/* 0 .. limit; the same seed gives the same row of numbers. */
msec_t plan_random(uint64_t *random, msec_t limit);

#endif
