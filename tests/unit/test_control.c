/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "control/control.h"

/* -- A server of a few methods ------------------------------------------------ */

static struct event_base *base;
static struct control *control;
static char dir[] = "/tmp/test_control.XXXXXX";
static char path[64];

static struct {
	struct control_call *held[128]; /* calls of t.x.Hold and t.x.Stream */
	unsigned held_count, gone, writable;
	long offered, rows; /* of t.x.Rows */
} seen;

static void
end_text(struct control_call *call, const char *member, const char *text)
{
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_text(&w, member, text);
	jsonw_close(&w);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

static void
start_echo(struct control_call *call, struct wire_object *parameters, void *arg)
{
	const char *text, *fault;

	assert_ptr_equal(arg, &seen);
	(void)wire_object_text(parameters, "text", &text);
	fault = wire_object_fault(parameters);
	if (fault != NULL)
		control_invalid(call, fault);
	else
		end_text(call, "text", text);
}

static void
start_hold(struct control_call *call, struct wire_object *parameters, void *arg)
{
	(void)parameters;
	(void)arg;
	control_set_state(call, &seen);
	seen.held[seen.held_count++] = call;
}

static void
gone(struct control_call *call, void *arg)
{
	assert_ptr_equal(arg, &seen);
	assert_ptr_equal(control_state(call), &seen);
	seen.gone++;
	/* Without effect by now. */
	control_end(call, "{}", 2);
}

static void
count_writable(struct control_call *call, void *arg)
{
	(void)call;
	(void)arg;
	seen.writable++;
}

/* `count` rows of a hundred bytes, as many at a time as there is room for. */
static void
add_rows(struct control_call *call)
{
	struct buf json = {0};
	int i;

	for (i = 0; i < 100 && seen.offered < seen.rows; i++) {
		buf_printf(
		    &json, "{\"n\":%ld,\"pad\":\"%080d\"}", seen.offered++, 0);
		buf_putc(&json, '\0');
	}
	if (json.len > 0)
		control_rows(call, json.data, json.len);
	buf_done(&json);
	if (seen.offered == seen.rows)
		control_end(call, "{\"n\":-1}", 8);
}

static void
start_rows(struct control_call *call, struct wire_object *parameters, void *arg)
{
	int64_t count;

	(void)arg;
	(void)wire_object_int(parameters, "count", &count);
	control_set_state(call, &seen);
	seen.rows = count;
	seen.offered = 0;
	add_rows(call);
}

static void
more_rows(struct control_call *call, void *arg)
{
	(void)arg;
	seen.writable++;
	assert_true(control_has_room(call));
	add_rows(call);
}

static void
start_fail(struct control_call *call, struct wire_object *parameters, void *arg)
{
	(void)parameters;
	(void)arg;
	control_fail_text(call, "t.x.Broken", "why", "because");
}

static void
start_who(struct control_call *call, struct wire_object *parameters, void *arg)
{
	(void)parameters;
	(void)arg;
	end_text(call, "role", control_role_name(control_role(call)));
}

static const struct control_method methods[] = {
    {.name = "t.x.Echo", .start = start_echo},
    {.name = "t.x.Hold",
	.start = start_hold,
	.writable = count_writable,
	.gone = gone},
    {.name = "t.x.Stream",
	.must_more = true,
	.start = start_hold,
	.writable = count_writable,
	.gone = gone},
    {.name = "t.x.Rows", .start = start_rows, .writable = more_rows, .gone = gone},
    {.name = "t.x.Fail", .start = start_fail},
    {.name = "t.x.Who", .start = start_who},
    {.name = "t.x.Write", .role = CONTROL_WRITER, .start = start_who},
    {.name = "t.x.Admin", .role = CONTROL_ADMIN, .start = start_who},
};

static const char *const interfaces[] = {"t.x",
    "# For tests\ninterface t.x\nmethod Echo(text: ?string) -> (text: ?string)\n"
    "method Later() -> ()\n",
    NULL};

static struct control_options options = {.interfaces = interfaces,
    .vendor = "v",
    .product = "p",
    .version = "1",
    .url = "u",
    .methods = methods,
    .method_count = sizeof(methods) / sizeof(methods[0])};

static int
listen_here(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(listen(fd, 128), 0);
	return fd;
}

static void
serve(void)
{
	memset(&seen, 0, sizeof(seen));
	base = event_base_new();
	assert_non_null(base);
	assert_int_equal(
	    control_new(base, listen_here(), &options, &seen, &control), 0);
}

static void
stop_serving(void)
{
	control_free(control);
	event_base_free(base);
	(void)unlink(path);
}

/* Until nothing more comes of what was sent: nothing here waits for time. */
static void
settle(void)
{
	int i;

	for (i = 0; i < 12; i++)
		assert_true(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
}

/* -- A client ----------------------------------------------------------------- */

static int
dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
say_bytes(int fd, const char *data, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = send(fd, data, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EPIPE)
			return; /* refused already: the reply tells */
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			settle();
			continue;
		}
		data += n;
		size -= (size_t)n;
	}
}

