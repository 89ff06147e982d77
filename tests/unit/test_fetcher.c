/* SPDX-License-Identifier: ISC */
/*
 * The real process: what it makes of requests, and how it ends.
 */
#include "tests/unit/fetchertest.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void
feed_to_batch(void **state)
{
	struct world *world = *state;
	struct batch *batch = get(world, "/feed");

	assert_int_equal(batch->outcome, OUTCOME_OK);
	assert_int_equal(batch->job, 7);
	assert_int_equal(batch->feed_id, 42);
	assert_int_equal(batch->http_status, 200);
	assert_string_equal(batch->url, world->url);
	assert_true(batch->whole);
	assert_int_equal(batch->kind, KIND_RSS20);
	assert_int_equal(batch->item_count, 2);
	assert_string_equal(batch->items[0].title, "One");
	assert_true(batch->keep_validators);
	assert_string_equal(batch->validators.etag, "\"e1\"");
	assert_string_equal(batch->validators.last_modified, "yesterday");
	assert_string_equal(batch->validators.url, world->url);
	assert_true(batch->hints.has_max_age);
	assert_int_equal(batch->hints.max_age, 600 * MSEC_PER_SEC);
	assert_true(batch->hints.has_validators);
	assert_true(batch->body_hash.high != 0 || batch->body_hash.low != 0);
	assert_true(batch->bytes > 0);
	assert_int_equal(world->child.page->feed_id, 0);
	batch_free(batch);
}

static void
unchanged(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "/304");
	struct batch *batch;
	struct hash128 hash;
	uint64_t known[2];

	/* 304: each validator that came replaces its own. */
	request.validators.etag = "\"e1\"";
	request.validators.last_modified = "yesterday";
	request.validators.url = world->url;
	ask(world, &request);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_UNCHANGED);
	assert_true(batch->keep_validators);
	assert_string_equal(batch->validators.etag, "\"e2\"");
	assert_string_equal(batch->validators.last_modified, "yesterday");
	batch_free(batch);
	/* Unasked for. */
	batch = get(world, "/304");
	assert_int_equal(batch->outcome, OUTCOME_BAD_STATUS);
	assert_false(batch->keep_validators);
	batch_free(batch);
	/* Entries that are known travel as their hash. */
	batch = get(world, "/feed");
	assert_int_equal(batch->item_count, 2);
	hash = batch->body_hash;
	known[0] = batch->items[0].raw_hash;
	known[1] = 12345;
	batch_free(batch);
	request = request_for(world, "/feed");
	request.known = known;
	request.known_count = 2;
	ask(world, &request);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_OK);
	assert_int_equal(batch->item_count, 1);
	assert_int_equal(batch->unchanged_count, 1);
	assert_true(batch->unchanged[0] == known[0]);
	batch_free(batch);
	/* The same body: no items, but its validators, absent ones too. */
	request = request_for(world, "/bare");
	request.body_hash = hash;
	request.validators.etag = "\"old\"";
	request.validators.url = world->url;
	ask(world, &request);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_UNCHANGED);
	assert_int_equal(batch->item_count, 0);
	assert_true(batch->keep_validators);
	assert_null(batch->validators.etag);
	assert_true(batch->body_hash.low == hash.low);
	batch_free(batch);
}

