/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_NAMES_H
#define NORMALISE_NAMES_H

/*
 * The words in dates: months, days, zones.  Names are given folded: lower case,
 * without accents, as unicode_fold leaves them.  Any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 to 12 for a name or an unambiguous start of one (three letters at least), in
 * any of the languages known; 0: no month. */
int names_month(const char *name, size_t size);
/* 0 (Sunday) to 6 for English names and their starts; -1: not known. */
int names_weekday(const char *name, size_t size);
/* 0 before noon, 1 after; -1: no such word. */
int names_half_day(const char *name, size_t size);
/* A word that says nothing ("at", "de", "uhr"). */
bool names_is_filler(const char *name, size_t size);
/* What the number before it is: 'y', 'm', 'd', 'H', 'M', 'S'; 0: no counter. */
char names_counter(const char *name, size_t size);

/* Whether and when a zone sets its clocks forward. */
enum names_rule { RULE_NONE, RULE_US, RULE_EU, RULE_AU, RULE_NZ };
struct names_zone {
	int minutes; /* east of UTC, in winter */
	enum names_rule rule;
};
/* By abbreviation ("pst") or tz database name ("europe/rome"). */
bool names_zone(const char *name, size_t size, struct names_zone *ret_zone);
/* Minutes east of UTC at a local time, given as its date and hour. */
int names_offset(
    const struct names_zone *zone, int year, int month, int day, int hour);

#endif
