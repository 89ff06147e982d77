/* SPDX-License-Identifier: ISC */
#include "normalise/normalise.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "normalise/names.h"

#define DATE_BYTES 160  /* the longest real one, a JavaScript Date, has 70 */
#define FIRST_YEAR 1000 /* year 1 is what programs print that had no date */

/*
 * No list of formats: a date is read from left to right, and each number or word
 * says by its form what it is (digits around a colon are a time, a name is a month,
 * four digits a year).  What has no place, or contradicts, makes it no date.
 */
struct reading {
	const char *at;                        /* folded text still to be read */
	int64_t year, month, day, day_of_year; /* -1: not yet */
	int64_t hour, minute, second, msec;
	bool timed;   /* a time was read */
	int half;     /* names_half_day's, -1: 24 hours */
	int weekday;  /* English name seen; -1 */
	int64_t pair; /* day-or-month: 3/4/2020 stands here as 3 * 100 + 4; -1 */
	bool zoned, offset_known;
	int64_t offset; /* minutes */
	struct names_zone zone;
	bool first; /* nothing but weekdays was read yet */
	bool month_named, month_from_first_word;
};

struct number {
	int64_t value;
	size_t digits;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* False: more digits than any number in a date has. */
static bool
read_number(struct reading *r, struct number *number)
{
	number->value = 0;
	for (number->digits = 0; is_digit(*r->at); r->at++) {
		if (++number->digits > 17)
			return false;
		number->value = number->value * 10 + (*r->at - '0');
	}
	return number->digits > 0;
}

/* Digits behind a point or comma, as thousandths; the rest is dropped. */
static int64_t
read_fraction(struct reading *r)
{
	int64_t value = 0, weight = 100;

	if ((*r->at != '.' && *r->at != ',') || !is_digit(r->at[1]))
		return 0;
	for (r->at++; is_digit(*r->at); r->at++, weight /= 10)
		value += (*r->at - '0') * weight;
	return value;
}

static int64_t
full_year(const struct number *number)
{
	if (number->digits > 2)
		return number->value;
	return number->value + (number->value < 69 ? 2000 : 1900);
}

/* Sets a field that must not have been set before. */
static bool
set(int64_t *field, int64_t value)
{
	if (*field >= 0)
		return false;
	*field = value;
	return true;
}

/* ":mm[:ss[.f]]" behind an hour. */
static bool
read_clock(struct reading *r, const struct number *hour)
{
	char separator = *r->at;
	struct number number;

	if (r->timed || hour->digits > 2)
		return false;
	r->timed = true;
	r->hour = hour->value;
	r->at++;
	if (!read_number(r, &number) || number.digits > 2)
		return false;
	r->minute = number.value;
	if (*r->at == separator && is_digit(r->at[1])) {
		r->at++;
		if (!read_number(r, &number) || number.digits > 2)
			return false;
		r->second = number.value;
		r->msec = read_fraction(r);
	}
	return true;
}

/* ISO 8601's basic form behind a T: hh, hhmm or hhmmss. */
static bool
read_basic_clock(struct reading *r, const struct number *number)
{
	if (r->timed)
		return false;
	r->timed = true;
	switch (number->digits) {
	case 1:
	case 2:
		r->hour = number->value;
		return true;
	case 4:
		r->hour = number->value / 100;
		r->minute = number->value % 100;
		return true;
	case 6:
		r->hour = number->value / 10000;
		r->minute = number->value / 100 % 100;
		r->second = number->value % 100;
		r->msec = read_fraction(r);
		return true;
	default:
		return false;
	}
}

/* "+hh", "+hhmm", "+hh:mm", the sign being next. */
static bool
read_offset(struct reading *r)
{
	int64_t sign = *r->at++ == '-' ? -1 : 1, hours, minutes = 0;
	struct number number;

	if (!read_number(r, &number) || number.digits > 6 || r->offset_known)
		return false;
	if (number.digits > 4) /* seconds of an hour's offset */
		number.value /= 100;
	hours = number.digits > 2 ? number.value / 100 : number.value;
	minutes = number.digits > 2 ? number.value % 100 : 0;
	if (number.digits <= 2 && *r->at == ':' && is_digit(r->at[1])) {
		r->at++;
		if (!read_number(r, &number) || number.digits > 2)
			return false;
		minutes = number.value;
	}
	/* RFC 5322 3.3 goes up to +9959, and a sample feed that many podcasts
	 * began as has "+3000". */
	if (hours > (number.digits == 4 ? 99 : 24) || minutes > 59)
		return false;
	r->offset = sign * (hours * 60 + minutes);
	r->offset_known = true;
	return true;
}

static bool
ymd(struct reading *r, int64_t year, int64_t month, int64_t day)
{
	bool free_year = set(&r->year, year), free_month = set(&r->month, month);

	return free_year && free_month && (day < 0 || set(&r->day, day));
}

/* Which of a and b is the month in "a/b/year"?  Dots are European; otherwise only
 * a number above 12 tells, or later a weekday or an "am" (see resolve_pair). */
static bool
day_and_month(struct reading *r, int64_t a, int64_t b, char separator, int64_t year)
{
	if (r->month >= 0 || r->day >= 0 || r->pair >= 0)
		return false;
	if (separator == '.' || a > 12 || a == b)
		return ymd(r, year, b, a);
	if (b > 12)
		return ymd(r, year, a, b);
	r->pair = a * 100 + b;
	return set(&r->year, year);
}

static bool
is_separator(char c)
{
	return c == '-' || c == '/' || c == '.';
}

/* Numbers joined by a separator: "2020-01-31", "31.1.2020", "2020-01", "2003-335". */
static bool
read_group(struct reading *r, const struct number *first)
{
	char separator = *r->at++;
	struct number second, third = {0, 0};

	while (*r->at == ' ')
		r->at++;
	if (!read_number(r, &second))
		return false;
	if (*r->at == separator) {
		const char *back = r->at++;

		while (*r->at == ' ')
			r->at++;
		if (!is_digit(*r->at))
			r->at = back; /* "2020.01. " or "06-11-" and a word */
		else if (!read_number(r, &third))
			return false;
	}
	if (second.digits > 3 && third.digits > 0)
		return false;
	if (first->digits == 4 && third.digits > 0)
		return third.digits < 3 &&
		    ymd(r, first->value, second.value, third.value);
	if (first->digits == 4 && second.digits == 3)
		return set(&r->year, first->value) &&
		    set(&r->day_of_year, second.value);
	if (first->digits == 4)
		return second.digits <= 2 && ymd(r, first->value, second.value, -1);
	if (third.digits == 0)
		return second.digits == 4 && first->digits <= 2 &&
		    ymd(r, second.value, first->value, -1);
	if (first->digits > 2 || second.digits > 2)
		return false;
	if (first->value > 31) /* two digits of a year in front */
		return ymd(r, full_year(first), second.value, third.value);
	return (third.digits == 4 || third.digits == 2) &&
	    day_and_month(
		r, first->value, second.value, separator, full_year(&third));
}

/* A number by itself. */
static bool
place_number(struct reading *r, const struct number *number)
{
	switch (number->digits) {
	case 1:
	case 2:
		if (r->day < 0 && r->pair < 0)
			return set(&r->day, number->value);
		return set(&r->year, full_year(number));
	case 4:
		return set(&r->year, number->value);
	case 8:
		return r->day < 0 &&
		    ymd(r, number->value / 10000, number->value / 100 % 100,
			number->value % 100);
	case 12:
	case 14: {
		int64_t date =
		    number->value / (number->digits == 14 ? 1000000 : 10000);
		struct number clock = {
		    number->value % (number->digits == 14 ? 1000000 : 10000),
		    number->digits - 8};

		return ymd(r, date / 10000, date / 100 % 100, date % 100) &&
		    read_basic_clock(r, &clock);
	}
	default:
		return false;
	}
}

static size_t
word_length(const char *text)
{
	size_t i = 0;

	while (is_letter(text[i]) ||
	    (i > 0 &&
		(text[i] == '/' || text[i] == '_' ||
		    (text[i] == '.' && is_letter(text[i + 1])))))
		i++;
	return i;
}

/* "2020년 1월", "16h30": the word behind a number says what it is. */
static bool
place_counted(struct reading *r, const struct number *number, char what)
{
	switch (what) {
	case 'y':
		return set(&r->year, number->value);
	case 'm':
		return set(&r->month, number->value);
	case 'd':
		return set(&r->day, number->value);
	case 'H':
		r->timed = true;
		r->hour = number->value;
		return true;
	case 'M':
		r->minute = number->value;
		return r->timed;
	case 'S':
		r->second = number->value;
		return r->timed;
	default:
		return false;
	}
}

static bool
read_numbers(struct reading *r, bool after_t)
{
	struct number number;
	const char *word;
	size_t size;
	char what;

	if (!read_number(r, &number))
		return false;
	if (*r->at == ':' && is_digit(r->at[1]))
		return read_clock(r, &number);
	if (after_t)
		return read_basic_clock(r, &number);
	if (*r->at == '.' && is_digit(r->at[1]) && r->year >= 0 && r->day >= 0)
		return read_clock(r, &number); /* "10.14.55" behind a date */
	if (is_separator(*r->at) &&
	    (is_digit(r->at[1]) ||
		(number.digits == 4 && r->at[1] == ' ' && is_digit(r->at[2]) &&
		    *r->at != '-')))
		return read_group(r, &number);
	word = r->at + (*r->at == ' ');
	size = word_length(word);
	what = names_counter(word, size);
	if (what != 0) {
		r->at = word + size;
		if (what == 'H' && is_digit(*r->at)) { /* 16h30 */
			if (!place_counted(r, &number, 'H') ||
			    !read_number(r, &number) || number.digits != 2)
				return false;
			what = 'M';
			size = word_length(r->at);
			if (names_counter(r->at, size) == 'M')
				r->at += size;
		}
		return place_counted(r, &number, what);
	}
	if (names_half_day(word, size) >= 0 && number.digits <= 2) /* 11 pm */
		return read_basic_clock(r, &number);
	return place_number(r, &number);
}

/* A month by name.  A second one means that the first was a weekday ("mar., 01
 * dec."), if it stood in front of everything. */
static bool
place_month(struct reading *r, int month)
{
	bool replace = r->month_named && r->month_from_first_word;

	if (r->month >= 0 && !replace)
		return false;
	r->month = month;
	r->month_from_first_word = r->first && !replace;
	r->month_named = true;
	return true;
}

/* "gmt+2", "etc/gmt-2" (which counts the other way). */
static bool
read_zone(struct reading *r, const char *word, size_t size)
{
	bool posix = size == 7 && memcmp(word, "etc/gmt", 7) == 0;
	bool known = names_zone(word, size, &r->zone);

	if (known && (*r->at == '+' || *r->at == '-') && is_digit(r->at[1])) {
		if (r->offset_known || !read_offset(r))
			return false;
		if (posix && r->at[-3] != ':')
			r->offset = -r->offset;
		return true;
	}
	/* RFC 5322 4.3: a name nobody knows says nothing, so it is UTC. */
	if (!known && (size > 5 || (unsigned char)*word >= 0x80) &&
	    memchr(word, '/', size) == NULL)
		return false;
	r->zoned = r->zoned || known;
	return true;
}

static bool
read_word(struct reading *r, bool *ret_after_t)
{
	const char *word = r->at;
	size_t size = word_length(word);
	int month, half = names_half_day(word, size);
	bool first = r->first;

	r->at += size;
	if (names_weekday(word, size) >= 0) {
		r->weekday = names_weekday(word, size);
		return true;
	}
	if (half >= 0) {
		if (r->at[0] == '.')
			r->at++;
		r->half = half;
		return true;
	}
	if (size == 1 && *word == 't' && is_digit(*r->at) && !r->timed) {
		*ret_after_t = true;
		return true;
	}
	month = r->timed && r->month >= 0 ? 0 : names_month(word, size);
	if (month > 0) {
		if (!place_month(r, month))
			return false;
		r->first = false;
		return true;
	}
	if (first && r->year < 0 && r->day < 0 && !r->timed) {
		r->first = false; /* a weekday in some language */
		return true;
	}
	if (names_is_filler(word, size) && *word != '\0')
		return true;
	return (r->timed || (r->year >= 0 && r->month >= 0)) &&
	    read_zone(r, word, size);
}

/* "(UTC)", "(Central European Summer Time)". */
static void
skip_comment(struct reading *r)
{
	int depth = 0;

	for (; *r->at != '\0'; r->at++) {
		depth += *r->at == '(';
		depth -= *r->at == ')';
		if (depth == 0) {
			r->at++;
			return;
		}
	}
}

static bool
read_all(struct reading *r)
{
	bool after_t = false, was_t;

	while (*r->at != '\0') {
		was_t = after_t;
		after_t = false;
		if (is_digit(*r->at)) {
			if (!read_numbers(r, was_t))
				return false;
			r->first = false;
		} else if (is_letter(*r->at)) {
			if (memcmp(r->at, "m=", 2) == 0)
				return true; /* Go's monotonic clock follows */
			if (!read_word(r, &after_t))
				return false;
		} else if ((*r->at == '+' || *r->at == '-') && is_digit(r->at[1]) &&
		    r->timed) {
			if (!read_offset(r))
				return false;
		} else if (*r->at == '(') {
			skip_comment(r);
		} else if (strchr(" ,.-/'|@", *r->at) != NULL) {
			r->at++;
		} else {
			return false;
		}
	}
	return true;
}

static int
weekday_of(int64_t year, int64_t month, int64_t day)
{
	int64_t days = clock_days_from_civil(year, (unsigned)month, (unsigned)day);

	return (int)(((days + 4) % 7 + 7) % 7);
}

/* 3/4/2020: the weekday decides, else "am" and "pm", which go with month first.
 * Nothing to go by: no date rather than a guess. */
static bool
resolve_pair(struct reading *r)
{
	int64_t a = r->pair / 100, b = r->pair % 100;
	bool month_first = r->half >= 0;

	if (r->pair < 0)
		return true;
	if (a < 1 || b < 1)
		return false;
	if (r->weekday >= 0 && weekday_of(r->year, a, b) == r->weekday)
		month_first = true;
	else if (r->weekday >= 0 && weekday_of(r->year, b, a) == r->weekday)
		month_first = false;
	else if (!month_first)
		return false;
	r->month = month_first ? a : b;
	r->day = month_first ? b : a;
	return true;
}

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool
is_sound(const struct reading *r)
{
	static const int length[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (r->year < FIRST_YEAR || r->year > 9999 || r->month < 1 ||
	    r->month > 12 || r->day < 1 || r->day > length[r->month - 1] ||
	    (r->month == 2 && r->day == 29 && !is_leap(r->year)))
		return false;
	if (r->half >= 0 && (r->hour < 1 || r->hour > 12) && r->hour < 13)
		return r->hour == 0 && r->half == 0 && r->minute < 60;
	return r->hour <= 24 && r->minute < 60 && r->second <= 60 &&
	    (r->hour < 24 || (r->minute == 0 && r->second == 0));
}

/* Fills what a short date leaves open; false: too little is known. */
static bool
complete(struct reading *r)
{
	if (!resolve_pair(r) || r->year < 0)
		return false;
	if (r->day_of_year > 0 && r->month < 0) {
		if (r->day_of_year > (is_leap(r->year) ? 366 : 365))
			return false;
		r->month = 1;
		r->day = 1;
		return is_sound(r);
	}
	if (r->day < 0 && r->month >= 0 && !r->timed)
		r->day = 1;
	if (r->half == 1 && r->hour < 12)
		r->hour += 12;
	else if (r->half == 0 && r->hour == 12)
		r->hour = 0;
	return r->month >= 0 && r->day >= 0;
}

static msec_t
instant(const struct reading *r)
{
	int64_t days =
	    clock_days_from_civil(r->year, (unsigned)r->month, (unsigned)r->day);
	int64_t minutes = r->offset;

	if (r->day_of_year > 0)
		days += r->day_of_year - 1;
	if (!r->offset_known && r->zoned)
		minutes = names_offset(&r->zone, (int)r->year, (int)r->month,
		    (int)r->day, (int)r->hour);
	return days * MSEC_PER_DAY + r->hour * MSEC_PER_HOUR +
	    (r->minute - minutes) * MSEC_PER_MIN + r->second * MSEC_PER_SEC +
	    r->msec;
}

/* Digits alone: a year, or seconds since 1970 (thousandths of them with 13). */
static int
read_digits(const char *text, msec_t *ret_wall)
{
	struct reading r = {.at = text};
	struct number number;
	int64_t msec;

	if (!read_number(&r, &number))
		return -EINVAL;
	msec = read_fraction(&r);
	if (*r.at != '\0')
		return -EAGAIN;
	if (number.digits == 4 && number.value >= FIRST_YEAR)
		*ret_wall = clock_days_from_civil(number.value, 1, 1) * MSEC_PER_DAY;
	else if (number.digits == 7 &&
	    number.value / 1000 >= 1900) /* year and day */
		*ret_wall = (clock_days_from_civil(number.value / 1000, 1, 1) +
				number.value % 1000 - 1) *
		    MSEC_PER_DAY;
	else if (number.digits == 9 || number.digits == 10)
		*ret_wall = number.value * MSEC_PER_SEC + msec;
	else if (number.digits == 13)
		*ret_wall = number.value;
	else
		return number.digits == 8 || number.digits == 12 ||
			number.digits == 14
		    ? -EAGAIN
		    : -EINVAL;
	return number.digits == 7 &&
		(number.value % 1000 < 1 ||
		    number.value % 1000 > (is_leap(number.value / 1000) ? 366 : 365))
	    ? -EINVAL
	    : 0;
}

/* Lower case, accents off, white space single; false: too long or not UTF-8. */
static bool
fold(const char *text, char folded[DATE_BYTES])
{
	struct buf wide = {0};
	size_t size, i, o = 0;
	bool ascii = true;

	while ((unsigned char)(*text - 1) < ' ')
		text++;
	size = strlen(text);
	if (size >= DATE_BYTES)
		return false;
	for (i = 0; i < size; i++)
		ascii = ascii && (unsigned char)text[i] < 0x80;
	if (!ascii && !unicode_fold(&wide, text, size))
		return false;
	if (!ascii) {
		text = buf_text(&wide);
		size = wide.len;
	}
	for (i = 0; i < size && o + 1 < DATE_BYTES; i++) {
		char c = (char)tolower((unsigned char)text[i]);

		if ((unsigned char)c <= ' ')
			c = ' ';
		if (c != ' ' || (o > 0 && folded[o - 1] != ' '))
			folded[o++] = c;
	}
	while (o > 0 && folded[o - 1] == ' ')
		o--;
	folded[o] = '\0';
	buf_done(&wide);
	return i == size;
}

int
normalise_date(const char *text, msec_t *ret_wall)
{
	struct reading r = {.year = -1,
	    .month = -1,
	    .day = -1,
	    .day_of_year = -1,
	    .half = -1,
	    .weekday = -1,
	    .pair = -1,
	    .first = true};
	char folded[DATE_BYTES];
	int error;

	if (!fold(text, folded) || *folded == '-')
		return -EINVAL;
	r.at = folded;
	if (is_digit(*folded)) {
		error = read_digits(folded, ret_wall);
		if (error != -EAGAIN)
			return error;
	}
	if (!read_all(&r) || !complete(&r) || !is_sound(&r))
		return -EINVAL;
	*ret_wall = instant(&r);
	return 0;
}
