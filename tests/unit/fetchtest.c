/* SPDX-License-Identifier: ISC */
#include "tests/unit/fetchtest.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

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
    {"/folded",
	"HTTP/1.1 200 OK\r\nETag: \"abc\r\n def\"\r\nCache-Control: no-cache,\r\n"
	"\tmax-age=60\r\nLast-Modified: Someday\r\n \r\nDate: x\r\n"
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

/* Two members, as gzip allows and HTTP's readers mostly do not: "hi" twice. */
static void
send_members(int fd)
{
	static const unsigned char hi[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xcb,
	    0xc8, 4, 0, 0xac, 0x2a, 0x93, 0xd8, 2, 0, 0, 0};

	httpd_printf(fd,
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	    "Content-Length: 44\r\n\r\n");
	httpd_send(fd, hi, sizeof(hi));
	httpd_send(fd, hi, sizeof(hi));
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
	} else if (strcmp(request->path, "/members") == 0) {
		send_members(fd);
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
	if (answer->pause_at_data)
		fetch_pause(answer->job);
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

const struct fetch_sink fetchtest_sink = {
    .head = on_head, .data = on_data, .end = on_end};

void
fetchtest_answer_reset(struct world *world)
{
	struct answer *answer = &world->answer;

	arena_free(answer->arena);
	buf_done(&answer->body);
	memset(answer, 0, sizeof(*answer));
	answer->arena = arena_new(1 << 20);
	answer->base = world->base;
}

struct request
fetchtest_request_for(struct world *world, const char *host, const char *path)
{
	struct request request = {.allow_private = "127.0.0.0/8",
	    .timeout = 600 * MSEC_PER_SEC,
	    .max_body = 1 << 20};

	snprintf(world->url, sizeof(world->url), "http://%s:%u%s", host,
	    httpd_port(world->httpd), path);
	request.url = world->url;
	return request;
}

void
fetchtest_start(struct world *world, const struct request *request)
{
	struct answer *answer = &world->answer;

	assert_int_equal(fetch_start(world->fetch, request, &fetchtest_sink, answer,
			     &answer->job),
	    0);
	assert_false(answer->has_head);
	assert_false(answer->ended);
}

struct answer *
fetchtest_run(struct world *world, const struct request *request)
{
	fetchtest_answer_reset(world);
	fetchtest_start(world, request);
	while (!world->answer.ended)
		event_base_loop(world->base, EVLOOP_ONCE);
	return &world->answer;
}

struct answer *
fetchtest_get(struct world *world, const char *path)
{
	struct request request = fetchtest_request_for(world, "127.0.0.1", path);

	return fetchtest_run(world, &request);
}

int
fetchtest_set_up(void **state)
{
	static const struct fetch_settings settings = {
	    .user_agent = "gazetted/0 (+https://example.org/)", .concurrency = 8};
	struct world *world = xcalloc(1, sizeof(*world));

	world->base = event_base_new();
	world->httpd = httpd_new(handle, world);
	assert_int_equal(fetch_new(world->base, &settings, &world->fetch), 0);
	fetchtest_answer_reset(world);
	*state = world;
	return 0;
}

int
fetchtest_tear_down(void **state)
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

void
fetchtest_assert_sent(struct world *world, const char *name, const char *value)
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
