/* SPDX-License-Identifier: ISC */
#include "control/client.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"

#define READ_BYTES 16384  /* at once, so that one client does not hold the loop */
#define KEEP_BYTES 65536  /* a buffer that grew beyond is given back when empty */
#define CALLS_PER_TURN 64 /* then the others have theirs */
#define WATCH_MSEC 1000   /* how often an unread connection is looked at */

size_t
client_out(const struct client *client)
{
	return client->out.len - client->out_done;
}

static size_t
pending(const struct client *client)
{
	return client->in.len - client->in_done;
}

static size_t
request_limit(const struct client *client)
{
	return client->role >= CONTROL_WRITER ? LIMIT_REQUEST_BYTES_WRITER
					      : LIMIT_REQUEST_BYTES;
}

/* Not event_active: that would run before the loop looks at anyone else. */
void
client_kick(struct client *client)
{
	static const struct timeval now = {0};

	if (!evtimer_pending(client->turn, NULL))
		(void)event_add(client->turn, &now);
}

/* -- Output ------------------------------------------------------------------- */

static void
tidy_output(struct client *client)
{
	if (client_out(client) == 0) {
		client->out_done = 0;
		buf_reset(&client->out);
		if (client->out.cap > KEEP_BYTES)
			buf_done(&client->out);
	} else if (client->out_done > client->out.len / 2) {
		buf_drop(&client->out, client->out_done);
		client->out_done = 0;
	}
}

/* False: the connection is broken. */
static bool
flush(struct client *client)
{
	ssize_t n;

	while (client_out(client) > 0) {
		n = send(client->fd, client->out.data + client->out_done,
		    client_out(client), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			break;
		if (n < 0)
			return false;
		client->out_done += (size_t)n;
		client->progress = clock_mono();
	}
	tidy_output(client);
	return true;
}

/* -- Input -------------------------------------------------------------------- */

static void
drop_input(struct client *client)
{
	buf_done(&client->in);
	client->in_done = client->in_scanned = client->waiting = 0;
}

void
client_refuse(
    struct client *client, const char *error, const char *member, const char *text)
{
	struct control_call *call = client->call;

	client->call = NULL;
	client->closing = true;
	drop_input(client);
	if (call != NULL)
		call_drop(call);
	if (client_out(client) == 0)
		client->progress = clock_mono();
	call_put_error(&client->out, client->scan.mode, error, member, text);
}

static void
refuse_limit(struct client *client, const char *limit)
{
	client_refuse(client, "org.gazetted.LimitExceeded", "limit", limit);
}

static void
refuse_fault(struct client *client)
{
	char text[64];

	switch (client->fault) {
	case FAULT_SIZE:
		(void)snprintf(text, sizeof(text), "a request has at most %zu bytes",
		    request_limit(client));
		refuse_limit(client, text);
		break;
	case FAULT_DEPTH:
		refuse_limit(client, client->scan.fault);
		break;
	default:
		client_refuse(client, "org.gazetted.BadMessage", "message",
		    client->scan.fault);
		break;
	}
}

/* Where the last complete message ends. */
static size_t
last_end(const struct client *client)
{
	return client->waiting > 0 ? client->ends[client->waiting - 1]
				   : client->in_done;
}

/* Finds the ends of messages, one more than may wait at most. */
static void
scan_input(struct client *client)
{
	const size_t most = sizeof(client->ends) / sizeof(client->ends[0]);
	enum message_result result;

	while (client->fault == FAULT_NONE && client->waiting < most &&
	    client->in_scanned < client->in.len) {
		result = message_scan(&client->scan, client->in.data, client->in.len,
		    &client->in_scanned);
		/* Its end is not part of a message. */
		if (client->in_scanned - last_end(client) >
		    request_limit(client) + 1)
			client->fault = FAULT_SIZE;
		else if (result == MESSAGE_BAD)
			client->fault =
			    client->scan.too_deep ? FAULT_DEPTH : FAULT_MESSAGE;
		else if (result == MESSAGE_DONE)
			client->ends[client->waiting++] = client->in_scanned;
	}
	if (client->eof && client->fault == FAULT_NONE &&
	    client->in_scanned == client->in.len &&
	    (client->scan.depth > 0 || client->scan.whole)) {
		client->scan.fault = "a message without its end";
		client->fault = FAULT_MESSAGE;
	}
}

/* The bytes of answered messages go when they are most of the buffer. */
static void
tidy_input(struct client *client)
{
	size_t i;

	if (pending(client) == 0) {
		drop_input(client);
	} else if (client->in_done > client->in.len / 2) {
		for (i = 0; i < client->waiting; i++)
			client->ends[i] -= client->in_done;
		client->in_scanned -= client->in_done;
		buf_drop(&client->in, client->in_done);
		client->in_done = 0;
	}
}

static void
start_first(struct client *client)
{
	size_t start = client->in_done, end = client->ends[0];

	client->waiting--;
	memmove(client->ends, client->ends + 1,
	    client->waiting * sizeof(client->ends[0]));
	client->in_done = end;
	client->active = clock_mono();
	/* A method that is told of output it did not make would start twice. */
	client->ask = client_out(client) >= LIMIT_OUTPUT_LOW;
	call_start(client, client->in.data + start, end - start - 1);
}

static bool
may_start(const struct client *client)
{
	return client->waiting > 0 && client->call == NULL && !client->closing &&
	    !client->control->stopping && client_out(client) <= LIMIT_OUTPUT_HIGH;
}

static bool
is_stream(const struct client *client)
{
	return client->call != NULL && client->call->method->must_more;
}

/* Answers what can be answered now, in order; a fault has its turn behind the
 * calls that came before it, but does not wait for a stream, which has no end. */
static void
work_input(struct client *client)
{
	unsigned n;

	for (n = 0; n < CALLS_PER_TURN; n++) {
		scan_input(client);
		if (!may_start(client))
			break;
		start_first(client);
	}
	if (client->closing)
		return;
	if (client->call != NULL && client->waiting > LIMIT_PIPELINED)
		refuse_limit(client, "too many calls wait on this connection");
	else if (client->fault != FAULT_NONE && client->waiting == 0 &&
	    (client->call == NULL || is_stream(client)))
		refuse_fault(client);
	else
		tidy_input(client);
}

/* -- Turns -------------------------------------------------------------------- */

static bool
want_read(const struct client *client)
{
	return !client->eof && !client->closing && client->fault == FAULT_NONE &&
	    !client->control->stopping && client_out(client) <= LIMIT_OUTPUT_HIGH &&
	    (client->waiting == 0 || pending(client) <= request_limit(client));
}

static bool
may_ask(const struct client *client)
{
	return client->call != NULL && client->ask &&
	    client->call->method->writable != NULL &&
	    client_out(client) < LIMIT_OUTPUT_LOW;
}

/* Both directions are shut: the peer is gone, whatever is left to read. */
static bool
is_hung_up(const struct client *client)
{
	struct pollfd poll_fd = {.fd = client->fd};

	return poll(&poll_fd, 1, 0) == 1 &&
	    (poll_fd.revents & (POLLHUP | POLLERR)) != 0;
}

static bool
is_finished(const struct client *client)
{
	if (client->call != NULL)
		return client->eof && is_hung_up(client);
	if (client_out(client) > 0)
		return false;
	return client->closing || client->control->stopping ||
	    (client->eof && client->waiting == 0);
}

static void
watch(struct event *event, bool wanted)
{
	if (wanted)
		(void)event_add(event, NULL);
	else
		(void)event_del(event);
}

/* When the connection is to be closed for doing nothing; 0: not on its account. */
static msec_t
deadline(const struct client *client)
{
	if (is_stream(client))
		return 0; /* a slow follower only falls behind */
	if (client_out(client) > 0)
		return client->progress + client->control->options.stall;
	if (client->call != NULL)
		return 0; /* it waits for us */
	return client->active + client->control->options.idle;
}

static void
set_clock(struct client *client)
{
	msec_t at = deadline(client), now = clock_mono(), wait;
	struct timeval time;

	wait = at == 0 ? -1 : at > now ? at - now : 0;
	/* Nothing tells of a peer that goes while it is not read from. */
	if (client->call != NULL && !want_read(client) &&
	    (wait < 0 || wait > WATCH_MSEC))
		wait = WATCH_MSEC;
	if (wait < 0) {
		(void)event_del(client->clock);
		return;
	}
	time.tv_sec = (time_t)(wait / MSEC_PER_SEC);
	time.tv_usec = (suseconds_t)(wait % MSEC_PER_SEC * 1000);
	(void)event_add(client->clock, &time);
}

/* Everything that a connection does is done here; it may be gone after it. */
static void
take_turn(struct client *client)
{
	if (!flush(client)) {
		client_free(client);
		return;
	}
	if (may_ask(client)) {
		client->ask = false;
		client->call->method->writable(client->call, client->control->arg);
	}
	work_input(client);
	if (!flush(client) || is_finished(client)) {
		client_free(client);
		return;
	}
	if (may_ask(client) || may_start(client))
		client_kick(client);
	watch(client->readable, want_read(client));
	watch(client->writable, client_out(client) > 0);
	set_clock(client);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	take_turn(arg);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	char chunk[READ_BYTES];
	ssize_t n;

	(void)what;
	n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_free(client);
		return;
	}
	if (n == 0)
		client->eof = true;
	else
		buf_add(&client->in, chunk, (size_t)n);
	take_turn(client);
}

