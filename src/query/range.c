/* SPDX-License-Identifier: ISC */
#include "query/range.h"

#include <errno.h>
#include <string.h>

/* Longer than any date or duration that means something. */
#define BOUND_TEXT 64

static const char expected_bound[] =
    "a duration (3d, 90min), a day (2026-05-01), a month (2026-05), today, "
    "yesterday or a time (2026-05-01T12:00:00Z)";
static const char expected_range[] =
    "FROM..TO with either end left out, of durations (3d..), days (2026-05-01), "
    "months (2026-05) and times, or a day, a month or today alone";

static bool
number(const char *text, size_t count, unsigned *ret_number)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (unsigned)(text[i] - '0');
	}
	*ret_number = n;
	return true;
}

static bool
is_date(int64_t year, unsigned month, unsigned day)
{
	int64_t y;
	unsigned m, d;

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	clock_civil_from_days(clock_days_from_civil(year, month, day), &y, &m, &d);
	return m == month && d == day;
}

/* YYYY-MM or YYYY-MM-DD. */
static bool
parse_date(const char *text, struct bound *bound)
{
	size_t size = strlen(text);
	unsigned year, month, day = 1;

	if ((size != 7 && size != 10) || text[4] != '-' || !number(text, 4, &year) ||
	    !number(text + 5, 2, &month))
		return false;
	if (size == 10 && (text[7] != '-' || !number(text + 8, 2, &day)))
		return false;
	if (!is_date(year, month, day))
		return false;
	bound->kind = size == 7 ? BOUND_MONTH : BOUND_DAY;
	bound->year = year;
	bound->month = month;
	bound->day = day;
	return true;
}

static int
parse_bound(const char *text, struct bound *ret_bound)
{
	struct bound bound = {0};

	if (strcmp(text, "today") == 0)
		bound.kind = BOUND_TODAY;
	else if (strcmp(text, "yesterday") == 0)
		bound.kind = BOUND_YESTERDAY;
	else if (parse_date(text, &bound))
		;
	else if (clock_duration_parse(text, &bound.when) == 0)
		bound.kind = BOUND_AGO;
	else if (clock_parse(text, &bound.when) == 0)
		bound.kind = BOUND_INSTANT;
	else
		return -EINVAL;
	*ret_bound = bound;
	return 0;
}

/* Only ends of one kind of clock can be compared before there is a `now`. */
static bool
is_backwards(const struct range *range)
{
	bool low_ago = range->low.kind == BOUND_AGO,
	     high_ago = range->high.kind == BOUND_AGO;
	msec_t first, last;

	if (low_ago != high_ago || range->low.kind >= BOUND_TODAY ||
	    range->high.kind >= BOUND_TODAY || range->low.kind == BOUND_NONE ||
	    range->high.kind == BOUND_NONE)
		return false;
	range_resolve(range, 0, &first, &last);
	return first > last;
}

static int
parse_ends(const char *text, const char *dots, struct range *range)
{
	char low[BOUND_TEXT];
	size_t size = (size_t)(dots - text);

	if (size >= sizeof(low))
		return -EINVAL;
	memcpy(low, text, size);
	low[size] = '\0';
	if (size > 0 && parse_bound(low, &range->low) < 0)
		return -EINVAL;
	if (dots[2] != '\0' && parse_bound(dots + 2, &range->high) < 0)
		return -EINVAL;
	return size == 0 && dots[2] == '\0' ? -EINVAL : 0;
}

int
range_parse(const char *text, struct range *ret_range, const char **reterr_expected)
{
	struct range range = {0};
	const char *dots = strstr(text, "..");

	*reterr_expected = expected_range;
	if (dots != NULL) {
		if (parse_ends(text, dots, &range) < 0)
			return -EINVAL;
	} else {
		if (parse_bound(text, &range.low) < 0)
			return -EINVAL;
		*reterr_expected = "FROM.. or ..TO: a moment alone is no range";
		if (range.low.kind == BOUND_AGO || range.low.kind == BOUND_INSTANT)
			return -EINVAL;
		range.high = range.low;
	}
	*reterr_expected = "a range that does not end before it begins";
	if (is_backwards(&range))
		return -EINVAL;
	*ret_range = range;
	return 0;
}

int
range_parse_since(
    const char *text, struct range *ret_range, const char **reterr_expected)
{
	struct range range = {0};

	*reterr_expected = expected_bound;
	if (parse_bound(text, &range.low) < 0)
		return -EINVAL;
	*ret_range = range;
	return 0;
}

int
range_parse_before(
    const char *text, struct range *ret_range, const char **reterr_expected)
{
	struct range range = {.before = true};

	*reterr_expected = expected_bound;
	if (parse_bound(text, &range.high) < 0)
		return -EINVAL;
	*ret_range = range;
	return 0;
}

static bool
bound_equal(const struct bound *a, const struct bound *b)
{
	return a->kind == b->kind && a->when == b->when && a->year == b->year &&
	    a->month == b->month && a->day == b->day;
}

