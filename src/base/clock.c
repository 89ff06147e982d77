/* SPDX-License-Identifier: ISC */
#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DURATION_MAX (100 * 366 * MSEC_PER_DAY)

static msec_t
read_clock(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts); /* fails only for clocks that do not exist */
	return (msec_t)ts.tv_sec * MSEC_PER_SEC + ts.tv_nsec / 1000000;
}

msec_t
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

msec_t
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

msec_t
clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

int64_t
clock_cpu_usec(void)
{
	struct timespec ts;

	(void)clock_gettime(
	    CLOCK_THREAD_CPUTIME_ID, &ts); /* always there on Linux */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Both after Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms":
 * eras of 400 years that begin on 1 March, so that the leap day comes last. */
int64_t
clock_days_from_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t era, yoe, doy;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	yoe = year - era * 400;
	doy = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void
clock_civil_from_days(
    int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*ret_day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = yoe + era * 400 + (*ret_month <= 2);
}

const char *
clock_format(msec_t wall, char text[CLOCK_TEXT])
{
	const msec_t low = -62167219200000,
		     high = 253402300799999; /* years 0, 9999 */
	int64_t days, year, msec;
	unsigned month, day;

	if (wall < low)
		wall = low;
	if (wall > high)
		wall = high;
	days = wall / MSEC_PER_DAY;
	msec = wall % MSEC_PER_DAY;
	if (msec < 0) {
		msec += MSEC_PER_DAY;
		days--;
	}
	clock_civil_from_days(days, &year, &month, &day);
	(void)snprintf(text, CLOCK_TEXT, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
	    (int)year, month, day, (int)(msec / MSEC_PER_HOUR),
	    (int)(msec / MSEC_PER_MIN % 60), (int)(msec / MSEC_PER_SEC % 60),
	    (int)(msec % 1000));
	return text;
}

/* Exactly `count` digits. */
static bool
digits(const char **at, int count, unsigned *ret_number)
{
	unsigned number = 0;

	for (; count > 0; count--, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return false;
		number = number * 10 + (unsigned)(**at - '0');
	}
	*ret_number = number;
	return true;
}

static bool
literal(const char **at, char c)
{
	if (toupper((unsigned char)**at) != c)
		return false;
	(*at)++;
	return true;
}

static bool
offset(const char **at, msec_t *ret_offset)
{
	unsigned hours, minutes;
	int sign;

	if (literal(at, 'Z')) {
		*ret_offset = 0;
		return true;
	}
	sign = **at == '-' ? -1 : 1;
	if (**at != '-' && **at != '+')
		return false;
	(*at)++;
	if (!digits(at, 2, &hours) || !literal(at, ':') ||
	    !digits(at, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_offset = sign * (hours * MSEC_PER_HOUR + minutes * MSEC_PER_MIN);
	return true;
}

int
clock_parse(const char *text, msec_t *ret_wall)
{
	static const unsigned char length[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year, month, day, hour, minute, second, scale = 100;
	msec_t fraction = 0, off;

	if (!digits(&text, 4, &year) || !literal(&text, '-') ||
	    !digits(&text, 2, &month) || !literal(&text, '-') ||
	    !digits(&text, 2, &day))
		return -EINVAL;
	if (*text != ' ' && toupper((unsigned char)*text) != 'T')
		return -EINVAL;
	text++;
	if (!digits(&text, 2, &hour) || !literal(&text, ':') ||
	    !digits(&text, 2, &minute) || !literal(&text, ':') ||
	    !digits(&text, 2, &second))
		return -EINVAL;
	if (*text == '.') {
		for (text++; isdigit((unsigned char)*text); text++, scale /= 10)
			fraction += (msec_t)(*text - '0') * scale;
	}
	if (!offset(&text, &off) || *text != '\0')
		return -EINVAL;
	if (month < 1 || month > 12 || day < 1 || day > length[month - 1] ||
	    hour > 23 || minute > 59 || second > 60)
		return -EINVAL;
	if (month == 2 && day == 29 &&
	    (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
		return -EINVAL;
	*ret_wall = clock_days_from_civil(year, month, day) * MSEC_PER_DAY +
	    hour * MSEC_PER_HOUR + minute * MSEC_PER_MIN + second * MSEC_PER_SEC +
	    fraction - off;
	return 0;
}

static msec_t
unit(const char *name, size_t length)
{
	static const struct {
		const char *name;
		msec_t msec;
	} units[] = {
	    {"ms", 1},
	    {"s", MSEC_PER_SEC},
	    {"sec", MSEC_PER_SEC},
	    {"m", MSEC_PER_MIN},
	    {"min", MSEC_PER_MIN},
	    {"h", MSEC_PER_HOUR},
	    {"hour", MSEC_PER_HOUR},
	    {"d", MSEC_PER_DAY},
	    {"day", MSEC_PER_DAY},
	    {"w", 7 * MSEC_PER_DAY},
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == length &&
		    strncmp(units[i].name, name, length) == 0)
			return units[i].msec;
	}
	return 0;
}

int
clock_duration_parse(const char *text, msec_t *ret_duration)
{
	double number, total = 0;
	char *end;
	size_t length;
	msec_t msec;

	if (strcmp(text, "0") == 0) {
		*ret_duration = 0;
		return 0;
	}
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	while (*text != '\0') {
		length = strspn(text, "0123456789.");
		if (length == 0 || length > 20)
			return -EINVAL;
		number = strtod(text, &end);
		if (end != text + length)
			return -EINVAL;
		length = strspn(end, "abcdefghijklmnopqrstuvwxyz");
		msec = unit(end, length);
		if (msec == 0)
			return -EINVAL;
		total += number * (double)msec;
		if (total > (double)DURATION_MAX)
			return -ERANGE;
		text = end + length;
		text += strspn(text, " ");
	}
	*ret_duration = (msec_t)(total + 0.5);
	return 0;
}

const char *
clock_duration_format(msec_t duration, char text[CLOCK_TEXT])
{
	const char *sign = duration < 0 ? "-" : "";
	long long d = duration < 0 ? -duration : duration;

	if (d > 1000 * 366 * MSEC_PER_DAY)
		d = 1000 * 366 * MSEC_PER_DAY;
	if (d != 0 && d < MSEC_PER_SEC)
		(void)snprintf(text, CLOCK_TEXT, "%s%lld ms", sign, d);
	else if (d < MSEC_PER_MIN)
		(void)snprintf(text, CLOCK_TEXT, "%s%llds", sign, d / MSEC_PER_SEC);
	else if (d < MSEC_PER_HOUR && d / MSEC_PER_SEC % 60 == 0)
		(void)snprintf(text, CLOCK_TEXT, "%s%lldm", sign, d / MSEC_PER_MIN);
	else if (d < MSEC_PER_HOUR)
		(void)snprintf(text, CLOCK_TEXT, "%s%lldm %02llds", sign,
		    d / MSEC_PER_MIN, d / MSEC_PER_SEC % 60);
	else if (d < MSEC_PER_DAY)
		(void)snprintf(text, CLOCK_TEXT, "%s%lldh %02lldm", sign,
		    d / MSEC_PER_HOUR, d / MSEC_PER_MIN % 60);
	else
		(void)snprintf(text, CLOCK_TEXT, "%s%lldd %lldh", sign,
		    d / MSEC_PER_DAY, d / MSEC_PER_HOUR % 24);
	return text;
}
