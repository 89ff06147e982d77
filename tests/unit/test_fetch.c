/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "fetch/fetch.h"
#include "fetch/hosts.h"
#include "tests/unit/httpd.h"

/* -- The server's side --------------------------------------------------------- */

/* Answers that are one text.  NAME is the path without its slash. */
static const struct {
	const char *path, *answer;
} plain[] = {
    {"/hello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"/validators",
	"HTTP/1.1 200 OK\r\nETag: W/\"a\xe9-gzip\"\r\n"
	"Last-Modified: Someday, 31 Foo 2038\r\n"
	"Date: Thu, 26 Nov 2026 10:00:00 GMT\r\nContent-Length: 0\r\n\r\n"},
    {"/badvalidators",
	"HTTP/1.1 200 OK\r\nETag: \"a\x01\"\r\n"
	"Last-Modified: Caf\xc3\xa9\r\nContent-Length: 0\r\n\r\n"},
    {"/304",
	"HTTP/1.1 304 Not Modified\r\nETag: \"new\"\r\n"
	"Content-Length: 99999999\r\nCache-Control: max-age=60\r\n\r\n"},
    {"/hints",
	"HTTP/1.1 200 OK\r\nCache-Control: private, max-age=7200\r\nAge: 200\r\n"
	"Link: <https://hub.example/>; rel=\"hub\", </me>; rel=self\r\n"
	"Content-Type: application/atom+xml; charset=UTF-8\r\n"
	"Content-Language: de\r\nContent-Length: 0\r\n\r\n"},
    {"/expires",
	"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2015 10:00:00 GMT\r\n"
	"Expires: Thu, 01 Jan 2015 11:00:00 GMT\r\nContent-Length: 0\r\n\r\n"},
    {"/expired",
	"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2015 10:00:00 GMT\r\n"
	"Expires: 0\r\nContent-Length: 0\r\n\r\n"},
    {"/maxage2^66",
	"HTTP/1.1 200 OK\r\n"
	"Cache-Control: max-age=73786976294838206464\r\n"
	"Content-Length: 0\r\n\r\n"},
    {"/maxage0",
	"HTTP/1.1 200 OK\r\nCache-Control: no-cache, MAX-AGE=\"0\"\r\n"
	"Content-Length: 0\r\n\r\n"},
    {"/429", "HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"},
    {"/429date",
	"HTTP/1.1 429 Slow\r\nDate: Thu, 01 Jan 2015 10:00:00 GMT\r\n"
	"Retry-After: Thu, 01 Jan 2015 10:10:00 GMT\r\nContent-Length: 0\r\n\r\n"},
    {"/429-5", "HTTP/1.1 429 Slow\r\nRetry-After: -5\r\nContent-Length: 0\r\n\r\n"},
    {"/429soon",
	"HTTP/1.1 429 Slow\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n"},
    {"/429e30",
	"HTTP/1.1 429 Slow\r\nRetry-After: 1e30\r\nContent-Length: 0\r\n\r\n"},
    {"/redirect",
	"HTTP/1.1 301 Moved\r\nLocation: //u:p@other.example/a b?x\r\n"
	"ETag: \"of-the-hop\"\r\nContent-Length: 0\r\n\r\n"},
    {"/ftp",
	"HTTP/1.1 302 Found\r\nLocation: ftp://h/x\r\n"
	"Content-Length: 0\r\n\r\n"},
    {"/challenge",
	"HTTP/1.1 403 No\r\ncf-mitigated: challenge\r\n"
	"Content-Length: 0\r\n\r\n"},
    {"/delta", "HTTP/1.1 226 IM Used\r\nIM: feed\r\nContent-Length: 0\r\n\r\n"},
    {"/early",
	"HTTP/1.1 103 Early Hints\r\nETag: \"early\"\r\n\r\n"
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
    {"/trailer",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	"2\r\nok\r\n0\r\nETag: \"trailer\"\r\n\r\n"},
    {"/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"},
    {"/shortchunk",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	"64\r\nshort"},
    {"/declared", "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\nx"},
    {"/coding",
	"HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\n"
	"Content-Length: 3\r\n\r\nuryyb"},
    {"/badgzip",
	"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	"Content-Length: 5\r\n\r\nplain"},
    {"/nothttp", "220 mail.example ESMTP\r\n"},
    {"/nothing", ""},
};

/* Never ends by itself: stops when the client has hung up. */
static void
send_for_ever(int fd, const void *piece, size_t size)
{
	while (httpd_send(fd, piece, size))
		;
}

/* 24 bytes of gzip, and then each NUL unpacks to 1,032 of them. */
static void
send_bomb(int fd)
{
	static const unsigned char opening[] = {0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0,
	    0x02, 0x03, 0xec, 0xc1, 0x01, 0x01, 0, 0, 0, 0x80, 0x90, 0xfe, 0xaf,
	    0xee, 0x08, 0x0a};
	static const char nuls[4096];

	httpd_printf(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
	httpd_send(fd, opening, sizeof(opening));
	send_for_ever(fd, nuls, sizeof(nuls));
}

static void
send_chunks(int fd)
{
	static char chunk[4096 + 8];

	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "1000\r\n", 6);
	memcpy(chunk + 6 + 4096, "\r\n", 2);
	httpd_printf(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	send_for_ever(fd, chunk, sizeof(chunk));
}

static bool
handle(const struct httpd_request *request, void *arg)
{
	int fd = request->fd;
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(request->path, plain[i].path) == 0) {
			httpd_printf(fd, "%s", plain[i].answer);
			return strstr(plain[i].answer, "Content-Length: 0") !=
			    NULL ||
			    strcmp(request->path, "/hello") == 0;
		}
	}
	if (strcmp(request->path, "/silent") == 0) {
		httpd_wait_hangup(fd);
	} else if (strcmp(request->path, "/stall") == 0) {
		httpd_printf(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxx");
		httpd_wait_hangup(fd);
	} else if (strcmp(request->path, "/bomb") == 0) {
		send_bomb(fd);
	} else if (strcmp(request->path, "/chunks") == 0) {
		send_chunks(fd);
	} else if (strcmp(request->path, "/headers") == 0) {
		httpd_printf(fd, "HTTP/1.1 200 OK\r\n");
		send_for_ever(fd, "X-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 40);
	} else if (strcmp(request->path, "/longheader") == 0) {
		httpd_printf(fd, "HTTP/1.1 200 OK\r\nETag: ");
		send_for_ever(fd, "zzzzzzzzzz", 10);
	} else if (strcmp(request->path, "/once") == 0) {
		/* Answers once, then hangs up on the next request, unanswered. */
		if (request->nth == 1)
			return httpd_printf(
			    fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	} else {
		return httpd_printf(
		    fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	}
	return false;
}

/* -- The client's side ---------------------------------------------------------- */

struct answer {
	bool has_head, ended;
	struct fetch_head head;
	struct arena *arena;
	struct buf body;
	struct fetch_end end;
	/* What the sink does. */
	size_t stop_after; /* bytes; 0: never */
	bool pause_at_head, cancel_at_data, cancel_at_head;
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

static void
on_head(void *arg, const struct fetch_head *head)
{
	struct answer *answer = arg;
	struct arena *arena = answer->arena;

	assert_false(answer->has_head);
	answer->has_head = true;
	answer->head = *head;
	answer->head.url = arena_strdup(arena, head->url);
	answer->head.content_type = arena_strdup(arena, head->content_type);
	answer->head.content_language = arena_strdup(arena, head->content_language);
	answer->head.validators.etag = arena_strdup(arena, head->validators.etag);
	answer->head.validators.last_modified =
	    arena_strdup(arena, head->validators.last_modified);
	answer->head.validators.url = arena_strdup(arena, head->validators.url);
	answer->head.location = arena_strdup(arena, head->location);
	answer->head.link_hub = arena_strdup(arena, head->link_hub);
	answer->head.link_self = arena_strdup(arena, head->link_self);
	if (answer->pause_at_head) {
		fetch_pause(answer->job);
		event_base_loopbreak(answer->base);
	}
	if (answer->cancel_at_head) {
		fetch_cancel(answer->job);
		event_base_loopbreak(answer->base);
	}
}

static bool
on_data(void *arg, const char *data, size_t size)
{
	struct answer *answer = arg;

	assert_true(answer->has_head);
	buf_add(&answer->body, data, size);
	if (answer->cancel_at_data) {
		fetch_cancel(answer->job);
		event_base_loopbreak(answer->base);
	}
	return answer->stop_after == 0 || answer->body.len < answer->stop_after;
}

static void
on_end(void *arg, const struct fetch_end *end)
{
	struct answer *answer = arg;

	assert_false(answer->ended);
	answer->ended = true;
	answer->end = *end;
	answer->end.reason = arena_strdup(answer->arena, end->reason);
	event_base_loopbreak(answer->base);
}

static const struct fetch_sink sink = {
    .head = on_head, .data = on_data, .end = on_end};

static void
answer_reset(struct world *world)
{
	struct answer *answer = &world->answer;

	arena_free(answer->arena);
	buf_done(&answer->body);
	memset(answer, 0, sizeof(*answer));
	answer->arena = arena_new(1 << 20);
	answer->base = world->base;
}

static struct request
request_for(struct world *world, const char *host, const char *path)
{
	struct request request = {.allow_private = "127.0.0.0/8",
	    .timeout = 600 * MSEC_PER_SEC,
	    .max_body = 1 << 20};

	snprintf(world->url, sizeof(world->url), "http://%s:%u%s", host,
	    httpd_port(world->httpd), path);
	request.url = world->url;
	return request;
}

static void
start(struct world *world, const struct request *request)
{
	struct answer *answer = &world->answer;

	assert_int_equal(
	    fetch_start(world->fetch, request, &sink, answer, &answer->job), 0);
	assert_false(answer->has_head);
	assert_false(answer->ended);
}

static struct answer *
run(struct world *world, const struct request *request)
{
	answer_reset(world);
	start(world, request);
	while (!world->answer.ended)
		event_base_loop(world->base, EVLOOP_ONCE);
	return &world->answer;
}

static struct answer *
get(struct world *world, const char *path)
{
	struct request request = request_for(world, "127.0.0.1", path);

	return run(world, &request);
}

static int
set_up(void **state)
{
	static const struct fetch_settings settings = {
	    .user_agent = "gazetted/0 (+https://example.org/)", .concurrency = 8};
	struct world *world = xcalloc(1, sizeof(*world));

	world->base = event_base_new();
	world->httpd = httpd_new(handle, world);
	assert_int_equal(fetch_new(world->base, &settings, &world->fetch), 0);
	answer_reset(world);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	fetch_free(world->fetch);
	httpd_free(world->httpd);
	event_base_free(world->base);
	arena_free(world->answer.arena);
	buf_done(&world->answer.body);
	free(world);
	return 0;
}

/* The header field that the server saw last, as a checked string. */
static void
assert_sent(struct world *world, const char *name, const char *value)
{
	char *text = httpd_last(world->httpd), *seen = httpd_field(text, name);

	if (value == NULL)
		assert_null(seen);
	else if (seen == NULL)
		fail_msg("no %s in %s", name, text);
	else
		assert_string_equal(seen, value);
	free(seen);
	free(text);
}

/* -- The tests -------------------------------------------------------------------- */

static void
plain_get(void **state)
{
	struct world *world = *state;
	struct answer *answer = get(world, "/hello");

	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_null(answer->end.reason);
	assert_int_equal(answer->head.status, 200);
	assert_string_equal(answer->head.url, world->url);
	assert_string_equal(buf_text(&answer->body), "hello");
	assert_int_equal(answer->end.bytes, 5);
	assert_false(answer->end.reused_connection);
	assert_int_equal(fetch_live(world->fetch), 0);
	assert_sent(world, "User-Agent", "gazetted/0 (+https://example.org/)");
	assert_sent(world, "Cookie", NULL);
	assert_sent(world, "Referer", NULL);
	assert_sent(world, "Cache-Control", NULL);
	assert_sent(world, "A-IM", NULL);
	assert_sent(world, "If-None-Match", NULL);
	assert_sent(world, "Authorization", NULL);
}

static void
validators_come(void **state)
{
	struct answer *answer = get(*state, "/validators");

	assert_string_equal(answer->head.validators.etag, "W/\"a\xe9-gzip\"");
	assert_string_equal(
	    answer->head.validators.last_modified, "Someday, 31 Foo 2038");
	assert_string_equal(answer->head.validators.url, answer->head.url);
	assert_true(answer->head.hints.has_validators);
	assert_int_equal(answer->head.date, INT64_C(1795687200000));
	answer = get(*state, "/badvalidators");
	assert_null(answer->head.validators.etag);
	assert_null(answer->head.validators.last_modified);
	assert_false(answer->head.hints.has_validators);
}

static void
validators_go(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "127.0.0.1", "/304");
	struct answer *answer;

	request.validators.etag = "W/\"a\xe9-gzip\"";
	request.validators.last_modified = "Someday";
	request.validators.url = world->url;
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_int_equal(answer->head.status, 304);
	assert_string_equal(answer->head.validators.etag, "\"new\"");
	assert_int_equal(answer->head.hints.max_age, MSEC_PER_MIN);
	assert_sent(world, "If-None-Match", "W/\"a\xe9-gzip\"");
	assert_sent(world, "If-Modified-Since", "Someday");
	assert_sent(world, "A-IM", "feed");

	/* Of another URL: not for this one. */
	request.validators.url = "http://127.0.0.1/304";
	run(world, &request);
	assert_sent(world, "If-None-Match", NULL);
	assert_sent(world, "If-Modified-Since", NULL);
	assert_sent(world, "A-IM", NULL);

	/* A line break would be a header of the server's making. */
	request.validators.url = world->url;
	request.validators.etag = "\"a\"\r\nX-Evil: 1";
	run(world, &request);
	assert_sent(world, "If-None-Match", NULL);
	assert_sent(world, "X-Evil", NULL);
	assert_sent(world, "If-Modified-Since", "Someday");
}

static void
hints(void **state)
{
	struct world *world = *state;
	struct answer *answer = get(world, "/hints");
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
	answer = get(world, "/expires");
	assert_int_equal(answer->head.hints.max_age, MSEC_PER_HOUR);
	assert_false(get(world, "/expired")->head.hints.has_max_age);
	answer = get(world, "/maxage0");
	assert_true(answer->head.hints.has_max_age);
	assert_int_equal(answer->head.hints.max_age, 0);
	answer = get(world, "/maxage2^66");
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
		struct answer *answer = get(*state, table[i].path);

		assert_int_equal(answer->end.outcome, OUTCOME_OK);
		assert_int_equal(answer->head.hints.retry_after, table[i].wait);
	}
}

static void
redirects_stay(void **state)
{
	struct world *world = *state;
	struct answer *answer = get(world, "/redirect");

	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_int_equal(answer->head.status, 301);
	assert_string_equal(answer->head.location, "http://other.example/a%20b?x");
	assert_int_equal(httpd_requests(world->httpd), 1);
	answer = get(world, "/ftp");
	assert_string_equal(answer->head.location, "ftp://h/x");
	assert_int_equal(httpd_requests(world->httpd), 2);
}

static void
odd_heads(void **state)
{
	struct answer *answer = get(*state, "/challenge");

	assert_true(answer->head.challenge);
	assert_true(get(*state, "/delta")->head.is_delta);
	answer = get(*state, "/early");
	assert_int_equal(answer->head.status, 200);
	assert_null(answer->head.validators.etag);
	assert_string_equal(buf_text(&answer->body), "ok");
	answer = get(*state, "/trailer");
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_null(answer->head.validators.etag);
	assert_string_equal(buf_text(&answer->body), "ok");
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
	    {"/nothttp", OUTCOME_TRANSFER, "not an HTTP answer"},
	    {"/nothing", OUTCOME_TRANSFER, "without an answer"},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		unsigned before = httpd_requests(world->httpd);
		struct answer *answer = get(world, table[i].path);

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
	struct request request = request_for(world, "127.0.0.1", "/bomb");
	struct answer *answer = run(world, &request);

	/* The cap first ... */
	assert_int_equal(answer->end.outcome, OUTCOME_TOO_BIG);
	assert_non_null(strstr(answer->end.reason, "max-body"));
	assert_true(answer->body.len <= 1 << 20);
	/* ... and under a generous one the ratio. */
	request.max_body = 1 << 30;
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TOO_BIG);
	assert_non_null(strstr(answer->end.reason, "200 times"));
	assert_true(answer->body.len < 16 << 20);
}

static void
deadlines(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "127.0.0.1", "/silent");
	struct answer *answer;

	request.timeout = 200;
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TIMEOUT);
	assert_string_equal(
	    answer->end.reason, "no answer from 127.0.0.1 within 0.2 s");
	request = request_for(world, "127.0.0.1", "/stall");
	request.timeout = 200;
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TIMEOUT);
	assert_non_null(strstr(answer->end.reason, "(2 bytes came)"));
}

