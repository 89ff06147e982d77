/* SPDX-License-Identifier: ISC */
#include "schedule/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_DOUBLINGS 20      /* 2^20 of any interval is past every cap */
#define LONG_CAP 7                /* times max-interval: 403, 404, 451, NXDOMAIN */
#define PROBE (30 * MSEC_PER_SEC) /* POLLING 43 */
#define CRASHES 2                 /* ARCHITECTURE: then it is quarantined */
#define QUARTER (15 * MSEC_PER_MIN)
/* The columns of a reason; "unconditional" is the longest name. */
#define RULE_NAME 13
#define RULE_TIME 8
#define IGNORED "ignored: "

/* splitmix64: small, and good enough to keep feeds from marching in step. */
static uint64_t
next_random(uint64_t *random)
{
	uint64_t z = *random += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

msec_t
plan_random(uint64_t *random, msec_t limit)
{
	return limit > 0 ? (msec_t)(next_random(random) % ((uint64_t)limit + 1)) : 0;
}

/* -- Memory ---------------------------------------------------------------- */

void
plan_remember(const struct plan_memory *m, struct buf *out)
{
	const struct {
		const char *key;
		int64_t number;
	} row[] = {
	    {"first", m->first},
	    {"wait", m->wait},
	    {"max-age", m->max_age},
	    {"ttl", m->ttl},
	    {"period", m->period},
	    {"skip-hours", m->skip_hours},
	    {"skip-days", m->skip_days},
	    {"unconditional", m->unconditional},
	    {"gone", m->gone_at},
	    {"throttles", m->throttles},
	    {"crashes", m->crashes},
	    {"full", m->full},
	    {"sightings", m->sightings},
	    {"sighted", m->sighted},
	    {"hint", m->is_hint},
	    {"refused", m->is_refused},
	    {"secret", (int64_t)m->secret},
	    {"alone", m->is_held_alone},
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].number != 0)
			buf_printf(out, "%s%s=%lld", out->len > 0 ? " " : "",
			    row[i].key, (long long)row[i].number);
	}
}

static void
recall_one(struct plan_memory *m, const char *key, size_t size, int64_t number)
{
#define IS(text) (size == sizeof(text) - 1 && memcmp(key, text, size) == 0)
	if (IS("first"))
		m->first = number;
	else if (IS("wait"))
		m->wait = number;
	else if (IS("max-age"))
		m->max_age = number;
	else if (IS("ttl"))
		m->ttl = number;
	else if (IS("period"))
		m->period = number;
	else if (IS("skip-hours"))
		m->skip_hours = (uint32_t)number;
	else if (IS("skip-days"))
		m->skip_days = (uint8_t)number;
	else if (IS("unconditional"))
		m->unconditional = number != 0;
	else if (IS("gone"))
		m->gone_at = number;
	else if (IS("throttles"))
		m->throttles = (uint32_t)number;
	else if (IS("crashes"))
		m->crashes = (uint32_t)number;
	else if (IS("full"))
		m->full = number;
	else if (IS("sightings"))
		m->sightings = (uint32_t)number;
	else if (IS("sighted"))
		m->sighted = number;
	else if (IS("hint"))
		m->is_hint = number != 0;
	else if (IS("refused"))
		m->is_refused = number != 0;
	else if (IS("secret"))
		m->secret = (uint64_t)number;
	else if (IS("alone"))
		m->is_held_alone = number != 0;
#undef IS
}

/* Words that a newer version wrote are passed over. */
void
plan_recall(const char *text, struct plan_memory *ret_memory)
{
	const char *equals;
	char *end;

	memset(ret_memory, 0, sizeof(*ret_memory));
	while (text != NULL && *text != '\0') {
		equals = strchr(text, '=');
		if (equals == NULL)
			break;
		recall_one(ret_memory, text, (size_t)(equals - text),
		    strtoll(equals + 1, &end, 10));
		text = end + strspn(end, " ");
		if (end == equals + 1)
			break;
	}
}

/* -- Intervals ------------------------------------------------------------- */

/* One line: "interval   45m      learnt: ..."; without the time when there is none. */
void
plan_because(
    struct buf *reasons, const char *rule, msec_t value, const char *format, ...)
{
	char text[CLOCK_TEXT] = "", words[256];
	va_list args;

