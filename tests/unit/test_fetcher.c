/* SPDX-License-Identifier: ISC */
/*
 * The real process, started from this very program: main() below is what the
 * daemon's is, as far as the fetcher goes.
 */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "fetcher/answer.h"
#include "fetcher/fetcher.h"
#include "fetcher/budget.h"
#include "fetcher/sandbox.h"
#include "model/batch.h"
#include "tests/unit/httpd.h"
#include "wire/wire.h"

/* -- The server ------------------------------------------------------------------ */

#define FEED_OF(text)                                              \
	"<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>"    \
	"<title>News</title><link>http://example.org/</link>"      \
	"<item><title>One</title><guid>1</guid></item>"            \
	"<item><title>Two</title><guid>2</guid><description>" text \
	"</description></item></channel></rss>"

static bool
send_feed(int fd, const char *status, const char *headers, const char *body)
{
	return httpd_printf(fd,
	    "HTTP/1.1 %s\r\n%sContent-Type: text/xml\r\nContent-Length: "
	    "%zu\r\n\r\n%s",
	    status, headers, strlen(body), body);
}

/* 40 items a chunk until the client has hung up, or `chunks` of them. */
static bool
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

static bool
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

/* -- The service's side ------------------------------------------------------------ */

struct world {
	struct httpd *httpd;
	struct fetcher_child child;
	struct buf in;
	size_t used; /* of in: the frame handed out last */
	unsigned heartbeats;
	char url[256];
};

static void
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
static bool
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

static struct batch *
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

static void
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

static int
set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->httpd = httpd_new(handle, world);
	assert_int_equal(fetcher_prepare(&world->child), 0);
	spawn(world);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	fetcher_done(&world->child);
	httpd_free(world->httpd);
	buf_done(&world->in);
	free(world);
	return 0;
}

static struct request
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

static void
ask(struct world *world, const struct request *request)
{
	struct buf out = {0};

	wire_put_request(request, &out);
	send_out(world, &out);
}

static struct batch *
get(struct world *world, const char *path)
{
	struct request request = request_for(world, path);

	ask(world, &request);
	return next_batch(world);
}

/* -- Tests of the process ------------------------------------------------------------ */

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

static void
assert_end(struct world *world)
{
	enum wire_type type;
	const char *payload;
	size_t size;

	assert_false(next_frame(world, &type, &payload, &size));
}

/* The job that the next frame is about, which is of this type. */
static int64_t
next_number(struct world *world, enum wire_type wanted)
{
	enum wire_type type;
	const char *payload;
	int64_t number;
	size_t size;

	assert_true(next_frame(world, &type, &payload, &size));
	assert_int_equal(type, wanted);
	assert_int_equal(wire_get_number(payload, size, &number), 0);
	return number;
}

/* Threads, the hosts file and the resolver's sockets work behind the walls. */
static void
names_inside(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "/feed");
	struct batch *batch;
	char url[64];

	snprintf(
	    url, sizeof(url), "http://localhost:%u/feed", httpd_port(world->httpd));
	request.url = url;
	request.job = 71;
	ask(world, &request);
	assert_int_equal(next_number(world, WIRE_WAITS), 71);
	assert_int_equal(next_number(world, WIRE_GOES), 71);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_OK);
	batch_free(batch);
	/* What is known needs no look-up. */
	ask(world, &request);
	batch_free(next_batch(world));
	request.url = "http://no.such.host.invalid/feed";
	request.job = 72;
	ask(world, &request);
	assert_int_equal(next_number(world, WIRE_WAITS), 72);
	batch = next_batch(world);
	assert_true(
	    batch->outcome == OUTCOME_DNS || batch->outcome == OUTCOME_DNS_AGAIN);
	batch_free(batch);
	request.url = url;
	request.allow_private = "no";
	ask(world, &request);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_FORBIDDEN_ADDRESS);
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

