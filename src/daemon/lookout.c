/* SPDX-License-Identifier: ISC */
#include "daemon/lookout.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "daemon/secrets.h"
#include "schedule/schedule.h"

struct watched {
	int64_t feed_id;
	char *name, *credential;
};

struct lookout {
	struct map *watched; /* by feed, of those that have one */
};

struct lookout *
lookout_new(void)
{
	struct lookout *lookout = xcalloc(1, sizeof(*lookout));

	lookout->watched = map_new();
	return lookout;
}

static void
watched_free(struct watched *watched)
{
	if (watched == NULL)
		return;
	free(watched->name);
	free(watched->credential);
	free(watched);
}

void
lookout_free(struct lookout *lookout)
{
	struct watched *watched;
	size_t at = 0;

	while ((watched = map_next(lookout->watched, &at)) != NULL)
		watched_free(watched);
	map_free(lookout->watched);
	free(lookout);
}

void
lookout_put(struct lookout *lookout, int64_t feed_id, const char *name,
    const char *credential)
{
	struct watched *watched;

	watched_free(map_remove_id(lookout->watched, feed_id));
	if (credential == NULL)
		return;
	watched = xcalloc(1, sizeof(*watched));
	watched->feed_id = feed_id;
	watched->name = xstrdup(name);
	watched->credential = xstrdup(credential);
	(void)map_put_id(lookout->watched, feed_id, watched);
}

void
lookout_look(struct lookout *lookout, struct schedule *schedule, const char *config)
{
	const struct watched *watched;
	uint64_t secret;
	size_t at = 0;

	while ((watched = map_next(lookout->watched, &at)) != NULL) {
		if (!schedule_is_refused(schedule, watched->feed_id, &secret) ||
		    secrets_mark(config, watched->credential) == secret)
			continue;
		log_info("feed %s: its credential has changed: it is fetched now",
		    watched->name);
		schedule_hurry(schedule, watched->feed_id, clock_wall());
	}
}
