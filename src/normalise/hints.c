/* SPDX-License-Identifier: ISC */
/* Numbers that feeds publish: lengths of time, and when to ask again. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "normalise/normalise.h"

#define DURATION_MAX 1e9 /* seconds: 30 years play nowhere */
/* A hint beyond a year is a slip; the schedule clamps further. */
#define HINT_MAX (366 * MSEC_PER_DAY)

/* A number with a fraction: digits alone, no sign, no exponent. */
static const char *
read_decimal(const char *at, double *ret_value)
{
	double value = 0, weight = 1;

	if (!isdigit((unsigned char)*at))
		return NULL;
	for (; isdigit((unsigned char)*at); at++) {
		value = value * 10 + (*at - '0');
		if (value > DURATION_MAX)
			return NULL;
	}
	if ((*at == '.' || *at == ',') && isdigit((unsigned char)at[1])) {
		for (at++; isdigit((unsigned char)*at); at++) {
			weight /= 10;
			value += weight * (*at - '0');
		}
	}
	*ret_value = value;
	return at;
}

/* "1:02:05.5": each part weighs sixty of the next. */
static double
read_clock(const char *at)
{
	double total = 0, part;
	int parts = 0;

	for (;;) {
		at = read_decimal(at, &part);
		if (at == NULL || ++parts > 3)
			return -1;
		total = total * 60 + part;
		if (*at != ':')
			break;
		at++;
	}
	at += strspn(at, " \t\r\n");
	return *at == '\0' && total <= DURATION_MAX ? total : -1;
}

static double
unit_seconds(const char **at)
{
	static const struct {
		const char *word;
		double seconds;
	} units[] = {
	    {"hours", 3600},
	    {"hour", 3600},
	    {"hrs", 3600},
	    {"hr", 3600},
	    {"h", 3600},
	    {"minutes", 60},
	    {"minute", 60},
	    {"mins", 60},
	    {"min", 60},
	    {"m", 60},
	    {"seconds", 1},
	    {"second", 1},
	    {"secs", 1},
	    {"sec", 1},
	    {"s", 1},
	};
	size_t i, size;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size = strlen(units[i].word);
		if (strncasecmp(*at, units[i].word, size) == 0) {
			*at += size;
			return units[i].seconds;
		}
	}
	return 0;
}

/* "PT1H2M3S", "1h 2m", "45 min". */
static double
read_units(const char *at)
{
	double total = 0, part, unit, last = 1e9;

	if (strncasecmp(at, "pt", 2) == 0)
		at += 2;
	do {
		at = read_decimal(at, &part);
		if (at == NULL)
			return -1;
		at += strspn(at, " ");
		unit = unit_seconds(&at);
		if (unit == 0 || unit >= last)
			return -1;
		last = unit;
		total += part * unit;
		at += strspn(at, " \t\r\n");
	} while (*at != '\0');
	return total <= DURATION_MAX ? total : -1;
}

double
normalise_duration(const char *text)
{
	double seconds;

	text += strspn(text, " \t\r\n");
	if (strncasecmp(text, "npt:", 4) == 0 || strncasecmp(text, "npt=", 4) == 0)
		text += 4;
	seconds = read_clock(text);
	return seconds >= 0 ? seconds : read_units(text);
}

/* A whole number, 1 at least and saturated; 0: none. */
static int64_t
read_count(const char *text, int64_t most)
{
	int64_t value = 0;

	if (text == NULL)
		return 0;
	text += strspn(text, " \t\r\n");
	for (; isdigit((unsigned char)*text); text++) {
		value = value * 10 + (*text - '0');
		if (value > most)
			value = most;
	}
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	text += strspn(text, " \t\r\n");
	return *text == '\0' ? value : 0;
}

/* RSS syndication module: a period is a word, of which `frequency` polls are made;
 * daily and once unless said. */
static msec_t
read_period(const char *period, const char *frequency)
{
	static const struct {
		const char *word;
		msec_t length;
	} periods[] = {
	    {"hourly", MSEC_PER_HOUR},
	    {"daily", MSEC_PER_DAY},
	    {"weekly", 7 * MSEC_PER_DAY},
	    {"monthly", 30 * MSEC_PER_DAY},
	    {"yearly", 365 * MSEC_PER_DAY},
	};
	msec_t length = period == NULL ? MSEC_PER_DAY : 0;
	int64_t times = read_count(frequency, 1000000);
	size_t i, size;

	if (period == NULL && times == 0)
		return 0;
	for (i = 0; period != NULL && i < sizeof(periods) / sizeof(periods[0]);
	    i++) {
		const char *word = period + strspn(period, " \t\r\n");

		size = strlen(periods[i].word);
		if (strncasecmp(word, periods[i].word, size) == 0 &&
		    word[size + strspn(word + size, " \t\r\n")] == '\0')
			length = periods[i].length;
	}
	return times > 0 ? length / times : length;
}

/* "24" is how RSS 0.91 wrote midnight.  All of them: an owner who would never be
 * asked cannot mean it (POLLING 19). */
static uint32_t
read_hours(const char *list)
{
	uint32_t hours = 0;
	char *end;
	long hour;

	for (; list != NULL; list = end) {
		hour = strtol(list, &end, 10);
		if (end == list)
			break;
		if (hour >= 0 && hour <= 24)
			hours |= UINT32_C(1) << hour % 24;
	}
	return hours == 0xFFFFFF ? 0 : hours;
}

static uint8_t
read_days(const char *list)
{
	static const char *const names[] = {
	    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};
	unsigned days = 0, i;
	size_t size;

	while (list != NULL && *(list += strspn(list, " \t\r\n,")) != '\0') {
		size = strcspn(list, " \t\r\n,");
		for (i = 0; i < 7; i++) {
			if (size >= 3 && strncasecmp(list, names[i], 3) == 0)
				days |= 1u << i;
		}
		list += size;
	}
	return days == 0x7F ? 0 : (uint8_t)days;
}

void
normalise_hints(const struct raw_feed *raw, struct hints *ret_hints)
{
	msec_t minutes = read_count(raw->ttl, HINT_MAX / MSEC_PER_MIN);

	ret_hints->ttl = minutes * MSEC_PER_MIN;
	ret_hints->period = read_period(raw->update_period, raw->update_frequency);
	ret_hints->skip_hours = read_hours(raw->skip_hours);
	ret_hints->skip_days = read_days(raw->skip_days);
	ret_hints->self = raw->self;
	ret_hints->hub = raw->hubs != NULL ? raw->hubs->href : NULL;
	ret_hints->next = raw->prev_archive != NULL ? raw->prev_archive : raw->next;
	ret_hints->new_url = raw->new_url;
	ret_hints->complete = raw->complete;
	ret_hints->archive = raw->archive;
}
