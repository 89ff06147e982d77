/* SPDX-License-Identifier: ISC */
/*
 * A year of polling, simulated: ten thousand feeds with every rhythm and fault go
 * through the real schedule, with outages, a machine that sleeps and a clock that
 * jumps.  What must hold is asserted at each request.
 */
#include "tests/unit/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "schedule/plan.h"
#include "schedule/schedule.h"

#define SEC MSEC_PER_SEC
#define MIN MSEC_PER_MIN
#define HOUR MSEC_PER_HOUR
#define DAY MSEC_PER_DAY
#define T0 ((msec_t)1790000000123) /* some day in 2026 */

#ifdef WITH_SANITIZER
#define FEEDS 400 /* the same year, fewer feeds: it runs ten times slower */
#else
#define FEEDS 10000
#endif
#define HOSTS (FEEDS / 5)
/* After a sleep or an outage, in its first minute; chance spreads few feeds more. */
#define RUSH (FEEDS / 6 + (FEEDS < 1000 ? 40 : 0))
#define YEAR (365 * DAY)

enum fault {
	FAULT_NONE,
	FAULT_DEAD,     /* 404 for ever */
	FAULT_GONE,     /* 410 */
	FAULT_SHAKY,    /* 500 now and then */
	FAULT_SLOW,     /* times out now and then */
	FAULT_THROTTLES /* 429 now and then, for an hour */
};

struct feed {
	enum fault fault;
	msec_t gap; /* between its items */
	msec_t ttl, max_age;
	uint32_t skip_hours;
	bool bare; /* no validators */
	bool inflight;
	uint32_t requests, failures, failures_before;
	msec_t asked, ended; /* real; 0: never */
	msec_t ends;         /* real, of the one in flight */
	msec_t wait_before;  /* an outage that was taken for its own failure; or 0 */
	msec_t wait;         /* until the next, as the last answer had it */
	uint32_t epoch;      /* of its last request */
	bool answered, gone;
};

/* What is to happen to the machine, in order. */
enum happening { OUTAGE, OUTAGE_ENDS, SLEEP, CLOCK };
static const struct {
	msec_t at; /* real */
	enum happening what;
	msec_t by; /* of sleeps and jumps */
} happenings[] = {
    {20 * DAY, OUTAGE, 0},
    {20 * DAY + 12 * HOUR, OUTAGE_ENDS, 0},
    {50 * DAY, SLEEP, 9 * HOUR},
    {80 * DAY, CLOCK, HOUR},
    {110 * DAY, CLOCK, -2 * HOUR},
    {140 * DAY, CLOCK, 400 * DAY},             /* a clock that was wrong ... */
    {140 * DAY + 20 * MIN, CLOCK, -400 * DAY}, /* ... and was set right */
    {180 * DAY, OUTAGE, 0},
    {182 * DAY, OUTAGE_ENDS, 0},
    {230 * DAY, SLEEP, 10 * DAY},
    {290 * DAY, OUTAGE, 0},
    {290 * DAY + 5 * MIN, OUTAGE_ENDS, 0},
};
#define HAPPENINGS (sizeof(happenings) / sizeof(happenings[0]))

static struct {
	struct schedule *schedule;
	struct settings settings;
	struct feed feeds[FEEDS + 1];
	msec_t host_end[HOSTS];
	bool host_busy[HOSTS], host_throttles[HOSTS];
	int64_t inflight[64]; /* ids */
	unsigned live;
	msec_t real, offset; /* wall = T0 + real + offset */
	bool is_out;
	msec_t back;    /* real: end of the last outage, sleep or jump */
	uint32_t epoch; /* counts them */
	size_t happened;
	uint64_t random, total;
	unsigned burst; /* starts within this second */
	msec_t burst_at;
	unsigned rush; /* starts within the minute after the last happening */
} y;

#ifndef WITH_SANITIZER /* whose runtime has its own */
/* The hash tables' seed, which decides who of several is first: every run is the same
 * year. */
ssize_t
getrandom(void *data, size_t size, unsigned flags)
{
	(void)flags;
	memset(data, 26, size);
	return (ssize_t)size;
}
#endif

static msec_t
wall(void)
{
	return T0 + y.real + y.offset;
}

