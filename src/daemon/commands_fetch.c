/* SPDX-License-Identifier: ISC */
/*
 * Fetch: polls the feeds of a query now, and tells of each when it is done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/xalloc.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "schedule/schedule.h"
#include "wire/wire.h"

struct fetching {
	struct daemon *daemon;
	struct control_call *call;
	struct store_query *query; /* for the feeds' numbers */
	struct store_spec spec;
	char *text;
	bool force;
	bool asking; /* not all feeds are asked for yet */
	unsigned found, pending;
	unsigned new_items, updated_items;
	struct told *told; /* rows that are being read */
	struct buf last;   /* without "more": the only feed's answer */
};

/* A feed that is done, while its row is read. */
struct told {
	struct fetching *fetching;
	struct told *next;
	struct store_query *query;
	struct buf json;
	struct pipeline_result result;
	char *reason;
	bool is_refused;
	struct schedule_refusal refusal; /* then */
};

static void
told_free(struct told *told)
{
	struct told **at = &told->fetching->told;

	while (*at != told)
		at = &(*at)->next;
	*at = told->next;
	if (told->query != NULL)
		store_query_cancel(told->query);
	buf_done(&told->json);
	free(told->reason);
	free(told);
}

static void
fetching_free(struct fetching *fetching)
{
	if (fetching->query != NULL)
		store_query_cancel(fetching->query);
	pipeline_forget(fetching->daemon->pipeline, fetching);
	while (fetching->told != NULL)
		told_free(fetching->told);
	buf_done(&fetching->last);
	free(fetching->text);
	free(fetching);
}

void
commands_fetch_gone(struct control_call *call, void *arg)
{
	struct fetching *fetching = control_state(call);

	(void)arg;
	if (fetching != NULL)
		fetching_free(fetching); /* the feeds are fetched all the same */
}

static void
end_if_done(struct fetching *fetching)
{
	struct control_call *call = fetching->call;
	struct buf json = {0};
	char *what;

	if (fetching->asking || fetching->pending > 0)
		return;
	if (fetching->found == 0) {
		what = xasprintf("no feed matches %s",
		    fetching->text != NULL ? fetching->text : "");
		fetching_free(fetching);
		commands_not_found(call, what);
		free(what);
		return;
	}
	if (fetching->found == 1 && fetching->last.len > 0)
		buf_add(&json, fetching->last.data, fetching->last.len);
	else
		buf_printf(&json, "{\"new\":%u,\"updated\":%u}", fetching->new_items,
		    fetching->updated_items);
	fetching_free(fetching);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

static void
on_row(void *arg, const char *data, size_t size, unsigned rows)
{
	struct told *told = arg;

	(void)rows;
	buf_add(&told->json, data, size - 2); /* open, without the NUL */
}

static void
write_result(struct told *told)
{
	const struct pipeline_result *result = &told->result;
	struct buf *json = &told->json;
	struct buf rest = {0};
	struct jsonw w;

	jsonw_init(&w, &rest);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "new", result->new_items);
	jsonw_int(&w, "updated", result->updated_items);
	if (result->http_status != 0)
		jsonw_int(&w, "status", result->http_status);
	if (!told->is_refused)
		jsonw_text(&w, "outcome", outcome_name(result->outcome));
	jsonw_text(&w, "message", told->reason);
	if (told->is_refused)
		commands_put_refusal(&w, &told->refusal);
	if (told->is_refused && told->refusal.cause == REFUSAL_MANUAL)
		jsonw_bool(&w, "forcible", true);
	jsonw_close(&w);
	if (json->len > 0) {
		buf_putc(json, ',');
		buf_puts(json, rest.data + 1);
	} else {
		buf_puts(json, rest.data);
	}
	buf_done(&rest);
}

