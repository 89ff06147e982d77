/* SPDX-License-Identifier: ISC */
/*
 * The process: one loop on which frames come in, jobs run and batches go out.
 *
 *	request frame -> job (fetch -> document) -> batch frame
 */
#include "fetcher/fetcher.h"

#include <errno.h>
#include <malloc.h>
#include <event2/event.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "document/document.h"
#include "fetcher/budget.h"
#include "fetcher/process.h"
#include "fetcher/sandbox.h"
#include "model/batch.h"
#include "wire/wire.h"

#define READ_BYTES (64u << 10)
#define OUT_KEPT (4u << 20) /* of memory, between batches */

/* -- The shared page ----------------------------------------------------------- */

void
process_blame(struct process *process, int64_t feed_id)
{
	*(volatile int64_t *)&process->page->feed_id = feed_id;
}

static int
map_page(struct process *process)
{
	void *page = mmap(NULL, sizeof(struct fetcher_page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, FETCHER_PAGE_FD, 0);

	close(FETCHER_PAGE_FD);
	if (page == MAP_FAILED)
		return -errno;
	process->page = page;
	return 0;
}

size_t
process_unsent(const struct process *process)
{
	return process->out.len - process->out_sent;
}

/* -- Work in slices -------------------------------------------------------------- */

/* A timer, not event_active: sockets get their turn between two slices. */
void
process_work(struct process *process)
{
	const struct timeval now = {0};

	if (!event_pending(&process->work, EV_TIMEOUT, NULL))
		event_add(&process->work, &now);
}

static struct task *
first_to_work_on(struct process *process)
{
	struct task *task;

	TAILQ_FOREACH(task, &process->tasks, entry)
	{
		if (task->state != TASK_FETCHING)
			return task;
	}
	return NULL;
}

static void
on_work(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;
	struct task *task = first_to_work_on(process);

	(void)fd;
	(void)what;
	if (task == NULL || process_unsent(process) > LIMIT_OUT_BYTES)
		return; /* on_writable comes back to it */
	task_work(task);
	budget_balance(process);
	if (first_to_work_on(process) != NULL)
		process_work(process);
}

/* -- Out -------------------------------------------------------------------------- */

static void
forget_sent(struct process *process)
{
	if (process_unsent(process) == 0) {
		if (process->out.cap > OUT_KEPT)
			buf_done(&process->out);
		else
			buf_reset(&process->out);
		process->out_sent = 0;
	} else if (process->out_sent > READ_BYTES &&
	    process->out_sent > process->out.len / 2) {
		buf_drop(&process->out, process->out_sent);
		process->out_sent = 0;
	}
}

/* What the socket takes now; the rest when it is writable. */
static void
flush(struct process *process)
{
	ssize_t n;

	while (process_unsent(process) > 0) {
		n = send(FETCHER_FD, process->out.data + process->out_sent,
		    process_unsent(process), MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			event_base_loopbreak(process->base); /* it is gone */
			return;
		}
		if (n < 0)
			break;
		process->out_sent += (size_t)n;
	}
	forget_sent(process);
	if (process_unsent(process) > 0)
		event_add(&process->writable, NULL);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;

	(void)fd;
	(void)what;
	flush(process);
	budget_balance(process);
	if (process_unsent(process) <= LIMIT_OUT_BYTES)
		process_work(process);
}

/* The result without what it brought. */
static void
put_stub(const struct batch *batch, struct buf *out)
{
	struct batch *stub = batch_new(batch->feed_id, READ_BYTES);

	stub->job = batch->job;
	stub->outcome = OUTCOME_TOO_BIG;
	stub->reason = "more items and text than one message may hold";
	stub->http_status = batch->http_status;
	stub->bytes = batch->bytes;
	stub->duration = batch->duration;
	wire_put_batch(stub, out);
	batch_free(stub);
}

void
process_send(struct process *process, const struct batch *batch)
{
	size_t start;

	forget_sent(process);
	start = process->out.len;
	wire_put_batch(batch, &process->out);
	if (process->out.len - start > LIMIT_FRAME_BYTES) {
		process->out.len = start;
		put_stub(batch, &process->out);
	}
	flush(process);
}

void
process_tell(struct process *process, enum wire_type type, int64_t job)
{
	forget_sent(process);
	wire_put_number(type, job, &process->out);
	flush(process);
}

/* Nothing is unsent: else the bytes on their way say the same. */
static void
on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;

	(void)fd;
	(void)what;
	budget_second(process);
	if (process_unsent(process) > 0)
		return;
	wire_put_empty(WIRE_HEARTBEAT, &process->out);
	flush(process);
	if (TAILQ_EMPTY(&process->tasks))
		malloc_trim(0);
}

static void
log_frame(enum log_level level, const char *message, const struct log_fields *fields,
    void *arg)
{
	struct process *process = arg;

	(void)fields;
	wire_put_log(level, message, &process->out);
	if (process->base != NULL)
		flush(process);
}

/* -- In --------------------------------------------------------------------------- */

static void
cancel(struct process *process, int64_t number)
{
	struct task *task;

	TAILQ_FOREACH(task, &process->tasks, entry)
	{
		if (task->request.job == number) {
			task_cancel(task);
			return;
		}
	}
}

/* One frame.  False: stop, or what cannot be. */
static bool
take_frame(
    struct process *process, enum wire_type type, const char *payload, size_t size)
{
	int64_t number;
	char *copy;