	if (reasons == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	if (value != 0)
		(void)clock_duration_format(value, text);
	buf_printf(reasons, "%s%-*s %-*s %s", reasons->len > 0 ? "\n" : "",
	    RULE_NAME, rule, RULE_TIME, text, words);
}

/* Without the blanks behind it. */
static int
size_of_column(const char *column, int size)
{
	while (size > 0 && column[size - 1] == ' ')
		size--;
	return size;
}

void
plan_rules(const char *reasons, struct buf *out)
{
	const char *line, *time, *words, *before = " (";
	int size;

	for (line = reasons; *line != '\0'; line = words + strcspn(words, "\n")) {
		line += *line == '\n';
		time = line + RULE_NAME + 1;
		words = time + RULE_TIME + 1;
		if (strncmp(line, "move ", 5) == 0 ||
		    strncmp(words, IGNORED, strlen(IGNORED)) == 0)
			continue;
		size = size_of_column(time, RULE_TIME);
		buf_printf(out, "%s%.*s%s%.*s", before,
		    size_of_column(line, RULE_NAME), line, size > 0 ? " " : "", size,
		    time);
		before = ", ";
	}
	if (*before == ',')
		buf_putc(out, ')');
}

struct bounds {
	msec_t least, most;
	msec_t own; /* set by the feed or for all; 0: learn */
};

static struct bounds
bounds_of(const struct feed_plan *feed, const struct settings *settings,
    const struct plan_site *site)
{
	struct bounds b;

	b.own = feed->has_interval ? feed->interval : settings->interval;
	b.least =
	    feed->min_interval > 0 ? feed->min_interval : settings->min_interval;
	if (site->is_public && b.least < PLAN_PUBLIC_FLOOR)
		b.least = PLAN_PUBLIC_FLOOR;
	b.most = settings->max_interval > b.own ? settings->max_interval : b.own;
	if (b.most < b.least)
		b.most = b.least;
	return b;
}

static msec_t
clamp(msec_t value, const struct bounds *b)
{
	return value < b->least ? b->least : value > b->most ? b->most : value;
}

msec_t
plan_interval(const struct plan *plan, const struct settings *settings,
    const struct plan_site *site, msec_t now, struct buf *reasons)
{
	const struct feed_plan *feed = &plan->feed;
	struct bounds b = bounds_of(feed, settings, site);
	char low[CLOCK_TEXT], high[CLOCK_TEXT];
	msec_t interval;

	(void)clock_duration_format(b.least, low);
	(void)clock_duration_format(b.most, high);
	if (b.own > 0) {
		interval = clamp(b.own, &b);
		plan_because(reasons, "interval", interval, "set for %s%s%s",
		    feed->has_interval ? "this feed" : "all feeds",
		    interval > b.own ? "; raised to the least, " : "",
		    interval > b.own ? low : "");
	} else if (feed->learnt > 0 &&
	    now - plan->memory.first >= settings->learn_after) {
		interval = clamp(feed->learnt, &b);
		plan_because(reasons, "interval", interval,
		    "learnt: half the median gap of the newest items (bounds "
		    "%s..%s)",
		    low, high);
	} else {
		interval = clamp(settings->first_interval, &b);
		plan_because(reasons, "interval", interval, "%s (bounds %s..%s)",
		    feed->learnt > 0 ? "the first one, until its rhythm counts"
				     : "the first one: its rhythm is not known yet",
		    low, high);
	}
	return interval;
}

msec_t
plan_probe(const struct settings *settings)
{
	msec_t probe = settings->min_interval / 2;

	if (probe > PROBE || probe <= 0)
		probe = PROBE;
	return probe < 100 ? 100 : probe;
}

/* -- A good answer --------------------------------------------------------- */

/* A whole document replaces what a document says; any answer with a freshness header
 * replaces that; a bare 304, or 204, changes nothing (POLLING 14 and 80). */
static void
note_hints(
    struct plan *plan, const struct batch *batch, const struct bounds *b, msec_t now)
{
	struct plan_memory *m = &plan->memory;
	const struct hints *h = &batch->hints;
	bool is_bare = batch->http_status == 304 || batch->http_status == 204;

