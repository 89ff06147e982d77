/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_MOVES_H
#define DAEMON_MOVES_H

/*
 * Addresses that documents name as their new ones (POLLING 63): looked at in the
 * feed's name, and taken when the same feed is there.  Loop thread.
 */
#include <stdint.h>

#include "base/clock.h"

struct moves;
struct pipeline;
struct store;

struct moves *moves_new(struct pipeline *pipeline, struct store *store);
/* Asks no more; what the store has still calls back. */
void moves_stop(struct moves *moves);
void moves_free(struct moves *moves); /* after that, and a flush of the store */
void moves_try(
    struct moves *moves, int64_t feed_id, const char *name, const char *url);
/* The feed's own address turned out, at its first poll, to be a page that links to
 * this one feed (POLLING 75): that is its address, when it is a feed, and what it
 * brings is the first poll.  `due`: of the next, should that come to nothing. */
void moves_discover(struct moves *moves, int64_t feed_id, const char *name,
    const char *url, msec_t due);

#endif
