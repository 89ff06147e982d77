/* SPDX-License-Identifier: ISC */
#ifndef STORE_FEEDS_H
#define STORE_FEEDS_H

/*
 * What feeds.c and sync.c do to a feed row alike.  Writer thread, inside a
 * transaction.
 */
#include "store/tx.h"

/* Options by which a feed says who it is, as json_extract has them: of two feeds with
 * one address that differ in them each is fetched. */
#define FEEDS_WHO                                                      \
	"'$.credential', '$.cookie', '$.header', '$.\"client-cert\"'," \
	" '$.\"user-agent\"'"

/* A new URL is a new server: nothing of the old one's may be sent to it, and its
 * failures are not the new one's. */
int feeds_change_url(struct tx *tx, int64_t id, const char *url);
int feeds_replace_tags(
    struct tx *tx, int64_t id, const char *const *tags, size_t count);
int feeds_enable(struct tx *tx, int64_t id, bool enabled);
int feeds_archive(struct tx *tx, int64_t id);
/* Archived items keep their place; the feed is polled again. */
int feeds_revive(struct tx *tx, int64_t id);

#endif
