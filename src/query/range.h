/* SPDX-License-Identifier: ISC */
#ifndef QUERY_RANGE_H
#define QUERY_RANGE_H

/*
 * Spans of time in a query: 3d.. ..2026-05 2026-05-01..2026-05-07 today.  A day
 * and a month are whole ones at either end.  For this folder.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

enum bound_kind {
	BOUND_NONE,    /* open */
	BOUND_AGO,     /* `when` before now */
	BOUND_INSTANT, /* `when` */
	BOUND_DAY,
	BOUND_MONTH,
	BOUND_TODAY,
	BOUND_YESTERDAY
};

struct bound {
	enum bound_kind kind;
	msec_t when;
	int64_t year;
	unsigned month, day;
};

struct range {
	struct bound low, high;
	bool before; /* `high` itself is outside: before: */
};

/* Where a day starts in the asker's zone. */
typedef msec_t range_day_start_fn(
    int64_t year, unsigned month, unsigned day, void *arg);

/* The value of seen:, pub: and upd:; of since: and before: one end.  0, or
 * -EINVAL with what was expected in *reterr_expected (a literal). */
int range_parse(
    const char *text, struct range *ret_range, const char **reterr_expected);
int range_parse_since(
    const char *text, struct range *ret_range, const char **reterr_expected);
int range_parse_before(
    const char *text, struct range *ret_range, const char **reterr_expected);
bool range_equal(const struct range *a, const struct range *b);
/* FROM..TO, or TO alone with `before` set. */
void range_print(const struct range *range, struct buf *out);
/* Days and months become instants. */
struct range range_fix(
    const struct range *range, msec_t now, range_day_start_fn *day_start, void *arg);
/* As first and last millisecond; INT64_MIN and INT64_MAX where it is open.  Days
 * are UTC's. */
void range_resolve(
    const struct range *range, msec_t now, msec_t *ret_first, msec_t *ret_last);

#endif