/* One message, ended by `end`. */
static void
say(int fd, const char *json, char end)
{
	say_bytes(fd, json, strlen(json));
	say_bytes(fd, &end, 1);
}

/* All that has come; `ret_closed`: and the end.  NULs become '|'. */
static const char *
hear(int fd, bool *ret_closed)
{
	static struct buf text;
	char chunk[65536];
	ssize_t n;
	size_t i;

	buf_reset(&text);
	*ret_closed = false;
	settle();
	while ((n = recv(fd, chunk, sizeof(chunk), 0)) > 0) {
		for (i = 0; i < (size_t)n; i++) {
			if (chunk[i] == '\0')
				chunk[i] = '|';
		}
		buf_add(&text, chunk, (size_t)n);
		settle();
	}
	*ret_closed = n == 0 || errno == ECONNRESET;
	if (text.len > (1 << 19)) {
		buf_done(&text);
		return "(much)";
	}
	return buf_text(&text);
}

static void
expect(int fd, const char *expected)
{
	bool closed;

	assert_string_equal(hear(fd, &closed), expected);
	assert_false(closed);
}

/* An error and the end. */
static void
expect_closed(int fd, const char *part)
{
	const char *text;
	bool closed;

	text = hear(fd, &closed);
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in \"%s\"", part, text);
	assert_true(closed);
	close(fd);
	settle();
}

/* -- Framing ------------------------------------------------------------------ */

#define ECHO_A "{\"method\":\"t.x.Echo\",\"parameters\":{\"text\":\"a{]\\\"\\n\"}}"
#define ECHO_B "{\n \"method\" : \"t.x.Echo\",\r\n\t\"parameters\": { }\n}"
#define REPLY_A "{\"parameters\":{\"text\":\"a{]\\\"\\n\"}}"
#define REPLY_B "{\"parameters\":{}}"

static void
test_framing(void **state)
{
	int fd;

	(void)state;
	serve();
	fd = dial();
	say(fd, ECHO_A, '\0');
	expect(fd, REPLY_A "|");
	say(fd, ECHO_B "\n", '\0'); /* a newline decides no more */
	expect(fd, REPLY_B "|");
	close(fd);
	fd = dial();
	say(fd, "\n " ECHO_B, '\n');
	expect(fd, REPLY_B "\n");
	say(fd, "\n\n" ECHO_A " ", '\n');
	expect(fd, REPLY_A "\n");
	close(fd);
	settle();
	assert_int_equal(control_clients(control), 0);
	stop_serving();
}

/* The same two calls cut in two at every byte, and sent byte by byte. */
static void
test_splits(void **state)
{
	static const char ends[] = {'\0', '\n'};
	char text[256], expected[256];
	size_t size, cut, i, mode;
	int fd;

	(void)state;
	serve();
	for (mode = 0; mode < 2; mode++) {
		size = (size_t)snprintf(text, sizeof(text), "%s%c%s%c", ECHO_A,
		    ends[mode], ECHO_B, ends[mode]);
		(void)snprintf(expected, sizeof(expected), "%s%c%s%c", REPLY_A,
		    mode == 0 ? '|' : '\n', REPLY_B, mode == 0 ? '|' : '\n');
		for (cut = 0; cut <= size; cut++) {
			fd = dial();
			say_bytes(fd, text, cut);
			settle();
			say_bytes(fd, text + cut, size - cut);
			expect(fd, expected);
			close(fd);
		}
		fd = dial();
		for (i = 0; i < size; i++) {
			say_bytes(fd, text + i, 1);
			settle();
		}
		expect(fd, expected);
		close(fd);
	}
	stop_serving();
}

