/* SPDX-License-Identifier: ISC */
/*
 * What a schedule of 100,000 feeds costs: memory in the service process, and the
 * time to begin and end an attempt.
 *
 *	bench_schedule [FEEDS]	feeds on a tenth as many hosts
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "schedule/schedule.h"

#define T0 ((msec_t)1790000000123)
#define ALLOWED_MB 60

/* Resident, in MB. */
static double
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (f == NULL || fscanf(f, "%*d %ld", &pages) != 1)
		perror("/proc/self/statm");
	if (f != NULL)
		fclose(f);
	return (double)pages * 4096 / 1e6;
}

static void
put_all(struct schedule *s, int64_t feeds)
{
	char url[80], name[32];
	struct feed_plan plan;
	int64_t id;

	for (id = 1; id <= feeds; id++) {
		(void)snprintf(url, sizeof(url),
		    "https://www.h%lld.example.org/feed/%lld.xml",
		    (long long)(id % (feeds / 10 + 1)), (long long)id);
		(void)snprintf(name, sizeof(name), "feed-%lld", (long long)id);
		plan = (struct feed_plan){.id = id, .name = name, .url = url};
		schedule_put(s, &plan, T0);
	}
}

/* Every feed once, whenever it may; how many that were. */
static int64_t
poll_all(struct schedule *s, int64_t feeds)
{
	const struct batch batch = {.outcome = OUTCOME_UNCHANGED,
	    .http_status = 304,
	    .hints = {.has_validators = true}};
	struct feed_plan plan;
	msec_t now = T0, wake;
	int64_t done = 0, id;

	while (done < feeds && now < T0 + MSEC_PER_DAY) {
		id = schedule_next(s, now, &wake);
		if (id == 0) {
			now = wake > now ? wake : now + 1;
			continue;
		}
		if (!schedule_done(s, id, &batch, 0, now, &plan, NULL))
			break;
		done++;
	}
	return done;
}

int
main(int argc, char **argv)
{
	const struct settings settings = {.concurrency = 64,
	    .per_host = 1,
	    .per_host_pause = MSEC_PER_SEC,
	    .min_interval = 15 * MSEC_PER_MIN,
	    .max_interval = MSEC_PER_DAY,
	    .first_interval = MSEC_PER_HOUR,
	    .unconditional = 6 * MSEC_PER_HOUR,
	    .revalidate = 8 * MSEC_PER_DAY,
	    .start_spread = 10 * MSEC_PER_MIN};
	int64_t feeds = argc > 1 ? atoll(argv[1]) : 100000, start, done;
	double before = resident(), after;
	struct schedule *s = schedule_new(&settings, 4711);

	put_all(s, feeds);
	start = clock_cpu_usec();
	done = poll_all(s, feeds);
	start = clock_cpu_usec() - start;
	after = resident();
	printf(
	    "schedule: %lld feeds in %.1f MB (%d allowed for 100,000), %.0f B each; "
	    "%.2f us an attempt\n",
	    (long long)feeds, after - before, ALLOWED_MB,
	    (after - before) * 1e6 / (double)feeds,
	    (double)start / (double)(done > 0 ? done : 1));
	schedule_free(s);
	return done == feeds ? 0 : 1;
}
