/* SPDX-License-Identifier: ISC */
/*
 * Follow: a cursor and a query.  Events are read from the store when there are new
 * ones and the client has room; nothing is queued in memory (SOCKET 4, 5).
 */
#include <ctype.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/xalloc.h"
#include "daemon/commands.h"
#include "wire/wire.h"

#define PAGE_ROWS 100
#define PAGE_ROWS_TEXT 20
#define HEARTBEAT 30 /* seconds */
#define HEARTBEAT_MOST 3600

struct follow {
	struct follow *next;
	struct daemon *daemon;
	struct control_call *call;
	struct store_query *query;
	struct store_spec spec; /* its `after` is the cursor, once begun */
	char *text;
	struct buf rows; /* of the page being read */
	struct event *heartbeat;
	msec_t interval;  /* of heartbeats; 0: none */
	bool begun;       /* the first page was read */
	bool from_cursor; /* a gap before it is told */
	bool skip_gaps, until_caught_up, caught_up;
	bool waits; /* for the client to read */
	bool again; /* something was committed while a page was read */
};

static void read_on(struct follow *follow);

static void
follow_free(struct follow *follow)
{
	struct follow **at = &follow->daemon->follows;

	while (*at != follow)
		at = &(*at)->next;
	*at = follow->next;
	if (follow->query != NULL)
		store_query_cancel(follow->query);
	if (follow->heartbeat != NULL)
		event_free(follow->heartbeat);
	buf_done(&follow->rows);
	free(follow->text);
	free(follow);
}

void
commands_follow_gone(struct control_call *call, void *arg)
{
	struct follow *follow = control_state(call);

	(void)arg;
	if (follow != NULL)
		follow_free(follow);
}

/* -- Events that are no rows ------------------------------------------------------ */

static void
write_event(
    struct follow *follow, enum event_kind kind, const char *detail, struct buf *out)
{
	const struct event_row row = {.seq = follow->spec.after,
	    .time = clock_wall(),
	    .kind = kind,
	    .detail = detail};
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	wire_event(&w, "event", &row, store_uuid(follow->daemon->store), 0);
	jsonw_close(&w);
}

static void
send_event(struct follow *follow, enum event_kind kind, const char *detail)
{
	struct buf json = {0};

	write_event(follow, kind, detail, &json);
	control_row(follow->call, json.data, json.len);
	buf_done(&json);
}

static void
rest_heartbeat(struct follow *follow)
{
	const struct timeval tv = {.tv_sec = follow->interval / MSEC_PER_SEC};

	if (follow->heartbeat != NULL)
		(void)event_add(follow->heartbeat, &tv);
}

static void
on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct follow *follow = arg;

	(void)fd;
	(void)what;
	/* One who does not read gets no more to read. */
	if (follow->caught_up && control_has_room(follow->call))
		send_event(follow, EVENT_HEARTBEAT, NULL);
	rest_heartbeat(follow);
}

/* -- Pages --------------------------------------------------------------------------- */

/* On a reader thread. */
static void
encode_event(void *arg, const struct row *row, struct buf *out)
{
	const struct view *view = arg;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	wire_event(&w, "event", row->event, view->uuid, view->fields);
	jsonw_close(&w);
	buf_putc(out, '\0');
}

static void
on_block(void *arg, const char *data, size_t size, unsigned rows)
{
	struct follow *follow = arg;

	(void)rows;
	buf_add(&follow->rows, data, size); /* a gap would have to come first */
}

static void
fail_expired(struct follow *follow, int64_t oldest)
{
	struct control_call *call = follow->call;
	char cursor[WIRE_CURSOR];

	(void)wire_cursor(store_uuid(follow->daemon->store), oldest - 1, cursor);
	follow_free(follow);
	control_fail_text(call, "org.gazetted.CursorExpired", "oldest", cursor);
}

/* Events behind the cursor that are gone.  False: the call has ended. */
static bool
check_gap(struct follow *follow, const struct store_end *end)
{
	int64_t lost = end->oldest - 1 - follow->spec.after;
	char detail[64];

	if ((!follow->from_cursor && !follow->begun) || end->oldest == 0 ||
	    lost <= 0)
		return true;
	if (!follow->skip_gaps) {
		fail_expired(follow, end->oldest);
		return false;
	}
	follow->spec.after = end->oldest - 1;
	(void)snprintf(detail, sizeof(detail), "{\"lost\":%lld}", (long long)lost);
	send_event(follow, EVENT_GAP, detail);
	return true;
}

