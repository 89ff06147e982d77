/* SPDX-License-Identifier: ISC */
#include "config/build.h"

#include <stddef.h>

/* The later of the places where two keys were set; NULL when neither was. */
static const struct place *
later(const struct place *a, const struct place *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	if (a->file != b->file)
		return a->file > b->file ? a : b;
	return a->line > b->line ? a : b;
}

/* `low` must not be above `high`; said where the later of the two was set. */
static void
check_order(struct build *build, const char *low, msec_t low_value, const char *high,
    msec_t high_value)
{
	const struct place *at = later(build_place(build, "schedule", low),
	    build_place(build, "schedule", high));
	char a[CLOCK_TEXT], b[CLOCK_TEXT];

	if (at != NULL && low_value > high_value)
		build_fault(build, *at,
		    "%s (%s) is above %s (%s): raise the one or lower the other",
		    low, clock_duration_format(low_value, a), high,
		    clock_duration_format(high_value, b));
}

static void
check_schedule(struct build *build)
{
	struct settings *s = build->settings;

	check_order(
	    build, "min-interval", s->min_interval, "max-interval", s->max_interval);
	if (s->interval != 0) {
		check_order(
		    build, "min-interval", s->min_interval, "interval", s->interval);
		check_order(
		    build, "interval", s->interval, "max-interval", s->max_interval);
	}
	if (build_place(build, "schedule", "first-interval") != NULL) {
		check_order(build, "min-interval", s->min_interval, "first-interval",
		    s->first_interval);
		check_order(build, "first-interval", s->first_interval,
		    "max-interval", s->max_interval);
		return;
	}
	/* Nobody asked for an hour: the default keeps to the limits. */
	if (s->first_interval > s->max_interval)
		s->first_interval = s->max_interval;
	if (s->first_interval < s->min_interval)
		s->first_interval = s->min_interval;
}

static void
check_numbers(struct build *build)
{
	const struct settings *s = build->settings;
	const struct place *at = later(build_place(build, "control", "max-clients"),
	    build_place(build, "control", "max-clients-per-uid"));

	if (at != NULL && s->max_clients_per_uid > s->max_clients)
		build_fault(build, *at,
		    "max-clients-per-uid (%u) is above max-clients (%u): lower it",
		    s->max_clients_per_uid, s->max_clients);
	at = later(build_place(build, "fetch", "concurrency"),
	    build_place(build, "fetch", "per-host"));
	if (at != NULL && s->per_host > s->concurrency)
		build_fault(build, *at,
		    "per-host (%u) is above concurrency (%u): lower it", s->per_host,
		    s->concurrency);
}

static void
check_feed(struct build *build, const struct entry *entry)
{
	const struct feed_options *options = &entry->feed.options;
	const struct settings *s = build->settings;
	msec_t least =
	    options->min_interval != 0 ? options->min_interval : s->min_interval;
	char a[CLOCK_TEXT], b[CLOCK_TEXT];

	if (!entry->said_url)
		build_fault(build, entry->at,
		    "[feed %s] has no url: write url = https://...",
		    entry->feed.name);
	if (options->min_interval > s->max_interval)
		build_fault(build, entry->at,
		    "[feed %s]: its min-interval (%s) is above max-interval (%s): "
		    "lower it",
		    entry->feed.name, clock_duration_format(least, a),
		    clock_duration_format(s->max_interval, b));
	if (options->has_interval && options->interval != 0 &&
	    options->interval < least)
		build_fault(build, entry->interval_at,
		    "[feed %s]: interval (%s) is below min-interval (%s): raise it, "
		    "or give the feed a min-interval of its own",
		    entry->feed.name, clock_duration_format(options->interval, a),
		    clock_duration_format(least, b));
}

/* A section that says nothing would be read and ignored. */
static void
check_rate(struct build *build, const struct entry *entry)
{
	if (entry->rate.pause == 0)
		build_fault(build, entry->at,
		    "[rate %s] has no pause: write pause = 60s", entry->rate.name);
}

void
build_cross_check(struct build *build)
{
	const struct entries *feeds = &build->entries[SECTION_FEED];
	const struct entries *rates = &build->entries[SECTION_RATE];
	size_t i;

	check_schedule(build);
	check_numbers(build);
	for (i = 0; i < feeds->count; i++)
		check_feed(build, feeds->items[i]);
	for (i = 0; i < rates->count; i++)
		check_rate(build, rates->items[i]);
}
