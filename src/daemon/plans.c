/* SPDX-License-Identifier: ISC */
#include "daemon/plans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "store/store.h"

struct reading {
	struct plans *plans;
	struct reading *next;
	struct store_query *query;
	int64_t feed_id; /* 0: all */
	bool found;
	void (*fn)(const struct feed_plan *plan, void *arg);
	void *arg;
};

struct plans {
	struct store *store;
	const struct plans_ops *ops;
	void *arg;
	struct reading *readings;
	struct reading *whole; /* the last that reads all */
};

/* On a reader thread: the struct, then its strings. */
static void
encode(void *arg, const struct row *row, struct buf *out)
{
	const struct feed_plan *plan = row->plan;
	const char *text[] = {plan->name, plan->url, plan->rate_group,
	    plan->credential, plan->new_url, plan->memory};
	size_t i;

	(void)arg;
	buf_add(out, plan, sizeof(*plan));
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		buf_putc(out, text[i] != NULL);
		if (text[i] != NULL)
			buf_add(out, text[i], strlen(text[i]) + 1);
	}
}

static const char *
take_text(const char **at)
{
	const char *text = NULL;

	if (*(*at)++ != 0) {
		text = *at;
		*at += strlen(text) + 1;
	}
	return text;
}

static void
on_block(void *arg, const char *data, size_t size, unsigned rows)
{
	struct reading *reading = arg;
	struct feed_plan plan;
	const char *at = data;

	(void)size;
	for (; rows > 0; rows--) {
		memcpy(&plan, at, sizeof(plan)); /* it need not be aligned */
		at += sizeof(plan);
		plan.name = take_text(&at);
		plan.url = take_text(&at);
		plan.rate_group = take_text(&at);
		plan.credential = take_text(&at);
		plan.new_url = take_text(&at);
		plan.memory = take_text(&at);
		reading->found = true;
		if (reading->fn != NULL)
			reading->fn(&plan, reading->arg);
		else
			reading->plans->ops->put(&plan, reading->plans->arg);
	}
}

static void
remove_reading(struct reading *reading)
{
	struct reading **at = &reading->plans->readings;

	while (*at != reading)
		at = &(*at)->next;
	*at = reading->next;
	free(reading);
}

static void read_page(struct reading *reading, int64_t after);

static void
on_end(void *arg, const struct store_end *end)
{
	struct reading *reading = arg;
	struct plans *plans = reading->plans;
	struct reading done = *reading;
	bool is_last = plans->whole == reading;

	reading->query = NULL;
	if (end->error == 0 && end->more) {
		read_page(reading, end->next);
		return;
	}
	remove_reading(reading);
	if (end->error != 0 && end->error != -ENOENT && end->error != -ECANCELED) {
		log_error("cannot read the feeds' plans: %s",
		    end->message != NULL ? end->message : strerror(-end->error));
		return;
	}
	if (done.fn != NULL) {
		if (!done.found)
			done.fn(NULL, done.arg);
		return;
	}
	if (done.feed_id != 0 && !done.found)
		plans->ops->gone(done.feed_id, plans->arg);
	if (done.feed_id == 0 && is_last)
		plans->whole = NULL;
	if (done.feed_id != 0 || is_last)
		plans->ops->done(done.feed_id == 0, plans->arg);
}

static void
read_page(struct reading *reading, int64_t after)
{
	const struct store_spec spec = {
	    .what = STORE_PLANS, .id = reading->feed_id, .after = after};
	int r;

	r = store_query(reading->plans->store, &spec, encode, NULL, on_block, on_end,
	    reading, &reading->query);
	if (r < 0) {
		log_error("cannot read the feeds' plans: %s", strerror(-r));
		remove_reading(reading);
	}
}

static struct reading *
new_reading(struct plans *plans, int64_t feed_id)
{
	struct reading *reading = xcalloc(1, sizeof(*reading));

	reading->plans = plans;
	reading->feed_id = feed_id;
	reading->next = plans->readings;
	plans->readings = reading;
	return reading;
}

void
plans_load(struct plans *plans)
{
	plans->whole = new_reading(plans, 0);
	read_page(plans->whole, 0);
}

void
plans_load_one(struct plans *plans, int64_t feed_id)
{
	read_page(new_reading(plans, feed_id), 0);
}

void
plans_fetch(struct plans *plans, int64_t feed_id,
    void (*fn)(const struct feed_plan *plan, void *arg), void *arg)
{
	struct reading *reading = new_reading(plans, feed_id);

	reading->fn = fn;
	reading->arg = arg;
	read_page(reading, 0);
}

bool
plans_are_loading(const struct plans *plans)
{
	return plans->readings != NULL;
}

/* -- What the database is told ------------------------------------------------ */

struct telling {
	struct edit edit;
	const char *what;
	char *reason, *held_too;
};

static void
on_told(void *arg, const struct edit_result *result)
{
	struct telling *telling = arg;

	if (result->error != 0)
		log_error("cannot note %s of feed %lld: %s", telling->what,
		    (long long)telling->edit.feed_id,
		    result->message != NULL ? result->message
					    : strerror(-result->error));
	free(telling->reason);
	free(telling->held_too);
	free(telling);
}

static void
tell(struct plans *plans, struct telling *telling)
{
	int r;

	telling->edit.now = clock_wall();
	telling->edit.reason = telling->reason;
	telling->edit.held_too = telling->held_too;
	r = store_edit(plans->store, &telling->edit, on_told, telling);
	if (r < 0)
		on_told(telling, &(struct edit_result){.error = r});
}

void
plans_quarantine(struct plans *plans, int64_t feed_id, const char *reason)
{
	struct telling *telling = xcalloc(1, sizeof(*telling));

	telling->what = "the quarantine";
	telling->reason = xstrdup(reason != NULL ? reason : "");
	telling->edit.kind = EDIT_QUARANTINE;
	telling->edit.feed_id = feed_id;
	tell(plans, telling);
}

void
plans_forgive(struct plans *plans, int64_t feed_id, unsigned failures)
{
	struct telling *telling = xcalloc(1, sizeof(*telling));

	telling->what = "the failures";
	telling->edit.kind = EDIT_FORGIVE;
	telling->edit.feed_id = feed_id;
	telling->edit.failures = failures;
	tell(plans, telling);
}

void
plans_hold(struct plans *plans, const struct feed_plan *plan)
{
	struct telling *telling;

	if (plan->held_too == NULL)
		return;
	telling = xcalloc(1, sizeof(*telling));
	telling->what = "a hold beside that";
	telling->held_too = xstrdup(plan->held_too);
	telling->edit.kind = EDIT_HOLD;
	telling->edit.feed_id = plan->id;
	telling->edit.due = plan->held;
	tell(plans, telling);
}

struct plans *
plans_new(struct store *store, const struct plans_ops *ops, void *arg)
{
	struct plans *plans = xcalloc(1, sizeof(*plans));

	plans->store = store;
	plans->ops = ops;
	plans->arg = arg;
	return plans;
}

void
plans_free(struct plans *plans)
{
	while (plans->readings != NULL) {
		if (plans->readings->query != NULL)
			store_query_cancel(plans->readings->query);
		remove_reading(plans->readings);
	}
	free(plans);
}
