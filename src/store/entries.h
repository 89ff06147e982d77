/* SPDX-License-Identifier: ISC */
#ifndef STORE_ENTRIES_H
#define STORE_ENTRIES_H

/*
 * The entries of one document: which items they are, what is new or changed in the
 * tables and in stories, and what the document after it is told from.  Writer thread.
 */
#include "store/intake.h"

/* `feed_url`: as subscribed.  `last_document`: when the one before was read. */
int entries_take(struct tx *tx, const struct batch *batch, const char *feed_url,
    msec_t last_document, struct intake_counts *counts);

#endif
