/* SPDX-License-Identifier: ISC */
#ifndef STORE_OPTIONS_H
#define STORE_OPTIONS_H

/*
 * A feed's own options as the database keeps them: one JSON object of
 * CONTRACT 2's keys and their values as text.  Any thread.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "model/feed.h"
#include "model/request.h"
#include "model/settings.h"

/* What differs from the defaults; "{}" when nothing does.  The title, the tags
 * and whether the feed is enabled are columns of their own. */
void options_print(const struct feed_options *options, struct buf *out);
/* One key's value into a request; strings into `arena`.  `credential`, `ca_pem`
 * and `client_pem` become the names as configured: who has the files replaces
 * them by the bytes. */
void options_to_request(struct request *request, struct arena *arena,
    const char *key, const char *value);
/* "learn" or a duration. */
void options_to_plan(
    struct feed_plan *plan, const char *interval, const char *min_interval);
bool options_is_true(const char *value);

#endif
