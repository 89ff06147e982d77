/* SPDX-License-Identifier: ISC */
/* The queues of hosts: whose turn it is, outages, clocks that jump, a month of it. */
#include "tests/unit/scheduletest.h"

static void
test_one_at_a_time(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	msec_t wake;

	(void)state;
	schedule_rush(s);
	put(s, 1, "http://a.example.org/1", T0 - 5, T0 - 2 * HOUR, T0);
	put(s, 2, "http://a.example.org/2", T0 - 9, T0 - 5 * HOUR, T0);
	put(s, 3, "http://b.example.org/3", T0 - 1, T0 - HOUR, T0);
	/* The least recently fetched of the host first; the other host beside it. */
	assert_int_equal(schedule_next(s, T0, &wake), 2);
	assert_int_equal(schedule_next(s, T0, &wake), 3);
	assert_int_equal(schedule_next(s, T0, &wake), 0);
	assert_int_equal(wake, INT64_MAX);
	(void)done(s, 2, OUTCOME_OK, 200, T0 + 500);
	assert_int_equal(schedule_next(s, T0 + 500, &wake), 0);
	assert_int_equal(wake, T0 + 1500);
	assert_int_equal(schedule_next(s, T0 + 1500, &wake), 1);
	(void)done(s, 1, OUTCOME_OK, 200, T0 + 2000);
	(void)done(s, 3, OUTCOME_OK, 200, T0 + 2000);
	assert_int_equal(schedule_next(s, T0 + 9000, &wake), 0);
	assert_true(wake >= T0 + HOUR && wake < T0 + 2 * HOUR);
	schedule_free(s);
}

static void
test_waits(void **state)
{
	struct settings settings = defaults();
	struct schedule *s;
	struct buf reasons = {0};
	char url[64];
	msec_t wake;
	int64_t id;

	(void)state;
	settings.concurrency = 2;
	s = schedule_new(&settings, 1);
	schedule_rush(s);
	for (id = 1; id <= 5; id++) {
		snprintf(
		    url, sizeof(url), "http://h%lld.example.org/", (long long)id);
		put(s, id, url, T0 - 10 + id, T0 - 9 * HOUR + id, T0);
	}
	/* Who waits for a name makes room for the next. */
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	assert_int_equal(schedule_next(s, T0, &wake), 2);
	assert_int_equal(schedule_next(s, T0, &wake), 0);
	schedule_wait(s, 1, true);
	schedule_wait(s, 1, true);
	assert_true(schedule_waits(s, 1));
	schedule_explain(s, 1, T0, &reasons);
	assert_non_null(strstr(buf_text(&reasons), "its host's name"));
	buf_done(&reasons);
	assert_int_equal(schedule_inflight(s), 1);
	assert_int_equal(schedule_next(s, T0, &wake), 3);
	schedule_wait(s, 3, true);
	assert_int_equal(schedule_next(s, T0, &wake), 4);
	assert_int_equal(schedule_next(s, T0, &wake), 0);
	/* When the name is known there may be more for a moment, but none is added. */
	schedule_wait(s, 1, false);
	assert_int_equal(schedule_inflight(s), 3);
	(void)done(s, 2, OUTCOME_OK, 200, T0);
	assert_int_equal(schedule_next(s, T0, &wake), 0);
	/* A look-up that fails had no place to give back. */
	(void)done(s, 3, OUTCOME_DNS, 0, T0);
	assert_false(schedule_waits(s, 3));
	assert_int_equal(schedule_inflight(s), 2);
	(void)done(s, 1, OUTCOME_OK, 200, T0);
	assert_int_equal(schedule_next(s, T0, &wake), 5);
	assert_int_equal(schedule_inflight(s), 2);
	/* Not of one that is not under way. */
	schedule_wait(s, 1, true);
	assert_int_equal(schedule_inflight(s), 2);
	schedule_free(s);
}

