/* SPDX-License-Identifier: ISC */
#include "model/feed.h"

#include <string.h>

static const char *const event_names[EVENT_KIND_COUNT] = {
    [EVENT_ITEM_NEW] = "item_new",
    [EVENT_ITEM_UPDATED] = "item_updated",
    [EVENT_ITEM_STATE] = "item_state",
    [EVENT_ITEM_JOINED] = "item_joined",
    [EVENT_ITEM_SPLIT] = "item_split",
    [EVENT_ITEM_REMOVED] = "item_removed",
    [EVENT_FEED_ADDED] = "feed_added",
    [EVENT_FEED_CHANGED] = "feed_changed",
    [EVENT_FEED_FAILING] = "feed_failing",
    [EVENT_FEED_RECOVERED] = "feed_recovered",
    [EVENT_FEED_STALE] = "feed_stale",
    [EVENT_FEED_MOVED] = "feed_moved",
    [EVENT_FEED_GONE] = "feed_gone",
    [EVENT_FEED_REMOVED] = "feed_removed",
    [EVENT_CONSUMER_DROPPED] = "consumer_dropped",
    [EVENT_GAP] = "gap",
    [EVENT_HEARTBEAT] = "heartbeat",
    [EVENT_CAUGHT_UP] = "caught_up",
};

const char *
feed_state_name(enum feed_state state)
{
	static const char *const names[] = {
	    "ok", "stale", "moved", "held", "failing", "gone", "paused", "archived"};

	return names[state];
}

const char *
event_kind_name(enum event_kind kind)
{
	return event_names[kind];
}

enum event_kind
event_kind_from_name(const char *name)
{
	int i;

	for (i = 0; i < EVENT_KIND_COUNT; i++) {
		if (strcmp(event_names[i], name) == 0)
			break;
	}
	return (enum event_kind)i;
}
