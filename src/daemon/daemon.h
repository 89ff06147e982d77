/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

/*
 * What the service process is made of: main.c builds it, the commands use it.
 * Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "daemon/places.h"
#include "model/settings.h"

struct control;
struct event_base;
struct follow;
struct pipeline;
struct status;
struct store;

/* What a reader thread needs to write rows as JSON; one for each set of fields,
 * and they live as long as the daemon. */
struct view {
	unsigned fields;
	const char *uuid; /* the database's, for cursors */
};
#define DAEMON_VIEWS 8 /* sets of text, html, raw */

struct daemon {
	struct places places;
	struct settings *settings;
	struct event_base *base;
	struct store *store;
	struct pipeline *pipeline;
	struct control *control;
	struct view views[DAEMON_VIEWS];
	struct status *status;
	struct follow *follows;
	msec_t started; /* monotonic */
	bool
	    level_is_given; /* on the command line: the log level of no file counts */
};

/* Faults of the configuration, or what changed. */
struct daemon_reloaded {
	bool refused;
	const struct edit_note *lines;
	size_t count;
};
typedef void daemon_reload_fn(void *arg, const struct daemon_reloaded *result);
/* Reads the configuration again; a faulty one is refused as a whole.  `fn` is
 * called once, perhaps before this returns. */
void daemon_reload(struct daemon *daemon, daemon_reload_fn *fn, void *arg);

#endif