/* What a clock wrote that was a year ahead counts as now. */
static void
test_clock_was_ahead(void **state)
{
	struct settings settings = defaults();
	msec_t ahead = T0 + 365 * DAY, wake;
	struct schedule_refusal no;
	struct plan plan = {.feed = {.id = 1, .failures = 1},
	    .memory = {.first = ahead, .gone_at = ahead, .sighted = ahead}};
	struct schedule *s = schedule_new(&settings, 1);
	struct buf reasons = {0};

	(void)state;
	attempt(&plan, &settings, answer(OUTCOME_GONE, 410), T0, &reasons);
	assert_in_range(plan.feed.due - T0, DAY, DAY + 3 * HOUR);
	assert_int_equal(plan.memory.first, T0);
	assert_int_equal(plan.memory.sighted, T0);
	attempt(&plan, &settings, answer(OUTCOME_GONE, 410), T0 + DAY, &reasons);
	assert_true(plan.feed.gone);

	put(s, 1, "http://a.example.org/1", T0 + DAY, ahead, T0);
	assert_int_equal(schedule_ask(s, 1, false, T0, &no), -EAGAIN);
	assert_int_equal(no.when, T0 + 5 * MIN);
	assert_int_equal(schedule_ask(s, 1, false, T0 + 5 * MIN, &no), 0);
	assert_int_equal(schedule_next(s, T0 + 5 * MIN, &wake), 1);
	schedule_free(s);
	buf_done(&reasons);
}

static void
test_offline(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct feed_plan plan;
	char url[64];
	msec_t wake, now = T0;
	int64_t id;
	int i, started = 0;

	(void)state;
	for (i = 1; i <= 40; i++) {
		(void)snprintf(url, sizeof(url), "http://h%d.example.org/", i);
		put(s, i, url, T0, T0 - DAY, T0 - 1);
	}
	put(s, 99, "http://127.0.0.1:8000/", T0, T0 - DAY, T0 - 1);
	for (i = 0; i < 41; i++) {
		id = schedule_next(s, now, &wake);
		assert_int_not_equal(id, 0);
		plan = done(s, id, id == 99 ? OUTCOME_OK : OUTCOME_DNS,
		    id == 99 ? 200 : 0, now);
		assert_true(plan.failures <= 1);
	}
	assert_true(schedule_is_offline(s));
	/* Half a day of it: one probe each half minute, the near host goes on. */
	for (; now < T0 + 12 * HOUR; now += SEC) {
		while ((id = schedule_next(s, now, &wake)) != 0) {
			if (id != 99)
				started++;
			plan = done(s, id, id == 99 ? OUTCOME_OK : OUTCOME_CONNECT,
			    id == 99 ? 200 : 0, now);
			assert_true(plan.failures <= 1);
		}
	}
	assert_in_range(started, 12 * 60, 12 * 120);
	assert_true(schedule_is_offline(s));
	/* Back: all are asked within a quarter of an hour, not all at once. */
	started = 0;
	for (; now < T0 + 12 * HOUR + 20 * MIN; now += SEC) {
		int burst = 0;

		while ((id = schedule_next(s, now, &wake)) != 0) {
			(void)done(s, id, OUTCOME_OK, 200, now);
			burst++;
			started++;
		}
		if (burst > 10)
			fail_msg("burst %d at +%lld", burst,
			    (long long)((now - T0 - 12 * HOUR) / SEC));
	}
	assert_false(schedule_is_offline(s));
	assert_true(started >= 40);
	schedule_free(s);
}

static void
on_forgiven(void *arg, int64_t feed_id, unsigned failures)
{
	unsigned *left = arg;

	assert_in_range(feed_id, 1, 8);
	left[feed_id] = failures;
}

/* An outage that is known when a fifth host is silent, and ends when `answers` is
 * answered.  Feed 1 failed first, and feed 2 of its host some seconds later. */
static void
outage(int64_t answers)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	unsigned left[9];
	char url[64];
	msec_t wake, now = T0;
	int64_t id;
	int i;

	for (i = 1; i <= 7; i++) {
		/* 1, 2 and 7 on one host. */
		(void)snprintf(url, sizeof(url), "http://h%d.example.org/%d",
		    i == 2 || i == 7 ? 1 : i, i);
		put(s, i, url, i == 7 ? T0 + HOUR : T0 + (i - 1) * 10 * SEC,
		    T0 - DAY, T0 - HOUR);
	}
	for (; !schedule_is_offline(s); now += SEC) {
		assert_true(now < T0 + 5 * MIN);
		while ((id = schedule_next(s, now, &wake)) != 0)
			(void)done(s, id, OUTCOME_CONNECT, 0, now);
	}
	assert_true(schedule_due(s, 1) > now + HOUR);
	schedule_forgive(s, on_forgiven, left);
	for (; schedule_is_offline(s); now += SEC) {
		assert_true(now < T0 + 4 * HOUR);
		while ((id = schedule_next(s, now, &wake)) != 0)
			(void)done(s, id,
			    id == answers ? OUTCOME_OK : OUTCOME_CONNECT,
			    id == answers ? 200 : 0, now);
	}
	assert_true(schedule_due(s, 1) < now + 20 * MIN);
	schedule_free(s);
}

