/* SPDX-License-Identifier: ISC */
#include "cli/zone.h"

#include <stddef.h>
#include <time.h>

static bool utc_wanted;

void
zone_set_utc(bool utc)
{
	utc_wanted = utc;
}

static bool
broken_down(const char *rfc3339, struct tm *ret_tm)
{
	time_t seconds;
	msec_t wall;

	if (rfc3339 == NULL || clock_parse(rfc3339, &wall) != 0)
		return false;
	seconds = (time_t)(wall / MSEC_PER_SEC - (wall % MSEC_PER_SEC < 0));
	return (utc_wanted ? gmtime_r(&seconds, ret_tm)
			   : localtime_r(&seconds, ret_tm)) != NULL;
}

void
zone_show(const char *rfc3339, struct buf *out)
{
	char text[64];
	struct tm tm;

	if (broken_down(rfc3339, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm))
		buf_puts(out, text);
}

void
zone_show_clock(const char *rfc3339, struct buf *out)
{
	char text[64];
	struct tm tm;

	if (broken_down(rfc3339, &tm) &&
	    strftime(text, sizeof(text), "%H:%M:%S", &tm))
		buf_puts(out, text);
}

void
zone_show_age(const char *rfc3339, msec_t now, struct buf *out)
{
	static const struct {
		msec_t below, unit;
		char letter;
	} steps[] = {
	    {MSEC_PER_MIN, MSEC_PER_SEC, 's'},
	    {MSEC_PER_HOUR, MSEC_PER_MIN, 'm'},
	    {2 * MSEC_PER_DAY, MSEC_PER_HOUR, 'h'},
	    {60 * MSEC_PER_DAY, MSEC_PER_DAY, 'd'},
	    {730 * MSEC_PER_DAY, 7 * MSEC_PER_DAY, 'w'},
	    {INT64_MAX, 365 * MSEC_PER_DAY, 'y'},
	};
	msec_t wall, age;
	size_t i;

	if (rfc3339 == NULL || clock_parse(rfc3339, &wall) != 0) {
		buf_puts(out, "-");
		return;
	}
	age = now > wall ? now - wall : wall - now;
	for (i = 0; age >= steps[i].below; i++)
		;
	buf_printf(out, "%s%lld%c", wall > now + MSEC_PER_SEC ? "in " : "",
	    (long long)(age / steps[i].unit), steps[i].letter);
}

msec_t
zone_day_start(int64_t year, unsigned month, unsigned day, void *arg)
{
	struct tm tm = {.tm_year = (int)(year - 1900),
	    .tm_mon = (int)month - 1,
	    .tm_mday = (int)day,
	    .tm_isdst = -1};

	(void)arg;
	if (utc_wanted)
		return clock_days_from_civil(year, month, day) * MSEC_PER_DAY;
	return (msec_t)mktime(&tm) * MSEC_PER_SEC;
}
