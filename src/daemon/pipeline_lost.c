/* SPDX-License-Identifier: ISC */
/* The fetcher's deaths: which feed is to blame, and what becomes of the others. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "daemon/attempt.h"
#include "daemon/pipeline_inside.h"
#include "schedule/schedule.h"

#define KILLS_MET 4 /* of the fetcher, over one feed: that is no chance any more */

static void
blame(struct attempt *attempt, const char *how)
{
	struct buf reason = {0};

	buf_printf(&reason, "the fetcher %s while it read it", how);
	pipeline_end(attempt, OUTCOME_CRASHED, reason.data);
	buf_done(&reason);
}

/* A kill from outside (an administrator, the kernel for want of memory) is no
 * feed's doing, unless it meets the same one time and again.  The feed to blame,
 * or 0. */
static int64_t
weigh_blame(struct pipeline *p, int64_t named, bool from_outside)
{
	if (!from_outside || named == 0)
		return named;
	p->kills_met = named == p->met_by_kill ? p->kills_met + 1 : 1;
	p->met_by_kill = named;
	return p->kills_met >= KILLS_MET ? named : 0;
}

/* Who waits for a name, or to dial, has read nothing: it is not that. */
static bool
is_suspect(const struct pipeline *p, const struct attempt *attempt)
{
	return !schedule_waits(p->schedule, attempt->feed_id);
}

/* The one that it can only have been, or 0. */
static int64_t
only_suspect(const struct pipeline *p, struct attempt **lost, size_t count)
{
	int64_t only = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!is_suspect(p, lost[i]))
			continue;
		if (only != 0)
			return 0;
		only = lost[i]->feed_id;
	}
	return only;
}

/* Its attempts go back into the schedule; the one to blame does not. */
void
pipeline_take_lost(
    uint64_t fetcher, int64_t blamed, bool from_outside, const char *how, void *arg)
{
	struct pipeline *p = arg;
	struct attempt **lost;
	size_t count, i;

	count = attempts_of_fetcher(p->attempts, fetcher, &lost);
	if (blamed == 0)
		blamed = only_suspect(p, lost, count);
	blamed = weigh_blame(p, blamed, from_outside);
	for (i = 0; i < count; i++) {
		(void)map_remove_id(p->suspects, lost[i]->feed_id);
		/* A probe is told whatever it was: its caller waits. */
		if (lost[i]->feed_id == blamed || lost[i]->probe != NULL ||
		    lost[i]->errand != NULL) {
			blame(lost[i], how);
			continue;
		}
		if (blamed == 0 && is_suspect(p, lost[i]))
			(void)map_put_id(p->suspects, lost[i]->feed_id, p);
		attempt_cancelled(lost[i]);
	}
	free(lost);
	pipeline_pump(p);
}
