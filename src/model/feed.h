/* SPDX-License-Identifier: ISC */
#ifndef MODEL_FEED_H
#define MODEL_FEED_H

/*
 * Rows as the store reads them: a feed, an item, an event, a plan.  Strings
 * live until the row's encode callback returns.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/item.h"
#include "model/outcome.h"

/* In the order in which the later wins when several hold (SOCKET's Feed). */
enum feed_state {
	FEED_OK,
	FEED_STALE,
	FEED_MOVED,
	FEED_HELD,
	FEED_FAILING,
	FEED_GONE,
	FEED_PAUSED,
	FEED_ARCHIVED
};
const char *feed_state_name(enum feed_state state);

#define FEED_FAILING_AFTER 3 /* failures in a row (CLI 2) */

struct feed_row {
	int64_t id;
	const char *name, *url, *title, *site,
	    *origin;      /* origin NULL: of the database */
	const char *tags; /* a JSON array */
	/* As its last document has them; format: document_kind_name */
	const char *format, *subtitle, *lang, *image, *icon;
	enum feed_state state;
	msec_t since, last_success, last_attempt, next_fetch;
	int64_t failures, unread, items;
	const char *last_error;
};

/* What the schedule keeps of a feed, as it stands in the database.  There may be
 * 100,000: what is small stands together. */
struct feed_plan {
	int64_t id;
	const char *name,
	    *url;   /* url: where it is fetched (after confirmed moves) */
	msec_t due; /* wall; 0: never fetched yet */
	msec_t last_attempt, last_success; /* wall; 0: never */
	uint32_t failures;
	bool paused, archived, gone, quarantined;
	bool has_interval; /* `interval` is the feed's own, 0 meaning learn */
	/* Of this attempt alone: `new_url` is its address from now on; or it is to be
	 * looked at, because the document has named it long enough. */
	bool moves, try_new_url;
	msec_t learnt; /* learnt interval; 0: none */
	msec_t interval,
	    min_interval; /* the feed's own; 0: learn / as the section says */
	const char *rate_group;
	const char *credential; /* its name; NULL: none of its own */
	/* An address that it may move to: a permanent redirect's that is being
	 * confirmed, or one that the document names.  NULL: none. */
	const char *new_url;
	const char *note; /* of that, for people; with a good answer */
	uint64_t no_move; /* move_hash of an address that was taken back; 0: none */
	int64_t merged;   /* another feed has its address: that one is polled */
	/* `due` (0: no different) and `reasons` of this attempt, should all that it
	 * brought be changed and nothing new, which the store alone knows. */
	msec_t quiet_due;
	const char *quiet_reasons;
	msec_t held; /* wall: after a 429 it waits until then; 0: it does not */
	const char *held_too; /* the hold is the host's: a JSON array of its other
			       * feeds; or NULL */
	/* What else the schedule remembers of it; only schedule/ reads it.  NULL:
	 * nothing. */
	const char *memory;
	const char *reasons; /* why it is due then, a line each; read only */
};

struct item_row {
	int64_t id, feed_id, story, copies, revision;
	const char *key, *feed, *title, *url, *link, *author, *summary, *text, *html,
	    *raw, *lang, *guid, *data;
	const char *tags;       /* JSON array: the item's and its feed's */
	const char *feeds;      /* JSON array of numbers */
	const char *categories; /* JSON array */
	const char *enclosures; /* JSON array of objects */
	const char *image, *comments, *meta;
	bool read, starred, hidden, duplicate;
	msec_t seen, published, updated;
	enum date_source date_source;
	/* Of a story's member: NULL and 0 when it began the story. */
	const char *why, *reason, *by; /* url, copy, rework, user; in words; who */
	int64_t peer;                  /* the item that it was put beside */
	msec_t joined;
};

enum event_kind {
	EVENT_ITEM_NEW,
	EVENT_ITEM_UPDATED,
	EVENT_ITEM_STATE,
	EVENT_ITEM_JOINED,
	EVENT_ITEM_SPLIT,
	EVENT_ITEM_REMOVED,
	EVENT_FEED_ADDED,
	EVENT_FEED_CHANGED,
	EVENT_FEED_FAILING,
	EVENT_FEED_RECOVERED,
	EVENT_FEED_STALE,
	EVENT_FEED_MOVED,
	EVENT_FEED_GONE,
	EVENT_FEED_REMOVED,
	EVENT_CONSUMER_DROPPED,
	EVENT_GAP,
	EVENT_HEARTBEAT,
	EVENT_CAUGHT_UP,
	EVENT_KIND_COUNT
};
const char *event_kind_name(enum event_kind kind);      /* "item_new", ... */
enum event_kind event_kind_from_name(const char *name); /* or EVENT_KIND_COUNT */

struct event_row {
	int64_t seq;
	msec_t time;
	enum event_kind kind;
	const struct item_row *item; /* NULL when there is none (any more) */
	const struct feed_row *feed;
	const char *detail; /* a JSON object, or NULL */
};

#endif