/* Whose turn came before the outage was known is asked soon after it. */
static void
test_offline_first(void **state)
{
	(void)state;
	outage(6); /* another host's */
	outage(7); /* of the same host */
}

/* Feeds 1 to `count`, each on a host of its own: those up to `at_once` due at T0, each
 * other one `apart` after the one before. */
static void
put_hosts(struct schedule *s, int count, msec_t apart, int at_once)
{
	char url[64];
	int i;

	for (i = 1; i <= count; i++) {
		(void)snprintf(url, sizeof(url), "http://h%d.example.org/", i);
		put(s, i, url, i <= at_once ? T0 : T0 + i * apart, T0 - DAY,
		    T0 - HOUR);
	}
}

/* What failed before the outage was known is forgiven, but not a feed whose host was
 * silent while others answered, nor what was another fault. */
static void
test_offline_forgives(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	unsigned left[9] = {9, 9, 9, 9, 9, 9, 9, 9, 9};
	msec_t wake, now = T0;
	int64_t id;

	(void)state;
	/* 1 has failed for long; 2 comes often; 3 fails in its own way. */
	put_hosts(s, 8, 3 * HOUR, 3);
	for (; now < T0 + 3 * HOUR; now += SEC) {
		while ((id = schedule_next(s, now, &wake)) != 0)
			(void)done(s, id,
			    id == 1       ? OUTCOME_CONNECT
				: id == 3 ? OUTCOME_SERVER_ERROR
					  : OUTCOME_OK,
			    id == 1       ? 0
				: id == 3 ? 500
					  : 200,
			    now);
	}
	assert_true(schedule_failures(s, 1) > 1);
	left[3] = schedule_failures(s, 3);
	assert_true(left[3] > 1);
	for (; !schedule_is_offline(s); now += SEC) {
		assert_true(now < T0 + 2 * DAY);
		while ((id = schedule_next(s, now, &wake)) != 0)
			(void)done(s, id, OUTCOME_DNS_AGAIN, 0, now);
	}
	assert_true(schedule_failures(s, 2) > 2);
	schedule_forgive(s, on_forgiven, left);
	assert_int_equal(left[1], 9);
	assert_true(schedule_failures(s, 1) > 1);
	assert_int_equal(left[2], 0);
	assert_int_equal(schedule_failures(s, 2), 0);
	assert_int_equal(left[3], schedule_failures(s, 3));
	assert_true(left[3] > 1);
	assert_int_equal(left[4], 0);
	/* Once. */
	left[2] = 9;
	schedule_forgive(s, on_forgiven, left);
	assert_int_equal(left[2], 9);
	schedule_free(s);
}

/* How often what is told of the feed says that it is offline: what its last attempt
 * left, and what holds now. */
static unsigned
times_offline(const struct schedule *s, int64_t id, const char *left, msec_t now)
{
	struct buf reasons = {0};
	unsigned count = 0;
	const char *at;

	buf_puts(&reasons, left);
	schedule_explain(s, id, now, &reasons);
	for (at = buf_text(&reasons); (at = strstr(at, "offline ")) != NULL; at++)
		count++;
	buf_done(&reasons);
	return count;
}

/* Whether a feed failed in the outage or before it was known: it is said once. */
static void
test_offline_said(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct batch batch = answer(OUTCOME_CONNECT, 0);
	struct buf reasons[9] = {{0}};
	struct feed_plan plan;
	msec_t wake, now = T0;
	int64_t id, last = 0;
	unsigned i;

	(void)state;
	put_hosts(s, 8, 20 * SEC, 8);
	while (!schedule_is_offline(s)) {
		last = schedule_next(s, now, &wake);
		assert_in_range(last, 1, 8);
		assert_true(
		    schedule_done(s, last, &batch, 0, now, &plan, &reasons[last]));
	}
	assert_int_equal(times_offline(s, last, buf_text(&reasons[last]), now), 1);
	for (id = 1; id <= 8; id++) {
		if (reasons[id].len > 0)
			assert_int_equal(
			    times_offline(s, id, buf_text(&reasons[id]), now), 1);
	}
	for (i = 0; i < 9; i++)
		buf_done(&reasons[i]);
	schedule_free(s);
}