static void
test_malformed(void **state)
{
#define TEXT(t) t, sizeof(t) - 1
	static const struct {
		const char *text;
		size_t size;
		const char *part;
	} bad[] = {
	    {TEXT("x"), "BadMessage"},
	    {TEXT("[]\n"), "BadMessage"},
	    {TEXT("\0"), "BadMessage"},
	    {TEXT("{\"method\":\"x\0"), "BadMessage"},
	    {TEXT("{\"method\":\"x\n"), "BadMessage"},
	    {TEXT("{}x"), "BadMessage"},
	    {TEXT("{\"a\" 1}\n"), "column"},
	    {TEXT("{\"a\":[}}\n"), "column"}, /* the framing counts alone */
	    {TEXT("{\"a\":\"\xff\"}\n"), "column"},
	    {TEXT("{\"method\":\"t.x.Echo\"}\n\0"), "NUL"},
	};
	size_t i;
	int fd;

	(void)state;
	serve();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd = dial();
		say_bytes(fd, bad[i].text, bad[i].size);
		expect_closed(fd, bad[i].part);
	}
	/* The calls before it are answered first. */
	fd = dial();
	say(fd, ECHO_A, '\n');
	say(fd, "nonsense", '\n');
	expect_closed(fd, REPLY_A "\n{\"error\":\"org.gazetted.BadMessage\"");
	/* A client that shuts its side in the middle is told, too. */
	fd = dial();
	say_bytes(fd, "{\"method\":\"t.x.Echo\"}", 21);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	expect_closed(fd, "without its end");
	assert_int_equal(control_clients(control), 0);
	stop_serving();
}

/* Refused before a terminator was seen: whole for readers of lines and of NULs. */
static void
test_undecided(void **state)
{
	const char *text;
	bool closed;
	int fd;

	(void)state;
	serve();
	fd = dial();
	say_bytes(fd, "GET / HTTP/1.1", 14);
	text = hear(fd, &closed);
	assert_true(closed);
	assert_string_equal(text + strlen(text) - 3, "}\n|");
	close(fd);
	stop_serving();
}

/* -- Calls -------------------------------------------------------------------- */

static void
ask(int fd, const char *call, const char *reply)
{
	say(fd, call, '\n');
	expect(fd, reply);
}

static void
test_errors(void **state)
{
	int fd;

	(void)state;
	serve();
	fd = dial();
#define ERROR(name, parameters)                                                  \
	"{\"error\":\"org.varlink.service." name "\",\"parameters\":" parameters \
	"}\n"
	ask(fd, "{\"method\":\"t.x.Nope\"}",
	    ERROR("MethodNotFound", "{\"method\":\"t.x.Nope\"}"));
	ask(fd, "{\"method\":\"t.x.Later\"}",
	    ERROR("MethodNotImplemented", "{\"method\":\"t.x.Later\"}"));
	ask(fd, "{\"method\":\"t.x.Late\"}",
	    ERROR("MethodNotFound", "{\"method\":\"t.x.Late\"}"));
	ask(fd, "{\"method\":\"a.b.C\"}",
	    ERROR("InterfaceNotFound", "{\"interface\":\"a.b\"}"));
	ask(fd, "{\"method\":\"\x7f\"}",
	    ERROR("InvalidParameter", "{\"parameter\":\"method\"}"));
	ask(fd, "{}", ERROR("InvalidParameter", "{\"parameter\":\"method\"}"));
	ask(fd, "{\"method\":7}",
	    ERROR("InvalidParameter", "{\"parameter\":\"method\"}"));
	ask(fd, "{\"method\":\"t.x.Echo\",\"parameters\":[]}",
	    ERROR("InvalidParameter", "{\"parameter\":\"parameters\"}"));
	ask(fd, "{\"method\":\"t.x.Echo\",\"moar\":true}",
	    ERROR("InvalidParameter", "{\"parameter\":\"moar\"}"));
	ask(fd, "{\"method\":\"t.x.Echo\",\"more\":1}",
	    ERROR("InvalidParameter", "{\"parameter\":\"more\"}"));
	ask(fd, "{\"method\":\"t.x.Echo\",\"upgrade\":true}",
	    ERROR("InvalidParameter", "{\"parameter\":\"upgrade\"}"));
	ask(fd, "{\"method\":\"t.x.Echo\",\"parameters\":{\"what\":1}}",
	    ERROR("InvalidParameter", "{\"parameter\":\"what\"}"));
	ask(fd, "{\"method\":\"t.x.Stream\"}", ERROR("ExpectedMore", "{}"));
	ask(fd, "{\"method\":\"t.x.Fail\"}",
	    "{\"error\":\"t.x.Broken\",\"parameters\":{\"why\":\"because\"}}\n");
	/* And the connection is as good as before. */
	ask(fd, ECHO_A, REPLY_A "\n");
	ask(fd, "{\"method\":\"t.x.Echo\",\"parameters\":null,\"more\":true}",
	    REPLY_B "\n");
	close(fd);
	stop_serving();
}