static void
keep_alive(void **state)
{
	struct world *world = *state;
	int i;

	for (i = 0; i < 5; i++) {
		struct answer *answer = get(world, "/hello");

		assert_int_equal(answer->end.outcome, OUTCOME_OK);
		assert_int_equal(answer->end.reused_connection, i > 0);
	}
	assert_int_equal(httpd_connections(world->httpd), 1);
	fetch_drop_connections(world->fetch);
	assert_false(get(world, "/hello")->end.reused_connection);
	assert_int_equal(httpd_connections(world->httpd), 2);
}

/* POLLING 39: what was kept may have died; that is no failure of the feed. */
static void
silent_retry(void **state)
{
	struct world *world = *state;

	assert_int_equal(get(world, "/once")->end.outcome, OUTCOME_OK);
	assert_int_equal(get(world, "/once")->end.outcome, OUTCOME_OK);
	assert_int_equal(httpd_connections(world->httpd), 2);
	assert_int_equal(httpd_requests(world->httpd), 3);
}

static void
sink_stops(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "127.0.0.1", "/chunks");
	struct answer *answer = &world->answer;

	answer_reset(world);
	answer->stop_after = 1;
	start(world, &request);
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
	struct request request = request_for(world, "127.0.0.1", "/stall");
	struct answer *answer = &world->answer;
	size_t held;
	int i;

	answer_reset(world);
	request.timeout = 300;
	answer->pause_at_head = true;
	start(world, &request);
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
		assert_int_equal(
		    fetch_start(world->fetch, &request, &sink, &other, &other.job),
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

static void
cancelling(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "127.0.0.1", "/chunks");
	struct answer *answer = &world->answer;
	int where;

	for (where = 0; where < 3; where++) {
		answer_reset(world);
		answer->cancel_at_head = where == 1;
		answer->cancel_at_data = where == 2;
		start(world, &request);
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
	struct request request = request_for(world, "127.0.0.1", "/silent");
	struct fetch_job *second;
	int i;

	answer_reset(world);
	start(world, &request);
	for (i = 0; i < 3; i++)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
	request = request_for(world, "localhost", "/silent");
	assert_int_equal(
	    fetch_start(world->fetch, &request, &sink, &world->answer, &second), 0);
}

static void
turn_for(struct world *world, msec_t how_long)
{
	msec_t until = clock_mono() + how_long;

	while (clock_mono() < until)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
}

/* Jobs of a fetch in which one at a time may dial: the first has its place. */
static void
start_three(struct world *world, struct fetch *one, struct answer *silent,
    struct answer *other)
{
	struct request request = request_for(world, "127.0.0.1", "/silent");
	unsigned before = httpd_requests(world->httpd);

	*silent = (struct answer){.base = world->base};
	*other = (struct answer){.base = world->base};
	answer_reset(world);
	assert_int_equal(fetch_start(one, &request, &sink, silent, &silent->job), 0);
	while (httpd_requests(world->httpd) == before)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
	request = request_for(world, "127.0.0.1", "/silent");
	assert_int_equal(fetch_start(one, &request, &sink, other, &other->job), 0);
	request = request_for(world, "127.0.0.1", "/hello");
	request.timeout = 400; /* more than the answer takes, less than the wait */
	assert_int_equal(
	    fetch_start(one, &request, &sink, &world->answer, &world->answer.job),
	    0);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
}

/* No more than `concurrency` dial; who waits has its clock stopped. */
static void
places(void **state)
{
	static const struct fetch_settings settings = {.concurrency = 1};
	struct world *world = *state;
	struct answer silent, other;
	struct fetch *one;
	int i;

	assert_int_equal(fetch_new(world->base, &settings, &one), 0);
	for (i = 0; i < 2; i++) {
		start_three(world, one, &silent, &other);
		if (i == 0)
			turn_for(world, 500);
		assert_false(world->answer.ended);
		assert_int_equal(httpd_requests(world->httpd), 1 + 2 * i);
		/* The second time who is next is gone before it has its turn. */
		fetch_cancel(i == 0 ? other.job : silent.job);
		fetch_cancel(i == 0 ? silent.job : other.job);
		while (!world->answer.ended)
			event_base_loop(world->base, EVLOOP_ONCE);
		assert_int_equal(world->answer.end.outcome, OUTCOME_OK);
	}
	fetch_free(one);
}

static void
hosts_file(void **state)
{
	static const char text[] =
	    "127.0.0.1 localhost\n"
	    "# 10.0.0.1 not.this\n"
	    "\t10.0.0.2\tsite.lan  Reader.LAN #but.not.this\r\n"
	    "2001:db8::1 six";
	static const struct {
		const char *host;
		bool is_there;
	} cases[] = {{"localhost", true}, {"LOCALHOST.", true}, {"site.lan", true},
	    {"reader.lan", true}, {"six", true}, {"si", false}, {"sixx", false},
	    {"127.0.0.1", false}, {"10.0.0.2", false}, {"not.this", false},
	    {"but.not.this", false}, {"#but.not.this", false}, {"", false},
	    {".", false}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (hosts_lists(text, sizeof(text) - 1, cases[i].host) !=
		    cases[i].is_there)
			fail_msg("\"%s\"", cases[i].host);
	}
	assert_false(hosts_lists("", 0, "localhost"));
	/* Cut in the middle of a word, as by the end of what is read. */
	assert_false(hosts_lists(text, 16, "localhost"));
}

static void
gate_refuses(void **state)
{
	static const char *const spellings[] = {"127.0.0.1", "127.1", "2130706433",
	    "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "localhost", "LOCALHOST",
	    "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
	    "127.0.0.1.", "%31%32%37.0.0.1", "127.127.127.127"};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct request request = request_for(world, spellings[i], "/hello");
		struct answer *answer;

		request.allow_private = "no";
		answer = run(world, &request);
		/* A few are no host at all to libcurl or to libc. */
		if (answer->end.outcome != OUTCOME_FORBIDDEN_ADDRESS &&
		    answer->end.outcome != OUTCOME_BAD_URL &&
		    answer->end.outcome != OUTCOME_DNS)
			fail_msg("%s: %s, %s", spellings[i],
			    outcome_name(answer->end.outcome), answer->end.reason);
		if (i < 9) {
			assert_int_equal(
			    answer->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
			assert_non_null(strstr(answer->end.reason, "allow-private"));
		}
	}
	assert_int_equal(httpd_connections(world->httpd), 0);
}

/* What one feed may reach through a kept connection another may not. */
static void
gate_on_reuse(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "127.0.0.1", "/hello");
	struct answer *answer;

	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_OK);
	request.allow_private = "no";
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
	assert_int_equal(httpd_requests(world->httpd), 1);
	request.allow_private = "10.0.0.0/8 localhost:1";
	assert_int_equal(
	    run(world, &request)->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
	assert_int_equal(httpd_requests(world->httpd), 1);
}

