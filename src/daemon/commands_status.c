/* SPDX-License-Identifier: ISC */
/*
 * GetStatus, Reload, and the numbers that systemd shows.  The numbers are read
 * anew when something was committed since, so that a busy reader thread does not
 * keep the answer waiting when there is one.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/jsonw.h"
#include "base/xalloc.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "daemon/service.h"
#include "wire/wire.h"

#define FRESH (10 * MSEC_PER_SEC) /* what time alone changes: stale feeds */
#define PATIENCE_USEC 8000        /* then the last numbers are better than none */

struct asker {
	struct asker *next;
	struct control_call *call;
};

struct status {
	struct daemon *daemon;
	struct store_query *query;
	struct store_status numbers; /* its uuid is not kept */
	int64_t head;                /* of the store when they were asked for */
	msec_t asked, read;          /* monotonic; 0: never */
	struct asker *askers;
	struct event *patience;
	bool tell_systemd;
};

/* -- The numbers ----------------------------------------------------------------------- */

/* On a reader thread. */
static void
encode_status(void *arg, const struct row *row, struct buf *out)
{
	(void)arg;
	buf_add(out, row->status, sizeof(*row->status));
}

static void
on_status(void *arg, const char *data, size_t size, unsigned rows)
{
	struct status *status = arg;

	(void)rows;
	if (size == sizeof(status->numbers)) {
		memcpy(&status->numbers, data, size);
		status->numbers.uuid = NULL; /* the reader's */
		status->read = clock_mono();
	}
}

static void
tell_systemd(struct status *status)
{
	const struct store_status *n = &status->numbers;
	const char *trouble = store_trouble(status->daemon->store);
	struct pipeline_stats stats;
	char next[32] = "none";
	struct tm tm;
	time_t due;

	pipeline_stats(status->daemon->pipeline, &stats);
	if (stats.next_due != INT64_MAX) {
		due = (time_t)(stats.next_due / MSEC_PER_SEC);
		if (localtime_r(&due, &tm) != NULL)
			(void)strftime(next, sizeof(next), "%H:%M:%S", &tm);
	}
	service_status("%lld feeds, %lld failing, %lld unread; next poll %s%s%s",
	    (long long)n->feeds, (long long)n->failing, (long long)n->unread, next,
	    stats.online ? "" : "; offline",
	    trouble != NULL ? "; database trouble, see the journal" : "");
}

static void
write_status(struct status *status, struct control_call *call, struct buf *json)
{
	const struct daemon *daemon = status->daemon;
	const struct store_status *n = &status->numbers;
	const char *uuid = store_uuid(daemon->store);
	struct pipeline_stats stats;
	char cursor[WIRE_CURSOR];
	struct jsonw w;

	pipeline_stats(daemon->pipeline, &stats);
	jsonw_init(&w, json);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "version", PACKAGE_VERSION);
	jsonw_int(&w, "schema", n->schema);
	jsonw_text(&w, "uuid", uuid);
	jsonw_int(&w, "uptime", (clock_mono() - daemon->started) / MSEC_PER_SEC);
	jsonw_text(&w, "head", wire_cursor(uuid, store_head(daemon->store), cursor));
	jsonw_text(&w, "oldest",
	    wire_cursor(uuid, n->oldest > 0 ? n->oldest - 1 : 0, cursor));
	jsonw_int(&w, "feeds", n->feeds);
	jsonw_int(&w, "items", n->items);
	jsonw_int(&w, "unread", n->unread);
	jsonw_int(&w, "failing", n->failing);
	jsonw_int(&w, "stale", n->stale);
	jsonw_int(&w, "inflight", stats.inflight);
	jsonw_bool(&w, "online", stats.online);
	jsonw_text(&w, "role", control_role_name(control_role(call)));
	jsonw_text(&w, "trouble", store_trouble(daemon->store));
	if (stats.sandbox[0] != '\0')
		jsonw_text(&w, "sandbox", stats.sandbox);
	jsonw_close(&w);
}

