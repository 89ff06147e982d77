/* SPDX-License-Identifier: ISC */
#ifndef STORE_NEIGHBOURS_H
#define STORE_NEIGHBOURS_H

/*
 * What a feed puts around every item (DEDUP 5): the phrases that an item shares
 * with those that came next to it.  Writer thread.
 */
#include "store/copies.h"

struct neighbours;

struct neighbours *neighbours_new(void);
void neighbours_free(struct neighbours *neighbours); /* NULL is fine */
/* Before the first arrival of a document is stored: what came last in the feed,
 * but for what changes now. */
int neighbours_begin(struct neighbours *neighbours, struct tx *tx, int64_t feed_id,
    const struct arrival *arrivals, size_t count);
/* Of arrival `n`; *ret_set is good until the next one is asked for. */
int neighbours_boilerplate(struct neighbours *neighbours, struct tx *tx,
    const struct arrival *arrivals, size_t count, size_t n,
    struct similar_set *ret_set);

#endif