static void
test_service(void **state)
{
	const char *text;
	bool closed;
	int fd;

	(void)state;
	serve();
	fd = dial();
	ask(fd, "{\"method\":\"org.varlink.service.GetInfo\"}",
	    "{\"parameters\":{\"vendor\":\"v\",\"product\":\"p\",\"version\":\"1\","
	    "\"url\":\"u\",\"interfaces\":[\"org.varlink.service\",\"t.x\"]}}\n");
	ask(fd,
	    "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
	    "\"parameters\":{\"interface\":\"t.x\"}}",
	    "{\"parameters\":{\"description\":\"# For tests\\ninterface t.x\\n"
	    "method Echo(text: ?string) -> (text: ?string)\\n"
	    "method Later() -> ()\\n\"}}\n");
	say(fd,
	    "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
	    "\"parameters\":{\"interface\":\"org.varlink.service\"}}",
	    '\n');
	text = hear(fd, &closed);
	assert_non_null(strstr(text, "interface org.varlink.service\\n"));
	ask(fd,
	    "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
	    "\"parameters\":{\"interface\":\"t.y\"}}",
	    ERROR("InterfaceNotFound", "{\"interface\":\"t.y\"}"));
	ask(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\"}",
	    ERROR("InvalidParameter", "{\"parameter\":\"interface\"}"));
	ask(fd, "{\"method\":\"org.varlink.service.Nope\"}",
	    ERROR("MethodNotFound", "{\"method\":\"org.varlink.service.Nope\"}"));
	close(fd);
	stop_serving();
}

#define HOLD "{\"method\":\"t.x.Hold\"}"
#define HOLD_MORE "{\"method\":\"t.x.Hold\",\"more\":true}"
#define STREAM "{\"method\":\"t.x.Stream\",\"more\":true}"

/* One call at a time, in order; the rest waits. */
static void
test_order(void **state)
{
	int fd, i;

	(void)state;
	serve();
	fd = dial();
	say(fd, HOLD, '\0');
	for (i = 0; i < LIMIT_PIPELINED - 1; i++)
		say(fd, ECHO_B, '\0');
	say(fd, HOLD_MORE, '\0');
	expect(fd, "");
	assert_int_equal(seen.held_count, 1);
	control_end(seen.held[0], "{\"a\":1}", 7);
	settle();
	assert_int_equal(seen.held_count, 2);
	control_row(seen.held[1], "{\"n\":1}", 7);
	control_row(seen.held[1], "{\"n\":2}", 7);
	control_fail(seen.held[1], "t.x.Broken", NULL);
	say(fd, ECHO_A, '\0');
	{
		struct buf expected = {0};

		buf_puts(&expected, "{\"parameters\":{\"a\":1}}|");
		for (i = 0; i < LIMIT_PIPELINED - 1; i++)
			buf_puts(&expected, REPLY_B "|");
		buf_puts(&expected,
		    "{\"parameters\":{\"n\":1},\"continues\":true}|"
		    "{\"parameters\":{\"n\":2},\"continues\":true}|"
		    "{\"error\":\"t.x.Broken\",\"parameters\":{}}|" REPLY_A "|");
		expect(fd, expected.data);
		buf_done(&expected);
	}
	assert_int_equal(seen.gone, 0);
	close(fd);
	stop_serving();
	assert_int_equal(seen.gone, 0);
}

static void
test_oneway(void **state)
{
	int fd;

	(void)state;
	serve();
	fd = dial();
	say(fd, "{\"method\":\"t.x.Echo\",\"oneway\":true}", '\n');
	say(fd, "{\"method\":\"t.x.Nope\",\"oneway\":true}", '\n');
	say(fd, "{\"method\":\"t.x.Fail\",\"oneway\":true}", '\n');
	say(fd, "{\"method\":\"t.x.Hold\",\"oneway\":true}", '\n');
	say(fd, ECHO_A, '\n');
	expect(fd, "");
	assert_int_equal(seen.held_count, 1);
	assert_true(control_oneway(seen.held[0]));
	assert_false(control_wants_more(seen.held[0]));
	control_row(seen.held[0], "{}", 2);
	control_end(seen.held[0], "{}", 2);
	expect(fd, REPLY_A "\n");
	/* Sent, and gone without a word: it is done all the same. */
	say(fd, "{\"method\":\"t.x.Hold\",\"oneway\":true}", '\n');
	close(fd);
	settle();
	assert_int_equal(seen.held_count, 2);
	assert_int_equal(seen.gone, 1);
	stop_serving();
}