static int64_t
dice(int64_t sides)
{
	return plan_random(&y.random, sides - 1);
}

static size_t
host_of(int64_t id)
{
	/* A tenth of the hosts has half of the feeds. */
	return id % 2 == 0 ? (size_t)id % (HOSTS / 10) : (size_t)id % HOSTS;
}

static void
make_feed(int64_t id)
{
	static const msec_t gaps[] = {DAY, 2 * DAY, 2 * DAY, 3 * DAY, 3 * DAY,
	    4 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY};
	struct feed *feed = &y.feeds[id];
	struct feed_plan plan = {.id = id, .name = "f"};
	char url[64];

	/* The busiest press on the floor. */
	feed->gap = id % 200 == 3 ? 10 * MIN
	    : id % 100 == 1       ? HOUR
	    : id % 50 == 2        ? 8 * HOUR
				  : gaps[id % 10];
	feed->fault = id % 97 == 0 ? FAULT_DEAD
	    : id % 89 == 0         ? FAULT_GONE
	    : id % 83 == 0         ? FAULT_SHAKY
	    : id % 79 == 0         ? FAULT_SLOW
	    : id % 401 == 0        ? FAULT_THROTTLES
				   : FAULT_NONE;
	if (feed->fault == FAULT_THROTTLES)
		y.host_throttles[host_of(id)] = true;
	feed->ttl = id % 73 == 0 ? 12 * HOUR : 0;
	feed->max_age = id % 71 == 0 ? 3 * HOUR : 0;
	feed->skip_hours = id % 67 == 0 ? 0x0000FF : 0;
	feed->bare = id % 61 == 0;
	(void)snprintf(url, sizeof(url), "http://h%zu.example.org/%lld", host_of(id),
	    (long long)id);
	plan.url = url;
	schedule_put(y.schedule, &plan, wall());
}

/* -- Requests -------------------------------------------------------------------- */

static struct batch
answer_of(const struct feed *feed)
{
	struct batch batch = {.outcome = OUTCOME_UNCHANGED, .http_status = 304};
	int64_t n = dice(1000);

	batch.hints.has_validators = !feed->bare;
	batch.hints.max_age = feed->max_age;
	batch.hints.has_max_age = feed->max_age != 0;
	if (y.is_out) {
		batch.outcome = n < 500 ? OUTCOME_DNS_AGAIN : OUTCOME_CONNECT;
		batch.http_status = 0;
	} else if (feed->fault == FAULT_DEAD) {
		batch =
		    (struct batch){.outcome = OUTCOME_NOT_FOUND, .http_status = 404};
	} else if (feed->fault == FAULT_GONE) {
		batch = (struct batch){.outcome = OUTCOME_GONE, .http_status = 410};
	} else if (feed->fault == FAULT_SHAKY && n < 300) {
		batch = (struct batch){
		    .outcome = OUTCOME_SERVER_ERROR, .http_status = 500};
	} else if (feed->fault == FAULT_SLOW && n < 200) {
		batch = (struct batch){.outcome = OUTCOME_TIMEOUT};
	} else if (feed->fault == FAULT_THROTTLES && n < 50) {
		batch =
		    (struct batch){.outcome = OUTCOME_THROTTLED, .http_status = 429};
		batch.hints.retry_after = HOUR;
	} else if (!feed->answered || feed->bare || n < 250) {
		batch.outcome = OUTCOME_OK;
		batch.http_status = 200;
		batch.hints.median_gap = feed->gap;
		batch.hints.ttl = feed->ttl;
		batch.hints.skip_hours = feed->skip_hours;
	}
	return batch;
}

/* Never more often than the floor, but once after the clock was set or the machine
 * slept; never in an hour that the feed excludes. */
static void
check_floor(const struct feed *feed, int64_t id)
{
	unsigned hour = (unsigned)(wall() / HOUR % 24);

	if (feed->epoch != y.epoch || feed->asked == 0 || y.is_out)
		return;
	if (y.real - feed->ended < 15 * MIN)
		fail_msg("feed %lld asked again after %lld s", (long long)id,
		    (long long)((y.real - feed->ended) / SEC));
	if (feed->answered && feed->failures == 0 &&
	    ((feed->skip_hours >> hour) & 1) != 0)
		fail_msg("feed %lld asked in a skipped hour", (long long)id);
}

