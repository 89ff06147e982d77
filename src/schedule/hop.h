/* SPDX-License-Identifier: ISC */
#ifndef SCHEDULE_HOP_H
#define SCHEDULE_HOP_H

/*
 * Where a redirect may lead (POLLING 57 to 62): at most LIMIT_HOPS, never from
 * https to http, never in a circle, never out of http and https.  Pure.
 */
#include <stdint.h>

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "model/outcome.h"

/* The addresses that one attempt has asked, as hashes. */
struct hop_chain {
	msec_t asked; /* wall: when the request that is out went out */
	msec_t since; /* wall: the same of the one that the last redirect answered */
	bool is_stray; /* it began at an address that the feed has no more */
	unsigned count;
	uint64_t seen[LIMIT_HOPS + 1];
};

/* OUTCOME_REDIRECT: go on.  Otherwise how it ends, and why. */
enum outcome hop_check(struct hop_chain *chain, const char *from,
    const char *location, struct buf *reason);

#endif