static void
on_row_end(void *arg, const struct store_end *end)
{
	struct told *told = arg;
	struct fetching *fetching = told->fetching;

	(void)end; /* without its row, the numbers are told all the same */
	told->query = NULL;
	write_result(told);
	if (control_wants_more(fetching->call)) {
		control_row(fetching->call, told->json.data, told->json.len);
	} else {
		buf_reset(&fetching->last);
		buf_add(&fetching->last, told->json.data, told->json.len);
	}
	told_free(told);
	fetching->pending--;
	end_if_done(fetching);
}

static void
tell(struct fetching *fetching, const struct pipeline_result *result,
    const char *reason, const struct schedule_refusal *refusal)
{
	const struct store_spec spec = {
	    .what = STORE_FEEDS, .id = result->feed_id, .limit = 1};
	struct told *told = xcalloc(1, sizeof(*told));
	int r;

	told->fetching = fetching;
	told->next = fetching->told;
	fetching->told = told;
	told->result = *result;
	told->reason = xstrdup_null(reason);
	told->is_refused = refusal != NULL;
	if (refusal != NULL)
		told->refusal = *refusal;
	r = store_query(fetching->daemon->store, &spec, commands_encode_feed,
	    &fetching->daemon->views[0], on_row, on_row_end, told, &told->query);
	if (r < 0)
		on_row_end(told, NULL);
}

static void
on_fetched(void *arg, const struct pipeline_result *result)
{
	struct fetching *fetching = arg;

	fetching->new_items += result->new_items;
	fetching->updated_items += result->updated_items;
	tell(fetching, result, result->reason, NULL);
}

static void
fetch_one(struct fetching *fetching, int64_t feed_id)
{
	const struct pipeline_result refused = {.feed_id = feed_id};
	struct schedule_refusal refusal;
	char *words;
	int r;

	r = pipeline_fetch_now(fetching->daemon->pipeline, feed_id, fetching->force,
	    on_fetched, fetching, &refusal);
	if (r == -ENOENT)
		return; /* archived, or removed within the same breath */
	fetching->found++;
	fetching->pending++;
	if (r == 0)
		return;
	words = commands_refusal_words(&refusal);
	tell(fetching, &refused, words, &refusal);
	free(words);
}

/* On a reader thread. */
static void
encode_id(void *arg, const struct row *row, struct buf *out)
{
	(void)arg;
	buf_add(out, &row->feed->id, sizeof(row->feed->id));
}

static void
on_ids(void *arg, const char *data, size_t size, unsigned rows)
{
	struct fetching *fetching = arg;
	int64_t id;

	(void)size;
	for (; rows > 0; rows--, data += sizeof(id)) {
		memcpy(&id, data, sizeof(id));
		fetch_one(fetching, id);
	}
}

static void ask_for_ids(struct fetching *fetching);

static void
on_ids_end(void *arg, const struct store_end *end)
{
	struct fetching *fetching = arg;
	struct control_call *call = fetching->call;

	fetching->query = NULL;
	if (end->error != 0) {
		fetching_free(fetching);
		commands_query_failed(call, end);
		return;
	}
	if (end->more) {
		fetching->spec.after = end->next;
		ask_for_ids(fetching);
		return;
	}
	fetching->asking = false;
	end_if_done(fetching);
}

static void
ask_for_ids(struct fetching *fetching)
{
	int r = store_query(fetching->daemon->store, &fetching->spec, encode_id,
	    NULL, on_ids, on_ids_end, fetching, &fetching->query);

	if (r < 0)
		on_ids_end(
		    fetching, &(struct store_end){.error = r, .position = -1});
}

void
commands_fetch(struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct fetching *fetching = xcalloc(1, sizeof(*fetching));
	const char *query = NULL;

	(void)wire_object_text(parameters, "query", &query);
	(void)wire_object_bool(parameters, "force", &fetching->force);
	if (!commands_take(call, parameters)) {
		free(fetching);
		return;
	}
	fetching->daemon = arg;
	fetching->call = call;
	fetching->asking = true;
	fetching->text = xstrdup_null(query);
	fetching->spec = (struct store_spec){
	    .what = STORE_FEEDS, .query = fetching->text, .uid = control_uid(call)};
	control_set_state(call, fetching);
	ask_for_ids(fetching);
}