	if (batch->http_status == 200)
		m->full = now;
	if (h->has_max_age || !is_bare)
		m->max_age = h->has_max_age ? h->max_age : 0;
	if (h->has_validators || batch->http_status == 304)
		m->unconditional = false;
	else if (!is_bare)
		m->unconditional = true;
	if (batch->outcome != OUTCOME_OK || batch->http_status == 226)
		return;
	m->ttl = h->ttl;
	m->period = h->period;
	m->skip_hours = h->skip_hours & 0xFFFFFF;
	m->skip_days = h->skip_days & 0x7F;
	if (h->median_gap > 0)
		plan->feed.learnt = clamp(h->median_gap / 2, b);
}

static msec_t
at_least(msec_t wait, msec_t hint, msec_t most, const char *rule, const char *words,
    struct buf *reasons)
{
	if (hint <= 0)
		return wait;
	if (hint <= wait) {
		plan_because(reasons, rule, hint, IGNORED "not above the interval");
		return wait;
	}
	plan_because(reasons, rule, hint > most ? most : hint, "%s%s", words,
	    hint > most ? "; cut to the greatest interval" : "");
	hint = hint > most ? most : hint;
	return hint > wait ? hint : wait;
}

static msec_t
wait_after_success(struct plan *plan, const struct settings *settings,
    const struct plan_site *site, unsigned new_items, bool is_first, msec_t now,
    struct buf *reasons)
{
	const struct plan_memory *m = &plan->memory;
	struct bounds b = bounds_of(&plan->feed, settings, site);
	msec_t wait = plan_interval(plan, settings, site, now, reasons);

	if (new_items > 0 && !is_first && b.own == 0 && wait > b.least) {
		wait = clamp(wait / 2, &b);
		plan_because(reasons, "new items", wait,
		    "there were new ones: halved this once");
	}
	wait = at_least(
	    wait, m->max_age, b.most, "max-age", "the server says so", reasons);
	wait = at_least(wait, m->ttl, b.most, "ttl", "the feed says so", reasons);
	wait = at_least(
	    wait, m->period, b.most, "sy:period", "the feed says so", reasons);
	if (m->unconditional && settings->unconditional > wait) {
		wait = settings->unconditional;
		plan_because(reasons, "unconditional", wait,
		    "the server gives neither ETag nor Last-Modified");
	}
	return wait;
}

static bool
is_skipped(const struct plan_memory *m, msec_t at)
{
	int64_t hour = at / MSEC_PER_HOUR, day = hour / 24;

	/* 1970-01-01 was a Thursday: day 4, with Sunday as 0. */
	return ((m->skip_hours >> (hour % 24)) & 1) != 0 ||
	    ((m->skip_days >> ((day + 4) % 7)) & 1) != 0;
}

/* To the end of the skipped hours and days, in UTC; all of them skipped is a
 * mistake and means nothing (POLLING 19). */
msec_t
plan_past_skipped(
    const struct plan_memory *m, msec_t due, uint64_t *random, struct buf *reasons)
{
	msec_t at = due, hour;
	int tries = 0;

	if (m->skip_hours == 0xFFFFFF || m->skip_days == 0x7F || due < 0)
		return due;
	while (is_skipped(m, at) && tries++ < 8 * 24) {
		hour = at / MSEC_PER_HOUR;
		at = (hour + 1) * MSEC_PER_HOUR;
	}
	if (at == due)
		return due;
	plan_because(reasons, "skipHours", at - due,
	    "later: the feed asks not to be "
	    "fetched before that");
	return at + plan_random(random, 5 * MSEC_PER_MIN);
}

/* Nobody else's cron job: never on the quarter of an hour (POLLING 22). */
msec_t
plan_off_the_quarter(msec_t due, uint64_t *random)
{
	if (due % QUARTER < MSEC_PER_SEC)
		due += MSEC_PER_SEC + plan_random(random, MSEC_PER_SEC);
	return due;
}

static void
succeed(struct plan *plan, const struct settings *settings,
    const struct plan_site *site, const struct batch *batch, unsigned new_items,
    msec_t now, uint64_t *random, struct buf *reasons)
{
	struct bounds b = bounds_of(&plan->feed, settings, site);
	bool is_first = plan->feed.last_success == 0;
	msec_t wait, due;

	note_hints(plan, batch, &b, now);
	plan->feed.failures = 0;
	plan->feed.gone = plan->feed.quarantined = false;
	plan->memory.crashes = 0;
	plan->feed.last_success = now;
	plan->memory.gone_at = 0;
	plan->memory.throttles = 0;
	plan->memory.is_refused = false;
	wait = wait_after_success(
	    plan, settings, site, new_items, is_first, now, reasons);
	wait += plan_random(random, wait / 10);
	due = plan_past_skipped(&plan->memory, now + wait, random, reasons);
	plan->feed.due = plan_off_the_quarter(due, random);
}

/* -- Failures -------------------------------------------------------------- */

static bool
has_long_cap(enum outcome outcome)
{
	return outcome == OUTCOME_FORBIDDEN || outcome == OUTCOME_NOT_FOUND ||
	    outcome == OUTCOME_CHALLENGE || outcome == OUTCOME_GONE ||
	    outcome == OUTCOME_DNS;
}

/* value x 2^doublings, at most `cap`, without overflow. */
static msec_t
doubled(msec_t value, unsigned doublings, msec_t cap)
{
	if (doublings > BACKOFF_DOUBLINGS)
		doublings = BACKOFF_DOUBLINGS;
	return value > (cap >> doublings) ? cap : value << doublings;
}

static msec_t
back_off(const struct plan *plan, const struct settings *settings,
    const struct plan_site *site, enum outcome outcome, msec_t now, uint64_t *random,
    struct buf *reasons)
{
	struct bounds b = bounds_of(&plan->feed, settings, site);
	msec_t interval = plan_interval(plan, settings, site, now, NULL);
	msec_t cap = has_long_cap(outcome) ? b.most * LONG_CAP : b.most;
	msec_t wait = doubled(interval, plan->feed.failures, cap);

