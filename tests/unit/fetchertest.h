/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FETCHERTEST_H
#define TESTS_FETCHERTEST_H

/*
 * A server whose answers go by the path, a fetcher process of this very program, and
 * the service's side of its socket: what the fetcher's tests share.  Their main() is
 * what the daemon's is, as far as the fetcher goes.
 */
#include "tests/unit/check.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "fetcher/fetcher.h"
#include "fetcher/process.h"
#include "model/batch.h"
#include "tests/unit/httpd.h"
#include "wire/wire.h"

#define FEED_OF(text)                                              \
	"<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>"    \
	"<title>News</title><link>http://example.org/</link>"      \
	"<item><title>One</title><guid>1</guid></item>"            \
	"<item><title>Two</title><guid>2</guid><description>" text \
	"</description></item></channel></rss>"

static inline bool
send_feed(int fd, const char *status, const char *headers, const char *body)
{
	return httpd_printf(fd,
	    "HTTP/1.1 %s\r\n%sContent-Type: text/xml\r\nContent-Length: "
	    "%zu\r\n\r\n%s",
	    status, headers, strlen(body), body);
}

/* 40 items a chunk until the client has hung up, or `chunks` of them. */
static inline bool
send_long(int fd, unsigned chunks)
{
	struct buf body = {0};
	unsigned i;
	bool ok;

	buf_puts(&body, "<rss version=\"2.0\"><channel><title>Long</title>");
	ok = httpd_printf(
	    fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (i = 0; ok && i < chunks; i++) {
		int k;

		for (k = 0; k < 40; k++)
			buf_printf(&body,
			    "<item><guid>%u</guid><title>%01000d</title></item>",
			    i * 40 + k, k);
		ok = httpd_printf(fd, "%zx\r\n%s\r\n", body.len, body.data);
		buf_reset(&body);
	}
	buf_puts(&body, "</channel></rss>");
	ok = ok && httpd_printf(fd, "%zx\r\n%s\r\n0\r\n\r\n", body.len, body.data);
	buf_done(&body);
	return ok;
}

static inline bool
handle(const struct httpd_request *request, void *arg)
{
	static const struct {
		const char *path, *status, *headers, *body;
	} table[] = {
	    {"/feed", "200 OK",
		"ETag: \"e1\"\r\nLast-Modified: yesterday\r\n"
		"Cache-Control: max-age=600\r\n",
		FEED_OF("text")},
	    {"/bare", "200 OK", "", FEED_OF("text")},
	    {"/abort", "200 OK", "", FEED_OF("gazetted-test-abort")},
	    {"/hang", "200 OK", "", FEED_OF("gazetted-test-hang")},
	    {"/304", "304 Not Modified", "ETag: \"e2\"\r\n", ""},
	    {"/302", "302 Found", "Location: /feed\r\nETag: \"hop\"\r\n", ""},
	    {"/delta", "226 IM Used", "IM: feed\r\nETag: \"d\"\r\n", FEED_OF("d")},
	    {"/empty", "200 OK", "ETag: \"empty\"\r\n", ""},
	    {"/429", "429 Slow Down", "Retry-After: 90\r\nETag: \"bad\"\r\n", "no"},
	    {"/challenge", "503 Wait", "", "<title>Just a moment...</title>"},
	    {"/page", "200 OK", "ETag: \"page\"\r\n",
		"<!DOCTYPE "
		"html><html><head><title>Hi</title></head><body>Hi</body>"},
	    {"/moment", "200 OK", "",
		"<!DOCTYPE html><html><title>Blog</title><p>Just a moment ago"},
	    {"/204", "204 No Content", "ETag: \"none\"\r\n", ""},
	    {"/206", "206 Partial", "", "half"},
	};
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(request->path, table[i].path) == 0)
			return send_feed(request->fd, table[i].status,
			    table[i].headers, table[i].body);
	}
	if (strcmp(request->path, "/silent") == 0) {
		httpd_wait_hangup(request->fd);
		return false;
	}
	if (strcmp(request->path, "/long") == 0)
		return send_long(request->fd, 100);
	if (strcmp(request->path, "/cut") == 0) {
		httpd_printf(request->fd,
		    "HTTP/1.1 200 OK\r\nETag: \"cut\"\r\nContent-Length: "
		    "9999\r\n\r\n" FEED_OF("cut"));
		return false;
	}
	return send_feed(request->fd, "404 Not Found", "", "nothing");
}

