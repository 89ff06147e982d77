/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORY_H
#define STORE_STORY_H

/*
 * Items that tell the same (DEDUP 4, 8): joining, and who leads.  Writer
 * thread, inside a transaction.
 */
#include "store/tx.h"

/* The item joins the story of the first item that had its URL key, when the key
 * identifies an article; otherwise nothing happens. */
int story_join_by_url(
    struct tx *tx, int64_t item_id, int64_t feed_id, uint64_t url_key);
/* Decides anew which item leads; the others are its duplicates. */
int story_elect(struct tx *tx, int64_t story_id);

#endif
