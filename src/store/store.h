/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * The database: one writer thread, a few reader threads, and callbacks on the
 * loop thread that owns the store.  Only folder that knows SQLite.
 *
 * Everything here is called on the owner's thread, and calls back there, out of
 * store_dispatch.  Nothing blocks but store_open, store_flush and store_close.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/edit.h"
#include "model/feed.h"

struct store;
struct store_query;

struct store_options {
	bool read_only; /* for tools */
	msec_t
	    busy; /* how long a commit waits for a foreign lock before it says so and
	                 * tries again; 0: 5 s */
	unsigned readers; /* threads; 0: 2 */
	msec_t page;      /* how long one page may take; 0: LIMIT_PAGE_MSEC */
	msec_t (*now)(
	    void); /* wall clock of the writer; NULL: clock_wall.  Benches. */
	/* On the writer's thread: what entry `n` of a batch was found to be, or
	 * became; 0: an item that was purged.  NULL: nobody asks.  Benches. */
	void (*placed)(void *arg, const struct batch *batch, size_t n, int64_t id);
	void *placed_arg;
};

/* Opens or creates, migrates, starts the threads.  0; -EBUSY: another daemon has
 * it; -EPROTO: the schema is newer than this program; -EMEDIUMTYPE: not our
 * database; other -errno.  `reason` then has one line: what and what to do. */
int store_open(const char *path, const struct store_options *options,
    struct store **ret_store, struct buf *reason);
/* Readable when store_dispatch has something to do. */
int store_fd(const struct store *store);
void store_dispatch(struct store *store);

typedef void store_commit_fn(void *arg, const struct commit *commit);
/* The store owns `batch` from here on and frees it.  `plan` (copied) is committed
 * with it: due, failures, learnt interval; `reasons` is kept for ExplainFeed.
 * -ENOSPC: the queue is full, the batch is still yours: stop reading. */
int store_submit(struct store *store, struct batch *batch,
    const struct feed_plan *plan, const char *reasons, store_commit_fn *fn,
    void *arg);
/* True while store_submit would take a batch. */
bool store_has_room(const struct store *store);

typedef void store_edit_fn(void *arg, const struct edit_result *result);
/* `edit` and what it points to must live until `fn` has run.  Edits keep their
 * order among themselves and batches. */
int store_edit(
    struct store *store, const struct edit *edit, store_edit_fn *fn, void *arg);

enum store_what {
	STORE_FEEDS, /* struct feed_row; `all`: archived ones too */
	STORE_PLANS, /* struct feed_plan: all but the archived, or the one of `id` */
	STORE_REQUEST, /* struct request of feed `id`: URL, validators, known hashes,
	                * options; credential, ca_pem and client_pem hold names */
	STORE_ITEMS,   /* struct item_row */
	STORE_STORY,   /* struct item_row with why: the members of the story of item
	                * `id`, or of the story with that id */
	STORE_COUNT,   /* struct store_count rows: the total first, then groups */
	STORE_EVENTS,  /* struct event_row after `after` */
	STORE_ATTEMPTS, /* struct store_attempt of feed `id`, newest first; reasons with the
	                 * plan */
	STORE_STATUS /* struct store_status */
};

/* Which texts of an item are wanted. */
enum store_fields { STORE_TEXT = 1, STORE_HTML = 2, STORE_RAW = 4 };

struct store_spec {
	enum store_what what;
	const char *query; /* text; NULL: everything */
	bool all;          /* hidden items and duplicates too */
	bool oldest_first; /* items: ascending arrival; default newest first */
	unsigned
	    limit; /* rows; 0: LIMIT_PAGE_ROWS.  A page never has more than that. */
	int64_t after; /* items, feeds, plans: continue behind this id; events: seq,
	                * exclusive */
	int64_t id;    /* one feed or item; 0: any */
	int64_t revision;     /* of an item; 0: the newest */
	unsigned fields;      /* enum store_fields */
	const char *group_by; /* STORE_COUNT: feed, tag, host, day; NULL: none */
	uint32_t
	    kinds; /* STORE_EVENTS: bit per enum event_kind; 0: EVENT_ITEM_NEW */
	msec_t from_time; /* STORE_EVENTS: instead of `after`, events since then */
	int64_t last; /* STORE_EVENTS: instead of `after`, the last N that match */
	uid_t uid; /* who asks: one reader at most for one uid while others wait */
};

struct store_count {
	const char *key; /* NULL: the total */
	int64_t count;
};
struct store_attempt {
	msec_t time;
	const char *outcome, *detail;
	int status;
	int64_t bytes;
	msec_t duration;
};
struct store_status {
	const char *uuid; /* 32 hex digits */
	int schema;
	int64_t head, oldest; /* event seq; oldest: the lowest still kept */
	int64_t feeds, items, unread, failing, stale;
};

struct row {
	enum store_what what;
	union {
		const struct feed_row *feed;
		const struct feed_plan *plan;
		const struct request *request;
		const struct item_row *item;
		const struct store_count *count;
		const struct event_row *event;
		const struct store_attempt *attempt;
		const struct store_status *status;
	};
};

/* On a reader thread: append one row's bytes to `out`.  `arg` must be safe to
 * read there. */
typedef void store_encode_fn(void *arg, const struct row *row, struct buf *out);

struct store_end {
	int error; /* 0; -EINVAL bad query; -ENOENT; -ETIME too expensive;
	                      * -ECANCELED; -EIO */
	const char *message;
	int position; /* of a query fault; -1 */
	unsigned rows;
	bool more;            /* the limit ended it: continue after `next` */
	int64_t next;         /* id; events: seq scanned to, also without a match */
	int64_t oldest, head; /* STORE_EVENTS: range kept, at the time of reading */
};
/* Rows of one page as `encode` wrote them; `data` lives until it returns.  Called
 * at most once a page, and not for an empty one. */
typedef void store_block_fn(void *arg, const char *data, size_t size, unsigned rows);
/* Exactly once, last. */
typedef void store_end_fn(void *arg, const struct store_end *end);

/* `spec`'s strings are copied. */
int store_query(struct store *store, const struct store_spec *spec,
    store_encode_fn *encode, void *encode_arg, store_block_fn *on_block,
    store_end_fn *on_end, void *arg, struct store_query **ret_query);
void store_query_cancel(struct store_query *query); /* no callback after it */

/* Highest event seq committed; any time. */
int64_t store_head(const struct store *store);
const char *store_uuid(const struct store *store);
/* Milliseconds since the writer last made progress while it had work; 0: idle. */
msec_t store_stalled(const struct store *store);
/* NULL, or what is wrong with the database now (disk full, foreign lock): status. */
const char *store_trouble(const struct store *store);
/* Writes failed three times in a row, opening anew each time: only a restart can
 * help (exit 74). */
bool store_is_broken(const struct store *store);

/* Waits until everything submitted is committed.  What the database cannot take
 * now (full disk, a lock of more than a moment) is answered with an error: it was
 * not stored, nor were its validators, so the next poll brings it again. */
void store_flush(struct store *store);
/* Flushes, checkpoints, joins the threads.  Pending queries end with -ECANCELED. */
void store_close(struct store *store);

#endif