static void
names(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "localhost", "/hello");
	struct answer *answer;
	char rule[64];

	request.allow_private = "yes";
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	/* By name and port, and from what is known of the name. */
	snprintf(rule, sizeof(rule), "localhost:%u", httpd_port(world->httpd));
	request.allow_private = rule;
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_OK);
	request.url = "http://no.such.host.invalid/";
	answer = run(world, &request);
	assert_true(answer->end.outcome == OUTCOME_DNS ||
	    answer->end.outcome == OUTCOME_DNS_AGAIN);
	assert_non_null(strstr(answer->end.reason, "no.such.host.invalid"));
}

static void
refused(void **state)
{
	struct world *world = *state;
	struct request request = {.allow_private = "yes", .timeout = 5000};
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t size = sizeof(in);
	char url[64];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct answer *answer;

	/* Bound, but nobody listens. */
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(in.sin_port));
	request.url = url;
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_CONNECT);
	assert_string_equal(
	    answer->end.reason, "cannot connect to 127.0.0.1: Connection refused");
	close(fd);
}

static void
bad_urls(void **state)
{
	static const char *const urls[] = {"", "x", "file:///etc/passwd",
	    "ftp://example.org/", "gopher://x/", "exec:id", "|id", "http://",
	    "https://[::1", "http://host:99999/", "http://user:secret@127.0.0.1/",
	    "javascript:1"};
	struct world *world = *state;
	struct request request = request_for(world, "127.0.0.1", "/");
	struct answer *answer;
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		request.url = urls[i];
		answer = run(world, &request);
		if (answer->end.outcome != OUTCOME_BAD_URL)
			fail_msg(
			    "%s: %s", urls[i], outcome_name(answer->end.outcome));
		assert_null(strstr(answer->end.reason, "secret"));
	}
	memset(world->url, 'a', LIMIT_URL_BYTES + 1);
	memcpy(world->url, "http://127.0.0.1/", 17);
	world->url[LIMIT_URL_BYTES + 1] = '\0';
	request.url = world->url;
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_BAD_URL);
}

