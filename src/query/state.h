/* SPDX-License-Identifier: ISC */
#ifndef QUERY_STATE_H
#define QUERY_STATE_H

/*
 * The values of is: and has:, each with its condition.  For this folder.
 */
#include <stdbool.h>
#include <stddef.h>

#include "query/query.h"

enum state_time { STATE_TIMELESS, STATE_NOW, STATE_DAY_AGO };

struct state {
	const char *name;
	enum query_target target;
	const char *sql; /* 0 or 1, never NULL */
	enum state_time
	    time; /* what its ? stands for; STATE_TIMELESS: it has none */
};

/* The values of is: for a target; NULL when there is none of that name. */
const struct state *state_find(const char *name, enum query_target target);
/* "unread, read, ...": for messages. */
#define STATE_ITEM_NAMES "unread read starred hidden new updated duplicate"
#define STATE_FEED_NAMES "failing stale held moved paused gone archived"

/* The values of has:, of items. */
const char *state_content_sql(const char *name);
#define STATE_CONTENT_NAMES "enclosure audio video image text date"

#endif