/* The first host that an outage silences, and two that still answered a moment later. */
static void
test_offline_at_once(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	unsigned left[9] = {9, 9, 9, 9, 9, 9, 9, 9, 9};
	msec_t wake, now = T0;
	int64_t id;

	(void)state;
	put_hosts(s, 7, 20 * SEC, 0);
	for (; !schedule_is_offline(s); now += SEC) {
		assert_true(now < T0 + DAY);
		while ((id = schedule_next(s, now, &wake)) != 0) {
			bool ok = now < T0 + 70 * SEC && (id == 2 || id == 3);

			(void)done(s, id, ok ? OUTCOME_OK : OUTCOME_CONNECT,
			    ok ? 200 : 0, now);
		}
	}
	assert_true(schedule_failures(s, 1) > 0);
	schedule_forgive(s, on_forgiven, left);
	assert_int_equal(left[1], 0);
	schedule_free(s);
}

static void
test_clock_jumps(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	msec_t wake, now = T0, due;
	int64_t id;

	(void)state;
	schedule_rush(s);
	put(s, 1, "http://a.example.org/1", T0, T0 - DAY, T0);
	id = schedule_next(s, now, &wake);
	assert_int_equal(id, 1);
	(void)done(s, id, OUTCOME_OK, 200, now);
	due = schedule_due(s, 1);
	assert_true(due > now + HOUR - 1);
	/* Two days back: the due time is as far ahead as it was. */
	now = T0 - 2 * DAY;
	schedule_jumped(s, now, -2 * DAY);
	assert_true(schedule_due(s, 1) <= now + 2 * HOUR);
	/* A year ahead: once, and then the usual interval. */
	now = T0 + 365 * DAY;
	schedule_jumped(s, now, 367 * DAY);
	assert_int_equal(schedule_next(s, now + 10 * MIN, &wake), 1);
	(void)done(s, 1, OUTCOME_OK, 200, now + 10 * MIN);
	assert_int_equal(schedule_next(s, now + HOUR, &wake), 0);
	schedule_free(s);
}

static void
test_start_spread(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 7);
	char url[64];
	msec_t wake, now, last = 0;
	int64_t id;
	int i, started = 0, most = 0, burst;

	(void)state;
	for (i = 1; i <= 2000; i++) {
		(void)snprintf(url, sizeof(url), "http://h%d.example.org/", i);
		put(s, i, url, 0, 0, T0);
	}
	for (now = T0; now < T0 + 15 * MIN; now += SEC) {
		burst = 0;
		while ((id = schedule_next(s, now, &wake)) != 0) {
			(void)done(s, id, OUTCOME_OK, 200, now);
			burst++;
			started++;
			last = now;
		}
		most = burst > most ? burst : most;
	}
	assert_int_equal(started, 2000);
	assert_true(last - T0 > 5 * MIN && last - T0 <= 10 * MIN + SEC);
	assert_true(most <= 20); /* 5 a second on average */
	schedule_free(s);
}

/* -- A month in a second --------------------------------------------------- */

#define SIM_FEEDS 500
#define SIM_HOSTS 120
#define SIM_DAYS 31

struct sim_feed {
	msec_t last, ends; /* of the last request; when the one in flight ends */
	unsigned requests, failures;
	bool inflight, dead;
};

static msec_t host_end[SIM_HOSTS];
static bool host_busy[SIM_HOSTS];

static struct batch
sim_answer(int64_t id, const struct sim_feed *feed, bool outage, uint64_t *random)
{
	struct batch batch = answer(OUTCOME_UNCHANGED, 304);
	msec_t dice = plan_random(random, 999);

	if (outage)
		return answer(dice < 500 ? OUTCOME_DNS_AGAIN : OUTCOME_CONNECT, 0);
	if (feed->dead)
		return answer(OUTCOME_NOT_FOUND, 404);
	if (dice < 20)
		return answer(OUTCOME_TIMEOUT, 0);
	if (dice < 25)
		return answer(OUTCOME_SERVER_ERROR, 502);
	if (dice < 300) {
		batch = answer(OUTCOME_OK, 200);
		batch.hints.median_gap = (id % 48 + 1) * HOUR;
	}
	return batch;
}

static void
sim_start(struct sim_feed *feed, int64_t id, msec_t now, uint64_t *random)
{
	size_t host = (size_t)id % SIM_HOSTS;

	/* The floor of 15 minutes, and one request a host with a second between.
	 * Probes while offline reach no server, so they do not count. */
	if (feed->last != 0 && now - feed->last < 15 * MIN)
		fail_msg("feed %lld asked again after %lld s", (long long)id,
		    (long long)((now - feed->last) / SEC));
	assert_false(host_busy[host]);
	assert_true(host_end[host] == 0 || now - host_end[host] >= SEC);
	host_busy[host] = true;
	feed->inflight = true;
	feed->requests++;
	feed->ends = now + 100 + plan_random(random, 3000);
}

