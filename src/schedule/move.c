/* SPDX-License-Identifier: ISC */
#include "schedule/move.h"

#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/url.h"

uint64_t
move_hash(const char *url)
{
	struct buf asked = {0};
	uint64_t hash;

	url_asked(url, &asked);
	hash = hash64(buf_text(&asked), asked.len);
	buf_done(&asked);
	/* Positive, and not 0: it is kept as a signed number. */
	return (hash >> 1) | 1;
}

static bool
is_https(const char *url)
{
	return strncasecmp(url, "https:", 6) == 0;
}

/* A place that the feed may move to: another one, no worse than its own. */
static bool
is_fit(const struct plan *plan, const char *url)
{
	const char *own = plan->feed.url;

	return url != NULL && url_is_http(url) && strlen(url) <= LIMIT_URL_BYTES &&
	    move_hash(url) != move_hash(own) && (is_https(url) || !is_https(own)) &&
	    move_hash(url) != plan->feed.no_move;
}

/* Where this answer says that the feed is.  A document that was not looked into
 * (304, the same bytes) says what the last one said. */
static const char *
said(const struct plan *plan, const struct batch *batch, bool *ret_hint)
{
	const char *hint = batch->hints.new_url;

	*ret_hint = false;
	if (is_fit(plan, batch->moved))
		return batch->moved;
	*ret_hint = true;
	if (batch->outcome == OUTCOME_UNCHANGED)
		hint = plan->memory.is_hint ? plan->feed.new_url : NULL;
	return is_fit(plan, hint) ? hint : NULL;
}

static void
forget(struct plan *plan)
{
	plan->feed.new_url = NULL;
	plan->memory.sightings = 0;
	plan->memory.sighted = 0;
	plan->memory.is_hint = false;
}

static void
count(struct plan *plan, const char *url, bool is_hint, msec_t now)
{
	struct plan_memory *m = &plan->memory;

	if (plan->feed.new_url == NULL || strcmp(plan->feed.new_url, url) != 0 ||
	    m->is_hint != is_hint || m->sightings == 0) {
		m->sightings = 0;
		m->sighted = now;
	}
	m->sightings++;
	m->is_hint = is_hint;
	plan->feed.new_url = url;
}

void
move_note(struct plan *plan, const struct settings *settings,
    const struct batch *batch, msec_t now, struct buf *note, struct buf *reasons)
{
	struct plan_memory *m = &plan->memory;
	char quoted[LOG_QUOTE];
	const char *url, *what;
	bool is_hint;

	url = said(plan, batch, &is_hint);
	if (url == NULL) {
		forget(plan);
		return;
	}
	count(plan, url, is_hint, now);
	what = is_hint ? "itunes:new-feed-url" : "permanent redirect";
	(void)log_quote(url, quoted);
	buf_printf(note, "%s to %s (%u of %d sightings)", what, quoted,
	    m->sightings < MOVE_SIGHTINGS ? m->sightings : MOVE_SIGHTINGS,
	    MOVE_SIGHTINGS);
	plan_because(reasons, "move", 0, "%s", buf_text(note));
	if (m->sightings < MOVE_SIGHTINGS || now - m->sighted < settings->move_after)
		return;
	plan->feed.moves = !is_hint;
	plan->feed.try_new_url = is_hint;
	/* A hint that does not hold is counted anew. */
	m->sightings = 0;
}
