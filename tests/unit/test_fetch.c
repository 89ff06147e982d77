/* SPDX-License-Identifier: ISC */
/* One transfer: header, body, how it ends. */
#include "tests/unit/fetchtest.h"

#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

static void
plain_get(void **state)
{
	struct world *world = *state;
	struct answer *answer = fetchtest_get(world, "/hello");

	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_null(answer->end.reason);
	assert_int_equal(answer->head.status, 200);
	assert_string_equal(answer->head.url, world->url);
	assert_string_equal(buf_text(&answer->body), "hello");
	assert_int_equal(answer->end.bytes, 5);
	assert_false(answer->end.reused_connection);
	assert_int_equal(fetch_live(world->fetch), 0);
	fetchtest_assert_sent(
	    world, "User-Agent", "gazetted/0 (+https://example.org/)");
	fetchtest_assert_sent(world, "Cookie", NULL);
	fetchtest_assert_sent(world, "Referer", NULL);
	fetchtest_assert_sent(world, "Cache-Control", NULL);
	fetchtest_assert_sent(world, "A-IM", NULL);
	fetchtest_assert_sent(world, "If-None-Match", NULL);
	fetchtest_assert_sent(world, "Authorization", NULL);
}

static void
validators_come(void **state)
{
	struct answer *answer = fetchtest_get(*state, "/validators");

	assert_string_equal(answer->head.validators.etag, "W/\"a\xe9-gzip\"");
	assert_string_equal(
	    answer->head.validators.last_modified, "Someday, 31 Foo 2038");
	assert_string_equal(answer->head.validators.url, answer->head.url);
	assert_true(answer->head.hints.has_validators);
	assert_int_equal(answer->head.date, INT64_C(1795687200000));
	answer = fetchtest_get(*state, "/badvalidators");
	assert_null(answer->head.validators.etag);
	assert_null(answer->head.validators.last_modified);
	assert_false(answer->head.hints.has_validators);
}

static void
validators_go(void **state)
{
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "127.0.0.1", "/304");
	struct answer *answer;

	request.validators.etag = "W/\"a\xe9-gzip\"";
	request.validators.last_modified = "Someday";
	request.validators.url = world->url;
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_int_equal(answer->head.status, 304);
	assert_string_equal(answer->head.validators.etag, "\"new\"");
	assert_int_equal(answer->head.hints.max_age, MSEC_PER_MIN);
	fetchtest_assert_sent(world, "If-None-Match", "W/\"a\xe9-gzip\"");
	fetchtest_assert_sent(world, "If-Modified-Since", "Someday");
	fetchtest_assert_sent(world, "A-IM", "feed");

	/* Of another URL: not for this one. */
	request.validators.url = "http://127.0.0.1/304";
	fetchtest_run(world, &request);
	fetchtest_assert_sent(world, "If-None-Match", NULL);
	fetchtest_assert_sent(world, "If-Modified-Since", NULL);
	fetchtest_assert_sent(world, "A-IM", NULL);

	/* A line break would be a header of the server's making. */
	request.validators.url = world->url;
	request.validators.etag = "\"a\"\r\nX-Evil: 1";
	fetchtest_run(world, &request);
	fetchtest_assert_sent(world, "If-None-Match", NULL);
	fetchtest_assert_sent(world, "X-Evil", NULL);
	fetchtest_assert_sent(world, "If-Modified-Since", "Someday");
}

static void
hints(void **state)
{
	struct world *world = *state;
	struct answer *answer = fetchtest_get(world, "/hints");
	char self[64];

	assert_true(answer->head.hints.has_max_age);
	assert_int_equal(answer->head.hints.max_age, 7000 * MSEC_PER_SEC);
	assert_string_equal(answer->head.link_hub, "https://hub.example/");
	snprintf(
	    self, sizeof(self), "http://127.0.0.1:%u/me", httpd_port(world->httpd));
	assert_string_equal(answer->head.link_self, self);
	assert_string_equal(
	    answer->head.content_type, "application/atom+xml; charset=UTF-8");
	assert_string_equal(answer->head.content_language, "de");

	/* By the server's own clock, eleven years slow. */
	answer = fetchtest_get(world, "/expires");
	assert_int_equal(answer->head.hints.max_age, MSEC_PER_HOUR);
	assert_false(fetchtest_get(world, "/expired")->head.hints.has_max_age);
	answer = fetchtest_get(world, "/maxage0");
	assert_true(answer->head.hints.has_max_age);
	assert_int_equal(answer->head.hints.max_age, 0);
	answer = fetchtest_get(world, "/maxage2^66");
	assert_true(answer->head.hints.max_age >= 365 * MSEC_PER_DAY);
	assert_true(answer->head.hints.max_age < 100 * 366 * MSEC_PER_DAY);
}