static void
statuses(void **state)
{
	static const struct {
		const char *path;
		enum outcome outcome;
		int status;
	} table[] = {
	    {"/302", OUTCOME_REDIRECT, 302},
	    {"/delta", OUTCOME_OK, 226},
	    {"/empty", OUTCOME_EMPTY, 200},
	    {"/429", OUTCOME_THROTTLED, 429},
	    {"/challenge", OUTCOME_CHALLENGE, 503},
	    {"/page", OUTCOME_NOT_A_FEED, 200},
	    {"/moment", OUTCOME_NOT_A_FEED, 200},
	    {"/204", OUTCOME_UNCHANGED, 204},
	    {"/206", OUTCOME_BAD_STATUS, 206},
	    {"/nowhere", OUTCOME_NOT_FOUND, 404},
	    {"/cut", OUTCOME_TRANSFER, 200},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct batch *batch = get(world, table[i].path);

		if (batch->outcome != table[i].outcome)
			fail_msg("%s: %s, %s", table[i].path,
			    outcome_name(batch->outcome), batch->reason);
		assert_int_equal(batch->http_status, table[i].status);
		/* Only a document that was read leaves validators. */
		assert_int_equal(
		    batch->keep_validators, batch->outcome == OUTCOME_OK);
		assert_int_equal(
		    batch->reason != NULL, outcome_is_failure(batch->outcome));
		if (batch->outcome == OUTCOME_REDIRECT) {
			snprintf(world->url, sizeof(world->url),
			    "http://127.0.0.1:%u/feed", httpd_port(world->httpd));
			assert_string_equal(batch->location, world->url);
		}
		if (batch->outcome == OUTCOME_THROTTLED)
			assert_int_equal(
			    batch->hints.retry_after, 90 * MSEC_PER_SEC);
		if (batch->http_status == 226)
			assert_true(batch->cut);
		if (batch->outcome == OUTCOME_TRANSFER)
			assert_int_equal(batch->item_count, 0);
		batch_free(batch);
	}
}

static void
brought_document(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "/never-asked");
	struct batch *batch;

	request.document = FEED_OF("brought");
	request.document_size = strlen(request.document);
	request.content_type = "application/rss+xml";
	ask(world, &request);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_OK);
	assert_int_equal(batch->item_count, 2);
	assert_int_equal(batch->http_status, 0);
	assert_false(batch->keep_validators);
	assert_int_equal(httpd_requests(world->httpd), 0);
	batch_free(batch);
}

/* Several jobs at once, whose batches are larger than a socket's buffer. */
static void
many_at_once(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "/long");
	bool seen[8] = {false};
	int i;

	for (i = 0; i < 8; i++) {
		request.job = i;
		request.max_items = 1000;
		ask(world, &request);
	}
	for (i = 0; i < 8; i++) {
		struct batch *batch = next_batch(world);

		assert_int_equal(batch->outcome, OUTCOME_OK);
		assert_int_equal(batch->item_count, 1000);
		assert_true(batch->job >= 0 && batch->job < 8);
		assert_false(seen[batch->job]);
		seen[batch->job] = true;
		batch_free(batch);
	}
}

/* The oldest transfer goes on whatever is held, also after nobody read for a while:
 * all would stand still for ever. */