static void
what_a_feed_adds(void **state)
{
	struct world *world = *state;
	struct request request =
	    request_for(world, "127.0.0.1", "/a b/\xc3\xa9/../c");
	char *text;

	request.user_agent = "mine/1";
	request.header = "X-One: 1\nX-Two: 2";
	request.cookie = "a=b";
	request.credential = "user:pass:word\n";
	run(world, &request);
	assert_sent(world, "User-Agent", "mine/1");
	assert_sent(world, "X-One", "1");
	assert_sent(world, "X-Two", "2");
	assert_sent(world, "Cookie", "a=b");
	assert_sent(world, "Authorization", "Basic dXNlcjpwYXNzOndvcmQ=");
	text = httpd_last(world->httpd);
	assert_true(strncmp(text, "GET /a%20b/%C3%A9/../c HTTP/1.1\r\n", 33) == 0);
	free(text);
	request.credential = "Bearer abc.def";
	run(world, &request);
	assert_sent(world, "Authorization", "Bearer abc.def");
	request.credential = "X-Key: k1";
	run(world, &request);
	assert_sent(world, "X-Key", "k1");
	assert_sent(world, "Authorization", NULL);
	request.credential = "nonsense";
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_BAD_URL);
	assert_null(strstr(world->answer.end.reason, "nonsense"));
	request.credential = NULL;
	request.header = "no header";
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_BAD_URL);
}