static void
on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	msec_t at = deadline(client);

	(void)fd;
	(void)what;
	if (!want_read(client) && is_hung_up(client)) {
		client_free(client);
	} else if (at == 0 || at > clock_mono()) {
		take_turn(client);
	} else if (client_out(client) > 0) {
		client_free(client); /* it would not read a reason either */
	} else {
		refuse_limit(client, "idle for too long");
		take_turn(client);
	}
}

/* -- Birth and death ---------------------------------------------------------- */

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void
client_free(struct client *client)
{
	struct control_call *call = client->call;

	client->call = NULL;
	if (call != NULL)
		call_drop(call);
	TAILQ_REMOVE(&client->control->clients, client, entry);
	client->control->client_count--;
	free_event(client->readable);
	free_event(client->writable);
	free_event(client->turn);
	free_event(client->clock);
	close(client->fd);
	buf_done(&client->in);
	buf_done(&client->out);
	free(client);
}

struct client *
client_new(struct control *control, int fd, uid_t uid, enum control_role role)
{
	struct client *client = xcalloc(1, sizeof(*client));

	client->control = control;
	client->fd = fd;
	client->uid = uid;
	client->role = role;
	client->active = client->progress = clock_mono();
	TAILQ_INSERT_TAIL(&control->clients, client, entry);
	control->client_count++;
	client->readable =
	    event_new(control->base, fd, EV_READ | EV_PERSIST, on_readable, client);
	client->writable =
	    event_new(control->base, fd, EV_WRITE | EV_PERSIST, on_turn, client);
	client->turn = evtimer_new(control->base, on_turn, client);
	client->clock = evtimer_new(control->base, on_clock, client);
	if (client->readable == NULL || client->writable == NULL ||
	    client->turn == NULL || client->clock == NULL) {
		client_free(client);
		return NULL;
	}
	watch(client->readable, true);
	set_clock(client);
	return client;
}
