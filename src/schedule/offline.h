/* SPDX-License-Identifier: ISC */
#ifndef SCHEDULE_OFFLINE_H
#define SCHEDULE_OFFLINE_H

/*
 * Is it the network?  Watches the last answers of the last hosts (POLLING 43).
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define OFFLINE_HOSTS 20
#define OFFLINE_LEAST 5    /* distinct hosts, before anything is concluded */
#define OFFLINE_PERCENT 80 /* of them silent */

struct offline {
	bool is_offline;
	msec_t since; /* wall: the oldest silence of those that led to it */
	size_t count;
	struct {
		uint64_t host; /* hash of its key */
		msec_t time;
		bool silent;   /* failed at DNS or connect */
	} seen[OFFLINE_HOSTS]; /* newest last, each host once */
};

/* A host answered, or did not.  True when is_offline changed.  `was_silent`: its
 * try before this one failed so too. */
bool offline_note(struct offline *offline, uint64_t host, bool silent,
    bool was_silent, msec_t now);

#endif