/* -- Limits ------------------------------------------------------------------- */

/* An Echo request of `size` bytes without its end. */
static void
sized_request(struct buf *out, size_t size)
{
	buf_reset(out);
	buf_puts(out, "{\"method\":\"t.x.Echo\",\"parameters\":{\"text\":\"");
	while (out->len < size - 3)
		buf_putc(out, 'a');
	buf_puts(out, "\"}}");
}

static void
test_sizes(void **state)
{
	struct buf request = {0};
	bool closed;
	int fd;

	(void)state;
	if (geteuid() != 0) {
		print_message("# the larger limit is an admin's\n");
		skip();
	}
	serve();
	fd = dial();
	sized_request(&request, LIMIT_REQUEST_BYTES_WRITER);
	say(fd, request.data, '\0');
	assert_string_equal(hear(fd, &closed), "(much)");
	sized_request(&request, LIMIT_REQUEST_BYTES_WRITER + 1);
	say(fd, request.data, '\0');
	expect_closed(fd, "org.gazetted.LimitExceeded");
	fd = dial();
	buf_reset(&request);
	buf_puts(&request, "{\"method\":\"t.x.Echo\",\"parameters\":");
	while (request.len < 100)
		buf_putc(&request, '[');
	say_bytes(fd, request.data, request.len); /* no need to see its end */
	expect_closed(fd, "org.gazetted.LimitExceeded");
	buf_done(&request);
	stop_serving();
}

static void
test_pipelined(void **state)
{
	int fd, i;

	(void)state;
	serve();
	fd = dial();
	say(fd, HOLD, '\n');
	for (i = 0; i < LIMIT_PIPELINED + 1; i++)
		say(fd, ECHO_A, '\n');
	expect_closed(fd, "org.gazetted.LimitExceeded");
	assert_int_equal(seen.gone, 1);
	/* Those that are answered at once do not wait: any number may come. */
	fd = dial();
	for (i = 0; i < 10 * LIMIT_PIPELINED; i++)
		say(fd, "{\"method\":\"t.x.Echo\",\"oneway\":true}", '\n');
	ask(fd, ECHO_A, REPLY_A "\n");
	close(fd);
	/* A message that breaks the rules ends a stream. */
	fd = dial();
	say(fd, STREAM, '\n');
	expect(fd, "");
	say(fd, "]", '\n');
	expect_closed(fd, "BadMessage");
	assert_int_equal(seen.gone, 2);
	stop_serving();
}

static void
test_connections(void **state)
{
	int fd[12], i;

	(void)state;
	if (geteuid() != 0) {
		print_message("# places are kept for admins\n");
		skip();
	}
	options.max_clients_per_uid = 10;
	serve();
	for (i = 0; i < 10; i++)
		fd[i] = dial();
	settle();
	assert_int_equal(control_clients(control), 10);
	fd[10] = dial();
	expect_closed(fd[10], "of one user");
	control_configure(control, NULL, NULL, 11, 100);
	fd[10] = dial();
	settle();
	assert_int_equal(control_clients(control), 11);
	fd[11] = dial();
	expect_closed(fd[11], "too many connections");
	close(fd[0]);
	settle();
	fd[0] = dial();
	ask(fd[0], ECHO_A, REPLY_A "\n");
	for (i = 0; i < 11; i++)
		close(fd[i]);
	stop_serving();
	options.max_clients_per_uid = 0;
}

/* No descriptor is left: whoever comes is told, and the loop does not spin. */
static void
test_descriptors(void **state)
{
	struct rlimit old, low;
	int fd[3], i, rc = 0;

	(void)state;
	serve();
	for (i = 0; i < 3; i++)
		fd[i] = dial();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	i = fcntl(0, F_DUPFD_CLOEXEC, 0); /* the lowest that is free */
	assert_true(i >= 0);
	close(i);
	low.rlim_cur = (rlim_t)i;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	settle();
	rc = event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(rc, 0);
	assert_int_equal(control_clients(control), 0);
	for (i = 0; i < 3; i++)
		expect_closed(fd[i], "out of file descriptors");
	fd[0] = dial();
	ask(fd[0], ECHO_A, REPLY_A "\n");
	close(fd[0]);
	stop_serving();
}

/* -- Slow and vanished clients -------------------------------------------------- */

