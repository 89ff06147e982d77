/* SPDX-License-Identifier: ISC */
/*
 * Calls that change something: one edit of the store each.  What they ask for is
 * copied, since the client may be gone before it is done.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "config/config.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "wire/wire.h"

struct change {
	struct daemon *daemon;
	struct control_call *call; /* NULL: the client is gone */
	struct arena *arena;
	struct edit edit;
	void (*done)(struct change *change, const struct edit_result *result);
	struct store_query *query; /* SetFeed: the feed as it is now */
	struct buf row;
};

static struct change *
change_new(struct control_call *call, struct daemon *daemon, enum edit_kind kind,
    void (*done)(struct change *change, const struct edit_result *result))
{
	struct change *change = xcalloc(1, sizeof(*change));

	change->daemon = daemon;
	change->call = call;
	/* A request has at most that much, and lists of pointers into it. */
	change->arena = arena_new(32 * (size_t)LIMIT_REQUEST_BYTES_WRITER);
	change->done = done;
	change->edit.kind = kind;
	change->edit.uid = control_uid(call);
	change->edit.now = clock_wall();
	control_set_state(call, change);
	return change;
}

static void
change_free(struct change *change)
{
	if (change->call != NULL)
		control_set_state(change->call, NULL);
	if (change->query != NULL)
		store_query_cancel(change->query);
	buf_done(&change->row);
	arena_free(change->arena);
	free(change);
}

void
commands_edit_gone(struct control_call *call, void *arg)
{
	struct change *change = control_state(call);

	(void)arg;
	if (change == NULL)
		return;
	change->call = NULL;
	if (change->query != NULL)
		change_free(change); /* the edit is done; only the answer was left */
}

static void
on_edited(void *arg, const struct edit_result *result)
{
	struct change *change = arg;
	struct control_call *call = change->call;

	if (result->error != 0) {
		change_free(change);
		if (call != NULL)
			commands_edit_failed(call, result);
		return;
	}
	commands_follow_wake(change->daemon);
	change->done(change, result);
}

static void
start(struct change *change)
{
	int r = store_edit(change->daemon->store, &change->edit, on_edited, change);

	if (r < 0)
		on_edited(change, &(struct edit_result){.error = r, .position = -1});
}

static bool
take(struct change *change, struct wire_object *parameters)
{
	struct control_call *call = change->call;

	if (wire_object_fault(parameters) == NULL)
		return true;
	change_free(change);
	return commands_take(call, parameters);
}

/* -- Feeds ------------------------------------------------------------------------ */

bool
commands_check_options(
    struct control_call *call, struct wire_object *options, const char *parameter)
{
	struct buf reason = {0}, name = {0};
	const char *key, *value;
	size_t i;
	bool good = true;

	for (i = 0; good && (key = wire_object_key(options, i)) != NULL; i++) {
		if (!wire_object_text(options, key, &value)) {
			buf_puts(&reason, "a text");
			good = false;
		} else if (strcmp(key, "name") == 0) {
			good = config_is_feed_name(value);
			if (!good)
				buf_puts(&reason,
				    "letters, digits, '.', '_' and '-', and not "
				    "digits alone");
		} else {
			good = config_check_feed_key(key, value, &reason) == 0;
		}
		if (!good)
			buf_printf(&name, "%s.%s", parameter, key);
	}
	if (!good)
		commands_refuse(call, name.data, buf_text(&reason));
	buf_done(&reason);
	buf_done(&name);
	return good;
}

static void
on_changed_feed(void *arg, const char *data, size_t size, unsigned rows)
{
	struct change *change = arg;

	(void)rows;
	buf_add(&change->row, data, size - 1); /* without the NUL */
}

static void
on_changed_feed_end(void *arg, const struct store_end *end)
{
	struct change *change = arg;
	struct control_call *call = change->call;
	struct buf row = change->row;

	change->query = NULL;
	change->row = (struct buf){0};
	change_free(change);
	if (end->error != 0)
		commands_query_failed(call, end);
	else if (row.len == 0)
		commands_not_found(call, "the feed was removed meanwhile");
	else
		control_end(call, row.data, row.len);
	buf_done(&row);
}

static void
feed_was_set(struct change *change, const struct edit_result *result)
{
	const struct store_spec spec = {
	    .what = STORE_FEEDS, .id = result->feed_id, .limit = 1};
	int r;

	pipeline_edited(change->daemon->pipeline, result);
	if (change->call == NULL) {
		change_free(change);
		return;
	}
	r = store_query(change->daemon->store, &spec, commands_encode_feed,
	    &change->daemon->views[0], on_changed_feed, on_changed_feed_end, change,
	    &change->query);
	if (r < 0)
		on_changed_feed_end(
		    change, &(struct store_end){.error = r, .position = -1});
}

void
commands_set_feed(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct wire_object *set = NULL;
	struct change *change;
	struct buf json = {0};
	const char *feed;

	if (!wire_object_text(parameters, "feed", &feed)) {
		commands_refuse(call, "feed", "a feed's name or number");
		return;
	}
	if (wire_object_object(parameters, "set", &set) &&
	    !commands_check_options(call, set, "set"))
		return;
	change = change_new(call, arg, EDIT_SET_FEED, feed_was_set);
	change->edit.feed_ref = arena_strdup(change->arena, feed);
	(void)wire_object_texts(parameters, "unset", change->arena,
	    &change->edit.unset, &change->edit.unset_count);
	if (wire_object_json(parameters, "set", &json))
		change->edit.options_json = arena_strdup(change->arena, json.data);
	buf_done(&json);
	if (take(change, parameters))
		start(change);
}

