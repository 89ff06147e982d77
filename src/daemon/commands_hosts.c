/* SPDX-License-Identifier: ISC */
/*
 * ListHosts: the queues of hosts and rate groups, and what holds them; and
 * UndoMove.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/xalloc.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "schedule/schedule.h"
#include "store/store.h"

static void
write_host(struct jsonw *w, const struct schedule_host *host)
{
	jsonw_object(w, NULL);
	jsonw_int(w, "v", 1);
	jsonw_text(w, "host", host->key);
	jsonw_text(w, "state",
	    host->held != 0        ? "held"
		: host->is_offline ? "offline"
		: host->inflight   ? "asked"
				   : "ok");
	jsonw_int(w, "feeds", (int64_t)host->feeds);
	jsonw_int(w, "due", (int64_t)host->due);
	jsonw_int(w, "inflight", host->inflight);
	jsonw_int(w, "pause", host->pause);
	jsonw_time(w, "held_until", host->held);
	jsonw_time(w, "next", host->next);
	jsonw_close(w);
}

static int
by_name(const void *a, const void *b)
{
	const struct schedule_host *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* A snapshot: the loop does not turn meanwhile. */
void
commands_list_hosts(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	const struct daemon *daemon = arg;
	struct schedule_host host, *list = NULL;
	size_t place = 0, count = 0, room = 0, i;
	struct buf json = {0};
	struct jsonw w;

	if (!commands_take(call, parameters))
		return;
	while (pipeline_next_host(daemon->pipeline, &place, &host)) {
		if (count == room) {
			room = room * 2 + 64;
			list = xrealloc(list, room * sizeof(*list));
		}
		list[count++] = host;
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), by_name);
	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "hosts");
	for (i = 0; i < count; i++)
		write_host(&w, &list[i]);
	jsonw_close(&w);
	jsonw_close(&w);
	free(list);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

/* -- UndoMove ----------------------------------------------------------------------- */

struct undoing {
	struct daemon *daemon;
	struct control_call *call; /* NULL: gone */
	char *feed;
	struct edit edit;
};

static void
on_undone(void *arg, const struct edit_result *result)
{
	struct undoing *undoing = arg;
	struct control_call *call = undoing->call;

	if (result->error == 0) {
		pipeline_edited(undoing->daemon->pipeline, result);
		commands_follow_wake(undoing->daemon);
	}
	if (call != NULL) {
		control_set_state(call, NULL);
		if (result->error == 0)
			commands_end_empty(call);
		else
			commands_edit_failed(call, result);
	}
	free(undoing->feed);
	free(undoing);
}

void
commands_undo_move(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct undoing *undoing;
	const char *feed;
	int r;

	if (!wire_object_text(parameters, "feed", &feed)) {
		commands_refuse(call, "feed", "a feed's name or number");
		return;
	}
	if (!commands_take(call, parameters))
		return;
	undoing = xcalloc(1, sizeof(*undoing));
	undoing->daemon = arg;
	undoing->call = call;
	undoing->feed = xstrdup(feed);
	undoing->edit = (struct edit){.kind = EDIT_UNDO_MOVE,
	    .uid = control_uid(call),
	    .now = clock_wall(),
	    .feed_ref = undoing->feed};
	control_set_state(call, undoing);
	r = store_edit(undoing->daemon->store, &undoing->edit, on_undone, undoing);
	if (r < 0)
		on_undone(
		    undoing, &(struct edit_result){.error = r, .position = -1});
}

void
commands_undo_move_gone(struct control_call *call, void *arg)
{
	struct undoing *undoing = control_state(call);

	(void)arg;
	if (undoing != NULL)
		undoing->call = NULL;
}
