/* SPDX-License-Identifier: ISC */
#ifndef SCHEDULE_HOST_H
#define SCHEDULE_HOST_H

/*
 * Which queue a URL belongs to, and what is known of a host by its name alone.
 * Pure.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/settings.h"

/* The queue's key: "host:port", or "rate NAME" for a rate group; and its pause.
 * An URL that cannot be read has the key "". */
void host_key(const struct settings *settings, const char *url,
    const char *rate_group, struct buf *key, msec_t *ret_pause);
/* The two have one host, whatever their ports, and `www.` aside. */
bool host_is_same(const char *url, const char *other);
/* This key is a rate group's. */
bool host_is_group(const char *key);
/* A name that the public DNS could know: no address, no reserved suffix, and a
 * dot in it. */
bool host_is_public(const char *host);
/* A word of the blank-separated `list` (NULL: empty) is this host. */
bool host_is_listed(const char *list, const char *host);
/* A 429 holds the whole host, not the one feed (POLLING 36). */
bool host_holds_whole(const struct settings *settings, const char *host);

#endif
