/* SPDX-License-Identifier: ISC */
/* What one answer makes of a feed's next due time. */
#include "tests/unit/scheduletest.h"

/* One row of POLLING a case. */
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
run_cases(const struct plan_case *cases, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		run_case(&cases[i]);
}

static void
test_plan_answers(void **state)
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
	    {"a fast feed on a private host", BATCH(OUTCOME_OK, 200),
		.private_host = true, .interval = 20 * MIN, WITH_JITTER(20 * MIN),
		.want_reason = "set for"},
	};

	(void)state;
	run_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void
test_plan_failures(void **state)
{
	static const struct plan_case cases[] = {
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
	};

	(void)state;
	run_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

/* Asked to slow down: 429, 503, and bot checks in their place. */
static void
test_plan_throttled(void **state)
{
	static const struct plan_case cases[] = {
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
	};

	(void)state;
	run_cases(cases, sizeof(cases) / sizeof(cases[0]));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plan_answers),
	    cmocka_unit_test(test_plan_failures),
	    cmocka_unit_test(test_plan_throttled),
	    cmocka_unit_test(test_hints_last),
	    cmocka_unit_test(test_delta),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_skip_hours),
	    cmocka_unit_test(test_memory),
	};

	return CHECK_RUN(tests);
}
