/* SPDX-License-Identifier: ISC */
#include "daemon/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/xalloc.h"

#define READ_TURN (1u << 20) /* bytes a loop turn, so that clients get theirs */

struct worker {
	struct fetcher_child child;
	const struct worker_ops *ops;
	void *arg;
	struct event *readable, *writable;
	struct buf out;
	/* The frame that is being received: its head, then its payload. */
	char head[WIRE_HEAD];
	size_t head_size;
	enum wire_type type;
	char *payload;
	size_t payload_size, received;
	msec_t heard; /* monotonic */
	bool reads;
};

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	ssize_t n;

	(void)fd;
	(void)what;
	n = write(worker->child.fd, worker->out.data, worker->out.len);
	/* A dead one is noticed where it is read. */
	if (n > 0)
		buf_drop(&worker->out, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		buf_reset(&worker->out);
	if (worker->out.len > 0)
		(void)event_add(worker->writable, NULL);
}

void
worker_send(struct worker *worker, struct buf *out)
{
	buf_add(&worker->out, buf_text(out), out->len);
	buf_reset(out);
	(void)event_add(worker->writable, NULL);
}

/* The head tells how much room the payload takes: at most LIMIT_FRAME_BYTES,
 * which wire_frame checks. */
static bool
take_head(struct worker *worker)
{
	const char *payload;
	size_t total;

	if (wire_frame(worker->head, WIRE_HEAD, &worker->type, &payload,
		&worker->payload_size, &total) < 0)
		return false;
	worker->payload = malloc(worker->payload_size + 1);
	worker->received = 0;
	return worker->payload != NULL;
}

static ssize_t
read_some(struct worker *worker)
{
	ssize_t n;

	if (worker->head_size < WIRE_HEAD) {
		n = read(worker->child.fd, worker->head + worker->head_size,
		    WIRE_HEAD - worker->head_size);
		if (n > 0)
			worker->head_size += (size_t)n;
	} else {
		n = read(worker->child.fd, worker->payload + worker->received,
		    worker->payload_size - worker->received);
		if (n > 0)
			worker->received += (size_t)n;
	}
	return n;
}

/* False: the worker is gone, or will be. */
static bool
deliver(struct worker *worker)
{
	char *payload;

	if (worker->head_size < WIRE_HEAD)
		return true;
	if (worker->payload == NULL && !take_head(worker))
		return false;
	if (worker->received < worker->payload_size)
		return true;
	payload = worker->payload;
	payload[worker->payload_size] = '\0';
	worker->payload = NULL;
	worker->head_size = 0;
	return worker->ops->frame(
	    worker, worker->type, payload, worker->payload_size, worker->arg);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	size_t turn = 0;
	ssize_t n = 1;

	(void)fd;
	(void)what;
	while (worker->reads && turn < READ_TURN) {
		n = read_some(worker);
		if (n <= 0)
			break;
		turn += (size_t)n;
		worker->heard = clock_mono();
		if (!deliver(worker)) {
			n = 0;
			break;
		}
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		worker->ops->died(worker, worker->arg);
}

/* Each has a page of its own, or one that drains could be blamed for another;
 * the program is the one that was opened at start. */
static int
be_born(struct worker *worker, const struct fetcher_child *prepared)
{
	struct fetcher_child *child = &worker->child;
	int r = fetcher_prepare(child);

	if (r < 0)
		return r;
	close(child->exe_fd);
	child->exe_fd = fcntl(prepared->exe_fd, F_DUPFD_CLOEXEC, 0);
	r = child->exe_fd >= 0 ? fetcher_spawn(child) : -errno;
	if (r < 0)
		fetcher_done(child);
	return r;
}

int
worker_new(struct event_base *base, const struct fetcher_child *prepared,
    const struct worker_ops *ops, void *arg, struct worker **ret_worker)
{
	struct worker *worker = xcalloc(1, sizeof(*worker));
	int r;

	worker->ops = ops;
	worker->arg = arg;
	worker->heard = clock_mono();
	worker->reads = true;
	r = be_born(worker, prepared);
	if (r < 0) {
		free(worker);
		return r;
	}
	worker->readable = event_new(
	    base, worker->child.fd, EV_READ | EV_PERSIST, on_readable, worker);
	worker->writable =
	    event_new(base, worker->child.fd, EV_WRITE, on_writable, worker);
	if (worker->readable == NULL || worker->writable == NULL ||
	    event_add(worker->readable, NULL) < 0) {
		(void)worker_free(worker);
		return -ENOMEM;
	}
	*ret_worker = worker;
	return 0;
}

int
worker_free(struct worker *worker)
{
	int status;

	if (worker->readable != NULL)
		event_free(worker->readable);
	if (worker->writable != NULL)
		event_free(worker->writable);
	status = fetcher_reap(&worker->child, true);
	fetcher_done(&worker->child);
	free(worker->payload);
	buf_done(&worker->out);
	free(worker);
	return status;
}

void
worker_read(struct worker *worker, bool wanted)
{
	if (wanted == worker->reads)
		return;
	worker->reads = wanted;
	worker->heard = clock_mono();
	if (wanted)
		(void)event_add(worker->readable, NULL);
	else
		(void)event_del(worker->readable);
}

int64_t
worker_blames(const struct worker *worker)
{
	return worker->child.page != NULL ? worker->child.page->feed_id : 0;
}

void
worker_forgive(struct worker *worker, msec_t mono)
{
	worker->heard = mono;
}

msec_t
worker_silence(const struct worker *worker, msec_t mono)
{
	return worker->reads ? mono - worker->heard : 0;
}
