/* SPDX-License-Identifier: ISC */
#include "daemon/commands.h"

#include <errno.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/xalloc.h"
#include "schedule/schedule.h"
#include "wire/wire.h"

#define GAZETTED "org.gazetted."
#define INVALID "org.varlink.service.InvalidParameter"
#define BUSY (5 * MSEC_PER_SEC) /* a page's time is up: LIMIT_PAGE_MSEC */

/* What the interface names and is not here answers MethodNotImplemented. */
const struct control_method commands_methods[] = {
    {.name = GAZETTED "GetStatus",
	.role = CONTROL_READER,
	.start = commands_status_get,
	.gone = commands_status_gone},
    {.name = GAZETTED "ListFeeds",
	.role = CONTROL_READER,
	.start = commands_list_feeds,
	.writable = commands_list_writable,
	.gone = commands_list_gone},
    {.name = GAZETTED "AddFeed",
	.role = CONTROL_WRITER,
	.start = commands_add_feed,
	.gone = commands_add_gone},
    {.name = GAZETTED "ProbeFeed",
	.role = CONTROL_WRITER,
	.start = commands_probe_feed,
	.gone = commands_probe_gone},
    {.name = GAZETTED "SetFeed",
	.role = CONTROL_WRITER,
	.start = commands_set_feed,
	.gone = commands_edit_gone},
    {.name = GAZETTED "RemoveFeed",
	.role = CONTROL_WRITER,
	.start = commands_remove_feed,
	.gone = commands_edit_gone},
    {.name = GAZETTED "Fetch",
	.role = CONTROL_WRITER,
	.start = commands_fetch,
	.gone = commands_fetch_gone},
    {.name = GAZETTED "ExplainFeed",
	.role = CONTROL_READER,
	.start = commands_explain_feed,
	.gone = commands_once_gone},
    {.name = GAZETTED "ListHosts",
	.role = CONTROL_READER,
	.start = commands_list_hosts},
    {.name = GAZETTED "Backfill",
	.role = CONTROL_WRITER,
	.start = commands_backfill,
	.gone = commands_backfill_gone},
    {.name = GAZETTED "UndoMove",
	.role = CONTROL_WRITER,
	.start = commands_undo_move,
	.gone = commands_undo_move_gone},
    {.name = GAZETTED "ListItems",
	.role = CONTROL_READER,
	.start = commands_list_items,
	.writable = commands_list_writable,
	.gone = commands_list_gone},
    {.name = GAZETTED "GetItem",
	.role = CONTROL_READER,
	.start = commands_item_get,
	.gone = commands_once_gone},
    {.name = GAZETTED "GetStory",
	.role = CONTROL_READER,
	.start = commands_story_get,
	.writable = commands_list_writable,
	.gone = commands_list_gone},
    {.name = GAZETTED "SplitItem",
	.role = CONTROL_WRITER,
	.start = commands_split_item,
	.gone = commands_edit_gone},
    {.name = GAZETTED "JoinItems",
	.role = CONTROL_WRITER,
	.start = commands_join_items,
	.gone = commands_edit_gone},
    {.name = GAZETTED "CountItems",
	.role = CONTROL_READER,
	.start = commands_count_items,
	.gone = commands_once_gone},
    {.name = GAZETTED "ModifyItems",
	.role = CONTROL_WRITER,
	.start = commands_modify_items,
	.gone = commands_edit_gone},
    {.name = GAZETTED "Undo",
	.role = CONTROL_WRITER,
	.start = commands_undo,
	.gone = commands_edit_gone},
    {.name = GAZETTED "Follow",
	.role = CONTROL_READER,
	.must_more = true,
	.start = commands_follow,
	.writable = commands_follow_writable,
	.gone = commands_follow_gone},
    {.name = GAZETTED "Reload",
	.role = CONTROL_ADMIN,
	.start = commands_reload,
	.gone = commands_reload_gone},
};
const size_t commands_method_count =
    sizeof(commands_methods) / sizeof(commands_methods[0]);

bool
commands_take(struct control_call *call, struct wire_object *parameters)
{
	const char *fault = wire_object_fault(parameters);

	if (fault != NULL)
		control_invalid(call, fault);
	return fault == NULL;
}