struct world {
	struct httpd *httpd;
	struct fetcher_child child;
	struct buf in;
	size_t used; /* of in: the frame handed out last */
	unsigned heartbeats;
	char url[256];
};

static inline void
send_out(struct world *world, struct buf *out)
{
	size_t sent = 0;

	while (sent < out->len) {
		struct pollfd pfd = {.fd = world->child.fd, .events = POLLOUT};
		ssize_t n = send(world->child.fd, out->data + sent, out->len - sent,
		    MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else
			assert_int_equal(poll(&pfd, 1, 20000), 1);
	}
	buf_done(out);
}

/* The next frame that is neither log nor heartbeat.  False: the end. */
static inline bool
next_frame(struct world *world, enum wire_type *ret_type, const char **ret_payload,
    size_t *ret_size)
{
	struct pollfd pfd = {.fd = world->child.fd, .events = POLLIN};
	size_t total;
	ssize_t n;
	int r;

	for (;;) {
		buf_drop(&world->in, world->used);
		world->used = 0;
		r = wire_frame(buf_text(&world->in), world->in.len, ret_type,
		    ret_payload, ret_size, &total);
		assert_true(r >= 0);
		if (r > 0) {
			world->used = total;
			if (*ret_type == WIRE_HEARTBEAT)
				world->heartbeats++;
			else if (*ret_type != WIRE_LOG)
				return true;
			continue;
		}
		assert_int_equal(poll(&pfd, 1, 60000), 1);
		n = recv(world->child.fd, buf_room(&world->in, 65536), 65536, 0);
		if (n <= 0)
			return false;
		world->in.len += (size_t)n;
	}
}

static inline struct batch *
next_batch(struct world *world)
{
	enum wire_type type;
	const char *payload;
	struct batch *batch;
	size_t size;
	char *copy;

	do {
		assert_true(next_frame(world, &type, &payload, &size));
	} while (type == WIRE_WAITS || type == WIRE_GOES);
	assert_int_equal(type, WIRE_BATCH);
	copy = xmalloc(size);
	memcpy(copy, payload, size);
	assert_int_equal(wire_get_batch(copy, size, &batch), 0);
	return batch;
}

static inline void
spawn(struct world *world)
{
	const struct wire_settings settings = {.user_agent = "gazetted/0",
	    .database = "/etc/passwd",
	    .socket = "/run/gazetted/none",
	    .concurrency = 8,
	    .log_level = LOG_LEVEL_INFO};
	struct buf out = {0};
	enum wire_type type;
	const char *payload, *missing;
	size_t size;

	buf_done(&world->in);
	world->used = 0;
	assert_int_equal(fetcher_spawn(&world->child), 0);
	wire_put_settings(&settings, &out);
	send_out(world, &out);
	assert_true(next_frame(world, &type, &payload, &size));
	assert_int_equal(type, WIRE_READY);
	assert_int_equal(wire_get_text(payload, size, &missing), 0);
	if (*missing != '\0')
		print_message("# this kernel lacks: %s\n", missing);
}

static inline int
set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->httpd = httpd_new(handle, world);
	assert_int_equal(fetcher_prepare(&world->child), 0);
	spawn(world);
	*state = world;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct world *world = *state;

	fetcher_done(&world->child);
	httpd_free(world->httpd);
	buf_done(&world->in);
	free(world);
	return 0;
}

static inline struct request
request_for(struct world *world, const char *path)
{
	struct request request = {.job = 7,
	    .feed_id = 42,
	    .feed = "news",
	    .allow_private = "yes",
	    .timeout = 600 * MSEC_PER_SEC,
	    .max_body = 32 << 20};

	snprintf(world->url, sizeof(world->url), "http://127.0.0.1:%u%s",
	    httpd_port(world->httpd), path);
	request.url = world->url;
	return request;
}

static inline void
ask(struct world *world, const struct request *request)
{
	struct buf out = {0};

	wire_put_request(request, &out);
	send_out(world, &out);
}

static inline struct batch *
get(struct world *world, const char *path)
{
	struct request request = request_for(world, path);

	ask(world, &request);
	return next_batch(world);
}

static inline void
assert_end(struct world *world)
{
	enum wire_type type;
	const char *payload;
	size_t size;

	assert_false(next_frame(world, &type, &payload, &size));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define FETCHERTEST_RUN(tests)                                                      \
	(fetcher_is_me() ? fetcher_main()                                           \
			 : (setenv("CREDENTIALS_DIRECTORY", "/run/test-secret", 1), \
			       CHECK_RUN(tests)))

#endif