	plan_because(reasons, "back-off", wait, "%s; failure %u in a row%s",
	    outcome_words(outcome), plan->feed.failures,
	    wait == cap ? ", the most that is waited" : "");
	return wait - wait / 10 + plan_random(random, wait / 5);
}

/* What Retry-After, or its absence, makes of a 429 or 503 (POLLING 33 to 38). */
static msec_t
retry_after(struct plan *plan, const struct settings *settings,
    const struct plan_site *site, const struct batch *batch, msec_t now,
    uint64_t *random, struct buf *reasons)
{
	struct bounds b = bounds_of(&plan->feed, settings, site);
	msec_t asked = batch->hints.retry_after, wait, interval;

	if (asked == RETRY_NOW) {
		wait = plan_interval(plan, settings, site, now, reasons);
	} else if (asked > 0) {
		wait = asked > settings->retry_after_max ? settings->retry_after_max
							 : asked;
		plan_because(reasons, "retry-after", wait,
		    "the server asks for it%s",
		    wait < asked         ? "; cut to retry-after-max"
			: wait < b.least ? "; raised to the least interval"
					 : "");
		wait = wait < b.least ? b.least : wait;
	} else {
		interval = plan_interval(plan, settings, site, now, NULL);
		wait = 2 * interval > settings->throttle_wait
		    ? 2 * interval
		    : settings->throttle_wait;
		wait = doubled(
		    wait, plan->memory.throttles - 1, wait > b.most ? wait : b.most);
		plan_because(reasons, "throttled", wait,
		    "asked to slow down without saying how long; %u in a row",
		    plan->memory.throttles);
	}
	return wait + plan_random(random, wait / 10);
}

static msec_t
confirm_gone(struct plan *plan, const struct settings *settings, msec_t now,
    uint64_t *random, struct buf *reasons)
{
	struct plan_memory *m = &plan->memory;
	msec_t wait = settings->gone_after;

	if (m->gone_at == 0)
		m->gone_at = now;
	if (now - m->gone_at >= settings->gone_after && m->gone_at != now) {
		plan->feed.gone = true;
		plan_because(reasons, "gone", 0,
		    "410 twice: not fetched any more; gazette fetch feed:%.64s "
		    "tries it again",
		    plan->feed.name);
		return wait;
	}
	wait = m->gone_at + settings->gone_after - now;
	plan_because(reasons, "gone", wait, "410: asked once more to be sure");
	return wait + plan_random(random, wait / 10);
}

/* 429; and 403 or a bot check where several feeds come from: Reddit says 403 where
 * it means 429 (POLLING 29, 76).  Not a page of 200: anybody's may look like one. */
static bool
is_throttled(const struct batch *batch, const struct plan_site *site)
{
	if (batch->outcome == OUTCOME_THROTTLED)
		return true;
	return site->feeds >= 2 && site->holds_whole && !site->is_own_fault &&
	    ((batch->outcome == OUTCOME_CHALLENGE && batch->http_status >= 400) ||
		(batch->outcome == OUTCOME_FORBIDDEN && batch->http_status == 403));
}

/* A time named with a 503, and where a bot check took the place of a 429 or 503. */
static bool
names_a_time(const struct batch *batch)
{
	return batch->hints.retry_after > 0 &&
	    (batch->outcome == OUTCOME_SERVER_ERROR ||
		(batch->outcome == OUTCOME_CHALLENGE &&
		    (batch->http_status == 429 || batch->http_status == 503)));
}

static enum plan_hold
fail(struct plan *plan, const struct settings *settings,
    const struct plan_site *site, const struct batch *batch, msec_t now,
    uint64_t *random, struct buf *reasons)
{
	enum outcome outcome = batch->outcome;
	enum plan_hold hold = HOLD_NONE;
	msec_t wait, longer = 0;

	plan->feed.failures++;
	if (outcome != OUTCOME_GONE)
		plan->memory.gone_at = 0;
	plan->memory.is_refused = outcome == OUTCOME_AUTH;
	plan->memory.secret = outcome == OUTCOME_AUTH ? batch->secret : 0;
	if (is_throttled(batch, site)) {
		plan->memory.throttles++;
		hold = site->holds_whole ? HOLD_HOST : HOLD_FEED;
		wait =
		    retry_after(plan, settings, site, batch, now, random, reasons);
	} else if (names_a_time(batch)) {
		if (batch->hints.retry_after != RETRY_NOW)
			hold = batch->http_status == 429 && site->holds_whole
			    ? HOLD_HOST
			    : HOLD_FEED;
		wait =
		    retry_after(plan, settings, site, batch, now, random, reasons);
		if (outcome == OUTCOME_CHALLENGE)
			longer = back_off(
			    plan, settings, site, outcome, now, random, reasons);
	} else if (outcome == OUTCOME_GONE) {
		wait = confirm_gone(plan, settings, now, random, reasons);
	} else {
		wait = back_off(plan, settings, site, outcome, now, random, reasons);
	}
	if (outcome == OUTCOME_CRASHED && ++plan->memory.crashes >= CRASHES) {
		plan->feed.quarantined = true;
		plan_because(reasons, "quarantine", 0,
		    "the fetcher died on it %u times: "
		    "not fetched until its address or the program changes; gazette "
		    "fetch feed:%.64s tries it again",
		    plan->memory.crashes, plan->feed.name);
	}
	plan->feed.due = plan_off_the_quarter(now + wait, random);
	if (hold != HOLD_NONE)
		plan->feed.held = plan->feed.due;
	if (longer > wait)
		plan->feed.due = plan_off_the_quarter(now + longer, random);
	plan->memory.is_held_alone = hold == HOLD_FEED || site->is_elsewhere;
	return hold;
}

/* By how much later than `revalidate`: a quarter at most, and the same each time
 * that it is asked (POLLING 11). */
static msec_t
later_by(const struct plan *plan, msec_t limit)
{
	uint64_t random = (uint64_t)plan->memory.full ^ (uint64_t)plan->feed.id;

	return plan_random(&random, limit);
}

bool
plan_wants_full(const struct plan *plan, const struct settings *settings, msec_t now)
{
	msec_t age = now - plan->memory.full, wait = settings->revalidate;

	if (plan->memory.full == 0)
		return false;
	/* From a clock that was ahead: it would never grow old. */
	if (age < -MSEC_PER_HOUR)
		return true;
	return age >= wait + later_by(plan, wait / 4);
}

/* What a clock wrote that was ahead counts as now: it would hold for ever. */
static void
forget_future(struct plan_memory *m, msec_t now)
{
	msec_t *times[] = {&m->first, &m->gone_at, &m->sighted};
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (*times[i] > now)
			*times[i] = now;
	}
}