static void
feed_was_removed(struct change *change, const struct edit_result *result)
{
	struct control_call *call = change->call;
	char json[64];
	int size;

	pipeline_edited(change->daemon->pipeline, result);
	size = snprintf(
	    json, sizeof(json), "{\"archived\":%lld}", (long long)result->matched);
	change_free(change);
	if (call != NULL)
		control_end(call, json, (size_t)size);
}

void
commands_remove_feed(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct change *change;
	const char *feed;

	if (!wire_object_text(parameters, "feed", &feed)) {
		commands_refuse(call, "feed", "a feed's name or number");
		return;
	}
	change = change_new(call, arg, EDIT_REMOVE_FEED, feed_was_removed);
	change->edit.feed_ref = arena_strdup(change->arena, feed);
	(void)wire_object_bool(parameters, "purge_items", &change->edit.purge_items);
	if (take(change, parameters))
		start(change);
}

/* -- Items ------------------------------------------------------------------------- */

static void
items_were_modified(struct change *change, const struct edit_result *result)
{
	struct control_call *call = change->call;
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "matched", result->matched);
	jsonw_int(&w, "changed", result->changed);
	jsonw_text(&w, "undo", result->undo);
	jsonw_close(&w);
	change_free(change);
	if (call != NULL)
		control_end(call, json.data, json.len);
	buf_done(&json);
}

static bool
is_state(const char *name)
{
	return strcmp(name, "read") == 0 || strcmp(name, "starred") == 0 ||
	    strcmp(name, "hidden") == 0;
}

static bool
are_marks(const char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!is_state(list[i]) && !config_is_tag(list[i]))
			return false;
	}
	return true;
}

static const char *
fault_of_modify(const struct edit *edit)
{
	if ((edit->query != NULL) == (edit->ids != NULL))
		return "either \"query\" or \"ids\" says which items";
	if (edit->add_count + edit->remove_count == 0)
		return "\"add\" and \"remove\" say what to change: tags, and the "
		       "states read, starred, hidden";
	if (!are_marks(edit->add, edit->add_count) ||
	    !are_marks(edit->remove, edit->remove_count))
		return "a tag is letters, digits, '.', '_', '-' and '/'";
	return NULL;
}

void
commands_modify_items(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct change *change;
	struct wire_object *data;
	struct edit *edit;
	const char *query = NULL, *fault;

	if (wire_object_object(parameters, "data", &data)) {
		commands_refuse(call, "data", "not available in this version");
		return;
	}
	change = change_new(call, arg, EDIT_MODIFY_ITEMS, items_were_modified);
	edit = &change->edit;
	if (wire_object_text(parameters, "query", &query))
		edit->query = arena_strdup(change->arena, query);
	(void)wire_object_bool(parameters, "all", &edit->all);
	(void)wire_object_bool(parameters, "dry_run", &edit->dry_run);
	(void)wire_object_ints(
	    parameters, "ids", change->arena, &edit->ids, &edit->id_count);
	(void)wire_object_texts(
	    parameters, "add", change->arena, &edit->add, &edit->add_count);
	(void)wire_object_texts(
	    parameters, "remove", change->arena, &edit->remove, &edit->remove_count);
	if (!take(change, parameters))
		return;
	fault = fault_of_modify(edit);
	if (fault != NULL) {
		change_free(change);
		commands_refuse(call, "parameters", fault);
		return;
	}
	start(change);
}

static void
story_was_changed(struct change *change, const struct edit_result *result)
{
	struct control_call *call = change->call;
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "story", result->story);
	jsonw_text(&w, "undo", result->undo);
	jsonw_close(&w);
	change_free(change);
	if (call != NULL)
		control_end(call, json.data, json.len);
	buf_done(&json);
}

static void
change_story(struct control_call *call, struct wire_object *parameters,
    struct daemon *daemon, enum edit_kind kind)
{
	static const char *const names[] = {"id", "other"};
	size_t count = kind == EDIT_JOIN_ITEMS ? 2 : 1, i;
	struct change *change;
	int64_t *ids;

	change = change_new(call, daemon, kind, story_was_changed);
	ids = arena_alloc(change->arena, 2 * sizeof(*ids));
	for (i = 0; i < count; i++) {
		if (wire_object_int(parameters, names[i], &ids[i]) && ids[i] > 0)
			continue;
		change_free(change);
		commands_refuse(call, names[i], "an item's number");
		return;
	}
	change->edit.ids = ids;
	change->edit.id_count = count;
	if (take(change, parameters))
		start(change);
}

void
commands_split_item(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	change_story(call, parameters, arg, EDIT_SPLIT_ITEM);
}

void
commands_join_items(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	change_story(call, parameters, arg, EDIT_JOIN_ITEMS);
}

static void
was_undone(struct change *change, const struct edit_result *result)
{
	struct control_call *call = change->call;
	char json[64];
	int size;

	size = snprintf(
	    json, sizeof(json), "{\"changed\":%lld}", (long long)result->changed);
	change_free(change);
	if (call != NULL)
		control_end(call, json, (size_t)size);
}

void
commands_undo(struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct change *change = change_new(call, arg, EDIT_UNDO, was_undone);
	const char *token = NULL;

	if (wire_object_text(parameters, "token", &token))
		change->edit.token = arena_strdup(change->arena, token);
	if (take(change, parameters))
		start(change);
}
