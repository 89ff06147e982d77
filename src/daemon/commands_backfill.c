/* SPDX-License-Identifier: ISC */
/*
 * Backfill: walks a feed's archives (RFC 5005), page by page, on request alone.
 * Pages only add items: nothing is taken for gone or for edited because of them.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "daemon/commands.h"
#include "daemon/pipeline.h"
#include "schedule/schedule.h"
#include "store/store.h"

#define TRIES 3                /* of a page that came to nothing */
#define ROOM_USEC (100 * 1000) /* until the store is asked again for room */

struct backfill {
	struct daemon *daemon;
	struct control_call *call; /* NULL: the client is gone */
	struct store_query *query;
	struct pipeline_errand *errand;
	struct event *wait;  /* for the store's room, or another try */
	struct batch *batch; /* that waits for room */
	bool is_committing;
	char *what; /* "feed NAME", for errors */
	int64_t feed_id;
	char *url;        /* of the page that is asked for */
	struct map *seen; /* pages, by address */
	char *next;       /* that the page links to */
	unsigned pages, new_items, tries;
};

static void ask(struct backfill *backfill);

static void
backfill_free(struct backfill *backfill)
{
	if (backfill->call != NULL)
		control_set_state(backfill->call, NULL);
	if (backfill->query != NULL)
		store_query_cancel(backfill->query);
	if (backfill->errand != NULL)
		pipeline_errand_cancel(backfill->errand);
	if (backfill->wait != NULL)
		event_free(backfill->wait);
	batch_free(backfill->batch);
	map_free(backfill->seen);
	free(backfill->what);
	free(backfill->url);
	free(backfill->next);
	free(backfill);
}

/* A walk without someone who waits for it ends, with the page that is on its way to
 * the database. */
void
commands_backfill_gone(struct control_call *call, void *arg)
{
	struct backfill *backfill = control_state(call);

	(void)arg;
	if (backfill == NULL)
		return;
	backfill->call = NULL;
	if (!backfill->is_committing)
		backfill_free(backfill);
}

static void
end(struct backfill *backfill, const char *why)
{
	struct control_call *call = backfill->call;
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "pages", backfill->pages);
	jsonw_int(&w, "new", backfill->new_items);
	jsonw_text(&w, "message", why);
	jsonw_close(&w);
	backfill_free(backfill);
	control_end(call, json.data, json.len);
	buf_done(&json);
}

/* It may not begin yet. */
static void
refuse(struct backfill *backfill, const struct schedule_refusal *refusal)
{
	struct control_call *call = backfill->call;
	char *words = commands_refusal_words(refusal);
	struct buf json = {0};
	struct jsonw w;

	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "pages", 0);
	jsonw_int(&w, "new", 0);
	jsonw_text(&w, "message", words);
	commands_put_refusal(&w, refusal);
	jsonw_close(&w);
	backfill_free(backfill);
	control_end(call, json.data, json.len);
	buf_done(&json);
	free(words);
}

static void
tell_page(struct backfill *backfill, unsigned new_items)
{
	struct buf json = {0};
	struct jsonw w;

	if (!control_wants_more(backfill->call))
		return;
	jsonw_init(&w, &json);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "pages", backfill->pages);
	jsonw_text(&w, "page", backfill->url);
	jsonw_int(&w, "new", new_items);
	jsonw_close(&w);
	control_row(backfill->call, json.data, json.len);
	buf_done(&json);
}

/* -- Pages ------------------------------------------------------------------------- */

static void
go_on(struct backfill *backfill)
{
	char *url = backfill->next;
	struct buf asked = {0};

	backfill->next = NULL;
	if (url == NULL) {
		end(backfill, NULL);
		return;
	}
	free(backfill->url);
	backfill->url = url;
	url_asked(url, &asked);
	if (map_find_text(backfill->seen, buf_text(&asked)) != NULL)
		end(backfill, "the pages link in a circle");
	else if (backfill->pages >= LIMIT_BACKFILL_PAGES)
		end(backfill, "as many pages as are read at once; there are more");
	else
		ask(backfill);
	buf_done(&asked);
}

static void
on_committed(void *arg, const struct commit *commit)
{
	struct backfill *backfill = arg;

	backfill->is_committing = false;
	if (backfill->call == NULL) {
		backfill_free(backfill);
		return;
	}
	if (commit->error != 0) {
		end(backfill,
		    commit->message != NULL ? commit->message
					    : strerror(-commit->error));
		return;
	}
	backfill->new_items += commit->new_items;
	tell_page(backfill, commit->new_items);
	commands_follow_wake(backfill->daemon);
	go_on(backfill);
}

static void
wait_a_little(struct backfill *backfill, msec_t wait)
{
	const struct timeval tv = {
	    .tv_sec = wait / MSEC_PER_SEC, .tv_usec = wait % MSEC_PER_SEC * 1000};

	(void)event_add(backfill->wait, &tv);
}

static void
submit(struct backfill *backfill)
{
	struct store *store = backfill->daemon->store;

	if (!store_has_room(store)) {
		wait_a_little(backfill, ROOM_USEC / 1000);
		return;
	}
	backfill->is_committing = true;
	(void)store_submit(
	    store, backfill->batch, NULL, NULL, on_committed, backfill);
	backfill->batch = NULL; /* there was room: it is the store's */
}

/* An archive's page links to the one before it; `next` is a paged feed's. */
static void
note_next(struct backfill *backfill, const struct batch *batch)
{
	struct buf url = {0};

	if (batch->hints.next != NULL &&
	    url_resolve(batch->url, batch->hints.next, &url) == 0 &&
	    url_is_http(url.data) && url.len <= LIMIT_URL_BYTES)
		backfill->next = xstrdup(url.data);
	buf_done(&url);
}

