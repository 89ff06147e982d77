/* SPDX-License-Identifier: ISC */
#include "daemon/supervisor.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/worker.h"

#define BACKOFF_FIRST MSEC_PER_SEC
#define BACKOFF_MOST MSEC_PER_MIN
#define HUNG (10 * MSEC_PER_SEC)
#define FETCHERS 4 /* one that works, others that drain */

struct fetcher {
	struct worker *worker; /* NULL: the place is free */
	uint64_t number;
	unsigned jobs;                     /* that it owes an answer */
	bool is_ready, drains, was_useful; /* useful: it gave an answer */
};

struct supervisor {
	struct event_base *base;
	struct fetcher_child prepared;
	const struct supervisor_ops *ops;
	void *arg;
	struct fetcher fetcher[FETCHERS];
	struct fetcher *current; /* NULL: none runs; `restart` waits */
	struct event *restart;
	struct buf settings; /* as a frame: what the current one was told */
	struct buf out;
	char *sandbox;
	msec_t ticked; /* monotonic; 0: never */
	msec_t backoff;
	uint64_t count, restarts;
	bool reads;
};

static void start(struct supervisor *s);

static struct fetcher *
fetcher_of(struct supervisor *s, const struct worker *worker)
{
	size_t i;

	for (i = 0; i < FETCHERS; i++) {
		if (s->fetcher[i].worker == worker)
			return &s->fetcher[i];
	}
	return NULL;
}

static void
release(struct supervisor *s, struct fetcher *fetcher)
{
	(void)worker_free(fetcher->worker);
	fetcher->worker = NULL;
	if (s->current == fetcher)
		s->current = NULL;
}

/* Back-off is for one that dies before it does anything; a feed that kills it is
 * soon put aside. */
static void
restart_later(struct supervisor *s, bool was_useful)
{
	struct timeval tv;

	if (was_useful)
		s->backoff = BACKOFF_FIRST;
	tv.tv_sec = s->backoff / MSEC_PER_SEC;
	tv.tv_usec = s->backoff % MSEC_PER_SEC * 1000;
	(void)event_add(s->restart, &tv);
	s->backoff = s->backoff * 2 > BACKOFF_MOST ? BACKOFF_MOST : s->backoff * 2;
}

static const char *
describe(int status, char *text, size_t size)
{
	if (status == -1)
		(void)snprintf(text, size, "closed its connection");
	else if (WIFSIGNALED(status))
		(void)snprintf(text, size, "was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		(void)snprintf(
		    text, size, "ended with status %d", WEXITSTATUS(status));
	return text;
}

/* `hung`: we end it ourselves. */
static void
lose(struct supervisor *s, struct fetcher *fetcher, bool hung)
{
	int64_t blamed = worker_blames(fetcher->worker);
	bool was_current = s->current == fetcher, owed = fetcher->jobs > 0;
	uint64_t number = fetcher->number;
	char how[128];
	int status;

	/* Its exit status is fresh for a moment only: a process that closed its
	 * socket in dying may not have been reaped yet, and is then killed. */
	status = worker_free(fetcher->worker);
	fetcher->worker = NULL;
	if (was_current)
		s->current = NULL;
	if (!was_current && !owed)
		return; /* drained, as it was told */
	s->restarts++;
	if (hung)
		(void)snprintf(how, sizeof(how), "hung for %d s and was killed",
		    (int)(HUNG / MSEC_PER_SEC));
	else
		(void)describe(status, how, sizeof(how));
	if (was_current) {
		restart_later(s, fetcher->was_useful);
		log_warn("the fetcher %s; a new one starts soon", how);
	}
	s->ops->lost(number, blamed,
	    !hung && status != -1 && WIFSIGNALED(status) &&
		WTERMSIG(status) == SIGKILL,
	    how, s->arg);
}

static void
on_died(struct worker *worker, void *arg)
{
	struct supervisor *s = arg;

	lose(s, fetcher_of(s, worker), false);
}

static void
settle_account(struct supervisor *s, struct fetcher *fetcher)
{
	if (fetcher->jobs > 0)
		fetcher->jobs--;
	if (fetcher->drains && fetcher->jobs == 0) {
		wire_put_empty(WIRE_STOP, &s->out);
		worker_send(fetcher->worker, &s->out);
	}
}

static bool
take_batch(struct supervisor *s, struct fetcher *fetcher, char *payload, size_t size)
{
	struct batch *batch;

	if (wire_get_batch(payload, size, &batch) < 0) {
		free(payload);
		log_error("the fetcher sent a batch that cannot be read");
		return false;
	}
	fetcher->was_useful = true;
	settle_account(s, fetcher);
	s->ops->batch(batch, s->arg);
	return true;
}

static bool
take_ready(
    struct supervisor *s, struct fetcher *fetcher, const char *payload, size_t size)
{
	const char *missing;

	if (wire_get_text(payload, size, &missing) < 0)
		return false;
	free(s->sandbox);
	s->sandbox = xstrdup(missing != NULL ? missing : "");
	fetcher->is_ready = true;
	if (fetcher == s->current)
		s->ops->ready(s->arg);
	return true;
}

static bool
take_log(const char *payload, size_t size)
{
	enum log_level level;
	const char *text;
	char quoted[LOG_QUOTE];

	if (wire_get_log(payload, size, &level, &text) < 0)
		return false;
	log_event(level, NULL, "fetcher: %s", log_quote(text, quoted));
	return true;
}

static bool
take_wait(struct supervisor *s, bool waits, const char *payload, size_t size)
{
	int64_t job;

	if (wire_get_number(payload, size, &job) < 0)
		return false;
	s->ops->wait(job, waits, s->arg);
	return true;
}

