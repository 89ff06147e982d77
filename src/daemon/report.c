/* SPDX-License-Identifier: ISC */
#include "daemon/report.h"

#include <stdio.h>

#include "base/log.h"
#include "daemon/service.h"

static struct log_fields
fields_of(const struct feed_plan *plan, const struct batch *batch)
{
	return (struct log_fields){.feed = plan->name,
	    .feed_url = plan->url,
	    .outcome = outcome_name(batch->outcome),
	    .http_status = batch->http_status};
}

/* The feed's number of failures has just become one that makes it failing. */
static bool
fails_now(const struct report *report)
{
	return report->plan->failures == FEED_FAILING_AFTER &&
	    report->before < FEED_FAILING_AFTER;
}

static void
report_gone(const struct feed_plan *plan, struct log_fields *fields)
{
	fields->message_id = LOG_ID_FEED_GONE;
	log_event(LOG_LEVEL_WARN, fields,
	    "feed %s: gone for good, twice said; it is not fetched any more, its "
	    "items stay; gazette fetch feed:%s tries it again",
	    plan->name, plan->name);
}

static void
report_failure(const struct report *report, const struct batch *batch)
{
	const struct feed_plan *plan = report->plan;
	struct log_fields fields = fields_of(plan, batch);
	enum log_level level = LOG_LEVEL_INFO;
	const char *note = "";
	char wait[CLOCK_TEXT], quoted[LOG_QUOTE], count[32] = "no failure";

	if (plan->gone) {
		report_gone(plan, &fields);
		return;
	}
	if (plan->failures > report->before)
		snprintf(count, sizeof(count), "failure %u", plan->failures);
	if (fails_now(report)) {
		level = LOG_LEVEL_WARN;
		fields.message_id = LOG_ID_FEED_FAILING;
		note = ", failing now";
	} else if (batch->outcome == OUTCOME_AUTH && !report->was_refused) {
		level = LOG_LEVEL_WARN;
		fields.message_id = LOG_ID_FEED_AUTH;
	} else if (report->is_offline && outcome_is_offline(batch->outcome)) {
		level = LOG_LEVEL_DEBUG;
	}
	log_event(level, &fields, "feed %s: %s; %s%s, next try in %s", plan->name,
	    log_quote(batch->reason != NULL ? batch->reason
					    : outcome_words(batch->outcome),
		quoted),
	    count, note, clock_duration_format(plan->due - report->now, wait));
}

void
report_attempt(const struct report *report, const struct batch *batch)
{
	const struct feed_plan *plan = report->plan;
	struct log_fields fields = fields_of(plan, batch);

	if (outcome_is_failure(batch->outcome)) {
		report_failure(report, batch);
		return;
	}
	if (report->before >= FEED_FAILING_AFTER) {
		fields.message_id = LOG_ID_FEED_RECOVERED;
		log_event(LOG_LEVEL_INFO, &fields,
		    "feed %s: answers again, after %u failures", plan->name,
		    report->before);
		return;
	}
	log_event(LOG_LEVEL_DEBUG, &fields,
	    "feed %s: %s, %zu entries new or changed", plan->name,
	    outcome_words(batch->outcome), batch->item_count);
}

void
report_quarantined(const struct feed_plan *plan, const char *reason)
{
	struct log_fields fields = {.feed = plan->name,
	    .feed_url = plan->url,
	    .outcome = outcome_name(OUTCOME_CRASHED),
	    .message_id = LOG_ID_FEED_QUARANTINED};
	char quoted[LOG_QUOTE];

	log_event(LOG_LEVEL_ERROR, &fields,
	    "feed %s: quarantined: %s, twice; it is not fetched until its address "
	    "or this program changes; gazette fetch feed:%s tries it again",
	    plan->name, log_quote(reason, quoted), plan->name);
}

void
report_moved(const char *name, const char *url, const char *why)
{
	struct log_fields fields = {
	    .feed = name, .feed_url = url, .message_id = LOG_ID_FEED_MOVED};
	char quoted[LOG_QUOTE];

	log_event(LOG_LEVEL_WARN, &fields,
	    "feed %s: moved to %s: %s; gazette feed unmove %s takes it back", name,
	    log_quote(url, quoted), why, name);
}

void
report_network(bool offline)
{
	if (offline)
		log_warn("the network seems to be down: hosts that do not answer "
			 "are looked for now and then, no feed is blamed");
	else
		log_info("the network is back");
}