static void
retry_after(void **state)
{
	static const struct {
		const char *path;
		msec_t wait;
	} table[] = {{"/429", 120 * MSEC_PER_SEC}, {"/429date", 600 * MSEC_PER_SEC},
	    {"/429-5", -1}, {"/429soon", -1}, {"/429e30", -1}, {"/hello", 0}};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct answer *answer = fetchtest_get(*state, table[i].path);

		assert_int_equal(answer->end.outcome, OUTCOME_OK);
		assert_int_equal(answer->head.hints.retry_after, table[i].wait);
	}
}

static void
redirects_stay(void **state)
{
	struct world *world = *state;
	struct answer *answer = fetchtest_get(world, "/redirect");

	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_int_equal(answer->head.status, 301);
	assert_string_equal(answer->head.location, "http://other.example/a%20b?x");
	assert_int_equal(httpd_requests(world->httpd), 1);
	answer = fetchtest_get(world, "/ftp");
	assert_string_equal(answer->head.location, "ftp://h/x");
	assert_int_equal(httpd_requests(world->httpd), 2);
}

static void
odd_heads(void **state)
{
	struct answer *answer = fetchtest_get(*state, "/challenge");

	assert_true(answer->head.challenge);
	assert_true(fetchtest_get(*state, "/delta")->head.is_delta);
	answer = fetchtest_get(*state, "/early");
	assert_int_equal(answer->head.status, 200);
	assert_null(answer->head.validators.etag);
	assert_string_equal(buf_text(&answer->body), "ok");
	answer = fetchtest_get(*state, "/trailer");
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_null(answer->head.validators.etag);
	assert_string_equal(buf_text(&answer->body), "ok");
}

/* A folded line is read whole or not at all, never its stump. */
static void
folded_lines(void **state)
{
	struct answer *answer = fetchtest_get(*state, "/folded");
	const char *etag = answer->head.validators.etag;

	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_true(etag == NULL || strcmp(etag, "\"abc def\"") == 0);
}

static void
broken_transfers(void **state)
{
	static const struct {
		const char *path;
		enum outcome outcome;
		const char *word; /* in the reason */
	} table[] = {
	    {"/short", OUTCOME_TRANSFER, "before the end"},
	    {"/shortchunk", OUTCOME_TRANSFER, "before the end"},
	    {"/declared", OUTCOME_TOO_BIG, "1048576 bytes"},
	    {"/chunks", OUTCOME_TOO_BIG, "1048576 bytes"},
	    {"/headers", OUTCOME_TOO_BIG, "header"},
	    {"/longheader", OUTCOME_TOO_BIG, "header"},
	    {"/coding", OUTCOME_TRANSFER, "compression"},
	    {"/badgzip", OUTCOME_TRANSFER, "compression"},
	    {"/members", OUTCOME_TRANSFER, "compress"},
	    {"/nothttp", OUTCOME_TRANSFER, "not an HTTP answer"},
	    {"/nothing", OUTCOME_TRANSFER, "without an answer"},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		unsigned before = httpd_requests(world->httpd);
		struct answer *answer = fetchtest_get(world, table[i].path);

		if (answer->end.outcome != table[i].outcome)
			fail_msg("%s: %s, %s", table[i].path,
			    outcome_name(answer->end.outcome), answer->end.reason);
		if (strstr(answer->end.reason, table[i].word) == NULL)
			fail_msg("%s: %s", table[i].path, answer->end.reason);
		assert_true(answer->body.len <= 1 << 20);
		/* One try each: a new connection is not retried. */
		assert_int_equal(httpd_requests(world->httpd), before + 1);
	}
}

static void
bombs(void **state)
{
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "127.0.0.1", "/bomb");
	struct answer *answer = fetchtest_run(world, &request);

	/* The cap first ... */
	assert_int_equal(answer->end.outcome, OUTCOME_TOO_BIG);
	assert_non_null(strstr(answer->end.reason, "max-body"));
	assert_true(answer->body.len <= 1 << 20);
	/* ... and under a generous one the ratio. */
	request.max_body = 1 << 30;
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TOO_BIG);
	assert_non_null(strstr(answer->end.reason, "200 times"));
	assert_true(answer->body.len < 16 << 20);
}

static void
deadlines(void **state)
{
	struct world *world = *state;
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/silent");
	struct answer *answer;

	request.timeout = 200;
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TIMEOUT);
	assert_string_equal(
	    answer->end.reason, "no answer from 127.0.0.1 within 0.2 s");
	request = fetchtest_request_for(world, "127.0.0.1", "/stall");
	request.timeout = 200;
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TIMEOUT);
	assert_non_null(strstr(answer->end.reason, "(2 bytes came)"));
}

static void
keep_alive(void **state)
{
	struct world *world = *state;
	int i;

	for (i = 0; i < 5; i++) {
		struct answer *answer = fetchtest_get(world, "/hello");

		assert_int_equal(answer->end.outcome, OUTCOME_OK);
		assert_int_equal(answer->end.reused_connection, i > 0);
	}
	assert_int_equal(httpd_connections(world->httpd), 1);
	fetch_drop_connections(world->fetch);
	assert_false(fetchtest_get(world, "/hello")->end.reused_connection);
	assert_int_equal(httpd_connections(world->httpd), 2);
}