enum plan_hold
plan_attempt(struct plan *plan, const struct settings *settings,
    const struct plan_site *site, const struct batch *batch, unsigned new_items,
    msec_t now, uint64_t *random, struct buf *reasons)
{
	enum plan_hold hold = HOLD_NONE;
	msec_t wait;

	if (batch->outcome == OUTCOME_CANCELLED)
		return HOLD_NONE; /* nothing was asked, nothing is learnt */
	forget_future(&plan->memory, now);
	if (plan->memory.first == 0)
		plan->memory.first = now;
	plan->feed.last_attempt = now;
	plan->feed.held = 0;
	plan->memory.is_held_alone = false;
	if (site->is_offline && outcome_is_offline(batch->outcome)) {
		/* Its own host answers: it is not asked more often for that. */
		wait = site->is_elsewhere
		    ? plan_interval(plan, settings, site, now, NULL)
		    : plan_probe(settings);
		plan_because(reasons, "offline", wait,
		    "%s; the network seems to be down, so it counts as no failure",
		    outcome_words(batch->outcome));
		plan->feed.due = now + wait;
	} else if (outcome_is_failure(batch->outcome)) {
		hold = fail(plan, settings, site, batch, now, random, reasons);
	} else {
		succeed(
		    plan, settings, site, batch, new_items, now, random, reasons);
	}
	plan->memory.wait = plan->feed.due - now;
	return hold;
}