/* False: the call has ended. */
static bool
catch_up(struct follow *follow)
{
	struct control_call *call = follow->call;
	struct buf json = {0};

	if (follow->caught_up)
		return true;
	follow->caught_up = true;
	if (!follow->until_caught_up) {
		send_event(follow, EVENT_CAUGHT_UP, NULL);
		return true;
	}
	write_event(follow, EVENT_CAUGHT_UP, NULL, &json);
	follow_free(follow);
	control_end(call, json.data, json.len);
	buf_done(&json);
	return false;
}

static void
fail(struct follow *follow, const struct store_end *end)
{
	struct control_call *call = follow->call;

	follow_free(follow);
	commands_query_failed(call, end);
}

static void
on_end(void *arg, const struct store_end *end)
{
	struct follow *follow = arg;
	bool again = follow->again;

	follow->query = NULL;
	follow->again = false;
	if (end->error != 0) {
		fail(follow, end);
		return;
	}
	if (!check_gap(follow, end))
		return;
	if (follow->rows.len > 0) {
		control_rows(follow->call, follow->rows.data, follow->rows.len);
		rest_heartbeat(follow);
	}
	buf_reset(&follow->rows);
	follow->begun = true;
	follow->spec.last = follow->spec.from_time = 0;
	if (end->next > follow->spec.after)
		follow->spec.after = end->next;
	if (!end->more && !catch_up(follow))
		return;
	if (end->more || again)
		read_on(follow);
}

static void
read_on(struct follow *follow)
{
	int r;

	if (follow->query != NULL) {
		follow->again = true;
		return;
	}
	follow->waits = !control_has_room(follow->call);
	if (follow->waits)
		return;
	r = store_query(follow->daemon->store, &follow->spec, encode_event,
	    &follow->daemon->views[follow->spec.fields], on_block, on_end, follow,
	    &follow->query);
	if (r < 0)
		on_end(follow, &(struct store_end){.error = r, .position = -1});
}

void
commands_follow_writable(struct control_call *call, void *arg)
{
	struct follow *follow = control_state(call);

	(void)arg;
	if (follow != NULL && follow->waits)
		read_on(follow);
}

void
commands_follow_wake(struct daemon *daemon)
{
	struct follow *follow, *next;
	int64_t head = store_head(daemon->store);

	for (follow = daemon->follows; follow != NULL; follow = next) {
		next = follow->next; /* a failed one frees itself */
		if (follow->spec.after < head || !follow->begun)
			read_on(follow);
	}
}

/* -- The call -------------------------------------------------------------------------- */

static bool
read_kinds(
    struct control_call *call, struct wire_object *parameters, uint32_t *ret_kinds)
{
	struct arena *arena = arena_new(64 << 10);
	const char *const *names;
	enum event_kind kind = EVENT_ITEM_NEW;
	size_t count = 0, i;

	*ret_kinds = 0;
	(void)wire_object_texts(parameters, "kinds", arena, &names, &count);
	for (i = 0; i < count; i++) {
		kind = event_kind_from_name(names[i]);
		if (kind == EVENT_KIND_COUNT)
			break;
		*ret_kinds |= UINT32_C(1) << kind;
	}
	if (kind == EVENT_KIND_COUNT)
		commands_refuse(call, "kinds",
		    "names of Event's kinds: item_new, "
		    "item_updated, feed_failing, ...");
	arena_free(arena);
	return kind != EVENT_KIND_COUNT;
}

static bool
read_cursor(struct follow *follow, const char *cursor)
{
	const char *uuid = store_uuid(follow->daemon->store);
	int r = wire_cursor_parse(cursor, uuid, &follow->spec.after);
	char own[9] = "";

	follow->from_cursor = true;
	if (r == -EXDEV) {
		(void)strncat(own, uuid, 8);
		control_fail_text(
		    follow->call, "org.gazetted.ForeignCursor", "uuid", own);
	} else if (r < 0 || follow->spec.after > store_head(follow->daemon->store)) {
		control_fail_text(
		    follow->call, "org.gazetted.BadCursor", "cursor", cursor);
		r = -EINVAL;
	}
	return r == 0;
}