static void
answer(struct status *status, struct control_call *call)
{
	struct buf json = {0};

	write_status(status, call, &json);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

static void
answer_all(struct status *status)
{
	struct asker *asker;
	struct control_call *call;

	while ((asker = status->askers) != NULL) {
		status->askers = asker->next;
		call = asker->call;
		free(asker);
		answer(status, call);
	}
}

static void
on_status_end(void *arg, const struct store_end *end)
{
	struct status *status = arg;

	(void)end; /* failed: the last numbers stand */
	status->query = NULL;
	(void)event_del(status->patience);
	answer_all(status);
	if (status->tell_systemd)
		tell_systemd(status);
	status->tell_systemd = false;
}

static void
read_numbers(struct status *status)
{
	const struct store_spec spec = {.what = STORE_STATUS};

	if (status->query != NULL)
		return;
	status->head = store_head(status->daemon->store);
	status->asked = clock_mono();
	if (store_query(status->daemon->store, &spec, encode_status, NULL, on_status,
		on_status_end, status, &status->query) < 0) {
		status->query = NULL;
		answer_all(status);
	}
}

static void
on_impatient(evutil_socket_t fd, short what, void *arg)
{
	struct status *status = arg;

	(void)fd;
	(void)what;
	if (status->read != 0)
		answer_all(status);
}

void
commands_status_get(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	const struct timeval patience = {.tv_usec = PATIENCE_USEC};
	struct daemon *daemon = arg;
	struct status *status = daemon->status;
	struct asker *asker;

	if (!commands_take(call, parameters))
		return;
	if (status->read != 0 && status->query == NULL &&
	    status->head == store_head(daemon->store) &&
	    clock_mono() - status->read < FRESH) {
		answer(status, call);
		return;
	}
	asker = xcalloc(1, sizeof(*asker));
	asker->call = call;
	asker->next = status->askers;
	status->askers = asker;
	control_set_state(call, asker);
	(void)event_add(status->patience, &patience);
	read_numbers(status);
}

void
commands_status_gone(struct control_call *call, void *arg)
{
	struct daemon *daemon = arg;
	struct asker **at = &daemon->status->askers, *asker;

	while ((asker = *at) != NULL && asker->call != call)
		at = &asker->next;
	if (asker != NULL) {
		*at = asker->next;
		free(asker);
	}
}

void
commands_status_refresh(struct status *status)
{
	status->tell_systemd = true;
	read_numbers(status);
}

struct status *
commands_status_new(struct daemon *daemon)
{
	struct status *status = xcalloc(1, sizeof(*status));

	status->daemon = daemon;
	status->patience = evtimer_new(daemon->base, on_impatient, status);
	return status;
}

void
commands_status_free(struct status *status)
{
	if (status == NULL)
		return;
	if (status->query != NULL)
		store_query_cancel(status->query);
	event_free(status->patience);
	free(status);
}

/* -- Reload ---------------------------------------------------------------------------- */

/* Outlives the call: the configuration is in effect when the client has gone. */
struct reloading {
	struct control_call *call; /* NULL: gone */
};

static void
write_lines(struct jsonw *w, const char *key, const struct edit_note *lines,
    size_t count, bool warnings)
{
	size_t i;

	jsonw_array(w, key);
	for (i = 0; i < count; i++) {
		if (lines[i].warns == warnings)
			jsonw_text(w, NULL, lines[i].text);
	}
	jsonw_close(w);
}

static void
on_reloaded(void *arg, const struct daemon_reloaded *result)
{
	struct reloading *reloading = arg;
	struct control_call *call = reloading->call;
	struct buf json = {0};
	struct jsonw w;
	size_t i;

	free(reloading);
	if (call == NULL)
		return;
	control_set_state(call, NULL);
	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	if (result->refused) {
		jsonw_array(&w, "faults");
		for (i = 0; i < result->count; i++)
			jsonw_text(&w, NULL, result->lines[i].text);
		jsonw_close(&w);
		jsonw_close(&w);
		control_fail(call, "org.gazetted.BadConfig", json.data);
	} else {
		write_lines(&w, "changed", result->lines, result->count, false);
		write_lines(&w, "warnings", result->lines, result->count, true);
		jsonw_close(&w);
		control_end(call, json.data, json.len);
	}
	buf_done(&json);
}

void
commands_reload(struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct reloading *reloading;

	if (!commands_take(call, parameters))
		return;
	reloading = xcalloc(1, sizeof(*reloading));
	reloading->call = call;
	control_set_state(call, reloading);
	daemon_reload(arg, on_reloaded, reloading);
}

void
commands_reload_gone(struct control_call *call, void *arg)
{
	struct reloading *reloading = control_state(call);

	(void)arg;
	if (reloading != NULL)
		reloading->call = NULL;
}
