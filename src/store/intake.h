/* SPDX-License-Identifier: ISC */
#ifndef STORE_INTAKE_H
#define STORE_INTAKE_H

/*
 * One batch into the tables: items, validators, plan, events, log, all in the
 * transaction that is open.  Writer thread.
 */
#include "model/batch.h"
#include "store/tx.h"

struct intake_counts {
	unsigned new_items, updated_items;
};

/* -ENOENT: the feed is not there (any more). */
int intake_batch(struct tx *tx, const struct batch *batch,
    const struct feed_plan *plan, const char *reasons,
    struct intake_counts *ret_counts);

#endif