static void
test_slow_reader(void **state)
{
	const long rows = 100000;
	const char *head = "{\"parameters\":{\"n\":";
	long next = 0, number, most;
	struct buf text = {0};
	char chunk[65536];
	const char *end;
	ssize_t n;
	int fd, i;

	(void)state;
	serve();
	fd = dial();
	say(fd,
	    "{\"method\":\"t.x.Rows\",\"more\":true,\"parameters\":{\"count\":"
	    "100000}}",
	    '\n');
	say(fd, ECHO_A, '\n');
	for (i = 0; i < 200; i++)
		settle();
	/* What is offered is what the kernel took and what may wait here. */
	most = (LIMIT_OUTPUT_HIGH + (1 << 20)) / 100;
	assert_true(seen.offered < most);
	while (next < rows + 2) {
		settle();
		n = recv(fd, chunk, sizeof(chunk), 0);
		assert_true(n > 0);
		buf_add(&text, chunk, (size_t)n);
		while ((end = memchr(text.data, '\n', text.len)) != NULL) {
			if (next <= rows) {
				assert_memory_equal(text.data, head, strlen(head));
				number = strtol(text.data + strlen(head), NULL, 10);
				assert_int_equal(number, next < rows ? next : -1);
			} else {
				assert_memory_equal(
				    text.data, REPLY_A, strlen(REPLY_A));
			}
			next++;
			buf_drop(&text, (size_t)(end - text.data) + 1);
		}
	}
	assert_int_equal(seen.gone, 0);
	buf_done(&text);
	close(fd);
	stop_serving();
}

/* Above the mark no request is read, so a client that only sends is stopped. */
static void
test_back_pressure(void **state)
{
	struct buf request = {0};
	size_t sent = 0;
	unsigned rounds = 0;
	ssize_t n = 0;
	int fd;

	(void)state;
	serve();
	fd = dial();
	sized_request(&request, 8000);
	buf_putc(&request, '\n');
	while (rounds < 3) {
		n = send(fd, request.data + sent % request.len,
		    request.len - sent % request.len, MSG_NOSIGNAL);
		if (n > 0) {
			sent += (size_t)n;
			rounds = 0;
		} else {
			assert_int_equal(errno, EAGAIN);
			settle();
			rounds++;
		}
		assert_true(sent < (8u << 20));
	}
	buf_done(&request);
	close(fd);
	settle();
	assert_int_equal(control_clients(control), 0);
	stop_serving();
}

static void
test_writable(void **state)
{
	struct buf row = {0};
	bool closed;
	int fd;

	(void)state;
	serve();
	fd = dial();
	say(fd, STREAM, '\n');
	expect(fd, "");
	assert_int_equal(seen.writable, 0); /* it has room and knows it */
	assert_true(control_has_room(seen.held[0]));
	control_row(seen.held[0], "{}", 2);
	expect(fd, "{\"parameters\":{},\"continues\":true}\n");
	assert_int_equal(seen.writable, 1);
	settle();
	assert_int_equal(seen.writable, 1); /* once an addition */
	buf_puts(&row, "{\"a\":\"");
	while (row.len < (2u << 20))
		buf_putc(&row, 'a');
	buf_puts(&row, "\"}");
	control_row(seen.held[0], row.data, row.len);
	settle();
	assert_int_equal(seen.writable, 1); /* not while it is full */
	assert_false(control_has_room(seen.held[0]));
	assert_string_equal(hear(fd, &closed), "(much)");
	assert_int_equal(seen.writable, 2);
	assert_true(control_has_room(seen.held[0]));
	control_end(seen.held[0], "{}", 2);
	expect(fd, REPLY_B "\n");
	assert_int_equal(seen.writable, 2);
	buf_done(&row);
	close(fd);
	stop_serving();
}

