/* SPDX-License-Identifier: ISC */
#ifndef STORE_TX_H
#define STORE_TX_H

/*
 * What the writer's parts need of the open transaction.  Writer thread.  Every
 * function that takes a `struct tx` returns 0 or -errno; after a failure the
 * caller rolls back, so nothing needs to be undone by hand.
 */
#include <stdatomic.h>

#include "base/clock.h"
#include "model/feed.h"
#include "store/db.h"

struct batch;
struct copies;
struct index_queue;

struct tx {
	struct db *db;
	msec_t now; /* wall */
	struct index_queue *index;
	struct copies *copies;
	/* store.h: struct store_options */
	void (*placed)(void *arg, const struct batch *batch, size_t n, int64_t id);
	void *placed_arg;
	_Atomic int64_t *progress; /* monotonic, of the last step; or NULL */
};

/* In loops that can take long: the writer is not stuck. */
static inline void
tx_alive(struct tx *tx)
{
	if (tx->progress != NULL)
		atomic_store(tx->progress, clock_mono());
}

/* Ids 0: none.  `detail` is a JSON object or NULL. */
static inline int
tx_event(struct tx *tx, enum event_kind kind, int64_t item_id, int64_t feed_id,
    const char *detail)
{
	static const char sql[] =
	    "INSERT INTO event(time, kind, item_id, feed_id, detail)"
	    " VALUES(?, ?, ?, ?, ?)";

	return db_run(tx->db, sql, DB_INT(tx->now), DB_TEXT(event_kind_name(kind)),
	    DB_OPT(item_id), DB_OPT(feed_id), DB_TEXT(detail));
}

#endif
