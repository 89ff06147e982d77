/* SPDX-License-Identifier: ISC */
#ifndef STORE_MOVES_H
#define STORE_MOVES_H

/*
 * Feeds that move (POLLING 58, 63) and hosts that hold them (36): what a plan says
 * beside its numbers.  Writer thread, inside a transaction.
 */
#include "model/batch.h"
#include "store/tx.h"

/* The plan's new_url, moves and held_too. */
int moves_write(struct tx *tx, int64_t id, const struct feed_plan *plan);

#endif
