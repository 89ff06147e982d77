/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_PLANS_H
#define DAEMON_PLANS_H

/*
 * The plans of feeds, from the store to the schedule: all of them, page by page,
 * or one that changed.  Loop thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include "model/feed.h"

struct plans;
struct store;

struct plans_ops {
	void (*put)(const struct feed_plan *plan, void *arg);
	void (*gone)(int64_t feed_id, void *arg); /* asked for, and not there */
	/* After plans_load_one; and after plans_load, unless another has begun. */
	void (*done)(bool all, void *arg);
};

struct plans *plans_new(struct store *store, const struct plans_ops *ops, void *arg);
void plans_free(struct plans *plans);
void plans_load(struct plans *plans);
void plans_load_one(struct plans *plans, int64_t feed_id);
bool plans_are_loading(const struct plans *plans);
/* `fn` gets the one plan, or NULL. */
void plans_fetch(struct plans *plans, int64_t feed_id,
    void (*fn)(const struct feed_plan *plan, void *arg), void *arg);
/* Notes in the database that a document kills the fetcher. */
void plans_quarantine(struct plans *plans, int64_t feed_id, const char *reason);
/* Notes there that these feeds (plan's held_too) are held until the plan's `held`. */
void plans_hold(struct plans *plans, const struct feed_plan *plan);
/* Notes there that so many of its failures are its own, and the rest the network's. */
void plans_forgive(struct plans *plans, int64_t feed_id, unsigned failures);

#endif
