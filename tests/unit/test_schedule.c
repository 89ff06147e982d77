/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "schedule/hop.h"
#include "schedule/host.h"
#include "schedule/plan.h"
#include "schedule/schedule.h"

#define T0 ((msec_t)1790000000123) /* some day in 2026 */
#define SEC MSEC_PER_SEC
#define MIN MSEC_PER_MIN
#define HOUR MSEC_PER_HOUR
#define DAY MSEC_PER_DAY

static struct settings
defaults(void)
{
	return (struct settings){.concurrency = 64,
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
}

static struct batch
answer(enum outcome outcome, int status)
{
	return (struct batch){.outcome = outcome,
	    .http_status = status,
	    .hints = {.has_validators = true}};
}

static struct feed_plan
feed_plan(int64_t id, const char *url)
{
	return (struct feed_plan){.id = id, .name = "f", .url = url};
}

/* -- plan_attempt: one row of POLLING a case ------------------------------- */

struct plan_case {
	const char *name;
	struct batch batch;
	unsigned new_items;
	msec_t interval; /* the feed's own; 0: learn */
	msec_t learnt;
	uint32_t failures, throttles;
	bool private_host, offline, elsewhere;
	msec_t least, most; /* the wait that must come out */
	uint32_t want_failures;
	const char *want_reason;
};

static void
run_case(const struct plan_case *c)
{
	struct settings settings = defaults();
	struct plan plan = {.feed = {.id = 1,
				.interval = c->interval,
				.has_interval = c->interval != 0,
				.learnt = c->learnt,
				.last_success = T0 - HOUR,
				.failures = c->failures}};
	struct plan_site site = {.is_public = !c->private_host,
	    .holds_whole = !c->private_host,
	    .feeds = 1,
	    .is_offline = c->offline,
	    .is_elsewhere = c->elsewhere};
	struct buf reasons = {0};
	uint64_t random = 42;
	msec_t wait;

	plan.memory.first = T0 - 30 * DAY;
	plan.memory.throttles = c->throttles;
	(void)plan_attempt(
	    &plan, &settings, &site, &c->batch, c->new_items, T0, &random, &reasons);
	wait = plan.feed.due - T0;
	if (wait < c->least || wait > c->most ||
	    plan.feed.failures != c->want_failures ||
	    strstr(buf_text(&reasons), c->want_reason) == NULL)
		fail_msg("%s: wait %lld s, %u failures, reasons:\n%s", c->name,
		    (long long)(wait / SEC), plan.feed.failures, buf_text(&reasons));
	buf_done(&reasons);
}

#define BATCH(outcome_, status_, ...)                                   \
	{                                                               \
		.outcome = outcome_, .http_status = status_, .hints = { \
			.has_validators = true,                         \
			__VA_ARGS__                                     \
		}                                                       \
	}
#define WITH_JITTER(wait) .least = (wait), .most = (wait) + (wait) / 10 + 2 * SEC
#define BACK_OFF(wait) \
	.least = (wait) - (wait) / 10, .most = (wait) + (wait) / 10 + 2 * SEC

static void
test_plan(void **state)
{
	static const struct plan_case cases[] = {
	    {"first interval", BATCH(OUTCOME_OK, 200), WITH_JITTER(HOUR),
		.want_reason = "the first one"},
	    {"fixed", BATCH(OUTCOME_OK, 200), .interval = 2 * HOUR,
		WITH_JITTER(2 * HOUR), .want_reason = "set for this feed"},
	    {"fixed below the floor", BATCH(OUTCOME_OK, 200), .interval = MIN,
		WITH_JITTER(15 * MIN), .want_reason = "raised to the least"},
	    {"fixed above the greatest", BATCH(OUTCOME_OK, 200), .interval = 3 * DAY,
		WITH_JITTER(3 * DAY), .want_reason = "set for"},
	    {"learnt", BATCH(OUTCOME_OK, 200, .median_gap = 5 * HOUR),
		WITH_JITTER(150 * MIN), .want_reason = "learnt"},
	    {"learnt, too short", BATCH(OUTCOME_OK, 200, .median_gap = MIN),
		WITH_JITTER(15 * MIN), .want_reason = "learnt"},
	    {"learnt, too long", BATCH(OUTCOME_OK, 200, .median_gap = 90 * DAY),
		WITH_JITTER(DAY), .want_reason = "learnt"},
	    {"new items halve", BATCH(OUTCOME_OK, 200, .median_gap = 8 * HOUR),
		.new_items = 2, WITH_JITTER(2 * HOUR), .want_reason = "halved"},
	    {"13 max-age",
		BATCH(OUTCOME_OK, 200, .max_age = 3 * HOUR, .has_max_age = true),
		WITH_JITTER(3 * HOUR), .want_reason = "max-age"},
	    {"13 shorter max-age",
		BATCH(OUTCOME_OK, 200, .max_age = 5 * MIN, .has_max_age = true),
		WITH_JITTER(HOUR), .want_reason = "ignored"},
	    {"17 a year",
		BATCH(OUTCOME_OK, 200, .max_age = 365 * DAY, .has_max_age = true),
		WITH_JITTER(DAY), .want_reason = "cut to the greatest"},
	    {"17 far too much", BATCH(OUTCOME_OK, 200, .ttl = INT64_MAX),
		WITH_JITTER(DAY), .want_reason = "ttl"},
	    {"18 ttl", BATCH(OUTCOME_OK, 200, .ttl = 2 * HOUR),
		WITH_JITTER(2 * HOUR), .want_reason = "ttl"},
	    {"20 period", BATCH(OUTCOME_OK, 200, .period = 4 * HOUR),
		WITH_JITTER(4 * HOUR), .want_reason = "sy:period"},
	    {"no validators", {.outcome = OUTCOME_OK, .http_status = 200},
		WITH_JITTER(6 * HOUR), .want_reason = "neither ETag"},
	    {"304", BATCH(OUTCOME_UNCHANGED, 304), .failures = 4, WITH_JITTER(HOUR),
		.want_reason = "interval"},
	    {"80 204", {.outcome = OUTCOME_UNCHANGED, .http_status = 204},
		WITH_JITTER(HOUR), .want_reason = "interval"},
	    {"27 404", BATCH(OUTCOME_NOT_FOUND, 404), BACK_OFF(2 * HOUR),
		.want_failures = 1, .want_reason = "not found"},
	    {"27 404 for long", BATCH(OUTCOME_NOT_FOUND, 404), .failures = 30,
		BACK_OFF(7 * DAY), .want_failures = 31, .want_reason = "the most"},
	    {"28 410", BATCH(OUTCOME_GONE, 410), WITH_JITTER(DAY),
		.want_failures = 1, .want_reason = "once more"},
	    {"31 5xx", BATCH(OUTCOME_SERVER_ERROR, 500), .failures = 2,
		BACK_OFF(8 * HOUR), .want_failures = 3, .want_reason = "back-off"},
	    {"31 5xx for long", BATCH(OUTCOME_SERVER_ERROR, 500),
		.failures = 4000000000u, BACK_OFF(DAY), .want_failures = 4000000001u,
		.want_reason = "the most"},
	    {"33 Retry-After",
		BATCH(OUTCOME_THROTTLED, 429, .retry_after = 3 * HOUR),
		WITH_JITTER(3 * HOUR), .want_failures = 1,
		.want_reason = "retry-after"},
	    {"33 short", BATCH(OUTCOME_THROTTLED, 429, .retry_after = SEC),
		WITH_JITTER(15 * MIN), .want_failures = 1,
		.want_reason = "raised to the least"},
	    {"35 none", BATCH(OUTCOME_THROTTLED, 429), WITH_JITTER(2 * HOUR),
		.want_failures = 1, .want_reason = "throttled"},
	    {"35 none, third time", BATCH(OUTCOME_THROTTLED, 429), .throttles = 2,
		.failures = 2, WITH_JITTER(8 * HOUR), .want_failures = 3,
		.want_reason = "3 in a row"},
	    {"37 503", BATCH(OUTCOME_SERVER_ERROR, 503, .retry_after = 20 * MIN),
		WITH_JITTER(20 * MIN), .want_failures = 1,
		.want_reason = "retry-after"},
	    {"33 a bot check that names a time",
		BATCH(OUTCOME_CHALLENGE, 429, .retry_after = 3 * HOUR),
		WITH_JITTER(3 * HOUR), .want_failures = 1,
		.want_reason = "retry-after"},
	    {"37 a bot check that names a time",
		BATCH(OUTCOME_CHALLENGE, 503, .retry_after = 3 * HOUR),
		WITH_JITTER(3 * HOUR), .want_failures = 1,
		.want_reason = "retry-after"},
	    {"76 a bot check that names a short time",
		BATCH(OUTCOME_CHALLENGE, 503, .retry_after = SEC), .failures = 3,
		BACK_OFF(16 * HOUR), .want_failures = 4, .want_reason = "back-off"},
	    {"76 a bot check", BATCH(OUTCOME_CHALLENGE, 503), BACK_OFF(2 * HOUR),
		.want_failures = 1, .want_reason = "back-off"},
	    {"38 nonsense", BATCH(OUTCOME_THROTTLED, 429, .retry_after = -1),
		WITH_JITTER(2 * HOUR), .want_failures = 1,
		.want_reason = "throttled"},
	    {"38 at once", BATCH(OUTCOME_THROTTLED, 429, .retry_after = RETRY_NOW),
		WITH_JITTER(HOUR), .want_failures = 1, .want_reason = "interval"},
	    {"38 ten years",
		BATCH(OUTCOME_THROTTLED, 429, .retry_after = 3650 * DAY),
		WITH_JITTER(7 * DAY), .want_failures = 1,
		.want_reason = "cut to retry-after-max"},
	    {"40 no such host", BATCH(OUTCOME_DNS, 0), .failures = 20,
		BACK_OFF(7 * DAY), .want_failures = 21,
		.want_reason = "no such host"},
	    {"43 offline", BATCH(OUTCOME_CONNECT, 0), .failures = 1, .offline = true,
		.least = 30 * SEC, .most = 30 * SEC, .want_failures = 1,
		.want_reason = "counts as no failure"},
	    {"43 offline, behind a redirect", BATCH(OUTCOME_CONNECT, 0),
		.failures = 1, .offline = true, .elsewhere = true, .least = HOUR,
		.most = HOUR, .want_failures = 1,
		.want_reason = "counts as no failure"},
	    {"50 empty", BATCH(OUTCOME_EMPTY, 200), BACK_OFF(2 * HOUR),
		.want_failures = 1, .want_reason = "back-off"},
	    {"a fast feed on a private host", BATCH(OUTCOME_OK, 200),
		.private_host = true, .interval = 20 * MIN, WITH_JITTER(20 * MIN),
		.want_reason = "set for"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(&cases[i]);
}

static void
attempt(struct plan *plan, const struct settings *settings, struct batch batch,
    msec_t now, struct buf *reasons)
{
	struct plan_site site = {.is_public = true, .holds_whole = true, .feeds = 1};
	uint64_t random = (uint64_t)now;

	buf_reset(reasons);
	(void)plan_attempt(plan, settings, &site, &batch, 0, now, &random, reasons);
}

/* A bare 304 keeps what the last answers said (POLLING 14); a later 200 without
 * it forgets. */
static void
test_hints_last(void **state)
{
	struct settings settings = defaults();
	struct plan plan = {.feed = {.id = 1, .last_success = T0 - HOUR}};
	struct batch batch = answer(OUTCOME_OK, 200);
	struct buf reasons = {0};
	msec_t now = T0;

	(void)state;
	batch.hints.has_max_age = true;
	batch.hints.max_age = 5 * HOUR;
	batch.hints.ttl = 3 * HOUR;
	attempt(&plan, &settings, batch, now, &reasons);
	assert_true(plan.feed.due - now >= 5 * HOUR);

	now = plan.feed.due;
	attempt(&plan, &settings, answer(OUTCOME_UNCHANGED, 304), now, &reasons);
	assert_true(plan.feed.due - now >= 5 * HOUR);

	now = plan.feed.due; /* 200, same bytes: the ttl stays, max-age goes */
	attempt(&plan, &settings, answer(OUTCOME_UNCHANGED, 200), now, &reasons);
	assert_in_range(plan.feed.due - now, 3 * HOUR, 4 * HOUR);

	now = plan.feed.due;
	attempt(&plan, &settings, answer(OUTCOME_OK, 200), now, &reasons);
	assert_in_range(plan.feed.due - now, HOUR, 2 * HOUR);
	buf_done(&reasons);
}

/* A delta is not the document: what the whole one said holds on (POLLING 80). */
static void
test_delta(void **state)
{
	struct settings settings = defaults();
	struct plan plan = {.feed = {.id = 1, .last_success = T0 - HOUR}};
	struct batch whole = answer(OUTCOME_OK, 200);
	struct batch delta = answer(OUTCOME_OK, 226);
	struct buf reasons = {0};

	(void)state;
	whole.hints.median_gap = 10 * HOUR;
	whole.hints.ttl = 3 * HOUR;
	whole.hints.period = 2 * HOUR;
	whole.hints.skip_hours = 1;
	whole.hints.skip_days = 1;
	attempt(&plan, &settings, whole, T0, &reasons);
	delta.hints.median_gap = MIN;
	delta.hints.has_max_age = true;
	delta.hints.max_age = 4 * HOUR;
	attempt(&plan, &settings, delta, T0 + 5 * HOUR, &reasons);
	assert_int_equal(plan.feed.learnt, 5 * HOUR);
	assert_int_equal(plan.memory.ttl, 3 * HOUR);
	assert_int_equal(plan.memory.period, 2 * HOUR);
	assert_int_equal(plan.memory.skip_hours, 1);
	assert_int_equal(plan.memory.skip_days, 1);
	assert_int_equal(plan.memory.max_age, 4 * HOUR);
	buf_done(&reasons);
}

static void
test_gone(void **state)
{
	struct settings settings = defaults();
	struct plan plan = {.feed = {.id = 1}};
	struct buf reasons = {0};

	(void)state;
	attempt(&plan, &settings, answer(OUTCOME_GONE, 410), T0, &reasons);
	assert_false(plan.feed.gone);
	/* Someone asks by hand in between: no confirmation. */
	attempt(&plan, &settings, answer(OUTCOME_GONE, 410), T0 + HOUR, &reasons);
	assert_false(plan.feed.gone);
	assert_true(plan.feed.due >= T0 + DAY);
	/* Something else in between: from the start again. */
	attempt(&plan, &settings, answer(OUTCOME_SERVER_ERROR, 500), T0 + 2 * HOUR,
	    &reasons);
	attempt(
	    &plan, &settings, answer(OUTCOME_GONE, 410), T0 + 30 * HOUR, &reasons);
	assert_false(plan.feed.gone);
	attempt(
	    &plan, &settings, answer(OUTCOME_GONE, 410), T0 + 55 * HOUR, &reasons);
	assert_true(plan.feed.gone);
	attempt(&plan, &settings, answer(OUTCOME_OK, 200), T0 + 60 * HOUR, &reasons);
	assert_false(plan.feed.gone);
	buf_done(&reasons);
}

static void
test_skip_hours(void **state)
{
	struct settings settings = defaults();
	struct plan plan = {.feed = {.id = 1}};
	struct batch batch = answer(OUTCOME_OK, 200);
	struct buf reasons = {0};
	msec_t midnight = T0 / DAY * DAY, due;

	(void)state;
	batch.hints.skip_hours = 0x0007FF; /* 0 to 10 */
	attempt(&plan, &settings, batch, midnight + HOUR, &reasons);
	due = plan.feed.due - midnight;
	assert_in_range(due, 11 * HOUR, 11 * HOUR + 6 * MIN);

	batch.hints.skip_hours = 0xFFFFFF; /* all of them: none */
	attempt(&plan, &settings, batch, midnight + HOUR, &reasons);
	assert_in_range(plan.feed.due - midnight, 2 * HOUR, 2 * HOUR + 10 * MIN);

	batch.hints.skip_hours = 0;
	batch.hints.skip_days = (uint8_t)(1u << ((midnight / DAY + 4) % 7));
	attempt(&plan, &settings, batch, midnight + HOUR, &reasons);
	assert_in_range(plan.feed.due - midnight, DAY, DAY + 6 * MIN);
	buf_done(&reasons);
}

static void
test_memory(void **state)
{
	struct plan_memory m = {.first = T0,
	    .wait = HOUR,
	    .max_age = 1,
	    .ttl = 2,
	    .period = 3,
	    .skip_hours = 0x800001,
	    .skip_days = 0x41,
	    .unconditional = true,
	    .gone_at = T0 + 1,
	    .throttles = 9,
	    .crashes = 1};
	struct plan_memory back;
	struct buf text = {0};

	(void)state;
	plan_remember(&m, &text);
	plan_recall(text.data, &back);
	assert_memory_equal(&m, &back, sizeof(m));
	plan_recall("from-a-newer-one=5 ttl=7", &back);
	assert_int_equal(back.ttl, 7);
	plan_recall("rubbish", &back);
	plan_recall("a= b", &back);
	plan_recall(NULL, &back);
	assert_int_equal(back.first, 0);
	buf_done(&text);
}

/* -- Hosts and hops -------------------------------------------------------- */

static void
test_host_names(void **state)
{
	static const struct {
		const char *host;
		bool is_public;
	} cases[] = {{"example.org", true}, {"localhost", false}, {"nas", false},
	    {"127.0.0.1", false}, {"192.0.2.7", false}, {"2001:db8::1", false},
	    {"printer.local", false}, {"x.score.test", false}, {"0x7f.1", false},
	    {"4chan.org", true}, {"a.internal", false}};
	struct settings settings = defaults();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (host_is_public(cases[i].host) != cases[i].is_public)
			fail_msg("%s", cases[i].host);
	}
	assert_true(host_holds_whole(&settings, "example.org"));
	assert_false(host_holds_whole(&settings, "10.0.0.1"));
	settings.per_feed_limits = "";
	assert_true(host_holds_whole(&settings, "10.0.0.1"));
	settings.per_feed_limits = "rsshub.example.org other.example";
	assert_false(host_holds_whole(&settings, "rsshub.example.org"));
	assert_true(host_holds_whole(&settings, "hub.example.org"));
}

static void
test_host_keys(void **state)
{
	static struct rate_settings rates[] = {{"reddit.com", MIN}};
	struct settings settings = defaults();
	struct buf key = {0};
	msec_t pause;

	(void)state;
	settings.rates = rates;
	settings.rate_count = 1;
	host_key(&settings, "https://www.reddit.com/r/x.rss", NULL, &key, &pause);
	assert_string_equal(key.data, "rate reddit.com");
	assert_int_equal(pause, MIN);
	buf_reset(&key);
	host_key(&settings, "https://old.reddit.com/", "reddit.com", &key, &pause);
	assert_string_equal(key.data, "rate reddit.com");
	buf_reset(&key);
	host_key(&settings, "https://Example.org/x", NULL, &key, &pause);
	assert_string_equal(key.data, "example.org:443");
	assert_int_equal(pause, SEC);
	buf_reset(&key);
	host_key(&settings, "https://a.example.org/x", "mine", &key, &pause);
	assert_string_equal(key.data, "rate mine");
	buf_done(&key);
}

static void
test_hops(void **state)
{
	static const struct {
		const char *from, *to;
		enum outcome outcome;
	} cases[] = {
	    {"http://a.example/", "https://a.example/", OUTCOME_REDIRECT},
	    {"https://a.example/", "http://a.example/", OUTCOME_BAD_URL},
	    {"http://a.example/", "file:///etc/passwd", OUTCOME_BAD_URL},
	    {"http://a.example/", "ftp://a.example/", OUTCOME_BAD_URL},
	    {"http://a.example/", NULL, OUTCOME_BAD_URL},
	    {"http://a.example/", "http://a.example/", OUTCOME_TOO_MANY_HOPS},
	};
	struct hop_chain chain;
	struct buf reason = {0};
	char from[64], to[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		chain = (struct hop_chain){0};
		assert_int_equal(
		    hop_check(&chain, cases[i].from, cases[i].to, &reason),
		    cases[i].outcome);
	}
	chain = (struct hop_chain){0};
	for (i = 0; i < LIMIT_HOPS; i++) {
		(void)snprintf(from, sizeof(from), "http://a.example/%zu", i);
		(void)snprintf(to, sizeof(to), "http://a.example/%zu", i + 1);
		assert_int_equal(
		    hop_check(&chain, from, to, &reason), OUTCOME_REDIRECT);
	}
	assert_int_equal(hop_check(&chain, to, "http://a.example/0", &reason),
	    OUTCOME_TOO_MANY_HOPS); /* a circle */
	assert_int_equal(hop_check(&chain, to, "http://a.example/9", &reason),
	    OUTCOME_TOO_MANY_HOPS);
	buf_done(&reason);
}

/* -- Queues ---------------------------------------------------------------- */

static void
put(struct schedule *s, int64_t id, const char *url, msec_t due, msec_t last,
    msec_t now)
{
	struct feed_plan plan = feed_plan(id, url);

	plan.due = due;
	plan.last_attempt = plan.last_success = last;
	schedule_put(s, &plan, now);
}

static struct feed_plan
done(struct schedule *s, int64_t id, enum outcome outcome, int status, msec_t now)
{
	struct batch batch = answer(outcome, status);
	struct buf reasons = {0};
	struct feed_plan plan = {0};

	(void)schedule_done(s, id, &batch, 0, now, &plan, &reasons);
	buf_done(&reasons);
	return plan;
}

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

static void
test_ask(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct schedule_refusal no;
	msec_t wake;

	(void)state;
	put(s, 1, "http://a.example.org/1", T0 + HOUR, T0 - 2 * MIN, T0);
	assert_int_equal(schedule_ask(s, 9, false, T0, &no), -ENOENT);
	assert_int_equal(schedule_ask(s, 1, false, T0, &no), -EAGAIN);
	assert_int_equal(no.when, T0 + 3 * MIN);
	assert_int_equal(no.cause, REFUSAL_MANUAL);
	assert_int_equal(schedule_ask(s, 1, true, T0, &no), 0);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	assert_int_equal(schedule_ask(s, 1, true, T0, &no), -EALREADY);
	(void)done(s, 1, OUTCOME_OK, 200, T0 + 1);
	/* Force knows a floor too: a public server is not asked twice a minute. */
	assert_int_equal(schedule_ask(s, 1, true, T0 + SEC, &no), -EAGAIN);
	assert_int_equal(no.when, T0 + 1 + MIN);
	assert_int_equal(no.cause, REFUSAL_PUBLIC);
	/* Without it both hold, and it is told what it could not skip. */
	assert_int_equal(schedule_ask(s, 1, false, T0 + SEC, &no), -EAGAIN);
	assert_int_equal(no.when, T0 + 1 + 5 * MIN);
	assert_int_equal(no.cause, REFUSAL_PUBLIC);
	assert_int_equal(schedule_ask(s, 1, false, T0 + 2 * MIN, &no), -EAGAIN);
	assert_int_equal(no.cause, REFUSAL_MANUAL);
	schedule_free(s);
}

/* A server of one's own has no floor but the one that is set. */
static void
test_ask_private(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct schedule_refusal no;

	(void)state;
	put(s, 1, "http://127.0.0.1/1", T0 + HOUR, T0 - SEC, T0);
	assert_int_equal(schedule_ask(s, 1, false, T0, &no), -EAGAIN);
	assert_int_equal(no.cause, REFUSAL_MANUAL);
	assert_int_equal(schedule_ask(s, 1, true, T0, &no), 0);
	schedule_free(s);
}

static struct feed_plan
done_first(struct schedule *s, int64_t id, msec_t now)
{
	msec_t wake;

	put(s, id, "http://a.example.org/1", 0, 0, now);
	assert_int_equal(schedule_next(s, now, &wake), id);
	return done(s, id, OUTCOME_OK, 200, now);
}

/* Who adds a feed may walk its archives at once; again after a while. */
static void
test_walk(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct schedule_refusal no;

	(void)state;
	schedule_rush(s);
	assert_int_equal(schedule_walk(s, 1, T0, &no), -ENOENT);
	(void)done_first(s, 1, T0);
	assert_int_equal(schedule_walk(s, 1, T0 + SEC, &no), 0);
	assert_int_equal(schedule_walk(s, 1, T0 + 2 * SEC, &no), -EAGAIN);
	assert_int_equal(no.when, T0 + SEC + 5 * MIN);
	/* It was asked by hand. */
	assert_int_equal(schedule_ask(s, 1, false, T0 + 2 * MIN, &no), -EAGAIN);
	assert_int_equal(no.when, T0 + SEC + 5 * MIN);
	assert_int_equal(no.cause, REFUSAL_MANUAL);
	assert_int_equal(schedule_ask(s, 1, true, T0 + 30 * SEC, &no), -EAGAIN);
	assert_int_equal(no.cause, REFUSAL_PUBLIC);
	assert_int_equal(schedule_walk(s, 1, T0 + SEC + 5 * MIN, &no), 0);
	schedule_free(s);
}

/* Any other poll counts, one under way too, and so does a hold. */
static void
test_walk_later(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct schedule_refusal no;
	struct feed_plan plan;
	msec_t wake, now;

	(void)state;
	schedule_rush(s);
	now = done_first(s, 1, T0).due;
	assert_int_equal(schedule_next(s, now, &wake), 1);
	assert_int_equal(schedule_walk(s, 1, now, &no), -EAGAIN);
	(void)done(s, 1, OUTCOME_OK, 200, now);
	assert_int_equal(schedule_walk(s, 1, now + MIN, &no), -EAGAIN);
	assert_int_equal(no.when, now + 5 * MIN);
	now = schedule_due(s, 1);
	/* Its poll is due within the minute after: that keeps away, too. */
	assert_int_equal(schedule_walk(s, 1, now - SEC, &no), 0);
	assert_int_equal(schedule_next(s, now, &wake), 0);
	assert_int_equal(schedule_due(s, 1), now - SEC + MIN);
	now += MIN;
	assert_int_equal(schedule_next(s, now, &wake), 1);
	plan = done(s, 1, OUTCOME_THROTTLED, 429, now);
	assert_int_equal(schedule_walk(s, 1, now + 10 * MIN, &no), -EAGAIN);
	assert_int_equal(no.when, plan.held);
	assert_int_equal(no.cause, REFUSAL_HOLD);
	schedule_free(s);
}

/* A host that wants a pause gets it also from who walks a feed for the first time. */
static void
test_walk_held(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct schedule_refusal no;
	struct feed_plan plan;
	msec_t wake;

	(void)state;
	schedule_rush(s);
	put(s, 1, "http://a.example.org/1", 0, 0, T0);
	put(s, 2, "http://a.example.org/2", T0 + HOUR, 0, T0);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	plan = done(s, 1, OUTCOME_THROTTLED, 429, T0);
	assert_int_equal(schedule_walk(s, 2, T0 + 10 * MIN, &no), -EAGAIN);
	assert_int_equal(no.cause, REFUSAL_HOLD);
	assert_int_equal(no.when, plan.held);
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

/* A 429 on a public name holds its other feeds, also after a restart. */
static void
test_hold(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct feed_plan plan;
	struct schedule_refusal no;
	struct buf reasons = {0};
	msec_t wake;
	char *memory;

	(void)state;
	schedule_rush(s);
	put(s, 1, "http://a.example.org/1", T0, T0 - 2 * HOUR, T0);
	put(s, 2, "http://a.example.org/2", T0, T0 - HOUR, T0);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	plan = done(s, 1, OUTCOME_THROTTLED, 429, T0 + 1);
	assert_true(plan.held >= T0 + 2 * HOUR);
	assert_int_equal(schedule_next(s, T0 + HOUR, &wake), 0);
	assert_int_equal(wake, plan.held);
	assert_int_equal(schedule_ask(s, 2, true, T0 + HOUR, &no), -EAGAIN);
	assert_int_equal(no.when, plan.held);
	assert_int_equal(no.cause, REFUSAL_HOLD);
	schedule_explain(s, 2, T0 + HOUR, &reasons);
	assert_non_null(strstr(buf_text(&reasons), "a tenth of it is added here"));
	buf_done(&reasons);
	memory = xstrdup(plan.memory);
	schedule_free(s);

	s = schedule_new(&settings, 2);
	plan.name = "f";
	plan.url = "http://a.example.org/1";
	plan.rate_group = NULL;
	plan.memory = memory;
	schedule_put(s, &plan, T0 + MIN);
	put(s, 2, "http://a.example.org/2", T0, T0 - HOUR, T0 + MIN);
	assert_int_equal(schedule_next(s, T0 + HOUR, &wake), 0);
	assert_int_equal(wake, plan.held);
	assert_int_not_equal(schedule_next(s, plan.held, &wake), 0);
	schedule_free(s);
	free(memory);
}

/* The host that asks for a pause gets it, not the one that led there. */
static void
test_hold_elsewhere(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1), *again;
	struct buf reason = {0};
	struct feed_plan plan, copy;
	char *memory;
	msec_t wake;

	(void)state;
	schedule_rush(s);
	put(s, 1, "http://a.example.org/1", T0, T0 - 9 * HOUR, T0);
	put(s, 2, "http://a.example.org/2", T0, T0 - 8 * HOUR, T0);
	put(s, 3, "http://t.example.org/3", T0 + MIN, T0 - 8 * HOUR, T0);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	assert_int_equal(schedule_hop(s, 1, "http://a.example.org/1",
			     "http://t.example.org/x", T0, &reason),
	    OUTCOME_REDIRECT);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	plan = done(s, 1, OUTCOME_THROTTLED, 429, T0);
	assert_true(plan.held > T0 + 10 * MIN);
	assert_string_equal(plan.held_too, "[3]");
	assert_int_equal(schedule_next(s, T0 + 5 * MIN, &wake), 2);
	assert_int_equal(schedule_next(s, T0 + 5 * MIN, &wake), 0);
	/* After a restart as well. */
	again = schedule_new(&settings, 1);
	copy = plan;
	copy.memory = memory = xstrdup(plan.memory);
	copy.rate_group = NULL;
	copy.name = "f";
	copy.url = "http://a.example.org/1";
	schedule_put(again, &copy, T0 + MIN);
	put(again, 2, "http://a.example.org/2", T0 + 2 * MIN, T0 - HOUR, T0 + MIN);
	assert_int_equal(schedule_next(again, T0 + 3 * MIN, &wake), 2);
	schedule_free(again);
	schedule_free(s);
	free(memory);
	buf_done(&reason);
}

/* A 403 holds the host, unless it turns out to be that feed's alone. */
static void
test_hold_403(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct feed_plan plan;
	msec_t wake, now = T0;

	(void)state;
	schedule_rush(s);
	put(s, 1, "http://a.example.org/1", T0, T0 - 9 * HOUR, T0);
	put(s, 2, "http://a.example.org/2", T0, T0 - 8 * HOUR, T0);
	/* A probe's tells nothing of the host's feeds. */
	put(s, -1, "http://a.example.org/probe", T0, 0, T0);
	assert_int_equal(schedule_next(s, now, &wake), -1);
	(void)done(s, -1, OUTCOME_FORBIDDEN, 403, now);
	schedule_drop(s, -1);
	assert_int_equal(schedule_next(s, now + 2 * SEC, &wake), 1);
	plan = done(s, 1, OUTCOME_FORBIDDEN, 403, now + 3 * SEC);
	assert_true(plan.held > now);
	assert_int_equal(schedule_next(s, now + 6 * SEC, &wake), 0);
	now = plan.held + MIN;
	assert_int_equal(schedule_next(s, now, &wake), 2);
	(void)done(s, 2, OUTCOME_OK, 200, now);
	now += 2 * SEC;
	assert_int_equal(schedule_next(s, now, &wake), 1);
	plan = done(s, 1, OUTCOME_FORBIDDEN, 403, now);
	assert_int_equal(plan.held, 0);
	assert_true(plan.due > now);
	schedule_free(s);
}

/* A 503 that names a time holds its feed, and after a restart no more than that. */
static void
test_hold_alone(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct batch batch = answer(OUTCOME_SERVER_ERROR, 503);
	struct buf reasons = {0};
	struct feed_plan plan;
	struct schedule_refusal no;
	msec_t wake;
	char *memory;

	(void)state;
	schedule_rush(s);
	batch.hints.retry_after = 2 * HOUR;
	put(s, 1, "http://a.example.org/1", T0, T0 - 2 * HOUR, T0);
	put(s, 2, "http://a.example.org/2", T0 + DAY, T0 - HOUR, T0);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	assert_true(schedule_done(s, 1, &batch, 0, T0, &plan, &reasons));
	assert_true(plan.held >= T0 + 2 * HOUR);
	assert_int_equal(schedule_ask(s, 1, true, T0 + HOUR, &no), -EAGAIN);
	assert_int_equal(no.when, plan.held);
	assert_int_equal(schedule_ask(s, 2, true, T0 + HOUR, &no), 0);
	memory = xstrdup(plan.memory);
	schedule_free(s);

	s = schedule_new(&settings, 2);
	plan.name = "f";
	plan.url = "http://a.example.org/1";
	plan.memory = memory;
	schedule_put(s, &plan, T0 + MIN);
	put(s, 2, "http://a.example.org/2", T0 + DAY, T0 - HOUR, T0 + MIN);
	assert_int_equal(schedule_ask(s, 1, true, T0 + HOUR, &no), -EAGAIN);
	assert_int_equal(schedule_ask(s, 2, true, T0 + HOUR, &no), 0);
	schedule_free(s);

	/* "0" asks for nothing. */
	s = schedule_new(&settings, 1);
	batch.hints.retry_after = RETRY_NOW;
	put(s, 1, "http://a.example.org/1", T0, T0 - 2 * HOUR, T0);
	schedule_rush(s);
	assert_int_equal(schedule_ask(s, 1, true, T0, &no), 0);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	assert_true(schedule_done(s, 1, &batch, 0, T0, &plan, &reasons));
	assert_int_equal(schedule_ask(s, 1, false, T0 + 5 * MIN, &no), 0);
	schedule_free(s);
	free(memory);
	buf_done(&reasons);
}

/* What a bot check's page changes nothing of; a page of 200 holds nobody. */
static void
test_hold_challenge(void **state)
{
	static const struct {
		int status;
		size_t feeds;
		msec_t retry_after;
		enum plan_hold hold;
	} cases[] = {{429, 1, HOUR, HOLD_HOST}, {429, 1, 0, HOLD_NONE},
	    {503, 1, HOUR, HOLD_FEED}, {503, 1, 0, HOLD_NONE},
	    {503, 2, 0, HOLD_HOST}, {403, 2, 0, HOLD_HOST}, {200, 2, 0, HOLD_NONE},
	    {200, 2, HOUR, HOLD_NONE}};
	struct settings settings = defaults();
	struct buf reasons = {0};
	uint64_t random = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plan plan = {.feed = {.id = 1}};
		struct batch batch = answer(OUTCOME_CHALLENGE, cases[i].status);
		struct plan_site site = {
		    .is_public = true, .holds_whole = true, .feeds = cases[i].feeds};

		batch.hints.retry_after = cases[i].retry_after;
		if (plan_attempt(&plan, &settings, &site, &batch, 0, T0, &random,
			&reasons) != cases[i].hold)
			fail_msg("case %zu:\n%s", i, buf_text(&reasons));
	}
	buf_done(&reasons);
}

static void
test_hop_queue(void **state)
{
	struct settings settings = defaults();
	struct schedule *s = schedule_new(&settings, 1);
	struct buf reason = {0};
	msec_t wake;

	(void)state;
	settings.fetch.timeout = MIN;
	schedule_rush(s);
	put(s, 1, "http://a.example.org/1", T0, T0 - 2 * HOUR, T0);
	put(s, 2, "http://b.example.org/2", T0, T0 - 3 * HOUR, T0);
	put(s, 3, "http://b.example.org/3", T0, T0 - 4 * HOUR, T0);
	assert_int_equal(schedule_next(s, T0, &wake), 1);
	assert_int_equal(schedule_next(s, T0, &wake), 3);
	/* 1 is sent to b: it waits for 3 and the pause, and goes before 2. */
	assert_int_equal(schedule_hop(s, 1, "http://a.example.org/1",
			     "http://b.example.org/x", T0 + 10, &reason),
	    OUTCOME_REDIRECT);
	assert_int_equal(schedule_next(s, T0 + 10, &wake), 0);
	(void)done(s, 3, OUTCOME_OK, 200, T0 + 100);
	assert_int_equal(schedule_next(s, T0 + 1099, &wake), 0);
	assert_int_equal(schedule_next(s, T0 + 1100, &wake), 1);
	assert_int_equal(schedule_next(s, T0 + 1100, &wake), 0);
	(void)done(s, 1, OUTCOME_OK, 200, T0 + 1200);
	assert_int_equal(schedule_next(s, T0 + 2200, &wake), 2);
	/* Followed late, as after a sleep: it is asked for anew. */
	assert_int_equal(schedule_hop(s, 2, "http://b.example.org/2",
			     "http://c.example.org/y", T0 + 2250, &reason),
	    OUTCOME_REDIRECT);
	assert_int_equal(schedule_next(s, T0 + 2250, &wake), 2);
	assert_false(schedule_hop_is_stale(s, 2));
	schedule_stood_still(s, T0 + 2250 + MIN);
	assert_true(schedule_hop_is_stale(s, 2));
	assert_false(schedule_hop_is_stale(s, 3));
	/* One that came, and lay there while everything stood still, is as old. */
	assert_int_equal(schedule_hop(s, 2, "http://c.example.org/y",
			     "http://d.example.org/z", T0 + 2250 + MIN, &reason),
	    OUTCOME_REDIRECT);
	assert_int_equal(schedule_next(s, T0 + 2250 + MIN, &wake), 2);
	assert_true(schedule_hop_is_stale(s, 2));
	assert_int_equal(schedule_hop(s, 2, "http://d.example.org/z",
			     "http://e.example.org/z", T0 + 2300 + MIN, &reason),
	    OUTCOME_REDIRECT);
	assert_int_equal(schedule_next(s, T0 + 2300 + MIN, &wake), 2);
	assert_false(schedule_hop_is_stale(s, 2));
	/* Dropped in flight: nothing is kept of it. */
	schedule_drop(s, 2);
	assert_int_equal(done(s, 2, OUTCOME_OK, 200, T0 + 2300).id, 0);
	assert_int_equal(schedule_count(s), 2);
	buf_done(&reason);
	schedule_free(s);
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
	    cmocka_unit_test(test_plan),
	    cmocka_unit_test(test_hints_last),
	    cmocka_unit_test(test_delta),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_skip_hours),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_host_names),
	    cmocka_unit_test(test_host_keys),
	    cmocka_unit_test(test_hops),
	    cmocka_unit_test(test_one_at_a_time),
	    cmocka_unit_test(test_waits),
	    cmocka_unit_test(test_ask),
	    cmocka_unit_test(test_ask_private),
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_walk_later),
	    cmocka_unit_test(test_walk_held),
	    cmocka_unit_test(test_clock_was_ahead),
	    cmocka_unit_test(test_hold),
	    cmocka_unit_test(test_hold_elsewhere),
	    cmocka_unit_test(test_hold_403),
	    cmocka_unit_test(test_hold_alone),
	    cmocka_unit_test(test_hold_challenge),
	    cmocka_unit_test(test_hop_queue),
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