static void
sim_end(struct schedule *s, struct sim_feed *feed, int64_t id, bool outage,
    msec_t now, uint64_t *random)
{
	struct batch batch = sim_answer(id, feed, outage, random);
	struct feed_plan plan = {0};
	struct buf reasons = {0};

	assert_true(schedule_done(s, id, &batch,
	    batch.outcome == OUTCOME_OK && plan_random(random, 3) == 0, now, &plan,
	    &reasons));
	assert_true(reasons.len > 0);
	assert_true(plan.due > now);
	assert_true(plan.due - now <= 8 * DAY);
	feed->failures = plan.failures;
	feed->inflight = false;
	feed->last = outcome_is_offline(batch.outcome) ? 0 : now;
	host_busy[(size_t)id % SIM_HOSTS] = false;
	host_end[(size_t)id % SIM_HOSTS] = now;
	buf_done(&reasons);
}

/* Who was not asked within a day and a bit although it answers? */
static void
sim_check(const struct sim_feed *feeds, msec_t now, msec_t outage_end)
{
	int64_t id;

	for (id = 1; id <= SIM_FEEDS; id++) {
		if (feeds[id].dead || feeds[id].inflight || feeds[id].failures > 0)
			continue;
		if (now - feeds[id].last > DAY + DAY / 5 &&
		    now - outage_end > DAY + DAY / 5)
			fail_msg("feed %lld starves for %lld h", (long long)id,
			    (long long)((now - feeds[id].last) / HOUR));
	}
}

static void
test_month(void **state)
{
	static struct sim_feed feeds[SIM_FEEDS + 1];
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 2026);
	const msec_t outage = T0 + 10 * DAY, outage_end = outage + 12 * HOUR;
	uint64_t random = 4711;
	msec_t now, wake;
	int64_t id;
	unsigned most = 0, started, live = 0, failing = 0;
	char url[64];
	bool is_out;

	(void)state;
	for (id = 1; id <= SIM_FEEDS; id++) {
		(void)snprintf(url, sizeof(url), "http://h%d.example.org/%d",
		    (int)(id % SIM_HOSTS), (int)id);
		put(s, id, url, 0, 0, T0);
		feeds[id].dead = id % 50 == 0;
	}
	for (now = T0; now < T0 + SIM_DAYS * DAY; now += SEC) {
		is_out = now >= outage && now < outage_end;
		if (live > 0) {
			for (id = 1; id <= SIM_FEEDS; id++) {
				if (feeds[id].inflight && feeds[id].ends <= now) {
					sim_end(
					    s, &feeds[id], id, is_out, now, &random);
					live--;
				}
			}
		}
		started = 0;
		while ((id = schedule_next(s, now, &wake)) != 0) {
			sim_start(&feeds[id], id, now, &random);
			live++;
			started++;
		}
		assert_true(live <= settings.concurrency);
		if (now > T0 + 11 * MIN)
			most = started > most ? started : most;
		if (now == outage_end) {
			for (id = 1; id <= SIM_FEEDS; id++)
				failing += !feeds[id].dead &&
				    feeds[id].failures >= FEED_FAILING_AFTER;
			assert_true(failing <= 2);
		}
		if ((now - T0) % DAY == 0 && now > T0 + 2 * DAY && !is_out)
			sim_check(feeds, now, outage_end);
	}
	assert_true(most <= 25); /* 500 feeds back from an outage, spread */
	for (id = 1; id <= SIM_FEEDS; id++) {
		assert_true(feeds[id].requests >= (feeds[id].dead ? 5 : 20));
		assert_true(feeds[id].requests <= SIM_DAYS * 96);
	}
	schedule_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_at_a_time),
	    cmocka_unit_test(test_waits),
	    cmocka_unit_test(test_clock_was_ahead),
	    cmocka_unit_test(test_offline),
	    cmocka_unit_test(test_offline_first),
	    cmocka_unit_test(test_offline_forgives),
	    cmocka_unit_test(test_offline_said),
	    cmocka_unit_test(test_offline_at_once),
	    cmocka_unit_test(test_clock_jumps),
	    cmocka_unit_test(test_start_spread),
	    cmocka_unit_test(test_month),
	};

	return CHECK_RUN(tests);
}
