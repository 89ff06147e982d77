/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

/*
 * What became of a feed, in one log line with the journal's fields (CONTRACT 8).
 * Loop thread.
 */
#include <stdbool.h>

#include "base/clock.h"
#include "model/batch.h"
#include "model/feed.h"

/* What is reported against what was known of the feed until now. */
struct report {
	const struct feed_plan *plan;
	unsigned before;  /* failures in a row */
	bool was_refused; /* the last attempt ended for want of credentials */
	bool is_offline;
	msec_t now;
};

void report_attempt(const struct report *report, const struct batch *batch);
void report_quarantined(const struct feed_plan *plan, const char *reason);
void report_moved(const char *name, const char *url, const char *why);
void report_network(bool offline);

#endif