/* Nobody starves: a feed is asked when its last answer said, and a little later; after
 * an outage, a sleep or a jump within that time from then on. */
static void
check_turn(const struct feed *feed, int64_t id)
{
	msec_t since = feed->ended > y.back ? feed->ended : y.back;
	msec_t most = feed->wait + 12 * MIN;

	if (feed->asked == 0 || y.is_out)
		return;
	/* The night that it skips; and its host's hold, an hour and its jitter, which
	 * may come again and again. */
	most += feed->skip_hours != 0 ? 9 * HOUR : 0;
	most += y.host_throttles[host_of(id)] ? 8 * HOUR : 20 * MIN;
	if (y.real - since > most)
		fail_msg("feed %lld was asked after %lld min, not %lld",
		    (long long)id, (long long)((y.real - since) / MIN),
		    (long long)(most / MIN));
}

static void
start(int64_t id)
{
	struct feed *feed = &y.feeds[id];
	size_t host = host_of(id);

	check_floor(feed, id);
	check_turn(feed, id);
	assert_false(feed->gone);
	assert_false(y.host_busy[host]);
	assert_true(y.host_end[host] == 0 || y.real - y.host_end[host] >= SEC ||
	    feed->epoch != y.epoch);
	assert_true(y.live < y.settings.concurrency);
	if (y.real - y.burst_at >= SEC) {
		y.burst = 0;
		y.burst_at = y.real;
	}
	y.burst++;
	if (y.burst > 128) /* twice what may be in flight */
		fail_msg("%u requests within a second, day %lld", y.burst,
		    (long long)(y.real / DAY));
	y.rush += y.real - y.back < MIN;
	if (y.epoch > 0 && y.rush > RUSH)
		fail_msg("%u of %d feeds within a minute, day %lld", y.rush, FEEDS,
		    (long long)(y.real / DAY));
	y.host_busy[host] = true;
	y.inflight[y.live++] = id;
	feed->inflight = true;
	feed->asked = y.real;
	feed->ends = y.real + 100 + dice(2000);
	feed->epoch = y.epoch;
	feed->requests++;
	y.total++;
}

static void
on_forgiven(void *arg, int64_t id, unsigned failures)
{
	(void)arg;
	y.feeds[id].failures = failures;
}

static void
end(unsigned place)
{
	int64_t id = y.inflight[place];
	struct feed *feed = &y.feeds[id];
	struct batch batch = answer_of(feed);
	bool was_offline = schedule_is_offline(y.schedule);
	struct feed_plan plan;

	y.inflight[place] = y.inflight[--y.live];
	assert_true(schedule_done(y.schedule, id, &batch,
	    batch.outcome == OUTCOME_OK && dice(4) == 0, wall(), &plan, NULL));
	y.host_busy[host_of(id)] = false;
	y.host_end[host_of(id)] = y.real;
	feed->inflight = false;
	feed->ended = y.real;
	feed->failures = plan.failures;
	feed->gone = plan.gone;
	feed->answered = feed->answered || !outcome_is_failure(batch.outcome);
	if (!was_offline && schedule_is_offline(y.schedule))
		schedule_forgive(y.schedule, on_forgiven, NULL);
	/* Until the network is known to be down, its silence is the feed's failure. */
	if (!outcome_is_offline(batch.outcome)) {
		feed->wait = plan.due - wall();
		feed->wait_before = 0;
	} else if (!schedule_is_offline(y.schedule)) {
		if (feed->wait_before == 0)
			feed->wait_before = feed->wait;
		if (plan.due - wall() > feed->wait)
			feed->wait = plan.due - wall();
	}
	assert_true(plan.gone || plan.due > wall());
	assert_true(plan.due - wall() <= 8 * DAY);
}

/* -- The machine ------------------------------------------------------------------- */

/* No feed has a failure more because the network was down, once that is known. */
static void
check_blame(void)
{
	int64_t id;

	for (id = 1; id <= FEEDS; id++) {
		if (y.feeds[id].failures > y.feeds[id].failures_before &&
		    schedule_is_offline(y.schedule) &&
		    y.feeds[id].fault == FAULT_NONE)
			fail_msg("feed %lld is blamed for an outage", (long long)id);
	}
}

