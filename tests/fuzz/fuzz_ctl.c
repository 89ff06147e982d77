/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as what a client sends.  The server stays up, the connection ends,
 * every reply is an object of its own, and how the bytes were cut in pieces
 * makes no difference.  The socket has a name that the kernel picks, and no file.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct event_base *base;
static struct control *control;
static struct sockaddr_un address;
static socklen_t address_size;

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

static void
start_echo(struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct buf json = {0};
	const char *fault;

	(void)arg;
	if (!wire_object_json(parameters, "x", &json))
		buf_puts(&json, "0");
	fault = wire_object_fault(parameters);
	if (fault != NULL) {
		control_invalid(call, fault);
	} else {
		struct buf reply = {0};

		buf_printf(&reply, "{\"x\":%s}", json.data);
		control_end(call, reply.data, reply.len);
		buf_done(&reply);
	}
	buf_done(&json);
}

/* Three rows, the end when it is asked for more. */
static void
start_rows(struct control_call *call, struct wire_object *parameters, void *arg)
{
	static const char rows[] = "{\"n\":1}\0{\"n\":2}\0{\"n\":3}";

	(void)parameters;
	(void)arg;
	if (control_wants_more(call))
		control_rows(call, rows, sizeof(rows));
	else
		control_fail(call, "t.Few", NULL);
}

static void
end_rows(struct control_call *call, void *arg)
{
	(void)arg;
	control_end(call, NULL, 0);
}

static const struct control_method methods[] = {
    {.name = "t.E", .start = start_echo},
    {.name = "t.R", .start = start_rows, .writable = end_rows},
    {.name = "t.M", .must_more = true, .start = start_rows, .writable = end_rows},
};

static void
serve(void)
{
	static const char *const interfaces[] = {
	    "t", "interface t\nmethod L() -> ()\n", NULL};
	static const struct control_options options = {.interfaces = interfaces,
	    .vendor = "v",
	    .product = "p",
	    .version = "1",
	    .url = "u",
	    .methods = methods,
	    .method_count = sizeof(methods) / sizeof(methods[0])};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	base = event_base_new();
	address.sun_family = AF_UNIX;
	address_size = sizeof(address);
	insist(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0 &&
		getsockname(fd, (struct sockaddr *)&address, &address_size) == 0 &&
		listen(fd, 8) == 0 &&
		control_new(base, fd, &options, NULL, &control) == 0,
	    "no server");
}

static void
settle(void)
{
	int i;

	for (i = 0; i < 3; i++)
		insist(event_base_loop(base, EVLOOP_NONBLOCK) >= 0, "no loop");
}

static void
drain(int fd, struct buf *replies)
{
	char chunk[4096];
	ssize_t n;

	settle();
	while ((n = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		buf_add(replies, chunk, (size_t)n);
}

/* Sends the bytes in pieces of `part`, and returns all that came back. */
static struct buf
talk(const char *data, size_t size, size_t part)
{
	struct buf replies = {0};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t n;
	int i;

	insist(connect(fd, (struct sockaddr *)&address, address_size) == 0,
	    "no way in");
	for (; size > 0; size -= n, data += n) {
		n = size < part ? size : part;
		if (send(fd, data, n, MSG_NOSIGNAL) < 0 && errno == EPIPE)
			break;
		drain(fd, &replies);
	}
	(void)shutdown(fd, SHUT_WR);
	for (i = 0; i < 1000 && control_clients(control) > 0; i++)
		drain(fd, &replies);
	drain(fd, &replies);
	insist(control_clients(control) == 0, "a connection without an end");
	close(fd);
	return replies;
}

/* Each reply ends in NUL or newline, or both when nothing was decided. */
static void
check_replies(const struct buf *replies)
{
	const char *at = buf_text(replies), *end = at + replies->len, *stop;
	struct buf reason = {0};
	struct wire_object *reply;

	while (at < end) {
		stop = at;
		while (stop < end && *stop != '\0' && *stop != '\n')
			stop++;
		insist(stop < end, "a reply without an end");
		insist(
		    wire_object_parse(at, (size_t)(stop - at), &reply, &reason) == 0,
		    "a reply that is no object");
		wire_object_free(reply);
		at = stop + 1;
		if (stop[0] == '\n' && at < end && *at == '\0')
			at++;
	}
	buf_done(&reason);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *data = size > 0 ? (const char *)bytes : "";
	struct buf whole, parts;

	if (control == NULL)
		serve();
	if (size > 16384) /* more than one read: nothing new, only slower */
		return 0;
	whole = talk(data, size, 16384);
	check_replies(&whole);
	parts = talk(data, size, 7);
	insist(whole.len == parts.len &&
		(whole.len == 0 || !memcmp(whole.data, parts.data, whole.len)),
	    "pieces make a difference");
	buf_done(&whole);
	buf_done(&parts);
	return 0;
}