static bool
read_from(struct follow *follow, const char *from)
{
	struct store_spec *spec = &follow->spec;
	char *end;

	if (strcmp(from, "now") == 0) {
		spec->after = store_head(follow->daemon->store);
		follow->begun = true;
		return true;
	}
	if (strcmp(from, "beginning") == 0)
		return true;
	if (from[0] == '-' && isdigit((unsigned char)from[1])) {
		errno = 0;
		spec->last = strtoll(from + 1, &end, 10);
		if (*end == '\0' && errno == 0 && spec->last > 0)
			return true;
	} else if (clock_parse(from, &spec->from_time) == 0) {
		return true;
	}
	commands_refuse(follow->call, "from",
	    "now, beginning, -N for the last N, or a time as RFC 3339 has it");
	return false;
}

static bool
read_start(struct follow *follow, struct wire_object *parameters)
{
	const char *cursor = NULL, *consumer = NULL, *from = NULL;
	int given;

	given = wire_object_text(parameters, "cursor", &cursor);
	given += wire_object_text(parameters, "from", &from);
	if (wire_object_text(parameters, "consumer", &consumer)) {
		commands_refuse(follow->call, "consumer",
		    "not available in this version; keep the cursor of the last "
		    "event yourself, and give it as \"cursor\"");
		return false;
	}
	if (given != 1) {
		commands_refuse(follow->call, "from",
		    "exactly one of \"cursor\" and \"from\" says where to begin");
		return false;
	}
	return cursor != NULL ? read_cursor(follow, cursor)
			      : read_from(follow, from);
}

static bool
read_manner(struct follow *follow, struct wire_object *parameters)
{
	const char *on_gap;
	int64_t heartbeat = HEARTBEAT;

	(void)wire_object_bool(
	    parameters, "until_caught_up", &follow->until_caught_up);
	if (wire_object_text(parameters, "on_gap", &on_gap)) {
		follow->skip_gaps = strcmp(on_gap, "skip") == 0;
		if (!follow->skip_gaps && strcmp(on_gap, "fail") != 0) {
			commands_refuse(follow->call, "on_gap", "fail or skip");
			return false;
		}
	}
	(void)wire_object_int(parameters, "heartbeat", &heartbeat);
	if (heartbeat < 0 || heartbeat > HEARTBEAT_MOST) {
		commands_refuse(
		    follow->call, "heartbeat", "seconds: 1 to 3600, or 0 for none");
		return false;
	}
	follow->interval = heartbeat * MSEC_PER_SEC;
	return true;
}

static bool
read_call(struct follow *follow, struct wire_object *parameters)
{
	struct store_spec *spec = &follow->spec;
	const char *query = NULL;

	spec->what = STORE_EVENTS;
	(void)wire_object_text(parameters, "query", &query);
	(void)wire_object_bool(parameters, "all", &spec->all);
	follow->text = xstrdup_null(query);
	spec->query = follow->text;
	if (!read_kinds(follow->call, parameters, &spec->kinds) ||
	    !commands_fields(follow->call, parameters, &spec->fields) ||
	    !read_manner(follow, parameters) || !read_start(follow, parameters))
		return false;
	spec->limit = spec->fields != 0 ? PAGE_ROWS_TEXT : PAGE_ROWS;
	spec->uid = control_uid(follow->call);
	return commands_take(follow->call, parameters);
}

void
commands_follow(struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct daemon *daemon = arg;
	struct follow *follow = xcalloc(1, sizeof(*follow));

	follow->daemon = daemon;
	follow->call = call;
	follow->next = daemon->follows;
	daemon->follows = follow;
	if (!read_call(follow, parameters)) {
		follow_free(follow);
		return;
	}
	control_set_state(call, follow);
	if (follow->interval > 0)
		follow->heartbeat = evtimer_new(daemon->base, on_heartbeat, follow);
	rest_heartbeat(follow);
	read_on(follow);
}