/* The environment's proxy is not ours; the configured one is asked, and judged
 * literal addresses are refused before it is. */
static void
proxies(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "127.0.0.1", "/hello");
	char proxy[64], *text;

	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_OK);
	unsetenv("http_proxy");
	snprintf(
	    proxy, sizeof(proxy), "http://127.0.0.1:%u", httpd_port(world->httpd));
	request.proxy = proxy;
	request.url = "http://feeds.example/x";
	request.allow_private = "no";
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_OK);
	text = httpd_last(world->httpd);
	assert_true(strncmp(text, "GET http://feeds.example/x ", 27) == 0);
	free(text);
	request.url = "http://10.0.0.1/x";
	assert_int_equal(
	    run(world, &request)->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
	request = request_for(world, "127.0.0.1", "/hello");
	request.proxy = "http://127.0.0.1:1";
	request.no_proxy = "example.org, 127.0.0.1";
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_OK);
}

/* -- TLS, with openssl's own server --------------------------------------------- */

struct tls {
	char dir[32], cert[64], key[64];
	pid_t pid;
	unsigned port;
	char *pem;
};

/* Runs `argv`, its output into `ret_fd` when that is not NULL. */
static pid_t
run_program(const char *const argv[], int *ret_fd)
{
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(ret_fd != NULL ? pipes[1] : null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(pipes[1]);
	if (ret_fd != NULL)
		*ret_fd = pipes[0];
	else
		close(pipes[0]);
	return pid;
}

static char *
slurp(const char *path)
{
	char *text = xcalloc(1, 65536);
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

/* A certificate for "localhost" that nobody has signed, and a server with it.
 * False: there is no openssl here. */
static bool
tls_start(struct tls *tls)
{
	const char *make[] = {"openssl", "req", "-x509", "-newkey", "rsa:2048",
	    "-nodes", "-keyout", tls->key, "-out", tls->cert, "-days", "2", "-subj",
	    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", NULL};
	const char *serve[] = {"openssl", "s_server", "-accept", "127.0.0.1:0",
	    "-key", tls->key, "-cert", tls->cert, "-www", NULL};
	char line[256] = "";
	int status, fd;
	FILE *out;

	strcpy(tls->dir, "/tmp/gazetted-test-XXXXXX");
	assert_non_null(mkdtemp(tls->dir));
	snprintf(tls->cert, sizeof(tls->cert), "%s/cert.pem", tls->dir);
	snprintf(tls->key, sizeof(tls->key), "%s/key.pem", tls->dir);
	assert_true(waitpid(run_program(make, NULL), &status, 0) > 0);
	if (status != 0)
		return false;
	tls->pem = slurp(tls->cert);
	tls->pid = run_program(serve, &fd);
	out = fdopen(fd, "r");
	while (tls->port == 0 && fgets(line, sizeof(line), out) != NULL)
		(void)sscanf(line, "ACCEPT 127.0.0.1:%u", &tls->port);
	fclose(out);
	return tls->port != 0;
}

static void
tls_stop(struct tls *tls)
{
	if (tls->pid > 0) {
		kill(tls->pid, SIGKILL);
		waitpid(tls->pid, NULL, 0);
	}
	unlink(tls->cert);
	unlink(tls->key);
	rmdir(tls->dir);
	free(tls->pem);
}

static void
certificates(void **state)
{
	struct world *world = *state;
	struct request request = {.allow_private = "yes", .timeout = 20000};
	struct tls tls = {.pid = -1};
	struct answer *answer;
	char url[64];

	if (!tls_start(&tls)) {
		tls_stop(&tls);
		print_message("# there is no openssl here\n");
		skip();
	}
	snprintf(url, sizeof(url), "https://localhost:%u/", tls.port);
	request.url = url;
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TLS);
	assert_non_null(
	    strstr(answer->end.reason, "certificate of localhost: self"));
	assert_false(answer->has_head);
	request.ca_pem = tls.pem;
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_int_equal(answer->head.status, 200);
	/* Known, but under another name. */
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", tls.port);
	answer = run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TLS);
	assert_non_null(strstr(answer->end.reason, "127.0.0.1"));
	request.ca_pem = NULL;
	request.insecure = true;
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_OK);
	/* What was let through for one feed is not for the next. */
	request.insecure = false;
	assert_int_equal(run(world, &request)->end.outcome, OUTCOME_TLS);
	tls_stop(&tls);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
	    TEST(broken_transfers),
	    TEST(bombs),
	    TEST(deadlines),
	    TEST(keep_alive),
	    TEST(silent_retry),
	    TEST(sink_stops),
	    TEST(pausing),
	    TEST(cancelling),
	    TEST(freed_alive),
	    TEST(places),
	    cmocka_unit_test(hosts_file),
	    TEST(gate_refuses),
	    TEST(gate_on_reuse),
	    TEST(names),
	    TEST(refused),
	    TEST(bad_urls),
	    TEST(what_a_feed_adds),
	    TEST(proxies),
	    TEST(certificates),
	};

	return CHECK_RUN(tests);
}