/* POLLING 39: what was kept may have died; that is no failure of the feed. */
static void
silent_retry(void **state)
{
	struct world *world = *state;

	assert_int_equal(fetchtest_get(world, "/once")->end.outcome, OUTCOME_OK);
	assert_int_equal(fetchtest_get(world, "/once")->end.outcome, OUTCOME_OK);
	assert_int_equal(httpd_connections(world->httpd), 2);
	assert_int_equal(httpd_requests(world->httpd), 3);
}

static void
sink_stops(void **state)
{
	struct world *world = *state;
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/chunks");
	struct answer *answer = &world->answer;

	fetchtest_answer_reset(world);
	answer->stop_after = 1;
	fetchtest_start(world, &request);
	while (!answer->ended)
		event_base_loop(world->base, EVLOOP_ONCE);
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_null(answer->end.reason);
	assert_true(answer->body.len > 0);
}

/* Paused at its header, a job neither receives nor times out; resumed it goes on
 * where it was. */
static void
pausing(void **state)
{
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "127.0.0.1", "/stall");
	struct answer *answer = &world->answer;
	size_t held;
	int i;

	fetchtest_answer_reset(world);
	request.timeout = 300;
	answer->pause_at_head = true;
	fetchtest_start(world, &request);
	while (!answer->has_head)
		event_base_loop(world->base, EVLOOP_ONCE);
	for (i = 0; i < 5; i++)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
	held = answer->body.len;
	/* Another job runs for longer than the paused one's deadline. */
	{
		struct answer other = {
		    .base = world->base, .arena = arena_new(1 << 20)};
		char url[128];

		snprintf(url, sizeof(url), "http://127.0.0.1:%u/silent",
		    httpd_port(world->httpd));
		request.url = url;
		request.timeout = 600;
		assert_int_equal(fetch_start(world->fetch, &request, &fetchtest_sink,
				     &other, &other.job),
		    0);
		while (!other.ended)
			event_base_loop(world->base, EVLOOP_ONCE);
		assert_int_equal(other.end.outcome, OUTCOME_TIMEOUT);
		arena_free(other.arena);
	}
	assert_false(answer->ended);
	assert_int_equal(answer->body.len, held);
	fetch_resume(answer->job);
	while (!answer->ended)
		event_base_loop(world->base, EVLOOP_ONCE);
	assert_int_equal(answer->end.outcome, OUTCOME_TIMEOUT);
	assert_string_equal(buf_text(&answer->body), "xx");
}

/* Whatever the socket has by then: not much more than was read already. */
static void
pausing_at_once(void **state)
{
	struct world *world = *state;
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/chunks");
	struct answer *answer = &world->answer;
	int i;

	fetchtest_answer_reset(world);
	answer->pause_at_head = answer->pause_at_data = true;
	fetchtest_start(world, &request);
	while (!answer->has_head)
		event_base_loop(world->base, EVLOOP_ONCE);
	usleep(200000); /* it fills both buffers */
	fetch_resume(answer->job);
	while (answer->body.len == 0)
		event_base_loop(world->base, EVLOOP_ONCE);
	for (i = 0; i < 20; i++)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
	assert_false(answer->ended);
	assert_true(answer->body.len <= 512 << 10);
	fetch_cancel(answer->job);
}

static void
cancelling(void **state)
{
	struct world *world = *state;
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/chunks");
	struct answer *answer = &world->answer;
	int where;

	for (where = 0; where < 3; where++) {
		fetchtest_answer_reset(world);
		answer->cancel_at_head = where == 1;
		answer->cancel_at_data = where == 2;
		fetchtest_start(world, &request);
		if (where == 0)
			fetch_cancel(answer->job);
		while (fetch_live(world->fetch) > 0)
			event_base_loop(world->base, EVLOOP_ONCE);
		assert_false(answer->ended);
		assert_int_equal(answer->has_head, where > 0);
	}
}

/* What lives when fetch_free comes is cancelled: tear_down finds no leak. */
static void
freed_alive(void **state)
{
	struct world *world = *state;
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/silent");
	struct fetch_job *second;
	int i;

	fetchtest_answer_reset(world);
	fetchtest_start(world, &request);
	for (i = 0; i < 3; i++)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
	request = fetchtest_request_for(world, "localhost", "/silent");
	assert_int_equal(fetch_start(world->fetch, &request, &fetchtest_sink,
			     &world->answer, &second),
	    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(plain_get),
	    TEST(validators_come),
	    TEST(validators_go),
	    TEST(hints),
	    TEST(retry_after),
	    TEST(redirects_stay),
	    TEST(odd_heads),
	    TEST(folded_lines),
	    TEST(broken_transfers),
	    TEST(bombs),
	    TEST(deadlines),
	    TEST(keep_alive),
	    TEST(silent_retry),
	    TEST(sink_stops),
	    TEST(pausing),
	    TEST(pausing_at_once),
	    TEST(cancelling),
	    TEST(freed_alive),
	};

	return CHECK_RUN(tests);
}
