/* SPDX-License-Identifier: ISC */
#include "query/state.h"

#include <string.h>

static const struct state states[] = {
    {"unread", QUERY_ITEMS, "i.read = 0", STATE_TIMELESS},
    {"read", QUERY_ITEMS, "i.read <> 0", STATE_TIMELESS},
    {"starred", QUERY_ITEMS, "i.starred <> 0", STATE_TIMELESS},
    {"hidden", QUERY_ITEMS, "i.hidden <> 0", STATE_TIMELESS},
    {"new", QUERY_ITEMS, "i.seen > ?", STATE_DAY_AGO},
    {"updated", QUERY_ITEMS, "i.revision > 1", STATE_TIMELESS},
    {"duplicate", QUERY_ITEMS, "i.duplicate <> 0", STATE_TIMELESS},
    {"failing", QUERY_FEEDS, QUERY_SQL_FAILING, STATE_TIMELESS},
    {"stale", QUERY_FEEDS, QUERY_SQL_STALE, STATE_NOW},
    {"held", QUERY_FEEDS, QUERY_SQL_HELD, STATE_NOW},
    {"moved", QUERY_FEEDS, QUERY_SQL_MOVED, STATE_TIMELESS},
    {"paused", QUERY_FEEDS, QUERY_SQL_PAUSED, STATE_TIMELESS},
    {"gone", QUERY_FEEDS, QUERY_SQL_GONE, STATE_TIMELESS},
    {"archived", QUERY_FEEDS, QUERY_SQL_ARCHIVED, STATE_TIMELESS},
};

const struct state *
state_find(const char *name, enum query_target target)
{
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (states[i].target == target && strcmp(states[i].name, name) == 0)
			return &states[i];
	}
	return NULL;
}

#define ENCLOSURE_OF(kind)                                                     \
	"EXISTS (SELECT 1 FROM enclosure e WHERE e.item_id = i.id AND "        \
	"(lower(ifnull(e.type, '')) LIKE '" kind "/%' OR ifnull(e.medium, '')" \
	" = '" kind "'))"

const char *
state_content_sql(const char *name)
{
	static const struct {
		const char *name, *sql;
	} contents[] = {
	    {"enclosure",
		"EXISTS (SELECT 1 FROM enclosure e WHERE e.item_id = i.id)"},
	    {"audio", ENCLOSURE_OF("audio")},
	    {"video", ENCLOSURE_OF("video")},
	    {"image", ENCLOSURE_OF("image")},
	    {"text",
		"EXISTS (SELECT 1 FROM item_text x WHERE x.item_id = i.id "
		"AND x.text <> '')"},
	    {"date",
		"(ifnull(i.published, 0) <> 0 OR ifnull(i.updated, 0) "
		"<> 0)"},
	};
	size_t i;

	for (i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		if (strcmp(contents[i].name, name) == 0)
			return contents[i].sql;
	}
	return NULL;
}
