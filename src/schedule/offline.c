/* SPDX-License-Identifier: ISC */
#include "schedule/offline.h"

#include <string.h>

/* A host that is silent again has been so since its first time. */
static void
remember(struct offline *o, uint64_t host, bool silent, msec_t now)
{
	msec_t time = now;
	size_t i;

	for (i = 0; i < o->count && o->seen[i].host != host; i++)
		;
	if (i < o->count && silent && o->seen[i].silent)
		time = o->seen[i].time;
	if (i == OFFLINE_HOSTS)
		i = 0; /* the oldest makes room */
	if (i < o->count) {
		memmove(&o->seen[i], &o->seen[i + 1],
		    (o->count - i - 1) * sizeof(o->seen[0]));
		o->count--;
	}
	o->seen[o->count].host = host;
	o->seen[o->count].silent = silent;
	o->seen[o->count].time = time;
	o->count++;
}

static size_t
count_silent(const struct offline *o, msec_t *ret_oldest)
{
	size_t i, silent = 0;

	*ret_oldest = INT64_MAX;
	for (i = 0; i < o->count; i++) {
		if (!o->seen[i].silent)
			continue;
		silent++;
		if (o->seen[i].time < *ret_oldest)
			*ret_oldest = o->seen[i].time;
	}
	return silent;
}

/* One answer from a host that was silent is enough to be back: were it the only
 * one, five silent hosts bring the state again. */
bool
offline_note(
    struct offline *o, uint64_t host, bool silent, bool was_silent, msec_t now)
{
	size_t count;
	msec_t oldest;

	if (o->is_offline && was_silent && !silent) {
		o->is_offline = false;
		o->count = 0;
		remember(o, host, silent, now);
		return true;
	}
	remember(o, host, silent, now);
	count = count_silent(o, &oldest);
	if (o->is_offline || o->count < OFFLINE_LEAST ||
	    count * 100 < o->count * OFFLINE_PERCENT)
		return false;
	o->is_offline = true;
	o->since = oldest;
	return true;
}
