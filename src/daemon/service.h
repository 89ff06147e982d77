/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

/*
 * What systemd is told and gives: state, watchdog, sockets, the journal.
 * Everything here does nothing when there is no systemd above us.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

/* Fixed for ever: users filter by them (packaging/gazetted.catalog explains). */
#define SERVICE_FEED_FAILING "d301eed40229472a8703c0a512dcdbf0"
#define SERVICE_FEED_RECOVERED "6015ffc0d44347e7b28d7fdaf38d49be"
#define SERVICE_FEED_MOVED "c763a5d2f59f42e9b1615a19500b48a7"
#define SERVICE_FEED_GONE "e5b8a06d9de04f68a1e6bf5113b0c14c"
#define SERVICE_FEED_QUARANTINED "ecb25ac80ec044a38076de1086cf09df"
#define SERVICE_DATABASE_TROUBLE "83ed79a2224f440b91d03cae561655e6"

/* The journal when $JOURNAL_STREAM names our stderr, else stderr. */
void service_log_open(void);

/* Sockets that systemd passed: at most `room`; their number, or -errno. */
int service_sockets(int *ret_fds, int room);

void service_ready(void);
void service_reloading(void);
void service_stopping(void);
/* Numbers and our own words alone: a line break in a title would be taken for an
 * order (THREATS 29). */
void service_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Between these two, start-up may take its time (a migration). */
void service_patience_begin(void);
void service_patience_end(void);
/* How often the watchdog wants to hear from us; 0: never. */
msec_t service_watchdog_interval(void);
void service_watchdog(void);

#endif
