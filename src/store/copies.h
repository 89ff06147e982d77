/* SPDX-License-Identifier: ISC */
#ifndef STORE_COPIES_H
#define STORE_COPIES_H

/*
 * The same story in other words (DEDUP 5): a new item is compared with what came
 * in the window, and joins the best match.  The index and the texts made ready
 * lie in memory and follow from the tables; the verdicts are similar/'s.
 * Writer thread.
 */
#include <stdbool.h>

#include "model/item.h"
#include "similar/similar.h"
#include "store/policy.h"
#include "store/tx.h"

struct copies;

struct copies *copies_new(void);
void copies_free(struct copies *copies);
/* What changed in memory since the mark is not in the tables: a transaction was
 * undone.  All of it is read anew when it is next needed. */
uint64_t copies_mark(const struct copies *copies);
void copies_forget(struct copies *copies, uint64_t mark);

/* An entry that is new, or changed, in the document at hand. */
struct arrival {
	const struct item *item;
	int64_t id;                /* once it is stored */
	struct similar_text *text; /* the caller's until it is placed */
	bool placed;
};

struct similar_text *copies_make_text(
    struct copies *copies, const struct item *item);
/* A stored item's text; NULL: there is no such item.  Good until copies_rest. */
int copies_text(struct tx *tx, int64_t id, const struct similar_text **ret_text);
/* Between two items: what is not needed now may be forgotten. */
void copies_rest(struct tx *tx);

/* Before the first arrival of a document is stored: what came last in the feed,
 * but for what changes now. */
int copies_begin(
    struct tx *tx, int64_t feed_id, const struct arrival *arrivals, size_t count);
/* After the last one. */
void copies_end(struct tx *tx);
/* Arrival `n` of all of the document's, in the order in which they are stored,
 * just was: finds what it is a copy of, and joins that when it may; later ones
 * find it from now on. */
int copies_place(struct tx *tx, int64_t feed_id, const struct policy *policy,
    struct arrival *arrivals, size_t count, size_t n, bool may_join);
/* The item is purged, or is another and not to be compared. */
int copies_drop(struct tx *tx, int64_t id);

/* For benches: items in the index, and its bytes. */
size_t copies_count(const struct copies *copies, size_t *ret_bytes);

#endif