/* At whatever moment a client goes, its call hears of it once. */
static void
test_vanish(void **state)
{
	static const char rows[] = "{\"method\":\"t.x.Rows\",\"more\":true,"
				   "\"parameters\":{\"count\":1000000}}";
	static const size_t read_first[] = {0, 1, 100, 65536, 300000, 1000000};
	char chunk[65536];
	size_t i, left;
	ssize_t n;
	int fd;

	(void)state;
	serve();
	for (i = 0; i < sizeof(read_first) / sizeof(read_first[0]); i++) {
		seen.gone = 0;
		fd = dial();
		say(fd, rows, '\n');
		settle();
		for (left = read_first[i]; left > 0; left -= (size_t)n) {
			n = recv(fd, chunk,
			    left < sizeof(chunk) ? left : sizeof(chunk), 0);
			assert_true(n > 0);
			settle();
		}
		close(fd);
		settle();
		assert_int_equal(seen.gone, 1);
		assert_int_equal(control_clients(control), 0);
	}
	/* While its call waits, with others behind it; and with unread replies. */
	seen.gone = 0;
	fd = dial();
	say(fd, ECHO_A, '\n');
	say(fd, HOLD, '\n');
	say(fd, ECHO_A, '\n');
	settle();
	close(fd);
	settle();
	assert_int_equal(seen.gone, 1);
	/* Before a call, and in the middle of a message. */
	fd = dial();
	settle();
	close(fd);
	fd = dial();
	say_bytes(fd, "{\"method\"", 9);
	close(fd);
	settle();
	assert_int_equal(control_clients(control), 0);
	/* With the server. */
	fd = dial();
	say(fd, STREAM, '\n');
	settle();
	stop_serving();
	assert_int_equal(seen.gone, 2);
	close(fd);
}

/* A client that has said all it will say is answered. */
static void
test_half_closed(void **state)
{
	int fd;

	(void)state;
	serve();
	fd = dial();
	say(fd, ECHO_A, '\n');
	say(fd, HOLD, '\n');
	say(fd, ECHO_A, '\n');
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	expect(fd, REPLY_A "\n");
	assert_int_equal(seen.gone, 0);
	control_end(seen.held[0], "{}", 2);
	expect_closed(fd, REPLY_B "\n" REPLY_A "\n");
	/* And when it goes for good, a stream without anything to send ends. */
	fd = dial();
	say(fd, STREAM, '\n');
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	settle();
	assert_int_equal(seen.held_count, 2);
	assert_int_equal(seen.gone, 0);
	close(fd);
	while (control_clients(control) > 0)
		assert_true(event_base_loop(base, EVLOOP_ONCE) >= 0);
	assert_int_equal(seen.gone, 1);
	stop_serving();
}

static void
test_time_outs(void **state)
{
	struct buf row = {0};
	int fd, stream;
	bool closed;

	(void)state;
	options.idle = options.stall = 20;
	serve();
	stream = dial();
	say(stream, STREAM, '\n');
	settle();
	fd = dial();
	say_bytes(fd, "{\"met", 5);
	settle();
	while (control_clients(control) > 1)
		assert_true(event_base_loop(base, EVLOOP_ONCE) >= 0);
	expect_closed(fd, "idle");
	/* A listing that nobody reads. */
	fd = dial();
	say(fd, HOLD_MORE, '\n');
	settle();
	buf_puts(&row, "{\"a\":\"");
	while (row.len < (2u << 20))
		buf_putc(&row, 'a');
	buf_puts(&row, "\"}");
	control_row(seen.held[1], row.data, row.len);
	while (control_clients(control) > 1)
		assert_true(event_base_loop(base, EVLOOP_ONCE) >= 0);
	assert_int_equal(seen.gone, 1);
	close(fd);
	/* The stream is still there, for all that it did nothing. */
	control_row(seen.held[0], row.data, row.len);
	assert_string_equal(hear(stream, &closed), "(much)");
	assert_false(closed);
	close(stream);
	buf_done(&row);
	stop_serving();
	options.idle = options.stall = 0;
}

static void
test_stop(void **state)
{
	int idle, busy;

	(void)state;
	serve();
	idle = dial();
	busy = dial();
	say(busy, HOLD, '\n');
	settle();
	control_stop(control);
	expect_closed(idle, "");
	expect(busy, "");
	control_end(seen.held[0], "{}", 2);
	expect_closed(busy, REPLY_B "\n");
	assert_int_equal(control_clients(control), 0);
	stop_serving();
}

/* -- Roles -------------------------------------------------------------------- */

#define STRANGER 4242

/* A connection of another user: the kernel notes who it is at connect. */
static int
dial_as(uid_t uid, gid_t gid, gid_t extra)
{
	int fd;

	assert_int_equal(setgroups(1, &extra), 0);
	assert_int_equal(setegid(gid), 0);
	assert_int_equal(seteuid(uid), 0);
	fd = dial();
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
	assert_int_equal(setgroups(0, NULL), 0);
	return fd;
}

static const char *
group_name(gid_t gid)
{
	const struct group *group = getgrgid(gid);

	return group != NULL ? strdup(group->gr_name) : NULL;
}

#define WHO "{\"method\":\"t.x.Who\"}"
#define DENIED ERROR("PermissionDenied", "{}")