static void
flow(void **state)
{
	static const struct {
		enum flow was;
		size_t held, unsent;
		enum flow is;
	} table[] = {
	    {FLOW_ALL, LIMIT_IN_FLIGHT_BYTES, LIMIT_OUT_BYTES, FLOW_ALL},
	    {FLOW_ALL, LIMIT_IN_FLIGHT_BYTES + 1, 0, FLOW_SHARED},
	    {FLOW_ALL, 0, LIMIT_OUT_BYTES + 1, FLOW_NONE},
	    {FLOW_SHARED, LIMIT_IN_FLIGHT_BYTES - 1, 0, FLOW_SHARED},
	    {FLOW_NONE, LIMIT_IN_FLIGHT_BYTES - 1, 0, FLOW_SHARED},
	    {FLOW_NONE, LIMIT_IN_FLIGHT_BYTES + 1, 0, FLOW_SHARED},
	    {FLOW_SHARED, LIMIT_IN_FLIGHT_BYTES / 2, 0, FLOW_ALL},
	    {FLOW_NONE, LIMIT_IN_FLIGHT_BYTES / 2, 0, FLOW_ALL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(
		    budget_flow(table[i].was, table[i].held, table[i].unsent),
		    table[i].is);
}

static void
share(void **state)
{
	(void)state;
	assert_int_equal(budget_share(0), LIMIT_IN_FLIGHT_BYTES);
	assert_int_equal(budget_share(1), LIMIT_IN_FLIGHT_BYTES);
	assert_int_equal(budget_share(4), LIMIT_IN_FLIGHT_BYTES / 4);
	assert_int_equal(budget_share(1000000), LIMIT_HELD_FREE);
	/* One of any size, or a few that are small enough together. */
	assert_true(budget_leads(0, 0, 10 * (size_t)LIMIT_IN_FLIGHT_BYTES));
	assert_true(budget_leads(1, LIMIT_IN_FLIGHT_BYTES - 9, 9));
	assert_false(budget_leads(1, LIMIT_IN_FLIGHT_BYTES - 9, 10));
	assert_true(budget_leads(LIMIT_LEADERS - 1, 0, 1));
	assert_false(budget_leads(LIMIT_LEADERS, 0, 1));
	/* 24 MB within a minute: 2 MB in 5 s. */
	assert_true(budget_gets_on(24000000, 26000000));
	assert_false(budget_gets_on(24000000, 25999999));
	assert_false(budget_gets_on(24000000, 24000000));
}

static void
cancelled(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "/silent");
	struct buf out = {0};
	struct batch *batch;

	ask(world, &request);
	wire_put_number(WIRE_CANCEL, 7, &out);
	wire_put_number(WIRE_CANCEL, 99, &out); /* no such job: nothing */
	send_out(world, &out);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_CANCELLED);
	assert_int_equal(batch->job, 7);
	batch_free(batch);
	batch = get(world, "/feed");
	assert_int_equal(batch->outcome, OUTCOME_OK);
	batch_free(batch);
}

/* It ends with its socket, on a stop, on nonsense, and by kill -9; another can be
 * started each time. */
static void
ends(void **state)
{
	struct world *world = *state;
	struct buf out = {0};
	int status;

	kill(world->child.pid, SIGKILL);
	assert_end(world);
	status = fetcher_reap(&world->child, false);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(fetcher_reap(&world->child, false), -1);

	spawn(world);
	wire_put_empty(WIRE_STOP, &out);
	send_out(world, &out);
	assert_end(world);
	status = fetcher_reap(&world->child, false);
	assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);

	spawn(world);
	buf_puts(&out, "\xff\xff\xff\xff nonsense");
	send_out(world, &out);
	assert_end(world);
	(void)fetcher_reap(&world->child, true);

	/* A terminal's ^C is the service's to answer. */
	spawn(world);
	kill(world->child.pid, SIGINT);
	kill(world->child.pid, SIGTERM);
	batch_free(get(world, "/feed"));
}

static void
blamed(void **state)
{
#ifdef WITH_TEST_HOOKS
	static const char *const paths[] = {"/abort", "/hang"};
	struct world *world = *state;
	int i;

	for (i = 0; i < 2; i++) {
		struct request request = request_for(world, paths[i]);

		request.feed_id = 1000 + i;
		ask(world, &request);
		if (i == 0) {
			assert_end(world);
		} else {
			/* It says nothing more; the page tells when it hangs. */
			while (world->child.page->feed_id == 0)
				sched_yield();
		}
		assert_int_equal(world->child.page->feed_id, 1000 + i);
		(void)fetcher_reap(&world->child, true);
		spawn(world);
		assert_int_equal(world->child.page->feed_id, 0);
	}
	batch_free(get(world, "/feed"));
#else
	(void)state;
	print_message("# needs --enable-test-hooks\n");
	skip();
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(feed_to_batch),
	    TEST(unchanged),
	    TEST(statuses),
	    TEST(brought_document),
	    TEST(many_at_once),
	    cmocka_unit_test(flow),
	    cmocka_unit_test(share),
	    TEST(cancelled),
	    TEST(ends),
	    TEST(blamed),
	};

	return FETCHERTEST_RUN(tests);
}