bool
range_equal(const struct range *a, const struct range *b)
{
	return bound_equal(&a->low, &b->low) && bound_equal(&a->high, &b->high) &&
	    a->before == b->before;
}

static void
print_duration(msec_t when, struct buf *out)
{
	static const struct {
		const char *name;
		msec_t size;
	} units[] = {{"d", MSEC_PER_DAY}, {"h", MSEC_PER_HOUR},
	    {"min", MSEC_PER_MIN}, {"s", MSEC_PER_SEC}, {"ms", 1}};
	size_t i = 0;

	while (when % units[i].size != 0)
		i++;
	buf_printf(out, "%lld%s", (long long)(when / units[i].size), units[i].name);
}

static void
print_bound(const struct bound *bound, struct buf *out)
{
	char text[CLOCK_TEXT];

	switch (bound->kind) {
	case BOUND_NONE:
		break;
	case BOUND_AGO:
		print_duration(bound->when, out);
		break;
	case BOUND_INSTANT:
		buf_puts(out, clock_format(bound->when, text));
		break;
	case BOUND_DAY:
		buf_printf(out, "%04d-%02u-%02u", (int)bound->year, bound->month,
		    bound->day);
		break;
	case BOUND_MONTH:
		buf_printf(out, "%04d-%02u", (int)bound->year, bound->month);
		break;
	case BOUND_TODAY:
		buf_puts(out, "today");
		break;
	case BOUND_YESTERDAY:
		buf_puts(out, "yesterday");
		break;
	}
}

void
range_print(const struct range *range, struct buf *out)
{
	bool alone =
	    range->low.kind >= BOUND_DAY && bound_equal(&range->low, &range->high);

	print_bound(&range->low, out);
	if (alone)
		return;
	if (!range->before)
		buf_puts(out, "..");
	print_bound(&range->high, out);
}

static msec_t
utc_day_start(int64_t year, unsigned month, unsigned day, void *arg)
{
	(void)arg; /* one zone only */
	return clock_days_from_civil(year, month, day) * MSEC_PER_DAY;
}

/* The date of the day, in the asker's zone, that `now` falls into. */
static void
today_at(msec_t now, range_day_start_fn *day_start, void *arg, int64_t *ret_days)
{
	int64_t days = now / MSEC_PER_DAY - (now % MSEC_PER_DAY < 0), year;
	unsigned month, day;
	int step;

	/* No zone is more than a day away from UTC. */
	for (step = 1; step >= 0; step--) {
		clock_civil_from_days(days + step, &year, &month, &day);
		if (day_start(year, month, day, arg) <= now)
			break;
	}
	*ret_days = days + step;
}

static msec_t
day_at(int64_t days, range_day_start_fn *day_start, void *arg)
{
	int64_t year;
	unsigned month, day;

	clock_civil_from_days(days, &year, &month, &day);
	return day_start(year, month, day, arg);
}

/* The first moment of a bound's day or month, or with `after` that of the next. */
static msec_t
bound_edge(const struct bound *bound, bool after, msec_t now,
    range_day_start_fn *day_start, void *arg)
{
	int64_t days = 0;

	switch (bound->kind) {
	case BOUND_NONE:
		return after ? INT64_MAX : INT64_MIN;
	case BOUND_AGO:
		return now - bound->when;
	case BOUND_INSTANT:
		return bound->when;
	case BOUND_MONTH:
		if (after && bound->month == 12)
			return day_start(bound->year + 1, 1, 1, arg);
		return day_start(bound->year, bound->month + after, 1, arg);
	case BOUND_DAY:
		days = clock_days_from_civil(bound->year, bound->month, bound->day);
		break;
	case BOUND_TODAY:
	case BOUND_YESTERDAY:
		today_at(now, day_start, arg, &days);
		days -= bound->kind == BOUND_YESTERDAY;
		break;
	}
	return day_at(days + after, day_start, arg);
}

static bool
is_whole(const struct bound *bound)
{
	return bound->kind >= BOUND_DAY;
}

struct range
range_fix(
    const struct range *range, msec_t now, range_day_start_fn *day_start, void *arg)
{
	struct range fixed = *range;

	if (is_whole(&range->low))
		fixed.low = (struct bound){.kind = BOUND_INSTANT,
		    .when = bound_edge(&range->low, false, now, day_start, arg)};
	if (is_whole(&range->high))
		fixed.high = (struct bound){.kind = BOUND_INSTANT,
		    .when = range->before
			? bound_edge(&range->high, false, now, day_start, arg)
			: bound_edge(&range->high, true, now, day_start, arg) - 1};
	return fixed;
}

void
range_resolve(
    const struct range *range, msec_t now, msec_t *ret_first, msec_t *ret_last)
{
	struct range fixed = range_fix(range, now, utc_day_start, NULL);

	*ret_first = bound_edge(&fixed.low, false, now, utc_day_start, NULL);
	*ret_last = bound_edge(&fixed.high, true, now, utc_day_start, NULL);
	if (fixed.before)
		*ret_last -= 1;
}