static void
test_roles(void **state)
{
	const char *writers = group_name(1), *admins = group_name(2);
	int fd;

	(void)state;
	if (geteuid() != 0 || writers == NULL || admins == NULL) {
		print_message("# only root can be somebody else\n");
		skip();
	}
	options.group = writers;
	options.admin_group = admins;
	options.service_uid = STRANGER + 1;
	serve();
	fd = dial_as(STRANGER, STRANGER, STRANGER);
	ask(fd, WHO, "{\"parameters\":{\"role\":\"reader\"}}\n");
	ask(fd, "{\"method\":\"t.x.Write\"}", DENIED);
	ask(fd, "{\"method\":\"t.x.Admin\"}", DENIED);
	close(fd);
	fd = dial_as(STRANGER, STRANGER, 1);
	ask(fd, WHO, "{\"parameters\":{\"role\":\"writer\"}}\n");
	ask(fd, "{\"method\":\"t.x.Write\"}",
	    "{\"parameters\":{\"role\":\"writer\"}}\n");
	ask(fd, "{\"method\":\"t.x.Admin\"}", DENIED);
	close(fd);
	fd = dial_as(STRANGER, 1, STRANGER);
	ask(fd, WHO, "{\"parameters\":{\"role\":\"writer\"}}\n");
	close(fd);
	fd = dial_as(STRANGER, 1, 2);
	ask(fd, "{\"method\":\"t.x.Admin\"}",
	    "{\"parameters\":{\"role\":\"admin\"}}\n");
	close(fd);
	fd = dial_as(STRANGER + 1, STRANGER, STRANGER);
	ask(fd, WHO, "{\"parameters\":{\"role\":\"admin\"}}\n");
	close(fd);
	fd = dial_as(65534, STRANGER, 2);
	expect_closed(fd, "PermissionDenied");
	stop_serving();
	options.group = options.admin_group = NULL;
	free((void *)(uintptr_t)writers);
	free((void *)(uintptr_t)admins);
}

/* A reader's smaller requests, and the places kept for administrators. */
static void
test_reader_limits(void **state)
{
	struct buf request = {0};
	int fd, others[6], i;
	bool closed;

	(void)state;
	if (geteuid() != 0) {
		print_message("# only root can be somebody else\n");
		skip();
	}
	serve();
	fd = dial_as(STRANGER, STRANGER, STRANGER);
	sized_request(&request, LIMIT_REQUEST_BYTES);
	say(fd, request.data, '\0');
	assert_true(strlen(hear(fd, &closed)) > 65000);
	sized_request(&request, LIMIT_REQUEST_BYTES + 1);
	say(fd, request.data, '\0');
	expect_closed(fd, "65536 bytes");
	control_configure(control, NULL, NULL, LIMIT_CLIENTS_RESERVED + 2, 0);
	for (i = 0; i < 2; i++)
		others[i] = dial_as(STRANGER, STRANGER, STRANGER);
	settle();
	fd = dial_as(STRANGER + 2, STRANGER, STRANGER);
	expect_closed(fd, "too many connections");
	for (; i < 6; i++) {
		others[i] = dial();
		ask(others[i], ECHO_A, REPLY_A "\n");
	}
	for (i = 0; i < 6; i++)
		close(others[i]);
	buf_done(&request);
	stop_serving();
}

static void
quiet(enum log_level level, const char *message, const struct log_fields *fields,
    void *arg)
{
	(void)level;
	(void)message;
	(void)fields;
	(void)arg;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_framing),
	    cmocka_unit_test(test_splits),
	    cmocka_unit_test(test_malformed),
	    cmocka_unit_test(test_undecided),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_service),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_oneway),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_pipelined),
	    cmocka_unit_test(test_connections),
	    cmocka_unit_test(test_descriptors),
	    cmocka_unit_test(test_slow_reader),
	    cmocka_unit_test(test_back_pressure),
	    cmocka_unit_test(test_writable),
	    cmocka_unit_test(test_vanish),
	    cmocka_unit_test(test_half_closed),
	    cmocka_unit_test(test_time_outs),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_roles),
	    cmocka_unit_test(test_reader_limits),
	};
	int failed;

	log_open(quiet, NULL);
	if (mkdtemp(dir) == NULL || chmod(dir, 0755) < 0)
		return 99;
	(void)snprintf(path, sizeof(path), "%s/socket", dir);
	failed = CHECK_RUN(tests);
	(void)unlink(path);
	(void)rmdir(dir);
	return failed;
}
