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

/* `before`: its failures in a row until now. */
void report_attempt(const struct feed_plan *plan, const struct batch *batch,
    unsigned before, msec_t now, bool offline);
void report_quarantined(const struct feed_plan *plan, const char *reason);
void report_moved(const char *name, const char *url, const char *why);
void report_network(bool offline);

#endif
