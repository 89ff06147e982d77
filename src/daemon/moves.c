/* SPDX-License-Identifier: ISC */
#include "daemon/moves.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "daemon/pipeline.h"
#include "daemon/report.h"
#include "store/store.h"

/* One address that is being looked at. */
struct look {
	struct moves *moves;
	struct look *next;
	struct pipeline_errand *errand; /* NULL: it has answered */
	char *name, *url;
	struct batch *batch;
	int64_t *guids;
	struct edit edit;
};

struct moves {
	struct pipeline *pipeline;
	struct store *store;
	struct look *looks;
};

static void
look_free(struct look *look)
{
	struct look **at = &look->moves->looks;

	while (*at != look)
		at = &(*at)->next;
	*at = look->next;
	batch_free(look->batch);
	free(look->guids);
	free(look->name);
	free(look->url);
	free(look);
}

static void
refuse(struct look *look, const char *why)
{
	char address[LOG_QUOTE], reason[LOG_QUOTE];

	log_info("feed %s: names %s as its new address, which is not taken: %s",
	    look->name, log_quote(look->url, address), log_quote(why, reason));
	look_free(look);
}

static void
taken(struct look *look, const struct edit_result *result)
{
	struct pipeline *pipeline = look->moves->pipeline;
	struct batch *batch = look->batch;

	report_moved(look->name, look->url,
	    look->edit.all ? "its own address is a page that links to this feed"
			   : "its document names the new address");
	if (look->edit.all && batch != NULL) {
		look->batch = NULL;
		pipeline_first_poll(pipeline, look->edit.feed_id, batch);
	}
	pipeline_edited(pipeline, result);
	look_free(look);
}

static void
on_moved(void *arg, const struct edit_result *result)
{
	struct look *look = arg;

	if (result->error != 0) {
		refuse(look,
		    result->message != NULL ? result->message
					    : strerror(-result->error));
		return;
	}
	taken(look, result);
}

/* What is there is compared with what is stored, where that is. */
static void
on_looked(void *arg, struct batch *batch)
{
	struct look *look = arg;
	size_t i, count = 0;
	int r;

	look->errand = NULL;
	look->batch = batch;
	if (batch == NULL || batch->outcome != OUTCOME_OK) {
		refuse(look,
		    batch == NULL               ? "it was not asked"
			: batch->reason != NULL ? batch->reason
						: outcome_words(batch->outcome));
		return;
	}
	look->guids = xcalloc(batch->item_count + 1, sizeof(*look->guids));
	for (i = 0; i < batch->item_count; i++) {
		const char *guid = batch->items[i].guid;

		if (guid != NULL)
			look->guids[count++] = (int64_t)hash64(guid, strlen(guid));
	}
	look->edit.kind = EDIT_MOVE;
	look->edit.now = clock_wall();
	look->edit.url = look->url;
	look->edit.title = batch->meta.title;
	look->edit.ids = look->guids;
	look->edit.id_count = count;
	r = store_edit(look->moves->store, &look->edit, on_moved, look);
	if (r < 0)
		on_moved(look, &(struct edit_result){.error = r});
}

static struct look *
look_new(struct moves *moves, int64_t feed_id, const char *name, const char *url)
{
	struct look *look = xcalloc(1, sizeof(*look));
	struct buf bare = {0};

	look->moves = moves;
	look->next = moves->looks;
	moves->looks = look;
	look->name = xstrdup(name);
	/* Nobody's user and password that we know: none is asked for by them. */
	if (url_without_userinfo(url, &bare) < 0)
		buf_puts(&bare, url);
	look->url = buf_steal(&bare);
	look->edit.feed_id = feed_id;
	return look;
}

static void
ask(struct look *look)
{
	msec_t when;

	if (pipeline_errand(look->moves->pipeline, look->edit.feed_id, look->url,
		on_looked, look, &look->errand, &when) < 0) {
		look->errand = NULL;
		refuse(look, "its host asked for a pause");
	}
}

void
moves_try(struct moves *moves, int64_t feed_id, const char *name, const char *url)
{
	ask(look_new(moves, feed_id, name, url));
}

void
moves_discover(struct moves *moves, int64_t feed_id, const char *name,
    const char *url, msec_t due)
{
	struct look *look = look_new(moves, feed_id, name, url);

	look->edit.all = true;
	look->edit.due = due;
	ask(look);
}

struct moves *
moves_new(struct pipeline *pipeline, struct store *store)
{
	struct moves *moves = xcalloc(1, sizeof(*moves));

	moves->pipeline = pipeline;
	moves->store = store;
	return moves;
}

void
moves_stop(struct moves *moves)
{
	struct look *look, *next;

	for (look = moves->looks; look != NULL; look = next) {
		next = look->next;
		if (look->errand == NULL)
			continue; /* the store has it, and calls back */
		pipeline_errand_cancel(look->errand);
		look_free(look);
	}
}

void
moves_free(struct moves *moves)
{
	assert(moves->looks == NULL);
	free(moves);
}
