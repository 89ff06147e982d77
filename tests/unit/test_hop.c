/* SPDX-License-Identifier: ISC */
/* Hosts, and where a redirect may lead. */
#include "tests/unit/scheduletest.h"

#include "schedule/hop.h"
#include "schedule/host.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_host_names),
	    cmocka_unit_test(test_host_keys),
	    cmocka_unit_test(test_hops),
	    cmocka_unit_test(test_hop_queue),
	};

	return CHECK_RUN(tests);
}