void
commands_refuse(
    struct control_call *call, const char *parameter, const char *message)
{
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "parameter", parameter);
	jsonw_text(&w, "message", message);
	jsonw_close(&w);
	control_fail(call, INVALID, json.data);
	buf_done(&json);
}

void
commands_not_found(struct control_call *call, const char *what)
{
	control_fail_text(call, GAZETTED "NotFound", "what", what);
}

void
commands_end_empty(struct control_call *call)
{
	control_end(call, "{}", 2);
}

static void
fail_bad_query(struct control_call *call, const char *message, int position)
{
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "message", message != NULL ? message : "cannot be read");
	jsonw_int(&w, "position", position > 0 ? position : 0);
	jsonw_close(&w);
	control_fail(call, GAZETTED "BadQuery", json.data);
	buf_done(&json);
}

void
commands_busy(struct control_call *call, msec_t wait, const char *message)
{
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "retry_after",
	    wait > 0 ? (wait + MSEC_PER_SEC - 1) / MSEC_PER_SEC : 0);
	jsonw_text(&w, "message", message);
	jsonw_close(&w);
	control_fail(call, GAZETTED "Busy", json.data);
	buf_done(&json);
}

char *
commands_refusal_words(const struct schedule_refusal *refusal)
{
	static const char *const words[] = {
	    [REFUSAL_MANUAL] = "not asked again so soon",
	    [REFUSAL_PUBLIC] = "not asked again so soon",
	    [REFUSAL_HOLD] = "its server asked for a pause",
	    [REFUSAL_DOUBLE] = "another feed has the same address, and is fetched",
	};
	char wait[CLOCK_TEXT];

	return xasprintf("%s: in %s", words[refusal->cause],
	    clock_duration_format(refusal->when - clock_wall(), wait));
}

void
commands_put_refusal(struct jsonw *w, const struct schedule_refusal *refusal)
{
	jsonw_time(w, "retry", refusal->when);
	if (refusal->cause == REFUSAL_HOLD)
		jsonw_bool(w, "held", true);
}

void
commands_query_failed(struct control_call *call, const struct store_end *end)
{
	switch (end->error) {
	case -EINVAL:
		fail_bad_query(call, end->message, end->position);
		break;
	case -ENOENT:
		commands_not_found(
		    call, end->message != NULL ? end->message : "no such thing");
		break;
	default:
		commands_busy(call, BUSY,
		    end->message != NULL ? end->message : strerror(-end->error));
	}
}

void
commands_edit_failed(struct control_call *call, const struct edit_result *result)
{
	const char *message =
	    result->message != NULL ? result->message : strerror(-result->error);

	switch (result->error) {
	case -ENOENT:
		commands_not_found(call, message);
		break;
	case -EEXIST:
		control_fail_text(call, GAZETTED "Conflict", "message", message);
		break;
	case -EINVAL:
		if (result->position >= 0)
			fail_bad_query(call, message, result->position);
		else
			commands_refuse(call, "parameters", message);
		break;
	default:
		commands_busy(call, BUSY, message);
	}
}

bool
commands_fields(
    struct control_call *call, struct wire_object *parameters, unsigned *ret_fields)
{
	struct arena *arena = arena_new(64 << 10);
	const char *const *list;
	size_t count = 0, i;

	*ret_fields = 0;
	(void)wire_object_texts(parameters, "fields", arena, &list, &count);
	for (i = 0; i < count; i++) {
		if (strcmp(list[i], "text") == 0)
			*ret_fields |= STORE_TEXT;
		else if (strcmp(list[i], "html") == 0)
			*ret_fields |= STORE_HTML;
		else if (strcmp(list[i], "raw") == 0)
			*ret_fields |= STORE_RAW;
		else
			break;
	}
	if (i < count)
		commands_refuse(call, "fields",
		    "only text, html and raw can be asked for; the others always "
		    "come");
	arena_free(arena);
	return i == count;
}

void
commands_encode_item(void *arg, const struct row *row, struct buf *out)
{
	const struct view *view = arg;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	wire_item(&w, "item", row->item, view->fields);
	jsonw_close(&w);
	buf_putc(out, '\0');
}

void
commands_encode_feed(void *arg, const struct row *row, struct buf *out)
{
	struct jsonw w;

	(void)arg;
	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	wire_feed(&w, "feed", row->feed);
	jsonw_close(&w);
	buf_putc(out, '\0');
}
