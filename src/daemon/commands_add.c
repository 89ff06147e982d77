/* SPDX-License-Identifier: ISC */
/*
 * AddFeed: one request to the address; what it brings is the feed's first poll.
 * A page leads on to the one feed that it links to, or its feeds are told.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "config/config.h"
#include "daemon/candidates.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "daemon/sites.h"
#include "wire/wire.h"

struct adding {
	struct daemon *daemon;
	struct control_call *call; /* NULL: the client is gone */
	struct arena *arena;
	struct feed_options options;
	struct edit edit; /* its url: the feed's, perhaps a page's candidate */
	bool discover, dry_run, strict, is_candidate;
	struct pipeline_probe *probe;
	struct store_query *query;
	struct buf row;
	unsigned new_items;
	char *outcome, *message;
};

static void look_at_feeds(struct adding *adding);

static void
adding_free(struct adding *adding)
{
	if (adding->call != NULL)
		control_set_state(adding->call, NULL);
	if (adding->query != NULL)
		store_query_cancel(adding->query);
	if (adding->probe != NULL)
		pipeline_probe_drop(adding->probe);
	buf_done(&adding->row);
	free(adding->outcome);
	free(adding->message);
	arena_free(adding->arena);
	free(adding);
}

/* Before the edit nothing has happened yet; after it the first poll is kept, with
 * or without someone to tell. */
void
commands_add_gone(struct control_call *call, void *arg)
{
	struct adding *adding = control_state(call);

	(void)arg;
	if (adding == NULL)
		return;
	adding->call = NULL;
	if (adding->edit.now == 0 || adding->query != NULL)
		adding_free(adding);
}

/* -- The answer --------------------------------------------------------------------- */

static void
on_row(void *arg, const char *data, size_t size, unsigned rows)
{
	struct adding *adding = arg;

	(void)rows;
	buf_add(&adding->row, data, size - 2); /* open for more, without the NUL */
}

static void
on_row_end(void *arg, const struct store_end *end)
{
	struct adding *adding = arg;
	struct control_call *call = adding->call;
	struct buf json = adding->row;
	char *outcome = adding->outcome, *message = adding->message;
	unsigned new_items = adding->new_items;

	adding->query = NULL;
	adding->row = (struct buf){0};
	adding->outcome = adding->message = NULL;
	adding_free(adding);
	if (end->error != 0) {
		commands_query_failed(call, end);
	} else {
		buf_puts(&json, json.len > 0 ? ",\"new\":" : "{\"new\":");
		buf_printf(&json, "%u,\"outcome\":", new_items);
		jsonw_quote(&json, outcome, strlen(outcome));
		buf_puts(&json, ",\"message\":");
		jsonw_quote(&json, message, strlen(message));
		buf_putc(&json, '}');
		control_end(call, json.data, json.len);
	}
	buf_done(&json);
	free(outcome);
	free(message);
}

static void
tell(struct adding *adding, int64_t feed_id)
{
	const struct store_spec spec = {
	    .what = STORE_FEEDS, .id = feed_id, .limit = 1};
	int r;

	commands_follow_wake(adding->daemon);
	if (adding->call == NULL) {
		adding_free(adding);
		return;
	}
	r = store_query(adding->daemon->store, &spec, commands_encode_feed,
	    &adding->daemon->views[0], on_row, on_row_end, adding, &adding->query);
	if (r < 0)
		on_row_end(adding, &(struct store_end){.error = r, .position = -1});
}

static void
on_first_poll(void *arg, const struct pipeline_result *result)
{
	struct adding *adding = arg;

	adding->new_items = result->new_items;
	free(adding->outcome);
	free(adding->message);
	adding->outcome = xstrdup(outcome_name(result->outcome));
	adding->message =
	    xstrdup(result->reason != NULL ? result->reason
					   : outcome_words(result->outcome));
	tell(adding, result->feed_id);
}

static void
on_added(void *arg, const struct edit_result *result)
{
	struct adding *adding = arg;
	struct control_call *call = adding->call;
	struct pipeline_probe *tried = adding->probe;

	if (result->error != 0) {
		adding_free(adding);
		if (call != NULL)
			commands_edit_failed(call, result);
		return;
	}
	adding->probe = NULL;
	if (tried != NULL) {
		pipeline_probe_adopt(tried, result->feed_id, on_first_poll, adding);
	} else {
		pipeline_refresh_feed(adding->daemon->pipeline, result->feed_id);
		tell(adding, result->feed_id);
	}
}

