/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/*
 * Time as an argument.  Only the programs' outermost folders (daemon, fetcher,
 * fetch, control, cli) and the store's own threads read a clock; everything
 * else is given `now`.  Any thread.
 */
#include <stddef.h>
#include <stdint.h>

/* Milliseconds.  A wall time counts from 1970-01-01T00:00:00Z and may be
 * negative; 0 means "none" where a header says so. */
typedef int64_t msec_t;

#define MSEC_PER_SEC ((msec_t)1000)
#define MSEC_PER_MIN (60 * MSEC_PER_SEC)
#define MSEC_PER_HOUR (60 * MSEC_PER_MIN)
#define MSEC_PER_DAY (24 * MSEC_PER_HOUR)

msec_t clock_wall(void); /* CLOCK_REALTIME: due times on disk, what feeds claim */
msec_t clock_mono(void); /* CLOCK_MONOTONIC: waiting */
msec_t clock_boot(void); /* CLOCK_BOOTTIME: as clock_mono, suspend included */
int64_t clock_cpu_usec(void); /* CPU time of the calling thread */

#define CLOCK_TEXT 32
/* RFC 3339, UTC, milliseconds: 2026-11-23T08:15:02.123Z.  Years beyond 0..9999
 * are clamped.  Returns `text`. */
const char *clock_format(msec_t wall, char text[CLOCK_TEXT]);
/* RFC 3339 (with any offset, fraction optional).  0, or -EINVAL. */
int clock_parse(const char *text, msec_t *ret_wall);

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t clock_days_from_civil(int64_t year, unsigned month, unsigned day);
void clock_civil_from_days(
    int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day);

/* CONTRACT 2's durations: 200ms 90s 15min 1h 7d 2w, or 0; several may be
 * written together (1h30min).  0, -EINVAL, or -ERANGE (over 100 years). */
int clock_duration_parse(const char *text, msec_t *ret_duration);
/* For people: "250 ms", "12s", "3m 12s", "1h 04m", "5d 6h".  Returns `text`. */
const char *clock_duration_format(msec_t duration, char text[CLOCK_TEXT]);

#endif
