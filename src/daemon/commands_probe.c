/* SPDX-License-Identifier: ISC */
/*
 * ProbeFeed: one request to an address, in its host's turn and through the fetcher
 * like any other; what came of it is told, and nothing is kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "config/config.h"
#include "daemon/candidates.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "daemon/sites.h"
#include "wire/wire.h"

struct probing {
	struct daemon *daemon;
	struct control_call *call;
	bool again; /* asked: a second request, with what the first brought */
	struct buf json;
	struct jsonw w; /* into json */
	struct arena *arena;
	struct feed_options options;
	const char *url;
	struct pipeline_probe *probe;
};

static void
probing_free(struct probing *probing)
{
	if (probing->probe != NULL)
		pipeline_probe_drop(probing->probe);
	buf_done(&probing->json);
	arena_free(probing->arena);
	free(probing);
}

void
commands_probe_gone(struct control_call *call, void *arg)
{
	struct probing *probing = control_state(call);

	(void)arg;
	if (probing != NULL)
		probing_free(probing);
}

/* -- The answer --------------------------------------------------------------------- */

/* The fetcher's part: http, document, warnings. */
static void
put_report(const char *report, struct jsonw *w)
{
	static const char *const keys[] = {"http", "document", "warnings"};
	struct wire_object *object;
	struct buf reason = {0}, member = {0};
	size_t i;

	if (report != NULL &&
	    wire_object_parse(report, strlen(report), &object, &reason) == 0) {
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			buf_reset(&member);
			if (wire_object_json(object, keys[i], &member))
				jsonw_raw(w, keys[i], member.data, member.len);
		}
		wire_object_free(object);
	}
	buf_done(&reason);
	buf_done(&member);
}

static void
put_answer(struct probing *probing, const struct batch *batch)
{
	const char *hops = pipeline_probe_hops(probing->probe);
	struct jsonw *w = &probing->w;
	struct candidates found = {0};
	struct buf list = {0};

	buf_printf(&list, "[%s]", hops);
	jsonw_int(w, "v", 1);
	jsonw_text(w, "url", probing->url);
	jsonw_raw(w, "hops", list.data, list.len);
	jsonw_text(w, "answered", batch->url);
	jsonw_text(w, "moved", batch->moved);
	jsonw_text(w, "outcome", outcome_name(batch->outcome));
	jsonw_text(w, "message",
	    batch->reason != NULL ? batch->reason : outcome_words(batch->outcome));
	if (batch->http_status > 0)
		jsonw_int(w, "status", batch->http_status);
	jsonw_int(w, "msec", batch->duration);
	jsonw_int(w, "bytes", batch->bytes);
	put_report(batch->report, w);
	if (batch->outcome == OUTCOME_NOT_A_FEED) {
		candidates_of_page(batch, probing->arena, &found);
		if (found.count == 0)
			sites_feeds(probing->url, probing->arena, &found);
		if (found.count == 0)
			sites_guess(probing->url, probing->arena, &found);
		candidates_put(&found, w);
	}
	buf_done(&list);
}

static void
tell(struct probing *probing)
{
	struct control_call *call = probing->call;
	struct buf json;

	jsonw_close(&probing->w);
	json = probing->json;
	probing->json = (struct buf){0};
	probing_free(probing);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

/* Told what it sent itself, an address should say that nothing is new. */
static void
on_asked_again(void *arg, struct pipeline_probe *probe, const struct batch *batch)
{
	struct probing *probing = arg;

	(void)probe;
	if (batch->http_status == 200 || batch->http_status == 304)
		jsonw_bool(&probing->w, "revalidated", batch->http_status == 304);
	tell(probing);
}

static void
on_probed(void *arg, struct pipeline_probe *probe, const struct batch *batch)
{
	struct probing *probing = arg;
	struct arena *arena = probing->arena;
	struct validators validators;
	msec_t when;

	(void)probe;
	put_answer(probing, batch);
	validators.etag = arena_strdup(arena, batch->validators.etag);
	validators.last_modified =
	    arena_strdup(arena, batch->validators.last_modified);
	validators.url = arena_strdup(arena, batch->url);
	if (!probing->again ||
	    (validators.etag == NULL && validators.last_modified == NULL)) {
		tell(probing);
		return;
	}
	pipeline_probe_drop(probing->probe);
	probing->probe = NULL;
	if (pipeline_probe(probing->daemon->pipeline, validators.url,
		&probing->options, &validators, on_asked_again, probing,
		&probing->probe, &when) < 0)
		tell(probing);
}

/* -- The call ----------------------------------------------------------------------- */

static bool
read_call(struct probing *probing, struct wire_object *parameters)
{
	struct wire_object *options = NULL;

	(void)wire_object_bool(parameters, "again", &probing->again);
	if (wire_object_object(parameters, "options", &options)) {
		if (!commands_check_options(probing->call, options, "options"))
			return false;
		commands_take_options(options, probing->arena, &probing->options);
	}
	return commands_take(probing->call, parameters);
}

void
commands_probe_feed(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct daemon *daemon = arg;
	struct probing *probing;
	const char *url;
	msec_t when;

	if (!commands_take_address(call, parameters, &url))
		return;
	probing = xcalloc(1, sizeof(*probing));
	probing->daemon = daemon;
	probing->call = call;
	jsonw_init(&probing->w, &probing->json);
	jsonw_object(&probing->w, NULL);
	probing->arena = arena_new(4 * (size_t)LIMIT_REQUEST_BYTES_WRITER);
	probing->url = arena_strdup(probing->arena, url);
	if (!read_call(probing, parameters)) {
		probing_free(probing); /* the call has ended */
		return;
	}
	control_set_state(call, probing);
	if (pipeline_probe(daemon->pipeline, probing->url, &probing->options, NULL,
		on_probed, probing, &probing->probe, &when) < 0) {
		probing_free(probing);
		commands_busy(call, when - clock_wall(),
		    "its host asked to be left alone for now");
	}
}