static void
add(struct adding *adding)
{
	int r;

	adding->edit.now = clock_wall();
	r = store_edit(adding->daemon->store, &adding->edit, on_added, adding);
	if (r < 0)
		on_added(adding, &(struct edit_result){.error = r, .position = -1});
}

/* -- What the address holds ----------------------------------------------------------- */

static void
tell_candidates(struct adding *adding, const struct candidates *found)
{
	struct control_call *call = adding->call;
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	candidates_put(found, &w);
	jsonw_close(&w);
	adding_free(adding);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

static void
refuse(struct adding *adding, const char *why)
{
	struct control_call *call = adding->call;
	char *what = xasprintf("a feed at %.1024s: %s", adding->edit.url, why);

	adding_free(adding);
	commands_not_found(call, what);
	free(what);
}

static bool
leaves_with_secrets(const struct adding *adding, const char *url)
{
	const struct feed_options *o = &adding->options;
	struct buf from = {0}, to = {0};
	bool leaves = url_origin(adding->edit.url, &from) < 0 ||
	    url_origin(url, &to) < 0 || strcmp(from.data, to.data) != 0;

	buf_done(&from);
	buf_done(&to);
	return leaves &&
	    (o->credential != NULL || o->header != NULL || o->cookie != NULL);
}

static void
look_at_page(struct adding *adding, const struct batch *batch)
{
	struct candidates found = {0};

	if (adding->discover && !adding->is_candidate) {
		candidates_of_page(batch, adding->arena, &found);
		if (found.count == 0)
			sites_guess(adding->edit.url, adding->arena, &found);
	}
	if (found.count == 0) {
		refuse(adding,
		    batch->kind == KIND_HTML ? "it is a page, and links to no feed"
			: batch->reason != NULL ? batch->reason
						: "it is something else");
		return;
	}
	/* Secrets that were given for one origin are for no other: the user says. */
	if (found.count > 1 || leaves_with_secrets(adding, found.url[0])) {
		tell_candidates(adding, &found);
		return;
	}
	adding->is_candidate = true;
	adding->edit.url = found.url[0];
	pipeline_probe_drop(adding->probe);
	adding->probe = NULL;
	look_at_feeds(adding);
}

static bool
only_if_read(const struct adding *adding)
{
	return adding->dry_run || adding->strict;
}

static void
on_probed(void *arg, struct pipeline_probe *tried, const struct batch *batch)
{
	struct adding *adding = arg;
	struct candidates self;

	(void)tried;
	if (batch->outcome == OUTCOME_NOT_A_FEED) {
		look_at_page(adding, batch);
	} else if (only_if_read(adding) && outcome_is_failure(batch->outcome)) {
		refuse(adding,
		    batch->reason != NULL ? batch->reason
					  : outcome_words(batch->outcome));
	} else if (!adding->dry_run) {
		add(adding);
	} else {
		self.count = 1;
		self.url[0] = adding->edit.url;
		self.title[0] = arena_strdup(adding->arena, batch->meta.title);
		tell_candidates(adding, &self);
	}
}

static void
probe(struct adding *adding)
{
	msec_t when;
	int r;

	r = pipeline_probe(adding->daemon->pipeline, adding->edit.url,
	    &adding->options, NULL, on_probed, adding, &adding->probe, &when);
	if (r == 0)
		return;
	/* Its host asked for a pause: known, and polled when that is over. */
	adding->probe = NULL;
	adding->outcome = xstrdup(outcome_name(OUTCOME_THROTTLED));
	adding->message = xstrdup("its host asked to be left alone; it is fetched "
				  "when that is over");
	if (only_if_read(adding))
		refuse(adding, "its host asked to be left alone for now");
	else
		add(adding);
}

static void
on_looked(void *arg, const struct edit_result *result)
{
	struct adding *adding = arg;
	struct control_call *call = adding->call;

	adding->edit.dry_run = false;
	adding->edit.now = 0;
	if (result->error == 0 && call != NULL) {
		probe(adding);
		return;
	}
	adding_free(adding);
	if (call != NULL)
		commands_edit_failed(call, result);
}

/* No server is asked for what would be refused anyway. */
static void
look_at_feeds(struct adding *adding)
{
	int r;

	if (adding->dry_run) {
		probe(adding);
		return;
	}
	adding->edit.dry_run = true;
	adding->edit.now = clock_wall();
	r = store_edit(adding->daemon->store, &adding->edit, on_looked, adding);
	if (r < 0)
		on_looked(adding, &(struct edit_result){.error = r, .position = -1});
}

/* A page of a site that is known: its feeds, without asking for it.  True: the call
 * has ended. */
static bool
look_at_address(struct adding *adding)
{
	struct candidates found;

	if (!adding->discover)
		return false;
	sites_feeds(adding->edit.url, adding->arena, &found);
	if (found.count > 1 ||
	    (found.count == 1 && leaves_with_secrets(adding, found.url[0]))) {
		tell_candidates(adding, &found);
		return true;
	}
	if (found.count == 1) {
		adding->is_candidate = true;
		adding->edit.url = found.url[0];
	}
	return false;
}

/* -- The call --------------------------------------------------------------------------- */

void
commands_take_options(struct wire_object *options, struct arena *arena,
    struct feed_options *ret_options)
{
	const char *key, *value;
	size_t i;

	for (i = 0; (key = wire_object_key(options, i)) != NULL; i++) {
		/* Checked before; name and the like are no feed_options. */
		if (wire_object_text(options, key, &value))
			(void)config_apply_feed_key(ret_options, arena, key, value);
	}
}

static const char *
fault_of(const struct edit *edit)
{
	size_t i;

	for (i = 0; i < edit->tag_count; i++) {
		if (!config_is_tag(edit->tags[i]))
			return "a tag is letters, digits, '.', '_', '-' and '/'";
	}
	return NULL;
}

static bool
read_call(struct adding *adding, struct wire_object *parameters)
{
	struct wire_object *options = NULL;
	struct edit *edit = &adding->edit;
	struct buf json = {0};

	if (!wire_object_bool(parameters, "discover", &adding->discover))
		adding->discover = true;
	(void)wire_object_bool(parameters, "dry_run", &adding->dry_run);
	(void)wire_object_bool(parameters, "strict", &adding->strict);
	(void)wire_object_texts(
	    parameters, "tags", adding->arena, &edit->tags, &edit->tag_count);
	if (wire_object_object(parameters, "options", &options)) {
		if (!commands_check_options(adding->call, options, "options"))
			return false;
		commands_take_options(options, adding->arena, &adding->options);
		if (wire_object_json(parameters, "options", &json))
			edit->options_json =
			    arena_strdup(adding->arena, buf_text(&json));
		buf_done(&json);
	}
	if (!commands_take(adding->call, parameters))
		return false;
	if (fault_of(edit) != NULL) {
		commands_refuse(adding->call, "tags", fault_of(edit));
		return false;
	}
	return true;
}

bool
commands_take_address(
    struct control_call *call, struct wire_object *parameters, const char **ret_url)
{
	struct buf reason = {0};
	bool fits;

	if (!wire_object_text(parameters, "url", ret_url)) {
		commands_refuse(call, "url", "an address: https://...");
		return false;
	}
	fits = config_check_feed_key("url", *ret_url, &reason) >= 0;
	if (!fits)
		commands_refuse(call, "url", buf_text(&reason));
	buf_done(&reason);
	return fits;
}

void
commands_add_feed(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct adding *adding;
	const char *url;

	if (!commands_take_address(call, parameters, &url))
		return;
	adding = xcalloc(1, sizeof(*adding));
	adding->daemon = arg;
	adding->call = call;
	adding->arena = arena_new(4 * (size_t)LIMIT_REQUEST_BYTES_WRITER);
	adding->edit.kind = EDIT_ADD_FEED;
	adding->edit.uid = control_uid(call);
	adding->edit.url = arena_strdup(adding->arena, url);
	if (!read_call(adding, parameters)) {
		adding->call = NULL; /* it has ended */
		adding_free(adding);
		return;
	}
	control_set_state(call, adding);
	if (!look_at_address(adding))
		look_at_feeds(adding);
}