	switch (type) {
	case WIRE_REQUEST:
		copy = xmalloc(size + 1);
		memcpy(copy, payload, size);
		return task_new(process, copy, size) == 0;
	case WIRE_CANCEL:
		if (wire_get_number(payload, size, &number) < 0)
			return false;
		cancel(process, number);
		return true;
	case WIRE_DIALS:
		if (wire_get_number(payload, size, &number) < 0 || number < 1 ||
		    number > UINT32_MAX)
			return false;
		fetch_limit(process->fetch, (uint32_t)number);
		return true;
	case WIRE_FRESH:
		fetch_drop_connections(process->fetch);
		return true;
	default: /* WIRE_STOP among them */
		return false;
	}
}

static bool
take_frames(struct process *process)
{
	size_t done = 0, size, total;
	const char *payload;
	enum wire_type type;
	bool ok = true;
	int r = 0;

	while (ok &&
	    (r = wire_frame(process->in.data + done, process->in.len - done, &type,
		 &payload, &size, &total)) > 0) {
		ok = take_frame(process, type, payload, size);
		done += total;
	}
	buf_drop(&process->in, done);
	return ok && r >= 0;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;
	ssize_t n;

	(void)fd;
	(void)what;
	n = recv(FETCHER_FD, buf_room(&process->in, READ_BYTES), READ_BYTES, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		process->in.len += (size_t)n;
	if (n <= 0 || !take_frames(process))
		event_base_loopbreak(process->base);
	budget_balance(process);
}

/* -- Birth -------------------------------------------------------------------------- */

/* The first frame, waited for; it stays at the front of `in` until the caller has
 * dropped its `*ret_total` bytes. */
static int
read_settings(struct process *process, struct wire_settings *ret, size_t *ret_total)
{
	const char *payload;
	enum wire_type type;
	size_t size;
	ssize_t n;
	int r;

	while ((r = wire_frame(buf_text(&process->in), process->in.len, &type,
		    &payload, &size, ret_total)) == 0) {
		n = recv(
		    FETCHER_FD, buf_room(&process->in, READ_BYTES), READ_BYTES, 0);
		if (n == 0)
			return -EPIPE;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			process->in.len += (size_t)n;
	}
	if (r < 0 || type != WIRE_SETTINGS)
		return -EBADMSG;
	return wire_get_settings(payload, size, ret);
}

/* What needs files and modules: after it the sandbox may shut. */
static int
warm(struct process *process, const struct wire_settings *settings)
{
	const struct fetch_settings fetch = {.user_agent = settings->user_agent,
	    .proxy = settings->proxy,
	    .no_proxy = settings->no_proxy,
	    .http_version = settings->http_version,
	    .ca_file = settings->ca_file,
	    .concurrency = settings->concurrency};
	int r;

	process->base = event_base_new();
	if (process->base == NULL)
		return -ENOMEM;
	r = fetch_new(process->base, &fetch, &process->fetch);
	if (r < 0)
		return r;
	r = fetch_warm(process->fetch);
	if (r < 0)
		log_warn("no trust store can be read (%s): https will fail",
		    strerror(-r));
	document_warm();
	return 0;
}

static void
shut(struct process *process, const struct wire_settings *settings)
{
	const struct sandbox_paths paths = {.ca_file = settings->ca_file,
	    .database = settings->database,
	    .socket = settings->socket};
	struct buf missing = {0};

	sandbox_enter(&paths, &missing);
	wire_put_text(WIRE_READY, buf_text(&missing), &process->out);
	buf_done(&missing);
}

static void
loop(struct process *process)
{
	const struct timeval second = {.tv_sec = 1};

	event_assign(&process->readable, process->base, FETCHER_FD,
	    EV_READ | EV_PERSIST, on_readable, process);
	event_assign(&process->writable, process->base, FETCHER_FD, EV_WRITE,
	    on_writable, process);
	event_assign(&process->heartbeat, process->base, -1, EV_PERSIST,
	    on_heartbeat, process);
	event_assign(&process->work, process->base, -1, 0, on_work, process);
	event_add(&process->readable, NULL);
	event_add(&process->heartbeat, &second);
	flush(process);
	if (take_frames(process)) /* what came right behind the settings */
		event_base_dispatch(process->base);
}

/* The signals of a terminal or of systemd are the service's to answer: it ends us
 * by closing its end. */
static void
prepare(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1};
	size_t i;

	(void)close_range(PROCESS_EXE_FD, ~0u, 0);
	(void)prctl(PR_SET_NAME, "gazetted-fetch", 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

int
fetcher_main(void)
{
	struct process *process = xcalloc(1, sizeof(*process));
	struct wire_settings settings;
	size_t total;
	int r;

	TAILQ_INIT(&process->tasks);
	/* Each document takes and gives back some 200 KB: as a rule the kernel
	 * need not be asked each time, which was a seventh of parsing. */
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 20);
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
	prepare();
	r = map_page(process);
	if (r == 0)
		r = read_settings(process, &settings, &total);
	if (r < 0)
		_exit(1); /* the service is gone; so is what we have */
	log_level_set(settings.log_level);
	log_open(log_frame, process);
	r = warm(process, &settings);
	if (r < 0)
		_exit(1);
	(void)fcntl(FETCHER_FD, F_SETFL, O_NONBLOCK);
	shut(process, &settings);
	buf_drop(&process->in, total);
	loop(process);
	/* Threads may be in a look-up, transfers in flight: nobody waits for them. */
	_exit(0);
}