/* Nothing but its own descriptors, and no secret of the environment. */
static void
inherits_nothing(void **state)
{
	struct world *world = *state;
	char path[64], text[4096];
	int fd, number;
	ssize_t n;

	for (number = 5; number < 64; number++) {
		char link[256];

		snprintf(
		    path, sizeof(path), "/proc/%d/fd/%d", world->child.pid, number);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		/* libevent's and libcurl's own. */
		if (strncmp(link, "anon_inode:", 11) != 0 &&
		    strncmp(link, "socket:", 7) != 0 &&
		    strncmp(link, "pipe:", 5) != 0)
			fail_msg("descriptor %d is %s", number, link);
	}
	snprintf(path, sizeof(path), "/proc/%d/environ", world->child.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text));
	close(fd);
	assert_true(n > 0);
	assert_null(memmem(text, (size_t)n, "test-secret", 11));
	assert_non_null(memmem(text, (size_t)n, "RES_OPTIONS=timeout:3", 21));
}

/* -- Tests of the sandbox ---------------------------------------------------------- */

/* What the walls must hold back, tried from inside, by name. */
static void
try_all(const char *dir, struct buf *leaks)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	static char *const none[] = {NULL};
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/gazetted.db", dir);
	if (open(path, O_RDONLY) >= 0)
		buf_puts(leaks, "reads the database; ");
	if (open(path, O_RDWR) >= 0)
		buf_puts(leaks, "opens the database for writing; ");
	snprintf(path, sizeof(path), "%s/new", dir);
	if (open(path, O_WRONLY | O_CREAT, 0600) >= 0)
		buf_puts(leaks, "makes a file; ");
	if (open("/usr/new", O_WRONLY | O_CREAT, 0600) >= 0)
		buf_puts(leaks, "makes a file below /usr; ");
	if (open(dir, O_TMPFILE | O_RDWR, 0600) >= 0)
		buf_puts(leaks, "makes a nameless file; ");
	if (open("/etc/shadow", O_RDONLY) >= 0)
		buf_puts(leaks, "reads /etc/shadow; ");
	if (mkdir(path, 0700) == 0)
		buf_puts(leaks, "makes a directory; ");
	if (unlink(path) == 0 || errno == ENOENT)
		buf_puts(leaks, "may unlink; ");
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/socket", dir);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		buf_puts(leaks, "connects to the control socket; ");
	if (fd >= 0)
		buf_puts(leaks, "has a Unix socket; ");
	if (socket(AF_NETLINK, SOCK_RAW, 0) >= 0)
		buf_puts(leaks, "has a netlink socket; ");
	if (memfd_create("x", 0) >= 0)
		buf_puts(leaks, "has a memfd; ");
	if (kill(getppid(), 0) == 0)
		buf_puts(leaks, "signals its parent; ");
	execve("/bin/true", none, none);
	if (errno != EPERM)
		buf_puts(leaks, "may exec; ");
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		buf_puts(leaks, "(and has no TCP)");
}

/* The result of the child: what leaked, behind what it says is missing. */
static void
run_inside(const char *dir, char *text, size_t room)
{
	struct buf missing = {0}, leaks = {0};
	char database[256];
	int pipes[2];
	pid_t pid;
	ssize_t n;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct sandbox_paths paths = {.database = database};

		snprintf(database, sizeof(database), "%s/gazetted.db", dir);
		sandbox_enter(&paths, &missing);
		try_all(dir, &leaks);
		buf_puts(&missing, "|");
		buf_puts(&missing, buf_text(&leaks));
		n = write(pipes[1], missing.data, missing.len);
		_exit(n == (ssize_t)missing.len ? 0 : 1);
	}
	close(pipes[1]);
	n = read(pipes[0], text, room - 1);
	text[n > 0 ? n : 0] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
walls_hold(void **state)
{
	char dir[] = "/tmp/gazetted-test-XXXXXX", path[256], text[2048];
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd, listener;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/gazetted.db", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	assert_true(fd >= 0);
	close(fd);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/socket", dir);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(listener, 1), 0);

	run_inside(dir, text, sizeof(text));

	close(listener);
	unlink(un.sun_path);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
	if (text[0] != '|') {
		print_message("# this kernel lacks: %s\n", text);
		skip();
	}
	assert_string_equal(text, "|");
}