static void
happen(void)
{
	msec_t by = happenings[y.happened].by;
	int64_t id;

	switch (happenings[y.happened++].what) {
	case OUTAGE:
		y.is_out = true;
		for (id = 1; id <= FEEDS; id++)
			y.feeds[id].failures_before = y.feeds[id].failures;
		break;
	case OUTAGE_ENDS:
		check_blame();
		/* It was noticed: who was blamed before that is so no more. */
		for (id = 1; schedule_is_offline(y.schedule) && id <= FEEDS; id++) {
			if (y.feeds[id].wait_before != 0)
				y.feeds[id].wait = y.feeds[id].wait_before;
		}
		y.is_out = false;
		break;
	case SLEEP:
		y.real += by; /* what was in flight ends when it wakes */
		schedule_jumped(y.schedule, wall(), by);
		break;
	case CLOCK:
		y.offset += by;
		schedule_jumped(y.schedule, wall(), by);
		break;
	}
	y.back = y.real;
	y.rush = 0;
	y.epoch++;
}

/* When something happens next: an answer, a start, or a happening. */
static msec_t
next_time(msec_t wake)
{
	msec_t next = YEAR;
	unsigned i;

	if (wake != INT64_MAX && wake - T0 - y.offset < next)
		next = wake - T0 - y.offset;
	for (i = 0; i < y.live; i++) {
		if (y.feeds[y.inflight[i]].ends < next)
			next = y.feeds[y.inflight[i]].ends;
	}
	if (y.happened < HAPPENINGS && happenings[y.happened].at < next)
		next = happenings[y.happened].at;
	return next > y.real ? next : y.real + 1;
}

static void
turn(void)
{
	msec_t wake = INT64_MAX;
	unsigned i;
	int64_t id;

	while (y.happened < HAPPENINGS && happenings[y.happened].at <= y.real)
		happen();
	for (i = y.live; i-- > 0;) {
		if (y.feeds[y.inflight[i]].ends <= y.real)
			end(i);
	}
	while ((id = schedule_next(y.schedule, wall(), &wake)) != 0)
		start(id);
	y.real = next_time(wake);
}

static void
test_year(void **state)
{
	int64_t id, gone = 0, cpu = clock_cpu_usec();

	(void)state;
	y.settings = (struct settings){.concurrency = 64,
	    .per_host = 1,
	    .per_host_pause = SEC,
	    .min_interval = 15 * MIN,
	    .max_interval = DAY,
	    .first_interval = HOUR,
	    .manual_min = 5 * MIN,
	    .unconditional = 6 * HOUR,
	    .revalidate = 8 * DAY,
	    .move_after = 2 * DAY,
	    .gone_after = DAY,
	    .retry_after_max = 7 * DAY,
	    .throttle_wait = 15 * MIN,
	    .learn_after = DAY,
	    .start_spread = 10 * MIN};
	y.random = 20260101;
	y.schedule = schedule_new(&y.settings, 4711);
	for (id = 1; id <= FEEDS; id++)
		make_feed(id);
	while (y.real < YEAR)
		turn();
	for (id = 1; id <= FEEDS; id++) {
		struct feed *feed = &y.feeds[id];

		gone += feed->gone;
		if (feed->fault == FAULT_NONE)
			/* Once a day and a twentieth, but for a fortnight asleep or offline. */
			assert_in_range(feed->requests, 320, 365 * 96);
		else if (feed->fault == FAULT_GONE)
			assert_in_range(feed->requests, 2, 20);
		else
			assert_in_range(feed->requests, 40, 365 * 96);
		/* Alive to the end. */
		if (!feed->gone && !feed->inflight)
			check_turn(feed, id);
	}
	assert_true(gone > 0);
	print_message("# %llu requests in a year of %d feeds; %.1f s of CPU\n",
	    (unsigned long long)y.total, FEEDS,
	    (double)(clock_cpu_usec() - cpu) / 1e6);
	schedule_free(y.schedule);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_year),
	};

	return CHECK_RUN(tests);
}
