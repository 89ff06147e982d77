/* SPDX-License-Identifier: ISC */
/*
 * Calls that read: listings, page by page as the client reads them, and single
 * answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "wire/wire.h"

/* Rows a page: so that one page is about what a client's buffer may hold. */
#define PAGE_ROWS 200
#define PAGE_ROWS_TEXT 20
#define ATTEMPTS 50 /* of ExplainFeed: all that are kept */

/* -- Listings: rows as they come, pages as the client reads -------------------- */

struct listing {
	struct daemon *daemon;
	struct control_call *call;
	struct store_query *query;
	struct store_spec spec;
	store_encode_fn *encode;
	struct view *view;
	char *text;
	unsigned page;
	int64_t left;   /* rows that may still come */
	struct buf row; /* of a call without "more": its only answer */
	bool waits;     /* for the client to read */
};

static void next_page(struct listing *listing);

static void
listing_free(struct listing *listing)
{
	if (listing->query != NULL)
		store_query_cancel(listing->query);
	buf_done(&listing->row);
	free(listing->text);
	free(listing);
}

static void
end_listing(struct listing *listing, int64_t next)
{
	struct control_call *call = listing->call;
	struct buf json = {0};

	/* The one row without its end, so that "next" can follow. */
	if (listing->row.len > 2)
		buf_add(&json, listing->row.data, listing->row.len - 2);
	else
		buf_putc(&json, '{');
	if (next != 0)
		buf_printf(&json, "%s\"next\":%lld", json.len > 1 ? "," : "",
		    (long long)next);
	buf_putc(&json, '}');
	listing_free(listing);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

static void
on_listing_block(void *arg, const char *data, size_t size, unsigned rows)
{
	struct listing *listing = arg;

	listing->left -= rows;
	if (control_wants_more(listing->call))
		control_rows(listing->call, data, size);
	else
		buf_add(&listing->row, data, size);
}

static void
on_listing_end(void *arg, const struct store_end *end)
{
	struct listing *listing = arg;
	struct control_call *call = listing->call;

	listing->query = NULL;
	if (end->error != 0) {
		listing_free(listing);
		commands_query_failed(call, end);
		return;
	}
	listing->spec.after = end->next;
	if (!end->more || listing->left <= 0 || !control_wants_more(call)) {
		end_listing(listing, end->more ? end->next : 0);
		return;
	}
	listing->waits = !control_has_room(call);
	if (!listing->waits)
		next_page(listing);
}

static void
next_page(struct listing *listing)
{
	int r;

	listing->spec.limit =
	    listing->left < listing->page ? (unsigned)listing->left : listing->page;
	r = store_query(listing->daemon->store, &listing->spec, listing->encode,
	    listing->view, on_listing_block, on_listing_end, listing,
	    &listing->query);
	if (r < 0)
		on_listing_end(
		    listing, &(struct store_end){.error = r, .position = -1});
}

void
commands_list_writable(struct control_call *call, void *arg)
{
	struct listing *listing = control_state(call);

	(void)arg;
	if (listing == NULL || !listing->waits)
		return;
	listing->waits = false;
	next_page(listing);
}

void
commands_list_gone(struct control_call *call, void *arg)
{
	struct listing *listing = control_state(call);

	(void)arg;
	if (listing != NULL)
		listing_free(listing);
}

static void
list(struct control_call *call, struct daemon *daemon, const struct store_spec *spec,
    store_encode_fn *encode, int64_t limit)
{
	struct listing *listing = xcalloc(1, sizeof(*listing));

	listing->daemon = daemon;
	listing->call = call;
	listing->spec = *spec;
	listing->spec.uid = control_uid(call);
	listing->text = xstrdup_null(spec->query);
	listing->spec.query = listing->text;
	listing->encode = encode;
	listing->view = &daemon->views[spec->fields % DAEMON_VIEWS];
	listing->page = spec->fields != 0 ? PAGE_ROWS_TEXT : PAGE_ROWS;
	listing->left = limit > 0 ? limit : INT64_MAX;
	if (!control_wants_more(call))
		listing->left = 1;
	control_set_state(call, listing);
	next_page(listing);
}

void
commands_list_feeds(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct store_spec spec = {.what = STORE_FEEDS};

	(void)wire_object_text(parameters, "query", &spec.query);
	if (commands_take(call, parameters))
		list(call, arg, &spec, commands_encode_feed, 0);
}

static bool
read_order(
    struct control_call *call, struct wire_object *parameters, bool *ret_oldest)
{
	const char *order;

	*ret_oldest = false;
	if (!wire_object_text(parameters, "order", &order) ||
	    strcmp(order, "newest") == 0 || strcmp(order, "arrival") == 0)
		return true;
	if (strcmp(order, "oldest") == 0) {
		*ret_oldest = true;
		return true;
	}
	commands_refuse(
	    call, "order", "\"newest\" (arrival, the default) or \"oldest\"");
	return false;
}

void
commands_list_items(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct store_spec spec = {.what = STORE_ITEMS};
	int64_t limit = 0;

	(void)wire_object_text(parameters, "query", &spec.query);
	(void)wire_object_bool(parameters, "all", &spec.all);
	(void)wire_object_int(parameters, "after", &spec.after);
	if (wire_object_int(parameters, "limit", &limit) && limit < 1) {
		commands_refuse(call, "limit", "a number from 1 on");
		return;
	}
	if (!read_order(call, parameters, &spec.oldest_first) ||
	    !commands_fields(call, parameters, &spec.fields) ||
	    !commands_take(call, parameters))
		return;
	list(call, arg, &spec, commands_encode_item, limit);
}

void
commands_story_get(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct store_spec spec = {.what = STORE_STORY};

	if (!wire_object_int(parameters, "id", &spec.id) || spec.id < 1) {
		commands_refuse(call, "id", "an item's or a story's number");
		return;
	}
	(void)wire_object_int(parameters, "after", &spec.after);
	if (commands_fields(call, parameters, &spec.fields) &&
	    commands_take(call, parameters))
		list(call, arg, &spec, commands_encode_item, 0);
}

/* -- Single answers --------------------------------------------------------------- */

struct once {
	struct daemon *daemon;
	struct control_call *call;
	struct store_query *query;
	struct buf rows;
	char *what;  /* for NotFound */
	bool groups; /* CountItems: were asked for */
	/* ExplainFeed */
	int64_t feed_id, attempts;
	struct buf reasons;
};

static struct once *
once_new(struct control_call *call, struct daemon *daemon)
{
	struct once *once = xcalloc(1, sizeof(*once));

	once->daemon = daemon;
	once->call = call;
	control_set_state(call, once);
	return once;
}

static void
once_free(struct once *once)
{
	if (once->query != NULL)
		store_query_cancel(once->query);
	buf_done(&once->rows);
	buf_done(&once->reasons);
	free(once->what);
	free(once);
}

void
commands_once_gone(struct control_call *call, void *arg)
{
	struct once *once = control_state(call);

	(void)arg;
	if (once != NULL)
		once_free(once);
}

static void
on_once_block(void *arg, const char *data, size_t size, unsigned rows)
{
	struct once *once = arg;

	(void)rows;
	buf_add(&once->rows, data, size);
}

static void
ask(struct once *once, const struct store_spec *spec, store_encode_fn *encode,
    void *encode_arg, store_end_fn *end)
{
	struct store_spec with_uid = *spec;
	int r;

	with_uid.uid = control_uid(once->call);
	r = store_query(once->daemon->store, &with_uid, encode, encode_arg,
	    on_once_block, end, once, &once->query);
	if (r < 0)
		end(once, &(struct store_end){.error = r, .position = -1});
}

static void
once_fail(struct once *once, const struct store_end *end)
{
	struct control_call *call = once->call;

	once_free(once);
	commands_query_failed(call, end);
}

static void
on_item_end(void *arg, const struct store_end *end)
{
	struct once *once = arg;
	struct control_call *call = once->call;
	char *what;

	once->query = NULL;
	if (end->error != 0 && end->error != -ENOENT) {
		once_fail(once, end);
	} else if (once->rows.len == 0) {
		what = once->what;
		once->what = NULL;
		once_free(once);
		commands_not_found(call, what);
		free(what);
	} else {
		struct buf rows = once->rows;

		once->rows = (struct buf){0};
		once_free(once);
		control_end(call, rows.data, rows.len - 1);
		buf_done(&rows);
	}
}

void
commands_item_get(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct daemon *daemon = arg;
	struct store_spec spec = {.what = STORE_ITEMS, .all = true, .limit = 1};
	struct once *once;

	if (!wire_object_int(parameters, "id", &spec.id) || spec.id < 1) {
		commands_refuse(call, "id", "an item's number");
		return;
	}
	(void)wire_object_int(parameters, "revision", &spec.revision);
	if (!commands_fields(call, parameters, &spec.fields) ||
	    !commands_take(call, parameters))
		return;
	once = once_new(call, daemon);
	once->what = spec.revision != 0
	    ? xasprintf("revision %lld of item %lld", (long long)spec.revision,
		  (long long)spec.id)
	    : xasprintf("item %lld", (long long)spec.id);
	ask(once, &spec, commands_encode_item, &daemon->views[spec.fields],
	    on_item_end);
}

/* On a reader thread: `"key":N,` of a group, and the total by itself first. */
static void
encode_count(void *arg, const struct row *row, struct buf *out)
{
	const struct store_count *count = row->count;

	(void)arg;
	if (count->key == NULL) {
		buf_printf(out, "{\"total\":%lld", (long long)count->count);
		return;
	}
	buf_putc(out, '\1'); /* no JSON has it: where a group begins */
	jsonw_quote(out, count->key, strlen(count->key));
	buf_printf(out, ":%lld", (long long)count->count);
}

static void
on_count_end(void *arg, const struct store_end *end)
{
	struct once *once = arg;
	struct control_call *call = once->call;
	bool grouped = once->groups, first = true;
	struct buf json = {0};
	size_t i;

	once->query = NULL;
	if (end->error != 0) {
		once_fail(once, end);
		return;
	}
	for (i = 0; i < once->rows.len; i++) {
		if (once->rows.data[i] != '\1') {
			buf_putc(&json, once->rows.data[i]);
		} else {
			buf_puts(&json, first ? ",\"groups\":{" : ",");
			first = false;
		}
	}
	buf_puts(&json, !first ? "}}" : grouped ? ",\"groups\":{}}" : "}");
	once_free(once);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

void
commands_count_items(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	static const char *const groups[] = {"feed", "tag", "host", "day"};
	struct store_spec spec = {.what = STORE_COUNT};
	struct once *once;
	size_t i;

	(void)wire_object_text(parameters, "query", &spec.query);
	(void)wire_object_bool(parameters, "all", &spec.all);
	if (wire_object_text(parameters, "group_by", &spec.group_by)) {
		for (i = 0; i < 4 && strcmp(spec.group_by, groups[i]) != 0; i++)
			;
		if (i == 4) {
			commands_refuse(call, "group_by", "feed, tag, host or day");
			return;
		}
	}
	if (!commands_take(call, parameters))
		return;
	once = once_new(call, arg);
	once->groups = spec.group_by != NULL;
	ask(once, &spec, encode_count, NULL, on_count_end);
}

/* -- ExplainFeed: the feed, then its plan's reasons, then its attempts ------------ */

static void
encode_feed_id(void *arg, const struct row *row, struct buf *out)
{
	(void)arg;
	buf_add(out, &row->feed->id, sizeof(row->feed->id));
}

static void
encode_attempt(void *arg, const struct row *row, struct buf *out)
{
	const struct store_attempt *attempt = row->attempt;
	struct jsonw w;

	(void)arg;
	if (out->len > 0)
		buf_putc(out, ',');
	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "v", 1);
	jsonw_time(&w, "time", attempt->time);
	jsonw_text(&w, "outcome", attempt->outcome);
	if (attempt->status != 0)
		jsonw_int(&w, "status", attempt->status);
	jsonw_int(&w, "bytes", attempt->bytes);
	jsonw_int(&w, "msec", attempt->duration);
	jsonw_text(&w, "detail", attempt->detail);
	jsonw_close(&w);
}

static void
write_reasons(struct jsonw *w, const char *lines)
{
	size_t size;

	jsonw_array(w, "reasons");
	for (; *lines != '\0'; lines += size + (lines[size] != '\0')) {
		size = strcspn(lines, "\n");
		if (size > 0)
			jsonw_textn(w, NULL, lines, size);
	}
	jsonw_close(w);
}

static void
on_attempts_end(void *arg, const struct store_end *end)
{
	struct once *once = arg;
	struct control_call *call = once->call;
	struct buf json = {0};
	struct jsonw w;

	once->query = NULL;
	if (end->error != 0 && end->error != -ENOENT) {
		once_fail(once, end);
		return;
	}
	pipeline_explain(once->daemon->pipeline, once->feed_id, &once->reasons);
	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "v", 1);
	jsonw_time(
	    &w, "next_fetch", pipeline_due(once->daemon->pipeline, once->feed_id));
	write_reasons(&w, buf_text(&once->reasons));
	buf_printf(&json, ",\"log\":[%s]}", buf_text(&once->rows));
	once_free(once);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

/* On a reader thread. */
static void
encode_reasons(void *arg, const struct row *row, struct buf *out)
{
	(void)arg;
	if (row->plan->reasons != NULL)
		buf_puts(out, row->plan->reasons);
}

static void
on_reasons_end(void *arg, const struct store_end *end)
{
	struct once *once = arg;
	const struct store_spec spec = {.what = STORE_ATTEMPTS,
	    .id = once->feed_id,
	    .limit = (unsigned)once->attempts};

	once->query = NULL;
	if (end->error != 0) {
		once_fail(once, end);
		return;
	}
	once->reasons = once->rows;
	once->rows = (struct buf){0};
	ask(once, &spec, encode_attempt, NULL, on_attempts_end);
}

static void
on_explained_feed(void *arg, const struct store_end *end)
{
	struct once *once = arg;
	struct store_spec spec = {.what = STORE_PLANS};

	once->query = NULL;
	if (end->error != 0 || once->rows.len < sizeof(once->feed_id)) {
		on_item_end(once,
		    &(struct store_end){.error = end->error,
			.message = end->message,
			.position = end->position});
		return;
	}
	memcpy(&once->feed_id, once->rows.data, sizeof(once->feed_id));
	buf_reset(&once->rows);
	spec.id = once->feed_id;
	ask(once, &spec, encode_reasons, NULL, on_reasons_end);
}

void
commands_explain_feed(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct store_spec spec = {.what = STORE_FEEDS, .limit = 1};
	int64_t attempts;
	const char *feed;
	struct once *once;
	char *query;

	if (!wire_object_text(parameters, "feed", &feed)) {
		commands_refuse(call, "feed", "a feed's name or number");
		return;
	}
	if (!wire_object_int(parameters, "attempts", &attempts))
		attempts = ATTEMPTS;
	if (attempts < 1 || attempts > LIMIT_PAGE_ROWS) {
		commands_refuse(call, "attempts", "1 to 1000");
		return;
	}
	if (!commands_take(call, parameters))
		return;
	once = once_new(call, arg);
	once->what = xasprintf("feed %s", feed);
	once->attempts = attempts;
	query = xasprintf("feed:%s", feed);
	spec.query = query;
	ask(once, &spec, encode_feed_id, NULL, on_explained_feed);
	free(query);
}
