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