/* A page has the address that was asked for, and that where redirects ended. */
static void
note_seen(struct backfill *backfill, const char *url)
{
	struct buf asked = {0};

	url_asked(url, &asked);
	(void)map_put_text(backfill->seen, buf_text(&asked), backfill);
	buf_done(&asked);
}

static void
on_page(void *arg, struct batch *batch)
{
	struct backfill *backfill = arg;
	char *why;

	backfill->errand = NULL;
	if (batch == NULL && ++backfill->tries < TRIES) {
		wait_a_little(backfill, MSEC_PER_SEC);
		return;
	}
	if (batch == NULL ||
	    (batch->outcome != OUTCOME_OK && batch->outcome != OUTCOME_BROKEN)) {
		why = xstrdup(batch == NULL     ? "it could not be asked"
			: batch->reason != NULL ? batch->reason
						: outcome_words(batch->outcome));
		batch_free(batch);
		end(backfill, why);
		free(why);
		return;
	}
	note_seen(backfill, backfill->url);
	note_seen(backfill, batch->url);
	backfill->pages++;
	note_next(backfill, batch);
	batch->feed_id = backfill->feed_id;
	batch->archive_page = true;
	backfill->batch = batch;
	submit(backfill);
}

static void
ask(struct backfill *backfill)
{
	msec_t when;

	if (pipeline_errand(backfill->daemon->pipeline, backfill->feed_id,
		backfill->url, on_page, backfill, &backfill->errand, &when) < 0) {
		backfill->errand = NULL;
		end(backfill, "its host asked for a pause: gazette hosts");
	}
}

static void
on_wait(evutil_socket_t fd, short what, void *arg)
{
	struct backfill *backfill = arg;

	(void)fd;
	(void)what;
	if (backfill->batch != NULL)
		submit(backfill);
	else
		ask(backfill);
}

/* -- The feed ---------------------------------------------------------------------- */

/* On a reader thread: its number, then where it is fetched. */
static void
encode_plan(void *arg, const struct row *row, struct buf *out)
{
	(void)arg;
	buf_puts(out, row->plan->url);
	buf_putc(out, '\0');
}

static void
on_url(void *arg, const char *data, size_t size, unsigned rows)
{
	struct backfill *backfill = arg;

	(void)size;
	(void)rows;
	backfill->url = xstrdup(data);
}

static void
fail(struct backfill *backfill, const struct store_end *end)
{
	struct control_call *call = backfill->call;
	char *what = backfill->what;

	backfill->what = NULL;
	backfill_free(backfill);
	if (end->error != 0 && end->error != -ENOENT)
		commands_query_failed(call, end);
	else
		commands_not_found(call, what);
	free(what);
}

/* The first page is the feed itself. */
static void
on_url_end(void *arg, const struct store_end *end_)
{
	struct backfill *backfill = arg;
	struct schedule_refusal refusal;
	int r = -ENOENT;

	backfill->query = NULL;
	if (end_->error == 0 && backfill->url != NULL)
		r = pipeline_walk(
		    backfill->daemon->pipeline, backfill->feed_id, &refusal);
	if (r == 0)
		ask(backfill);
	else if (r == -EAGAIN)
		refuse(backfill, &refusal);
	else
		fail(backfill, end_);
}

static void
encode_id(void *arg, const struct row *row, struct buf *out)
{
	(void)arg;
	buf_add(out, &row->feed->id, sizeof(row->feed->id));
}

static void
on_id(void *arg, const char *data, size_t size, unsigned rows)
{
	struct backfill *backfill = arg;

	(void)rows;
	if (size >= sizeof(backfill->feed_id))
		memcpy(&backfill->feed_id, data, sizeof(backfill->feed_id));
}

static void
on_id_end(void *arg, const struct store_end *end_)
{
	struct backfill *backfill = arg;
	const struct store_spec spec = {
	    .what = STORE_PLANS, .id = backfill->feed_id};
	int r;

	backfill->query = NULL;
	if (end_->error != 0 || backfill->feed_id == 0) {
		fail(backfill, end_);
		return;
	}
	r = store_query(backfill->daemon->store, &spec, encode_plan, NULL, on_url,
	    on_url_end, backfill, &backfill->query);
	if (r < 0)
		fail(backfill, &(struct store_end){.error = r, .position = -1});
}

void
commands_backfill(
    struct control_call *call, struct wire_object *parameters, void *arg)
{
	struct store_spec spec = {.what = STORE_FEEDS, .limit = 1};
	struct daemon *daemon = arg;
	struct backfill *backfill;
	const char *feed;
	char *query;
	int r;

	if (!wire_object_text(parameters, "feed", &feed)) {
		commands_refuse(call, "feed", "a feed's name or number");
		return;
	}
	if (!commands_take(call, parameters))
		return;
	backfill = xcalloc(1, sizeof(*backfill));
	backfill->daemon = daemon;
	backfill->call = call;
	backfill->what = xasprintf("feed %s", feed);
	backfill->seen = map_new();
	backfill->wait = evtimer_new(daemon->base, on_wait, backfill);
	control_set_state(call, backfill);
	query = xasprintf("feed:%s", feed);
	spec.query = query;
	r = store_query(daemon->store, &spec, encode_id, NULL, on_id, on_id_end,
	    backfill, &backfill->query);
	free(query);
	if (r < 0)
		fail(backfill, &(struct store_end){.error = r, .position = -1});
}
