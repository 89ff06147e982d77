/* SPDX-License-Identifier: ISC */
#ifndef CLI_ZONE_H
#define CLI_ZONE_H

/*
 * Times as the user sees them: shown in the user's zone (--utc for the other), days
 * such as `today` are the user's days.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"

void zone_set_utc(bool utc);
/* "2026-11-23 08:15" in the zone; from an RFC 3339 text.  "" when it is none. */
void zone_show(const char *rfc3339, struct buf *out);
/* "08:15:02" in the zone. */
void zone_show_clock(const char *rfc3339, struct buf *out);
/* How long ago (or ahead), in one word: 12m, 1h, 3d, 5w; "-" when it is no time. */
void zone_show_age(const char *rfc3339, msec_t now, struct buf *out);
/* For query_print_instants: when a day of the zone begins. */
msec_t zone_day_start(int64_t year, unsigned month, unsigned day, void *arg);

#endif
