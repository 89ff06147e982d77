/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_SITES_H
#define DAEMON_SITES_H

/*
 * Sites whose pages have feeds at addresses that follow from their own: no page
 * need be asked for (POLLING 68), nor does one that needs a browser tell.  Pure.
 */
#include "base/arena.h"
#include "daemon/candidates.h"

/* The feeds of a page of YouTube, GitHub or Reddit, into `arena`; none when the
 * address is of no such page, or is itself a feed's. */
void sites_feeds(const char *url, struct arena *arena, struct candidates *ret_found);
/* When a page links to no feed: where one is nevertheless, as of a person on
 * Mastodon (https://HOST/@NAME). */
void sites_guess(const char *url, struct arena *arena, struct candidates *ret_found);

#endif