static bool
on_frame(struct worker *worker, enum wire_type type, char *payload, size_t size,
    void *arg)
{
	struct supervisor *s = arg;
	struct fetcher *fetcher = fetcher_of(s, worker);
	bool good;

	switch (type) {
	case WIRE_BATCH:
		return take_batch(s, fetcher, payload, size); /* has `payload` */
	case WIRE_READY:
		good = take_ready(s, fetcher, payload, size);
		break;
	case WIRE_LOG:
		good = take_log(payload, size);
		break;
	case WIRE_WAITS:
	case WIRE_GOES:
		good = take_wait(s, type == WIRE_WAITS, payload, size);
		break;
	case WIRE_HEARTBEAT:
		good = true;
		break;
	default:
		good = false;
	}
	free(payload);
	return good;
}

static const struct worker_ops worker_ops = {.frame = on_frame, .died = on_died};

static void
start(struct supervisor *s)
{
	struct fetcher *place = fetcher_of(s, NULL);
	int r;

	if (place == NULL) { /* too many drain: the oldest has had its time */
		place = &s->fetcher[s->count % FETCHERS];
		lose(s, place, false);
	}
	r = worker_new(s->base, &s->prepared, &worker_ops, s, &place->worker);
	if (r < 0) {
		log_error("cannot start the fetcher: %s; next try in %d s",
		    strerror(-r), (int)(s->backoff / MSEC_PER_SEC));
		restart_later(s, false);
		return;
	}
	place->number = ++s->count;
	place->jobs = 0;
	place->is_ready = place->drains = place->was_useful = false;
	s->current = place;
	buf_add(&s->out, buf_text(&s->settings), s->settings.len);
	worker_send(place->worker, &s->out);
	worker_read(place->worker, s->reads);
}

static void
on_restart(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)fd;
	(void)what;
	if (s->current == NULL)
		start(s);
}

struct supervisor *
supervisor_new(struct event_base *base, const struct fetcher_child *prepared,
    const struct supervisor_ops *ops, void *arg)
{
	struct supervisor *s = xcalloc(1, sizeof(*s));

	s->base = base;
	s->prepared = *prepared;
	s->ops = ops;
	s->arg = arg;
	s->backoff = BACKOFF_FIRST;
	s->reads = true;
	s->restart = evtimer_new(base, on_restart, s);
	return s;
}

void
supervisor_free(struct supervisor *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < FETCHERS; i++) {
		if (s->fetcher[i].worker != NULL)
			release(s, &s->fetcher[i]);
	}
	event_free(s->restart);
	buf_done(&s->settings);
	buf_done(&s->out);
	free(s->sandbox);
	free(s);
}

void
supervisor_configure(struct supervisor *s, const struct wire_settings *settings)
{
	struct buf frame = {0};
	struct fetcher *old = s->current;

	wire_put_settings(settings, &frame);
	if (old != NULL && frame.len == s->settings.len &&
	    memcmp(frame.data, s->settings.data, frame.len) == 0) {
		buf_done(&frame);
		return;
	}
	buf_done(&s->settings);
	s->settings = frame;
	(void)event_del(s->restart);
	s->current = NULL;
	if (old != NULL) {
		old->drains = true;
		old->jobs++; /* so that the account below ends it when it owes none */
		settle_account(s, old);
	}
	start(s);
}

bool
supervisor_is_up(const struct supervisor *s)
{
	return s->current != NULL && s->current->is_ready;
}

uint64_t
supervisor_send(struct supervisor *s, struct buf *frame)
{
	s->current->jobs++;
	worker_send(s->current->worker, frame);
	return s->current->number;
}

void
supervisor_refresh(struct supervisor *s)
{
	if (s->current == NULL || s->current->worker == NULL)
		return;
	wire_put_empty(WIRE_FRESH, &s->out);
	worker_send(s->current->worker, &s->out);
}

void
supervisor_dial(struct supervisor *s, unsigned at_once)
{
	if (s->current == NULL || s->current->worker == NULL)
		return;
	wire_put_number(WIRE_DIALS, at_once, &s->out);
	worker_send(s->current->worker, &s->out);
}

void
supervisor_read(struct supervisor *s, bool wanted)
{
	size_t i;

	s->reads = wanted;
	for (i = 0; i < FETCHERS; i++) {
		if (s->fetcher[i].worker != NULL)
			worker_read(s->fetcher[i].worker, wanted);
	}
}

/* It says something twice a second while it has work; a start counts as work. */
static bool
has_work(const struct fetcher *fetcher)
{
	return fetcher->worker != NULL && (fetcher->jobs > 0 || !fetcher->is_ready);
}

void
supervisor_tick(struct supervisor *s, msec_t mono)
{
	struct fetcher *fetcher;
	/* When we did not run ourselves (stopped, starved), silence is no sign. */
	bool slept = s->ticked != 0 && mono - s->ticked > HUNG;

	s->ticked = mono;
	for (fetcher = s->fetcher; fetcher < s->fetcher + FETCHERS; fetcher++) {
		if (has_work(fetcher) && slept)
			worker_forgive(fetcher->worker, mono);
		else if (has_work(fetcher) &&
		    worker_silence(fetcher->worker, mono) > HUNG)
			lose(s, fetcher, true);
	}
}

uint64_t
supervisor_restarts(const struct supervisor *s)
{
	return s->restarts;
}

const char *
supervisor_sandbox(const struct supervisor *s)
{
	return s->sandbox != NULL ? s->sandbox : "";
}

msec_t
supervisor_silence(const struct supervisor *s, msec_t mono)
{
	return s->current != NULL && has_work(s->current)
	    ? worker_silence(s->current->worker, mono)
	    : 0;
}
