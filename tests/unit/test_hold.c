/* SPDX-License-Identifier: ISC */
/* Who has to wait: what is asked for too soon, and whom a server asked for a pause. */
#include "tests/unit/scheduletest.h"

/* -- Asked for by hand ----------------------------------------------------- */

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

/* -- Holds ----------------------------------------------------------------- */

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ask),
	    cmocka_unit_test(test_ask_private),
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_walk_later),
	    cmocka_unit_test(test_walk_held),
	    cmocka_unit_test(test_hold),
	    cmocka_unit_test(test_hold_elsewhere),
	    cmocka_unit_test(test_hold_403),
	    cmocka_unit_test(test_hold_alone),
	    cmocka_unit_test(test_hold_challenge),
	};

	return CHECK_RUN(tests);
}