/* -- Pure: statuses ------------------------------------------------------------------ */

static void
answers(void **state)
{
	static const struct {
		int status;
		bool conditional;
		enum outcome outcome;
	} table[] = {{200, false, OUTCOME_OK}, {201, false, OUTCOME_BAD_STATUS},
	    {204, true, OUTCOME_UNCHANGED}, {206, false, OUTCOME_BAD_STATUS},
	    {226, true, OUTCOME_BAD_STATUS}, /* without IM: feed */
	    {300, false, OUTCOME_REDIRECT}, {301, false, OUTCOME_REDIRECT},
	    {304, true, OUTCOME_UNCHANGED}, {304, false, OUTCOME_BAD_STATUS},
	    {305, false, OUTCOME_BAD_STATUS}, {308, false, OUTCOME_REDIRECT},
	    {400, false, OUTCOME_NOT_FOUND}, {401, false, OUTCOME_AUTH},
	    {403, false, OUTCOME_FORBIDDEN}, {404, false, OUTCOME_NOT_FOUND},
	    {407, false, OUTCOME_AUTH}, {410, false, OUTCOME_GONE},
	    {429, false, OUTCOME_THROTTLED}, {451, false, OUTCOME_FORBIDDEN},
	    {500, false, OUTCOME_SERVER_ERROR}, {503, false, OUTCOME_SERVER_ERROR},
	    {599, false, OUTCOME_SERVER_ERROR}, {600, false, OUTCOME_BAD_STATUS},
	    {999, false, OUTCOME_BAD_STATUS}};
	struct fetch_head head = {.location = "http://example.org/"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		head.status = table[i].status;
		if (answer_outcome(&head, table[i].conditional) != table[i].outcome)
			fail_msg("%d: %s", head.status,
			    outcome_name(
				answer_outcome(&head, table[i].conditional)));
	}
	head.location = NULL;
	head.status = 301;
	assert_int_equal(answer_outcome(&head, false), OUTCOME_BAD_STATUS);
	head.status = 403;
	head.challenge = true;
	assert_int_equal(answer_outcome(&head, false), OUTCOME_CHALLENGE);
}

static void
challenges(void **state)
{
	static const struct {
		int status;
		bool is_challenge;
		const char *page;
	} table[] = {
	    {503, true, "<title>Just a moment...</title>"},
	    {403, true, "<html>Just a moment, we check your browser"},
	    {200, true, "<html><head><TITLE>\n Just a moment...</title>"},
	    {200, true, "<title>Un momento</title><script>window._cf_chl_opt={"},
	    {200, true, "<div id=\"cf-chl-widget\">"},
	    {200, false, "<title>Blog</title><p>Just a moment ago I wrote"},
	    {200, false, "<title>Just a moment of peace</title>"},
	    {200, false,
		"<script src=/cdn-cgi/challenge-platform/scripts/jsd/x.js>"},
	    {403, false, "<title>403 Forbidden</title>"},
	    {403, false, ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (answer_is_challenge(table[i].status, table[i].page,
			strlen(table[i].page)) != table[i].is_challenge)
			fail_msg("%d: %s", table[i].status, table[i].page);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers),
	    cmocka_unit_test(challenges),
	    cmocka_unit_test(walls_hold),
	    TEST(feed_to_batch),
	    TEST(unchanged),
	    TEST(statuses),
	    TEST(brought_document),
	    TEST(many_at_once),
	    cmocka_unit_test(flow),
	    cmocka_unit_test(share),
	    TEST(cancelled),
	    TEST(names_inside),
	    TEST(ends),
	    TEST(blamed),
	    TEST(inherits_nothing),
	};

	if (fetcher_is_me())
		return fetcher_main();
	setenv("CREDENTIALS_DIRECTORY", "/run/test-secret", 1);
	return CHECK_RUN(tests);
}
