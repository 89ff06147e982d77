/* SPDX-License-Identifier: ISC */
/*
 * Who may dial: `concurrency` jobs at once, and few at one address, whatever its names
 * (POLLING 64).  A job waits for its turn, with its clock stopped.
 */
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "fetch/job.h"

static unsigned
count_at(const struct fetch *fetch, const char *address)
{
	const struct fetch_job *job;
	unsigned count = 0;

	TAILQ_FOREACH(job, &fetch->jobs, entry)
	count += job->has_address && strcmp(job->address, address) == 0;
	return count;
}

/* The address that will be tried first; a proxy is trusted with many. */
static void
note_address(struct fetch_job *job)
{
	const char *from, *colon;

	if (job->is_proxied || job->address != NULL)
		return;
	if (job->resolve == NULL) {
		job->address = xstrdup(job->dial_host);
		return;
	}
	/* "+host:port:address,...": a name has no colon. */
	from = strchr(job->resolve->data, ':');
	colon = from != NULL ? strchr(from + 1, ':') : NULL;
	if (colon != NULL)
		job->address =
		    xasprintf("%.*s", (int)strcspn(colon + 1, ","), colon + 1);
}

static bool
wait_for(struct fetch_job *job, enum place_wait what)
{
	job->waits = what;
	fetch_clock(job, clock_mono());
	return false;
}

bool
place_take(struct fetch_job *job)
{
	struct fetch *fetch = job->fetch;

	note_address(job);
	if (!job->has_address && job->address != NULL) {
		if (count_at(fetch, job->address) >= LIMIT_PER_ADDRESS)
			return wait_for(job, WAITS_FOR_ADDRESS);
		job->has_address = true;
	}
	if (fetch->placed >= fetch->dials)
		return wait_for(job, WAITS_FOR_PLACE);
	fetch->placed++;
	job->has_place = true;
	if (job->waits != WAITS_NOT) {
		job->waits = WAITS_NOT;
		fetch_clock(job, clock_mono());
	}
	return true;
}

/* The one that has waited for longest, and has not been woken, may try again. */
static void
wake_one(struct fetch *fetch, enum place_wait what, const char *address)
{
	struct fetch_job *job;

	TAILQ_FOREACH(job, &fetch->jobs, entry)
	{
		if (job->waits == what && !job->in_turn &&
		    (address == NULL || strcmp(job->address, address) == 0)) {
			fetch_turn(job);
			return;
		}
	}
}

void
place_wake(struct fetch *fetch)
{
	struct fetch_job *job;

	TAILQ_FOREACH(job, &fetch->jobs, entry)
	{
		if (job->waits == WAITS_FOR_PLACE)
			fetch_turn(job);
	}
}

/* Also when it waited itself: it may have been woken, and not have had its turn. */
void
place_leave(struct fetch_job *job)
{
	struct fetch *fetch = job->fetch;

	if (job->has_place)
		fetch->placed--;
	if (job->has_address || job->waits == WAITS_FOR_ADDRESS)
		wake_one(fetch, WAITS_FOR_ADDRESS, job->address);
	if (job->has_place || job->waits == WAITS_FOR_PLACE)
		wake_one(fetch, WAITS_FOR_PLACE, NULL);
}
