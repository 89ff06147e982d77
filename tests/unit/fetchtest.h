/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FETCHTEST_H
#define TESTS_FETCHTEST_H

/*
 * What the tests of fetch share: a server whose answers go by the path, and one client
 * that keeps what it was told.
 */
#include "tests/unit/check.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "fetch/fetch.h"
#include "tests/unit/httpd.h"

struct event_base;

struct answer {
	bool has_head, ended;
	struct fetch_head head;
	struct arena *arena;
	struct buf body;
	struct fetch_end end;
	/* What the sink does. */
	size_t stop_after; /* bytes; 0: never */
	bool pause_at_head, pause_at_data, cancel_at_data, cancel_at_head;
	struct fetch_job *job;
	struct event_base *base;
};

struct world {
	struct event_base *base;
	struct httpd *httpd;
	struct fetch *fetch;
	struct answer answer;
	char url[9000];
};

/* Writes into a struct answer. */
extern const struct fetch_sink fetchtest_sink;

/* For cmocka: *state is a struct world. */
int fetchtest_set_up(void **state);
int fetchtest_tear_down(void **state);
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fetchtest_set_up, fetchtest_tear_down)

void fetchtest_answer_reset(struct world *world);
/* For `path` of the server, under `host`; its URL is world->url. */
struct request fetchtest_request_for(
    struct world *world, const char *host, const char *path);
/* Into world->answer, from nothing; fetchtest_run until it has ended. */
void fetchtest_start(struct world *world, const struct request *request);
struct answer *fetchtest_run(struct world *world, const struct request *request);
struct answer *fetchtest_get(struct world *world, const char *path);
/* The header field that the server saw last (NULL: none). */
void fetchtest_assert_sent(struct world *world, const char *name, const char *value);

#endif
